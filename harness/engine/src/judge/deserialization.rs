//! Event data was read as serialized objects that act while they are read.
//!
//! Proof: the canary ran that the document starts when a reader makes its objects. Neither a shell nor a language runs such a
//! document as its source text, and a reader that makes plain data only starts nothing.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::{Sighting, canaries_that_ran};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
deserialization: text from the event was read as objects that act (CWE-502).

pickle, PyYAML's Loader, jsonpickle, node-serialize and Java's readObject make whatever objects a
document names, and call what it names with them.

How it is proven: the payload is a document in the reader's format that starts a canary command with
a random name made for this test case and this field while it is read. The canary ran, again in a
fresh process with a fresh name, and not with a harmless document of the same format.

What is not reported: readers that make plain data only (json, yaml.safe_load), documents whose
signature is checked before they are read.

Example: pickle.loads(base64.b64decode(body['state'])), yaml.load(text, Loader=yaml.Loader).

How to fix it: read JSON, or yaml.safe_load; never pickle what a sender can write.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let what = "is read as objects that act";
    canaries_that_ran(case, observation, OracleId::Deserialization, what, |class| {
        class == PayloadClass::Deserialization
    })
}
