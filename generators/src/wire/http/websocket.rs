//! API Gateway WebSocket API: connections, messages, and their end.
//!
//! Amazon API Gateway developer guide, "Working with routes for WebSocket APIs"; members as in events that people have
//! logged and that aws/aws-lambda-rust-runtime keeps (`lambda-events/src/fixtures/example-apigw-websocket-request*.json`).
//! Only a connection has headers and a query, only a message has a body, and the route of a message follows from it.

use serde_json::{Value, json};

use super::{Act, HttpRequest, all_of, last_of, opened, texts, v1, with_forwarded};
use crate::{
    codec::Codec,
    tree::{Node, Path},
    wire::facts,
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

pub(super) fn render(request: &HttpRequest) -> Value {
    let domain = domain(request);
    let mut context = json!({ "routeKey": route_key(request) });
    if let Some(authorizer) = &request.api.authorizer {
        context["authorizer"] = authorizer.to_value().unwrap_or_default();
    }
    let mut identity = json!({ "sourceIp": facts::SOURCE_IP });
    match request.act {
        Act::Message => {
            context["messageId"] = MESSAGE_ID.into();
            context["eventType"] = "MESSAGE".into();
        }
        Act::Disconnect => {
            // RFC 6455, 7.4.1: 1005 stands for a close frame without a status code.
            context["disconnectStatusCode"] = 1005.into();
            context["disconnectReason"] = "Client-side close frame status not set".into();
            context["eventType"] = "DISCONNECT".into();
        }
        _ => {
            context["eventType"] = "CONNECT".into();
            if let Some(agent) = request.header("user-agent") {
                identity["userAgent"] = agent.into();
            }
        }
    }
    let connected_at = if request.act == Act::Message { facts::EPOCH_MS - 9_166 } else { facts::EPOCH_MS };
    let rest = json!({
        "extendedRequestId": REQUEST_ID,
        "requestTime": facts::CLF_TIME,
        "messageDirection": "IN",
        "stage": request.api.stage.as_deref().unwrap_or("prod"),
        "connectedAt": connected_at,
        "requestTimeEpoch": facts::EPOCH_MS,
        "identity": identity,
        "requestId": REQUEST_ID,
        "domainName": domain,
        "connectionId": CONNECTION_ID,
        "apiId": API_ID,
    });
    for (name, value) in rest.as_object().into_iter().flatten() {
        context[name] = value.clone();
    }
    let mut event = json!({});
    if request.act != Act::Message {
        let headers = headers(request, &domain);
        event["headers"] = last_of(headers.clone());
        event["multiValueHeaders"] = all_of(headers);
    }
    if !request.query.is_empty() {
        event["queryStringParameters"] = last_of(texts(&request.query));
        event["multiValueQueryStringParameters"] = all_of(texts(&request.query));
    }
    event["requestContext"] = context;
    if let Some(variables) = &request.api.stage_variables {
        event["stageVariables"] = variables.clone();
    }
    if let Some(body) = request.sent_body().filter(|_| request.act == Act::Message) {
        event["body"] = body.to_text().into();
    }
    event["isBase64Encoded"] = false.into();
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

fn headers(request: &HttpRequest, domain: &str) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    if request.act == Act::Disconnect {
        let mut headers = vec![pair("Host", domain)];
        headers.extend(GONE.map(|name| pair(name, "")));
        return headers;
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in texts(&request.headers) {
        if !is_dropped(&name.to_ascii_lowercase()) {
            headers.push((v1::header_name(&name), value));
        }
    }
    headers.extend(request.cookie_header().map(|cookies| ("cookie".to_owned(), cookies)));
    headers.push(pair("Host", domain));
    headers.extend(HANDSHAKE.map(|(name, value)| pair(name, value)));
    headers.push(pair("X-Amzn-Trace-Id", facts::TRACE));
    headers.push(("X-Forwarded-For".to_owned(), with_forwarded(request)));
    headers.push(pair("X-Forwarded-Port", "443"));
    headers.push(pair("X-Forwarded-Proto", "https"));
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
