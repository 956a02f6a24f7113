//! How many requests of each kind were made, over all threads.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    kinds: BTreeMap<&'static str, u64>,
    /// Requests sent, broken ones included.
    pub(crate) requests: u64,
}

impl Counts {
    /// A request was sent.
    pub(crate) fn call(&mut self, kind: &'static str) {
        self.requests += 1;
        self.add(kind);
    }

    /// Something else happened.
    pub(crate) fn add(&mut self, kind: &'static str) {
        *self.kinds.entry(kind).or_default() += 1;
    }

    pub(crate) fn of(&self, kind: &str) -> u64 {
        self.kinds.get(kind).copied().unwrap_or_default()
    }

    pub(crate) fn join(&mut self, other: &Counts) {
        self.requests += other.requests;
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in &self.kinds {
            writeln!(out, "{count:>10}  {kind}")?;
        }
        write!(out, "{:>10}  requests", self.requests)
    }
}
