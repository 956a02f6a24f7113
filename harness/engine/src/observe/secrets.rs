//! Secrets of a function: their values in every form in which they are looked for, and the outputs that hold one.

mod forms;
mod variables;

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

pub(crate) use self::forms::Form;
use self::forms::{Pattern, forms, is_signed_with};
pub(crate) use self::variables::is_secret;

/// Where a function says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Output {
    /// Its answer.
    Response,
    /// Its error document.
    Error,
    /// stdout, stderr, and what it logs through the runtime.
    Log,
    /// A file that it left in `/tmp`.
    File,
}

/// A secret that stands in an output. Its value is not in here: findings are stored, and shown to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leak {
    /// The variable whose value it is.
    pub(crate) name: Arc<str>,
    pub(crate) output: Output,
    pub(crate) form: Form,
    /// The text around it, with the name of every secret in the place of its value.
    pub(crate) excerpt: String,
}

/// The secrets of a function. Looking for all of them in all forms reads a text once.
pub(crate) struct Secrets {
    names: Vec<Arc<str>>,
    /// By the number that the automaton gives them.
    patterns: Vec<Pattern>,
    /// `None`: there is nothing to look for.
    finder: Option<AhoCorasick>,
}

/// One place in a text that holds a secret.
struct Hit {
    secret: usize,
    form: Form,
    range: Range<usize>,
    /// Signed requests carry it, by design.
    signed: bool,
}

/// Text before and after a secret that is kept, in bytes.
const AROUND: usize = 48;

impl Secrets {
    /// Names and values. Of two with the same value the first gives its name.
    pub(crate) fn new<'v>(variables: impl Iterator<Item = (&'v str, &'v str)>) -> Secrets {
        let mut names = Vec::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        for (name, value) in variables {
            let own = forms(names.len(), value).into_iter();
            let new: Vec<Pattern> = own.filter(|it| patterns.iter().all(|old| old.text != it.text)).collect();
            patterns.extend(new);
            names.push(Arc::from(name));
        }
        let texts = patterns.iter().map(|pattern| &pattern.text);
        // One value can begin like another.
        let mut builder = AhoCorasick::builder();
        let finder = builder.match_kind(MatchKind::LeftmostLongest).build(texts);
        Secrets { finder: finder.ok().filter(|_| !patterns.is_empty()), names, patterns }
    }

    /// The secrets that `text` holds, each once.
    pub(crate) fn find(&self, output: Output, text: &[u8]) -> Vec<Leak> {
        let hits = self.hits(text);
        let mut leaks: Vec<Leak> = Vec::new();
        for hit in hits.iter().filter(|hit| !hit.signed) {
            let name = &self.names[hit.secret];
            if leaks.iter().all(|leak| leak.name != *name) {
                let excerpt = self.excerpt(text, &hits, &hit.range);
                leaks.push(Leak { name: Arc::clone(name), output, form: hit.form, excerpt });
            }
        }
        leaks
    }

    /// Drops the leaks of secrets that stand in `event`: to say what one was told betrays nothing.
    pub(crate) fn retain_untold(&self, leaks: &mut Vec<Leak>, event: impl FnOnce() -> Vec<u8>) {
        if leaks.is_empty() {
            return;
        }
        let told = self.hits(&event());
        leaks.retain(|leak| told.iter().all(|hit| self.names[hit.secret] != leak.name));
    }

    fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let Some(finder) = &self.finder else { return Vec::new() };
        let hit = |found: aho_corasick::Match| {
            let pattern = &self.patterns[found.pattern().as_usize()];
            let signed = is_signed_with(pattern, text, found.start());
            Hit { secret: pattern.secret, form: pattern.form, range: found.range(), signed }
        };
        finder.find_iter(text).map(hit).collect()
    }

    /// `text` with the name of every secret in the place of its value: for all that is shown or stored.
    pub(crate) fn masked(&self, text: &str) -> String {
        let hits = self.hits(text.as_bytes());
        match hits.is_empty() {
            true => text.to_owned(),
            false => self.named(text.as_bytes(), &hits, 0..text.len()),
        }
    }

    /// What stands around `range`.
    fn excerpt(&self, text: &[u8], hits: &[Hit], range: &Range<usize>) -> String {
        let mut from = range.start.saturating_sub(AROUND);
        let mut to = (range.end + AROUND).min(text.len());
        // No part of a value may be left over at the ends.
        for hit in hits {
            if hit.range.start < from && hit.range.end > from {
                from = hit.range.start;
            }
            if hit.range.start < to && hit.range.end > to {
                to = hit.range.end;
            }
        }
        self.named(text, hits, from..to)
    }

    /// This part of `text`, with names for values.
    fn named(&self, text: &[u8], hits: &[Hit], part: Range<usize>) -> String {
        let mut named = String::new();
        let mut at = part.start;
        for hit in hits.iter().filter(|hit| hit.range.start >= part.start && hit.range.end <= part.end) {
            named.push_str(&String::from_utf8_lossy(&text[at..hit.range.start]));
            named.push('[');
            named.push_str(&self.names[hit.secret]);
            named.push(']');
            at = hit.range.end;
        }
        named.push_str(&String::from_utf8_lossy(&text[at..part.end]));
        named
    }
}

#[cfg(test)]
mod tests;
