//! What all shards share: findings by identity, the corpus, and the way to the reports.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use evfuzz_generators::grade::Grade;
use evfuzz_generators::source::EventSource;

use crate::budget::Meter;
use crate::corpus::{Corpus, FunctionRef};
use crate::events::{Counts, Listed, RunEvent};
use crate::finding::{Finding, Fingerprint};
use crate::judge::Sighting;
use crate::suppress::{Suppressed, Suppression};

/// Attempts to confirm one fingerprint, over all shards, before it is left alone.
const MOST_ATTEMPTS: u32 = 4;

/// Shared by all shards of a run.
pub(crate) struct Record<'a> {
    corpus: &'a Corpus,
    function: &'a FunctionRef,
    rng_seed: u64,
    timeout: Duration,
    suppressions: &'a [Suppression],
    emit: &'a (dyn Fn(RunEvent) + Sync),
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    standing: HashMap<Fingerprint, Attempts>,
    findings: Vec<Finding>,
    /// Findings on events that no sender can make.
    forged: Vec<Finding>,
    /// By the number of their suppression.
    suppressed: BTreeMap<usize, Vec<Finding>>,
    known: u64,
    listed: BTreeMap<Fingerprint, Listed>,
    coverage: BTreeMap<(EventSource, String, &'static str), u64>,
    unconfirmed: u64,
    ordinary: u64,
    short_lived: bool,
    not_stored: u64,
    last_find: Option<Instant>,
    last_progress: Option<Instant>,
    behaviours: HashMap<usize, u64>,
}

#[derive(Clone, Copy)]
enum Attempts {
    /// Nobody is at it.
    Open(Tries),
    /// Somebody is at it.
    UnderWay(Tries),
    /// It is a finding, on an event that these can make.
    Proven(Grade),
}

/// What came of the attempts so far.
#[derive(Clone, Copy, Default)]
struct Tries {
    /// It did not repeat so often.
    failed: u32,
    /// Something else explained it so often.
    explained: u32,
    /// Sightings to leave alone before the next attempt.
    left_alone: u32,
}

