//! Events that a user gives in files, in any form in which people have them.

use std::path::Path;

use evfuzz_generators::case::Seed;
use evfuzz_generators::seeds::seed_from_event;
use evfuzz_generators::shown::{self, Place, Shown};

use crate::exit::Failure;
use crate::report::escape::printable;
use crate::report::output::to_stderr;

/// Events of one file that are taken: each costs an invocation before anything is fuzzed.
const MOST_EVENTS: usize = 20;

/// The events in `file`, and where each of them is: those of different shapes, and no more than a function is to be tried with.
pub(super) fn events(file: &Path) -> Result<Vec<Shown>, Failure> {
    let name = printable(&file.display().to_string());
    let content =
        std::fs::read(file).map_err(|error| Failure::usage(format!("cannot read event {name}: {error}")))?;
    let all = shown::read(&content).map_err(|error| {
        let error = printable(&error.to_string());
        Failure::usage(format!("event {name} cannot be read: {error}"))
    })?;
    let count = all.len();
    let mut events = shown::of_different_shapes(all);
    events.truncate(MOST_EVENTS);
    if events.len() < count {
        let taken = events.len();
        to_stderr(&format!(
            "evfuzz: {name} has {count} events; the first {taken} that differ in shape are taken\n"
        ));
    }
    Ok(events)
}

/// The seeds that are the events in `file`.
pub(super) fn seeds(file: &Path) -> Result<Vec<Seed>, Failure> {
    let stem =
        file.file_stem().map_or_else(|| "event".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let seed = |(index, Shown { event, place }): (usize, &Shown)| match place {
        Place::Test(name) => seed_from_event(name, event),
        _ if index == 0 => seed_from_event(&stem, event),
        _ => seed_from_event(&format!("{stem}-{}", index + 1), event),
    };
    Ok(events(file)?.iter().enumerate().map(seed).collect())
}
