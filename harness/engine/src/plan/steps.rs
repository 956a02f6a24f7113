//! The fixed steps of a plan: which payload goes into which leaves of which seed, in which order.

use std::collections::BTreeSet;

use evfuzz_generators::edit::Frame;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::payload::{Form, Payload, PayloadClass};
use evfuzz_generators::point::{Locator, Role};
use evfuzz_runtimes::Language;

use super::aim::{Sink, payloads};
use super::{Kind, PlannedSeed, Step};

/// Payloads of each class that are tried in all leaves before anything is split.
const BEST: usize = 4;

/// Points per seed that are tried alone early: names that the code certainly reads come first.
const EARLY_POINTS: usize = 5;

/// Prefixes and suffixes of values that are tried around payloads, each.
const MOST_AFFIXES: usize = 4;

/// Best payloads everywhere at once, then alone where the code points to, then the other payloads in turns with
/// classes that nothing points to.
pub(super) fn first_steps(
    seeds: &[PlannedSeed],
    classes: &[PayloadClass],
    language: Language,
    frames: &[Frame],
) -> Vec<Step> {
    let payloads = of_classes(classes, language);
    let ranks = payloads.iter().map(Vec::len).max().unwrap_or(0);
    let mut steps: Vec<Step> =
        (0..BEST.min(ranks)).flat_map(|rank| everywhere(seeds, &payloads, rank)).collect();
    steps.extend(routing(seeds, &payloads));
    for frame in frames {
        for (seed, planned) in seeds.iter().enumerate() {
            let targets: Vec<Locator> = leaves(planned, Role::Data).collect();
            for payload in payloads.iter().filter_map(|class| class.first()) {
                let (targets, frame) = (targets.clone(), frame.clone());
                steps.push(Step { seed, payload, targets, frame, kind: Kind::Splittable });
            }
        }
    }
    for rank in 0..2 {
        for (seed, planned) in seeds.iter().enumerate() {
            for at in leaves(planned, Role::Data).take(EARLY_POINTS) {
                for payload in payloads.iter().filter_map(|class| class.get(rank)) {
                    steps.push(Step::alone(seed, payload, &at));
                }
            }
        }
    }
    let others = (BEST..ranks).flat_map(|rank| everywhere(seeds, &payloads, rank));
    let (mut others, mut unaimed) =
        (others.collect::<Vec<_>>().into_iter(), unaimed(seeds, classes, language).into_iter());
    while !others.as_slice().is_empty() || !unaimed.as_slice().is_empty() {
        steps.extend(others.next());
        steps.extend(unaimed.next());
    }
    steps
}

/// Classes that nothing has pointed to so far, and documents of a format that no sink is seen of: the best payload of each,
/// everywhere.
fn unaimed(seeds: &[PlannedSeed], classes: &[PayloadClass], language: Language) -> Vec<Step> {
    let mut rest = Vec::from(Sink::ALL.map(Sink::class));
    rest.push(PayloadClass::Xxe);
    // Java alone reads those, and its observer tells where any text is evaluated.
    rest.retain(|it| !classes.contains(it) && *it != PayloadClass::JavaExpression);
    let payloads = of_classes(&rest, language);
    let (mut steps, mut together) = (everywhere(seeds, &payloads, 0), Vec::<Step>::new());
    // What routes at once where it can be: what comes out of the function there, the other classes have shown, each place alone.
    for alone in routing(seeds, &payloads) {
        let is_beside = |it: &Step| {
            it.seed == alone.seed
                && it.payload.id == alone.payload.id
                && it.targets[0].is_name() == alone.targets[0].is_name()
                && it.targets.iter().all(|at| are_beside(&seeds[it.seed], at, &alone.targets[0]))
        };
        match together.iter_mut().find(|it| is_beside(it)) {
            Some(step) => step.targets.extend(alone.targets),
            None => together.push(alone),
        }
    }
    steps.extend(together);
    steps
}

