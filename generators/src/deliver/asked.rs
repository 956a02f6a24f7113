//! What makes services that ask a function about one thing ask it: a stack, a bot, a call, a rule, a device, an agent, a login.
//!
//! Variables beside those of `deliver`: `$STACK`, `$BOT_ID`, `$BOT_ALIAS_ID`, `$INSTANCE_ID`, `$FLOW_ID`, `$RESOURCE`,
//! `$AUTHORIZER`, `$AGENT_ID`, `$AGENT_ALIAS_ID`, `$SERVER_ID`.

use serde_json::{Map, Value, json};

use super::quote;
use crate::source::EventSource;

/// Shell commands, one a line, that make `source` deliver `event`. `None` for sources that are not here.
pub(super) fn command(source: EventSource, event: &Value) -> Option<String> {
    Some(match source {
        EventSource::CloudFormation => cloudformation(event),
        EventSource::Lex => lex(event),
        EventSource::Connect => connect(event),
        EventSource::Config => config(event)?,
        EventSource::IotAuthorizer => iot_authorizer(event),
        EventSource::BedrockAgent => bedrock_agent(event),
        EventSource::Transfer => transfer(event),
        _ => return None,
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_empty(object: &Value) -> bool {
    object.as_object().is_none_or(Map::is_empty)
}

fn json_word(value: &Value) -> String {
    quote(&value.to_string())
}

/// A template that has nothing but the resource.
fn cloudformation(event: &Value) -> String {
    let stack = |verb: &str, properties: &Value| {
        let resource = json!({ "Type": event["ResourceType"], "Properties": properties });
        let template = json!({ "Resources": { text(&event["LogicalResourceId"]): resource } });
        format!(
            "aws cloudformation {verb} --stack-name \"$STACK\" --template-body={}",
            quote(&template.to_string())
        )
    };
    let create = |properties: &Value| stack("create-stack", properties);
    match text(&event["RequestType"]) {
        "Update" => {
            let old = create(&event["OldResourceProperties"]);
            format!("{old}\n{}", stack("update-stack", &event["ResourceProperties"]))
        }
        "Delete" => {
            let made = create(&event["ResourceProperties"]);
            format!("{made}\naws cloudformation delete-stack --stack-name \"$STACK\"")
        }
        _ => create(&event["ResourceProperties"]),
    }
}

/// Slots are filled in the turns before.
fn lex(event: &Value) -> String {
    let say = |what: &str, more: &str| {
        format!(
            "aws lexv2-runtime recognize-text --bot-id \"$BOT_ID\" --bot-alias-id \"$BOT_ALIAS_ID\" \
             --locale-id={} --session-id={} --text={}{more}",
            quote(text(&event["bot"]["localeId"])),
            quote(text(&event["sessionId"])),
            quote(what)
        )
    };
    let state = &event["sessionState"];
    let slots = state["intent"]["slots"].as_object().into_iter().flatten();
    let values = slots.map(|(_, slot)| text(&slot["value"]["originalValue"])).filter(|it| !it.is_empty());
    let mut lines: Vec<String> = values.map(|it| say(it, "")).collect();
    let mut more = String::new();
    if !is_empty(&event["requestAttributes"]) {
        more.push_str(&format!(" --request-attributes={}", json_word(&event["requestAttributes"])));
    }
    if !is_empty(&state["sessionAttributes"]) {
        let state = json!({ "sessionAttributes": state["sessionAttributes"] });
        more.push_str(&format!(" --session-state={}", json_word(&state)));
    }
    lines.push(say(text(&event["inputTranscript"]), &more));
    lines.join("\n")
}

fn connect(event: &Value) -> String {
    let details = &event["Details"];
    // A shell's comment ends with its line.
    let parameters = details["Parameters"].to_string().replace(['\n', '\r'], " ");
    format!(
        "# in a flow that gives the function these parameters, of what the customer says: {parameters}\n\
         aws connect start-chat-contact --instance-id \"$INSTANCE_ID\" --contact-flow-id \"$FLOW_ID\" \
         --participant-details DisplayName=customer --attributes={}",
        json_word(&details["ContactData"]["Attributes"])
    )
}

/// Tags; settings are set with the service of the resource. `None` if nobody did anything.
fn config(event: &Value) -> Option<String> {
    let happened: Value = serde_json::from_str(text(&event["invokingEvent"])).ok()?;
    let item = happened.get("configurationItem")?;
    let tags = item["tags"].as_object().into_iter().flatten();
    let tags: Vec<Value> = tags.map(|(name, it)| json!({ "Key": name, "Value": it })).collect();
    let settings = item["configuration"].to_string().replace(['\n', '\r'], " ");
    Some(format!(
        "# of a resource with these settings: {settings}\n\
         aws ec2 create-tags --resources \"$RESOURCE\" --tags={}",
        quote(&Value::from(tags).to_string())
    ))
}

fn iot_authorizer(event: &Value) -> String {
    let mut words = vec![
        "aws iot test-invoke-authorizer --authorizer-name \"$AUTHORIZER\" --cli-binary-format base64"
            .to_owned(),
    ];
    if let Some(token) = event["token"].as_str() {
        words.push(format!("--token={}", quote(token)));
    }
    if event["signatureVerified"] == true {
        words.push("--token-signature=\"$SIGNATURE\"".to_owned());
    }
    let protocol = &event["protocolData"];
    if let Some(mqtt) = protocol.get("mqtt") {
        words.push(format!("--mqtt-context={}", json_word(mqtt)));
    }
    if let Some(http) = protocol.get("http") {
        words.push(format!("--http-context={}", json_word(http)));
    }
    words.join(" ")
}

/// The AWS CLI has no such command, since the answer is a stream.
fn bedrock_agent(event: &Value) -> String {
    let attributes = json!({
        "sessionAttributes": event["sessionAttributes"],
        "promptSessionAttributes": event["promptSessionAttributes"],
    });
    let asked = json!({
        "sessionId": event["sessionId"],
        "inputText": event["inputText"],
        "sessionState": attributes,
    });
    format!(
        "# and talk the agent into the parameters\n\
         python3 -c 'import boto3, json, sys; print(list(boto3.client(\"bedrock-agent-runtime\").invoke_agent(\
         agentId=sys.argv[1], agentAliasId=sys.argv[2], **json.loads(sys.argv[3]))[\"completion\"]))' \
         \"$AGENT_ID\" \"$AGENT_ALIAS_ID\" {}",
        json_word(&asked)
    )
}

fn transfer(event: &Value) -> String {
    let mut line = format!(
        "aws transfer test-identity-provider --server-id \"$SERVER_ID\" --server-protocol={} --source-ip={} \
         --user-name={}",
        quote(text(&event["protocol"])),
        quote(text(&event["sourceIp"])),
        quote(text(&event["username"]))
    );
    if !text(&event["password"]).is_empty() {
        line.push_str(&format!(" --user-password={}", quote(text(&event["password"]))));
    }
    line
}
