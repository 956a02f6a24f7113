//! The answer is larger than Lambda passes on.
//!
//! Proof: the bytes that the runtime posted, counted by the emulator, against Lambda's limit.

use evfuzz_emulator::{MAX_PAYLOAD, Outcome};
use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing, family};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
response-too-large: an event makes the answer larger than Lambda passes on (CWE-770).

Lambda refuses answers of more than 6 MB (6,291,556 bytes; \"Lambda quotas\", payload of a synchronous
invocation): the sender gets Function.ResponseSizeTooLarge, or a 502, after the function has done
all the work, and memory and time for it have been paid.

How it is proven: the size of what was posted, again in a fresh process, and with the same event
each time; a valid event in its place is answered within the limit.

What is not reported: functions that answer every event so, and answers that only the runtime's own
way of writing the event makes larger.

Example: ' '.repeat(Number(query.width)), or a list of all entries for want of a limit in the request.

How to fix it: bound what an event can ask for (widths, counts, page sizes), and hand out large
results through a bucket.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(Outcome::ResponseTooLarge { size }) = observation.outcome else {
        return Vec::new();
    };
    vec![Sighting {
        oracle: OracleId::ResponseTooLarge,
        identity: vec![family(case.seed.source).to_owned()],
        title: format!("an event makes the answer larger than the {MAX_PAYLOAD} bytes that Lambda passes on"),
        point: None,
        nonce: None,
        place: None,
        evidence: vec![Evidence::new("answer", format!("{size} bytes"))],
        standing: Standing::Candidate,
    }]
}
