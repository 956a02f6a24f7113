//! An HTTP request, before a service makes an event of it.
//!
//! Everything here is decoded: one file per service (`v1` is a REST API, `v2` an HTTP API) decides what is encoded how in
//! its event, and `places` where it is then.

mod authorizer;
mod elb;
mod function_url;
mod lattice;
mod leaves;
mod places;
pub(crate) mod v1;
pub(crate) mod v2;
mod values;
mod websocket;

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    codec::{
        self,
        simple::{PATH, RESERVED},
    },
    source::EventSource,
    tree::Node,
    wire::{doc::Doc, facts},
};

/// Headers that AWS sets or completes.
const ADDED: [&str; 5] =
    ["host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

/// Methods of an API. Amazon API Gateway developer guide: `ANY` stands for these seven.
pub const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Who says what over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A client sends a request.
    #[default]
    Request,
    /// A load balancer asks the function whether it is well: nothing in it is a client's.
    HealthCheck,
    /// A client opens a WebSocket.
    Connect,
    /// A client sends a message on an open WebSocket: there is only a body.
    Message,
    /// A WebSocket is closed.
    Disconnect,
}

impl Act {
    fn is_request(&self) -> bool {
        *self == Act::Request
    }
}

/// A request, and the few things of the API's configuration that show in an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// What is done.
    #[serde(default, skip_serializing_if = "Act::is_request")]
    pub act: Act,
    /// One of [`METHODS`].
    pub method: String,
    /// The route: `$default`, `/{proxy+}`, `/orders/{id}`. Where no service routes, the parts of the path that the function
    /// itself takes out. Of a message, the route key that its `action` names.
    pub route: String,
    /// The path, decoded.
    pub path: String,
    /// Decoded names and values, in order. See [`opened`].
    #[serde(default)]
    pub query: Vec<(String, Node)>,
    /// Headers as the client writes them, without `Host`, `Cookie`, `Content-Length` and what
    /// AWS adds. See [`opened_headers`].
    #[serde(default)]
    pub headers: Vec<(String, Node)>,
    /// Names and values of the `Cookie` header. See [`opened`].
    #[serde(default)]
    pub cookies: Vec<(String, Node)>,
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
    /// WebSocket only: the member of a message that names its route; `None` for the usual one (`action`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// Authorizers only: the headers without which they are not asked, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_source: Vec<String>,
}

/// The event that `source` makes of `request`.
pub(crate) fn doc(source: EventSource, request: &HttpRequest) -> Doc<'_> {
    match source {
        EventSource::ApiGatewayHttp => v2::doc(request),
        EventSource::FunctionUrl => function_url::doc(request),
        EventSource::Alb => elb::doc(request, elb::Values::Last),
        EventSource::AlbMulti => elb::doc(request, elb::Values::All),
        EventSource::WebSocket => websocket::doc(request),
        EventSource::AuthorizerRequest => authorizer::doc_rest(request),
        EventSource::AuthorizerHttp => authorizer::doc_http(request),
        EventSource::VpcLattice => lattice::doc_v1(request),
        EventSource::VpcLatticeV2 => lattice::doc_v2(request),
        _ => v1::doc(request),
    }
}

/// The request of which `source` made `event`.
pub(crate) fn parse(source: EventSource, event: &Value) -> Option<HttpRequest> {
    match source {
        EventSource::ApiGatewayHttp => v2::parse(event),
        EventSource::FunctionUrl => function_url::parse(event),
        EventSource::Alb | EventSource::AlbMulti => elb::parse(event),
        EventSource::WebSocket => websocket::parse(event),
        EventSource::AuthorizerRequest => authorizer::parse_rest(event),
        EventSource::AuthorizerHttp => authorizer::parse_http(event),
        EventSource::VpcLattice => lattice::parse_v1(event),
        EventSource::VpcLatticeV2 => lattice::parse_v2(event),
        _ => v1::parse(event),
    }
}

