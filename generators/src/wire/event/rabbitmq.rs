//! Messages of a RabbitMQ broker. AWS Lambda developer guide, "Amazon MQ".
//!
//! Header values of type long string are lists of bytes. They are signed, as Java's are: the form of `timestamp` shows that
//! the poller writes its JSON with Gson.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    codec::{Codec, signed_bytes},
    point::Charset,
    tree::Node,
    wire::{MAX_EVENT_BYTES, doc::Doc, facts},
};

/// AMQP 0-9-1, 4.2.5.3: short strings have up to 255 octets.
const MAX_SHORT_STRING_BYTES: usize = 255;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let property = |name: &str| {
        let place = format!("/rmqMessagesByQueue/*/*/basicProperties/{name}");
        Rule::new(&place, Charset::Query, MAX_SHORT_STRING_BYTES).texts()
    };
    let header = "/rmqMessagesByQueue/*/*/basicProperties/headers/*/bytes»signed-bytes";
    let mut rules = vec![
        Rule::new("/rmqMessagesByQueue/*/*/data»base64", Charset::Any, MAX_EVENT_BYTES),
        // RabbitMQ, "Configuration": a frame of headers has 128 KiB (`frame_max`) unless it is configured.
        Rule::new(header, Charset::Any, 65_536),
    ];
    // RabbitMQ checks `userId` against the connection and takes only numbers for `expiration`.
    let free = ["contentType", "contentEncoding", "correlationId", "replyTo", "messageId", "type", "appId"];
    rules.extend(free.map(property));
    rules
});

/// The source.
pub(super) struct RabbitMq;

impl Sender for RabbitMq {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn delivered<'n>(&self, said: &'n Node, event: &mut Doc<'n>) {
        let Some(Node::Object(said)) = said.member("rmqMessagesByQueue") else { return };
        for (name, messages) in said {
            let written = event.get_mut("rmqMessagesByQueue").and_then(|it| it.get_mut(name));
            let written = written.map(Doc::parts_mut).into_iter().flatten();
            let Node::Array(messages) = messages else { continue };
            for (message, written) in messages.iter().zip(written) {
                let size = match message.member("data") {
                    Some(Node::Opened(Codec::Base64, data)) => Some(data.sent_bytes().len()),
                    Some(data) => BASE64_STANDARD.decode(data.sent_bytes()).ok().map(|it| it.len()),
                    None => None,
                };
                if let (Some(size), Some(written)) = (size, written.pointer_mut("/basicProperties/bodySize"))
                {
                    *written = Doc::from(size as u64);
                }
            }
        }
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["rmqMessagesByQueue", "data"]]
    }

    fn saying(&self, content: &Value) -> Value {
        rabbitmq(&as_text(content), &[], &[("contentType", "application/json")])
    }

    /// With headers, if the code reads any.
    fn saying_elsewhere(&self, content: &Value, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        if !words.mentions("headers") {
            return Vec::new();
        }
        let properties = [("contentType", "application/json")];
        vec![("json-headers", rabbitmq(&as_text(content), &headers(words), &properties))]
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let headers = headers(words);
        let texts = [words.word(1), words.word(3), words.word(4), words.word(5)];
        let [correlation, reply, message, kind] = texts.each_ref().map(String::as_str);
        let properties = [
            ("contentType", "text/plain"),
            ("correlationId", correlation),
            ("replyTo", reply),
            ("messageId", message),
            ("type", kind),
        ];
        vec![
            ("headers", rabbitmq(&words.word(0), &headers, &properties)),
            ("text", rabbitmq(&words.word(0), &[], &[])),
        ]
    }
}

/// Headers of the names that the code reads.
fn headers(words: &dyn Vocabulary) -> Vec<(String, String)> {
    let known = words.likely_pairs(&[&["rmqMessagesByQueue", "basicProperties", "headers"]]);
    if known.is_empty() { vec![("kind".to_owned(), words.word(2))] } else { known }
}

/// One message. Properties that are not named are null.
pub(super) fn rabbitmq(text: &str, headers: &[(String, String)], properties: &[(&str, &str)]) -> Value {
    let headers: Map<String, Value> = headers
        .iter()
        .map(|(name, it)| (name.clone(), json!({ "bytes": signed_bytes::value(it.as_bytes()) })))
        .collect();
    let broker = format!(
        "arn:aws:mq:{}:{}:broker:orders:b-{}",
        facts::REGION,
        facts::ACCOUNT,
        facts::uuid("rabbitmq", 0)
    );
    let mut basic = json!({
        "contentType": null,
        "contentEncoding": null,
        "headers": headers,
        "deliveryMode": 1,
        "priority": 0,
        "correlationId": null,
        "replyTo": null,
        "expiration": null,
        "messageId": null,
        "timestamp": "Mar 4, 2026, 5:06:07 AM",
        "type": null,
        "userId": null,
        "appId": null,
        "clusterId": null,
        "bodySize": text.len(),
    });
    for (name, value) in properties {
        basic[*name] = Value::from(*value);
    }
    json!({
        "eventSource": "aws:rmq",
        "eventSourceArn": broker,
        // Queue and virtual host.
        "rmqMessagesByQueue": { "orders::/": [{
            "basicProperties": basic,
            "redelivered": false,
            "data": BASE64_STANDARD.encode(text),
        }] },
    })
}
