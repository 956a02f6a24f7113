//! The handler returned a promise that nothing can settle any more.
//!
//! Proof: Node's own event loop, which is empty while the invocation is still open. The client of an `async` handler posts that as an
//! error of its own (`Runtime.NodeJsExit`); for other handlers that return a promise it answers `null` in their place, which looks
//! like a success and is none: our client tells an observer. A handler that returns no promise may end like that on purpose.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Observation};

pub(super) const EXPLANATION: &str = "\
never-settled: with some event the handler's promise is never resolved or rejected.

Node has nothing left to do, so Lambda ends the invocation: with Runtime.NodeJsExit, or with null in
place of an answer. For a queue or stream null is a success, and the message is lost.

How it is proven: the event loop is empty while the invocation is open, again in a fresh process and
several times in turns with a valid event, which is answered.

What is not reported: handlers that return no promise and call no callback: that may be meant.

Example: new Promise((resolve) => parser.on('end', resolve)) with a body on which the parser emits
'error' and never 'end'.

How to fix it: reject in every error handler, and settle on every path; prefer the promise that a
library returns (stream/promises, events.once) to one of your own.";

/// What the client of an `async` handler posts.
const EXIT: &str = "Runtime.NodeJsExit";

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let is_posted = observation.error.as_ref().is_some_and(|it| it.error_type == EXIT);
    let is_silent = observation.records.iter().any(|it| it.act == Act::Unsettled);
    let instead = match &observation.outcome {
        Some(Outcome::FunctionError { .. }) if is_posted => EXIT,
        Some(Outcome::Response(_)) if is_silent => "null, which is no answer of the function",
        _ => return Vec::new(),
    };
    vec![Sighting {
        oracle: OracleId::NeverSettled,
        // Whatever brought the event, it is the same promise.
        identity: Vec::new(),
        title: "the handler's promise is never settled".to_owned(),
        point: None,
        nonce: None,
        place: None,
        evidence: vec![Evidence::new("ended with", instead)],
        standing: Standing::Candidate,
    }]
}
