//! When a run ends: time, invocations, or a person's wish.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How much a run may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Wall-clock time.
    pub time: Option<Duration>,
    /// Delivered events whose end was seen, every one counted.
    pub invocations: Option<u64>,
}

/// A person's wish to end the run early. Shared with the signal handler.
#[derive(Debug, Default)]
pub struct Stop {
    requested: AtomicBool,
    bell: Notify,
}

impl Stop {
    /// Asks for the end: what is under way is given up, what is there is kept.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Release);
        self.bell.notify_waiters();
    }

    /// Whether the end was asked for.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Waits until the end is asked for.
    pub async fn wait(&self) {
        // Made before the question, it hears of a request that comes between the two.
        let rings = self.bell.notified();
        if !self.requested() {
            rings.await;
        }
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
        self.has_time() && self.budget.invocations.is_none_or(|most| self.delivered() < most)
    }

    /// Whether one of so many shards has its part of the events still to deliver. One that starts sooner than the others, or
    /// looks into less, leaves them theirs: which cases a run tries should not depend on that.
    pub(crate) fn is_due(&self, done: u64, shards: usize) -> bool {
        self.budget.invocations.is_none_or(|most| done < most.div_ceil(shards as u64))
    }

    /// The same as [`Meter::open`], but for the number of events.
    pub(crate) fn has_time(&self) -> bool {
        !self.stop.requested()
            && !self.given_up.load(Ordering::Relaxed)
            && self.budget.time.is_none_or(|time| self.started.elapsed() < time)
    }

    /// A shard cannot go on: none of them should.
    pub(crate) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.requested()
    }

    /// Waits until a person wants the end. Whoever waits for a function waits for this as well: a function takes its time.
    pub(crate) async fn interrupted(&self) {
        self.stop.wait().await;
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
