//! The walk: every route, every state, sizes, modes, headers, ends, and what is no proper request.

mod connections;
mod contexts;
mod ends;
mod errors;
mod extensions;
mod malformed;
mod routes;
mod sizes;
mod snapshots;
mod states;
mod streams;

use crate::walk::{End, Scenario, Starts, Step};

/// Takes a scenario: its name and what is done.
type Add<'a> = &'a mut dyn FnMut(&str, Vec<Step>);

/// All scenarios. Their names are unique.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    let mut add = |name: &str, steps: Vec<Step>| {
        // Only where a timeout is wanted may one come.
        let timeout = if steps.iter().any(|it| matches!(it, Step::End(End::Timeout))) { 1 } else { 60 };
        let is_restored = steps.iter().any(|it| matches!(it, Step::SnapStart));
        let starts = if is_restored { Starts::Restored } else { Starts::Fresh };
        all.push(Scenario { name: name.to_owned(), timeout, starts, steps });
    };
    routes::add(&mut add);
    states::add(&mut add);
    snapshots::add(&mut add);
    ends::add(&mut add);
    sizes::add(&mut add);
    errors::add(&mut add);
    streams::add(&mut add);
    contexts::add(&mut add);
    extensions::add(&mut add);
    connections::add(&mut add);
    malformed::add(&mut add);
    all
}
