//! The watch by ptrace, where a seccomp listener is refused (nested sandboxes, WSL2).
//!
//! The tracee runs untouched except at seccomp stops and at the stops that ptrace itself makes.
//! ptrace(2) is the source of all rules here: with `PTRACE_SEIZE` a group stop is kept by `PTRACE_LISTEN`, and new threads and children are attached by the kernel.

use std::io;

use rustix::process::Signal;

use super::{
    Warden,
    reap::{Next, Waited, next_change, signal},
    watch::{Answer, SyscallStop},
};

const OPTIONS: i32 = libc::PTRACE_O_TRACESECCOMP
    | libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_EXITKILL;

/// What the tracer remembers.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    phase: Phase,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    /// The child has not executed the program yet: its exec is ours.
    #[default]
    Starting,
    Running,
    /// Everything that stops is killed.
    Ending,
}

impl Tracer {
    /// Attaches to the child before it executes.
    pub(super) fn seize(&self, pid: u32) -> io::Result<()> {
        request(libc::PTRACE_SEIZE, pid, 0, OPTIONS as usize)
    }

    pub(super) fn end(&mut self) {
        self.phase = Phase::Ending;
    }
}

impl Warden {
    /// Serves stops until the child has become the program. What comes after that is the function's, and waits.
    pub(super) fn reap_before_exec(&mut self) {
        // Nothing that comes after the exec is taken here: the end of a program that ends at once must be reported,
        // which is the task of the loop that follows.
        while self.tracer.as_ref().is_some_and(|it| it.phase == Phase::Starting)
            && let Next::Changed(waited) = next_change()
        {
            if libc::WIFSTOPPED(waited.status) {
                self.on_stop(&waited);
            }
        }
    }

    /// Lets a stopped thread go on, in the way that its kind of stop wants.
    pub(super) fn on_stop(&mut self, waited: &Waited) {
        let tid = waited.pid;
        let Some(tracer) = &mut self.tracer else {
            return;
        };
        if tracer.phase == Phase::Ending {
            signal(tid, Signal::KILL);
            return;
        }
        let number = libc::WSTOPSIG(waited.status);
        let result = match waited.status >> 16 {
            0 => resume(tid, number),
            libc::PTRACE_EVENT_SECCOMP => {
                if tracer.phase == Phase::Running
                    && let Some(stop) = stop_of(tid)
                {
                    // A stopped tracee keeps its number until it is reaped here.
                    let seen = self.look_at(&stop);
                    let answer = self.settle(seen);
                    // A call that was refused must not be executed after all. ESRCH: it is dying.
                    if skip_unless_continued(tid, answer).is_err() {
                        signal(tid, Signal::KILL);
                    }
                }
                resume(tid, 0)
            }
            libc::PTRACE_EVENT_EXEC => {
                tracer.phase = Phase::Running;
                resume(tid, 0)
            }
            // SIGTRAP marks the first stop of a new tracee; a stopping signal marks a group stop.
            libc::PTRACE_EVENT_STOP if number != libc::SIGTRAP => request(libc::PTRACE_LISTEN, tid, 0, 0),
            _ => resume(tid, 0),
        };
        // ESRCH: killed in the meantime. Its end is reported like any other.
        drop(result);
    }
}

fn resume(tid: u32, signal: i32) -> io::Result<()> {
    request(libc::PTRACE_CONT, tid, 0, signal as usize)
}

/// The call at a seccomp stop, in a form that is the same on all machines (Linux 5.3).
fn stop_of(tid: u32) -> Option<SyscallStop> {
    /// linux/ptrace.h, `struct ptrace_syscall_info` with `op` = `PTRACE_SYSCALL_INFO_SECCOMP`.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        op: u8,
        pad: [u8; 3],
        arch: u32,
        instruction_pointer: u64,
        stack_pointer: u64,
        nr: u64,
        args: [u64; 6],
        ret_data: u64,
    }
    let mut info = Info::default();
    // SAFETY: the kernel writes at most `size_of::<Info>()` bytes.
    let result = unsafe {
        libc::ptrace(libc::PTRACE_GET_SYSCALL_INFO as _, tid as libc::pid_t, size_of::<Info>(), &raw mut info)
    };
    (result > 0).then_some(SyscallStop { tid, nr: info.nr as i64, args: info.args })
}

/// Keeps the kernel from executing the call at a seccomp stop, and sets what it returns.
///
/// seccomp(2), `SECCOMP_RET_TRACE`: "The tracer can skip the system call by changing the system call number to -1."
fn skip_unless_continued(tid: u32, answer: Answer) -> io::Result<()> {
    let value = match answer {
        Answer::Continue => return Ok(()),
        Answer::Done => 0,
        Answer::Refuse(errno) => -i64::from(errno),
    };
    // SAFETY: plain data for which zero is valid.
    let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
    register_set(libc::PTRACE_GETREGSET, tid, libc::NT_PRSTATUS, &mut registers)?;
    #[cfg(target_arch = "x86_64")]
    {
        registers.orig_rax = u64::MAX;
        registers.rax = value as u64;
    }
    #[cfg(target_arch = "aarch64")]
    {
        /// linux/elf.h. The number is not among the general registers here.
        const NT_ARM_SYSTEM_CALL: i32 = 0x404;
        register_set(libc::PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &mut -1i32)?;
        registers.regs[0] = value as u64;
    }
    register_set(libc::PTRACE_SETREGSET, tid, libc::NT_PRSTATUS, &mut registers)
}

/// Reads or writes a set of registers of a stopped tracee.
fn register_set<T>(what: libc::c_uint, tid: u32, set: i32, registers: &mut T) -> io::Result<()> {
    let mut place = libc::iovec { iov_base: std::ptr::from_mut(registers).cast(), iov_len: size_of::<T>() };
    // SAFETY: `place` describes `registers`, plain numbers that the kernel reads, or fills up to that length.
    if unsafe { libc::ptrace(what as _, tid as libc::pid_t, set, &raw mut place) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn request(what: libc::c_uint, tid: u32, addr: usize, data: usize) -> io::Result<()> {
    // SAFETY: the requests used here take numbers, and no memory of this process is written.
    if unsafe { libc::ptrace(what as _, tid as libc::pid_t, addr, data) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
