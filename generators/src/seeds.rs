//! Seed events: valid events that fit one function.
//!
//! Which names and constants are in them is learnt; which shapes are tried is decided here. No
//! key of any function is built in. Seeds come most plausible first and are the same for the
//! same lexicon.

mod direct;
mod http;
mod records;
mod words;

use serde_json::Value;

use crate::{case::Seed, lexicon::Lexicon, source::EventSource, wire::Wire};
use words::Words;

/// How many seeds a source has at most: every one costs a baseline invocation.
pub const MAX_SEEDS: usize = 8;

/// Valid events of `source` that fit the function, most plausible first.
pub fn seeds(source: EventSource, lexicon: &Lexicon) -> Vec<Seed> {
    let words = Words::new(lexicon);
    let mut seeds = match source {
        EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp => http::seeds(source, &words),
        EventSource::S3 => records::s3(&words),
        EventSource::Sqs => records::sqs(&words),
        EventSource::DynamoDbStream => records::dynamodb(&words),
        EventSource::Direct => direct::seeds(&words),
    };
    let mut distinct: Vec<Seed> = Vec::new();
    for seed in seeds.drain(..) {
        if !distinct.iter().any(|it| it.wire == seed.wire) && seed.wire.leaves().sendable() {
            distinct.push(seed);
        }
    }
    distinct.truncate(MAX_SEEDS);
    distinct
}

/// The seed that is `event`: of the source that sends such events, else a direct invocation.
pub fn seed_from_event(name: &str, event: &Value) -> Seed {
    let source = EventSource::recognize(event);
    match Wire::parse(source, event) {
        Some(wire) => Seed::new(name, source, wire),
        None => Seed::new(name, EventSource::Direct, Wire::Direct(event.clone())),
    }
}

#[cfg(test)]
mod tests;
