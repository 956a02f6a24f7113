//! Replay: stored events again, byte for byte, then with fresh nonces.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::forge::TokenPlace;
use evfuzz_generators::nonce::NonceSource;

use crate::budget::{Budget, Meter, Stop};
use crate::confirm::is_runtimes_own;
use crate::corpus::StoredFinding;
use crate::endurance::{Endured, endure};
use crate::error::EngineError;
use crate::finding::{Fingerprint, OracleId};
use crate::forgery::{forge, grants};
use crate::growth::{is_cheap, measure};
use crate::invoke::{Invoker, View};
use crate::judge::{Standing, judge};
use crate::observe::Observation;
use crate::pair::shown_in_pair;
use crate::run::{event_loop, invoker};
use crate::session::Session;

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The stored event and its fresh copy both show the finding.
    StillFailing,
    /// None of them does, twice.
    Fixed,
    /// Sometimes.
    Flaky,
    /// It was not shown, and what would show that it is mended was not seen either: the function refused to be measured.
    Undecided,
}

impl Verdict {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::StillFailing => "STILL FAILING",
            Verdict::Fixed => "FIXED",
            Verdict::Flaky => "FLAKY",
            Verdict::Undecided => "UNDECIDED",
        }
    }
}

/// One replayed finding.
#[derive(Clone, Debug)]
pub struct ReplayReport {
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// What became of it.
    pub verdict: Verdict,
    /// How often it was shown, of how many deliveries.
    pub shown: u32,
    /// Deliveries.
    pub of: u32,
}

/// Deliveries to one process of what is known to happen only now and then.
const WARM: u32 = 64;

/// Replays `findings` of one function, in fresh processes. `tell` hears of each as it is done.
///
/// Ends early, with what is done, when `stop` is requested.
pub fn replay(
    session: &Session,
    findings: &[StoredFinding],
    stop: &Stop,
    tell: &mut dyn FnMut(&StoredFinding, &ReplayReport),
) -> Result<Vec<ReplayReport>, EngineError> {
    let meter = Meter::new(Budget { time: None, invocations: None }, stop);
    event_loop()?.block_on(async {
        let mut invoker = invoker(session, &session.canary_dir(0), &meter, 0, None)?;
        invoker.be_patient();
        let mut reports = Vec::new();
        let all = async {
            for (number, finding) in findings.iter().enumerate() {
                // Fresh nonces must differ from stored ones: another stream for each finding.
                let mut nonces = NonceSource::new(u64::MAX - number as u64);
                let report = replay_one(&mut invoker, &mut nonces, finding, session.public_keys()).await?;
                tell(finding, &report);
                reports.push(report);
            }
            Ok::<(), EngineError>(())
        };
        tokio::select! {
            biased;
            () = meter.interrupted() => {}
            replayed = all => replayed?,
        }
        invoker.close().await;
        Ok(reports)
    })
}

async fn replay_one(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    stored: &StoredFinding,
    public: &[String],
) -> Result<ReplayReport, EngineError> {
    invoker.look(View::of(stored.finding.oracle));
    if stored.finding.oracle == OracleId::CpuGrowth {
        return measured_again(invoker, stored).await;
    }
    if stored.finding.oracle == OracleId::TokenForgery {
        return forged_again(invoker, nonces, stored, public).await;
    }
    if stored.finding.oracle == OracleId::MemoryGrowth {
        return endured_again(invoker, nonces, stored).await;
    }
    if let Some(before) = &stored.finding.before {
        return paired_again(invoker, nonces, stored, before).await;
    }
    let mut shown = 0;
    let mut of = 0;
    // Two rounds where the first does not agree with itself, or says that all is well: a single
    // quiet replay is not enough to call a finding fixed.
    for _ in 0..2 {
        let case = Rc::new(stored.finding.case.clone());
        let sent = case.sent();
        let observation = invoker.deliver_bytes_fresh(&case, &sent, stored.event.clone()).await?;
        shown += u32::from(shows(invoker, stored, &case, &observation, &stored.event).await?);
        let fresh = Rc::new(case.with_fresh_nonces(nonces));
        let observation = invoker.deliver_fresh(&fresh).await?;
        let event = fresh.sent().bytes;
        shown += u32::from(shows(invoker, stored, &fresh, &observation, &event).await?);
        of += 2;
        if shown == of {
            break;
        }
    }
    let is_flaky = stored.finding.reliability.shown < stored.finding.reliability.of;
    if shown == 0 && is_flaky {
        // It may need a process that has handled other events.
        for _ in 0..WARM {
            let fresh = Rc::new(stored.finding.case.with_fresh_nonces(nonces));
            let event = fresh.sent().bytes;
            of += 1;
            for seen in invoker.deliver(&fresh).await? {
                let is_own = Rc::ptr_eq(&seen.case, &fresh);
                if is_own && shows(invoker, stored, &fresh, &seen.observation, &event).await? {
                    shown += 1;
                }
            }
            if shown > 0 {
                break;
            }
        }
    }
    Ok(report(stored, shown, of))
}

