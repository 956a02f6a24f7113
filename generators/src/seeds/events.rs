//! Seed events of sources without a model of their own: what an application says, in the envelope of each.

use serde_json::Value;

use super::words::{Shape, Words, word};
use crate::{
    case::Seed,
    point::Locator,
    source::EventSource,
    wire::{Wire, event},
};

/// Where the texts of an application are, as the function reads them.
fn place(source: EventSource) -> &'static [&'static [&'static str]] {
    match source {
        EventSource::Sns => &[&["Records", "Sns", "Message"]],
        EventSource::EventBridge => &[&["detail"]],
        EventSource::Kinesis => &[&["Records", "kinesis", "data"]],
        EventSource::Firehose => &[&["records", "data"]],
        EventSource::CloudWatchLogs => &[&["logEvents", "message"], &["awslogs", "data"]],
        _ => &[],
    }
}

pub(super) fn seeds(source: EventSource, words: &Words<'_>) -> Vec<Seed> {
    let tails = words.tails(place(source));
    let shaped = |words: &Words<'_>, shape| words.object(&tails, shape);
    let mut contents = vec![("json", *words, shaped(words, Shape::Flat))];
    for below in place(source) {
        contents.extend(words.typed_object(below).map(|it| ("json-typed", *words, it)));
    }
    contents.push(("json-objects", *words, shaped(words, Shape::Objects)));
    let names = ["gates-2", "gates-3"];
    for (variant, name) in names.into_iter().enumerate() {
        let other = words.variant(variant + 1);
        contents.extend(other.map(|words| (name, words, shaped(&words, Shape::Objects))));
    }
    contents.push(("json-arrays", *words, shaped(words, Shape::Arrays)));
    let mut seeds: Vec<Seed> = contents
        .into_iter()
        .filter_map(|(name, words, it)| seed(name, source, &words, &holding(source, it)))
        .collect();
    for (name, event) in others(source, words) {
        seeds.extend(seed(name, source, words, &event));
    }
    seeds
}

/// The smallest event.
pub(super) fn bare(source: EventSource) -> Seed {
    let event = match source {
        EventSource::EventBridge => event::schedule(),
        _ => holding(source, Value::from(word(0))),
    };
    let wire = Wire::parse(source, &event).expect("it was made for this source");
    Seed::new("bare", source, wire)
}

/// An event in which an application says `content`: JSON, or a text as it is.
fn holding(source: EventSource, content: Value) -> Value {
    let text = match &content {
        Value::String(text) => text.clone(),
        content => content.to_string(),
    };
    match source {
        EventSource::Sns => event::sns(&text, None, &[]),
        EventSource::Kinesis => event::kinesis(&[text.as_bytes()]),
        EventSource::Firehose => event::firehose(&[text.as_bytes()]),
        EventSource::CloudWatchLogs => event::cloudwatch_logs(&[text]),
        _ => event::custom("Order Placed", content),
    }
}

/// What else the source delivers.
fn others(source: EventSource, words: &Words<'_>) -> Vec<(&'static str, Value)> {
    let text = word(0);
    match source {
        EventSource::Sns => {
            let names = words.known(&words.tails(&[&["Records", "Sns", "MessageAttributes"]]));
            let attributes = words.pairs(&if names.is_empty() { vec!["name"] } else { names });
            vec![
                ("text", event::sns(&text, None, &[])),
                ("subject", event::sns(&text, Some(&word(1)), &attributes)),
            ]
        }
        EventSource::Kinesis => {
            let (a, b) = (word(1), word(2));
            vec![
                ("text", event::kinesis(&[text.as_bytes()])),
                ("batch", event::kinesis(&[text.as_bytes(), a.as_bytes(), b.as_bytes()])),
            ]
        }
        EventSource::Firehose => vec![("text", event::firehose(&[text.as_bytes(), word(1).as_bytes()]))],
        EventSource::CloudWatchLogs => vec![("text", event::cloudwatch_logs(&[text, word(1)]))],
        _ => vec![
            ("object-created", event::object_created(&format!("{text}.txt"))),
            ("schedule", event::schedule()),
        ],
    }
}

fn seed(name: &str, source: EventSource, words: &Words<'_>, event: &Value) -> Option<Seed> {
    let wire = Wire::parse(source, event)?;
    let mut gates = wire.leaves().locators(source);
    gates.retain(|at| match at {
        Locator::Json { path } => words.is_gate(path),
        _ => false,
    });
    Some(Seed { name: name.to_owned(), source, wire, gates })
}
