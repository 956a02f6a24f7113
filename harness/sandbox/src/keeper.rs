//! The keeper: the caller's binary in its hidden mode. It forks wardens and outlives the caller by as long as it takes to clean up.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsString,
    fs, io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::PermissionsExt,
    },
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
    process::{PidfdFlags, Signal, pidfd_open},
};

use crate::{
    cgroup::CgroupHost,
    descriptors::{self, Handed},
    error::{At, Failure, Stage},
    probe, procfs,
    sock::{self, Wait},
    sys::{self, Forked, Taken},
    warden::{self, signal},
    wire::{FromWarden, GOODBYE, Order},
};

/// Marks the keeper among the arguments. The run directory follows.
pub(crate) const AS_KEEPER: &str = "evfuzz-sandbox-keeper";
/// Marks the probe among the arguments. Its task follows as JSON.
pub(crate) const AS_PROBE: &str = "evfuzz-sandbox-probe";

/// How long wardens have at the end, first by themselves, then after being told.
const GRACE: Duration = Duration::from_secs(3);

/// How long a caller whose socket is closed without a goodbye has to end.
const LAST_BREATH: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// The hidden mode of the binary: call first thing in `main` when the arguments are [`KeeperProgram::args`](crate::KeeperProgram::args).
///
/// Works until the caller goes away. The process must not have started threads.
pub fn keeper_main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().collect();
    if let Some(at) = args.iter().position(|it| it == AS_PROBE) {
        return probe::run(args.get(at + 1));
    }
    let run_dir = args.iter().position(|it| it == AS_KEEPER).and_then(|at| args.get(at + 1));
    let Some(run_dir) = run_dir.map(PathBuf::from) else {
        return ExitCode::from(2);
    };
    match Keeper::begin() {
        Ok(mut keeper) => {
            keeper.serve();
            keeper.end(&run_dir);
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}

struct Keeper {
    control: OwnedFd,
    signals: OwnedFd,
    /// The process that started this one, until it says goodbye.
    caller: Option<OwnedFd>,
    wardens: BTreeSet<u32>,
    /// The caller or a warden was killed, so its control groups may be there still.
    leftovers: bool,
}

impl Keeper {
    fn begin() -> io::Result<Keeper> {
        // The control socket comes as standard input; below it gets a number that functions never inherit.
        let control = io::stdin().as_fd().try_clone_to_owned()?;
        let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
        rustix::stdio::dup2_stdin(&null)?;
        drop(null);
        sys::close_all_but(&[control.as_fd()])?;
        // A session of its own: Ctrl-C at the terminal must reach the caller only, so that it can shut down in order.
        let _ = rustix::process::setsid();
        sys::ignore_terminal_signals();
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let signals = sys::signal_fd(Taken::Children)?;
        let caller = rustix::process::getppid().and_then(|it| pidfd_open(it, PidfdFlags::empty()).ok());
        Ok(Keeper { control, signals, caller, wardens: BTreeSet::new(), leftovers: false })
    }

    /// Forks wardens until the caller closes the control socket.
    fn serve(&mut self) {
        loop {
            let mut fds =
                [PollFd::new(&self.control, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
            match poll(&mut fds, None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
            let (ordered, died) = (!fds[0].revents().is_empty(), !fds[1].revents().is_empty());
            if died {
                sys::drain_signals(&self.signals);
                self.reap();
            }
            if ordered {
                let mut message = [0; descriptors::MOST];
                match sock::recv(&self.control, &mut message, Wait::No) {
                    Ok(Some((1, _))) if message[0] == GOODBYE => {
                        self.caller = None;
                        return;
                    }
                    Ok(Some((len, fds))) => self.obey(Handed::received(&message[..len], fds)),
                    Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
                    Ok(None) | Err(_) => {
                        self.leftovers = true;
                        return;
                    }
                }
            }
        }
    }

    fn obey(&mut self, handed: Option<Handed>) {
        let Some(handed) = handed else { return };
        let keeper = std::process::id();
        match sys::fork() {
            Ok(Forked::Parent(pid)) => {
                self.wardens.insert(pid);
            }
            Ok(Forked::Child) => {
                let kept: Vec<_> = handed.all().into_iter().map(|(_, fd)| fd).collect();
                let read = || {
                    // Closes the keeper's sockets too; this process never returns, so their owners are never dropped.
                    sys::close_all_but(&kept).at(Stage::Order, "descriptors")?;
                    read_order(&handed.order).at(Stage::Order, "reading it")
                };
                match read() {
                    Ok(read) => warden::run(&read, handed, keeper),
                    Err(failure) => refuse(&handed.events, failure),
                }
                sys::exit_now(1)
            }
            Err(err) => refuse(&handed.events, Failure::new(Stage::Fork, "warden", err)),
        }
    }

    /// Buries wardens, and kills what a warden that died before its time has left behind.
    fn reap(&mut self) {
        loop {
            match rustix::process::wait(rustix::process::WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    let warden = self.wardens.remove(&pid.as_raw_nonzero().get().unsigned_abs());
                    self.leftovers |= warden && status.signaled();
                }
                Ok(None) => break,
                Err(_) => {
                    self.wardens.clear();
                    return;
                }
            }
        }
        for orphan in procfs::children(std::process::id()) {
            if !self.wardens.contains(&orphan) {
                warden::kill_tree(orphan);
            }
        }
    }

    /// The caller is gone: wait for the wardens, which end by themselves, and remove what is on disk.
    fn end(&mut self, run_dir: &Path) {
        for last_word in [None, Some(Signal::TERM), Some(Signal::KILL)] {
            if let Some(word) = last_word {
                for &pid in &self.wardens {
                    signal(pid, word);
                }
            }
            if self.wait_for_none() {
                break;
            }
        }
        if self.leftovers {
            // Its descriptors are closed before a process has ended.
            if let Some(caller) = &self.caller {
                let _ = poll(&mut [PollFd::new(caller, PollFlags::IN)], Some(&LAST_BREATH));
            }
            CgroupHost::find().0.sweep(Duration::ZERO);
        }
        remove(run_dir);
    }

    fn wait_for_none(&mut self) -> bool {
        let deadline = Instant::now() + GRACE;
        loop {
            self.reap();
            if procfs::children(std::process::id()).is_empty() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            let mut fds = [PollFd::new(&self.signals, PollFlags::IN)];
            // Not the whole rest: the death of an orphan's child gives no signal here.
            let _ = poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 50_000_000 }));
            sys::drain_signals(&self.signals);
        }
    }
}

fn read_order(memory: &OwnedFd) -> io::Result<Order> {
    let mut text = Vec::new();
    rustix::fs::seek(memory, rustix::fs::SeekFrom::Start(0))?;
    io::Read::read_to_end(&mut fs::File::from(memory.try_clone()?), &mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

fn refuse(events: &OwnedFd, failure: Failure) {
    let _ = warden::tell(events.as_fd(), &FromWarden::Failed(failure), &[]);
}

/// Removes the run directory. Functions may have left directories that even their owner may not enter.
fn remove(dir: &Path) {
    if fs::remove_dir_all(dir).is_ok() {
        return;
    }
    let mut todo = vec![dir.to_owned()];
    while let Some(at) = todo.pop() {
        let _ = fs::set_permissions(&at, fs::Permissions::from_mode(0o700));
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|it| it.is_dir()) {
                todo.push(entry.path());
            }
        }
    }
    let _ = fs::remove_dir_all(dir);
}
