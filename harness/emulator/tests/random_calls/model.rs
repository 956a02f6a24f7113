//! What the Runtime API promises, written a second time: what each call is answered, and what the invoker sees.
//!
//! Knows nothing of the emulator's own state machine; its facts are those of the runtime interface emulator's handlers
//! and states, in a form that fits calls made one after the other.

use std::collections::BTreeSet;
use std::rc::Rc;

use evfuzz_emulator::StaleCause;

use crate::call::{Body, CAUSES, Call, DOCUMENTS, ERROR_TYPES, Verb, WITH_CAUSE, What};
use crate::extensions::Extensions;

/// AWS names this number in `Function.ResponseSizeTooLarge`.
pub(crate) const LIMIT: usize = 6_291_556;
/// AWS "Response streaming": 200 MB.
const STREAM_LIMIT: usize = 200 << 20;
/// Posts to other invocations that are kept, and how much of each.
pub(crate) const STALE: usize = 64;
pub(crate) const STALE_BODY: usize = 64 << 10;

/// Where the runtime stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Started,
    InitFailed,
    Restoring,
    RestoreFailed,
    Waiting,
    Running,
    /// It answered in a mode that does not exist.
    Stuck,
    Answered,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Phase::Started => "Started",
            Phase::InitFailed => "InitError",
            Phase::Restoring => "Restoring",
            Phase::RestoreFailed => "RuntimeRestoreErrorState",
            Phase::Waiting => "Ready",
            Phase::Running => "Running",
            Phase::Stuck => "InvocationResponse",
            Phase::Answered => "RuntimeResponseSentState",
        }
    }
}

/// An event that was handed over.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) id: String,
    pub(crate) deadline_ms: u64,
    pub(crate) event: Vec<u8>,
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: Option<String>,
    /// Known from the first answer that held it.
    pub(crate) nonce: Rc<std::cell::OnceCell<String>>,
}

/// What a call is to be answered.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// Status and exact body.
    Plain(u16, &'static str),
    /// Status and `errorType`, with the message where it is fixed.
    Error(u16, &'static str, Option<String>),
    Event(Delivered),
    /// An extension was registered; its index, and whether it is told the account.
    Registered(usize, bool),
    /// 405 with this `Allow`.
    Allow(&'static str),
    /// Nothing until there is an event.
    Blocks,
    /// Nothing until there is an event for this extension.
    BlocksExtension(usize),
}

/// An error report as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) error_type: String,
    pub(crate) fatal_type: String,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) cause: Option<Vec<u8>>,
}

/// An outcome as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Response {
        body: Vec<u8>,
        size: usize,
        content_type: Option<String>,
        streaming: bool,
    },
    Error {
        report: Report,
        sent: Option<(Vec<u8>, usize)>,
    },
    InitError(Report),
    TooLarge(usize),
    /// At most so many bytes came.
    Truncated {
        most: usize,
        exact: bool,
    },
    InvalidMode(String),
}

/// A post that was refused.
#[derive(Debug)]
pub(crate) struct Stale {
    pub(crate) id: String,
    pub(crate) cause: StaleCause,
    pub(crate) error_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Model {
    pub(crate) snap_start: bool,
    pub(crate) phase: Phase,
    pub(crate) current: Option<Delivered>,
    pub(crate) pending: Option<Delivered>,
    pub(crate) outcome: Option<Ends>,
    pub(crate) stale: Vec<Stale>,
    /// The ids of all events that were taken.
    taken: BTreeSet<String>,
    pub(crate) extensions: Extensions,
}

const ACCEPTED: Expected = Expected::Plain(202, "{\"status\":\"OK\"}\n");
const NOT_FOUND: Expected = Expected::Plain(404, "404 page not found\n");

impl Model {
    pub(crate) fn new(snap_start: bool) -> Model {
        Model {
            snap_start,
            phase: Phase::Started,
            current: None,
            pending: None,
            outcome: None,
            stale: Vec::new(),
            taken: BTreeSet::new(),
            extensions: Extensions::default(),
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Answered) && self.extensions.are_ready()
    }

    /// Whether nothing but refusals can follow.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::InitFailed | Phase::RestoreFailed | Phase::Stuck)
    }

