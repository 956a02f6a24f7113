//! Which test case comes next.
//!
//! First every payload in as many leaves at once as possible: one event then asks forty
//! questions, and the nonce that fires says which field it was. Where the function refuses such
//! an event, the leaves are split in halves, down to single ones. The most telling structural cases of
//! the valid events come in between. Then, in turns: the other structural cases, each leaf alone with each
//! payload, and random edit scripts.

mod aim;
mod steps;
mod stretch;
mod structural;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::cover;
use evfuzz_generators::edit::{Edit, Frame};
use evfuzz_generators::mutate::{self, Material, Scripts};
use evfuzz_generators::nonce::{Nonce, NonceSource};
use evfuzz_generators::payload::{Form, Payload, PayloadClass};
use evfuzz_generators::point::{InjectionPoint, Locator};
use evfuzz_generators::pool::Pool;
use evfuzz_generators::source::EventSource;
use evfuzz_runtimes::Language;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRng, TestRunner};

use crate::baseline::{KnownSeed, Reaction};
use crate::observe::Observation;
use aim::{Outlets, Sink};
use steps::{first_steps, frames, single_steps};
use stretch::Stretches;
use structural::Structural;

pub(crate) use aim::classes;

/// Injection points of one event. A given event can have a hundred thousand leaves; the first ones
/// stand for the others.
const MOST_POINTS: usize = 200;

/// Cases with new behaviour that are kept as a base for more mutation.
const MOST_BASES: usize = 64;

/// One step in so many is one that an earlier event has asked for, while there are others.
const AIMED: usize = 4;

/// One step in so many is one with long texts for the function's own expressions, while there are others.
const STRETCHED: usize = 8;

/// One step in so many is a structural case, while there are others: what a function does with a missing field needs no payload.
const STRUCTURAL: usize = 8;

/// One random script in so many changes the event behind its sender's back, where that is asked for.
const RAW_SCRIPTS: usize = 4;

/// Which events are tried that their sender did not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Robustness {
    /// Those that AWS delivers all the same.
    Genuine,
    /// Those that nobody but a forger can make, too.
    Forged,
}

/// The schedule of one shard.
pub(crate) struct Plan {
    seeds: Vec<PlannedSeed>,
    /// Parts of all events that are known so far, for splicing.
    pool: Pool,
    /// Fixed steps, in order; this shard takes every n-th.
    steps: VecDeque<Step>,
    splits: VecDeque<Step>,
    /// What was seen of earlier events points to these.
    aimed: VecDeque<Step>,
    /// Test cases so far.
    fixed: usize,
    /// Points and sinks that have had theirs.
    edges: BTreeSet<(EventSource, Locator, Sink)>,
    singles: VecDeque<Step>,
    structural: Structural,
    stretches: Stretches,
    robustness: Robustness,
    bases: Vec<Base>,
    behaviours: BTreeSet<String>,
    /// Chooses bases.
    runner: TestRunner,
    /// Draws edit scripts.
    rng: TestRng,
    turn: Turn,
    /// Payloads that no sender could have sent to the point they were meant for.
    unsendable: BTreeMap<(EventSource, Locator, PayloadClass), u64>,
}

/// A case to mutate. Its strategy is made once and drawn from often.
struct Base {
    case: TestCase,
    strategy: Option<Strategies>,
    /// Changes behind the sender's back.
    raw: Option<Scripts>,
}

/// A strategy, and how many parts of other events it knows.
struct Strategies {
    scripts: Scripts,
    parts: usize,
}

impl Base {
    fn new(case: TestCase) -> Base {
        Base { case, strategy: None, raw: None }
    }
}

struct PlannedSeed {
    seed: Arc<Seed>,
    points: Vec<InjectionPoint>,
    reaction: Reaction,
}

/// One planting: a payload in some leaves of a seed.
#[derive(Clone, Debug)]
struct Step {
    seed: usize,
    payload: &'static Payload,
    targets: Vec<Locator>,
    /// Benign text around the payload, for values that must begin or end in a certain way.
    frame: Frame,
    kind: Kind,
}

impl Step {
    /// One leaf alone, as it is.
    fn alone(seed: usize, payload: &'static Payload, at: &Locator) -> Step {
        Step { seed, payload, targets: vec![at.clone()], frame: Frame::default(), kind: Kind::Fixed }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Split when the function refuses it.
    Splittable,
    /// As it is.
    Fixed,
    /// Under a longer name: `user` becomes `user[$ne]`, which `qs` and its like read as an object with an operator.
    Operator,
}

/// What is next in turn, over and over, once the fixed steps are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Structural,
    Stretch,
    Single,
    Mutation,
}

