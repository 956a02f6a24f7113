//! Payloads: benign hostile text, one file per weakness class.
//!
//! This module decides what a payload says, never where it goes. Every payload runs the canary
//! command (named by the nonce) and does nothing else.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::nonce::Nonce;

mod javascript;
mod python;
mod shell;

/// What a payload tries to be interpreted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadClass {
    /// Part of a shell command line, or the name of a program. CWE-78.
    ShellCommand,
    /// Python source text. CWE-95.
    PythonCode,
    /// JavaScript source text. CWE-95.
    JavaScriptCode,
}

impl PayloadClass {
    /// Every class, in the order in which they are tried.
    pub const ALL: [PayloadClass; 3] =
        [PayloadClass::ShellCommand, PayloadClass::PythonCode, PayloadClass::JavaScriptCode];

    /// Kebab-case name, as in reports and stored findings.
    pub fn id(self) -> &'static str {
        match self {
            PayloadClass::ShellCommand => "shell-command",
            PayloadClass::PythonCode => "python-code",
            PayloadClass::JavaScriptCode => "java-script-code",
        }
    }

    fn payloads(self) -> &'static [Payload] {
        match self {
            PayloadClass::ShellCommand => shell::PAYLOADS,
            PayloadClass::PythonCode => python::PAYLOADS,
            PayloadClass::JavaScriptCode => javascript::PAYLOADS,
        }
    }
}

/// One payload text with a hole for the nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Stable name, stored in corpora: `shell-substitution-quoted`.
    pub id: &'static str,
    /// What it tries to be interpreted as.
    pub class: PayloadClass,
    /// The text; every `{C}` is replaced by the nonce.
    pub template: &'static str,
}

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
        Payload::all().iter().find(|payload| payload.id == id)
    }

    /// The payload of `class` that a person understands best, for minimal events and reports.
    pub fn canonical(class: PayloadClass) -> &'static Payload {
        match class {
            PayloadClass::ShellCommand => shell::CANONICAL,
            PayloadClass::PythonCode => python::CANONICAL,
            PayloadClass::JavaScriptCode => javascript::CANONICAL,
        }
    }

    /// The text that is planted.
    pub fn text(&self, nonce: &Nonce) -> String {
        self.template.replace(HOLE, nonce.as_str())
    }

    /// The benign counterpart of [`Payload::text`]: as long, but letters and digits only.
    ///
    /// It holds no nonce: a function that runs whatever it is given would find the canary under
    /// that name, and the twin would look as guilty as the payload.
    pub fn twin(&self, nonce: &Nonce) -> String {
        let stand_in: String = nonce.as_str().chars().map(disarm).collect();
        self.template
            .replace(HOLE, &stand_in)
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { 'x' })
            .collect()
    }
}

/// The place of the nonce in a template.
const HOLE: &str = "{C}";

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
