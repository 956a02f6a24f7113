//! The corpus of one function: findings as folders that a person can read, commit and send.
//!
//! ```text
//! corpora/<function>/function.json                  which function this is
//! corpora/<function>/findings/<fingerprint>/
//!     event.json      the event, byte for byte as it was delivered
//!     core.json       the smallest part of it that matters
//!     finding.json    everything needed to replay it (format 1)
//!     README.md       for people
//! corpora/<function>/findings-forged/<fingerprint>/ the same, of events that no sender can make
//! ```
//!
//! **Invariant:** a finding's folder is complete or absent. It is written beside its place and
//! moved there in one step, so that a killed run never leaves half a finding.

mod format;
mod readme;
mod store;

use std::path::{Path, PathBuf};

pub use format::{FunctionRef, StoredFinding};

/// The corpus cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A folder or file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file of that name is there already, and it is not ours.
    #[error("{} belongs to something else", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file that belongs to no finding.
    #[error(
        "{} is no part of a finding: name the folder of a finding, a file in it, or a corpus such as corpora/my-function",
        path.display()
    )]
    NoFinding {
        /// The file.
        path: PathBuf,
    },
    /// There is nothing there.
    #[error("no finding in {}", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// An entry that was left out, and why. It stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The entry.
    pub path: PathBuf,
    /// Why it cannot be used, in one line.
    pub reason: String,
}

/// The corpus of one function.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
}

impl Corpus {
    /// Opens the corpus in `folder`, creating it, and notes which function it belongs to.
    pub fn open(folder: &Path, function: &FunctionRef) -> Result<Corpus, CorpusError> {
        let corpus = Corpus { folder: folder.to_owned() };
        corpus.prepare(function)?;
        Ok(corpus)
    }

    /// The folder of the corpus.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Loads every finding below `path`: a finding's folder or one of its files, the corpus of a
    /// function, or a folder of corpora. What is damaged is skipped.
    pub fn load(path: &Path) -> Result<(Vec<StoredFinding>, Vec<Skipped>), CorpusError> {
        store::load(path)
    }
}

/// Where the corpus of a function goes below `root`: its name, or a slug of its path if another
/// function of that name is already there.
pub fn function_slug(root: &Path, function: &FunctionRef) -> String {
    let name = slug(&function.name);
    let other =
        |slug: &str| format::read_function(&root.join(slug)).is_some_and(|known| known.path != function.path);
    if other(&name) { slug(&function.path.display().to_string()) } else { name }
}

/// Letters, digits, dots, dashes and underscores; nothing that a path or a shell would interpret.
fn slug(text: &str) -> String {
    let slug: String = text
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_') { it } else { '-' })
        .collect();
    let slug = slug.trim_matches(|it| matches!(it, '.' | '-'));
    if slug.is_empty() { "function".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests;
