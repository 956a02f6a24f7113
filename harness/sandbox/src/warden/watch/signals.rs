//! Signals, where the kernel would let them out of the tree (no Landlock scope, no pid namespace).
//!
//! This is a barrier, unlike the rest of the watch: whom a signal is for stands in registers, which nobody can exchange.
//! A call goes on by itself only if its target cannot become another process meanwhile: the asking process lives as long as it
//! waits, and `kill(0, …)` reaches its group at that moment, which lies in a session that began in the tree.
//! Every other signal is delivered by the warden through a pidfd that it has verified, so the receiver sees the warden
//! as its sender. A signal for one thread of another process reaches that process as a whole.

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::{
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open, test_kill_process, test_kill_process_group},
};

use super::{Answer, SyscallStop, memory::Memory};
use crate::procfs;

/// `sizeof(siginfo_t)` (asm-generic/siginfo.h).
const SIGINFO: usize = 128;
/// Longest way from a process up to the warden.
const MAX_DEPTH: usize = 4096;

/// A signal that a process asks to send.
pub(in crate::warden) struct Sending {
    target: Target,
    signal: i32,
    info: Option<[u8; SIGINFO]>,
}

enum Target {
    /// The asking process, or the group that it is in.
    Own,
    /// Another thread of the asking process.
    OwnThread {
        process: u32,
        thread: u32,
    },
    Process(u32),
    Group(u32),
    /// Nobody.
    Refused(i32),
}

/// Reads the registers.
pub(super) fn look(stop: &SyscallStop) -> Sending {
    let args = stop.args.map(|it| it as i32);
    let own = procfs::process_of(stop.tid).unwrap_or(stop.tid);
    let to = |target, signal| Sending { target, signal, info: None };
    match stop.nr {
        libc::SYS_kill => to(of_kill(own, args[0]), args[1]),
        libc::SYS_tkill => to(of_thread(own, stop.tid, args[0]), args[1]),
        libc::SYS_tgkill => to(of_thread_in(own, args[0], args[1]), args[2]),
        libc::SYS_rt_sigqueueinfo => with_info(stop, of_kill(own, args[0].max(0)), args[1], stop.args[2]),
        libc::SYS_rt_tgsigqueueinfo => {
            with_info(stop, of_thread_in(own, args[0], args[1]), args[2], stop.args[3])
        }
        libc::SYS_pidfd_send_signal => {
            let target =
                if args[3] == 0 { of_pidfd(stop.tid, args[0]) } else { Target::Refused(libc::EINVAL) };
            with_info(stop, target, args[1], stop.args[2])
        }
        // fcntl(2), F_SETOWN: the kernel sends SIGIO when something happens. Stays with processes that go on by themselves.
        _ => match args[2] {
            0 => to(Target::Own, 0),
            owner => match of_kill(own, owner) {
                Target::Own => to(Target::Own, 0),
                _ => to(Target::Refused(libc::EPERM), 0),
            },
        },
    }
}

fn with_info(stop: &SyscallStop, target: Target, signal: i32, info: u64) -> Sending {
    if info == 0 || matches!(target, Target::Own | Target::Refused(_)) {
        return Sending { target, signal, info: None };
    }
    match Memory::of(stop.tid).exact(info) {
        Some(info) => Sending { target, signal, info: Some(info) },
        None => Sending { target: Target::Refused(libc::EFAULT), signal, info: None },
    }
}

/// kill(2): a process, a group by its negative number, or with 0 the own group.
fn of_kill(own: u32, target: i32) -> Target {
    let number = target.unsigned_abs();
    match target {
        0 => Target::Own,
        _ if number == own && target > 0 => Target::Own,
        _ if target > 0 => procfs::process_of(number).map_or_else(|| nobody(number), Target::Process),
        _ => Target::Group(number),
    }
}

fn of_thread(own: u32, asking: u32, thread: i32) -> Target {
    let thread = match u32::try_from(thread) {
        Ok(it) if it > 0 => it,
        _ => return Target::Refused(libc::EINVAL),
    };
    match procfs::process_of(thread) {
        _ if thread == asking => Target::Own,
        Some(process) if process == own => Target::OwnThread { process, thread },
        Some(process) => Target::Process(process),
        None => nobody(thread),
    }
}

fn of_thread_in(own: u32, process: i32, thread: i32) -> Target {
    match (u32::try_from(process), u32::try_from(thread)) {
        (Ok(process), Ok(thread)) if process > 0 && thread > 0 => {
            if process == own {
                Target::Own
            } else if procfs::process_of(thread) == Some(process) {
                Target::Process(process)
            } else {
                Target::Refused(libc::ESRCH)
            }
        }
        _ => Target::Refused(libc::EINVAL),
    }
}

