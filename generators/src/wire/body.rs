//! Bodies of HTTP requests and queue messages: text that often holds a format of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    point::JsonPath,
    wire::json::{self, Step},
};

/// A body, as the sender made it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// No body at all.
    #[default]
    None,
    /// Text of no known format.
    Text(String),
    /// JSON.
    Json(Value),
    /// `application/x-www-form-urlencoded`: decoded names and values.
    Form(Vec<(String, String)>),
    /// Bytes that are not UTF-8.
    Bytes(Vec<u8>),
}

impl Body {
    /// The bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Body::None => Vec::new(),
            Body::Text(text) => text.clone().into_bytes(),
            Body::Json(value) => value.to_string().into_bytes(),
            Body::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(fields);
                form.finish().into_bytes()
            }
            Body::Bytes(bytes) => bytes.clone(),
        }
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes())
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// The format of received `bytes`, guessed from its looks.
    ///
    /// Only a form that is written again in the same way is opened: no event changes by being
    /// read.
    pub fn guess(bytes: Vec<u8>, content_type: Option<&str>) -> Body {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return Body::Bytes(error.into_bytes()),
        };
        if text.is_empty() {
            return Body::None;
        }
        if let Some(value) = json::decode(&text) {
            return Body::Json(value);
        }
        if content_type.is_some_and(|it| media_type(it) == FORM) {
            let fields = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            let form = Body::Form(fields);
            if form.text() == text {
                return form;
            }
        }
        Body::Text(text)
    }

    pub(crate) fn json(&self) -> Option<&Value> {
        match self {
            Body::Json(value) => Some(value),
            Body::None | Body::Text(_) | Body::Form(_) | Body::Bytes(_) => None,
        }
    }

    pub(crate) fn json_mut(&mut self) -> Option<&mut Value> {
        match self {
            Body::Json(value) => Some(value),
            Body::None | Body::Text(_) | Body::Form(_) | Body::Bytes(_) => None,
        }
    }

    pub(crate) fn form_mut(&mut self) -> Option<&mut Vec<(String, String)>> {
        match self {
            Body::Form(fields) => Some(fields),
            Body::None | Body::Text(_) | Body::Json(_) | Body::Bytes(_) => None,
        }
    }
}

/// Media type of an HTML form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The media type without parameters, in lower case.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether there is a scalar at `path`: where a text can be planted.
pub(crate) fn has_leaf(root: &Value, path: &JsonPath) -> bool {
    json::get(root, &path.0).is_some_and(|value| !value.is_object() && !value.is_array())
}

/// Whether there is an object at `path`.
pub(crate) fn has_object(root: &Value, path: &JsonPath) -> bool {
    json::get(root, &path.0).is_some_and(|value| value.is_object())
}

/// The text of the scalar at `path`; numbers as they are written.
pub(crate) fn leaf_text(root: &Value, path: &JsonPath) -> Option<String> {
    match json::get(root, &path.0)? {
        Value::String(text) => Some(text),
        Value::Object(_) | Value::Array(_) => None,
        scalar => Some(scalar.to_string()),
    }
}

/// Replaces the scalar at `path` by a string.
pub(crate) fn set_leaf(root: &mut Value, path: &JsonPath, text: &str) -> bool {
    has_leaf(root, path) && json::set(root, path, &Value::from(text))
}

/// Adds a member of that name to the object at `path`.
pub(crate) fn add_name(root: &mut Value, path: &JsonPath, name: &str) -> bool {
    let added = |object: &mut Value| {
        object.as_object_mut()?.insert(name.to_owned(), Value::from(FILLER));
        Some(())
    };
    json::update(root, &path.0, &mut { added }).is_some()
}

/// Adds a leaf at `path` with everything it needs on the way.
pub(crate) fn add_leaf(root: &mut Value, path: &[Step], text: &str) -> bool {
    json::insert(root, path, Value::from(text))
}

/// The value of a member of which only the name matters.
pub(crate) const FILLER: &str = "1";

/// The `nth` value of `name` in a list of pairs.
pub(crate) fn nth<'a>(pairs: &'a [(String, String)], name: &str, nth: usize) -> Option<&'a String> {
    pairs.iter().filter(|(it, _)| it == name).nth(nth).map(|(_, value)| value)
}

/// As [`nth`], to change it.
pub(crate) fn nth_mut<'a>(
    pairs: &'a mut [(String, String)],
    name: &str,
    nth: usize,
) -> Option<&'a mut String> {
    pairs.iter_mut().filter(|(it, _)| it == name).nth(nth).map(|(_, value)| value)
}

/// Removes the `nth` pair of that name.
pub(crate) fn remove_nth(pairs: &mut Vec<(String, String)>, name: &str, nth: usize) -> bool {
    let index = pairs.iter().enumerate().filter(|(_, (it, _))| it == name).nth(nth);
    match index.map(|(index, _)| index) {
        Some(index) => {
            pairs.remove(index);
            true
        }
        None => false,
    }
}

/// Counts for each pair how many of that name came before.
pub(crate) fn numbered(pairs: &[(String, String)]) -> Vec<(&str, usize)> {
    pairs
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (name.as_str(), pairs[..index].iter().filter(|(it, _)| it == name).count()))
        .collect()
}
