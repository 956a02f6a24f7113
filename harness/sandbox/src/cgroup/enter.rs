//! Getting a process into its groups without paying for it.
//!
//! Moving a process by `cgroup.procs` takes the kernel's lock over all forks and exits, which waits for an RCU grace period:
//! about 15 ms on an idle machine with Linux 6.18, for each hierarchy.
//! Two ways avoid that lock (kernel/cgroup/cgroup.c, `cgroup_procs_write_start`, `cgroup_css_set_fork`):
//! a thread that moves itself by writing "0" to v1's `tasks`, and a child that is born in its v2 group.
//! Either takes microseconds.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::fd::{AsRawFd, OwnedFd},
    path::Path,
};

use rustix::fs::{Mode, OFlags};

use super::{group::Cgroup, parse::Version};
use crate::sys::{self, Forked};

/// linux/sched.h. clone(2): "the child is created in the cgroup given by the descriptor" (Linux 5.7).
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// The way into one group. Opened before rights and mounts are given up:
/// the kernel checks the rights of whoever opened the file (CVE-2021-4197, Linux 5.16).
#[derive(Debug)]
pub(super) enum Door {
    /// v1: `tasks`.
    Tasks(File),
    /// v2: `cgroup.procs`, and the directory for a child to be born in.
    Procs { procs: File, dir: OwnedFd },
}

impl Door {
    pub(super) fn open(version: Version, dir: &Path) -> io::Result<Door> {
        let open = |name: &str| OpenOptions::new().write(true).open(dir.join(name));
        Ok(match version {
            Version::V1 => Door::Tasks(open("tasks")?),
            Version::V2 => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                Door::Procs {
                    procs: open("cgroup.procs")?,
                    dir: rustix::fs::open(dir, flags, Mode::empty())?,
                }
            }
        })
    }
}

impl Cgroup {
    /// Forks a child that is born in the v2 group, if there is one.
    ///
    /// The child still has to call [`enter_self`](Cgroup::enter_self).
    /// `flags` are those of `clone(2)` for namespaces and the like, without a signal number and without `CLONE_VM`.
    ///
    /// The caller must have one thread, or the child must do nothing but system calls.
    pub(crate) fn fork(&self, flags: u64) -> io::Result<Forked> {
        let dir = self.doors.iter().find_map(|it| match it {
            Door::Procs { dir, .. } => Some(dir),
            Door::Tasks(_) => None,
        });
        if let Some(dir) = dir {
            match clone3(flags | CLONE_INTO_CGROUP, dir.as_raw_fd() as u64) {
                // Older kernels; container runtimes whose seccomp filter does not know the call.
                Err(err) if matches!(err.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL | libc::E2BIG)) => {
                }
                Ok(Forked::Child) => {
                    // A copy of ours alone: the parent's stays as it was.
                    self.born_inside.set(true);
                    return Ok(Forked::Child);
                }
                other => return other,
            }
        }
        if flags == 0 { sys::fork() } else { clone(flags) }
    }

    /// Moves the calling process, which has one thread, into all groups that it is not in yet.
    ///
    /// For a fresh child before it gives up its rights. Makes no allocation.
    pub(crate) fn enter_self(&self) -> io::Result<()> {
        for door in &self.doors {
            match door {
                Door::Tasks(tasks) => (&mut &*tasks).write_all(b"0")?,
                Door::Procs { .. } if self.born_inside.get() => {}
                Door::Procs { procs, .. } => (&mut &*procs).write_all(b"0")?,
            }
        }
        Ok(())
    }

    /// Has a child enter and end. Its failure is the answer.
    pub(super) fn try_to_enter(&self) -> io::Result<()> {
        let child = match self.fork(0)? {
            Forked::Parent(pid) => pid,
            Forked::Child => {
                let failure = self.enter_self().err();
                // Error numbers fit: the largest is 133 (asm-generic/errno.h).
                sys::exit_now(failure.map_or(0, |it| it.raw_os_error().unwrap_or(libc::EIO)))
            }
        };
        let pid = i32::try_from(child).ok().and_then(rustix::process::Pid::from_raw);
        loop {
            match rustix::process::waitpid(pid, rustix::process::WaitOptions::empty()) {
                Ok(Some((_, status))) => {
                    return match status.exit_status() {
                        Some(0) => Ok(()),
                        Some(number) => Err(io::Error::from_raw_os_error(number)),
                        None => Err(io::Error::other("the process that entered was killed")),
                    };
                }
                Ok(None) | Err(rustix::io::Errno::INTR) => {}
                Err(err) => return Err(err.into()),
            }
        }
    }
}

/// For kernels and filters without `clone3`.
fn clone(flags: u64) -> io::Result<Forked> {
    let flags = flags | libc::SIGCHLD as u64;
    // SAFETY: as below; flags come first on every architecture that we build for, and the rest is zero.
    forked(unsafe { libc::syscall(libc::SYS_clone, flags, 0u64, 0u64, 0u64, 0u64) })
}

fn clone3(flags: u64, cgroup: u64) -> io::Result<Forked> {
    // SAFETY: plain numbers for which zero is valid, and means: nothing asked for.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = flags;
    args.exit_signal = libc::SIGCHLD as u64;
    args.cgroup = cgroup;
    // SAFETY: `args` outlives the call. Without CLONE_VM and a stack this is a fork:
    // the child goes on with a copy of this memory. What holds for `fork` holds here, and callers promise it.
    forked(unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<libc::clone_args>()) })
}

fn forked(result: libc::c_long) -> io::Result<Forked> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        pid => Ok(Forked::Parent(pid as u32)),
    }
}
