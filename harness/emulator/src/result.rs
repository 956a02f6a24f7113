//! What a caller of the Invoke API gets for each way in which an invocation can end. Pure.
//!
//! Payloads as recorded from AWS (LocalStack, `tests/aws/services/lambda_/test_lambda.snapshot.json`); names of signals as
//! the service's own language prints them.

use bytes::Bytes;
use evfuzz_sandbox::Exceeded;
use serde_json::json;

use crate::outcome::{InvalidRequest, Outcome};
use crate::routes::MAX_PAYLOAD;

/// The answer of the Invoke API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvokeResult {
    /// HTTP status.
    pub status: u16,
    /// `X-Amz-Function-Error`.
    pub function_error: Option<&'static str>,
    /// `X-Amzn-ErrorType`, of requests that were refused.
    pub refused: Option<&'static str>,
    /// The body.
    pub payload: Bytes,
}

impl Outcome {
    /// What the caller gets, if the invocation that ended so has the id `request_id`.
    pub fn result(&self, request_id: &str) -> InvokeResult {
        let failed = |payload: Bytes| InvokeResult {
            status: 200,
            function_error: Some("Unhandled"),
            refused: None,
            payload,
        };
        let exited =
            |how: &str| failed(fault("Runtime.ExitError", &format!("RequestId: {request_id} Error: {how}")));
        match self {
            Outcome::Response(answer) => InvokeResult {
                status: 200,
                function_error: None,
                refused: None,
                payload: answer.body.clone(),
            },
            Outcome::FunctionError { report, sent } => {
                failed(sent.as_ref().map_or_else(|| report.body.clone(), |sent| sent.body.clone()))
            }
            Outcome::InitError(report) => failed(report.body.clone()),
            Outcome::Exited { code: 0 } => exited("Runtime exited without providing a reason"),
            Outcome::Exited { code } => exited(&format!("Runtime exited with error: exit status {code}")),
            Outcome::Signaled { signal } => {
                exited(&format!("Runtime exited with error: signal: {}", signal_name(*signal)))
            }
            // A process of a function that is out of memory is killed, and so is one beyond limits that Lambda does not have.
            Outcome::LimitExceeded {
                limit:
                    Exceeded::Memory | Exceeded::Scratch | Exceeded::Tasks | Exceeded::Cpu | Exceeded::Lifetime,
            } => exited("Runtime exited with error: signal: killed"),
            Outcome::TimedOut { after } => failed(fault(
                "Sandbox.Timedout",
                &format!(
                    "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
                    after.as_secs_f64()
                ),
            )),
            // In this order, unlike the others: recorded twice in `test_lambda_too_large_response`.
            Outcome::ResponseTooLarge { .. } => {
                let message = format!(
                    "Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."
                );
                let document =
                    json!({ "errorMessage": message, "errorType": "Function.ResponseSizeTooLarge" });
                failed(Bytes::from(document.to_string()))
            }
            // Types: runtime interface emulator, `fatalerror`. There the payload of both is empty.
            Outcome::TruncatedResponse { .. } => failed(fault(
                "Runtime.TruncatedResponse",
                &format!("RequestId: {request_id} Error: Response was truncated"),
            )),
            Outcome::InvalidResponseMode { mode } => failed(fault(
                "Runtime.InvalidResponseModeHeader",
                &format!("RequestId: {request_id} Error: Invalid function response mode {mode:?}"),
            )),
            Outcome::InvalidRequest(request) => refused(request),
        }
    }
}

/// AWS "Invoke", errors.
fn refused(request: &InvalidRequest) -> InvokeResult {
    let (status, error, message) = match request {
        InvalidRequest::NotJson { reason } => (
            400,
            "InvalidRequestContentException",
            format!("Could not parse request body into json: {reason}"),
        ),
        InvalidRequest::Context { name, reason } => {
            (400, "InvalidRequestContentException", format!("Could not parse the {name}: {reason}"))
        }
        InvalidRequest::TooLarge { size } => (
            413,
            "RequestTooLargeException",
            format!(
                "{size} byte payload is too large for the RequestResponse invocation type (limit {MAX_PAYLOAD} bytes)"
            ),
        ),
    };
    let payload = Bytes::from(json!({ "Type": "User", "message": message }).to_string());
    InvokeResult { status, function_error: None, refused: Some(error), payload }
}

