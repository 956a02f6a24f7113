//! The matrix of a class: printed, and checked.

use evfuzz_generators::payload::{Payload, PayloadClass};

use crate::bench::{self, Cell, Kind, SAFE, Seen};
use crate::fetch::Driver;
use crate::support::skipped;

/// Runs `drivers`, prints who fired where, and checks it: every context is reached by some payload,
/// every payload reaches some context, no twin fires, and nothing fires where a function is safe.
///
/// A driver whose interpreter or libraries are missing is left out; then payloads may be idle.
#[track_caller]
pub(crate) fn check(class: PayloadClass, drivers: &[Driver]) -> Vec<Seen> {
    let mut all = Vec::new();
    for driver in drivers {
        match bench::run(class, *driver) {
            Ok(seen) => all.push(seen),
            Err(reason) => skipped(&format!("{} {}: {reason}", driver.file, class.id())),
        }
    }
    println!("{}", table(class, &all));
    let mut wrong: Vec<String> = Vec::new();
    for seen in &all {
        for cell in seen.cells.iter().filter(|it| it.fired) {
            if cell.kind == Kind::Twin || cell.context.starts_with(SAFE) {
                wrong.push(format!("{:?} of {} fires in {}", cell.kind, cell.payload.id, cell.context));
            }
        }
        for (context, fired) in contexts(seen) {
            if !context.starts_with(SAFE) && fired.is_empty() {
                wrong.push(format!("nothing fires in {} {context}: {}", seen.driver, answers(seen, context)));
            }
        }
    }
    if all.len() == drivers.len() {
        let idle = bench::counts(&all).into_iter().filter(|(_, count)| *count == 0);
        wrong.extend(idle.map(|(id, _)| format!("{id} fires nowhere")));
    }
    assert!(wrong.is_empty(), "{}:\n{}", class.id(), wrong.join("\n"));
    all
}

/// Checks that the first `count` payloads of `class` reach every context.
#[track_caller]
pub(crate) fn check_cover(class: PayloadClass, all: &[Seen], count: usize) {
    let first: Vec<&str> = Payload::of_class(class).take(count).map(|it| it.id).collect();
    for seen in all {
        for (context, fired) in contexts(seen) {
            let reached = fired.iter().any(|it| first.contains(&it.payload.id));
            assert!(
                reached || context.starts_with(SAFE),
                "{} {context} needs more than {first:?}",
                seen.driver
            );
        }
    }
}

/// One column per payload, one line per context.
fn table(class: PayloadClass, all: &[Seen]) -> String {
    let payloads: Vec<&Payload> = Payload::of_class(class).collect();
    let counts = bench::counts(all);
    let total: usize = all.iter().map(|seen| contexts(seen).len()).sum();
    let mut text = format!("\n{} (CWE-{}): {total} contexts\n", class.id(), class.cwe());
    for (number, payload) in payloads.iter().enumerate() {
        let count = counts.get(payload.id).copied().unwrap_or_default();
        text += &format!("  {} {count:2} {}\n", letter(number), payload.id);
    }
    for seen in all {
        for (context, fired) in contexts(seen) {
            let mark = |(number, payload): (usize, &&Payload)| {
                if fired.iter().any(|it| it.payload.id == payload.id) { letter(number) } else { '.' }
            };
            let marks: String = payloads.iter().enumerate().map(mark).collect();
            text += &format!("  {marks}  {} {}\n", seen.driver, context.replace('\n', "\\n"));
        }
    }
    text
}

fn letter(number: usize) -> char {
    char::from(b'A' + u8::try_from(number).unwrap())
}

/// The contexts in the driver's order, each with the payloads that fired.
fn contexts(seen: &Seen) -> Vec<(&str, Vec<&Cell>)> {
    let mut contexts: Vec<(&str, Vec<&Cell>)> = Vec::new();
    for cell in &seen.cells {
        if contexts.last().map(|it| it.0) != Some(&cell.context) {
            contexts.push((&cell.context, Vec::new()));
        }
        if cell.fired && cell.kind == Kind::Payload {
            contexts.last_mut().unwrap().1.push(cell);
        }
    }
    contexts
}

/// What a context answered to the payloads, for whoever mends it.
fn answers(seen: &Seen, context: &str) -> String {
    let cells = seen.cells.iter().filter(|it| it.context == context && it.kind == Kind::Payload);
    let short = |it: &Cell| it.said.chars().take(120).collect::<String>();
    cells.map(|it| format!("\n    {}: {}", it.payload.id, short(it))).collect()
}
