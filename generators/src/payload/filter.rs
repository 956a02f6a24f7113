//! Filters that a text may have to pass, and which payloads pass them.

use super::{Payload, PayloadClass};
use crate::nonce::NonceSource;

/// What a function, or something before it, does to the texts it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Filter {
    /// Splits at white space or refuses it.
    NoSpace,
    /// Takes the last part of a path, as `basename` does, or refuses slashes.
    NoSlash,
    /// Refuses or removes `'`, `"` and backticks.
    NoQuotes,
    /// Changes all letters to lower case.
    LowerCase,
    /// Cuts after 48 bytes.
    Short,
}

impl Filter {
    /// Every filter.
    pub const ALL: [Filter; 5] =
        [Filter::NoSpace, Filter::NoSlash, Filter::NoQuotes, Filter::LowerCase, Filter::Short];

    /// Kebab-case name: `no-space`.
    pub fn id(self) -> &'static str {
        match self {
            Filter::NoSpace => "no-space",
            Filter::NoSlash => "no-slash",
            Filter::NoQuotes => "no-quotes",
            Filter::LowerCase => "lower-case",
            Filter::Short => "short",
        }
    }

    /// Whether `text` comes through unchanged.
    pub fn passes(self, text: &str) -> bool {
        match self {
            Filter::NoSpace => !text.contains(char::is_whitespace),
            Filter::NoSlash => !text.contains('/'),
            Filter::NoQuotes => !text.contains(['\'', '"', '`']),
            Filter::LowerCase => text.to_lowercase() == text,
            Filter::Short => text.len() <= 48,
        }
    }
}

impl Payload {
    /// Whether the text of this payload passes `filter` unchanged, whatever the nonce.
    pub fn passes(&self, filter: Filter) -> bool {
        filter.passes(&self.text(&NonceSource::new(0).take()))
    }

    /// The payloads of `class` that pass all of `filters`, best first.
    ///
    /// ```
    /// use evfuzz_generators::payload::{Filter, Payload, PayloadClass};
    ///
    /// let short = Payload::variants(PayloadClass::ShellCommand, &[Filter::NoSpace, Filter::NoSlash]);
    /// assert_eq!(short.first().map(|it| it.id), Some("shell-substitution-quoted"));
    /// ```
    pub fn variants(class: PayloadClass, filters: &[Filter]) -> Vec<&'static Payload> {
        Payload::of_class(class).filter(|it| filters.iter().all(|filter| it.passes(*filter))).collect()
    }
}
