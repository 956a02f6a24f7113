//! What the caller says: how to start the keeper, what to run, how strictly.
//!
//! Plain data only. Decisions taken from it are in `isolation` and `confine`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

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
    pub read: Vec<PathBuf>,
    /// The one directory it may write to. With namespaces it is `/tmp` as well;
    /// with Landlock alone `/tmp` is the host's and refused, so `env` should set `TMPDIR`.
    pub scratch: PathBuf,
    /// The directory of its [`CanaryPool`](crate::CanaryPool), readable and executable.
    pub canaries: Option<PathBuf>,
    /// The variable that receives `127.0.0.1:PORT` of the service listener. `None`: no listener.
    pub service_env: Option<String>,
    /// The CPU for the process and its warden.
    pub core: Option<usize>,
    /// Resource limits.
    pub limits: Limits,
    /// What is reported beside execs.
    pub observe: Observe,
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
        Observe { network: Observed::Watched, opens: Observed::Unwatched }
    }
}

impl ProcessSpec {
    /// Names in `scratch` that must survive when the caller empties it while the process lives.
    ///
    /// With namespaces `scratch` is the function's `/tmp`.
    /// Whatever else lies below the host's `/tmp` (its code, the canaries) is mounted there, on empty directories in `scratch`.
    /// Removing such a directory on the host detaches the mount inside.
    pub fn reserved_in_scratch(&self) -> Vec<OsString> {
        let mut names: Vec<OsString> = self
            .paths()
            .filter_map(|path| path.strip_prefix("/tmp").ok())
            .filter_map(|below| below.iter().next().map(OsString::from))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// All paths that are bound in beside the system base.
    fn paths(&self) -> impl Iterator<Item = &Path> {
        let canaries = self.canaries.iter().map(PathBuf::as_path);
        let read = self.read.iter().map(PathBuf::as_path);
        read.chain(canaries).chain([self.scratch.as_path()])
    }
}

/// Resource limits of one process (`setrlimit(2)`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest file it may write, in bytes.
    pub file_size: u64,
    /// Open descriptors. AWS "Lambda quotas": 1,024.
    pub open_files: u64,
    /// Processes and threads **of the whole user**, since the kernel counts them per uid.
    /// So this stops a fork bomb and is no per-function quota. AWS "Lambda quotas" has 1,024 per function.
    pub processes: u64,
    /// Address space in bytes. `None`: unlimited (runtimes such as Node reserve far more than they use).
    pub address_space: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { file_size: 1 << 30, open_files: 1024, processes: 4096, address_space: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_tmp_are_reserved() {
        let spec = ProcessSpec {
            program: "/bin/true".into(),
            args: Vec::new(),
            env: Vec::new(),
            cwd: "/".into(),
            read: vec!["/home/me/code".into(), "/tmp/b".into()],
            scratch: "/tmp/a/scratch".into(),
            canaries: Some("/tmp/a/canaries".into()),
            service_env: None,
            core: None,
            limits: Limits::default(),
            observe: Observe::default(),
        };
        assert_eq!(spec.reserved_in_scratch(), ["a", "b"]);
    }
}
