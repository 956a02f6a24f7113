//! What the code around a reference says about the kind of its value.

use serde_json::Value;

use super::{
    super::{
        kinds::Kind,
        reference::{Chain, Reference, Root},
        token::Token,
        vocabulary,
    },
    Layout, Walk,
};

/// Methods that only lists have.
const LIST_METHODS: &[&str] =
    &["map", "forEach", "flatMap", "reduce", "some", "every", "find", "findIndex", "filter", "join"];
/// Methods that only strings have.
#[rustfmt::skip]
const TEXT_METHODS: &[&str] = &[
    "trim", "lower", "upper", "strip", "lstrip", "rstrip", "toLowerCase", "toUpperCase", "split",
    "splitlines", "replace", "replaceAll", "encode", "decode", "normalize", "startsWith",
    "endsWith", "startswith", "endswith", "localeCompare", "charAt", "charCodeAt", "match",
    "matchAll", "padStart", "substring", "substr", "isdigit", "isalnum", "isalpha", "title",
];
/// Functions whose argument is a number, or the text of one.
const NUMBER_CASTS: &[&str] = &[
    "int",
    "float",
    "Number",
    "parseInt",
    "parseFloat",
    "isInteger",
    "isFinite",
    "isSafeInteger",
    "isNaN",
    "Decimal",
];
/// Functions whose argument is a list, but for the odd string or object.
const LIST_FUNCTIONS: &[&str] = &["sum", "sorted", "enumerate", "list", "tuple", "reversed", "zip"];
/// Methods after which a loop runs over something else than the value itself.
const TAKE_APART: &[&str] =
    &["split", "splitlines", "items", "values", "entries", "keys", "read", "lines", "range", "matchAll"];

