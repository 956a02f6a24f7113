//! Encodings of bytes as a whole: base64, percent, gzip.

use std::io::{Read as _, Write as _};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use flate2::{Compression, Crc, read::GzDecoder, write::GzEncoder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// RFC 3986, 2.3: unreserved characters need no encoding.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// RFC 3986, 3.3: what a path has as it is, `/` included.
pub(crate) const PATH: &AsciiSet = &RESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// What is unpacked at most: a few kilobytes of zeros can become gigabytes.
const MOST_UNPACKED: u64 = 16 << 20;

pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    BASE64_STANDARD.encode(bytes).into_bytes()
}

pub(super) fn from_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(bytes).ok()
}

pub(super) fn base64_url(bytes: &[u8]) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.encode(bytes).into_bytes()
}

pub(super) fn from_base64_url(bytes: &[u8]) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(bytes).ok()
}

pub(super) fn percent(bytes: &[u8]) -> Vec<u8> {
    percent_encode(bytes, RESERVED).to_string().into_bytes()
}

pub(super) fn from_percent(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes.contains(&b'%').then(|| percent_decode(bytes).collect())
}

pub(super) fn url_path(bytes: &[u8]) -> Vec<u8> {
    format!("/{}", percent_encode(bytes, PATH)).into_bytes()
}

/// `None` for what somebody encoded in another way.
pub(super) fn from_url_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let decoded: Vec<u8> = percent_decode(bytes.strip_prefix(b"/")?).collect();
    (url_path(&decoded) == bytes).then_some(decoded)
}

/// URL encoding of `java.net.URLEncoder`, which leaves `A-Za-z0-9.-*_` and writes `+` for a blank, but with `/` left alone
/// (minio/minio#11665; captures show `%40` and `%3D`).
pub(super) fn s3_key(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' | b'/' => text.push(*byte),
            b' ' => text.push(b'+'),
            _ => text.extend(format!("%{byte:02X}").bytes()),
        }
    }
    text
}

/// Also what was encoded with less care. Not UTF-8: no key.
pub(super) fn from_s3_key(text: &str) -> Option<Vec<u8>> {
    let decoded: Vec<u8> = percent_decode(text.replace('+', " ").as_bytes()).collect();
    std::str::from_utf8(&decoded).is_ok().then_some(decoded)
}

/// What is shorter is stored as it is: a compressor's tables cost far more than they save.
const LEAST_PACKED: usize = 16 << 10;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() < LEAST_PACKED {
        return stored(bytes);
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let written = packed.write_all(bytes).and_then(|()| packed.finish());
    written.expect("a Vec takes all")
}

/// A member (RFC 1952, 2.3) of one stored block (RFC 1951, 3.2.4), which holds 65,535 bytes at most.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short enough to be stored");
    // Deflate, no flags, no time, no hints, unknown system; then the last block, stored.
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(bytes);
    let mut sum = Crc::new();
    sum.update(bytes);
    packed.extend(sum.sum().to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    packed
}

pub(super) fn from_gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes).take(MOST_UNPACKED + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() as u64 <= MOST_UNPACKED).then_some(unpacked)
}
