//! A run: baseline, planting, mutation, and for every hit confirm, shrink, record.
//!
//! One shard per worker: a thread with its own event loop, function process, canaries and share
//! of the plan, all on one core. Shards share findings and counters, never an invocation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::edit::Edit;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::point::Locator;
use evfuzz_generators::source::EventSource;

use crate::baseline::{Baseline, Reaction, baseline, describe_failure};
use crate::budget::{Budget, Meter, Stop};
use crate::confirm::{Confirmed, Verdict, confirm};
use crate::control::Control;
use crate::corpus::{Corpus, FunctionRef};
use crate::error::EngineError;
use crate::events::{RunEvent, SourceVerdict, Summary};
use crate::finding::Finding;
use crate::invoke::{Invoker, Seen};
use crate::judge::{Sighting, Standing, judge, shape};
use crate::plan::{Plan, Share, classes};
use crate::record::Record;
use crate::session::Session;
use crate::shrink::{core, shrink};

/// What a run does.
#[derive(Clone, Debug)]
pub struct RunConfig {
    /// When it ends.
    pub budget: Budget,
    /// Drives all choices: the same number, one worker and a deterministic function give the
    /// same run.
    pub rng_seed: u64,
    /// Number of shards.
    pub workers: usize,
    /// Event sources to fuzz; empty: those that the function seems to expect.
    pub sources: Vec<EventSource>,
    /// Events of the user, tried first.
    pub events: Vec<Seed>,
    /// What findings say about the function.
    pub function: FunctionRef,
    /// Where findings are stored.
    pub corpus: Corpus,
}

/// Runs until the budget ends or `stop` is requested. Blocks.
///
/// Findings are stored as soon as they are confirmed. An error of one shard ends all of them; the
/// summary says what was found until then.
pub fn run(
    session: &Session,
    config: &RunConfig,
    stop: &Stop,
    emit: &(dyn Fn(RunEvent) + Sync),
) -> (Summary, Option<EngineError>) {
    let meter = Meter::new(config.budget, stop);
    let record = Record::new(&config.corpus, &config.function, config.rng_seed, session.timeout(), emit);
    let mut lexicon = session.lexicon().clone();
    for seed in &config.events {
        lexicon.learn_event(&TestCase::new(seed.clone()).render().event);
    }
    let workers = config.workers.max(1);
    let cores = cores(workers);
    let ends: Vec<Result<ShardEnd, EngineError>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|shard| {
                let (meter, record, lexicon) = (&meter, &record, &lexicon);
                let core = cores.get(shard).copied();
                let share = Share { shard, shards: workers };
                scope.spawn(move || {
                    let end = run_shard(session, config, lexicon, meter, record, share, core);
                    if end.is_err() {
                        meter.give_up();
                    }
                    end
                })
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut summary = record.finish(&meter);
    let mut reasons = BTreeMap::new();
    let mut responded = false;
    let mut failure = None;
    for end in ends {
        let end = match end {
            Ok(end) => end,
            Err(error) => {
                failure = failure.or(Some(error));
                continue;
            }
        };
        for (row, count) in end.unsendable {
            *summary.unsendable.entry(row).or_insert(0) += count;
        }
        summary.points.extend(end.points);
        summary.processes += end.processes;
        responded |= end.responded;
        reasons.extend(end.reasons);
    }
    summary.interrupted = meter.stopped();
    summary.source_map_note = session.source().note();
    let same = reasons.len() == 1 && !responded;
    summary.always_fails = reasons.into_values().next().filter(|_| same);
    (summary, failure)
}

/// Cores for the shards, empty where pinning makes no sense.
///
/// Client and server on one core are two to three times faster than on two. Runs that are
/// started at the same time should not all take the first core, so the process id decides.
fn cores(workers: usize) -> Vec<usize> {
    let Ok(allowed) = rustix::thread::sched_getaffinity(None) else { return Vec::new() };
    let allowed: Vec<usize> =
        (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    if allowed.is_empty() || workers > allowed.len() {
        return Vec::new();
    }
    let first = std::process::id() as usize;
    (0..workers).map(|shard| allowed[(first + shard) % allowed.len()]).collect()
}

struct ShardEnd {
    points: BTreeSet<(EventSource, String)>,
    unsendable: BTreeMap<(EventSource, String, &'static str), u64>,
    processes: u64,
    responded: bool,
    /// Failures without what varies in their text, with one example each.
    reasons: BTreeMap<String, String>,
}

fn run_shard(
    session: &Session,
    config: &RunConfig,
    lexicon: &Lexicon,
    meter: &Meter<'_>,
    record: &Record<'_>,
    share: Share,
    core: Option<usize>,
) -> Result<ShardEnd, EngineError> {
    if let Some(core) = core {
        let mut cores = rustix::thread::CpuSet::new();
        cores.set(core);
        // Best effort: without it only speed suffers.
        let _ = rustix::thread::sched_setaffinity(None, &cores);
    }
    event_loop()?.block_on(async {
        let canary_dir = session.canary_dir(share.shard);
        let invoker = invoker(session, &canary_dir, meter, share.shard, core)?;
        let shard = Shard {
            invoker,
            nonces: NonceSource::new(config.rng_seed ^ (share.shard as u64) << 48),
            record,
            meter,
            share,
            innocents: Vec::new(),
            responded: false,
            reasons: BTreeMap::new(),
        };
        shard.run(session, config, lexicon).await
    })
}

/// Where functions are served: all that belongs to one of them happens in one thread.
///
/// # Errors
///
/// Returns [`EngineError::Worker`] if the system does not grant what it needs.
pub fn event_loop() -> Result<tokio::runtime::Runtime, EngineError> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(|source| EngineError::Worker { source })
}

/// An invoker for one shard of `session`.
pub(crate) fn invoker<'a>(
    session: &'a Session,
    canary_dir: &Path,
    meter: &'a Meter<'a>,
    shard: usize,
    core: Option<usize>,
) -> Result<Invoker<'a>, EngineError> {
    let control = Control::new(session.echo(shard, core));
    Invoker::new(session.pool(shard, core), canary_dir, session.source(), meter, control)
}

