//! What a sender wrote, opened: one tree through every encoding, to any depth.
//!
//! A text in an event often holds a format of its own: a JSON body, base64 of gzip, a form in which a field is JSON again.
//! [`Node::Opened`] is an edge through such an encoding, so one tree serves for planting, mutation, shrinking and reports.
//! What is changed inside is encoded again on the way out, as an application would do it.

mod access;
mod path;
mod stored;

use std::borrow::Cow;

use serde_json::Value;

use crate::codec::{self, Codec};

pub(crate) use path::escape;
pub use path::{Path, Step};

/// A part of what a sender wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A text of no known format; in JSON, a string.
    Text(String),
    /// Bytes that are not UTF-8.
    Bytes(Vec<u8>),
    /// A text or bytes in which more was found. Its content is what the codec decodes to.
    Opened(Codec, Box<Node>),
    /// JSON: `null`.
    Null,
    /// JSON: `true` or `false`.
    Bool(bool),
    /// JSON: a number as it is written, also one that no machine number holds: `1e400`.
    Number(String),
    /// JSON: a piece of text that is written as it is, valid or not: `"\ud800"`, `NaN`, and `"\/"`, which could be shorter.
    Raw(String),
    /// JSON: an array.
    Array(Vec<Node>),
    /// Named members in order: a JSON object, form fields, attributes and children of an XML element. A name can occur more
    /// than once.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// A text.
    pub fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    /// The JSON text of `content`.
    pub fn json(content: Node) -> Node {
        content.inside(Codec::Json)
    }

    /// This as content of a text in `codec`.
    pub fn inside(self, codec: Codec) -> Node {
        Node::Opened(codec, Box::new(self))
    }

    /// The bytes that are sent.
    ///
    /// What is no text by itself (an object, a number) is written as JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Node::Text(text) => text.clone().into_bytes(),
            Node::Bytes(bytes) => bytes.clone(),
            Node::Opened(codec, content) => codec.encode(content),
            Node::Null
            | Node::Bool(_)
            | Node::Number(_)
            | Node::Raw(_)
            | Node::Array(_)
            | Node::Object(_) => Codec::Json.encode(self),
        }
    }

    /// The text that is sent; what is not UTF-8 is replaced, and a JSON string is what it says.
    pub fn to_text(&self) -> String {
        self.sent().into_owned()
    }

    /// As [`Node::to_text`], without a copy where there is one already.
    pub(crate) fn sent(&self) -> Cow<'_, str> {
        match self {
            Node::Text(text) => Cow::Borrowed(text),
            Node::Opened(Codec::Json, content) => Cow::Owned(codec::json::write(content)),
            Node::Raw(text) => match codec::json::text_of(text) {
                Some(said) => Cow::Owned(said),
                None => Cow::Borrowed(text),
            },
            other => Cow::Owned(
                String::from_utf8(other.to_bytes())
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            ),
        }
    }

    /// As [`Node::to_bytes`], without a copy where there is one already.
    pub(crate) fn sent_bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Node::Text(text) => Cow::Borrowed(text.as_bytes()),
            Node::Bytes(bytes) => Cow::Borrowed(bytes),
            other => Cow::Owned(other.to_bytes()),
        }
    }

    /// The JSON value that a parser makes of this: of equal names the last counts. `None` if there is something in it that
    /// no parser takes.
    pub fn to_value(&self) -> Option<Value> {
        Some(match self {
            Node::Opened(Codec::SignedBytes, content) => codec::signed_bytes::value(&content.to_bytes()),
            Node::Text(_) | Node::Opened(..) | Node::Bytes(_) => Value::String(self.to_text()),
            Node::Null => Value::Null,
            Node::Bool(it) => Value::Bool(*it),
            Node::Number(text) | Node::Raw(text) => serde_json::from_str(text).ok()?,
            Node::Array(elements) => {
                Value::Array(elements.iter().map(Node::to_value).collect::<Option<_>>()?)
            }
            Node::Object(members) => {
                let members = members.iter().map(|(name, it)| Some((name.clone(), it.to_value()?)));
                Value::Object(members.collect::<Option<_>>()?)
            }
        })
    }

    /// Whether a JSON parser takes this: whether [`Node::to_value`] gives a value.
    pub fn is_json(&self) -> bool {
        match self {
            Node::Text(_) | Node::Opened(..) | Node::Bytes(_) | Node::Null | Node::Bool(_) => true,
            Node::Number(text) | Node::Raw(text) => serde_json::from_str::<Value>(text).is_ok(),
            Node::Array(elements) => elements.iter().all(Node::is_json),
            Node::Object(members) => members.iter().all(|(_, it)| it.is_json()),
        }
    }

    /// What bytes hold, opened as far as formats can be told from their looks or from `media_type`.
    ///
    /// Nothing changes by being read, but for blanks between the tokens of JSON.
    pub fn guess(bytes: Vec<u8>, media_type: Option<&str>) -> Node {
        codec::guess(bytes, media_type)
    }

    /// How many bytes this has at most inside the JSON of an event.
    pub fn most_bytes(&self) -> usize {
        // Quotes, a comma, a colon, and what an encoding writes once.
        const MARKS: usize = 16;
        let inside = |content: &Node| content.most_bytes();
        let named = |(name, it): &(String, Node)| json_bytes(name) + inside(it) + MARKS;
        MARKS
            + match self {
                Node::Text(text) => json_bytes(text),
                // Each byte that is no UTF-8 is replaced by three.
                Node::Bytes(bytes) => 6 * bytes.len(),
                Node::Opened(codec, content) => codec.most_growth().saturating_mul(inside(content)),
                Node::Null | Node::Bool(_) => 5,
                Node::Number(text) | Node::Raw(text) => text.len(),
                Node::Array(elements) => elements.iter().map(inside).sum(),
                Node::Object(members) => members.iter().map(named).sum(),
            }
    }

    /// Whether no byte is sent.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Node::Text(text) => text.is_empty(),
            Node::Array(_) | Node::Object(_) => false,
            Node::Opened(Codec::Json, content) if matches!(**content, Node::Array(_) | Node::Object(_)) => {
                false
            }
            other => other.sent_bytes().is_empty(),
        }
    }

    /// Whether what is sent is UTF-8.
    pub(crate) fn is_utf8(&self) -> bool {
        match self {
            Node::Opened(Codec::Gzip | Codec::Multipart, _) | Node::Bytes(_) => {
                std::str::from_utf8(&self.sent_bytes()).is_ok()
            }
            // All other codecs write texts, JSON among them.
            _ => true,
        }
    }

    /// Whether no more than `most` bytes are sent.
    pub(crate) fn fits(&self, most: usize) -> bool {
        self.most_bytes() <= most || self.sent_bytes().len() <= most
    }

    /// Whether it holds nothing below it: a text can be planted there.
    pub fn is_leaf(&self) -> bool {
        !matches!(self, Node::Opened(..) | Node::Array(_) | Node::Object(_))
    }
}

/// How many bytes a text has at most as a JSON string: a control character is written `\u0001`.
pub(crate) fn json_bytes(text: &str) -> usize {
    6 * text.len() + 2
}

/// Strings are opened, as [`Node::guess`] does.
impl From<Value> for Node {
    fn from(value: Value) -> Node {
        match value {
            Value::Null => Node::Null,
            Value::Bool(it) => Node::Bool(it),
            Value::Number(number) => Node::Number(number.to_string()),
            Value::String(text) => codec::open(text),
            Value::Array(elements) => Node::Array(elements.into_iter().map(Node::from).collect()),
            Value::Object(members) => {
                Node::Object(members.into_iter().map(|(name, it)| (name, Node::from(it))).collect())
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
