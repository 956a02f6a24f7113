//! API Gateway REST API, payload format 1.0.
//!
//! Facts from live captures (hotsock/voker `vokerhttp/testdata`) and LocalStack's records of
//! AWS (`test_apigateway_lambda.snapshot.json`): the path and path parameters stay percent-
//! encoded, the query is decoded, absent maps are `null`, the single-value maps hold the last
//! value, the multi-value maps hold all.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    ADDED, HttpRequest, Pairs, all_of, decode_path, encode_path, last_of, lower, opened, opened_headers,
    sent, with_forwarded,
};
use crate::{
    tree::Node,
    wire::{
        doc::{Doc, object},
        facts,
        media::media_type,
    },
};

const API_ID: &str = "k3vq81zt0m";
const RESOURCE_ID: &str = "t9w4pc";

/// Headers that do not reach the function. LocalStack, `execute_api/header_utils.py`.
pub(super) const DROPPED: [&str; 12] = [
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

#[cfg(test)]
pub(crate) fn render(request: &HttpRequest) -> Value {
    doc(request).into_value()
}

pub(crate) fn doc(request: &HttpRequest) -> Doc<'_> {
    let stage = request.api.stage.as_deref().unwrap_or("prod");
    let domain = domain(request);
    let (resource, parameters) = routed(request);
    let headers = headers(request, &domain);
    let query: Pairs<'_> = sent(&request.query).map(|(name, value)| (Cow::from(name), value)).collect();
    let raw_path = encode_path(&request.path);
    // Leading slashes are one in `path` and stay in `requestContext.path` (LocalStack record).
    let path = format!("/{}", raw_path.trim_start_matches('/'));
    let (body, is_base64) = body(request);
    let mut context = object! {
        "resourceId" => RESOURCE_ID,
        "resourcePath" => resource,
        "httpMethod" => &request.method,
        "extendedRequestId" => "YqT3dHhLIAMEb9w=",
        "requestTime" => facts::CLF_TIME,
        "path" => format!("/{stage}{raw_path}"),
        "accountId" => facts::ACCOUNT,
        "protocol" => "HTTP/1.1",
        "stage" => stage,
        "domainPrefix" => domain.split('.').next().map(str::to_owned),
        "requestTimeEpoch" => facts::EPOCH_MS,
        "requestId" => facts::uuid("rest request", 0),
        "identity" => object! {
            "cognitoIdentityPoolId" => Doc::Null,
            "accountId" => Doc::Null,
            "cognitoIdentityId" => Doc::Null,
            "caller" => Doc::Null,
            "sourceIp" => facts::SOURCE_IP,
            "principalOrgId" => Doc::Null,
            "accessKey" => Doc::Null,
            "cognitoAuthenticationType" => Doc::Null,
            "cognitoAuthenticationProvider" => Doc::Null,
            "userArn" => Doc::Null,
            "userAgent" => request.sent_header("user-agent"),
            "user" => Doc::Null,
        },
        "domainName" => domain,
        "deploymentId" => "m2x7ra",
        "apiId" => API_ID,
    };
    if let Some(authorizer) = &request.api.authorizer {
        context.push("authorizer", authorizer.to_value().unwrap_or_default());
    }
    let mut known = object! {};
    for (name, value) in &parameters {
        known.set(name.clone(), encode_path(value));
    }
    object! {
        "resource" => resource,
        "path" => path,
        "httpMethod" => &request.method,
        "headers" => null_if_empty(last_of(&headers)),
        "multiValueHeaders" => null_if_empty(all_of(&headers)),
        "queryStringParameters" => null_if_empty(last_of(&query)),
        "multiValueQueryStringParameters" => null_if_empty(all_of(&query)),
        "pathParameters" => null_if_empty(known),
        "stageVariables" => request.api.stage_variables.as_ref(),
        "requestContext" => context,
        "body" => body,
        "isBase64Encoded" => is_base64,
    }
}

/// The resource and the path parameters. A path that the route does not take goes to the
/// resource that takes everything; a REST API has no `$default`.
fn routed(request: &HttpRequest) -> (&str, Vec<(String, String)>) {
    const EVERYTHING: &str = "/{proxy+}";
    if let Some(parameters) = request.path_parameters().filter(|_| request.route != "$default") {
        return (&request.route, parameters);
    }
    match request.parameters_on(EVERYTHING) {
        Some(parameters) => (EVERYTHING, parameters),
        None => ("/", Vec::new()),
    }
}

fn domain(request: &HttpRequest) -> String {
    let generated = || format!("{API_ID}.execute-api.{}.amazonaws.com", facts::REGION);
    request.api.domain.clone().unwrap_or_else(generated)
}

fn headers<'a>(request: &'a HttpRequest, domain: &str) -> Pairs<'a> {
    let mut headers: Pairs<'a> = Vec::with_capacity(request.headers.len() + 6);
    for (name, value) in sent(&request.headers) {
        let lower = lower(name);
        let signature = lower == "authorization" && value.starts_with("AWS4-");
        if !DROPPED.contains(&&*lower) && !ADDED.contains(&&*lower) && !signature {
            headers.push((shown_name(name, &lower), value));
        }
    }
    headers.extend(request.cookie_header().map(|cookies| ("cookie".into(), cookies.into())));
    let added = [
        ("Host", domain.to_owned().into()),
        ("X-Amzn-Trace-Id", facts::TRACE.into()),
        ("X-Forwarded-For", with_forwarded(request).into()),
        ("X-Forwarded-Port", "443".into()),
        ("X-Forwarded-Proto", "https".into()),
    ];
    headers.extend(added.map(|(name, value)| (Cow::from(name), value)));
    headers
}

