//! Lists as headers write them (RFC 9110, 5.6): `gzip, br;q=0.5`; and credentials (11.4): `Bearer token`.
//!
//! - Two elements and more are an array.
//! - An element is a text; or an object of its `value`, which comes first, and its parameters; or of parameters alone
//!   (`for=192.0.2.1;proto=https`).
//! - Credentials are an object with one member, which is named as the scheme: what `Basic` encodes is opened.
//!
//! What blanks stand between the parts is up to the writer, so there are two codecs. A text that mixes both is no list here.

use super::{Codec, simple};
use crate::tree::Node;

/// Name of what stands before the parameters.
pub(crate) const VALUE: &str = "value";

/// Authentication schemes: those that the IANA registry of RFC 9110, 16.4.1 lists for clients, and what else is in use.
const SCHEMES: [&str; 13] = [
    "apikey",
    "basic",
    "bearer",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "jwt",
    "negotiate",
    "oauth",
    "privatetoken",
    "token",
    "vapid",
];

/// Which blanks stand between the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `a, b;c=d` and, of one element alone, `a; b=c`.
    Spaced,
    /// `a,b;c=d`
    Tight,
}

pub(super) fn write(content: &Node, style: Style) -> String {
    let (comma, semicolon) = match style {
        Style::Spaced => (", ", "; "),
        Style::Tight => (",", ";"),
    };
    match content {
        Node::Array(elements) => {
            elements.iter().map(|it| write_element(it, ";")).collect::<Vec<String>>().join(comma)
        }
        Node::Object(members) => match members.as_slice() {
            [(scheme, credentials)] if is_scheme(scheme) => format!("{scheme} {}", credentials.to_text()),
            _ => write_element(content, semicolon),
        },
        other => other.to_text(),
    }
}

fn write_element(element: &Node, semicolon: &str) -> String {
    let Node::Object(members) = element else { return element.to_text() };
    let parts = members.iter().enumerate().map(|(index, (name, it))| match name.as_str() {
        VALUE if index == 0 => it.to_text(),
        name => format!("{name}={}", written(it.to_text())),
    });
    parts.collect::<Vec<String>>().join(semicolon)
}

/// The value of a parameter, in quotes if it needs them.
fn written(text: String) -> String {
    match text.bytes().all(is_bare) {
        true => text,
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

pub(super) fn read(text: &str, style: Style) -> Option<Node> {
    let node = match text.split_once(' ') {
        Some((scheme, credentials)) if is_scheme(scheme) && !credentials.is_empty() => {
            Node::Object(vec![(scheme.to_owned(), read_credentials(scheme, credentials))])
        }
        _ => {
            let mut elements =
                split(text, b',')?.into_iter().map(read_element).collect::<Option<Vec<Node>>>()?;
            match elements.len() {
                1 => elements.pop().filter(|it| matches!(it, Node::Object(parts) if parts.len() > 1))?,
                _ => Node::Array(elements),
            }
        }
    };
    (write(&node, style) == text).then_some(node)
}

fn read_credentials(scheme: &str, text: &str) -> Node {
    // RFC 7617: user and password, in base64.
    let opened = || {
        let bytes =
            simple::from_base64(text.as_bytes()).filter(|it| simple::base64(it) == text.as_bytes())?;
        String::from_utf8(bytes).ok().map(|it| Node::Text(it).inside(Codec::Base64))
    };
    let basic = scheme.eq_ignore_ascii_case("basic");
    basic.then(opened).flatten().unwrap_or_else(|| Node::text(text))
}

/// An element, blanks around it left out.
fn read_element(text: &str) -> Option<Node> {
    let parts = split(text, b';')?;
    let mut members = Vec::new();
    for (index, part) in parts.iter().map(|it| it.trim_matches(' ')).enumerate() {
        let pair = part.split_once('=').filter(|(name, _)| is_token(name));
        match pair {
            Some((name, value)) => members.push((name.to_owned(), Node::Text(read_value(value)?))),
            None if index == 0 && !part.is_empty() && part.bytes().all(is_bare) => {
                members.push((VALUE.to_owned(), Node::text(part)));
            }
            None => return None,
        }
    }
    match members.as_slice() {
        [(name, value)] if name == VALUE => Some(value.clone()),
        _ => Some(Node::Object(members)),
    }
}

/// The value of a parameter without its quotes.
fn read_value(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else {
        return text.bytes().all(is_bare).then(|| text.to_owned());
    };
    let mut value = String::new();
    let mut rest = quoted.strip_suffix('"')?.chars();
    while let Some(it) = rest.next() {
        value.push(if it == '\\' { rest.next()? } else { it });
    }
    Some(value)
}

/// Splits outside of quotes. `None` if one is not closed.
fn split(text: &str, separator: u8) -> Option<Vec<&str>> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!quoted).then_some(parts)
}

pub(super) fn is_scheme(text: &str) -> bool {
    SCHEMES.iter().any(|it| text.eq_ignore_ascii_case(it))
}

/// What needs no quotes: more than RFC 9110 allows, for hardly a reader insists on it.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b",;\"\\".contains(&byte)
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it);
    !text.is_empty() && text.bytes().all(allowed)
}
