//! Tokens, as far as names and constants need them.
//!
//! One kind of token serves all languages: what differs is how text is cut into them.

use std::borrow::Cow;

/// A piece of source text. Comments and white space are gone.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// An identifier or keyword.
    Word(&'a str),
    /// A whole string constant, without quotes and with its escapes resolved.
    Text(Cow<'a, str>),
    /// A piece of a string between interpolations.
    Part,
    /// A number or a regular expression: something that is neither a name nor a text.
    Other,
    /// An operator or bracket.
    Mark(&'a str),
    /// A new logical line with this indentation. Python only.
    Line(usize),
}

/// The source text of each [`Token::Other`], by the index of the token.
pub(super) type Others<'a> = Vec<(usize, &'a str)>;

impl<'a> Token<'a> {
    pub(super) fn word(&self) -> Option<&'a str> {
        match self {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is(&self, mark: &str) -> bool {
        matches!(self, Token::Mark(it) if *it == mark)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Token::Word(it) if *it == word)
    }
}

/// For each opening bracket the index of the closing one; for all else 0.
///
/// An opening bracket without partner is closed by the end of the file.
pub(super) fn partners(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut partners = vec![0; tokens.len()];
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let Token::Mark(mark) = token else { continue };
        let opening = match *mark {
            "(" | "[" | "{" => {
                open.push((index, mark));
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        // A bracket that fits nothing nearby is a mistake of ours or of the file: leave it alone.
        let nearby = open.iter().rev().take(4).position(|(_, it)| *it == opening);
        if let Some(back) = nearby {
            let at = open.len() - 1 - back;
            for (unclosed, _) in open.drain(at..) {
                partners[unclosed] = index;
            }
        }
    }
    for (unclosed, _) in open {
        partners[unclosed] = tokens.len();
    }
    partners
}

/// A word begins with one of these.
pub(super) fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The index after the word that begins at `at`.
pub(super) fn word_end(source: &str, at: usize) -> usize {
    let rest = &source.as_bytes()[at..];
    at + rest.iter().position(|byte| !is_word_start(*byte) && !byte.is_ascii_digit()).unwrap_or(rest.len())
}

/// The index after the number that begins at `at`: `1_000`, `0xff`, `1.5e3`, `10n`.
pub(super) fn number_end(source: &str, at: usize) -> usize {
    let bytes = source.as_bytes();
    let mut end = at + 1;
    while end < bytes.len() {
        let digit_follows = || bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !(bytes[end].is_ascii_alphanumeric()
            || bytes[end] == b'_'
            || bytes[end] == b'.' && digit_follows())
        {
            break;
        }
        end += 1;
    }
    end
}

/// The operator that begins at `at`. Longest first, and only those that the reader must tell apart.
pub(super) fn mark_at(source: &str, at: usize) -> &str {
    const MARKS: [&str; 14] =
        ["===", "!==", "...", "==", "!=", "=>", "?.", "??", "||", "&&", ":=", "->", "<=", ">="];
    let rest = &source[at..];
    if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
        // `a?.5:b` is a condition and a number.
        let number = *mark == "?." && rest.as_bytes().get(2).is_some_and(u8::is_ascii_digit);
        if !number {
            return &rest[..mark.len()];
        }
    }
    let length = rest.chars().next().map_or(0, char::len_utf8);
    &rest[..length]
}

/// Resolves the escapes that occur in names and values. Others stay as they are.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('\n') | None => {}
            Some(c @ ('\\' | '\'' | '"' | '`' | '/')) => text.push(c),
            Some(c) => text.extend(['\\', c]),
        }
    }
    Cow::Owned(text)
}
