//! How an invocation ended, as the Lambda service would have recorded it.

use std::time::Duration;

use bytes::Bytes;
use evfuzz_sandbox::Exceeded;

use crate::error_report::ErrorReport;
use crate::records::LogRecord;

/// How one invocation ended.
///
/// A crash of the function is an `Outcome`, never an `Err`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The runtime posted to `/invocation/{id}/response`.
    Response(Answer),
    /// The runtime posted to `/invocation/{id}/error`, or said so at the end of a streamed answer: the handler raised.
    FunctionError {
        /// What the runtime said.
        report: ErrorReport,
        /// The part of a streamed answer that had been sent before.
        sent: Option<Answer>,
    },
    /// The runtime posted to `/init/error` or `/restore/error`.
    InitError(ErrorReport),
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
    /// The connection broke in the middle of the answer, and the process lived on.
    TruncatedResponse {
        /// Bytes received.
        size: usize,
    },
    /// The answer came in a mode that does not exist.
    InvalidResponseMode {
        /// `Lambda-Runtime-Function-Response-Mode`.
        mode: String,
    },
    /// The service refuses such an event: the function never saw it.
    InvalidRequest(InvalidRequest),
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer, as posted; of a long stream the first [`MAX_PAYLOAD`](crate::MAX_PAYLOAD) bytes.
    pub body: Bytes,
    /// Bytes posted.
    pub size: usize,
    /// Its media type, as posted.
    pub content_type: Option<String>,
    /// In one piece or streamed.
    pub mode: ResponseMode,
}

impl Answer {
    /// A JSON answer in one piece.
    pub fn whole(body: Bytes) -> Answer {
        let size = body.len();
        Answer { body, size, content_type: Some("application/json".to_owned()), mode: ResponseMode::Buffered }
    }
}

/// How an answer is passed on. AWS "Response streaming".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// When it is complete.
    Buffered,
    /// As it comes.
    Streaming,
}

/// Why the Invoke API refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidRequest {
    /// The event is not JSON.
    NotJson {
        /// What is wrong with it.
        reason: String,
    },
    /// Something that travels beside the event cannot.
    Context {
        /// What it is.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The event exceeds Lambda's limit for a payload.
    TooLarge {
        /// Its bytes.
        size: usize,
    },
}

impl Outcome {
    /// A normal JSON answer.
    pub fn response(body: Bytes) -> Outcome {
        Outcome::Response(Answer::whole(body))
    }

    /// An error document in JSON, posted with nothing beside it.
    pub fn function_error(error_type: &str, body: Bytes) -> Outcome {
        let report = ErrorReport {
            error_type: error_type.to_owned(),
            ..ErrorReport::read(body, "application/json", None, None)
        };
        Outcome::FunctionError { report, sent: None }
    }

    /// Whether the function answered normally.
    pub fn is_response(&self) -> bool {
        matches!(self, Outcome::Response(_))
    }

    /// Whether the execution environment is gone and must be replaced.
    pub fn ended_the_process(&self) -> bool {
        match self {
            Outcome::Exited { .. }
            | Outcome::Signaled { .. }
            | Outcome::LimitExceeded { .. }
            | Outcome::TimedOut { .. }
            | Outcome::InitError(_)
            // It lives, but all that it asks for from now on is refused: fatal too in the runtime interface emulator,
            // `fatalerror`.
            | Outcome::InvalidResponseMode { .. } => true,
            Outcome::Response(_)
            | Outcome::FunctionError { .. }
            | Outcome::ResponseTooLarge { .. }
            | Outcome::TruncatedResponse { .. }
            | Outcome::InvalidRequest(_) => false,
        }
    }
}

/// What a function wrote to stdout, stderr and its log descriptor, capped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogText {
    /// The first bytes of stdout and stderr, at most [`LogText::CAP`].
    pub bytes: Vec<u8>,
    /// How many bytes more there were, of these and of the texts of `records`.
    pub discarded: u64,
    /// The end of what the process had written in earlier invocations, if it has ended: it may have said why before it did.
    pub earlier: Vec<u8>,
    /// What it logged through the descriptor that the service gives to runtimes, record by record.
    pub records: Vec<LogRecord>,
}

impl LogText {
    /// Bytes kept per invocation. CloudWatch keeps 256 KiB per log event; a report needs less.
    pub const CAP: usize = 64 * 1024;

    /// Records kept per invocation.
    pub const MOST_RECORDS: usize = 1024;

