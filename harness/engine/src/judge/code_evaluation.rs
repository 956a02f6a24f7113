//! Event data was evaluated as source code.
//!
//! Proof: the payload is an expression of the function's language that starts the canary command.
//! No shell runs that text (the payload tests hold this), so the canary runs only if the language
//! evaluated it.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::command_execution::stable;
use super::{Sighting, Standing, canary_evidence, fired_payloads};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
code-evaluation: text from the event was evaluated as source code (CWE-95).

How it is proven: the payload is an expression of the function's own language that starts a canary
command with a random name made for this test case and this field. A shell cannot run that text,
so the canary runs only if the text was evaluated (eval, exec, new Function, vm, a template). It
must run again in a fresh process with a fresh name, and not with a benign text in its place.

How to fix it: parse the value instead of evaluating it (JSON.parse, ast.literal_eval, a small
expression parser with an allow-list of operators).";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    fired_payloads(case, observation, |planted| match planted.payload.class {
        PayloadClass::PythonCode | PayloadClass::JavaScriptCode => true,
        PayloadClass::ShellCommand => false,
    })
    .into_iter()
    .map(|(planted, fired)| {
        let point = planted.point.path().to_owned();
        Sighting {
            oracle: OracleId::CodeEvaluation,
            identity: vec![stable(&point)],
            title: format!("text from {point} is evaluated as source code"),
            evidence: canary_evidence(&planted, fired),
            point: Some(point),
            nonce: Some(fired.nonce.clone()),
            place: None,
            standing: Standing::Candidate,
        }
    })
    .collect()
}
