//! Seed events of sources without a model of their own: what an application says, in the envelope of each.

use serde_json::Value;

use super::{
    MAX_UNROUTED,
    nested::{Texts, Written, written},
    records::object_key,
    words::{Shape, Words, word},
};
use crate::{
    case::Seed,
    point::Locator,
    source::EventSource,
    wire::{
        Wire,
        event::{self, Content, Sender, Vocabulary},
    },
};

/// Names of unknown place in headers or properties.
const MAX_LIKELY: usize = 8;
/// Events for one member that an application names.
const MAX_CALLED: usize = 5;

pub(super) fn seeds(source: EventSource, sender: &dyn Sender, words: &Words<'_>) -> Vec<Seed> {
    let (nested, texts) = carried(source, sender, words);
    match texts {
        Texts::Service => nested,
        Texts::Anybody => own(source, sender, words, nested),
    }
}

/// What an application could say where only services seem to.
pub(super) fn of_applications(source: EventSource, sender: &dyn Sender, words: &Words<'_>) -> Vec<Seed> {
    match carried(source, sender, words).1 {
        Texts::Service => own(source, sender, words, Vec::new()),
        Texts::Anybody => Vec::new(),
    }
}

/// Events whose texts services have written, and whether only they write there.
fn carried(source: EventSource, sender: &dyn Sender, words: &Words<'_>) -> (Vec<Seed>, Texts) {
    let (mut nested, mut all) = (Vec::new(), Texts::Service);
    for place in sender.reads() {
        let carried = |(name, writer, content): &Written| {
            let event = sender.carrying(*writer, content.to_string().as_bytes())?;
            seed(name, source, words, &event)
        };
        let (written, texts) = written(words, place);
        nested.extend(written.iter().filter_map(carried));
        if texts == Texts::Anybody {
            all = Texts::Anybody;
        }
    }
    let texts = if nested.is_empty() { Texts::Anybody } else { all };
    (nested, texts)
}

/// What an application says, and among it what services have written.
fn own(source: EventSource, sender: &dyn Sender, words: &Words<'_>, nested: Vec<Seed>) -> Vec<Seed> {
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
    let typed = contents.iter().find(|(name, ..)| *name == "json-typed");
    let content = typed.or(contents.first());
    let elsewhere = content.map(|(_, words, it)| sender.saying_elsewhere(it, words)).unwrap_or_default();
    let elsewhere: Vec<Seed> =
        elsewhere.into_iter().filter_map(|(name, event)| seed(name, source, words, &event)).collect();
    let mut seeds: Vec<Seed> = contents
        .into_iter()
        .filter_map(|(name, words, it)| seed(name, source, &words, &sender.saying(&it)))
        .collect();
    let plain = contents_before(&seeds);
    let calls = calls(source, sender, words);
    let first = plain + calls.len();
    seeds.splice(plain..plain, calls);
    let others: Vec<Seed> = elsewhere.into_iter().chain(others).collect();
    // What else there is should not be cut off.
    seeds.truncate((MAX_UNROUTED - 1).saturating_sub(others.len()).max(first).max(2));
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
        let texts = self.texts(places, &self.known(&self.tails(places))).into_iter();
        texts.map(|(name, value)| (name, value.to_text())).collect()
    }

    fn likely_pairs(&self, places: &[&[&str]]) -> Vec<(String, String)> {
        let known = Vocabulary::pairs(self, places);
        let last = |place: &&[&str]| place.last().is_some_and(|it| self.lexicon.mentions(it));
        if !known.is_empty() || !places.iter().any(last) {
            return known;
        }
        let mut names = self.names(&[]);
        names.truncate(MAX_LIKELY);
        self.texts(places, &names).into_iter().map(|(name, value)| (name, value.to_text())).collect()
    }

    fn object(&self, place: &[&str]) -> Option<Value> {
        self.typed_object(place)
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

/// How many seeds come before all guesses: what the code says, flat and with the kinds of values.
fn contents_before(seeds: &[Seed]) -> usize {
    seeds.iter().take_while(|it| it.name == "json" || it.name == "json-typed").count()
}

/// More names of one member than `contents` has variants of: each may be read in another way.
fn calls(source: EventSource, sender: &dyn Sender, words: &Words<'_>) -> Vec<Seed> {
    let below = sender.reads().first().copied().unwrap_or_default();
    let said = |words: &Words<'_>| {
        let tails = words.tails(sender.reads());
        words.typed_object(below).unwrap_or_else(|| words.object(&tails, Shape::Flat))
    };
    if sender.called(&sender.saying(&said(words))).is_empty() {
        return Vec::new();
    }
    let variants = (1..MAX_CALLED).filter_map(|variant| Some((variant, words.variant(variant)?)));
    let seeds = variants.filter_map(|(variant, words)| {
        seed(&format!("called-{}", variant + 1), source, &words, &sender.saying(&said(&words)))
    });
    seeds.collect()
}

/// Calls the members of `event` that an application names as the code wants it. Names that nobody can give, or with which
/// nothing in the event is a sender's, stay as they are.
fn call(source: EventSource, sender: &dyn Sender, words: &Words<'_>, event: &Value) -> Option<Wire> {
    let points = |it: &Wire| it.leaves().locators(source).len();
    let mut wire = Wire::parse(source, event)?;
    let mut event = event.clone();
    for pointer in sender.called(&event.clone()) {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let mut called = event.clone();
        if let (Some(member @ Value::String(_)), Some(gate)) = (called.pointer_mut(pointer), words.gate(name))
            && *member != gate
        {
            *member = gate.into();
            let fits = |it: &Wire| points(it) >= points(&wire) && it.leaves().sendable(source);
            if let Some(fitting) = Wire::parse(source, &called).filter(fits) {
                (wire, event) = (fitting, called);
            }
        }
    }
    Some(wire)
}

fn seed(name: &str, source: EventSource, words: &Words<'_>, event: &Value) -> Option<Seed> {
    let wire = match event::sender(source) {
        Some(sender) => call(source, sender, words, event)?,
        None => Wire::parse(source, event)?,
    };
    let mut gates = wire.leaves().locators(source);
    gates.retain(|at| match at {
        Locator::Json { path } => words.is_gate(path),
        _ => false,
    });
    Some(Seed { name: name.to_owned(), source, wire, gates })
}
