//! Lambda authorizers.
//!
//! Amazon API Gateway developer guide, "Input to an API Gateway Lambda authorizer" and "Control access to HTTP APIs with
//! AWS Lambda authorizers": the event of the API without its body, whose empty maps are `{}`, and the ARN of what is asked.

use serde_json::{Value, json};

use super::{Facts, http, http_api, object, rest_api, text, websocket};

pub(super) fn check_token(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "type:s methodArn:s authorizationToken:s");
    facts.equal("type", &event["type"], "TOKEN");
    let token = text(&event["authorizationToken"]);
    facts.hold(!token.is_empty(), "without a token nobody is asked");
    http::header("authorization", token, facts);
    http::sizes(token.len(), "", 0, facts);
    let arn = text(&event["methodArn"]);
    facts.hold(arn.starts_with("arn:aws:execute-api:"), &format!("{arn} is no method"));
}

pub(super) fn check_rest(event: &Value, facts: &mut Facts) {
    let context = &event["requestContext"];
    let what = match context.get("connectionId") {
        Some(_) => "$connect".to_owned(),
        // The path of the context begins with the stage, and with as many slashes as the client wrote.
        None => format!("{}/{}", text(&event["httpMethod"]), text(&event["path"]).trim_start_matches('/')),
    };
    asked(event, "methodArn", &what, facts);
    let mut rest = without(event, &["type", "methodArn"]);
    for name in
        ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"]
    {
        if rest[name] == json!({}) {
            rest[name] = Value::Null;
        }
    }
    if context.get("connectionId").is_none() {
        rest["body"] = Value::Null;
        rest["isBase64Encoded"] = json!(false);
        return rest_api::check(&rest, facts);
    }
    if let Some(members) = rest.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    rest["isBase64Encoded"] = json!(false);
    websocket::check(&rest, facts);
    facts.hold(event.get("pathParameters").is_none(), "a WebSocket has no path");
    for name in ["queryStringParameters", "multiValueQueryStringParameters", "stageVariables"] {
        facts.hold(event[name].is_object(), &format!("{name} is no map"));
    }
}

pub(super) fn check_http(event: &Value, facts: &mut Facts) {
    let path = text(&event["rawPath"]);
    let stage = text(&event["requestContext"]["stage"]);
    let path =
        if stage == "$default" { path } else { path.trim_start_matches('/').trim_start_matches(stage) };
    let arn = text(&event["routeArn"]);
    let tail = arn.splitn(4, '/').nth(3).and_then(http::decode_percent).unwrap_or_default();
    facts.hold(tail == path.trim_start_matches('/'), &format!("routeArn {arn} is not of {path}"));
    let what = arn.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
    let method = what.split('/').next().unwrap_or_default();
    facts.equal("the method", &event["requestContext"]["http"]["method"], method);
    asked(event, "routeArn", &what, facts);
    let headers = object(&event["headers"]);
    if let Some(sources) = event.get("identitySource") {
        let sources = sources.as_array().cloned().unwrap_or_default();
        let sent = |value: &Value| !text(value).is_empty() && headers.values().any(|it| it == value);
        facts.hold(!sources.is_empty() && sources.iter().all(sent), "identitySource is of no header");
    }
    let mut rest = without(event, &["type", "routeArn", "identitySource"]);
    rest["isBase64Encoded"] = json!(false);
    http_api::check(&rest, facts);
}

fn asked(event: &Value, name: &str, what: &str, facts: &mut Facts) {
    facts.equal("type", &event["type"], "REQUEST");
    let context = &event["requestContext"];
    let (api, stage) = (text(&context["apiId"]), text(&context["stage"]));
    let arn = text(&event[name]);
    let fits = arn.starts_with("arn:aws:execute-api:") && arn.ends_with(&format!(":{api}/{stage}/{what}"));
    facts.hold(fits, &format!("{name} is {arn} and should end in {api}/{stage}/{what}"));
    for absent in ["body", "isBase64Encoded"] {
        facts.hold(event.get(absent).is_none(), &format!("an authorizer gets no {absent}"));
    }
    facts.hold(context.get("authorizer").is_none(), "nobody is known yet");
}

fn without(event: &Value, names: &[&str]) -> Value {
    let mut members = object(event);
    members.retain(|name, _| !names.contains(&name.as_str()));
    Value::Object(members)
}
