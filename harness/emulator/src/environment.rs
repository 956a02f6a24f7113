//! One execution environment: a function process, its Runtime API port, and what it does.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram as StdDatagram;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use evfuzz_runtimes::{Placed, Target};
use evfuzz_sandbox::{
    CanaryRan, ExecRecord, ExitInfo, ExitStatus, Keeper, Limits, LogEnd, Observe, Piece, Process,
    ProcessEvent, ProcessSpec, RecordsFd, Scratch, Tmp,
};
use tokio::io::Interest;
use tokio::net::UnixDatagram;
use tokio::net::unix::pipe::Receiver;
use tokio::time::Sleep;

use crate::EmulatorError;
use crate::api::{ApiConfig, RuntimeApi, SnapStart};
use crate::invoke::Invoke;
use crate::outcome::{InitFailure, LogText, Outcome, StalePost};
use crate::records::FrameReader;

/// Everything that is needed to start a function, as often as wanted.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// What to start.
    pub target: Target,
    /// The same as its own process sees it.
    pub placed: Placed,
    /// The complete environment, but for the address of the Runtime API.
    pub env: Vec<(String, String)>,
    /// Time for one invocation.
    pub timeout: Duration,
    /// Time until the first `/next`. AWS grants 10 s.
    pub init_timeout: Duration,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub function_arn: String,
    /// Folder in which every process gets a scratch folder of its own.
    pub scratch_root: PathBuf,
    /// Whether that outlives the process.
    pub scratch: ScratchFate,
    /// Folder of canary commands, first in PATH.
    pub canaries: Option<Piece>,
    /// What it may use.
    pub limits: Limits,
    /// The core on which the function runs, with all its threads and children.
    pub core: Option<usize>,
}

impl FunctionSpec {
    /// What the Runtime API tells about the function.
    fn api(&self) -> ApiConfig {
        let variable = |name: &str| {
            let found = self.env.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        ApiConfig {
            function_arn: self.function_arn.clone(),
            function_name: variable("AWS_LAMBDA_FUNCTION_NAME"),
            function_version: variable("AWS_LAMBDA_FUNCTION_VERSION"),
            handler: self.target.handler.clone(),
            // arn:aws:lambda:REGION:ACCOUNT:function:NAME
            account_id: self.function_arn.split(':').nth(4).unwrap_or_default().to_owned(),
            metadata_token: variable("AWS_LAMBDA_METADATA_TOKEN"),
            snap_start: match variable("AWS_LAMBDA_INITIALIZATION_TYPE").as_str() {
                "snap-start" => SnapStart::On,
                _ => SnapStart::Off,
            },
        }
    }

    /// The descriptor for log records, if its environment names one.
    fn records_fd(&self) -> Option<RecordsFd> {
        let (_, number) = self.env.iter().find(|(name, _)| name == RECORDS_FD)?;
        number.parse().ok().filter(|it| *it > 2).map(RecordsFd)
    }

    /// The process to start, with `scratch` as the folder that it can write to.
    pub fn process(&self, scratch: PathBuf) -> ProcessSpec {
        let placed = &self.placed;
        let mut env: Vec<(OsString, OsString)> =
            self.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        if placed.root == self.target.root && !self.env.iter().any(|(name, _)| name == "TMPDIR") {
            // Lambda does not set it. Where the machine's `/tmp` is closed, programs that ask still find a place.
            env.push(("TMPDIR".into(), scratch.clone().into()));
            // Nor this, but the home of the function's user would be looked up, and is closed or not there at all.
            if !self.env.iter().any(|(name, _)| name == "HOME") {
                env.push(("HOME".into(), scratch.clone().into()));
            }
        }
        ProcessSpec {
            program: placed.program.clone(),
            args: placed.args.clone(),
            env,
            cwd: placed.root.clone(),
            read: placed.shown.iter().map(|(source, target)| Piece::at(source, target)).collect(),
            scratch: Scratch { folder: scratch, tmp: self.scratch.tmp() },
            canaries: self.canaries.clone(),
            service_env: Some("AWS_LAMBDA_RUNTIME_API".to_owned()),
            records: self.records_fd(),
            core: self.core,
            limits: self.limits.clone(),
            observe: Observe::default(),
        }
    }
}

/// What becomes of what a function leaves in its `/tmp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScratchFate {
    /// It goes with the process.
    Removed,
    /// It stays in the scratch folder, for a person to look at.
    Kept,
}

