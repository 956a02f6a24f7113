//! Plausible values for what AWS or configuration sets: ids, times, addresses.
//!
//! All are constant or depend on a record's index alone, so that two seeds differ only in what their
//! senders do; [`renew`] gives a test case ids of its own.

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
    let hash = md5_hex(format!("{label} {index}").as_bytes());
    let (a, b, c, d) = (&hash[0..8], &hash[8..12], &hash[13..16], &hash[17..20]);
    format!("{a}-{b}-4{c}-a{d}-{}", &hash[20..32])
}

/// `length` characters of upper-case base 32 that belong to `label` and `index`.
pub(crate) fn token(label: &str, index: usize, length: usize) -> String {
    let mut text = String::new();
    for block in 0.. {
        if text.len() >= length {
            break;
        }
        for byte in Md5::digest(format!("{label} {index} {block}")) {
            text.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(byte % 32)]));
        }
    }
    text.truncate(length);
    text
}

/// Replaces the ids that AWS gives to each delivery by others of the same form, which follow from
/// `salt`.
///
/// Only what handlers use to recognise a repeated delivery: `messageId` of SQS, `MessageId` of SNS, `eventID` of a
/// stream record, `requestId` and `extendedRequestId` of an API request, `id` of an event on a bus.
pub(crate) fn renew(event: &mut Value, salt: &str) {
    if event.get("detail-type").is_some()
        && let Some(Value::String(id)) = event.get_mut("id")
    {
        *id = uuid(&format!("{id} {salt}"), 0);
    }
    renew_below(event, salt);
}

fn renew_below(event: &mut Value, salt: &str) {
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
                    ("messageId" | "MessageId" | "requestId", Value::String(old)) => {
                        uuid(&format!("{old} {salt}"), 0)
                    }
                    // Shard and sequence number: a name of the record itself.
                    ("eventID", Value::String(old)) if old.starts_with("shardId-") => continue,
                    ("eventID", Value::String(old)) => md5_hex(format!("{old} {salt}").as_bytes()),
                    // What a sender wrote is not ours to change.
                    ("body" | "dynamodb" | "headers" | "authorizer" | "detail" | "kinesis", _) => continue,
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
