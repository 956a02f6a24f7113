//! plan → invoke → observe → judge → record.
//!
//! The engine decides which test case comes next, delivers it, judges what was seen, and proves,
//! shrinks and stores what it finds. It only emits [`RunEvent`]s; how they are shown is the
//! caller's affair.
#![cfg(target_os = "linux")]

mod baseline;
mod budget;
mod confirm;
mod control;
mod corpus;
mod endurance;
mod error;
mod events;
mod finding;
mod forgery;
mod growth;
mod invoke;
mod judge;
mod observe;
mod pace;
mod pair;
mod plan;
mod record;
mod replay;
mod run;
mod session;
mod shard;
mod shrink;
mod suppress;
mod survival;
mod words;

pub use budget::{Budget, Stop};
pub use corpus::{Corpus, CorpusError, FunctionRef, Skipped, StoredFinding, function_slug};
pub use error::EngineError;
pub use events::{Counts, Listed, RunEvent, SourceVerdict, Summary};
pub use finding::{Evidence, Finding, Fingerprint, OracleId, Reliability, Severity};
pub use judge::explain;
pub use plan::Robustness;
pub use replay::{ReplayReport, Verdict, replay};
pub use run::{RunConfig, event_loop, run};
pub use session::{Session, SessionConfig};
pub use suppress::{Suppressed, Suppression};
pub use words::in_words;
