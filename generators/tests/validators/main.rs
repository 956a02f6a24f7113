//! Independent validation: events of every source, judged by code that is not ours.
//!
//! `inputs` makes events, `schemas` names who judges those of a source, `strict` and `peers` are the three
//! judges, `facts` recomputes what AWS derives, `judge` applies the rule: two of three accept, and every
//! refusal is on the list in `refusals.txt`. `mistakes` proves that the whole would notice a mistake.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they skipped and found")]

mod codecs;
mod facts;
#[path = "../../../tests/fetched.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod inputs;
mod judge;
mod limits;
mod mistakes;
mod peers;
mod reach;
mod roundtrip;
mod schemas;
mod shapes;
mod strict;
mod support;
mod vectors;

use std::collections::BTreeMap;

use evfuzz_generators::source::EventSource;

use crate::{
    judge::{Bench, Refusals},
    support::{full, skipped},
};

/// How many random events of each source are judged.
fn mutated_per_source() -> usize {
    if full() { 20_000 } else { 200 }
}

#[test]
fn every_event_is_accepted_by_two_of_three_and_every_refusal_is_explained() {
    let mut bench = match Bench::start() {
        Ok(bench) => bench,
        Err(reason) => return skipped(&reason),
    };
    let mut refusals = Refusals::load();
    let mut wrong: BTreeMap<String, (usize, String, String)> = BTreeMap::new();
    for source in schemas::sources() {
        let mut events = inputs::unmutated(source);
        events.extend(inputs::unusual(source));
        events.extend(inputs::mutated(source, mutated_per_source()));
        let judgments = bench.judge(source, &events);
        let accepted = |it: usize| judgments.iter().filter(|judgment| judgment.accepts(it)).count();
        println!(
            "{:12} {:6} events; accepted by Rust {}, pydantic {}, zod {}",
            source.id(),
            events.len(),
            accepted(0),
            accepted(1),
            accepted(2)
        );
        for (judgment, event) in judgments.iter().zip(&events) {
            for complaint in judgment.complaints(source, &mut refusals) {
                let kind = format!("{} {}", source.id(), kind_of(&complaint));
                let (count, ..) = wrong.entry(kind).or_insert_with(|| (0, complaint, event.to_string()));
                *count += 1;
            }
        }
    }
    let line = |(_, (count, complaint, event)): (&String, &(usize, String, String))| {
        format!("{count} × {complaint}\n    {event:.1500}")
    };
    let report: Vec<String> = wrong.iter().map(line).collect();
    assert!(report.is_empty(), "{} kinds of complaints:\n{}", report.len(), report.join("\n"));
    if support::wanted_sources().is_some() {
        return;
    }
    let unused = refusals.unused();
    assert!(unused.is_empty(), "no event needs these lines of refusals.txt: {unused:#?}");
}

/// A complaint without the values in it, so that the same mistake in many events is told once.
fn kind_of(complaint: &str) -> String {
    let words = complaint.split_whitespace().take(8);
    let is_plain = |word: &str| word.chars().all(|it| it.is_ascii_alphabetic() || ":.*'_".contains(it));
    let plain = words.map(|word| if is_plain(word) { word } else { "…" });
    plain.collect::<Vec<&str>>().join(" ")
}

#[test]
fn every_source_has_judges() {
    for source in EventSource::ALL {
        let judged = schemas::all_sources().contains(&source);
        // An event of `direct` is whatever the caller wrote.
        assert_eq!(judged, source != EventSource::Direct, "decide in schemas.rs who judges {}", source.id());
    }
}