struct Shard<'a> {
    invoker: Invoker<'a>,
    nonces: NonceSource,
    record: &'a Record<'a>,
    meter: &'a Meter<'a>,
    share: Share,
    /// Valid events that the function answers: the twins of unusual valid events.
    innocents: Vec<TestCase>,
    responded: bool,
    reasons: BTreeMap<String, String>,
}

impl Shard<'_> {
    async fn run(
        mut self,
        session: &Session,
        config: &RunConfig,
        lexicon: &Lexicon,
    ) -> Result<ShardEnd, EngineError> {
        self.phase("baseline");
        let baseline = baseline(&mut self.invoker, lexicon, &config.events, &config.sources).await?;
        self.take_note(&baseline);
        for (case, sighting) in baseline.failures {
            if self.meter.open() {
                self.consider(&case, sighting).await?;
            }
        }
        let classes = classes(session.target().runtime.language());
        let mut plan = Plan::new(baseline.seeds, &classes, lexicon, config.rng_seed, self.share);
        let mut phase = "";
        while self.meter.open() {
            if phase != plan.phase() {
                phase = plan.phase();
                self.phase(phase);
            }
            let Some(planned) = plan.next(lexicon, &mut self.nonces) else { break };
            let seen = self.invoker.deliver(&planned.case).await?;
            plan.learn(&planned, &seen[0].observation);
            self.cover(&planned.case);
            self.judge(seen).await?;
            self.record.progress(self.meter, self.share.shard, plan.behaviours());
        }
        let late = self.invoker.settle().await;
        self.judge(late).await?;
        let end = ShardEnd {
            points: plan.points(),
            unsendable: plan.unsendable(),
            processes: self.invoker.processes(),
            responded: self.responded,
            reasons: self.reasons,
        };
        self.invoker.close().await;
        Ok(end)
    }

    fn phase(&self, phase: &'static str) {
        if self.share.shard == 0 {
            self.record.emit(RunEvent::PhaseStarted { phase });
        }
    }

    fn take_note(&mut self, baseline: &Baseline) {
        // The plainest first: what stands in the function's own code may be what makes it fail, and
        // a function that fails after its answer seems to take it.
        for known in baseline.seeds.iter().rev() {
            if known.reaction != Reaction::Fails {
                self.responded = true;
                self.innocents.push(TestCase::new(known.seed.clone()));
            }
        }
        for (source, verdict) in &baseline.verdicts {
            if let SourceVerdict::FailsOnValidEvents { reason } = verdict {
                self.reasons.insert(shape(reason), reason.clone());
            }
            if self.share.shard == 0 {
                self.record.emit(RunEvent::BaselineFinished { source: *source, verdict: verdict.clone() });
            }
        }
    }

    fn cover(&self, case: &TestCase) {
        let planted = case.render().planted;
        let planted = planted.into_iter().map(|it| (it.point.path().to_owned(), it.payload.class.id()));
        self.record.cover(case.seed.source, planted);
    }

    async fn judge(&mut self, seen: Vec<Seen>) -> Result<(), EngineError> {
        for Seen { case, observation } in seen {
            if observation.outcome.is_some() {
                if Reaction::of(&observation) == Reaction::Fails {
                    if self.reasons.len() < 8 {
                        let reason = describe_failure(&observation);
                        self.reasons.insert(shape(&reason), reason);
                    }
                } else {
                    self.responded = true;
                }
            }
            for sighting in judge(&case, &observation) {
                self.consider(&case, sighting).await?;
            }
        }
        Ok(())
    }

    /// Confirms, records and shrinks one sighting.
    async fn consider(&mut self, case: &Rc<TestCase>, sighting: Sighting) -> Result<(), EngineError> {
        if sighting.standing == Standing::Listed {
            self.record.list(&sighting, case.seed.source);
            return Ok(());
        }
        if !self.record.take_on(&sighting) {
            return Ok(());
        }
        let verdict = confirm(&mut self.invoker, &mut self.nonces, case, &sighting, &self.innocents).await?;
        let confirmed = match verdict {
            Verdict::Confirmed(confirmed) => confirmed,
            Verdict::Unconfirmed => {
                self.record.did_not_repeat(&sighting);
                return Ok(());
            }
            Verdict::RuntimeFails => {
                self.record.runtime_fails(&sighting);
                let title = format!(
                    "the runtime fails on this event, whatever the function does: {}",
                    sighting.title
                );
                self.record.list(&Sighting { title, ..sighting }, case.seed.source);
                return Ok(());
            }
        };
        self.record.confirmed(self.finding(&confirmed), self.meter.elapsed());
        if !self.meter.stopped() {
            let meter = self.meter;
            let smaller =
                shrink(&mut self.invoker, &mut self.nonces, &confirmed, || !meter.stopped()).await?;
            let core = core(&mut self.invoker, &mut self.nonces, &smaller, || !meter.stopped()).await?;
            self.record.shrunk(Finding { core, ..self.finding(&smaller) });
        }
        // What was tried while shrinking may have left the function in an odd state.
        self.invoker.retire();
        Ok(())
    }

    fn finding(&self, confirmed: &Confirmed) -> Finding {
        let sighting = &confirmed.sighting;
        Finding {
            fingerprint: sighting.fingerprint(),
            oracle: sighting.oracle,
            title: sighting.title.clone(),
            point: sighting.point.clone().or_else(|| changed_part(&confirmed.case)),
            place: sighting.place.clone(),
            evidence: sighting.evidence.clone(),
            reliability: confirmed.reliability,
            invocation: self.meter.delivered(),
            case: (*confirmed.case).clone(),
            core: None,
        }
    }
}

