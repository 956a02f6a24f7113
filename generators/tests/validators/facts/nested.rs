//! Texts that a service has written: what an event looks like that S3, a topic, a bus or a log group puts into a message or a
//! record.

use std::io::Read as _;

use serde_json::Value;

use super::{Facts, cloudwatch_logs, eventbridge, is_uuid, s3, sns, text};

const TEST: &str = "Service:s Event:s Time:s Bucket:s RequestId:s HostId:s";
/// AWS Lambda developer guide, "Capturing records of Lambda asynchronous invocations".
const DESTINATION: &str =
    "version:s timestamp:s requestContext:o requestPayload:sonab0 responseContext:o responsePayload:sonab0";
const CONTEXT: &str = "requestId:s functionArn:s condition:s approximateInvokeCount:n";

/// Bytes of a record, perhaps packed.
pub(super) fn check_bytes(bytes: &[u8], facts: &mut Facts) {
    let mut text = String::new();
    let unpacked = flate2::read::GzDecoder::new(bytes).read_to_string(&mut text);
    match (unpacked, std::str::from_utf8(bytes)) {
        (Ok(_), _) => check(&text, facts),
        (Err(_), Ok(text)) => check(text, facts),
        (Err(_), Err(_)) => {}
    }
}

/// What begins as a service's text has to be one.
pub(super) fn check(written: &str, facts: &mut Facts) {
    let Ok(event) = serde_json::from_str::<Value>(written) else { return };
    let has = |name: &str| event.get(name).is_some();
    let record = &event["Records"][0];
    if record["eventSource"] == "aws:s3" && record.get("s3").is_some() {
        s3::check(&event, facts);
    } else if record.get("Sns").is_some() {
        sns::check(&event, facts);
    } else if event["Type"] == "Notification" && has("TopicArn") && has("Message") {
        sns::check_notification(&event, facts);
    } else if has("detail-type") && has("detail") && has("source") {
        eventbridge::check(&event, facts);
    } else if has("messageType") && has("logGroup") && has("logEvents") {
        cloudwatch_logs::check_data(&event, facts);
    } else if event["Event"] == "s3:TestEvent" && has("Bucket") {
        facts.members("the test event", &event, TEST);
    } else if has("requestContext") && has("requestPayload") && has("version") {
        facts.members("the record of an invocation", &event, DESTINATION);
        facts.members("its context", &event["requestContext"], CONTEXT);
        facts.hold(is_uuid(text(&event["requestContext"]["requestId"])), "requestId is no UUID");
        if event["requestPayload"]["Records"][0]["eventSource"] == "aws:s3" {
            s3::check(&event["requestPayload"], facts);
        }
    }
}