impl ScratchFate {
    fn tmp(self) -> Tmp {
        match self {
            ScratchFate::Removed => Tmp::Memory,
            ScratchFate::Kept => Tmp::Folder,
        }
    }
}

/// What was seen of one invocation.
///
/// Work that an earlier invocation left behind may run now: a canary names its test case by
/// its nonce, a stale post by its request id.
#[derive(Debug)]
pub struct Invocation {
    /// The id under which the function knew it.
    pub request_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// stdout and stderr.
    pub log: LogText,
    /// Programs that the function or its descendants tried to execute.
    pub execs: Vec<ExecRecord>,
    /// Canary commands that ran.
    pub canaries: Vec<CanaryRan>,
    /// Posts that named an earlier invocation.
    pub stale: Vec<StalePost>,
    /// From delivery to the end.
    pub duration: Duration,
}

/// What was seen after an answer, while background work came to its end.
#[derive(Debug, Default)]
pub struct Settled {
    /// The process ended meanwhile.
    pub exit: Option<Outcome>,
    /// stdout and stderr.
    pub log: LogText,
    /// Programs executed.
    pub execs: Vec<ExecRecord>,
    /// Canary commands that ran.
    pub canaries: Vec<CanaryRan>,
    /// Posts that named an invocation already answered.
    pub stale: Vec<StalePost>,
}

/// A process that ended, or was busy beyond the timeout, before it took the event it was to be given.
#[derive(Debug)]
pub struct LateEnd {
    /// How it ended (`exit` is set), and what was seen of it.
    pub seen: Settled,
}

/// A function process with its Runtime API.
pub struct Environment {
    process: Process,
    api: RuntimeApi,
    // Duplicates of the process's descriptors, only to learn when there is something to read.
    log_ready: Receiver,
    records_ready: Option<Receiver>,
    events_ready: UnixDatagram,
    spec: Rc<FunctionSpec>,
    scratch: PathBuf,
    started: Instant,
    seen: Settled,
    frames: FrameReader,
    /// The end of the log through all invocations.
    tail: Vec<u8>,
    exit: Option<ExitInfo>,
    descendants: Option<u32>,
    /// Descendants that outlived a whole wait for them.
    lasting: u32,
    ended: bool,
    log_closed: bool,
    alarm: Option<Pin<Box<Sleep>>>,
    init_window: Duration,
    invocations: u64,
    id: u64,
}

/// Official clients write their log records to the descriptor that this variable names.
const RECORDS_FD: &str = "_LAMBDA_TELEMETRY_LOG_FD";

/// How much of the log of earlier invocations is kept: a process says why it ends before it does,
/// and that can be while an earlier invocation is still at work.
const TAIL: usize = 16 * 1024;

/// Bytes of log records taken at a time. What a flood leaves out cuts frames apart; the reader finds its way back.
const MOST_FRAMES: usize = 4 << 20;

/// Scratch folders that are kept for a person, of each shard.
const MOST_KEPT: u64 = 16;

/// Bounds the wait for a post that is still in the socket when the process has already ended.
const DRAIN: Duration = Duration::from_millis(200);

impl Environment {
    /// Starts a process. It may take its time to become ready: see [`Environment::wait_ready`].
    ///
    /// `id` numbers the environments of a run; it shows up in request ids and folder names. `init_window`: time until the
    /// first `/next`.
    ///
    /// Must be called inside a tokio runtime. Nothing runs in the background: the Runtime API is
    /// served while one of the waiting methods is awaited.
    pub fn start(
        keeper: &Keeper,
        spec: &Rc<FunctionSpec>,
        id: u64,
        init_window: Duration,
    ) -> Result<Self, EmulatorError> {
        let serve_error = |source| EmulatorError::Serve { source };
        let scratch = spec.scratch_root.join(format!("env-{id}"));
        if let (ScratchFate::Kept, Some(old)) = (spec.scratch, id.checked_sub(MOST_KEPT)) {
            // A function that crashes at every event would fill the disk.
            let _ = std::fs::remove_dir_all(spec.scratch_root.join(format!("env-{old}")));
        }
        std::fs::create_dir_all(&scratch).map_err(serve_error)?;
        let mut process = keeper.spawn(&spec.process(scratch.clone()))?;
        let listener =
            process.take_listener().ok_or_else(|| serve_error(std::io::ErrorKind::NotConnected.into()))?;
        listener.set_nonblocking(true).map_err(serve_error)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(serve_error)?;
        let log = process.log_fd().try_clone_to_owned().map_err(serve_error)?;
        let records =
            process.records_fd().map(|it| it.try_clone_to_owned()).transpose().map_err(serve_error)?;
        let events = StdDatagram::from(process.events_fd().try_clone_to_owned().map_err(serve_error)?);
        events.set_nonblocking(true).map_err(serve_error)?;
        Ok(Environment {
            log_ready: Receiver::from_owned_fd(log).map_err(serve_error)?,
            records_ready: records.map(Receiver::from_owned_fd).transpose().map_err(serve_error)?,
            events_ready: UnixDatagram::from_std(events).map_err(serve_error)?,
            api: RuntimeApi::new(listener, spec.api()),
            process,
            spec: Rc::clone(spec),
            scratch,
            started: Instant::now(),
            seen: Settled::default(),
            frames: FrameReader::default(),
            tail: Vec::new(),
            exit: None,
            descendants: None,
            lasting: 0,
            ended: false,
            log_closed: false,
            alarm: None,
            init_window,
            invocations: 0,
            id,
        })
    }

