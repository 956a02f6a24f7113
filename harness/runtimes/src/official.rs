//! Official Runtime API clients: where they are installed, and how to get them.
//!
//! They run unmodified, as they come from their registries. The managed runtimes of Lambda contain the same code.
//! One file for each language; nothing here starts a process.

use std::path::{Path, PathBuf};

use crate::RuntimeError;

mod java;
mod node;
mod python;
mod ruby;

pub(crate) use java::{Packed, java};
pub(crate) use node::node;
pub(crate) use python::python;
pub(crate) use ruby::ruby;

/// Whose code speaks the Runtime API in the function's process.
///
/// It makes no difference to programs that bring their own client, and Java and Ruby have only the official one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientChoice {
    /// Ours: embedded, fast, and tested to behave like the official one.
    #[default]
    Own,
    /// That of AWS.
    Official,
}

/// A file or folder of a client.
///
/// AWS "Lambda execution environment": the managed runtimes have their clients at `/var/runtime`. So has a function with
/// Lambda's folders here, for what lies outside its own folder; of a folder that a person names, only what the client needs
/// is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPart {
    /// Where it lies on this machine. Absolute, without links: a mount would show what they point to.
    pub lies: PathBuf,
    /// Where it shows, relative to `/var/runtime`; empty for that folder itself.
    pub shows: PathBuf,
}

impl ClientPart {
    /// A part that shows as `shows`, with the links of its own place resolved.
    fn new(lies: &Path, shows: impl Into<PathBuf>) -> Result<Self, RuntimeError> {
        let lies = lies
            .canonicalize()
            .map_err(|source| RuntimeError::Unreadable { path: lies.to_owned(), source })?;
        Ok(Self { lies, shows: shows.into() })
    }
}

#[cfg(test)]
mod tests;
