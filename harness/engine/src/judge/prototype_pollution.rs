//! Event data put a property on every object.
//!
//! Proof: after the invocation an object from which all others inherit has an own key that is the nonce itself, and was not
//! there before. A key that merely copies a name of the event stands on the function's own objects, which nobody looks at;
//! polyfills put their names there while the function starts, and no name of theirs is a nonce.

use evfuzz_generators::case::TestCase;

use super::{Sighting, Standing, identity};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Observation};

pub(super) const EXPLANATION: &str = "\
prototype-pollution: text from the event became a property of every object (CWE-1321).

How it is proven: the payload is an object or a path of names that leads to the prototype of all
objects, and ends in a random name made for this test case and this field. After the invocation
an observer in the function's process looks at the own keys of Object.prototype, Array.prototype
and their like. The finding is reported if exactly that name is there, in a fresh process with a
fresh name again, and not with a benign text in its place.

What is not reported: properties that polyfills add, names that are copied to the function's own
objects, a payload that is refused or ignored.

Example: a deep merge of JSON.parse(event.body) into an object of defaults, with the body
{\"__proto__\": {\"isAdmin\": true}}.

How to fix it: skip __proto__, constructor and prototype when members are copied, or copy into
objects without a prototype (Object.create(null), Map); check the body against a schema that
refuses unknown members.";

/// The member of a document that a point lies in. What is merged is merged to any depth: that is one flaw.
fn member(point: &str) -> &str {
    let Some((at, codec)) = point.rmatch_indices("»/").next() else { return point };
    let start = at + codec.len();
    let end = point[start..].find('/').map_or(point.len(), |it| start + it);
    &point[..end]
}

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let keys: Vec<(&String, &String, &Option<String>)> = observation
        .records
        .iter()
        .filter_map(|record| match &record.act {
            Act::Prototype { object, key } => Some((object, key, &record.place)),
            _ => None,
        })
        .collect();
    if keys.is_empty() {
        return Vec::new();
    }
    let planted = case.sent().planted;
    let sighting = |(object, key, place): (&String, &String, &Option<String>)| {
        let planted = planted.iter().find(|it| it.nonce.as_str() == key)?;
        let point = member(planted.point.path()).to_owned();
        Some(Sighting {
            oracle: OracleId::PrototypePollution,
            identity: vec![identity(&point)],
            title: format!("text from {point} becomes a property of every object"),
            evidence: vec![
                Evidence::new("payload", planted.text.clone()),
                Evidence::new("property", format!("{object} has the key {key}")),
            ],
            point: Some(point),
            nonce: Some(planted.nonce.clone()),
            place: place.clone(),
            standing: Standing::Candidate,
        })
    };
    keys.into_iter().filter_map(sighting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_merged_to_any_depth() {
        let check = |point, expected| assert_eq!(member(point), expected);
        check("/body»json»/a/0/b", "/body»json»/a");
        check("/body»json»/a", "/body»json»/a");
        check("/Records/0/body»json»/a/b", "/Records/0/body»json»/a");
        check("/queryStringParameters/a/0", "/queryStringParameters/a/0");
        check("/body»json»", "/body»json»");
    }
}