/// Whether two places are in one part of an event, and neither in the other: of what a header says depends how a body is read.
fn are_beside(planned: &PlannedSeed, one: &Locator, other: &Locator) -> bool {
    let path = |at: &Locator| {
        let point = planned.points.iter().find(|it| it.locator == *at);
        point.map(|it| it.path()).unwrap_or_default()
    };
    let (one, other) = (path(one), path(other));
    let part =
        |path: &str| path.get(1..).and_then(|it| it.find(['/', '»'])).map_or(path.len(), |end| end + 1);
    one[..part(one)] == other[..part(other)] && !one.starts_with(other) && !other.starts_with(one)
}

/// The payloads of each class, best first.
fn of_classes(classes: &[PayloadClass], language: Language) -> Vec<Vec<&'static Payload>> {
    classes.iter().map(|class| payloads(*class, language).collect()).collect()
}

/// The payload of this rank of each class in all leaves of a seed at once.
fn everywhere(seeds: &[PlannedSeed], payloads: &[Vec<&'static Payload>], rank: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for (seed, planned) in seeds.iter().enumerate() {
        // Where a number was, a text is often refused, and all others with it.
        let (texts, others): (Vec<Locator>, Vec<Locator>) =
            leaves(planned, Role::Data).partition(|at| planned.seed.wire.holds_text(at));
        for targets in [texts, others].into_iter().filter(|it| !it.is_empty()) {
            steps.extend(payloads.iter().filter_map(|class| {
                let payload = *class.get(rank)?;
                let kind = if rank < BEST { Kind::Splittable } else { Kind::Fixed };
                Some(Step { seed, payload, targets: targets.clone(), frame: Frame::default(), kind })
            }));
        }
    }
    steps
}

/// The best payload of each class where it changes how the event is read: each alone, once per source.
fn routing(seeds: &[PlannedSeed], payloads: &[Vec<&'static Payload>]) -> Vec<Step> {
    let (mut steps, mut done) = (Vec::new(), BTreeSet::new());
    for (seed, planned) in seeds.iter().enumerate() {
        for point in planned.points.iter().filter(|it| it.role == Role::Routing) {
            // The same place of a record can be in another part of the event.
            if !done.insert((planned.seed.source, point.path())) {
                continue;
            }
            let at = &point.locator;
            for class in payloads {
                // A name is tried as one where a class has any: no value can be a name.
                let name = class.iter().find(|it| at.is_name() && it.form == Form::Name);
                if let Some(payload) =
                    name.or(class.first().filter(|it| !at.is_name() || it.form != Form::Json))
                {
                    steps.push(Step::alone(seed, payload, at));
                }
            }
        }
    }
    steps
}

/// What the code compares the beginning and the end of its values with.
pub(super) fn frames(lexicon: &Lexicon) -> Vec<Frame> {
    let frame = |before: &str, after: &str| Frame { before: before.to_owned(), after: after.to_owned() };
    let (prefixes, suffixes) = (lexicon.prefixes(), lexicon.suffixes());
    let mut frames: Vec<Frame> = suffixes.iter().take(MOST_AFFIXES).map(|after| frame("", after)).collect();
    for before in prefixes.iter().take(MOST_AFFIXES) {
        frames.push(frame(before, ""));
        frames.extend(suffixes.first().map(|after| frame(before, after)));
    }
    frames
}

/// Every payload in every leaf alone.
pub(super) fn single_steps(seeds: &[PlannedSeed], classes: &[PayloadClass], language: Language) -> Vec<Step> {
    let mut steps = Vec::new();
    for payload in classes.iter().flat_map(|class| payloads(*class, language)) {
        for (seed, planned) in seeds.iter().enumerate() {
            for point in &planned.points {
                let targets = vec![point.locator.clone()];
                steps.push(Step { seed, payload, targets, frame: Frame::default(), kind: Kind::Fixed });
            }
        }
    }
    steps
}

fn leaves(planned: &PlannedSeed, role: Role) -> impl Iterator<Item = Locator> + '_ {
    planned.points.iter().filter(move |point| point.role == role).map(|point| point.locator.clone())
}
