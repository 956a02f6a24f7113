//! Log lines of a subscription.
//!
//! Members: Amazon CloudWatch Logs user guide, "Subscription filters with AWS Lambda". Limits: CloudWatch Logs API,
//! InputLogEvent.

use std::io::Read as _;

use serde_json::Value;

use super::{Facts, base64, text};

const DATA: &str = "messageType:s owner:s logGroup:s logStream:s subscriptionFilters:a logEvents:a";
/// A line, since 2025.
const MAX_LINE_BYTES: usize = 1 << 20;

/// What is in `data`: JSON in gzip in base64.
pub(crate) fn unpack(data: &str) -> Option<Value> {
    let packed = base64(data)?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "awslogs:o");
    facts.members("awslogs", &event["awslogs"], "data:s");
    let Some(data) = unpack(text(&event["awslogs"]["data"])) else {
        return facts.hold(false, "data is no JSON in gzip in base64");
    };
    check_data(&data, facts);
}

/// The same before it is packed.
pub(super) fn check_data(data: &Value, facts: &mut Facts) {
    facts.members("the data", data, DATA);
    facts.equal("messageType", &data["messageType"], "DATA_MESSAGE");
    let owner = text(&data["owner"]);
    facts.hold(owner.len() == 12 && owner.bytes().all(|it| it.is_ascii_digit()), "owner is no account");
    for name in ["logGroup", "logStream"] {
        let it = text(&data[name]);
        // CloudWatch Logs API, CreateLogGroup and CreateLogStream.
        facts.hold((1..=512).contains(&it.len()) && !it.contains('*'), &format!("{it} is no {name}"));
    }
    facts.hold(!text(&data["logStream"]).contains(':'), "a log stream has a colon");
    let filters = data["subscriptionFilters"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(!filters.is_empty() && filters.iter().all(Value::is_string), "there is no filter");
    let lines = data["logEvents"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(!lines.is_empty(), "there are no lines");
    let mut before = (String::new(), 0);
    for line in lines {
        facts.members("the line", line, "id:s timestamp:n message:s extractedFields:o?");
        let (id, time) = (text(&line["id"]), line["timestamp"].as_u64().unwrap_or_default());
        facts.hold(
            id.len() == 56 && id.bytes().all(|it| it.is_ascii_digit()),
            &format!("{id} is no id of a line"),
        );
        facts.hold(time.to_string().len() == 13, "the time is not in milliseconds");
        facts.hold(before.0.as_str() < id && before.1 <= time, "lines are not in order");
        before = (id.to_owned(), time);
        let message = text(&line["message"]);
        facts.hold((1..=MAX_LINE_BYTES).contains(&message.len()), "no line is empty or larger than 1 MB");
    }
}
