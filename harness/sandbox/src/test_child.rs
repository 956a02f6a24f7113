//! Children for tests. They do system calls only, since other threads of a test may hold the locks of libc, and end by themselves.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    pipe::{PipeFlags, pipe_with},
    process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, waitpid},
};

use crate::sys;

/// Everything here ends by itself after that, whatever goes wrong.
pub(crate) const AT_MOST: Duration = Duration::from_secs(20);

/// A child that has done its part and waits. Killed and reaped when dropped.
pub(crate) struct Waiting {
    pub(crate) pid: u32,
    go_on: Option<File>,
    done: File,
}

impl Waiting {
    /// Returns as soon as `first` is done in the child.
    pub(crate) fn after(first: impl FnOnce()) -> Waiting {
        Waiting::twice(first, || ())
    }

    /// The same; `second` is done on [`Waiting::go_on`].
    pub(crate) fn twice(first: impl FnOnce(), second: impl FnOnce()) -> Waiting {
        let pipe = || pipe_with(PipeFlags::CLOEXEC).unwrap();
        let (done, tell): (OwnedFd, OwnedFd) = pipe();
        let (wait, go_on): (OwnedFd, OwnedFd) = pipe();
        let pid = raw_fork();
        if pid == 0 {
            first();
            let _ = rustix::io::write(&tell, b"1");
            let _ = rustix::io::read(&wait, &mut [0; 1]);
            second();
            let _ = rustix::io::write(&tell, b"2");
            sys::exit_now(sleep_until_killed());
        }
        assert!(pid > 0, "fork");
        drop((tell, wait));
        let mut waiting = Waiting { pid: pid as u32, go_on: Some(go_on.into()), done: done.into() };
        waiting.hear();
        waiting
    }

    /// Returns when the second part is done.
    pub(crate) fn go_on(&mut self) {
        self.go_on.take().expect("once").write_all(b"x").unwrap();
        self.hear();
    }

    fn hear(&mut self) {
        self.done.read_exact(&mut [0; 1]).expect("the child has done its part");
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_raw(self.pid as i32).expect("a pid"), Signal::KILL);
        wait(self.pid);
    }
}

pub(crate) fn wait(pid: u32) -> WaitStatus {
    let pid = Pid::from_raw(pid as i32);
    waitpid(pid, WaitOptions::empty()).unwrap().expect("no WNOHANG").1
}

#[track_caller]
pub(crate) fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + AT_MOST;
    while !done() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

/// Fork without what libc does around it.
pub(crate) fn raw_fork() -> i64 {
    // SAFETY: the child gets a copy of this memory and does system calls only.
    unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD as u64, 0u64, 0u64, 0u64, 0u64) }
}

pub(crate) fn sleep_until_killed() -> i32 {
    // SAFETY: both take numbers only; the alarm ends this process if nobody else does.
    unsafe {
        libc::alarm(AT_MOST.as_secs() as u32);
        libc::pause();
    }
    96
}

/// Fresh memory of which every page is touched. It stays until the process ends.
pub(crate) fn allocate(bytes: usize) -> i32 {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping at an address of the kernel's choice; all writes stay in it.
    unsafe {
        let memory = libc::mmap(std::ptr::null_mut(), bytes, access, flags, -1, 0);
        if memory == libc::MAP_FAILED {
            return 97;
        }
        for at in (0..bytes).step_by(4096) {
            memory.cast::<u8>().add(at).write_volatile(1);
        }
    }
    0
}

/// Uses so much CPU time.
pub(crate) fn work(time: Duration) -> i32 {
    let mut spent = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    loop {
        // SAFETY: writes to the local variable only.
        unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut spent) };
        if Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32) >= time {
            return 0;
        }
    }
}
