//! Everything that a process gives up between `fork` and `exec`, in the order in which it can still be done.
//!
//! Runs in the forked child of the warden, which has one thread; so allocating is fine.
//! The order matters: mounts need capabilities, Landlock and seccomp need `no_new_privs`, seccomp comes last because it would forbid the rest.

mod base;
mod bpf;
mod caps;
mod landlock;
mod mounts;
mod own_proc;
mod reach;
pub(crate) mod seccomp;
mod shared;
mod watched;

use std::{
    ffi::{CString, OsString},
    io,
    net::Ipv4Addr,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
};

use rustix::{
    fs::{Mode, OFlags, open},
    process::{Resource, Rlimit, setrlimit},
};

pub(crate) use self::{
    base::SystemBase,
    landlock::{ask_landlock, kernel_abi},
    shared::{METADATA, SCHEDULING},
};
use self::{mounts::OwnTmp, seccomp::Listener};
use crate::{
    error::{At, Failure, Stage},
    identity::Identity,
    isolation::{Barriers, Processes, Watch},
    spec::{Limits, ProcessSpec},
    sys,
};

/// What the child knows about the world it is going to live in.
pub(crate) struct Inside<'a> {
    pub(crate) spec: &'a ProcessSpec,
    pub(crate) barriers: Barriers,
    pub(crate) watch: Watch,
    pub(crate) identity: Identity,
    pub(crate) base: &'a SystemBase,
    pub(crate) mount_point: &'a Path,
    /// The service port; 0 if there is none.
    pub(crate) port: u16,
    /// Where output goes.
    pub(crate) log: BorrowedFd<'a>,
    /// Where a person sits, instead.
    pub(crate) terminal: Option<BorrowedFd<'a>>,
    /// Where records go, if it may write some.
    pub(crate) records: Option<BorrowedFd<'a>>,
    /// What its hooks write to, if it has some.
    pub(crate) observer: Option<BorrowedFd<'a>>,
    /// What an earlier process left as `/tmp`, attached nowhere.
    pub(crate) tmp: Option<BorrowedFd<'a>>,
    /// The warden, for the check that it still lives.
    pub(crate) warden: u32,
    /// Processes and threads that the function's uid may have, if the kernel counts them by uid.
    pub(crate) processes: u64,
}

impl Inside<'_> {
    /// The descriptors that it finds under numbers that the caller chose.
    fn numbered(&self) -> impl Iterator<Item = (i32, BorrowedFd<'_>)> {
        let records = self.spec.records.map(|it| it.0).zip(self.records);
        let observer = self.spec.observer.as_ref().map(|it| it.number).zip(self.observer);
        records.into_iter().chain(observer)
    }

    /// The warden's number as this process sees it: getppid(2) says 0 for a parent outside of the pid namespace.
    fn parent(&self) -> u32 {
        if self.barriers.processes == Processes::Own { 0 } else { self.warden }
    }

    /// Where the function may write, as it sees it.
    pub(crate) fn scratch(&self) -> &Path {
        if self.barriers.has_own_files() { Path::new(mounts::TMP) } else { &self.spec.scratch.folder }
    }
}

/// A program ready to be executed: all memory that `execve` needs.
pub(crate) struct Prepared {
    program: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
    /// The listener of the exec watch, for the warden.
    pub(crate) listener: Option<OwnedFd>,
    /// The function's own `/tmp`, for the warden.
    pub(crate) tmp: Option<OwnTmp>,
    /// What the warden must keep open for the Landlock rules to hold.
    pub(crate) held: Vec<OwnedFd>,
}

