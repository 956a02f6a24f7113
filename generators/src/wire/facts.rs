//! Plausible values for what AWS or configuration sets: ids, times, addresses.
//!
//! All are constant or depend on a record's index alone, so that two seeds differ only in what their
//! senders do; `renew` gives a test case ids of its own.

use md5::{Digest, Md5};
use serde_json::Value;

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
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all");
        text
    })
}

/// A UUID of version 4 that belongs to `label` and `index`.
pub(crate) fn uuid(label: &str, index: usize) -> String {
    let mut numbers = Numbers::of(label, index);
    uuid_of(numbers.next(), numbers.next())
}

fn uuid_of(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    let (d, e) = (low >> 48 & 0xfff, low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-4{c:03x}-a{d:03x}-{e:012x}")
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
struct Numbers(u64);

impl Numbers {
    fn of(label: &str, index: usize) -> Numbers {
        Numbers(mix(hash(0, label.as_bytes()), index as u64))
    }

    fn next(&mut self) -> u64 {
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
pub(crate) fn fingerprint(event: &Value) -> u64 {
    fn add(state: u64, value: &Value) -> u64 {
        match value {
            Value::Null => mix(state, 1),
            Value::Bool(it) => mix(state, 2 + u64::from(*it)),
            Value::Number(it) => hash(state, it.to_string().as_bytes()),
            Value::String(it) => hash(state, it.as_bytes()),
            Value::Array(elements) => elements.iter().fold(mix(state, 4), add),
            Value::Object(members) => {
                members.iter().fold(mix(state, 5), |state, (name, it)| add(hash(state, name.as_bytes()), it))
            }
        }
    }
    finish(add(0, event))
}

/// Replaces the ids that AWS gives to each delivery by others of the same form, which follow from
/// `salt`.
///
/// Only what handlers use to recognise a repeated delivery: `messageId` of SQS, `MessageId` of SNS, `eventID` of a
/// stream record, `requestId` and `extendedRequestId` of an API request, `id` of an event on a bus.
pub(crate) fn renew(event: &mut Value, salt: u64) {
    if event.get("detail-type").is_some()
        && let Some(Value::String(id)) = event.get_mut("id")
    {
        *id = renewed(id, salt);
    }
    renew_below(event, salt);
}

/// A UUID that follows from the old id.
pub(crate) fn renewed(old: &str, salt: u64) -> String {
    let mut numbers = Numbers(hash(salt, old.as_bytes()));
    uuid_of(numbers.next(), numbers.next())
}

fn renew_below(event: &mut Value, salt: u64) {
    match event {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let id = match (name.as_str(), &*value) {
                    // 15 characters of base64, as HTTP and WebSocket APIs have them; equal ones stay equal.
                    ("messageId" | "requestId" | "extendedRequestId", Value::String(old))
                        if old.ends_with('=') =>
                    {
                        format!("{}=", token(&format!("{old} {salt}"), 0, old.len() - 1))
                    }
                    ("messageId" | "MessageId" | "requestId", Value::String(old)) => renewed(old, salt),
                    // Shard and sequence number: a name of the record itself.
                    ("eventID", Value::String(old)) if old.starts_with("shardId-") => continue,
                    // Hex without dashes, as DynamoDB streams have it.
                    ("eventID", Value::String(old)) => renewed(old, salt).replace('-', ""),
                    // What a sender wrote is not ours to change.
                    ("body" | "dynamodb" | "headers" | "authorizer" | "detail" | "kinesis", _)
                    | ("basicProperties" | "properties" | "request" | "cf" | "ses", _)
                    | ("arguments" | "source" | "stash" | "variables" | "events" | "identity", _) => continue,
                    _ => {
                        renew_below(value, salt);
                        continue;
                    }
                };
                *value = Value::String(id);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| renew_below(element, salt)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
