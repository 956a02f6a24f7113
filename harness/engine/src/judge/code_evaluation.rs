//! Event data was evaluated as source code.
//!
//! Proof: the payload is an expression of the function's language that starts the canary command.
//! No shell runs that text (the payload tests hold this), so the canary runs only if the language
//! evaluated it.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::{Sighting, canaries_that_ran};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
code-evaluation: text from the event was evaluated as source code (CWE-95).

How it is proven: the payload is an expression of the function's own language that starts a canary
command with a random name made for this test case and this field. A shell cannot run that text,
so the canary runs only if the text was evaluated (eval, exec, new Function, vm, a template). It
must run again in a fresh process with a fresh name, and not with a benign text in its place.

Example: eval('(' + event.body + ')') instead of JSON.parse, or a filter given as text that is passed
to new Function.

How to fix it: parse the value instead of evaluating it (JSON.parse, ast.literal_eval, a small
expression parser with an allow-list of operators).";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    canaries_that_ran(case, observation, OracleId::CodeEvaluation, "is evaluated as source code", |class| {
        matches!(class, PayloadClass::PythonCode | PayloadClass::JavaScriptCode)
    })
}
