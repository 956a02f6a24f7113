//! Small pieces of process attributes that neither std nor rustix offers.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
};

use rustix::process::Signal;

/// Signals that a keeper or warden takes as data.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Taken {
    /// A child changed its state.
    Children,
    /// The same, and the keeper's death.
    ChildrenAndTerm,
}

/// A descriptor that becomes readable when one of `signals` arrives.
pub(crate) fn signal_fd(taken: Taken) -> io::Result<OwnedFd> {
    let mut set = empty_set();
    // SAFETY: `set` is initialised; the calls only write to it. signalfd returns a new descriptor.
    unsafe {
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        if matches!(taken, Taken::ChildrenAndTerm) {
            libc::sigaddset(&raw mut set, libc::SIGTERM);
        }
        if libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) < 0 {
            return Err(io::Error::last_os_error());
        }
        let fd = libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK);
        if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(fd)) }
    }
}

/// Empties a signal descriptor and says whether SIGTERM was among what it held.
pub(crate) fn drain_signals(fd: &OwnedFd) -> bool {
    let mut terminated = false;
    let mut info = [0u8; size_of::<libc::signalfd_siginfo>()];
    while rustix::io::read(fd, &mut info).is_ok_and(|len| len == info.len()) {
        // signalfd(2): ssi_signo is the first field.
        let number = u32::from_ne_bytes([info[0], info[1], info[2], info[3]]);
        terminated |= number == libc::SIGTERM as u32;
    }
    terminated
}

/// The keeper outlives what a terminal sends to its group: only the caller decides when to stop.
pub(crate) fn ignore_terminal_signals() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGPIPE] {
        // SAFETY: SIG_IGN installs no handler that could run.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// Children of this process vanish when they end (sigaction(2): SIGCHLD ignored).
pub(crate) fn bury_children_unseen() -> io::Result<()> {
    // SAFETY: SIG_IGN installs no handler that could run.
    if unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) } == libc::SIG_ERR {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Does nothing until a signal ends this process.
pub(crate) fn wait_for_the_end() -> ! {
    loop {
        // SAFETY: pause takes nothing and only waits.
        unsafe { libc::pause() };
    }
}

/// Default dispositions and an empty mask, as a program expects them.
pub(crate) fn default_signals() -> io::Result<()> {
    for signal in 1..=libc::SIGRTMAX() {
        // SIGKILL, SIGSTOP and the two that libc keeps for itself answer EINVAL.
        // SAFETY: SIG_DFL installs no handler that could run.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let set = empty_set();
    // SAFETY: `set` is initialised and only read.
    if unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn empty_set() -> libc::sigset_t {
    // SAFETY: sigset_t is plain bits for which zero is valid; sigemptyset then sets it up properly.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        set
    }
}

/// SIGKILL for this process when its parent dies.
pub(crate) fn die_with(parent: u32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    still_child_of(parent)
}

/// SIGTERM for this process when its parent dies, so that it can clean up.
pub(crate) fn hear_death_of(parent: u32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
    still_child_of(parent)
}

/// The parent may have died before the request was made.
fn still_child_of(parent: u32) -> io::Result<()> {
    if std::os::unix::process::parent_id() == parent {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(libc::ESRCH))
    }
}

/// No descriptor but 0, 1 and 2 survives the next exec.
pub(crate) fn close_all_on_exec() -> io::Result<()> {
    close_range(3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC)
}

/// Closes all descriptors but 0, 1, 2 and `keep`. Their owners must be forgotten (`mem::forget`) or never dropped.
pub(crate) fn close_all_but(keep: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut keep: Vec<u32> = keep.iter().map(|it| it.as_raw_fd() as u32).collect();
    keep.sort_unstable();
    let mut from = 3;
    for fd in keep {
        if fd > from {
            close_range(from, fd - 1, 0)?;
        }
        from = from.max(fd + 1);
    }
    close_range(from, u32::MAX, 0)
}

fn close_range(first: u32, last: u32, flags: u32) -> io::Result<()> {
    // SAFETY: takes numbers only. Callers of this module own the whole process and keep no other owner alive.
    if unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// What `fork` returned.
pub(crate) enum Forked {
    Child,
    Parent(u32),
}

/// Forks a process with one thread.
pub(crate) fn fork() -> io::Result<Forked> {
    // SAFETY: keeper and warden have one thread, so the child finds no lock held by a thread that it does not have.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        pid => Ok(Forked::Parent(pid as u32)),
    }
}

/// Ends this process at once, without running what the parent registered for its own exit.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: _exit does not return and touches no memory of this process.
    unsafe { libc::_exit(code) }
}
