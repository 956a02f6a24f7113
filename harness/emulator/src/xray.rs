//! X-Ray error causes: what the service keeps of the document that a runtime sends beside an error. Pure.
//!
//! Rules of the runtime interface emulator (`rapi/model/error_cause*.go`): a cause has exceptions, a working directory,
//! paths or a message; other members are dropped; what exceeds 64 KiB is cropped.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Largest cause that X-Ray is told.
const MAX_CAUSE: usize = 64 << 10;

/// Bytes set aside for member names when texts are cropped.
const PADDING: usize = 4096;

/// Members of an error document, in the order in which the service writes them.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "errorMessage", default)]
    message: Option<String>,
    #[serde(rename = "errorType", default)]
    error_type: Option<String>,
    #[serde(rename = "stackTrace", default)]
    stack_trace: Option<Vec<Option<String>>>,
    #[serde(rename = "errorCause", default)]
    cause: Option<Box<serde_json::value::RawValue>>,
}

#[derive(Serialize)]
struct Filtered {
    #[serde(rename = "errorMessage")]
    message: String,
    #[serde(rename = "errorType")]
    error_type: String,
    #[serde(rename = "stackTrace", skip_serializing_if = "Vec::is_empty")]
    stack_trace: Vec<String>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Cause {
    // Written as `null` when absent, the others only when there is something.
    #[serde(default, deserialize_with = "objects")]
    exceptions: Option<Vec<Exception>>,
    #[serde(default, deserialize_with = "or_empty")]
    working_directory: String,
    #[serde(default)]
    paths: Option<Vec<String>>,
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "String::is_empty")]
    message: String,
}

#[derive(Clone, Deserialize, Serialize)]
struct Exception {
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(
        rename = "type",
        default,
        deserialize_with = "or_empty",
        skip_serializing_if = "String::is_empty"
    )]
    kind: String,
    #[serde(default, deserialize_with = "objects", skip_serializing_if = "no_frames")]
    stack: Option<Vec<Frame>>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Frame {
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "String::is_empty")]
    path: String,
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "is_zero")]
    line: i64,
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "String::is_empty")]
    label: String,
}

/// `null` means nothing, as in the original's language.
fn or_empty<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: serde::Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Objects only: our parser would take arrays for them as well.
fn objects<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: serde::de::DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    use serde::de::Error as _;
    let Some(objects) = Option::<Vec<serde_json::Map<String, serde_json::Value>>>::deserialize(deserializer)?
    else {
        return Ok(None);
    };
    let read = |it| serde_json::from_value(serde_json::Value::Object(it)).map_err(D::Error::custom);
    objects.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// Whether a document can be an object at all.
fn is_object(text: &[u8]) -> bool {
    text.iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'{')
}