impl Turn {
    fn next(self) -> Turn {
        match self {
            Turn::Structural => Turn::Stretch,
            Turn::Stretch => Turn::Single,
            Turn::Single => Turn::Mutation,
            Turn::Mutation => Turn::Structural,
        }
    }
}

/// What the next test case is made of.
enum Next {
    Step(Step),
    Case(TestCase),
    /// A random edit script.
    Mutation,
}

/// A test case that the plan chose, with what is needed to learn from its result.
pub(crate) struct Planned {
    pub(crate) case: Rc<TestCase>,
    step: Option<Step>,
}

impl Planned {
    /// The same, with another case in its place.
    pub(crate) fn with_case(self, case: Rc<TestCase>) -> Planned {
        Planned { case, ..self }
    }
}

/// Which part of the work a shard takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) shard: usize,
    pub(crate) shards: usize,
}

impl Share {
    /// The shard's part of a list of work.
    fn of<T>(self, all: Vec<T>) -> VecDeque<T> {
        all.into_iter().skip(self.shard).step_by(self.shards).collect()
    }
}

impl Plan {
    pub(crate) fn new(
        seeds: Vec<KnownSeed>,
        language: Language,
        material: &Material<'_>,
        rng_seed: u64,
        share: Share,
        robustness: Robustness,
    ) -> Plan {
        let seeds: Vec<PlannedSeed> = seeds
            .into_iter()
            .map(|known| PlannedSeed {
                points: points_of(&TestCase::new(known.seed.clone())),
                seed: known.seed,
                reaction: known.reaction,
            })
            .collect();
        let steps = share.of(first_steps(&seeds, material.classes, language, &frames(material.lexicon)));
        let singles = share.of(single_steps(&seeds, material.classes, language));
        let structural = Structural::new(&seeds, material.lexicon, share);
        let stretches = Stretches::new(&seeds, material.lexicon, share);
        let mut pool = material.pool.clone();
        for planned in &seeds {
            pool.learn(&planned.seed);
        }
        // Each shard its own streams.
        let rng = mutate::rng(rng_seed ^ (share.shard as u64) << 48);
        let runner =
            TestRunner::new_with_rng(Config::default(), mutate::rng(!rng_seed ^ (share.shard as u64) << 48));
        Plan {
            bases: seeds.iter().map(|it| Base::new(TestCase::new(it.seed.clone()))).collect(),
            seeds,
            pool,
            steps,
            splits: VecDeque::new(),
            aimed: VecDeque::new(),
            fixed: 0,
            edges: BTreeSet::new(),
            singles,
            structural,
            stretches,
            robustness,
            behaviours: BTreeSet::new(),
            runner,
            rng,
            turn: Turn::Structural,
            unsendable: BTreeMap::new(),
        }
    }

