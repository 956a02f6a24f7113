//! How long invocations take on the wall, and which of them are worth a measurement of CPU time.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::edit::Edit;
use evfuzz_generators::point::Locator;
use evfuzz_generators::source::EventSource;

use crate::growth::stretched;
use crate::judge::{Sighting, identity};
use crate::observe::Observation;

/// So much longer than the quickest event of its kind is a reason to look. Quadratic expressions take as long for what is sent
/// to them; a busy machine does, too, now and then.
const ODD: Duration = Duration::from_millis(50);

/// Measurements of a shard that may come to nothing. Each costs seconds at worst.
const MOST_IN_VAIN: u32 = 8;

/// What is known of a shard's pace.
pub(crate) struct Pace {
    timeout: Duration,
    /// The quickest event of each seed, but for those with long texts.
    quickest: HashMap<(EventSource, String), Duration>,
    in_vain: u32,
    /// Identities of points whose texts are known to be slow.
    slow: BTreeSet<String>,
}

impl Pace {
    pub(crate) fn new(timeout: Duration) -> Pace {
        Pace { timeout, quickest: HashMap::new(), in_vain: 0, slow: BTreeSet::new() }
    }

    /// What an invocation may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether an event with long texts took much longer than its kind does, and nothing is known that explains it.
    pub(crate) fn is_odd(&mut self, case: &TestCase, observation: &Observation) -> bool {
        let took = observation.duration;
        let is_long = !stretched(case).is_empty();
        let kind = (case.seed.source, case.seed.name.clone());
        // A long text can come before any other event of its kind.
        let others = || self.quickest.values().min().copied();
        let usual = self.quickest.get(&kind).copied().or_else(others).unwrap_or(took).min(took);
        if !is_long {
            self.quickest.insert(kind, usual);
        }
        is_long && took > usual * 3 / 2 + ODD && self.in_vain < MOST_IN_VAIN && !self.explains(case)
    }

    /// Whether `case` has a long text that is known to be slow.
    pub(crate) fn explains(&self, case: &TestCase) -> bool {
        !self.slow_texts(case).is_empty()
    }

    /// `case` without the texts that are known to be slow: each would cost the whole timeout. `None`: nothing else is in it.
    pub(crate) fn spared(&self, case: Rc<TestCase>) -> Option<Rc<TestCase>> {
        let slow = self.slow_texts(&case);
        if slow.is_empty() {
            return Some(case);
        }
        let mut spared = (*case).clone();
        spared.edits.retain(|edit| !matches!(edit, Edit::SetText { at, .. } if slow.contains(at)));
        (!spared.edits.is_empty()).then(|| Rc::new(spared))
    }

    /// Where long texts stand at a point that is known to be slow, around one or inside.
    fn slow_texts(&self, case: &TestCase) -> Vec<Locator> {
        if self.slow.is_empty() {
            return Vec::new();
        }
        let points = case.points();
        let is_in = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '»']))
        };
        let is_slow = |at: &Locator| {
            let point = points.iter().find(|it| it.locator == *at).map(|it| identity(it.path()));
            point.is_some_and(|point| self.slow.iter().any(|it| is_in(&point, it) || is_in(it, &point)))
        };
        stretched(case).into_iter().map(|(at, _)| at).filter(is_slow).collect()
    }

    /// A measurement has shown nothing.
    pub(crate) fn was_nothing(&mut self) {
        self.in_vain += 1;
    }

    /// From now on what takes long by a text at this point is no news.
    pub(crate) fn is_explained(&mut self, sighting: &Sighting) {
        self.slow.extend(sighting.point.as_deref().map(identity));
    }
}