/// Confines this process up to the point where only `execve` is missing.
///
/// `before_filter` runs before the seccomp filter is on, for what the filter forbids or the tracer must see done.
pub(crate) fn confine(
    inside: &Inside<'_>,
    before_filter: impl FnOnce() -> io::Result<()>,
) -> Result<Prepared, Failure> {
    let spec = inside.spec;
    let (program, argv, env) = strings(inside).at(Stage::Process, "a string with a zero byte")?;
    rustix::process::setsid().at(Stage::Process, "session")?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    let tmp = if inside.barriers.has_own_files() { Some(mounts::enter(inside)?) } else { None };
    limits(&spec.limits, inside.processes).at(Stage::Process, "limits")?;
    match inside.terminal {
        Some(terminal) => control(terminal).at(Stage::Process, "terminal")?,
        None => output(inside.log).at(Stage::Process, "standard streams")?,
    }
    let user = inside.identity.changes().then(|| inside.identity.inside(inside.barriers.namespaces));
    caps::drop_all(user).at(Stage::Capabilities, "dropping all")?;
    reach::check(inside)?;
    rustix::process::chdir(&spec.cwd).at(Stage::Process, spec.cwd.display())?;
    let held = match inside.barriers.landlock {
        Some(abi) => landlock::restrict(abi, inside).at(Stage::Landlock, format_args!("ABI {abi}"))?,
        None => Vec::new(),
    };
    sys::default_signals().at(Stage::Process, "signals")?;
    sys::die_with(inside.parent()).at(Stage::Process, "parent")?;
    // Set last, because dropping capabilities clears it: the warden must be able to read the memory.
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable)
        .at(Stage::Process, "dumpable")?;
    sys::close_all_on_exec().at(Stage::Process, "descriptors")?;
    before_filter().at(Stage::Watch, "tracer")?;
    let wanted = match inside.watch {
        Watch::UserNotification => Listener::Wanted,
        Watch::Ptrace | Watch::Off => Listener::None,
    };
    let filter = seccomp::filter(&inside.barriers, inside.watch, spec.observe, std::process::id());
    // Only the listener can be refused where filters work (a second one: EBUSY), so it is the watch's failure.
    let stage = if wanted == Listener::Wanted { Stage::Watch } else { Stage::Seccomp };
    let listener = seccomp::install(&filter, wanted).at(stage, "filter")?;
    Ok(Prepared { program, argv, env, listener, tmp, held })
}

/// Gives up all power over anything, for processes of ours that live among functions.
pub(crate) fn drop_all_capabilities() -> io::Result<()> {
    caps::drop_all(None)
}

impl Prepared {
    /// Becomes the program; returns only on failure.
    pub(crate) fn exec(&self) -> io::Error {
        let pointers = |strings: &[CString]| {
            let mut list: Vec<_> = strings.iter().map(|it| it.as_ptr()).collect();
            list.push(std::ptr::null());
            list
        };
        let (argv, env) = (pointers(&self.argv), pointers(&self.env));
        // SAFETY: all pointers lead to terminated strings owned by `self`, and both lists end with a null pointer.
        unsafe { libc::execve(self.program.as_ptr(), argv.as_ptr(), env.as_ptr()) };
        io::Error::last_os_error()
    }
}

type Strings = (CString, Vec<CString>, Vec<CString>);

fn strings(inside: &Inside<'_>) -> io::Result<Strings> {
    let spec = inside.spec;
    let text = |bytes: &[u8]| CString::new(bytes).map_err(io::Error::from);
    let program = text(spec.program.as_os_str().as_bytes())?;
    let mut argv = vec![program.clone()];
    for arg in &spec.args {
        argv.push(text(arg.as_bytes())?);
    }
    let service = spec.service_env.iter().map(|name| {
        let address = format!("{}:{}", Ipv4Addr::LOCALHOST, inside.port);
        (OsString::from(name), OsString::from(address))
    });
    let observer = match spec.observer.as_ref().zip(inside.observer) {
        Some((end, fd)) => {
            let inode = rustix::fs::fstat(fd)?.st_ino;
            Some((OsString::from(&end.variable), OsString::from(format!("{}:{inode}", end.number))))
        }
        None => None,
    };
    let mut env = Vec::new();
    for (name, value) in spec.env.iter().cloned().chain(service).chain(observer) {
        env.push(text(&[name.as_bytes(), b"=", value.as_bytes()].concat())?);
    }
    Ok((program, argv, env))
}

