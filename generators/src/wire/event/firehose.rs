//! Records that a delivery stream has transformed on their way. Amazon Data Firehose developer guide, "Transform source
//! data".

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    codec::Codec,
    point::Charset,
    tree::Node,
    wire::{MAX_EVENT_BYTES, facts, nested::Writer},
};

static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/records/*/data»base64", Charset::Any, MAX_EVENT_BYTES)]);

/// The source.
pub(super) struct Firehose;

impl Sender for Firehose {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["records", "data"]]
    }

    fn saying(&self, content: &Value) -> Value {
        firehose(&[as_text(content).as_bytes()])
    }

    fn carrying(&self, writer: Writer, content: &[u8]) -> Option<Value> {
        match writer {
            Writer::EventBridge => Some(firehose(&[content])),
            // The user guide: packed, into this as into functions.
            Writer::CloudWatchLogs => Some(firehose(&[&Codec::Gzip.encode(&Node::Bytes(content.to_vec()))])),
            Writer::S3 | Writer::S3Test | Writer::Sns | Writer::Lambda | Writer::DeadLetter => None,
        }
    }

    /// In several records of one batch.
    fn saying_elsewhere(&self, content: &Value, _words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        vec![("batch", firehose(&[as_text(content).as_bytes(); 2]))]
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        vec![("text", firehose(&[words.word(0).as_bytes(), words.word(1).as_bytes()]))]
    }
}

/// Records with this data.
pub(super) fn firehose(data: &[&[u8]]) -> Value {
    let stream = format!("arn:aws:firehose:{}:{}:deliverystream/stream", facts::REGION, facts::ACCOUNT);
    let record = |(index, data): (usize, &&[u8])| {
        json!({
            "recordId": format!("4954664008007520829245692{:030}", index),
            "approximateArrivalTimestamp": facts::EPOCH_MS,
            "data": BASE64_STANDARD.encode(data),
        })
    };
    json!({
        "invocationId": facts::uuid("firehose", 0),
        "deliveryStreamArn": stream,
        "region": facts::REGION,
        "records": data.iter().enumerate().map(record).collect::<Vec<Value>>(),
    })
}