/// How many bytes [`target`] has.
fn target_length(source: EventSource, request: &HttpRequest) -> usize {
    let path: usize = match source {
        EventSource::ApiGatewayHttp | EventSource::AuthorizerHttp => encode_path_twice(&request.path).len(),
        EventSource::WebSocket => 0,
        _ => encoded_length(&request.path, PATH),
    };
    let set = query_set(source);
    // The `=` of each, and `?` or `&` before it.
    let pair =
        |(name, value): (&str, Cow<'_, str>)| encoded_length(name, set) + encoded_length(&value, set) + 2;
    path + sent(&request.query).map(pair).sum::<usize>()
}

/// What a client of `source` encodes in a query.
fn query_set(source: EventSource) -> &'static AsciiSet {
    match source {
        EventSource::Alb | EventSource::AlbMulti | EventSource::VpcLattice | EventSource::VpcLatticeV2 => {
            elb::QUERY_AS_IS
        }
        _ => RESERVED,
    }
}

fn encoded_length(text: &str, set: &'static AsciiSet) -> usize {
    utf8_percent_encode(text, set).map(str::len).sum()
}

/// The path and the query of a URL as a client of `source` writes them: as little encoded as can be, so that most arrives.
pub(crate) fn target(source: EventSource, request: &HttpRequest) -> String {
    let path = match source {
        EventSource::ApiGatewayHttp | EventSource::AuthorizerHttp => encode_path_twice(&request.path),
        // The path of a WebSocket API is its stage, which is in the URL.
        EventSource::WebSocket => String::new(),
        _ => encode_path(&request.path),
    };
    let query = encoded(&request.query, query_set(source));
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

impl HttpRequest {
    /// `GET` of a path on the route that takes everything.
    pub fn get(path: &str) -> HttpRequest {
        HttpRequest {
            act: Act::Request,
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

    /// A load balancer's health check. Elastic Load Balancing, "Lambda functions as targets": the user agent is all that
    /// tells it from a client's request.
    pub fn health_check(path: &str) -> HttpRequest {
        HttpRequest {
            act: Act::HealthCheck,
            route: "$default".to_owned(),
            headers: vec![("user-agent".to_owned(), Node::text("ELB-HealthChecker/2.0"))],
            ..HttpRequest::get(path)
        }
    }

    /// A message on an open WebSocket. `route`: the route key of the API that its member `action` names.
    pub fn message(route: &str, body: Node) -> HttpRequest {
        HttpRequest { act: Act::Message, route: route.to_owned(), body: Some(body), ..HttpRequest::get("/") }
    }

    /// The body, if anything is sent: an empty one is none.
    pub fn sent_body(&self) -> Option<&Node> {
        self.body.as_ref().filter(|it| !it.is_nothing())
    }

    /// The text of the last header of that name, compared without case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.sent_header(name).map(Cow::into_owned)
    }

    fn sent_header(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut named = self.headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        named.next_back().map(|(_, value)| value.sent())
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
        self.parameters_on(&self.route)
    }

    fn parameters_on(&self, route: &str) -> Option<Vec<(String, String)>> {
        if route == "$default" {
            return Some(Vec::new());
        }
        let mut parameters = Vec::new();
        let mut rest = self.path.strip_prefix('/')?;
        let mut route = route.strip_prefix('/')?.split('/').peekable();
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
        let pairs = self.cookie_pairs();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Every cookie as `name=value`.
    pub(crate) fn cookie_pairs(&self) -> Vec<String> {
        sent(&self.cookies).map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// The query as a client encodes it.
    pub fn raw_query(&self) -> String {
        encoded(&self.query, RESERVED)
    }

    /// Takes headers as an event shows them: what AWS adds and what is kept elsewhere is left out.
    fn take_headers(&mut self, headers: Vec<(String, String)>) {
        let mut own = Vec::new();
        for (name, value) in headers {
            let lower = name.to_ascii_lowercase();
            if lower == "cookie" {
                self.cookies.extend(HttpRequest::split_cookies(&value));
            } else if lower == "x-forwarded-for" {
                own.extend(value.rsplit_once(", ").map(|(own, _)| (name, own.to_owned())));
            } else if !ADDED.contains(&&*lower) && lower != "content-length" {
                own.push((name, value));
            }
        }
        self.headers.extend(opened_headers(own));
    }

    /// Takes the body as an event shows it.
    fn take_body(&mut self, body: Option<&Value>, is_base64: bool) {
        let Some(body) = body.and_then(Value::as_str) else { return };
        let decoded = BASE64_STANDARD.decode(body).ok().filter(|_| is_base64);
        let bytes = decoded.unwrap_or_else(|| body.as_bytes().to_vec());
        self.body = (!bytes.is_empty()).then(|| Node::guess(bytes, self.header("content-type").as_deref()));
    }

    /// The headers with their names in lower case and all that AWS adds; `host`: the domain that was asked.
    /// `length`: of the body.
    fn lower_headers(&self, host: String, length: Option<usize>) -> Pairs<'_> {
        let mut headers = self.own_lower_headers();
        headers.extend(self.cookie_header().map(|cookies| ("cookie".into(), cookies.into())));
        headers.extend(self.added_headers(host, length));
        headers
    }

    /// The headers of the client, with their names in lower case.
    fn own_lower_headers(&self) -> Pairs<'_> {
        let own = sent(&self.headers).map(|(name, value)| (lower(name), value));
        own.filter(|(name, _)| !ADDED.contains(&&**name) && name != "content-length").collect()
    }

    /// What is added to headers in lower case.
    fn added_headers(
        &self,
        host: String,
        length: Option<usize>,
    ) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let length = length.map(|length| ("content-length", Cow::from(length.to_string())));
        let added = [
            ("host", host.into()),
            ("x-amzn-trace-id", facts::TRACE.into()),
            ("x-forwarded-for", with_forwarded(self).into()),
            ("x-forwarded-port", "443".into()),
            ("x-forwarded-proto", "https".into()),
        ];
        length.into_iter().chain(added).map(|(name, value)| (Cow::from(name), value))
    }

    /// Splits a `Cookie` header.
    fn split_cookies(header: &str) -> Vec<(String, Node)> {
        let pairs = header.split("; ").filter(|it| !it.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), codec::open(value.to_owned())))
            .collect()
    }
}

