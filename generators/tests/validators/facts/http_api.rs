//! API Gateway HTTP API, payload format 2.0.
//!
//! Members: Amazon API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs". Which
//! copies agree: live captures (hotsock/voker `vokerhttp/testdata`). What is not there has no key
//! (ministackorg/ministack `services/apigateway.py`).

use serde_json::{Map, Value};

use super::{Facts, base64, http, object, text};

const MEMBERS: &str = "version:s routeKey:s rawPath:s rawQueryString:s cookies:a? headers:o \
    queryStringParameters:o? requestContext:o pathParameters:o? stageVariables:o? body:s? isBase64Encoded:b";
const CONTEXT: &str = "accountId:s apiId:s authorizer:o? authentication:o0? domainName:s domainPrefix:s http:o \
    requestId:s routeKey:s stage:s time:s timeEpoch:n";
const HTTP: &str = "method:s path:s protocol:s sourceIp:s userAgent:s";
/// Verified on AWS in ministackorg/ministack PR 766: text besides `text/*`; everything else is base64.
const TEXT: [&str; 3] = ["application/json", "application/xml", "application/javascript"];

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, MEMBERS);
    let context = &event["requestContext"];
    facts.members("requestContext", context, CONTEXT);
    facts.members("http", &context["http"], HTTP);
    facts.equal("version", &event["version"], "2.0");
    facts.equal("routeKey of the context", &context["routeKey"], event["routeKey"].clone());
    http::method(&context["http"]["method"], facts);
    facts.equal("path of http", &context["http"]["path"], event["rawPath"].clone());
    facts.equal("protocol", &context["http"]["protocol"], "HTTP/1.1");
    http::times(&context["time"], &context["timeEpoch"], facts);
    http::forwarded(&event["headers"]["x-forwarded-for"], &context["http"]["sourceIp"], facts);
    http::domain(context, &event["headers"]["host"], facts);
    let agent = object(&event["headers"]).remove("user-agent").unwrap_or_else(|| "".into());
    facts.equal("userAgent of http", &context["http"]["userAgent"], agent);
    if let Some(authorizer) = context.get("authorizer") {
        check_authorizer(authorizer, facts);
    }
    headers(event, facts);
    query(event, facts);
    path(event, facts);
    body(event, facts);
    for name in ["pathParameters", "stageVariables", "queryStringParameters", "cookies"] {
        let empty = match &event[name] {
            Value::Object(map) => map.is_empty() || !map.values().all(Value::is_string),
            Value::Array(list) => list.is_empty() || !list.iter().all(Value::is_string),
            _ => false,
        };
        facts.hold(!empty, &format!("{name} is empty or holds other things than strings"));
    }
}

/// The same guide: what a JWT authorizer, a Lambda authorizer or IAM hands on.
fn check_authorizer(authorizer: &Value, facts: &mut Facts) {
    facts.members("authorizer", authorizer, "jwt:o? lambda:o? iam:o?");
    facts.hold(object(authorizer).len() == 1, "there is one authorizer");
    if let Some(jwt) = authorizer.get("jwt") {
        facts.members("jwt", jwt, "claims:o scopes:a0");
        let strings = |values: &Value| values.as_array().is_none_or(|it| it.iter().all(Value::is_string));
        let fits = object(&jwt["claims"]).values().all(Value::is_string) && strings(&jwt["scopes"]);
        facts.hold(fits, "claims and scopes are strings");
    }
    if let Some(iam) = authorizer.get("iam") {
        let members =
            "accessKey:s accountId:s callerId:s cognitoIdentity:o0 principalOrgId:s0 userArn:s userId:s";
        facts.members("iam", iam, members);
    }
}

