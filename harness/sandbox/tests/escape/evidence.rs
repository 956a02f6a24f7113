//! What is looked at from outside while a program holds what it has got, and what its output proves.

use std::{
    fs,
    io::Read,
    net::{TcpStream, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::{FileTypeExt, MetadataExt},
            net::{SocketAddr, UnixStream},
        },
    },
    time::{Duration, Instant},
};

use rustix::event::{Timespec, poll};

use crate::{
    bait::{Bait, TOKEN},
    limits, procs,
};

/// How the success of a program would show, beside what happens to the bait and what its output proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// By the bait alone.
    Bait,
    /// Nothing can be seen from outside: the program says so.
    Word,
    /// It holds a device other than those that every program needs.
    Device,
    /// It has made a device node.
    Node,
    /// It holds a setting of the kernel that it could write.
    Setting,
    /// It holds a kernel object of this name.
    Object(&'static str),
    /// It holds a socket.
    Socket,
    /// It has capabilities.
    Capabilities,
    /// It is in another control group than at its start.
    Cgroup,
    /// It has protected itself from the end of memory.
    OomScore,
    /// The host can reach a port that it has opened.
    Port,
    /// The host finds it under an abstract name.
    AbstractName,
    /// It learns what others do meanwhile.
    Watching,
    /// It lives on after the kill.
    Survival,
    /// It has more memory than its limit.
    Memory,
    /// It has more processes and threads than its limit.
    Processes,
    /// It has more descriptors than its limit.
    Descriptors,
    /// It has written a file beyond its limit.
    FileSize,
    /// It has filled more of the disk than its limit.
    Disk,
    /// It has reached the point behind a limit of time.
    Reached,
    /// Its output has filled the memory of the harness.
    Log,
}

/// Devices that are no escape.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// A state that has gone on for so long is one that nothing ends. Ten looks of the sandbox.
///
/// Looking at thousands of processes takes its time on a machine that runs the cells side by side.
const LASTING: Duration = Duration::from_secs(8);

impl Proof {
    /// Looks at the processes of a run at the moment in which the program holds.
    pub(crate) fn look(self, bait: &Bait, pids: &[u32], cgroup_before: &str, output: &str) -> Vec<String> {
        let descriptors = || pids.iter().flat_map(|it| procs::descriptors(*it));
        let seen: Vec<String> = match self {
            Proof::Device => descriptors()
                .filter(|(to, _)| to.starts_with("/dev/") && !DEVICES.contains(&to.as_str()))
                .map(|(to, _)| to)
                .collect(),
            Proof::Node => pids.iter().flat_map(|it| nodes(*it)).collect(),
            Proof::Setting => descriptors()
                .filter(|(to, flags)| {
                    (to.starts_with("/proc/") || to.starts_with("/sys/"))
                        && flags & libc::O_ACCMODE as u32 != 0
                })
                .map(|(to, _)| to)
                .collect(),
            Proof::Object(name) => descriptors().filter(|it| it.0.contains(name)).map(|it| it.0).collect(),
            Proof::Socket => descriptors().filter(|it| it.0.starts_with("socket:")).map(|it| it.0).collect(),
            Proof::Capabilities => pids
                .iter()
                .filter_map(|it| procs::status_line(*it, "CapEff:"))
                .filter(|it| it.chars().any(|digit| digit != '0'))
                .map(|it| format!("capabilities {it}"))
                .collect(),
            Proof::Cgroup => pids.iter().filter_map(|it| left_cgroup(*it, cgroup_before)).collect(),
            Proof::OomScore => pids.iter().filter_map(|it| oom_score(*it)).collect(),
            Proof::Port => output.lines().filter_map(|it| reached(it, &bait.mark)).collect(),
            Proof::AbstractName => {
                let name = SocketAddr::from_abstract_name(&bait.abstract_free).unwrap();
                let found = UnixStream::connect_addr(&name).is_ok();
                found.then(|| "the host connects to its abstract name".to_owned()).into_iter().collect()
            }
            // Where memory is polled, some more is taken between two looks.
            Proof::Memory => beyond(procs::memory(pids), limits::MEMORY / 8 * 9, "bytes of memory"),
            Proof::Processes => {
                lasting(|| procs::threads(pids) as u64, limits::PROCESSES, "processes and threads")
            }
            Proof::Descriptors => {
                let most = pids.iter().map(|it| procs::descriptors(*it).len()).max();
                beyond(most.unwrap_or(0) as u64, limits::OPEN_FILES, "descriptors")
            }
            Proof::FileSize => {
                let size = |pid: &u32| Some(fs::metadata(format!("/proc/{pid}/cwd/large")).ok()?.len());
                let largest = pids.iter().filter_map(size).max();
                beyond(largest.unwrap_or(0), limits::FILE_SIZE, "bytes in a file")
            }
            Proof::Disk => lasting(|| filled(pids), limits::SCRATCH, "bytes of disk"),
            Proof::Reached => vec!["it went on behind the limit".to_owned()],
            Proof::Watching => {
                bait.be_busy();
                Vec::new()
            }
            Proof::Bait | Proof::Word | Proof::Survival | Proof::Log => Vec::new(),
        };
        let mut seen: Vec<String> = seen.into_iter().take(5).collect();
        seen.dedup();
        seen
    }
}

