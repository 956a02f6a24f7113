//! Collecting ended processes, and ending all that are left.

use std::{collections::BTreeSet, os::fd::OwnedFd, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, pidfd_send_signal},
};

use super::Warden;
use crate::{
    event::{ExitInfo, ExitStatus, ProcessEvent},
    procfs, sys,
};

/// How long to wait for the next death before looking again.
const RECHECK: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// One answer of `wait4`.
pub(super) struct Waited {
    pub(super) pid: u32,
    pub(super) status: i32,
    usage: libc::rusage,
}

/// What there is to wait for.
pub(super) enum Next {
    Changed(Waited),
    Nothing,
    NoChildren,
}

/// Asks for the next change of state of a child (or tracee) without waiting.
pub(super) fn next_change() -> Next {
    let mut status = 0;
    // SAFETY: plain data for which zero is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers lead to local variables of the right type.
    let pid = unsafe { libc::wait4(-1, &raw mut status, libc::WNOHANG | libc::__WALL, &raw mut usage) };
    match pid {
        0 => Next::Nothing,
        -1 => Next::NoChildren,
        pid => Next::Changed(Waited { pid: pid as u32, status, usage }),
    }
}

impl Warden {
    /// Takes note of all that ended or stopped.
    pub(super) fn reap(&mut self) {
        while let Next::Changed(waited) = next_change() {
            self.note(&waited, Reporting::On);
        }
    }

    fn note(&mut self, waited: &Waited, reporting: Reporting) {
        if libc::WIFSTOPPED(waited.status) {
            self.on_stop(waited);
            return;
        }
        self.observer.forget(waited.pid);
        if waited.pid == self.function && reporting == Reporting::On {
            let mut info = exit_info(waited);
            info.exceeded = self.guard.explains(info.status, info.cpu);
            self.report(ProcessEvent::Exited(info));
        }
    }

    /// Ends everything below this process and returns when nothing is left.
    pub(super) fn kill_all(&mut self) {
        self.kill(Reporting::On);
    }

    /// The same for a start that failed: the caller learns the reason only.
    pub(super) fn kill_all_quietly(&mut self) {
        self.kill(Reporting::Off);
    }

    /// Kills children until `wait` says that there are none.
    ///
    /// That answer is final: whatever was forked or orphaned below this process becomes its child, because it is a subreaper.
    fn kill(&mut self, reporting: Reporting) {
        let me = std::process::id();
        // First of all: else it may see a child die, and end by itself in a way that is not its own.
        if procfs::children(me).contains(&self.function) {
            signal(self.function, Signal::KILL);
        }
        if self.init.is_none() {
            self.guard.kill();
        }
        if let Some(tracer) = &mut self.tracer {
            tracer.end();
        }
        loop {
            for child in procfs::children(me) {
                match self.init {
                    // pid_namespaces(7): with its init the kernel ends the whole namespace, and nothing slips through.
                    // The number is still that of our child, since nobody but us can bury it.
                    Some(_) => signal(child, Signal::KILL),
                    None => kill_tree(child),
                }
            }
            loop {
                match next_change() {
                    Next::Changed(waited) => self.note(&waited, reporting),
                    Next::Nothing => break,
                    Next::NoChildren => return,
                }
            }
            let mut fds = [PollFd::new(&self.signals, PollFlags::IN)];
            let _ = poll(&mut fds, Some(&RECHECK));
            sys::drain_signals(&self.signals);
        }
    }
}

/// Whether the end of the function is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reporting {
    On,
    Off,
}

/// Kills `root` and everything below it that can be found now.
///
/// Whole process groups where possible: the kernel kills a group in one step that no `fork` can slip through,
/// while processes killed one by one can be outrun by those that fork.
/// A session other than ours was begun by a descendant, so its groups hold nothing but descendants.
pub(crate) fn kill_tree(root: u32) {
    let me = std::process::id();
    let Some(ours) = procfs::status(me) else {
        return;
    };
    let mut todo = vec![root];
    let mut seen = BTreeSet::from([root]);
    while let Some(pid) = todo.pop() {
        // Numbers are used again soon on a busy machine: what is looked at and what is killed must be the same process.
        let Some(process) = open(pid) else {
            continue;
        };
        let Some(found) =
            procfs::status(pid).filter(|it| pid == root || seen.contains(&it.parent) || it.parent == me)
        else {
            continue;
        };
        if found.session != ours.session && found.session != 0 && found.group > 1 {
            kill_group(found.group);
        }
        // After the kill: what is below a dying process becomes ours, and is found in the next round.
        todo.extend(procfs::children(pid).into_iter().filter(|it| seen.insert(*it)));
        let _ = pidfd_send_signal(&process, Signal::KILL);
    }
}

fn open(pid: u32) -> Option<OwnedFd> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

fn kill_group(group: u32) {
    if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Signals a descendant that was just seen alive.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

fn exit_info(waited: &Waited) -> ExitInfo {
    let status = if libc::WIFSIGNALED(waited.status) {
        ExitStatus::Signal(libc::WTERMSIG(waited.status))
    } else {
        ExitStatus::Code(libc::WEXITSTATUS(waited.status))
    };
    let time = |it: libc::timeval| {
        Duration::from_secs(it.tv_sec.unsigned_abs()) + Duration::from_micros(it.tv_usec.unsigned_abs())
    };
    ExitInfo {
        status,
        // getrusage(2): ru_maxrss is in kilobytes on Linux.
        max_rss_kib: waited.usage.ru_maxrss.unsigned_abs(),
        cpu: time(waited.usage.ru_utime) + time(waited.usage.ru_stime),
        exceeded: None,
    }
}
