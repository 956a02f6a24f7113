//! Endurance: the same event again and again, to one process, while its memory grows.
//!
//! Only what ends for want of memory is a leak: that a process grows for a while says nothing, garbage is collected when it has to be.

use std::rc::Rc;
use std::time::{Duration, Instant};

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;
use evfuzz_generators::nonce::NonceSource;

use crate::error::EngineError;
use crate::invoke::Invoker;
use crate::observe::{Held, Observation};

/// Events between two looks at the memory, at most; at first the numbers double.
const STEP: u64 = 128;

/// Longest time for one attempt.
const LONGEST: Duration = Duration::from_secs(20);

/// Looks without growth after which it is given up.
const FLAT: usize = 6;

/// Less than so many bytes in these looks is no growth.
const LEAST: u64 = 1 << 20;

/// What came of it.
pub(crate) enum Endured {
    /// The process ended: what was seen of the last event, with the memory before it.
    Ended(Rc<TestCase>, Box<Observation>),
    /// Its memory does not grow.
    Flat,
    /// There was no time to see.
    Unknown,
}

/// Delivers `case` to a fresh process until that ends, or does not grow.
pub(crate) async fn endure(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    case: &TestCase,
) -> Result<Endured, EngineError> {
    let mut environment = invoker.fresh().await?;
    let started = Instant::now();
    let mut held: Vec<Held> = Vec::new();
    let mut events = 0;
    let ended = loop {
        let fresh = Rc::new(case.with_fresh_nonces(nonces));
        let Some(mut seen) = invoker.deliver_in(&mut environment, &fresh).await? else {
            break Endured::Unknown;
        };
        events += 1;
        if seen.outcome.as_ref().is_some_and(Outcome::ended_the_process) {
            seen.held = held;
            break Endured::Ended(fresh, Box::new(seen));
        }
        if started.elapsed() > LONGEST || !invoker.may_go_on() {
            break Endured::Unknown;
        }
        if events % STEP == 0 || events < STEP && events.is_power_of_two() {
            let Some(usage) = environment.usage().await else { break Endured::Unknown };
            held.push(Held { events, bytes: usage.memory });
            let before = held.len().checked_sub(FLAT + 1).map(|at| held[at].bytes);
            if before.is_some_and(|before| usage.memory < before + LEAST) {
                break Endured::Flat;
            }
        }
    };
    environment.close().await;
    Ok(ended)
}
