//! Baseline: valid events, unmutated. Which event sources does the function accept?

mod expected;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::mutate::Material;
use evfuzz_generators::seeds::{of_applications, seeds};
use evfuzz_generators::source::EventSource;
use serde_json::Value;

use self::expected::{CLEAR, MENTIONED, affinities, names_kin, reads_inside, reads_members_of_its_own};
use crate::error::EngineError;
use crate::events::SourceVerdict;
use crate::invoke::{Invoker, Seen};
use crate::judge::{Sighting, is_in_form, judge};
use crate::observe::Observation;
use crate::words::in_words;

/// What valid events of all sources taught.
pub(crate) struct Baseline {
    /// Seeds worth mutating, most promising source first.
    pub(crate) seeds: Vec<KnownSeed>,
    /// What was decided about each source, in the order in which it was tried.
    pub(crate) verdicts: Vec<(EventSource, SourceVerdict)>,
    /// Valid events on which the function failed although it answers others of the same source,
    /// each with a seed that it answers: candidates for findings.
    pub(crate) failures: Vec<(Rc<TestCase>, Sighting)>,
    /// A process ended that had answered.
    pub(crate) ended_late: bool,
    /// Sources of which a valid event was accepted, and answered in the form that its sender is waiting for.
    pub(crate) in_form: BTreeSet<EventSource>,
}

/// A valid event and how the function reacts to it.
pub(crate) struct KnownSeed {
    pub(crate) seed: Arc<Seed>,
    pub(crate) reaction: Reaction,
}

/// How a function reacts to an event, coarsely: does it accept it?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reaction {
    /// It answered, and the answer is not a refusal.
    Accepts,
    /// It answered with an HTTP status of 400 or more.
    Refuses,
    /// It raised, ended, or did not answer.
    Fails,
}

impl Reaction {
    pub(crate) fn of(observation: &Observation) -> Reaction {
        let Some(Outcome::Response(answer)) = &observation.outcome else {
            return Reaction::Fails;
        };
        #[derive(serde::Deserialize)]
        struct ProxyResponse {
            #[serde(rename = "statusCode")]
            status_code: Option<Value>,
        }
        let status = serde_json::from_slice::<ProxyResponse>(&answer.body).ok().and_then(|it| it.status_code);
        // API Gateway takes "400" for 400.
        let status = status.and_then(|it| it.as_u64().or_else(|| it.as_str()?.parse().ok()));
        if status.is_some_and(|status| status >= 400) { Reaction::Refuses } else { Reaction::Accepts }
    }
}

