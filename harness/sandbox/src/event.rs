//! What a process did, as its warden reports it.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

/// One report about a process tree, in the order in which things happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProcessEvent {
    /// Some process of the tree asked to execute a program.
    Exec(ExecRecord),
    /// The code of a canary ran.
    CanaryRan(CanaryRan),
    /// The started process itself ended. Its descendants may live on.
    Exited(ExitInfo),
    /// The answer to [`Process::request_descendants`](crate::Process::request_descendants).
    Descendants {
        /// Living descendants, without the started process itself.
        count: u32,
    },
    /// Nothing of the tree lives any more.
    Ended,
}

/// An exec as it was asked for. Whether it succeeds is decided afterwards: searching `PATH` makes many that fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecRecord {
    /// The process (not the thread) that asked.
    pub pid: u32,
    /// Its parent, if it could be read.
    pub ppid: Option<u32>,
    /// The path as given to `execve`.
    pub path: String,
    /// The arguments, including the program's own name.
    pub argv: Vec<String>,
    /// How faithful `path` and `argv` are.
    pub fidelity: Fidelity,
    /// The directory of the asking process, if it could be read.
    pub cwd: Option<PathBuf>,
    /// The command line of the asking process: the program that calls `execve`.
    pub parent_argv: Vec<String>,
    /// Records that were dropped right before this one because the caller did not read fast enough.
    pub dropped: u64,
}

/// How faithful the strings of a record are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fidelity {
    /// Byte for byte.
    Exact,
    /// Bytes that are not UTF-8 were replaced.
    Replaced,
    /// Longer than 64 arguments, 4 KiB per argument or 32 KiB in all.
    Truncated,
    /// The memory of the process could not be read.
    Unread,
}

/// A canary's code ran: proof that its command was executed, not only looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryRan {
    /// The last part of the canary's `argv[0]`: normally the name under which it was found.
    pub name: String,
    /// All its arguments.
    pub argv: Vec<String>,
    /// Its process.
    pub pid: u32,
    /// Its directory, if it could be read.
    pub cwd: Option<PathBuf>,
    /// What its process was before it became the canary: `sh -c …`, or the program that forked.
    pub caller: Vec<String>,
    /// From the canary's parent up to the started process; ends early where a parent had already ended.
    pub chain: Vec<Ancestor>,
}

/// A process above another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// Its process id.
    pub pid: u32,
    /// Its command line.
    pub argv: Vec<String>,
}

/// How the started process ended, and what it used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitInfo {
    /// Code or signal.
    pub status: ExitStatus,
    /// Its largest resident set.
    pub max_rss_kib: u64,
    /// User and system time, including children it waited for.
    pub cpu: Duration,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitStatus {
    /// It called `exit` with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}
