//! Application Load Balancer.
//!
//! Elastic Load Balancing, "Lambda functions as targets", and a live capture (hotsock/voker
//! `vokerhttp/testdata/alb-request.json`).

use serde_json::{Value, json};

use super::{Facts, base64, http, object, text};

const SINGLE: &str = "requestContext:o httpMethod:s path:s queryStringParameters:o headers:o body:s \
    isBase64Encoded:b";
const MULTI: &str = "requestContext:o httpMethod:s path:s multiValueQueryStringParameters:o \
    multiValueHeaders:o body:s isBase64Encoded:b";
/// The same page: what is text, besides `text/*`.
const TEXT: [&str; 3] = ["application/json", "application/xml", "application/javascript"];
/// The same page.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// "How Elastic Load Balancing works", HTTP header limits: the request line, one header, all headers.
const MAX_LINE_BYTES: usize = 16 * 1024;
const MAX_HEADERS_BYTES: usize = 64 * 1024;

pub(super) fn check(event: &Value, multi: bool, facts: &mut Facts) {
    facts.members("the event", event, if multi { MULTI } else { SINGLE });
    facts.members("requestContext", &event["requestContext"], "elb:o");
    facts.members("elb", &event["requestContext"]["elb"], "targetGroupArn:s");
    let arn = text(&event["requestContext"]["elb"]["targetGroupArn"]);
    let named = arn.starts_with("arn:aws:elasticloadbalancing:") && arn.contains(":targetgroup/");
    facts.hold(named, &format!("{arn} is no target group"));
    http::method(&event["httpMethod"], facts);
    let names = match multi {
        true => ["multiValueQueryStringParameters", "multiValueHeaders"],
        false => ["queryStringParameters", "headers"],
    };
    let [query, headers] = names.map(|name| pairs(name, &event[name], multi, facts));
    let path = text(&event["path"]);
    http::encoded_path(path, facts);
    let line = path.len() + http::encoded_query(&query, facts) + 9;
    facts.hold(line <= MAX_LINE_BYTES, &format!("the request line has {line} bytes"));
    http::lower_case(&headers, facts);
    let sizes = headers.iter().map(|(name, value)| http::sent(name, value));
    facts.hold(sizes.sum::<usize>() <= MAX_HEADERS_BYTES, "the headers are larger than 64 K");
    let agent = vec![("user-agent".to_owned(), "ELB-HealthChecker/2.0".to_owned())];
    if headers == agent {
        facts.equal("the body of a health check", &event["body"], "");
        facts.equal("its method", &event["httpMethod"], "GET");
        return facts.hold(query.is_empty(), "a health check has a query");
    }
    for name in ["host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"] {
        let count = headers.iter().filter(|(it, _)| it == name).count();
        facts.hold(count == 1, &format!("{name} is there {count} times"));
    }
    let of = |name: &str| headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    let last = of("x-forwarded-for").and_then(|it| it.rsplit(", ").next()).unwrap_or_default();
    facts.address(&json!(last));
    facts.hold(of("x-forwarded-proto") == Some("https"), "the load balancer of the model listens to HTTPS");
    facts.hold(of("x-forwarded-port") == Some("443"), "HTTPS is at port 443");
    facts.hold(of("x-amzn-trace-id").is_some_and(|it| it.starts_with("Root=1-")), "there is no trace");
    facts.hold(of("upgrade").is_none(), "upgrades are refused");
    body(&event["body"], &event["isBase64Encoded"], &headers, facts);
}

/// The same page: base64 for all but four types, and for encoded content.
pub(super) fn body(body: &Value, flag: &Value, headers: &[(String, String)], facts: &mut Facts) {
    let of = |name: &str| headers.iter().rfind(|(it, _)| it == name).map(|(_, value)| value.as_str());
    let media = of("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    let is_text = media.starts_with("text/") || TEXT.contains(&media.as_str());
    let is_text = text(body).is_empty() || (is_text && of("content-encoding").is_none());
    facts.equal(&format!("the flag of {media}"), flag, !is_text);
    let bytes = if is_text { Some(text(body).as_bytes().to_vec()) } else { base64(text(body)) };
    facts.hold(bytes.is_some(), "the body is no base64");
    let count = bytes.map_or(0, |it| it.len());
    facts.hold(count <= MAX_BODY_BYTES || of("x-amzn-trace-id").is_none(), "the body is larger than 1 MB");
    let should = (count > 0).then(|| count.to_string());
    facts.hold(of("content-length") == should.as_deref(), &format!("content-length is not {should:?}"));
}

/// The pairs of a map of texts or of lists of texts.
pub(super) fn pairs(what: &str, map: &Value, multi: bool, facts: &mut Facts) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in object(map) {
        let values = match (value, multi) {
            (Value::Array(values), true) if !values.is_empty() => values,
            (value @ Value::String(_), false) => vec![value],
            (other, _) => {
                facts.hold(false, &format!("{name} of {what} is {other}"));
                continue;
            }
        };
        facts.hold(values.iter().all(Value::is_string), &format!("{name} of {what} is no text"));
        pairs.extend(values.iter().map(|it| (name.clone(), text(it).to_owned())));
    }
    pairs
}
