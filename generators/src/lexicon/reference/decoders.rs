//! Functions that give the same data in another form, and what they decode.

use super::References;
use crate::codec::Codec;

/// Functions that return the same data in another form.
#[rustfmt::skip]
pub(super) const DECODERS: &[&str] = &[
    "parse", "loads", "load", "b64decode", "standard_b64decode", "urlsafe_b64decode",
    "parse_qs", "parse_qsl", "unquote", "unquote_plus", "decodeURIComponent", "atob", "from",
    "safe_load", "String", "str", "dict", "list", "Object", "Array", "URLSearchParams",
    "assign", "unmarshall", "unmarshal", "deserialize", "gunzipSync", "decompress", "urldecode",
    "sorted", "reversed", "enumerate", "bytes", "structuredClone", "safeParse", "fromEntries",
    "freeze", "set", "tuple", "model_validate", "model_validate_json", "from_dict",
    "json_decode", "parseBody", "parse_obj", "URL", "urlparse", "urlsplit",
];

/// Functions of `Object` that return what is in their argument.
const UNWRAPPERS: &[&str] = &["values", "entries"];

/// Methods that return the same data in another form.
#[rustfmt::skip]
pub(super) const TRANSPARENT: &[&str] = &[
    "toString", "trim", "lower", "upper", "strip", "lstrip", "rstrip", "decode", "encode",
    "toLowerCase", "toUpperCase", "items", "values", "entries", "copy", "slice", "json", "text",
    "read", "splitlines", "lines", "normalize", "replace", "replaceAll", "split", "filter",
    "reverse", "get_json", "format", "title", "flat",
];

/// Methods whose argument is the name of a member.
#[rustfmt::skip]
pub(super) const GETTERS: &[&str] = &[
    "get", "pop", "getAll", "getlist", "get_query_string_value", "get_header_value", "query",
    "param", "header", "has", "hasOwnProperty", "hasOwn", "getItem", "setdefault", "getString",
    "queries", "cookie", "optString", "fetch", "dig", "getOrDefault", "containsKey",
];

impl References<'_, '_> {
    /// Whether the method `member`, called on what ends before `at`, is one of [`UNWRAPPERS`].
    pub(super) fn unwraps(&self, at: usize, member: &str) -> bool {
        UNWRAPPERS.contains(&member) && at.checked_sub(1).is_some_and(|it| self.tokens[it].is_word("Object"))
    }

    /// What the function called `name` decodes, if its name says so. `at`: the mark before the name, or the name itself;
    /// `close`: the end of its arguments.
    pub(super) fn codec(&self, at: usize, name: &str, close: usize) -> Option<Codec> {
        let of = at.checked_sub(1).and_then(|it| self.tokens[it].word());
        match name {
            "parse" if of == Some("JSON") => Some(Codec::Json),
            "parse" if matches!(of, Some("querystring" | "qs")) => Some(Codec::Form),
            "loads" if !matches!(of, Some("pickle" | "marshal" | "dill")) => Some(Codec::Json),
            "json_decode" | "model_validate_json" => Some(Codec::Json),
            "b64decode" | "standard_b64decode" | "atob" => Some(Codec::Base64),
            "urlsafe_b64decode" => Some(Codec::Base64Url),
            "parse_qs" | "parse_qsl" | "URLSearchParams" => Some(Codec::Form),
            "gunzipSync" => Some(Codec::Gzip),
            "decompress" if of == Some("gzip") => Some(Codec::Gzip),
            // `Buffer.from(text, 'base64')`.
            "from" => match self.tokens.get(close.checked_sub(1)?)?.text()? {
                "base64" => Some(Codec::Base64),
                "base64url" => Some(Codec::Base64Url),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn is_decoder(&self, at: usize) -> bool {
        self.tokens[at].word().is_some_and(|it| DECODERS.contains(&it))
    }
}
