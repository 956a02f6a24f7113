//! API Gateway REST API, payload format 1.0.
//!
//! Members: Amazon API Gateway developer guide, "Input format of a Lambda function for proxy integration".
//! Which copies agree: live captures (hotsock/voker `vokerhttp/testdata`) and LocalStack's records of AWS
//! (`test_apigateway_lambda.snapshot.json`).

use serde_json::{Map, Value};

use super::{Facts, base64, http, object, text};

const MEMBERS: &str = "resource:s path:s httpMethod:s headers:o multiValueHeaders:o \
    queryStringParameters:o0 multiValueQueryStringParameters:o0 pathParameters:o0 stageVariables:o0 \
    requestContext:o body:s0 isBase64Encoded:b";
const CONTEXT: &str = "resourceId:s authorizer:o? resourcePath:s httpMethod:s extendedRequestId:s requestTime:s \
    path:s accountId:s protocol:s stage:s domainPrefix:s requestTimeEpoch:n requestId:s identity:o \
    domainName:s deploymentId:s apiId:s";
const IDENTITY: &str = "cognitoIdentityPoolId:s0 accountId:s0 cognitoIdentityId:s0 caller:s0 sourceIp:s \
    principalOrgId:s0 accessKey:s0 cognitoAuthenticationType:s0 cognitoAuthenticationProvider:s0 userArn:s0 \
    userAgent:s0 user:s0 apiKey:s0? apiKeyId:s0?";
/// Headers that never arrive: LocalStack, `execute_api/header_utils.py`.
const DROPPED: &str = "connection content-length content-md5 expect max-forwards proxy-authenticate server te \
    trailer transfer-encoding upgrade www-authenticate";
/// The same guide, known issues and quotas: the URL of an edge-optimized endpoint.
const MAX_URL_BYTES: usize = 8_192;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, MEMBERS);
    let context = &event["requestContext"];
    facts.members("requestContext", context, CONTEXT);
    let identity = &context["identity"];
    facts.members("identity", identity, IDENTITY);
    headers(event, facts);
    query(event, facts);
    path(event, facts);
    http::method(&event["httpMethod"], facts);
    facts.equal("httpMethod of the context", &context["httpMethod"], event["httpMethod"].clone());
    facts.equal("resourcePath", &context["resourcePath"], event["resource"].clone());
    facts.equal("protocol", &context["protocol"], "HTTP/1.1");
    http::times(&context["requestTime"], &context["requestTimeEpoch"], facts);
    http::forwarded(&event["headers"]["X-Forwarded-For"], &identity["sourceIp"], facts);
    http::domain(context, &event["headers"]["Host"], facts);
    let agent = object(&event["headers"]).remove("User-Agent");
    facts.equal("userAgent of the identity", &identity["userAgent"], agent);
    if let Some(authorizer) = context.get("authorizer") {
        check_authorizer(authorizer, facts);
    }
    for name in ["stageVariables", "pathParameters"] {
        strings(name, &event[name], facts);
    }
    if event["isBase64Encoded"] == Value::Bool(true) {
        facts.hold(base64(text(&event["body"])).is_some(), "the body is no base64");
    }
}

/// The same guide: the claims of a user pool, or what a Lambda authorizer returned; all strings but the latency.
pub(super) fn check_authorizer(authorizer: &Value, facts: &mut Facts) {
    if let Some(claims) = authorizer.get("claims") {
        facts.members("authorizer", authorizer, "claims:o");
        return strings("claims", claims, facts);
    }
    let mut context = object(authorizer);
    let latency = context.remove("integrationLatency");
    facts.hold(latency.is_some_and(|it| it.is_u64()), "a Lambda authorizer has a latency");
    facts.hold(context.contains_key("principalId"), "a Lambda authorizer names a principal");
    facts.hold(context.values().all(Value::is_string), "a Lambda authorizer hands on strings only");
}

fn strings(what: &str, map: &Value, facts: &mut Facts) {
    let empty = map.as_object().is_some_and(Map::is_empty);
    facts.hold(!empty, &format!("{what} is empty instead of null"));
    let fits = object(map).values().all(Value::is_string);
    facts.hold(fits, &format!("{what} holds other things than strings"));
}

