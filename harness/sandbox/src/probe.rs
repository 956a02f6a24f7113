//! The probe: runs confined like a function and tries to break each promise from inside.
//!
//! Harmless even if it succeeds: it creates empty files with names of its own, sends one byte to its own parent's sockets, reads.
//! It only reports what the system answered; `check` judges.

use std::{
    env,
    ffi::OsString,
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// What to try. All paths and ports are real ones outside.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) scratch: PathBuf,
    /// Files to create where the probe must not write.
    pub(crate) create: Vec<PathBuf>,
    pub(crate) secret: PathBuf,
    pub(crate) tcp: u16,
    pub(crate) udp: u16,
    pub(crate) unix: PathBuf,
    pub(crate) caller: u32,
    /// The environment variable with the service's address.
    pub(crate) service_env: String,
    pub(crate) canary: String,
}

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Attempt {
    Create,
    Secret,
    Tcp,
    Udp,
    Unix,
    Ptrace,
    Mount,
    Environ,
    Signal,
    Capabilities,
    Environment,
    Scratch,
    Tmp,
    Service,
    Canary,
}

/// One line of the probe's output.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) attempt: Attempt,
    /// What was tried, or a result in words.
    pub(crate) detail: String,
    /// `None`: it worked.
    pub(crate) error: Option<String>,
}

/// The file that the probe creates in scratch.
const IN_SCRATCH: &str = "evfuzz-probe-scratch";

/// The probe's main function.
pub(crate) fn run(task: Option<&OsString>) -> ExitCode {
    let task = task.and_then(|it| it.to_str()).map(serde_json::from_str::<Task>);
    let Some(Ok(task)) = task else {
        return ExitCode::from(2);
    };
    let mut lines = forbidden(&task);
    lines.extend(allowed(&task));
    let mut out = io::stdout().lock();
    for line in lines {
        let Ok(text) = serde_json::to_string(&line) else {
            return ExitCode::FAILURE;
        };
        if io::Write::write_all(&mut out, format!("{text}\n").as_bytes()).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn forbidden(task: &Task) -> Vec<Line> {
    let mut lines: Vec<Line> =
        task.create.iter().map(|it| line(Attempt::Create, it.display(), create(it))).collect();
    lines.push(line(Attempt::Secret, task.secret.display(), fs::read(&task.secret)));
    lines.push(line(Attempt::Tcp, format_args!("127.0.0.1:{}", task.tcp), connect(task.tcp)));
    lines.push(line(Attempt::Udp, format_args!("127.0.0.1:{}", task.udp), datagram(task.udp)));
    lines.push(line(Attempt::Unix, task.unix.display(), UnixStream::connect(&task.unix)));
    // SAFETY: TRACEME takes no pointers; if it worked, the parent would merely be able to trace the probe.
    let traced = number(unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) });
    lines.push(line(Attempt::Ptrace, "PTRACE_TRACEME", traced));
    let flags = rustix::mount::MountFlags::empty();
    let mounted = rustix::mount::mount("none", &task.scratch, "tmpfs", flags, None);
    lines.push(line(Attempt::Mount, task.scratch.display(), mounted));
    let environ = format!("/proc/{}/environ", task.caller);
    lines.push(line(Attempt::Environ, &environ, fs::read(&environ)));
    // SAFETY: signal 0 is not sent, only its permission is checked.
    let signalled = number(unsafe { libc::kill(task.caller as i32, 0) }.into());
    lines.push(line(Attempt::Signal, format_args!("kill({}, 0)", task.caller), signalled));
    lines
}

fn allowed(task: &Task) -> Vec<Line> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let wanted = ["Uid:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:"];
    let facts: Vec<String> = status
        .lines()
        .filter(|it| wanted.iter().any(|name| it.starts_with(name)))
        .map(|it| it.split_ascii_whitespace().take(2).collect::<Vec<_>>().concat())
        .collect();
    let mut names: Vec<String> =
        env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    names.sort();
    let service = env::var(&task.service_env).unwrap_or_default();
    let connected = service
        .parse::<SocketAddr>()
        .map_err(io::Error::other)
        .and_then(|it| TcpStream::connect_timeout(&it, Duration::from_secs(1)));
    let mut lines = vec![
        line(Attempt::Capabilities, facts.join(" "), Ok::<_, io::Error>(())),
        line(Attempt::Environment, names.join(" "), Ok::<_, io::Error>(())),
        line(Attempt::Scratch, task.scratch.display(), create(&task.scratch.join(IN_SCRATCH))),
        line(Attempt::Tmp, "/tmp", in_tmp()),
        line(Attempt::Service, service, connected),
    ];
    lines.push(line(Attempt::Canary, &task.canary, run_canary(&task.canary)));
    lines
}

fn create(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create_new(true).open(path).map(drop)
}

/// Whether `/tmp` is scratch and can be written.
fn in_tmp() -> io::Result<()> {
    fs::rename(Path::new("/tmp").join(IN_SCRATCH), "/tmp/evfuzz-probe-renamed")
}

fn connect(port: u16) -> io::Result<()> {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).map(drop)
}

fn datagram(port: u16) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.send_to(b"x", (Ipv4Addr::LOCALHOST, port)).map(drop)
}

fn run_canary(name: &str) -> io::Result<()> {
    let status = Command::new(name).stdin(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
}

fn number(result: libc::c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn line<T, E: std::fmt::Display>(
    attempt: Attempt,
    detail: impl std::fmt::Display,
    result: Result<T, E>,
) -> Line {
    let error = result.err().map(|it| it.to_string());
    Line { attempt, detail: detail.to_string(), error }
}