/// What the output proves: tokens and facts, else what it claims.
pub(crate) fn in_output(output: &str, facts: &[(String, String)]) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for (at, _) in output.match_indices(TOKEN) {
        let token = &output[at + TOKEN.len()..];
        let end = token.find(|it: char| !it.is_ascii_alphanumeric() && it != '-').unwrap_or(token.len());
        // What is left without the random part says where it was.
        if let Some((place, random)) = token[..end].rsplit_once('-')
            && random.len() == 32
        {
            seen.push(format!("the secret `{place}` in its output"));
        }
    }
    for (name, fact) in facts {
        if output.lines().any(|it| it.trim() == fact) {
            seen.push(format!("{name} in its output"));
        }
    }
    seen.sort();
    seen.dedup();
    seen
}

/// Claims that nothing else supports.
pub(crate) fn claims(output: &str) -> Vec<String> {
    let claims = output.lines().filter_map(|it| it.strip_prefix("ESCAPED "));
    claims.filter(|it| !it.starts_with(TOKEN)).take(5).map(|it| format!("it says: {it}")).collect()
}

fn beyond(found: u64, limit: u64, what: &str) -> Vec<String> {
    if found > limit { vec![format!("{found} {what}, {limit} allowed")] } else { Vec::new() }
}

/// The same for what is looked at now and then where no control group counts: it must not last.
fn lasting(look: impl Fn() -> u64, limit: u64, what: &str) -> Vec<String> {
    let deadline = Instant::now() + LASTING;
    loop {
        let found = look();
        if found <= limit || Instant::now() > deadline {
            return beyond(found, limit, what);
        }
        let _ = poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 10_000_000 }));
    }
}

fn nodes(pid: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{pid}/cwd/")).into_iter().flatten().flatten();
    entries
        .filter_map(|it| {
            let found = it.metadata().ok()?;
            let is_device = found.file_type().is_char_device() || found.file_type().is_block_device();
            // Number 0 is no device: anybody may make such a node (mknod(2)).
            (is_device && found.rdev() != 0).then(|| format!("the device node {}", it.file_name().display()))
        })
        .collect()
}

fn left_cgroup(pid: u32, before: &str) -> Option<String> {
    let now = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let changed = now.lines().find(|it| before.lines().all(|other| other != *it))?;
    Some(format!("it is now in {changed}"))
}

fn oom_score(pid: u32) -> Option<String> {
    let read = |path: String| fs::read_to_string(path).ok()?.trim().parse::<i32>().ok();
    let (own, its) =
        (read("/proc/self/oom_score_adj".to_owned())?, read(format!("/proc/{pid}/oom_score_adj"))?);
    (its < own).then(|| format!("oom_score_adj {its}"))
}

/// Connects to the port of a line `PORT n` or `UDP-PORT n`, and expects the mark there.
fn reached(line: &str, mark: &str) -> Option<String> {
    let patience = Some(Duration::from_secs(2));
    let mut answer = [0; 64];
    let len = if let Some(port) = line.strip_prefix("PORT ") {
        let port: u16 = port.parse().ok()?;
        let mut stream =
            TcpStream::connect(("127.0.0.1", port)).or_else(|_| TcpStream::connect(("::1", port))).ok()?;
        stream.set_read_timeout(patience).ok()?;
        stream.read(&mut answer).ok()?
    } else {
        let port: u16 = line.strip_prefix("UDP-PORT ")?.parse().ok()?;
        let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
        socket.set_read_timeout(patience).ok()?;
        // Connected, so that a closed port shows at once.
        socket.connect(("127.0.0.1", port)).ok()?;
        socket.send(b"hello").ok()?;
        socket.recv(&mut answer).ok()?
    };
    (&answer[..len] == mark.as_bytes()).then(|| "the host reaches its port".to_owned())
}

/// What `many_files.c` has written, wherever it was let.
fn filled(pids: &[u32]) -> u64 {
    let mut found = Vec::new();
    for pid in pids {
        for place in
            ["cwd", "root/tmp", "root/var/tmp", "root/dev/shm", "root/run", "root/var/task", "root/home"]
        {
            let entries = fs::read_dir(format!("/proc/{pid}/{place}/")).into_iter().flatten().flatten();
            let ours = entries.filter(|it| it.file_name().to_string_lossy().starts_with("evfuzz-fill-"));
            found.extend(
                ours.filter_map(|it| it.metadata().ok()).map(|it| (it.dev(), it.ino(), it.blocks() * 512)),
            );
        }
    }
    found.sort_unstable();
    found.dedup();
    found.iter().map(|it| it.2).sum()
}
