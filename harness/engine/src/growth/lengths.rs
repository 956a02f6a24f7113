//! At which lengths a text is measured: as few as possible, since the telling ones cost seconds.

use crate::judge::{MEASURABLE, exponent};
use crate::observe::{Cost, CostEnd, Curve};

/// Below it, two lengths that are far enough apart are on a line, with all noise.
const LINEAR: f64 = 1.4;

/// What costs the same at half the length costs that whatever the text is.
const FLAT: f64 = 0.5;

/// A sixteenth of it can be measured on most curves that are exponential.
const EXPONENTIAL: usize = 400;

/// Texts so short that cost something can only be on an exponential curve.
const SHORT: usize = 200;

/// The length to measure next, of a text that came with `first` repetitions. `None`: enough is known.
pub(super) fn next(curve: &Curve, first: usize) -> Option<usize> {
    let slow = curve.costs.iter().filter(|it| it.cpu >= curve.floor);
    match slow.min_by_key(|it| it.times) {
        None => longer(curve, first),
        Some(slow) => between(curve, slow),
    }
}

/// While nothing is slow.
fn longer(curve: &Curve, first: usize) -> Option<usize> {
    let Some(last) = curve.costs.iter().max_by_key(|it| it.times) else { return Some(first) };
    if last.cpu < MEASURABLE {
        return Some(last.times * 2);
    }
    let measured = curve.costs.iter().filter(|it| it.cpu >= MEASURABLE && it.times < last.times);
    let Some(before) = measured.min_by_key(|it| it.times) else {
        return Some(if last.times < SHORT { last.times + last.times / 8 + 1 } else { last.times * 2 });
    };
    let exponent = exponent(before, last);
    if exponent < LINEAR {
        let is_near = last.times < before.times * 2;
        return is_near.then_some(last.times * 2);
    }
    // On its way, a little beyond what is too slow.
    let factor = (curve.floor.as_secs_f64() * 1.4 / last.cpu.as_secs_f64()).powf(1.0 / exponent);
    let target = (last.times as f64 * factor.min(8.0)).round() as usize;
    Some(target.max(last.times + 1))
}

/// Once a length is too slow: one that is quick is needed, and one between them.
fn between(curve: &Curve, slow: &Cost) -> Option<usize> {
    let quick = |it: &&Cost| (MEASURABLE..=curve.quick()).contains(&it.cpu);
    if let Some(from) = curve.costs.iter().filter(quick).map(|it| it.times).min() {
        let below = curve.costs.iter().map(|it| it.times).filter(|it| *it < slow.times).max()?;
        if slow.end == CostEnd::TimedOut && slow.times / 2 > below {
            // How much it costs is not known: what is not much longer is as slow on a curve that is exponential.
            return Some(below + below / 8 + 1);
        }
        let middle = middle(from, slow.times);
        return (from == below && from < middle && middle < slow.times).then_some(middle);
    }
    let nothing = curve.costs.iter().filter(|it| it.cpu < MEASURABLE).map(|it| it.times).max().unwrap_or(0);
    let mut too_long: Vec<&Cost> = curve.costs.iter().filter(|it| it.cpu > curve.quick()).collect();
    too_long.sort_by_key(|it| it.times);
    let longer = too_long.get(1);
    let too_long = too_long.first()?;
    let both = |it: &&Cost| [too_long.end, it.end] == [CostEnd::Answered; 2];
    if longer.is_some_and(|it| both(it) && exponent(too_long, it) < FLAT) {
        return None;
    }
    // Most curves are powers; a long text that is not even done may be on one that is exponential.
    let shorter = match too_long.end {
        CostEnd::TimedOut => too_long.times.min(EXPONENTIAL) / 16,
        CostEnd::Answered => too_long.times / 2,
    };
    let next = if shorter > nothing { shorter } else { middle(nothing, too_long.times) };
    (next > nothing).then_some(next)
}

/// Half the way, where every step makes a text longer by the same factor.
fn middle(short: usize, long: usize) -> usize {
    (short.max(1) as f64 * long as f64).sqrt().round() as usize
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::judge::Growth;

    /// Measures a function that needs `cost` milliseconds for so many repetitions. Returns whether it grows, and how long that
    /// took.
    fn measured(first: usize, cost: impl Fn(f64) -> f64) -> (bool, Duration) {
        let mut curve = Curve { point: String::new(), costs: Vec::new(), floor: Duration::from_secs(1) };
        let mut took = Duration::ZERO;
        while let Some(times) = next(&curve, first).filter(|it| *it < 4_000_000 && curve.costs.len() < 20) {
            let cpu = Duration::from_secs_f64((cost(times as f64) / 1000.0).min(3.0));
            let end = if cpu.as_secs() == 3 { CostEnd::TimedOut } else { CostEnd::Answered };
            curve.costs.push(Cost { times, bytes: times, cpu, end });
            took += cpu;
        }
        (Growth::of(&curve).is_some(), took)
    }

    #[test]
    fn curves_of_all_kinds_are_told_apart() {
        for first in [22, 1_000, 20_000] {
            let grows = |name: &str, cost: fn(f64) -> f64| {
                let (grows, took) = measured(first, cost);
                assert!(grows, "{name} from {first}");
                assert!(took < Duration::from_secs(20), "{name} from {first}: {took:?}");
            };
            grows("quadratic", |n| n * n / 1e6);
            grows("quick, quadratic", |n| n * n / 1e8);
            grows("cubic", |n| n * n * n / 1e8);
            grows("2^n", |n| 2f64.powf(n - 16.0));
            grows("1.2^n", |n| 1.2f64.powf(n - 16.0));
            let stays = |name: &str, cost: fn(f64) -> f64| {
                let (grows, took) = measured(first, cost);
                assert!(!grows, "{name} from {first}");
                assert!(took < Duration::from_secs(10), "{name} from {first}: {took:?}");
            };
            stays("linear", |n| n / 100.0);
            stays("constant", |_| 60.0);
            stays("always slow", |_| 1_500.0);
            stays("a threshold", |n| if n > 50_000.0 { 2_000.0 } else { n / 1_000.0 });
            stays("n log n", |n| n * n.ln() / 1_000.0);
        }
    }
}
