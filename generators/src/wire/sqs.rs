//! Messages sent to a queue, and the batch that Lambda's poller makes of them.

mod checksum;
mod leaves;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use checksum::md5_of_attributes;

use crate::{
    codec::Codec,
    tree::Node,
    wire::{
        doc::{Doc, object},
        facts, nested,
    },
};

/// Messages that arrive in one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SqsBatch {
    /// At least one.
    pub messages: Vec<SqsMessage>,
    /// ARN of the queue: configuration.
    pub queue_arn: String,
}

/// One SendMessage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SqsMessage {
    /// Any text.
    pub body: Node,
    /// Names, types and values, at most ten.
    #[serde(default)]
    pub attributes: Vec<(String, MessageAttribute)>,
    /// MessageGroupId.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// MessageDeduplicationId of a FIFO queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduplication: Option<String>,
    /// Session name of the sender's role.
    pub sender: String,
    /// How often Lambda got it, counting this time.
    pub receive_count: u32,
}

/// A message attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageAttribute {
    /// `String`, `Number` or `Binary`, perhaps with `.label`.
    pub data_type: String,
    /// The text, opened as far as its looks tell; of `Binary`, the bytes as base64.
    pub value: Node,
}

impl MessageAttribute {
    /// An attribute of type `String`.
    pub fn string(value: &str) -> MessageAttribute {
        MessageAttribute::new("String", value)
    }

    /// An attribute with this text; of `Binary`, base64.
    pub fn new(data_type: &str, value: &str) -> MessageAttribute {
        let mut attribute = MessageAttribute { data_type: data_type.to_owned(), value: Node::text(value) };
        if attribute.is("Binary") {
            let bytes = BASE64_STANDARD.decode(value).ok();
            if let Some(bytes) = bytes.filter(|it| BASE64_STANDARD.encode(it) == value) {
                attribute.value = Node::guess(bytes, None).inside(Codec::Base64);
            }
        } else if !attribute.is("Number") {
            attribute.value = Node::guess(value.as_bytes().to_vec(), None);
        }
        attribute
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.data_type.split('.').next() == Some(kind)
    }
}

impl SqsMessage {
    /// A message with nothing but a body, received for the first time.
    pub fn new(body: Node) -> SqsMessage {
        SqsMessage {
            body,
            attributes: Vec::new(),
            group: None,
            deduplication: None,
            sender: "producer".to_owned(),
            receive_count: 1,
        }
    }
}

impl SqsBatch {
    /// Messages in a standard queue.
    pub fn new(messages: Vec<SqsMessage>) -> SqsBatch {
        let queue_arn = format!("arn:aws:sqs:{}:{}:queue", facts::REGION, facts::ACCOUNT);
        SqsBatch { messages, queue_arn }
    }

    fn is_fifo(&self) -> bool {
        self.queue_arn.ends_with(".fifo")
    }

    #[cfg(test)]
    pub(crate) fn render(&self) -> Value {
        self.doc().into_value()
    }

    /// The event.
    pub(crate) fn doc(&self) -> Doc<'_> {
        let messages = self.messages.iter().enumerate();
        let records: Vec<Doc<'_>> = messages.map(|(index, it)| self.record(index, it)).collect();
        object! { "Records" => records }
    }

    fn record<'a>(&'a self, index: usize, message: &'a SqsMessage) -> Doc<'a> {
        let body = message.body.sent();
        let sent = facts::EPOCH_MS + index as u64;
        let role = facts::token("sender", 0, 16);
        // All of these are strings, numbers included (LocalStack's records of AWS).
        let mut attributes = object! {
            "ApproximateReceiveCount" => message.receive_count.to_string(),
            "SentTimestamp" => sent.to_string(),
        };
        if self.is_fifo() {
            let number = 18_894_127_336_013_824_000_u128 + index as u128 * 256;
            attributes.push("SequenceNumber", number.to_string());
        }
        if let Some(group) = &message.group {
            attributes.push("MessageGroupId", group);
        }
        attributes.push("SenderId", format!("AROA{role}:{}", message.sender));
        if let Some(deduplication) = &message.deduplication {
            attributes.push("MessageDeduplicationId", deduplication);
        }
        attributes.push("ApproximateFirstReceiveTimestamp", (sent + 5).to_string());
        let mut custom = object! {};
        for (name, it) in &message.attributes {
            custom.set(name, attribute(it));
        }
        let checksum = (!message.attributes.is_empty()).then(|| md5_of_attributes(&message.attributes));
        let md5 = facts::md5_hex(body.as_bytes());
        object! {
            "messageId" => facts::uuid("sqs message", index),
            "receiptHandle" => format!("AQEB{}==", facts::token("sqs receipt", index, 96)),
            "body" => body,
            "attributes" => attributes,
            "messageAttributes" => custom,
            "md5OfMessageAttributes" => checksum,
            "md5OfBody" => md5,
            "eventSource" => "aws:sqs",
            "eventSourceARN" => &self.queue_arn,
            "awsRegion" => self.queue_arn.split(':').nth(3),
        }
    }

    pub(crate) fn parse(event: &Value) -> Option<SqsBatch> {
        let records = event.get("Records")?.as_array()?;
        let messages: Option<Vec<SqsMessage>> = records.iter().map(parse_message).collect();
        let mut batch = SqsBatch::new(messages.filter(|it| !it.is_empty())?);
        if let Some(arn) = records[0].get("eventSourceARN").and_then(Value::as_str) {
            batch.queue_arn = arn.to_owned();
        }
        Some(batch)
    }
}

fn attribute(attribute: &MessageAttribute) -> Doc<'_> {
    let value = if attribute.is("Binary") { "binaryValue" } else { "stringValue" };
    object! {
        value => attribute.value.sent(),
        "stringListValues" => Vec::new(),
        "binaryListValues" => Vec::new(),
        "dataType" => &attribute.data_type,
    }
}

fn parse_message(record: &Value) -> Option<SqsMessage> {
    let body = record.get("body")?.as_str().filter(|it| !it.is_empty())?;
    let mut message = SqsMessage::new(Node::guess(body.as_bytes().to_vec(), None));
    nested::open(&mut message.body);
    let system = |name: &str| record.get("attributes")?.get(name)?.as_str();
    message.group = system("MessageGroupId").map(str::to_owned);
    message.deduplication = system("MessageDeduplicationId").map(str::to_owned);
    let sender = system("SenderId").and_then(|it| it.split_once(':'));
    if let Some((_, session)) = sender {
        message.sender = session.to_owned();
    }
    if let Some(count) = system("ApproximateReceiveCount").and_then(|it| it.parse().ok()) {
        message.receive_count = count;
    }
    let custom = record.get("messageAttributes").and_then(Value::as_object);
    for (name, it) in custom.into_iter().flatten() {
        let text = |member: &str| it.get(member).and_then(Value::as_str);
        let Some(value) = text("stringValue").or(text("binaryValue")) else {
            continue;
        };
        let attribute = MessageAttribute::new(text("dataType").unwrap_or("String"), value);
        message.attributes.push((name.clone(), attribute));
    }
    Some(message)
}

/// The bytes of a `Binary` attribute.
fn binary(value: &Node) -> Vec<u8> {
    match value {
        Node::Opened(Codec::Base64, content) => content.to_bytes(),
        other => BASE64_STANDARD.decode(other.to_bytes()).unwrap_or_else(|_| other.to_bytes()),
    }
}

#[cfg(test)]
mod tests;