    /// The phase that the next case belongs to.
    pub(crate) fn phase(&self) -> &'static str {
        if [&self.steps, &self.splits, &self.aimed].iter().any(|queue| !queue.is_empty()) {
            "plant"
        } else if !self.structural.is_done() {
            "cover"
        } else {
            "mutate"
        }
    }

    /// Payloads that no sender could have sent, by event source, point and class.
    pub(crate) fn unsendable(&self) -> BTreeMap<(EventSource, String, &'static str), u64> {
        let path = |source: EventSource, at: &Locator| {
            let points = self.seeds.iter().filter(|it| it.seed.source == source).flat_map(|it| &it.points);
            points.into_iter().find(|point| point.locator == *at).map(|point| point.path().to_owned())
        };
        let mut rows = BTreeMap::new();
        for ((source, at, class), count) in &self.unsendable {
            if let Some(point) = path(*source, at) {
                *rows.entry((*source, point, class.id())).or_insert(0) += count;
            }
        }
        // An object can stand where a value does, but is no name.
        for class in Sink::ALL.map(Sink::class) {
            if !Payload::of_class(class).all(|it| it.form == Form::Json) {
                continue;
            }
            for it in &self.seeds {
                for name in it.points.iter().filter(|it| it.locator.is_name()) {
                    rows.entry((it.seed.source, name.path().to_owned(), class.id())).or_insert(1);
                }
            }
        }
        rows
    }

    /// The injection points of the valid events.
    pub(crate) fn points(&self) -> BTreeSet<(EventSource, String)> {
        let points = |it: &PlannedSeed| {
            let source = it.seed.source;
            it.points.iter().map(move |point| (source, point.path().to_owned())).collect::<Vec<_>>()
        };
        self.seeds.iter().flat_map(points).collect()
    }

    /// Words of a dictionary that fit nowhere in the valid events, by the reason.
    pub(crate) fn unused_words(&self, material: &Material<'_>) -> BTreeMap<&'static str, usize> {
        mutate::unused_words(material.dictionary, &self.valid())
    }

    /// Places with given values that no valid event has or can have.
    pub(crate) fn unused_places(&self, material: &Material<'_>) -> Vec<String> {
        material.values.unused(&self.valid()).into_iter().map(str::to_owned).collect()
    }

    fn valid(&self) -> Vec<Seed> {
        self.seeds.iter().map(|it| Seed::clone(&it.seed)).collect()
    }

    /// Behaviours seen so far.
    pub(crate) fn behaviours(&self) -> usize {
        self.behaviours.len()
    }

    /// The next test case. `None` only if there is no seed at all.
    pub(crate) fn next(&mut self, material: &Material<'_>, nonces: &mut NonceSource) -> Option<Planned> {
        self.fixed += 1;
        let between = match self.fixed {
            it if it.is_multiple_of(STRETCHED) => self.stretches.next_own(&self.seeds),
            it if it % STRUCTURAL == 3 => self.structural.next(&self.seeds, self.robustness),
            _ => None,
        };
        if let Some(case) = between {
            return Some(Planned { case: Rc::new(case), step: None });
        }
        loop {
            let next = self.fixed_step().map(Next::Step);
            let step = match next.unwrap_or_else(|| self.in_turn()) {
                Next::Step(step) => step,
                Next::Case(case) => return Some(Planned { case: Rc::new(case), step: None }),
                Next::Mutation => return self.mutation(material, nonces),
            };
            let targets: Vec<_> = step
                .targets
                .iter()
                .map(|at| (at.clone(), step.payload, step.frame.clone(), nonces.take()))
                .collect();
            let seed = TestCase::new(self.seeds[step.seed].seed.clone());
            let source = seed.seed.source;
            if step.kind == Kind::Operator {
                match under_operator(seed, &targets) {
                    Some(case) => return Some(Planned { case: Rc::new(case), step: Some(step) }),
                    None => continue,
                }
            }
            let (case, refused) = seed.plant_all(&targets);
            for (at, _) in &refused {
                if targets.len() > 1 {
                    // Beside the others it may have had no place.
                    self.splits.push_back(Step { targets: vec![at.clone()], ..step.clone() });
                } else {
                    *self.unsendable.entry((source, at.clone(), step.payload.class)).or_insert(0) += 1;
                }
            }
            if refused.len() < targets.len() {
                return Some(Planned { case: Rc::new(case), step: Some(step) });
            }
        }
    }

    /// The next of the fixed steps. A function that echoes all that it gets points everywhere, and one that refuses all makes
    /// many splits, so of so many steps only one is of those.
    fn fixed_step(&mut self) -> Option<Step> {
        let mut queues = [&mut self.steps, &mut self.splits, &mut self.aimed];
        if self.fixed % AIMED == 1 {
            queues.reverse();
        }
        queues.into_iter().find_map(VecDeque::pop_front)
    }

    /// What is next once the fixed steps are done.
    fn in_turn(&mut self) -> Next {
        loop {
            let turn = self.turn;
            self.turn = turn.next();
            let next = match turn {
                Turn::Structural => self.structural.next(&self.seeds, self.robustness).map(Next::Case),
                Turn::Stretch => self.stretches.next(&self.seeds).map(Next::Case),
                Turn::Single => self.singles.pop_front().map(Next::Step),
                Turn::Mutation => Some(Next::Mutation),
            };
            if let Some(next) = next {
                return next;
            }
        }
    }

    fn mutation(&mut self, material: &Material<'_>, nonces: &mut NonceSource) -> Option<Planned> {
        if self.bases.is_empty() {
            return None;
        }
        let index = (0..self.bases.len()).new_tree(&mut self.runner).ok()?.current();
        let raw = self.robustness == Robustness::Forged
            && (0..RAW_SCRIPTS).new_tree(&mut self.runner).ok()?.current() == 0;
        let Base { case: base, strategy, raw: raw_strategy } = &mut self.bases[index];
        let parts = self.pool.len();
        // Made again once it has missed a good part of what became known.
        let known = strategy.take().filter(|it| parts < it.parts + it.parts / 4 + 8);
        let known = strategy.insert(known.unwrap_or_else(|| {
            let material = Material { pool: &self.pool, ..*material };
            Strategies { scripts: material.edit_script(&base.seed, &points_of(base)), parts }
        }));
        let edits = mutate::draw(&known.scripts, &mut self.rng, nonces);
        let mut case = base.with_fresh_nonces(nonces);
        case.edits.extend(edits);
        if raw {
            let strategy = raw_strategy.get_or_insert_with(|| cover::raw_script(&base.seed));
            case.edits.extend(mutate::draw(strategy, &mut self.rng, nonces));
        }
        // Old edits go first: a base may have been built from several scripts.
        let surplus = case.edits.len().saturating_sub(mutate::MAX_EDITS);
        case.edits.drain(..surplus);
        Some(Planned { case: Rc::new(case), step: None })
    }

    /// Learns from what the function did: split what it refused, build on what is new.
    pub(crate) fn learn(&mut self, planned: &Planned, observation: &Observation) {
        let reaction = Reaction::of(observation);
        if let Some(step) = &planned.step {
            self.aimed.extend(follow(
                &mut self.edges,
                self.seeds[step.seed].seed.source,
                planned,
                step,
                observation,
            ));
            let worse = reaction > self.seeds[step.seed].reaction;
            if step.kind == Kind::Splittable && worse && step.targets.len() > 1 {
                let (left, right) = step.targets.split_at(step.targets.len() / 2);
                for targets in [left, right] {
                    self.splits.push_back(Step { targets: targets.to_vec(), ..step.clone() });
                }
            }
        }
        if self.behaviours.insert(behaviour(observation))
            && planned.step.is_none()
            // What is built on a forged event would be forged.
            && planned.case.raw_edits().is_empty()
            && self.bases.len() < MOST_BASES
        {
            self.pool.learn_case(&planned.case);
            self.bases.push(Base::new((*planned.case).clone()));
        }
    }
}

