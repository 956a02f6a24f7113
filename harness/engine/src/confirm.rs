//! From a sighting to a finding: again in a fresh process with fresh nonces, and not with the twin.

use std::rc::Rc;
use std::time::{Duration, Instant};

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

/// What came of a sighting.
pub(crate) enum Verdict {
    /// The function does it.
    Confirmed(Confirmed),
    /// It did not happen again.
    Silent,
    /// It happens with a harmless event too.
    Ordinary,
    /// The runtime does it, with any function.
    RuntimeFails,
}

/// Deliveries of case and valid event in turns that have to differ every time.
const STEADY: u32 = 4;

/// A process can end by work that it left behind a good while after its answer, more so on a busy
/// machine.
pub(crate) const LATE: Duration = Duration::from_millis(100);

/// How long the search for the event that a late effect belongs to may take.
const LONGEST_SWEEP: Duration = Duration::from_secs(5);

/// How often a sighting is given a chance to repeat.
const ATTEMPTS: u32 = 2;

/// Tries to confirm `sighting` of `case`. `innocents`: valid events that the function answers, the
/// twins of unusual valid events.
pub(crate) async fn confirm(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    case: &Rc<TestCase>,
    sighting: &Sighting,
    innocents: &[TestCase],
) -> Result<Verdict, EngineError> {
    if sighting.oracle.comes_late() {
        invoker.wait_at_least(LATE);
    }
    let narrow = narrowed(case, sighting);
    // What a sender can make is worth more.
    let sendable = without_raw(narrow.as_ref().unwrap_or(case));
    let mut suspects: Vec<Rc<TestCase>> = [sendable, narrow].into_iter().flatten().map(Rc::new).collect();
    suspects.push(Rc::clone(case));
    for suspect in suspects {
        match trial(invoker, nonces, &suspect, sighting, innocents).await? {
            Verdict::Silent => {}
            told => return Ok(told),
        }
    }
    Ok(Verdict::Silent)
}

async fn trial(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    suspect: &Rc<TestCase>,
    sighting: &Sighting,
    innocents: &[TestCase],
) -> Result<Verdict, EngineError> {
    for attempt in 1..=ATTEMPTS {
        let fresh = Rc::new(suspect.with_fresh_nonces(nonces));
        let observation = invoker.deliver_fresh(&fresh).await?;
        let Some(mut same) = same_sighting(&fresh, &observation, sighting) else { continue };
        // Unobserved processes do not tell.
        same.place = same.place.or_else(|| sighting.place.clone());
        let Some((case, twin)) = against_twin(invoker, fresh, sighting, innocents).await? else {
            return Ok(Verdict::Ordinary);
        };
        let twin = twin.as_ref();
        if is_runtimes_own(invoker, sighting, &case.sent().bytes).await? {
            return Ok(Verdict::RuntimeFails);
        }
        if !is_steady(invoker, nonces, &case, twin, sighting).await? {
            return Ok(Verdict::Silent);
        }
        // The first sighting counts.
        let reliability = Reliability { shown: 2, of: attempt + 1 };
        return Ok(Verdict::Confirmed(Confirmed { case, sighting: same, reliability }));
    }
    Ok(Verdict::Silent)
}

/// Deliveries that tell how often something happens that did not happen again at first.
const MORE: u32 = 6;

/// How often `case` shows what a nonce of it has proven once. It is a finding all the same: nothing but the function can have
/// used that word.
pub(crate) async fn how_often(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    case: &Rc<TestCase>,
    sighting: &Sighting,
) -> Result<Confirmed, EngineError> {
    // The first sighting, and the attempts to confirm it.
    let mut reliability = Reliability { shown: 1, of: 1 + ATTEMPTS };
    let mut last = (Rc::clone(case), sighting.clone());
    for _ in 0..MORE {
        let fresh = Rc::new(case.with_fresh_nonces(nonces));
        let observation = invoker.deliver_fresh(&fresh).await?;
        reliability.of += 1;
        if let Some(same) = same_sighting(&fresh, &observation, sighting) {
            reliability.shown += 1;
            last = (fresh, same);
        }
    }
    let (case, sighting) = last;
    Ok(Confirmed { case, sighting, reliability })
}

