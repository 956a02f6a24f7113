//! Cuts JavaScript and its relatives into tokens.
//!
//! Also used for other languages with `//` comments. Types, JSX and decorators are not
//! understood, only survived.

use super::token::{Others, Token, is_word_start, mark_at, number_end, unescape, word_end};

/// After these words a `/` begins a regular expression, after all others it divides.
const BEFORE_REGEX: [&str; 13] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "do",
    "else",
    "throw",
    "new",
    "instanceof",
    "yield",
];

/// A regular expression longer than this is a mistake of ours.
const MAX_REGEX: usize = 1000;

/// The tokens of `source`.
pub(super) fn tokens(source: &str) -> (Vec<Token<'_>>, Others<'_>) {
    let mut lexer =
        Lexer { source, at: 0, tokens: Vec::new(), others: Vec::new(), depth: 0, templates: Vec::new() };
    while lexer.at < source.len() {
        lexer.step();
    }
    (lexer.tokens, lexer.others)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
    others: Others<'a>,
    /// Open braces.
    depth: usize,
    /// The value of `depth` at each `${` that is still open.
    templates: Vec<usize>,
}

impl<'a> Lexer<'a> {
    fn step(&mut self) {
        let bytes = self.source.as_bytes();
        let byte = bytes[self.at];
        match byte {
            b'/' if self.rest().starts_with("//") => self.skip_past("\n"),
            b'/' if self.rest().starts_with("/*") => {
                self.at += 2;
                self.skip_past("*/");
            }
            b'#' if self.at == 0 && self.rest().starts_with("#!") => self.skip_past("\n"),
            b'/' if self.regex_may_begin() => self.regex(),
            b'"' | b'\'' => self.string(byte),
            b'`' => {
                self.at += 1;
                self.template(true);
            }
            b'}' if self.templates.last() == Some(&self.depth) => {
                self.templates.pop();
                self.at += 1;
                self.tokens.push(Token::Mark(")"));
                self.template(false);
            }
            _ if byte.is_ascii_whitespace() => self.at += 1,
            _ if byte.is_ascii_digit() => {
                self.other(number_end(self.source, self.at));
            }
            _ if is_word_start(byte) => {
                let end = word_end(self.source, self.at);
                self.tokens.push(Token::Word(&self.source[self.at..end]));
                self.at = end;
            }
            _ => self.mark(),
        }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip_past(&mut self, end: &str) {
        self.at = match self.rest().find(end) {
            Some(found) => self.at + found + end.len(),
            None => self.source.len(),
        };
    }

    fn other(&mut self, end: usize) {
        self.others.push((self.tokens.len(), &self.source[self.at..end]));
        self.tokens.push(Token::Other);
        self.at = end;
    }

    fn mark(&mut self) {
        let mark = mark_at(self.source, self.at);
        match mark {
            "{" => self.depth += 1,
            "}" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at += mark.len();
        self.tokens.push(Token::Mark(mark));
    }

    fn regex_may_begin(&self) -> bool {
        match self.tokens.last() {
            None | Some(Token::Part | Token::Line(_)) => true,
            Some(Token::Mark(mark)) => !matches!(*mark, ")" | "]" | "}"),
            Some(Token::Word(word)) => BEFORE_REGEX.contains(word),
            Some(Token::Text(_) | Token::Other) => false,
        }
    }

    /// A regular expression ends on its line; what does not is a division after all.
    fn regex(&mut self) {
        let bytes = self.source.as_bytes();
        let mut in_class = false;
        let mut end = self.at + 1;
        while end < bytes.len() && end - self.at < MAX_REGEX {
            match bytes[end] {
                b'\n' => break,
                b'\\' => end += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.other(word_end(self.source, end + 1));
                    return;
                }
                _ => {}
            }
            end += 1;
        }
        self.mark();
    }

    /// A string ends on its line; a quote without partner is an apostrophe in JSX text.
    fn string(&mut self, quote: u8) {
        let bytes = self.source.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != quote && bytes[end] != b'\n' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if bytes.get(end) == Some(&quote) {
            self.tokens.push(Token::Text(unescape(&self.source[start..end])));
            self.at = end + 1;
        } else {
            self.at = start;
        }
    }

    /// Reads a template up to its end or its next `${`, whose inside is read as code, in brackets.
    fn template(&mut self, whole: bool) {
        let bytes = self.source.as_bytes();
        let start = self.at;
        while self.at < bytes.len() {
            match bytes[self.at] {
                b'`' => {
                    let text = &self.source[start..self.at];
                    self.at += 1;
                    self.tokens.push(if whole { Token::Text(unescape(text)) } else { Token::Part });
                    return;
                }
                b'$' if bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 2;
                    self.templates.push(self.depth);
                    self.tokens.extend([Token::Part, Token::Mark("(")]);
                    return;
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at = self.source.len();
    }
}
