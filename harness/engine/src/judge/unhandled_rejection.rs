//! A promise that nobody awaited was rejected.
//!
//! Proof: the client's own post of `Runtime.UnhandledPromiseRejection`. It names the invocation
//! that it belongs to, so late rejections are never blamed on the next event.

use evfuzz_generators::case::TestCase;

use super::unhandled_error::shape;
use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
unhandled-rejection: an event makes a promise fail that nobody awaits.

Node ends the process for it (Runtime.UnhandledPromiseRejection, then exit status 128), often while
the next event is already being handled: that one fails as well, and the environment is lost.

How it is proven: the runtime's own report, again in a fresh process; a valid event in its place
does not cause it.

How to fix it: await every promise or attach a catch handler to it.";

const ERROR_TYPE: &str = "Runtime.UnhandledPromiseRejection";

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(error) = observation.error.as_ref().filter(|error| error.error_type == ERROR_TYPE) else {
        return Vec::new();
    };
    let place = error.place();
    vec![Sighting {
        oracle: OracleId::UnhandledRejection,
        identity: vec![place.clone().unwrap_or_else(|| shape(&error.message))],
        title: "a promise that nobody awaits is rejected, and the process ends".to_owned(),
        point: None,
        nonce: None,
        place,
        evidence: vec![Evidence::new("error", error.message.clone())],
        standing: Standing::Candidate,
    }]
}
