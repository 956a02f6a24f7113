//! Texts that the code decodes: JSON in a query value, base64 of it in a header, each with the names that the code reads from
//! the result.

use serde_json::{Map, Value};

use super::{MAX_BLIND, Words, text_member};
use crate::{codec::Codec, tree::Node};

/// Members that hold the text of what is named above them, in sources that say of what type it is.
const WRAPPERS: [&str; 5] = ["stringValue", "Value", "value", "bytes", "S"];

impl Words<'_> {
    /// Names and their values below one of `places`, each encoded as the code decodes it.
    pub(in crate::seeds) fn texts(&self, places: &[&[&str]], names: &[&str]) -> Vec<(String, Node)> {
        let names = names.iter().enumerate();
        names.map(|(index, name)| ((*name).to_owned(), self.text_at(places, name, index))).collect()
    }

    /// The same where nobody knows what the code decodes: JSON in all that is not compared with a constant.
    pub(in crate::seeds) fn json_texts(&self, names: &[&str]) -> Vec<(String, Node)> {
        let names = names.iter().enumerate();
        let value = |(index, name): (usize, &&str)| match self.gate(name) {
            Some(gate) => Node::Text(gate),
            None => encoded(&self.any_object(name, index), &[Codec::Json]),
        };
        names.map(|it| ((*it.1).to_owned(), value(it))).collect()
    }

    /// The value of `name` below one of `places`, encoded as the code decodes it.
    pub(in crate::seeds) fn text_at(&self, places: &[&[&str]], name: &str, index: usize) -> Node {
        let known = places.iter().find_map(|place| self.decoded_at(&[place, &[name][..]].concat()));
        // Code that reads it through a helper shows only what is done with the result.
        let named = || {
            let mut all = self.lexicon.layers().map(|(keys, _)| keys);
            let keys = all.find(|keys| keys.last().is_some_and(|it| it == name))?;
            self.decoded_at(&keys.iter().map(String::as_str).collect::<Vec<&str>>())
        };
        match known.or_else(named) {
            Some((content, codecs)) => self.encoded_text(name, index, content, &codecs),
            None => Node::guess(self.value(name, index).into_bytes(), None),
        }
    }

    /// What the code makes of the text at `place`: the object that it reads from it, if any, and the formats. `None` if it
    /// takes it as it is.
    fn decoded_at(&self, place: &[&str]) -> Option<(Option<Value>, Vec<Codec>)> {
        let wrapped = WRAPPERS.iter().map(|it| [place, &[*it][..]].concat());
        for place in wrapped.chain([place.to_vec()]) {
            let codecs = self.codecs_of(&place);
            let members = self.tails(&[&place]).iter().any(|tail| !WRAPPERS.contains(&tail[0].as_str()));
            if codecs.is_some() || members {
                let content = if members { self.typed_object(&place) } else { None };
                // Nothing else gives a text members.
                return Some((content, codecs.unwrap_or(&[Codec::Json]).to_vec()));
            }
        }
        None
    }

    /// Whether the code decodes the text at `place`.
    pub(in crate::seeds) fn is_decoded(&self, place: &[&str]) -> bool {
        self.codecs_of(place).is_some()
    }

    fn codecs_of(&self, place: &[&str]) -> Option<&[Codec]> {
        let mut layers = self.lexicon.layers();
        layers.find(|(keys, _)| keys.iter().map(String::as_str).eq(place.iter().copied())).map(|it| it.1)
    }

    /// `content`, or a value for `name`, in these formats.
    pub(in crate::seeds) fn encoded_text(
        &self,
        name: &str,
        index: usize,
        content: Option<Value>,
        codecs: &[Codec],
    ) -> Node {
        let structured = matches!(codecs.last(), Some(Codec::Json | Codec::Form));
        let content = match (content, codecs.last()) {
            (Some(content), Some(Codec::Json | Codec::Form)) => content,
            // What has members after all is JSON.
            (Some(content), _) => return encoded(&content, &[codecs, &[Codec::Json]].concat()),
            (None, _) if structured => self.any_object(name, index),
            (None, _) => Value::from(self.value(name, index)),
        };
        encoded(&content, codecs)
    }

    /// An object of all names but this one.
    fn any_object(&self, name: &str, index: usize) -> Value {
        let others: Vec<&str> =
            self.names(&[]).into_iter().filter(|it| *it != name).take(MAX_BLIND).collect();
        let mut members: Map<String, Value> = self.pairs(&others).into_iter().map(text_member).collect();
        if members.is_empty() {
            members.insert("value".to_owned(), self.value(name, index).into());
        }
        Value::Object(members)
    }

    /// Encodes those texts in `value`, which is at the keys `below`, that the code decodes.
    pub(super) fn close(&self, value: &mut Value, below: &[&str]) {
        let inside =
            |keys: &&[String]| keys.len() > below.len() && keys.iter().zip(below).all(|(key, it)| key == it);
        let mut layers: Vec<(&[String], &[Codec])> =
            self.lexicon.layers().filter(|(keys, _)| inside(keys)).collect();
        // What is inside comes first.
        layers.sort_by_key(|(keys, _)| std::cmp::Reverse(keys.len()));
        for (keys, codecs) in layers {
            let name = keys.last().map_or("", String::as_str);
            each(value, &keys[below.len()..], &mut |value| {
                let content = match value.take() {
                    Value::String(_) => None,
                    other => Some(other),
                };
                *value = self.encoded_text(name, keys.len(), content, codecs).to_text().into();
            });
        }
    }
}

/// `content` in these formats, the outermost first.
pub(in crate::seeds) fn encoded(content: &Value, codecs: &[Codec]) -> Node {
    let inner = match (content, codecs.last()) {
        (Value::String(text), _) => Node::text(text),
        (Value::Object(members), Some(Codec::Form)) => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Node::Object(members.iter().map(|(name, it)| (name.clone(), Node::Text(text(it)))).collect())
        }
        (content, _) => Node::from(content.clone()),
    };
    codecs.iter().rev().fold(inner, |content, codec| content.inside(*codec))
}

/// Calls `change` for every value at `keys`, in all elements of lists.
pub(in crate::seeds) fn each(value: &mut Value, keys: &[String], change: &mut dyn FnMut(&mut Value)) {
    match (value, keys) {
        (Value::Array(elements), _) if !keys.is_empty() => {
            elements.iter_mut().for_each(|it| each(it, keys, change));
        }
        (value, []) => change(value),
        (Value::Object(members), [first, rest @ ..]) => {
            if let Some(member) = members.get_mut(first) {
                each(member, rest, change);
            }
        }
        _ => {}
    }
}
