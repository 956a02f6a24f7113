//! Cuts Python and its relatives into tokens.
//!
//! Also used for other languages with `#` comments.

use super::token::{Others, Token, is_word_start, mark_at, number_end, unescape, word_end};

/// How deep f-strings within f-strings are read.
const MAX_NESTING: usize = 3;

/// The tokens of `source`.
pub(super) fn tokens(source: &str) -> (Vec<Token<'_>>, Others<'_>) {
    let mut tokens = Vec::new();
    let mut others = Vec::new();
    Lexer { source, at: 0, tokens: &mut tokens, others: &mut others, open: 0, nesting: 0 }.run();
    (tokens, others)
}

struct Lexer<'a, 't> {
    source: &'a str,
    at: usize,
    tokens: &'t mut Vec<Token<'a>>,
    others: &'t mut Others<'a>,
    /// Open brackets: inside them a line break is white space.
    open: usize,
    nesting: usize,
}

impl<'a> Lexer<'a, '_> {
    fn run(&mut self) {
        if self.nesting == 0 {
            self.line();
        }
        while self.at < self.source.len() {
            self.step();
        }
    }

    fn step(&mut self) {
        let byte = self.source.as_bytes()[self.at];
        match byte {
            b'#' => self.skip_comment(),
            b'\n' => {
                self.at += 1;
                if self.open == 0 && self.nesting == 0 {
                    self.line();
                }
            }
            b'\\' if self.rest().starts_with("\\\n") => self.at += 2,
            b'"' | b'\'' => self.string(""),
            _ if byte.is_ascii_whitespace() => self.at += 1,
            _ if byte.is_ascii_digit() => {
                let end = number_end(self.source, self.at);
                self.others.push((self.tokens.len(), &self.source[self.at..end]));
                self.tokens.push(Token::Other);
                self.at = end;
            }
            _ if is_word_start(byte) => self.word(),
            _ => {
                let mark = mark_at(self.source, self.at);
                match mark {
                    "(" | "[" | "{" => self.open += 1,
                    ")" | "]" | "}" => self.open = self.open.saturating_sub(1),
                    _ => {}
                }
                self.at += mark.len();
                self.tokens.push(Token::Mark(mark));
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip_comment(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// Reads the indentation of a line that is neither empty nor a comment.
    fn line(&mut self) {
        let mut indent = 0;
        for byte in self.rest().bytes() {
            match byte {
                b' ' => indent += 1,
                b'\t' => indent += 8,
                b'\n' | b'\r' | b'#' => return,
                _ => break,
            }
            self.at += 1;
        }
        self.tokens.push(Token::Line(indent));
    }

    fn word(&mut self) {
        let end = word_end(self.source, self.at);
        let word = &self.source[self.at..end];
        self.at = end;
        let quoted = matches!(self.source.as_bytes().get(end), Some(b'"' | b'\''));
        if quoted && word.len() <= 2 && word.bytes().all(|it| b"rbufRBUF".contains(&it)) {
            self.string(word);
        } else {
            self.tokens.push(Token::Word(word));
        }
    }

    fn string(&mut self, prefix: &str) {
        let bytes = self.source.as_bytes();
        let quote = bytes[self.at];
        let triple = bytes.get(self.at + 1) == Some(&quote) && bytes.get(self.at + 2) == Some(&quote);
        let width = if triple { 3 } else { 1 };
        let start = self.at + width;
        let mut end = start;
        loop {
            match bytes.get(end) {
                None => break,
                Some(b'\n') if !triple => break,
                Some(b'\\') => end += 2,
                Some(byte) if *byte == quote => {
                    if !triple || bytes[end..].starts_with(&[quote; 3]) {
                        let text = &self.source[start..end];
                        self.at = end + width;
                        self.text(prefix, text);
                        return;
                    }
                    end += 1;
                }
                Some(_) => end += 1,
            }
        }
        // No end: an apostrophe in a text that is no Python.
        self.at += 1;
    }

    fn text(&mut self, prefix: &str, text: &'a str) {
        if prefix.contains(['f', 'F']) && text.contains('{') && self.nesting < MAX_NESTING {
            self.interpolations(text);
        } else if prefix.contains(['r', 'R']) {
            self.tokens.push(Token::Text(text.into()));
        } else {
            self.tokens.push(Token::Text(unescape(text)));
        }
    }

    /// Reads the code between the braces of an f-string; each piece comes in brackets.
    fn interpolations(&mut self, text: &'a str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = text[at..].find('{') {
            let start = at + found + 1;
            if bytes.get(start) == Some(&b'{') {
                at = start + 1;
                continue;
            }
            let mut depth = 0usize;
            let mut end = start;
            while end < bytes.len() {
                match bytes[end] {
                    b'{' | b'[' | b'(' => depth += 1,
                    b'}' | b'!' | b':' if depth == 0 => break,
                    b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                end += 1;
            }
            let code = &text[start..end];
            self.tokens.extend([Token::Part, Token::Mark("(")]);
            let nesting = self.nesting + 1;
            Lexer { source: code, at: 0, tokens: self.tokens, others: self.others, open: 0, nesting }.run();
            self.tokens.push(Token::Mark(")"));
            at = text[end..].find('}').map_or(text.len(), |close| end + close + 1);
        }
        self.tokens.push(Token::Part);
    }
}
