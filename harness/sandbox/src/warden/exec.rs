//! Execs: seen by user notification or by the tracer, reported, told apart from canaries.
//!
//! An exec is evidence, never stopped here: the arguments could be exchanged after the look (the barriers are elsewhere).

use std::{
    io,
    os::fd::{AsFd, AsRawFd, OwnedFd},
};

use super::{Warden, memory::Memory};
use crate::{
    canary,
    event::{Ancestor, CanaryRan, ExecRecord, Fidelity, ProcessEvent},
    procfs,
    sock::{self, Wait},
    wire::FromWarden,
};

/// Longest chain of ancestors that is reported.
const MAX_CHAIN: usize = 32;
/// Processes whose former program is remembered. Far more than live at a time; a safety net against growth.
const MAX_CALLERS: usize = 1024;

/// A system call that asks for an exec.
pub(super) struct Attempt {
    pub(super) tid: u32,
    pub(super) nr: i64,
    pub(super) args: [u64; 6],
}

/// Lets the kernel switch from the asking process to the warden and back on one CPU (Linux 6.6; only speed depends on it).
pub(super) fn wake_on_same_cpu(listener: &OwnedFd) {
    /// linux/seccomp.h, `SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP`.
    const SYNC_WAKE_UP: libc::c_ulong = 1;
    // SAFETY: this ioctl takes its flags by value.
    unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP) };
}

impl Warden {
    /// Reports and answers one waiting notification. The loop comes back for the next.
    pub(super) fn answer_notifications(&mut self) {
        let Some(request) = self.receive() else {
            return;
        };
        let attempt = Attempt { tid: request.pid, nr: i64::from(request.data.nr), args: request.data.args };
        let found = self.look_at(&attempt);
        // The process may have died and its number been given to another one while its memory was read.
        if self.is_waiting(request.id) {
            self.report_exec(found);
            self.let_go(request.id);
        }
    }

    /// The exec by which the child becomes the function is ours, so it is not reported.
    pub(super) fn pass_first_exec(&mut self) {
        if let Some(request) = self.receive() {
            self.let_go(request.id);
        }
    }

    fn receive(&self) -> Option<libc::seccomp_notif> {
        let listener = self.listener.as_ref()?;
        // SAFETY: plain data for which zero is valid, and which the kernel wants zeroed (seccomp_unotify(2)).
        let mut request: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the ioctl fills a structure of this size.
        let result = unsafe {
            libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV as _, &raw mut request)
        };
        // ENOENT: the process died before its notification was taken.
        (result == 0).then_some(request)
    }

    fn is_waiting(&self, id: u64) -> bool {
        let Some(listener) = &self.listener else {
            return false;
        };
        // SAFETY: the ioctl reads one u64.
        let result = unsafe {
            libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID as _, &raw const id)
        };
        result == 0
    }

    fn let_go(&self, id: u64) {
        let Some(listener) = &self.listener else {
            return;
        };
        let flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
        let response = libc::seccomp_notif_resp { id, val: 0, error: 0, flags };
        // SAFETY: the ioctl reads a structure of this size. It fails only if the process is gone.
        unsafe {
            libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND as _, &raw const response)
        };
    }

    /// Collects what can be known about the attempt while its process waits.
    pub(super) fn look_at(&self, attempt: &Attempt) -> ExecRecord {
        let mut memory = Memory::of(attempt.tid);
        let is_at = attempt.nr == libc::SYS_execveat;
        let (path, argv) = if is_at { (1, 2) } else { (0, 1) };
        let mut path = memory.string(attempt.args[path]);
        if is_at && path.is_empty() {
            // fexecve(3): the program is the descriptor itself.
            let link = format!("/proc/{}/fd/{}", attempt.tid, attempt.args[0] as i32);
            path = std::fs::read_link(link).map_or(path, |it| it.to_string_lossy().into_owned());
        }
        let argv = memory.strings(attempt.args[argv]);
        let pid = procfs::process_of(attempt.tid).unwrap_or(attempt.tid);
        ExecRecord {
            pid,
            ppid: procfs::status(pid).map(|it| it.parent),
            path,
            argv,
            fidelity: memory.fidelity,
            cwd: procfs::working_directory(pid),
            parent_argv: procfs::command_line(pid),
            dropped: 0,
        }
    }

    pub(super) fn report_exec(&mut self, record: ExecRecord) {
        if record.path == canary::RAN {
            let ran = self.canary(record);
            self.report(ProcessEvent::CanaryRan(ran));
            return;
        }
        if self.callers.len() >= MAX_CALLERS {
            self.callers.clear();
        }
        self.callers.insert(record.pid, record.parent_argv.clone());
        self.report_ordinary(record);
    }

    fn canary(&self, record: ExecRecord) -> CanaryRan {
        let mut chain = Vec::new();
        let mut parent = record.ppid;
        // A canary that replaced the function itself has nothing of ours above it.
        while let Some(pid) = parent
            && pid != std::process::id()
            && record.pid != self.function
            && chain.len() < MAX_CHAIN
        {
            chain.push(Ancestor { pid, argv: procfs::command_line(pid) });
            parent = if pid == self.function { None } else { procfs::status(pid).map(|it| it.parent) };
        }
        let name = record.argv.first().map_or("", |it| it.rsplit('/').next().unwrap_or(it));
        CanaryRan {
            name: name.to_owned(),
            pid: record.pid,
            cwd: record.cwd,
            caller: self.callers.get(&record.pid).cloned().unwrap_or_default(),
            chain,
            argv: record.argv,
        }
    }

    /// Ordinary records must not slow the function down, so they are dropped and counted if the caller does not read.
    fn report_ordinary(&mut self, mut record: ExecRecord) {
        record.dropped = self.dropped;
        let sent = self.try_send(&record).or_else(|err| match err.raw_os_error() {
            Some(libc::EMSGSIZE) => {
                record.argv.truncate(1);
                record.parent_argv.truncate(1);
                record.fidelity = Fidelity::Truncated;
                self.try_send(&record)
            }
            _ => Err(err),
        });
        match sent {
            Ok(()) => self.dropped = 0,
            Err(_) => self.dropped += 1,
        }
    }

    fn try_send(&self, record: &ExecRecord) -> io::Result<()> {
        let message = FromWarden::Event(ProcessEvent::Exec(record.clone()));
        sock::send(self.events.as_fd(), &serde_json::to_vec(&message)?, &[], Wait::No)
    }
}
