//! Changes to the event itself, behind its sender's back: something is missing, null, empty or of another type.
//!
//! They are made on the rendered JSON, after everything that a sender does, and a change whose place is gone changes nothing.
//! Whether AWS could deliver the result is decided in `grade`, which changes are worth trying in `cover`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::tree::escape;

/// One change of the rendered event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawEdit {
    /// Where, as a JSON Pointer (RFC 6901) into the event.
    pub at: String,
    /// What is there now.
    pub change: RawChange,
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawChange {
    /// It is not there.
    Remove,
    /// It is `null`.
    Null,
    /// The text, list or object is empty.
    Empty,
    /// It is of another type, with its content as far as that goes.
    Retype(JsonType),
}

/// The types of JSON values that are not `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JsonType {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// An array.
    List,
    /// An object.
    Object,
}

impl JsonType {
    /// Every type.
    pub const ALL: [JsonType; 5] =
        [JsonType::Text, JsonType::Number, JsonType::Bool, JsonType::List, JsonType::Object];

    /// The type of `value`. `None` for `null`.
    pub fn of(value: &Value) -> Option<JsonType> {
        Some(match value {
            Value::Null => return None,
            Value::String(_) => JsonType::Text,
            Value::Number(_) => JsonType::Number,
            Value::Bool(_) => JsonType::Bool,
            Value::Array(_) => JsonType::List,
            Value::Object(_) => JsonType::Object,
        })
    }

    /// `old` as a value of this type.
    fn cast(self, old: &Value) -> Value {
        match (self, old) {
            (JsonType::Text, old) => old.to_string().into(),
            // Consoles and hand-made events write numbers where AWS writes their digits.
            (JsonType::Number, Value::String(text)) => {
                text.parse::<i64>().map_or_else(|_| json!(1), Value::from)
            }
            (JsonType::Number, _) => json!(1),
            (JsonType::Bool, old) => Value::Bool(old != &json!("false") && old != &json!(0)),
            (JsonType::List, old) => json!([old]),
            (JsonType::Object, old) => json!({ "value": old }),
        }
    }
}

impl RawEdit {
    /// Makes the change. `false` if its place is gone, or if it is so already.
    pub(crate) fn apply(&self, event: &mut Value) -> bool {
        if self.change == RawChange::Remove {
            return remove(event, &self.at);
        }
        let Some(place) = event.pointer_mut(&self.at) else { return false };
        let changed = match (self.change, &*place) {
            (RawChange::Remove, _) => return false,
            (RawChange::Null, _) => Value::Null,
            (RawChange::Empty, Value::String(_)) => json!(""),
            (RawChange::Empty, Value::Array(_)) => json!([]),
            (RawChange::Empty, Value::Object(_)) => json!({}),
            (RawChange::Empty, _) => return false,
            (RawChange::Retype(to), old) if JsonType::of(old) != Some(to) => to.cast(old),
            (RawChange::Retype(_), _) => return false,
        };
        let differs = *place != changed;
        *place = changed;
        differs
    }

    /// The same change where one record of a batch is gone: those behind it move up. `None` if it was in that record.
    pub(crate) fn without_record(&self, record: usize) -> Option<RawEdit> {
        let rest = self.at.strip_prefix("/Records/").map(|it| it.split_once('/').unwrap_or((it, "")));
        match rest.and_then(|(index, below)| Some((index.parse::<usize>().ok()?, below))) {
            Some((index, _)) if index == record => None,
            Some((index, below)) if index > record => {
                let separator = if below.is_empty() { "" } else { "/" };
                let at = format!("/Records/{}{separator}{below}", index - 1);
                Some(RawEdit { at, change: self.change })
            }
            _ => Some(self.clone()),
        }
    }
}

/// `/Records/0/body is missing`.
impl fmt::Display for RawEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "the event" } else { &self.at };
        let change = match self.change {
            RawChange::Remove => "is missing",
            RawChange::Null => "is null",
            RawChange::Empty => "is empty",
            RawChange::Retype(JsonType::Text) => "is a text",
            RawChange::Retype(JsonType::Number) => "is a number",
            RawChange::Retype(JsonType::Bool) => "is true or false",
            RawChange::Retype(JsonType::List) => "is a list",
            RawChange::Retype(JsonType::Object) => "is an object",
        };
        write!(f, "{at} {change}")
    }
}

/// Pointers to everything directly inside `value`, in order.
pub fn children(pointer: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members.keys().map(|name| format!("{pointer}/{}", escape(name))).collect(),
        Value::Array(elements) => (0..elements.len()).map(|index| format!("{pointer}/{index}")).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Removes what `pointer` names. `false` if it is not there.
pub fn remove(event: &mut Value, pointer: &str) -> bool {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return false };
    match event.pointer_mut(parent) {
        Some(Value::Object(members)) => members.shift_remove(&unescape(last)).is_some(),
        Some(Value::Array(elements)) => match last.parse::<usize>() {
            Ok(index) if index < elements.len() => {
                elements.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// A member name as it is.
pub(crate) fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests;