/// Delivers every seed once and decides which sources are fuzzed.
///
/// `given`: events of the user, tried before our own. `wanted`: sources that the user named; then
/// nothing is guessed. `delivered` hears of every event.
pub(crate) async fn baseline(
    invoker: &mut Invoker<'_>,
    material: &Material<'_>,
    given: &[Seed],
    wanted: &[EventSource],
    delivered: &dyn Fn(),
) -> Result<Baseline, EngineError> {
    let lexicon = material.lexicon;
    let affinity = affinities(lexicon);
    let strongest = affinity.values().copied().fold(0.0, f64::max);
    let mut sources: Vec<EventSource> =
        if wanted.is_empty() { EventSource::ALL.to_vec() } else { wanted.to_vec() };
    sources.sort_by(|a, b| affinity[b].total_cmp(&affinity[a]));

    let asked_for =
        |source: EventSource| !wanted.is_empty() || given.iter().any(|seed| seed.source == source);
    // What only reads like another source would be the same work once more.
    let (sources, kin): (Vec<EventSource>, Vec<EventSource>) = sources
        .into_iter()
        .partition(|it| it.reads_like().is_none() || asked_for(*it) || names_kin(lexicon, *it));
    let fits = |source: &EventSource| {
        let is_mentioned = affinity[source] > 0.0 || !MENTIONED.contains(source);
        asked_for(*source)
            || *source == EventSource::Direct
            || reads_inside(lexicon, *source)
            || is_mentioned && affinity[source] >= strongest / 2.0
    };
    let (likely, unlikely): (Vec<EventSource>, Vec<EventSource>) = sources.into_iter().partition(fits);
    let mut trials = Trials { invoker, material, given, delivered, late: Vec::new() };
    let mut tried = Vec::new();
    let mut verdicts = Vec::new();
    for source in likely {
        // Whoever reads what only an authorizer is asked answers no request.
        let authorizer = tried.iter().find(|it: &&Trial| {
            it.accepted() && it.source.is_authorizer() && it.source.reads_like() == Some(source)
        });
        if let (Some(authorizer), false) = (authorizer, asked_for(source)) {
            let reason = reads_like(authorizer.source);
            verdicts.push((source, SourceVerdict::Skipped { reason }));
            continue;
        }
        tried.push(trials.of(source, asked_for(source)).await?);
    }
    for source in unlikely {
        // Names can mislead: where everything that they point to fails, the rest is tried as well.
        if affinity[&source] == 0.0 || tried.iter().any(Trial::accepted) {
            let reason = NOT_MENTIONED.to_owned();
            verdicts.push((source, SourceVerdict::Skipped { reason }));
        } else {
            tried.push(trials.of(source, false).await?);
        }
    }

    let known = |tried: &[Trial]| tried.iter().any(|it| it.source != EventSource::Direct && it.accepted());
    for source in kin {
        let Some(like) = source.reads_like() else { continue };
        let reason = match tried.iter().find(|it| it.source == like) {
            Some(trial) if trial.accepted() => reads_like(like),
            Some(_) if !known(&tried) => {
                let trial = trials.of(source, false).await?;
                if trial.accepted() {
                    tried.push(trial);
                    continue;
                }
                trial.reason()
            }
            _ => NOT_MENTIONED.to_owned(),
        };
        verdicts.push((source, SourceVerdict::Skipped { reason }));
    }

    // What the last event left behind.
    let last = trials.invoker.settle().await;
    trials.note_late(last);
    let late = trials.late;

    // A direct invocation can have any shape, so nearly every function takes it somehow: it is
    // worth trying only where no known source is really accepted.
    let some_answer = tried.iter().any(Trial::accepted);
    let some_accept =
        tried.iter().any(|it| it.source != EventSource::Direct && it.best() == Reaction::Accepts);
    let is_clear = |it: &&Trial| it.best() == Reaction::Accepts && affinity[&it.source] >= CLEAR;
    let members: BTreeSet<String> = tried.iter().filter(is_clear).flat_map(Trial::top).collect();
    let in_form = tried.iter().filter(|it| it.answers_in_form()).map(|it| it.source).collect();
    let mut seeds = Vec::new();
    let mut failures = Vec::new();
    for trial in tried {
        let guessed_away = !trial.asked_for
            && (some_answer && !trial.accepted()
                || trial.source == EventSource::Direct
                    && some_accept
                    && strongest >= CLEAR
                    && !reads_members_of_its_own(lexicon, &members));
        if guessed_away {
            let reason = if trial.accepted() {
                "the function accepts another event source that its code mentions".to_owned()
            } else {
                trial.reason()
            };
            verdicts.push((trial.source, SourceVerdict::Skipped { reason }));
            continue;
        }
        if trial.accepted() {
            verdicts.push((trial.source, SourceVerdict::Accepted));
            failures.extend(trial.candidates());
        } else {
            verdicts.push((trial.source, SourceVerdict::FailsOnValidEvents { reason: trial.reason() }));
        }
        seeds.extend(
            trial
                .seeds
                .into_iter()
                .map(|(case, reaction, _)| KnownSeed { seed: case.seed.clone(), reaction }),
        );
    }
    // Stable: the order of sources and seeds is kept within a reaction.
    seeds.sort_by_key(|it| it.reaction);
    let ended_late = !late.is_empty() || failures.iter().any(|(_, sighting)| sighting.oracle.comes_late());
    let accepted = |source| verdicts.contains(&(source, SourceVerdict::Accepted));
    failures.extend(late.into_iter().filter(|(case, _)| accepted(case.seed.source)));
    Ok(Baseline { seeds, verdicts, failures, ended_late, in_form })
}

/// Why a source is not tried of which there is no trace.
const NOT_MENTIONED: &str = "the function's code does not mention it";

/// Why a source is not tried whose events read like those of another.
fn reads_like(other: EventSource) -> String {
    format!("reads like {}, which was accepted; name it with --source", other.title())
}

