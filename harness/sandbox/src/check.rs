//! Deciding how to confine, by trying: each candidate runs the probe, and the probe's attempts are judged from outside.

use std::{
    env, fs, io,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    canary::CanaryPool,
    confine,
    error::{SandboxError, Stage},
    event::{ExitStatus, ProcessEvent},
    handle::Line,
    isolation::{
        Barriers, Isolation, LANDLOCK_WITH_SIGNAL_SCOPE, LANDLOCK_WITH_TCP, Namespaces, Promise,
        PromiseState, Watch,
    },
    keeper::AS_PROBE,
    probe::{self, Attempt, Task},
    process::Process,
    spec::{BarrierWish, IsolationWish, KeeperProgram, Limits, OnWeak, ProcessSpec, WatchWish},
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
    let mut notes = Vec::new();
    let landlock = match wish.barriers {
        BarrierWish::Auto | BarrierWish::LandlockOnly => confine::kernel_abi(),
        BarrierWish::NamespacesOnly | BarrierWish::None => None,
    };
    match (wish.barriers, landlock) {
        (BarrierWish::LandlockOnly, None) => {
            return Err(unavailable("Landlock", "the kernel does not have it"));
        }
        (BarrierWish::Auto, None) => notes.push("no Landlock in this kernel".to_owned()),
        (_, Some(abi)) if abi < LANDLOCK_WITH_TCP => {
            notes.push(format!(
                "Landlock ABI {abi} does not cover TCP (that needs {LANDLOCK_WITH_TCP})"
            ));
        }
        _ => {}
    }
    let namespaces: &[Namespaces] = match wish.barriers {
        BarrierWish::Auto => &[Namespaces::User, Namespaces::Privileged, Namespaces::Host],
        BarrierWish::NamespacesOnly => &[Namespaces::User, Namespaces::Privileged],
        BarrierWish::LandlockOnly | BarrierWish::None => &[Namespaces::Host],
    };
    let watches: &[Watch] = match wish.watch {
        WatchWish::Auto => &[Watch::UserNotification, Watch::Ptrace, Watch::Off],
        WatchWish::UserNotification => &[Watch::UserNotification],
        WatchWish::Ptrace => &[Watch::Ptrace],
        WatchWish::Off => &[Watch::Off],
    };

    let mut stages = (namespaces.iter().copied(), watches.iter().copied());
    let mut current = (stages.0.next(), stages.1.next());
    while let (Some(namespaces), Some(watch)) = current {
        let barriers = Barriers {
            landlock,
            namespaces,
        };
        if !barriers.are_strong() && wish.weak == OnWeak::Refuse {
            notes.push("neither Landlock with TCP rules nor namespaces".to_owned());
            return Err(SandboxError::TooWeak {
                missing: notes.join("; "),
            });
        }
        let bench = Bench::set_up(run_dir).map_err(os("prepare the isolation check"))?;
        let spec = bench.spec(program)?;
        match line.spawn(&spec, barriers, watch) {
            Ok(process) => {
                let promises = bench.judge(process, &spec, barriers, watch)?;
                bench.clear();
                return enforce(
                    Isolation {
                        barriers,
                        watch,
                        promises,
                        notes,
                    },
                    wish.weak,
                );
            }
            Err(SandboxError::Setup {
                stage,
                detail,
                source,
            }) => {
                bench.clear();
                let reason = format!("{stage}: {detail}: {source}");
                match stage {
                    Stage::Namespaces | Stage::Mounts | Stage::Service
                        if namespaces != Namespaces::Host =>
                    {
                        current.0 = stages.0.next();
                    }
                    Stage::Watch => current.1 = stages.1.next(),
                    stage => {
                        return Err(SandboxError::Setup {
                            stage,
                            detail,
                            source,
                        });
                    }
                }
                notes.push(reason);
            }
            Err(other) => return Err(other),
        }
    }
    let what = if current.0.is_none() {
        "confinement by namespaces"
    } else {
        "the exec watch"
    };
    Err(unavailable(what, &notes.join("; ")))
}

fn unavailable(what: &'static str, reason: &str) -> SandboxError {
    SandboxError::Unavailable {
        what,
        reason: reason.to_owned(),
    }
}

fn os(action: &'static str) -> impl Fn(io::Error) -> SandboxError {
    move |source| SandboxError::Os { action, source }
}

