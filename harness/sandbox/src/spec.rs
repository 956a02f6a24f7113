//! What the caller says: how to start the keeper, what to run, how strictly.
//!
//! Plain data only. Decisions taken from it are in `isolation` and `confine`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::isolation::Barriers;

/// The program that becomes the keeper: normally the caller's own binary with a hidden argument.
///
/// With `args` the binary must call [`keeper_main`](crate::keeper_main) before anything else and return what it returns.
/// Further arguments are appended to `args`; the binary must pass over them.
#[derive(Debug, Clone)]
pub struct KeeperProgram {
    /// Absolute path of the binary.
    pub exe: PathBuf,
    /// The arguments that select the hidden mode.
    pub args: Vec<OsString>,
}

/// Which confinement and which exec watch the caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IsolationWish {
    /// The mechanisms that confine.
    pub barriers: BarrierWish,
    /// The mechanism that reports execs.
    pub watch: WatchWish,
    /// What to do when nothing strong enough is available.
    pub weak: OnWeak,
    /// Use Landlock as if the kernel had no newer ABI than this: for tests, and to see how an older kernel would do.
    pub landlock_abi_at_most: Option<u32>,
}

/// Which mechanisms confine the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BarrierWish {
    /// All that work here.
    #[default]
    Auto,
    /// Landlock and seccomp, in the host's namespaces.
    LandlockOnly,
    /// Namespaces and seccomp, without Landlock.
    NamespacesOnly,
    /// Neither. Needs [`OnWeak::Allow`].
    None,
}

/// How execs are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WatchWish {
    /// User notification, and ptrace where the kernel refuses a listener.
    #[default]
    Auto,
    /// seccomp user notification or an error.
    UserNotification,
    /// ptrace with seccomp stops or an error.
    Ptrace,
    /// Execs are not reported, so canaries are not either.
    Off,
}

/// What to do when neither Landlock (ABI 4) nor namespaces work here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnWeak {
    /// Refuse with [`SandboxError::TooWeak`](crate::SandboxError::TooWeak).
    #[default]
    Refuse,
    /// Go on with what there is.
    Allow,
}

/// One process to start.
///
/// Where the function has a file system of its own ([`Barriers::has_own_files`](crate::Barriers::has_own_files)), `program`,
/// `cwd`, `args` and `env` name places in it: the targets of `read`, `/tmp`, and the system's own folders.
/// Elsewhere they name places on the host, and targets say nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessSpec {
    /// Absolute path of the program. It must lie in the system base or below one of `read`.
    pub program: PathBuf,
    /// Its arguments, without the program's own name.
    pub args: Vec<OsString>,
    /// Its environment: exactly this and `service_env`, nothing inherited.
    pub env: Vec<(OsString, OsString)>,
    /// Where it starts.
    pub cwd: PathBuf,
    /// Files and directories it may read and execute, beside the system base.
    pub read: Vec<Piece>,
    /// The one place it may write to.
    pub scratch: Scratch,
    /// The directory of its [`CanaryPool`](crate::CanaryPool), readable and executable.
    pub canaries: Option<Piece>,
    /// The variables that receive `127.0.0.1:PORT` of the service listener. Empty: no listener.
    pub service_env: Vec<String>,
    /// A second way out beside its output. `None`: it inherits nothing but its standard streams.
    pub records: Option<RecordsFd>,
    /// A third one, for hooks inside it. `None`: there are none.
    pub observer: Option<ObserverEnd>,
    /// The CPU for the process and its warden.
    pub core: Option<usize>,
    /// Resource limits.
    pub limits: Limits,
    /// What is reported beside execs.
    pub observe: Observe,
}

/// The number under which the process finds the write end of a pipe of its own, for what it tells its caller in a format that
/// the two have agreed upon: [`Process::read_records`](crate::Process::read_records) gives the bytes as they came.
///
/// Its children inherit it, unless it sets `FD_CLOEXEC`. The number must be above 2 and below [`Limits::open_files`].
/// Like its output it blocks when the caller does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsFd(pub i32);

/// One end of a packet socket (`SOCK_SEQPACKET`) of its own, for hooks in the process that tell the caller what it does: one
/// message is one record ([`Process::next_told`](crate::Process::next_told)), whichever thread sends it.
///
/// Sending never waits: who finds the socket full loses the message (`EAGAIN`). Its children inherit the socket, unless the
/// hooks set `FD_CLOEXEC`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObserverEnd {
    /// The number under which the process finds it: above 2, not that of [`ProcessSpec::records`].
    pub number: i32,
    /// The variable that says `NUMBER:INODE`, so that nobody takes another descriptor for it.
    pub variable: String,
}

