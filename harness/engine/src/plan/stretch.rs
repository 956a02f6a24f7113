//! Long texts that repeat something: does the function take longer than their length explains?

use std::collections::{BTreeSet, VecDeque};

use evfuzz_generators::case::TestCase;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::point::{Locator, Role};
use evfuzz_generators::stretch::{PUMPS, Pump};

use super::{PlannedSeed, Share};
use crate::baseline::Reaction;

/// Repetitions on which an expression that is exponential is slow, but does not time out.
const FEW: usize = 24;

/// Repetitions on which a quadratic one is slow, best first: not every place takes so many.
const MANY: [usize; 3] = [20_000, 4_000, 1_000];

/// Texts that are made long in one event.
const AT_ONCE: usize = 4;

/// Events of one shard: each is large, and most functions have nothing that is slow.
const MOST: usize = 160;

/// Those of one shard that are still to be tried.
pub(super) struct Stretches {
    /// From the function's own expressions.
    own: VecDeque<Stretch>,
    general: VecDeque<Stretch>,
}

/// Texts of one seed, and what is put there.
struct Stretch {
    seed: usize,
    targets: Vec<Locator>,
    pump: Pump,
    times: &'static [usize],
}

impl Stretches {
    pub(super) fn new(seeds: &[PlannedSeed], lexicon: &Lexicon, share: Share) -> Stretches {
        let own = lexicon.pumps();
        let general: Vec<&Pump> = PUMPS.iter().filter(|it| !own.contains(it)).collect();
        let chunks = chunks(seeds);
        let each = |pumps: &[&Pump], times: &'static [usize]| {
            let with = |pump: &Pump| {
                let stretch = |(seed, targets): &(usize, Vec<Locator>)| Stretch {
                    seed: *seed,
                    targets: targets.clone(),
                    pump: pump.clone(),
                    times,
                };
                chunks.iter().map(stretch).collect::<Vec<_>>()
            };
            pumps.iter().flat_map(|pump| with(pump)).collect::<Vec<_>>()
        };
        let own: Vec<&Pump> = own.iter().collect();
        let mut first = each(&own, &[FEW]);
        first.extend(each(&own, &MANY));
        let mut own = share.of(first);
        own.truncate(MOST);
        let mut general = share.of(each(&general, &MANY));
        general.truncate(MOST - own.len());
        Stretches { own, general }
    }

    /// The next case that can be sent.
    pub(super) fn next(&mut self, seeds: &[PlannedSeed]) -> Option<TestCase> {
        self.next_own(seeds).or_else(|| first_of(&mut self.general, seeds))
    }

    /// The next one that the function's own expressions point to.
    pub(super) fn next_own(&mut self, seeds: &[PlannedSeed]) -> Option<TestCase> {
        first_of(&mut self.own, seeds)
    }
}

fn first_of(queue: &mut VecDeque<Stretch>, seeds: &[PlannedSeed]) -> Option<TestCase> {
    while let Some(Stretch { seed, targets, pump, times }) = queue.pop_front() {
        let mut case = TestCase::new(seeds[seed].seed.clone());
        for at in &targets {
            let longer = times.iter().find_map(|times| case.with_text(at, pump.text(*times)));
            case = longer.unwrap_or(case);
        }
        if !case.edits.is_empty() {
            return Some(case);
        }
    }
    None
}

/// The texts of all seeds, some at a time; then what is a text in none of them, for code that takes both. Each place of a source
/// once: the same text goes the same way in most events.
fn chunks(seeds: &[PlannedSeed]) -> Vec<(usize, Vec<Locator>)> {
    let (mut chunks, mut seen) = (Vec::new(), BTreeSet::new());
    let any_answered = seeds.iter().any(|it| it.reaction != Reaction::Fails);
    for is_text in [true, false] {
        for (number, planned) in seeds.iter().enumerate() {
            if any_answered && planned.reaction == Reaction::Fails {
                continue;
            }
            let places = planned.points.iter().filter(|it| it.role == Role::Data && !it.locator.is_name());
            let places = places.filter(|it| planned.seed.wire.holds_text(&it.locator) == is_text);
            let new: Vec<Locator> = places
                .filter(|it| seen.insert((planned.seed.source, it.path().to_owned())))
                .map(|it| it.locator.clone())
                .collect();
            chunks.extend(new.chunks(AT_ONCE).map(|it| (number, it.to_vec())));
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use evfuzz_generators::seeds::seed_from_event;
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_after_texts_and_once() {
        let planned = |event| {
            let seed = Arc::new(seed_from_event("given", &event));
            let points = TestCase::new(seed.clone()).points();
            PlannedSeed { seed, points, reaction: Reaction::Accepts }
        };
        let seeds = [planned(json!({ "a": 1, "b": 2 })), planned(json!({ "a": "x" }))];
        let of = |(seed, at): &(usize, Vec<Locator>)| (*seed, at.len());
        assert_eq!(chunks(&seeds).iter().map(of).collect::<Vec<_>>(), [(1, 1), (0, 1)]);
        let case = TestCase::new(Arc::clone(&seeds[0].seed));
        let (_, at) = &chunks(&seeds)[1];
        let longer = case.with_text(&at[0], "x".repeat(100)).unwrap();
        assert_eq!(longer.render().event["b"], "x".repeat(100));
    }
}
