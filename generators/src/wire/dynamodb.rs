//! Writes to a table, and the stream records that Lambda's poller delivers.

pub mod attribute;
mod leaves;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use attribute::AttributeValue;

use crate::{
    tree::Node,
    wire::{
        doc::{Doc, object},
        dynamodb::attribute::Item,
        facts,
    },
};

/// Writes that arrive in one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DynamoDbBatch {
    /// At least one.
    pub writes: Vec<DynamoDbWrite>,
    /// What the stream shows: configuration.
    pub view: ViewType,
    /// ARN of the stream: configuration.
    pub stream_arn: String,
    /// The tumbling window that the records are in, if the function has such windows: configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

/// A tumbling window. AWS Lambda developer guide, "Stateful DynamoDB stream processing".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// What the function has returned for this window so far: an object.
    pub state: Node,
    /// Which invocation of the window it is.
    pub phase: Phase,
}

/// Which invocation of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// More may follow.
    Open,
    /// The last.
    Final,
    /// The last, for the state has grown too large: the window goes on with a new one.
    TerminatedEarly,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Phase; 3] = [Phase::Open, Phase::Final, Phase::TerminatedEarly];
}

/// One PutItem, UpdateItem or DeleteItem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DynamoDbWrite {
    /// What was done.
    pub operation: Operation,
    /// The key attributes, one or two. They never change.
    pub keys: Item,
    /// The other attributes after the write.
    pub new: Item,
    /// The other attributes before the write.
    pub old: Item,
}

/// What was done to the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// The item is new.
    Insert,
    /// The item changed.
    Modify,
    /// The item is gone.
    Remove,
    /// DynamoDB deleted the item because its time was over.
    Expire,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Operation; 4] =
        [Operation::Insert, Operation::Modify, Operation::Remove, Operation::Expire];

    /// As in `eventName`.
    pub fn event_name(self) -> &'static str {
        match self {
            Operation::Insert => "INSERT",
            Operation::Modify => "MODIFY",
            Operation::Remove | Operation::Expire => "REMOVE",
        }
    }

    fn has_new(self) -> bool {
        matches!(self, Operation::Insert | Operation::Modify)
    }

    fn has_old(self) -> bool {
        self != Operation::Insert
    }
}

/// What a stream shows of an item. Amazon DynamoDB Streams API, StreamViewType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ViewType {
    /// The key attributes.
    KeysOnly,
    /// The item after the write.
    NewImage,
    /// The item before the write.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl ViewType {
    /// Every view type.
    pub const ALL: [ViewType; 4] =
        [ViewType::NewAndOldImages, ViewType::NewImage, ViewType::OldImage, ViewType::KeysOnly];

    /// As in `StreamViewType`.
    pub fn name(self) -> &'static str {
        match self {
            ViewType::KeysOnly => "KEYS_ONLY",
            ViewType::NewImage => "NEW_IMAGE",
            ViewType::OldImage => "OLD_IMAGE",
            ViewType::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }

    fn shows_new(self) -> bool {
        matches!(self, ViewType::NewImage | ViewType::NewAndOldImages)
    }

    fn shows_old(self) -> bool {
        matches!(self, ViewType::OldImage | ViewType::NewAndOldImages)
    }
}

