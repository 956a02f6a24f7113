//! Deciding how to confine, by trying: each candidate runs the probe, and the probe's attempts are judged from outside.

mod verdict;

use std::{
    env, fs, io,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use self::verdict::{Verdict, promise};
use crate::{
    canary::CanaryPool,
    confine,
    error::{SandboxError, Stage},
    event::{ExitStatus, ProcessEvent},
    handle::{Line, With},
    isolation::{
        Barriers, Isolation, LANDLOCK_WITH_TCP, Namespaces, Processes, Promise, PromiseState, Watch,
    },
    keeper::AS_PROBE,
    probe::{self, Attempt, Task},
    process::Process,
    spec::{
        BarrierWish, IsolationWish, KeeperProgram, Limits, Observe, OnWeak, Piece, ProcessSpec, Scratch, Tmp,
        WatchWish,
    },
};

/// The probe takes milliseconds; a machine under heavy load still gets there.
const PATIENCE: Duration = Duration::from_secs(20);
const SERVICE_ENV: &str = "EVFUZZ_PROBE_SERVICE";
const CANARY: &str = "evfuzz-probe-canary";

/// Finds the strongest isolation that satisfies `wish`, and checks it.
pub(crate) fn decide(
    line: &Line,
    program: &KeeperProgram,
    run_dir: &Path,
    wish: IsolationWish,
) -> Result<Isolation, SandboxError> {
    enforce(examine(line, program, run_dir, wish)?, wish.weak)
}

/// The same without consequences: what came of each attempt, broken promises among them.
pub(crate) fn examine(
    line: &Line,
    program: &KeeperProgram,
    run_dir: &Path,
    wish: IsolationWish,
) -> Result<Isolation, SandboxError> {
    let mut notes = Vec::new();
    let landlock = match wish.barriers {
        BarrierWish::Auto | BarrierWish::LandlockOnly => {
            confine::kernel_abi().map(|abi| wish.landlock_abi_at_most.map_or(abi, |most| abi.min(most)))
        }
        BarrierWish::NamespacesOnly | BarrierWish::None => None,
    };
    match (wish.barriers, landlock) {
        (BarrierWish::LandlockOnly, None) => {
            return Err(unavailable("Landlock", "the kernel does not have it"));
        }
        (BarrierWish::Auto, None) => notes.push("no Landlock in this kernel".to_owned()),
        (_, Some(abi)) if abi < LANDLOCK_WITH_TCP => {
            notes.push(format!("Landlock ABI {abi} does not cover TCP (that needs {LANDLOCK_WITH_TCP})"));
        }
        _ => {}
    }
    const OWN_WORLD: [(Namespaces, Processes); 4] = [
        (Namespaces::User, Processes::Own),
        (Namespaces::User, Processes::Host),
        (Namespaces::Privileged, Processes::Own),
        (Namespaces::Privileged, Processes::Host),
    ];
    let host = (Namespaces::Host, Processes::Host);
    let worlds = match wish.barriers {
        BarrierWish::Auto => [OWN_WORLD.as_slice(), &[host]].concat(),
        BarrierWish::NamespacesOnly => OWN_WORLD.to_vec(),
        BarrierWish::LandlockOnly | BarrierWish::None => vec![host],
    };
    let watches: &[Watch] = match wish.watch {
        WatchWish::Auto => &[Watch::UserNotification, Watch::Ptrace, Watch::Off],
        WatchWish::UserNotification => &[Watch::UserNotification],
        WatchWish::Ptrace => &[Watch::Ptrace],
        WatchWish::Off => &[Watch::Off],
    };

    let mut stages = (worlds.into_iter().peekable(), watches.iter().copied());
    let mut current = (stages.0.next(), stages.1.next());
    while let (Some((namespaces, processes)), Some(watch)) = current {
        let barriers = Barriers { landlock, namespaces, processes };
        if !barriers.are_strong() && wish.weak == OnWeak::Refuse {
            notes.push("neither Landlock with TCP rules nor namespaces".to_owned());
            return Err(SandboxError::TooWeak { missing: notes.join("; ") });
        }
        let bench = Bench::set_up(run_dir).map_err(os("prepare the isolation check"))?;
        let spec = bench.spec(program, &barriers)?;
        match line.spawn(&spec, barriers, watch, With::default()) {
            Ok(process) => {
                let promises = bench.judge(process, &spec, barriers, watch)?;
                bench.clear();
                let identity = line.identity;
                let control_groups = line.cgroups.to_string();
                notes.extend(line.cgroup_notes.iter().cloned());
                return Ok(Isolation { barriers, watch, identity, control_groups, promises, notes });
            }
            Err(SandboxError::Setup { stage, detail, source }) => {
                bench.clear();
                let reason = format!("{stage}: {detail}: {source}");
                match stage {
                    Stage::Processes if processes == Processes::Own => current.0 = stages.0.next(),
                    Stage::Namespaces | Stage::Mounts | Stage::Service if namespaces != Namespaces::Host => {
                        // Without its pid namespace it would fail in the same way.
                        let same = |it: &(Namespaces, Processes)| it.0 == namespaces;
                        while stages.0.next_if(same).is_some() {}
                        current.0 = stages.0.next();
                    }
                    Stage::Watch => current.1 = stages.1.next(),
                    stage => {
                        return Err(SandboxError::Setup { stage, detail, source });
                    }
                }
                notes.push(reason);
            }
            Err(other) => return Err(other),
        }
    }
    let what = if current.0.is_none() { "confinement by namespaces" } else { "the exec watch" };
    Err(unavailable(what, &notes.join("; ")))
}

fn unavailable(what: &'static str, reason: &str) -> SandboxError {
    SandboxError::Unavailable { what, reason: reason.to_owned() }
}

fn os(action: &'static str) -> impl Fn(io::Error) -> SandboxError {
    move |source| SandboxError::Os { action, source }
}

fn enforce(isolation: Isolation, weak: OnWeak) -> Result<Isolation, SandboxError> {
    let broken = isolation.promises.iter().find(|it| it.state == PromiseState::Violated);
    match broken {
        Some(it) if isolation.barriers.are_strong() || weak == OnWeak::Refuse => {
            Err(SandboxError::PromiseBroken { name: it.name.to_owned(), detail: it.detail.clone() })
        }
        _ => Ok(isolation),
    }
}

/// Everything that the probe tries to reach, really there.
struct Bench {
    dir: PathBuf,
    tcp: TcpListener,
    udp: UdpSocket,
    unix: UnixListener,
    pool: CanaryPool,
    /// Files that must not appear.
    create: Vec<PathBuf>,
}

impl Bench {
    fn set_up(run_dir: &Path) -> io::Result<Bench> {
        let dir = run_dir.join("check");
        for part in ["", "scratch", "code"] {
            fs::create_dir(dir.join(part))?;
        }
        fs::write(dir.join("secret"), "canary")?;
        let mut pool = CanaryPool::with_capacity(&dir.join("canaries"), 1)?;
        pool.arm(CANARY)?;
        // Also told apart from the files of another keeper of this process, which may be allowed to be weak.
        static BENCHES: AtomicU32 = AtomicU32::new(0);
        let count = BENCHES.fetch_add(1, Ordering::Relaxed);
        let mine = format!("evfuzz-probe-{}-{count}", std::process::id());
        let mut create = vec![dir.join("code").join(&mine), dir.join(&mine), Path::new("/").join(&mine)];
        create.push(env::temp_dir().join(&mine));
        create.extend(env::home_dir().map(|it| it.join(&mine)));
        let unix = UnixListener::bind(dir.join("socket"))?;
        unix.set_nonblocking(true)?;
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        udp.set_nonblocking(true)?;
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        tcp.set_nonblocking(true)?;
        Ok(Bench { dir, tcp, udp, unix, pool, create })
    }

    fn spec(&self, program: &KeeperProgram, barriers: &Barriers) -> Result<ProcessSpec, SandboxError> {
        let place = |it: Piece| it.place(barriers).to_owned();
        let (exe, code, canaries) = (self.exe(program), self.code(), self.canaries());
        let scratch = self.dir.join("scratch");
        let port = |it: io::Result<std::net::SocketAddr>| it.map(|it| it.port());
        let task = Task {
            scratch: if barriers.has_own_files() { "/tmp".into() } else { scratch.clone() },
            create: self.create.clone(),
            secret: self.dir.join("secret"),
            tcp: port(self.tcp.local_addr()).map_err(os("read a port"))?,
            udp: port(self.udp.local_addr()).map_err(os("read a port"))?,
            unix: self.dir.join("socket"),
            caller: std::process::id(),
            service_env: SERVICE_ENV.to_owned(),
            canary: CANARY.to_owned(),
        };
        let task = serde_json::to_string(&task).map_err(|source| SandboxError::Spec { source })?;
        let mut args = program.args.clone();
        args.extend([AS_PROBE.into(), task.into()]);
        Ok(ProcessSpec {
            program: place(exe.clone()),
            args,
            env: vec![("PATH".into(), place(canaries.clone()).into())],
            cwd: place(code.clone()),
            read: vec![exe, code],
            scratch: Scratch { folder: scratch, tmp: Tmp::Memory },
            canaries: Some(canaries),
            service_env: vec![SERVICE_ENV.to_owned()],
            records: None,
            observer: None,
            core: None,
            limits: Limits::default(),
            observe: Observe::default(),
        })
    }

    fn exe(&self, program: &KeeperProgram) -> Piece {
        Piece::at(&program.exe, "/run/evfuzz/probe")
    }

    fn code(&self) -> Piece {
        Piece::at(self.dir.join("code"), "/var/task")
    }

    fn canaries(&self) -> Piece {
        Piece::at(self.pool.dir(), "/run/evfuzz/bin")
    }

    fn judge(
        &self,
        process: Process,
        spec: &ProcessSpec,
        barriers: Barriers,
        watch: Watch,
    ) -> Result<Vec<Promise>, SandboxError> {
        let (lines, canary_seen) = listen(&process).map_err(|detail| SandboxError::PromiseBroken {
            name: "the probe runs to its end".to_owned(),
            detail,
        })?;
        let verdict = Verdict { bench: self, lines, barriers };
        let mut promises = verdict.forbidden();
        promises.extend(verdict.allowed(spec));
        promises.push(match watch {
            Watch::Off => promise(NAME_CANARY, PromiseState::NotApplicable, "exec watch is off"),
            _ if canary_seen => promise(NAME_CANARY, PromiseState::Held, "reported"),
            _ => promise(NAME_CANARY, PromiseState::Violated, verdict.answer(Attempt::Canary)),
        });
        Ok(promises)
    }

    /// Removes everything, including what a broken promise created.
    fn clear(self) {
        for path in &self.create {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

const NAME_CANARY: &str = "a canary's run is seen";

/// Reads the probe's report until it ends.
fn listen(process: &Process) -> Result<(Vec<probe::Line>, bool), String> {
    let deadline = Instant::now() + PATIENCE;
    let mut text = Vec::new();
    let mut canary_seen = false;
    let status = 'status: loop {
        while let Some(event) = process.next_event() {
            match event {
                ProcessEvent::CanaryRan(ran) => canary_seen |= ran.name == CANARY,
                ProcessEvent::Exited(info) => break 'status info.status,
                ProcessEvent::Ended => return Err("its warden died".to_owned()),
                ProcessEvent::LimitExceeded(limit) => return Err(format!("it went beyond a limit: {limit}")),
                ProcessEvent::Exec(_)
                | ProcessEvent::Connect(_)
                | ProcessEvent::Bind(_)
                | ProcessEvent::DnsQuery(_)
                | ProcessEvent::Open(_)
                | ProcessEvent::Descendants { .. }
                | ProcessEvent::Usage(_)
                | ProcessEvent::Files(_) => {}
            }
        }
        if Instant::now() >= deadline {
            return Err(format!("no end within {} s", PATIENCE.as_secs()));
        }
        let events = process.events_fd();
        let _ = poll(&mut [PollFd::new(&events, PollFlags::IN)], Some(&Timespec { tv_sec: 1, tv_nsec: 0 }));
    };
    process.read_log(&mut text, 1 << 20);
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<probe::Line> = text.lines().filter_map(|it| serde_json::from_str(it).ok()).collect();
    if status == ExitStatus::Code(0) && !lines.is_empty() {
        Ok((lines, canary_seen))
    } else {
        Err(format!("it ended with {status:?} and said {text:?}"))
    }
}
