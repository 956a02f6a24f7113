//! Payloads: benign hostile text, one file per weakness class.
//!
//! This module decides what a payload says, never where it goes. Every payload runs the canary
//! command (named by the nonce) and does nothing else.

use serde::{Deserialize, Serialize};

use crate::nonce::Nonce;

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
}

/// One payload text with a hole for the nonce.
#[derive(Debug, PartialEq, Eq)]
pub struct Payload {
    /// Stable name, stored in corpora: `shell-substitution-quoted`.
    pub id: &'static str,
    /// What it tries to be interpreted as.
    pub class: PayloadClass,
    /// The text; every `{C}` is replaced by the nonce.
    pub template: &'static str,
}
