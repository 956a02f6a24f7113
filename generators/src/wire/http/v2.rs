//! API Gateway HTTP API, payload format 2.0.
//!
//! Facts from live captures (hotsock/voker `vokerhttp/testdata`): `rawPath` and path parameters
//! are decoded, header names lower case, repeats joined by `,`, cookies in a list of their own,
//! and what is not there has no key (ministackorg/ministack `services/apigateway.py`).

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{ADDED, HttpRequest, opened, opened_headers, texts, with_forwarded};
use crate::{
    tree::Node,
    wire::{facts, media::media_type},
};

const API_ID: &str = "p7d2nx94cb";

/// Verified on AWS in ministackorg/ministack PR 766: these are text, besides `text/*`;
/// everything else, a form and a body without type included, is base64.
const TEXT: [&str; 3] = ["application/json", "application/xml", "application/javascript"];

pub(crate) fn render(request: &HttpRequest) -> Value {
    let stage = request.api.stage.as_deref().unwrap_or("$default");
    let domain = domain(request);
    let parameters = request.path_parameters();
    // A path that the route does not take goes to the route that takes everything.
    let route_key = match (&*request.route, &parameters) {
        ("$default", _) | (_, None) => "$default".to_owned(),
        (route, Some(_)) if route.contains("+}") => format!("ANY {route}"),
        (route, Some(_)) => format!("{} {route}", request.method),
    };
    let path = &request.path;
    let raw_path = if stage == "$default" { path.clone() } else { format!("/{stage}{path}") };
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": raw_path,
        "rawQueryString": request.raw_query(),
    });
    let cookies = request.cookie_pairs();
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    event["headers"] = joined(&headers(request, &domain));
    if !request.query.is_empty() {
        event["queryStringParameters"] = joined(&texts(&request.query));
    }
    let mut context = json!({ "accountId": facts::ACCOUNT, "apiId": API_ID });
    if let Some(authorizer) = &request.api.authorizer {
        context["authorizer"] = authorizer.to_value().unwrap_or_default();
    }
    context["domainName"] = domain.as_str().into();
    context["domainPrefix"] = domain.split('.').next().into();
    context["http"] = json!({
        "method": request.method,
        "path": raw_path,
        "protocol": "HTTP/1.1",
        "sourceIp": facts::SOURCE_IP,
        "userAgent": request.header("user-agent").unwrap_or_default(),
    });
    context["requestId"] = "Zb3VxgFAoAMEPLw=".into();
    context["routeKey"] = route_key.into();
    context["stage"] = stage.into();
    context["time"] = facts::CLF_TIME.into();
    context["timeEpoch"] = facts::EPOCH_MS.into();
    event["requestContext"] = context;
    let parameters: Map<String, Value> =
        parameters.into_iter().flatten().map(|(n, v)| (n, Value::from(v))).collect();
    if !parameters.is_empty() {
        event["pathParameters"] = Value::Object(parameters);
    }
    if let Some(variables) = &request.api.stage_variables {
        event["stageVariables"] = variables.clone();
    }
    let is_base64 = request.sent_body().is_some() && !is_text(request);
    if let Some(body) = request.sent_body() {
        event["body"] = match is_base64 {
            true => BASE64_STANDARD.encode(body.to_bytes()).into(),
            false => body.to_text().into(),
        };
    }
    event["isBase64Encoded"] = is_base64.into();
    event
}

fn domain(request: &HttpRequest) -> String {
    let generated = || format!("{API_ID}.execute-api.{}.amazonaws.com", facts::REGION);
    request.api.domain.clone().unwrap_or_else(generated)
}

