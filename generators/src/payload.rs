//! Payloads: benign hostile text, one file per weakness class.
//!
//! This module decides what a payload says, never where it goes. A payload starts or calls its
//! canary, prints it, opens a canary file or asks an address on loopback, and does nothing else; the
//! canary is named by the nonce. Each is proven: `tests/payload_contexts.rs` and `tests/payloads/`
//! run every payload, and its twin, in the contexts that its class stands for.
//!
//! ```
//! use evfuzz_generators::{
//!     nonce::NonceSource,
//!     payload::{Payload, PayloadClass},
//! };
//!
//! let mut nonces = NonceSource::new(7);
//! for payload in Payload::of_class(PayloadClass::Sql) {
//!     let nonce = nonces.take();
//!     println!("{} CWE-{} {}", payload.id, payload.class.cwe(), payload.text(&nonce));
//!     println!("  {}; seen when {}", payload.why, payload.effect.explain());
//!     assert!(!payload.twin(&nonce).contains(nonce.as_str()));
//! }
//! ```
//!
//! Encodings (percent, base64, JSON escapes) are not payloads of their own: whoever plants one
//! encodes it for its place.

use std::{borrow::Cow, collections::HashMap, net::SocketAddrV4, sync::LazyLock};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::nonce::Nonce;

mod argument;
mod class;
mod deserialization;
mod dynamodb;
mod effect;
mod extreme;
mod filter;
mod header;
mod java_expression;
mod javascript;
mod jwt;
mod ldap;
mod log;
mod log4shell;
mod mongo;
mod path;
mod prototype;
mod python;
mod redos;
mod shell;
mod sql;
mod ssrf;
mod template;
mod xpath;
mod xxe;

pub use class::PayloadClass;
pub use effect::{Canaries, Effect};
pub use filter::Filter;

/// What a payload is when it is not just a text in a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// A JSON value that takes the place of a leaf: see [`Payload::value`]. Its text is the JSON,
    /// for a leaf that the function parses once more.
    Json,
    /// The name of a member or parameter, whatever its value.
    Name,
    /// Bytes: see [`Payload::bytes`]. Its text is their base64, as bytes travel in events.
    Bytes,
}

/// One payload, with holes for the nonce and for the canaries it reaches for.
#[derive(Clone, Copy, Debug)]
pub struct Payload {
    /// Stable name, stored in corpora: `shell-substitution-quoted`.
    pub id: &'static str,
    /// What it tries to be interpreted as.
    pub class: PayloadClass,
    /// What it is when it is not just a text.
    pub form: Form,
    /// What proves that it worked.
    pub effect: Effect,
    /// Why it works, in one line.
    pub why: &'static str,
    body: Body,
    twin: Twin,
}

/// How the text comes about.
#[derive(Clone, Copy, Debug)]
enum Body {
    /// The text, with holes.
    Template(&'static str),
    /// The text, with holes, from a rule: long, or encoded around the nonce.
    Built(fn(&str) -> String),
}

/// How the benign counterpart comes about.
#[derive(Clone, Copy, Debug)]
enum Twin {
    /// As long as the payload, all letters and digits.
    Letters,
    /// A text of the same kind, for payloads that a parser must accept first.
    Like(&'static str),
    /// The same, from a rule.
    Built(fn(&str) -> String),
}

/// Ids are unique.
impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        self.id == other.id
    }
}

impl Eq for Payload {}

/// All payloads, class by class in the order of [`PayloadClass::ALL`], best first in each.
static ALL: LazyLock<Vec<Payload>> =
    LazyLock::new(|| PayloadClass::ALL.iter().flat_map(|class| class.payloads()).copied().collect());

