//! What somebody says to a bot. Amazon Lex V2 developer guide, "AWS Lambda input event format for Lex V2", with the structures
//! "Intent" and "Session state" of the same chapter.
//!
//! Slots hold what was said, as slots with the resolution strategy "original value" have it. The transcript and the intent show
//! in several places.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Content, Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::Node,
    wire::{doc::Doc, facts},
};

/// Amazon Lex Runtime V2 API, RecognizeText: 1 to 1,024 characters.
const MAX_TEXT_BYTES: usize = 1_024;
/// The same: attributes are any texts; Amazon Lex V2 quotas: 25 KB for those of a session.
const MAX_ATTRIBUTE_BYTES: usize = 12 * 1024;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let attributes = |place: &str| {
        // The application that asks the bot for somebody gives them, or the function has.
        Rule::new(place, Charset::Any, MAX_ATTRIBUTE_BYTES).names(Charset::NonEmpty, 256).conditional()
    };
    vec![
        Rule::new("/inputTranscript", Charset::NonEmpty, MAX_TEXT_BYTES).texts(),
        Rule::new("/sessionState/intent/slots/*/value/originalValue", Charset::NonEmpty, MAX_TEXT_BYTES)
            .texts(),
        attributes("/sessionState/sessionAttributes/*"),
        attributes("/requestAttributes/*"),
    ]
});

/// The source.
pub(super) struct Lex;

impl Sender for Lex {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        Said { transcript: as_text(content), ..Said::default() }.event()
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        const SLOTS: &[&[&str]] =
            &[&["sessionState", "intent", "slots"], &["interpretations", "intent", "slots"]];
        // What the code reads below a slot are members that a slot has anyway: what somebody said is a text.
        let slots = words.pairs(SLOTS).into_iter().enumerate();
        let slots = slots.map(|(index, (name, value))| match value.starts_with(['{', '[']) {
            true => (name, words.word(index + 1)),
            false => (name, value),
        });
        let slots: Vec<(String, String)> = slots.collect();
        let intent = words.pairs(&[&["sessionState", "intent"], &["interpretations", "intent"]]);
        let said = Said {
            transcript: words.word(0),
            intent: intent.into_iter().find(|(name, _)| name == "name").map(|(_, name)| name),
            slots: if slots.is_empty() { vec![("Name".to_owned(), words.word(1))] } else { slots },
            session: words.pairs(&[&["sessionState", "sessionAttributes"]]),
            request: words.pairs(&[&["requestAttributes"]]),
        };
        let first = Said { slots: Vec::new(), ..said.clone() };
        vec![
            ("fulfillment", said.event()),
            ("dialog", said.dialog()),
            ("fulfillment-no-slots", first.event()),
        ]
    }

    /// Copies are left out.
    fn said(&self, event: &mut Value) {
        let transcript = event["inputTranscript"].clone();
        blank(event, "/transcriptions/0/transcription", &transcript);
        let intent = event.pointer("/sessionState/intent").cloned().unwrap_or_default();
        for place in INTENTS {
            blank(event, place, &intent);
        }
        for slot in slots(event) {
            let original = slot["originalValue"].clone();
            blank(slot, "/interpretedValue", &original);
            blank(slot, "/resolvedValues/0", &original);
        }
    }

    fn delivered<'n>(&self, _said: &'n Node, event: &mut Doc<'n>) {
        let slots = event.pointer_mut("/sessionState/intent/slots").map(Doc::parts_mut);
        for slot in slots.into_iter().flatten().filter_map(|it| it.get_mut("value")) {
            fill(slot, "/interpretedValue", "/originalValue");
            fill(slot, "/resolvedValues/0", "/originalValue");
        }
        fill(event, "/transcriptions/0/transcription", "/inputTranscript");
        for place in INTENTS {
            fill(event, place, "/sessionState/intent");
        }
    }
}

/// Where the intent shows once more.
const INTENTS: [&str; 2] = ["/interpretations/0/intent", "/proposedNextState/intent"];