/// The order of the members is that of the recordings.
fn fault(error_type: &str, message: &str) -> Bytes {
    Bytes::from(json!({ "errorType": error_type, "errorMessage": message }).to_string())
}

/// Go's `syscall.Signal`, linux/amd64 and arm64.
pub(crate) fn signal_name(signal: i32) -> String {
    const NAMES: [&str; 15] = [
        "hangup",
        "interrupt",
        "quit",
        "illegal instruction",
        "trace/breakpoint trap",
        "aborted",
        "bus error",
        "floating point exception",
        "killed",
        "user defined signal 1",
        "segmentation fault",
        "user defined signal 2",
        "broken pipe",
        "alarm clock",
        "terminated",
    ];
    let known = usize::try_from(signal).ok().and_then(|it| it.checked_sub(1)).and_then(|it| NAMES.get(it));
    known.map_or_else(|| format!("signal {signal}"), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::{Expect, expect};

    use super::*;
    use crate::outcome::Answer;

    fn check(outcome: &Outcome, expected: Expect) {
        let result = outcome.result("8476a536-e9f4-11e8-9739-2dfe598c3fcd");
        let error = result.function_error.or(result.refused).unwrap_or("-");
        expected.assert_eq(&format!(
            "{} {error} {}",
            result.status,
            String::from_utf8_lossy(&result.payload)
        ));
    }

    #[test]
    fn answers_are_passed_on() {
        let answer = Answer::whole(Bytes::from_static(b"null"));
        check(&Outcome::Response(answer), expect!["200 - null"]);
    }

    #[test]
    fn ends_of_the_process() {
        check(
            &Outcome::Exited { code: 0 },
            expect![[
                r#"200 Unhandled {"errorType":"Runtime.ExitError","errorMessage":"RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Error: Runtime exited without providing a reason"}"#
            ]],
        );
        check(
            &Outcome::Exited { code: 127 },
            expect![[
                r#"200 Unhandled {"errorType":"Runtime.ExitError","errorMessage":"RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Error: Runtime exited with error: exit status 127"}"#
            ]],
        );
        check(
            &Outcome::Signaled { signal: 11 },
            expect![[
                r#"200 Unhandled {"errorType":"Runtime.ExitError","errorMessage":"RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Error: Runtime exited with error: signal: segmentation fault"}"#
            ]],
        );
        check(
            &Outcome::LimitExceeded { limit: Exceeded::Memory },
            expect![[
                r#"200 Unhandled {"errorType":"Runtime.ExitError","errorMessage":"RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Error: Runtime exited with error: signal: killed"}"#
            ]],
        );
        check(
            &Outcome::TimedOut { after: Duration::from_secs(1) },
            expect![[
                r#"200 Unhandled {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Error: Task timed out after 1.00 seconds"}"#
            ]],
        );
    }

    #[test]
    fn answers_that_cannot_be_passed_on() {
        check(
            &Outcome::ResponseTooLarge { size: 7_000_000 },
            expect![[
                r#"200 Unhandled {"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
            ]],
        );
    }

    #[test]
    fn requests_that_never_reach_the_function() {
        let invalid = InvalidRequest::NotJson { reason: "x".to_owned() };
        check(
            &Outcome::InvalidRequest(invalid),
            expect![[
                r#"400 InvalidRequestContentException {"Type":"User","message":"Could not parse request body into json: x"}"#
            ]],
        );
        check(
            &Outcome::InvalidRequest(InvalidRequest::TooLarge { size: 6_291_557 }),
            expect![[
                r#"413 RequestTooLargeException {"Type":"User","message":"6291557 byte payload is too large for the RequestResponse invocation type (limit 6291556 bytes)"}"#
            ]],
        );
    }

    #[test]
    fn real_time_signals_have_numbers() {
        assert_eq!(signal_name(34), "signal 34");
        assert_eq!(signal_name(0), "signal 0");
    }
}
