//! What is tried at a marker, and what is judged: shared by all languages.

use std::ops::Range;

use super::Context;

/// What to put before and after the canary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sketch {
    pub(super) before: String,
    pub(super) after: String,
}

impl Sketch {
    pub(super) fn new(before: impl Into<String>, after: impl Into<String>) -> Sketch {
        Sketch { before: before.into(), after: after.into() }
    }

    pub(super) fn with(&self, canary: &str) -> String {
        format!("{}{canary}{}", self.before, self.after)
    }

    pub(super) fn tail(&self) -> Tail {
        let cut = ["#", "//", "--"].iter().any(|it| self.after.ends_with(it));
        if cut { Tail::Cut } else { Tail::Kept }
    }
}

/// Whether the rest of the line stays what it was, or becomes a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    Kept,
    Cut,
}

/// What a language has to say about a marker: where it stands, and what to try.
pub(super) struct Survey {
    pub(super) context: Context,
    pub(super) sketches: Vec<Sketch>,
}

/// Text with a payload in place.
pub(super) struct Trial<'a> {
    pub(super) text: &'a str,
    pub(super) placed: Range<usize>,
    pub(super) canary: &'a str,
}

impl Trial<'_> {
    /// Whether a construct at these bytes is the canary of the payload.
    pub(super) fn is_canary(&self, start: usize, end: usize) -> bool {
        self.placed.start <= start
            && end <= self.placed.end
            && self.text.get(start..end).is_some_and(|it| it == self.canary)
    }

    /// Whether the canary of the payload begins at this byte.
    pub(super) fn canary_at(&self, start: usize) -> bool {
        self.is_canary(start, start + self.canary.len())
    }
}
