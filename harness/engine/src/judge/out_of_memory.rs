//! An event makes the function use more memory than it has.
//!
//! Proof: the kernel ended it for the limit, as Lambda's does, or V8 gave up by itself for want of a heap (SIGABRT, after a
//! line that says so). That the log speaks of memory is no proof alone.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;
use evfuzz_sandbox::Exceeded;

use super::{Sighting, Standing, family};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
out-of-memory: an event makes the function use more memory than it has (CWE-770).

Lambda kills it (Runtime.ExitError, signal: killed) and throws the execution environment away.
Whoever can send the event can do this at will, and it is retried for queues and streams.

How it is proven: the function runs with the memory that --memory says (its descendants included)
and is ended for going beyond it, or Node ends itself because its heap is full. It happens again in a
fresh process, and a valid event in its place stays within.

What is not reported: functions that go beyond it with every event (give them more with --memory),
memory that grows slowly over many events (see memory-growth).

Example: Buffer.alloc(Number(query.size)), or an archive from the event that is unpacked in memory
without a limit.

How to fix it: bound sizes and counts from the event before anything is made of them, and read large
things as streams.";

/// The signal of abort(), with which V8 ends after "FATAL ERROR: ... JavaScript heap out of memory".
const SIGABRT: i32 = 6;

/// V8's own words: `FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory`.
const FATAL: &str = "FATAL ERROR: ";
const HEAP: &str = "JavaScript heap out of memory";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(ended_with) = ended_with(observation) else { return Vec::new() };
    vec![Sighting {
        oracle: OracleId::OutOfMemory,
        identity: vec![family(case.seed.source).to_owned()],
        title: "an event makes the function use more memory than it has".to_owned(),
        point: None,
        nonce: None,
        place: observation.log_place.clone(),
        evidence: vec![Evidence::new("ended with", ended_with)],
        standing: Standing::Candidate,
    }]
}

/// Whether the process ended for want of memory.
pub(super) fn is_told(observation: &Observation) -> bool {
    ended_with(observation).is_some()
}

pub(super) fn ended_with(observation: &Observation) -> Option<String> {
    let ends = [&observation.outcome, &observation.ended_later].into_iter().flatten();
    let mut ends = ends.filter_map(|end| match end {
        Outcome::LimitExceeded { limit: limit @ Exceeded::Memory } => Some(limit.to_string()),
        Outcome::Signaled { signal: SIGABRT } => {
            let log = observation.log.lossy();
            log.lines().find(|line| line.starts_with(FATAL) && line.contains(HEAP)).map(str::to_owned)
        }
        _ => None,
    });
    ends.next()
}