/// What is said where nothing was shown, but for the reason that nothing could be measured.
fn undecided_unless(is_mended: bool, report: ReplayReport) -> ReplayReport {
    match report.verdict {
        Verdict::Fixed if !is_mended => ReplayReport { verdict: Verdict::Undecided, ..report },
        _ => report,
    }
}

fn report(stored: &StoredFinding, shown: u32, of: u32) -> ReplayReport {
    let verdict = match shown {
        0 => Verdict::Fixed,
        _ if shown == of => Verdict::StillFailing,
        _ => Verdict::Flaky,
    };
    ReplayReport { fingerprint: stored.finding.fingerprint.clone(), verdict, shown, of }
}

/// What is seen of the stored event alone says nothing: its CPU time has to grow.
async fn measured_again(
    invoker: &mut Invoker<'_>,
    stored: &StoredFinding,
) -> Result<ReplayReport, EngineError> {
    let timeout = Duration::from_millis(stored.timeout_ms);
    let (mut shown, mut of) = (0, 0);
    for _ in 0..2 {
        of += 1;
        if let Some((case, observation)) = measure(invoker, &stored.finding.case, timeout).await? {
            shown += u32::from(!judge(&case, &observation).is_empty());
        }
        if shown == of {
            break;
        }
    }
    let is_mended = shown > 0 || is_cheap(invoker, &stored.finding.case, timeout).await?;
    Ok(undecided_unless(is_mended, report(stored, shown, of)))
}

/// The others have to be refused.
async fn forged_again(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    stored: &StoredFinding,
    public: &[String],
) -> Result<ReplayReport, EngineError> {
    let seed = &stored.finding.case.seed;
    let mut shown = 0;
    for place in TokenPlace::all_in(&TestCase::new(Arc::clone(seed))) {
        let is_there = Some(&place.path) == stored.finding.point.as_ref();
        if is_there && forge(invoker, nonces, seed, &place, public).await?.is_some() {
            shown = 1;
        }
    }
    let case = Rc::new(stored.finding.case.clone());
    let is_refused = shown > 0 || {
        let observation = invoker.deliver_fresh(&case).await?;
        !grants(seed.source, &observation)
    };
    Ok(undecided_unless(is_refused, report(stored, shown, 1)))
}

/// The event has to come again and again.
async fn endured_again(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    stored: &StoredFinding,
) -> Result<ReplayReport, EngineError> {
    let ended = endure(invoker, nonces, &stored.finding.case).await?;
    let is_flat = matches!(ended, Endured::Flat);
    let seen = match ended {
        Endured::Ended(case, observation) => {
            judge(&case, &observation).iter().any(|it| it.oracle == OracleId::MemoryGrowth)
        }
        Endured::Flat | Endured::Unknown => false,
    };
    Ok(undecided_unless(is_flat, report(stored, u32::from(seen), 1)))
}

/// The event says nothing without the one before it.
async fn paired_again(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    stored: &StoredFinding,
    before: &TestCase,
) -> Result<ReplayReport, EngineError> {
    let finding = &stored.finding;
    let (mut shown, mut of) = (0, 0);
    for _ in 0..2 {
        of += 1;
        let again = shown_in_pair(invoker, nonces, before, &finding.case, &finding.fingerprint).await?;
        shown += u32::from(again.is_some());
        if shown == of {
            break;
        }
    }
    Ok(report(stored, shown, of))
}

/// Whether the observation shows the stored finding.
///
/// Findings that name an injection point are compared by oracle and point alone. The others are
/// compared by oracle: a line number moves with every edit of the code, and an error that now
/// comes from another line is still the same broken answer to the same event.
///
/// A failure of which the runtime itself is the cause, on this `event`, is not it.
async fn shows(
    invoker: &mut Invoker<'_>,
    stored: &StoredFinding,
    case: &TestCase,
    observation: &Observation,
    event: &[u8],
) -> Result<bool, EngineError> {
    let finding = &stored.finding;
    let seen = judge(case, observation).into_iter().find(|sighting| {
        sighting.standing == Standing::Candidate
            && sighting.oracle == finding.oracle
            && (sighting.point.is_none() || sighting.point == finding.point)
    });
    let Some(sighting) = seen else { return Ok(false) };
    Ok(!is_runtimes_own(invoker, &sighting, event).await?)
}
