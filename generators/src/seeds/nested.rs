//! What services write into texts that a function reads: contents of a message, a record, a topic.

use serde_json::{Value, json};

use super::{
    records,
    words::{Shape, Words},
};
use crate::{
    source::EventSource,
    wire::{
        event::{log_data, notification, sender},
        nested::{Writer, lambda_destination},
        s3::test_event,
    },
};

/// Whether what the code reads in the text at `place` is all in `written`: then a service writes the text, and no application.
pub(super) fn is_written(words: &Words<'_>, place: &[&str], written: &[(&str, Writer, Value)]) -> bool {
    let names = words.known(&words.tails(&[place]));
    let is_there = |name: &&str| written.iter().any(|(_, _, content)| content.get(*name).is_some());
    !names.is_empty() && names.iter().all(is_there)
}

/// What services could have written into the text at `place`, if the code knows of such events; most plausible first.
pub(super) fn written(words: &Words<'_>, place: &[&str]) -> Vec<(&'static str, Writer, Value)> {
    let mentions = |word| words.lexicon.mentions(word);
    let said = |names: &[&str]| {
        let below: Vec<&str> = place.iter().chain(names).copied().collect();
        let typed = words.typed_object(&below);
        typed.unwrap_or_else(|| words.object(&words.tails(&[&below]), Shape::Flat))
    };
    let mut found = Vec::new();
    let put = mentions("s3").then(|| records::s3(words).into_iter().next()).flatten().map(|it| it.event());
    let is_topic = mentions("Message") && (mentions("TopicArn") || mentions("body"));
    if is_topic {
        // One of both is what the code opens, and the names are the same.
        let message = match &put {
            Some(put) => put.clone(),
            None => said(&["Message"]),
        };
        let name = if put.is_some() { "s3-sns" } else { "sns" };
        found.push((name, Writer::Sns, notification(&message.to_string(), None, &[])));
    }
    if let Some(put) = put {
        found.push(("s3", Writer::S3, put));
        // A bucket tests a queue or topic first with an event that has no records.
        found.push(("s3-test", Writer::S3Test, test_event("bucket")));
    }
    if let Some(bus) = sender(EventSource::EventBridge).filter(|_| mentions("detail")) {
        let objects = mentions("object").then(|| bus.others(words).into_iter().next()).flatten();
        found.extend(objects.map(|(_, event)| ("s3-eventbridge", Writer::EventBridge, event)));
        found.push(("eventbridge", Writer::EventBridge, bus.saying(&said(&["detail"]))));
    }
    if mentions("requestPayload") {
        found.push(("destination", Writer::Lambda, lambda_destination(said(&["requestPayload"]), json!({}))));
    }
    if mentions("logEvents") {
        let line = said(&["logEvents", "message"]);
        found.push(("logs", Writer::CloudWatchLogs, log_data(&[line.to_string()])));
    }
    found
}
