//! What is in the files of a corpus.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// Version 2 holds what senders wrote as trees. A reader refuses what it does not know.
pub(super) const FORMAT: u32 = 2;

/// How to start the function that a finding belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FunctionRef {
    /// Name of the function.
    pub name: String,
    /// Its folder or file, relative to the folder in which evfuzz was started where possible.
    pub path: PathBuf,
    /// `index.handler`.
    pub handler: String,
    /// `nodejs20.x`.
    pub runtime: String,
    /// Names of the variables that were set with `--env`: values may be secrets.
    pub env: Vec<String>,
}

/// `finding.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FindingFile {
    pub(super) format: u32,
    pub(super) evfuzz: String,
    pub(super) function: FunctionRef,
    pub(super) rng_seed: u64,
    pub(super) timeout_ms: u64,
    pub(super) finding: Finding,
}

/// `function.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FunctionFile {
    pub(super) format: u32,
    pub(super) function: FunctionRef,
}

/// A finding as loaded from a corpus.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFinding {
    /// Its folder.
    pub folder: PathBuf,
    /// How to start its function.
    pub function: FunctionRef,
    /// Timeout of the run that found it.
    pub timeout_ms: u64,
    /// What was found.
    pub finding: Finding,
    /// The event, byte for byte.
    pub event: Vec<u8>,
}

pub(super) const FUNCTION_FILE: &str = "function.json";

/// The function that the corpus in `folder` belongs to, if it says so.
pub(super) fn read_function(folder: &Path) -> Option<FunctionRef> {
    let text = std::fs::read(folder.join(FUNCTION_FILE)).ok()?;
    let file: FunctionFile = serde_json::from_slice(&text).ok()?;
    (file.format == FORMAT).then_some(file.function)
}
