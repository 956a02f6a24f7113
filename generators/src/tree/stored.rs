//! How a tree is stored: as short as it is to read, and no deeper than it is.
//!
//! `null`, booleans, texts and arrays are themselves. All else is an object with one member that says what it is: `number`,
//! `raw`, `bytes` (base64), `object` (names and values in turn), or a codec's name for a text that was opened.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
    ser::SerializeSeq as _,
};

use super::Node;
use crate::codec::Codec;

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(it) => serializer.serialize_bool(*it),
            Node::Text(text) => serializer.serialize_str(text),
            Node::Array(elements) => serializer.collect_seq(elements),
            Node::Number(text) => serializer.collect_map([("number", text)]),
            Node::Raw(text) => serializer.collect_map([("raw", text)]),
            Node::Bytes(bytes) => serializer.collect_map([("bytes", BASE64_STANDARD.encode(bytes))]),
            Node::Object(members) => serializer.collect_map([("object", Members(members))]),
            Node::Opened(codec, content) => serializer.collect_map([(codec.id(), content)]),
        }
    }
}

struct Members<'n>(&'n [(String, Node)]);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len() * 2))?;
        for (name, member) in self.0 {
            list.serialize_element(name)?;
            list.serialize_element(member)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of what a sender wrote")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Node, E> {
        Ok(Node::Bool(it))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Node::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let tag: String = map.next_key()?.ok_or_else(|| A::Error::custom("a part without a kind"))?;
        Ok(match tag.as_str() {
            "number" => Node::Number(map.next_value()?),
            "raw" => Node::Raw(map.next_value()?),
            "bytes" => {
                let text: String = map.next_value()?;
                Node::Bytes(BASE64_STANDARD.decode(text).map_err(A::Error::custom)?)
            }
            "object" => {
                let list: Vec<Node> = map.next_value()?;
                let mut list = list.into_iter();
                let mut members = Vec::new();
                while let (Some(name), Some(member)) = (list.next(), list.next()) {
                    let Node::Text(name) = name else {
                        return Err(A::Error::custom("a name that is no text"));
                    };
                    members.push((name, member));
                }
                Node::Object(members)
            }
            codec => {
                let codec =
                    Codec::from_id(codec).ok_or_else(|| A::Error::custom(format!("no codec `{codec}`")))?;
                Node::Opened(codec, map.next_value()?)
            }
        })
    }
}
