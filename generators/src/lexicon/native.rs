//! Names in native programs.
//!
//! A compiler keeps string constants back to back, without separators: `filemodereport`. Where
//! one begins is known from the code and the tables that point at it. A program holds thousands
//! of strings of its standard library; those of the function itself lie near the AWS member names
//! that it looks for and near the paths of its own source files, because one object file holds
//! them all.

use std::collections::HashMap;

use self::image::Section;
use super::{
    gather::{Gather, Tier, is_identifier},
    vocabulary,
};

mod image;

/// How far from an anchor a name is believed.
const NEAR: usize = 4096;
/// Shorter AWS member names occur in other words.
const MIN_ANCHOR: usize = 7;
/// How many names and constants are kept.
const MAX_KEPT: usize = 96;

/// How it is known where a candidate begins and ends. Best first; the value is a distance in
/// bytes, so that a good bound outweighs some distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    /// Go: `json:"name"`.
    Tag = 0,
    /// In quotes, or between two known beginnings.
    Exact = 256,
    /// Cut out next to an AWS member name.
    Cut = 512,
    /// Between bytes that are in no identifier.
    Loose = 1024,
}

#[derive(Debug)]
struct Candidate<'a> {
    text: &'a str,
    at: usize,
    bound: Bound,
}

/// Finds names in a program or a compiled module.
pub(super) fn read(content: &[u8], gather: &mut Gather) {
    let anchors = Anchors::new();
    for section in image::sections(content) {
        read_section(&section, &anchors, gather);
    }
}

fn read_section(section: &Section<'_>, anchors: &Anchors, gather: &mut Gather) {
    let mut candidates = Vec::new();
    let mut positions = Vec::new();
    let mut texts = Vec::new();
    for (start, run) in runs(section) {
        let cuts = anchors.find(run);
        for (at, word) in &cuts {
            gather.word(word);
            positions.push(start + at);
        }
        // A path relative to the crate: this run is the function's own.
        if run.starts_with("src/") || run.ends_with("_lambda_handler") {
            positions.push(start);
        }
        texts.push((start, run));
        pieces(section, start, run, &cuts, &mut candidates);
    }
    positions.sort_unstable();
    let near = |at: usize| match &section.own {
        Some(own) => own.binary_search(&at).is_ok().then_some(0),
        None => distance(&positions, at).filter(|it| *it <= NEAR),
    };
    let mut ranked: Vec<(usize, usize, &str)> = candidates
        .iter()
        .filter_map(|it| {
            let distance = if it.bound == Bound::Tag { Some(0) } else { near(it.at) };
            Some((distance? + it.bound as usize, it.at, it.text))
        })
        .collect();
    ranked.sort_unstable();
    let mut kept: Vec<&str> = Vec::new();
    for (_, _, text) in ranked {
        if kept.len() < MAX_KEPT && !kept.contains(&text) {
            kept.push(text);
            gather.name(text, Tier::Key);
        }
    }
    for candidate in &candidates {
        gather.word(candidate.text);
    }
    let constants = texts.iter().filter(|(at, text)| is_constant(text) && near(*at).is_some());
    for (_, text) in constants.take(MAX_KEPT) {
        gather.literal(text, false);
    }
}

/// Whether a run could be a value: neither a source file, nor debug information, nor code.
fn is_constant(text: &str) -> bool {
    let odd = text.bytes().filter(|it| !it.is_ascii_alphanumeric()).count();
    text.len() <= 100
        && odd * 3 <= text.len()
        && !text.starts_with(".debug")
        && !text.starts_with("src/")
        && !text.ends_with(".rs")
        && !text.ends_with(".go")
        && !NOISE.contains(&text)
}

/// Words that the standard libraries of Rust and Go put next to everything: seen in small
/// programs of rustc 1.95, and the names of primitive types. Not complete.
#[rustfmt::skip]
const NOISE: &[&str] = &[
    "deadlock", "Deadlock", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
    "i64", "i128", "isize", "f32", "f64", "bool", "char", "shim", "Kind", "kind", "Some",
    "None", "Ok", "Err", "Zero", "Error", "Utf8Error", "TryFromIntError", "ParseIntError",
    "AddrNotAvailable", "NotFoundTimedOut", "StripPrefixErrorPermissionDenied", "cxA",
    "NotFound", "TimedOut", "PermissionDenied", "StripPrefixError", "unsafe", "extern",
    "closure", "mut", "dyn", "impl", "uncategorized", "Uncategorized", "os_error",
    "RUST_BACKTRACE", "RUST_MIN_STACK", "full", "int", "int8", "int16", "int32", "int64",
    "uint", "uint8", "uint16", "uint32", "uint64", "uintptr", "float32", "float64", "complex64",
    "complex128", "string", "chan", "func", "slice", "struct", "ptr", "interface",
    "unsafe.Pointer", "array", "goroutine", "omitempty", "runtime", "0123456789abcdef",
    "0123456789ABCDEF", "vtable", "drop_in_place", "Layout", "LayoutError",
];

