//! What stops the engine itself.

use std::path::PathBuf;

use evfuzz_emulator::{EmulatorError, InitFailure};

/// The engine could not do its job. A failure of the function under test is never an
/// `EngineError`, but for [`EngineError::CannotInitialize`]: then there is nothing to test.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The function cannot be initialized.
    #[error("the function cannot be initialized")]
    CannotInitialize {
        /// How it failed, with what it wrote.
        failure: Box<InitFailure>,
    },
    /// The emulator failed.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// The function's archive or its layers cannot be used.
    #[error(transparent)]
    Files(#[from] evfuzz_runtimes::RuntimeError),
    /// The sandbox failed.
    #[error(transparent)]
    Sandbox(#[from] evfuzz_sandbox::SandboxError),
    /// A file or folder of the run could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A shard could not be set up.
    #[error("cannot start a worker")]
    Worker {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The corpus cannot be used.
    #[error(transparent)]
    Corpus(#[from] crate::corpus::CorpusError),
}

impl From<evfuzz_emulator::NotReady> for EngineError {
    fn from(reason: evfuzz_emulator::NotReady) -> Self {
        match reason {
            evfuzz_emulator::NotReady::Init(failure) => EngineError::CannotInitialize { failure },
            evfuzz_emulator::NotReady::Emulator(error) => EngineError::Emulator(error),
        }
    }
}
