//! Stack traces: lines of a runtime's text, read back as frames with the source line of each.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::ErrorSeen;
use super::folders::Folders;
use super::source_map::{Shelf, Source, Spot, resolve};
use super::text::{Shown, Text};

/// CPython stops at 1,000 frames, V8 at 10 unless the function says otherwise.
const MOST_FRAMES: usize = 2000;

/// One frame of a stack trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// File as the runtime, or a source map, names it; relative to the function's root if it lies there.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The column, where lines are so long that they say little: bundles.
    pub(crate) column: Option<usize>,
    pub(crate) whose: Whose,
    /// The source line, where known.
    pub(crate) text: Option<String>,
}

/// Who wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The function's own code.
    Function,
    /// Code that a bundler or compiler put between the function's own: in its file, not in its source.
    Bundler,
    /// A dependency, the runtime, the interpreter.
    Others,
}

impl Whose {
    /// Whose a file within the function is, by the parts of its path.
    pub(super) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Whose {
        let foreign = ["node_modules", "site-packages", ".venv", "venv"];
        if parts.into_iter().any(|part| foreign.contains(&part)) { Whose::Others } else { Whose::Function }
    }
}

/// Whether Node translates traces itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Traces {
    /// They name what runs.
    #[default]
    AsRun,
    /// Wherever a bundle names its map: `--enable-source-maps`.
    Translated,
}

impl Traces {
    /// What the environment variables of a function say.
    pub(crate) fn of(env: &[(String, String)]) -> Traces {
        let options = env.iter().rev().find(|(name, _)| name == "NODE_OPTIONS");
        let enables = |options: &str| options.split_ascii_whitespace().any(|it| it == "--enable-source-maps");
        if options.is_some_and(|(_, value)| enables(value)) { Traces::Translated } else { Traces::AsRun }
    }
}

impl Frame {
    pub(crate) fn place(&self) -> String {
        match self.column {
            Some(column) => format!("{}:{}:{column}", self.file, self.line),
            None => format!("{}:{}", self.file, self.line),
        }
    }

    /// Adds the source line; of a long one only the text around `column` counts.
    fn with_text(mut self, shown: Option<Shown>, column: usize) -> Frame {
        if let Some(Shown::Piece(_)) = shown {
            self.column = Some(column);
        }
        self.text = shown.map(Shown::into_text);
        self
    }
}

/// The innermost frame in the function's own code; if there is none, in its own files.
pub(super) fn own<F: Borrow<Frame>>(frames: impl Iterator<Item = F>) -> Option<F> {
    let mut in_bundle = None;
    for frame in frames {
        match frame.borrow().whose {
            Whose::Function => return Some(frame),
            Whose::Bundler => in_bundle = in_bundle.or(Some(frame)),
            Whose::Others => {}
        }
    }
    in_bundle
}

/// The function's own source text, to look lines up.
#[derive(Debug, Default)]
pub(crate) struct SourceText {
    folders: Folders,
    traces: Traces,
    files: BTreeMap<PathBuf, Text>,
    /// Its own class files: their paths below the root, without the extension.
    classes: Vec<String>,
    maps: Shelf,
}

