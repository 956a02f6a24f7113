//! Messages that a rule of AWS IoT Core selects. AWS IoT Core developer guide, "AWS IoT SQL reference": the event is what the
//! statement selects, so any JSON object.
//!
//! Ours are those of `SELECT *, topic() AS topic, clientid() AS clientId, timestamp() AS timestamp`, with `topic(2)` for functions
//! that want a level of the topic, and with `encode(*, 'base64') AS data` for payloads that are not JSON. Without the three, an
//! event is as good as a direct invocation.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::{Charset, Path},
    tree::Node,
    wire::{doc::Doc, facts},
};

/// AWS IoT Core endpoints and quotas: a message has 128 KB, a topic 256 bytes, a client id 128 bytes.
const MAX_MESSAGE_BYTES: usize = 128 * 1024;
const MAX_TOPIC_BYTES: usize = 256;
const MAX_CLIENT_BYTES: usize = 128;

/// What the statement adds to the payload, at most.
const MAX_SELECTED_BYTES: usize = 1_024;

/// Names for `topic(2)`; the function shows which of them it reads.
const LEVELS: [&str; 5] = ["device", "deviceId", "device_id", "thingName", "thing"];
const BEFORE_LEVEL: &str = "devices/";
const BEHIND_LEVEL: &str = "/data";

/// A policy says which topics and client ids a device may use.
fn topic() -> Rule {
    Rule::new("/topic", Charset::Topic, MAX_TOPIC_BYTES).conditional().texts()
}

fn client() -> Rule {
    Rule::new("/clientId", Charset::NonEmpty, MAX_CLIENT_BYTES).conditional().texts()
}

static DOCUMENTS: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![topic(), client(), Rule::new("/**", Charset::Any, MAX_MESSAGE_BYTES)]);

/// The topic follows from its level.
static WITH_LEVEL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let level = |name: &&str| {
        let room = MAX_TOPIC_BYTES - BEFORE_LEVEL.len() - BEHIND_LEVEL.len();
        Rule::new(&format!("/{name}"), Charset::TopicLevel, room).conditional().texts()
    };
    let mut rules: Vec<Rule> = LEVELS.iter().map(level).collect();
    rules.extend([client(), Rule::new("/**", Charset::Any, MAX_MESSAGE_BYTES)]);
    rules
});

static ENCODED: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![topic(), client(), Rule::new("/data»base64", Charset::Any, MAX_MESSAGE_BYTES)]);

/// The source.
pub(super) struct Iot;

/// What the statement selects beside the payload.
const SELECTED: [&str; 3] = ["topic", "clientId", "timestamp"];

impl Sender for Iot {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        let Node::Object(members) = event else { return &DOCUMENTS };
        let is_data = |(name, _): &(String, Node)| name == "data" || SELECTED.contains(&name.as_str());
        let text = |name: &str| event.member(name).map(Node::sent);
        if members.iter().all(is_data) && members.iter().any(|(name, _)| name == "data") {
            return &ENCODED;
        }
        // A change of the level changes the topic only when the event is rendered.
        let topic = text("topic").unwrap_or_default();
        let is_of_levels = topic.starts_with(BEFORE_LEVEL) && topic.ends_with(BEHIND_LEVEL);
        if is_of_levels && LEVELS.iter().any(|name| text(name).is_some()) { &WITH_LEVEL } else { &DOCUMENTS }
    }

    fn sets(&self, event: &Node, path: &Path) -> bool {
        path.is_in(&["timestamp"])
            || path.is_in(&["topic"]) && std::ptr::eq(self.rules(event), WITH_LEVEL.as_slice())
    }

    fn accepts(&self, event: &Node) -> bool {
        let at = |name: &str| event.member(name);
        let is_text = |name: &str| matches!(at(name), Some(Node::Text(_)));
        let is_level = |name: &&str| at(name).is_none() || is_text(name);
        let has_level = std::ptr::eq(self.rules(event), WITH_LEVEL.as_slice());
        let fits = event.fits(MAX_MESSAGE_BYTES + MAX_SELECTED_BYTES);
        fits && is_text("topic") && is_text("clientId") && (!has_level || LEVELS.iter().all(is_level))
    }

    fn delivered<'n>(&self, _said: &'n Node, event: &mut Doc<'n>) {
        let text = |name: &str| event.get(name).and_then(Doc::as_str);
        let topic = text("topic").unwrap_or_default();
        if !topic.starts_with(BEFORE_LEVEL) || !topic.ends_with(BEHIND_LEVEL) {
            return;
        }
        if let Some(level) = LEVELS.iter().find_map(|name| text(name)) {
            let topic = format!("{BEFORE_LEVEL}{level}{BEHIND_LEVEL}");
            event.set("topic", topic);
        }
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&[]]
    }

    fn saying(&self, content: &Value) -> Value {
        match content {
            Value::Object(members) => selected(members.clone(), "app/orders"),
            content => encoded(as_text(content).as_bytes()),
        }
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let name = LEVELS.into_iter().find(|it| words.mentions(it)).unwrap_or(LEVELS[0]);
        let mut members = Map::new();
        let device = words.word(1);
        members.insert(name.to_owned(), Value::from(device.as_str()));
        for (name, value) in words.object(&[]).iter().filter_map(Value::as_object).flatten() {
            if !SELECTED.contains(&name.as_str()) {
                members.entry(name.as_str()).or_insert_with(|| value.clone());
            }
        }
        vec![
            ("topic-level", selected(members, &format!("{BEFORE_LEVEL}{device}{BEHIND_LEVEL}"))),
            ("encoded", encoded(words.word(0).as_bytes())),
        ]
    }

    fn bare(&self, _words: &dyn Vocabulary) -> Value {
        selected(Map::new(), "app/orders")
    }
}

/// Whether the statement behind `event` is like ours.
pub(crate) fn is_selected(event: &Value) -> bool {
    event["topic"].is_string() && event["clientId"].is_string() && event["timestamp"].is_number()
}

/// The payload, where it came from and when.
pub(super) fn selected(payload: Map<String, Value>, topic: &str) -> Value {
    let mut event = payload;
    event.insert("topic".to_owned(), json!(topic));
    event.insert("clientId".to_owned(), json!("client-1"));
    event.insert("timestamp".to_owned(), json!(facts::EPOCH_MS));
    Value::Object(event)
}

/// A payload that is not JSON.
pub(super) fn encoded(payload: &[u8]) -> Value {
    let mut event = Map::new();
    event.insert("data".to_owned(), json!(BASE64_STANDARD.encode(payload)));
    selected(event, "app/orders")
}
