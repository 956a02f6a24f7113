//! The part of `/proc` that a function may open where it shares the host's processes.
//!
//! All of `/proc` would show everybody's command lines and the host's sockets (`/proc/<pid>/net`). What is here instead:
//! facts about the machine, which runtimes read at their start, and the function's own folder without its network part.
//! A Landlock domain never grows, so processes that the function starts cannot open *their* `/proc/self`.
//! Nor can anybody read `/proc/self/task/<tid>` of a thread other than the first.
//! They can still read its links (`exe`, `cwd`) and open `/proc/self/fd/N`, which lead elsewhere and need no rule here.
//!
//! The kernel makes inodes of procfs afresh when nobody uses them, and a rule belongs to an inode.
//! So whoever grants them holds them open for as long as the function lives.

use std::{
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, Mode, OFlags, openat};

/// Facts about the machine. Traced at the start of glibc, Node 22, Python 3, Go, OpenJDK 17, jemalloc.
///
/// Not in it: what changes with other processes' work in detail (`/proc/net`, `/proc/locks`, `/proc/keys`), and the
/// machine's name tags (`boot_id`).
const MACHINE: &[&str] = &[
    "/proc/cgroups",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
    "/proc/sys/fs/file-max",
    "/proc/sys/fs/nr_open",
    "/proc/sys/fs/pipe-max-size",
    "/proc/sys/kernel/cap_last_cap",
    "/proc/sys/kernel/ngroups_max",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/ostype",
    "/proc/sys/kernel/pid_max",
    "/proc/sys/kernel/random/entropy_avail",
    "/proc/sys/kernel/random/uuid",
    "/proc/sys/kernel/threads-max",
    "/proc/sys/kernel/version",
    "/proc/sys/net/core/somaxconn",
    "/proc/sys/vm/max_map_count",
    "/proc/sys/vm/mmap_min_addr",
    "/proc/sys/vm/overcommit_memory",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
];

/// The function's own folder. Not in it: `net`, which is the host's, also below `task`; `mem`, since nobody reads his own.
const OWN: &[&str] = &[
    "auxv",
    "cgroup",
    "cmdline",
    "comm",
    "coredump_filter",
    "cpuset",
    "environ",
    "fd",
    "fdinfo",
    "gid_map",
    "io",
    "limits",
    "maps",
    "mountinfo",
    "mounts",
    "ns",
    "numa_maps",
    "oom_score",
    "oom_score_adj",
    "personality",
    "sched",
    "schedstat",
    "setgroups",
    "smaps",
    "smaps_rollup",
    "stat",
    "statm",
    "status",
    "timerslack_ns",
    "uid_map",
    "wchan",
];

/// The folder of its first thread, below `task`. Those of later threads do not exist yet.
const FIRST_THREAD: &[&str] = &["children", "comm", "maps", "schedstat", "stat", "statm", "status"];

/// What the function may open, held open. `own` is its process number.
pub(super) struct Granted {
    /// Readable with what is below.
    pub(super) readable: Vec<OwnedFd>,
    /// Can be listed, also below. Nothing in it can be read.
    pub(super) listed: Vec<OwnedFd>,
}

/// Opens all of it; what this kernel does not have is left out.
pub(super) fn open(own: u32) -> Granted {
    let folder = PathBuf::from(format!("/proc/{own}"));
    let threads = folder.join("task");
    let first = threads.join(own.to_string());
    let machine = MACHINE.iter().map(PathBuf::from);
    let all = machine.chain(OWN.iter().map(|it| folder.join(it)));
    let all = all.chain(FIRST_THREAD.iter().map(|it| first.join(it)));
    let readable = all.filter_map(|it| path(&it)).collect();
    // How many threads there are.
    let listed = path(&threads).into_iter().collect();
    Granted { readable, listed }
}

fn path(path: &Path) -> Option<OwnedFd> {
    openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()
}
