//! The limits of hostile programs, in one place.

use std::time::Duration;

use evfuzz_sandbox::Limits;

use crate::{evidence::Proof, table::Program};

/// Memory of a whole function, where a program tries to get more.
pub(crate) const MEMORY: u64 = 256 << 20;
/// Processes and threads. Above what the fork bombs of the other programs need, since without namespaces the limit counts
/// the whole user's.
pub(crate) const PROCESSES: u64 = 1000;
pub(crate) const OPEN_FILES: u64 = 256;
pub(crate) const FILE_SIZE: u64 = 64 << 20;
/// Space in scratch.
pub(crate) const SCRATCH: u64 = 128 << 20;
const SECOND: Duration = Duration::from_secs(1);
/// Output of one program that the harness keeps.
pub(crate) const LOG: usize = 4 << 20;

/// What the sandbox is told to enforce for `program`.
pub(crate) fn limits_for(program: &Program) -> Limits {
    let defaults = Limits::default();
    match program.proof {
        Proof::Processes => Limits { processes: PROCESSES, ..defaults },
        Proof::Descriptors => Limits { open_files: OPEN_FILES, ..defaults },
        Proof::FileSize => Limits { file_size: FILE_SIZE, ..defaults },
        Proof::Memory => Limits { memory: Some(MEMORY), scratch: 16 << 20, ..defaults },
        Proof::Disk => Limits { scratch: SCRATCH, ..defaults },
        Proof::Reached if program.file == "burn_cpu.c" => Limits { cpu: Some(SECOND), ..defaults },
        Proof::Reached if program.file == "outlast.sh" => Limits { lifetime: Some(SECOND), ..defaults },
        _ => defaults,
    }
}
