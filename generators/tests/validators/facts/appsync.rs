//! GraphQL APIs. AWS AppSync developer guide, "Resolver mapping template context reference", "AWS_LAMBDA authorization", and
//! AppSync Events; Amplify's documentation of `@function`.

use serde_json::Value;

use super::{Facts, object, text};

const CONTEXT: &str = "arguments:o identity:o0 source:o0 request:o prev:o0 info:o stash:o";
const AMPLIFY: &str = "typeName:s fieldName:s arguments:o identity:o0 source:o0 request:o prev:o0";
const INFO: &str = "selectionSetList:a selectionSetGraphQL:s fieldName:s parentTypeName:s variables:o";
const PUBLISHED: &str = "identity:o0 result:0 request:o info:o error:0 prev:0 stash:o outErrors:a events:a0";
const IDENTITY: &str = "claims:o defaultAuthStrategy:s groups:a0 issuer:s sourceIp:a sub:s username:s";

const ROLE: &str = "accountId:s cognitoIdentityAuthProvider:s0 cognitoIdentityAuthType:s0 cognitoIdentityId:s0 \
    cognitoIdentityPoolId:s0 sourceIp:a userArn:s username:s";

pub(super) fn check(event: &Value, facts: &mut Facts) {
    if let Some(contexts) = event.as_array() {
        facts.hold(!contexts.is_empty(), "the batch is empty");
        contexts.iter().for_each(|it| context(it, CONTEXT, facts));
    } else if event.get("authorizationToken").is_some() {
        facts.members("the event", event, "authorizationToken:s requestContext:o requestHeaders:o");
        let members = "apiId:s accountId:s requestId:s queryString:s operationName:s variables:o";
        facts.members("requestContext", &event["requestContext"], members);
        headers(&event["requestHeaders"], facts);
    } else if event.pointer("/info/channel").is_some() {
        published(event, facts);
    } else {
        context(event, if event.get("typeName").is_some() { AMPLIFY } else { CONTEXT }, facts);
    }
}

fn context(event: &Value, members: &str, facts: &mut Facts) {
    facts.members("the context", event, members);
    caller(event, facts);
    if let Some(info) = event.get("info") {
        facts.members("info", info, INFO);
    }
}

/// A user of a pool, and what her client sends.
fn caller(event: &Value, facts: &mut Facts) {
    facts.members("request", &event["request"], "headers:o domainName:s0");
    headers(&event["request"]["headers"], facts);
    let identity = &event["identity"];
    if identity.is_object() {
        identity["sourceIp"].as_array().into_iter().flatten().for_each(|it| facts.address(it));
    }
    if identity.get("userArn").is_some() {
        facts.members("identity", identity, ROLE);
    } else if identity.is_object() {
        facts.members("identity", identity, IDENTITY);
        facts.equal("the subject", &identity["claims"]["sub"], identity["sub"].clone());
        facts.equal("the issuer", &identity["claims"]["iss"], identity["issuer"].clone());
    }
}

fn published(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, PUBLISHED);
    caller(event, facts);
    let info = &event["info"];
    facts.members("info", info, "channel:o channelNamespace:o operation:s");
    facts.members("channel", &info["channel"], "path:s segments:a");
    facts.members("channelNamespace", &info["channelNamespace"], "name:s");
    let segments = info["channel"]["segments"].as_array().into_iter().flatten();
    let path: String = segments.map(|it| format!("/{}", text(it))).collect();
    facts.equal("the path", &info["channel"]["path"], path);
    facts.equal("the namespace", &info["channelNamespace"]["name"], info["channel"]["segments"][0].clone());
    if info["operation"] == "SUBSCRIBE" {
        return facts.equal("the events", &event["events"], Value::Null);
    }
    facts.equal("the operation", &info["operation"], "PUBLISH");
    let events = event["events"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(!events.is_empty(), "nothing is published");
    for it in events {
        facts.members("the event", it, "id:s payload:o");
        facts.hold(it["payload"].to_string().len() <= 240 * 1_024, "the payload is too large");
    }
}

fn headers(headers: &Value, facts: &mut Facts) {
    for (name, value) in object(headers) {
        facts.hold(name == name.to_ascii_lowercase(), &format!("{name} is not written small"));
        let it = text(&value);
        let plain = it.chars().all(|it| matches!(it, ' '..='~' | '\t'));
        facts.hold(value.is_string() && plain && it.trim() == it, &format!("{value} cannot be in a header"));
    }
}
