//! An event while it is rendered: JSON whose texts are borrowed from the sender wherever they are the sender's.
//!
//! A [`Value`] owns each name and each text and hashes the names of every object, which took half of the time of a test case.
//! Most test cases are only written. Names in an object here are looked for one by one: objects of AWS are small.

use std::{borrow::Cow, collections::HashMap};

use serde_json::{Map, Number, Value};

use crate::{
    codec::{
        Codec,
        json::{self, quote},
        signed_bytes,
    },
    tree::Node,
};

/// A part of an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doc<'a> {
    Null,
    Bool(bool),
    Number(u64),
    Text(Cow<'a, str>),
    List(Vec<Doc<'a>>),
    /// Members in order; each name occurs once.
    Object(Vec<(Cow<'a, str>, Doc<'a>)>),
    /// JSON without blanks that is written already.
    Written(String),
    /// What is a value already.
    Value(Cow<'a, Value>),
}

/// An object of these members. Their names differ.
macro_rules! object {
    ($($name:expr => $value:expr),* $(,)?) => {
        $crate::wire::doc::Doc::Object(vec![
            $((::std::borrow::Cow::from($name), $crate::wire::doc::Doc::from($value))),*
        ])
    };
}
pub(crate) use object;

impl<'a> Doc<'a> {
    /// What a parser makes of `node`: as [`Node::to_value`], and borrowed.
    pub(crate) fn of(node: &'a Node) -> Option<Doc<'a>> {
        Some(match node {
            Node::Opened(Codec::SignedBytes, content) => {
                Doc::Written(signed_bytes::text(&content.sent_bytes()))
            }
            Node::Text(_) | Node::Opened(..) | Node::Bytes(_) => Doc::Text(node.sent()),
            Node::Null => Doc::Null,
            Node::Bool(it) => Doc::Bool(*it),
            Node::Number(text) | Node::Raw(text) => Doc::from(serde_json::from_str::<Value>(text).ok()?),
            Node::Array(elements) => Doc::List(elements.iter().map(Doc::of).collect::<Option<_>>()?),
            Node::Object(members) => {
                let mut found: Vec<(Cow<'a, str>, Doc<'a>)> = Vec::with_capacity(members.len());
                let mut places = Places::new(members.len());
                for (name, it) in members {
                    let member = Doc::of(it)?;
                    match places.of(&found, name) {
                        // The last of equal names counts.
                        Some(place) => found[place].1 = member,
                        None => found.push((Cow::Borrowed(name), member)),
                    }
                }
                Doc::Object(found)
            }
        })
    }

    /// The member of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Doc<'a>> {
        let Doc::Object(members) = self else { return None };
        members.iter().find(|(it, _)| it == name).map(|(_, member)| member)
    }

    /// As [`Doc::get`], to change it.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Doc<'a>> {
        let Doc::Object(members) = self else { return None };
        members.iter_mut().find(|(it, _)| it == name).map(|(_, member)| member)
    }

    /// Gives an object a member; one of that name is replaced. Does nothing to what is no object.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Doc<'a>>) {
        let name = name.into();
        match self.get_mut(&name) {
            Some(member) => *member = value.into(),
            None => self.push(name, value),
        }
    }

    /// As [`Doc::set`], for a name that the object does not have.
    pub(crate) fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Doc<'a>>) {
        if let Doc::Object(members) = self {
            members.push((name.into(), value.into()));
        }
    }

    /// Takes a member out of an object.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Doc::Object(members) = self {
            members.retain(|(it, _)| it != name);
        }
    }

    /// What is at a JSON pointer without escapes.
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Doc<'a>> {
        pointer.split('/').skip(1).try_fold(self, |doc, name| match doc {
            Doc::List(elements) => elements.get(name.parse::<usize>().ok()?),
            other => other.get(name),
        })
    }

    /// As [`Doc::pointer`], to change it.
    pub(crate) fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Doc<'a>> {
        pointer.split('/').skip(1).try_fold(self, |doc, name| match doc {
            Doc::List(elements) => elements.get_mut(name.parse::<usize>().ok()?),
            other => other.get_mut(name),
        })
    }

    /// Its elements or the values of its members, to change them.
    pub(crate) fn parts_mut(&mut self) -> Vec<&mut Doc<'a>> {
        match self {
            Doc::List(elements) => elements.iter_mut().collect(),
            Doc::Object(members) => members.iter_mut().map(|(_, it)| it).collect(),
            _ => Vec::new(),
        }
    }

    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Doc::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How many members or elements it has.
    pub(crate) fn len(&self) -> usize {
        match self {
            Doc::Object(members) => members.len(),
            Doc::List(elements) => elements.len(),
            _ => 0,
        }
    }

    /// The same with texts of its own.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Doc::Null => Value::Null,
            Doc::Bool(it) => Value::Bool(it),
            Doc::Number(it) => Value::Number(Number::from(it)),
            Doc::Text(text) => Value::String(text.into_owned()),
            Doc::List(elements) => Value::Array(elements.into_iter().map(Doc::into_value).collect()),
            Doc::Object(members) => {
                let members = members.into_iter().map(|(name, it)| (name.into_owned(), it.into_value()));
                Value::Object(members.collect::<Map<String, Value>>())
            }
            Doc::Written(json) => serde_json::from_str(&json).unwrap_or_default(),
            Doc::Value(value) => value.into_owned(),
        }
    }

    /// Its JSON, as `serde_json` writes that of [`Doc::into_value`].
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // An API's event has some 2,000 bytes.
        let mut text = String::with_capacity(2_048);
        self.write(&mut text);
        text.into_bytes()
    }

    fn write(&self, text: &mut String) {
        match self {
            Doc::Null => text.push_str("null"),
            Doc::Bool(it) => text.push_str(if *it { "true" } else { "false" }),
            Doc::Number(it) => text.push_str(&it.to_string()),
            Doc::Text(it) => quote(text, it),
            Doc::List(elements) => json::list(text, elements, |text, it| it.write(text)),
            Doc::Object(members) => {
                json::object(text, members.iter().map(|(name, it)| (name, it)), |text, it| it.write(text));
            }
            Doc::Written(json) => text.push_str(json),
            Doc::Value(value) => write_value(text, value),
        }
    }
}

