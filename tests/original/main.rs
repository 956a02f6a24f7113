//! Ours against the original: the emulator that AWS ships in the wheel of its SAM CLI.
//!
//! The same walk over all routes, states, sizes, modes and headers goes to both, byte by byte. The differences are exactly
//! those that `differences.rs` lists, each with its reason.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stderr, reason = "tests say what they skipped and found")]

mod differences;
#[path = "../fetched.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod http;
mod original;
mod ours;
mod scenarios;
#[path = "../support.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod support;
mod walk;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use walk::{Scenario, walk};

type Walked<'s> = (&'s Scenario, Vec<String>, Vec<String>);

/// Walks through all of them, in the order of the list. Most of the time is spent in waiting, so several go side by side.
fn walk_all<'s>(scenarios: &'s [Scenario], binary: &Path) -> Vec<Walked<'s>> {
    let next = AtomicUsize::new(0);
    let walked = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let original = walk(scenario, &mut original::Original::start(binary));
                    let ours = walk(scenario, &mut ours::Ours::start());
                    walked.lock().unwrap().push((scenario, original, ours));
                }
            });
        }
    });
    let mut walked = walked.into_inner().unwrap();
    walked.sort_by_key(|(scenario, ..)| scenarios.iter().position(|it| it.name == scenario.name));
    walked
}

#[test]
fn ours_differs_from_the_original_as_listed() {
    let binary = match original::fetch() {
        Ok(binary) => binary,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "missing on CI: {reason}");
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let only = std::env::var("EVFUZZ_SCENARIO").ok();
    let mut report = String::new();
    let mut seen = Vec::new();
    let chosen: Vec<_> = scenarios::all()
        .into_iter()
        .filter(|scenario| only.as_ref().is_none_or(|only| scenario.name.contains(only.as_str())))
        .collect();
    for (scenario, original, ours) in walk_all(&chosen, &binary) {
        assert_eq!(original.len(), ours.len(), "{}", scenario.name);
        for (number, (theirs, mine)) in original.iter().zip(&ours).enumerate() {
            let step = format!("{} {}", scenario.name, number + 1);
            if only.is_some() {
                eprintln!("{step}\n  original: {theirs}\n  ours:     {mine}");
            }
            if theirs == mine {
                continue;
            }
            match differences::reason(&scenario.name, theirs, mine) {
                Some(listed) => seen.push(listed),
                None => writeln!(report, "{step}\n  original: {theirs}\n  ours:     {mine}").unwrap(),
            }
        }
    }
    assert!(report.is_empty(), "differences that are not listed:\n{report}");
    if only.is_none() {
        for listed in differences::ALL {
            assert!(seen.contains(&listed.what), "listed, and no difference any more: {}", listed.what);
        }
    }
}
