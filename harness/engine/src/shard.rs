//! One shard of a run: a thread's own function process, canaries and share of the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::edit::Edit;
use evfuzz_generators::forge::TokenPlace;
use evfuzz_generators::grade::Grade;
use evfuzz_generators::mutate::Material;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::point::Locator;
use evfuzz_generators::source::EventSource;
use evfuzz_runtimes::Language;

use crate::baseline::{Baseline, KnownSeed, Reaction, baseline, describe_failure};
use crate::budget::Meter;
use crate::confirm::{Confirmed, LATE, Verdict, confirm, earlier, how_often};
use crate::endurance::{Endured, endure};
use crate::error::EngineError;
use crate::events::{RunEvent, SourceVerdict};
use crate::finding::{Evidence, Finding, OracleId, Reliability};
use crate::forgery::forge;
use crate::growth::{is_long, measure};
use crate::invoke::{Invoker, Seen, View};
use crate::judge::{Sighting, Standing, judge, shape};
use crate::observe::Observation;
use crate::pace::Pace;
use crate::pair::{Pair, confirm_pair};
use crate::plan::{Plan, Planned, Robustness, Share};
use crate::record::Record;
use crate::shrink::{core, shrink};
use crate::survival::Survival;

/// How long a process is watched after a valid event once something has ended it that did not repeat.
const LONG_AFTER: Duration = Duration::from_secs(1);

/// Work that nobody awaits may take its time before it is seen.
const LONG_WORK: Duration = Duration::from_millis(500);

/// Valid events of a source in which forged tokens are tried: some are refused for other reasons.
const MOST_FORGED: usize = 4;

/// Seen in two processes.
const TWICE: Reliability = Reliability { shown: 2, of: 2 };

/// What a shard is to do.
pub(crate) struct Task<'a> {
    /// Events of the user, tried first.
    pub(crate) events: &'a [Seed],
    /// Event sources to fuzz; empty: those that the function seems to expect.
    pub(crate) sources: &'a [EventSource],
    /// Public keys that lie with the function.
    pub(crate) public_keys: &'a [String],
    /// What the function is written in.
    pub(crate) language: Language,
    /// What an invocation may take.
    pub(crate) timeout: Duration,
    /// What is planted, and what random edits are made of.
    pub(crate) material: Material<'a>,
    pub(crate) rng_seed: u64,
    pub(crate) robustness: Robustness,
    pub(crate) share: Share,
}

/// What a shard has learnt.
pub(crate) struct ShardEnd {
    pub(crate) points: BTreeSet<(EventSource, String)>,
    pub(crate) unsendable: BTreeMap<(EventSource, String, &'static str), u64>,
    /// What a user gave that fits nowhere.
    pub(crate) unused: Unused,
    pub(crate) processes: u64,
    /// Those of them that ended by themselves.
    pub(crate) ended: u64,
    /// Events beyond the baseline.
    pub(crate) fuzzed: u64,
    pub(crate) survival: Survival,
    pub(crate) responded: bool,
    /// Failures without what varies in their text, with one example each.
    pub(crate) reasons: BTreeMap<String, String>,
    /// Why it ended early.
    pub(crate) failure: Option<EngineError>,
}

/// What a user gave that fits nowhere in the valid events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unused {
    /// Words of dictionaries, by the reason.
    pub(crate) words: BTreeMap<&'static str, usize>,
    /// Places with values.
    pub(crate) places: Vec<String>,
}

/// A shard at work.
pub(crate) struct Shard<'a> {
    invoker: Invoker<'a>,
    nonces: NonceSource,
    record: &'a Record<'a>,
    meter: &'a Meter<'a>,
    share: Share,
    /// `None`: the valid events come first.
    plan: Option<Plan>,
    unused: Unused,
    fuzzed: u64,
    survival: Survival,
    /// Valid events that the function answers: the twins of unusual valid events.
    innocents: Vec<TestCase>,
    /// Sources of which valid events are answered in the form that their sender is waiting for.
    in_form: BTreeSet<EventSource>,
    responded: bool,
    pace: Pace,
    /// Whether it has been looked for memory that grows: that takes long.
    endured: bool,
    reasons: BTreeMap<String, String>,
}

