//! From a sighting to a finding: again in a fresh process with fresh nonces, and not with the twin.

use std::rc::Rc;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::edit::Edit;
use evfuzz_generators::nonce::NonceSource;

use crate::error::EngineError;
use crate::finding::{OracleId, Reliability};
use crate::invoke::Invoker;
use crate::judge::{Sighting, judge};
use crate::observe::Observation;

/// A sighting that repeated, with the smallest case that is known to show it.
pub(crate) struct Confirmed {
    pub(crate) case: Rc<TestCase>,
    pub(crate) sighting: Sighting,
    pub(crate) reliability: Reliability,
}

/// How often a sighting is given a chance to repeat.
const ATTEMPTS: u32 = 2;

/// Earlier test cases that are tried when a process died and the current one is innocent.
const EARLIER_SUSPECTS: usize = 3;

/// Tries to confirm `sighting` of `case`. `innocent`: a valid event that the function answers,
/// used as the twin of cases without payloads.
pub(crate) async fn confirm(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    case: &Rc<TestCase>,
    sighting: &Sighting,
    innocent: Option<&TestCase>,
) -> Result<Option<Confirmed>, EngineError> {
    let mut suspects = vec![];
    suspects.extend(narrowed(case, sighting).map(Rc::new));
    suspects.push(Rc::clone(case));
    if matches!(sighting.oracle, OracleId::ProcessExit | OracleId::UnhandledRejection) {
        // Work that an earlier event left behind may have ended the process.
        let earlier = invoker.suspects().into_iter().filter(|it| !Rc::ptr_eq(it, case));
        suspects.extend(earlier.take(EARLIER_SUSPECTS));
    }
    for suspect in suspects {
        let mut shown = 1;
        let mut of = 1;
        let mut again = None;
        for _ in 0..ATTEMPTS {
            let fresh = Rc::new(suspect.with_fresh_nonces(nonces));
            let observation = invoker.deliver_fresh(&fresh).await?;
            of += 1;
            if let Some(same) = same_sighting(&fresh, &observation, sighting) {
                shown += 1;
                again = Some((fresh, same));
                break;
            }
        }
        let Some((fresh, same)) = again else { continue };
        if twin_shows_it(invoker, &fresh, sighting, innocent).await? {
            return Ok(None);
        }
        return Ok(Some(Confirmed { case: fresh, sighting: same, reliability: Reliability { shown, of } }));
    }
    Ok(None)
}

/// The sighting in `observation` that is the same finding as `wanted`.
pub(crate) fn same_sighting(case: &TestCase, observation: &Observation, wanted: &Sighting) -> Option<Sighting> {
    judge(case, observation).into_iter().find(|it| it.fingerprint() == wanted.fingerprint())
}

/// The case without the payloads that did not fire.
fn narrowed(case: &TestCase, sighting: &Sighting) -> Option<TestCase> {
    let wanted = sighting.nonce.as_ref()?;
    let mut narrow = case.clone();
    narrow.edits.retain(|edit| match edit {
        Edit::Plant { nonce, .. } => nonce == wanted,
        _ => true,
    });
    (narrow.edits.len() < case.edits.len()).then_some(narrow)
}

async fn twin_shows_it(
    invoker: &mut Invoker<'_>,
    case: &TestCase,
    sighting: &Sighting,
    innocent: Option<&TestCase>,
) -> Result<bool, EngineError> {
    let by_payload = sighting.nonce.is_some();
    let twin = if by_payload {
        case.twin()
    } else if case.edits.is_empty() {
        match innocent {
            Some(innocent) => innocent.clone(),
            // Nothing to compare with: the valid event itself is the case.
            None => return Ok(true),
        }
    } else {
        TestCase::new(case.seed.clone())
    };
    let twin = Rc::new(twin);
    let observation = invoker.deliver_fresh(&twin).await?;
    Ok(same_sighting(&twin, &observation, sighting).is_some())
}
