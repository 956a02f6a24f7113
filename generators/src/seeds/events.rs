//! Seed events of sources without a model of their own: what an application says, in the envelope of each.

use serde_json::Value;

use super::{
    MAX_UNROUTED,
    nested::{is_written, written},
    records::object_key,
    words::{Shape, Words, word},
};
use crate::{
    case::Seed,
    point::Locator,
    source::EventSource,
    wire::{
        Wire,
        event::{Content, Sender, Vocabulary},
        nested::Writer,
    },
};

pub(super) fn seeds(source: EventSource, sender: &dyn Sender, words: &Words<'_>) -> Vec<Seed> {
    let (mut nested, mut none_is_own) = (Vec::new(), true);
    for place in sender.reads() {
        let carried = |(name, writer, content): &(&str, Writer, Value)| {
            let event = sender.carrying(*writer, content.to_string().as_bytes())?;
            seed(name, source, words, &event)
        };
        let written = written(words, place);
        nested.extend(written.iter().filter_map(carried));
        none_is_own &= is_written(words, place, &written);
    }
    if none_is_own && !nested.is_empty() {
        return nested;
    }
    let texts = |words: &Words<'_>| -> Vec<Seed> {
        let events = sender.others(words).into_iter();
        events.filter_map(|(name, event)| seed(name, source, words, &event)).collect()
    };
    let others: Vec<Seed> = nested.into_iter().chain(texts(words)).collect();
    if sender.content() == Content::Texts {
        let variants = (1..=2).filter_map(|variant| words.variant(variant));
        return others.into_iter().chain(variants.flat_map(|words| texts(&words))).collect();
    }
    let tails = words.tails(sender.reads());
    let shaped = |words: &Words<'_>, shape| words.object(&tails, shape);
    let mut contents = vec![("json", *words, shaped(words, Shape::Flat))];
    for below in sender.reads() {
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
        .filter_map(|(name, words, it)| seed(name, source, &words, &sender.saying(&it)))
        .collect();
    // What else there is should not be cut off.
    seeds.truncate((MAX_UNROUTED - 1).saturating_sub(others.len()).max(2));
    seeds.extend(others);
    seeds
}

/// The smallest event.
pub(super) fn bare(source: EventSource, sender: &dyn Sender, words: &Words<'_>) -> Seed {
    let wire = Wire::parse(source, &sender.bare(words)).expect("it was made for this source");
    Seed::new("bare", source, wire)
}

impl Vocabulary for Words<'_> {
    fn word(&self, index: usize) -> String {
        word(index)
    }

    fn pairs(&self, places: &[&[&str]]) -> Vec<(String, String)> {
        Words::pairs(self, &self.known(&self.tails(places)))
    }

    fn mentions(&self, word: &str) -> bool {
        self.lexicon.mentions(word)
    }

    fn has_literal(&self, text: &str) -> bool {
        self.lexicon.literals().iter().any(|it| it == text)
    }

    fn object_key(&self, index: usize) -> String {
        object_key(self, index)
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