impl Payload {
    /// Every payload, class by class, best first in each.
    pub fn all() -> &'static [Payload] {
        &ALL
    }

    /// The payloads of one class, best first: each next one covers what those before it leave.
    pub fn of_class(class: PayloadClass) -> impl Iterator<Item = &'static Payload> {
        class.payloads().iter()
    }

    /// The payload that a stored test case names. `None` if this version has no such payload.
    pub fn by_id(id: &str) -> Option<&'static Payload> {
        static BY_ID: LazyLock<HashMap<&str, &Payload>> =
            LazyLock::new(|| Payload::all().iter().map(|payload| (payload.id, payload)).collect());
        BY_ID.get(id).copied()
    }

    /// The payload of `class` that a person understands best, for minimal events and reports.
    pub fn canonical(class: PayloadClass) -> &'static Payload {
        class.canonical()
    }

    /// The text that is planted, with the canaries where they are by default.
    pub fn text(&self, nonce: &Nonce) -> String {
        self.text_for(nonce, &Canaries::default())
    }

    /// The text that is planted. For [`Form::Bytes`] it is base64, for [`Form::Json`] JSON.
    pub fn text_for(&self, nonce: &Nonce, canaries: &Canaries<'_>) -> String {
        let text = self.filled(nonce, canaries);
        match self.form {
            Form::Bytes => BASE64_STANDARD.encode(latin1(&text)),
            Form::Text | Form::Json | Form::Name => text,
        }
    }

    /// The bytes that a reader of the decoded text gets.
    pub fn bytes(&self, nonce: &Nonce, canaries: &Canaries<'_>) -> Vec<u8> {
        let text = self.filled(nonce, canaries);
        match self.form {
            Form::Bytes => latin1(&text),
            Form::Text | Form::Json | Form::Name => text.into_bytes(),
        }
    }

    /// The JSON value that takes the place of a leaf: an object for [`Form::Json`], else the text.
    pub fn value(&self, nonce: &Nonce, canaries: &Canaries<'_>) -> Value {
        let text = self.text_for(nonce, canaries);
        match self.form {
            Form::Json => serde_json::from_str(&text).expect("tests parse every JSON payload"),
            Form::Text | Form::Name | Form::Bytes => Value::String(text),
        }
    }

    /// What must be seen, if the effect is a text: the output, the path, the line, the header name.
    pub fn expected(&self, nonce: &Nonce, canaries: &Canaries<'_>) -> Option<String> {
        match self.effect {
            Effect::Output(template)
            | Effect::Opens(template)
            | Effect::Line(template)
            | Effect::Header(template) => {
                Some(fill(template, nonce.as_str(), canaries.address(nonce), canaries.folder))
            }
            Effect::Command
            | Effect::Argument
            | Effect::Connects
            | Effect::Query
            | Effect::Property
            | Effect::Accepted
            | Effect::Time
            | Effect::Disturbs => None,
        }
    }

    /// The benign counterpart of [`Payload::text`]: as long, but letters and digits only, or, where
    /// a parser must accept it first, a harmless text of the same kind.
    ///
    /// It holds no nonce: a function that runs whatever it is given would find the canary under
    /// that name, and the twin would look as guilty as the payload. Where the payload is a JSON
    /// value, the twin is a plain text.
    pub fn twin(&self, nonce: &Nonce) -> String {
        let stand_in: String = nonce.as_str().chars().map(disarm).collect();
        // As long as that of the payload.
        let address = Canaries::default().address(nonce);
        let fill = |template: &str| fill(template, &stand_in, address, Canaries::FOLDER);
        match self.twin {
            Twin::Letters => fill(&self.template(nonce.as_str()))
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { 'x' })
                .collect(),
            Twin::Like(template) => fill(template),
            Twin::Built(build) => build(&stand_in),
        }
    }

    fn template(&self, nonce: &str) -> Cow<'static, str> {
        match self.body {
            Body::Template(template) => Cow::Borrowed(template),
            Body::Built(build) => Cow::Owned(build(nonce)),
        }
    }

    fn filled(&self, nonce: &Nonce, canaries: &Canaries<'_>) -> String {
        fill(&self.template(nonce.as_str()), nonce.as_str(), canaries.address(nonce), canaries.folder)
    }

    /// A payload that is a text, whose twin is made of letters.
    const fn new(
        class: PayloadClass,
        id: &'static str,
        template: &'static str,
        effect: Effect,
        why: &'static str,
    ) -> Payload {
        let body = Body::Template(template);
        Payload { id, class, form: Form::Text, effect, why, body, twin: Twin::Letters }
    }

    /// The same in another form.
    const fn formed(self, form: Form) -> Payload {
        Payload { form, ..self }
    }

    /// The same with a twin of the same kind.
    const fn like(self, twin: &'static str) -> Payload {
        Payload { twin: Twin::Like(twin), ..self }
    }

    /// The same, payload and twin built by rules.
    const fn built(self, body: fn(&str) -> String, twin: fn(&str) -> String) -> Payload {
        Payload { body: Body::Built(body), twin: Twin::Built(twin), ..self }
    }
}

/// The place of the nonce in a template.
const NONCE: &str = "{C}";
/// The place of the nonce as a number, for texts that must be one.
const NUMBER: &str = "{N}";
/// The place of the canary address.
const ADDRESS: &str = "{A}";
/// The same as one decimal number.
const DECIMAL: &str = "{D}";
/// The same as one hexadecimal number, without a prefix.
const HEXADECIMAL: &str = "{H}";
/// What follows the first number of it, as one number.
const SHORT: &str = "{S}";
/// The place of the canary port.
const PORT: &str = "{P}";
/// The place of the folder of the canary file.
const FOLDER: &str = "{F}";

fn fill(template: &str, nonce: &str, address: SocketAddrV4, folder: &str) -> String {
    let mut text = String::with_capacity(template.len() + 3 * nonce.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (plain, hole) = rest.split_at(at);
        text.push_str(plain);
        match hole.get(..NONCE.len()) {
            Some(NONCE) => text.push_str(nonce),
            Some(NUMBER) => text.push_str(&number(nonce).to_string()),
            Some(ADDRESS) => text.push_str(&address.ip().to_string()),
            Some(DECIMAL) => text.push_str(&address.ip().to_bits().to_string()),
            Some(HEXADECIMAL) => text.push_str(&format!("{:x}", address.ip().to_bits())),
            Some(SHORT) => text.push_str(&(address.ip().to_bits() & 0x00ff_ffff).to_string()),
            Some(PORT) => text.push_str(&address.port().to_string()),
            Some(FOLDER) => text.push_str(folder),
            // A brace of the payload's own.
            _ => {
                text.push('{');
                rest = &hole[1..];
                continue;
            }
        }
        rest = &hole[NONCE.len()..];
    }
    text.push_str(rest);
    text
}

/// A number that stands for this nonce and no other.
fn number(nonce: &str) -> u64 {
    let digits = &nonce["ev".len().min(nonce.len())..];
    u64::from_str_radix(digits, 36).unwrap_or_default()
}

/// Templates of bytes are texts of U+0000 to U+00FF.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("tests read every payload of bytes")).collect()
}

/// Maps a character of a nonce to one that no nonce can begin with: the result has no `e`.
fn disarm(c: char) -> char {
    match c {
        '0'..='9' => char::from(b'k' + (c as u8 - b'0')),
        'e' => 'x',
        _ => c,
    }
}

#[cfg(test)]
mod tests;
