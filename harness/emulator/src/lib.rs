//! The Lambda Runtime API and execution environments.
//!
//! Starts a function in the sandbox, speaks the Runtime API with it over a loopback port of its
//! own, and says how each invocation ended. It knows Lambda and has never heard of fuzzing.
//!
//! A failure of the function is an [`Outcome`]; [`EmulatorError`] means that the emulator itself
//! could not do its job.
#![cfg(target_os = "linux")]

mod answer;
mod api;
mod body;
mod client;
mod environment;
mod error_report;
mod extensions;
mod function;
mod hooks;
mod ids;
mod instance;
mod invoke;
mod left;
mod outcome;
mod pool;
mod port;
mod records;
mod reply;
mod rest;
mod result;
mod routes;
mod serve;
mod state;
mod turn;
mod watch;
mod xray;

pub use api::{ApiConfig, RuntimeApi, SnapStart};
pub use environment::{Environment, Invocation, LateEnd, Left, Logged, Settled};
pub use error_report::ErrorReport;
pub use function::{FunctionSpec, ScratchFate};
pub use hooks::{HookRecords, Hooks};
pub use instance::{Delivered, FailedInit, Instance, Invoked, SuppressedInit};
pub use invoke::Invoke;
pub use left::LeftFile;
pub use outcome::{
    Answer, InitFailure, InvalidRequest, LogText, Outcome, ResponseMode, StaleCause, StalePost,
};
pub use pool::{NotReady, Pool};
pub use records::{LogFormat, LogLevel, LogRecord, MAX_RECORD};
pub use result::InvokeResult;
pub use routes::{MAX_PAYLOAD, MAX_STREAM};

/// The emulator could not do its job.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The function could not be started at all.
    #[error("cannot start the function")]
    Start {
        /// What the sandbox said.
        #[from]
        source: evfuzz_sandbox::SandboxError,
    },
    /// The local port of the Runtime API could not be served.
    #[error("cannot serve the Runtime API")]
    Serve {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
