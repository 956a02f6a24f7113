//! Ours against the original: the emulator that AWS ships in the wheel of its SAM CLI.
//!
//! The same walk over all routes, states, sizes, modes, headers and ends goes to both, byte by byte. `recorded.txt` holds
//! what the original answers; it is made anew with `UPDATE_EXPECT=1`. The differences are exactly those that
//! `differences.rs` and `listed.txt` say, each with its reason.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stderr, reason = "tests say what they skipped and found")]

mod differences;
#[path = "../fetched.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod http;
mod masks;
mod original;
mod ours;
mod record;
mod requests;
mod scenarios;
#[path = "../support.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod support;
mod walk;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::skipped;
use walk::{Expected, Scenario, walk};

/// Walks through all of them. Most of the time is spent in waiting, so several go side by side.
fn each(
    scenarios: &[Scenario],
    one: impl Fn(&Scenario) -> Vec<String> + Sync,
) -> Vec<(&Scenario, Vec<String>)> {
    let next = AtomicUsize::new(0);
    let walked = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(number) else { return };
                    let lines = one(scenario);
                    walked.lock().unwrap().push((number, scenario, lines));
                }
            });
        }
    });
    let mut walked = walked.into_inner().unwrap();
    walked.sort_by_key(|(number, ..)| *number);
    walked.into_iter().map(|(_, scenario, lines)| (scenario, lines)).collect()
}

#[test]
fn the_original_answers_as_recorded() {
    let binary = match fetched::aws_emulator() {
        Ok(binary) => binary,
        Err(reason) => {
            skipped(&reason);
            return;
        }
    };
    let update = std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1");
    let scenarios = scenarios::all();
    let recorded = record::read();
    let walked = each(&scenarios, |scenario| {
        let expected = match recorded.get(&scenario.name) {
            Some(lines) if !update => Expected::Lines(lines),
            _ => Expected::Nothing,
        };
        walk(scenario, &mut original::Original::start(&binary, scenario), &expected)
    });
    if update {
        record::write(&walked);
        return;
    }
    let mut report = String::new();
    for (scenario, lines) in &walked {
        let known = recorded.get(&scenario.name).map(Vec::as_slice).unwrap_or_default();
        for number in 0..lines.len().max(known.len()) {
            let (now, before) = (lines.get(number), known.get(number));
            if now != before {
                writeln!(
                    report,
                    "{} {}\n  recorded: {before:?}\n  now:      {now:?}",
                    scenario.name,
                    number + 1
                )
                .unwrap();
            }
        }
    }
    assert!(report.is_empty(), "the original answers otherwise than recorded.txt says:\n{report}");
    let names: BTreeSet<_> = scenarios.iter().map(|it| it.name.as_str()).collect();
    let old: Vec<_> = recorded.keys().filter(|it| !names.contains(it.as_str())).collect();
    assert!(old.is_empty(), "recorded, and no scenario any more: {old:?}");
}

#[test]
fn ours_answers_as_the_original_but_for_the_list() {
    let scenarios = scenarios::all();
    let recorded = record::read();
    let wanted = differences::applied(&recorded);
    let walked = each(&scenarios, |scenario| {
        walk(scenario, &mut ours::Ours::start(scenario), &Expected::Lines(&wanted.lines[&scenario.name]))
    });
    let mut report = String::new();
    for (scenario, lines) in &walked {
        let wanted = &wanted.lines[&scenario.name];
        assert_eq!(wanted.len(), lines.len(), "{}: recorded.txt is of another walk", scenario.name);
        for (number, (wanted, ours)) in wanted.iter().zip(lines).enumerate() {
            if wanted != ours {
                let original = &recorded[&scenario.name][number];
                writeln!(
                    report,
                    "{} {}\n  original: {original}\n  wanted:   {wanted}\n  ours:     {ours}",
                    scenario.name,
                    number + 1
                )
                .unwrap();
            }
        }
    }
    assert!(report.is_empty(), "other differences than those that are listed:\n{report}");
    assert!(wanted.unused.is_empty(), "listed, and no difference any more: {:#?}", wanted.unused);
}
