//! What a process did, as its warden reports it.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::limit::Exceeded;

/// One report about a process tree, in the order in which things happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProcessEvent {
    /// Some process of the tree asked to execute a program.
    Exec(ExecRecord),
    /// The code of a canary ran.
    CanaryRan(CanaryRan),
    /// The started process itself ended. Its descendants may live on.
    Exited(ExitInfo),
    /// The tree went beyond a limit that the kernel does not hold by itself, and is being ended. `Exited` follows if the
    /// started process still lived.
    LimitExceeded(Exceeded),
    /// The answer to [`Process::request_descendants`](crate::Process::request_descendants).
    Descendants {
        /// Living descendants, without the started process itself.
        count: u32,
    },
    /// The answer to [`Process::request_usage`](crate::Process::request_usage).
    Usage(Usage),
    /// The answer to [`Process::request_files`](crate::Process::request_files).
    Files(LeftFiles),
    /// Nothing of the tree lives any more.
    Ended,
}

/// What the tree used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time since the start, of all processes, those that ended included.
    pub cpu: Duration,
    /// Memory in bytes that only the tree accounts for, now.
    pub memory: u64,
    /// The most memory in bytes since the last question (or the start): of the tree as its control group counts it, with
    /// files in a `/tmp` in memory, else of the started process. Where the kernel cannot begin anew, since the start.
    pub peak_memory: Option<u64>,
    /// Forks that the limit of processes refused, where a control group counts them.
    pub forks_refused: u64,
}

/// What lies in scratch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftFiles {
    /// Sorted by path; 256 at most.
    pub files: Vec<LeftFile>,
    /// Whether there are more.
    pub more: bool,
}

/// One name in scratch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftFile {
    /// Relative to scratch. Bytes that are not UTF-8 are replaced.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Its length, as it claims.
    pub bytes: u64,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FileKind {
    /// With content.
    File,
    /// With files.
    Folder,
    /// Symbolic, followed by nobody here.
    Link,
    /// A socket, a pipe.
    Other,
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
    /// The limit for which it was ended, if it did not end by itself.
    pub exceeded: Option<Exceeded>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitStatus {
    /// It called `exit` with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}