fn no_frames(stack: &Option<Vec<Frame>>) -> bool {
    stack.as_ref().is_none_or(Vec::is_empty)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(line: &i64) -> bool {
    *line == 0
}

/// What X-Ray would be told of `cause`; `None` if it is no cause.
pub(crate) fn validated(cause: &[u8]) -> Option<Bytes> {
    let cause: Cause = serde_json::from_slice(cause).ok().filter(|_| is_object(cause))?;
    let some = |list: Option<usize>| list.is_some_and(|it| it > 0);
    let valid = !cause.working_directory.is_empty()
        || !cause.message.is_empty()
        || some(cause.paths.as_ref().map(Vec::len))
        || some(cause.exceptions.as_ref().map(Vec::len));
    if !valid {
        return None;
    }
    let whole = to_json(&cause)?;
    if whole.len() <= MAX_CAUSE {
        return Some(whole);
    }
    for percent in [80, 60, 40, 20] {
        let mut cropped = cause.clone();
        if let Some(exceptions) = &mut cropped.exceptions {
            exceptions.truncate(exceptions.len() * percent / 100);
        }
        if let Some(paths) = &mut cropped.paths {
            paths.truncate(paths.len() * percent / 100);
        }
        let text = to_json(&cropped)?;
        if text.len() <= MAX_CAUSE {
            return Some(text);
        }
    }
    let half = (MAX_CAUSE - PADDING) / 2;
    to_json(&Cause {
        exceptions: None,
        paths: None,
        message: crop(&cause.message, half),
        working_directory: crop(&cause.working_directory, half),
    })
}

/// Takes the cause out of an error document: the document without it, and the cause if it is valid.
///
/// `None`: not an error document.
pub(crate) fn split(body: &[u8]) -> Option<(Bytes, Option<Bytes>)> {
    let document: Document = serde_json::from_slice(body).ok().filter(|_| is_object(body))?;
    let filtered = Filtered {
        message: document.message.unwrap_or_default(),
        error_type: document.error_type.unwrap_or_default(),
        stack_trace: document
            .stack_trace
            .unwrap_or_default()
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect(),
    };
    let cause = document.cause.and_then(|it| validated(it.get().as_bytes()));
    Some((to_json(&filtered)?, cause))
}

/// At most `length` bytes, with a mark where something is missing.
fn crop(text: &str, length: usize) -> String {
    const MARK: &str = "...";
    if text.len() <= length {
        return text.to_owned();
    }
    let end = (0..=length - MARK.len()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{MARK}", &text[..end])
}

/// JSON as the original's language writes it: safe inside HTML.
fn to_json(value: &impl Serialize) -> Option<Bytes> {
    let text = serde_json::to_string(value).ok()?;
    Some(Bytes::from(html_safe(text)))
}

/// Escapes what could end a script element. These characters occur in strings only.
pub(crate) fn html_safe(text: String) -> String {
    if !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for it in text.chars() {
        match it {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", u32::from(it))),
            _ => safe.push(it),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cause: &str, expected: Option<&str>) {
        let found = validated(cause.as_bytes());
        assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{cause}");
    }

    #[test]
    fn known_members_are_kept() {
        check(
            r#"{"paths":[],"working_directory":"/","exceptions":[]}"#,
            Some(r#"{"exceptions":[],"working_directory":"/","paths":[]}"#),
        );
        check(
            r#"{"message":"<&>"}"#,
            Some(r#"{"exceptions":null,"working_directory":"","paths":null,"message":"\u003c\u0026\u003e"}"#),
        );
        check(
            r#"{"exceptions":[{"message":"m","type":null,"stack":[{"path":"p","line":3,"more":1}]}],"other":1}"#,
            Some(
                r#"{"exceptions":[{"message":"m","stack":[{"path":"p","line":3}]}],"working_directory":"","paths":null}"#,
            ),
        );
    }

    #[test]
    fn what_is_no_cause_is_dropped() {
        for cause in [
            "",
            "{}",
            "[]",
            "{\"other\":1}",
            "{\"paths\":[]}",
            "{\"paths\":\"p\"}",
            "[[],\"/\",[],\"m\"]",
            "{\"exceptions\":[[\"m\"]]}",
            "{\"exceptions\":[{\"stack\":[{\"line\":1.5}]}]}",
        ] {
            check(cause, None);
        }
    }

    #[test]
    fn large_causes_are_cropped_to_the_limit() {
        let exceptions = vec![r#"{"message":"0123456789"}"#; 5_000].join(",");
        let cropped = validated(format!("{{\"exceptions\":[{exceptions}]}}").as_bytes()).unwrap();
        assert!(cropped.len() <= MAX_CAUSE && cropped.len() > MAX_CAUSE / 4, "{}", cropped.len());

        let long = "ü".repeat(MAX_CAUSE);
        let cropped = validated(format!("{{\"message\":\"{long}\"}}").as_bytes()).unwrap();
        assert!(cropped.len() <= MAX_CAUSE, "{}", cropped.len());
        assert!(cropped.ends_with("...\"}".as_bytes()));
    }
}
