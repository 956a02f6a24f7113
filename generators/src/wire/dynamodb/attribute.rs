//! DynamoDB attribute values: one type tag per value.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    codec::{self, Codec},
    point::is_number,
    tree::{Node, Step},
    wire::doc::{Doc, object},
};

/// Attributes of an item, or members of a map, in order.
pub type Item = Vec<(String, AttributeValue)>;

/// A value with its type. Amazon DynamoDB API, AttributeValue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AttributeValue {
    /// String, and what it holds.
    S(Node),
    /// Number, as normalized decimal text.
    N(String),
    /// Binary: base64 of what the bytes hold.
    B(Node),
    /// Boolean.
    Bool(bool),
    /// Null.
    Null,
    /// Set of strings, not empty.
    Ss(Vec<String>),
    /// Set of numbers, not empty.
    Ns(Vec<String>),
    /// Set of binaries, not empty, as base64.
    Bs(Vec<String>),
    /// List.
    L(Vec<AttributeValue>),
    /// Map.
    M(Item),
}

impl AttributeValue {
    /// A string.
    pub fn text(text: &str) -> AttributeValue {
        AttributeValue::S(Node::text(text))
    }

    /// A binary.
    pub fn binary(bytes: Vec<u8>) -> AttributeValue {
        AttributeValue::B(Node::guess(bytes, None).inside(Codec::Base64))
    }

    /// The type tag.
    pub fn tag(&self) -> &'static str {
        match self {
            AttributeValue::S(_) => "S",
            AttributeValue::N(_) => "N",
            AttributeValue::B(_) => "B",
            AttributeValue::Bool(_) => "BOOL",
            AttributeValue::Null => "NULL",
            AttributeValue::Ss(_) => "SS",
            AttributeValue::Ns(_) => "NS",
            AttributeValue::Bs(_) => "BS",
            AttributeValue::L(_) => "L",
            AttributeValue::M(_) => "M",
        }
    }

    /// What the SDKs' document marshallers make of JSON. A number that DynamoDB refuses becomes
    /// a string.
    pub fn marshal(value: &Value) -> AttributeValue {
        let marshal = AttributeValue::marshal;
        match value {
            Value::Null => AttributeValue::Null,
            Value::Bool(value) => AttributeValue::Bool(*value),
            Value::Number(number) if is_number(&number.to_string()) => AttributeValue::N(number.to_string()),
            Value::Number(number) => AttributeValue::text(&number.to_string()),
            Value::String(text) => AttributeValue::S(codec::open(text.clone())),
            Value::Array(elements) => AttributeValue::L(elements.iter().map(marshal).collect()),
            Value::Object(members) => {
                AttributeValue::M(members.iter().map(|(name, it)| (name.clone(), marshal(it))).collect())
            }
        }
    }

    fn doc(&self) -> Doc<'_> {
        let value = match self {
            AttributeValue::S(node) | AttributeValue::B(node) => Doc::from(node.sent()),
            AttributeValue::N(text) => Doc::from(normal(text)),
            AttributeValue::Bool(value) => Doc::from(*value),
            AttributeValue::Null => Doc::from(true),
            AttributeValue::Ss(set) | AttributeValue::Bs(set) => {
                Doc::List(set.iter().map(Doc::from).collect())
            }
            AttributeValue::Ns(set) => Doc::List(set.iter().map(|it| Doc::from(normal(it))).collect()),
            AttributeValue::L(list) => Doc::List(list.iter().map(AttributeValue::doc).collect()),
            AttributeValue::M(item) => item_doc([item]),
        };
        object! { self.tag() => value }
    }

    fn parse(value: &Value) -> Option<AttributeValue> {
        let members = value.as_object().filter(|it| it.len() == 1)?;
        let (tag, value) = members.iter().next()?;
        let text = || value.as_str().map(str::to_owned);
        let set = || -> Option<Vec<String>> {
            value.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect()
        };
        Some(match tag.as_str() {
            "S" => AttributeValue::S(codec::open(text()?)),
            "N" => AttributeValue::N(text()?),
            "B" => match BASE64_STANDARD.decode(value.as_str()?) {
                Ok(bytes) => AttributeValue::binary(bytes),
                Err(_) => AttributeValue::B(Node::Text(text()?)),
            },
            "BOOL" => AttributeValue::Bool(value.as_bool()?),
            "NULL" => AttributeValue::Null,
            "SS" => AttributeValue::Ss(set()?),
            "NS" => AttributeValue::Ns(set()?),
            "BS" => AttributeValue::Bs(set()?),
            "L" => {
                let list = value.as_array()?.iter().map(AttributeValue::parse);
                AttributeValue::L(list.collect::<Option<_>>()?)
            }
            "M" => AttributeValue::M(parse_item(value)?),
            _ => return None,
        })
    }

    /// Bytes by DynamoDB's own counting. Amazon DynamoDB developer guide, item sizes; the numbers
    /// of the example in AWS Lambda's guide come out.
    fn size(&self) -> usize {
        match self {
            AttributeValue::S(node) => node.sent_bytes().len(),
            AttributeValue::B(Node::Opened(Codec::Base64, content)) => content.sent_bytes().len(),
            AttributeValue::B(node) => size_of_binary(&node.sent()),
            AttributeValue::N(text) => size_of_number(text),
            AttributeValue::Bool(_) | AttributeValue::Null => 1,
            AttributeValue::Ss(set) => set.iter().map(String::len).sum(),
            AttributeValue::Ns(set) => set.iter().map(|it| size_of_number(it)).sum(),
            AttributeValue::Bs(set) => set.iter().map(|it| size_of_binary(it)).sum(),
            AttributeValue::L(list) => 3 + list.iter().map(|it| it.size() + 1).sum::<usize>(),
            AttributeValue::M(item) => 3 + size(item) + item.len(),
        }
    }
}