/// What is reported beside execs, if there is a watch at all ([`WatchWish::Off`]).
///
/// What is not watched costs nothing: it has no rule in the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observe {
    /// Connections, addresses taken, name servers asked. Watched by default: each such call costs tens of microseconds,
    /// and a function makes few of them.
    pub network: Observed,
    /// Files opened, deleted, renamed. Not watched by default, because programs do little else while they start:
    /// each call takes 25 µs longer with user notification and 40 µs longer with ptrace, so `open` and `close`, which take
    /// 3 µs by themselves, take 8 to 13 times as long (20,000 in a loop, Linux 6.18, release build).
    pub opens: Observed,
    /// Tells of an opened file only if its path has such a word in it. What is not told still takes its time.
    pub only: Option<PathMark>,
}

/// A word in a path: `begin`, then as many of `0-9a-z` that it has `length` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathMark {
    /// Its first bytes.
    pub begin: [u8; 2],
    /// Bytes in all.
    pub length: u8,
}

impl PathMark {
    /// Whether there is such a word in `path`.
    pub(crate) fn is_in(self, path: &str) -> bool {
        let is_ours = |word: &[u8]| {
            word.starts_with(&self.begin)
                && word[self.begin.len()..].iter().all(|it| it.is_ascii_digit() || it.is_ascii_lowercase())
        };
        path.as_bytes().windows(usize::from(self.length).max(self.begin.len())).any(is_ours)
    }
}

/// Whether something is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observed {
    /// Each attempt is an event.
    Watched,
    /// Nothing is reported.
    Unwatched,
}

impl Default for Observe {
    fn default() -> Self {
        Observe { network: Observed::Watched, opens: Observed::Unwatched, only: None }
    }
}

/// A read-only piece of the host and the place where the function finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// A file or directory of the host.
    pub source: PathBuf,
    /// Where it shows, if the function has a file system of its own.
    pub target: PathBuf,
}

impl Piece {
    /// A piece that is found where it lies.
    pub fn same(path: impl Into<PathBuf>) -> Piece {
        let path = path.into();
        Piece { source: path.clone(), target: path }
    }

    /// A piece that is found elsewhere.
    pub fn at(source: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Piece {
        Piece { source: source.into(), target: target.into() }
    }

    /// Where the function finds it under `barriers`.
    pub fn place(&self, barriers: &Barriers) -> &Path {
        if barriers.has_own_files() { &self.target } else { &self.source }
    }
}

/// Where the function may write. `/tmp`, if it has a file system of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scratch {
    /// An existing directory of the host, for this process and those that take its place alone. Without a file system of its own the function writes
    /// here, and `env` should set `TMPDIR`.
    pub folder: PathBuf,
    /// What `/tmp` is where the function has a file system of its own.
    pub tmp: Tmp,
}

impl Scratch {
    /// Whether what the function writes is in memory under `barriers`.
    pub(crate) fn in_memory(&self, barriers: &Barriers) -> bool {
        barriers.has_own_files() && matches!(self.tmp, Tmp::Memory | Tmp::KeptMemory)
    }
}

/// What the function's own `/tmp` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tmp {
    /// A file system in memory which ends with the process tree, of the size of [`Limits::scratch`].
    Memory,
    /// The same, but it outlives the tree if the caller takes it ([`Process::take_tmp`](crate::Process::take_tmp)), for
    /// the next process. If no process gets it, dropping it takes the caller's thread a tenth to a third of a millisecond
    /// (Linux 6.18 on two cores: `close` waits until no CPU looks at the mount any more); handing it on costs nothing that
    /// can be measured.
    KeptMemory,
    /// The scratch folder, so that its content can be looked at and outlives the process.
    Folder,
}

/// Resource limits of one process tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of the whole tree in bytes, including what it keeps in a `/tmp` in memory. `None`: unlimited.
    pub memory: Option<u64>,
    /// Processes and threads of the tree. AWS "Lambda quotas": 1,024.
    pub processes: u64,
    /// Open descriptors of each process. AWS "Lambda quotas": 1,024.
    pub open_files: u64,
    /// Largest file it may write, in bytes.
    pub file_size: u64,
    /// What may lie in scratch, in bytes. AWS "Lambda quotas": `/tmp` has 512 MB unless more is asked for.
    pub scratch: u64,
    /// CPU time of each process of the tree. `None`: unlimited.
    pub cpu: Option<Duration>,
    /// Time from the start after which the tree is ended. `None`: unlimited.
    pub lifetime: Option<Duration>,
    /// Address space of each process in bytes. `None`: unlimited (runtimes such as Node reserve far more than they use).
    pub address_space: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: None,
            processes: 1024,
            open_files: 1024,
            file_size: 1 << 30,
            scratch: 512 << 20,
            cpu: None,
            lifetime: None,
            address_space: None,
        }
    }
}
