//! Just enough JSON for a function without dependencies.

use std::fmt::Write;

/// A JSON value. Numbers, `false` and `null` are not told apart: no function here needs them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A number, `false` or `null`.
    Other,
    /// `true`.
    True,
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, in order of appearance.
    Object(Vec<(String, Value)>),
}

/// Deeper documents are refused: the parser is recursive.
const DEEPEST: usize = 100;

impl Value {
    /// Reads a whole document; `None` if it is not JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text };
        let value = parser.value(0)?;
        parser.skip_space();
        parser.rest.is_empty().then_some(value)
    }

    /// The member `key` of an object; of equal keys the last counts.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            Self::Other | Self::True | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other | Self::True | Self::List(_) | Self::Object(_) => None,
        }
    }
}

/// `text` as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string cannot fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, sign: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        if depth > DEEPEST {
            return None;
        }
        match self.rest.chars().next()? {
            '"' => self.string().map(Value::Text),
            '[' => self.list(depth).map(Value::List),
            '{' => self.object(depth).map(Value::Object),
            _ => {
                let end = self.rest.find([',', ']', '}', ' ', '\t', '\n', '\r']);
                let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                self.rest = rest;
                match word {
                    "true" => Some(Value::True),
                    "false" | "null" => Some(Value::Other),
                    _ => word.parse::<f64>().ok().map(|_| Value::Other),
                }
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        self.take('[')?;
        if self.take(']').is_some() {
            return Some(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(',').is_none() {
                return self.take(']').map(|()| items);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(String, Value)>> {
        let mut members = Vec::new();
        self.take('{')?;
        if self.take('}').is_some() {
            return Some(members);
        }
        loop {
            let name = self.string()?;
            self.take(':')?;
            members.push((name, self.value(depth + 1)?));
            if self.take(',').is_none() {
                return self.take('}').map(|()| members);
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(['"', '\\'])?;
            text.push_str(&self.rest[..end]);
            let sign = self.rest[end..].chars().next()?;
            self.rest = &self.rest[end + 1..];
            if sign == '"' {
                return Some(text);
            }
            text.push(self.escaped()?);
        }
    }

    /// The character that follows a backslash stands for.
    fn escaped(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.unit()?;
                let low = self.rest.strip_prefix("\\u").and_then(|rest| rest.get(..4));
                let low = low.and_then(|digits| u16::from_str_radix(digits, 16).ok());
                match (char::from_u32(u32::from(high)), low) {
                    (Some(c), _) => c,
                    // Two halves of a surrogate pair.
                    (None, Some(low)) if (0xd800..0xdc00).contains(&high) => {
                        let pair = char::decode_utf16([high, low]).next()?;
                        if pair.is_ok() {
                            self.rest = &self.rest[6..];
                        }
                        pair.unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    (None, _) => char::REPLACEMENT_CHARACTER,
                }
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.rest.get(..4)?;
        self.rest = &self.rest[4..];
        u16::from_str_radix(digits, 16).ok()
    }
}
