//! CPU time grows faster than a text in the event does.
//!
//! Proof: CPU time as the kernel counts it for the function's processes, not the clock on the wall, for texts that differ only in
//! how often they repeat something. Two lengths are compared, both long enough to be measured: an exponent of 1.8 or more, and
//! a second of CPU time (or the whole timeout) for the longer one, in two processes. A function that is slow for any text, or that
//! has a threshold beyond which it works harder, has no such curve.

use std::time::Duration;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::edit::Edit;
use evfuzz_generators::stretch::Run;

use super::{Sighting, Standing, identity};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Cost, CostEnd, Curve, Observation};

pub(super) const EXPLANATION: &str = "\
cpu-growth: the CPU time for a text from the event grows faster than the text (CWE-407, CWE-1333).

A regular expression that tries again and again, or a loop inside a loop: ten times the text costs a
hundred times the CPU time, or more. One event can keep the function busy until its timeout, and
every such event costs the whole of it.

How it is proven: the same event with the text at several lengths, CPU time as the kernel counts it.
Between two lengths it grows at least with the power 1.8 of the length, and the longer one costs a
second or more (or the whole timeout). Measured again in a fresh process.

What is not reported: functions that are slow whatever the text is, that wait, or whose CPU time
grows with the length alone.

Example: /^(\\w+\\s?)*$/.test(name): 30 letters and an exclamation mark keep it busy for minutes.

How to fix it: refuse long texts first; write expressions in which no repetition is repeated and
neighbors have no character in common, or use an engine without backtracking (RE2).";

/// What one repetition more costs, from which on it is not the length alone. Between linear with all its noise and quadratic.
const LEAST_EXPONENT: f64 = 1.8;

/// The same for each part of the curve, which is measured less well.
const LEAST_PART: f64 = 1.25;

/// CPU time that can be told from noise: clock ticks are 10 ms where no control group counts.
pub(crate) const MEASURABLE: Duration = Duration::from_millis(40);

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(curve) = &observation.curve else { return Vec::new() };
    let Some(growth) = Growth::of(curve) else { return Vec::new() };
    let Growth { from, middle, to, exponent } = growth;
    let texts = case.edits.iter().filter_map(|edit| match edit {
        Edit::SetText { text, .. } => Run::of(text),
        _ => None,
    });
    let text = texts.max_by_key(Run::times).map(|run| run.to_string()).unwrap_or_default();
    vec![Sighting {
        oracle: OracleId::CpuGrowth,
        identity: vec![identity(&curve.point)],
        title: format!("the CPU time for text from {} grows faster than its length", curve.point),
        point: Some(curve.point.clone()),
        nonce: None,
        place: None,
        evidence: vec![
            Evidence::new("text", text),
            Evidence::new(
                "CPU time",
                format!("{}, {}, {}", in_words(&from), in_words(&middle), in_words(&to)),
            ),
            Evidence::new("growth", format!("with the power {exponent:.1} of the length")),
        ],
        standing: Standing::Candidate,
    }]
}

fn in_words(cost: &Cost) -> String {
    let over = match cost.end {
        CostEnd::Answered => "",
        CostEnd::TimedOut => " and not done",
    };
    format!("{} ms for {} bytes{over}", cost.cpu.as_millis(), cost.bytes)
}

/// How the CPU time grows between two lengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Growth {
    pub(crate) from: Cost,
    /// Between them, and on the same curve: no threshold was passed.
    pub(crate) middle: Cost,
    pub(crate) to: Cost,
    exponent: f64,
}

impl Growth {
    /// `None`: not faster than the length, or not enough to matter, or not measured well enough.
    pub(crate) fn of(curve: &Curve) -> Option<Growth> {
        let slow = curve.costs.iter().filter(|it| it.cpu >= curve.floor);
        let to = *slow.min_by_key(|it| it.times)?;
        let answered = curve.costs.iter().filter(|it| it.times < to.times && it.end == CostEnd::Answered);
        let mut measured: Vec<Cost> = answered.filter(|it| it.cpu >= MEASURABLE).copied().collect();
        measured.sort_by_key(|it| it.times);
        let from = *measured.first().filter(|it| it.cpu <= curve.floor / 2)?;
        let on_it = |it: &&Cost| exponent(&from, it) >= LEAST_PART && exponent(it, &to) >= LEAST_PART;
        let middle = *measured.iter().skip(1).find(on_it)?;
        let exponent = exponent(&from, &to);
        (exponent >= LEAST_EXPONENT).then_some(Growth { from, middle, to, exponent })
    }
}

/// The power of the length with which CPU time grows between two.
pub(crate) fn exponent(from: &Cost, to: &Cost) -> f64 {
    (to.cpu.as_secs_f64() / from.cpu.as_secs_f64()).ln() / (to.times as f64 / from.times as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(costs: &[(usize, u64)]) -> Curve {
        let cost = |(times, ms): &(usize, u64)| Cost {
            times: *times,
            bytes: *times,
            cpu: Duration::from_millis(*ms),
            end: CostEnd::Answered,
        };
        Curve {
            point: "/body".to_owned(),
            costs: costs.iter().map(cost).collect(),
            floor: Duration::from_secs(1),
        }
    }

    #[track_caller]
    fn check(costs: &[(usize, u64)], expected: Option<f64>) {
        let found = Growth::of(&curve(costs)).map(|it| (it.exponent * 10.0).round() / 10.0);
        assert_eq!(found, expected, "{costs:?}");
    }

    #[test]
    fn powers_are_told_from_thresholds() {
        // Quadratic, cubic, exponential, in any order.
        check(&[(10_000, 80), (40_000, 1280), (20_000, 320)], Some(2.0));
        check(&[(1_000, 150), (2_000, 1_200), (1_400, 410)], Some(3.0));
        check(&[(24, 100), (26, 400), (28, 1600)], Some(18.0));
        // Linear, constant.
        check(&[(100_000, 300), (200_000, 600), (400_000, 1200)], None);
        check(&[(1, 1200), (100, 1200), (10_000, 1200)], None);
        // With a threshold: from nothing, and from something.
        check(&[(10_000, 2), (20_000, 3), (20_500, 1500)], None);
        check(&[(10_000, 60), (20_000, 120), (40_000, 3000)], None);
        // Quadratic, but never slow enough.
        check(&[(2_000, 50), (4_000, 200), (8_000, 800)], None);
        // Nothing between: it cannot be told.
        check(&[(10_000, 80), (40_000, 1280)], None);
    }
}