/// Where the members of an object are that becomes a document.
enum Places<'a> {
    /// Few: looked for one by one.
    Few,
    Many(HashMap<&'a str, usize>),
}

impl<'a> Places<'a> {
    fn new(members: usize) -> Places<'a> {
        if members <= 32 { Places::Few } else { Places::Many(HashMap::with_capacity(members)) }
    }

    /// Where `name` is among `found`. If it is not, it is next.
    fn of(&mut self, found: &[(Cow<'_, str>, Doc<'_>)], name: &'a str) -> Option<usize> {
        match self {
            Places::Few => found.iter().position(|(it, _)| it == name),
            Places::Many(places) => match places.get(name) {
                Some(place) => Some(*place),
                None => {
                    places.insert(name, found.len());
                    None
                }
            },
        }
    }
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(it) => text.push_str(if *it { "true" } else { "false" }),
        Value::Number(it) => text.push_str(&it.to_string()),
        Value::String(it) => quote(text, it),
        Value::Array(elements) => json::list(text, elements, write_value),
        Value::Object(members) => json::object(text, members, write_value),
    }
}

impl<'a> From<&'a str> for Doc<'a> {
    fn from(text: &'a str) -> Doc<'a> {
        Doc::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Doc<'_> {
    fn from(text: String) -> Self {
        Doc::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a String> for Doc<'a> {
    fn from(text: &'a String) -> Doc<'a> {
        Doc::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<Cow<'a, str>> for Doc<'a> {
    fn from(text: Cow<'a, str>) -> Doc<'a> {
        Doc::Text(text)
    }
}

impl From<bool> for Doc<'_> {
    fn from(it: bool) -> Self {
        Doc::Bool(it)
    }
}

impl From<u64> for Doc<'_> {
    fn from(it: u64) -> Self {
        Doc::Number(it)
    }
}

impl From<Value> for Doc<'_> {
    fn from(value: Value) -> Self {
        Doc::Value(Cow::Owned(value))
    }
}

impl<'a> From<&'a Value> for Doc<'a> {
    fn from(value: &'a Value) -> Doc<'a> {
        Doc::Value(Cow::Borrowed(value))
    }
}

impl<'a> From<Vec<Doc<'a>>> for Doc<'a> {
    fn from(elements: Vec<Doc<'a>>) -> Doc<'a> {
        Doc::List(elements)
    }
}

impl<'a, T: Into<Doc<'a>>> From<Option<T>> for Doc<'a> {
    fn from(it: Option<T>) -> Doc<'a> {
        it.map_or(Doc::Null, T::into)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_written_as_its_value_is() {
        let odd: String =
            (0..0x180_u32).filter_map(char::from_u32).chain(['\u{2028}', '\u{1f600}']).collect();
        let inner = json!({ "\"\n": [1.5, -3, null, true, "a\u{0}b"], "n": { "e": {} }, "l": [] });
        let mut doc = object! {
            "odd" => &odd,
            odd.clone() => 18_u64,
            "list" => vec![Doc::Null, Doc::from(false), object! {}, Doc::from(Vec::new())],
            "none" => None::<&str>,
            "some" => Some("text"),
            "value" => &inner,
        };
        doc.set("some", "other");
        doc.push("owned", inner.clone());
        doc.remove("none");
        let value = doc.clone().into_value();
        assert_eq!(value["some"], "other");
        assert_eq!(value["value"], inner);
        assert_eq!(value.get("none"), None);
        assert_eq!(doc.get("some").and_then(Doc::as_str), Some("other"));
        assert_eq!(doc.to_bytes(), serde_json::to_vec(&value).unwrap());
    }
}
