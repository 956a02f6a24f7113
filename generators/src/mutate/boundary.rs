//! Values at the boundaries of what can be sent: the longest text, one less, none, and the oddest characters.

use crate::point::{Charset, InjectionPoint, Locator};

/// Longer texts than this are rare, and as long as texts are when somebody chose a limit.
const LONG: usize = 16 << 10;

/// Lengths around which code changes its mind: sizes of buffers and columns.
const USUAL: [usize; 8] = [64, 128, 255, 1_000, 1_024, 4_096, 8_192, 16_384];

/// What decides the boundaries at a place.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) at: Locator,
    charset: Charset,
    max_bytes: usize,
}

impl Limits {
    pub(super) fn of(point: &InjectionPoint) -> Limits {
        Limits { at: point.locator.clone(), charset: point.charset, max_bytes: point.max_bytes }
    }

    /// A text at a boundary; `kind` and `choice` are any numbers.
    pub(super) fn text(&self, kind: u8, choice: u16) -> String {
        let choice = usize::from(choice);
        let odd = self.charset.odd();
        let odd = odd[choice % odd.len()];
        match kind {
            0..=95 => odd.to_owned(),
            96..=127 if !self.charset.needs_text() => String::new(),
            // Odd characters in company, where something may count or cut them.
            96..=159 => {
                let framed = format!("a{odd}b");
                if self.charset.refused(&framed).is_none() { framed } else { odd.to_owned() }
            }
            160..=255 => self.long(self.length(choice), choice),
        }
    }

    /// The largest length and one less; where that is much, mostly a usual one or one beside it.
    fn length(&self, choice: usize) -> usize {
        if self.max_bytes <= LONG || choice.is_multiple_of(256) {
            return self.max_bytes - choice / 256 % 2;
        }
        USUAL[choice % USUAL.len()] + choice / USUAL.len() % 3 - 1
    }

    /// A text of exactly `length` bytes.
    fn long(&self, length: usize, choice: usize) -> String {
        if self.charset == Charset::Number {
            // As many digits as there may be.
            return "9".repeat(length.min(38));
        }
        // Characters of several bytes: what counts characters, or code units, finds other lengths.
        let unit = ["a", "\u{fc}", "\u{20ac}", "\u{1f600}"][choice / 7 % 4];
        let unit = if self.charset.refused(unit).is_none() { unit } else { "a" };
        let mut text = unit.repeat(length / unit.len());
        text.push_str(&"a".repeat(length - text.len()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{TestCase, tests::all_seeds};

    #[test]
    fn every_boundary_can_be_sent() {
        let mut longest = 0;
        let mut tried = std::collections::HashSet::new();
        for seed in all_seeds() {
            for point in TestCase::new(seed).points() {
                if !tried.insert((point.charset, point.max_bytes)) {
                    continue;
                }
                let limits = Limits::of(&point);
                let (mut exact, mut less) = (false, false);
                for kind in 0..=255 {
                    for choice in [0, 1, 7, 65, 256, 512, 1_000, 4_099, 65_535] {
                        // Long ones are the same text again and again.
                        if kind > 163 && point.max_bytes > LONG {
                            continue;
                        }
                        let text = limits.text(kind, choice);
                        assert_eq!(point.check(&text), Ok(()), "{point}: {} bytes", text.len());
                        exact |= text.len() == point.max_bytes;
                        less |= text.len() + 1 == point.max_bytes;
                        longest = longest.max(text.len());
                    }
                }
                assert!(exact && less || point.charset == Charset::Number, "{point}");
            }
        }
        assert!(longest > 100_000);
    }

    #[test]
    fn odd_characters_are_those_that_survive() {
        for charset in [
            Charset::Any,
            Charset::Query,
            Charset::Path,
            Charset::PathSegment,
            Charset::HeaderValue,
            Charset::HeaderName,
            Charset::CookieValue,
            Charset::ObjectKey,
            Charset::SqsText,
            Charset::SqsName,
            Charset::SqsGroup,
            Charset::SessionName,
            Charset::Number,
            Charset::Subject,
            Charset::NonEmpty,
            Charset::PathEnd,
            Charset::QueryAsIs,
            Charset::HeaderText,
            Charset::ListElement,
            Charset::Base64Url,
            Charset::Uri,
            Charset::UserName,
            Charset::NoBlank,
            Charset::LocalPart,
            Charset::Topic,
            Charset::TopicLevel,
        ] {
            for text in charset.odd() {
                assert_eq!(charset.refused(text), None, "{charset:?} {text:?}");
                assert!(!text.is_empty());
            }
        }
    }
}
