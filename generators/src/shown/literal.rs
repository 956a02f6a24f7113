//! Objects as languages print them: JSON, Python's `repr`, Node's `util.inspect`, Ruby's `inspect`.
//!
//! One reader for all of them, since a log does not say which it holds: names may be bare, texts have one of three quotes, and
//! `True`, `None`, `nil` and `undefined` are the words for what JSON has.

use serde_json::{Map, Value};

/// Deeper ones are no events: the parser of Lambda's own service refuses them.
const MOST_DEPTH: usize = 128;

/// An object or array at the beginning of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Literal {
    pub(super) value: Value,
    /// How many bytes of the text it has.
    pub(super) length: usize,
    /// Whether the printer left something out: `[Object]`, `... 3 more items`.
    pub(super) is_shortened: bool,
}

/// There is none.
#[derive(Debug, PartialEq)]
pub(super) struct NoLiteral {
    /// Where it ceases to be one, at least 1.
    pub(super) at: usize,
    /// Whether it looked like one: a member was read.
    pub(super) has_begun: bool,
    /// Whether the text ends within it, or the line does within a text.
    pub(super) is_cut: bool,
}

/// Reads the object or array that `text` begins with.
pub(super) fn read(text: &str) -> Result<Literal, NoLiteral> {
    let mut reader = Reader { text, at: 0, members: 0, is_shortened: false };
    match reader.value(0) {
        Some(value) => Ok(Literal { value, length: reader.at, is_shortened: reader.is_shortened }),
        None => Err(NoLiteral {
            at: reader.at.max(1),
            has_begun: reader.members > 0,
            is_cut: reader.rest().is_empty() || reader.rest().starts_with(['\n', '\r']),
        }),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    members: usize,
    is_shortened: bool,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn takes(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        self.at += if is_next { token.len() } else { 0 };
        is_next
    }

    /// The longest text of such characters that comes next.
    fn run(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let run = &rest[..rest.find(|it| !fits(it)).unwrap_or(rest.len())];
        self.at += run.len();
        run
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.blanks();
        if depth > MOST_DEPTH {
            return None;
        }
        // What `util.inspect` says of an object without a prototype, such as a query that Node has parsed.
        if self.takes("[Object: null prototype]") {
            self.blanks();
        }
        match self.rest().chars().next()? {
            '{' => self.object(depth),
            '[' if self.is_left_out() => Some(Value::Null),
            '[' => self.array(depth),
            '"' | '\'' | '`' => self.texts().map(Value::String),
            it if it.is_ascii_alphabetic() => {
                let start = self.at;
                let value = match self.run(|it| it.is_ascii_alphabetic()) {
                    "true" | "True" => Some(Value::Bool(true)),
                    "false" | "False" => Some(Value::Bool(false)),
                    "null" | "None" | "nil" | "undefined" => Some(Value::Null),
                    _ => None,
                };
                self.at = if value.is_some() { self.at } else { start };
                value
            }
            _ => {
                let start = self.at;
                let number = self.run(|it| it.is_ascii_digit() || "+-.eE".contains(it));
                let value = serde_json::from_str(number).ok();
                self.at = if value.is_some() { self.at } else { start };
                value
            }
        }
    }

    /// Node prints what is deeper than two levels as `[Object]`.
    fn is_left_out(&mut self) -> bool {
        let is_left_out = ["[Object", "[Array", "[Circular"].iter().any(|it| self.rest().starts_with(it));
        if is_left_out {
            self.run(|it| it != ']');
            self.takes("]");
            self.is_shortened = true;
        }
        is_left_out
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.takes("{");
        let mut members = Map::new();
        loop {
            self.blanks();
            if self.takes("}") {
                return Some(Value::Object(members));
            }
            let name = self.name()?;
            self.blanks();
            if !self.takes(":") && !self.takes("=>") {
                return None;
            }
            self.members += 1;
            members.insert(name, self.value(depth + 1)?);
            self.blanks();
            if !self.takes(",") && !self.rest().starts_with('}') {
                return None;
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        if self.rest().starts_with(['"', '\'']) {
            return self.text();
        }
        let name = self.run(|it| it.is_alphanumeric() || it == '_' || it == '$');
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        self.takes("[");
        let mut elements = Vec::new();
        loop {
            self.blanks();
            if self.takes("]") {
                return Some(Value::Array(elements));
            }
            if self.rest().starts_with("... ") {
                self.is_shortened = true;
                self.run(|it| it != ']');
                continue;
            }
            elements.push(self.value(depth + 1)?);
            self.blanks();
            if !self.takes(",") && !self.rest().starts_with(']') {
                return None;
            }
        }
    }

    /// A text; Node prints one of several lines as `'one\n' + 'two'`.
    fn texts(&mut self) -> Option<String> {
        let mut text = self.text()?;
        loop {
            let end = self.at;
            self.blanks();
            if self.takes("... ") {
                self.is_shortened = true;
                self.run(|it| !",}]+\n".contains(it));
                return Some(text);
            }
            let has_more = self.takes("+");
            self.blanks();
            if !has_more || !self.rest().starts_with(['"', '\'', '`']) {
                self.at = end;
                return Some(text);
            }
            text.push_str(&self.text()?);
        }
    }

    /// From quote to quote.
    fn text(&mut self) -> Option<String> {
        let start = self.at;
        let quote = self.rest().chars().next()?;
        self.at += quote.len_utf8();
        loop {
            let it = self.rest().chars().next()?;
            // A line of a log ends here, so the text was cut.
            if it < ' ' && quote != '`' {
                return None;
            }
            self.at += it.len_utf8();
            match it {
                '\\' => self.at += self.rest().chars().next()?.len_utf8(),
                it if it == quote => break,
                _ => {}
            }
        }
        let token = &self.text[start..self.at];
        // JSON is read as JSON.
        serde_json::from_str(token).ok().or_else(|| unescaped(&token[1..token.len() - 1]))
    }
}

/// What is between the quotes, its escapes read: those of Python, JavaScript and Ruby mean the same where they are spelled the
/// same.
fn unescaped(text: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(it) = rest.next() {
        let mut it = it;
        if it == '\\' {
            it = match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'v' => '\u{b}',
                'a' => '\u{7}',
                'e' => '\u{1b}',
                '0' => '\0',
                'x' => char::from_u32(hex(&mut rest, 2)?)?,
                'U' => char::from_u32(hex(&mut rest, 8)?)?,
                'u' if rest.as_str().starts_with('{') => {
                    let (digits, behind) = rest.as_str()[1..].split_once('}')?;
                    rest = behind.chars();
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                'u' => {
                    // Perhaps half of a surrogate pair.
                    units.push(u16::try_from(hex(&mut rest, 4)?).ok()?);
                    continue;
                }
                it if it.is_ascii_alphanumeric() => return None,
                it => it,
            };
        }
        units.extend_from_slice(it.encode_utf16(&mut [0; 2]));
    }
    Some(String::from_utf16_lossy(&units))
}

/// The number that the next `digits` are.
fn hex(text: &mut std::str::Chars<'_>, digits: usize) -> Option<u32> {
    let number = text.as_str().get(..digits)?;
    text.nth(digits - 1);
    number.bytes().all(|it| it.is_ascii_hexdigit()).then(|| u32::from_str_radix(number, 16).ok())?
}
