//! Programs inside of the sandbox.

use std::{
    ffi::OsString,
    fs,
    net::TcpListener,
    os::fd::AsFd,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use evfuzz_sandbox::{
    ExitStatus, Keeper, KeeperProgram, Limits, LogEnd, Namespaces, Observe, Piece, Process, ProcessEvent,
    ProcessSpec, SandboxError, Scratch, Tmp, WatchWish,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::FdFlags,
};
use tempfile::TempDir;

use crate::{
    bait::{Bait, token},
    bystander,
    cell::{Cell, Layer, User},
    evidence::{self, Proof},
    kit::{self, Kit},
    limits::{self, limits_for},
    procs,
    table::{Program, Row, Special, Verdict},
};

/// How long a program may take. Then it is killed through the sandbox, which is part of what is tested.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
/// How long a kill may take until nothing lives any more.
const KILL_DEADLINE: Duration = Duration::from_secs(10);
/// Observations that are told of one program.
const MOST: usize = 6;
/// How much the harness may grow while a program floods it.
const GROWTH: u64 = 64 << 20;

/// Runs all programs in `cell`, one after another, as the user that this process is.
///
/// With `EVFUZZ_FULL` a second time with the other exec watch, under which every process is traced.
pub(crate) fn run_all(cell: Cell, kit: &Kit, mut each: impl FnMut(&Row)) -> Vec<Row> {
    let full = std::env::var_os("EVFUZZ_FULL").is_some();
    let watches: &[WatchWish] = if full { &[WatchWish::Auto, WatchWish::Ptrace] } else { &[WatchWish::Auto] };
    let mut benches: Vec<_> = watches.iter().map(|it| Bench::start(cell, *it, kit)).collect();
    let mut rows = Vec::new();
    for program in crate::hostile::chosen() {
        let verdicts = benches.iter_mut().map(|bench| match bench {
            Err(why) => Verdict::NotApplicable(why.clone()),
            Ok(bench) => match bench.verdict(program) {
                // The cells run side by side and share users and machine: one may hit what another one guards. What is a
                // way out is one again; without patience for that there is EVFUZZ_FULL.
                Verdict::Escaped(seen) if !full => {
                    println!("{}: once more, after {}", program.file, seen.join("; "));
                    bench.verdict(program)
                }
                verdict => verdict,
            },
        });
        let start = Instant::now();
        // An escape counts, under whichever watch.
        let verdict = verdicts.reduce(|a, b| if matches!(b, Verdict::Escaped(_)) { b } else { a });
        if start.elapsed() > Duration::from_secs(3) {
            println!("{} took {:?}", program.file, start.elapsed());
        }
        let row = Row { program: program.file.to_owned(), verdict: verdict.expect("a bench") };
        each(&row);
        rows.push(row);
    }
    rows
}

/// A keeper and the directories of its functions.
struct Bench<'a> {
    cell: Cell,
    watch: WatchWish,
    kit: &'a Kit,
    keeper: Keeper,
    run: PathBuf,
    /// Functions so far.
    count: u32,
    _dir: TempDir,
}

/// Another function of the same keeper.
struct Sibling {
    process: Process,
    listener: TcpListener,
    address: u64,
    scratch: PathBuf,
    guards: Vec<u32>,
    traits: Vec<String>,
}

/// What one program did before its end.
struct Run {
    output: Vec<u8>,
    seen: Vec<String>,
}

