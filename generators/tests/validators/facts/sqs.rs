//! Messages of a queue.
//!
//! Members: AWS Lambda developer guide, "Using Lambda with Amazon SQS", and LocalStack's records of AWS. Limits:
//! Amazon SQS API, SendMessage, and developer guide, "Amazon SQS message metadata".

use serde_json::{Map, Value};

use super::{Facts, base64, md5, nested, object, text};

const RECORD: &str = "messageId:s receiptHandle:s body:s attributes:o messageAttributes:o md5OfBody:s \
    md5OfMessageAttributes:s0 eventSource:s eventSourceARN:s awsRegion:s";
const SYSTEM: &str = "ApproximateReceiveCount:s SentTimestamp:s SenderId:s ApproximateFirstReceiveTimestamp:s \
    SequenceNumber:s? MessageGroupId:s? MessageDeduplicationId:s? AWSTraceHeader:s? DeadLetterQueueSourceArn:s?";
const ATTRIBUTE: &str = "stringValue:s? binaryValue:s? stringListValues:a binaryListValues:a dataType:s";
/// A message with its attributes, since 2025.
const MAX_MESSAGE_BYTES: usize = 1_048_576;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let records = facts.records(event);
    facts.hold(records.len() <= 10, "more than ten messages need a batching window");
    let mut ids: Vec<&str> = Vec::new();
    for record in records {
        check_record(record, facts);
        facts.equal("the queue", &record["eventSourceARN"], records[0]["eventSourceARN"].clone());
        ids.extend([text(&record["messageId"]), text(&record["receiptHandle"])]);
    }
    ids.sort_unstable();
    facts.hold(ids.windows(2).all(|it| it[0] != it[1]), "two messages have the same id or receipt");
}

fn check_record(record: &Value, facts: &mut Facts) {
    facts.members("the record", record, RECORD);
    facts.equal("eventSource", &record["eventSource"], "aws:sqs");
    let arn: Vec<&str> = text(&record["eventSourceARN"]).split(':').collect();
    facts.hold(arn.len() == 6 && arn[..3] == ["arn", "aws", "sqs"], "eventSourceARN is no queue");
    facts.equal("awsRegion", &record["awsRegion"], arn.get(3).copied());
    let id = text(&record["messageId"]);
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    facts.hold(lengths == [8, 4, 4, 4, 12], &format!("{id} is no UUID"));
    let body = text(&record["body"]);
    facts.hold(!body.is_empty() && is_sendable(body), &format!("no message has the body {body:.80?}"));
    facts.equal("md5OfBody", &record["md5OfBody"], md5(body.as_bytes()));
    nested::check(body, facts);
    system(&record["attributes"], text(&record["eventSourceARN"]).ends_with(".fifo"), facts);
    let attributes = object(&record["messageAttributes"]);
    let size: usize = attributes.iter().map(|(name, it)| attribute(name, it, facts)).sum();
    facts.hold(body.len() + size <= MAX_MESSAGE_BYTES, "the message is larger than 1 MiB");
    facts.hold(attributes.len() <= 10, "more than ten attributes");
    let should = match attributes.is_empty() {
        true => Value::Null,
        false => md5_of_attributes(&attributes).into(),
    };
    facts.equal("md5OfMessageAttributes", &record["md5OfMessageAttributes"], should);
}

fn system(attributes: &Value, fifo: bool, facts: &mut Facts) {
    facts.members("attributes", attributes, SYSTEM);
    facts.session("SenderId", &attributes["SenderId"], "");
    let number = |name: &str| text(&attributes[name]).parse::<u64>().ok();
    facts.hold(number("ApproximateReceiveCount") >= Some(1), "a message arrives at least once");
    let (sent, first) = (number("SentTimestamp"), number("ApproximateFirstReceiveTimestamp"));
    facts.hold(sent.is_some() && sent <= first, "a message is received before it is sent");
    // 2001 to 2286 in milliseconds.
    facts.hold(sent.is_some_and(|it| it.to_string().len() == 13), "SentTimestamp is not in milliseconds");
    for name in ["MessageGroupId", "MessageDeduplicationId"] {
        let id = attributes.get(name).map(text);
        let plain = |it: char| it.is_ascii_alphanumeric() || it.is_ascii_punctuation();
        let fits = id.is_none_or(|it| (1..=128).contains(&it.len()) && it.chars().all(plain));
        facts.hold(fits, &format!("{name} cannot be {id:?}"));
    }
    for name in ["SequenceNumber", "MessageGroupId", "MessageDeduplicationId"] {
        let there = attributes.get(name).is_some();
        facts.hold(there || !fifo, &format!("{name} is missing in a FIFO queue"));
        // Standard queues have groups since 2025 (fair queues), the others never.
        facts.hold(!there || fifo || name == "MessageGroupId", &format!("{name} in a standard queue"));
    }
    if let Some(sequence) = attributes.get("SequenceNumber").map(text) {
        // Amazon SQS API, SendMessage: 128 bits; 20 digits in every record.
        let digits = sequence.len() == 20 && sequence.bytes().all(|it| it.is_ascii_digit());
        facts.hold(digits, &format!("{sequence} is no sequence number"));
    }
}

