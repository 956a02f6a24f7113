//! Changes of a table in the records of a data stream. Amazon DynamoDB developer guide, "Using Kinesis Data Streams to capture
//! changes to DynamoDB"; the members as in a record from AWS (kyopark2014/data-analytics-for-businfo, `examples.md`).
//!
//! The record is DynamoDB's. An application's are the texts in the items, but for those of keys, which both images have.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{super::Rule, super::Vocabulary, kinesis};
use crate::{
    point::{Charset, Path, Step},
    tree::Node,
    wire::{dynamodb::attribute, facts},
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

/// Whether the records are changes of a table.
pub(super) fn is_change(event: &Node) -> bool {
    let at = |name: &str| event.get(&Path::from(format!("/Records/0/kinesis/data»base64»json»/{name}")));
    at("tableName").is_some() && at("dynamodb").is_some()
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
pub(super) fn measure(event: &mut Value) {
    for record in event["Records"].as_array_mut().into_iter().flatten() {
        let Some(data) = record.pointer_mut("/kinesis/data") else { continue };
        let bytes = data.as_str().and_then(|it| BASE64_STANDARD.decode(it).ok()).unwrap_or_default();
        let Ok(mut change) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let size = size(&change["dynamodb"]);
        let Some(told) = change.pointer_mut("/dynamodb/SizeBytes") else { continue };
        if let Some(size) = size.filter(|size| *told != json!(size)) {
            *told = size.into();
            *data = BASE64_STANDARD.encode(change.to_string()).into();
        }
    }
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
