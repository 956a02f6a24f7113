//! The kernel's surface: other ways to make a system call, namespaces, mounts, and calls that no function needs.

use crate::{
    evidence::Proof,
    table::{Program, Special},
};

pub(super) const PROGRAMS: &[Program] = &[
    Program::new("uring_open.c", Proof::Bait).with(&[Special::ControlMayLack]),
    Program::new("uring_connect.c", Proof::Bait).with(&[Special::ControlMayLack]),
    Program::new("raw_syscalls.c", Proof::Bait),
    Program::new("x32.c", Proof::Word).with(&[Special::ControlMayLack]),
    Program::new("int80.c", Proof::Bait).with(&[Special::ControlMayLack]),
    Program::new("memfd_exec.c", Proof::Bait),
    Program::new("setns.c", Proof::Bait),
    Program::new("unshare_mount.c", Proof::Bait),
    Program::new("clone_namespaces.c", Proof::Bait),
    Program::new("mount.c", Proof::Bait),
    Program::new("mount_by_descriptor.c", Proof::Bait),
    Program::new("pivot_root.c", Proof::Bait),
    Program::new("chroot.c", Proof::Bait),
    Program::new("keyrings.c", Proof::Bait),
    Program::new("bpf.c", Proof::Object("bpf")),
    Program::new("perf_events.c", Proof::Object("perf_event")),
    Program::new("userfaultfd.c", Proof::Object("userfaultfd")),
    Program::new("privileged_calls.c", Proof::Word),
    Program::new("regain_privileges.c", Proof::Capabilities),
    Program::new("seccomp_listener.c", Proof::Object("seccomp notify")),
    Program::new("terminal.c", Proof::Bait),
    Program::new("kernel_log.py", Proof::Word),
];
