//! What a source map says: which position in a bundle comes from which in a source.
//!
//! ECMA-426, "Source map format". Read here instead of by the crate `sourcemap`: that one brings 40
//! more crates (URLs with Unicode's tables, bit vectors), reads no percent-encoded inline maps,
//! lets the sections of an index map overlap and has no limits; the part needed is this file.

use serde::Deserialize;

/// A bundle of 5 MB has about a million; this many take 100 MB.
const MOST_SEGMENTS: usize = 4_000_000;

/// As text: why a map is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is too large")]
    TooLarge,
    #[error("it cannot be decoded")]
    Encoding,
    #[error("it is not a source map: {0}")]
    Json(String),
    #[error("its version is not 3")]
    Version,
    #[error("its mappings are broken")]
    Mappings,
    #[error("it maps nothing")]
    Empty,
}

/// A decoded map.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Sorted by `at`.
    segments: Vec<Segment>,
    pub(super) sources: Vec<ListedSource>,
}

/// A source as the map lists it.
#[derive(Debug, Default)]
pub(super) struct ListedSource {
    /// With `sourceRoot` before it.
    pub(super) name: String,
    pub(super) content: Option<String>,
    /// On the map's list of code that its author did not write.
    pub(super) ignored: bool,
}

/// From `at` to the next segment, or to the end of the line.
#[derive(Debug)]
struct Segment {
    at: (u32, u32),
    /// `None`: the bundler's own code.
    origin: Option<Origin>,
}

/// A position in a source. Lines and columns count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::observe) struct Origin {
    pub(super) source: u32,
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    version: Option<u32>,
    #[serde(default)]
    sources: Vec<Option<String>>,
    source_root: Option<String>,
    sources_content: Option<Vec<Option<String>>>,
    #[serde(default)]
    mappings: String,
    ignore_list: Option<Vec<usize>>,
    /// The name of `ignoreList` before it was standardized; tools write both.
    #[serde(rename = "x_google_ignoreList")]
    early_ignore_list: Option<Vec<usize>>,
    sections: Option<Vec<Section>>,
}

#[derive(Deserialize)]
struct Section {
    offset: Offset,
    /// A section with a URL instead is left out: nothing is fetched.
    map: Option<Document>,
}

#[derive(Clone, Copy, Deserialize)]
struct Offset {
    line: u32,
    column: u32,
}

impl Table {
    /// Reads a map, an index map included.
    pub(super) fn read(json: &[u8]) -> Result<Table, Unusable> {
        // Servers used to put a line such as `)]}'` before JSON; the standard has it skipped.
        let json = match json.strip_prefix(b")]}") {
            Some(rest) => rest.iter().position(|it| *it == b'\n').map_or(&[][..], |end| &rest[end..]),
            None => json,
        };
        let document: Document =
            serde_json::from_slice(json).map_err(|error| Unusable::Json(error.to_string()))?;
        if document.version != Some(3) {
            return Err(Unusable::Version);
        }
        let mut table = Table::default();
        match document.sections {
            Some(sections) => table.add_sections(sections)?,
            None => table.add(document, (0, 0), (u32::MAX, u32::MAX))?,
        }
        if table.segments.iter().all(|it| it.origin.is_none()) {
            return Err(Unusable::Empty);
        }
        if !table.segments.is_sorted_by_key(|it| it.at) {
            table.segments.sort_by_key(|it| it.at);
        }
        table.segments.shrink_to_fit();
        Ok(table)
    }

    /// Where the code at `line` and `column` comes from.
    pub(super) fn origin(&self, line: u32, column: u32) -> Option<Origin> {
        let behind = self.segments.partition_point(|it| it.at <= (line, column));
        let segment = &self.segments[behind.checked_sub(1)?];
        segment.origin.filter(|_| segment.at.0 == line)
    }

