//! The programs by subject, and how the success of each would show.

mod files;
mod kernel;
mod network;
mod processes;
mod resources;
mod staying;

use crate::table::Program;

/// Those that `EVFUZZ_ESCAPE_ONLY` picks; without it all.
pub(crate) fn chosen() -> impl Iterator<Item = &'static Program> {
    let only = std::env::var("EVFUZZ_ESCAPE_ONLY").ok();
    all().filter(move |program| only.as_ref().is_none_or(|it| it.split(',').any(|it| it == program.file)))
}

/// All programs, in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Program> {
    [
        files::PROGRAMS,
        network::PROGRAMS,
        processes::PROGRAMS,
        kernel::PROGRAMS,
        resources::PROGRAMS,
        staying::PROGRAMS,
    ]
    .into_iter()
    .flatten()
}
