//! A promise that nobody awaited was rejected.
//!
//! Proof: the client's own post of `Runtime.UnhandledPromiseRejection`, or the end of the process
//! with the runtime's own line about it. It often comes while the next event is already being
//! handled: confirmation finds out which event it was.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
unhandled-rejection: an event makes a promise fail that nobody awaits.

Node ends the process for it (Runtime.UnhandledPromiseRejection, then exit status 128), often while
the next event is already being handled: that one fails as well, and the environment is lost.

How it is proven: the runtime's own report, again in a fresh process; a valid event in its place
does not cause it.

Example: save(JSON.parse(record.body)) without await, where save is async and the text is no JSON.

How to fix it: await every promise or attach a catch handler to it.";

const ERROR_TYPE: &str = "Runtime.UnhandledPromiseRejection";

/// What Node and its clients write when a rejection ends the process: our client and the official
/// one up to Node 22, then Node itself (documentation of `--unhandled-rejections=throw`).
const IN_LOG: [&str; 3] = [ERROR_TYPE, "ERR_UNHANDLED_REJECTION", "[UnhandledPromiseRejection"];

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let posted = observation.error.as_ref().filter(|error| error.error_type == ERROR_TYPE);
    let (place, message) = match posted {
        Some(error) => (error.place(), error.message.clone()),
        None => match line_in_log(observation) {
            Some(line) => (observation.log_place.clone(), line),
            None => return Vec::new(),
        },
    };
    vec![Sighting {
        oracle: OracleId::UnhandledRejection,
        identity: vec![place.clone().unwrap_or_default()],
        title: "a promise that nobody awaits is rejected, and the process ends".to_owned(),
        point: None,
        nonce: None,
        place,
        evidence: vec![Evidence::new("error", message)],
        standing: Standing::Candidate,
    }]
}

/// Whether a rejection ended the process.
pub(super) fn is_told(observation: &Observation) -> bool {
    let posted = observation.error.as_ref().is_some_and(|error| error.error_type == ERROR_TYPE);
    posted || line_in_log(observation).is_some()
}

/// The line of the log that says why the process ended, if it was a rejection.
fn line_in_log(observation: &Observation) -> Option<String> {
    let ended = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Exited { .. }));
    if !ended(&observation.outcome) && !ended(&observation.ended_later) {
        return None;
    }
    let log = observation.log.lossy();
    log.lines().find(|line| IN_LOG.iter().any(|mark| line.contains(mark))).map(str::to_owned)
}