impl<'a> Record<'a> {
    pub(crate) fn new(
        corpus: &'a Corpus,
        function: &'a FunctionRef,
        rng_seed: u64,
        timeout: Duration,
        suppressions: &'a [Suppression],
        emit: &'a (dyn Fn(RunEvent) + Sync),
    ) -> Record<'a> {
        Record { corpus, function, rng_seed, timeout, suppressions, emit, inner: Mutex::default() }
    }

    pub(crate) fn emit(&self, event: RunEvent) {
        (self.emit)(event);
    }

    /// Takes `sighting` on for confirmation. `false`: it is known, or somebody is at it, or it
    /// has failed too often. What is known of forged events alone is taken on again when an event shows it that is not
    /// forged.
    pub(crate) fn take_on(&self, sighting: &Sighting, grade: Grade) -> bool {
        let mut inner = self.lock();
        let attempts =
            inner.standing.entry(sighting.fingerprint()).or_insert(Attempts::Open(Tries::default()));
        match attempts {
            Attempts::Open(tries) if tries.left_alone > 0 => {
                tries.left_alone -= 1;
                false
            }
            Attempts::Open(tries) if tries.failed < MOST_ATTEMPTS => {
                *attempts = Attempts::UnderWay(*tries);
                true
            }
            Attempts::Proven(Grade::Forged) if grade != Grade::Forged => {
                *attempts = Attempts::UnderWay(Tries::default());
                true
            }
            Attempts::Open(_) | Attempts::UnderWay(_) | Attempts::Proven(_) => false,
        }
    }

    /// It did not happen again.
    pub(crate) fn did_not_repeat(&self, sighting: &Sighting) {
        let mut inner = self.lock();
        inner.unconfirmed += 1;
        inner.put_back(sighting, |tries| tries.failed += 1);
    }

    /// It happens with valid events as well.
    pub(crate) fn is_ordinary(&self, sighting: &Sighting) {
        let mut inner = self.lock();
        inner.ordinary += 1;
        inner.put_back(sighting, |tries| tries.failed += 1);
    }

    /// Tells once that the process ends after each answer.
    pub(crate) fn ends_after_answers(&self, how: &str) {
        if !std::mem::replace(&mut self.lock().short_lived, true) {
            self.emit(RunEvent::EndsAfterAnswers { how: how.to_owned() });
        }
    }

    /// Something else explains it this time: the runtime does it by itself on such an event, or an earlier event has ended the
    /// process. That says nothing about other events with the same sighting, of which the function may be the cause.
    pub(crate) fn is_explained(&self, sighting: &Sighting) {
        self.lock().put_back(sighting, |tries| {
            tries.explained += 1;
            // A runtime can fail on every tenth event. So the attempts become rarer, but never end: their number grows with
            // the root of that of the sightings.
            tries.left_alone = tries.explained;
        });
    }

    /// Whether a finding has to be known to its field before it can be said whether it is suppressed.
    pub(crate) fn suppresses_fields(&self) -> bool {
        self.suppressions.iter().any(|it| it.field.is_some())
    }

    /// Takes a confirmed finding out of what is reported, if a suppression covers it.
    pub(crate) fn suppress(&self, finding: &Finding) -> bool {
        let Some(number) = self.suppressions.iter().position(|it| it.covers(finding)) else { return false };
        let mut inner = self.lock();
        // The same identity can come through a field that is not suppressed: it is looked at again, ever more rarely.
        if let Some(attempts) = inner.standing.get_mut(&finding.fingerprint)
            && let Attempts::UnderWay(mut tries) = *attempts
        {
            tries.explained += 1;
            tries.left_alone = tries.explained * 4;
            *attempts = Attempts::Open(tries);
        }
        let kept = inner.suppressed.entry(number).or_default();
        kept.retain(|it| it.fingerprint != finding.fingerprint);
        kept.push(finding.clone());
        true
    }

    /// Stores a confirmed finding and tells of it.
    pub(crate) fn confirmed(&self, finding: Finding, elapsed: Duration) {
        let forged = finding.grade == Grade::Forged;
        let known = self.corpus.holds(&finding.fingerprint, finding.grade);
        let stored = self.corpus.store(&finding, self.function, self.rng_seed, self.timeout_ms());
        {
            let mut inner = self.lock();
            inner.standing.insert(finding.fingerprint.clone(), Attempts::Proven(finding.grade));
            inner.keep(&finding);
            inner.not_stored += u64::from(stored.is_err());
            if !forged {
                inner.known += u64::from(known);
                inner.last_find = Some(Instant::now());
            }
        }
        let finding = Box::new(finding);
        self.emit(match stored {
            Ok(folder) => RunEvent::FindingConfirmed { finding, folder, known, elapsed },
            Err(error) => RunEvent::NotStored { finding, reason: with_causes(&error) },
        });
    }

    /// Stores the smaller form of a finding.
    pub(crate) fn shrunk(&self, finding: Finding) {
        let stored = self.corpus.store(&finding, self.function, self.rng_seed, self.timeout_ms());
        {
            let mut inner = self.lock();
            inner.standing.insert(finding.fingerprint.clone(), Attempts::Proven(finding.grade));
            inner.keep(&finding);
        }
        if let Ok(folder) = stored {
            self.emit(RunEvent::FindingShrunk { finding: Box::new(finding), folder });
        }
    }

    /// Notes something that is worth telling once.
    pub(crate) fn list(&self, sighting: &Sighting, source: EventSource) {
        let mut inner = self.lock();
        let fingerprint = sighting.fingerprint();
        if inner.listed.len() >= 100 || inner.listed.contains_key(&fingerprint) {
            return;
        }
        let listed = Listed {
            oracle: sighting.oracle,
            source,
            title: sighting.title.clone(),
            place: sighting.place.clone(),
            detail: sighting.evidence.first().map(|it| it.text.clone()).unwrap_or_default(),
        };
        inner.listed.insert(fingerprint, listed.clone());
        drop(inner);
        self.emit(RunEvent::SightingListed(listed));
    }

    /// Counts payloads that were delivered.
    pub(crate) fn cover(&self, source: EventSource, planted: impl Iterator<Item = (String, &'static str)>) {
        let mut inner = self.lock();
        for (point, class) in planted {
            *inner.coverage.entry((source, point, class)).or_insert(0) += 1;
        }
    }

    /// Notes how many behaviours a shard has seen, and tells the counters.
    pub(crate) fn behaviours(&self, meter: &Meter<'_>, shard: usize, behaviours: usize) {
        self.lock().behaviours.insert(shard, behaviours as u64);
        self.progress(meter);
    }

    /// Tells the counters, at most about five times a second.
    pub(crate) fn progress(&self, meter: &Meter<'_>) {
        let mut inner = self.lock();
        let due = inner.last_progress.is_none_or(|last| last.elapsed() > Duration::from_millis(200));
        if !due {
            return;
        }
        inner.last_progress = Some(Instant::now());
        let counts = inner.counts(meter);
        drop(inner);
        self.emit(RunEvent::Progressed(counts));
    }

    /// What the summary takes from here.
    pub(crate) fn finish(&self, meter: &Meter<'_>) -> crate::events::Summary {
        let mut inner = self.lock();
        let inner = &mut *inner;
        crate::events::Summary {
            counts: inner.counts(meter),
            findings: std::mem::take(&mut inner.findings),
            forged: std::mem::take(&mut inner.forged),
            suppressed: std::mem::take(&mut inner.suppressed)
                .into_iter()
                .map(|(number, findings)| Suppressed {
                    suppression: self.suppressions[number].clone(),
                    findings,
                })
                .collect(),
            known: inner.known,
            listed: std::mem::take(&mut inner.listed).into_values().collect(),
            coverage: std::mem::take(&mut inner.coverage),
            unconfirmed: inner.unconfirmed,
            ordinary: inner.ordinary,
            not_stored: inner.not_stored,
            ..crate::events::Summary::default()
        }
    }

    fn timeout_ms(&self) -> u64 {
        u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A shard that panicked left counters behind, nothing half-written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Keeps `finding` where it belongs, in the place of what was known of it.
    fn keep(&mut self, finding: &Finding) {
        let same = |it: &Finding| it.fingerprint == finding.fingerprint;
        let (list, other) = match finding.grade {
            Grade::Forged => (&mut self.forged, &mut self.findings),
            Grade::Reachable | Grade::Genuine => (&mut self.findings, &mut self.forged),
        };
        other.retain(|it| !same(it));
        match list.iter_mut().find(|it| same(it)) {
            Some(old) => old.clone_from(finding),
            None => list.push(finding.clone()),
        }
    }

    /// Ends the attempt that is under way, with what came of it.
    fn put_back(&mut self, sighting: &Sighting, note: impl FnOnce(&mut Tries)) {
        if let Some(attempts) = self.standing.get_mut(&sighting.fingerprint())
            && let Attempts::UnderWay(mut tries) = *attempts
        {
            note(&mut tries);
            *attempts = Attempts::Open(tries);
        }
    }

    fn counts(&self, meter: &Meter<'_>) -> Counts {
        Counts {
            invocations: meter.delivered(),
            elapsed: meter.elapsed(),
            findings: self.findings.len() as u64,
            since_last_find: self.last_find.map(|last| last.elapsed()),
            behaviours: self.behaviours.values().copied().max().unwrap_or(0),
        }
    }
}

/// An error with all its causes, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
