//! An Application Load Balancer with a Lambda function as its target.
//!
//! Facts from Elastic Load Balancing, "Lambda functions as targets", and a live capture (hotsock/voker
//! `vokerhttp/testdata/alb-request.json`): nothing in path and query is decoded, header names are in lower case, and there
//! are either maps of last values or, with multi-value headers, only maps of lists. What is not there is empty.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    Act, HttpRequest, Pairs, all_of, decode_path, encode_path, last_of, opened, pairs_of, sent, shown, texts,
    v2,
};
use crate::{
    codec::simple::RESERVED,
    tree::Node,
    wire::{
        doc::{Doc, object},
        facts,
    },
};

/// What a load balancer takes of a name that occurs more than once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// The last: multi-value headers are disabled.
    Last,
    /// All: multi-value headers are enabled.
    All,
}

/// RFC 3986: what a query can hold as it is. `&`, `=` and `+` mean something to those who take a query apart; of `;` it is
/// not known whether a load balancer splits there, as API Gateway does.
pub(super) const QUERY_AS_IS: &percent_encoding::AsciiSet = &RESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b':')
    .remove(b'@')
    .remove(b'/')
    .remove(b'?');

pub(super) fn doc(request: &HttpRequest, values: Values) -> Doc<'_> {
    let body = body(request);
    let headers = match request.act {
        // The same page shows one: not even a host.
        Act::HealthCheck => sent(&request.headers).map(|(name, value)| (name.into(), value)).collect(),
        _ => request.lower_headers(domain(request), body.length),
    };
    let query = raw_pairs(request);
    let target_group = format!(
        "arn:aws:elasticloadbalancing:{}:{}:targetgroup/handler/6d0ecf831eec9f09",
        facts::REGION,
        facts::ACCOUNT
    );
    let mut event = object! {
        "requestContext" => object! { "elb" => object! { "targetGroupArn" => target_group } },
        "httpMethod" => &request.method,
        "path" => encode_path(&request.path),
    };
    match values {
        Values::Last => {
            event.push("queryStringParameters", last_of(&query));
            event.push("headers", last_of(&headers));
        }
        Values::All => {
            event.push("multiValueQueryStringParameters", all_of(&query));
            event.push("multiValueHeaders", all_of(&headers));
        }
    }
    event.push("body", body.text);
    event.push("isBase64Encoded", body.is_base64);
    event
}

fn domain(request: &HttpRequest) -> String {
    let generated = || format!("handler-1316758055.{}.elb.amazonaws.com", facts::REGION);
    request.api.domain.clone().unwrap_or_else(generated)
}

/// A query name or value as a client writes it that wants as much as possible to arrive.
pub(super) fn encode_query(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, QUERY_AS_IS).to_string()
}

/// What a client wrote as it is: nobody on the way looks whether a `%` begins an encoded byte.
const QUERY_AS_WRITTEN: &percent_encoding::AsciiSet = &QUERY_AS_IS.remove(b'%');

/// The query, nothing decoded. A raw value is what the client wrote.
pub(super) fn raw_pairs(request: &HttpRequest) -> Pairs<'_> {
    let value = |node: &Node| match node {
        Node::Raw(text) => percent_encoding::utf8_percent_encode(text, QUERY_AS_WRITTEN).to_string(),
        other => encode_query(&other.sent()),
    };
    request.query.iter().map(|(name, node)| (encode_query(name).into(), value(node).into())).collect()
}

/// A query that nobody decoded.
pub(super) fn decode_pairs(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let decode = |text: &str| decode_path(&text.replace('+', " "));
    pairs.into_iter().map(|(name, value)| (decode(&name), decode(&value))).collect()
}

/// A body as it is in an event.
pub(super) struct Body<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) is_base64: bool,
    /// Of what was sent, if anything was.
    pub(super) length: Option<usize>,
}

/// The same page: four types are text, unless the content is encoded.
pub(super) fn body(request: &HttpRequest) -> Body<'_> {
    let Some(body) = request.sent_body() else {
        return Body { text: "".into(), is_base64: false, length: None };
    };
    let bytes = body.sent_bytes();
    let (length, is_base64) = (Some(bytes.len()), !is_text(request));
    let text = if is_base64 { BASE64_STANDARD.encode(bytes).into() } else { shown(bytes) };
    Body { text, is_base64, length }
}

pub(super) fn is_text(request: &HttpRequest) -> bool {
    request.sent_header("content-encoding").is_none() && v2::is_text(request)
}

pub(super) fn parse(event: &Value) -> Option<HttpRequest> {
    event.as_object()?;
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let either = |multi: &str, single: &str| match event.get(multi) {
        Some(map @ Value::Object(_)) => pairs_of(Some(map)),
        _ => pairs_of(event.get(single)),
    };
    let mut request = HttpRequest::get(&decode_path(text("path").unwrap_or("/")));
    request.route = "$default".to_owned();
    request.method = text("httpMethod").unwrap_or("GET").to_owned();
    request.query = opened(decode_pairs(either("multiValueQueryStringParameters", "queryStringParameters")));
    let headers = either("multiValueHeaders", "headers");
    let health_check = HttpRequest::health_check(&request.path);
    if headers == texts(&health_check.headers) {
        return Some(health_check);
    }
    let host = headers.iter().find(|(name, _)| name == "host").map(|(_, value)| value.clone());
    request.api.domain = host.filter(|it| *it != domain(&request));
    request.take_headers(headers);
    request.take_body(event.get("body"), event.get("isBase64Encoded") == Some(&Value::Bool(true)));
    Some(request)
}
