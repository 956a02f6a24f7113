//! API Gateway WebSocket API: connections, messages, and their end.
//!
//! Amazon API Gateway developer guide, "Working with routes for WebSocket APIs"; members as in events that people have
//! logged and that aws/aws-lambda-rust-runtime keeps (`lambda-events/src/fixtures/example-apigw-websocket-request*.json`).
//! Only a connection has headers and a query, only a message has a body, and the route of a message follows from it.

use std::borrow::Cow;

use serde_json::Value;

use super::{Act, HttpRequest, Pairs, all_of, last_of, lower, opened, sent, v1, with_forwarded};
use crate::{
    codec::Codec,
    tree::{Node, Path},
    wire::{
        doc::{Doc, object},
        facts,
    },
};

const API_ID: &str = "w8rk40ydz5";
/// Ids of connections, messages and requests have this form.
const CONNECTION_ID: &str = "Kf2dGeEfywMCEng=";
const MESSAGE_ID: &str = "Kf2eHd9lywMCEng=";
const REQUEST_ID: &str = "Kf2eHGnuywMFdFA=";

/// RFC 6455: what opens a WebSocket. A client's library makes them.
pub(super) const HANDSHAKE: [(&str, &str); 3] = [
    ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
];

/// Headers of the end of a connection: nobody sent a request.
const GONE: [&str; 3] = ["x-api-key", "X-Forwarded-For", "x-restapi"];

/// The member of a message that names its route, if nothing else is configured: `$request.body.action`, which the guide uses.
const SELECTION: &str = "action";

#[cfg(test)]
pub(super) fn render(request: &HttpRequest) -> Value {
    doc(request).into_value()
}

pub(super) fn doc(request: &HttpRequest) -> Doc<'_> {
    let domain = domain(request);
    let mut context = object! { "routeKey" => route_key(request) };
    if let Some(authorizer) = &request.api.authorizer {
        context.push("authorizer", authorizer.to_value().unwrap_or_default());
    }
    let mut identity = object! { "sourceIp" => facts::SOURCE_IP };
    match request.act {
        Act::Message => {
            context.push("messageId", MESSAGE_ID);
            context.push("eventType", "MESSAGE");
        }
        Act::Disconnect => {
            // RFC 6455, 7.4.1: 1005 stands for a close frame without a status code.
            context.push("disconnectStatusCode", 1005_u64);
            context.push("disconnectReason", "Client-side close frame status not set");
            context.push("eventType", "DISCONNECT");
        }
        _ => {
            context.push("eventType", "CONNECT");
            if let Some(agent) = request.sent_header("user-agent") {
                identity.push("userAgent", agent);
            }
        }
    }
    let connected_at = if request.act == Act::Message { facts::EPOCH_MS - 9_166 } else { facts::EPOCH_MS };
    context.push("extendedRequestId", REQUEST_ID);
    context.push("requestTime", facts::CLF_TIME);
    context.push("messageDirection", "IN");
    context.push("stage", request.api.stage.as_deref().unwrap_or("prod"));
    context.push("connectedAt", connected_at);
    context.push("requestTimeEpoch", facts::EPOCH_MS);
    context.push("identity", identity);
    context.push("requestId", REQUEST_ID);
    context.push("domainName", domain.clone());
    context.push("connectionId", CONNECTION_ID);
    context.push("apiId", API_ID);
    let mut event = object! {};
    if request.act != Act::Message {
        let headers = headers(request, domain);
        event.push("headers", last_of(&headers));
        event.push("multiValueHeaders", all_of(&headers));
    }
    if !request.query.is_empty() {
        let query = sent(&request.query).map(|(name, value)| (name.into(), value)).collect();
        event.push("queryStringParameters", last_of(&query));
        event.push("multiValueQueryStringParameters", all_of(&query));
    }
    event.push("requestContext", context);
    if let Some(variables) = &request.api.stage_variables {
        event.push("stageVariables", variables);
    }
    if let Some(body) = request.sent_body().filter(|_| request.act == Act::Message) {
        event.push("body", body.sent());
    }
    event.push("isBase64Encoded", false);
    event
}

/// The same guide: a message whose `action` names no route, or that is no JSON, goes to `$default`.
fn route_key(request: &HttpRequest) -> &str {
    match request.act {
        Act::Message if names_route(request) => &request.route,
        Act::Message => "$default",
        Act::Disconnect => "$disconnect",
        _ => "$connect",
    }
}

