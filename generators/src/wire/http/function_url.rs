//! A function URL: payload format 2.0 with differences of its own.
//!
//! Facts from a live capture (hotsock/voker `vokerhttp/testdata/functionurl-request.json`): `rawPath` stays encoded while
//! the path of the context is decoded, cookies are in the headers as well, nobody routes, and a request that nobody had to
//! sign belongs to the account `anonymous`. AWS Lambda developer guide, "Invoking Lambda function URLs".

use serde_json::Value;

use super::{
    HttpRequest, decode_path, encode_path,
    v2::{self, Asked},
};
use crate::wire::{doc::Doc, facts};

const URL_ID: &str = "h5vq2zk7mtd3wn8cxr4bjy6pla9fsg0e";

/// Headers that say how the connection was encrypted.
const TLS: [(&str, &str); 2] =
    [("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256"), ("x-amzn-tls-version", "TLSv1.3")];

pub(super) fn doc(request: &HttpRequest) -> Doc<'_> {
    let domain = domain(request);
    let id = domain.split('.').next().map(str::to_owned);
    let authorizer = request.api.authorizer.as_ref();
    let asked =
        Asked { stage: None, domain: domain.into(), route: "$default", authorizer, stage_variables: None };
    let mut event = v2::doc_as(request, asked);
    event.set("rawPath", encode_path(&request.path));
    if let Some(headers) = event.get_mut("headers") {
        if let Some(cookies) = request.cookie_header() {
            headers.set("cookie", cookies);
        }
        for (name, value) in TLS {
            headers.set(name, value);
        }
    }
    if let Some(context) = event.get_mut("requestContext") {
        context.set("apiId", id);
        context.set("requestId", facts::uuid("url request", 0));
        if authorizer.is_none() {
            context.set("accountId", "anonymous");
        }
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
