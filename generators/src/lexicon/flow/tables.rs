//! Constants: numbers, booleans, and tables whose keys an event must name.

use std::collections::HashMap;

use serde_json::Value;

use super::{Token, Walk};

/// A table with more keys is data.
const MAX_KEYS: usize = 24;
const MAX_TABLES: usize = 64;

/// Keys of constant tables and members of constant sets, by the name of the variable.
pub(super) type Tables<'a> = HashMap<&'a str, Vec<Value>>;

impl<'a> Walk<'_, 'a> {
    /// Finds `NAME = {…}`, `NAME = [...]`, `NAME = new Set([…])` and their relatives.
    pub(super) fn find_tables(&self) -> Tables<'a> {
        let mut tables = Tables::new();
        for at in 0..self.tokens.len() {
            let Some(name) = self.word_at(at).filter(|_| !self.sparse && tables.len() < MAX_TABLES) else {
                continue;
            };
            // Python and TypeScript: the type stands between.
            let mut equals = at + 1;
            if self.is(equals, ":") {
                let ahead = (equals + 1..equals + 12)
                    .take_while(|it| !matches!(self.tokens.get(*it), None | Some(Token::Line(_))));
                let mut ahead = ahead.take_while(|it| !self.is(*it, ",") || !self.is(*it + 1, "}"));
                equals = ahead.find(|it| self.is(*it, "=")).unwrap_or(equals);
            }
            if !self.is(equals, "=") {
                continue;
            }
            let mut open = equals + 1;
            // `new Set(`, `frozenset(`, `Object.freeze(`, `Map(`.
            while open < equals + 8
                && matches!(
                    self.tokens.get(open),
                    Some(
                        Token::Word(
                            "new" | "Set" | "Map" | "set" | "frozenset" | "dict" | "Object" | "freeze"
                        ) | Token::Mark("." | "(")
                    )
                )
                // A bracket right after the equals sign is a tuple.
                && !(self.is(open, "(") && open == equals + 1)
            {
                open += 1;
            }
            let keys = self.keys_of(open);
            if (1..=MAX_KEYS).contains(&keys.len()) {
                tables.entry(name).or_insert(keys);
            }
        }
        tables
    }

    /// The keys of the object, or the elements of the list, that begins at `open`.
    fn keys_of(&self, open: usize) -> Vec<Value> {
        let object = self.is(open, "{");
        if !object && !self.is(open, "[") && !self.is(open, "(") {
            return Vec::new();
        }
        let close = self.partners[open].min(self.tokens.len());
        let mut keys = Vec::new();
        let mut at = open + 1;
        while at < close && keys.len() <= MAX_KEYS {
            if matches!(self.tokens[at], Token::Line(_)) || object && self.word_at(at) == Some("async") {
                at += 1;
                continue;
            }
            let follows = at + 1;
            // A key, a shorthand, a method or an element of a Python set; `new Map([['a', f]])`.
            let ends = self.is(follows, ",") || follows >= close;
            let key = match &self.tokens[at] {
                Token::Word(word) if object && (ends || self.is(follows, ":") || self.is(follows, "(")) => {
                    Some(Value::from(*word))
                }
                Token::Text(text) if ends || object && self.is(follows, ":") => {
                    Some(Value::from(text.as_ref()))
                }
                Token::Mark("[") if !object => {
                    let first = self.tokens.get(at + 1).and_then(Token::text);
                    first.filter(|_| self.is(at + 2, ",")).map(Value::from)
                }
                _ => self.constant(at),
            };
            keys.extend(key.filter(|it| !it.is_boolean()));
            while at < close && !self.is(at, ",") {
                if matches!(self.tokens[at], Token::Mark("(" | "[" | "{")) {
                    at = self.partners[at].max(at);
                }
                at += 1;
            }
            at += 1;
        }
        keys
    }

    /// The table that the reference at `at..end` is looked up in: `T[x]`, `x in T`, `T.get(x)`,
    /// `Object.hasOwn(T, x)`.
    pub(super) fn looked_up(&self, at: usize, end: usize) -> Option<&'a str> {
        let known = |at: usize| self.word_at(at).filter(|it| self.tables.contains_key(it));
        if self.word_at(end) == Some("in") && !self.is(end + 2, "(") {
            return known(end + 1);
        }
        if self.word_at(end) == Some("not") && self.word_at(end + 1) == Some("in") {
            return known(end + 2);
        }
        if at >= 2 && self.is(at - 1, "[") && self.is(end, "]") {
            return known(at - 2);
        }
        if at >= 4 && self.is(at - 1, "(") && (self.is(at - 3, ".") || self.is(at - 3, "?.")) {
            let method = self.word_at(at - 2)?;
            let asks =
                matches!(method, "get" | "has" | "includes" | "indexOf" | "contains" | "hasOwnProperty");
            return known(at - 4).filter(|_| asks);
        }
        if at >= 4 && self.is(at - 1, ",") && self.is(at - 3, "(") {
            let asks = matches!(self.word_at(at - 4), Some("hasOwn" | "call"));
            return known(at - 2).filter(|_| asks);
        }
        None
    }

    /// The texts and numbers between two brackets.
    pub(super) fn constants(&self, open: usize, close: usize) -> Vec<Value> {
        let close = close.min(self.tokens.len()).min(open + 80);
        (open + 1..close).filter_map(|at| self.constant(at)).filter(|it| !it.is_boolean()).collect()
    }

    /// The text, number or boolean at `at`.
    pub(super) fn constant(&self, at: usize) -> Option<Value> {
        match self.tokens.get(at)? {
            Token::Text(text) => Some(Value::from(text.as_ref())),
            Token::Word("true" | "True") => Some(Value::Bool(true)),
            Token::Word("false" | "False") => Some(Value::Bool(false)),
            Token::Other | Token::Mark("-") => number(self.source_after(at.checked_sub(1)?)?),
            _ => None,
        }
    }

    /// The source text after the word or mark at `at`.
    ///
    /// Tokens do not carry numbers, but words and marks are slices of the source, so where they
    /// lie in it tells where they stand. Not so in text with resolved escapes: `None`.
    pub(super) fn source_after(&self, at: usize) -> Option<&'a str> {
        let (Token::Word(token) | Token::Mark(token)) = self.tokens.get(at)? else {
            return None;
        };
        let start = (token.as_ptr() as usize).checked_sub(self.source.as_ptr() as usize)?;
        self.source.get(start + token.len()..)
    }
}

/// The decimal number at the start of `text`.
fn number(text: &str) -> Option<Value> {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length =
        digits.bytes().take(20).take_while(|it| it.is_ascii_digit() || matches!(it, b'.' | b'_')).count();
    // Hexadecimal numbers, exponents and words that begin with digits are none.
    let goes_on = digits[length..].starts_with(|it: char| it.is_alphanumeric());
    if goes_on || !digits.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let plain = text[..text.len() - digits.len() + length].replace('_', "");
    let whole = plain.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| plain.trim_end_matches('.').parse::<f64>().ok().map(Value::from))
}
