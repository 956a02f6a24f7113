//! Objects in which every value has the kind that the code uses it as.
//!
//! A function that loops over `steps` and reads `rules.when` wants both at once: one event holds
//! all chains, each with lists, objects, numbers and texts where the code has them.

use serde_json::{Map, Value};

use super::{MAX_BLIND, Words, get, insert, member, text_member};
use crate::{
    lexicon::{KeyStep, Kind},
    tree::Step,
};

impl Words<'_> {
    /// What the code reads below the keys `below`, each value of the kind it is used as. `None` if
    /// nothing is known to be read there.
    ///
    /// It is an array of one object if the value at `below` itself is used as a list.
    pub(in crate::seeds) fn typed_object(&self, below: &[&str]) -> Option<Value> {
        let tails: Vec<&[KeyStep]> = self.typed_tails(below);
        let mut object = (!tails.is_empty()).then(|| self.typed(&tails))?;
        self.close(&mut object, below);
        Some(if self.lexicon.is_list(below) { Value::Array(vec![object]) } else { object })
    }

    /// The typed chains below the keys `below`, as they go on from there.
    pub(in crate::seeds) fn typed_tails(&self, below: &[&str]) -> Vec<&[KeyStep]> {
        let chains = self.lexicon.typed_chains().iter();
        let tails = chains.filter_map(|chain| {
            let (head, tail) = chain.split_at_checked(below.len())?;
            let fits = head.iter().map(|it| it.name.as_str()).eq(below.iter().copied());
            (fits && !tail.is_empty()).then_some(tail)
        });
        tails.collect()
    }

    /// An object in which all `tails` hold, beside texts for the names of unknown place.
    pub(in crate::seeds) fn typed(&self, tails: &[&[KeyStep]]) -> Value {
        let heads: Vec<[String; 1]> = tails.iter().map(|tail| [tail[0].name.clone()]).collect();
        let mut names: Vec<&str> = Vec::new();
        let others = self.lexicon.names().iter().map(String::as_str);
        for name in heads.iter().map(|[name]| name.as_str()).chain(others) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.truncate(super::MAX_NAMES);
        // As in `names`: what is planted first should be what flows somewhere.
        names.sort_by_key(|name| self.gate(name).is_some());
        let mut root = Value::Object(Map::new());
        for (index, name) in names.iter().enumerate() {
            insert(
                &mut root,
                &[member(name)],
                self.gate_value(name).unwrap_or_else(|| self.text(name, index)),
            );
        }
        for tail in tails {
            let mut path = Vec::new();
            for (at, step) in tail.iter().enumerate() {
                path.push(member(&step.name));
                if step.kind == Kind::List && at + 1 < tail.len() {
                    path.push(Step::Element(0));
                }
            }
            let Some(last) = tail.last() else { continue };
            // A longer chain made something of it already.
            let inside = get(&root, &path);
            if inside.is_some_and(|it| it.is_object() || it.is_array()) {
                continue;
            }
            let index = names.iter().position(|it| *it == last.name).unwrap_or(names.len());
            insert(&mut root, &path, self.of_kind(last, index, &names));
        }
        root
    }

    fn of_kind(&self, step: &KeyStep, index: usize, names: &[&str]) -> Value {
        let name = step.name.as_str();
        let gate = |fits: fn(&Value) -> bool| {
            let mut gates = self.gates_of(name).into_iter().filter(fits);
            gates.next()
        };
        match step.kind {
            Kind::Text => self.gate_value(name).unwrap_or_else(|| self.text(name, index)),
            Kind::Number => gate(Value::is_number).unwrap_or_else(|| Value::from(index + 11)),
            Kind::Bool => gate(Value::is_boolean).unwrap_or(Value::Bool(true)),
            Kind::List => {
                let element = self.gate_value(name).unwrap_or_else(|| self.text(name, index));
                Value::Array(vec![element])
            }
            // Nothing is known of its members: all names.
            Kind::Object => {
                let inner = names.iter().copied().filter(|it| *it != name).take(MAX_BLIND);
                let inner: Vec<&str> = inner.collect();
                Value::Object(self.pairs(&inner).into_iter().map(text_member).collect())
            }
        }
    }

    fn text(&self, name: &str, index: usize) -> Value {
        Value::from(super::benign(name, index))
    }
}
