//! The function was still at work on an event after it had answered.
//!
//! Proof: a line of the log that names the event by a nonce and was written when the invocation was over. Only such lines count: what
//! a runtime or a library says at leisure names no event.

use evfuzz_emulator::{Outcome, ResponseMode};
use evfuzz_generators::case::{Planted, TestCase};

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
work-after-answer: the function goes on with an event after it has answered.

Lambda freezes the environment once the runtime has answered and asks for the next event. What is left to do runs when the next event comes,
minutes later or never, and its errors belong to another invocation.

How it is proven: a line in the log that holds text of the event was written after the answer, when the
process had already come to rest; again in a fresh process that handles no other event, with fresh
text.

What is not reported: work that leaves no trace of the event, and what is done right behind the answer,
as web frameworks log an error.

Example: `save(order)` without await in an async handler, or a thread that nobody joins.

How to fix it: await it (Promise.all for several), join threads, or hand the work to a queue.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    // What ends the process after the answer is a finding of its own, and says so late.
    // A handler that streams goes on after the end of its answer, and Lambda lets it.
    let answered = match &observation.outcome {
        None => true,
        Some(Outcome::Response(answer)) => answer.mode == ResponseMode::Buffered,
        Some(_) => false,
    };
    if observation.late_log.is_empty() || !answered || observation.ended_later.is_some() {
        return Vec::new();
    }
    let log = String::from_utf8_lossy(&observation.late_log);
    let line_of = |planted: &Planted| log.lines().find(|line| line.contains(planted.nonce.as_str()));
    let planted = case.sent().planted;
    let Some((planted, line)) = planted.iter().find_map(|it| Some((it, line_of(it)?))) else {
        return Vec::new();
    };
    let point = planted.point.path().to_owned();
    vec![Sighting {
        oracle: OracleId::WorkAfterAnswer,
        // Whatever brought the event, it is the same work.
        identity: Vec::new(),
        title: "the function goes on with an event after it has answered".to_owned(),
        point: Some(point),
        nonce: Some(planted.nonce.clone()),
        place: None,
        evidence: vec![Evidence::new("logged later", line.trim())],
        standing: Standing::Candidate,
    }]
}