/// Of names that occur more than once the single-value map has the last.
fn copies(what: &str, single: &Value, multi: &Value, facts: &mut Facts) {
    let mut last = Map::new();
    for (name, values) in object(multi) {
        let values = values.as_array().cloned().unwrap_or_default();
        facts.hold(values.iter().all(Value::is_string), &format!("{what} {name} is no list of strings"));
        last.extend(values.last().map(|it| (name, it.clone())));
    }
    let should = if multi.is_null() { Value::Null } else { Value::Object(last) };
    facts.equal(&format!("the single-value map of {what}"), single, should);
    strings(what, single, facts);
}

fn headers(event: &Value, facts: &mut Facts) {
    copies("headers", &event["headers"], &event["multiValueHeaders"], facts);
    let mut size = 0;
    for (name, values) in object(&event["multiValueHeaders"]) {
        let lower = name.to_ascii_lowercase();
        facts.hold(!DROPPED.split_whitespace().any(|it| it == lower), &format!("{name} is dropped by AWS"));
        // Every captured event writes them so, whatever the client wrote.
        for titled in ["Authorization", "Host", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For"] {
            let other_case = lower == titled.to_ascii_lowercase() && name != titled;
            facts.hold(!other_case, &format!("{name} is not written {titled}"));
        }
        for value in values.as_array().into_iter().flatten() {
            http::header(&name, text(value), facts);
            size += http::sent(&name, text(value));
        }
    }
    let count = |name: &str| event["multiValueHeaders"][name].as_array().map_or(0, Vec::len);
    for name in ["Host", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"] {
        facts.hold(count(name) == 1, &format!("{name} is there {} times", count(name)));
    }
    facts.equal("X-Forwarded-Proto", &event["headers"]["X-Forwarded-Proto"], "https");
    facts.equal("X-Forwarded-Port", &event["headers"]["X-Forwarded-Port"], "443");
    let trace = text(&event["headers"]["X-Amzn-Trace-Id"]);
    facts.hold(trace.starts_with("Root=1-"), "X-Amzn-Trace-Id is no trace");
    http::sizes(size, text(&event["path"]), 0, facts);
}

fn query(event: &Value, facts: &mut Facts) {
    let multi = &event["multiValueQueryStringParameters"];
    copies("the query", &event["queryStringParameters"], multi, facts);
    let pairs = object(multi);
    let size: usize = pairs
        .iter()
        .flat_map(|(name, values)| {
            values.as_array().into_iter().flatten().map(|it| name.len() + text(it).len() + 2)
        })
        .sum();
    let url = size + text(&event["path"]).len();
    facts.hold(url <= MAX_URL_BYTES, &format!("the URL has at least {url} bytes"));
    let holds_nul = |(name, value): (&String, &Value)| name.contains('\0') || text(value).contains('\0');
    let last = event["queryStringParameters"].as_object();
    facts.hold(!last.is_some_and(|it| it.iter().any(holds_nul)), "the query holds a NUL");
}

fn path(event: &Value, facts: &mut Facts) {
    let (path, stage) = (text(&event["path"]), text(&event["requestContext"]["stage"]));
    let whole = text(&event["requestContext"]["path"]);
    facts.hold(http::is_url_path(path), &format!("{path} is no path of a URL"));
    facts.hold(http::decode_percent(path).is_some(), &format!("{path} is not encoded"));
    facts.hold(path.starts_with('/') && !path.starts_with("//"), &format!("{path} begins otherwise"));
    let after_stage = whole.strip_prefix('/').and_then(|it| it.strip_prefix(stage)).unwrap_or_default();
    let collapsed = format!("/{}", after_stage.trim_start_matches('/'));
    facts.hold(
        after_stage.starts_with('/') && collapsed == path,
        &format!("{whole} is not stage {stage} and path {path}"),
    );
    let parameters = object(&event["pathParameters"]);
    http::route(text(&event["resource"]), &parameters, after_stage, facts);
}
