//! Event data was evaluated as source code.
//!
//! Proof: the payload is an expression of the function's language that starts the canary command.
//! No shell runs that text (the payload tests hold this), so the canary runs only if the language
//! evaluated it.
//!
//! Or an observer saw the text that was evaluated, and the payload stands in it as code: as it was planted, and not within one
//! string, comment or regular expression. Data that is quoted correctly, as compilers of templates and schemas do, is within
//! one, or its quotes are escaped and it is not there as it was planted. A text that the compiler refuses counts: it was to be
//! evaluated, and the twin has no nonce.
//!
//! Expressions of the JVM's libraries are proven by the canary alone: who evaluates a sender's formula in a language that is
//! restricted (SpEL's `SimpleEvaluationContext`, the permissions of JEXL) does so by design, and nothing but its effect tells.

use evfuzz_generators::breakout::{Place, place_at};
use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::payload::PayloadClass;

use super::{Sighting, Standing, canaries_that_ran, identity};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Observation, Record};

pub(super) const EXPLANATION: &str = "\
code-evaluation: text from the event was evaluated as source code (CWE-95).

How it is proven: the payload is an expression of the function's own language that starts a canary
command with a random name made for this test case and this field. A shell cannot run that text,
so the canary runs only if the text was evaluated (eval, exec, new Function, vm, a template, in Java
SpEL, OGNL, MVEL, EL, JEXL, Groovy, FreeMarker, Velocity, a script engine). Or
an observer in the function's process saw the text that was evaluated, and the payload is code in
it, not data in quotes. It must happen again in a fresh process with a fresh name, and not with a
benign text in its place.

What is not reported: a payload that stands in the evaluated text as a correctly quoted string, as
with compilers of templates and schemas; JSON.parse and ast.literal_eval, which evaluate nothing; Java
expressions in a context that lets them reach no class (SimpleEvaluationContext).

Example: eval('(' + event.body + ')') instead of JSON.parse, or a filter given as text that is passed
to new Function; in Java parser.parseExpression(filter).getValue(item).

How to fix it: parse the value instead of evaluating it (JSON.parse, ast.literal_eval, a small
expression parser with an allow-list of operators). In Java keep the expression in your own code and
pass values as variables; where users write expressions, SimpleEvaluationContext.forReadOnlyDataBinding().";

/// Places in a payload that are looked at. Each costs a walk through the text.
const MOST_PLACES: usize = 8;

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let ran = canaries_that_ran(
        case,
        observation,
        OracleId::CodeEvaluation,
        "is evaluated as source code",
        |class| {
            use PayloadClass::{JavaExpression, JavaScriptCode, PythonCode};
            matches!(class, PythonCode | JavaScriptCode | JavaExpression)
        },
    );
    let mut sightings = ran;
    if observation.records.is_empty() {
        return sightings;
    }
    for planted in case.sent().planted {
        let mut records = observation.records.iter();
        let Some((record, text)) = records.find_map(|it| Some((it, evaluated(it, &planted)?))) else {
            continue;
        };
        // A canary that ran says more.
        if !sightings.iter().any(|it| it.nonce.as_ref() == Some(&planted.nonce)) {
            sightings.push(sighting(&planted, record, text));
        }
    }
    sightings
}

fn sighting(planted: &Planted, record: &Record, text: &str) -> Sighting {
    let point = planted.point.path().to_owned();
    Sighting {
        oracle: OracleId::CodeEvaluation,
        identity: vec![identity(&point)],
        title: format!("text from {point} is evaluated as source code"),
        evidence: vec![
            Evidence::new("payload", planted.text.clone()),
            Evidence::new("evaluated text", text.to_owned()),
        ],
        point: Some(point),
        nonce: Some(planted.nonce.clone()),
        place: record.place.clone(),
        standing: Standing::Candidate,
    }
}

/// The text that was evaluated, if the payload is code in it.
fn evaluated<'r>(record: &'r Record, planted: &Planted) -> Option<&'r str> {
    let Act::SourceText { language, text, .. } = &record.act else { return None };
    let payload = planted.text.as_str();
    // A name is what generated code may well take from data, once it is known to be one.
    let is_name = payload.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'));
    // Where a filter takes out all that can call something, what it leaves in code that is made of more is no code that does
    // anything. What is evaluated as it is, is the sender's.
    let does_nothing = !payload.contains('(') && text.trim() != payload.trim();
    if is_name || does_nothing || !payload.contains(planted.nonce.as_str()) {
        return None;
    }
    let is_code = |at: usize| place_at(*language, text, at) == Some(Place::Code);
    let found = text.match_indices(payload).any(|(start, _)| {
        // At its beginning, or where it calls something after it has left a string.
        let calls = payload.match_indices('(').map(|(at, _)| at);
        std::iter::once(0).chain(calls).take(MOST_PLACES).any(|at| is_code(start + at))
    });
    found.then_some(text)
}
