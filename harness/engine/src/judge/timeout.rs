//! No answer within the configured timeout.
//!
//! Proof: the emulator's deadline passed, twice, in fresh processes, and a valid event in its
//! place is answered. No comparison of durations is made: a slow machine is not a finding.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing, family};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
timeout: an event keeps the function busy, or waiting, beyond its timeout.

Lambda kills the environment; every such event costs the whole timeout.

How it is proven: no answer within --timeout, again in a fresh process, while a valid event in its
place is answered.

Example: /^(\\w+\\s?)*$/.test(name): 30 words and an exclamation mark keep it busy for minutes.

How to fix it: bound the work that an event can ask for (sizes, repetitions, regular expressions),
and set time limits on outgoing calls.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(Outcome::TimedOut { after }) = observation.outcome else {
        return Vec::new();
    };
    vec![Sighting {
        oracle: OracleId::Timeout,
        identity: vec![family(case.seed.source).to_owned()],
        title: format!("an event is not answered within {} ms", after.as_millis()),
        point: None,
        nonce: None,
        place: None,
        evidence: vec![Evidence::new("no answer within", format!("{} ms", after.as_millis()))],
        standing: Standing::Candidate,
    }]
}