/// The distance from `at` to the nearest of `positions`.
fn distance(positions: &[usize], at: usize) -> Option<usize> {
    let next = positions.partition_point(|it| *it < at);
    let after = positions.get(next).map(|it| it - at);
    let before = next.checked_sub(1).map(|it| at - positions[it]);
    after.into_iter().chain(before).min()
}

/// Runs of at least three printable characters, cut where a string is known to begin.
fn runs<'a>(section: &Section<'a>) -> impl Iterator<Item = (usize, &'a str)> {
    let bytes = section.bytes;
    let mut at = 0;
    let mut cuts = section.starts.iter().copied().peekable();
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            while cuts.next_if(|it| *it <= start).is_some() {}
            let limit = cuts.peek().copied().unwrap_or(bytes.len()).min(bytes.len());
            let printable = |byte: &u8| matches!(byte, b' '..=b'~');
            at = start + bytes[start..limit].iter().take_while(|it| printable(it)).count();
            let run = &bytes[start..at];
            // The byte that ended the run, unless a string begins there.
            at += usize::from(at < limit);
            if run.len() >= 3 || run.len() == 2 && section.starts.binary_search(&start).is_ok() {
                return Some((start, std::str::from_utf8(run).expect("printable ASCII")));
            }
        }
        None
    })
}

/// Identifier-like pieces of a run.
fn pieces<'a>(
    section: &Section<'_>,
    start: usize,
    run: &'a str,
    cuts: &[(usize, &'static str)],
    found: &mut Vec<Candidate<'a>>,
) {
    let bytes = run.as_bytes();
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let mut at = 0;
    while at < bytes.len() {
        if !in_word(bytes[at]) {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|it| in_word(**it)).count();
        let before = at.checked_sub(1).map(|it| bytes[it]);
        let after = bytes.get(end).copied();
        let quoted = before == Some(b'"') && matches!(after, Some(b'"' | b','));
        let known_start = before.is_none() && section.starts.binary_search(&(start + at)).is_ok();
        let bound = if quoted && run[..at].ends_with("json:\"") {
            Some(Bound::Tag)
        } else if quoted || known_start && after.is_none() {
            Some(Bound::Exact)
        } else {
            // Beside a space it is prose, beside these a path, a type or a file.
            let foreign =
                |it: Option<u8>| matches!(it, Some(b' ' | b':' | b'/' | b'.' | b'%' | b'`' | b'\'' | b'<'));
            (!foreign(before) && !foreign(after)).then_some(Bound::Loose)
        };
        if let Some(bound) = bound {
            cut(run, start, at, end, bound, cuts, found);
        }
        at = end;
    }
}

/// Adds the piece `at..end` of a run, or what is left of it between AWS member names.
fn cut<'a>(
    run: &'a str,
    start: usize,
    at: usize,
    end: usize,
    bound: Bound,
    cuts: &[(usize, &'static str)],
    found: &mut Vec<Candidate<'a>>,
) {
    let mut from = at;
    let mut bound = bound;
    let mut add = |from: usize, to: usize, bound: Bound| {
        let text = &run[from..to.max(from)];
        let long = text.len() >= 3 || bound == Bound::Tag;
        let plain = is_identifier(text)
            && long
            && (vocabulary::is_ordinary(text) || !vocabulary::is_library(text))
            && !vocabulary::is_aws(text)
            && !NOISE.contains(&text);
        if plain && !text.starts_with("_ZN") && text.bytes().any(|it| it.is_ascii_lowercase()) {
            found.push(Candidate { text, at: start + from, bound });
        }
    };
    for (position, word) in cuts.iter().filter(|(position, _)| (at..end).contains(position)) {
        if *position >= from {
            bound = bound.max(Bound::Cut);
            add(from, *position, bound);
            from = (position + word.len()).min(end);
        }
    }
    add(from, end, bound);
}

/// Finds AWS member names inside of other text, in one pass.
struct Anchors {
    by_start: HashMap<[u8; 4], Vec<&'static str>>,
}

impl Anchors {
    fn new() -> Anchors {
        let mut by_start: HashMap<[u8; 4], Vec<&'static str>> = HashMap::new();
        let long = vocabulary::aws_members().filter(|it| it.len() >= MIN_ANCHOR && vocabulary::is_aws(it));
        for word in long {
            if let Some(start) = word.as_bytes().first_chunk() {
                by_start.entry(*start).or_default().push(word);
            }
        }
        // The longest match counts.
        for words in by_start.values_mut() {
            words.sort_by_key(|word| std::cmp::Reverse(word.len()));
            words.dedup();
        }
        Anchors { by_start }
    }

    fn find(&self, run: &str) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = run.as_bytes().get(at..).and_then(<[u8]>::first_chunk::<4>) {
            let words = self.by_start.get(start).into_iter().flatten();
            match words.copied().find(|word| run[at..].starts_with(word)) {
                Some(word) => {
                    found.push((at, word));
                    at += word.len();
                }
                None => at += 1,
            }
        }
        found
    }
}
