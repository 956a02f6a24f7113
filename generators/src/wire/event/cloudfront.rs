//! Requests and responses on their way through a distribution: Lambda@Edge. Amazon CloudFront developer guide, "Lambda@Edge event
//! structure".
//!
//! Nothing is decoded: `uri` and `querystring` are as the viewer wrote them. A query of pairs is opened; one text without `=` is
//! sent as it is, for functions that do not decode it.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    codec::Codec,
    point::{Charset, Control, Path, Step},
    tree::Node,
    wire::facts,
};

/// The same guide, "Quotas on Lambda@Edge": less than 8,192 characters for the URI with its query string.
const MAX_URI_BYTES: usize = 8_191;
/// The same guide, "Quotas": 20,480 bytes for all headers of a request.
const MAX_HEADER_BYTES: usize = 8_192;
/// "Quotas on Lambda@Edge": what is larger is cut off, and `inputTruncated` says so.
const MAX_VIEWER_BODY_BYTES: usize = 40_000;
const MAX_ORIGIN_BODY_BYTES: usize = 1_000_000;

/// Where in the way a function is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    ViewerRequest,
    OriginRequest,
    OriginResponse,
    ViewerResponse,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::ViewerRequest => "viewer-request",
            Stage::OriginRequest => "origin-request",
            Stage::OriginResponse => "origin-response",
            Stage::ViewerResponse => "viewer-response",
        }
    }

    fn is_at_origin(self) -> bool {
        matches!(self, Stage::OriginRequest | Stage::OriginResponse)
    }
}

/// The rules where the query is one text, and where it is pairs.
struct Rules {
    viewer: [Vec<Rule>; 2],
    origin: [Vec<Rule>; 2],
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    viewer: [false, true].map(|pairs| rules(pairs, MAX_VIEWER_BODY_BYTES, Control::Attacker)),
    // Cache and origin request policies decide what goes on to the origin.
    origin: [false, true].map(|pairs| rules(pairs, MAX_ORIGIN_BODY_BYTES, Control::Conditional)),
});

fn rules(pairs: bool, max_body: usize, control: Control) -> Vec<Rule> {
    let at = |place: &str| format!("/Records/*/cf/request/{place}");
    let query = match pairs {
        false => Rule::new(&at("querystring"), Charset::Uri, MAX_URI_BYTES).texts(),
        true => Rule::new(&at("querystring»form»/*"), Charset::Query, MAX_URI_BYTES)
            .names(Charset::Query, MAX_URI_BYTES),
    };
    let headers = Rule::new(&at("headers/*/*/value"), Charset::HeaderValue, MAX_HEADER_BYTES).texts();
    let body = Rule::new(&at("body/data»base64"), Charset::Any, max_body);
    let mut rules = vec![Rule::new(&at("uri»url-path"), Charset::Query, MAX_URI_BYTES)];
    rules.extend([query, headers, body].map(|rule| Rule { control, ..rule }));
    rules
}

/// What CloudFront writes itself. The same guide, "Restrictions on Lambda@Edge", and "Request and response behavior".
fn is_set_header(name: &str, at_origin: bool) -> bool {
    matches!(
        name,
        "host" | "via" | "x-forwarded-for" | "content-length" | "transfer-encoding" | "accept-encoding"
    ) || name.starts_with("cloudfront-")
        || name.starts_with("x-amz-")
        || (at_origin && name == "user-agent")
}

fn place(name: &str) -> Path {
    Path::from(format!("/Records/0/cf/{name}"))
}

fn is_at_origin(event: &Node) -> bool {
    event.leaf_text(&place("config/eventType")).is_some_and(|it| it.starts_with("origin-"))
}

/// The source.
pub(super) struct CloudFront;

