//! A function without a language runtime that greets: the fixed twin of `native-os-command`.
//!
//! The name comes from the query string or from a JSON body, and must look like one.

#[path = "../../native-os-command/src/json.rs"]
mod json;
#[path = "../../native-os-command/src/runtime.rs"]
mod runtime;

use std::io;

use json::{Value, quote};

fn main() -> io::Result<()> {
    runtime::serve(answer)
}

fn answer(event: &str) -> String {
    let name = requested_name(event);
    let (status, text) = match name.as_deref() {
        Some(name) if is_name(name) => (200, format!("{{\"greeting\":{}}}", quote(&format!("hello {name}")))),
        Some(_) | None => (400, r#"{"message":"name must be 1 to 50 letters or digits"}"#.to_owned()),
    };
    format!("{{\"statusCode\":{status},\"body\":{}}}", quote(&text))
}

fn is_name(name: &str) -> bool {
    (1..=50).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_alphanumeric())
}

fn requested_name(event: &str) -> Option<String> {
    let event = Value::parse(event)?;
    let in_query = event.get("queryStringParameters").and_then(|it| it.get("name"));
    if let Some(name) = in_query.and_then(Value::text) {
        return Some(name.to_owned());
    }
    let body = event.get("body").and_then(Value::text)?;
    let body = match event.get("isBase64Encoded") {
        Some(Value::True) => String::from_utf8(from_base64(body)?).ok()?,
        _ => body.to_owned(),
    };
    Value::parse(&body)?.get("name").and_then(Value::text).map(str::to_owned)
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0;
    for c in text.trim_end_matches('=').bytes() {
        let digit = ALPHABET.iter().position(|it| *it == c)?;
        bits = (bits << 6) | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}