    /// An event is handed over. Extensions that wait for it get it at once.
    pub(crate) fn deliver(&mut self, delivered: Delivered) {
        self.outcome = None;
        self.pending = Some(delivered);
    }

    /// Whoever waits in `/next` gets the event.
    pub(crate) fn take(&mut self) -> Delivered {
        let taken = self.pending.take().expect("an event was handed over");
        self.phase = Phase::Running;
        self.taken.insert(taken.id.clone());
        self.current = Some(taken.clone());
        taken
    }

    pub(crate) fn call(&mut self, call: &Call) -> Expected {
        match &call.what {
            What::Next => self.next(),
            What::Post { verb, id, nonce, mode } => {
                let refused = self.judge_post(*verb, id, nonce.as_deref());
                match refused {
                    Some(refused) => {
                        self.keep_stale(*verb, id, &refused, &call.body);
                        refused
                    }
                    None => self.answer(*verb, *mode, &call.body),
                }
            }
            What::InitError => match self.phase {
                Phase::Started => self.fail(Phase::InitFailed, &call.body),
                Phase::Restoring => self.fail(Phase::RestoreFailed, &call.body),
                _ => self.forbidden("InitError"),
            },
            What::RestoreNext | What::RestoreError if !self.snap_start => NOT_FOUND,
            What::RestoreNext if self.phase == Phase::Started => {
                self.phase = Phase::Restoring;
                Expected::Plain(200, "")
            }
            What::RestoreNext => self.forbidden("Ready"),
            What::RestoreError if self.phase == Phase::Restoring => {
                self.fail(Phase::RestoreFailed, &call.body)
            }
            What::RestoreError => self.forbidden("RuntimeRestoreErrorState"),
            What::Ping => Expected::Plain(200, "pong"),
            What::Register { name, account, events } => self.extensions.register(name, *account, *events),
            What::ExtensionNext { id } => self.extensions.ask(id.as_deref()),
            What::ExtensionFailed { failure, id, error_type } => {
                match self.extensions.fail(*failure, id.as_deref(), *error_type) {
                    None => ACCEPTED,
                    Some(refused) => refused,
                }
            }
            What::Logs => unsupported("Logs.NotSupported", "Logs API is not supported"),
            What::Telemetry => unsupported("Telemetry.NotSupported", "Telemetry API is not supported"),
            What::Metadata { token: Some("Bearer token") } => {
                Expected::Plain(200, "{\"AvailabilityZoneID\":\"use1-az1\"}")
            }
            What::Metadata { .. } => Expected::Plain(401, "Unauthorized\n"),
            What::WrongMethod { allowed: "", .. } => Expected::Plain(405, "Method Not Allowed\n"),
            What::WrongMethod { allowed, .. } => Expected::Allow(allowed),
            What::Unknown { .. } => NOT_FOUND,
        }
    }

    fn next(&mut self) -> Expected {
        match self.phase {
            Phase::Started | Phase::Restoring | Phase::Answered | Phase::Waiting => {
                self.extensions.close_registration();
                self.phase = Phase::Waiting;
                // A late answer names an invocation that is over.
                self.current = None;
                if self.pending.is_some() { Expected::Event(self.take()) } else { Expected::Blocks }
            }
            Phase::Running => Expected::Event(self.current.clone().expect("one runs")),
            Phase::InitFailed | Phase::RestoreFailed | Phase::Stuck => self.forbidden("Ready"),
        }
    }

    /// Why a post is refused, if it is.
    pub(crate) fn judge_post(&self, verb: Verb, id: &str, nonce: Option<&str>) -> Option<Expected> {
        let Some(current) = self.current.as_ref().filter(|it| it.id == id) else {
            return Some(Expected::Error(400, "InvalidRequestID", Some("Invalid request ID".to_owned())));
        };
        if nonce.is_some_and(|it| current.nonce.get().is_none_or(|nonce| nonce != it)) {
            return Some(Expected::Error(410, "InvokeTimeout", Some("Invoke timeout".to_owned())));
        }
        match verb {
            _ if self.phase == Phase::Running => None,
            Verb::Response => Some(self.forbidden("InvocationResponse")),
            Verb::Error => Some(self.forbidden("InvocationErrorResponse")),
        }
    }