/// Looks for the event whose work, left behind, ended the process in which `case` was handled. Delivers the last test cases
/// again, one by one, each with time for its background work: newest first, those whose nonce the log names before all.
///
/// Returns it with what it shows alone. That may look otherwise: what a process says before it ends stands in the
/// log of the event that it was given then.
pub(crate) async fn earlier(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    case: &Rc<TestCase>,
    sighting: &Sighting,
) -> Result<Option<(Rc<TestCase>, Sighting)>, EngineError> {
    let started = Instant::now();
    let said: Vec<&str> = sighting.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
    for suspect in invoker.suspects(&said.join(" ")) {
        if Rc::ptr_eq(&suspect, case) {
            continue;
        }
        if started.elapsed() > LONGEST_SWEEP {
            break;
        }
        let fresh = Rc::new(suspect.with_fresh_nonces(nonces));
        let observation = invoker.deliver_and_settle(&fresh).await?;
        let mut shown = judge(&fresh, &observation);
        shown.retain(|it| it.oracle.comes_late());
        let same = shown.iter().position(|it| it.fingerprint() == sighting.fingerprint()).unwrap_or(0);
        if same < shown.len() {
            return Ok(Some((suspect, shown.swap_remove(same))));
        }
    }
    Ok(None)
}

/// The sighting in `observation` that is the same finding as `wanted`.
pub(crate) fn same_sighting(
    case: &TestCase,
    observation: &Observation,
    wanted: &Sighting,
) -> Option<Sighting> {
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

/// The case without what was changed behind its sender's back, if both is there.
fn without_raw(case: &TestCase) -> Option<TestCase> {
    let mut plain = case.clone();
    plain.edits.retain(|edit| !matches!(edit, Edit::Raw(_)));
    (!plain.edits.is_empty() && plain.edits.len() < case.edits.len()).then_some(plain)
}

/// Holds `case` against its benign counterpart. Returns the case to report (itself, or its seed event
/// where that alone shows the sighting and another valid event does not) and the twin that does not
/// show it. No twin: every event shows it, which is a flaw nevertheless. `None`: nothing that this event does.
async fn against_twin(
    invoker: &mut Invoker<'_>,
    case: Rc<TestCase>,
    sighting: &Sighting,
    innocents: &[TestCase],
) -> Result<Option<(Rc<TestCase>, Option<TestCase>)>, EngineError> {
    if sighting.nonce.is_some() {
        let twin = case.twin();
        let shown = shows(invoker, twin.clone(), sighting).await?;
        return Ok((!shown).then_some((case, Some(twin))));
    }
    let seed = TestCase::new(case.seed.clone());
    if !case.edits.is_empty() && !shows(invoker, seed.clone(), sighting).await? {
        return Ok(Some((case, Some(seed))));
    }
    // The valid event itself is the case: does the function answer another one of this source?
    for innocent in innocents.iter().filter(|it| it.seed.source == seed.seed.source && **it != seed) {
        if !shows(invoker, innocent.clone(), sighting).await? {
            return Ok(Some((Rc::new(seed), Some(innocent.clone()))));
        }
    }
    Ok(sighting.oracle.holds_for_any_event().then(|| (Rc::new(seed), None)))
}

/// Whether a failure on `event` is the runtime's own. What a nonce proves is the function's, and so is what it tells.
pub(crate) async fn is_runtimes_own(
    invoker: &mut Invoker<'_>,
    sighting: &Sighting,
    event: &[u8],
) -> Result<bool, EngineError> {
    let of_function = sighting.nonce.is_some() || sighting.oracle.holds_for_any_event();
    Ok(!of_function && invoker.runtime_fails_on(event).await?)
}

/// Whether a sighting that no nonce proves follows the event and not chance: it repeats every time
/// with the case, and never with a valid event, in one process. Where there is no twin it has to repeat in processes of its
/// own: it may be what they say when they start.
///
/// A function that fails for three events in ten, whatever they are, passes here once in ten
/// thousand times.
async fn is_steady(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    case: &Rc<TestCase>,
    twin: Option<&TestCase>,
    sighting: &Sighting,
) -> Result<bool, EngineError> {
    // A timeout costs seconds, and does not come by chance.
    if sighting.nonce.is_some() || sighting.oracle == OracleId::Timeout {
        return Ok(true);
    }
    for _ in 0..STEADY {
        let fresh = Rc::new(case.with_fresh_nonces(nonces));
        let observation = match twin {
            Some(_) => invoker.deliver_and_settle(&fresh).await?,
            None => invoker.deliver_fresh(&fresh).await?,
        };
        if same_sighting(&fresh, &observation, sighting).is_none() {
            return Ok(false);
        }
        let Some(twin) = twin else { continue };
        let twin = Rc::new(twin.clone());
        let observation = invoker.deliver_and_settle(&twin).await?;
        if same_sighting(&twin, &observation, sighting).is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn shows(invoker: &mut Invoker<'_>, case: TestCase, sighting: &Sighting) -> Result<bool, EngineError> {
    let case = Rc::new(case);
    let observation = invoker.deliver_fresh(&case).await?;
    Ok(same_sighting(&case, &observation, sighting).is_some())
}
