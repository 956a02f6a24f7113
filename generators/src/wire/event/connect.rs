//! A contact flow that asks a function. Amazon Connect administrator guide, "Invoke Lambda functions"; AWS Lambda developer guide,
//! "Using Lambda with Amazon Connect".
//!
//! What a customer has typed or said is in the event if the flow copies it to an attribute or a parameter.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Content, Rule, Sender, Vocabulary, as_text};
use crate::{point::Charset, tree::Node, wire::facts};

/// Amazon Connect API, StartChatContact: 32 KB for the attributes of a contact. Leaves room for others.
const MAX_ATTRIBUTE_BYTES: usize = 8 * 1024;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        // The same: names of letters, digits, `-` and `_`.
        Rule::new("/Details/ContactData/Attributes/*", Charset::Any, MAX_ATTRIBUTE_BYTES)
            .names(Charset::Base64Url, 128)
            .conditional(),
        // The flow has the names.
        Rule::new("/Details/Parameters/*", Charset::Any, MAX_ATTRIBUTE_BYTES).texts().conditional(),
    ]
});

/// The source.
pub(super) struct Connect;

impl Sender for Connect {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn accepts(&self, event: &Node) -> bool {
        event.at(&["Details", "ContactData", "Attributes", ""]).is_none()
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        let said = [("input".to_owned(), as_text(content))];
        contact(&[], &said)
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let mut attributes = words.pairs(&[&["Details", "ContactData", "Attributes"]]);
        attributes.retain(|(name, _)| !name.is_empty() && Charset::Base64Url.refused(name).is_none());
        let mut parameters = words.pairs(&[&["Details", "Parameters"]]);
        if parameters.is_empty() {
            parameters.push(("input".to_owned(), words.word(0)));
        }
        let mut queued = contact(&attributes, &parameters);
        let instance =
            queued["Details"]["ContactData"]["InstanceARN"].as_str().unwrap_or_default().to_owned();
        let queue = format!("{instance}/queue/{}", facts::uuid("connect queue", 0));
        queued["Details"]["ContactData"]["Queue"] = json!({ "ARN": queue, "Name": "Support" });
        vec![("flow", contact(&attributes, &parameters)), ("flow-queue", queued)]
    }
}

/// A call that a flow is at work on.
pub(super) fn contact(attributes: &[(String, String)], parameters: &[(String, String)]) -> Value {
    let object = |pairs: &[(String, String)]| -> Map<String, Value> {
        pairs.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))).collect()
    };
    let id = facts::uuid("connect contact", 0);
    let instance = facts::uuid("connect instance", 0);
    json!({
        "Details": {
            "ContactData": {
                "Attributes": object(attributes),
                "Channel": "VOICE",
                "ContactId": id,
                // Numbers that nobody has, ITU-T E.164 and the plan of North America.
                "CustomerEndpoint": { "Address": "+12025550143", "Type": "TELEPHONE_NUMBER" },
                "InitialContactId": id,
                "InitiationMethod": "INBOUND",
                "InstanceARN":
                    format!("arn:aws:connect:{}:{}:instance/{instance}", facts::REGION, facts::ACCOUNT),
                "PreviousContactId": id,
                "Queue": null,
                "SystemEndpoint": { "Address": "+12025550178", "Type": "TELEPHONE_NUMBER" },
            },
            "Parameters": object(parameters),
        },
        "Name": "ContactFlowEvent",
    })
}
