//! What somebody says to a bot, to a contact center, to an agent.
//!
//! Amazon Lex V2 developer guide, "AWS Lambda input event format for Lex V2"; Amazon Connect administrator guide, "Invoke Lambda
//! functions"; Amazon Bedrock user guide, "Configure Lambda functions to send information that an Amazon Bedrock agent elicits
//! from the user".

use serde_json::Value;

use super::{Facts, is_uuid, object, text};

const TURN: &str = "sessionId:s inputTranscript:s requestAttributes:o interpretations:a sessionState:o \
    responseContentType:s invocationSource:s invocationLabel:s? proposedNextState:o? transcriptions:a bot:o inputMode:s \
    messageVersion:s";

pub(super) fn lex(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, TURN);
    facts.equal("the version", &event["messageVersion"], "1.0");
    let source = text(&event["invocationSource"]);
    facts.hold(["DialogCodeHook", "FulfillmentCodeHook"].contains(&source), "nobody invokes so");
    facts.equal(
        "the next state",
        &event.get("proposedNextState").is_some().into(),
        source == "DialogCodeHook",
    );
    facts.hold(["Text", "Speech", "DTMF"].contains(&text(&event["inputMode"])), "nobody says so");
    let kind = text(&event["responseContentType"]);
    facts.hold(kind == "text/plain; charset=utf-8" || kind.starts_with("audio/"), "nobody answers so");
    let said = text(&event["inputTranscript"]);
    facts.hold((1..=1_024).contains(&said.chars().count()), "nobody says nothing, or so much");
    let id = text(&event["sessionId"]);
    let plain = |it: char| it.is_ascii_alphanumeric() || "._:-".contains(it);
    facts.hold((2..=100).contains(&id.len()) && id.chars().all(plain), "sessionId is none");
    facts.members("bot", &event["bot"], "aliasId:s aliasName:s id:s localeId:s name:s version:s");
    let state = &event["sessionState"];
    facts.members(
        "sessionState",
        state,
        "activeContexts:a intent:o originatingRequestId:s sessionAttributes:o",
    );
    facts.hold(is_uuid(text(&state["originatingRequestId"])), "originatingRequestId is no UUID");
    texts("sessionAttributes", &state["sessionAttributes"], facts);
    texts("requestAttributes", &event["requestAttributes"], facts);
    intent(&state["intent"], facts);
    let meant = event["interpretations"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold((1..=5).contains(&meant.len()), "there are one to five interpretations");
    for (index, it) in meant.iter().enumerate() {
        let members = if index == 0 { "nluConfidence:n" } else { "nluConfidence:n?" };
        let members = format!("intent:o interpretationSource:s {members}");
        facts.members("the interpretation", it, &members);
        facts.hold(["Lex", "Bedrock"].contains(&text(&it["interpretationSource"])), "nobody interprets so");
        intent(&it["intent"], facts);
    }
    facts.equal("the intent", &event["interpretations"][0]["intent"], state["intent"].clone());
    if let Some(next) = event.get("proposedNextState") {
        facts.members("proposedNextState", next, "dialogAction:o intent:o");
        facts.members("dialogAction", &next["dialogAction"], "type:s");
        let known = ["Close", "ConfirmIntent", "Delegate", "ElicitIntent", "ElicitSlot"];
        facts.hold(known.contains(&text(&next["dialogAction"]["type"])), "there is no such action");
        facts.equal("the next intent", &next["intent"], state["intent"].clone());
    }
    let heard = &event["transcriptions"][0];
    let members = "resolvedContext:o resolvedSlots:o transcription:s transcriptionConfidence:n";
    facts.members("the transcription", heard, members);
    facts.members("resolvedSlots", &heard["resolvedSlots"], "");
    facts.equal("the transcript", &heard["transcription"], said);
    facts.members("resolvedContext", &heard["resolvedContext"], "intent:s");
    facts.equal("the context", &heard["resolvedContext"]["intent"], state["intent"]["name"].clone());
}

fn intent(intent: &Value, facts: &mut Facts) {
    facts.members("the intent", intent, "confirmationState:s name:s slots:o state:s");
    let known = ["None", "Confirmed", "Denied"];
    facts.hold(known.contains(&text(&intent["confirmationState"])), "nobody confirms so");
    let known =
        ["Failed", "Fulfilled", "FulfillmentInProgress", "InProgress", "ReadyForFulfillment", "Waiting"];
    facts.hold(known.contains(&text(&intent["state"])), "there is no such state");
    for (name, slot) in object(&intent["slots"]) {
        if slot.is_null() {
            continue;
        }
        facts.members(&name, &slot, "shape:s value:o");
        facts.equal("the shape", &slot["shape"], "Scalar");
        let value = &slot["value"];
        facts.members(&name, value, "originalValue:s interpretedValue:s resolvedValues:a");
        // As it was said: all of ours are of such slots.
        facts.hold(!text(&value["originalValue"]).is_empty(), "nobody fills a slot with nothing");
        facts.equal("the interpreted value", &value["interpretedValue"], value["originalValue"].clone());
        facts.equal("the resolved values", &value["resolvedValues"], vec![value["originalValue"].clone()]);
    }
}

