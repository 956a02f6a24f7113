//! When a run ends: time, invocations, or a person's wish.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How much a run may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Wall-clock time.
    pub time: Option<Duration>,
    /// Delivered events, every one counted.
    pub invocations: Option<u64>,
}

/// A person's wish to end the run early. Shared with the signal handler.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks for the end: what is under way is finished and saved.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is left of a budget, shared by all shards.
pub(crate) struct Meter<'a> {
    budget: Budget,
    started: Instant,
    delivered: AtomicU64,
    given_up: AtomicBool,
    stop: &'a Stop,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(budget: Budget, stop: &'a Stop) -> Meter<'a> {
        Meter {
            budget,
            started: Instant::now(),
            delivered: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
            stop,
        }
    }

    /// Whether the run should go on to another test case.
    pub(crate) fn open(&self) -> bool {
        !self.stop.requested()
            && !self.given_up.load(Ordering::Relaxed)
            && self.budget.time.is_none_or(|time| self.started.elapsed() < time)
            && self.budget.invocations.is_none_or(|most| self.delivered() < most)
    }

    /// A shard cannot go on: none of them should.
    pub(crate) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.requested()
    }

    pub(crate) fn count_delivery(&self) {
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
