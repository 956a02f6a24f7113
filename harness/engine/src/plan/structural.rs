//! The structural cases of the valid events: what is missing, null, of another type.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use evfuzz_generators::case::TestCase;
use evfuzz_generators::cover;
use evfuzz_generators::edit::Edit;
use evfuzz_generators::grade::Grade;
use evfuzz_generators::lexicon::Lexicon;

use super::{PlannedSeed, Robustness, Share};
use crate::baseline::Reaction;

/// Structural cases are tried of valid events up to this size: most of a large one is data.
const MOST_COVERED_BYTES: usize = 64 << 10;

/// Changes behind the sender's back are tried of one event only: so many in the time of one that is tried of all.
const RAW_AT_ONCE: usize = 4;

/// Those of one shard that are still to be tried.
pub(super) struct Structural {
    /// A seed and the one edit made to it.
    queue: VecDeque<(usize, Edit)>,
    /// Hashes of the events that are valid, or were tried.
    seen: BTreeSet<u64>,
}

impl Structural {
    pub(super) fn new(seeds: &[PlannedSeed], lexicon: &Lexicon, share: Share) -> Structural {
        let valid = seeds.iter().map(|it| hash(&TestCase::new(it.seed.clone()).sent().bytes));
        Structural { seen: valid.collect(), queue: share.of(cases(seeds, lexicon)) }
    }

    pub(super) fn is_done(&self) -> bool {
        self.queue.is_empty()
    }

    /// The next case that is worth an invocation.
    pub(super) fn next(&mut self, seeds: &[PlannedSeed], robustness: Robustness) -> Option<TestCase> {
        while let Some((seed, edit)) = self.queue.pop_front() {
            let case = TestCase { seed: seeds[seed].seed.clone(), edits: vec![edit] };
            if robustness == Robustness::Genuine && case.grade() == Grade::Forged {
                continue;
            }
            // Some edits lead to the same event, or change nothing.
            if self.seen.insert(hash(&case.sent().bytes)) {
                return Some(case);
            }
        }
        None
    }
}

/// The structural cases of the valid events: of each event the most telling, then of each the next.
fn cases(seeds: &[PlannedSeed], lexicon: &Lexicon) -> Vec<(usize, Edit)> {
    let mut cases: Vec<((usize, usize), Edit)> = Vec::new();
    // Most of what can be changed behind the sender's back is the same in all events of a source.
    let mut raw = BTreeSet::new();
    let any_answered = seeds.iter().any(|it| it.reaction != Reaction::Fails);
    for (number, PlannedSeed { seed, reaction, .. }) in seeds.iter().enumerate() {
        let fails = any_answered && *reaction == Reaction::Fails;
        if fails || seed.event().to_string().len() > MOST_COVERED_BYTES {
            continue;
        }
        let sendable = cover::sendable(seed, lexicon).into_iter().enumerate();
        cases.extend(sendable.map(|(rank, edit)| ((rank, number), edit)));
        for (rank, edit) in cover::raw(seed, lexicon).into_iter().enumerate() {
            if raw.insert((seed.source, edit.clone())) {
                cases.push(((rank / RAW_AT_ONCE, number), Edit::Raw(edit)));
            }
        }
    }
    cases.sort_by_key(|(order, _)| *order);
    cases.into_iter().map(|((_, seed), edit)| (seed, edit)).collect()
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
