//! Messages of an ActiveMQ broker. AWS Lambda developer guide, "Amazon MQ".

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::Node,
    wire::{MAX_EVENT_BYTES, facts},
};

/// A bound of our own: OpenWire, the protocol of ActiveMQ, writes longer strings in another form.
const MAX_PROPERTY_BYTES: usize = 65_535;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let property = |place: &str| Rule::new(place, Charset::Any, MAX_PROPERTY_BYTES).texts();
    vec![
        Rule::new("/messages/*/data»base64", Charset::Any, MAX_EVENT_BYTES),
        // Java Message Service 2.0, 3.5: the names have to be Java identifiers, so only the values are free.
        property("/messages/*/properties/*"),
        // The same, 3.4: what the client sets. The broker sets the id and the times.
        property("/messages/*/correlationID"),
        property("/messages/*/type"),
    ]
});

/// The source.
pub(super) struct ActiveMq;

impl Sender for ActiveMq {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["messages", "data"]]
    }

    fn saying(&self, content: &Value) -> Value {
        activemq(&[as_text(content)], "", &[])
    }

    /// In several messages of one batch, and with properties, if the code reads any.
    fn saying_elsewhere(&self, content: &Value, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let text = as_text(content);
        let mut events = vec![("batch", activemq(&[text.clone(), text.clone()], "", &[]))];
        if words.mentions("properties") {
            events.push(("json-properties", activemq(&[text], "", &properties(words))));
        }
        events
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let properties = properties(words);
        vec![("properties", activemq(&[words.word(0)], &words.word(1), &properties))]
    }
}

/// Properties of the names that the code reads.
fn properties(words: &dyn Vocabulary) -> Vec<(String, String)> {
    let known = words.likely_pairs(&[&["messages", "properties"]]);
    if known.is_empty() { vec![("kind".to_owned(), words.word(2))] } else { known }
}

/// Text messages with the same correlation id and properties.
pub(super) fn activemq(texts: &[String], correlation: &str, properties: &[(String, String)]) -> Value {
    let broker_id = format!("b-{}", facts::uuid("activemq", 0));
    let properties: Map<String, Value> =
        properties.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))).collect();
    let message = |(index, text): (usize, &String)| {
        json!({
            "messageID": format!(
                "ID:{broker_id}-1.mq.{}.amazonaws.com-34859-{}-4:12:1:1:{}",
                facts::REGION, facts::EPOCH_MS, index + 1
            ),
            "messageType": "jms/text-message",
            "timestamp": facts::EPOCH_MS,
            "deliveryMode": 1,
            "correlationID": correlation,
            // As text, if the sender wants no reply.
            "replyTo": "null",
            "destination": { "physicalName": "orders" },
            "redelivered": false,
            "type": "",
            "expiration": 0,
            "priority": 4,
            "data": BASE64_STANDARD.encode(text),
            "brokerInTime": facts::EPOCH_MS,
            "brokerOutTime": facts::EPOCH_MS + 2,
            "properties": properties,
        })
    };
    json!({
        "eventSource": "aws:mq",
        "eventSourceArn": format!("arn:aws:mq:{}:{}:broker:orders:{broker_id}", facts::REGION, facts::ACCOUNT),
        "messages": texts.iter().enumerate().map(message).collect::<Vec<Value>>(),
    })
}