    fn add_sections(&mut self, sections: Vec<Section>) -> Result<(), Unusable> {
        let starts: Vec<(u32, u32)> = sections.iter().map(|it| (it.offset.line, it.offset.column)).collect();
        if !starts.is_sorted() {
            return Err(Unusable::Mappings);
        }
        for (index, section) in sections.into_iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or((u32::MAX, u32::MAX));
            // What the section before says ends here, also if this one says nothing.
            self.push(starts[index], None)?;
            // A section is a plain map, not an index map again: one without mappings.
            if let Some(map) = section.map {
                self.add(map, starts[index], end)?;
            }
        }
        Ok(())
    }

    /// Adds a plain map whose code stands from `start` to before `end` in the bundle.
    fn add(&mut self, document: Document, start: (u32, u32), end: (u32, u32)) -> Result<(), Unusable> {
        let first = self.sources.len();
        let mut contents = document.sources_content.unwrap_or_default().into_iter();
        let root = document.source_root.unwrap_or_default();
        self.sources.extend(document.sources.into_iter().map(|source| ListedSource {
            name: under_root(&root, source.unwrap_or_default()),
            content: contents.next().flatten(),
            ignored: false,
        }));
        for list in [document.ignore_list, document.early_ignore_list].into_iter().flatten() {
            for index in list {
                if let Some(source) = self.sources.get_mut(first.saturating_add(index)) {
                    source.ignored = true;
                }
            }
        }
        let mut reader = Mappings { bytes: document.mappings.as_bytes() };
        let (mut line, mut column) = (start.0, i64::from(start.1));
        let (mut source, mut source_line, mut source_column) = (0, 0, 0);
        loop {
            match reader.bytes.first() {
                None => return Ok(()),
                Some(b';') => {
                    reader.skip();
                    line = line.checked_add(1).ok_or(Unusable::Mappings)?;
                    column = 0;
                    continue;
                }
                Some(b',') => {
                    reader.skip();
                    continue;
                }
                Some(_) => {}
            }
            column += reader.number()?;
            let mut origin = None;
            if !reader.at_end_of_segment() {
                source += reader.number()?;
                source_line += reader.number()?;
                source_column += reader.number()?;
                if !reader.at_end_of_segment() {
                    // The name that stood there: not needed.
                    reader.number()?;
                }
                if !reader.at_end_of_segment() {
                    return Err(Unusable::Mappings);
                }
                let position = |it: i64| u32::try_from(it).map_err(|_| Unusable::Mappings);
                let (line, column) = (position(source_line)?, position(source_column)?);
                origin = usize::try_from(source)
                    .ok()
                    .and_then(|source| first.checked_add(source))
                    .filter(|source| *source < self.sources.len())
                    .and_then(|source| u32::try_from(source).ok())
                    .map(|source| Origin { source, line, column });
            }
            let at = (line, u32::try_from(column).map_err(|_| Unusable::Mappings)?);
            if at < end {
                self.push(at, origin)?;
            }
        }
    }

    fn push(&mut self, at: (u32, u32), origin: Option<Origin>) -> Result<(), Unusable> {
        if self.segments.len() == MOST_SEGMENTS {
            return Err(Unusable::TooLarge);
        }
        self.segments.push(Segment { at, origin });
        Ok(())
    }
}

fn under_root(root: &str, source: String) -> String {
    let absolute = source.starts_with(['/', '\\']) || source.contains("://") || source.get(1..2) == Some(":");
    match root {
        "" => source,
        _ if absolute => source,
        root if root.ends_with('/') => format!("{root}{source}"),
        root => format!("{root}/{source}"),
    }
}

/// The text of `mappings`, from front to back.
struct Mappings<'a> {
    bytes: &'a [u8],
}

impl Mappings<'_> {
    fn skip(&mut self) {
        self.bytes = &self.bytes[1..];
    }

    fn at_end_of_segment(&self) -> bool {
        matches!(self.bytes.first(), None | Some(b',' | b';'))
    }

    /// A number in base 64, 5 bits a digit, lowest first; the lowest bit of all is the sign.
    fn number(&mut self) -> Result<i64, Unusable> {
        let mut value: i64 = 0;
        // ECMA-426: at most 32 bits, so at most 7 digits.
        for shift in (0..35).step_by(5) {
            let digit = match self.bytes.first() {
                Some(it @ b'A'..=b'Z') => it - b'A',
                Some(it @ b'a'..=b'z') => it - b'a' + 26,
                Some(it @ b'0'..=b'9') => it - b'0' + 52,
                Some(b'+') => 62,
                Some(b'/') => 63,
                _ => return Err(Unusable::Mappings),
            };
            self.skip();
            value |= i64::from(digit & 31) << shift;
            if digit & 32 == 0 {
                let size = value >> 1;
                return Ok(if value & 1 == 0 { size } else { -size });
            }
        }
        Err(Unusable::Mappings)
    }
}

#[cfg(test)]
mod tests;
