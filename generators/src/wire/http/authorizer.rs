//! Lambda authorizers that get the request: the event of their API without its body, and what is asked.
//!
//! Amazon API Gateway developer guide, "Input to an API Gateway Lambda authorizer" and "Control access to HTTP APIs with AWS
//! Lambda authorizers". They run before anybody is known, so all of a request is any sender's.

use serde_json::Value;

use super::{Act, HttpRequest, encode_path, v1, v2, websocket};
use crate::wire::{
    doc::{Doc, object},
    facts,
};

/// The maps that a REST API shows as `{}` to an authorizer, and as `null` to a function.
const MAPS: [&str; 4] =
    ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"];

/// Of a REST or WebSocket API.
pub(super) fn doc_rest(request: &HttpRequest) -> Doc<'_> {
    let mut event = match request.act {
        Act::Request | Act::HealthCheck => v1::doc(request),
        Act::Connect | Act::Message | Act::Disconnect => websocket::doc(request),
    };
    let arn = method_arn(&event, request);
    before_anybody_looked(&mut event);
    for name in MAPS {
        // The path of a WebSocket is its stage.
        let there = request.act == Act::Request || name != "pathParameters";
        if there && event.get(name).is_none_or(|it| *it == Doc::Null) {
            event.set(name, object! {});
        }
    }
    asked(event, "methodArn", arn)
}

/// Of an HTTP API, payload format 2.0.
pub(super) fn doc_http(request: &HttpRequest) -> Doc<'_> {
    let mut event = v2::doc(request);
    let arn = method_arn(&event, request);
    before_anybody_looked(&mut event);
    let sources = &request.api.identity_source;
    if !sources.is_empty() {
        let values = sources.iter().map(|name| Doc::from(request.sent_header(name).unwrap_or_default()));
        event.push("identitySource", values.collect::<Vec<_>>());
    }
    asked(event, "routeArn", arn)
}

fn asked<'a>(mut event: Doc<'a>, name: &'static str, arn: String) -> Doc<'a> {
    event.set("type", "REQUEST");
    event.set(name, arn);
    event
}

/// The request has no body yet, and nobody knows anything of its sender.
fn before_anybody_looked(event: &mut Doc<'_>) {
    event.remove("body");
    event.remove("isBase64Encoded");
    if let Some(context) = event.get_mut("requestContext") {
        context.remove("authorizer");
    }
}

/// What is to be done on what.
fn method_arn(event: &Doc<'_>, request: &HttpRequest) -> String {
    let of_context = |name: &str| event.get("requestContext")?.get(name)?.as_str();
    let what = match request.act {
        Act::Request | Act::HealthCheck => {
            format!("{}/{}", request.method, encode_path(&request.path).trim_start_matches('/'))
        }
        Act::Connect | Act::Message | Act::Disconnect => "$connect".to_owned(),
    };
    let (api, stage) = (of_context("apiId").unwrap_or_default(), of_context("stage").unwrap_or_default());
    format!("arn:aws:execute-api:{}:{}:{api}/{stage}/{what}", facts::REGION, facts::ACCOUNT)
}

pub(super) fn parse_rest(event: &Value) -> Option<HttpRequest> {
    let mut request = match event.pointer("/requestContext/connectionId") {
        Some(_) => websocket::parse(event)?,
        None => v1::parse(event)?,
    };
    let variables = request.api.stage_variables.take();
    request.api.stage_variables = variables.filter(|it| it.as_object().is_none_or(|it| !it.is_empty()));
    request.api.authorizer = None;
    Some(request)
}

pub(super) fn parse_http(event: &Value) -> Option<HttpRequest> {
    let mut request = v2::parse(event)?;
    request.api.authorizer = None;
    let values = event.get("identitySource").and_then(Value::as_array);
    for value in values.into_iter().flatten().filter_map(Value::as_str) {
        let known = &request.api.identity_source;
        let mut named =
            request.headers.iter().filter(|(name, it)| it.to_text() == value && !known.contains(name));
        let found = named.next().map(|(name, _)| name.to_ascii_lowercase());
        request.api.identity_source.extend(found);
    }
    Some(request)
}