    pub(crate) fn keep_stale(&mut self, verb: Verb, id: &str, refused: &Expected, body: &Body) {
        let cause = match refused {
            Expected::Error(410, ..) => StaleCause::OtherDelivery,
            Expected::Error(403, ..) => StaleCause::Double,
            _ if self.taken.contains(id) => StaleCause::Late,
            _ => StaleCause::UnknownId,
        };
        if self.stale.len() < STALE {
            let error_type = (verb == Verb::Error).then(|| report(body).error_type);
            let kept = body.bytes[..body.bytes.len().min(STALE_BODY)].to_vec();
            self.stale.push(Stale { id: id.to_owned(), cause, error_type, body: kept });
        }
    }

    fn answer(&mut self, verb: Verb, mode: Option<&'static str>, body: &Body) -> Expected {
        let streaming = match (verb, mode) {
            (Verb::Error, _) | (Verb::Response, None | Some("")) => false,
            (Verb::Response, Some("streaming")) => true,
            (Verb::Response, Some(other)) => {
                self.phase = Phase::Stuck;
                self.outcome = Some(Ends::InvalidMode(other.to_owned()));
                return Expected::Error(
                    400,
                    "InvalidFunctionResponseMode",
                    Some("Invalid function response mode".to_owned()),
                );
            }
        };
        self.phase = Phase::Answered;
        let size = body.bytes.len();
        if size > if streaming { STREAM_LIMIT } else { LIMIT } {
            self.outcome = Some(Ends::TooLarge(size));
            let message = format!("Exceeded maximum allowed payload size ({LIMIT} bytes).");
            return Expected::Error(413, "RequestEntityTooLarge", Some(message));
        }
        let kept = body.bytes[..size.min(LIMIT)].to_vec();
        self.outcome = Some(match (verb, &body.late) {
            (Verb::Error, _) => Ends::Error { report: report(body), sent: None },
            (Verb::Response, None) => Ends::Response {
                body: kept,
                size,
                content_type: body.content_type.map(str::to_owned),
                streaming,
            },
            (Verb::Response, Some(late)) => {
                let (header, fatal) = ERROR_TYPES[late.error_type];
                let named = if late.document.contains("Late") { "Late" } else { header };
                let report = Report {
                    error_type: if named.is_empty() { "Runtime.Unknown" } else { named }.to_owned(),
                    fatal_type: fatal.to_owned(),
                    body: late.document.as_bytes().to_vec(),
                    content_type: "application/json".to_owned(),
                    cause: None,
                };
                if header.is_empty() && late.document.is_empty() {
                    let content_type = body.content_type.map(str::to_owned);
                    Ends::Response { body: kept, size, content_type, streaming }
                } else {
                    Ends::Error { report, sent: Some((kept, size)) }
                }
            }
        });
        ACCEPTED
    }

    fn fail(&mut self, phase: Phase, body: &Body) -> Expected {
        self.phase = phase;
        self.outcome = Some(Ends::InitError(report(body)));
        ACCEPTED
    }

    fn forbidden(&self, to: &str) -> Expected {
        let message = format!(
            "State transition from {} to {to} failed for runtime. Error: State transition is not allowed",
            self.phase.name()
        );
        Expected::Error(403, "InvalidStateTransition", Some(message))
    }
}

fn unsupported(error_type: &'static str, message: &str) -> Expected {
    Expected::Error(202, error_type, Some(message.to_owned()))
}

/// What an error post means.
fn report(body: &Body) -> Report {
    let document = DOCUMENTS[body.document.expect("error posts are documents")];
    let (header, fatal_type) = body.error_type.map_or(("", "Runtime.Unknown"), |it| ERROR_TYPES[it]);
    let named = [document.error_type.unwrap_or_default(), header].into_iter().find(|it| !it.is_empty());
    let inside = document.content_type == Some(WITH_CAUSE);
    let cause = if inside { document.cause } else { body.cause.and_then(|it| CAUSES[it].1) };
    Report {
        error_type: named.unwrap_or("Runtime.Unknown").to_owned(),
        fatal_type: fatal_type.to_owned(),
        body: document.passed_on.0.as_bytes().to_vec(),
        content_type: document.passed_on.1.to_owned(),
        cause: cause.map(|it| it.as_bytes().to_vec()),
    }
}
