//! Oracles: pure judges of an observation, one file each.
//!
//! Each oracle is a function of `(&TestCase, &Observation)`. What it returns is a *sighting*; a
//! finding is a sighting that was confirmed in a fresh process and is absent with the twin.

mod argument_injection;
mod batch_failures;
mod code_evaluation;
mod command_execution;
mod cpu_growth;
mod deserialization;
mod dynamodb_expression;
mod header_injection;
mod log_injection;
mod malformed_response;
mod memory_growth;
mod never_settled;
mod nosql_injection;
mod out_of_memory;
mod path_traversal;
mod process_exit;
mod prototype_pollution;
mod reached;
mod response_too_large;
mod secret_leak;
mod sql_injection;
mod ssrf;
mod state_leak;
mod statement;
mod template_injection;
mod timeout;
mod token_forgery;
mod unhandled_error;
mod unhandled_rejection;
mod validation;
mod work_after_answer;
mod xxe;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::edit::Edit;
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::PayloadClass;
use evfuzz_generators::point::{InjectionPoint, Locator};
use evfuzz_generators::source::EventSource;
use evfuzz_generators::wire::Wire;

pub(crate) use cpu_growth::{Growth, MEASURABLE, exponent};
pub(crate) use malformed_response::is_in_form;
pub(crate) use unhandled_error::shape;

use crate::finding::{Evidence, Fingerprint, OracleId};
use crate::observe::{Fired, Observation};

/// What one oracle saw in one observation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sighting {
    pub(crate) oracle: OracleId,
    /// What stays the same when the payload changes. See [`Fingerprint`].
    pub(crate) identity: Vec<String>,
    pub(crate) title: String,
    /// The injection point whose payload caused it, if the effect itself says so.
    pub(crate) point: Option<String>,
    /// The nonce whose canary ran.
    pub(crate) nonce: Option<Nonce>,
    pub(crate) place: Option<String>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) standing: Standing,
}

impl Sighting {
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let identity: Vec<&str> = self.identity.iter().map(String::as_str).collect();
        Fingerprint::of(self.oracle, &identity)
    }
}

/// Whether a sighting can become a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Worth confirming.
    Candidate,
    /// Told to the user, but not a finding: the function meant to do it.
    Listed,
}

type Oracle = fn(&TestCase, &Observation) -> Vec<Sighting>;

const ORACLES: [Oracle; OracleId::ALL.len()] = [
    command_execution::judge,
    code_evaluation::judge,
    prototype_pollution::judge,
    template_injection::judge,
    deserialization::judge,
    argument_injection::judge,
    sql_injection::judge,
    nosql_injection::judge,
    dynamodb_expression::judge,
    path_traversal::judge,
    ssrf::judge,
    xxe::judge,
    header_injection::judge,
    log_injection::judge,
    secret_leak::judge,
    token_forgery::judge,
    unhandled_rejection::judge,
    process_exit::judge,
    unhandled_error::judge,
    timeout::judge,
    never_settled::judge,
    work_after_answer::judge,
    state_leak::judge,
    cpu_growth::judge,
    malformed_response::judge,
    batch_failures::judge,
    response_too_large::judge,
    out_of_memory::judge,
    memory_growth::judge,
];

/// Everything that the oracles see.
///
/// A bug in one oracle costs one oracle: the others still judge.
pub(crate) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    ORACLES
        .iter()
        .filter_map(|oracle| catch_unwind(AssertUnwindSafe(|| oracle(case, observation))).ok())
        .flatten()
        .collect()
}

/// What the oracle looks for, why a sighting is proof, and what is done against false alarms.
pub fn explain(oracle: OracleId) -> &'static str {
    match oracle {
        OracleId::CommandExecution => command_execution::EXPLANATION,
        OracleId::CodeEvaluation => code_evaluation::EXPLANATION,
        OracleId::PrototypePollution => prototype_pollution::EXPLANATION,
        OracleId::TemplateInjection => template_injection::EXPLANATION,
        OracleId::Deserialization => deserialization::EXPLANATION,
        OracleId::ArgumentInjection => argument_injection::EXPLANATION,
        OracleId::SqlInjection => sql_injection::EXPLANATION,
        OracleId::NosqlInjection => nosql_injection::EXPLANATION,
        OracleId::DynamodbExpression => dynamodb_expression::EXPLANATION,
        OracleId::PathTraversal => path_traversal::EXPLANATION,
        OracleId::Ssrf => ssrf::EXPLANATION,
        OracleId::Xxe => xxe::EXPLANATION,
        OracleId::HeaderInjection => header_injection::EXPLANATION,
        OracleId::LogInjection => log_injection::EXPLANATION,
        OracleId::SecretLeak => secret_leak::EXPLANATION,
        OracleId::TokenForgery => token_forgery::EXPLANATION,
        OracleId::ProcessExit => process_exit::EXPLANATION,
        OracleId::UnhandledError => unhandled_error::EXPLANATION,
        OracleId::UnhandledRejection => unhandled_rejection::EXPLANATION,
        OracleId::Timeout => timeout::EXPLANATION,
        OracleId::NeverSettled => never_settled::EXPLANATION,
        OracleId::WorkAfterAnswer => work_after_answer::EXPLANATION,
        OracleId::StateLeak => state_leak::EXPLANATION,
        OracleId::CpuGrowth => cpu_growth::EXPLANATION,
        OracleId::MalformedResponse => malformed_response::EXPLANATION,
        OracleId::BatchFailures => batch_failures::EXPLANATION,
        OracleId::ResponseTooLarge => response_too_large::EXPLANATION,
        OracleId::OutOfMemory => out_of_memory::EXPLANATION,
        OracleId::MemoryGrowth => memory_growth::EXPLANATION,
    }
}

