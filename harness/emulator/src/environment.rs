//! One execution environment: a function process, its Runtime API port, and what it does.

use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use evfuzz_sandbox::{
    CanaryRan, ConnectRecord, ExecRecord, ExitInfo, ExitStatus, Keeper, KeptTmp, OpenRecord, Process, Usage,
};
use tokio::time::Sleep;

use crate::EmulatorError;
use crate::api::RuntimeApi;
use crate::function::{FunctionSpec, ScratchFate};
use crate::hooks::HookRecords;
use crate::ids::uuid;
use crate::invoke::Invoke;
use crate::left::{self, LeftFile};
use crate::outcome::{InitFailure, LogText, Outcome, StalePost};
use crate::watch::{ProcessWatch, Seen};

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
    /// Files that they opened, deleted or renamed, or tried to, as far as the function is watched for that.
    pub opens: Vec<OpenRecord>,
    /// Addresses that they reached for.
    pub connects: Vec<ConnectRecord>,
    /// Canary commands that ran.
    pub canaries: Vec<CanaryRan>,
    /// What hooks in the process told.
    pub told: HookRecords,
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
    /// So much of it came before the process had come to rest after its answer.
    pub on_time: Logged,
    /// Programs executed.
    pub execs: Vec<ExecRecord>,
    /// Files that they opened, deleted or renamed, or tried to, as far as the function is watched for that.
    pub opens: Vec<OpenRecord>,
    /// Addresses that they reached for.
    pub connects: Vec<ConnectRecord>,
    /// Canary commands that ran.
    pub canaries: Vec<CanaryRan>,
    /// What hooks in the process told.
    pub told: HookRecords,
    /// Posts that named an invocation already answered.
    pub stale: Vec<StalePost>,
}

/// The beginning of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logged {
    /// Of what was printed.
    pub bytes: usize,
    /// Records with boundaries of their own.
    pub records: usize,
}

/// A process that ended, or was busy beyond the timeout, before it took the event it was to be given.
#[derive(Debug)]
pub struct LateEnd {
    /// How it ended (`exit` is set), and what was seen of it.
    pub seen: Settled,
}

impl LateEnd {
    /// How long it was waited for, if it did not end by itself: it was ended because it did not ask for the event.
    pub fn waited(&self) -> Option<Duration> {
        match self.seen.exit {
            Some(Outcome::TimedOut { after }) => Some(after),
            _ => None,
        }
    }
}

/// A function process with its Runtime API.
pub struct Environment {
    watch: ProcessWatch,
    api: RuntimeApi,
    spec: Rc<FunctionSpec>,
    scratch: Option<Scratch>,
    /// Where it writes, seen from here, once somebody has asked, and when that was changed last.
    tmp: Option<PathBuf>,
    tmp_changed: Option<SystemTime>,
    started: Instant,
    /// Descendants that outlived a whole wait for them.
    lasting: u32,
    alarm: Option<Pin<Box<Sleep>>>,
    init_window: Duration,
    invocations: u64,
    id: u64,
}

/// Scratch folders that are kept for a person, of each shard.
const MOST_KEPT: u64 = 16;