/// proc(5), `/proc/pid/fdinfo`: a pidfd says whose it is. The descriptor can be exchanged, so it is never used itself.
/// A folder of `/proc`, which pidfd_send_signal(2) takes as well, says nothing and is refused.
fn of_pidfd(tid: u32, fd: i32) -> Target {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{tid}/fdinfo/{fd}")) else {
        return Target::Refused(libc::EBADF);
    };
    let pid = text.lines().find_map(|it| it.strip_prefix("Pid:")).map(str::trim);
    match pid.map(str::parse::<u32>) {
        Some(Ok(pid)) => procfs::process_of(pid).map_or_else(|| nobody(pid), Target::Process),
        Some(Err(_)) => Target::Refused(libc::ESRCH),
        None => Target::Refused(libc::EPERM),
    }
}

/// What cannot be looked at is gone, or hidden and none of ours.
fn nobody(number: u32) -> Target {
    Target::Refused(answer_for_stranger(pid(number).map(test_kill_process)))
}

impl Sending {
    /// Delivers the signal, or refuses.
    pub(super) fn settle(&self) -> Answer {
        match self.target {
            Target::Own => Answer::Continue,
            Target::Refused(errno) => Answer::Refuse(errno),
            Target::OwnThread { process, thread } => self.to_thread(process, thread),
            Target::Process(process) => match self.to_process(process, || true) {
                Ok(()) => Answer::Done,
                Err(errno) => Answer::Refuse(errno.raw_os_error()),
            },
            Target::Group(group) => self.to_group(group),
        }
    }

    /// The process waits in the call, so its number is its own and the thread can be no stranger's.
    fn to_thread(&self, process: u32, thread: u32) -> Answer {
        // SAFETY: takes numbers only.
        let result = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, self.signal) };
        if result == 0 { Answer::Done } else { Answer::Refuse(last_errno()) }
    }

    fn to_process(&self, process: u32, is_still: impl Fn() -> bool) -> Result<(), Errno> {
        // First the handle, then the questions: the answers are about the process that the handle leads to.
        let handle = pidfd_open(pid(process).ok_or(Errno::SRCH)?, PidfdFlags::empty())?;
        if !(is_below_us(process) && is_still()) {
            return Err(if procfs::status(process).is_none() { Errno::SRCH } else { Errno::PERM });
        }
        send(&handle, self.signal, self.info.as_ref())
    }

    /// Members of the tree only. A group lies in one session, and sessions that begin in the tree stay in it,
    /// so there are no others beside them.
    fn to_group(&self, group: u32) -> Answer {
        let in_group = |process| procfs::status(process).is_some_and(|it| it.group == group);
        let members = procfs::descendants(std::process::id()).into_iter().filter(|it| in_group(*it));
        let results: Vec<_> = members.map(|it| self.to_process(it, || in_group(it))).collect();
        if results.is_empty() {
            return Answer::Refuse(answer_for_stranger(pid(group).map(test_kill_process_group)));
        }
        // kill(2): success if at least one signal was sent.
        match results.iter().find(|it| it.is_ok()).or_else(|| results.first()) {
            Some(Err(errno)) => Answer::Refuse(errno.raw_os_error()),
            _ => Answer::Done,
        }
    }
}

fn pid(number: u32) -> Option<Pid> {
    i32::try_from(number).ok().and_then(Pid::from_raw)
}

/// Landlock's signal scope answers the same: strangers are refused, nobody is nobody.
fn answer_for_stranger(exists: Option<Result<(), Errno>>) -> i32 {
    match exists {
        None | Some(Err(Errno::SRCH)) => libc::ESRCH,
        Some(_) => libc::EPERM,
    }
}

/// Whether `process` descends from this one.
///
/// A parent that ends during the walk hands its children over to this process, and its number may be given away.
/// So the way up is believed when two walks agree on it.
fn is_below_us(process: u32) -> bool {
    let ways = || Some((way_up(process)?, way_up(process)?));
    (0..3).any(|_| ways().is_some_and(|(first, second)| first == second))
}

/// The numbers between `process` and this one; `None` if it leads elsewhere.
fn way_up(process: u32) -> Option<Vec<u32>> {
    let me = std::process::id();
    let mut way = vec![process];
    while way.len() < MAX_DEPTH {
        let parent = procfs::status(*way.last()?)?.parent;
        if parent == me {
            return Some(way);
        }
        if parent <= 1 {
            return None;
        }
        way.push(parent);
    }
    None
}

fn send(handle: &OwnedFd, signal: i32, info: Option<&[u8; SIGINFO]>) -> Result<(), Errno> {
    /// The kernel reads this as a `siginfo_t`.
    #[repr(C, align(8))]
    struct Info([u8; SIGINFO]);
    let info = info.map(|it| Info(*it));
    let pointer = info.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the pointer is null or leads to as many bytes as the kernel reads, and lives during the call.
    let result =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, handle.as_raw_fd(), signal, pointer, 0) };
    if result == 0 { Ok(()) } else { Err(Errno::from_raw_os_error(last_errno())) }
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EPERM)
}
