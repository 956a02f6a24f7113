//! Reports: consumers of what the engine tells.

pub(crate) mod diagnosis;
pub(crate) mod escape;
pub(crate) mod json_lines;
pub(crate) mod output;
pub(crate) mod text;

use evfuzz_engine::{RunEvent, Summary};

/// A consumer of a run's events.
pub(crate) trait Report {
    /// Something happened.
    fn event(&mut self, event: RunEvent);
    /// Nothing happened for a moment: a chance to refresh what is shown.
    fn tick(&mut self);
    /// The run is over.
    fn summary(&mut self, summary: &Summary);
}
