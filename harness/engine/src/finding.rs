//! Findings: what was proven, and the identity that makes two sightings one finding.

use std::fmt;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::grade::Grade;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The judge that made a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OracleId {
    /// Event data was run as a command.
    CommandExecution,
    /// Event data was evaluated as source code.
    CodeEvaluation,
    /// The process ended before it answered.
    ProcessExit,
    /// An error of the runtime reached the top of the handler.
    UnhandledError,
    /// A promise that nobody awaited was rejected.
    UnhandledRejection,
    /// No answer within the configured timeout.
    Timeout,
}

impl OracleId {
    /// Every oracle.
    pub const ALL: [OracleId; 6] = [
        OracleId::CommandExecution,
        OracleId::CodeEvaluation,
        OracleId::ProcessExit,
        OracleId::UnhandledError,
        OracleId::UnhandledRejection,
        OracleId::Timeout,
    ];

    /// Kebab-case name.
    pub fn id(self) -> &'static str {
        match self {
            OracleId::CommandExecution => "command-execution",
            OracleId::CodeEvaluation => "code-evaluation",
            OracleId::ProcessExit => "process-exit",
            OracleId::UnhandledError => "unhandled-error",
            OracleId::UnhandledRejection => "unhandled-rejection",
            OracleId::Timeout => "timeout",
        }
    }

    /// The oracle of that name.
    pub fn from_id(id: &str) -> Option<OracleId> {
        OracleId::ALL.into_iter().find(|oracle| oracle.id() == id)
    }

    /// Whether what it sees may come after the answer, while a later event is being handled.
    pub(crate) fn comes_late(self) -> bool {
        matches!(self, OracleId::ProcessExit | OracleId::UnhandledRejection)
    }

    /// How bad a finding of this oracle is.
    pub fn severity(self) -> Severity {
        match self {
            OracleId::CommandExecution | OracleId::CodeEvaluation => Severity::Critical,
            OracleId::ProcessExit | OracleId::Timeout | OracleId::UnhandledRejection => Severity::Medium,
            OracleId::UnhandledError => Severity::Low,
        }
    }

    /// The weakness in the Common Weakness Enumeration.
    pub fn cwe(self) -> u32 {
        match self {
            OracleId::CommandExecution => 78,
            OracleId::CodeEvaluation => 95,
            OracleId::ProcessExit | OracleId::UnhandledError | OracleId::UnhandledRejection => 755,
            OracleId::Timeout => 400,
        }
    }
}

impl fmt::Display for OracleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An error for the sender, or a retry.
    Low,
    /// Costs other invocations: the process dies, time is burnt.
    Medium,
    /// The sender takes over the function.
    Critical,
}

impl Severity {
    /// Lower-case name.
    pub fn id(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::Critical => "critical",
        }
    }
}

/// One fact that proves a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is: `command line`, `error`, `process chain`.
    pub label: String,
    /// The fact, as observed. Unescaped: whoever shows it must escape it.
    pub text: String,
}

impl Evidence {
    pub(crate) fn new(label: &str, text: impl Into<String>) -> Evidence {
        Evidence { label: label.to_owned(), text: text.into() }
    }
}

/// Stable identity of a finding across runs: the name of its folder.
///
/// Made from what stays the same when the payload changes: oracle, injection point, place in the
/// code, kind of error. Never from a nonce, a payload text or a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// The fingerprint of a sighting: `command-execution-3f9c2a1b`.
    pub fn of(oracle: OracleId, identity: &[&str]) -> Fingerprint {
        let mut hasher = blake3::Hasher::new();
        hasher.update(oracle.id().as_bytes());
        for part in identity {
            hasher.update(&[0]);
            hasher.update(part.as_bytes());
        }
        let hash = hasher.finalize().to_hex();
        Fingerprint(format!("{}-{}", oracle.id(), &hash[..8]))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How often a replay showed the same fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reliability {
    /// Replays that showed it.
    pub shown: u32,
    /// Replays.
    pub of: u32,
}

/// A distinct, proven problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// Who found it.
    pub oracle: OracleId,
    /// One sentence.
    pub title: String,
    /// The injection point in decoded form, or the part of the event that was changed. `None`:
    /// the valid event itself is enough.
    pub point: Option<String>,
    /// File and line of the function's own code, where known.
    pub place: Option<String>,
    /// What proves it.
    pub evidence: Vec<Evidence>,
    /// Confirmations in fresh processes.
    pub reliability: Reliability,
    /// Event number of the run at which it was confirmed.
    pub invocation: u64,
    /// Who can make its event. The best that is known: of two events that show it, the one that more people can make is
    /// kept.
    #[serde(default)]
    pub grade: Grade,
    /// The event, as a recipe.
    pub case: TestCase,
    /// The smallest part of the event that shows it: `core.json`. `None` until it is known.
    #[serde(skip)]
    pub core: Option<Value>,
}
