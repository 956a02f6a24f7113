//! Making a confirmed case smaller while it shows the same finding.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use evfuzz_generators::case::TestCase;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::point::Locator;
use evfuzz_generators::raw::{self, remove};
use evfuzz_generators::reduce::reductions;

use serde_json::Value;

use crate::confirm::{Confirmed, is_runtimes_own, same_sighting};
use crate::error::EngineError;
use crate::finding::OracleId;
use crate::invoke::Invoker;

/// Deliveries for a smaller case. Together with the next: at most 100 for one finding.
const MOST_TRIES: u32 = 50;

/// Deliveries for the smallest part of its event.
const MOST_CORE_TRIES: u32 = 50;

/// Time for shrinking one finding. A slow function has others that want their turn.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Shrinks `confirmed` with at most [`MOST_TRIES`] deliveries.
///
/// Every step keeps the fingerprint, in the warm function; the result is checked in a fresh
/// process, and if it does not hold there, the confirmed case is returned as it was.
pub(crate) async fn shrink(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    confirmed: &Confirmed,
) -> Result<Confirmed, EngineError> {
    let started = Instant::now();
    let needed = needed_points(confirmed);
    let grade = confirmed.case.grade();
    let mut best = Rc::clone(&confirmed.case);
    let mut tries = 0;
    'smaller: loop {
        for candidate in reductions(&best, &needed) {
            if tries >= MOST_TRIES - 1 || started.elapsed() > MOST_TIME {
                break 'smaller;
            }
            // A smaller event that fewer people can make says less.
            if candidate.grade() > grade {
                continue;
            }
            tries += 1;
            let candidate = Rc::new(candidate.with_fresh_nonces(nonces));
            let observation = invoker.deliver_and_settle(&candidate).await?;
            // An event on which the runtime itself fails would prove nothing, however small.
            if same_sighting(&candidate, &observation, &confirmed.sighting).is_some()
                && !is_runtimes_own(invoker, &confirmed.sighting, &candidate.sent().bytes).await?
            {
                best = candidate;
                continue 'smaller;
            }
        }
        break;
    }
    if !Rc::ptr_eq(&best, &confirmed.case) {
        let fresh = Rc::new(best.with_fresh_nonces(nonces));
        let observation = invoker.deliver_fresh(&fresh).await?;
        if let Some(mut sighting) = same_sighting(&fresh, &observation, &confirmed.sighting) {
            // Unobserved processes do not tell.
            sighting.place = sighting.place.or_else(|| confirmed.sighting.place.clone());
            let mut reliability = confirmed.reliability;
            reliability.shown += 1;
            reliability.of += 1;
            return Ok(Confirmed { case: fresh, sighting, reliability });
        }
    }
    Ok(Confirmed {
        case: Rc::clone(&confirmed.case),
        sighting: confirmed.sighting.clone(),
        reliability: confirmed.reliability,
    })
}

/// The smallest part of the event that still shows the finding, as JSON that only a direct
/// invocation could deliver: what the function really looks at.
///
/// Removes members and elements, outermost first, while the fingerprint stays. `None` where the
/// payload cannot be seen in the JSON (base64), so that its nonce cannot be renewed.
pub(crate) async fn core(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    confirmed: &Confirmed,
) -> Result<Option<Value>, EngineError> {
    let mut event = confirmed.case.render().event;
    let text = event.to_string();
    if confirmed.case.nonces().iter().any(|nonce| !text.contains(nonce.as_str())) {
        return Ok(None);
    }
    let most = if confirmed.sighting.oracle == OracleId::Timeout { 0 } else { MOST_CORE_TRIES };
    let started = Instant::now();
    let mut queue = VecDeque::from(children("", &event));
    let mut tries = 0;
    while let Some(pointer) = queue.pop_front() {
        if tries >= most || started.elapsed() > MOST_TIME {
            break;
        }
        let mut smaller = event.clone();
        if !remove(&mut smaller, &pointer) {
            continue;
        }
        tries += 1;
        let fresh = Rc::new(confirmed.case.with_fresh_nonces(nonces));
        let mut text = smaller.to_string();
        for (old, new) in confirmed.case.nonces().iter().zip(fresh.nonces()) {
            text = text.replace(old.as_str(), new.as_str());
        }
        let bytes = text.into_bytes();
        let observation = invoker.deliver_bytes_and_settle(&fresh, bytes.clone()).await?;
        if same_sighting(&fresh, &observation, &confirmed.sighting).is_some()
            && !is_runtimes_own(invoker, &confirmed.sighting, &bytes).await?
        {
            event = smaller;
        } else if let Some(value) = event.pointer(&pointer) {
            queue.extend(children(&pointer, value));
        }
    }
    Ok(Some(event))
}

/// Pointers to everything directly inside `value`. Elements come last first, so that removing
/// one leaves the pointers to the others as they are.
fn children(pointer: &str, value: &Value) -> Vec<String> {
    let mut all = raw::children(pointer, value);
    if value.is_array() {
        all.reverse();
    }
    all
}

/// Points that must stay: the one that fired.
fn needed_points(confirmed: &Confirmed) -> Vec<Locator> {
    let Some(nonce) = &confirmed.sighting.nonce else { return Vec::new() };
    let case: &TestCase = &confirmed.case;
    case.render()
        .planted
        .into_iter()
        .filter(|planted| planted.nonce == *nonce)
        .map(|planted| planted.point.locator)
        .collect()
}

#[cfg(test)]
mod tests;
