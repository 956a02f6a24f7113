//! An Application Load Balancer with a Lambda function as its target.
//!
//! Facts from Elastic Load Balancing, "Lambda functions as targets", and a live capture (hotsock/voker
//! `vokerhttp/testdata/alb-request.json`): nothing in path and query is decoded, header names are in lower case, and there
//! are either maps of last values or, with multi-value headers, only maps of lists. What is not there is empty.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Act, HttpRequest, all_of, decode_path, encode_path, last_of, opened, pairs_of, texts, v2};
use crate::{codec::simple::RESERVED, wire::facts};

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
const QUERY_AS_IS: &percent_encoding::AsciiSet = &RESERVED
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

pub(super) fn render(request: &HttpRequest, values: Values) -> Value {
    let headers = match request.act {
        // The same page shows one: not even a host.
        Act::HealthCheck => texts(&request.headers),
        _ => request.lower_headers(&domain(request)),
    };
    let query = raw_pairs(request);
    let (body, is_base64) = body(request);
    let target_group = format!(
        "arn:aws:elasticloadbalancing:{}:{}:targetgroup/handler/6d0ecf831eec9f09",
        facts::REGION,
        facts::ACCOUNT
    );
    let mut event = json!({
        "requestContext": { "elb": { "targetGroupArn": target_group } },
        "httpMethod": request.method,
        "path": encode_path(&request.path),
    });
    match values {
        Values::Last => {
            event["queryStringParameters"] = last_of(query);
            event["headers"] = last_of(headers);
        }
        Values::All => {
            event["multiValueQueryStringParameters"] = all_of(query);
            event["multiValueHeaders"] = all_of(headers);
        }
    }
    event["body"] = body.into();
    event["isBase64Encoded"] = is_base64.into();
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

/// The query, nothing decoded.
pub(super) fn raw_pairs(request: &HttpRequest) -> Vec<(String, String)> {
    let pairs = texts(&request.query).into_iter();
    pairs.map(|(name, value)| (encode_query(&name), encode_query(&value))).collect()
}

pub(super) fn raw_query(request: &HttpRequest) -> String {
    let pairs = raw_pairs(request).into_iter();
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<String>>().join("&")
}

/// A query that nobody decoded.
pub(super) fn decode_pairs(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let decode = |text: &str| decode_path(&text.replace('+', " "));
    pairs.into_iter().map(|(name, value)| (decode(&name), decode(&value))).collect()
}

/// The text of the body, and whether it is base64. The same page: four types are text, unless the content is encoded.
pub(super) fn body(request: &HttpRequest) -> (String, bool) {
    match request.sent_body() {
        None => (String::new(), false),
        Some(body) if is_text(request) => (body.to_text(), false),
        Some(body) => (BASE64_STANDARD.encode(body.to_bytes()), true),
    }
}

pub(super) fn is_text(request: &HttpRequest) -> bool {
    request.header("content-encoding").is_none() && v2::is_text(request)
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