fn texts(what: &str, object: &Value, facts: &mut Facts) {
    for (name, value) in super::object(object) {
        facts.hold(value.is_string() && !name.is_empty(), &format!("{name:?} of {what} is no text"));
    }
}

const CONTACT: &str = "Attributes:o Channel:s ContactId:s CustomerEndpoint:o InitialContactId:s InitiationMethod:s \
    InstanceARN:s PreviousContactId:s Queue:o0 SystemEndpoint:o";

pub(super) fn connect(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "Details:o Name:s");
    facts.equal("the name", &event["Name"], "ContactFlowEvent");
    facts.members("Details", &event["Details"], "ContactData:o Parameters:o");
    texts("Parameters", &event["Details"]["Parameters"], facts);
    let contact = &event["Details"]["ContactData"];
    facts.members("ContactData", contact, CONTACT);
    texts("Attributes", &contact["Attributes"], facts);
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
    let names = object(&contact["Attributes"]);
    facts.hold(names.keys().all(|it| it.chars().all(plain)), "an attribute has another name");
    facts.hold(contact["Attributes"].to_string().len() <= 64 * 1_024, "the attributes are too large");
    facts.hold(["VOICE", "CHAT", "TASK", "EMAIL"].contains(&text(&contact["Channel"])), "no channel is such");
    let known = ["INBOUND", "OUTBOUND", "TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "API", "DISCONNECT"];
    facts.hold(known.contains(&text(&contact["InitiationMethod"])), "nothing begins so");
    for name in ["ContactId", "InitialContactId", "PreviousContactId"] {
        facts.hold(is_uuid(text(&contact[name])), &format!("{name} is no UUID"));
    }
    for name in ["CustomerEndpoint", "SystemEndpoint"] {
        let endpoint = &contact[name];
        facts.members(name, endpoint, "Address:s Type:s");
        facts.equal("the type", &endpoint["Type"], "TELEPHONE_NUMBER");
        let number = text(&endpoint["Address"]).strip_prefix('+').unwrap_or_default();
        let fits = (2..=15).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit());
        facts.hold(fits, &format!("{name} has no number"));
    }
    let instance = text(&contact["InstanceARN"]);
    let id = instance.rsplit('/').next().unwrap_or_default();
    facts.hold(instance.starts_with("arn:aws:connect:") && is_uuid(id), "InstanceARN is no instance");
    if contact["Queue"].is_object() {
        facts.members("Queue", &contact["Queue"], "ARN:s Name:s");
        let queue = text(&contact["Queue"]["ARN"]).strip_prefix(instance);
        let id = queue.and_then(|it| it.strip_prefix("/queue/"));
        facts.hold(id.is_some_and(is_uuid), "the queue is of another instance");
    }
}

const CALL: &str = "messageVersion:s agent:o inputText:s sessionId:s actionGroup:s parameters:a? sessionAttributes:o \
    promptSessionAttributes:o";

pub(super) fn bedrock_agent(event: &Value, facts: &mut Facts) {
    let more = match event.get("function") {
        Some(_) => "function:s",
        None => "apiPath:s httpMethod:s requestBody:o?",
    };
    facts.members("the event", event, &format!("{CALL} {more}"));
    facts.equal("the version", &event["messageVersion"], "1.0");
    facts.members("agent", &event["agent"], "name:s id:s alias:s version:s");
    facts.hold(!text(&event["inputText"]).is_empty(), "nobody says nothing");
    texts("sessionAttributes", &event["sessionAttributes"], facts);
    texts("promptSessionAttributes", &event["promptSessionAttributes"], facts);
    if event.get("function").is_none() {
        facts.hold(text(&event["apiPath"]).starts_with('/'), "apiPath is no path");
        let method = text(&event["httpMethod"]);
        facts.hold(["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method), "there is no such method");
    }
    let mut all: Vec<Value> = event["parameters"].as_array().cloned().unwrap_or_default();
    if let Some(body) = event.get("requestBody") {
        facts.members("requestBody", body, "content:o");
        for (kind, content) in object(&body["content"]) {
            facts.hold(kind.contains('/'), &format!("{kind} is no media type"));
            facts.members(&kind, &content, "properties:a");
            all.extend(content["properties"].as_array().cloned().unwrap_or_default());
        }
    }
    for it in &all {
        facts.members("a parameter", it, "name:s type:s value:s");
        let known = ["string", "number", "integer", "boolean", "array", "object"];
        facts.hold(known.contains(&text(&it["type"])), "there is no such type");
        facts.hold(!text(&it["name"]).is_empty(), "a parameter has no name");
    }
}