impl<'a> Walk<'_, 'a> {
    /// Reads what the code does with the reference that begins at `at`.
    pub(super) fn evidence(&mut self, at: usize, reference: &Reference) {
        let chain = &reference.chain;
        if chain.root != Root::Event || chain.guessed {
            return;
        }
        for (keys, weight) in &reference.lists {
            self.gather.kind(&chain.keys[..(*keys).min(chain.keys.len())], Kind::List, *weight);
        }
        // A list that the code has made says nothing of what is in it.
        if chain.many {
            return;
        }
        let end = reference.end;
        let mut found = Vec::new();
        found.extend(self.last_method(at, end));
        found.extend(self.alternative(end));
        found.extend(self.surroundings(at, end));
        for (kind, weight) in found {
            self.gather.kind(&chain.keys, kind, weight);
        }
    }

    /// `for … of EXPR`, `for … in EXPR`: the value of `EXPR` is a list, unless it is taken apart.
    pub(super) fn looped(&mut self, start: usize, end: usize, chain: &Chain, weight: u8) {
        if chain.root != Root::Event || chain.guessed || chain.many {
            return;
        }
        let end = end.min(self.tokens.len()).max(start);
        let words = self.tokens[start..end].iter().filter_map(Token::word);
        let apart: Vec<&str> = words.filter(|it| TAKE_APART.contains(it)).collect();
        match apart.last() {
            None => self.gather.kind(&chain.keys, Kind::List, weight),
            Some(&("items" | "entries" | "values" | "keys")) => {
                self.gather.kind(&chain.keys, Kind::Object, 2);
            }
            Some(_) => self.gather.kind(&chain.keys, Kind::Text, 2),
        }
    }

    /// The method that the reference ends with: `.strip()`, `.get('k', [])`.
    fn last_method(&self, at: usize, end: usize) -> Option<(Kind, u8)> {
        let after = if self.is(end, ".") || self.is(end, "?.") { self.word_at(end + 1) } else { None };
        if let Some(method) = after.filter(|_| self.is(end + 2, "(")) {
            if LIST_METHODS.contains(&method) {
                return Some((Kind::List, 3));
            }
            if TEXT_METHODS.contains(&method) {
                return Some((Kind::Text, 2));
            }
        }
        let close = end.checked_sub(1)?;
        if !self.is(close, ")") {
            return None;
        }
        let open =
            (at + 1..close).rev().take(60).find(|it| self.is(*it, "(") && self.partners[*it] == close)?;
        let method = self.word_at(open - 1).filter(|_| self.member_before(open - 1))?;
        if TEXT_METHODS.contains(&method) {
            return Some((Kind::Text, 2));
        }
        match method {
            "filter" => Some((Kind::List, 3)),
            "items" | "entries" => Some((Kind::Object, 2)),
            "get" | "pop" | "setdefault" if self.is(open + 2, ",") => self.constant_kind(open + 3),
            _ => None,
        }
    }

    /// Where the callback begins if the reference ends with `.filter(…)`.
    pub(super) fn filtered(&self, at: usize, end: usize) -> Option<usize> {
        let open = self.last_call(at, end.checked_sub(1)?)?;
        (self.word_at(open - 1) == Some("filter")).then_some(open + 1)
    }

    /// The opening bracket of the method call that ends at `close`, in what begins at `at`.
    fn last_call(&self, at: usize, close: usize) -> Option<usize> {
        let mut opening = (at + 1..close).rev().take(200);
        let open = opening.find(|it| self.is(*it, "(") && self.partners[*it] == close)?;
        self.member_before(open - 1).then_some(open)
    }

    /// `x || []`, `x ?? {}`, `x or 0`.
    fn alternative(&self, end: usize) -> Option<(Kind, u8)> {
        let or = self.is(end, "||") || self.is(end, "??") || self.word_at(end) == Some("or");
        if or { self.constant_kind(end + 1) } else { None }
    }

    fn constant_kind(&self, at: usize) -> Option<(Kind, u8)> {
        match self.tokens.get(at)? {
            Token::Mark("[") => Some((Kind::List, 3)),
            Token::Mark("{") => Some((Kind::Object, 2)),
            Token::Text(_) => Some((Kind::Text, 1)),
            Token::Other => Some((Kind::Number, 1)),
            Token::Word("true" | "false" | "True" | "False") => Some((Kind::Bool, 2)),
            _ => None,
        }
    }

    /// The function around the reference, `typeof`, and comparisons.
    fn surroundings(&self, at: usize, end: usize) -> Option<(Kind, u8)> {
        let before = at.checked_sub(1)?;
        if self.word_at(before) == Some("typeof") {
            return match self.tokens.get(end + 1)?.text()? {
                "number" => Some((Kind::Number, 4)),
                "boolean" => Some((Kind::Bool, 4)),
                "string" => Some((Kind::Text, 4)),
                "object" => Some((Kind::Object, 1)),
                _ => None,
            };
        }
        let function = before.checked_sub(1).filter(|_| self.is(before, "(")).and_then(|it| self.word_at(it));
        if let Some(function) = function {
            if function == "isinstance" && self.is(end, ",") {
                let types = self.tokens[end..self.tokens.len().min(end + 4)].iter().find_map(Token::word);
                return match types? {
                    "list" | "tuple" | "Sequence" => Some((Kind::List, 4)),
                    "dict" | "Mapping" => Some((Kind::Object, 4)),
                    "int" | "float" => Some((Kind::Number, 4)),
                    "bool" => Some((Kind::Bool, 4)),
                    "str" => Some((Kind::Text, 4)),
                    _ => None,
                };
            }
            match function {
                "isArray" => return Some((Kind::List, 4)),
                "len" => return Some((Kind::List, 1)),
                _ if NUMBER_CASTS.contains(&function) => return Some((Kind::Number, 2)),
                _ if LIST_FUNCTIONS.contains(&function) => return Some((Kind::List, 2)),
                _ => {}
            }
        }
        match self.compared(end)?.1 {
            Value::Number(_) => Some((Kind::Number, 3)),
            Value::Bool(_) => Some((Kind::Bool, 3)),
            Value::String(_) => Some((Kind::Text, 3)),
            _ => None,
        }
    }

    /// Numbers and booleans that pass the comparison of the reference at `at..end`.
    pub(super) fn typed_comparison(&mut self, at: usize, end: usize, name: &str, reference: &Reference) {
        let chain = &reference.chain;
        let event = chain.root == Root::Event && !chain.guessed;
        if chain.keys.is_empty() {
            return;
        }
        // Much that is no event is compared with numbers: lengths, status codes, counters.
        if name == "length" || !event && (self.sparse || vocabulary::is_library(name)) {
            return;
        }
        // `parseInt(x, 10) > 5`, `int(x) == 3`.
        let cast = at >= 2
            && self.is(at - 1, "(")
            && self.word_at(at - 2).is_some_and(|it| NUMBER_CASTS.contains(&it));
        let end = if cast { self.partners[at - 1] + 1 } else { end };
        let Some((operator, value)) = self.compared(end) else {
            return;
        };
        let rejects = self.rejects(end) != self.negated(at);
        let passing = match (operator, &value) {
            ("==", Value::Number(_) | Value::Bool(_)) => Some(value),
            // `if x is False: return` refuses what it names; so does `!== true`, for which the
            // value that passes is the one it names.
            ("false", _) if rejects => Some(Value::Bool(true)),
            ("false", _) => Some(value),
            ("<", _) => beside(&value, if rejects { 0 } else { -1 }),
            (">", _) => beside(&value, if rejects { 0 } else { 1 }),
            ("<=", _) => beside(&value, if rejects { 1 } else { 0 }),
            (">=", _) => beside(&value, if rejects { -1 } else { 0 }),
            _ => None,
        };
        if let Some(passing) = passing {
            self.gather.typed_pair(name, passing);
        }
    }

    /// The operator at `end` and the constant after it. Equality with `false` has the operator
    /// `false`, all other equalities have `==`.
    fn compared(&self, end: usize) -> Option<(&'a str, Value)> {
        let (operator, at) = match self.tokens.get(end)? {
            Token::Mark("==" | "===") => ("==", end + 1),
            Token::Mark("!=" | "!==") => ("!=", end + 1),
            Token::Mark(mark @ ("<" | ">" | "<=" | ">=")) => (*mark, end + 1),
            Token::Word("is") if self.word_at(end + 1) == Some("not") => ("!=", end + 2),
            Token::Word("is") => ("==", end + 1),
            _ => return None,
        };
        let value = self.constant(at)?;
        let operator = match (operator, &value) {
            ("==", Value::Bool(false)) => "false",
            ("!=", _) => "==",
            _ => operator,
        };
        Some((operator, value))
    }

    /// Whether the condition around `end` turns an event away.
    fn rejects(&self, end: usize) -> bool {
        let mut at = end;
        // The end of the condition: a bracket in JavaScript, a colon in Python.
        for _ in 0..40 {
            match self.tokens.get(at) {
                Some(Token::Mark("(" | "[" | "{")) => at = self.partners[at].max(at),
                Some(Token::Mark(")" | ":")) => break,
                None | Some(Token::Mark("]" | "}" | ";" | "=>" | "?") | Token::Line(_)) => return false,
                _ => {}
            }
            at += 1;
        }
        at += 1;
        while self.is(at, ")") || self.is(at, ":") || self.is(at, "{") {
            at += 1;
        }
        if matches!(self.tokens.get(at), Some(Token::Line(_))) {
            at += 1;
        }
        match self.word_at(at) {
            Some("throw" | "raise" | "continue" | "break") => true,
            Some("return") => self.fails(at + 1),
            _ => false,
        }
    }

    /// Whether the condition around `at` is `if not …` or `if (!(…))`.
    fn negated(&self, at: usize) -> bool {
        let condition = |it: &usize| matches!(self.word_at(*it), Some("if" | "elif" | "while"));
        let Some(condition) = (0..at).rev().take(24).find(condition) else {
            return false;
        };
        match self.layout {
            Layout::Indentation => {
                let joined = (condition..at).any(|it| matches!(self.word_at(it), Some("and" | "or")));
                self.word_at(condition + 1) == Some("not") && (!joined || self.is(condition + 2, "("))
            }
            Layout::Braces => {
                let inner = condition + 3;
                self.is(condition + 2, "!") && self.is(inner, "(") && at < self.partners[inner]
            }
        }
    }

    /// Whether a function that returns what begins at `at` has refused its event.
    fn fails(&self, at: usize) -> bool {
        const WORDS: [&str; 8] =
            ["error", "bad", "fail", "invalid", "refuse", "reject", "unsupported", "deny"];
        match self.tokens.get(at) {
            None | Some(Token::Line(_) | Token::Mark(";" | "}")) => return true,
            Some(Token::Word("None" | "null" | "undefined" | "false" | "False")) => return true,
            _ => {}
        }
        let statement = self.tokens[at..].iter().take(16);
        let mut statement = statement.take_while(|it| !matches!(it, Token::Line(_) | Token::Mark(";")));
        let from = self.source_after(at.saturating_sub(1)).unwrap_or_default();
        let status = from.char_indices().take(60).map(|(index, _)| &from[index..]).any(|rest| {
            let code = ["400", "401", "403", "404", "405", "409", "413", "415", "422"];
            code.iter().any(|it| rest.starts_with(it))
        });
        status
            || statement.any(|it| {
                let text = match it {
                    Token::Word(word) => word,
                    Token::Text(text) => text.as_ref(),
                    _ => return false,
                };
                let text = text.to_ascii_lowercase();
                WORDS.iter().any(|it| text.contains(it))
            })
    }
}

/// The number that is `distance` away from `value`.
fn beside(value: &Value, distance: i64) -> Option<Value> {
    match value.as_i64() {
        Some(number) => Some(Value::from(number.checked_add(distance)?)),
        None => {
            #[allow(clippy::cast_precision_loss, reason = "it is -1, 0 or 1")]
            let distance = distance as f64;
            Some(Value::from(value.as_f64()? + distance))
        }
    }
}
