//! MD5 of message attributes.

use md5::{Digest, Md5};

use super::{MessageAttribute, binary};
use crate::wire::facts;

/// Transport type of `String` and `Number`.
const STRING: u8 = 1;
/// Transport type of `Binary`.
const BINARY: u8 = 2;

/// Amazon SQS developer guide, "Calculating the MD5 message digest for message attributes":
/// names in ascending order; for each the length and bytes of name and type, a byte for the
/// transport type, the length and bytes of the value. Lengths are four bytes, big endian.
pub fn md5_of_attributes(attributes: &[(String, MessageAttribute)]) -> String {
    let mut sorted: Vec<&(String, MessageAttribute)> = attributes.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text = Vec::new();
    for (name, attribute) in sorted {
        put(&mut text, name.as_bytes());
        put(&mut text, attribute.data_type.as_bytes());
        if attribute.is("Binary") {
            text.push(BINARY);
            put(&mut text, &binary(&attribute.value));
        } else {
            text.push(STRING);
            put(&mut text, attribute.value.sent().as_bytes());
        }
    }
    facts::hex(&Md5::digest(&text))
}

fn put(text: &mut Vec<u8>, bytes: &[u8]) {
    // A message has at most 1 MiB, so the length fits.
    text.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    text.extend(bytes);
}