impl DynamoDbBatch {
    /// Writes to a table whose stream shows both images.
    pub fn new(writes: Vec<DynamoDbWrite>) -> DynamoDbBatch {
        let (region, account) = (facts::REGION, facts::ACCOUNT);
        DynamoDbBatch {
            writes,
            view: ViewType::NewAndOldImages,
            stream_arn: format!(
                "arn:aws:dynamodb:{region}:{account}:table/items/stream/2026-01-02T03:04:05.678"
            ),
            window: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn render(&self) -> Value {
        self.doc().into_value()
    }

    /// The event.
    pub(crate) fn doc(&self) -> Doc<'_> {
        let writes = self.writes.iter().enumerate();
        let records: Vec<Doc<'_>> = writes.map(|(index, it)| self.record(index, it)).collect();
        let mut event = object! { "Records" => records };
        if let Some(window) = &self.window {
            // The times and the shard are configuration's and AWS's own.
            event.push(
                "window",
                object! { "start" => "2026-03-04T05:06:00Z", "end" => "2026-03-04T05:08:00Z" },
            );
            // A state that no parser takes is not sendable.
            event.push("state", window.state.to_value().unwrap_or_default());
            event.push("shardId", "shardId-00000001772600767890-5c3e81f0");
            event.push("eventSourceARN", &self.stream_arn);
            event.push("isFinalInvokeForWindow", window.phase == Phase::Final);
            event.push("isWindowTerminatedEarly", window.phase == Phase::TerminatedEarly);
        }
        event
    }

    fn record<'a>(&'a self, index: usize, write: &'a DynamoDbWrite) -> Doc<'a> {
        let new = (write.operation.has_new() && self.view.shows_new()).then_some(&write.new);
        let old = (write.operation.has_old() && self.view.shows_old()).then_some(&write.old);
        let keys = attribute::size(&write.keys);
        let mut size = keys;
        let mut change = object! {
            "ApproximateCreationDateTime" => facts::EPOCH_MS / 1_000,
            "Keys" => attribute::item_doc([&write.keys]),
        };
        for (name, image) in [("NewImage", new), ("OldImage", old)] {
            if let Some(rest) = image {
                change.push(name, attribute::item_doc([&write.keys, rest]));
                size += keys + attribute::size(rest);
            }
        }
        // 21 to 40 digits, ascending within a shard (DynamoDB Streams API).
        change.push("SequenceNumber", format!("4421584500000000017450{index:06}"));
        change.push("SizeBytes", size as u64);
        change.push("StreamViewType", self.view.name());
        let mut record = object! {
            "eventID" => facts::md5_hex(format!("dynamodb event {index}").as_bytes()),
            "eventName" => write.operation.event_name(),
            "eventVersion" => "1.1",
            "eventSource" => "aws:dynamodb",
            "awsRegion" => self.stream_arn.split(':').nth(3),
            "dynamodb" => change,
            "eventSourceARN" => &self.stream_arn,
        };
        if write.operation == Operation::Expire {
            let service = object! { "type" => "Service", "principalId" => "dynamodb.amazonaws.com" };
            record.push("userIdentity", service);
        }
        record
    }

    pub(crate) fn parse(event: &Value) -> Option<DynamoDbBatch> {
        let records = event.get("Records")?.as_array()?;
        let writes: Option<Vec<DynamoDbWrite>> = records.iter().map(parse_write).collect();
        let mut batch = DynamoDbBatch::new(writes.filter(|it| !it.is_empty())?);
        if let Some(arn) = records[0].get("eventSourceARN").and_then(Value::as_str) {
            batch.stream_arn = arn.to_owned();
        }
        let view = records[0].pointer("/dynamodb/StreamViewType").and_then(Value::as_str);
        let known = ViewType::ALL.into_iter().find(|it| Some(it.name()) == view);
        batch.view = known.unwrap_or(ViewType::NewAndOldImages);
        let flag = |name: &str| event.get(name).and_then(Value::as_bool).unwrap_or_default();
        batch.window = event.get("window").map(|_| Window {
            state: Node::from(event.get("state").filter(|it| it.is_object()).cloned().unwrap_or(json!({}))),
            phase: match (flag("isFinalInvokeForWindow"), flag("isWindowTerminatedEarly")) {
                (_, true) => Phase::TerminatedEarly,
                (true, false) => Phase::Final,
                (false, false) => Phase::Open,
            },
        });
        Some(batch)
    }
}

fn parse_write(record: &Value) -> Option<DynamoDbWrite> {
    let change = record.get("dynamodb")?;
    let item = |name: &str| change.get(name).map_or(Some(Item::new()), attribute::parse_item);
    let keys = item("Keys")?;
    let rest = |mut item: Item| {
        item.retain(|(name, _)| !keys.iter().any(|(key, _)| key == name));
        item
    };
    let (new, old) = (rest(item("NewImage")?), rest(item("OldImage")?));
    let operation = match record.get("eventName").and_then(Value::as_str) {
        Some("MODIFY") => Operation::Modify,
        Some("REMOVE") if record.get("userIdentity").is_some_and(|it| !it.is_null()) => Operation::Expire,
        Some("REMOVE") => Operation::Remove,
        Some(_) | None => Operation::Insert,
    };
    Some(DynamoDbWrite { operation, keys, new, old })
}

#[cfg(test)]
mod tests;
