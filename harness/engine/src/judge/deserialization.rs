//! Event data was read as serialized objects that act while they are read.
//!
//! Proof: the canary ran that the document starts when a reader makes its objects. Neither a shell nor a language runs such a
//! document as its source text, and a reader that makes plain data only starts nothing.
//!
//! Or the canary address was asked that a constructor in the document names. Or an observer saw that the name was looked up which
//! stands, as text of a certain length, within Java's binary format: nobody finds it there who does not read the objects, and
//! that it is looked up is what the objects do. Who refuses a class does so before its object is made.

use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::payload::{Effect, Form, PayloadClass};

use super::reached::sighting;
use super::{Sighting, canaries_that_ran, planted_of, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Observation, Record};

pub(super) const EXPLANATION: &str = "\
deserialization: text from the event was read as objects that act (CWE-502).

pickle, PyYAML's Loader, jsonpickle, node-serialize, SnakeYAML and Java's readObject make whatever objects a
document names, and call what it names with them.

How it is proven: the payload is a document in the reader's format that starts a canary command with
a random name made for this test case and this field while it is read, asks an address on loopback
made for it, or looks a name up that was (readObject, which an observer in the process sees). It did,
again in a fresh process with a fresh name, and not with a harmless document of the same format.

What is not reported: readers that make plain data only (json, yaml.safe_load, SnakeYAML 2 or its
SafeConstructor), documents whose signature is checked before they are read, an ObjectInputFilter with
a list of allowed classes.

Example: pickle.loads(base64.b64decode(body['state'])), yaml.load(text, Loader=yaml.Loader),
new ObjectInputStream(bytes).readObject().

How to fix it: read JSON, or yaml.safe_load; never pickle what a sender can write. In Java, if it must be
serialized objects: setObjectInputFilter with the classes that you expect and `!*` for all others.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let is_one = |class| class == PayloadClass::Deserialization;
    let mut sightings = canaries_that_ran(case, observation, OracleId::Deserialization, WHAT, is_one);
    if observation.connects.is_empty() && observation.records.is_empty() {
        return sightings;
    }
    for planted in planted_of(case, is_one) {
        if sightings.iter().any(|it| it.nonce.as_ref() == Some(&planted.nonce)) {
            continue;
        }
        // A document that names no address has none to connect to.
        let reached = || sighting(&planted, observation, OracleId::Deserialization, WHAT);
        sightings.extend(looked_up(&planted, observation).or_else(reached));
    }
    sightings
}

const WHAT: &str = "is read as objects that act";

/// The name below `localhost` in a serialized document was looked up, which its `URL` does when it is put into a map.
fn looked_up(planted: &Planted, observation: &Observation) -> Option<Sighting> {
    if planted.payload.effect != Effect::Connects || planted.payload.form != Form::Bytes {
        return None;
    }
    let host = format!("{}.localhost", planted.nonce.as_str());
    let asked = |it: &&Record| matches!(&it.act, Act::Asked { url } if url.strip_prefix(&host).is_some_and(|it| it.starts_with(':')));
    let record = observation.records.iter().find(asked)?;
    let evidence = vec![
        Evidence::new("payload", planted.text.clone()),
        Evidence::new("address", format!("{host} is looked up")),
    ];
    Some(Sighting {
        place: record.place.clone(),
        ..sighting_at(planted, OracleId::Deserialization, WHAT, evidence)
    })
}
