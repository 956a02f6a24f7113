//! The text of one source file, by lines.

use std::sync::OnceLock;

/// Lines longer than this come from a bundler: the line number alone names no place.
const LONG_LINE: usize = 300;

/// How much of a long line around its column belongs to the statement, as a guess.
const AROUND: usize = 40;

/// A source file. Looking up a line costs the same wherever it is: a run looks up thousands a
/// second.
#[derive(Debug)]
pub(super) struct Text {
    content: String,
    lines: OnceLock<Lines>,
}

#[derive(Debug)]
struct Lines {
    starts: Vec<usize>,
    /// In ASCII columns are offsets: no counting through a line of megabytes.
    ascii: bool,
}

/// What is shown of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Line(String),
    /// A piece of a line that is so long that its column belongs to the place.
    Piece(String),
}

impl Shown {
    pub(super) fn into_text(self) -> String {
        match self {
            Shown::Line(text) | Shown::Piece(text) => text,
        }
    }
}

impl Text {
    pub(super) fn new(content: String) -> Text {
        Text { content, lines: OnceLock::new() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.content
    }

    /// Line `number`, counted from 1.
    pub(super) fn line(&self, number: u32) -> Option<&str> {
        let lines = self.lines();
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let start = *lines.starts.get(index)?;
        let end = lines.starts.get(index + 1).copied().unwrap_or(self.content.len());
        let line = &self.content[start..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Line `number`; of a long one only what stands around `column`.
    pub(super) fn show(&self, number: u32, column: usize) -> Option<Shown> {
        let line = self.line(number)?;
        if line.len() <= LONG_LINE {
            return Some(Shown::Line(line.to_owned()));
        }
        let from = column.saturating_sub(AROUND / 2);
        let piece = if self.lines().ascii {
            let end = from.saturating_add(AROUND).min(line.len());
            line.get(from..end).unwrap_or_default().to_owned()
        } else {
            line.chars().skip(from).take(AROUND).collect()
        };
        Some(Shown::Piece(piece))
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| {
            let breaks = self.content.match_indices('\n').map(|(at, _)| at + 1);
            let starts = std::iter::once(0).chain(breaks).filter(|start| *start < self.content.len());
            Lines { starts: starts.collect(), ascii: self.content.is_ascii() }
        })
    }
}
