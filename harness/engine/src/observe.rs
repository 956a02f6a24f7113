//! Observations: all that was seen of one test case, in one value that oracles can judge.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evfuzz_emulator::{LogText, Outcome};
use evfuzz_generators::nonce::Nonce;
use evfuzz_sandbox::{CanaryRan, ExecRecord};
use serde_json::Value;

/// All that was seen of one test case.
#[derive(Debug)]
pub(crate) struct Observation {
    /// How the invocation ended. `None`: only an effect was seen that came after its end.
    pub(crate) outcome: Option<Outcome>,
    /// The process ended after its answer, by work that nobody awaited.
    pub(crate) ended_later: Option<Outcome>,
    /// The error document, if there was one.
    pub(crate) error: Option<ErrorSeen>,
    /// stdout and stderr.
    pub(crate) log: LogText,
    /// The place in the function's own code that a stack trace in the log names.
    pub(crate) log_place: Option<String>,
    /// Canary commands of this test case that ran.
    pub(crate) fired: Vec<Fired>,
    /// Programs that were started meanwhile.
    pub(crate) execs: Vec<ExecRecord>,
}

/// A canary command that ran.
#[derive(Debug)]
pub(crate) struct Fired {
    /// Names the test case and the injection point.
    pub(crate) nonce: Nonce,
    /// What the sandbox saw.
    pub(crate) ran: CanaryRan,
}

/// An error document as runtimes post it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorSeen {
    /// `TypeError`, `KeyError`, `Runtime.UnhandledPromiseRejection`, ...
    pub(crate) error_type: String,
    /// Its message.
    pub(crate) message: String,
    /// Innermost frame first.
    pub(crate) frames: Vec<Frame>,
}

/// One frame of a stack trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// File as the runtime names it; relative to the function's root if it lies there.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The column, where lines are so long that they say little: bundles.
    pub(crate) column: Option<usize>,
    /// Whether the file is the function's own, not a dependency's or the interpreter's.
    pub(crate) own: bool,
    /// The source line, where known.
    pub(crate) text: Option<String>,
}

/// Lines longer than this come from a bundler: the line number alone names no place.
const LONG_LINE: usize = 300;

/// How much of a long line around its column belongs to the statement, as a guess.
const AROUND: usize = 40;

impl Frame {
    fn place(&self) -> String {
        match self.column {
            Some(column) => format!("{}:{}:{column}", self.file, self.line),
            None => format!("{}:{}", self.file, self.line),
        }
    }

    /// In a long line only the text around `column` counts.
    fn narrow_to(&mut self, column: usize) {
        let Some(text) = self.text.as_ref().filter(|text| text.len() > LONG_LINE) else { return };
        let from = column.saturating_sub(AROUND / 2);
        self.text = Some(text.chars().skip(from).take(AROUND).collect());
        self.column = Some(column);
    }
}

impl ErrorSeen {
    /// The innermost frame in the function's own code, as `file:line`.
    pub(crate) fn place(&self) -> Option<String> {
        let frame = self.frames.iter().find(|frame| frame.own)?;
        Some(frame.place())
    }

    /// Whether the function itself raised this error on purpose: the innermost frame is its own
    /// and the statement there raises.
    pub(crate) fn is_deliberate(&self) -> bool {
        let Some(text) = self.frames.first().filter(|frame| frame.own).and_then(|it| it.text.as_deref())
        else {
            return false;
        };
        let text = text.trim_start();
        text.starts_with("raise ")
            || text == "raise"
            || text.starts_with("assert ")
            || text.contains(" raise ")
            || text.contains("throw ")
            || text.contains("reject(")
            || text.contains("callback(")
            || text.contains("new Error(")
    }
}

/// The function's own source text, to look lines up.
#[derive(Debug, Default)]
pub(crate) struct SourceText {
    root: PathBuf,
    /// The same folder as the function's process names it.
    inside: PathBuf,
    files: BTreeMap<PathBuf, String>,
}