impl SourceText {
    /// `root`: the function's folder; `inside`: the same as its process names it; `files`: absolute path and content.
    pub(crate) fn new(
        root: &Path,
        inside: &Path,
        files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    ) -> SourceText {
        let (classes, files): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(path, _)| path.extension().is_some_and(|it| it == "class"));
        let class = |(path, _): (PathBuf, Vec<u8>)| {
            Some(path.strip_prefix(root).ok()?.with_extension("").to_string_lossy().into_owned())
        };
        let files = files
            .into_iter()
            .filter_map(|(path, content)| Some((path, Text::new(String::from_utf8(content).ok()?))))
            .collect();
        let classes = classes.into_iter().filter_map(class).collect();
        SourceText { folders: Folders::new(root, inside), files, classes, ..SourceText::default() }
    }

    /// The same for a function with these environment variables.
    pub(crate) fn with_env(self, env: &[(String, String)]) -> SourceText {
        SourceText { traces: Traces::of(env), ..self }
    }

    /// A source map that was needed and could not be used.
    pub(crate) fn note(&self) -> Option<String> {
        self.maps.note()
    }

    /// Reads an error document: `trace` (Node) or `stackTrace` (Python, Go, Java, Ruby).
    pub(crate) fn error(&self, error_type: &str, body: &[u8]) -> ErrorSeen {
        let document: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let message = document["errorMessage"].as_str().unwrap_or_default().to_owned();
        let lines = |key: &str| -> Vec<&str> {
            document[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let node = lines("trace").into_iter().filter_map(|line| self.node_frame(line));
        let mut frames: Vec<Frame> = node.take(MOST_FRAMES).collect();
        if frames.is_empty() {
            // Python lists the outermost frame first.
            let python = lines("stackTrace").into_iter().rev().filter_map(|line| self.python_frame(line));
            frames = python.take(MOST_FRAMES).collect();
        }
        if frames.is_empty() {
            let java = lines("stackTrace").into_iter().filter_map(|line| self.java_frame(line));
            frames = java.take(MOST_FRAMES).collect();
        }
        ErrorSeen { error_type: error_type.to_owned(), message, frames }
    }

    /// The place that a stack trace in a log names: for processes that end without a document.
    pub(crate) fn place_in_log(&self, log: &str) -> Option<String> {
        let node = || own(log.lines().filter_map(|line| self.node_frame(line)).take(MOST_FRAMES));
        let python = || own(log.lines().rev().filter_map(|line| self.python_frame(line)).take(MOST_FRAMES));
        let java = || own(log.lines().filter_map(|line| self.java_frame(line)).take(MOST_FRAMES));
        Some(python().or_else(node).or_else(java)?.place())
    }

    /// `shop.App$Item.total(App.java:12)`, as `StackTraceElement` writes it, perhaps behind `at` and the names of loader and module.
    fn java_frame(&self, entry: &str) -> Option<Frame> {
        let entry = entry.trim();
        let (method, place) =
            entry.strip_prefix("at ").unwrap_or(entry).strip_suffix(')')?.rsplit_once('(')?;
        let (file, line) = place.rsplit_once(':')?;
        let (class, _) = method.rsplit('/').next()?.rsplit_once('.')?;
        let class = class.replace('.', "/");
        let is_it =
            |own: &String| own.strip_suffix(&class).is_some_and(|it| it.is_empty() || it.ends_with('/'));
        let whose = if self.classes.iter().any(is_it) { Whose::Function } else { Whose::Others };
        // The package is what the source's folder is called after.
        let file = class.rsplit_once('/').map_or(file.to_owned(), |(package, _)| format!("{package}/{file}"));
        Some(Frame { file, line: line.parse().ok()?, column: None, whose, text: None })
    }

    fn node_frame(&self, entry: &str) -> Option<Frame> {
        let (file, line, column) = node_location(entry)?;
        let path = self.folders.outside(&file);
        let Ok(below) = path.strip_prefix(&self.folders.root) else {
            return Some(self.elsewhere(&file, line, column));
        };
        let name = below.display().to_string();
        let mut whose = Whose::of(below.iter().filter_map(|part| part.to_str()));
        let code = self.files.get(&path);
        let shown = || code.and_then(|code| code.show(line, column));
        if whose == Whose::Function {
            let map = self.maps.map(&self.folders, &path, code);
            // Node has found the same map: what is left is untranslated for a reason, or names a
            // source that is called like its bundle.
            let map = map.filter(|it| self.traces == Traces::AsRun || !it.is_found_by_node());
            match map.as_ref().map(|map| map.spot(line, column)) {
                Some(Spot::Source { source, line, column }) => {
                    return Some(self.in_source(source, line, column, shown));
                }
                Some(Spot::Generated) => whose = Whose::Bundler,
                // A trace that was translated before names sources that no file was read for.
                None if code.is_none() => {
                    if let Some(known) = self.maps.source(&self.folders, &self.files, &name) {
                        return Some(self.in_source(known.source(), line, column, shown));
                    }
                }
                None => {}
            }
        }
        Some(Frame { file: name, line, column: None, whose, text: None }.with_text(shown(), column))
    }

    /// A frame outside the function's folder: the runtime's, or one that was translated before.
    fn elsewhere(&self, file: &str, line: u32, column: usize) -> Frame {
        let frame =
            |file: &str, whose| Frame { file: file.to_owned(), line, column: None, whose, text: None };
        if file.starts_with("node:") {
            return frame(file, Whose::Others);
        }
        // webpack's `eval` modes: lines count from the start of a module as webpack compiled it,
        // and only Node's own translation says which line of the source that is.
        if file.starts_with("webpack-internal:") || file.starts_with("webpack:") && file.ends_with('?') {
            return frame(file.trim_end_matches('?'), Whose::of(file.split(['/', '?'])));
        }
        let named = resolve(&self.folders, Path::new(""), file);
        let names =
            [named.as_ref().map(|it| it.name.as_str()), beside(&self.folders.inside, Path::new(file))];
        for name in names.into_iter().flatten() {
            if let Some(known) = self.maps.source(&self.folders, &self.files, name) {
                return self.in_source(known.source(), line, column, || None);
            }
        }
        match named {
            Some(named) if file.starts_with("webpack:") => frame(&named.name, named.whose),
            _ => frame(file, Whose::Others),
        }
    }

    /// A frame in a source of a bundle; `in_bundle`: its text there, if there is no better one.
    fn in_source(
        &self,
        source: &Source,
        line: u32,
        column: usize,
        in_bundle: impl Fn() -> Option<Shown>,
    ) -> Frame {
        let frame = Frame { file: source.name.clone(), line, column: None, whose: source.whose, text: None };
        match source.text(&self.folders).and_then(|text| text.show(line, column)) {
            Some(shown) => frame.with_text(Some(shown), column),
            None => Frame { text: in_bundle().map(Shown::into_text), ..frame },
        }
    }

    /// Whether a file, named from the function's folder, is in a folder of which nothing was read as the function's own: what pip
    /// has put beside the code.
    fn is_package(&self, file: &Path) -> bool {
        let mut parts = file.iter();
        let (Some(first), Some(_)) = (parts.next(), parts.next()) else { return false };
        let folder = self.folders.root.join(first);
        !self.files.is_empty()
            && !self.files.range(folder.clone()..).next().is_some_and(|it| it.0.starts_with(&folder))
    }

    /// `  File "/f/app.py", line 5, in handler\n    source text\n`.
    fn python_frame(&self, entry: &str) -> Option<Frame> {
        let rest = entry.trim_start().strip_prefix("File \"")?;
        let (file, rest) = rest.split_once("\", line ")?;
        let line: u32 = rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()?;
        let text = entry.trim_start().split_once('\n').map(|(_, text)| text.trim_end());
        let text = text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
        let path = self.folders.outside(file);
        let (file, whose) = match path.strip_prefix(&self.folders.root) {
            Ok(below) => {
                let whose = match Whose::of(below.iter().filter_map(|part| part.to_str())) {
                    Whose::Function if self.is_package(below) => Whose::Others,
                    whose => whose,
                };
                (below.display().to_string(), whose)
            }
            Err(_) => (file.to_owned(), Whose::Others),
        };
        let text = text.or_else(|| self.files.get(&path)?.line(line).map(str::to_owned));
        Some(Frame { file, line, column: None, whose, text })
    }
}

/// `    at handler (/f/index.js:5:12)` or `    at file:///f/index.mjs:5:12`: file, line and column.
fn node_location(entry: &str) -> Option<(String, u32, usize)> {
    let rest = entry.trim_start().strip_prefix("at ")?;
    let location = match rest.rfind('(') {
        Some(open) => rest[open + 1..].strip_suffix(')')?,
        None => rest.strip_prefix("async ").unwrap_or(rest),
    };
    // `eval at use (/f/index.js:5:12), <anonymous>:1:1`: the evaluated text has no name of its own.
    let location = location.split("), ").next().unwrap_or(location);
    let (location, column) = location.rsplit_once(':')?;
    let (file, line) = location.rsplit_once(':')?;
    let file = match file.strip_prefix("file://") {
        Some(path) => percent_decode_str(path).decode_utf8_lossy().into_owned(),
        None => file.to_owned(),
    };
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

/// The path of `file` from the last folder that it shares with `folder`: what `../` in a map leads
/// to, with the steps up left out, as sources are named.
fn beside<'a>(folder: &Path, file: &'a Path) -> Option<&'a str> {
    let shared = folder.ancestors().find(|it| file.starts_with(it))?;
    file.strip_prefix(shared).ok()?.to_str()
}
