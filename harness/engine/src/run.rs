//! A run: baseline, planting, mutation, and for every hit confirm, shrink, record.
//!
//! One shard per worker: a thread with its own event loop, function process, canaries and share
//! of the plan, all on one core. Shards share findings and counters, never an invocation.

use std::collections::BTreeMap;
use std::path::Path;

use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::dictionary::Dictionary;
use evfuzz_generators::mutate::Material;
use evfuzz_generators::pool::Pool;
use evfuzz_generators::source::EventSource;
use evfuzz_generators::values::Values;

use crate::budget::{Budget, Meter, Stop};
use crate::control::Control;
use crate::corpus::{Corpus, FunctionRef};
use crate::error::EngineError;
use crate::events::{RunEvent, Summary};
use crate::invoke::Invoker;
use crate::plan::{Robustness, Share, classes};
use crate::record::Record;
use crate::session::Session;
use crate::shard::{Shard, ShardEnd, Task};
use crate::suppress::Suppression;
use crate::survival::Survival;

/// What a run does.
#[derive(Clone, Debug)]
pub struct RunConfig {
    /// When it ends.
    pub budget: Budget,
    /// Drives all choices: the same number, one worker, a deterministic function and the same stored findings give the
    /// same run.
    pub rng_seed: u64,
    /// Number of shards.
    pub workers: usize,
    /// Event sources to fuzz; empty: those that the function seems to expect.
    pub sources: Vec<EventSource>,
    /// Events of the user, tried first.
    pub events: Vec<Seed>,
    /// Whether forged events are tried, too.
    pub robustness: Robustness,
    /// Words of the user, for random edits.
    pub dictionary: Dictionary,
    /// Values of the user for places of events: valid events are tried with them, and random edits use them.
    pub values: Values,
    /// Findings that are not reported.
    pub suppressions: Vec<Suppression>,
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
    let (suppressions, timeout) = (&config.suppressions, session.timeout());
    let record = Record::new(&config.corpus, &config.function, config.rng_seed, timeout, suppressions, emit);
    let mut lexicon = session.lexicon().clone();
    for seed in &config.events {
        lexicon.learn_event(&TestCase::new(seed.clone()).render().event);
    }
    let classes = classes(session.target().runtime.language(), session.lexicon());
    let pool = known_parts(config);
    let (dictionary, values) = (&config.dictionary, &config.values);
    let material = Material { lexicon: &lexicon, classes: &classes, dictionary, values, pool: &pool };
    let workers = config.workers.max(1);
    let cores = cores(workers);
    let ends: Vec<Result<ShardEnd, EngineError>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|shard| {
                let (meter, record) = (&meter, &record);
                let core = cores.get(shard).copied();
                let share = Share { shard, shards: workers };
                scope.spawn(move || {
                    let end = run_shard(session, config, material, meter, record, share, core);
                    if !matches!(end, Ok(ShardEnd { failure: None, .. })) {
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
    let (mut outlives, mut short_lived) = (false, None);
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
        failure = failure.or(end.failure);
        // Only one of the shards looks.
        summary.unused_words.extend(end.unused.words);
        summary.unused_places.extend(end.unused.places);
        summary.points.extend(end.points);
        summary.processes += end.processes;
        summary.ended += end.ended;
        summary.fuzzed += end.fuzzed;
        match end.survival {
            Survival::Unknown => {}
            Survival::Outlives(_) => outlives = true,
            Survival::Ends(ending) => short_lived = Some(ending.how),
        }
        responded |= end.responded;
        reasons.extend(end.reasons);
    }
    summary.short_lived = short_lived.filter(|_| !outlives);
    summary.interrupted = meter.stopped();
    summary.source_map_note = session.source().note();
    summary.observer_note = session.observer_note();
    let same = reasons.len() == 1 && !responded;
    summary.always_fails = reasons.into_values().next().filter(|_| same);
    (summary, failure)
}

/// Parts of the events of the user, and of those that are stored with findings.
fn known_parts(config: &RunConfig) -> Pool {
    let mut pool = Pool::new();
    for seed in &config.events {
        pool.learn(seed);
    }
    // What cannot be read is told when it is replayed.
    let (stored, _) = Corpus::load(config.corpus.folder()).unwrap_or_default();
    for it in stored {
        pool.learn_case(&it.finding.case);
    }
    pool
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

/// One shard, from its first event to the end of its processes. An `Err`: it could not be set up.
fn run_shard(
    session: &Session,
    config: &RunConfig,
    material: Material<'_>,
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
    let task = Task {
        events: &config.events,
        sources: &config.sources,
        public_keys: session.public_keys(),
        timeout: session.timeout(),
        material,
        rng_seed: config.rng_seed,
        language: session.target().runtime.language(),
        robustness: config.robustness,
        share,
    };
    event_loop()?.block_on(async {
        let canary_dir = session.canary_dir(share.shard);
        let invoker = invoker(session, &canary_dir, meter, share.shard, core)?;
        let mut shard = Shard::new(invoker, &task, meter, record);
        let ran = tokio::select! {
            biased;
            ran = shard.run(&task) => ran,
            // Wherever it waits: what it has learnt is in the shard, what it has found is stored.
            () = meter.interrupted() => Ok(()),
        };
        Ok(shard.end(ran).await)
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
    let (source, secrets) = (session.source(), session.secrets());
    let [observed, unobserved] = session.pools(shard, core);
    Invoker::new(observed, unobserved, canary_dir, source, secrets, meter, control)
}
