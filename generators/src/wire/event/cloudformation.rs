//! Requests of a stack for a custom resource. AWS CloudFormation user guide, "Custom resource request objects".
//!
//! Who writes the template, and who gives its parameters, chooses the properties. CloudFormation sends every scalar as a text.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::{Node, Path},
    wire::facts,
};

/// AWS Lambda quotas: an asynchronous event had 256 KB until 2025. Leaves room for the rest.
const MAX_PROPERTIES_BYTES: usize = 100 * 1024;
/// The user guide, "Custom resource response objects": what the function has answered before.
const MAX_ID_BYTES: usize = 1_024;

static CREATE: LazyLock<Vec<Rule>> = LazyLock::new(|| vec![properties("ResourceProperties")]);
static DELETE: LazyLock<Vec<Rule>> = LazyLock::new(|| vec![properties("ResourceProperties"), resource_id()]);
static UPDATE: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![properties("ResourceProperties"), properties("OldResourceProperties"), resource_id()]
});

fn properties(name: &str) -> Rule {
    Rule::new(&format!("/{name}/**"), Charset::Any, MAX_PROPERTIES_BYTES).conditional()
}

fn resource_id() -> Rule {
    Rule::new("/PhysicalResourceId", Charset::NonEmpty, MAX_ID_BYTES).conditional().texts()
}

/// What holds the properties of a resource.
const PROPERTIES: [&str; 2] = ["ResourceProperties", "OldResourceProperties"];

/// The source.
pub(super) struct CloudFormation;

impl Sender for CloudFormation {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        let has = |name: &str| event.member(name).is_some();
        match (has("OldResourceProperties"), has("PhysicalResourceId")) {
            (true, _) => &UPDATE,
            (false, true) => &DELETE,
            (false, false) => &CREATE,
        }
    }

    /// The address of the function itself.
    fn sets(&self, _event: &Node, path: &Path) -> bool {
        PROPERTIES.iter().any(|it| path.is_in(&[it, "ServiceToken"]))
    }

    fn accepts(&self, event: &Node) -> bool {
        let at = |name: &str| event.member(name);
        let token = at("ServiceToken").map(Node::to_text);
        let has_token = |it: &Node| it.member("ServiceToken").map(Node::to_text) == token;
        let fits = |it: &Node| of_texts(it) && (token.is_none() || has_token(it));
        let is_update = at("RequestType").is_some_and(|it| it.to_text() == "Update");
        let old = at("OldResourceProperties");
        is_update == old.is_some() && at("ResourceProperties").into_iter().chain(old).all(fits)
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["ResourceProperties"]]
    }

    fn saying(&self, content: &Value) -> Value {
        create(content)
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let of = |place: &str, otherwise: usize| {
            let mut pairs = words.pairs(&[&[place], &["ResourceProperties"]]);
            if pairs.is_empty() {
                pairs.push(("Name".to_owned(), words.word(otherwise)));
            }
            Value::Object(pairs.into_iter().map(|(name, it)| (name, it.into())).collect())
        };
        let new = of("ResourceProperties", 0);
        vec![
            ("update", update(&new, &of("OldResourceProperties", 1), &words.word(2))),
            ("delete", delete(&new, &words.word(2))),
        ]
    }
}

/// Whether no scalar is anything but a text.
fn of_texts(node: &Node) -> bool {
    match node {
        Node::Object(members) => members.iter().all(|(_, it)| of_texts(it)),
        Node::Array(elements) => elements.iter().all(of_texts),
        Node::Text(_) | Node::Opened(..) | Node::Bytes(_) => true,
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Raw(_) => false,
    }
}

/// As CloudFormation sends it: `true` is `"true"`, and what is null is not there.
fn as_sent(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, it)| !it.is_null());
            Value::Object(members.map(|(name, it)| (name.clone(), as_sent(it))).collect())
        }
        Value::Array(elements) => elements.iter().filter(|it| !it.is_null()).map(as_sent).collect(),
        scalar => Value::from(as_text(scalar)),
    }
}

/// The request to make a resource with these properties.
pub(super) fn create(properties: &Value) -> Value {
    request("Create", properties)
}

/// The request to change a resource.
pub(super) fn update(properties: &Value, old: &Value, id: &str) -> Value {
    let mut event = request("Update", properties);
    event["PhysicalResourceId"] = id.into();
    event["OldResourceProperties"] = with_token(old);
    event
}

/// The request to remove a resource.
pub(super) fn delete(properties: &Value, id: &str) -> Value {
    let mut event = request("Delete", properties);
    event["PhysicalResourceId"] = id.into();
    event
}

fn request(kind: &str, properties: &Value) -> Value {
    let id = facts::uuid("cloudformation request", 0);
    let stack = facts::uuid("stack", 0);
    let bucket = format!("cloudformation-custom-resource-response-{}", facts::REGION.replace('-', ""));
    let (region, account) = (facts::REGION, facts::ACCOUNT);
    let url = format!(
        "https://{bucket}.s3.amazonaws.com/arn%3Aaws%3Acloudformation%3A{region}%3A{account}%3Astack/app/{stack}\
         %7CResource%7C{id}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=7200&X-Amz-Signature={}",
        facts::hex(facts::token("cloudformation signature", 0, 32).as_bytes()),
    );
    json!({
        "RequestType": kind,
        "ServiceToken": function(),
        "ResponseURL": url,
        "StackId": format!("arn:aws:cloudformation:{region}:{account}:stack/app/{stack}"),
        "RequestId": id,
        "LogicalResourceId": "Resource",
        "ResourceType": "Custom::Resource",
        "ResourceProperties": with_token(properties),
    })
}

fn function() -> String {
    format!("arn:aws:lambda:{}:{}:function:function", facts::REGION, facts::ACCOUNT)
}

/// The properties, with the address of the function.
fn with_token(properties: &Value) -> Value {
    let mut all = Map::from_iter([("ServiceToken".to_owned(), Value::from(function()))]);
    match as_sent(properties) {
        Value::Object(mut members) => {
            members.shift_remove("ServiceToken");
            all.append(&mut members);
        }
        other => drop(all.insert("Input".to_owned(), other)),
    }
    Value::Object(all)
}
