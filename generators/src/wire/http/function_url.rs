//! A function URL: payload format 2.0 with differences of its own.
//!
//! Facts from a live capture (hotsock/voker `vokerhttp/testdata/functionurl-request.json`): `rawPath` stays encoded while
//! the path of the context is decoded, cookies are in the headers as well, nobody routes, and a request that nobody had to
//! sign belongs to the account `anonymous`. AWS Lambda developer guide, "Invoking Lambda function URLs".

use serde_json::{Value, json};

use super::{Api, HttpRequest, decode_path, encode_path, v2};
use crate::wire::facts;

const URL_ID: &str = "h5vq2zk7mtd3wn8cxr4bjy6pla9fsg0e";

/// Headers that say how the connection was encrypted.
const TLS: [(&str, &str); 2] =
    [("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256"), ("x-amzn-tls-version", "TLSv1.3")];

pub(super) fn render(request: &HttpRequest) -> Value {
    let domain = domain(request);
    let routeless = HttpRequest {
        route: "$default".to_owned(),
        api: Api { stage: None, stage_variables: None, domain: Some(domain.clone()), ..request.api.clone() },
        ..request.clone()
    };
    let mut event = v2::render(&routeless);
    event["rawPath"] = encode_path(&request.path).into();
    let headers = &mut event["headers"];
    if let Some(cookies) = request.cookie_header() {
        headers["cookie"] = cookies.into();
    }
    for (name, value) in TLS {
        headers[name] = value.into();
    }
    let context = &mut event["requestContext"];
    context["apiId"] = domain.split('.').next().into();
    context["requestId"] = facts::uuid("url request", 0).into();
    if context.get("authorizer").is_none() {
        context["accountId"] = json!("anonymous");
    }
    event
}

fn domain(request: &HttpRequest) -> String {
    let generated = || format!("{URL_ID}.lambda-url.{}.on.aws", facts::REGION);
    request.api.domain.clone().unwrap_or_else(generated)
}

pub(super) fn parse(event: &Value) -> Option<HttpRequest> {
    let mut request = v2::parse(event)?;
    if let Some(raw) = event.get("rawPath").and_then(Value::as_str) {
        request.path = decode_path(raw);
    }
    request.route = "$default".to_owned();
    request.headers.retain(|(name, _)| TLS.iter().all(|(it, _)| !name.eq_ignore_ascii_case(it)));
    request.api.stage = None;
    request.api.stage_variables = None;
    let generated = domain(&HttpRequest::get("/"));
    request.api.domain = request.api.domain.take().filter(|it| *it != generated);
    Some(request)
}
