//! What a function does with the values of its event: text, number, list or object.
//!
//! Evidence is kept by place, so that code that reads a place without using it costs nothing.
//! The strongest evidence wins; what has members is a list or an object whatever else was seen.

use std::collections::BTreeMap;

/// Places beyond these belong to generated code.
const MAX_PLACES: usize = 256;

/// Evidence of code that asks for the type itself: `typeof`, `isinstance`.
const ASKED: u8 = 4;

/// What a value of the event is, as far as the code that reads it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A string, or nothing is known.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// An array. The rest of the chain goes on in its elements.
    List,
    /// An object.
    Object,
}

/// One key of a chain, and what the code does with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStep {
    /// The key.
    pub name: String,
    /// What is below it.
    pub kind: Kind,
}

/// The strongest evidence for each kind, by place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Kinds {
    weights: BTreeMap<Vec<String>, [u8; 5]>,
}

impl Kinds {
    /// Adds evidence that the value at `keys` is of this kind.
    pub(super) fn add(&mut self, keys: &[String], kind: Kind, weight: u8) {
        if !self.weights.contains_key(keys) && self.weights.len() >= MAX_PLACES {
            return;
        }
        let weights = self.weights.entry(keys.to_vec()).or_default();
        let known = &mut weights[kind as usize];
        *known = (*known).max(weight);
    }

    /// The kind of the value at `keys`, of which the code reads members or not.
    pub(super) fn of(&self, keys: &[String], has_members: bool) -> Kind {
        let weights = self.weights.get(keys).copied().unwrap_or_default();
        let weight = |kind: Kind| weights[kind as usize];
        if has_members {
            let list = weight(Kind::List) > 0 && weight(Kind::List) >= weight(Kind::Object);
            return if list { Kind::List } else { Kind::Object };
        }
        let mut best = Kind::Text;
        // `len(x)` and `x[0]` are of strings, too.
        let sure = |kind: Kind| if kind == Kind::List { weight(kind) >= 2 } else { weight(kind) > 0 };
        for kind in [Kind::Number, Kind::Bool, Kind::List, Kind::Object] {
            if sure(kind) && weight(kind) > weight(best) {
                best = kind;
            }
        }
        best
    }

    /// Whether the code asks if a value of this name is a text, and asks for no other type.
    pub(super) fn is_told_to_be_text(&self, name: &str) -> bool {
        let of_name = self.weights.iter().filter(|(keys, _)| keys.last().is_some_and(|it| it == name));
        let asked: Vec<bool> = of_name
            .flat_map(|(_, weights)| weights.iter().enumerate().filter(|(_, weight)| **weight >= ASKED))
            .map(|(kind, _)| kind == Kind::Text as usize)
            .collect();
        !asked.is_empty() && asked.into_iter().all(|it| it)
    }

    /// The chains with the kind of each of their keys.
    pub(super) fn typed(&self, chains: &[Vec<String>]) -> Vec<Vec<KeyStep>> {
        let step = |chain: &[String], end: usize| {
            let place = &chain[..end];
            let members = chains.iter().any(|it| it.len() > end && it.starts_with(place));
            KeyStep { name: place[end - 1].clone(), kind: self.of(place, members) }
        };
        chains.iter().map(|chain| (1..=chain.len()).map(|end| step(chain, end)).collect()).collect()
    }
}
