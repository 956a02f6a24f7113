//! An agent that calls a function. Amazon Bedrock user guide, "Configure Lambda functions to send information that an Amazon
//! Bedrock agent elicits from the user".
//!
//! What somebody tells the agent is in the event as it was said. Parameters are what the model makes of the conversation: it can be
//! talked into any text.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Content, Rule, Sender, Vocabulary, as_text};
use crate::{
    point::{Charset, Path, Step},
    tree::Node,
    wire::facts,
};

/// Agents for Amazon Bedrock Runtime API, InvokeAgent: 25 million characters. A model's context ends long before.
const MAX_TEXT_BYTES: usize = 100 * 1024;
/// What a model writes at most is its own affair: thousands of tokens.
const MAX_VALUE_BYTES: usize = 8 * 1024;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let value = |place: &str| Rule::new(place, Charset::Any, MAX_VALUE_BYTES).texts().conditional();
    // The application that asks the agent for somebody gives them.
    let attributes = |place: &str| {
        Rule::new(place, Charset::Any, MAX_VALUE_BYTES).names(Charset::NonEmpty, 256).conditional()
    };
    vec![
        Rule::new("/inputText", Charset::NonEmpty, MAX_TEXT_BYTES).texts(),
        value("/parameters/*/value"),
        value("/requestBody/content/*/properties/*/value"),
        attributes("/sessionAttributes/*"),
        attributes("/promptSessionAttributes/*"),
    ]
});

/// The source.
pub(super) struct BedrockAgent;

impl Sender for BedrockAgent {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    /// The schema says what a value of another type looks like.
    fn sets(&self, event: &Node, path: &Path) -> bool {
        let Some(at) =
            path.0.iter().position(|it| matches!(it, Step::Member { name, .. } if name == "value"))
        else {
            return false;
        };
        let kind = event.get(&Path(path.0[..at].to_vec()).member("type"));
        kind.is_some_and(|it| it.to_text() != "string")
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        called(&as_text(content), &[], &[], Call::Function("order"))
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let input = words.word(0);
        let session = words.pairs(&[&["sessionAttributes"]]);
        // Code that looks for a parameter compares its name.
        let mut names = words.pairs(&[&["parameters"], &["requestBody", "content", "properties"]]);
        names.retain(|(name, _)| !matches!(name.as_str(), "name" | "type" | "value"));
        if names.is_empty() {
            names.push(("id".to_owned(), words.word(1)));
        }
        let routes = words.pairs(&[&[]]);
        let known = |name: &str, otherwise: &str| {
            let known = routes.iter().find(|(it, _)| it == name);
            known.map_or_else(|| otherwise.to_owned(), |(_, value)| value.clone())
        };
        let (function, path) = (known("function", "order"), known("apiPath", "/orders"));
        vec![
            ("function", called(&input, &names, &session, Call::Function(&function))),
            ("api", called(&input, &names, &session, Call::Api(&path, None))),
            ("api-body", called(&input, &[], &session, Call::Api(&path, Some(&names)))),
        ]
    }
}

/// What of an action group is called.
#[derive(Clone, Copy)]
pub(super) enum Call<'c> {
    /// A function by its name.
    Function(&'c str),
    /// An operation of an OpenAPI schema by its path, perhaps with a body.
    Api(&'c str, Option<&'c [(String, String)]>),
}

/// A call with these parameters.
pub(super) fn called(
    input: &str,
    parameters: &[(String, String)],
    session: &[(String, String)],
    call: Call<'_>,
) -> Value {
    let typed = |pairs: &[(String, String)]| -> Vec<Value> {
        let one = |(name, it): &(String, String)| json!({ "name": name, "type": "string", "value": it });
        pairs.iter().map(one).collect()
    };
    let session: Map<String, Value> =
        session.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))).collect();
    let mut event = json!({
        "messageVersion": "1.0",
        "agent": {
            "name": "agent",
            "id": facts::token("bedrock agent", 0, 10),
            "alias": "TSTALIASID",
            "version": "DRAFT",
        },
        "inputText": input,
        "sessionId": facts::token("bedrock session", 0, 15),
        "actionGroup": "orders",
        "parameters": typed(parameters),
        "sessionAttributes": session,
        "promptSessionAttributes": {},
    });
    match call {
        Call::Function(name) => event["function"] = name.into(),
        Call::Api(path, body) => {
            event["apiPath"] = path.into();
            event["httpMethod"] = if body.is_some() { "POST" } else { "GET" }.into();
            if let Some(body) = body {
                event["requestBody"] =
                    json!({ "content": { "application/json": { "properties": typed(body) } } });
            }
        }
    }
    event
}