impl<'a> Bench<'a> {
    /// `Err` says why this cell makes no sense here.
    fn start(cell: Cell, watch: WatchWish, kit: &'a Kit) -> Result<Bench<'a>, String> {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        let program = KeeperProgram { exe: kit::keeper(), args: Vec::new() };
        let keeper = match Keeper::start(&program, &run, cell.wish(watch)) {
            Ok(keeper) => keeper,
            Err(err @ SandboxError::TooWeak { .. }) => return Err(err.to_string()),
            Err(err) => panic!("{err}: {:?}", std::error::Error::source(&err)),
        };
        if cell.layer == Layer::Two && keeper.isolation().barriers.namespaces == Namespaces::Host {
            return Err("no namespaces here".to_owned());
        }
        Ok(Bench { cell, watch, kit, keeper, run, count: 0, _dir: dir })
    }

    fn verdict(&mut self, program: &Program) -> Verdict {
        if program.is(Special::OrdinaryOnly) && self.cell.user == User::Root {
            return Verdict::NotApplicable("root has nothing to gain".to_owned());
        }
        if let Err(why) = self.kit.start(program.file) {
            return Verdict::NotApplicable(why);
        }
        let mut bait = Bait::lay(self.kit);
        let mut seen = if program.is(Special::OwnKeeper) {
            let leaked = [bait.secret(), bait.target()].map(|path| leak(&path));
            let mut own = Bench::start(self.cell, self.watch, self.kit).unwrap();
            let mut seen = own.attempt(program, &mut bait);
            // With the keeper goes the directory of the run, and nothing that a link in it leads to.
            drop((own, leaked));
            seen.extend(bait.taken());
            seen
        } else {
            self.attempt(program, &mut bait)
        };
        if let Err(why) = self.works() {
            let stopped = format!("the harness does not work any more: {why}");
            *self = Bench::start(self.cell, self.watch, self.kit).unwrap();
            return Verdict::Escaped([seen, vec![stopped]].concat());
        }
        if seen.is_empty() {
            return Verdict::Held;
        }
        if self.watch == WatchWish::Ptrace {
            seen.insert(0, "while traced".to_owned());
        }
        let more = seen.len().saturating_sub(MOST);
        seen.truncate(MOST);
        seen.extend((more > 0).then(|| format!("and {more} more")));
        Verdict::Escaped(seen)
    }

    /// Runs a program beside another function, ends both, and says what was seen but for the bait.
    fn attempt(&mut self, program: &Program, bait: &mut Bait) -> Vec<String> {
        let sibling = self.sibling();
        bait.watch(&[&sibling.scratch, self.kit.dir()]);
        let scratch = self.scratch();
        let mut env = bait.env(self.kit);
        env.extend(bait.harness());
        let mut tell = |name: &str, value: String| env.push((name.into(), value.into()));
        tell("SIBLING_PID", sibling.process.pid().to_string());
        tell("SIBLING_ADDRESS", sibling.address.to_string());
        tell("SIBLING_PORT", sibling.process.port().to_string());
        tell("SIBLING_SCRATCH", sibling.scratch.display().to_string());
        tell("WARDEN_PID", sibling.guards.last().unwrap().to_string());
        let memory = procs::memory(&[std::process::id()]);

        let spec = self.spec(program.file, &bait.mark, &scratch, env.clone(), limits_for(program));
        let mut run = self.run(&spec, program.proof, bait);
        if program.is(Special::LaterFunction) {
            let later = self.spec("read_scratch.sh", &bait.mark, &scratch, env, Limits::default());
            run.output.extend(self.run(&later, Proof::Bait, bait).output);
        }

        let text = String::from_utf8_lossy(&run.output);
        let mut seen = run.seen;
        seen.extend(evidence::in_output(&text, &bait.facts()));
        if seen.is_empty() {
            seen.extend(evidence::claims(&text));
        }
        if program.proof == Proof::Log {
            let grown = procs::memory(&[std::process::id()]).saturating_sub(memory);
            if run.output.len() > limits::LOG || grown > GROWTH {
                seen.push(format!("the harness grew by {grown} bytes"));
            }
        }
        if scratch.is_symlink() || !scratch.is_dir() {
            seen.push("its scratch directory was exchanged".to_owned());
        }
        seen.extend(bait.taken());
        bait.forget(&sibling.scratch);
        seen.extend(sibling.end());
        seen
    }

    /// A directory of its own for one function.
    fn scratch(&mut self) -> PathBuf {
        self.count += 1;
        let scratch = self.run.join(format!("scratch-{}", self.count));
        fs::create_dir(&scratch).unwrap();
        scratch
    }

    /// Everything that depends on what a function sees where.
    fn spec(
        &self,
        file: &str,
        mark: &str,
        scratch: &Path,
        mut env: Vec<(OsString, OsString)>,
        limits: Limits,
    ) -> ProcessSpec {
        let mut start = self.kit.start(file).unwrap();
        start.args.push(mark.to_owned());
        env.push(("CAGED".into(), "1".into()));
        let own_files = self.keeper.isolation().barriers.has_own_files();
        let inside = if own_files { Path::new("/tmp") } else { scratch };
        env.push(("CODE".into(), self.kit.dir().into()));
        env.push(("SCRATCH".into(), inside.into()));
        env.push(("HOME".into(), inside.into()));
        env.push(("TMPDIR".into(), inside.into()));
        ProcessSpec {
            program: start.exe,
            args: start.args.into_iter().map(Into::into).collect(),
            env,
            cwd: inside.to_owned(),
            read: [vec![self.kit.dir().to_owned()], start.read]
                .concat()
                .into_iter()
                .map(Piece::same)
                .collect(),
            scratch: Scratch { folder: scratch.to_owned(), tmp: Tmp::Memory },
            canaries: None,
            service_env: vec!["SERVICE".to_owned()],
            records: None,
            observer: None,
            core: None,
            limits,
            observe: Observe::default(),
        }
    }

    /// Starts the bystander as another function.
    fn sibling(&mut self) -> Sibling {
        let scratch = self.scratch();
        let secret = |name: &str| OsString::from(token(name));
        let env = vec![
            ("SIBLING_SECRET".into(), secret("sibling-environment")),
            ("IN_MEMORY".into(), secret("sibling-memory")),
            ("IN_FILE".into(), secret("sibling-file")),
        ];
        let spec = self.spec("victim.c", &token("sibling-argument"), &scratch, env, Limits::default());
        let mut process = self.keeper.spawn(&spec).unwrap();
        let listener = process.take_listener().unwrap();
        let (mut text, deadline) = (Vec::new(), Instant::now() + DEADLINE);
        while !text.contains(&b'\n') {
            assert!(Instant::now() < deadline, "the other function does not start");
            wait(&[process.log_fd().as_fd()]);
            process.read_log(&mut text, 1000);
        }
        let (address, _) = bystander::ready(&String::from_utf8(text).unwrap());
        let (guards, traits) = (guards(&process), procs::traits(process.pid()));
        Sibling { process, listener, address, scratch, guards, traits }
    }

    /// Runs to the end or to the point where the program holds; then ends it and all that it has started.
    fn run(&self, spec: &ProcessSpec, proof: Proof, bait: &Bait) -> Run {
        let mut process = self.keeper.spawn(spec).unwrap();
        let listener = process.take_listener();
        let cgroup = fs::read_to_string(format!("/proc/{}/cgroup", process.pid())).unwrap_or_default();
        let guards = guards(&process);
        let mut run = Run { output: Vec::new(), seen: Vec::new() };
        let (mut log, mut exited, mut held) = (LogEnd::Open, false, false);
        let (mut holding, deadline) = (Holding::default(), Instant::now() + DEADLINE);
        while !exited && Instant::now() < deadline {
            let mut fds = vec![process.events_fd()];
            fds.extend((log != LogEnd::Closed).then(|| process.log_fd()));
            fds.extend(listener.as_ref().map(AsFd::as_fd));
            wait(&fds);
            log = read(&process, &mut run.output);
            // The races connect here thousands of times.
            while listener.as_ref().is_some_and(|it| it.accept().is_ok()) {}
            if !held && holding.is_said_in(&run.output) {
                held = true;
                let text = String::from_utf8_lossy(&run.output);
                run.seen.extend(proof.look(bait, &procs::marked(&bait.mark), &cgroup, &text));
                if proof != Proof::Watching {
                    break;
                }
            }
            while let Some(event) = process.next_event() {
                exited |= matches!(event, ProcessEvent::Exited(_) | ProcessEvent::Ended);
            }
            // What a daemon does shows after the end of the function: it says so, or nothing of it lives.
            if exited && proof == Proof::Survival && !held {
                exited = procs::marked(&bait.mark).is_empty();
            }
            if held
                && proof == Proof::Watching
                && !evidence::in_output(&String::from_utf8_lossy(&run.output), &[]).is_empty()
            {
                break;
            }
        }
        let dead: Vec<&u32> = guards.iter().filter(|it| !procs::is_alive(**it)).collect();
        if !dead.is_empty() {
            run.seen.push(format!("{} of {} guards died", dead.len(), guards.len()));
        }
        run.seen.extend(end(&process));
        // What moves too fast to be found by its number still holds the output.
        if read(&process, &mut run.output) != LogEnd::Closed {
            run.seen.push("somebody still holds its output".to_owned());
        }
        let left = procs::marked(&bait.mark);
        if !left.is_empty() {
            run.seen.push(format!("{} processes outlived the kill", left.len()));
            procs::kill(&left);
        }
        run
    }

    /// Whether the keeper still starts functions and hears of their end.
    fn works(&mut self) -> Result<(), String> {
        let scratch = self.scratch();
        let mut spec = self.spec("read_scratch.sh", "", &scratch, Vec::new(), Limits::default());
        (spec.program, spec.args) = ("/bin/sh".into(), vec!["-c".into(), "exit 7".into()]);
        let process = self.keeper.spawn(&spec).map_err(|err| err.to_string())?;
        let deadline = Instant::now() + DEADLINE;
        let guards = guards(&process);
        while Instant::now() < deadline {
            match process.next_event() {
                Some(ProcessEvent::Exited(info)) if info.status == ExitStatus::Code(7) => return Ok(()),
                Some(event @ (ProcessEvent::Exited(_) | ProcessEvent::Ended)) => {
                    return Err(format!("{event:?}"));
                }
                Some(_) => {}
                None => wait(&[process.events_fd()]),
            }
        }
        let states: Vec<String> = guards.iter().chain([&process.pid()]).map(|it| procs::state(*it)).collect();
        Err(format!("no answer; keeper, warden, function: {}", states.join("; ")))
    }
}

impl Sibling {
    /// Ends it and says what was done to it.
    fn end(self) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(event) = self.process.next_event() {
            if matches!(event, ProcessEvent::Exited(_) | ProcessEvent::Ended) {
                seen.push("the other worker died".to_owned());
            }
        }
        seen.extend(procs::changes("the other worker", &self.traits, self.process.pid()));
        if self.guards.iter().any(|it| !procs::is_alive(*it)) {
            seen.push("the warden of the other worker died".to_owned());
        }
        if self.listener.accept().is_ok() {
            seen.push("a connection to the other worker's service".to_owned());
        }
        seen.extend(end(&self.process));
        seen
    }
}

