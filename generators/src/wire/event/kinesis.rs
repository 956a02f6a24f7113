//! Records of a data stream. Amazon Kinesis, "PutRecord"; AWS Lambda developer guide, "Kinesis".

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::Rule;
use crate::{
    point::Charset,
    wire::{MAX_EVENT_BYTES, facts},
};

pub(super) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/Records/*/kinesis/data»base64", Charset::Any, MAX_EVENT_BYTES),
        // PutRecord: 1 to 256 Unicode characters.
        Rule::new("/Records/*/kinesis/partitionKey", Charset::NonEmpty, 256),
    ]
});

/// Records with this data, in one shard.
pub(crate) fn kinesis(data: &[&[u8]]) -> Value {
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
