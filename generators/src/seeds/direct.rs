//! Seed events for direct invocation.

use serde_json::{Value, json};

use super::words::{Shape, Words, word};
use crate::{case::Seed, point::Locator, source::EventSource, tree::Node, wire::Wire};

pub(super) fn seeds(words: &Words<'_>) -> Vec<Seed> {
    let tails = words.tails(&[&[]]);
    let seed = |name: &str, words: &Words<'_>, event: Value| {
        let event = Node::from(event);
        let gates = words.gates(&event).into_iter().map(|path| Locator::Json { path }).collect();
        Seed { name: name.to_owned(), source: EventSource::Direct, wire: Wire::Event(event), gates }
    };
    let mut seeds = vec![seed("flat", words, words.object(&tails, Shape::Flat))];
    seeds.extend(words.typed_object(&[]).map(|event| seed("typed", words, event)));
    seeds.push(seed("objects", words, words.object(&tails, Shape::Objects)));
    for variant in 1..=2 {
        if let Some(words) = words.variant(variant) {
            let name = format!("gates-{}", variant + 1);
            seeds.push(seed(&name, &words, words.object(&tails, Shape::Objects)));
        }
    }
    seeds.push(seed("arrays", words, words.object(&tails, Shape::Arrays)));
    seeds.push(seed("lists", words, words.object(&tails, Shape::Lists)));
    seeds.push(seed("root-array", words, json!([words.object(&tails, Shape::Flat)])));
    seeds.push(seed("root-text", words, Value::from(word(0))));
    seeds
}
