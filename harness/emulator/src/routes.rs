//! Paths, statuses and bodies of the Runtime API. Pure.
//!
//! AWS "Lambda Runtime API", version 2018-06-01; error bodies as the runtime interface emulator
//! writes them: compact JSON, this key order, a final newline.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Response, StatusCode};

/// Largest payload in either direction: 6 MiB and 100 bytes (`MaxPayloadSize` of the runtime
/// interface emulator; AWS names the same number in `Function.ResponseSizeTooLarge`).
pub const MAX_PAYLOAD: usize = 6 * 1024 * 1024 + 100;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /2018-06-01/ping`
    Ping,
    /// `GET .../runtime/invocation/next`
    Next,
    /// `POST .../runtime/invocation/{id}/response`
    Response(String),
    /// `POST .../runtime/invocation/{id}/error`
    Error(String),
    /// `POST .../runtime/init/error`
    InitError,
    /// A known path with another method; the value is the allowed one.
    WrongMethod(&'static str),
    /// Anything else.
    Unknown,
}

impl Route {
    /// Reads method and path.
    pub(crate) fn parse(method: &Method, path: &str) -> Route {
        let Some(rest) = path.strip_prefix("/2018-06-01/") else {
            return Route::Unknown;
        };
        let (route, allowed) = match rest {
            "ping" => (Route::Ping, Method::GET),
            "runtime/invocation/next" => (Route::Next, Method::GET),
            "runtime/init/error" => (Route::InitError, Method::POST),
            _ => {
                let Some((id, verb)) =
                    rest.strip_prefix("runtime/invocation/").and_then(|rest| rest.split_once('/'))
                else {
                    return Route::Unknown;
                };
                match verb {
                    "response" => (Route::Response(id.to_owned()), Method::POST),
                    "error" => (Route::Error(id.to_owned()), Method::POST),
                    _ => return Route::Unknown,
                }
            }
        };
        if *method == allowed {
            route
        } else if allowed == Method::GET {
            Route::WrongMethod("GET")
        } else {
            Route::WrongMethod("POST")
        }
    }
}

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

/// 403: not in this state.
pub(crate) fn forbidden(message: &str) -> Reply {
    error(StatusCode::FORBIDDEN, message, "InvalidStateTransition")
}

/// 413: the answer exceeds [`MAX_PAYLOAD`].
pub(crate) fn too_large() -> Reply {
    error(
        StatusCode::PAYLOAD_TOO_LARGE,
        &format!("Exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."),
        "RequestEntityTooLarge",
    )
}

/// 200 `pong`.
pub(crate) fn pong() -> Reply {
    plain(StatusCode::OK, "pong")
}

/// 404, as the router of the original writes it.
pub(crate) fn not_found() -> Reply {
    plain(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// 405.
pub(crate) fn wrong_method(allowed: &'static str) -> Reply {
    let mut reply = plain(StatusCode::METHOD_NOT_ALLOWED, "");
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    reply
}

fn error(status: StatusCode, message: &str, error_type: &str) -> Reply {
    let body = serde_json::json!({ "errorMessage": message, "errorType": error_type });
    json(status, Bytes::from(format!("{body}\n")))
}

fn json(status: StatusCode, body: Bytes) -> Reply {
    with_type(status, "application/json", body)
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

#[cfg(test)]
mod tests;