/// Query parameters or cookies whose values are opened as far as their looks tell.
pub fn opened(pairs: Vec<(String, String)>) -> Vec<(String, Node)> {
    pairs.into_iter().map(|(name, value)| (name, codec::open(value))).collect()
}

/// Headers whose values are opened as far as their looks tell: also lists and credentials.
pub fn opened_headers(pairs: Vec<(String, String)>) -> Vec<(String, Node)> {
    pairs.into_iter().map(|(name, value)| (name, codec::open_header(value))).collect()
}

/// Names and the texts that are sent as their values.
pub fn texts(pairs: &[(String, Node)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.clone(), value.to_text())).collect()
}

/// As [`texts`], borrowed where it can be.
fn sent(pairs: &[(String, Node)]) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.sent()))
}

/// Names and values on their way into an event.
type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// What was sent as a text; what is not UTF-8 is replaced.
fn shown(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
    }
}

/// A name in lower case. Most are.
fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|it| it.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// A query in which the characters of `set` are percent-encoded.
fn encoded(query: &[(String, Node)], set: &'static AsciiSet) -> String {
    let mut text = String::new();
    for (name, value) in sent(query) {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(utf8_percent_encode(name, set));
        text.push('=');
        text.extend(utf8_percent_encode(&value, set));
    }
    text
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

/// One value a name: the last.
fn last_of<'a>(pairs: &Pairs<'a>) -> Doc<'a> {
    let mut map = Doc::Object(Vec::with_capacity(pairs.len()));
    for (name, value) in pairs {
        map.set(name.clone(), value.clone());
    }
    map
}

/// All values of each name.
fn all_of<'a>(pairs: &Pairs<'a>) -> Doc<'a> {
    let mut map: Vec<(Cow<'a, str>, Doc<'a>)> = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let value = Doc::from(value.clone());
        match map.iter_mut().find(|(it, _)| it == name) {
            Some((_, Doc::List(values))) => values.push(value),
            _ => map.push((name.clone(), Doc::List(vec![value]))),
        }
    }
    Doc::Object(map)
}

/// The pairs of a map of texts, or of lists of texts.
fn pairs_of(map: Option<&Value>) -> Vec<(String, String)> {
    let members = map.and_then(Value::as_object).into_iter().flatten();
    let texts = |(name, value): (&String, &Value)| -> Vec<(String, String)> {
        let all = match value {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            value => Vec::from_iter(value.as_str()),
        };
        all.into_iter().map(|text| (name.clone(), text.to_owned())).collect()
    };
    members.flat_map(texts).collect()
}

/// The sender's own `X-Forwarded-For` stays in front of the address that AWS saw.
fn with_forwarded(request: &HttpRequest) -> String {
    match request.sent_header("x-forwarded-for") {
        Some(own) => format!("{own}, {}", facts::SOURCE_IP),
        None => facts::SOURCE_IP.to_owned(),
    }
}

fn decode_path(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
