//! What a state machine passes to a task. AWS Step Functions developer guide, "Invoke an AWS Lambda function with Step
//! Functions", "Wait for a Callback with Task Token" and "Accessing execution data from the Context object".
//!
//! A task whose payload is the state's input alone looks like a direct invocation. Known are those in which the task token or the
//! context object is.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary};
use crate::{
    point::{Charset, Path, Step},
    tree::Node,
    wire::facts,
};

/// AWS Step Functions service quotas: 256 KiB of input or output of a task, state or execution.
const MAX_INPUT_BYTES: usize = 256 * 1024;

/// Who may start an execution says what its input is: an application, mostly.
static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/**", Charset::Any, MAX_INPUT_BYTES).conditional()]);

/// Names for `$$.Task.Token` and, in the same order, for the input beside it.
const TOKENS: [(&str, &str); 3] = [("TaskToken", "Input"), ("taskToken", "input"), ("token", "input")];
/// What the context object always has.
const CONTEXT: [&str; 3] = ["Execution", "State", "StateMachine"];

/// The source.
pub(super) struct StepFunctions;

impl Sender for StepFunctions {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn sets(&self, event: &Node, path: &Path) -> bool {
        let name = |index: usize| match path.0.get(index) {
            Some(Step::Member { name, .. }) => Some(name.as_str()),
            _ => None,
        };
        if name(0).is_some_and(is_token_name) {
            return event.leaf_text(&Path(path.0[..1].to_vec())).is_some_and(|it| is_token(&it));
        }
        let depth = match path.0.first() {
            _ if is_context(event) => 0,
            Some(first) if event.get(&Path(vec![first.clone()])).is_some_and(is_context) => 1,
            _ => return false,
        };
        // The input of the execution is the caller's.
        !(name(depth) == Some("Execution") && name(depth + 1) == Some("Input") && path.0.len() > depth + 1)
    }

    fn accepts(&self, event: &Node) -> bool {
        // The payload of a task is bound as its input is.
        matches!(event, Node::Object(_))
            && event.fits(MAX_INPUT_BYTES)
            && is_task_node(event)
            && contexts(event).all(|it| it.at(&["Execution", "Input"]).is_some())
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["Input"], &["input"], &["Execution", "Input"], &[]]
    }

    fn saying(&self, content: &Value) -> Value {
        with_context(content.clone())
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let (token, input) = TOKENS.into_iter().find(|(it, _)| words.mentions(it)).unwrap_or(TOKENS[0]);
        let mut content = Map::new();
        for place in [&[input][..], &["Execution", "Input"], &[]] {
            let known = words.object(place).filter(Value::is_object).unwrap_or_else(|| json!({}));
            for (name, value) in known.as_object().into_iter().flatten() {
                content.entry(name.as_str()).or_insert_with(|| value.clone());
            }
        }
        content.retain(|name, _| name != input && !is_token_name(name));
        if content.is_empty() {
            content.insert("kind".to_owned(), Value::from(words.word(0)));
        }
        let content = Value::Object(content);
        vec![("task-token", with_token(token, input, content.clone())), ("context", context(content))]
    }

    fn bare(&self, _words: &dyn Vocabulary) -> Value {
        with_context(json!({}))
    }
}

/// As [`is_task`]; of equal names the last counts, as for a parser.
fn is_task_node(event: &Node) -> bool {
    let Node::Object(members) = event else { return false };
    let is_object = |node: &Node, name: &str| match node {
        Node::Object(members) => {
            matches!(members.iter().rfind(|(it, _)| it == name), Some((_, Node::Object(_))))
        }
        _ => false,
    };
    let is_context = |node: &Node| CONTEXT.iter().all(|name| is_object(node, name));
    let is_named = |(index, (name, it)): (usize, &(String, Node))| {
        let is_text = matches!(it, Node::Text(_) | Node::Opened(..) | Node::Bytes(_));
        let is_last = || members[index + 1..].iter().all(|(other, _)| other != name);
        (is_context(it) || is_token_name(name) && is_text && is_token(&it.sent())) && is_last()
    };
    is_context(event) || members.iter().enumerate().any(is_named)
}

fn is_context(node: &Node) -> bool {
    let Node::Object(members) = node else { return false };
    CONTEXT.iter().all(|it| members.iter().any(|(name, _)| name == it))
}

/// The context objects in `event`: it is one itself, or has one as a member.
fn contexts(event: &Node) -> impl Iterator<Item = &Node> {
    let members = match event {
        Node::Object(members) => members.as_slice(),
        _ => &[],
    };
    std::iter::once(event).chain(members.iter().map(|(_, it)| it)).filter(|it| is_context(it))
}

fn is_token_name(name: &str) -> bool {
    TOKENS.iter().any(|(it, _)| *it == name)
}

/// AWS Step Functions API, SendTaskSuccess: 1 to 2,048 characters. Those of Step Functions are long, and base64.
fn is_token(text: &str) -> bool {
    (40..=2_048).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it))
}

/// Whether a task token or the context object is in `event`.
pub(crate) fn is_task(event: &Value) -> bool {
    let is_context = |value: &Value| CONTEXT.iter().all(|it| value.get(it).is_some_and(Value::is_object));
    let is_named = |(name, it): (&String, &Value)| {
        is_context(it) || is_token_name(name) && it.as_str().is_some_and(is_token)
    };
    is_context(event) || event.as_object().is_some_and(|members| members.iter().any(is_named))
}

/// `"Payload.$": "$$"`
pub(super) fn context(input: Value) -> Value {
    let arn =
        |kind: &str, name: &str| format!("arn:aws:states:{}:{}:{kind}:{name}", facts::REGION, facts::ACCOUNT);
    let name = facts::uuid("execution", 0);
    let role = format!("arn:aws:iam::{}:role/orders", facts::ACCOUNT);
    json!({
        "Execution": {
            "Id": arn("execution", &format!("orders:{name}")),
            "Input": input,
            "Name": name,
            "RoleArn": role,
            "StartTime": facts::ISO_TIME,
        },
        "State": { "EnteredTime": facts::ISO_TIME, "Name": "Task", "RetryCount": 0 },
        "StateMachine": { "Id": arn("stateMachine", "orders"), "Name": "orders" },
    })
}

/// `"Payload": { "Context.$": "$$", "Input.$": "$" }`, or the input with the context in it.
fn with_context(input: Value) -> Value {
    let context = context(input.clone());
    let mut event = match input {
        Value::Object(members) => members,
        other => Map::from_iter([("Input".to_owned(), other)]),
    };
    event.insert("Context".to_owned(), context);
    Value::Object(event)
}

/// `"Payload": { "Input.$": "$", "TaskToken.$": "$$.Task.Token" }`
pub(super) fn with_token(token: &str, input: &str, content: Value) -> Value {
    let text = facts::token("task token", 0, 256);
    let mut event = Map::new();
    event.insert(input.to_owned(), content);
    event.insert(token.to_owned(), Value::from(text));
    Value::Object(event)
}
