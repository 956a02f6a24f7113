//! Plausible values for what AWS or configuration sets: ids, times, addresses.
//!
//! All are constant or depend on a record's index alone, so that two seeds differ only in what their
//! senders do; `renew` gives a test case ids of its own.

use md5::{Digest, Md5};
use serde_json::Value;

use super::doc::Doc;

/// Account of the deployment. AWS documentation uses this number in examples.
pub(crate) const ACCOUNT: &str = "123456789012";
/// Region of the deployment.
pub(crate) const REGION: &str = "us-east-1";
/// When every event happens: 2026-03-04T05:06:07.890Z in milliseconds of Unix time.
pub(crate) const EPOCH_MS: u64 = 1_772_600_767_890;
/// The same in ISO 8601.
pub(crate) const ISO_TIME: &str = "2026-03-04T05:06:07.890Z";
/// The same in the common log format.
pub(crate) const CLF_TIME: &str = "04/Mar/2026:05:06:07 +0000";
/// Address of the sender, from RFC 5737 (documentation only).
pub(crate) const SOURCE_IP: &str = "203.0.113.24";
/// An id in the form `X-Amzn-Trace-Id` carries: the time in hex and 96 bits.
pub(crate) const TRACE: &str = "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053";

/// MD5 in lower-case hex.
pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(HEX[usize::from(digit)])).collect()
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A UUID of version 4 that belongs to `label` and `index`.
pub(crate) fn uuid(label: &str, index: usize) -> String {
    let mut numbers = Numbers::of(label, index);
    uuid_of(numbers.next(), numbers.next())
}

fn uuid_of(high: u64, low: u64) -> String {
    // Version 4 and its variant (RFC 9562, 5.4).
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0xf << 60) | 0xa << 60;
    let mut text = String::with_capacity(36);
    for (number, digits) in [(high >> 32, 8), (high >> 16, 4), (high, 4), (low >> 48, 4), (low, 12)] {
        if !text.is_empty() {
            text.push('-');
        }
        let digits = (0..digits).rev().map(|at| (number >> (at * 4) & 15) as usize);
        text.extend(digits.map(|digit| char::from(HEX[digit])));
    }
    text
}

/// `length` characters of upper-case base 32 that belong to `label` and `index`.
pub(crate) fn token(label: &str, index: usize, length: usize) -> String {
    let mut numbers = Numbers::of(label, index);
    let mut text = String::with_capacity(length);
    // A number has twelve digits of five bits.
    while text.len() < length {
        let number = numbers.next();
        let digits = (0..12.min(length - text.len())).map(|at| usize::from((number >> (at * 5)) as u8 & 31));
        text.extend(digits.map(|digit| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[digit])));
    }
    text
}

/// Numbers that look random: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(state: u64) -> Numbers {
        Numbers(state)
    }

    fn of(label: &str, index: usize) -> Numbers {
        Numbers(mix(hash(0, label.as_bytes()), index as u64))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        finish(self.0)
    }
}

