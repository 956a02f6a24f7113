//! Tokens of SQL in four dialects. Comments are none.
//!
//! Sources: ISO/IEC 9075-2, 5.2 and 5.3; MySQL 8.4 manual 11.1 and 11.7; PostgreSQL 17 manual 4.1;
//! SQLite "SQL As Understood By SQLite", keywords and literals.

use std::ops::Range;

use super::super::Dialect;

/// What a token does in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A string, number, name or parameter.
    Operand,
    Keyword,
    Operator,
    Comma,
    Open,
    Close,
    /// A semicolon.
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) role: Role,
}

impl Token<'_> {
    pub(super) fn is_name(&self) -> bool {
        self.role == Role::Operand
            && self.text.starts_with(|c: char| c.is_alphabetic() || "_\"`[".contains(c))
    }
}

/// What is quoted where the marker stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    watch: Option<usize>,
    /// What opened it: `'`, `E'`, `$tag$`, `--`; empty for code.
    pub(super) quote: Option<String>,
}

impl Place {
    pub(super) fn watching(at: usize) -> Place {
        Place { watch: Some(at), quote: None }
    }

    fn note(&mut self, start: usize, end: usize, quote: &str) {
        if self.watch.is_some_and(|at| start <= at && at < end) {
            self.quote = Some(quote.to_owned());
        }
    }

    /// Counts the comments around the marker within the one that begins at `start`.
    fn nest(&mut self, text: &str, start: usize) {
        let Some(before) = self.watch.and_then(|watch| text.get(start..watch)) else { return };
        if self.quote.as_deref() == Some("/*") {
            let depth = before.matches("/*").count().saturating_sub(before.matches("*/").count());
            self.quote = Some("/*".repeat(depth.max(1)));
        }
    }

    pub(super) fn name(&self) -> Option<&'static str> {
        match self.quote.as_deref()? {
            "" => None,
            "--" | "#" => Some("a comment"),
            quote if quote.starts_with("/*") => Some("a comment"),
            "\"" => Some("double quotes"),
            "`" => Some("backticks"),
            "[" => Some("a name in brackets"),
            quote if quote.starts_with('$') => Some("a dollar-quoted string"),
            _ => Some("single quotes"),
        }
    }
}

/// What ends a string or name that this begins.
pub(super) fn closing(open: &str) -> &str {
    match open {
        "[" => "]",
        _ if open.ends_with('\'') => "'",
        _ => open,
    }
}

/// Words after which an operand is due, or that stand between operands.
const KEYWORDS: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "COLLATE",
    "CROSS",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DO",
    "ELSE",
    "END",
    "ESCAPE",
    "EXISTS",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INNER",
    "INSERT",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NOT",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "REGEXP",
    "RETURNING",
    "RIGHT",
    "SELECT",
    "SET",
    "THEN",
    "UNION",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
    "GLOB",
    "MATCH",
];

const OPERATORS: &[&str] = &[
    "<=>", "->>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "::", "->", ":=", "&&", "+", "-", "*", "/",
    "%", "<", ">", "=", "|", "&", "^", "~", "!", ".", "@", ":",
];

/// `None`: a string or comment has no end.
pub(super) fn tokens<'a>(dialect: Dialect, text: &'a str, place: &mut Place) -> Option<Vec<Token<'a>>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if let Some((open, length)) = comment(dialect, rest)? {
            place.note(start + open.len(), start + length, open);
            if open == "/*" && dialect == Dialect::PostgreSql {
                place.nest(text, start);
            }
            at += length;
            continue;
        }
        if let Some((open, length)) = quoted(dialect, rest)? {
            let close = closing(open);
            place.note(start + open.len(), start + length - close.len(), open);
            at += length;
            tokens.push(Token { text: &text[start..at], start, end: at, role: Role::Operand });
            continue;
        }
        let (length, role) = plain(dialect, rest)?;
        place.note(start, start + length, "");
        at += length;
        tokens.push(Token { text: &text[start..at], start, end: at, role });
    }
    Some(tokens)
}

/// Tokens and comments of a statement that may be invalid, as far as they touch `range`: see `breakout::sql_tokens_in`.
pub(in super::super) fn tokens_in(dialect: Dialect, text: &str, range: &Range<usize>) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Some(c) = text[at..].chars().next().filter(|_| at < range.end) {
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        at += length_of_any(dialect, &text[at..]).max(c.len_utf8());
        count += usize::from(start < range.end && at > range.start);
    }
    count
}

