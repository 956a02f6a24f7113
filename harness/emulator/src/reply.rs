//! Statuses and bodies of the Runtime API. Pure.
//!
//! Error bodies as the runtime interface emulator writes them: compact JSON, this key order, a final newline.

use bytes::Bytes;
use http_body_util::Full;
use hyper::ext::ReasonPhrase;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};

use crate::routes::MAX_PAYLOAD;
use crate::xray::html_safe;

/// An answer of the Runtime API.
pub(crate) type Reply = Response<Full<Bytes>>;

/// 202: the post was taken.
pub(crate) fn accepted() -> Reply {
    json(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}\n"))
}

/// 400: no such invocation.
pub(crate) fn unknown_request_id() -> Reply {
    error(StatusCode::BAD_REQUEST, "Invalid request ID", "InvalidRequestID")
}

/// 400: the connection broke before the end of the body. Hardly anybody is left to read it.
pub(crate) fn truncated() -> Reply {
    error(StatusCode::BAD_REQUEST, "HTTP request detected as truncated", "TruncatedHTTPRequest")
}

/// 400: no such way to answer.
pub(crate) fn invalid_response_mode() -> Reply {
    error(StatusCode::BAD_REQUEST, "Invalid function response mode", "InvalidFunctionResponseMode")
}

/// 403: the runtime cannot do this in its state.
pub(crate) fn invalid_transition(message: &str) -> Reply {
    forbidden("InvalidStateTransition", message)
}

/// 403.
pub(crate) fn forbidden(error_type: &str, message: &str) -> Reply {
    error(StatusCode::FORBIDDEN, message, error_type)
}

/// 410: the invocation is over. Words of the original's multi-concurrency mode, the only ones on record.
pub(crate) fn gone() -> Reply {
    error(StatusCode::GONE, "Invoke timeout", "InvokeTimeout")
}

/// 431, as hyper says it: the connection's buffer had room for more of the head than is allowed.
pub(crate) fn head_too_large() -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}

/// 413: the answer exceeds [`MAX_PAYLOAD`].
pub(crate) fn too_large() -> Reply {
    let mut reply = error(
        StatusCode::PAYLOAD_TOO_LARGE,
        &format!("Exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."),
        "RequestEntityTooLarge",
    );
    // As the original's language calls this status, and HTTP once did.
    reply.extensions_mut().insert(ReasonPhrase::from_static(b"Request Entity Too Large"));
    reply
}

/// 202 and an error, so that clients go on: nobody delivers logs here.
pub(crate) fn not_supported(api: &str) -> Reply {
    error(StatusCode::ACCEPTED, &format!("{api} API is not supported"), &format!("{api}.NotSupported"))
}

/// 200 `pong`.
pub(crate) fn pong() -> Reply {
    plain(StatusCode::OK, "pong")
}

/// 404, as the router of the original writes it.
pub(crate) fn not_found() -> Reply {
    go_error(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// 401 of the metadata endpoint.
pub(crate) fn unauthorized() -> Reply {
    go_error(StatusCode::UNAUTHORIZED, "Unauthorized\n")
}

/// 405 of the metadata endpoint, which names no allowed method.
pub(crate) fn wrong_metadata_method() -> Reply {
    go_error(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n")
}

/// 405.
pub(crate) fn wrong_method(allowed: &'static str) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    reply
}

/// 200 and nothing: restored.
pub(crate) fn restored() -> Reply {
    with_type(StatusCode::OK, "application/json", Bytes::new())
}

/// 200 with the metadata of the execution environment. AWS "metadata endpoint": may be cached for half a day.
pub(crate) fn metadata(availability_zone: &str) -> Reply {
    let body = serde_json::json!({ "AvailabilityZoneID": availability_zone });
    let mut reply = json(StatusCode::OK, Bytes::from(body.to_string()));
    let cached = HeaderValue::from_static("private, max-age=43200, immutable");
    reply.headers_mut().insert(CACHE_CONTROL, cached);
    reply
}

/// 200 with a JSON document and one more header.
pub(crate) fn document(body: Bytes, name: &'static str, value: &str) -> Reply {
    let mut reply = json(StatusCode::OK, body);
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(HeaderName::from_static(name), value);
    }
    reply
}

fn error(status: StatusCode, message: &str, error_type: &str) -> Reply {
    let body = serde_json::json!({ "errorMessage": message, "errorType": error_type });
    json(status, Bytes::from(html_safe(format!("{body}\n"))))
}

fn json(status: StatusCode, body: Bytes) -> Reply {
    with_type(status, "application/json", body)
}

/// As `http.Error` of the original's language writes it.
fn go_error(status: StatusCode, body: &'static str) -> Reply {
    let mut reply = plain(status, body);
    reply.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

fn plain(status: StatusCode, body: &'static str) -> Reply {
    with_type(status, "text/plain; charset=utf-8", Bytes::from_static(body.as_bytes()))
}

fn with_type(status: StatusCode, content_type: &'static str, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}
