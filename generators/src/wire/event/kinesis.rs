//! Records of a data stream. Amazon Kinesis, "PutRecord"; AWS Lambda developer guide, "Kinesis".

pub(super) mod table;

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    codec::Codec,
    point::Charset,
    tree::{Node, Path},
    wire::{MAX_EVENT_BYTES, doc::Doc, facts, nested::Writer},
};

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/Records/*/kinesis/data»base64", Charset::Any, MAX_EVENT_BYTES),
        // PutRecord: 1 to 256 Unicode characters.
        Rule::new("/Records/*/kinesis/partitionKey", Charset::NonEmpty, 256),
    ]
});

/// The same in a tumbling window: the function has returned the state, so it holds what a sender says only if the function put
/// that there. AWS Lambda developer guide, "Stateful Kinesis Data Streams processing": 1 MB.
static WINDOW: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let records = RULES.iter().cloned();
    records.chain([Rule::new("/state/**", Charset::Any, MAX_STATE_BYTES).conditional()]).collect()
});

const MAX_STATE_BYTES: usize = 1 << 20;

/// The source.
pub(super) struct Kinesis;

impl Sender for Kinesis {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        match event.member("state") {
            Some(Node::Object(_)) => &WINDOW,
            _ if table::is_change(event) => &table::RULES,
            _ => &RULES,
        }
    }

    fn sets(&self, event: &Node, path: &Path) -> bool {
        table::is_change(event) && table::is_key(event, path)
    }

    fn delivered<'n>(&self, said: &'n Node, event: &mut Doc<'n>) {
        table::measure(said, event);
    }

    fn accepts(&self, event: &Node) -> bool {
        let at = |name: &str| event.member(name);
        at("window").is_none() && at("state").is_none() || matches!(at("state"), Some(Node::Object(_)))
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["Records", "kinesis", "data"]]
    }

    fn saying(&self, content: &Value) -> Value {
        kinesis(&[as_text(content).as_bytes()])
    }

    fn carrying(&self, writer: Writer, content: &[u8]) -> Option<Value> {
        match writer {
            Writer::EventBridge => Some(kinesis(&[content])),
            // The user guide: packed, into this as into functions.
            Writer::CloudWatchLogs => Some(kinesis(&[&Codec::Gzip.encode(&Node::Bytes(content.to_vec()))])),
            Writer::S3 | Writer::S3Test | Writer::Sns | Writer::Lambda | Writer::DeadLetter => None,
        }
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let mut events = vec![("text", kinesis(&[words.word(0).as_bytes()]))];
        events.extend(table::others(words));
        events
    }

    /// In several records of one batch. And in a tumbling window, if the code knows of windows: the first batch, and the last
    /// with what the code has returned.
    fn saying_elsewhere(&self, content: &Value, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let data = as_text(content);
        let batch = ("batch", kinesis(&[data.as_bytes(); 3]));
        let state = words.object(&["state"]);
        if state.is_none() && !words.mentions("isFinalInvokeForWindow") {
            return vec![batch];
        }
        let state = state.filter(Value::is_object).unwrap_or_else(|| json!({}));
        vec![
            batch,
            ("window", window(&[data.as_bytes()], json!({}), false)),
            ("window-final", window(&[data.as_bytes()], state, true)),
        ]
    }
}

/// The same in a tumbling window, with what the function has returned for it.
pub(super) fn window(data: &[&[u8]], state: Value, is_final: bool) -> Value {
    let mut event = kinesis(data);
    let stream = event["Records"][0]["eventSourceARN"].clone();
    event["window"] = json!({ "start": "2026-03-04T05:06:00Z", "end": "2026-03-04T05:08:00Z" });
    event["state"] = state;
    event["shardId"] = "shardId-000000000006".into();
    event["eventSourceARN"] = stream;
    event["isFinalInvokeForWindow"] = is_final.into();
    event["isWindowTerminatedEarly"] = false.into();
    event
}

/// Records with this data, in one shard.
pub(super) fn kinesis(data: &[&[u8]]) -> Value {
    let stream = format!("arn:aws:kinesis:{}:{}:stream/stream", facts::REGION, facts::ACCOUNT);
    let record = |(index, data): (usize, &&[u8])| {
        let sequence = format!("4959033827149025660855969253836157109592157598913658{index:04}");
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "key-1",
                "sequenceNumber": sequence,
                "data": BASE64_STANDARD.encode(data),
                "approximateArrivalTimestamp": facts::EPOCH_MS as f64 / 1_000.0,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("shardId-000000000006:{sequence}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": format!("arn:aws:iam::{}:role/function-role", facts::ACCOUNT),
            "awsRegion": facts::REGION,
            "eventSourceARN": stream,
        })
    };
    json!({ "Records": data.iter().enumerate().map(record).collect::<Vec<Value>>() })
}