fn finish(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

fn mix(state: u64, word: u64) -> u64 {
    (state.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

fn hash(state: u64, bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let mut state = mix(state, bytes.len() as u64);
    for word in words.by_ref() {
        state = mix(state, u64::from_le_bytes(word.try_into().expect("chunks of eight")));
    }
    words.remainder().iter().fold(state, |state, byte| mix(state, u64::from(*byte)))
}

/// A number that differs for events that differ. Only ids are made of it.
pub(crate) fn fingerprint(event: &Doc<'_>) -> u64 {
    fn add(state: u64, doc: &Doc<'_>) -> u64 {
        match doc {
            Doc::Null => mix(state, 1),
            Doc::Bool(it) => mix(state, 2 + u64::from(*it)),
            Doc::Number(it) => hash(state, it.to_string().as_bytes()),
            Doc::Text(it) => hash(state, it.as_bytes()),
            Doc::List(elements) => elements.iter().fold(mix(state, 4), add),
            Doc::Object(members) => {
                members.iter().fold(mix(state, 5), |state, (name, it)| add(hash(state, name.as_bytes()), it))
            }
            Doc::Written(json) => hash(state, json.as_bytes()),
            Doc::Value(value) => add_value(state, value),
        }
    }
    fn add_value(state: u64, value: &Value) -> u64 {
        match value {
            Value::Null => mix(state, 1),
            Value::Bool(it) => mix(state, 2 + u64::from(*it)),
            Value::Number(it) => hash(state, it.to_string().as_bytes()),
            Value::String(it) => hash(state, it.as_bytes()),
            Value::Array(elements) => elements.iter().fold(mix(state, 4), add_value),
            Value::Object(members) => members
                .iter()
                .fold(mix(state, 5), |state, (name, it)| add_value(hash(state, name.as_bytes()), it)),
        }
    }
    finish(add(0, event))
}

/// Replaces the ids that AWS gives to each delivery by others of the same form, which follow from
/// `salt`.
///
/// Only what handlers use to recognise a repeated delivery: `messageId` of SQS, `MessageId` of SNS, `eventID` of a
/// stream record, `requestId` and `extendedRequestId` of an API request, `id` of an event on a bus.
pub(crate) fn renew(event: &mut Doc<'_>, salt: u64) {
    if event.get("detail-type").is_some()
        && let Some(Doc::Text(id)) = event.get_mut("id")
    {
        *id = renewed(id, salt).into();
    }
    if let Doc::Value(event) = event
        && event.get("detail-type").is_some()
        && let Some(Value::String(id)) = event.to_mut().get_mut("id")
    {
        *id = renewed(id, salt);
    }
    renew_doc(event, salt);
}

/// A UUID that follows from the old id.
pub(crate) fn renewed(old: &str, salt: u64) -> String {
    let mut numbers = Numbers(hash(salt, old.as_bytes()));
    uuid_of(numbers.next(), numbers.next())
}

/// What an id in a member of that name becomes.
enum Fate {
    /// This id.
    Becomes(String),
    /// It stays, with all that is below it.
    Stays,
    /// It is none; there may be some below it.
    Below,
}

fn fate(name: &str, value: Option<&str>, salt: u64) -> Fate {
    Fate::Becomes(match (name, value) {
        // 15 characters of base64, as HTTP and WebSocket APIs have them; equal ones stay equal.
        ("messageId" | "requestId" | "extendedRequestId", Some(old)) if old.ends_with('=') => {
            format!("{}=", token(&format!("{old} {salt}"), 0, old.len() - 1))
        }
        ("messageId" | "MessageId" | "requestId", Some(old)) => renewed(old, salt),
        // Shard and sequence number: a name of the record itself.
        ("eventID", Some(old)) if old.starts_with("shardId-") => return Fate::Stays,
        // Hex without dashes, as DynamoDB streams have it.
        ("eventID", Some(old)) => renewed(old, salt).replace('-', ""),
        // What a sender wrote is not ours to change.
        ("body" | "dynamodb" | "headers" | "authorizer" | "detail" | "kinesis", _)
        | ("basicProperties" | "properties" | "request" | "cf" | "ses", _)
        | ("arguments" | "source" | "stash" | "variables" | "events" | "identity", _) => return Fate::Stays,
        _ => return Fate::Below,
    })
}

fn renew_doc(event: &mut Doc<'_>, salt: u64) {
    match event {
        Doc::Object(members) => {
            for (name, value) in members {
                match fate(name, value.as_str(), salt) {
                    Fate::Becomes(id) => *value = Doc::from(id),
                    Fate::Stays => {}
                    Fate::Below => renew_doc(value, salt),
                }
            }
        }
        Doc::List(elements) => elements.iter_mut().for_each(|element| renew_doc(element, salt)),
        Doc::Value(value) => {
            if matches!(**value, Value::Object(_) | Value::Array(_)) {
                renew_value(value.to_mut(), salt);
            }
        }
        Doc::Null | Doc::Bool(_) | Doc::Number(_) | Doc::Text(_) | Doc::Written(_) => {}
    }
}

fn renew_value(event: &mut Value, salt: u64) {
    match event {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match fate(name, value.as_str(), salt) {
                    Fate::Becomes(id) => *value = Value::String(id),
                    Fate::Stays => {}
                    Fate::Below => renew_value(value, salt),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| renew_value(element, salt)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
