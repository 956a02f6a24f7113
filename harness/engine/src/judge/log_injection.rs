//! Event data made a line of its own in the log.
//!
//! Proof: a line of the log begins with what the payload has behind its line break, which looks as if Lambda had written it and holds
//! a nonce. What the runtime hands to the log service in one piece (`console.log` of Node, `logging` of Python) stays one entry
//! whatever is in it, so only what was printed counts: there each line is an entry.

use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::payload::{Canaries, Effect, PayloadClass};

use super::{Sighting, planted_of, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
log-injection: text from the event made an entry of its own in the log (CWE-117).

Whoever reads the log, or counts and alarms by it, is told what the sender wants.

How it is proven: the payload is a line break and a line like those of Lambda itself, with a random
word made for this test case and this field. An entry of the log begins with that line; again in a
fresh process with a fresh word, and not with a benign text in its place.

What is not reported: text that is logged as JSON or by repr, which has no line breaks; text that
goes through the runtime's own log functions, which keep what they are given in one entry.

Example: print(f'order {body[\"id\"]}') in Python, process.stdout.write(name + '\\n') in Node.

How to fix it: log JSON (json.dumps, a structured logger), or repr() of what came from outside.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let planted = planted_of(case, |class| class == PayloadClass::LogInjection);
    if planted.is_empty() {
        return Vec::new();
    }
    let printed = String::from_utf8_lossy(&observation.log.bytes);
    let sighting = |planted: &Planted| {
        let Effect::Line(_) = planted.payload.effect else { return None };
        let forged = planted.payload.expected(&planted.nonce, &Canaries::default())?;
        let line = printed.split('\n').find(|line| line.starts_with(&forged))?;
        let evidence =
            vec![Evidence::new("payload", planted.text.clone()), Evidence::new("line of the log", line)];
        Some(sighting_at(planted, OracleId::LogInjection, "becomes a line of the log", evidence))
    };
    planted.iter().filter_map(sighting).collect()
}