/// Checks an attribute; how large it is.
fn attribute(name: &str, attribute: &Value, facts: &mut Facts) -> usize {
    facts.members("a message attribute", attribute, ATTRIBUTE);
    let plain = name.chars().all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it));
    let reserved = ["aws.", "amazon."].iter().any(|it| name.to_ascii_lowercase().starts_with(it));
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let fits = plain && !reserved && !dots && (1..=256).contains(&name.len());
    facts.hold(fits, &format!("no attribute is called {name:?}"));
    for list in ["stringListValues", "binaryListValues"] {
        facts.equal(list, &attribute[list], Value::Array(Vec::new()));
    }
    let data_type = text(&attribute["dataType"]);
    let (kind, label) = data_type.split_once('.').unwrap_or((data_type, "x"));
    facts.hold(!label.is_empty() && data_type.len() <= 256, &format!("no type is called {data_type:?}"));
    let (there, absent) = if kind == "Binary" { (1, 0) } else { (0, 1) };
    let values = [attribute.get("stringValue"), attribute.get("binaryValue")];
    facts.hold(values[absent].is_none(), &format!("{name} has a value of another type than {kind}"));
    let value = values[there].map(text).unwrap_or_default();
    facts.hold(!value.is_empty(), &format!("{name} has no value"));
    let bytes = match kind {
        "Binary" => base64(value),
        "String" => Some(value.as_bytes().to_vec()).filter(|_| is_sendable(value)),
        "Number" => Some(value.as_bytes().to_vec()).filter(|_| is_number(value)),
        _ => None,
    };
    facts.hold(bytes.is_some(), &format!("{value:.80?} is no {data_type}"));
    name.len() + data_type.len() + bytes.map_or(0, |it| it.len())
}

/// SendMessage: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
fn is_sendable(text: &str) -> bool {
    text.chars().all(|it| match it as u32 {
        0x9 | 0xA | 0xD => true,
        code => code >= 0x20 && !(0xD800..=0xDFFF).contains(&code) && !matches!(code, 0xFFFE | 0xFFFF),
    })
}

/// Message metadata: up to 38 digits, between 10^-128 and 10^+126.
fn is_number(text: &str) -> bool {
    let digits = text.split(['e', 'E']).next().unwrap_or_default();
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let magnitude = text.parse::<f64>().map(f64::abs);
    magnitude.is_ok_and(|it| it == 0.0 || (1e-128..=1e126).contains(&it))
        && (1..=38).contains(&count)
        && text.bytes().all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it))
}

/// Message metadata, "Calculating the MD5 message digest for message attributes".
pub(crate) fn md5_of_attributes(attributes: &Map<String, Value>) -> String {
    let mut names: Vec<&String> = attributes.keys().collect();
    names.sort();
    let mut all: Vec<u8> = Vec::new();
    let mut put = |kind: Option<u8>, bytes: &[u8]| {
        all.extend(kind);
        all.extend((bytes.len() as u32).to_be_bytes());
        all.extend(bytes);
    };
    for name in names {
        let attribute = &attributes[name];
        put(None, name.as_bytes());
        put(None, text(&attribute["dataType"]).as_bytes());
        match attribute.get("binaryValue").map(text) {
            Some(value) => put(Some(2), &base64(value).unwrap_or_default()),
            None => put(Some(1), text(&attribute["stringValue"]).as_bytes()),
        }
    }
    md5(&all)
}
