//! Constants: numbers, booleans, and tables whose keys an event must name.

use std::collections::HashMap;

use serde_json::Value;

use super::{Token, Walk};

/// A table with more keys is data.
const MAX_KEYS: usize = 24;
const MAX_TABLES: usize = 64;

/// A constant table or set.
#[derive(Default)]
pub(super) struct Table<'a> {
    /// Its keys, or its members.
    keys: Vec<Value>,
    /// The keys of the tables in it.
    inner: Vec<Value>,
    /// The functions that it names.
    functions: Vec<&'a str>,
    /// Its brackets.
    span: (usize, usize),
}

/// The tables and sets of a file, by the name of the variable.
pub(super) type Tables<'a> = HashMap<&'a str, Table<'a>>;

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
                let close = self.partners[open].min(self.tokens.len());
                let inner = (open + 1..close).filter(|it| self.is(*it, "{") && self.is(*it - 1, ":"));
                let mut inner: Vec<Value> = inner.flat_map(|it| self.keys_of(it)).collect();
                inner.truncate(MAX_KEYS);
                let named = |at: &usize| {
                    let ends = self.is(at + 1, ",") || at + 1 >= close || self.is(at + 1, "}");
                    ends && (self.is(at - 1, ":") || self.is(at - 1, ",") || self.is(at - 1, "{"))
                };
                let mut functions = Vec::new();
                let mut member = open + 1;
                while member < close {
                    functions.extend(self.word_at(member).filter(|_| named(&member)));
                    let inside = matches!(self.tokens[member], Token::Mark("(" | "[" | "{"));
                    member = if inside { self.partners[member].max(member) } else { member } + 1;
                }
                tables.entry(name).or_insert(Table { keys, inner, functions, span: (open, close) });
            }
        }
        tables
    }

    /// The table that the expression at `start` takes something out of: `T[x]`, `T?.[x]`, `T.get(x)`.
    pub(super) fn taken_from(&self, start: usize) -> Option<&'a str> {
        let table = self.word_at(start).filter(|it| self.tables.contains_key(it))?;
        let taken = self.is(start + 1, "[")
            || self.is(start + 1, "?.") && self.is(start + 2, "[")
            || self.is(start + 1, ".") && self.word_at(start + 2) == Some("get");
        taken.then_some(table)
    }

    /// Where the arguments begin of the call at `end`, the end of a reference to a table: `T[x](…)`, `T[x]?.(…)`,
    /// `T.get(x)(…)`.
    pub(super) fn called_at(&self, end: usize) -> Option<usize> {
        if self.is(end, "(") {
            return Some(end);
        }
        if self.is(end, "?.") && self.is(end + 1, "(") {
            return Some(end + 1);
        }
        let got = self.is(end, ".") && self.word_at(end + 1) == Some("get") && self.is(end + 2, "(");
        let after = got.then(|| self.partners[end + 2] + 1)?;
        self.is(after, "(").then_some(after)
    }

    /// The functions that a table names.
    pub(super) fn functions_of(&self, table: &str) -> Vec<&'a str> {
        self.tables.get(table).map(|it| it.functions.clone()).unwrap_or_default()
    }

    /// The table whose member the function is that has its parameters at `open`.
    pub(super) fn table_around(&self, open: usize) -> Option<&'a str> {
        let mut before = open.checked_sub(1)?;
        while matches!(self.word_at(before), Some("async" | "function")) {
            before = before.checked_sub(1)?;
        }
        let is_key = |at: usize, word: &str| {
            let own = at > 0
                && (self.is(at - 1, ",") || self.is(at - 1, "{") || self.word_at(at - 1) == Some("async"));
            own && self.is(open, "(") && word != "function"
        };
        if !self.is(before, ":") && !self.word_at(before).is_some_and(|it| is_key(before, it)) {
            return None;
        }
        let around = self.tables.iter().filter(|(_, it)| it.span.0 < open && open < it.span.1);
        around.min_by_key(|(name, it)| (it.span.1 - it.span.0, **name)).map(|(name, _)| *name)
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

    /// The keys of the table that the reference at `at..end` is looked up in: `T[x]`, `x in T`, `T.get(x)`,
    /// `Object.hasOwn(T, x)`; of the tables in it, `T[y]?.[x]` and `T.y[x]`.
    pub(super) fn looked_up(&self, at: usize, end: usize) -> Option<&[Value]> {
        let table = |at: usize| self.word_at(at).and_then(|it| self.tables.get(it));
        let known = |at: usize| table(at).map(|it| it.keys.as_slice());
        if self.word_at(end) == Some("in") && !self.is(end + 2, "(") {
            return known(end + 1);
        }
        if self.word_at(end) == Some("not") && self.word_at(end + 1) == Some("in") {
            return known(end + 2);
        }
        if at >= 2 && self.is(at - 1, "[") && self.is(end, "]") {
            let before = if self.is(at - 2, "?.") { at.checked_sub(3)? } else { at - 2 };
            let outer = if self.is(before, "]") {
                let open = (0..before).rev().take(40).find(|it| self.partners[*it] == before)?;
                open.checked_sub(1)
            } else {
                before.checked_sub(2).filter(|_| self.is(before - 1, "."))
            };
            let inner = outer.and_then(table).map(|it| it.inner.as_slice());
            return inner.or_else(|| known(before));
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
