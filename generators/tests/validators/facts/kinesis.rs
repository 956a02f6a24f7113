//! Records of a data stream.
//!
//! Members: AWS Lambda developer guide, "Using Lambda to process records from Amazon Kinesis Data Streams", and LocalStack's
//! records of AWS (`tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_kinesis.snapshot.json`). Limits:
//! Amazon Kinesis API, PutRecord and Record.

use serde_json::Value;

use super::{Facts, base64, dynamodb::size_of_item, is_uuid, nested, object, text};

const RECORD: &str = "kinesis:o eventSource:s eventVersion:s eventID:s eventName:s invokeIdentityArn:s awsRegion:s \
    eventSourceARN:s";
const KINESIS: &str =
    "kinesisSchemaVersion:s partitionKey:s sequenceNumber:s data:s approximateArrivalTimestamp:n";
/// A record, since 2025.
const MAX_RECORD_BYTES: usize = 10 * 1024 * 1024;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let records = facts.windowed_records(event);
    let mut before = None;
    for record in records {
        check_record(record, facts);
        facts.equal("the stream", &record["eventSourceARN"], records[0]["eventSourceARN"].clone());
        // More digits than any machine number has: of equal length, texts are in the order of the numbers.
        let sequence = text(&record["kinesis"]["sequenceNumber"]);
        facts.hold(sequence.len() == 56, &format!("{sequence} is no sequence number"));
        facts.hold(Some(sequence) > before, "sequence numbers do not ascend");
        before = Some(sequence);
    }
}

fn check_record(record: &Value, facts: &mut Facts) {
    facts.members("the record", record, RECORD);
    facts.equal("eventSource", &record["eventSource"], "aws:kinesis");
    facts.equal("eventVersion", &record["eventVersion"], "1.0");
    facts.equal("eventName", &record["eventName"], "aws:kinesis:record");
    let arn: Vec<&str> = text(&record["eventSourceARN"]).split(':').collect();
    let fits = arn.len() == 6 && arn[..3] == ["arn", "aws", "kinesis"] && arn[5].starts_with("stream/");
    facts.hold(fits, "eventSourceARN is no stream");
    facts.equal("awsRegion", &record["awsRegion"], arn.get(3).copied());
    facts.hold(text(&record["invokeIdentityArn"]).contains(":role/"), "invokeIdentityArn is no role");
    let kinesis = &record["kinesis"];
    facts.members("kinesis", kinesis, KINESIS);
    facts.equal("kinesisSchemaVersion", &kinesis["kinesisSchemaVersion"], "1.0");
    let sequence = text(&kinesis["sequenceNumber"]);
    facts.hold(sequence.bytes().all(|it| it.is_ascii_digit()), "a sequence number has other than digits");
    let shard = text(&record["eventID"]).strip_suffix(&format!(":{sequence}"));
    let digits = shard.and_then(|it| it.strip_prefix("shardId-"));
    let fits = digits.is_some_and(|it| it.len() == 12 && it.bytes().all(|it| it.is_ascii_digit()));
    facts.hold(fits, "eventID is not the shard and the sequence number");
    let key = text(&kinesis["partitionKey"]).chars().count();
    facts.hold((1..=256).contains(&key), "a partition key has 1 to 256 characters");
    let data = base64(text(&kinesis["data"]));
    nested::check_bytes(data.as_deref().unwrap_or_default(), facts);
    facts.hold(data.is_some_and(|it| it.len() <= MAX_RECORD_BYTES), "data is no base64 of a record");
    if let Some(change) =
        base64(text(&kinesis["data"])).and_then(|it| serde_json::from_slice::<Value>(&it).ok())
        && change["recordFormat"] == "application/json"
    {
        check_change(&change, facts);
    }
    let seconds = kinesis["approximateArrivalTimestamp"].as_f64();
    facts.hold(seconds.is_some_and(|it| (1e9..1e10).contains(&it)), "the time is not in seconds");
}

/// A change of a table. Amazon DynamoDB developer guide, "Using Kinesis Data Streams to capture changes to DynamoDB".
fn check_change(change: &Value, facts: &mut Facts) {
    let members = "awsRegion:s eventID:s eventName:s userIdentity:0 recordFormat:s tableName:s dynamodb:o eventSource:s";
    facts.members("the change", change, members);
    facts.equal("eventSource of the change", &change["eventSource"], "aws:dynamodb");
    facts.hold(is_uuid(text(&change["eventID"])), "eventID of the change is no UUID");
    let images = match text(&change["eventName"]) {
        "INSERT" => "NewImage:o",
        "MODIFY" => "NewImage:o OldImage:o",
        "REMOVE" => "OldImage:o",
        other => return facts.hold(false, &format!("nothing changes by {other:?}")),
    };
    let item = &change["dynamodb"];
    let members = format!("ApproximateCreationDateTime:n Keys:o SizeBytes:n {images}");
    facts.members("the item", item, &members);
    let milliseconds = item["ApproximateCreationDateTime"].as_u64();
    facts.hold(milliseconds.is_some_and(|it| it > 1_000_000_000_000), "the time is not in milliseconds");
    let all = ["Keys", "NewImage", "OldImage"].into_iter().filter_map(|it| item.get(it));
    let size: usize = all.map(|it| size_of_item(&object(it))).sum();
    facts.equal("SizeBytes", &item["SizeBytes"], size);
    for image in ["NewImage", "OldImage"].into_iter().filter_map(|it| item.get(it)) {
        for (name, key) in object(&item["Keys"]) {
            facts.equal("the key", &image[&name], key);
        }
    }
}
