//! Records of a topic, on Amazon MSK or on a cluster of one's own. AWS Lambda developer guide, "Amazon MSK" and "Self-managed
//! Apache Kafka".
//!
//! Header values are lists of signed bytes, for the poller is written in Java.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{codec::signed_bytes, point::Charset, tree::Node, wire::facts};

/// Apache Kafka, broker configurations: what `message.max.bytes` is unless it is configured.
const MAX_RECORD_BYTES: usize = 1_048_588;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/records/*/*/value»base64", Charset::Any, MAX_RECORD_BYTES),
        Rule::new("/records/*/*/key»base64", Charset::Any, MAX_RECORD_BYTES / 2),
        Rule::new("/records/*/*/headers/*/*»signed-bytes", Charset::Any, MAX_RECORD_BYTES / 2),
    ]
});

/// The source.
pub(super) struct Kafka;

impl Sender for Kafka {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["records", "value"]]
    }

    fn saying(&self, content: &Value) -> Value {
        msk(&[record(Some("key-1"), &as_text(content), &[])])
    }

    /// In several records of one batch, and with headers, if the code reads any.
    fn saying_elsewhere(&self, content: &Value, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let said = |headers: &[(String, String)]| record(Some("key-1"), &as_text(content), headers);
        let mut events = vec![("batch", msk(&[said(&[]), said(&[])]))];
        if words.mentions("headers") {
            events.push(("json-headers", msk(&[said(&headers(words))])));
        }
        events
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let headers = headers(words);
        let with_headers = record(Some(&words.word(1)), &words.word(0), &headers);
        // A record need not have a key, and then the member is not there.
        let plain = record(None, &words.word(0), &[]);
        vec![
            ("headers", msk(std::slice::from_ref(&with_headers))),
            ("self-managed", self_managed(&[with_headers, plain])),
        ]
    }
}

/// Headers of the names that the code reads.
fn headers(words: &dyn Vocabulary) -> Vec<(String, String)> {
    let known = words.likely_pairs(&[&["records", "headers"]]);
    if known.is_empty() { vec![("kind".to_owned(), words.word(2))] } else { known }
}

/// A record as a producer makes it: key, value, headers.
pub(super) fn record(key: Option<&str>, value: &str, headers: &[(String, String)]) -> Value {
    let header = |(name, value): &(String, String)| json!({ name: signed_bytes::value(value.as_bytes()) });
    let mut record = json!({
        "topic": "orders",
        "partition": 0,
        "offset": 0,
        "timestamp": facts::EPOCH_MS,
        "timestampType": "CREATE_TIME",
        "value": BASE64_STANDARD.encode(value),
        "headers": headers.iter().map(header).collect::<Vec<Value>>(),
    });
    if let Some(key) = key {
        record["key"] = Value::from(BASE64_STANDARD.encode(key));
    }
    record
}

/// By topic and partition, numbered.
fn batch(records: &[Value]) -> Value {
    let numbered = records.iter().zip(15..).map(|(record, offset)| {
        let mut record = record.clone();
        record["offset"] = Value::from(offset);
        record
    });
    json!({ "orders-0": numbered.collect::<Vec<Value>>() })
}

/// From a cluster of Amazon MSK.
pub(super) fn msk(records: &[Value]) -> Value {
    let cluster = format!(
        "arn:aws:kafka:{}:{}:cluster/orders/{}-1",
        facts::REGION,
        facts::ACCOUNT,
        facts::uuid("kafka", 0)
    );
    let broker = |number| format!("b-{number}.orders.a1bcde.c1.kafka.{}.amazonaws.com:9092", facts::REGION);
    json!({
        "eventSource": "aws:kafka",
        "eventSourceArn": cluster,
        "bootstrapServers": format!("{},{}", broker(2), broker(1)),
        "records": batch(records),
    })
}

/// From brokers that AWS does not run: there is no ARN.
pub(super) fn self_managed(records: &[Value]) -> Value {
    json!({
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": "kafka-1.example.com:9092",
        "records": batch(records),
    })
}
