//! API Gateway WebSocket API.
//!
//! Amazon API Gateway developer guide, "Working with routes for WebSocket APIs" and quotas; members as in
//! aws/aws-lambda-rust-runtime `lambda-events/src/fixtures/example-apigw-websocket-request*.json`.

use serde_json::{Map, Value};

use super::{Facts, http, object, rest_api, text};

const CONNECT: &str = "headers:o multiValueHeaders:o queryStringParameters:o? \
    multiValueQueryStringParameters:o? requestContext:o stageVariables:o? isBase64Encoded:b";
const MESSAGE: &str = "requestContext:o stageVariables:o? body:s isBase64Encoded:b";
const CONTEXT: &str = "routeKey:s authorizer:o? eventType:s extendedRequestId:s requestTime:s messageDirection:s \
    stage:s connectedAt:n requestTimeEpoch:n identity:o requestId:s domainName:s connectionId:s apiId:s";
/// The guide: the payload of a message.
const MAX_MESSAGE_BYTES: usize = 128 * 1024;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let context = &event["requestContext"];
    facts.members("identity", &context["identity"], "sourceIp:s userAgent:s?");
    facts.address(&context["identity"]["sourceIp"]);
    facts.equal("messageDirection", &context["messageDirection"], "IN");
    facts.equal("isBase64Encoded", &event["isBase64Encoded"], false);
    http::times(&context["requestTime"], &context["requestTimeEpoch"], facts);
    let (since, now) = (context["connectedAt"].as_u64(), context["requestTimeEpoch"].as_u64());
    facts.hold(since <= now, "a connection is younger than its message");
    facts.equal("extendedRequestId", &context["extendedRequestId"], context["requestId"].clone());
    for name in ["connectionId", "requestId"] {
        facts.hold(is_id(text(&context[name])), &format!("{name} is {}", context[name]));
    }
    if let Some(authorizer) = context.get("authorizer") {
        rest_api::check_authorizer(authorizer, facts);
        facts.hold(authorizer.get("claims").is_none(), "user pools authorize no connections");
    }
    let key = text(&context["routeKey"]);
    match text(&context["eventType"]) {
        "CONNECT" => {
            facts.members("the event", event, CONNECT);
            facts.members("requestContext", context, CONTEXT);
            facts.equal("routeKey", &context["routeKey"], "$connect");
            connection(event, facts);
        }
        "MESSAGE" => {
            facts.members("the event", event, MESSAGE);
            facts.members("requestContext", context, &format!("{CONTEXT} messageId:s"));
            facts.hold(is_id(text(&context["messageId"])), "messageId has another form");
            let body = text(&event["body"]);
            facts.hold(!body.is_empty(), "the message is empty");
            facts.hold(body.len() <= MAX_MESSAGE_BYTES, "the message is larger than 128 KB");
            // Whichever member the API is configured to look at.
            let message = serde_json::from_str::<Map<String, Value>>(body).unwrap_or_default();
            let named = message.values().any(|it| *it == context["routeKey"]);
            facts.hold(named || key == "$default", &format!("the message does not name {key}"));
        }
        "DISCONNECT" => {
            facts.members("the event", event, CONNECT);
            let members = format!("{CONTEXT} disconnectStatusCode:n disconnectReason:s");
            facts.members("requestContext", context, &members);
            facts.equal("routeKey", &context["routeKey"], "$disconnect");
            facts.hold(event.get("queryStringParameters").is_none(), "nobody asks when it ends");
            let headers = object(&event["headers"]);
            let known = ["Host", "x-api-key", "X-Forwarded-For", "x-restapi"];
            facts.hold(
                headers.len() == 4 && known.iter().all(|it| headers.contains_key(*it)),
                "other headers",
            );
            facts.equal("Host", &event["headers"]["Host"], context["domainName"].clone());
            copies(event, facts);
        }
        other => facts.hold(false, &format!("eventType {other}")),
    }
    let strings = |name: &str| object(&event[name]).values().all(Value::is_string);
    facts.hold(
        strings("stageVariables") && event["stageVariables"] != Value::Object(Map::new()),
        "stageVariables",
    );
}

fn is_id(text: &str) -> bool {
    text.len() == 16
        && text.ends_with('=')
        && text[..15].bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
}

fn connection(event: &Value, facts: &mut Facts) {
    let context = &event["requestContext"];
    copies(event, facts);
    let mut size = 0;
    for (name, values) in object(&event["multiValueHeaders"]) {
        let lower = name.to_ascii_lowercase();
        facts.hold(
            !matches!(&*lower, "connection" | "upgrade" | "content-length"),
            &format!("{name} is dropped"),
        );
        for value in values.as_array().into_iter().flatten() {
            http::header(&name, text(value), facts);
            let handshake = lower.starts_with("sec-websocket-");
            size += if handshake { 0 } else { http::sent(&name, text(value)) };
        }
    }
    for name in ["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Host", "X-Amzn-Trace-Id", "X-Forwarded-Port"]
    {
        let count = event["multiValueHeaders"][name].as_array().map_or(0, Vec::len);
        facts.hold(count == 1, &format!("{name} is there {count} times"));
    }
    facts.equal("Sec-WebSocket-Version", &event["headers"]["Sec-WebSocket-Version"], "13");
    facts.equal("X-Forwarded-Port", &event["headers"]["X-Forwarded-Port"], "443");
    facts.equal("X-Forwarded-Proto", &event["headers"]["X-Forwarded-Proto"], "https");
    let trace = text(&event["headers"]["X-Amzn-Trace-Id"]);
    facts.hold(trace.starts_with("Root=1-"), "X-Amzn-Trace-Id is no trace");
    facts.equal("Host", &event["headers"]["Host"], context["domainName"].clone());
    http::forwarded(&event["headers"]["X-Forwarded-For"], &context["identity"]["sourceIp"], facts);
    let agent = object(&event["headers"]).remove("User-Agent");
    facts.equal("userAgent", &context["identity"]["userAgent"], agent);
    let query = event["multiValueQueryStringParameters"].to_string();
    let pairs = object(&event["multiValueQueryStringParameters"]);
    let holds_nul =
        |it: &Value| it.as_array().is_some_and(|all| all.iter().any(|it| text(it).contains('\0')));
    facts.hold(!pairs.iter().any(|(name, it)| name.contains('\0') || holds_nul(it)), "the query holds a NUL");
    http::sizes(size, "", query.len() / 2, facts);
}

/// Of names that occur more than once the single-value map has the last.
fn copies(event: &Value, facts: &mut Facts) {
    for (single, multi) in
        [("headers", "multiValueHeaders"), ("queryStringParameters", "multiValueQueryStringParameters")]
    {
        let mut last = Map::new();
        for (name, values) in object(&event[multi]) {
            let values = values.as_array().cloned().unwrap_or_default();
            facts
                .hold(values.iter().all(Value::is_string), &format!("{name} of {multi} is no list of texts"));
            last.extend(values.last().map(|it| (name, it.clone())));
        }
        let there = event.get(single).is_some();
        facts.hold(there == event.get(multi).is_some() && (!there || !last.is_empty()), multi);
        if there {
            facts.equal(single, &event[single], Value::Object(last));
        }
    }
}
