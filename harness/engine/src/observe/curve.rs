//! What was measured of one text in an event: CPU time by its length.

use std::time::Duration;

/// CPU time of invocations that differ in the length of one text.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    /// The point of the text, in decoded form.
    pub(crate) point: String,
    /// In no order.
    pub(crate) costs: Vec<Cost>,
    /// CPU time below which nothing is too slow.
    pub(crate) floor: Duration,
}

impl Curve {
    /// CPU time that is far below the floor: so far that noise cannot hide a power between them.
    pub(crate) fn quick(&self) -> Duration {
        (self.floor / 6).max(Duration::from_millis(90))
    }
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Repetitions in the text.
    pub(crate) times: usize,
    /// Its length in bytes.
    pub(crate) bytes: usize,
    /// CPU time of the function and all that it started; at least that, if it was ended.
    pub(crate) cpu: Duration,
    pub(crate) end: CostEnd,
}

/// How a measured invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CostEnd {
    Answered,
    /// It was still busy when its time was over.
    TimedOut,
}