    /// All of it, with what is not UTF-8 replaced, in the order in which it was read.
    ///
    /// stdout and stderr are one pipe and the records another: of what is read from both at one look nobody knows what was
    /// written first. The records go before it then: runtimes write them at once, while stdout may have been buffered, and
    /// the last words of a process go to stderr. A line stays whole even if a record was read in the middle of it.
    pub fn lossy(&self) -> std::borrow::Cow<'_, str> {
        if self.records.is_empty() && self.earlier.is_empty() {
            return String::from_utf8_lossy(&self.bytes);
        }
        let mut text = String::from_utf8_lossy(&self.earlier).into_owned();
        let start_line = |text: &mut String| {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
        };
        let mut printed = 0;
        for record in &self.records {
            let end = self.end_of_line(record.after).max(printed);
            text.push_str(&String::from_utf8_lossy(&self.bytes[printed..end]));
            printed = end;
            start_line(&mut text);
            text.push_str(&record.text());
            if printed < self.bytes.len() {
                start_line(&mut text);
            }
        }
        text.push_str(&String::from_utf8_lossy(&self.bytes[printed..]));
        std::borrow::Cow::Owned(text)
    }

    /// The end of the line that is not complete after this many bytes of output.
    fn end_of_line(&self, after: usize) -> usize {
        let (before, rest) = self.bytes.split_at(after.min(self.bytes.len()));
        if before.last().is_none_or(|it| *it == b'\n') {
            return before.len();
        }
        before.len() + rest.iter().position(|it| *it == b'\n').map_or(rest.len(), |at| at + 1)
    }

    /// Appends what was seen later.
    pub fn append(&mut self, mut later: LogText) {
        for record in &mut later.records {
            record.after += self.bytes.len();
        }
        self.bytes.append(&mut later.bytes);
        self.earlier.append(&mut later.earlier);
        self.discarded += later.discarded;
        self.records.append(&mut later.records);
    }
}

/// A post to `/response` or `/error` that was refused: it does not answer the invocation that runs.
///
/// Node posts `Runtime.UnhandledPromiseRejection` this way when work that nobody awaited fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalePost {
    /// The invocation that it names.
    pub request_id: String,
    /// Why it was refused.
    pub cause: StaleCause,
    /// `errorType`, if it was an error.
    pub error_type: Option<String>,
    /// What was posted.
    pub body: Bytes,
}

/// Why a post was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleCause {
    /// The invocation has its answer already, or one is being read. 403.
    Double,
    /// It carries the `Lambda-Runtime-Invocation-Id` of another delivery. 410.
    OtherDelivery,
    /// The invocation was over: the runtime had asked for another event since. 400.
    Late,
    /// The runtime was never given an event with this id, at least none of its last thousand. 400.
    UnknownId,
}

/// Why an execution environment never became ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitFailure {
    /// `InitError`, `Exited`, `Signaled` or `TimedOut`.
    pub outcome: Outcome,
    /// What the function wrote meanwhile.
    pub log: LogText,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::LogFormat;

    fn record(text: &str, after: usize) -> LogRecord {
        LogRecord { level: None, format: LogFormat::Text, time_us: 0, bytes: text.as_bytes().to_vec(), after }
    }

    fn log(bytes: &[u8], records: &[(&str, usize)]) -> LogText {
        let records = records.iter().map(|(text, after)| record(text, *after)).collect();
        LogText { bytes: bytes.to_vec(), records, ..LogText::default() }
    }

    #[track_caller]
    fn check(bytes: &[u8], records: &[(&str, usize)], expected: &str) {
        assert_eq!(log(bytes, records).lossy(), expected);
    }

    #[test]
    fn output_and_records_keep_their_order() {
        check(b"", &[("a", 0), ("b\n", 0), ("c", 0)], "a\nb\nc");
        check(b"one\ntwo\n", &[("first", 0), ("second", 4), ("third", 8)], "first\none\nsecond\ntwo\nthird");
        check(b"last words", &[("first", 0)], "first\nlast words");
        // Lines, and the characters in them, stay whole.
        check("gr\u{fc}n\nrot".as_bytes(), &[("a", 3), ("b", 3), ("c", 7)], "gr\u{fc}n\na\nb\nrot\nc");
    }

    #[test]
    fn what_is_appended_comes_later() {
        let mut all = log(b"one\n", &[("first", 0)]);
        all.append(log(b"two\n", &[("second", 4)]));
        assert_eq!(all.lossy(), "first\none\ntwo\nsecond");
    }
}
