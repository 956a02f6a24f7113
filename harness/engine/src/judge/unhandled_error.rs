//! An error of the runtime reached the top of the handler.
//!
//! Proof: the error document that the runtime posted. Deliberate errors are the false alarms here:
//! raising is how a handler of an asynchronous event source asks for a retry. So an error counts
//! only if the language itself raised it on data that the function did not expect; an error that
//! the function's own statement raises is listed.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;
use evfuzz_generators::source::{Delivery, EventSource};

use super::validation::refused_of_aws;
use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::{ErrorSeen, Frame, Observation, Whose};

pub(super) const EXPLANATION: &str = "\
unhandled-error: an error of the language (TypeError, KeyError, ...) reached the top of the handler.

For API Gateway the sender gets a 502; for queues and streams the whole batch is retried until it
expires or goes to a dead-letter queue.

How it is proven: the error document, again in a fresh process; a valid event in its place does
not raise it.

What is only listed, not reported: errors that the function raises itself (raise, throw), errors
of libraries such as validation errors of what a sender writes, malformed messages on asynchronous
event sources, and errors on events invoked directly, whose shape nobody has promised. A validation
error that names only members which AWS writes (pydantic, zod) is reported: the schema is wrong.

Example: json.loads(event['body'])['id'] with an HTTP API request that has no body (KeyError).

How to fix it: check what the event holds before using it, and answer 400 (or report the record as
a batch item failure) when it is not what the function needs.";

/// Errors that JavaScript engines and CPython raise themselves when data has another type or
/// shape than the code expects.
const OF_THE_LANGUAGE: &[&str] = &[
    // ECMAScript 2025, section 20.5.5: native error types.
    "TypeError",
    "ReferenceError",
    "RangeError",
    "URIError",
    "EvalError",
    // Python documentation, "Built-in Exceptions".
    "KeyError",
    "IndexError",
    "AttributeError",
    "NameError",
    "UnboundLocalError",
    "ZeroDivisionError",
    "OverflowError",
    "RecursionError",
    "ValueError",
    "UnicodeEncodeError",
    "FloatingPointError",
];

/// Errors of parsers: the sender's text is not what it should be.
const OF_PARSERS: &[&str] = &["SyntaxError", "JSONDecodeError", "UnicodeDecodeError", "binascii.Error"];

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let (Some(Outcome::FunctionError { .. }), Some(error)) = (&observation.outcome, &observation.error)
    else {
        return Vec::new();
    };
    if error.error_type.starts_with("Runtime.") {
        return Vec::new();
    }
    let frame = error.own_frame();
    let place = frame.map(Frame::place);
    let mut evidence = vec![Evidence::new("error", format!("{}: {}", error.error_type, error.message))];
    if let Some(text) = frame.and_then(|frame| frame.text.as_deref()) {
        evidence.push(Evidence::new("at", text.trim().to_owned()));
    }
    let mut identity = vec![error.error_type.clone(), place.clone().unwrap_or_else(|| shape(&error.message))];
    // Another matter than what the same validator says of what a sender wrote.
    let refused = refused_of_aws(case, error).filter(|_| !error.is_deliberate());
    identity.extend(refused.iter().flatten().cloned());
    let standing = match refused {
        Some(_) if case.seed.source != EventSource::Direct => Standing::Candidate,
        _ => standing(case.seed.source, error),
    };
    vec![Sighting {
        oracle: OracleId::UnhandledError,
        identity,
        title: format!("{} reaches the top of the handler", error.error_type),
        point: None,
        nonce: None,
        place,
        evidence,
        standing,
    }]
}

fn standing(source: EventSource, error: &ErrorSeen) -> Standing {
    let name = error.error_type.as_str();
    let parser = OF_PARSERS.contains(&name);
    let counts = (OF_THE_LANGUAGE.contains(&name) || parser && source.delivery() == Delivery::Synchronous)
        && !error.is_deliberate()
        && !is_too_deep_for_a_parser(error)
        && source != EventSource::Direct;
    if counts { Standing::Candidate } else { Standing::Listed }
}

/// CPython's `json` gives up on texts with a thousand brackets inside each other, with an error that is none of its own. Who
/// catches what a parser says of a malformed text has done what can be asked. A recursion of the function's own is another matter.
fn is_too_deep_for_a_parser(error: &ErrorSeen) -> bool {
    let innermost = error.frames.first().map(|frame| frame.whose);
    error.error_type == "RecursionError" && innermost != Some(Whose::Function)
}

/// A message without what varies with the data: quoted text, digits.
pub(crate) fn shape(message: &str) -> String {
    let mut shape = String::new();
    let mut quote = None;
    for it in message.chars().take(200) {
        match quote {
            Some(open) if it == open => quote = None,
            Some(_) => continue,
            None if matches!(it, '\'' | '"' | '`') => quote = Some(it),
            None if it.is_ascii_digit() => continue,
            None => {}
        }
        shape.push(it);
    }
    shape
}
