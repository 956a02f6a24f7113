//! API Gateway HTTP API, payload format 2.0.
//!
//! Facts from live captures (hotsock/voker `vokerhttp/testdata`): `rawPath` and path parameters
//! are decoded, header names lower case, repeats joined by `,`, cookies in a list of their own,
//! and what is not there has no key (ministackorg/ministack `services/apigateway.py`).

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{ADDED, HttpRequest, Pairs, opened, opened_headers, sent, shown};
use crate::{
    tree::Node,
    wire::{
        doc::{Doc, object},
        facts,
        media::media_type,
    },
};

const API_ID: &str = "p7d2nx94cb";

/// Verified on AWS in ministackorg/ministack PR 766: these are text, besides `text/*`;
/// everything else, a form and a body without type included, is base64.
const TEXT: [&str; 3] = ["application/json", "application/xml", "application/javascript"];

/// What is asked of an API: the parts of its configuration and of the path that show in an event.
pub(super) struct Asked<'a> {
    pub(super) stage: Option<&'a str>,
    pub(super) domain: Cow<'a, str>,
    pub(super) route: &'a str,
    pub(super) authorizer: Option<&'a Node>,
    pub(super) stage_variables: Option<&'a Value>,
}

impl<'a> Asked<'a> {
    /// As an HTTP API is asked.
    pub(super) fn of(request: &'a HttpRequest) -> Asked<'a> {
        let api = &request.api;
        Asked {
            stage: api.stage.as_deref(),
            domain: domain(request),
            route: &request.route,
            authorizer: api.authorizer.as_ref(),
            stage_variables: api.stage_variables.as_ref(),
        }
    }
}

#[cfg(test)]
pub(crate) fn render(request: &HttpRequest) -> Value {
    doc(request).into_value()
}

pub(crate) fn doc(request: &HttpRequest) -> Doc<'_> {
    doc_as(request, Asked::of(request))
}

pub(super) fn doc_as<'a>(request: &'a HttpRequest, asked: Asked<'a>) -> Doc<'a> {
    let stage = asked.stage.unwrap_or("$default");
    let domain = asked.domain;
    let parameters = request.parameters_on(asked.route);
    // A path that the route does not take goes to the route that takes everything.
    let route_key: Cow<'a, str> = match (asked.route, &parameters) {
        ("$default", _) | (_, None) => "$default".into(),
        (route, Some(_)) if route.contains("+}") => format!("ANY {route}").into(),
        (route, Some(_)) => format!("{} {route}", request.method).into(),
    };
    let path = request.path.as_str();
    let raw_path: Cow<'a, str> =
        if stage == "$default" { path.into() } else { format!("/{stage}{path}").into() };
    let mut event = object! {
        "version" => "2.0",
        "routeKey" => route_key.clone(),
        "rawPath" => raw_path.clone(),
        "rawQueryString" => request.raw_query(),
    };
    let cookies = request.cookie_pairs();
    if !cookies.is_empty() {
        event.push("cookies", cookies.into_iter().map(Doc::from).collect::<Vec<_>>());
    }
    let body = request.sent_body().map(Node::sent_bytes);
    let mut headers = request.own_lower_headers();
    headers.extend(request.added_headers(domain.clone().into_owned(), body.as_ref().map(|it| it.len())));
    event.push("headers", joined(headers));
    if !request.query.is_empty() {
        let query = sent(&request.query).map(|(name, value)| (Cow::from(name), value));
        event.push("queryStringParameters", joined(query.collect()));
    }
    let mut context = object! { "accountId" => facts::ACCOUNT, "apiId" => API_ID };
    if let Some(authorizer) = asked.authorizer {
        context.push("authorizer", authorizer.to_value().unwrap_or_default());
    }
    let prefix = domain.split('.').next().map(str::to_owned);
    context.push("domainName", domain);
    context.push("domainPrefix", prefix);
    context.push(
        "http",
        object! {
            "method" => &request.method,
            "path" => raw_path,
            "protocol" => "HTTP/1.1",
            "sourceIp" => facts::SOURCE_IP,
            "userAgent" => request.sent_header("user-agent").unwrap_or_default(),
        },
    );
    context.push("requestId", "Zb3VxgFAoAMEPLw=");
    context.push("routeKey", route_key);
    context.push("stage", stage);
    context.push("time", facts::CLF_TIME);
    context.push("timeEpoch", facts::EPOCH_MS);
    event.push("requestContext", context);
    let mut known = object! {};
    for (name, value) in parameters.into_iter().flatten() {
        known.set(name, value);
    }
    if known.len() > 0 {
        event.push("pathParameters", known);
    }
    if let Some(variables) = asked.stage_variables {
        event.push("stageVariables", variables);
    }
    let is_base64 = body.is_some() && !is_text(request);
    if let Some(body) = body {
        event.push("body", if is_base64 { BASE64_STANDARD.encode(body).into() } else { shown(body) });
    }
    event.push("isBase64Encoded", is_base64);
    event
}

fn domain(request: &HttpRequest) -> Cow<'_, str> {
    match &request.api.domain {
        Some(domain) => domain.into(),
        None => format!("{API_ID}.execute-api.{}.amazonaws.com", facts::REGION).into(),
    }
}

pub(super) fn is_text(request: &HttpRequest) -> bool {
    let media = request.sent_header("content-type").as_deref().map(media_type).unwrap_or_default();
    media.starts_with("text/") || TEXT.contains(&&*media)
}

/// The values of one name, joined.
fn joined(pairs: Pairs<'_>) -> Doc<'_> {
    let mut map = Doc::Object(Vec::with_capacity(pairs.len()));
    for (name, value) in pairs {
        match map.get_mut(&name) {
            Some(Doc::Text(all)) => {
                let all = all.to_mut();
                all.push(',');
                all.push_str(&value);
            }
            _ => map.push(name, value),
        }
    }
    map
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
