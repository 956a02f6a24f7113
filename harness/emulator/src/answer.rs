//! What a post of the runtime means: an answer, an error, an error after the beginning of an answer. Pure.

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{AsHeaderName, CONTENT_TYPE, HeaderValue};

use crate::body::{Body, BodyEnd};
use crate::error_report::ErrorReport;
use crate::outcome::{Answer, Outcome, ResponseMode};
use crate::reply::{self, Reply};
use crate::routes::{MAX_PAYLOAD, MAX_STREAM};
use crate::state::Verb;

/// The function's error type as its runtime names it, beside the error document.
pub(crate) const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
/// The error document of a handler that failed after it had begun to answer, in base64.
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
/// What X-Ray is to be told.
const ERROR_CAUSE: &str = "lambda-runtime-function-xray-error-cause";

/// What a post means, and its answer.
pub(crate) fn outcome(verb: Verb, mode: ResponseMode, headers: &HeaderMap, body: Body) -> (Outcome, Reply) {
    let most = match mode {
        ResponseMode::Buffered => MAX_PAYLOAD,
        ResponseMode::Streaming => MAX_STREAM,
    };
    if body.end == BodyEnd::Broken {
        return (Outcome::TruncatedResponse { size: body.size }, reply::truncated());
    }
    if body.size > most {
        return (Outcome::ResponseTooLarge { size: body.size }, reply::too_large());
    }
    let outcome = match verb {
        Verb::Error => Outcome::FunctionError { report: report(headers, body.kept), sent: None },
        Verb::Response => {
            let answer = Answer {
                body: body.kept,
                size: body.size,
                content_type: text(headers, CONTENT_TYPE).map(str::to_owned),
                mode,
            };
            match body.trailers.as_ref().and_then(late_error) {
                Some(report) => Outcome::FunctionError { report, sent: Some(answer) },
                None => Outcome::Response(answer),
            }
        }
    };
    (outcome, reply::accepted())
}

pub(crate) fn report(headers: &HeaderMap, body: Bytes) -> ErrorReport {
    let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let content_type = text(headers, CONTENT_TYPE).unwrap_or_default();
    ErrorReport::read(body, content_type, value(ERROR_TYPE), value(ERROR_CAUSE))
}

/// The failure of a handler after it had begun to answer. AWS "Runtime API", response streaming: the trailers hold its type,
/// and a document in base64.
fn late_error(trailers: &HeaderMap) -> Option<ErrorReport> {
    use base64::Engine as _;
    let kind = trailers.get(ERROR_TYPE).filter(|it| !it.is_empty());
    let body = trailers.get(ERROR_BODY).filter(|it| !it.is_empty());
    if kind.is_none() && body.is_none() {
        return None;
    }
    let document = body.map_or(Ok(Vec::new()), |it| base64::engine::general_purpose::STANDARD.decode(it));
    let document = Bytes::from(document.unwrap_or_default());
    Some(ErrorReport::read(document, "application/json", kind.map(HeaderValue::as_bytes), None))
}

/// A header as text.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}
