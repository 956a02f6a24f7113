//! Resources: memory, processes, disk, descriptors, output and time, each far beyond its limit and bounded.

use crate::{evidence::Proof, table::Program};

pub(super) const PROGRAMS: &[Program] = &[
    Program::new("memory_one.c", Proof::Memory),
    Program::new("memory_children.c", Proof::Memory),
    Program::new("memory_shared.c", Proof::Memory),
    Program::new("processes.c", Proof::Processes),
    Program::new("threads.c", Proof::Processes),
    Program::new("large_file.c", Proof::FileSize),
    Program::new("many_files.c", Proof::Disk),
    Program::new("log_flood.c", Proof::Log),
    Program::new("descriptors.c", Proof::Descriptors),
    Program::new("burn_cpu.c", Proof::Reached),
    Program::new("outlast.sh", Proof::Reached),
];