fn enforce(isolation: Isolation, weak: OnWeak) -> Result<Isolation, SandboxError> {
    let broken = isolation
        .promises
        .iter()
        .find(|it| it.state == PromiseState::Violated);
    match broken {
        Some(it) if isolation.barriers.are_strong() || weak == OnWeak::Refuse => {
            Err(SandboxError::PromiseBroken {
                name: it.name.to_owned(),
                detail: it.detail.clone(),
            })
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
        let mine = format!("evfuzz-probe-{}", std::process::id());
        let mut create = vec![
            dir.join("code").join(&mine),
            dir.join(&mine),
            Path::new("/").join(&mine),
        ];
        create.push(env::temp_dir().join(&mine));
        create.extend(env::home_dir().map(|it| it.join(&mine)));
        let unix = UnixListener::bind(dir.join("socket"))?;
        unix.set_nonblocking(true)?;
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        udp.set_nonblocking(true)?;
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        tcp.set_nonblocking(true)?;
        Ok(Bench {
            dir,
            tcp,
            udp,
            unix,
            pool,
            create,
        })
    }

    fn spec(&self, program: &KeeperProgram) -> Result<ProcessSpec, SandboxError> {
        let port = |it: io::Result<std::net::SocketAddr>| it.map(|it| it.port());
        let task = Task {
            scratch: self.dir.join("scratch"),
            create: self.create.clone(),
            secret: self.dir.join("secret"),
            tcp: port(self.tcp.local_addr()).map_err(os("read a port"))?,
            udp: port(self.udp.local_addr()).map_err(os("read a port"))?,
            unix: self.dir.join("socket"),
            caller: std::process::id(),
            service_env: SERVICE_ENV.to_owned(),
            canary: Some(CANARY.to_owned()),
        };
        let task = serde_json::to_string(&task).map_err(|source| SandboxError::Spec { source })?;
        let mut args = program.args.clone();
        args.extend([AS_PROBE.into(), task.into()]);
        Ok(ProcessSpec {
            program: program.exe.clone(),
            args,
            env: vec![("PATH".into(), self.pool.dir().into())],
            cwd: self.dir.join("code"),
            read: vec![program.exe.clone(), self.dir.join("code")],
            scratch: self.dir.join("scratch"),
            canaries: Some(self.pool.dir().to_owned()),
            service_env: Some(SERVICE_ENV.to_owned()),
            core: None,
            limits: Limits::default(),
        })
    }

    fn judge(
        &self,
        process: Process,
        spec: &ProcessSpec,
        barriers: Barriers,
        watch: Watch,
    ) -> Result<Vec<Promise>, SandboxError> {
        let (lines, canary_seen) =
            listen(&process).map_err(|detail| SandboxError::PromiseBroken {
                name: "the probe runs to its end".to_owned(),
                detail,
            })?;
        let verdict = Verdict {
            bench: self,
            lines,
            barriers,
        };
        let mut promises = verdict.forbidden();
        promises.extend(verdict.allowed(spec));
        promises.push(match watch {
            Watch::Off => promise(
                NAME_CANARY,
                PromiseState::NotApplicable,
                "exec watch is off",
            ),
            _ if canary_seen => promise(NAME_CANARY, PromiseState::Held, "reported"),
            _ => promise(
                NAME_CANARY,
                PromiseState::Violated,
                verdict.answer(Attempt::Canary),
            ),
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
                ProcessEvent::Exec(_) | ProcessEvent::Descendants { .. } => {}
            }
        }
        if Instant::now() >= deadline {
            return Err(format!("no end within {} s", PATIENCE.as_secs()));
        }
        let events = process.events_fd();
        let _ = poll(
            &mut [PollFd::new(&events, PollFlags::IN)],
            Some(&Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            }),
        );
    };
    process.read_log(&mut text, 1 << 20);
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<probe::Line> = text
        .lines()
        .filter_map(|it| serde_json::from_str(it).ok())
        .collect();
    if status == ExitStatus::Code(0) && !lines.is_empty() {
        Ok((lines, canary_seen))
    } else {
        Err(format!("it ended with {status:?} and said {text:?}"))
    }
}

struct Verdict<'a> {
    bench: &'a Bench,
    lines: Vec<probe::Line>,
    barriers: Barriers,
}

