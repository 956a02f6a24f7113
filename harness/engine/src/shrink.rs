//! Making a confirmed case smaller while it shows the same finding.

use std::rc::Rc;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::point::Locator;
use evfuzz_generators::reduce::reductions;

use crate::confirm::{Confirmed, same_sighting};
use crate::error::EngineError;
use crate::finding::OracleId;
use crate::invoke::Invoker;

/// Deliveries that one finding may cost.
const MOST_TRIES: u32 = 100;

/// As above, where each success costs a whole timeout.
const MOST_SLOW_TRIES: u32 = 6;

/// Shrinks `confirmed` with at most [`MOST_TRIES`] deliveries.
///
/// Every step keeps the fingerprint, in the warm function; the result is checked in a fresh
/// process, and if it does not hold there, the confirmed case is returned as it was.
/// `go_on` is asked before each try, so that a person's wish to stop is heard.
pub(crate) async fn shrink(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    confirmed: &Confirmed,
    go_on: impl Fn() -> bool,
) -> Result<Confirmed, EngineError> {
    let limit = if confirmed.sighting.oracle == OracleId::Timeout { MOST_SLOW_TRIES } else { MOST_TRIES };
    let needed = needed_points(confirmed);
    let mut best = Rc::clone(&confirmed.case);
    let mut tries = 0;
    'smaller: loop {
        for candidate in reductions(&best, &needed) {
            if tries >= limit - 1 || !go_on() {
                break 'smaller;
            }
            tries += 1;
            let candidate = Rc::new(candidate.with_fresh_nonces(nonces));
            let observation = invoker.deliver_and_settle(&candidate).await?;
            if same_sighting(&candidate, &observation, &confirmed.sighting).is_some() {
                best = candidate;
                continue 'smaller;
            }
        }
        break;
    }
    if !Rc::ptr_eq(&best, &confirmed.case) {
        let fresh = Rc::new(best.with_fresh_nonces(nonces));
        let observation = invoker.deliver_fresh(&fresh).await?;
        if let Some(sighting) = same_sighting(&fresh, &observation, &confirmed.sighting) {
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