/// Time between two looks at whether a process has come to rest, and how many in a row have to say so: one that waits for its
/// own thread, or for the sandbox, looks like one that rests.
const LOOK: Duration = Duration::from_millis(2);
const STILL: u32 = 3;

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
        let process = keeper.spawn(&spec.process(scratch.clone()))?;
        Environment::of(process, spec, id, init_window, Scratch { folder: scratch, fate: spec.scratch })
    }

    /// Starts a process in the place of one that has ended: it finds what that one left in its `/tmp`.
    pub fn start_after(
        left: Left,
        keeper: &Keeper,
        spec: &Rc<FunctionSpec>,
        id: u64,
        init_window: Duration,
    ) -> Result<Self, EmulatorError> {
        let Left { tmp, scratch } = left;
        let process = keeper.spawn_with_tmp(&spec.process(scratch.folder.clone()), tmp)?;
        Environment::of(process, spec, id, init_window, scratch)
    }

    fn of(
        mut process: Process,
        spec: &Rc<FunctionSpec>,
        id: u64,
        init_window: Duration,
        scratch: Scratch,
    ) -> Result<Self, EmulatorError> {
        let serve_error = |source| EmulatorError::Serve { source };
        let listener =
            process.take_listener().ok_or_else(|| serve_error(std::io::ErrorKind::NotConnected.into()))?;
        listener.set_nonblocking(true).map_err(serve_error)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(serve_error)?;
        Ok(Environment {
            watch: ProcessWatch::new(process).map_err(serve_error)?,
            api: RuntimeApi::new(listener, spec.api()),
            spec: Rc::clone(spec),
            scratch: Some(scratch),
            tmp: None,
            tmp_changed: None,
            started: Instant::now(),
            lasting: 0,
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
        self.wait_again().await.map_err(InitFailure::from)
    }

    /// As [`Environment::wait_ready`], of one that has answered before: an `Err` has all that was seen meanwhile.
    pub(crate) async fn wait_again(&mut self) -> Result<(), LateEnd> {
        if self.api.is_ready() && self.watch.exit.is_none() {
            return Ok(());
        }
        let started = Instant::now();
        let deadline = tokio::time::sleep(self.init_window);
        tokio::pin!(deadline);
        let outcome = loop {
            if let Some(outcome) = self.api.take_outcome() {
                break outcome;
            }
            if let Some(exit) = self.watch.exit.clone() {
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
        self.watch.drain();
        Err(LateEnd { seen: Settled { exit: Some(outcome), ..self.take_seen() } })
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
        self.watch.poll(&mut Context::from_waker(Waker::noop()));
        let mut seen = self.take_seen();
        let never_taken = matches!(outcome, Outcome::TimedOut { .. }) || self.watch.exit.is_some();
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
            opens: seen.opens,
            connects: seen.connects,
            canaries: seen.canaries,
            told: seen.told,
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
            if let Some(exit) = self.watch.exit.clone() {
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
            if let Some(exit) = &self.watch.exit {
                return ended(exit);
            }
            tokio::select! {
                biased;
                () = self.happenings() => {}
                () = &mut limit => return Outcome::TruncatedResponse { size },
            }
        }
    }

    /// Watches background work: returns once no descendant of the function lives and `grace` has
    /// passed without anything new, or after `limit`.
    pub async fn settle(&mut self, grace: Duration, limit: Duration) -> Settled {
        let end = tokio::time::Instant::now() + limit;
        let on_time = self.until_rest(grace.min(limit)).await;
        loop {
            if self.watch.ended_quietly() {
                break;
            }
            let before = self.watch.activity();
            let pause = tokio::time::sleep(grace);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    () = self.happenings() => {
                        if self.watch.ended_quietly() {
                            break;
                        }
                    }
                }
            }
            let descendants = self.count_descendants(end).await;
            if self.watch.activity() == before && descendants <= self.lasting {
                break;
            }
            if tokio::time::Instant::now() >= end {
                // A helper that the function keeps: waiting for it again would teach nothing.
                self.lasting = descendants;
                break;
            }
        }
        self.watch.drain();
        let mut seen = self.take_seen();
        seen.exit = self.watch.exit.as_ref().map(ended);
        seen.on_time = on_time;
        seen
    }

    /// Waits until the process has come to rest, at most so long. What is logged until then is on time: Lambda freezes an
    /// environment when its runtime asks for the next event, which its own clients do a round trip after the answer. (AWS
    /// "Lambda execution environment", "Invoke phase"; ours asks in the same packet.)
    async fn until_rest(&mut self, limit: Duration) -> Logged {
        let end = tokio::time::Instant::now() + limit;
        let mut looks = 0;
        while looks < STILL && self.watch.exit.is_none() && tokio::time::Instant::now() < end {
            let pause = tokio::time::sleep(LOOK);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    () = self.happenings() => {}
                }
            }
            looks = if self.watch.is_at_work() || !self.api.is_waiting() { 0 } else { looks + 1 };
        }
        self.watch.drain();
        self.watch.logged()
    }

    /// What was seen since the last call.
    fn take_seen(&mut self) -> Settled {
        let Seen { log, execs, opens, connects, canaries, told } = self.watch.take();
        Settled {
            exit: None,
            log,
            on_time: Logged::default(),
            execs,
            opens,
            connects,
            canaries,
            told,
            stale: self.api.take_stale(),
        }
    }

    /// What it has left in its `/tmp` since the last call, if something was made or removed directly there.
    pub fn left_behind(&mut self) -> Vec<LeftFile> {
        let Some(scratch) = &self.scratch else { return Vec::new() };
        let root = self.tmp.get_or_insert_with(|| left::root(self.watch.pid(), &scratch.folder));
        let changed = left::changed(root);
        if changed == self.tmp_changed {
            return Vec::new();
        }
        let before = std::mem::replace(&mut self.tmp_changed, changed);
        left::files(root, before)
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
    pub async fn close(self) {
        drop(self.end().await);
    }

    /// The same. What it leaves in its `/tmp` is for the process that takes its place, if it was started for that
    /// ([`ScratchFate::HandedOn`] or [`ScratchFate::Kept`]).
    pub async fn end(mut self) -> Option<Left> {
        self.watch.request_kill();
        let limit = tokio::time::sleep(Duration::from_secs(2));
        tokio::pin!(limit);
        while !self.watch.ended {
            tokio::select! {
                () = self.happenings() => {}
                // Dropping the process makes the sandbox go on with it. Nobody may have its place before.
                () = &mut limit => return None,
            }
        }
        let tmp = self.watch.take_tmp()?;
        Some(Left { tmp, scratch: self.scratch.take()? })
    }

    /// What the function and all that it started have used. `None`: nothing of it lives any more, or nobody says so.
    pub async fn usage(&mut self) -> Option<Usage> {
        self.watch.request_usage();
        let limit = tokio::time::sleep(Duration::from_secs(2));
        tokio::pin!(limit);
        while self.watch.usage.is_none() && !self.watch.ended {
            tokio::select! {
                () = self.happenings() => {}
                () = &mut limit => break,
            }
        }
        self.watch.usage
    }

    async fn count_descendants(&mut self, end: tokio::time::Instant) -> u32 {
        self.watch.request_descendants();
        loop {
            if let Some(count) = self.watch.descendants {
                return count;
            }
            if self.watch.ended {
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
            let noted = self.watch.poll(cx);
            if changed || noted { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
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
        self.watch.request_kill();
    }
}

/// What a process left behind that has ended.
#[derive(Debug)]
pub struct Left {
    tmp: KeptTmp,
    scratch: Scratch,
}

/// The scratch folder of a process, and of those that take its place.
#[derive(Debug)]
struct Scratch {
    folder: PathBuf,
    fate: ScratchFate,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.fate != ScratchFate::Kept {
            // A long run starts thousands of them. What a process that is still dying writes now stays until the run's
            // own folder goes.
            let _ = std::fs::remove_dir_all(&self.folder);
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

/// A request id that no other environment and invocation of a run has.
pub(crate) fn request_id(environment: u64, invocation: u64) -> String {
    uuid(environment, invocation)
}

/// AWS "Runtime API": the deadline is Unix time in milliseconds, not a duration.
fn deadline_ms(timeout: Duration) -> u64 {
    let deadline = std::time::SystemTime::now() + timeout;
    let since_epoch = deadline.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