/// The length of the token or comment that begins here, whatever it is. What has no end takes all.
fn length_of_any(dialect: Dialect, rest: &str) -> usize {
    match comment(dialect, rest) {
        None => return rest.len(),
        Some(Some((_, length))) => return length,
        Some(None) => {}
    }
    match quoted(dialect, rest) {
        None => rest.len(),
        Some(Some((_, length))) => length,
        Some(None) => plain(dialect, rest).map_or_else(
            // `1a`, or a character that SQL has no use for.
            || rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
            |(length, _)| length,
        ),
    }
}

/// A comment that begins here: what opens it, and its length.
#[expect(clippy::option_option, reason = "the outer one is failure: a comment without an end")]
fn comment(dialect: Dialect, rest: &str) -> Option<Option<(&'static str, usize)>> {
    let line = rest.find('\n').unwrap_or(rest.len());
    let dashes = rest.strip_prefix("--").is_some_and(|after| {
        // MySQL: `a--1` is a subtraction.
        dialect != Dialect::MySql || after.is_empty() || after.starts_with(char::is_whitespace)
    });
    if dashes {
        return Some(Some(("--", line)));
    }
    if dialect == Dialect::MySql && rest.starts_with('#') {
        return Some(Some(("#", line)));
    }
    if !rest.starts_with("/*") {
        return Some(None);
    }
    if dialect != Dialect::PostgreSql {
        // SQLite closes it at the end of the text; the others do not.
        return rest[2..].find("*/").map(|it| Some(("/*", it + 4)));
    }
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(Some(("/*", at)));
            }
        } else {
            at += rest[at..].chars().next()?.len_utf8();
        }
    }
}

/// A string or quoted name that begins here: what opens it, and its length.
#[expect(clippy::option_option, reason = "the outer one is failure: a string without an end")]
fn quoted(dialect: Dialect, rest: &str) -> Option<Option<(&str, usize)>> {
    let prefixes: &[&str] = match dialect {
        Dialect::PostgreSql => &["U&'", "E'", "e'", "B'", "b'", "X'", "x'", "N'", "n'", "'", "\""],
        Dialect::MySql => &["N'", "n'", "X'", "x'", "B'", "b'", "'", "\"", "`"],
        Dialect::Sqlite => &["X'", "x'", "'", "\"", "`", "["],
        Dialect::Standard => &["N'", "n'", "X'", "x'", "'", "\""],
    };
    if dialect == Dialect::PostgreSql && rest.starts_with('$') {
        let tag = rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').map(|it| it + 1);
        let tag = tag.filter(|it| {
            rest[*it..].starts_with('$') && !rest[1..].starts_with(|c: char| c.is_ascii_digit())
        });
        let Some(end) = tag else { return Some(None) };
        let open = &rest[..=end];
        return rest[open.len()..].find(open).map(|it| Some((open, it + 2 * open.len())));
    }
    let Some(open) = prefixes.iter().find(|it| rest.starts_with(**it)) else { return Some(None) };
    let close = closing(open).chars().next()?;
    let strings = open.ends_with('\'') || *open == "\"";
    let escapes = strings && (dialect == Dialect::MySql || open.eq_ignore_ascii_case("E'"));
    let mut chars = rest[open.len()..].char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next()?;
        } else if c == close {
            if close == ']' || chars.peek().is_none_or(|(_, next)| *next != close) {
                return Some(Some((&rest[..open.len()], open.len() + index + 1)));
            }
            chars.next();
        }
    }
    None
}

fn plain(dialect: Dialect, rest: &str) -> Option<(usize, Role)> {
    let first = rest.chars().next()?;
    let length = |test: &dyn Fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        // `1a` is refused by most; as one token it is neither a number nor a name.
        let length = length(&|c| c.is_alphanumeric() || c == '.' || c == '_');
        let number = &rest[..length];
        let valid =
            number.starts_with("0x") || number.chars().all(|c| c.is_ascii_digit() || ".eE_".contains(c));
        return valid.then_some((length, Role::Operand));
    }
    if first.is_alphabetic() || first == '_' {
        let length = length(&|c| c.is_alphanumeric() || c == '_' || c == '$');
        let keyword = KEYWORDS.contains(&rest[..length].to_ascii_uppercase().as_str());
        return Some((length, if keyword { Role::Keyword } else { Role::Operand }));
    }
    match first {
        '(' => Some((1, Role::Open)),
        ')' => Some((1, Role::Close)),
        ',' => Some((1, Role::Comma)),
        ';' => Some((1, Role::End)),
        '?' => Some((1, Role::Operand)),
        '$' | ':' | '@' if rest[1..].starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
            let length = rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len() - 1);
            Some((length + 1, Role::Operand))
        }
        '[' | ']' if dialect == Dialect::PostgreSql => {
            Some((1, if first == '[' { Role::Open } else { Role::Close }))
        }
        _ => {
            let operator = OPERATORS.iter().find(|it| rest.starts_with(**it))?;
            Some((operator.len(), Role::Operator))
        }
    }
}
