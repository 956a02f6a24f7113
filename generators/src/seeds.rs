//! Seed events: valid events that fit one function.
//!
//! Which names and constants are in them is learnt; which shapes are tried is decided here. No
//! key of any function is built in. Seeds come most plausible first and are the same for the
//! same lexicon; the last one is bare.

mod direct;
mod events;
mod http;
mod nested;
mod opened;
mod records;
mod words;

use serde_json::Value;

use crate::{
    case::Seed,
    lexicon::Lexicon,
    source::EventSource,
    tree::Node,
    wire::{
        Wire,
        dynamodb::{AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation},
        event,
        s3::S3Operation,
        sqs::{SqsBatch, SqsMessage},
    },
};
use words::{Words, word};

/// How many seeds a source has at most: every one costs a baseline invocation.
pub const MAX_SEEDS: usize = 12;
/// The same for sources without routes.
const MAX_UNROUTED: usize = 11;

/// Valid events of `source` that fit the function, most plausible first.
pub fn seeds(source: EventSource, lexicon: &Lexicon) -> Vec<Seed> {
    let words = Words::new(lexicon);
    let mut seeds = match source {
        _ if source.is_http() => http::seeds(source, &words),
        EventSource::S3 => records::s3(&words),
        EventSource::Sqs => records::sqs(&words),
        EventSource::DynamoDbStream => records::dynamodb(&words),
        _ => match event::sender(source) {
            Some(sender) => events::seeds(source, sender, &words),
            None => direct::seeds(&words),
        },
    };
    let mut distinct: Vec<Seed> = Vec::new();
    for mut seed in seeds.drain(..) {
        opened::open(&mut seed, lexicon);
        if !distinct.iter().any(|it| it.wire == seed.wire) && seed.wire.leaves().sendable(source) {
            distinct.push(seed);
        }
    }
    distinct.truncate(if source.is_http() { MAX_SEEDS } else { MAX_UNROUTED } - 1);
    if distinct.first().is_none_or(|it| !it.wire.nests(source)) {
        distinct.extend(bare(source, &words).filter(|it| !distinct.iter().any(|seed| seed.wire == it.wire)));
    }
    distinct
}

/// Valid events of `source` with texts of applications where only services seem to write them. For a function that takes none of
/// [`seeds()`]: perhaps the code was not understood.
pub fn of_applications(source: EventSource, lexicon: &Lexicon) -> Vec<Seed> {
    let words = Words::new(lexicon);
    let mut seeds = match source {
        EventSource::Sqs => records::sqs_of_applications(&words),
        _ => event::sender(source).map(|it| events::of_applications(source, it, &words)).unwrap_or_default(),
    };
    seeds.iter_mut().for_each(|seed| opened::open(seed, lexicon));
    seeds.retain(|seed| seed.wire.leaves().sendable(source));
    seeds.truncate(MAX_UNROUTED);
    seeds
}

/// The smallest valid event, which says nothing about the function: an innocent counterpart if it
/// fails on all that was made for it.
fn bare(source: EventSource, words: &Words<'_>) -> Option<Seed> {
    let wire = match source {
        _ if source.is_http() => return Some(http::bare(source)),
        EventSource::S3 => Wire::S3(S3Operation::put(&word(0))),
        EventSource::Sqs => Wire::Sqs(SqsBatch::new(vec![SqsMessage::new(Node::text(&word(0)))])),
        EventSource::DynamoDbStream => {
            let known = words.known(&words.tails(&[&["Records", "dynamodb", "Keys"]]));
            let name = known.first().map_or("pk", |it| *it).to_owned();
            let keys = vec![(name, AttributeValue::text(&word(0)))];
            let (new, old) = (Vec::new(), Vec::new());
            let write = DynamoDbWrite { operation: Operation::Insert, keys, new, old };
            Wire::DynamoDb(DynamoDbBatch::new(vec![write]))
        }
        // Any object is a direct invocation: which is innocent, nobody knows.
        _ => return event::sender(source).map(|sender| events::bare(source, sender, words)),
    };
    Some(Seed::new("bare", source, wire))
}

/// The seed that is `event`: of the source that sends such events, else a direct invocation.
pub fn seed_from_event(name: &str, event: &Value) -> Seed {
    let source = EventSource::recognize(event);
    match Wire::parse(source, event) {
        Some(wire) => Seed::new(name, source, wire),
        None => Seed::new(name, EventSource::Direct, Wire::Event(Node::from(event.clone()))),
    }
}

#[cfg(test)]
mod tests;
