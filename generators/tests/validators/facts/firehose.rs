//! Records that a Firehose stream has transformed.
//!
//! Members: Amazon Data Firehose developer guide, "Transform source data in Amazon Data Firehose", and the blueprints of AWS
//! Lambda for it. Limits: the same guide, quota.

use serde_json::Value;

use super::{Facts, base64, is_uuid, nested, text};

const EVENT: &str = "invocationId:s deliveryStreamArn:s sourceKinesisStreamArn:s? region:s records:a";
const RECORD: &str = "recordId:s approximateArrivalTimestamp:n data:s kinesisRecordMetadata:o?";
/// 1,000 KiB before base64.
const MAX_RECORD_BYTES: usize = 1_000 * 1024;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, EVENT);
    facts.hold(is_uuid(text(&event["invocationId"])), "invocationId is no UUID");
    let arn: Vec<&str> = text(&event["deliveryStreamArn"]).split(':').collect();
    let fits =
        arn.len() == 6 && arn[..3] == ["arn", "aws", "firehose"] && arn[5].starts_with("deliverystream/");
    facts.hold(fits, "deliveryStreamArn is no delivery stream");
    facts.equal("region", &event["region"], arn.get(3).copied());
    let records = event["records"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(!records.is_empty(), "there are no records");
    let mut ids: Vec<&str> = Vec::new();
    for record in records {
        facts.members("the record", record, RECORD);
        ids.push(text(&record["recordId"]));
        let milliseconds = record["approximateArrivalTimestamp"].as_u64();
        let fits = milliseconds.is_some_and(|it| it.to_string().len() == 13);
        facts.hold(fits, "the time is not in milliseconds");
        let data = base64(text(&record["data"]));
        nested::check_bytes(data.as_deref().unwrap_or_default(), facts);
        facts.hold(data.is_some_and(|it| it.len() <= MAX_RECORD_BYTES), "data is no base64 of a record");
    }
    ids.sort_unstable();
    facts.hold(ids.windows(2).all(|it| it[0] != it[1]), "two records have the same id");
    let digits = ids.iter().all(|it| it.len() > 40 && it.bytes().all(|it| it.is_ascii_digit()));
    facts.hold(digits, "recordId is no number");
}
