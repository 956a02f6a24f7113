//! Random choices, drawn straight from numbers.
//!
//! A proptest strategy makes a tree for every choice in a value, so that each can be simplified; that took up to 40 % of a test
//! case. A script is simplified by dropping edits, so [`Scripts`] is a strategy that knows whole edits only.

use std::{fmt, sync::Arc};

use proptest::{
    prelude::Rng as _,
    strategy::{NewTree, Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::EditTemplate;
use crate::wire::facts::Numbers;

/// The random numbers of one script, or of one edit. All of them follow from eight bytes.
pub(crate) struct Dice(Numbers);

/// Something that is drawn.
pub(crate) type Draw<T> = Arc<dyn Fn(&mut Dice) -> T + Send + Sync>;

impl Dice {
    pub(crate) fn new(state: u64) -> Dice {
        Dice(Numbers::new(state))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next()
    }

    /// A number below `end`, which is not 0. (The high bits of a product: Lemire, "Fast random integer generation in an
    /// interval", 2019, without the correction, which is below 2^-32 for every list here.)
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from `least` up to `end`, without it.
    pub(crate) fn between(&mut self, least: usize, end: usize) -> usize {
        least + self.below(end - least)
    }

    /// An element of a list that has some.
    pub(crate) fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    /// The index of one of these weights. One of them is not 0.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum::<u32>() as usize) as u32;
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
            last = index;
        }
        last
    }
}

/// One of several, each as often as its weight says. There is at least one.
pub(crate) fn one_of<T: 'static>(all: Vec<(u32, Draw<T>)>) -> Draw<T> {
    Arc::new(move |dice| {
        let index = dice.weighted(all.iter().map(|(weight, _)| *weight));
        all[index].1(dice)
    })
}

/// Random edit scripts for one seed event.
///
/// A proptest [`Strategy`] whose scripts are simplified by dropping edits. [`draw`](super::draw) is the fast way to one.
#[derive(Clone)]
pub struct Scripts(Draw<Vec<EditTemplate>>);

impl Scripts {
    pub(crate) fn new(draw: impl Fn(&mut Dice) -> Vec<EditTemplate> + Send + Sync + 'static) -> Scripts {
        Scripts(Arc::new(draw))
    }

    pub(super) fn script(&self, dice: &mut Dice) -> Vec<EditTemplate> {
        (self.0)(dice)
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("edit scripts")
    }
}

impl Strategy for Scripts {
    type Tree = ScriptTree;
    type Value = Vec<EditTemplate>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Scripts> {
        let mut dice = Dice::new(runner.rng().next_u64());
        Ok(ScriptTree { edits: self.script(&mut dice), next: 0, dropped: None })
    }
}

/// How a script becomes simpler: edits are left out, one after the other.
#[derive(Clone, Debug)]
pub struct ScriptTree {
    edits: Vec<EditTemplate>,
    /// Which edit is left out next.
    next: usize,
    /// What was left out last, and where it was.
    dropped: Option<(usize, EditTemplate)>,
}

impl ValueTree for ScriptTree {
    type Value = Vec<EditTemplate>;

    fn current(&self) -> Vec<EditTemplate> {
        self.edits.clone()
    }

    fn simplify(&mut self) -> bool {
        let is_possible = self.edits.len() > 1 && self.next < self.edits.len();
        self.dropped = is_possible.then(|| (self.next, self.edits.remove(self.next)));
        is_possible
    }

    fn complicate(&mut self) -> bool {
        let Some((index, edit)) = self.dropped.take() else { return false };
        self.edits.insert(index, edit);
        self.next = index + 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Edit;

    #[test]
    fn every_number_and_every_weight_comes_as_often_as_it_should() {
        let mut dice = Dice::new(7);
        let (mut numbers, mut kinds) = ([0; 10], [0; 4]);
        for _ in 0..10_000 {
            numbers[dice.between(3, 13) - 3] += 1;
            kinds[dice.weighted([1, 0, 6, 3].into_iter())] += 1;
        }
        assert!(numbers.iter().all(|it| (800..1_200).contains(it)), "{numbers:?}");
        let [one, none, six, three] = kinds;
        assert_eq!(none, 0);
        assert!((800..1_200).contains(&one) && (5_700..6_300).contains(&six), "{kinds:?}");
        assert!((2_700..3_300).contains(&three), "{kinds:?}");
    }

    #[test]
    fn a_failing_script_keeps_the_edits_that_it_fails_with() {
        let size = |it: u64| EditTemplate::Edit(Edit::Size(it));
        let scripts = Scripts::new(move |_| (0..9).map(size).collect());
        let mut tree = scripts.new_tree(&mut TestRunner::deterministic()).unwrap();
        let fails = |script: &[EditTemplate]| script.contains(&size(2)) && script.contains(&size(7));
        // As proptest's runner does it.
        let mut failing = tree.current();
        if tree.simplify() {
            loop {
                let current = tree.current();
                let goes_on = match fails(&current) {
                    true => {
                        failing = current;
                        tree.simplify()
                    }
                    false => tree.complicate(),
                };
                if !goes_on {
                    break;
                }
            }
        }
        assert_eq!(failing, [size(2), size(7)]);
    }
}
