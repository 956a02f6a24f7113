//! Other processes: reading, signalling, tracing and slowing them, and what they share through the kernel.

use crate::{
    evidence::Proof,
    table::{Program, Special},
};

pub(super) const PROGRAMS: &[Program] = &[
    Program::new("read_environ.py", Proof::Bait),
    Program::new("read_environ.sh", Proof::Bait),
    Program::new("read_cmdline.sh", Proof::Bait),
    Program::new("hide_in_proc.py", Proof::Bait),
    Program::new("proc_root.py", Proof::Bait),
    Program::new("proc_cwd.py", Proof::Bait),
    Program::new("proc_fd.py", Proof::Bait),
    Program::new("proc_mem.py", Proof::Bait),
    Program::new("write_mem.py", Proof::Bait),
    Program::new("process_vm_readv.c", Proof::Bait),
    Program::new("ptrace.c", Proof::Bait),
    Program::new("kill.sh", Proof::Bait),
    Program::new("kill_parent.sh", Proof::Bait),
    Program::new("stop.py", Proof::Bait),
    Program::new("signal_calls.c", Proof::Bait),
    Program::new("pidfd_signal.c", Proof::Bait),
    Program::new("signal_all.c", Proof::Bait).with(&[Special::SignalsEverybody]),
    Program::new("signal_by_owner.c", Proof::Bait),
    Program::new("pidfd_getfd.c", Proof::Bait),
    Program::new("limit_others.py", Proof::Bait),
    Program::new("slow_others.c", Proof::Bait),
    Program::new("shared_memory.c", Proof::Bait),
    Program::new("message_queue.c", Proof::Bait),
];
