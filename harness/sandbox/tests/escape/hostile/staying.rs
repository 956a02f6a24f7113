//! Staying alive: whatever a program does to outlive the run, the kill ends it.

use crate::{evidence::Proof, table::Program};

pub(super) const PROGRAMS: &[Program] = &[
    Program::new("own_session.sh", Proof::Survival),
    Program::new("double_fork.py", Proof::Survival),
    Program::new("ignore_signals.py", Proof::Survival),
    Program::new("stopped.c", Proof::Survival),
    Program::new("vfork.c", Proof::Survival),
    Program::new("hold_output.sh", Proof::Survival),
    Program::new("no_parent_signal.c", Proof::Survival),
    Program::new("own_subreaper.c", Proof::Survival),
    Program::new("fork_bomb.c", Proof::Survival),
    Program::new("fork_chain.c", Proof::Survival),
    Program::new("detached.js", Proof::Survival),
    Program::new("burn_in_background.js", Proof::Survival),
    Program::new("zombie_leader.c", Proof::Survival),
    Program::new("clone_parent.c", Proof::Survival),
    Program::new("many_sessions.c", Proof::Survival),
    Program::new("traced.c", Proof::Survival),
    Program::new("thread_exec.c", Proof::Survival),
];