fn headers(request: &HttpRequest, domain: &str) -> Vec<(String, String)> {
    let own = texts(&request.headers).into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let own = own.filter(|(name, _)| !ADDED.contains(&&**name) && name != "content-length");
    let mut headers: Vec<(String, String)> = own.collect();
    if let Some(body) = request.sent_body() {
        headers.push(("content-length".to_owned(), body.to_bytes().len().to_string()));
    }
    let added = [
        ("host", domain.to_owned()),
        ("x-amzn-trace-id", facts::TRACE.to_owned()),
        ("x-forwarded-for", with_forwarded(request)),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
    ];
    headers.extend(added.map(|(name, value)| (name.to_owned(), value)));
    headers
}

pub(super) fn is_text(request: &HttpRequest) -> bool {
    let media = request.header("content-type").as_deref().map(media_type).unwrap_or_default();
    media.starts_with("text/") || TEXT.contains(&&*media)
}

fn joined(pairs: &[(String, String)]) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        if let Some(Value::String(all)) = map.get_mut(name) {
            all.push(',');
            all.push_str(value);
        } else {
            map.insert(name.clone(), Value::from(value.as_str()));
        }
    }
    Value::Object(map)
}

pub(crate) fn parse(event: &Value) -> Option<HttpRequest> {
    event.as_object()?;
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let of_context = |name: &str| event.get("requestContext").and_then(|it| it.get(name));
    let http = |name: &str| of_context("http").and_then(|it| it.get(name)).and_then(Value::as_str);
    let stage = of_context("stage").and_then(Value::as_str).filter(|&it| it != "$default");
    let path = text("rawPath").or(http("path")).unwrap_or("/");
    let prefix = stage.map(|it| format!("/{it}"));
    let mut request = HttpRequest::get(prefix.and_then(|it| path.strip_prefix(&*it)).unwrap_or(path));
    request.api.stage = stage.map(str::to_owned);
    request.method = http("method").unwrap_or("GET").to_owned();
    let route = text("routeKey").or(of_context("routeKey").and_then(Value::as_str));
    let route = route.unwrap_or("$default");
    request.route = route.split_once(' ').map_or(route, |(_, route)| route).to_owned();
    let object = |name: &str| event.get(name).and_then(Value::as_object).into_iter().flatten();
    let query = match text("rawQueryString").filter(|raw| !raw.is_empty()) {
        Some(raw) => form_urlencoded::parse(raw.as_bytes()).into_owned().collect(),
        None => object("queryStringParameters")
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    };
    request.query = opened(query);
    let mut headers = Vec::new();
    for (name, value) in object("headers").filter_map(|(n, v)| Some((n, v.as_str()?))) {
        let lower = name.to_ascii_lowercase();
        if lower == "cookie" {
            request.cookies = HttpRequest::split_cookies(value);
        } else if lower == "x-forwarded-for" {
            headers.extend(value.rsplit_once(", ").map(|(it, _)| (lower, it.to_owned())));
        } else if !ADDED.contains(&&*lower) && lower != "content-length" {
            headers.push((lower, value.to_owned()));
        }
    }
    request.headers = opened_headers(headers);
    if let Some(cookies) = event.get("cookies").and_then(Value::as_array) {
        let cookies = cookies.iter().filter_map(Value::as_str);
        request.cookies = cookies.flat_map(HttpRequest::split_cookies).collect();
    }
    let generated = domain(&request);
    let host = of_context("domainName").and_then(Value::as_str).filter(|&it| it != generated);
    request.api.domain = host.map(str::to_owned);
    request.api.authorizer =
        of_context("authorizer").filter(|it| !it.is_null()).map(|it| Node::from(it.clone()));
    request.api.stage_variables = event.get("stageVariables").filter(|it| !it.is_null()).cloned();
    if let Some(body) = text("body") {
        let is_base64 = event.get("isBase64Encoded") == Some(&Value::Bool(true));
        let decoded = BASE64_STANDARD.decode(body).ok().filter(|_| is_base64);
        let bytes = decoded.unwrap_or_else(|| body.as_bytes().to_vec());
        let content_type = request.header("content-type");
        request.body = (!bytes.is_empty()).then(|| Node::guess(bytes, content_type.as_deref()));
    }
    Some(request)
}
