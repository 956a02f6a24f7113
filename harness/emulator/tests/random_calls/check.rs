//! Comparing what the API did with what the model says.

use evfuzz_emulator::{ErrorReport, Outcome, ResponseMode, StalePost};
use serde_json::Value;

use crate::call::What;
use crate::link::{Answer, AnswerTo};
use crate::model::{Delivered, Ends, Expected, Report, Stale};
use crate::world::ARN;

/// A trace nobody samples has three parts.
const NO_TRACE: &str = "Root=1-";

pub(crate) fn check_answer(answer: &Answer, to: AnswerTo, expected: &Expected, what: &What) {
    let context = || format!("{what:?}: expected {expected:?}, got {}", answer.text());
    let of_type = |content_type: &str| {
        assert_eq!(answer.header("content-type"), Some(content_type), "{}", context());
    };
    match expected {
        Expected::Plain(status, body) => {
            assert_eq!(answer.status, *status, "{}", context());
            let body = if to == AnswerTo::Head { "" } else { body };
            assert_eq!(answer.body, body.as_bytes(), "{}", context());
        }
        Expected::Error(status, error_type, message) => {
            assert_eq!(answer.status, *status, "{}", context());
            of_type("application/json");
            let (found, text) = error(answer);
            assert_eq!(found, *error_type, "{}", context());
            assert!(message.as_ref().is_none_or(|it| *it == text), "{}", context());
        }
        Expected::Allow(allowed) => {
            assert_eq!((answer.status, answer.header("allow")), (405, Some(*allowed)), "{}", context());
            assert!(answer.body.is_empty(), "{}", context());
        }
        Expected::Registered(_, account) => {
            assert_eq!(answer.status, 200, "{}", context());
            of_type("application/json");
            let rest =
                "\"functionName\":\"f\",\"functionVersion\":\"$LATEST\",\"handler\":\"app.handler\"}\n";
            let account = if *account { "\"accountId\":\"123456789012\"," } else { "" };
            assert_eq!(answer.body, format!("{{{account}{rest}").as_bytes(), "{}", context());
            assert!(answer.header("lambda-extension-identifier").is_some_and(is_uuid), "{}", context());
        }
        Expected::Event(delivered) => {
            check_event(answer, delivered);
            of_type("application/json");
        }
        Expected::Blocks | Expected::BlocksExtension(_) => panic!("not held back: {}", context()),
    }
}

/// `errorType` and `errorMessage` of an answer.
pub(crate) fn error(answer: &Answer) -> (String, String) {
    let document: Value = serde_json::from_slice(&answer.body).expect("an error is a document");
    let member = |name: &str| document[name].as_str().expect("both members are there").to_owned();
    (member("errorType"), member("errorMessage"))
}

/// An answer to `/next`. Its nonce is compared if it is known.
pub(crate) fn check_event(answer: &Answer, delivered: &Delivered) {
    let context = || format!("expected {delivered:?}, got {}", answer.text());
    assert_eq!(answer.status, 200, "{}", context());
    assert_eq!(answer.body, delivered.event, "{}", context());
    let header = |name: &str| answer.header(name);
    assert_eq!(header("lambda-runtime-aws-request-id"), Some(&*delivered.id), "{}", context());
    assert_eq!(
        header("lambda-runtime-deadline-ms"),
        Some(&*delivered.deadline_ms.to_string()),
        "{}",
        context()
    );
    assert_eq!(header("lambda-runtime-invoked-function-arn"), Some(ARN), "{}", context());
    assert_eq!(header("lambda-runtime-client-context"), delivered.client_context.as_deref(), "{}", context());
    let trace = header("lambda-runtime-trace-id").expect("there always is a trace");
    match &delivered.trace_id {
        Some(expected) => assert_eq!(trace, expected, "{}", context()),
        None => assert!(trace.starts_with(NO_TRACE) && trace.ends_with("Sampled=0"), "{}", context()),
    }
    let nonce = header("lambda-runtime-invocation-id").expect("there always is a nonce");
    assert!(is_uuid(nonce), "{}", context());
    assert!(delivered.nonce.get().is_none_or(|it| it == nonce), "another nonce: {}", context());
}

pub(crate) fn check_extension_event(answer: &Answer, delivered: &Delivered) {
    let event: Value = serde_json::from_slice(&answer.body).expect("the event is JSON");
    let found = (
        answer.status,
        event["eventType"].as_str(),
        event["requestId"].as_str(),
        event["deadlineMs"].as_u64(),
        event["invokedFunctionArn"].as_str(),
    );
    let expected = (200, Some("INVOKE"), Some(&*delivered.id), Some(delivered.deadline_ms), Some(ARN));
    assert_eq!(found, expected, "{}", answer.text());
    assert!(answer.header("lambda-extension-event-identifier").is_some_and(is_uuid), "{}", answer.text());
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, it)| match at {
            8 | 13 | 18 | 23 => it == b'-',
            14 => it == b'4',
            _ => it.is_ascii_hexdigit(),
        })
}

pub(crate) fn check_outcome(found: Option<&Outcome>, expected: Option<&Ends>) {
    let kind = found.map(|it| match it {
        Outcome::Response(answer) => Ends::Response {
            body: answer.body.to_vec(),
            size: answer.size,
            content_type: answer.content_type.clone(),
            streaming: answer.mode == ResponseMode::Streaming,
        },
        Outcome::FunctionError { report, sent } => {
            Ends::Error { report: seen(report), sent: sent.as_ref().map(|it| (it.body.to_vec(), it.size)) }
        }
        Outcome::InitError(report) => Ends::InitError(seen(report)),
        Outcome::ResponseTooLarge { size } => Ends::TooLarge(*size),
        Outcome::TruncatedResponse { size } => match expected {
            Some(Ends::Truncated { most, exact: false }) if size <= most => {
                Ends::Truncated { most: *most, exact: false }
            }
            _ => Ends::Truncated { most: *size, exact: true },
        },
        Outcome::InvalidResponseMode { mode } => Ends::InvalidMode(mode.clone()),
        other => panic!("no post can become {other:?}"),
    });
    assert!(kind.as_ref() == expected, "outcome: expected {}, got {}", short(&expected), short(&kind));
}

/// Bodies of megabytes help nobody.
fn short(it: &impl std::fmt::Debug) -> String {
    format!("{it:?}").chars().take(2_000).collect()
}

fn seen(report: &ErrorReport) -> Report {
    Report {
        error_type: report.error_type.clone(),
        fatal_type: report.fatal_type.clone(),
        body: report.body.to_vec(),
        content_type: report.content_type.clone(),
        cause: report.xray_cause.as_ref().map(|it| it.to_vec()),
    }
}

pub(crate) fn check_stale(found: &[StalePost], expected: &[Stale]) {
    assert_eq!(found.len(), expected.len(), "stale posts");
    for (found, Stale { id, cause, error_type, body }) in found.iter().zip(expected) {
        assert_eq!(
            (&found.request_id, &found.cause, &found.error_type),
            (id, cause, error_type),
            "a stale post"
        );
        assert!(found.body == *body, "a stale post of {} bytes, expected {}", found.body.len(), body.len());
    }
}
