//! Paths and methods of everything that a function can call on its port. Pure.
//!
//! AWS "Lambda Runtime API" (2018-06-01), "Lambda Extensions API" (2020-01-01), "Telemetry API" (2022-07-01, with its
//! forerunner 2020-08-15), "metadata endpoint" (2026-01-15).

use hyper::Method;

use crate::api::SnapStart;
use crate::state::Verb;

/// Largest payload in either direction: 6 MiB and 100 bytes (`MaxPayloadSize` of the runtime
/// interface emulator; AWS names the same number in `Function.ResponseSizeTooLarge`).
pub const MAX_PAYLOAD: usize = 6 * 1024 * 1024 + 100;

/// Largest streamed answer. AWS "Response streaming": 200 MB.
pub const MAX_STREAM: usize = 200 * 1024 * 1024;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /2018-06-01/ping`
    Ping,
    /// `GET .../runtime/invocation/next`
    Next,
    /// `POST .../runtime/invocation/{id}/response` or `/error`
    Answer(Verb, String),
    /// `POST .../runtime/init/error`
    InitError,
    /// `GET .../runtime/restore/next`
    RestoreNext,
    /// `POST .../runtime/restore/error`
    RestoreError,
    /// `POST /2020-01-01/extension/register`
    Register,
    /// `GET .../extension/event/next`
    ExtensionNext,
    /// `POST .../extension/init/error`
    ExtensionInitError,
    /// `POST .../extension/exit/error`
    ExtensionExitError,
    /// `PUT /2020-08-15/logs`
    Logs,
    /// `PUT /2022-07-01/telemetry`
    Telemetry,
    /// `GET /2026-01-15/metadata/execution-environment`
    Metadata,
    /// The same path with another method.
    MetadataMethod,
    /// A known path with another method; the value is the allowed one.
    WrongMethod(&'static str),
    /// Anything else.
    Unknown,
}

impl Route {
    /// Whether what is posted there matters.
    pub(crate) fn reads_body(&self) -> bool {
        matches!(self, Route::Answer(..) | Route::InitError | Route::RestoreError | Route::Register)
    }

    /// Reads method and path.
    pub(crate) fn parse(method: &Method, path: &str, snap_start: SnapStart) -> Route {
        let Some((version, rest)) = path.strip_prefix('/').and_then(|path| path.split_once('/')) else {
            return Route::Unknown;
        };
        let (route, allowed) = match (version, rest) {
            ("2018-06-01", "runtime/invocation/next") => (Route::Next, Method::GET),
            ("2018-06-01", "ping") => (Route::Ping, Method::GET),
            ("2018-06-01", "runtime/init/error") => (Route::InitError, Method::POST),
            ("2018-06-01", "runtime/restore/next") if snap_start == SnapStart::On => {
                (Route::RestoreNext, Method::GET)
            }
            ("2018-06-01", "runtime/restore/error") if snap_start == SnapStart::On => {
                (Route::RestoreError, Method::POST)
            }
            ("2018-06-01", _) => match answer(rest) {
                Some(route) => (route, Method::POST),
                None => return Route::Unknown,
            },
            ("2020-01-01", "extension/register") => (Route::Register, Method::POST),
            ("2020-01-01", "extension/event/next") => (Route::ExtensionNext, Method::GET),
            ("2020-01-01", "extension/init/error") => (Route::ExtensionInitError, Method::POST),
            ("2020-01-01", "extension/exit/error") => (Route::ExtensionExitError, Method::POST),
            ("2020-08-15", "logs") => (Route::Logs, Method::PUT),
            ("2022-07-01", "telemetry") => (Route::Telemetry, Method::PUT),
            ("2026-01-15", "metadata/execution-environment") => (Route::Metadata, Method::GET),
            _ => return Route::Unknown,
        };
        match allowed {
            _ if *method == allowed => route,
            _ if route == Route::Metadata => Route::MetadataMethod,
            Method::GET => Route::WrongMethod("GET"),
            Method::PUT => Route::WrongMethod("PUT"),
            _ => Route::WrongMethod("POST"),
        }
    }
}

/// `runtime/invocation/{id}/response` or `/error`.
fn answer(path: &str) -> Option<Route> {
    let (id, verb) = path.strip_prefix("runtime/invocation/")?.split_once('/')?;
    match verb {
        "response" => Some(Route::Answer(Verb::Response, id.to_owned())),
        "error" => Some(Route::Answer(Verb::Error, id.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
