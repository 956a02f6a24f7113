//! JSON trees whose strings may hold JSON again.
//!
//! A path steps through members, elements and, with [`Step::Decode`], into the JSON text of a
//! string. Writes encode the inner text again, so a planted text is escaped as often as an
//! application would escape it.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step down a JSON tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// To a member of an object.
    Member(String),
    /// To an element of an array.
    Element(usize),
    /// Into the JSON text of a string.
    Decode,
}

/// A place in a JSON tree. Written as a JSON Pointer in which `»` opens a string:
/// `/Message»/Records/0`. Members that look like indices are written `~2` and their name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct JsonPath(pub Vec<Step>);

impl JsonPath {
    /// The root.
    pub fn root() -> JsonPath {
        JsonPath::default()
    }

    /// The place of a member below this one.
    pub fn member(&self, name: &str) -> JsonPath {
        self.then(Step::Member(name.to_owned()))
    }

    /// The place of an element below this one.
    pub fn element(&self, index: usize) -> JsonPath {
        self.then(Step::Element(index))
    }

    pub(crate) fn then(&self, step: Step) -> JsonPath {
        let mut steps = self.0.clone();
        steps.push(step);
        JsonPath(steps)
    }

    /// Whether this is `other` or below it.
    pub(crate) fn starts_with(&self, other: &JsonPath) -> bool {
        self.0.starts_with(&other.0)
    }

    /// As a JSON Pointer for people, `»json»` where a string is decoded.
    pub(crate) fn pointer(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Member(name) => {
                    text.push('/');
                    text.push_str(&escape(name));
                }
                Step::Element(index) => write!(text, "/{index}").expect("a String takes all"),
                Step::Decode => text.push_str("»json»"),
            }
        }
        text
    }
}

/// Escapes a member name for a JSON Pointer (RFC 6901).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                Step::Member(name) => {
                    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
                    let mark = if digits { "~2" } else { "" };
                    write!(f, "/{mark}{}", escape(name).replace('»', "~3"))?;
                }
                Step::Element(index) => write!(f, "/{index}")?,
                Step::Decode => f.write_str("»")?,
            }
        }
        Ok(())
    }
}

impl From<JsonPath> for String {
    fn from(path: JsonPath) -> String {
        path.to_string()
    }
}

impl From<String> for JsonPath {
    fn from(text: String) -> JsonPath {
        let mut steps = Vec::new();
        for (index, layer) in text.split('»').enumerate() {
            if index > 0 {
                steps.push(Step::Decode);
            }
            steps.extend(layer.split('/').skip(1).map(step));
        }
        JsonPath(steps)
    }
}

fn step(token: &str) -> Step {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    match token.parse() {
        Ok(element) if digits => Step::Element(element),
        _ => {
            let name = token.strip_prefix("~2").unwrap_or(token);
            Step::Member(name.replace("~3", "»").replace("~1", "/").replace("~0", "~"))
        }
    }
}

/// The inner JSON of a string, if it holds an object or an array.
pub(crate) fn decode(text: &str) -> Option<Value> {
    let looks = text.trim_start().starts_with(['{', '[']);
    looks.then(|| serde_json::from_str(text).ok()).flatten()
}

/// The value at `path`.
pub(crate) fn get(root: &Value, path: &[Step]) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else {
        return Some(root.clone());
    };
    match step {
        Step::Member(name) => get(root.as_object()?.get(name)?, rest),
        Step::Element(index) => get(root.as_array()?.get(*index)?, rest),
        Step::Decode => get(&decode(root.as_str()?)?, rest),
    }
}

/// Runs `change` on the value at `path` and encodes the way back. `None` if there is no such
/// value or `change` gave up; then `root` is as before.
pub(crate) fn update<T>(
    root: &mut Value,
    path: &[Step],
    change: &mut dyn FnMut(&mut Value) -> Option<T>,
) -> Option<T> {
    let Some((step, rest)) = path.split_first() else {
        return change(root);
    };
    match step {
        Step::Member(name) => update(root.as_object_mut()?.get_mut(name)?, rest, change),
        Step::Element(index) => update(root.as_array_mut()?.get_mut(*index)?, rest, change),
        Step::Decode => {
            let mut inner = decode(root.as_str()?)?;
            let result = update(&mut inner, rest, change)?;
            *root = Value::String(inner.to_string());
            Some(result)
        }
    }
}

/// Replaces the value at `path`, which must exist.
pub(crate) fn set(root: &mut Value, path: &JsonPath, value: &Value) -> bool {
    update(root, &path.0, &mut |old| {
        *old = value.clone();
        Some(())
    })
    .is_some()
}

/// Removes the member or element at `path`. The root cannot be removed.
pub(crate) fn remove(root: &mut Value, path: &JsonPath) -> bool {
    let Some((last, parents)) = path.0.split_last() else {
        return false;
    };
    update(root, parents, &mut |parent| match (last, parent) {
        (Step::Member(name), Value::Object(members)) => members.shift_remove(name).map(|_| ()),
        (Step::Element(index), Value::Array(elements)) if *index < elements.len() => {
            elements.remove(*index);
            Some(())
        }
        _ => None,
    })
    .is_some()
}

/// Puts `value` at `path`, making the objects and arrays on the way. Scalars on the way are
/// replaced; a path into a decoded string makes an object there.
pub(crate) fn insert(root: &mut Value, path: &[Step], value: Value) -> bool {
    let Some((step, rest)) = path.split_first() else {
        *root = value;
        return true;
    };
    match step {
        Step::Member(name) => {
            if !root.is_object() {
                *root = Value::Object(Map::new());
            }
            let members = root.as_object_mut().expect("made an object");
            insert(members.entry(name.clone()).or_insert(Value::Null), rest, value)
        }
        Step::Element(index) => {
            if !root.is_array() {
                *root = Value::Array(Vec::new());
            }
            let elements = root.as_array_mut().expect("made an array");
            // A hole is not filled: an index far away is a mistake, not an event.
            if *index > elements.len() {
                return false;
            }
            if *index == elements.len() {
                elements.push(Value::Null);
            }
            insert(&mut elements[*index], rest, value)
        }
        Step::Decode => {
            let mut inner = root.as_str().and_then(decode).unwrap_or(Value::Null);
            let done = insert(&mut inner, rest, value);
            *root = Value::String(inner.to_string());
            done
        }
    }
}

/// Every scalar below `root`, strings that hold JSON opened.
pub(crate) fn leaves(root: &Value) -> Vec<JsonPath> {
    let mut found = Vec::new();
    collect(root, &JsonPath::root(), &mut found);
    found
}

fn collect(value: &Value, at: &JsonPath, found: &mut Vec<JsonPath>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, &at.member(name), found);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, &at.element(index), found);
            }
        }
        Value::String(text) => match decode(text) {
            Some(inner) => collect(&inner, &at.then(Step::Decode), found),
            None => found.push(at.clone()),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => found.push(at.clone()),
    }
}

#[cfg(test)]
mod tests;
