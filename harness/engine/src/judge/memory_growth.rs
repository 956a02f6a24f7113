//! A process keeps memory for every event, until it has none left.
//!
//! Proof: the kernel, or V8, ends the process for want of memory while one and the same event comes again and again, which it has
//! handled hundreds of times before, and at every look on the way it held more than at the first.

use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing, out_of_memory};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Held, Observation};

pub(super) const EXPLANATION: &str = "\
memory-growth: the function keeps memory for every event, until its process has none left (CWE-401).

The environment that is hit last is killed in the middle of somebody's event, and all that it had
gathered is lost. On the way garbage collection makes it slower and slower.

How it is proven: a process died for want of memory, though the same event in a fresh process does no
harm. That event is delivered to a fresh process again and again: it holds more and more, and is ended
for its memory in the end.

What is not reported: functions that grow for a while and then stay (caches with a bound, garbage
that is collected when it has to be).

Example: const seen = new Map() at the top of a module, to which every event adds, or a listener that
each event puts on a shared emitter.

How to fix it: bound what is kept outside of the handler (an LRU cache, a WeakMap), remove listeners
and timers when the event is done.";

/// Looks on the way that are needed to speak of growth.
const LOOKS: usize = 3;

const MB: u64 = 1 << 20;

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let held = &observation.held;
    let (Some(first), Some(last)) = (held.first(), held.last()) else { return Vec::new() };
    let grows = held.len() >= LOOKS && held[1..].iter().all(|it| it.bytes > first.bytes);
    if !grows || !out_of_memory::is_told(observation) {
        return Vec::new();
    }
    let middle = held[held.len() / 2];
    let said = |it: &Held| format!("{} MB after {} events", it.bytes / MB, it.events);
    vec![Sighting {
        oracle: OracleId::MemoryGrowth,
        identity: Vec::new(),
        title: "the function keeps memory for every event".to_owned(),
        point: None,
        nonce: None,
        place: observation.log_place.clone(),
        evidence: vec![
            Evidence::new("memory", [first, &middle, last].map(said).join(", ")),
            Evidence::new("ended with", out_of_memory::ended_with(observation).unwrap_or_default()),
        ],
        standing: Standing::Candidate,
    }]
}
