//! Event data made a header of its own in an answer.
//!
//! Proof: a header of the answer holds a line break with our header behind it, or our header stands in the answer. Its name is a
//! nonce that occurs nowhere but in this payload. A text that is only echoed in a header, without its line break, is no sighting.

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::payload::PayloadClass;
use serde_json::Value;

use super::{Sighting, planted_of, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
header-injection: text from the event made a header of its own in the answer (CWE-113).

Whoever takes the answer apart at line breaks (a proxy, a cache, a client) sees a header that the
sender of the request chose: a cookie, a redirect, the end of the headers.

How it is proven: the payload is a line break and a header with a random name made for this test
case and this field. The line break and the header behind it are in a header of the answer, or the
header itself is in the answer; again in a fresh process with a fresh name, and not with a benign
text in its place.

What is not reported: text that arrives in a header without its line break, or encoded.

Example: return { statusCode: 302, headers: { Location: '/' + event.queryStringParameters.next } }

How to fix it: encode what goes into a header (encodeURIComponent, quote), or refuse text with
characters below U+0020.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(Outcome::Response(answer)) = &observation.outcome else { return Vec::new() };
    let planted = planted_of(case, |class| class == PayloadClass::HeaderInjection);
    if planted.is_empty() {
        return Vec::new();
    }
    let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let headers = headers(&document);
    let sighting = |planted: &Planted| {
        let name = format!("x-{}", planted.nonce);
        let (header, value) = headers.iter().find(|(header, value)| {
            header.eq_ignore_ascii_case(&name) || is_forged(header, &name) || is_forged(value, &name)
        })?;
        let evidence = vec![
            Evidence::new("payload", planted.text.clone()),
            Evidence::new("header", format!("{header}: {value}")),
        ];
        Some(sighting_at(planted, OracleId::HeaderInjection, "becomes a header of the answer", evidence))
    };
    planted.iter().filter_map(sighting).collect()
}

/// Whether `text` has a line that begins with the header `name`, and is not the first.
fn is_forged(text: &str, name: &str) -> bool {
    let is_ours =
        |line: &str| line.split_once(':').is_some_and(|(it, _)| it.trim().eq_ignore_ascii_case(name));
    text.split(['\r', '\n']).skip(1).any(is_ours)
}

/// The headers of an answer, in each of the forms that AWS takes: AWS Lambda developer guide, "Response payload format" of
/// function URLs; Amazon API Gateway developer guide, "Output format of a Lambda function for proxy integration"; Amazon CloudFront
/// developer guide, "Lambda@Edge response object".
fn headers(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for member in ["headers", "multiValueHeaders"] {
        for (name, value) in document[member].as_object().into_iter().flatten() {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            found.extend(values.iter().map(|it| match it {
                Value::Object(pair) => {
                    let text = |member: &str| pair.get(member).and_then(Value::as_str);
                    (text("key").unwrap_or(name).to_owned(), text("value").unwrap_or_default().to_owned())
                }
                it => (name.clone(), it.as_str().unwrap_or_default().to_owned()),
            }));
        }
    }
    let cookies = document["cookies"].as_array().into_iter().flatten().filter_map(Value::as_str);
    found.extend(cookies.map(|it| ("Set-Cookie".to_owned(), it.to_owned())));
    found
}