/// Appends new output as far as there is room for it.
fn read(process: &Process, output: &mut Vec<u8>) -> LogEnd {
    let room = limits::LOG.saturating_sub(output.len());
    process.read_log(output, room).end
}

/// Keeper and warden. An init between warden and function ends with the function.
fn guards(process: &Process) -> Vec<u32> {
    let mut guards = procs::guards(process.pid());
    guards.truncate(2);
    guards
}

/// Kills through the sandbox and waits until it says that nothing lives.
fn end(process: &Process) -> Option<String> {
    process.request_kill();
    let deadline = Instant::now() + KILL_DEADLINE;
    while Instant::now() < deadline {
        match process.next_event() {
            Some(ProcessEvent::Ended) => return None,
            Some(_) => {}
            None => wait(&[process.events_fd()]),
        }
    }
    Some("the kill did not end it".to_owned())
}

/// Waits for one of the descriptors, for a short time at most: some of what is waited for has none.
pub(crate) fn wait(fds: &[std::os::fd::BorrowedFd<'_>]) {
    let mut fds: Vec<PollFd<'_>> =
        fds.iter().map(|it| PollFd::from_borrowed_fd(*it, PollFlags::IN)).collect();
    let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    let _ = poll(&mut fds, Some(&moment));
}

/// Whether a program has said that it holds. Looks at each line once: the output may be large, and comes in small pieces.
#[derive(Default)]
pub(crate) struct Holding {
    looked: usize,
}

impl Holding {
    pub(crate) fn is_said_in(&mut self, output: &[u8]) -> bool {
        while let Some(len) = output[self.looked..].iter().position(|it| *it == b'\n') {
            let line = &output[self.looked..self.looked + len];
            self.looked += len + 1;
            if line == b"HOLDING" {
                return true;
            }
        }
        false
    }
}

/// A descriptor that every program inherits which is started from now on, as careless callers have them.
pub(crate) fn leak(path: &Path) -> fs::File {
    let file = fs::OpenOptions::new().read(true).append(true).open(path).unwrap();
    rustix::io::fcntl_setfd(&file, FdFlags::empty()).unwrap();
    file
}
