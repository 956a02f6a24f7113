//! The watch by seccomp user notification: taking requests from the listener and answering them.

use std::os::fd::{AsRawFd, OwnedFd};

use super::{Answer, SyscallStop};
use crate::warden::Warden;

/// Lets the kernel switch from the asking process to the warden and back on one CPU (Linux 6.6; only speed depends on it).
pub(in crate::warden) fn wake_on_same_cpu(listener: &OwnedFd) {
    /// linux/seccomp.h, `SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP`.
    const SYNC_WAKE_UP: libc::c_ulong = 1;
    // SAFETY: this ioctl takes its flags by value.
    unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP) };
}

impl Warden {
    /// Reports and answers one waiting notification. The loop comes back for the next.
    pub(in crate::warden) fn answer_notifications(&mut self) {
        let Some(request) = self.receive() else {
            return;
        };
        let stop = SyscallStop { tid: request.pid, nr: i64::from(request.data.nr), args: request.data.args };
        let seen = self.look_at(&stop);
        // The process may have died and its number been given to another one while it was looked at.
        if self.is_waiting(request.id) {
            let answer = self.settle(seen);
            self.answer(request.id, answer);
        }
    }

    /// The exec by which the child becomes the function is ours, so it is not reported.
    pub(in crate::warden) fn pass_first_exec(&mut self) {
        if let Some(request) = self.receive() {
            self.answer(request.id, Answer::Continue);
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

    fn answer(&self, id: u64, answer: Answer) {
        let Some(listener) = &self.listener else {
            return;
        };
        let (error, flags) = match answer {
            Answer::Continue => (0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
            Answer::Done => (0, 0),
            Answer::Refuse(errno) => (-errno, 0),
        };
        let response = libc::seccomp_notif_resp { id, val: 0, error, flags };
        // SAFETY: the ioctl reads a structure of this size. It fails only if the process is gone.
        unsafe {
            libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND as _, &raw const response)
        };
    }
}
