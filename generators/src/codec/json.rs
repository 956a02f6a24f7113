//! JSON as senders write it: with names that occur twice, numbers of any size, halves of surrogate pairs.
//!
//! Our own, because a parser for values keeps none of that.

use super::{Codec, signed_bytes};
use crate::tree::Node;

/// How deep arrays and objects are read. A deeper document stays a text.
const MOST_DEPTH: usize = 200;

pub(crate) fn write(node: &Node) -> String {
    let mut text = String::new();
    write_to(&mut text, node);
    text
}

fn write_to(text: &mut String, node: &Node) {
    match node {
        Node::Opened(Codec::SignedBytes, content) => {
            text.push_str(&signed_bytes::text(&content.sent_bytes()));
        }
        Node::Text(_) | Node::Bytes(_) | Node::Opened(..) => quote(text, &node.sent()),
        Node::Null => text.push_str("null"),
        Node::Bool(it) => text.push_str(if *it { "true" } else { "false" }),
        Node::Number(it) | Node::Raw(it) => text.push_str(it),
        Node::Array(elements) => list(text, elements, write_to),
        Node::Object(members) => object(text, members.iter().map(|(name, it)| (name, it)), write_to),
    }
}

/// An array of what `write` writes.
pub(crate) fn list<T>(
    text: &mut String,
    elements: impl IntoIterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    text.push('[');
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, element);
    }
    text.push(']');
}

/// An object, each of its members written by `write`.
pub(crate) fn object<N: AsRef<str>, T>(
    text: &mut String,
    members: impl IntoIterator<Item = (N, T)>,
    write: impl Fn(&mut String, T),
) {
    text.push('{');
    for (index, (name, member)) in members.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        quote(text, name.as_ref());
        text.push(':');
        write(text, member);
    }
    text.push('}');
}

/// As `JSON.stringify`: no more is escaped than has to be.
pub(crate) fn quote(text: &mut String, string: &str) {
    text.reserve(string.len() + 2);
    text.push('"');
    let mut rest = string;
    loop {
        let plain = plain(rest.as_bytes());
        let (written, special) = rest.split_at(plain);
        text.push_str(written);
        // What is special is one byte of ASCII.
        let Some(byte) = special.bytes().next() else { break };
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            8 => text.push_str("\\b"),
            12 => text.push_str("\\f"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                text.push_str("\\u00");
                text.push(char::from(HEX[usize::from(control >> 4)]));
                text.push(char::from(HEX[usize::from(control & 15)]));
            }
        }
        rest = &special[1..];
    }
    text.push('"');
}

/// How many bytes come before the first that has to be escaped. Eight at a time, as texts can be long ("Determine if a word has
/// a byte less than n", Sean Eron Anderson, Bit Twiddling Hacks).
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let is_plain = |chunk: &[u8]| {
        let word = u64::from_le_bytes(chunk.try_into().expect("chunks of eight"));
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        (below(word, 0x20) | quotes | backslashes) & (ONES << 7) == 0
    };
    let whole = bytes.chunks_exact(8).take_while(|chunk| is_plain(chunk)).count() * 8;
    // Some of the last eight are looked at twice.
    let is_at_end = whole + 8 > bytes.len() && bytes.len() >= 8;
    if is_at_end && is_plain(&bytes[bytes.len() - 8..]) {
        return bytes.len();
    }
    let special = |byte: &u8| matches!(byte, 0..=0x1f | b'"' | b'\\');
    bytes[whole..].iter().position(special).map_or(bytes.len(), |index| whole + index)
}

/// Whether `text` is written as `token` again.
fn is_written_so(text: &str, token: &str) -> bool {
    let again = || {
        let mut again = String::with_capacity(token.len());
        quote(&mut again, text);
        again
    };
    !token.contains('\\') || again() == token
}

/// The text of a string that is kept as it is written. `None` if it is none, or holds half a surrogate pair.
pub(crate) fn text_of(raw: &str) -> Option<String> {
    if raw.starts_with('"') { serde_json::from_str(raw).ok() } else { None }
}

/// An object or an array, its strings closed. Scalars are no documents here: every word would be one.
pub(crate) fn read(text: &str) -> Option<Node> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.blanks();
    let whole = reader.at == text.len() && matches!(node, Node::Object(_) | Node::Array(_));
    whole.then_some(node)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Passes over `token`, if it comes next.
    fn takes(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > MOST_DEPTH {
            return None;
        }
        self.blanks();
        match self.rest().bytes().next()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string(),
            b't' => self.takes("true").then_some(Node::Bool(true)),
            b'f' => self.takes("false").then_some(Node::Bool(false)),
            b'n' => self.takes("null").then_some(Node::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        self.takes("{");
        let mut members = Vec::new();
        self.blanks();
        if self.takes("}") {
            return Some(Node::Object(members));
        }
        loop {
            self.blanks();
            // A name with half a surrogate pair, or with an escape that need not be, is no text: the whole stays one.
            let Node::Text(name) = self.string()? else { return None };
            self.blanks();
            if !self.takes(":") {
                return None;
            }
            members.push((name, self.value(depth + 1)?));
            self.blanks();
            if self.takes("}") {
                return Some(Node::Object(members));
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        self.takes("[");
        let mut elements = Vec::new();
        self.blanks();
        if self.takes("]") {
            return Some(Node::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.blanks();
            if self.takes("]") {
                return Some(Node::Array(elements));
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<Node> {
        let token = self.token_of_string()?;
        Some(match serde_json::from_str::<String>(token) {
            Ok(text) if is_written_so(&text, token) => Node::Text(text),
            // Halves of surrogate pairs, which a text cannot hold, and escapes that need not be, which it would lose.
            Ok(_) | Err(_) => Node::Raw(token.to_owned()),
        })
    }

    /// From quote to quote, with escapes that exist.
    fn token_of_string(&mut self) -> Option<&'t str> {
        let start = self.at;
        if !self.takes("\"") {
            return None;
        }
        let mut chars = self.rest().char_indices();
        while let Some((index, it)) = chars.next() {
            match it {
                '"' => {
                    self.at += index + 1;
                    return Some(&self.text[start..self.at]);
                }
                '\\' => match chars.next()?.1 {
                    'u' => {
                        for _ in 0..4 {
                            chars.next().filter(|(_, it)| it.is_ascii_hexdigit())?;
                        }
                    }
                    '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {}
                    _ => return None,
                },
                '\0'..='\u{1f}' => return None,
                _ => {}
            }
        }
        None
    }

    /// RFC 8259, 6. The number is kept as it is written.
    fn number(&mut self) -> Option<Node> {
        let start = self.at;
        self.takes("-");
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        if self.takes(".") {
            self.digits()?;
        }
        if self.takes("e") || self.takes("E") {
            let _ = self.takes("+") || self.takes("-");
            self.digits()?;
        }
        Some(Node::Number(self.text[start..self.at].to_owned()))
    }

    fn digits(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }
}