impl SourceText {
    /// `root`: the function's folder; `inside`: the same as its process names it; `files`: absolute path and content.
    pub(crate) fn new(
        root: &Path,
        inside: &Path,
        files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    ) -> SourceText {
        let files = files
            .into_iter()
            .filter_map(|(path, content)| Some((path, String::from_utf8(content).ok()?)))
            .collect();
        SourceText { root: root.to_owned(), inside: inside.to_owned(), files }
    }

    fn frame(&self, file: &str, line: u32, text: Option<&str>) -> Frame {
        let path = Path::new(file);
        let path = match path.strip_prefix(&self.inside) {
            Ok(below) => &self.root.join(below),
            Err(_) => path,
        };
        let relative = path.strip_prefix(&self.root);
        let own = relative.as_ref().is_ok_and(|path| {
            !path.components().any(|part| {
                matches!(part.as_os_str().to_str(), Some("node_modules" | "site-packages" | ".venv" | "venv"))
            })
        });
        let text = text.map(str::to_owned).or_else(|| {
            let index = usize::try_from(line).ok()?.checked_sub(1)?;
            self.files.get(path)?.lines().nth(index).map(str::to_owned)
        });
        let file = relative.map_or_else(|_| file.to_owned(), |path| path.display().to_string());
        Frame { file, line, column: None, own, text }
    }

    /// Reads an error document: `trace` (Node) or `stackTrace` (Python, Go, Java, Ruby).
    pub(crate) fn error(&self, error_type: &str, body: &[u8]) -> ErrorSeen {
        let document: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let message = document["errorMessage"].as_str().unwrap_or_default().to_owned();
        let lines = |key: &str| -> Vec<String> {
            document[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|line| line.as_str().map(str::to_owned))
                .collect()
        };
        let mut frames: Vec<Frame> = lines("trace").iter().filter_map(|line| self.node_frame(line)).collect();
        if frames.is_empty() {
            // Python lists the outermost frame first.
            frames = lines("stackTrace").iter().rev().filter_map(|line| self.python_frame(line)).collect();
        }
        ErrorSeen { error_type: error_type.to_owned(), message, frames }
    }

    /// The place that a stack trace in a log names: for processes that end without a document.
    pub(crate) fn place_in_log(&self, log: &str) -> Option<String> {
        let own = |frame: &Frame| frame.own;
        let node = || log.lines().filter_map(|line| self.node_frame(line)).find(own);
        let python = || log.lines().rev().filter_map(|line| self.python_frame(line)).find(own);
        Some(python().or_else(node)?.place())
    }

    /// `    at handler (/f/index.js:5:12)` or `    at file:///f/index.mjs:5:12`.
    fn node_frame(&self, line: &str) -> Option<Frame> {
        let rest = line.trim_start().strip_prefix("at ")?;
        let location = match rest.rfind('(') {
            Some(open) => rest[open + 1..].strip_suffix(')')?,
            None => rest.strip_prefix("async ").unwrap_or(rest),
        };
        let location = location.strip_prefix("file://").unwrap_or(location);
        let (location, column) = location.rsplit_once(':')?;
        let (file, line) = location.rsplit_once(':')?;
        let mut frame = self.frame(file, line.parse().ok()?, None);
        frame.narrow_to(column.parse().ok()?);
        Some(frame)
    }

    /// `  File "/f/app.py", line 5, in handler\n    source text\n`.
    fn python_frame(&self, entry: &str) -> Option<Frame> {
        let rest = entry.trim_start().strip_prefix("File \"")?;
        let (file, rest) = rest.split_once("\", line ")?;
        let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
        let text = entry.trim_start().split_once('\n').map(|(_, text)| text.trim_end());
        Some(self.frame(file, digits.parse().ok()?, text.filter(|text| !text.trim().is_empty())))
    }
}

#[cfg(test)]
mod tests;
