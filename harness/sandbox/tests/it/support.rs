//! A sandbox in a temporary directory, and waiting for what it reports.

use std::{
    os::{fd::AsFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use evfuzz_sandbox::{
    BarrierWish, CanaryPool, ExitStatus, IsolationWish, Keeper, KeeperProgram, Limits, LogEnd, Observe,
    OnWeak, Piece, Process, ProcessEvent, ProcessSpec, Processes, Scratch, Tmp, WatchWish,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// Every combination that must behave the same, but for those whose mechanism was taken away (see `hobbled`).
#[derive(Clone, Copy)]
pub(crate) struct Wishes;
pub(crate) const WISHES: Wishes = Wishes;

impl IntoIterator for Wishes {
    type Item = (BarrierWish, WatchWish);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        let mut found = Vec::new();
        for watch in watches() {
            found.extend(barriers().into_iter().map(|it| (it, watch)));
        }
        assert!(!found.is_empty(), "nothing left to test");
        found.into_iter()
    }
}

/// The barriers of [`WISHES`].
pub(crate) fn barriers() -> Vec<BarrierWish> {
    let all = [BarrierWish::Auto, BarrierWish::LandlockOnly, BarrierWish::NamespacesOnly];
    let missing = |it: &BarrierWish| match it {
        BarrierWish::LandlockOnly => is_without("landlock"),
        BarrierWish::NamespacesOnly => is_without("namespaces"),
        BarrierWish::Auto | BarrierWish::None => false,
    };
    all.into_iter().filter(|it| !missing(it)).collect()
}

/// The watches of [`WISHES`].
pub(crate) fn watches() -> Vec<WatchWish> {
    let all = [WatchWish::UserNotification, WatchWish::Ptrace];
    let missing = |it: &WatchWish| match it {
        WatchWish::UserNotification => is_without("listener"),
        WatchWish::Ptrace => is_without("ptrace"),
        WatchWish::Auto | WatchWish::Off => false,
    };
    all.into_iter().filter(|it| !missing(it)).collect()
}

/// Names of mechanisms that the caller of these tests has taken away, separated by commas.
pub(crate) const WITHOUT: &str = "EVFUZZ_TEST_WITHOUT";

/// Whether `mechanism` was taken away on purpose. One that is missing by itself is a failure.
pub(crate) fn lacks(mechanism: &str) -> bool {
    std::env::var(WITHOUT).is_ok_and(|it| it.split(',').any(|it| it == mechanism))
}

/// The same, and says so.
pub(crate) fn is_without(mechanism: &str) -> bool {
    let lacks = lacks(mechanism);
    if lacks {
        println!("left out: no {mechanism} here");
    }
    lacks
}

pub(crate) fn wish(barriers: BarrierWish, watch: WatchWish) -> IsolationWish {
    IsolationWish { barriers, watch, weak: OnWeak::Refuse, landlock_abi_at_most: None }
}

pub(crate) fn keeper_program() -> KeeperProgram {
    // A copy of the tests that another user can read brings its own keeper along.
    let exe = std::env::var_os("EVFUZZ_TEST_KEEPER")
        .map_or_else(|| env!("CARGO_BIN_EXE_evfuzz-keeper").into(), PathBuf::from);
    KeeperProgram { exe, args: Vec::new() }
}

/// A keeper with room for one function.
pub(crate) struct Bench {
    pub(crate) keeper: Keeper,
    pub(crate) pool: CanaryPool,
    pub(crate) run: PathBuf,
    // Last, so that it goes after the keeper.
    dir: TempDir,
}

impl Bench {
    #[track_caller]
    pub(crate) fn new(wish: IsolationWish) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        // Root's functions run as somebody else, for whom a private folder is closed.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let run = dir.path().join("run");
        let keeper = Keeper::start(&keeper_program(), &run, wish)
            .unwrap_or_else(|err| panic!("{err}: {:?}", std::error::Error::source(&err)));
        for part in ["scratch", "code"] {
            std::fs::create_dir(run.join(part)).unwrap();
        }
        let pool = CanaryPool::with_capacity(&run.join("canaries"), 64).unwrap();
        Bench { keeper, pool, run, dir }
    }

    pub(crate) fn auto() -> Bench {
        Bench::new(IsolationWish::default())
    }

    /// Where the function may write, as it sees it.
    pub(crate) fn scratch(&self) -> PathBuf {
        let own_files = self.keeper.isolation().barriers.has_own_files();
        if own_files { "/tmp".into() } else { self.run.join("scratch") }
    }

    /// A directory of the host that no function may see.
    pub(crate) fn outside(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn spec(&self, program: &str, args: &[&str]) -> ProcessSpec {
        let path = format!("{}:/usr/bin:/bin", self.pool.dir().display());
        ProcessSpec {
            program: program.into(),
            args: args.iter().map(Into::into).collect(),
            env: vec![("PATH".into(), path.into())],
            cwd: self.scratch(),
            read: vec![Piece::same(self.run.join("code"))],
            scratch: Scratch { folder: self.run.join("scratch"), tmp: Tmp::Folder },
            canaries: Some(Piece::same(self.pool.dir())),
            service_env: vec!["SERVICE".to_owned()],
            records: None,
            observer: None,
            core: None,
            limits: Limits::default(),
            observe: Observe::default(),
        }
    }

    /// A program from `programs`, in the folder that the function may read.
    #[track_caller]
    pub(crate) fn program(&self, name: &str) -> String {
        let program = self.run.join("code").join(name);
        if !program.exists() {
            compile(name, &program);
        }
        program.to_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn sh(&self, script: &str) -> Running {
        self.run(&self.spec("/bin/sh", &["-c", script]))
    }

    #[track_caller]
    pub(crate) fn run(&self, spec: &ProcessSpec) -> Running {
        let process = self.keeper.spawn(spec).unwrap();
        Running { process, events: Vec::new(), text: Vec::new() }
    }

    /// The host's number of the process that `running` calls `pid`.
    #[track_caller]
    pub(crate) fn host_pid(&self, running: &Running, pid: &str) -> String {
        if self.keeper.isolation().barriers.processes == Processes::Host {
            return pid.to_owned();
        }
        let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let own = namespace(&running.process.pid().to_string());
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let mut pids = entries.map(|it| it.file_name().to_string_lossy().into_owned());
        let found = pids.find(|it| {
            // proc(5): the numbers from the reader's namespace down to the process's own.
            let status = std::fs::read_to_string(format!("/proc/{it}/status")).unwrap_or_default();
            let inner =
                status.lines().find_map(|it| it.strip_prefix("NSpid:")?.split_ascii_whitespace().last());
            inner == Some(pid) && namespace(it) == own
        });
        found.unwrap_or_else(|| panic!("no process {pid} in there"))
    }
}

/// Builds a program of `programs`; each is one file of C.
#[track_caller]
pub(crate) fn compile(name: &str, to: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/programs").join(format!("{name}.c"));
    // Another user runs a copy of the tests without the sources' folder.
    let source = std::env::var_os("EVFUZZ_TEST_PROGRAMS")
        .map_or(source, |it| PathBuf::from(it).join(format!("{name}.c")));
    let built =
        Command::new("cc").args(["-O1", "-pthread", "-w", "-o"]).arg(to).arg(source).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

/// A process and all that it has said so far.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) events: Vec<ProcessEvent>,
    text: Vec<u8>,
}

impl Running {
    pub(crate) fn new(process: Process) -> Running {
        Running { process, events: Vec::new(), text: Vec::new() }
    }

    /// Waits for an event for which `pick` has an answer.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, pick: impl Fn(&ProcessEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some(event) = self.process.next_event() {
                let picked = pick(&event);
                self.events.push(event);
                if let Some(picked) = picked {
                    return picked;
                }
            }
            assert!(Instant::now() < deadline, "nothing of the kind among {:?}", self.events);
            wait(self.process.events_fd());
        }
    }

    #[track_caller]
    pub(crate) fn status(&mut self) -> ExitStatus {
        self.until(|event| match event {
            ProcessEvent::Exited(info) => Some(info.status),
            _ => None,
        })
    }

    /// Waits until nobody holds the output any more, without reading an event.
    #[track_caller]
    pub(crate) fn until_silent(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.process.read_log(&mut self.text, 1 << 20).end != LogEnd::Closed {
            assert!(Instant::now() < deadline, "it still runs");
            wait(self.process.log_fd());
        }
    }

    /// Exit status and output.
    #[track_caller]
    pub(crate) fn finish(&mut self) -> (ExitStatus, String) {
        let status = self.status();
        self.process.read_log(&mut self.text, 1 << 20);
        (status, String::from_utf8_lossy(&self.text).into_owned())
    }

    /// Waits until the output holds a whole line, and returns it.
    #[track_caller]
    pub(crate) fn line(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.process.read_log(&mut self.text, 1 << 20);
            if let Some(end) = self.text.iter().position(|it| *it == b'\n') {
                let line = self.text.drain(..=end).collect::<Vec<_>>();
                return String::from_utf8_lossy(&line).trim().to_owned();
            }
            assert!(Instant::now() < deadline, "no line");
            wait(self.process.log_fd());
        }
    }

    #[track_caller]
    pub(crate) fn descendants(&mut self) -> u32 {
        self.process.request_descendants();
        self.until(|event| match event {
            ProcessEvent::Descendants { count } => Some(*count),
            _ => None,
        })
    }

    #[track_caller]
    pub(crate) fn kill(&mut self) {
        self.process.request_kill();
        self.until(|event| (*event == ProcessEvent::Ended).then_some(()));
    }
}

/// A system-wide interpreter, which every user can start. Prints why the test is skipped if there is none.
pub(crate) fn interpreter(name: &str) -> Option<String> {
    let found = ["/usr/bin", "/usr/local/bin"].into_iter().map(|dir| format!("{dir}/{name}"));
    let found = found.into_iter().find(|it| Path::new(it).exists());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no {name} in /usr/bin or /usr/local/bin");
        println!("skipped: no {name} in /usr/bin or /usr/local/bin");
    }
    found
}

pub(crate) fn wait(fd: impl AsFd) {
    let second = Timespec { tv_sec: 1, tv_nsec: 0 };
    poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&second)).unwrap();
}

/// A handle on a process that is not ours, taken while it lives.
pub(crate) fn watch_pid(pid: &str) -> std::os::fd::OwnedFd {
    let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).unwrap()
}

/// Waits for the end of that process.
#[track_caller]
pub(crate) fn assert_dies(pidfd: impl AsFd) {
    let patience = Timespec { tv_sec: 20, tv_nsec: 0 };
    let ready = poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&patience)).unwrap();
    assert_eq!(ready, 1, "the process is still alive");
}