/// The part of the event that was changed, for findings that no payload names. `None` while several
/// parts are changed: shrinking will tell.
fn changed_part(case: &TestCase) -> Option<String> {
    let [edit] = case.edits.as_slice() else { return None };
    let located = |at: &Locator| {
        let points = case.points().into_iter().chain(TestCase::new(case.seed.clone()).points());
        points.into_iter().find(|point| point.locator == *at).map(|point| point.path().to_owned())
    };
    let part = match edit {
        Edit::Plant { at, .. }
        | Edit::SetText { at, .. }
        | Edit::SetNode { at, .. }
        | Edit::Add { at, .. }
        | Edit::Remove { at } => return located(at),
        Edit::Method(_) => "the method",
        Edit::Path(_) => "the path",
        Edit::ContentType(_) => "the content type",
        Edit::DropBody => "the body is absent",
        Edit::DropQuery => "the query is absent",
        Edit::DropHeaders => "the headers are absent",
        Edit::DuplicateRecord { .. } => "a record comes twice",
        Edit::RemoveRecord { .. } => "a record is missing",
        Edit::ReceiveCount { .. } => "the message comes again",
        Edit::Operation { .. } => "the kind of write",
        Edit::ViewType(_) => "what the stream shows",
        Edit::EventName(_) => "the kind of notification",
        Edit::Size(_) => "the size of the object",
    };
    Some(part.to_owned())
}