impl Verdict<'_> {
    fn forbidden(&self) -> Vec<Promise> {
        let bench = self.bench;
        let appeared = bench.create.iter().filter(|it| it.exists()).count();
        let scoped = self
            .barriers
            .landlock
            .is_some_and(|abi| abi >= LANDLOCK_WITH_SIGNAL_SCOPE);
        let mut promises = vec![
            // Judged from outside: what looks like the host's /tmp inside may be scratch.
            held(
                "no file is written outside scratch",
                appeared == 0,
                self.answer(Attempt::Create),
            ),
            held(
                "no file outside is read",
                !self.worked(Attempt::Secret),
                self.answer(Attempt::Secret),
            ),
            held(
                "no other TCP port is reached",
                bench.tcp.accept().is_err(),
                self.answer(Attempt::Tcp),
            ),
            held(
                "no UDP packet gets out",
                bench.udp.recv(&mut [0; 8]).is_err(),
                self.answer(Attempt::Udp),
            ),
            held(
                "no unix socket outside is reached",
                bench.unix.accept().is_err(),
                self.answer(Attempt::Unix),
            ),
            held(
                "no process is traced",
                !self.worked(Attempt::Ptrace),
                self.answer(Attempt::Ptrace),
            ),
            held(
                "nothing is mounted",
                !self.worked(Attempt::Mount),
                self.answer(Attempt::Mount),
            ),
            held(
                "the caller's environment is not read",
                !self.worked(Attempt::Environ),
                self.answer(Attempt::Environ),
            ),
        ];
        let signal = held(
            "the caller is not signalled",
            !self.worked(Attempt::Signal),
            self.answer(Attempt::Signal),
        );
        // Only Landlock's signal scope promises this for processes of the same user.
        promises.push(if scoped || signal.state == PromiseState::Held {
            signal
        } else {
            Promise {
                state: PromiseState::NotApplicable,
                ..signal
            }
        });
        promises
    }

    fn allowed(&self, spec: &ProcessSpec) -> Vec<Promise> {
        let facts = self.detail(Attempt::Capabilities);
        let zero = |name: &str| facts.contains(&format!("{name}:0000000000000000"));
        let powerless = ["CapInh", "CapPrm", "CapEff", "CapAmb"]
            .into_iter()
            .all(zero)
            && facts.contains("NoNewPrivs:1");
        let mut names: Vec<_> = spec
            .env
            .iter()
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        names.extend(spec.service_env.clone());
        names.sort();
        let environment = self.detail(Attempt::Environment);
        let tmp = held(
            "/tmp is writable",
            self.worked(Attempt::Tmp),
            self.answer(Attempt::Tmp),
        );
        vec![
            held("no capabilities, no new privileges", powerless, facts),
            held(
                "the environment is exactly as given",
                environment == names.join(" "),
                environment.clone(),
            ),
            held(
                "scratch is writable",
                self.worked(Attempt::Scratch),
                self.answer(Attempt::Scratch),
            ),
            if self.barriers.has_namespaces() {
                tmp
            } else {
                Promise {
                    state: PromiseState::NotApplicable,
                    ..tmp
                }
            },
            held(
                "the service is reached",
                self.worked(Attempt::Service),
                self.answer(Attempt::Service),
            ),
        ]
    }

    fn of(&self, attempt: Attempt) -> impl Iterator<Item = &probe::Line> {
        self.lines.iter().filter(move |it| it.attempt == attempt)
    }

    fn worked(&self, attempt: Attempt) -> bool {
        self.of(attempt).any(|it| it.error.is_none())
    }

    fn detail(&self, attempt: Attempt) -> String {
        self.of(attempt).map(|it| it.detail.clone()).collect()
    }

    /// What was tried and what the system answered.
    fn answer(&self, attempt: Attempt) -> String {
        let answers: Vec<String> = self
            .of(attempt)
            .map(|it| format!("{}: {}", it.detail, it.error.as_deref().unwrap_or("worked")))
            .collect();
        answers.join(", ")
    }
}

fn held(name: &'static str, holds: bool, detail: String) -> Promise {
    let state = if holds {
        PromiseState::Held
    } else {
        PromiseState::Violated
    };
    promise(name, state, detail)
}

fn promise(name: &'static str, state: PromiseState, detail: impl Into<String>) -> Promise {
    Promise {
        name,
        state,
        detail: detail.into(),
    }
}
