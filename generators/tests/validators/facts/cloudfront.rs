//! Lambda@Edge. Amazon CloudFront developer guide, "Lambda@Edge event structure", "Quotas on Lambda@Edge".

use serde_json::Value;

use super::{Facts, base64, object, text};

const CUSTOM_ORIGIN: &str = "customHeaders:o domainName:s keepaliveTimeout:n path:s port:n protocol:s readTimeout:n \
    sslProtocols:a";

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let records = facts.records(event);
    facts.hold(records.len() == 1, "there is more than one request");
    for record in records {
        facts.members("the record", record, "cf:o");
        let cf = &record["cf"];
        let config = &cf["config"];
        facts.members("config", config, "distributionDomainName:s distributionId:s eventType:s requestId:s");
        let stage = text(&config["eventType"]);
        match stage {
            "viewer-request" | "origin-request" => facts.members("cf", cf, "config:o request:o"),
            "origin-response" | "viewer-response" => {
                facts.members("cf", cf, "config:o request:o response:o");
                let response = &cf["response"];
                facts.members("response", response, "headers:o status:s statusDescription:s");
                headers(&response["headers"], facts);
                let status = text(&response["status"]);
                facts.hold(status.len() == 3 && status.parse::<u16>().is_ok(), "no such status");
            }
            other => facts.hold(false, &format!("no event is called {other:?}")),
        }
        request(&cf["request"], stage, facts);
    }
}

fn request(request: &Value, stage: &str, facts: &mut Facts) {
    let common = "clientIp:s headers:o method:s querystring:s uri:s";
    let members = match stage {
        "viewer-request" => format!("{common} body:o?"),
        "origin-request" => format!("{common} origin:o body:o?"),
        "origin-response" => format!("{common} origin:o"),
        _ => common.to_owned(),
    };
    facts.members("request", request, &members);
    facts.address(&request["clientIp"]);
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    facts.hold(methods.contains(&text(&request["method"])), "no such method");
    headers(&request["headers"], facts);
    facts.hold(request["headers"].get("host").is_some(), "there is no host");
    let (uri, query) = (text(&request["uri"]), text(&request["querystring"]));
    facts.hold(uri.starts_with('/'), "the URI does not begin with a slash");
    facts.hold(uri.len() + query.len() < 8_192, "the URI is too long");
    // RFC 3986, 3.3 and 3.4, and what forms write.
    let plain = |it: char| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(it);
    facts.hold(uri.chars().all(plain), &format!("{uri:?} is not encoded"));
    facts.hold(query.chars().all(|it| plain(it) || it == '?'), &format!("{query:?} is not encoded"));
    if let Some(origin) = request.get("origin") {
        facts.members("origin", origin, "custom:o");
        facts.members("custom", &origin["custom"], CUSTOM_ORIGIN);
        headers(&origin["custom"]["customHeaders"], facts);
        // "Request and response behavior for custom origins": what CloudFront adds on the way there.
        let value = |name: &str| request["headers"][name][0]["value"].clone();
        facts.equal("X-Forwarded-For", &value("x-forwarded-for"), request["clientIp"].clone());
        facts.hold(
            text(&value("via")).ends_with(".cloudfront.net (CloudFront)"),
            "it did not come via CloudFront",
        );
    }
    if let Some(body) = request.get("body") {
        facts.members("body", body, "action:s data:s encoding:s inputTruncated:b");
        facts.equal("action", &body["action"], "read-only");
        facts.equal("encoding", &body["encoding"], "base64");
        let bytes = base64(text(&body["data"]));
        facts.hold(bytes.is_some(), "the body is no base64");
        let most = if stage == "viewer-request" { 40_000 } else { 1_000_000 };
        facts.hold(bytes.is_some_and(|it| it.len() <= most), "the body should be cut off");
        facts.equal("inputTruncated", &body["inputTruncated"], false);
    }
}

/// Lower-case names, each with a list of what was sent.
fn headers(headers: &Value, facts: &mut Facts) {
    for (name, values) in object(headers) {
        let values = values.as_array().map_or(&[][..], Vec::as_slice);
        facts.hold(!values.is_empty(), &format!("{name} has no values"));
        for value in values {
            facts.members("the header", value, "key:s value:s");
            facts.equal("the name", &Value::from(text(&value["key"]).to_ascii_lowercase()), name.as_str());
            let it = text(&value["value"]);
            let plain = it.chars().all(|it| matches!(it, ' '..='~' | '\t'));
            facts.hold(plain && it.trim() == it, &format!("{it:?} cannot be in a header"));
        }
    }
}