fn names_route(request: &HttpRequest) -> bool {
    let message = request.body.as_ref().and_then(as_json);
    message.is_some_and(|it| it.get(selection(request)).and_then(Value::as_str) == Some(&*request.route))
}

fn as_json(body: &Node) -> Option<Value> {
    match body {
        Node::Opened(Codec::Json, content) => content.to_value(),
        other => serde_json::from_slice(&other.to_bytes()).ok(),
    }
}

/// The member of a message that holds `key`: the API is configured to look there.
fn naming(body: Option<&Node>, key: &str) -> Option<String> {
    let message = body.and_then(as_json)?;
    let mut members = message.as_object()?.iter();
    members.find(|(_, value)| value.as_str() == Some(key)).map(|(name, _)| name.clone())
}

fn selection(request: &HttpRequest) -> &str {
    request.api.selection.as_deref().unwrap_or(SELECTION)
}

/// Where the name of the route is in the body of a message.
pub(super) fn route_place(request: &HttpRequest) -> Path {
    Path::root().open(Codec::Json).member(selection(request))
}

fn domain(request: &HttpRequest) -> String {
    let generated = || format!("{API_ID}.execute-api.{}.amazonaws.com", facts::REGION);
    request.api.domain.clone().unwrap_or_else(generated)
}

fn headers(request: &HttpRequest, domain: String) -> Pairs<'_> {
    if request.act == Act::Disconnect {
        let gone = GONE.map(|name| (Cow::from(name), Cow::from("")));
        return std::iter::once(("Host".into(), domain.into())).chain(gone).collect();
    }
    let mut headers: Pairs<'_> = Vec::new();
    for (name, value) in sent(&request.headers) {
        if !is_dropped(&lower(name)) {
            headers.push((v1::header_name(name), value));
        }
    }
    headers.extend(request.cookie_header().map(|cookies| ("cookie".into(), cookies.into())));
    headers.push(("Host".into(), domain.into()));
    headers.extend(HANDSHAKE.map(|(name, value)| (name.into(), value.into())));
    headers.push(("X-Amzn-Trace-Id".into(), facts::TRACE.into()));
    headers.push(("X-Forwarded-For".into(), with_forwarded(request).into()));
    headers.push(("X-Forwarded-Port".into(), "443".into()));
    headers.push(("X-Forwarded-Proto".into(), "https".into()));
    headers
}

/// Whether a header that a client sends does not show.
pub(super) fn is_dropped(lower: &str) -> bool {
    v1::DROPPED.contains(&lower)
        || super::ADDED.contains(&lower)
        || HANDSHAKE.iter().any(|(name, _)| name.eq_ignore_ascii_case(lower))
}

pub(super) fn parse(event: &Value) -> Option<HttpRequest> {
    let context = event.get("requestContext")?;
    let of_context = |name: &str| context.get(name).and_then(Value::as_str);
    let mut request = HttpRequest::get("/");
    request.route = "$default".to_owned();
    request.act = match of_context("eventType") {
        Some("CONNECT") => Act::Connect,
        Some("DISCONNECT") => Act::Disconnect,
        Some(_) => Act::Message,
        None if event.get("body").is_some() => Act::Message,
        None => Act::Connect,
    };
    if request.act == Act::Connect {
        request.query = opened(v1::pairs(event, "multiValueQueryStringParameters", "queryStringParameters"));
        request.take_headers(v1::pairs(event, "multiValueHeaders", "headers"));
        let dropped = |name: &str| {
            let lower = name.to_ascii_lowercase();
            is_dropped(&lower) && lower != "x-forwarded-for"
        };
        request.headers.retain(|(name, _)| !dropped(name));
    }
    if request.act == Act::Message {
        request.take_body(event.get("body"), false);
        request.body.get_or_insert_with(|| Node::text(""));
        let key = of_context("routeKey").unwrap_or("$default");
        key.clone_into(&mut request.route);
        if key != "$default" && !names_route(&request) {
            request.api.selection = naming(request.body.as_ref(), key);
        }
    }
    request.api.stage = of_context("stage").filter(|&it| it != "prod").map(str::to_owned);
    let generated = domain(&request);
    request.api.domain = of_context("domainName").filter(|&it| it != generated).map(str::to_owned);
    let authorizer = context.get("authorizer").filter(|it| !it.is_null());
    request.api.authorizer = authorizer.map(|it| Node::from(it.clone()));
    request.api.stage_variables = event.get("stageVariables").filter(|it| !it.is_null()).cloned();
    Some(request)
}