impl Sender for CloudFront {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        let rules = if is_at_origin(event) { &RULES.origin } else { &RULES.viewer };
        let has_pairs = match event.get(&place("request/querystring")) {
            Some(Node::Opened(Codec::Form, _)) => true,
            Some(Node::Text(text)) => text
                .chars()
                .any(|it| it == '=' || Charset::Uri.refused(it.encode_utf8(&mut [0; 4])).is_some()),
            _ => false,
        };
        &rules[usize::from(has_pairs)]
    }

    fn sets(&self, event: &Node, path: &Path) -> bool {
        let name = match path.0.get(5) {
            Some(Step::Member { name, .. }) if path.starts_with(&place("request/headers")) => name,
            _ => return false,
        };
        is_set_header(name, is_at_origin(event))
    }

    fn accepts(&self, event: &Node) -> bool {
        let part = |name: &str| event.get(&place(name)).map(Node::to_text).unwrap_or_default();
        let uri = part("request/uri");
        uri.starts_with('/') && uri.len() + part("request/querystring").len() <= MAX_URI_BYTES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["Records", "cf", "request", "body", "data"]]
    }

    fn saying(&self, content: &Value) -> Value {
        let mut event = Request::new("/", "").event(Stage::ViewerRequest);
        let request = &mut event["Records"][0]["cf"]["request"];
        request["method"] = json!("POST");
        request["headers"]["content-type"] = header("Content-Type", "application/json");
        request["body"] = json!({
            "action": "read-only",
            "data": BASE64_STANDARD.encode(as_text(content)),
            "encoding": "base64",
            "inputTruncated": false,
        });
        event
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let raw = Request {
            headers: headers(words),
            ..Request::new(&format!("/{}", words.word(0)), &words.word(1))
        };
        let mut pairs = words.likely_pairs(&[&["Records", "cf", "request", "querystring"]]);
        if pairs.is_empty() {
            pairs.push(("q".to_owned(), words.word(1)));
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let encoded = Request {
            headers: headers(words),
            ..Request::new(&format!("/{}%20{}", words.word(0), words.word(2)), &form)
        };
        vec![
            ("viewer-request", raw.event(Stage::ViewerRequest)),
            ("encoded", encoded.event(Stage::ViewerRequest)),
            ("origin-request", encoded.event(Stage::OriginRequest)),
            ("origin-response", raw.event(Stage::OriginResponse)),
            ("viewer-response", encoded.event(Stage::ViewerResponse)),
        ]
    }

    fn bare(&self, _words: &dyn Vocabulary) -> Value {
        Request::new("/", "").event(Stage::ViewerRequest)
    }
}

/// The headers that the code reads, and an ordinary one.
fn headers(words: &dyn Vocabulary) -> Vec<(String, String)> {
    let mut headers = words.likely_pairs(&[&["Records", "cf", "request", "headers"]]);
    headers.retain(|(name, _)| {
        Charset::HeaderName.refused(name).is_none() && !is_set_header(&name.to_ascii_lowercase(), false)
    });
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("referer")) {
        headers.push(("referer".to_owned(), format!("https://example.com/{}", words.word(3))));
    }
    headers
}

/// What a viewer sends.
pub(super) struct Request {
    uri: String,
    query: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(super) fn new(uri: &str, query: &str) -> Request {
        Request { uri: uri.to_owned(), query: query.to_owned(), headers: Vec::new() }
    }

    /// The event at a stage of its way.
    pub(super) fn event(&self, stage: Stage) -> Value {
        let domain = "d111111abcdef8.cloudfront.net";
        let mut config = json!({
            "distributionDomainName": domain,
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": stage.name(),
        });
        config["requestId"] = json!(format!("{}==", facts::token("cloudfront request", 0, 54)));
        let mut all = Map::new();
        let mut put =
            |name: &str, value: &str| drop(all.insert(name.to_ascii_lowercase(), header(name, value)));
        if stage.is_at_origin() {
            put("X-Forwarded-For", facts::SOURCE_IP);
            put("User-Agent", "Amazon CloudFront");
            put("Via", "2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)");
            put("Host", "example.org");
        } else {
            put("Host", domain);
            put("User-Agent", "curl/8.5.0");
            put("Accept", "*/*");
        }
        for (name, value) in &self.headers {
            put(name, value);
        }
        let mut request = json!({
            "clientIp": facts::SOURCE_IP,
            "headers": all,
            "method": "GET",
            "querystring": self.query,
            "uri": self.uri,
        });
        if stage.is_at_origin() {
            request["origin"] = json!({ "custom": {
                "customHeaders": {},
                "domainName": "example.org",
                "keepaliveTimeout": 5,
                "path": "",
                "port": 443,
                "protocol": "https",
                "readTimeout": 30,
                "sslProtocols": ["TLSv1.2"],
            } });
        }
        let mut cf = json!({ "config": config, "request": request });
        if matches!(stage, Stage::OriginResponse | Stage::ViewerResponse) {
            cf["response"] = json!({
                "headers": {
                    "content-type": header("Content-Type", "text/html; charset=utf-8"),
                    "server": header("Server", "ExampleCustomOriginServer"),
                },
                "status": "200",
                "statusDescription": "OK",
            });
        }
        json!({ "Records": [{ "cf": cf }] })
    }
}

/// A header that occurs once.
fn header(name: &str, value: &str) -> Value {
    json!([{ "key": name, "value": value }])
}
