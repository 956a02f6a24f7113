//! An HTTP request to an API, before API Gateway makes an event of it.
//!
//! Everything here is decoded: `v1` and `v2` decide what is encoded how in the event.

mod leaves;
pub(crate) mod v1;
pub(crate) mod v2;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{tree::Node, wire::facts};

/// Headers that AWS sets or completes.
const ADDED: [&str; 5] =
    ["host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

/// Methods of an API. Amazon API Gateway developer guide: `ANY` stands for these seven.
pub const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// A request, and the few things of the API's configuration that show in an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// One of [`METHODS`].
    pub method: String,
    /// The route: `$default`, `/{proxy+}`, `/orders/{id}`.
    pub route: String,
    /// The path, decoded.
    pub path: String,
    /// Decoded names and values, in order.
    #[serde(default)]
    pub query: Vec<(String, String)>,
    /// Headers as the client writes them, without `Host`, `Cookie`, `Content-Length` and what
    /// AWS adds.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Names and values of the `Cookie` header.
    #[serde(default)]
    pub cookies: Vec<(String, String)>,
    /// The body, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Node>,
    /// Configuration of the API.
    #[serde(default)]
    pub api: Api,
}

/// Configuration of an API: nothing here is in a sender's hands but the authorizer's copies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Api {
    /// Deployment stage; `None` for the usual one (`prod`, `$default`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Domain name; `None` for the generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// What an authorizer handed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<Node>,
    /// Stage variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_variables: Option<Value>,
    /// REST only: content types that arrive base64-encoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binary_media_types: Vec<String>,
}

impl HttpRequest {
    /// `GET` of a path on the route that takes everything.
    pub fn get(path: &str) -> HttpRequest {
        HttpRequest {
            method: "GET".to_owned(),
            route: "/{proxy+}".to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: None,
            api: Api::default(),
        }
    }

    /// The body, if anything is sent: an empty one is none.
    pub fn sent_body(&self) -> Option<&Node> {
        self.body.as_ref().filter(|it| !it.to_bytes().is_empty())
    }

    /// The last header of that name, compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        named.next_back().map(|(_, value)| value.as_str())
    }

    /// Where the `nth` header of that name is, compared without case.
    fn header_index(&self, name: &str, nth: usize) -> Option<usize> {
        let named = self.headers.iter().enumerate();
        let mut named = named.filter(|(_, (it, _))| it.eq_ignore_ascii_case(name));
        named.nth(nth).map(|(index, _)| index)
    }

    /// The path parameters: the parts of the path that fill the route. `None` if the path does
    /// not match the route.
    pub fn path_parameters(&self) -> Option<Vec<(String, String)>> {
        if self.route == "$default" {
            return Some(Vec::new());
        }
        let mut parameters = Vec::new();
        let mut rest = self.path.strip_prefix('/')?;
        let mut route = self.route.strip_prefix('/')?.split('/').peekable();
        while let Some(segment) = route.next() {
            let hole = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            if let Some(name) = hole.and_then(|it| it.strip_suffix('+')) {
                // The trailing slash stays in the path only (recorded by LocalStack on AWS).
                let value = rest.strip_suffix('/').unwrap_or(rest);
                if value.is_empty() {
                    return None;
                }
                parameters.push((name.to_owned(), value.to_owned()));
                return Some(parameters);
            }
            let (value, tail) = match (rest.split_once('/'), route.peek()) {
                (Some((value, tail)), Some(_)) => (value, tail),
                (None, None) => (rest, ""),
                (Some(_), None) | (None, Some(_)) => return None,
            };
            match hole {
                Some(name) if !value.is_empty() => {
                    parameters.push((name.to_owned(), value.to_owned()));
                }
                None if value == segment => {}
                Some(_) | None => return None,
            }
            rest = tail;
        }
        Some(parameters)
    }

    /// The path with `name` filled by `value`.
    fn path_with(&self, name: &str, value: &str) -> Option<String> {
        let parameters = self.path_parameters()?;
        parameters.iter().find(|(it, _)| it == name)?;
        let mut path = String::new();
        for segment in self.route.split('/').skip(1) {
            let hole = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            let hole = hole.map(|it| it.strip_suffix('+').unwrap_or(it));
            let filled = match hole {
                Some(hole) if hole == name => value,
                Some(hole) => parameters.iter().find(|(it, _)| it == hole)?.1.as_str(),
                None => segment,
            };
            path.push('/');
            path.push_str(filled);
        }
        Some(path)
    }

    /// The `Cookie` header, if there are cookies.
    pub fn cookie_header(&self) -> Option<String> {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The query as a client encodes it.
    pub fn raw_query(&self) -> String {
        let pairs: Vec<String> =
            self.query.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        pairs.join("&")
    }

    /// Splits a `Cookie` header.
    fn split_cookies(header: &str) -> Vec<(String, String)> {
        let pairs = header.split("; ").filter(|it| !it.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// RFC 3986 unreserved characters are the only ones that every client leaves alone.
const QUERY: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// RFC 3986 pchar and `/`: what a path may hold as it is. `%` itself is encoded.
const PATH: &percent_encoding::AsciiSet = &QUERY
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// Percent-encodes a query name or value.
pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, QUERY).to_string()
}

/// Percent-encodes a path as a client does.
pub(crate) fn encode_path(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, PATH).to_string()
}

/// As [`encode_path`] for an HTTP API, which decodes twice, cuts the path at a `?` that is
/// encoded once and refuses a `%` that is (live captures: hotsock/voker
/// `vokerhttp/testdata/ingress-paths.json`).
pub(crate) fn encode_path_twice(path: &str) -> String {
    let inner: String = path
        .chars()
        .map(|it| match it {
            '%' => "%25".to_owned(),
            '?' => "%3F".to_owned(),
            _ => it.to_string(),
        })
        .collect();
    encode_path(&inner)
}

/// The sender's own `X-Forwarded-For` stays in front of the address that AWS saw.
fn with_forwarded(request: &HttpRequest) -> String {
    match request.header("x-forwarded-for") {
        Some(own) => format!("{own}, {}", facts::SOURCE_IP),
        None => facts::SOURCE_IP.to_owned(),
    }
}

fn decode_path(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
