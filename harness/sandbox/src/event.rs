//! What a process did, as its warden reports it.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::limit::Exceeded;

/// One report about a process tree, in the order in which things happened.
///
/// All but [`CanaryRan`](ProcessEvent::CanaryRan), [`Exited`](ProcessEvent::Exited) and the two below it are dropped
/// and counted when the caller does not read fast enough: watching must not slow the function down.
/// What is said about a system call was read when it was made; a hostile thread can exchange it right afterwards.
/// So it is evidence, never a barrier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProcessEvent {
    /// Some process of the tree asked to execute a program.
    Exec(ExecRecord),
    /// The code of a canary ran.
    CanaryRan(CanaryRan),
    /// Some process asked to reach an address.
    Connect(ConnectRecord),
    /// Some process asked for an address of its own.
    Bind(BindRecord),
    /// Some process asked a name server.
    DnsQuery(DnsRecord),
    /// Some process asked to open, delete or rename a file. Only with [`Observe::opens`](crate::Observe::opens).
    Open(OpenRecord),
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
    /// The names in the new environment, never the values. Empty unless `found` is [`Lookup::Program`].
    pub env_names: Vec<String>,
    /// How faithful `path`, `argv` and `env_names` are.
    pub fidelity: Fidelity,
    /// What the path led to.
    pub found: Lookup,
    /// The directory of the asking process, if it could be read.
    pub cwd: Option<PathBuf>,
    /// The command line of the asking process: the program that calls `execve`.
    pub parent_argv: Vec<String>,
    /// From the parent of the asking process up to the started process; ends early where a parent had already ended.
    /// Command lines are cut after 1 KiB. Empty unless `found` is [`Lookup::Program`].
    pub chain: Vec<Ancestor>,
    /// Records of any kind that were dropped right before this one because the caller did not read fast enough.
    pub dropped: u64,
}

/// What the kernel is going to answer to an exec, as far as its path can tell at the moment of the call.
///
/// The file is found as the asking process would find it and its permissions are compared with that process;
/// what is in the file is not looked at, so a program in a foreign format or with a missing interpreter is still one.
/// The path may be exchanged between the look and the kernel's own: evidence, not a barrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lookup {
    /// A file that this process may execute.
    Program,
    /// Nothing to execute. Searching `PATH` makes many of these.
    Refused(
        /// The error number of `execve(2)`: `ENOENT`, `EACCES`, `ENOTDIR`, `ELOOP` and so on.
        i32,
    ),
    /// The process could not be looked into.
    Unknown,
}

/// An attempt to reach an address, successful or not.
///
/// The connection to the process's own service port is expected and not reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectRecord {
    /// The process that asked.
    pub pid: u32,
    /// Where it wants to go.
    pub address: Address,
    /// The call that it used.
    pub contact: Contact,
    /// As in [`ExecRecord::dropped`].
    pub dropped: u64,
}

/// How an address is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contact {
    /// `connect`. On a datagram socket it sends nothing by itself.
    Connect,
    /// A message with its destination, by `sendto`, `sendmsg` or `sendmmsg`.
    Message,
}

/// An attempt to take an address, successful or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindRecord {
    /// The process that asked.
    pub pid: u32,
    /// The address that it wants.
    pub address: Address,
    /// As in [`ExecRecord::dropped`].
    pub dropped: u64,
}

/// The address of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Address {
    /// IPv4 or IPv6. An IPv4 address that is mapped into IPv6 is given as IPv4.
    Inet(SocketAddr),
    /// A unix socket in the file system: its path as given.
    Unix(String),
    /// A unix socket in the abstract namespace: its name without the leading zero. Empty: the kernel chooses.
    Abstract(String),
    /// Anything else, or an address that is too short for its family.
    Other(
        /// `AF_*` of `socket(2)`.
        u16,
    ),
}

/// One question to a name server (RFC 1035), sent over UDP.
///
/// Seen in `sendto` with a destination, `sendmsg` and `sendmmsg` to port 53, which is what the C libraries use when a
/// program asks for both kinds of addresses. Not seen on a connected socket when it is sent by `send` or `write`
/// (a question for IPv4 alone, c-ares, Go): watching those would cost every function that answers over a socket.
/// Then the [`ConnectRecord`] of the name server remains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsRecord {
    /// The process that asked.
    pub pid: u32,
    /// The name without the dot at its end. Bytes beyond printable ASCII, dots in labels and backslashes are written
    /// as RFC 1035 section 5.1 has it: `\DDD`, `\.`, `\\`.
    pub name: String,
    /// QTYPE: 1 is A, 28 is AAAA, 16 is TXT.
    pub record_type: u16,
    /// The name server.
    pub server: SocketAddr,
    /// As in [`ExecRecord::dropped`].
    pub dropped: u64,
}

/// An attempt to use a file, successful or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRecord {
    /// The process that asked.
    pub pid: u32,
    /// The path as given.
    pub path: String,
    /// The path made absolute with the directory that it is relative to, without `.` and `..`. Symbolic links are not
    /// followed. `None`: that directory could not be read, or the call stays in it whatever the path says (`openat2(2)`,
    /// `RESOLVE_BENEATH` and `RESOLVE_IN_ROOT`).
    pub resolved: Option<PathBuf>,
    /// What for.
    pub intent: Intent,
    /// How faithful `path` is.
    pub fidelity: Fidelity,
    /// As in [`ExecRecord::dropped`].
    pub dropped: u64,
}

/// What a file is wanted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// `O_PATH`: neither its content nor, if it is a folder, its list. Some C libraries look at paths this way (musl's
    /// `realpath`).
    Look,
    /// `O_RDONLY`, a folder to list it too.
    Read,
    /// `O_WRONLY`.
    Write,
    /// `O_RDWR`.
    ReadWrite,
    /// With `O_CREAT` or `O_TMPFILE`, whether or not the file exists.
    Create,
    /// `unlink`, `unlinkat`, `rmdir`.
    Delete,
    /// `rename`, `renameat`, `renameat2`.
    Rename {
        /// The new path, as [`OpenRecord::resolved`].
        to: Option<PathBuf>,
    },
}

/// How faithful the strings of a record are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fidelity {
    /// Byte for byte.
    Exact,
    /// Bytes that are not UTF-8 were replaced.
    Replaced,
    /// Longer than 64 arguments or names, 4 KiB per argument, 256 bytes per name or 32 KiB in all.
    Truncated,
    /// The memory of the process could not be read.
    Unread,
}

/// A canary's code ran: proof that its command was executed, not only looked up.
///
/// The asking process runs a file of the canary folder, so a function cannot claim it by making the canary's call itself,
/// nor with a copy of the canary's program.
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