/// The values of the slots that have one.
fn slots(event: &mut Value) -> impl Iterator<Item = &mut Value> {
    let slots = event.pointer_mut("/sessionState/intent/slots").and_then(Value::as_object_mut);
    let values = slots.into_iter().flat_map(|it| it.values_mut()).filter_map(|it| it.get_mut("value"));
    values.filter(|it| it["originalValue"].is_string())
}

fn blank(event: &mut Value, place: &str, copied: &Value) {
    if let Some(copy) = event.pointer_mut(place).filter(|it| **it == *copied) {
        *copy = Value::Null;
    }
}

fn fill(event: &mut Doc<'_>, place: &str, copied: &str) {
    let Some(copied) = event.pointer(copied).cloned() else { return };
    if let Some(copy) = event.pointer_mut(place).filter(|it| **it == Doc::Null) {
        *copy = copied;
    }
}

/// What a user and an application say.
#[derive(Clone, Default)]
pub(super) struct Said {
    pub(super) transcript: String,
    /// Name of the intent, if it matters.
    pub(super) intent: Option<String>,
    pub(super) slots: Vec<(String, String)>,
    pub(super) session: Vec<(String, String)>,
    pub(super) request: Vec<(String, String)>,
}

impl Said {
    fn intent(&self, state: &str) -> Value {
        let slot = |value: &String| {
            let value =
                json!({ "originalValue": value, "interpretedValue": value, "resolvedValues": [value] });
            json!({ "shape": "Scalar", "value": value })
        };
        let slots: Map<String, Value> =
            self.slots.iter().map(|(name, it)| (name.clone(), slot(it))).collect();
        json!({
            "confirmationState": "None",
            "name": self.intent.as_deref().unwrap_or("Order"),
            "slots": slots,
            "state": state,
        })
    }

    fn turn(&self, source: &str, intent: &Value) -> Value {
        let attributes = |pairs: &[(String, String)]| -> Map<String, Value> {
            pairs.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))).collect()
        };
        json!({
            "sessionId": facts::uuid("lex session", 0),
            "inputTranscript": self.transcript,
            "requestAttributes": attributes(&self.request),
            "interpretations": [
                { "intent": intent, "interpretationSource": "Lex", "nluConfidence": 0.84 },
                {
                    "intent": {
                        "confirmationState": "None",
                        "name": "FallbackIntent",
                        "slots": {},
                        "state": "ReadyForFulfillment",
                    },
                    "interpretationSource": "Lex",
                },
            ],
            "sessionState": {
                "activeContexts": [],
                "intent": intent,
                "originatingRequestId": facts::uuid("lex request", 0),
                "sessionAttributes": attributes(&self.session),
            },
            "responseContentType": "text/plain; charset=utf-8",
            "invocationSource": source,
            "transcriptions": [{
                "resolvedContext": { "intent": intent["name"] },
                "resolvedSlots": {},
                "transcription": self.transcript,
                "transcriptionConfidence": 1.0,
            }],
            "bot": {
                "aliasId": "TSTALIASID",
                "aliasName": "TestBotAlias",
                "id": facts::token("lex bot", 0, 10),
                "localeId": "en_US",
                "name": "Bot",
                "version": "DRAFT",
            },
            "inputMode": "Text",
            "messageVersion": "1.0",
        })
    }

    /// All that was asked for has been said.
    pub(super) fn event(&self) -> Value {
        self.turn("FulfillmentCodeHook", &self.intent("ReadyForFulfillment"))
    }

    /// The bot wants to know something.
    pub(super) fn dialog(&self) -> Value {
        let intent = self.intent("InProgress");
        let mut event = self.turn("DialogCodeHook", &intent);
        event["invocationLabel"] = "hook".into();
        event["proposedNextState"] = json!({ "dialogAction": { "type": "Delegate" }, "intent": intent });
        event
    }
}