fn headers(event: &Value, facts: &mut Facts) {
    let headers = object(&event["headers"]);
    let mut size = 0;
    for (name, value) in &headers {
        facts.hold(value.is_string(), &format!("header {name} is no string"));
        http::header(name, text(value), facts);
        facts.hold(*name == name.to_ascii_lowercase(), &format!("header {name} is not in lower case"));
        size += http::sent(name, text(value));
    }
    for name in ["host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"] {
        facts.hold(headers.contains_key(name), &format!("there is no header {name}"));
    }
    facts.equal("x-forwarded-proto", &event["headers"]["x-forwarded-proto"], "https");
    facts.equal("x-forwarded-port", &event["headers"]["x-forwarded-port"], "443");
    let trace = text(&event["headers"]["x-amzn-trace-id"]);
    facts.hold(trace.starts_with("Root=1-"), "x-amzn-trace-id is no trace");
    facts.hold(!headers.contains_key("cookie"), "cookies are in the headers too");
    for cookie in event["cookies"].as_array().into_iter().flatten() {
        facts.hold(!text(cookie).contains("; "), &format!("{cookie} is more than one cookie"));
        http::header("cookie", text(cookie), facts);
        size += text(cookie).len();
    }
    http::sizes(size, text(&event["rawPath"]), text(&event["rawQueryString"]).len(), facts);
}

/// The map has what the raw text says, values of one name joined.
fn query(event: &Value, facts: &mut Facts) {
    let raw = text(&event["rawQueryString"]);
    let plain = |it: char| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(it);
    facts.hold(raw.chars().all(plain), &format!("{raw} is no query of a URL"));
    let Some(pairs) = http::decode_form(raw) else {
        return facts.hold(false, &format!("{raw} is not encoded"));
    };
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let all = match joined.get(&name) {
            Some(before) => format!("{},{value}", text(before)),
            None => value,
        };
        facts.hold(!all.contains('\0'), "the query holds a NUL");
        joined.insert(name, Value::from(all));
    }
    let should = if joined.is_empty() { Value::Null } else { Value::Object(joined) };
    facts.equal("queryStringParameters", &event["queryStringParameters"], should);
}

fn path(event: &Value, facts: &mut Facts) {
    let (path, stage) = (text(&event["rawPath"]), text(&event["requestContext"]["stage"]));
    facts.hold(!path.contains('\0'), "the path holds a NUL");
    // A live capture (hotsock/voker `ingress-paths.json`): the stage is in front unless it is `$default`.
    let after_stage = match stage {
        "$default" => Some(path),
        _ => path.strip_prefix('/').and_then(|it| it.strip_prefix(stage)),
    };
    let after_stage = after_stage.filter(|it| it.starts_with('/'));
    facts.hold(after_stage.is_some(), &format!("{path} does not begin with stage {stage}"));
    let key = text(&event["routeKey"]);
    let parameters = object(&event["pathParameters"]);
    if key == "$default" {
        return facts.hold(parameters.is_empty(), "$default has no parameters");
    }
    let Some((method, route)) = key.split_once(' ') else {
        return facts.hold(false, &format!("{key} is no route key"));
    };
    let fits = method == "ANY" || method == text(&event["requestContext"]["http"]["method"]);
    facts.hold(fits, &format!("{key} does not take this method"));
    http::route(route, &parameters, after_stage.unwrap_or_default(), facts);
}

fn body(event: &Value, facts: &mut Facts) {
    let headers = object(&event["headers"]);
    let length = headers.get("content-length").map(text);
    let Some(body) = event.get("body").map(text) else {
        facts.equal("isBase64Encoded without a body", &event["isBase64Encoded"], false);
        return facts.hold(matches!(length, None | Some("0")), "content-length without a body");
    };
    let media = headers.get("content-type").map(text).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = media.starts_with("text/") || TEXT.contains(&media.as_str());
    facts.equal(&format!("isBase64Encoded of {media}"), &event["isBase64Encoded"], !is_text);
    let bytes = if is_text { Some(body.as_bytes().to_vec()) } else { base64(body) };
    match bytes {
        Some(bytes) => {
            let count = bytes.len().to_string();
            facts.hold(length == Some(&count), &format!("content-length is {length:?}, not {count}"));
        }
        None => facts.hold(false, "the body is no base64"),
    }
}
