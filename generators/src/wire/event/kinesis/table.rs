//! Changes of a table in the records of a data stream. Amazon DynamoDB developer guide, "Using Kinesis Data Streams to capture
//! changes to DynamoDB"; the members as in a record from AWS (kyopark2014/data-analytics-for-businfo, `examples.md`).
//!
//! The record is DynamoDB's. An application's are the texts in the items, but for those of keys, which both images have.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{super::Rule, super::Vocabulary, kinesis};
use crate::{
    point::{Charset, Path, Step},
    tree::Node,
    wire::{doc::Doc, dynamodb::attribute, facts},
};

/// Amazon DynamoDB quotas: an item has 400 KB. Leaves room for the other image and for base64.
const MAX_TEXT_BYTES: usize = 100 * 1024;

pub(super) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let texts = ["*/S", "*/M/*/S", "*/L/*/S"];
    let inside = |(image, text): (&str, &str)| {
        let place = format!("/Records/*/kinesis/data»base64»json»/dynamodb/{image}/{text}");
        Rule::new(&place, Charset::Any, MAX_TEXT_BYTES).texts()
    };
    IMAGES.into_iter().flat_map(|image| texts.map(|text| (image, text))).map(inside).collect()
});

const IMAGES: [&str; 2] = ["NewImage", "OldImage"];

static FIRST: LazyLock<Path> =
    LazyLock::new(|| Path::from("/Records/0/kinesis/data»base64»json»".to_owned()));

/// Whether the records are changes of a table.
pub(super) fn is_change(event: &Node) -> bool {
    event.get(&FIRST).is_some_and(|it| it.member("tableName").is_some() && it.member("dynamodb").is_some())
}

/// Whether `path` is in a key.
pub(super) fn is_key(event: &Node, path: &Path) -> bool {
    let image = path
        .0
        .iter()
        .position(|it| matches!(it, Step::Member { name, .. } if IMAGES.contains(&name.as_str())));
    let Some((at, attribute)) = image.and_then(|at| Some((at, path.0.get(at + 1)?))) else { return false };
    let mut key = Path(path.0[..at].to_vec()).member("Keys");
    key.0.push(attribute.clone());
    event.get(&key).is_some()
}

/// Writes the size of what is in the records.
pub(super) fn measure(said: &Node, event: &mut Doc<'_>) {
    let Some(Node::Array(records)) = said.member("Records") else { return };
    let written = event.get_mut("Records").map(Doc::parts_mut).into_iter().flatten();
    for (record, written) in records.iter().zip(written) {
        let Some(data) = record.at(&["kinesis", "data"]) else { continue };
        let Some(change) = data.get(&CHANGE) else { continue };
        let size = change.to_value().and_then(|it| size(&it));
        let Some(size) = size.filter(|size| change.member("SizeBytes") != Some(&number(*size))) else {
            continue;
        };
        let mut data = data.clone();
        if let Some(Node::Object(change)) = data.get_mut(&CHANGE)
            && let Some((_, told)) = change.iter_mut().find(|(name, _)| name == "SizeBytes")
            && let Some(written) = written.pointer_mut("/kinesis/data")
        {
            *told = number(size);
            *written = data.to_text().into();
        }
    }
}

static CHANGE: LazyLock<Path> = LazyLock::new(|| Path::from("»base64»json»/dynamodb".to_owned()));

fn number(number: usize) -> Node {
    Node::Number(number.to_string())
}

fn size(change: &Value) -> Option<usize> {
    let items = ["Keys", "NewImage", "OldImage"].into_iter().filter_map(|name| change.get(name));
    items.map(|item| Some(attribute::size(&attribute::parse_item(item)?))).sum()
}

pub(super) fn others(words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
    if !["NewImage", "OldImage", "tableName", "recordFormat"].iter().any(|it| words.mentions(it)) {
        return Vec::new();
    }
    let pairs = |image: &str, otherwise: usize| {
        let mut pairs = words.pairs(&[
            &["Records", "kinesis", "data", "dynamodb", image],
            &["dynamodb", image],
            &["Records", "dynamodb", image],
        ]);
        if pairs.is_empty() {
            pairs.push(("title".to_owned(), words.word(otherwise)));
        }
        pairs
    };
    let (new, old) = (pairs("NewImage", 0), pairs("OldImage", 1));
    vec![
        ("table-insert", change(&words.word(3), Some(&new), None)),
        ("table-modify", change(&words.word(3), Some(&new), Some(&old))),
        ("table-remove", change(&words.word(3), None, Some(&old))),
    ]
}

/// A record of a change of the item with this key; the other attributes after it and before it.
pub(in crate::wire::event) fn change(
    key: &str,
    new: Option<&[(String, String)]>,
    old: Option<&[(String, String)]>,
) -> Value {
    let text = |it: &str| json!({ "S": it });
    let keys = Map::from_iter([("pk".to_owned(), text(key))]);
    let image = |pairs: &[(String, String)]| {
        let mut image = keys.clone();
        image
            .extend(pairs.iter().filter(|(name, _)| name != "pk").map(|(name, it)| (name.clone(), text(it))));
        Value::Object(image)
    };
    // Milliseconds, unlike in a stream of DynamoDB's own.
    let mut item = json!({ "ApproximateCreationDateTime": facts::EPOCH_MS, "Keys": keys.clone() });
    for (name, pairs) in [("NewImage", new), ("OldImage", old)] {
        if let Some(pairs) = pairs {
            item[name] = image(pairs);
        }
    }
    item["SizeBytes"] = size(&item).unwrap_or_default().into();
    let record = json!({
        "awsRegion": facts::REGION,
        "eventID": facts::uuid("dynamodb change", 0),
        "eventName": match (new, old) {
            (Some(_), None) => "INSERT",
            (Some(_), Some(_)) => "MODIFY",
            _ => "REMOVE",
        },
        "userIdentity": null,
        "recordFormat": "application/json",
        "tableName": "table",
        "dynamodb": item,
        "eventSource": "aws:dynamodb",
    });
    let mut event = kinesis(&[record.to_string().as_bytes()]);
    event["Records"][0]["kinesis"]["partitionKey"] = facts::md5_hex(key.as_bytes()).to_uppercase().into();
    event
}
