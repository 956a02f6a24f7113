//! What a run tells while it goes on. The engine emits; reports consume.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use evfuzz_generators::source::EventSource;

use crate::finding::{Finding, OracleId};
use crate::suppress::Suppressed;

/// Something that happened in a run, in past tense.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// Valid events of one source were delivered.
    BaselineFinished {
        /// The event source.
        source: EventSource,
        /// Whether it will be fuzzed, and why.
        verdict: SourceVerdict,
    },
    /// Valid events are answered, but after each answer the process ends.
    EndsAfterAnswers {
        /// What ends it, in one line. Unescaped.
        how: String,
    },
    /// A phase of the run began in the first shard.
    PhaseStarted {
        /// `baseline`, `plant`, `cover`, `mutate`.
        phase: &'static str,
    },
    /// A finding was confirmed and stored; it may still be shrunk.
    FindingConfirmed {
        /// What was found.
        finding: Box<Finding>,
        /// Where it was stored.
        folder: PathBuf,
        /// Whether an earlier run had stored it already.
        known: bool,
        /// Since the start of the run.
        elapsed: Duration,
    },
    /// A stored finding was shrunk.
    FindingShrunk {
        /// What was found.
        finding: Box<Finding>,
        /// Where it is stored.
        folder: PathBuf,
    },
    /// A finding could not be stored; it is in the summary all the same.
    NotStored {
        /// What was found.
        finding: Box<Finding>,
        /// Why it could not be stored.
        reason: String,
    },
    /// Worth telling, but not a finding.
    SightingListed(Listed),
    /// Counters, about five times a second.
    Progressed(Counts),
}

/// Whether an event source is fuzzed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceVerdict {
    /// The function answers valid events of this source.
    Accepted,
    /// It fails on every valid event, but is fuzzed since nothing fits better.
    FailsOnValidEvents {
        /// What it says.
        reason: String,
    },
    /// It fails on every valid event, or its code never mentions this source.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// Something that is not a finding but worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who saw it.
    pub oracle: OracleId,
    /// On which event source.
    pub source: EventSource,
    /// One sentence.
    pub title: String,
    /// The place in the code, where known.
    pub place: Option<String>,
    /// What was seen, in one line.
    pub detail: String,
}

/// Live counters of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Delivered events whose end was seen, every one counted.
    pub invocations: u64,
    /// Since the start of the run.
    pub elapsed: Duration,
    /// Findings so far.
    pub findings: u64,
    /// Since the last finding.
    pub since_last_find: Option<Duration>,
    /// Behaviours seen for the first time: outcomes, errors, programs started.
    pub behaviours: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Final counters.
    pub counts: Counts,
    /// All findings, confirmed in this run, but for those on forged events.
    pub findings: Vec<Finding>,
    /// Findings on events that no sender can make.
    pub forged: Vec<Finding>,
    /// What the user does not want to be told of.
    pub suppressed: Vec<Suppressed>,
    /// How many of the findings an earlier run had stored already.
    pub known: u64,
    /// Listed sightings.
    pub listed: Vec<Listed>,
    /// Per event source, injection point and payload class: events that carried such a payload.
    pub coverage: BTreeMap<(EventSource, String, &'static str), u64>,
    /// The injection points of the valid events. Mutated events can have others.
    pub points: BTreeSet<(EventSource, String)>,
    /// As `coverage`: payloads that were not planted because no sender can send them there.
    pub unsendable: BTreeMap<(EventSource, String, &'static str), u64>,
    /// Words of the user's dictionaries that can be sent nowhere in the valid events, by the reason: `bytes` (not UTF-8,
    /// and no place takes bytes), `charset`, `too-long`.
    pub unused_words: BTreeMap<&'static str, usize>,
    /// Places for which the user gave values, and that no valid event has or can have.
    pub unused_places: Vec<String>,
    /// Candidates that did not repeat in a fresh process.
    pub unconfirmed: u64,
    /// Candidates that valid events show as well.
    pub ordinary: u64,
    /// Events beyond the valid ones that the run begins with: without any, nothing was fuzzed.
    pub fuzzed: u64,
    /// Processes started.
    pub processes: u64,
    /// How many of them ended by themselves, before an answer or after it.
    pub ended: u64,
    /// The function answers valid events, but after each answer its process ends: what ends it.
    pub short_lived: Option<String>,
    /// The function failed in the same way on every event.
    pub always_fails: Option<String>,
    /// The run was ended early by a person.
    pub interrupted: bool,
    /// Results that could not be written.
    pub not_stored: u64,
    /// A source map that was needed and could not be used.
    pub source_map_note: Option<String>,
    /// Why nothing was seen from within the process, where something could have been.
    pub observer_note: Option<&'static str>,
}

impl Summary {
    /// Whether the run ended, though nobody asked for that, before it got to its work: it says nothing about the function.
    pub fn nothing_was_fuzzed(&self) -> bool {
        self.fuzzed == 0 && self.counts.invocations > 0 && !self.interrupted
    }
}
