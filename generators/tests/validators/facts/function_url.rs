//! A function URL: an event of an HTTP API with differences.
//!
//! AWS Lambda developer guide, "Invoking Lambda function URLs", and a live capture (hotsock/voker
//! `vokerhttp/testdata/functionurl-request.json`).

use serde_json::{Value, json};

use super::{Facts, http, http_api, object, text};

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let raw = text(&event["rawPath"]);
    facts.hold(raw.starts_with('/') && http::is_url_path(raw), &format!("{raw} is no path of a URL"));
    let context = &event["requestContext"];
    let decoded = http::decode_percent(raw);
    facts.equal("path of http, which is decoded", &context["http"]["path"], decoded.clone());
    let cookies: Vec<&str> = event["cookies"].as_array().into_iter().flatten().map(text).collect();
    let header = (!cookies.is_empty()).then(|| cookies.join("; "));
    let headers = object(&event["headers"]);
    facts.equal("the header cookie", headers.get("cookie").unwrap_or(&Value::Null), header);
    for name in ["x-amzn-tls-version", "x-amzn-tls-cipher-suite"] {
        facts.hold(headers.contains_key(name), &format!("there is no header {name}"));
    }
    for (name, what) in [("routeKey", "$default"), ("stage", "$default")] {
        facts.equal(name, &context[name], what);
    }
    let domain = text(&context["domainName"]);
    facts.equal("apiId", &context["apiId"], domain.split('.').next());
    facts.hold(event.get("pathParameters").is_none(), "nobody routes");
    facts.hold(event.get("stageVariables").is_none(), "there are no stages");
    let authorizer = context.get("authorizer");
    facts.hold(authorizer.is_none_or(|it| it.get("iam").is_some()), "only IAM authorizes");
    let account = text(&context["accountId"]);
    let numbered = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let fits = if authorizer.is_some() { numbered } else { account == "anonymous" };
    facts.hold(fits, &format!("account {account}"));
    // The rest is as in an HTTP API.
    let mut rest = event.clone();
    rest["rawPath"] = json!(decoded);
    if let Some(headers) = rest["headers"].as_object_mut() {
        headers.retain(|name, _| name != "cookie" && !name.starts_with("x-amzn-tls-"));
    }
    http_api::check(&rest, facts);
}