    /// Waits until the runtime can be given an event.
    ///
    /// An `Err` says why it never will: on a new environment the function cannot be initialized;
    /// later, work that an earlier invocation left behind has ended the process.
    pub async fn wait_ready(&mut self) -> Result<(), InitFailure> {
        if self.api.is_ready() && self.exit.is_none() {
            return Ok(());
        }
        let started = Instant::now();
        let deadline = tokio::time::sleep(self.init_window);
        tokio::pin!(deadline);
        let outcome = loop {
            if let Some(outcome) = self.api.take_outcome() {
                break outcome;
            }
            if let Some(exit) = self.exit.clone() {
                self.drain_connections().await;
                break self.api.take_outcome().unwrap_or_else(|| ended(&exit));
            }
            if self.api.is_ready() {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = self.happenings() => {}
                () = &mut deadline => break Outcome::TimedOut { after: started.elapsed() },
            }
        };
        self.drain_process();
        Err(InitFailure { outcome, log: self.take_seen().log })
    }

    /// Delivers an event and waits for the end of the invocation.
    ///
    /// The runtime must be ready. What the service would refuse does not reach it. After an outcome that ended the process the environment must
    /// be dropped. An `Err` says that the process ended before it took the event: by work that an
    /// earlier invocation left behind.
    pub async fn invoke(&mut self, invoke: Invoke) -> Result<Invocation, LateEnd> {
        self.invoke_within(invoke, self.spec.timeout).await
    }

    /// As [`Environment::invoke`], with `rest` of the invocation's time left: the initialization has used up some of it.
    pub async fn invoke_within(&mut self, invoke: Invoke, rest: Duration) -> Result<Invocation, LateEnd> {
        self.invocations += 1;
        let request_id = request_id(self.id, self.invocations);
        let started = Instant::now();
        let outcome = match invoke.check() {
            Err(refused) => Outcome::InvalidRequest(refused),
            Ok(()) => {
                self.api.deliver(&request_id, deadline_ms(rest), invoke);
                self.outcome(started + rest).await
            }
        };
        let duration = started.elapsed();
        self.note_what_is_there(&mut Context::from_waker(Waker::noop()));
        let mut seen = self.take_seen();
        let never_taken = matches!(outcome, Outcome::TimedOut { .. }) || self.exit.is_some();
        if never_taken && self.api.is_pending() {
            self.api.withdraw();
            seen.exit = Some(outcome);
            return Err(LateEnd { seen });
        }
        Ok(Invocation {
            request_id,
            outcome,
            log: seen.log,
            execs: seen.execs,
            canaries: seen.canaries,
            stale: seen.stale,
            duration,
        })
    }

    async fn outcome(&mut self, deadline: Instant) -> Outcome {
        let deadline = tokio::time::Instant::from_std(deadline);
        loop {
            // Setting a timer costs more than an invocation should: the alarm of an earlier
            // invocation is left to ring, and set anew only then.
            let mut alarm = self.alarm.take().unwrap_or_else(|| Box::pin(tokio::time::sleep_until(deadline)));
            let rang = tokio::select! {
                biased;
                () = self.happenings() => false,
                () = &mut alarm => true,
            };
            self.alarm = if rang { None } else { Some(alarm) };
            // An answer that is already there wins over the clock.
            match self.api.take_outcome() {
                None => {}
                Some(Outcome::TruncatedResponse { size }) => return self.truncated(size).await,
                Some(outcome) => return outcome,
            }
            if rang && tokio::time::Instant::now() >= deadline {
                return Outcome::TimedOut { after: self.spec.timeout };
            }
            if let Some(exit) = self.exit.clone() {
                self.drain_connections().await;
                return self.api.take_outcome().unwrap_or_else(|| ended(&exit));
            }
        }
    }

