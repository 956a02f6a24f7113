//! Event data became an operator of a MongoDB filter.
//!
//! Proof: an observer saw the filter as the driver got it. An object that the payload is, with an operator and the nonce, stands where
//! the server reads operators: as the condition on a field or within `$not`, not as a value that something is compared with
//! (`$eq`, the members of `$in`). Functions that make texts of what they get, or check types, never have such an object.
//! Or the payload is code in a text of `$where`, which the server evaluates.

use evfuzz_generators::breakout::{Language, Place, place_at};
use evfuzz_generators::case::{Planted, TestCase};
use serde_json::{Map, Value};

use super::Sighting;
use super::statement::{Parts, in_records};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Observation, Record};

pub(super) const EXPLANATION: &str = "\
nosql-injection: a value from the event became an operator of a MongoDB filter (CWE-943).

Where a function expects a text, JSON can hold {\"$ne\": \"\"}, which every document matches: a login
without a password, somebody else's orders.

How it is proven: the payload is an object with an operator, such as $ne, and a random word made
for this test case and this field. An observer in the function's process saw it in the filter that
was handed to the driver, where the server reads operators. Or text from the event is code in
$where. Again in a fresh process with a fresh word, and not with a benign text in its place.

What is not reported: values that are made texts or whose type is checked first, values behind $eq.

Example: users.findOne({ name: body.name, password: body.password }).

How to fix it: check the type of every value (a schema, typeof), or compare with { $eq: value }; use
no $where.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let oracle = (OracleId::NosqlInjection, "becomes an operator of a MongoDB filter");
    let is_one = |it: &Record| matches!(it.act, Act::Filter { .. });
    in_records(case, observation, oracle, is_one, |record, planted| {
        let Act::Filter { text } = &record.act else { return None };
        let filter: Value = serde_json::from_str(text).ok()?;
        is_operator_in(&filter, planted).then(|| Evidence::new("filter", text.clone()))
    })
}

/// Whether the payload is an operator, or code, in a filter (`find`'s first argument) or in an array of stages or filters.
fn is_operator_in(filter: &Value, planted: &Planted) -> bool {
    match filter {
        Value::Array(filters) => filters.iter().any(|it| is_operator_in(it, planted)),
        Value::Object(members) => members.iter().any(|(key, value)| match key.as_str() {
            "$and" | "$or" | "$nor" | "$match" => is_operator_in(value, planted),
            "$where" => is_code(value, planted),
            "$expr" => is_within(value, planted),
            key if key.starts_with('$') => false,
            _ => is_condition(value, planted),
        }),
        _ => false,
    }
}

/// Whether the payload is read as operators where a condition on a field stands.
fn is_condition(value: &Value, planted: &Planted) -> bool {
    let Value::Object(members) = value else { return false };
    is_payload(members, planted)
        || members.iter().any(|(key, value)| match key.as_str() {
            "$not" => is_condition(value, planted),
            "$elemMatch" => is_condition(value, planted) || is_operator_in(value, planted),
            // `$all` takes conditions on elements, and values.
            _ => false,
        })
}

/// Whether the payload stands anywhere in an expression but in what is taken literally.
fn is_within(value: &Value, planted: &Planted) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|it| is_within(it, planted)),
        Value::Object(members) => {
            is_payload(members, planted)
                || members.iter().any(|(key, value)| key != "$literal" && is_within(value, planted))
        }
        _ => false,
    }
}

/// Whether an object is the payload, and that is one of operators: `{"$ne":"evaaaaaaaa"}`. Or it is what parsers of forms make of
/// a name that ends in an operator: of `user[$ne]=evaaaaaaaa`.
fn is_payload(members: &Map<String, Value>, planted: &Planted) -> bool {
    let payload: Option<Map<String, Value>> = serde_json::from_str(&planted.text).ok();
    let is_object = payload
        .is_some_and(|it| !it.is_empty() && it.keys().all(|key| key.starts_with('$')) && it == *members);
    let is_named = |(key, value): (&String, &Value)| {
        key.starts_with('$')
            && planted.point.path().ends_with(&format!("[{key}]"))
            && value.as_str().is_some_and(|it| it.contains(planted.nonce.as_str()))
    };
    is_object || members.iter().any(is_named)
}

/// Places in a payload that are looked at. Each costs a walk through the text.
const MOST_PLACES: usize = 32;

/// Whether the payload is code in a text of JavaScript.
fn is_code(value: &Value, planted: &Planted) -> bool {
    let Value::String(text) = value else { return false };
    let parts = Parts::of(&planted.text, &planted.nonce);
    parts.stand_in(text, |it| {
        // At its beginning, or where it calls something after it has left a string.
        let calls = text[it.clone()].match_indices('(').map(|(at, _)| it.start + at);
        let mut places = std::iter::once(it.start).chain(calls).take(MOST_PLACES);
        places.any(|at| place_at(Language::JavaScript, text, at) == Some(Place::Code))
    })
}
