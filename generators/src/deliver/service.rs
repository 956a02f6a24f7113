//! What sends an event through a broker, a user pool or an API.
//!
//! Variables beside those of `deliver`: `$BROKERS`, `$BROKER_HOST`, `$BROKER_USER`, `$BROKER_PASSWORD`, `$TOPIC`, `$QUEUE`,
//! `$CLIENT_ID`, `$PASSWORD`, `$SESSION`, `$DISTRIBUTION_URL`, `$GRAPHQL_URL`, `$TOKEN`, `$MX_HOST`, `$STATE_MACHINE_ARN`.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::quote;
use crate::{codec::Codec, source::EventSource, tree::Node};

/// Shell commands, one a line, that make `source` deliver `event`. `None` for sources that are not here.
pub(super) fn command(source: EventSource, event: &Value) -> Option<String> {
    Some(match source {
        EventSource::Kafka => kafka(event),
        EventSource::ActiveMq => activemq(event),
        EventSource::RabbitMq => rabbitmq(event),
        EventSource::Cognito => cognito(event),
        EventSource::CloudFront => cloudfront(event),
        EventSource::AppSync => appsync(event),
        EventSource::Ses => ses(event),
        EventSource::Iot => iot(event),
        EventSource::StepFunctions => step_functions(event),
        _ => return None,
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Prints bytes that are base64 in the event.
fn printed(base64: &str) -> String {
    format!("printf %s {base64} | base64 -d")
}

/// The bytes of a list of signed bytes, as text.
fn of_signed(list: &Value) -> String {
    let content = Codec::SignedBytes.decode(list.to_string().as_bytes());
    content.as_ref().map(Node::to_text).unwrap_or_default()
}

/// kcat sends a file as one message.
fn kafka(event: &Value) -> String {
    let records = members(&event["records"]).filter_map(|(_, it)| it.as_array()).flatten();
    let send = |record: &Value| {
        let mut words = vec!["kcat -P -b \"$BROKERS\" -t \"$TOPIC\"".to_owned()];
        let key = BASE64_STANDARD.decode(text(&record["key"])).unwrap_or_default();
        if record.get("key").is_some() {
            words.push(format!("-k {}", quote(&String::from_utf8_lossy(&key))));
        }
        for header in record["headers"].as_array().into_iter().flatten() {
            let pairs = members(header).map(|(name, it)| format!("{name}={}", of_signed(it)));
            words.extend(pairs.map(|it| format!("-H {}", quote(&it))));
        }
        words.push("/dev/stdin".to_owned());
        format!("{} | {}", printed(text(&record["value"])), words.join(" "))
    };
    records.map(send).collect::<Vec<String>>().join("\n")
}

/// A frame of STOMP 1.2: header names and values are escaped, and become properties.
fn activemq(event: &Value) -> String {
    let escaped =
        |text: &str| text.replace('\\', "\\\\").replace('\r', "\\r").replace('\n', "\\n").replace(':', "\\c");
    let send = |message: &Value| {
        let mut frame = String::from("\n");
        let mut header = |name: &str, it: &str| {
            if !it.is_empty() {
                frame.push_str(&format!("{}:{}\n", escaped(name), escaped(it)));
            }
        };
        header("correlation-id", text(&message["correlationID"]));
        header("type", text(&message["type"]));
        members(&message["properties"]).for_each(|(name, it)| header(name, text(it)));
        frame.push('\n');
        let mut bytes = frame.into_bytes();
        bytes.extend(BASE64_STANDARD.decode(text(&message["data"])).unwrap_or_default());
        bytes.push(0);
        let login = "printf 'CONNECT\\naccept-version:1.2\\nhost:mq\\nlogin:%s\\npasscode:%s\\n\\n\\0' \
                     \"$BROKER_USER\" \"$BROKER_PASSWORD\"";
        format!(
            "{{ {login}; printf 'SEND\\ndestination:/queue/%s' \"$QUEUE\"; {}; sleep 2; }} | \
             openssl s_client -quiet -connect \"$BROKER_HOST:61614\"",
            printed(&BASE64_STANDARD.encode(bytes))
        )
    };
    event["messages"].as_array().into_iter().flatten().map(send).collect::<Vec<String>>().join("\n")
}

/// The HTTP API of RabbitMQ's management plugin.
fn rabbitmq(event: &Value) -> String {
    const NAMES: [(&str, &str); 8] = [
        ("contentType", "content_type"),
        ("contentEncoding", "content_encoding"),
        ("correlationId", "correlation_id"),
        ("replyTo", "reply_to"),
        ("messageId", "message_id"),
        ("type", "type"),
        ("appId", "app_id"),
        ("deliveryMode", "delivery_mode"),
    ];
    let send = |message: &Value| {
        let basic = &message["basicProperties"];
        let mut properties: Map<String, Value> = NAMES
            .iter()
            .filter(|(name, _)| !basic[*name].is_null())
            .map(|(name, wire)| ((*wire).to_owned(), basic[*name].clone()))
            .collect();
        let value = |it: &Value| match it.get("bytes") {
            Some(bytes) => Value::from(of_signed(bytes)),
            None => it.clone(),
        };
        let headers = members(&basic["headers"]).map(|(name, it)| (name.clone(), value(it)));
        properties.insert("headers".to_owned(), Value::Object(headers.collect()));
        let body = json!({
            "properties": properties,
            "payload": message["data"],
            "payload_encoding": "base64",
        });
        // The shell puts the queue between two quoted halves.
        let body = body.to_string();
        let head = format!("{},\"routing_key\":\"", body.strip_suffix('}').unwrap_or(&body));
        format!(
            "curl -sS -u \"$BROKER_USER:$BROKER_PASSWORD\" -H 'Content-Type: application/json' \
             --data-binary {}\"$QUEUE\"{} \"https://$BROKER_HOST/api/exchanges/%2F/amq.default/publish\"",
            quote(&head),
            quote("\"}")
        )
    };
    let messages = members(&event["rmqMessagesByQueue"]).filter_map(|(_, it)| it.as_array()).flatten();
    messages.map(send).collect::<Vec<String>>().join("\n")
}

/// Signing up, and what comes after it.
fn cognito(event: &Value) -> String {
    let request = &event["request"];
    let user = text(&event["userName"]);
    let list = |value: &Value| {
        let pairs = members(value).map(|(name, it)| json!({ "Name": name, "Value": it }));
        Value::from_iter(pairs).to_string()
    };
    let map = |value: &Value| format!("--client-metadata={}", quote(&value.to_string()));
    let trigger = text(&event["triggerSource"]).split('_').next().unwrap_or_default();
    let sign_up = || {
        // What Cognito sets is not a client's to say.
        let mut attributes = request["userAttributes"].clone();
        if let Some(members) = attributes.as_object_mut() {
            members.retain(|name, _| {
                name != "sub" && !name.ends_with("_verified") && !name.starts_with("cognito:")
            });
        }
        let mut words = vec![format!(
            "aws cognito-idp sign-up --client-id \"$CLIENT_ID\" --username={} --password \"$PASSWORD\"",
            quote(user)
        )];
        words.push(format!("--user-attributes={}", quote(&list(&attributes))));
        if request["validationData"].is_object() && trigger == "PreSignUp" {
            words.push(format!("--validation-data={}", quote(&list(&request["validationData"]))));
        }
        if request["clientMetadata"].is_object() {
            words.push(map(&request["clientMetadata"]));
        }
        words.join(" ")
    };
    let sign_in = |flow: &str, parameters: Value, metadata: &Value| {
        format!(
            "aws cognito-idp initiate-auth --client-id \"$CLIENT_ID\" --auth-flow {flow} --auth-parameters={} {}",
            quote(&parameters.to_string()),
            map(if metadata.is_object() { metadata } else { &Value::Null }).replace("--client-metadata=null", "")
        )
        .trim_end()
        .to_owned()
    };
    let with_password = |metadata: &Value| {
        // The password is what the user migrates with, else the one that she signed up with.
        match request["password"].as_str() {
            Some(password) => {
                sign_in("USER_PASSWORD_AUTH", json!({ "USERNAME": user, "PASSWORD": password }), metadata)
            }
            None => {
                let head = json!({ "USERNAME": user }).to_string();
                let head = format!("{},\"PASSWORD\":\"", head.strip_suffix('}').unwrap_or(&head));
                let metadata =
                    if metadata.is_object() { format!(" {}", map(metadata)) } else { String::new() };
                format!(
                    "aws cognito-idp initiate-auth --client-id \"$CLIENT_ID\" --auth-flow USER_PASSWORD_AUTH \
                     --auth-parameters={}\"$PASSWORD\"{}{metadata}",
                    quote(&head),
                    quote("\"}")
                )
            }
        }
    };
    let confirm = || {
        format!(
            "aws cognito-idp confirm-sign-up --client-id \"$CLIENT_ID\" --username={} --confirmation-code \"$CODE\" {}",
            quote(user),
            map(&request["clientMetadata"])
        )
    };
    let answer = || {
        let answers = json!({ "USERNAME": user, "ANSWER": request["challengeAnswer"] }).to_string();
        format!(
            "aws cognito-idp respond-to-auth-challenge --client-id \"$CLIENT_ID\" --challenge-name CUSTOM_CHALLENGE \
             --session \"$SESSION\" --challenge-responses={} {}",
            quote(&answers),
            map(&request["clientMetadata"])
        )
    };
    let lines = match trigger {
        "PreSignUp" | "CustomMessage" | "CustomEmailSender" | "CustomSMSSender" => vec![sign_up()],
        "PostConfirmation" => vec![sign_up(), confirm()],
        // Amazon Cognito user pools API, InitiateAuth: `ClientMetadata` arrives as `validationData`.
        "UserMigration" => vec![with_password(&request["validationData"])],
        "PreAuthentication" => vec![sign_up(), with_password(&request["validationData"])],
        "DefineAuthChallenge" | "CreateAuthChallenge" | "VerifyAuthChallengeResponse" => {
            vec![sign_up(), sign_in("CUSTOM_AUTH", json!({ "USERNAME": user }), &Value::Null), answer()]
        }
        _ => vec![
            sign_up(),
            "# the metadata arrives with respond-to-auth-challenge, if sign-in has a challenge".to_owned(),
            with_password(&request["clientMetadata"]),
        ],
    };
    lines.join("\n")
}

fn cloudfront(event: &Value) -> String {
    let request = &event["Records"][0]["cf"]["request"];
    let mut words = vec!["curl --globoff --path-as-is -sS".to_owned()];
    if request["method"] != "GET" {
        words.push(format!("-X {}", text(&request["method"])));
    }
    // What the way through CloudFront adds is not the viewer's.
    let is_own = |name: &str| {
        let set = ["host", "via", "x-forwarded-for", "content-length"];
        !set.contains(&name) && !name.starts_with("cloudfront-") && !name.starts_with("x-amz-")
    };
    for (_, values) in members(&request["headers"]).filter(|(name, _)| is_own(name)) {
        for header in values.as_array().into_iter().flatten().filter(|it| it["value"] != "Amazon CloudFront")
        {
            let (name, value) = (text(&header["key"]), text(&header["value"]));
            let line = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            words.push(format!("-H {}", quote(&line)));
        }
    }
    let query = text(&request["querystring"]);
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("\"$DISTRIBUTION_URL\"{}", quote(&format!("{}{mark}{query}", text(&request["uri"]))));
    match request["body"]["data"].as_str() {
        Some(data) => format!("{} | {} --data-binary @- {url}", printed(data), words.join(" ")),
        None => format!("{} {url}", words.join(" ")),
    }
}

fn appsync(event: &Value) -> String {
    let first = event.get(0).unwrap_or(event);
    let headers = |value: &Value| {
        let own = members(value).filter(|(name, _)| {
            !matches!(name.as_str(), "host" | "content-type" | "content-length")
                && !name.starts_with("x-forwarded-")
        });
        own.map(|(name, it)| format!(" -H {}", quote(&format!("{name}: {}", text(it))))).collect::<String>()
    };
    let post = |headers: &str, url: &str, body: &Value| {
        format!(
            "curl -sS -H 'Content-Type: application/json'{headers} --data-binary {} {url}",
            quote(&body.to_string())
        )
    };
    if let Some(token) = event["authorizationToken"].as_str() {
        let context = &event["requestContext"];
        let body = json!({
            "query": context["queryString"],
            "operationName": context["operationName"],
            "variables": context["variables"],
        });
        let authorization = format!(" -H {}", quote(&format!("Authorization: {token}")));
        return post(
            &format!("{authorization}{}", headers(&event["requestHeaders"])),
            "\"$GRAPHQL_URL\"",
            &body,
        );
    }
    let token = " -H \"Authorization: $TOKEN\"";
    let all = format!("{token}{}", headers(&first["request"]["headers"]));
    if let Some(channel) = event["info"]["channel"]["path"].as_str() {
        if event["info"]["operation"] == "SUBSCRIBE" {
            let asked = json!({ "type": "subscribe", "id": "1", "channel": channel,
                "authorization": { "Authorization": "TOKEN" } });
            return format!(
                "# with the token; the protocol names {{\"Authorization\", \"host\"}} in base64url\n\
                 printf '%s\\n' {} | websocat \"$EVENTS_REALTIME_URL\" --protocol \
                 \"aws-appsync-event-ws,header-$AUTHORIZATION\"{}",
                quote(&asked.to_string()),
                headers(&first["request"]["headers"])
            );
        }
        let events: Vec<Value> = event["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["payload"].to_string().into())
            .collect();
        return post(&all, "\"$EVENTS_URL\"/event", &json!({ "channel": channel, "events": events }));
    }
    let field = first["info"]["fieldName"].as_str().or(first["fieldName"].as_str()).unwrap_or_default();
    let names: Vec<&str> = members(&first["arguments"]).map(|(name, _)| name.as_str()).collect();
    let declared: Vec<String> = names.iter().map(|name| format!("${name}: String")).collect();
    let passed: Vec<String> = names.iter().map(|name| format!("{name}: ${name}")).collect();
    let query = match names.is_empty() {
        true => format!("{{ {field} }}"),
        false => format!("query ({}) {{ {field}({}) }}", declared.join(", "), passed.join(", ")),
    };
    let body = json!({ "query": query, "variables": first["arguments"] });
    format!("# with the types and the selection of the schema\n{}", post(&all, "\"$GRAPHQL_URL\"", &body))
}

/// The letter over SMTP, with an empty body.
fn ses(event: &Value) -> String {
    let mail = &event["Records"][0]["ses"]["mail"];
    // The receiving server writes the others.
    let is_own = |name: &str| !matches!(name, "Return-Path" | "Received") && !name.starts_with("X-SES-");
    let mut letter = String::new();
    for header in mail["headers"].as_array().into_iter().flatten().filter(|it| is_own(text(&it["name"]))) {
        letter.push_str(&format!("{}: {}\r\n", text(&header["name"]), text(&header["value"])));
    }
    letter.push_str("\r\n");
    let recipients = mail["destination"].as_array().into_iter().flatten();
    let recipients: String = recipients.map(|it| format!(" --mail-rcpt {}", quote(text(it)))).collect();
    format!(
        "{} | curl -sS \"smtp://$MX_HOST\" --mail-from {}{recipients} --upload-file -",
        printed(&BASE64_STANDARD.encode(letter)),
        quote(text(&mail["source"]))
    )
}

fn iot(event: &Value) -> String {
    let mut payload = event.clone();
    if let Some(members) = payload.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "topic" | "clientId" | "timestamp"));
    }
    let is_encoded = payload.as_object().is_some_and(|it| it.len() == 1 && it.contains_key("data"));
    let payload = match payload["data"].as_str().filter(|it| is_encoded && BASE64_STANDARD.decode(it).is_ok())
    {
        Some(data) => format!("--cli-binary-format base64 --payload={}", quote(data)),
        None => format!("--cli-binary-format raw-in-base64-out --payload={}", quote(&payload.to_string())),
    };
    format!(
        "# as the client {}\naws iot-data publish --qos 1 --topic={} {payload}",
        quote(text(&event["clientId"])).replace('\n', " "),
        quote(text(&event["topic"]))
    )
}

/// The state machine makes the rest of the event.
fn step_functions(event: &Value) -> String {
    let mut rest = event.clone();
    let is_context = |it: &Value| it.get("Execution").is_some() && it.get("StateMachine").is_some();
    let input = if is_context(event) {
        event["Execution"]["Input"].clone()
    } else {
        if let Some(members) = rest.as_object_mut() {
            members.retain(|name, it| {
                !is_context(it) && !matches!(name.as_str(), "TaskToken" | "taskToken" | "token")
            });
        }
        rest.get("Input").or(rest.get("input")).cloned().unwrap_or(rest)
    };
    format!(
        "aws stepfunctions start-execution --state-machine-arn \"$STATE_MACHINE_ARN\" --input={}",
        quote(&input.to_string())
    )
}

#[cfg(test)]
mod tests;