/// What the sinks are worth where the payloads of a case came out.
fn follow(
    edges: &mut BTreeSet<(EventSource, Locator, Sink)>,
    source: EventSource,
    planned: &Planned,
    step: &Step,
    observation: &Observation,
) -> Vec<Step> {
    let plants = planned.case.edits.iter().filter_map(|edit| match edit {
        Edit::Plant { at, nonce, .. } => Some((at, nonce)),
        _ => None,
    });
    let (outlets, mut found) = (Outlets::of(observation), Vec::new());
    for (at, nonce) in plants {
        for sink in outlets.with(nonce) {
            if edges.insert((source, at.clone(), sink)) {
                let payloads = Payload::of_class(sink.class());
                found.extend(payloads.map(|payload| Step::alone(step.seed, payload, at)));
                if sink == Sink::Filter
                    && let Some(payload) = Payload::of_class(sink.class()).next()
                {
                    found.push(Step { kind: Kind::Operator, ..Step::alone(step.seed, payload, at) });
                }
            }
        }
    }
    found
}

/// An operator of MongoDB at the end of a name.
const OPERATOR: &str = "[$ne]";

/// Makes the name of a query parameter or form field an operator's, and plants there. `None`: the place has no such name.
fn under_operator(
    mut case: TestCase,
    targets: &[(Locator, &'static Payload, Frame, Nonce)],
) -> Option<TestCase> {
    let [(at, payload, frame, nonce)] = targets else { return None };
    case.edits.push(Edit::ExtendName { at: at.clone(), suffix: OPERATOR.to_owned() });
    let point = case.points().into_iter().find(|it| it.path().ends_with(OPERATOR))?;
    case.plant(&point.locator, payload, frame.clone(), nonce.clone()).ok()
}

fn points_of(case: &TestCase) -> Vec<InjectionPoint> {
    let mut points = case.points();
    points.truncate(MOST_POINTS);
    points
}

/// What an observation looks like, without what varies with the data.
fn behaviour(observation: &Observation) -> String {
    use evfuzz_emulator::Outcome;
    let outcome = match &observation.outcome {
        Some(Outcome::Response(answer)) => {
            let status = serde_json::from_slice::<serde_json::Value>(&answer.body)
                .ok()
                .and_then(|body| body.get("statusCode").map(ToString::to_string));
            format!("response {}", status.unwrap_or_default())
        }
        Some(Outcome::FunctionError { report, .. }) => {
            let place = observation.error.as_ref().and_then(|error| error.place());
            format!("error {} {}", report.error_type, place.unwrap_or_default())
        }
        Some(other) => format!("{:?}", std::mem::discriminant(other)),
        None => "late".to_owned(),
    };
    let programs: BTreeSet<&str> = observation
        .execs
        .iter()
        .filter_map(|exec| exec.path.rsplit('/').next())
        .filter(|name| evfuzz_generators::nonce::Nonce::parse(name).is_none())
        .collect();
    format!("{outcome} {programs:?}")
}
