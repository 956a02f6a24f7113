//! Lambda authorizers that get the request: the event of their API without its body, and what is asked.
//!
//! Amazon API Gateway developer guide, "Input to an API Gateway Lambda authorizer" and "Control access to HTTP APIs with AWS
//! Lambda authorizers". They run before anybody is known, so all of a request is any sender's.

use serde_json::{Map, Value, json};

use super::{Act, HttpRequest, encode_path, v1, v2, websocket};
use crate::wire::facts;

/// The maps that a REST API shows as `{}` to an authorizer, and as `null` to a function.
const MAPS: [&str; 4] =
    ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"];

/// Of a REST or WebSocket API.
pub(super) fn render_rest(request: &HttpRequest) -> Value {
    let anybody = anybody(request);
    let mut event = match request.act {
        Act::Request | Act::HealthCheck => v1::render(&anybody),
        Act::Connect | Act::Message | Act::Disconnect => websocket::render(&anybody),
    };
    let context = &event["requestContext"];
    let arn = method_arn(context["apiId"].as_str(), context["stage"].as_str(), request);
    let members = event.as_object_mut().expect("an event is an object");
    members.shift_remove("body");
    members.shift_remove("isBase64Encoded");
    for name in MAPS {
        // The path of a WebSocket is its stage.
        let there = request.act == Act::Request || name != "pathParameters";
        if there && members.get(name).is_none_or(Value::is_null) {
            members.insert(name.to_owned(), Value::Object(Map::new()));
        }
    }
    asked(event, "methodArn", &arn)
}

/// Of an HTTP API, payload format 2.0.
pub(super) fn render_http(request: &HttpRequest) -> Value {
    let mut event = v2::render(&anybody(request));
    let context = &event["requestContext"];
    let arn = method_arn(context["apiId"].as_str(), context["stage"].as_str(), request);
    let members = event.as_object_mut().expect("an event is an object");
    members.shift_remove("body");
    members.shift_remove("isBase64Encoded");
    let sources = &request.api.identity_source;
    if !sources.is_empty() {
        let values = sources.iter().map(|name| Value::from(request.header(name).unwrap_or_default()));
        members.insert("identitySource".to_owned(), values.collect());
    }
    asked(event, "routeArn", &arn)
}

fn asked(mut event: Value, name: &str, arn: &str) -> Value {
    event["type"] = json!("REQUEST");
    event[name] = json!(arn);
    event
}

/// The same request before anybody has looked at it.
fn anybody(request: &HttpRequest) -> HttpRequest {
    let mut request = HttpRequest { body: None, ..request.clone() };
    request.api.authorizer = None;
    request
}

/// What is to be done on what.
fn method_arn(api: Option<&str>, stage: Option<&str>, request: &HttpRequest) -> String {
    let what = match request.act {
        Act::Request | Act::HealthCheck => {
            format!("{}/{}", request.method, encode_path(&request.path).trim_start_matches('/'))
        }
        Act::Connect | Act::Message | Act::Disconnect => "$connect".to_owned(),
    };
    let (api, stage) = (api.unwrap_or_default(), stage.unwrap_or_default());
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
