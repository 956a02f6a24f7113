//! Values that a user gives for places of an event: `/body/user/id` is `42` or `43`.
//!
//! A place is written as points show it, `/Records/0/body»json»/user/id`, or without the codecs that are passed through,
//! `/Records/0/body/user/id`; `*` stands for any one name or index. Names of headers are compared without case. A place
//! that an event does not have yet is made, if a sender can make it.

mod pointer;

use serde_json::Value;
use thiserror::Error;

pub use pointer::Pointer;

use crate::{
    case::{Seed, TestCase, apply},
    edit::Edit,
    point::{InjectionPoint, Locator},
    source::EventSource,
    tree::Node,
    wire::Wire,
};

/// Seeds with given values, per event source: every one costs a baseline invocation.
const MAX_SEEDS: usize = 6;

/// What a user knows about places of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    given: Vec<(Pointer, Vec<Value>)>,
}

/// What cannot be a value of a place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValuesError {
    /// The place is not written as one.
    #[error("{pointer:?} is no place in an event: it begins with /, as in /body/user/id")]
    Pointer {
        /// As it is written.
        pointer: String,
    },
    /// There is nothing to put there.
    #[error("{pointer:?} has no values")]
    Nothing {
        /// The place.
        pointer: String,
    },
}

impl Values {
    /// No values.
    pub const fn new() -> Values {
        Values { given: Vec::new() }
    }

    /// Adds values for a place: texts, or any JSON where a tree holds it.
    ///
    /// # Errors
    ///
    /// Returns an error if `pointer` is no place, or `values` is empty.
    ///
    /// ```
    /// use evfuzz_generators::{lexicon::Lexicon, seeds, source::EventSource, values::Values};
    /// use serde_json::json;
    ///
    /// let mut values = Values::new();
    /// values.add("/body/user/id", vec![json!("u-1"), json!(7)]).unwrap();
    /// let known = seeds::seeds(EventSource::ApiGatewayRest, &Lexicon::default());
    /// let given = values.seeds(EventSource::ApiGatewayRest, &known);
    /// assert!(given[0].event()["body"].as_str().unwrap().contains(r#""user":{"id":"u-1"}"#));
    /// assert!(given[1].event()["body"].as_str().unwrap().contains(r#""user":{"id":7}"#));
    /// ```
    pub fn add(&mut self, pointer: &str, values: Vec<Value>) -> Result<(), ValuesError> {
        let read =
            Pointer::parse(pointer).ok_or_else(|| ValuesError::Pointer { pointer: pointer.to_owned() })?;
        if values.is_empty() {
            return Err(ValuesError::Nothing { pointer: pointer.to_owned() });
        }
        self.given.push((read, values));
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Valid events in which the places hold given values: of each place the first values in the first event, and so on.
    /// `seeds`: valid events of `source`, most plausible first; the one that has most of the places is changed.
    ///
    /// The places are gates: a function that asks for known values refuses all others.
    pub fn seeds(&self, source: EventSource, seeds: &[Seed]) -> Vec<Seed> {
        let count = self.given.iter().map(|(_, values)| values.len()).max().unwrap_or(0).min(MAX_SEEDS);
        let mut made: Vec<Seed> = Vec::new();
        for number in 0..count {
            let with = seeds.iter().map(|seed| self.filled(seed, number));
            // Of equally good ones the first.
            let best = with.rev().max_by_key(|(fitting, _)| *fitting);
            let Some((1.., mut seed)) = best else { break };
            seed.name = format!("given-{}", number + 1);
            if seed.wire.leaves().sendable(source) && !made.iter().any(|it| it.wire == seed.wire) {
                made.push(seed);
            }
        }
        made
    }

    /// How many places could be filled, and the event with the value of that number at each of them.
    fn filled(&self, seed: &Seed, number: usize) -> (usize, Seed) {
        let mut filled = seed.clone();
        let mut fitting = 0;
        for (pointer, values) in &self.given {
            let value = &values[number % values.len()];
            let points = filled.wire.points(filled.source);
            let mut fits = false;
            for place in pointer.places(&filled.wire, filled.source, &points) {
                let wire = &mut filled.wire;
                let made =
                    edits(wire, &place, value).iter().filter(|it| apply(wire, seed.source, it)).count();
                if made > 0 {
                    fits = true;
                    filled.gates.retain(|it| *it != place.at);
                    filled.gates.push(place.at);
                }
            }
            fitting += usize::from(fits);
        }
        (fitting, filled)
    }

    /// Every edit that puts a value at its place.
    pub(crate) fn edits(&self, seed: &Seed, points: &[InjectionPoint]) -> Vec<Edit> {
        let mut all = Vec::new();
        for (pointer, values) in &self.given {
            for place in pointer.places(&seed.wire, seed.source, points) {
                let first = values.iter().filter_map(|it| edits(&seed.wire, &place, it).into_iter().next());
                all.extend(first);
            }
        }
        all
    }

    /// The places that none of these events has or can have.
    pub fn unused(&self, seeds: &[Seed]) -> Vec<&str> {
        let fits = |pointer: &Pointer, seed: &Seed| {
            let points = TestCase::new(seed.clone()).points();
            !pointer.places(&seed.wire, seed.source, &points).is_empty()
        };
        let unused = self.given.iter().filter(|(pointer, _)| !seeds.iter().any(|seed| fits(pointer, seed)));
        unused.map(|(pointer, _)| pointer.as_str()).collect()
    }
}

/// Where a value goes.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    at: Locator,
    state: State,
}

/// What is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A text or number.
    Leaf,
    /// An object or array.
    Inner,
    /// Nothing yet.
    Missing,
}

/// What puts `value` at a place: a text as a text, any other value as JSON where a tree holds it.
fn edits(wire: &Wire, place: &Place, value: &Value) -> Vec<Edit> {
    let at = place.at.clone();
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let node = Edit::SetNode { at: at.clone(), node: Node::from(value.clone()) };
    let is_json = at.holds_json(wire) && !value.is_string();
    match place.state {
        State::Leaf if is_json => vec![node],
        State::Leaf => vec![Edit::SetText { at, text }],
        State::Inner => vec![node],
        State::Missing if is_json => vec![Edit::Add { at, text }, node],
        State::Missing => vec![Edit::Add { at, text }],
    }
}

#[cfg(test)]
mod tests;
