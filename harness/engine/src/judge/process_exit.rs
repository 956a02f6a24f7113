//! The process ended before it answered, or after it by work that nobody awaited.
//!
//! Proof: the exit status or signal itself, seen by the parent of the process. A function that
//! ends itself on valid events too is told so by the baseline and not reported again.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;
use evfuzz_sandbox::Exceeded;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
process-exit: an event ended the function's process by exit or by a signal.

Lambda answers Runtime.ExitError, throws the execution environment away and pays a cold start for
the next event; whoever can send the event can do this at will.

How it is proven: the exit status or signal, seen again in a fresh process; a valid event in its
place does not end the process.

Example: createReadStream(event.path).pipe(out) without a listener for 'error': a path that does not
exist ends the process.

How to fix it: find the place that the log names; never call process.exit or sys.exit in a
handler; catch errors of streams and timers, which no try block around the handler sees.";

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let after_answer = observation.ended_later.as_ref();
    let Some(outcome) = observation.outcome.as_ref().and_then(ended).or(after_answer.and_then(ended)) else {
        return Vec::new();
    };
    // A rejection and the want of memory have oracles of their own. An error that nobody caught (of a stream, of a timer) has
    // not: Node's client posts it like one of the handler, and then ends the process.
    if super::unhandled_rejection::is_told(observation) || super::out_of_memory::is_told(observation) {
        return Vec::new();
    }
    let log = observation.log.lossy();
    let place = observation.log_place.clone().or_else(|| observation.error.as_ref()?.place());
    let mut evidence = vec![Evidence::new("ended with", outcome.clone())];
    if let Some(line) = log.lines().rev().find(|line| !line.trim().is_empty()) {
        evidence.push(Evidence::new("last log line", line));
    }
    vec![Sighting {
        oracle: OracleId::ProcessExit,
        identity: vec![outcome.clone(), place.clone().unwrap_or_default()],
        title: format!("an event ends the process ({outcome})"),
        point: None,
        nonce: None,
        place,
        evidence,
        standing: Standing::Candidate,
    }]
}

fn ended(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Exited { code } => Some(format!("exit status {code}")),
        Outcome::Signaled { signal } => Some(format!("signal {signal}")),
        // A run that goes on for long reaches it without any event's doing.
        Outcome::LimitExceeded { limit: Exceeded::Lifetime } => None,
        Outcome::LimitExceeded { limit } => Some(limit.to_string()),
        Outcome::Response(_)
        | Outcome::FunctionError { .. }
        | Outcome::InitError(_)
        | Outcome::TimedOut { .. }
        | Outcome::ResponseTooLarge { .. }
        | Outcome::TruncatedResponse { .. }
        | Outcome::InvalidResponseMode { .. }
        | Outcome::InvalidRequest(_) => None,
    }
}
