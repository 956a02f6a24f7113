//! Findings: what was proven, and the identity that makes two sightings one finding.

mod oracle;

use std::fmt;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::grade::Grade;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use oracle::{OracleId, Severity};

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

impl Reliability {
    /// `confirmed`: every time. `flaky`: proven, but not every time.
    pub fn verdict(self) -> &'static str {
        if self.shown == self.of { "confirmed" } else { "flaky" }
    }
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
    /// An event that the same process has to get before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<TestCase>,
    /// The smallest part of the event that shows it: `core.json`. `None` until it is known.
    #[serde(skip)]
    pub core: Option<Value>,
}