/// The payloads of a case whose class is `wanted`.
fn planted_of(case: &TestCase, wanted: impl Fn(PayloadClass) -> bool) -> Vec<Planted> {
    let is_wanted = |edit: &Edit| match edit {
        Edit::Plant { payload, .. } => payload.resolve().is_some_and(|it| wanted(it.class)),
        _ => false,
    };
    // Rendering costs, and most cases have none.
    if !case.edits.iter().any(is_wanted) {
        return Vec::new();
    }
    case.sent().planted.into_iter().filter(|it| wanted(it.payload.class)).collect()
}

/// A sighting that the nonce of `planted` proves. `what`: what was done with the text, as in "becomes a header".
fn sighting_at(planted: &Planted, oracle: OracleId, what: &str, evidence: Vec<Evidence>) -> Sighting {
    let point = planted.point.path().to_owned();
    Sighting {
        oracle,
        identity: vec![identity(&point)],
        title: format!("text from {point} {what}"),
        point: Some(point),
        nonce: Some(planted.nonce.clone()),
        place: None,
        evidence,
        standing: Standing::Candidate,
    }
}

/// What the function said, with the place where it did.
fn said(observation: &Observation) -> Vec<(&'static str, Cow<'_, str>)> {
    let mut said = Vec::new();
    if let Some(Outcome::Response(answer)) = &observation.outcome {
        said.push(("answer", String::from_utf8_lossy(&answer.body)));
    }
    said.extend(observation.error.as_ref().map(|error| ("error", Cow::Borrowed(error.message.as_str()))));
    said.push(("log", observation.log.lossy()));
    said
}

/// All that deliver requests deliver the same request to the same code.
fn family(source: EventSource) -> &'static str {
    if source.is_http() && !source.is_authorizer() { "apigw" } else { source.id() }
}

/// A sighting for every canary that ran, if the class of its payload is `wanted`.
///
/// `what`: what was done with the text, as in "is run as a command".
fn canaries_that_ran(
    case: &TestCase,
    observation: &Observation,
    oracle: OracleId,
    what: &str,
    wanted: impl Fn(PayloadClass) -> bool,
) -> Vec<Sighting> {
    if observation.fired.is_empty() {
        return Vec::new();
    }
    let planted = case.sent().planted;
    let wire = case.wire();
    let sighting = |fired: &Fired| {
        let planted = planted.iter().find(|it| it.nonce == fired.nonce && wanted(it.payload.class))?;
        let whole = whole_text(&wire, case.seed.source, planted, fired);
        let point = whole.as_ref().unwrap_or(&planted.point).path().to_owned();
        Some(Sighting {
            oracle,
            identity: vec![identity(&point)],
            title: format!("text from {point} {what}"),
            evidence: canary_evidence(planted, fired),
            point: Some(point),
            nonce: Some(fired.nonce.clone()),
            place: place_of(observation, &fired.nonce),
            standing: Standing::Candidate,
        })
    };
    observation.fired.iter().filter_map(sighting).collect()
}

/// Where the function's own code did something with the payload of this nonce, if an observer saw that.
fn place_of(observation: &Observation, nonce: &Nonce) -> Option<String> {
    let mut records = observation.records.iter().filter(|record| record.holds(nonce));
    records.find_map(|record| record.place.clone())
}

/// The outermost text around the payload that a command line holds as a whole: then all that is in it is one flaw, whatever
/// was found inside.
fn whole_text(wire: &Wire, source: EventSource, planted: &Planted, fired: &Fired) -> Option<InjectionPoint> {
    let lines = fired.ran.chain.iter().flat_map(|process| &process.argv).chain(&fired.ran.caller);
    let lines: Vec<&String> = lines.collect();
    let reaches = |outer: &Locator| {
        let text = wire.whole_text(outer).filter(|text| text.len() > planted.text.len());
        text.is_some_and(|text| lines.iter().any(|line| line.contains(&text)))
    };
    let outer = planted.point.locator.around().into_iter().find(reaches)?;
    wire.point(source, &outer)
}

/// What stays the same of a point when the same field comes in another record, or through another
/// event source that spells it differently: REST keeps the case of header names and the percent
/// encoding of path parameters, HTTP APIs do not.
pub(crate) fn identity(point: &str) -> String {
    let plain = point.strip_suffix("»percent").or_else(|| point.strip_suffix("»s3-key»")).unwrap_or(point);
    let plain = match plain.starts_with("/pathParameters/") {
        true => plain.replacen("»percent»", "»", 1),
        false => plain.to_owned(),
    };
    let header = plain.starts_with("/headers/");
    let part = |(index, part): (usize, &str)| match part {
        "" => String::new(),
        number if number.bytes().all(|it| it.is_ascii_digit()) => "*".to_owned(),
        // What a header holds keeps its case.
        name if header && index == 2 => name.to_ascii_lowercase(),
        name => name.to_owned(),
    };
    plain.split('/').enumerate().map(part).collect::<Vec<_>>().join("/")
}

/// What proves that a canary ran: its command line and the processes above it.
fn canary_evidence(planted: &Planted, fired: &Fired) -> Vec<Evidence> {
    let mut evidence = vec![
        Evidence::new("payload", planted.text.clone()),
        Evidence::new("canary ran", format!("{} (pid {})", fired.ran.name, fired.ran.pid)),
    ];
    if !fired.ran.caller.is_empty() {
        evidence.push(Evidence::new("command line", fired.ran.caller.join(" ")));
    }
    let above: Vec<String> = fired.ran.chain.iter().map(|process| process.argv.join(" ")).collect();
    if !above.is_empty() {
        evidence.push(Evidence::new("started by", above.join(" ← ")));
    }
    evidence
}

#[cfg(test)]
mod tests;
