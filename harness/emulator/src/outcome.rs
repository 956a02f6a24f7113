//! How an invocation ended, as the Lambda service would have recorded it.

use std::time::Duration;

use bytes::Bytes;
use evfuzz_sandbox::Exceeded;

/// How one invocation ended.
///
/// A crash of the function is an `Outcome`, never an `Err`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The runtime posted to `/invocation/{id}/response`.
    Response {
        /// The answer, as posted.
        body: Bytes,
    },
    /// The runtime posted to `/invocation/{id}/error`: the handler raised.
    FunctionError {
        /// `errorType` of the body, else the `Lambda-Runtime-Function-Error-Type` header.
        error_type: String,
        /// The error document, as posted.
        body: Bytes,
    },
    /// The runtime posted to `/init/error`.
    InitError {
        /// As for [`Outcome::FunctionError`].
        error_type: String,
        /// The error document, as posted.
        body: Bytes,
    },
    /// The process ended by itself before it answered.
    Exited {
        /// Its exit status.
        code: i32,
    },
    /// A signal ended the process before it answered.
    Signaled {
        /// The number of the signal.
        signal: i32,
    },
    /// It used more than it may: it was killed, before it answered.
    LimitExceeded {
        /// Which limit: out of memory above all.
        limit: Exceeded,
    },
    /// The process neither answered nor ended within its deadline, and was killed.
    TimedOut {
        /// The configured timeout.
        after: Duration,
    },
    /// The answer exceeded Lambda's limit for a payload.
    ResponseTooLarge {
        /// Bytes received.
        size: usize,
    },
}

impl Outcome {
    /// Whether the function answered normally.
    pub fn is_response(&self) -> bool {
        matches!(self, Outcome::Response { .. })
    }

    /// Whether the execution environment is gone and must be replaced.
    pub fn ended_the_process(&self) -> bool {
        match self {
            Outcome::Exited { .. }
            | Outcome::Signaled { .. }
            | Outcome::LimitExceeded { .. }
            | Outcome::TimedOut { .. }
            | Outcome::InitError { .. } => true,
            Outcome::Response { .. } | Outcome::FunctionError { .. } | Outcome::ResponseTooLarge { .. } => {
                false
            }
        }
    }
}

/// What a function wrote to stdout and stderr, capped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogText {
    /// The first bytes, at most [`LogText::CAP`].
    pub bytes: Vec<u8>,
    /// How many more there were.
    pub discarded: u64,
}

impl LogText {
    /// Bytes kept per invocation. CloudWatch keeps 256 KiB per log event; a report needs less.
    pub const CAP: usize = 64 * 1024;

    /// The text, with what is not UTF-8 replaced.
    pub fn lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// A post to `/response` or `/error` that belongs to an invocation already over.
///
/// Node posts `Runtime.UnhandledPromiseRejection` this way when work that nobody awaited fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalePost {
    /// The invocation that it names.
    pub request_id: String,
    /// `errorType`, if it was an error.
    pub error_type: Option<String>,
    /// What was posted.
    pub body: Bytes,
}

/// Why an execution environment never became ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitFailure {
    /// `InitError`, `Exited`, `Signaled` or `TimedOut`.
    pub outcome: Outcome,
    /// What the function wrote meanwhile.
    pub log: LogText,
}