    /// A connection broke in the middle of an answer: because the process was ending, more often than not.
    async fn truncated(&mut self, size: usize) -> Outcome {
        let limit = tokio::time::sleep(DRAIN);
        tokio::pin!(limit);
        loop {
            if let Some(exit) = &self.exit {
                return ended(exit);
            }
            tokio::select! {
                biased;
                () = self.happenings() => {}
                () = &mut limit => return Outcome::TruncatedResponse { size },
            }
        }
    }

    /// Takes what the process wrote and did, if the event loop has heard of anything.
    ///
    /// Costs no system call when there is nothing: what was written before an answer was sent is
    /// reported by epoll no later than the answer.
    fn note_what_is_there(&mut self, cx: &mut Context<'_>) -> bool {
        // A descriptor whose other end is closed stays ready for ever.
        let events = !self.ended && self.events_ready.poll_recv_ready(cx).is_ready();
        let log = !self.log_closed && self.log_ready.poll_read_ready(cx).is_ready();
        let records = self.records_ready.as_ref().is_some_and(|it| it.poll_read_ready(cx).is_ready());
        if events || log || records {
            self.drain_process();
            self.clear_readiness();
        }
        events || log || records
    }

    /// All was read through the process's own descriptors; that clears the readiness of the
    /// duplicates. What arrives from now on is a new edge for epoll, so nothing is lost.
    fn clear_readiness(&self) {
        let empty = || Err::<(), _>(ErrorKind::WouldBlock.into());
        drop(self.events_ready.try_io(Interest::READABLE, empty));
        drop(self.log_ready.try_io(empty));
        if let Some(records) = &self.records_ready {
            drop(records.try_io(empty));
        }
    }