/// Names keep the sender's case, but for those that AWS itself reads, which get title case: a
/// live capture shows `User-Agent` and `X-Forwarded-For` beside `accept` and `x-voker-probe`.
pub(super) fn header_name(name: &str) -> Cow<'_, str> {
    shown_name(name, &lower(name))
}

fn shown_name<'a>(name: &'a str, lower: &str) -> Cow<'a, str> {
    let own = ["x-amzn-", "x-forwarded-"].iter().any(|prefix| lower.starts_with(prefix));
    if !own && !matches!(lower, "authorization" | "user-agent") {
        return Cow::Borrowed(name);
    }
    let title = |part: &str| -> String {
        let mut chars = part.chars();
        let first = chars.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(chars).collect()
    };
    Cow::Owned(lower.split('-').map(title).collect::<Vec<String>>().join("-"))
}

fn body(request: &HttpRequest) -> (Doc<'_>, bool) {
    match request.sent_body() {
        None => (Doc::Null, false),
        Some(body) if is_binary(request) => (BASE64_STANDARD.encode(body.sent_bytes()).into(), true),
        Some(body) => (body.sent().into(), false),
    }
}

/// Verified on AWS in ministackorg/ministack PR 767: exact, `type/*` and `*/*`.
pub(super) fn is_binary(request: &HttpRequest) -> bool {
    if request.api.binary_media_types.is_empty() {
        return false;
    }
    let media = request.sent_header("content-type").as_deref().map(media_type).unwrap_or_default();
    request
        .api
        .binary_media_types
        .iter()
        .any(|it| it == "*/*" || *it == media || it.strip_suffix('*').is_some_and(|it| media.starts_with(it)))
}

fn null_if_empty(map: Doc<'_>) -> Doc<'_> {
    if map.len() == 0 { Doc::Null } else { map }
}

pub(crate) fn parse(event: &Value) -> Option<HttpRequest> {
    event.as_object()?;
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let mut request = HttpRequest::get(&decode_path(text("path").unwrap_or("/")));
    request.method = text("httpMethod").unwrap_or("GET").to_owned();
    if let Some(resource) = text("resource") {
        request.route = resource.to_owned();
    }
    request.query = opened(pairs(event, "multiValueQueryStringParameters", "queryStringParameters"));
    let mut headers = Vec::new();
    for (name, value) in pairs(event, "multiValueHeaders", "headers") {
        let lower = name.to_ascii_lowercase();
        if lower == "cookie" {
            request.cookies = HttpRequest::split_cookies(&value);
        } else if lower == "x-forwarded-for" {
            headers.extend(value.rsplit_once(", ").map(|(it, _)| (name, it.to_owned())));
        } else if !DROPPED.contains(&&*lower) && !ADDED.contains(&&*lower) {
            headers.push((name, value));
        }
    }
    request.headers = opened_headers(headers);
    let of_context = |name: &str| event.get("requestContext").and_then(|it| it.get(name));
    let stage = of_context("stage").and_then(Value::as_str);
    // Only the path of the context tells how many slashes it begins with.
    let whole = of_context("path").and_then(Value::as_str).unwrap_or_default();
    let whole = whole.strip_prefix('/').and_then(|it| it.strip_prefix(stage?)).unwrap_or_default();
    let same = |path: &str| path.trim_start_matches('/') == whole.trim_start_matches('/');
    if whole.starts_with("//") && text("path").is_some_and(same) {
        request.path = decode_path(whole);
    }
    request.api.stage = stage.filter(|&it| it != "prod").map(str::to_owned);
    let generated = domain(&request);
    let host = of_context("domainName").and_then(Value::as_str).filter(|&it| it != generated);
    request.api.domain = host.map(str::to_owned);
    request.api.authorizer =
        of_context("authorizer").filter(|it| !it.is_null()).map(|it| Node::from(it.clone()));
    request.api.stage_variables = event.get("stageVariables").filter(|it| !it.is_null()).cloned();
    if let Some(body) = text("body") {
        let content_type = request.header("content-type");
        let is_base64 = event.get("isBase64Encoded") == Some(&Value::Bool(true));
        let decoded = BASE64_STANDARD.decode(body).ok().filter(|_| is_base64);
        if decoded.is_some() {
            let media = content_type.as_deref().map(media_type);
            request.api.binary_media_types.push(media.unwrap_or_else(|| "*/*".to_owned()));
        }
        let bytes = decoded.unwrap_or_else(|| body.as_bytes().to_vec());
        request.body = (!bytes.is_empty()).then(|| Node::guess(bytes, content_type.as_deref()));
    }
    Some(request)
}

pub(super) fn pairs(event: &Value, multi: &str, single: &str) -> Vec<(String, String)> {
    if let Some(map) = event.get(multi).and_then(Value::as_object) {
        let of = |(name, values): (&String, &Value)| -> Vec<(String, String)> {
            let values = values.as_array().into_iter().flatten().filter_map(Value::as_str);
            values.map(|value| (name.clone(), value.to_owned())).collect()
        };
        return map.iter().flat_map(of).collect();
    }
    let map = event.get(single).and_then(Value::as_object);
    let pairs = map.into_iter().flatten().filter_map(|(name, it)| Some((name, it.as_str()?)));
    pairs.map(|(name, value)| (name.clone(), value.to_owned())).collect()
}