fn limits(limits: &Limits, processes: u64) -> io::Result<()> {
    let mut wanted = vec![
        // A crash is an event; a core file on the developer's disk is a nuisance. One byte is less than any core, and also
        // keeps handlers of `core_pattern` out, which 0 does not (fs/coredump.c: 1 marks a handler's own crash).
        (Resource::Core, 1),
        (Resource::Fsize, limits.file_size),
        (Resource::Nofile, limits.open_files),
        (Resource::Nproc, processes),
    ];
    wanted.extend(limits.address_space.map(|bytes| (Resource::As, bytes)));
    for (resource, value) in wanted {
        limit(resource, value, value)?;
    }
    if let Some(time) = limits.cpu {
        // SIGXCPU first, which a program may handle; a second later SIGKILL (setrlimit(2)).
        let seconds = time.as_secs().max(1);
        limit(Resource::Cpu, seconds, seconds + 1)?;
    }
    Ok(())
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let highest = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let [current, maximum] = [soft, hard].map(|it| Some(it.min(highest)));
    Ok(setrlimit(resource, Rlimit { current, maximum })?)
}

/// Input from nowhere, both outputs into one pipe, as CloudWatch has them.
fn output(log: BorrowedFd<'_>) -> io::Result<()> {
    let null = open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    streams([null.as_fd(), log, log])
}

/// A descriptor that is needed to the end, at a number that nothing else takes.
pub(crate) fn away_from_numbers(inside: &Inside<'_>, fd: OwnedFd) -> io::Result<OwnedFd> {
    if inside.numbered().any(|(number, _)| number == fd.as_raw_fd()) {
        elsewhere(inside, fd.as_fd())
    } else {
        Ok(fd)
    }
}

/// A copy of a descriptor at a number that nothing else takes.
fn elsewhere(inside: &Inside<'_>, fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let mut unfit = Vec::new();
    loop {
        let copy = rustix::io::fcntl_dupfd_cloexec(fd, libc::STDERR_FILENO + 1)?;
        if inside.numbered().all(|(number, _)| number != copy.as_raw_fd()) {
            return Ok(copy);
        }
        unfit.push(copy);
    }
}

/// Leaves the ways out for records and hooks open under the numbers that the caller chose.
///
/// The last step before the program: whatever else had these numbers is not needed any more.
pub(crate) fn place_numbered(inside: &Inside<'_>) -> Result<(), Failure> {
    let place = || {
        let mut taken = Vec::new();
        let mut moved = Vec::new();
        for (number, fd) in inside.numbered() {
            if number <= libc::STDERR_FILENO || taken.contains(&number) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            taken.push(number);
            // One may stand where another belongs, or at its own place: dup2(2) would leave that one's flag as it is.
            moved.push((number, elsewhere(inside, fd)?));
        }
        for (number, fd) in moved {
            // SAFETY: the source is open. What the number stood for has an owner that is never dropped: this process ends or
            // becomes the program.
            if unsafe { libc::dup2(fd.as_raw_fd(), number) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    place().at(Stage::Process, "descriptors for records")
}

/// All three streams on a terminal, which becomes that of this session (`setsid` made it a new one).
fn control(terminal: BorrowedFd<'_>) -> io::Result<()> {
    streams([terminal; 3])?;
    Ok(rustix::process::ioctl_tiocsctty(terminal)?)
}

fn streams(from: [BorrowedFd<'_>; 3]) -> io::Result<()> {
    for (from, to) in from.into_iter().zip(0..) {
        // SAFETY: both numbers are open descriptors (the keeper keeps 0 to 2 open), which dup2 replaces atomically.
        if unsafe { libc::dup2(from.as_raw_fd(), to) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