    /// Watches background work: returns once no descendant of the function lives and `grace` has
    /// passed without anything new, or after `limit`.
    pub async fn settle(&mut self, grace: Duration, limit: Duration) -> Settled {
        let end = tokio::time::Instant::now() + limit;
        loop {
            if self.ended_quietly() {
                break;
            }
            let before = self.activity();
            let pause = tokio::time::sleep(grace);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    () = self.happenings() => {
                        if self.ended_quietly() {
                            break;
                        }
                    }
                }
            }
            let descendants = self.count_descendants(end).await;
            if self.activity() == before && descendants <= self.lasting {
                break;
            }
            if tokio::time::Instant::now() >= end {
                // A helper that the function keeps: waiting for it again would teach nothing.
                self.lasting = descendants;
                break;
            }
        }
        self.drain_process();
        let mut seen = self.take_seen();
        seen.exit = self.exit.as_ref().map(ended);
        seen
    }

    /// What was seen since the last call. Of a process that has ended, the log reaches back
    /// further.
    fn take_seen(&mut self) -> Settled {
        let mut seen = std::mem::take(&mut self.seen);
        seen.stale.append(&mut self.api.take_stale());
        if self.exit.is_some() && seen.log.bytes.len() < self.tail.len() {
            seen.log.bytes = std::mem::take(&mut self.tail);
        }
        seen
    }

    /// Since its start.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// How many events it was given: a fresh environment has seen none.
    pub fn invocations(&self) -> u64 {
        self.invocations
    }

    /// Ends the process and everything that it started, and waits for that.
    pub async fn close(mut self) {
        self.process.request_kill();
        let limit = tokio::time::sleep(Duration::from_secs(2));
        tokio::pin!(limit);
        while !self.ended {
            tokio::select! {
                () = self.happenings() => {}
                // Dropping the process makes the sandbox go on with it.
                () = &mut limit => break,
            }
        }
    }

    /// Whether the process has ended and its log is closed: nothing of it can follow, and no child
    /// that it left behind holds its output.
    fn ended_quietly(&self) -> bool {
        self.exit.is_some() && self.log_closed
    }

    fn activity(&self) -> (usize, usize, bool) {
        (self.seen.execs.len(), self.seen.canaries.len(), self.exit.is_some())
    }

    async fn count_descendants(&mut self, end: tokio::time::Instant) -> u32 {
        self.descendants = None;
        self.process.request_descendants();
        loop {
            if let Some(count) = self.descendants {
                return count;
            }
            if self.ended {
                return 0;
            }
            tokio::select! {
                () = self.happenings() => {}
                () = tokio::time::sleep_until(end) => return u32::MAX,
            }
        }
    }

    /// Serves the Runtime API until the function or its process did something, and takes note of
    /// it. Cancel safe.
    async fn happenings(&mut self) {
        std::future::poll_fn(|cx| {
            let changed = self.api.poll(cx);
            let noted = self.note_what_is_there(cx);
            if changed || noted { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Takes what the process wrote and did so far, without waiting.
    fn drain_process(&mut self) {
        while let Some(event) = self.process.next_event() {
            match event {
                ProcessEvent::Exec(record) => {
                    // A function may start thousands of programs; the first ones tell enough.
                    if self.seen.execs.len() < 256 {
                        self.seen.execs.push(record);
                    }
                }
                ProcessEvent::CanaryRan(canary) => self.seen.canaries.push(canary),
                // Seen, and not yet judged by anyone.
                ProcessEvent::Connect(_)
                | ProcessEvent::Bind(_)
                | ProcessEvent::DnsQuery(_)
                | ProcessEvent::Open(_) => {}
                ProcessEvent::Exited(exit) => self.exit = Some(exit),
                ProcessEvent::Descendants { count } => self.descendants = Some(count),
                // The exit that follows says so as well; where the started process has ended before, its
                // descendants' use of the machine is nobody's outcome.
                ProcessEvent::LimitExceeded(_) => {}
                // Never asked for.
                ProcessEvent::Usage(_) | ProcessEvent::Files(_) => {}
                ProcessEvent::Ended => self.ended = true,
            }
        }
        let mut fresh = Vec::new();
        let read = self.process.read_log(&mut fresh, LogText::CAP);
        self.tail.extend_from_slice(&fresh);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
        let log = &mut self.seen.log;
        let kept = fresh.len().min(LogText::CAP.saturating_sub(log.bytes.len()));
        log.bytes.extend_from_slice(&fresh[..kept]);
        log.discarded += read.discarded + (fresh.len() - kept) as u64;
        self.log_closed = read.end == LogEnd::Closed;
        if self.records_ready.is_some() {
            self.drain_records();
        }
    }

    fn drain_records(&mut self) {
        let mut fresh = Vec::new();
        let read = self.process.read_records(&mut fresh, MOST_FRAMES);
        self.frames.push(&fresh);
        if read.end == LogEnd::Closed {
            // A closed descriptor stays ready for ever.
            self.records_ready = None;
            self.frames.close();
        }
        let (mut records, lost) = self.frames.take();
        let log = &mut self.seen.log;
        let room = LogText::MOST_RECORDS.saturating_sub(log.records.len());
        log.discarded += read.discarded + lost + records.len().saturating_sub(room) as u64;
        records.truncate(room);
        log.records.append(&mut records);
    }

    /// The process has ended; what it sent before that may still be in its sockets.
    async fn drain_connections(&mut self) {
        let limit = tokio::time::sleep(DRAIN);
        tokio::pin!(limit);
        while self.api.connections() > 0 && !self.api.is_answered() {
            tokio::select! {
                biased;
                () = self.happenings() => {}
                () = &mut limit => break,
            }
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.process.request_kill();
        if self.spec.scratch == ScratchFate::Removed {
            // A long run starts thousands of them. What a process that is still dying writes now stays until the run's
            // own folder goes.
            let _ = std::fs::remove_dir_all(&self.scratch);
        }
    }
}

fn ended(exit: &ExitInfo) -> Outcome {
    if let Some(limit) = exit.exceeded {
        return Outcome::LimitExceeded { limit };
    }
    match exit.status {
        ExitStatus::Code(code) => Outcome::Exited { code },
        ExitStatus::Signal(signal) => Outcome::Signaled { signal },
    }
}

/// A request id in the form of AWS (UUID version 4), repeatable within a run.
pub(crate) fn request_id(environment: u64, invocation: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-8000-{:012x}",
        environment & 0xffff_ffff,
        (invocation >> 12) & 0xffff,
        invocation & 0xfff,
        invocation & 0xffff_ffff_ffff,
    )
}

/// AWS "Runtime API": the deadline is Unix time in milliseconds, not a duration.
fn deadline_ms(timeout: Duration) -> u64 {
    let deadline = std::time::SystemTime::now() + timeout;
    let since_epoch = deadline.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
