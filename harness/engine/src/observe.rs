//! Observations: all that was seen of one test case, in one value that oracles can judge.

mod curve;
mod folders;
mod frames;
mod records;
mod secrets;
mod source_map;
mod text;

use std::time::Duration;

use evfuzz_emulator::{LogText, Outcome};
use evfuzz_generators::forge::Flaw;
use evfuzz_generators::nonce::Nonce;
use evfuzz_sandbox::{CanaryRan, ConnectRecord, ExecRecord, OpenRecord};

pub(crate) use curve::{Cost, CostEnd, Curve};
pub(crate) use frames::{Frame, SourceText, Whose};
pub(crate) use records::{Act, Engine, Record};
#[cfg(test)]
pub(crate) use secrets::Form;
pub(crate) use secrets::{Leak, Output, Secrets, is_secret};

/// All that was seen of one test case.
#[derive(Debug)]
pub(crate) struct Observation {
    /// How the invocation ended. `None`: only an effect was seen that came after its end.
    pub(crate) outcome: Option<Outcome>,
    /// From its delivery to that end, on the wall: a hint, never proof.
    pub(crate) duration: Duration,
    /// The process ended after its answer, by work that nobody awaited.
    pub(crate) ended_later: Option<Outcome>,
    /// The error document, if there was one.
    pub(crate) error: Option<ErrorSeen>,
    /// stdout and stderr.
    pub(crate) log: LogText,
    /// The place in the function's own code that a stack trace in the log names.
    pub(crate) log_place: Option<String>,
    /// Canary commands of this test case that ran.
    pub(crate) fired: Vec<Fired>,
    /// Programs that were started meanwhile.
    pub(crate) execs: Vec<ExecRecord>,
    /// Files that were opened, deleted or renamed, or were to be, whose path holds a nonce of this test case.
    pub(crate) opens: Vec<OpenRecord>,
    /// Canary addresses of this test case that were reached for.
    pub(crate) connects: Vec<ConnectRecord>,
    /// What observers in the process told that holds a nonce of this test case.
    pub(crate) records: Vec<Record>,
    /// Secrets of the function in what it said. Those that stand in the event are left out.
    pub(crate) leaks: Vec<Leak>,
    /// What was logged after the answer, while nothing or another event was at hand: at least what names this test case.
    pub(crate) late_log: Vec<u8>,
    /// Texts of earlier events in what it said.
    pub(crate) echoes: Vec<Echo>,
    /// A forged token that it holds and that was accepted, though others were refused.
    pub(crate) forged: Option<Forged>,
    /// Memory before it, if many events came before and that was looked at.
    pub(crate) held: Vec<Held>,
    /// CPU time by the length of a text, if that was measured.
    pub(crate) curve: Option<Curve>,
}

impl Observation {
    /// Whether an effect may still come. What a payload was handed to (a path, an address, an evaluator) is none: it goes on from
    /// there.
    pub(crate) fn shows_nothing(&self) -> bool {
        let is_way =
            |it: &Record| matches!(it.act, Act::Opened { .. } | Act::Asked { .. } | Act::Evaluated { .. });
        self.fired.is_empty() && self.records.iter().all(is_way)
    }

    /// Nothing has been seen yet.
    pub(crate) fn nothing() -> Observation {
        Observation {
            outcome: None,
            duration: Duration::ZERO,
            ended_later: None,
            error: None,
            log: LogText::default(),
            log_place: None,
            fired: Vec::new(),
            execs: Vec::new(),
            opens: Vec::new(),
            connects: Vec::new(),
            records: Vec::new(),
            leaks: Vec::new(),
            late_log: Vec::new(),
            echoes: Vec::new(),
            held: Vec::new(),
            forged: None,
            curve: None,
        }
    }
}

/// A canary command that ran.
#[derive(Debug)]
pub(crate) struct Fired {
    /// Names the test case and the injection point.
    pub(crate) nonce: Nonce,
    /// What the sandbox saw.
    pub(crate) ran: CanaryRan,
}

/// A forged token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forged {
    /// Where it is, in decoded form.
    pub(crate) point: String,
    pub(crate) token: String,
    /// What is wrong with who accepts it.
    pub(crate) flaw: Flaw,
}

/// What a process held after so many events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) events: u64,
    /// Of memory that only it accounts for.
    pub(crate) bytes: u64,
}

/// A word of an earlier test case that came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Echo {
    pub(crate) nonce: Nonce,
    pub(crate) output: Output,
    /// Some of what is around it.
    pub(crate) around: String,
}

/// An error document as runtimes post it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorSeen {
    /// `TypeError`, `KeyError`, `Runtime.UnhandledPromiseRejection`, ...
    pub(crate) error_type: String,
    /// Its message.
    pub(crate) message: String,
    /// Innermost frame first.
    pub(crate) frames: Vec<Frame>,
}

impl ErrorSeen {
    /// The innermost frame in the function's own code.
    pub(crate) fn own_frame(&self) -> Option<&Frame> {
        frames::own(self.frames.iter())
    }

    /// The innermost frame in the function's own code, as `file:line`.
    pub(crate) fn place(&self) -> Option<String> {
        Some(self.own_frame()?.place())
    }

    /// Whether the function itself raised this error on purpose: the innermost frame is its own
    /// and the statement there raises.
    pub(crate) fn is_deliberate(&self) -> bool {
        let innermost = self.frames.first().filter(|frame| frame.whose == Whose::Function);
        let Some(text) = innermost.and_then(|frame| frame.text.as_deref()) else { return false };
        let text = text.trim_start();
        text.starts_with("raise ")
            || text == "raise"
            || text.starts_with("assert ")
            || text.contains(" raise ")
            || text.contains("throw ")
            || text.contains("reject(")
            || text.contains("callback(")
            || text.contains("new Error(")
    }
}

#[cfg(test)]
mod tests;