/// All seeds of one source, delivered once.
struct Trial {
    source: EventSource,
    asked_for: bool,
    seeds: Vec<(Rc<TestCase>, Reaction, Observation)>,
}

/// The delivery of valid events.
struct Trials<'a, 'i> {
    invoker: &'a mut Invoker<'i>,
    material: &'a Material<'a>,
    given: &'a [Seed],
    delivered: &'a dyn Fn(),
    /// Processes that ended after their answers, with the first suspect.
    late: Vec<(Rc<TestCase>, Sighting)>,
}

impl Trials<'_, '_> {
    async fn of(&mut self, source: EventSource, asked_for: bool) -> Result<Trial, EngineError> {
        let mut tried = Vec::new();
        let own = seeds(source, self.material.lexicon);
        let of_user: Vec<Seed> = self.given.iter().filter(|seed| seed.source == source).cloned().collect();
        // In an event of the user, if there is one, values are where they belong.
        let known = [of_user, own].concat();
        let with_values = self.material.values.seeds(source, &known);
        self.deliver(with_values.iter().chain(&known), &mut tried).await?;
        if !tried.iter().any(|(_, reaction, _)| *reaction != Reaction::Fails) {
            let others = of_applications(source, self.material.lexicon);
            self.deliver(others.iter(), &mut tried).await?;
        }
        Ok(Trial { source, asked_for, seeds: tried })
    }

    async fn deliver(
        &mut self,
        seeds: impl Iterator<Item = &Seed>,
        tried: &mut Vec<(Rc<TestCase>, Reaction, Observation)>,
    ) -> Result<(), EngineError> {
        for seed in seeds {
            let case = Rc::new(TestCase::new(seed.clone()));
            let mut seen = self.invoker.deliver(&case).await?;
            let observation = seen.remove(0).observation;
            self.note_late(seen);
            let mut reaction = Reaction::of(&observation);
            if judge(&case, &observation).iter().any(|it| it.oracle.comes_late()) {
                // What an earlier event left behind may have ended it: alone, it shows its own reaction.
                reaction = Reaction::of(&self.invoker.deliver_fresh(&case).await?);
            }
            tried.push((case, reaction, observation));
            (self.delivered)();
        }
        Ok(())
    }

    fn note_late(&mut self, seen: Vec<Seen>) {
        for Seen { case, observation } in seen {
            let mut sightings = judge(&case, &observation);
            sightings.retain(|it| it.oracle.comes_late());
            self.late.extend(sightings.into_iter().map(|it| (Rc::clone(&case), it)));
        }
    }
}

impl Trial {
    fn best(&self) -> Reaction {
        self.seeds.iter().map(|(_, reaction, _)| *reaction).min().unwrap_or(Reaction::Fails)
    }

    fn accepted(&self) -> bool {
        self.best() != Reaction::Fails
    }

    fn answers_in_form(&self) -> bool {
        let mut seeds = self.seeds.iter();
        seeds.any(|(_, reaction, seen)| *reaction == Reaction::Accepts && is_in_form(self.source, seen))
    }

    /// The members at the top of its events.
    fn top(&self) -> BTreeSet<String> {
        let events = self.seeds.iter().map(|(case, ..)| case.seed.event());
        events.flat_map(|it| it.as_object().cloned().unwrap_or_default()).map(|(name, _)| name).collect()
    }

    fn reason(&self) -> String {
        self.seeds.first().map_or_else(String::new, |(_, _, observation)| describe_failure(observation))
    }

    /// Failures on valid events of an accepted source.
    fn candidates(&self) -> Vec<(Rc<TestCase>, Sighting)> {
        self.seeds
            .iter()
            .flat_map(|(case, _, observation)| {
                judge(case, observation).into_iter().map(|sighting| (Rc::clone(case), sighting))
            })
            .collect()
    }
}

/// One line: why the function failed.
pub(crate) fn describe_failure(observation: &Observation) -> String {
    if let Some(error) = &observation.error {
        let place = error.place().map(|place| format!(" at {place}")).unwrap_or_default();
        return format!("{}: {}{place}", error.error_type, error.message);
    }
    observation.outcome.as_ref().map_or_else(|| "no reason given".to_owned(), in_words)
}

#[cfg(test)]
mod tests;