fn size_of_binary(base64: &str) -> usize {
    BASE64_STANDARD.decode(base64).map_or(base64.len(), |it| it.len())
}

/// A number as DynamoDB keeps it: without zeros that say nothing. "Leading and trailing zeroes are
/// trimmed" (Amazon DynamoDB developer guide, data types).
pub(super) fn normal(number: &str) -> String {
    let (mantissa, exponent) = number.split_at(number.find(['e', 'E']).unwrap_or(number.len()));
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.is_empty() && fraction.is_empty() {
        return "0".to_owned();
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}{}", exponent.to_ascii_uppercase())
}

/// One byte for two significant digits, and one more.
fn size_of_number(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    // From the first to the last digit that is not zero.
    let digits = || mantissa.bytes().filter(u8::is_ascii_digit);
    let first = digits().take_while(|it| *it == b'0').count();
    let last = digits().rev().take_while(|it| *it == b'0').count();
    digits().count().saturating_sub(first + last).div_ceil(2) + 1
}

/// The JSON of an item that is in these parts.
pub(crate) fn item_doc<'a>(parts: impl IntoIterator<Item = &'a Item>) -> Doc<'a> {
    let mut item = object! {};
    for (name, value) in parts.into_iter().flatten() {
        item.set(name, value.doc());
    }
    item
}

/// As [`item_doc`], of a whole item.
pub(crate) fn render_item(item: &Item) -> Value {
    item_doc([item]).into_value()
}

/// The item of a JSON object. `None` if a value has not exactly one known type tag.
pub(crate) fn parse_item(value: &Value) -> Option<Item> {
    let members = value.as_object()?.iter();
    members.map(|(name, it)| Some((name.clone(), AttributeValue::parse(it)?))).collect()
}

/// Bytes of names and values.
pub(crate) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// The value at `path`.
pub(crate) fn at<'a>(item: &'a Item, path: &[Step]) -> Option<&'a AttributeValue> {
    let (Step::Member { name: first, .. }, rest) = path.split_first()? else {
        return None;
    };
    let mut value = item.iter().find(|(name, _)| name == first).map(|(_, value)| value)?;
    for step in rest {
        value = match (step, value) {
            (Step::Member { name: member, .. }, AttributeValue::M(item)) => {
                &item.iter().find(|(name, _)| name == member)?.1
            }
            (Step::Element(index), AttributeValue::L(list)) => list.get(*index)?,
            _ => return None,
        };
    }
    Some(value)
}

/// As [`at`], to change it.
pub(crate) fn at_mut<'a>(item: &'a mut Item, path: &[Step]) -> Option<&'a mut AttributeValue> {
    let (Step::Member { name: first, .. }, rest) = path.split_first()? else {
        return None;
    };
    let mut value = item.iter_mut().find(|(name, _)| name == first).map(|(_, value)| value)?;
    for step in rest {
        value = match (step, value) {
            (Step::Member { name: member, .. }, AttributeValue::M(item)) => {
                &mut item.iter_mut().find(|(name, _)| name == member)?.1
            }
            (Step::Element(index), AttributeValue::L(list)) => list.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Removes the value at `path`.
pub(crate) fn remove(item: &mut Item, path: &[Step]) -> bool {
    match path {
        [Step::Member { name, .. }] => {
            let before = item.len();
            item.retain(|(it, _)| it != name);
            item.len() < before
        }
        [parents @ .., last] => match (at_mut(item, parents), last) {
            (Some(AttributeValue::M(members)), Step::Member { .. }) => {
                remove(members, std::slice::from_ref(last))
            }
            (Some(AttributeValue::L(list)), Step::Element(index)) if *index < list.len() => {
                list.remove(*index);
                true
            }
            _ => false,
        },
        [] => false,
    }
}
