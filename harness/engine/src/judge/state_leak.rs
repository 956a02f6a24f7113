//! Text of one event came out with another one, in the same process.
//!
//! Proof: a nonce of the earlier event, which nothing could have guessed, in the answer, error or log of a later event that does not
//! hold it. The later event is confirmed with other texts in all of its fields, so that a function that remembers its answer for a
//! key (a cache, an idempotency key) is not taken for one that mixes events up.

use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Observation, Output};

pub(super) const EXPLANATION: &str = "\
state-leak: what one event brought comes out with another one (CWE-488).

A warm environment keeps what is outside of the handler: module variables, default arguments,
context of a logger, files in /tmp. Whoever is served next gets the data of whoever was served before.

How it is proven: a random word of one event stands in the answer, error or log of a later event
that does not hold it. Again in two fresh processes, which get these two events only; the second
one has other texts in all of its fields, so an answer that is remembered for a key does not count.

Example: const errors = [] at the top of a module, filled by each event and returned; def
handler(event, context, seen=[]).

How to fix it: make what belongs to one event inside the handler, and clear what has to be outside
(logger.clear_state, a file of its own for each event) when it begins.";

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let mut echoes = observation.echoes.clone();
    echoes.sort_by_key(|it| it.output as u8);
    echoes.dedup_by_key(|it| it.output as u8);
    let sighting = |(output, echo): (&str, crate::observe::Echo)| Sighting {
        oracle: OracleId::StateLeak,
        identity: vec![output.to_owned()],
        title: format!("the {output} for one event holds text of an earlier one"),
        point: None,
        nonce: Some(echo.nonce),
        place: None,
        evidence: vec![Evidence::new(output, echo.around)],
        standing: Standing::Candidate,
    };
    let named = echoes.into_iter().map(|echo| {
        let output = match echo.output {
            Output::Response => "answer",
            Output::Error => "error",
            Output::Log => "log",
            Output::File => "file",
        };
        (output, echo)
    });
    named.map(sighting).collect()
}