impl<'a> Shard<'a> {
    pub(crate) fn new(
        invoker: Invoker<'a>,
        task: &Task<'_>,
        meter: &'a Meter<'a>,
        record: &'a Record<'a>,
    ) -> Shard<'a> {
        Shard {
            invoker,
            nonces: NonceSource::new(task.rng_seed ^ (task.share.shard as u64) << 48),
            record,
            meter,
            share: task.share,
            plan: None,
            unused: Unused::default(),
            fuzzed: 0,
            survival: Survival::Unknown,
            innocents: Vec::new(),
            in_form: BTreeSet::new(),
            responded: false,
            pace: Pace::new(task.timeout),
            endured: false,
            reasons: BTreeMap::new(),
        }
    }

    /// Runs until the budget ends. It may be dropped at any await: what was learnt until then is kept.
    pub(crate) async fn run(&mut self, task: &Task<'_>) -> Result<(), EngineError> {
        self.phase("baseline");
        let (record, meter) = (self.record, self.meter);
        let told = || record.progress(meter);
        let baseline = baseline(&mut self.invoker, &task.material, task.events, task.sources, &told).await?;
        self.take_note(&baseline);
        if baseline.ended_late {
            // Before anything is looked into: most of what is seen then would be this.
            self.ends_after_answers(LATE).await?;
        }
        for (case, sighting) in baseline.failures {
            if self.meter.open() {
                self.consider(&case, sighting).await?;
            }
        }
        if self.share.shard == 0 {
            self.invoker.look(View::of(OracleId::TokenForgery));
            let forged = self.forge_tokens(&baseline.seeds, task.public_keys).await;
            self.invoker.look(View::Observed);
            forged?;
        }
        let plan = Plan::new(
            baseline.seeds,
            task.language,
            &task.material,
            task.rng_seed,
            self.share,
            task.robustness,
        );
        if self.share.shard == 0 {
            let (words, places) = (plan.unused_words(&task.material), plan.unused_places(&task.material));
            self.unused = Unused { words, places };
        }
        self.plan = Some(plan);
        let mut phase = "";
        while self.meter.open() && self.meter.is_due(self.fuzzed, self.share.shards) {
            let Some(plan) = &mut self.plan else { break };
            let next = plan.phase();
            let Some(planned) = plan.next(&task.material, &mut self.nonces) else { break };
            let Some(case) = self.pace.spared(Rc::clone(&planned.case)) else { continue };
            let planned = planned.with_case(case);
            if phase != next {
                phase = next;
                self.phase(phase);
            }
            let seen = self.invoker.deliver(&planned.case).await?;
            self.fuzzed += 1;
            self.learn(&planned, &seen[0].observation);
            self.cover(&planned.case);
            if self.pace.is_odd(&planned.case, &seen[0].observation) {
                self.measure(&planned.case).await?;
            }
            self.judge(seen).await?;
        }
        let late = self.invoker.settle().await;
        self.judge(late).await
    }

    /// Ends its processes, unless a failure has left them to the sandbox, and says what was learnt.
    pub(crate) async fn end(self, ran: Result<(), EngineError>) -> ShardEnd {
        let end = ShardEnd {
            points: self.plan.as_ref().map(Plan::points).unwrap_or_default(),
            unsendable: self.plan.as_ref().map(Plan::unsendable).unwrap_or_default(),
            unused: self.unused,
            processes: self.invoker.processes(),
            ended: self.invoker.ended(),
            fuzzed: self.fuzzed,
            survival: self.survival,
            responded: self.responded,
            reasons: self.reasons,
            failure: ran.err(),
        };
        if end.failure.is_none() {
            self.invoker.close().await;
        }
        end
    }

    fn learn(&mut self, planned: &Planned, observation: &Observation) {
        if let Some(plan) = &mut self.plan {
            plan.learn(planned, observation);
            self.record.behaviours(self.meter, self.share.shard, plan.behaviours());
        }
    }

    fn phase(&self, phase: &'static str) {
        if self.share.shard == 0 {
            self.record.emit(RunEvent::PhaseStarted { phase });
        }
    }

    fn take_note(&mut self, baseline: &Baseline) {
        self.in_form.clone_from(&baseline.in_form);
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
        let planted = case.sent().planted;
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

    /// Confirms, records and shrinks one sighting, in processes without an observer if it can be seen there: what those
    /// cost in time and memory is no function's fault.
    async fn consider(&mut self, case: &Rc<TestCase>, sighting: Sighting) -> Result<(), EngineError> {
        self.invoker.look(View::of(sighting.oracle));
        let considered = self.look_into(case, sighting).await;
        self.invoker.look(View::Observed);
        considered
    }

    async fn look_into(&mut self, case: &Rc<TestCase>, mut sighting: Sighting) -> Result<(), EngineError> {
        let (mut source, mut grade) = (case.seed.source, case.grade());
        if sighting.oracle.needs_answers_in_form() && !self.in_form.contains(&source) {
            return Ok(());
        }
        if sighting.standing == Standing::Listed {
            self.list(&sighting, source, grade);
            return Ok(());
        }
        // Of a long text the growth of its cost is what counts, and that was measured before: a busy machine takes as long.
        if sighting.oracle == OracleId::Timeout && (self.pace.explains(case) || is_long(case)) {
            return Ok(());
        }
        if self.survival.explains(&sighting) || !self.record.take_on(&sighting, grade) {
            return Ok(());
        }
        if sighting.oracle == OracleId::StateLeak {
            return self.look_into_pair(case, &sighting).await;
        }
        let Shard { invoker, nonces, innocents, .. } = self;
        let is_late = sighting.oracle == OracleId::WorkAfterAnswer;
        let before = is_late.then(|| invoker.wait_for(LONG_WORK));
        let mut verdict = confirm(invoker, nonces, case, &sighting, innocents).await?;
        if let Some(before) = before {
            invoker.wait_for(before);
        }
        if sighting.oracle.comes_late() && matches!(verdict, Verdict::Silent | Verdict::Ordinary) {
            if self.ends_after_answers(LONG_AFTER).await? {
                self.record.is_explained(&sighting);
                return Ok(());
            }
            let Shard { invoker, nonces, innocents, .. } = self;
            if let Verdict::Silent = verdict
                && let Some((suspect, shown)) = earlier(invoker, nonces, case, &sighting).await?
            {
                if shown.fingerprint() != sighting.fingerprint() {
                    self.record.is_explained(&sighting);
                    if !self.record.take_on(&shown, suspect.grade()) {
                        return Ok(());
                    }
                    sighting = shown;
                }
                verdict = confirm(invoker, nonces, &suspect, &sighting, innocents).await?;
                (source, grade) = (suspect.seed.source, suspect.grade());
            }
        }
        let confirmed = match verdict {
            Verdict::Confirmed(confirmed) => confirmed,
            Verdict::Silent => {
                if sighting.oracle == OracleId::OutOfMemory && !std::mem::replace(&mut self.endured, true) {
                    self.look_for_growth(case).await?;
                }
                if sighting.nonce.is_some() && sighting.oracle.is_proven_once() {
                    let Shard { invoker, nonces, .. } = self;
                    let confirmed = how_often(invoker, nonces, case, &sighting).await?;
                    self.report(confirmed);
                    return Ok(());
                }
                self.record.did_not_repeat(&sighting);
                return Ok(());
            }
            Verdict::Ordinary => {
                self.record.is_ordinary(&sighting);
                self.list(&also_without(sighting), source, grade);
                return Ok(());
            }
            Verdict::RuntimeFails => {
                self.record.is_explained(&sighting);
                let title = format!(
                    "the runtime fails on this event, whatever the function does: {}",
                    sighting.title
                );
                self.list(&Sighting { title, ..sighting }, source, grade);
                return Ok(());
            }
        };
        let first = self.finding(&confirmed);
        if self.record.suppress(&first) {
            return Ok(());
        }
        // Where several parts of an event were changed, only the smaller case tells which one it is.
        let is_unclear = first.point.is_none() && self.record.suppresses_fields();
        if !is_unclear {
            self.record.confirmed(first, self.meter.elapsed());
        }
        let smaller = shrink(&mut self.invoker, &mut self.nonces, &confirmed).await?;
        let core = core(&mut self.invoker, &mut self.nonces, &smaller).await?;
        let last = Finding { core, ..self.finding(&smaller) };
        if !is_unclear {
            self.record.shrunk(last);
        } else if !self.record.suppress(&last) {
            self.record.confirmed(last.clone(), self.meter.elapsed());
            self.record.shrunk(last);
        }
        // What was tried while shrinking may have left the function in an odd state.
        self.invoker.retire();
        Ok(())
    }

    /// Tries forged tokens in the places of those in the valid events, each place of a source once per kind of event.
    async fn forge_tokens(&mut self, seeds: &[KnownSeed], public: &[String]) -> Result<(), EngineError> {
        let mut tried: BTreeMap<(EventSource, String), usize> = BTreeMap::new();
        for KnownSeed { seed, .. } in seeds {
            for place in TokenPlace::all_in(&TestCase::new(Arc::clone(seed))) {
                let tried = tried.entry((seed.source, place.path.clone())).or_default();
                if *tried == MOST_FORGED || !self.meter.open() {
                    continue;
                }
                *tried += 1;
                let forged = forge(&mut self.invoker, &mut self.nonces, seed, &place, public).await?;
                let Some((case, observation)) = forged else { continue };
                for sighting in judge(&case, &observation) {
                    let is_it = sighting.oracle == OracleId::TokenForgery;
                    if is_it && self.record.take_on(&sighting, case.grade()) {
                        self.report(Confirmed { case: Rc::clone(&case), sighting, reliability: TWICE });
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the process that had no memory left when it got `case` keeps some for every event.
    async fn look_for_growth(&mut self, case: &Rc<TestCase>) -> Result<(), EngineError> {
        for case in [&TestCase::new(case.seed.clone()), &**case] {
            let ended = endure(&mut self.invoker, &mut self.nonces, case).await?;
            let Endured::Ended(case, observation) = ended else { continue };
            let grown = judge(&case, &observation).into_iter().find(|it| it.oracle == OracleId::MemoryGrowth);
            let Some(sighting) = grown else { continue };
            if self.record.take_on(&sighting, case.grade()) {
                // One process has ended in the run, another one now.
                self.report(Confirmed { case, sighting, reliability: TWICE });
            }
            return Ok(());
        }
        Ok(())
    }

    /// Reports what was confirmed by other means than most, and needs no shrinking.
    fn report(&self, confirmed: Confirmed) {
        self.report_finding(self.finding(&confirmed));
    }

    fn report_finding(&self, finding: Finding) {
        if !self.record.suppress(&finding) {
            self.record.confirmed(finding.clone(), self.meter.elapsed());
            self.record.shrunk(finding);
        }
    }

    /// Whether an earlier event is the cause of what `case` shows, in other processes, too.
    async fn look_into_pair(&mut self, case: &Rc<TestCase>, sighting: &Sighting) -> Result<(), EngineError> {
        let Shard { invoker, nonces, .. } = self;
        let first = sighting.nonce.as_ref().and_then(|nonce| invoker.owner(nonce));
        let pair = match &first {
            Some(first) => confirm_pair(invoker, nonces, first, case, sighting).await?,
            None => None,
        };
        let Some(Pair { first, second, sighting }) = pair else {
            self.record.did_not_repeat(sighting);
            return Ok(());
        };
        let planted = first.sent().planted;
        let point = planted.iter().find(|it| Some(&it.nonce) == sighting.nonce.as_ref());
        let point = point.map(|it| it.point.path().to_owned());
        let reliability = Reliability { shown: 3, of: 3 };
        let confirmed = Confirmed { case: second, sighting: Sighting { point, ..sighting }, reliability };
        let finding = Finding { before: Some((*first).clone()), ..self.finding(&confirmed) };
        self.report_finding(finding);
        Ok(())
    }

    /// Measures whether CPU time grows with a text of `case`, and reports it if it does.
    async fn measure(&mut self, case: &Rc<TestCase>) -> Result<(), EngineError> {
        let mut measured = measure(&mut self.invoker, case, self.pace.timeout()).await?;
        if measured.is_none() {
            // On a busy machine a process does not get the time that its text would take.
            measured = measure(&mut self.invoker, case, self.pace.timeout()).await?;
        }
        let Some((case, observation)) = measured else {
            self.pace.was_nothing();
            return Ok(());
        };
        for sighting in judge(&case, &observation) {
            self.pace.is_explained(&sighting);
            if self.record.take_on(&sighting, case.grade()) {
                // It was measured in one process and again in another one.
                self.report(Confirmed { case: Rc::clone(&case), sighting, reliability: TWICE });
            }
        }
        Ok(())
    }

    /// Tells of a sighting that is no finding. What happens on forged events alone is not worth that.
    fn list(&self, sighting: &Sighting, source: EventSource, grade: Grade) {
        if grade != Grade::Forged {
            let mut sighting = sighting.clone();
            self.mask(&mut sighting.evidence);
            self.record.list(&sighting, source);
        }
    }

    /// Whether the process ends after each answer to a valid event, if it is watched until nothing has happened for `quiet`.
    async fn ends_after_answers(&mut self, quiet: Duration) -> Result<bool, EngineError> {
        self.survival.look(&mut self.invoker, &self.innocents, quiet).await?;
        if let Survival::Ends(ending) = &self.survival {
            self.record.ends_after_answers(&ending.how);
        }
        Ok(self.survival.ends())
    }

    /// Evidence is stored, and shown to others.
    fn mask(&self, evidence: &mut [Evidence]) {
        for it in evidence {
            it.text = self.invoker.masked(&it.text);
        }
    }

    fn finding(&self, confirmed: &Confirmed) -> Finding {
        let sighting = &confirmed.sighting;
        let mut evidence = sighting.evidence.clone();
        self.mask(&mut evidence);
        Finding {
            fingerprint: sighting.fingerprint(),
            oracle: sighting.oracle,
            title: sighting.title.clone(),
            point: sighting.point.clone().or_else(|| changed_part(&confirmed.case)),
            place: sighting.place.clone(),
            evidence,
            reliability: confirmed.reliability,
            invocation: self.meter.delivered(),
            grade: confirmed.case.grade(),
            case: (*confirmed.case).clone(),
            before: None,
            core: None,
        }
    }
}

/// What is told of a sighting that harmless events show as well.
fn also_without(mut sighting: Sighting) -> Sighting {
    sighting.title.push_str(", with valid events as well");
    if let Some(evidence) = sighting.evidence.first_mut() {
        evidence.text.push_str(" (with valid events as well)");
    }
    sighting
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
        | Edit::Remove { at }
        | Edit::ExtendName { at, .. } => return located(at),
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
        Edit::WindowPhase(_) => "which invocation of its window it is",
        Edit::EventName(_) => "the kind of notification",
        Edit::Size(_) => "the size of the object",
        Edit::Raw(edit) => return Some(edit.to_string()),
        Edit::Versioned(_) => "whether the bucket keeps versions",
    };
    Some(part.to_owned())
}
