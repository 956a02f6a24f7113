//! What a function's process writes and does, as it happens.

use std::io::ErrorKind;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixDatagram as StdDatagram;
use std::task::Context;

use evfuzz_sandbox::{
    CanaryRan, ConnectRecord, ExecRecord, ExitInfo, KeptTmp, LogEnd, OpenRecord, Process, ProcessEvent, Told,
    Usage,
};
use tokio::io::Interest;
use tokio::net::UnixDatagram;
use tokio::net::unix::pipe::Receiver;

use crate::environment::Logged;
use crate::hooks::HookRecords;
use crate::outcome::LogText;
use crate::records::FrameReader;
use crate::rest;

/// How much of the log of earlier invocations is kept: a process says why it ends before it does,
/// and that can be while an earlier invocation is still at work.
const TAIL: usize = 16 * 1024;

/// Bytes of log records taken at a time. What a flood leaves out cuts frames apart; the reader finds its way back.
const MOST_FRAMES: usize = 4 << 20;

/// Programs, files and addresses noted between two looks, of each. A function may start thousands; the first ones tell enough.
const MOST_NOTED: usize = 256;

/// Records of hooks taken at a time.
const MOST_TOLD: usize = 4096;

/// A process, and what was seen of it.
pub(crate) struct ProcessWatch {
    process: Process,
    // Duplicates of the process's descriptors, only to learn when there is something to read.
    log_ready: Receiver,
    records_ready: Option<Receiver>,
    hooks_ready: Option<UnixDatagram>,
    events_ready: UnixDatagram,
    frames: FrameReader,
    seen: Seen,
    /// The end of the log through all invocations.
    tail: Vec<u8>,
    pub(crate) exit: Option<ExitInfo>,
    pub(crate) descendants: Option<u32>,
    pub(crate) usage: Option<Usage>,
    /// Nothing of its tree lives.
    pub(crate) ended: bool,
    log_closed: bool,
}

/// Whether there is more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    Everything,
    Part,
}

/// What was seen since the last look.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) log: LogText,
    pub(crate) execs: Vec<ExecRecord>,
    pub(crate) opens: Vec<OpenRecord>,
    pub(crate) connects: Vec<ConnectRecord>,
    pub(crate) canaries: Vec<CanaryRan>,
    pub(crate) told: HookRecords,
}

impl ProcessWatch {
    /// Must be called inside a tokio runtime.
    pub(crate) fn new(process: Process) -> std::io::Result<ProcessWatch> {
        let log = process.log_fd().try_clone_to_owned()?;
        let records = process.records_fd().map(|it| it.try_clone_to_owned()).transpose()?;
        let packets = |fd: BorrowedFd<'_>| {
            let socket = StdDatagram::from(fd.try_clone_to_owned()?);
            socket.set_nonblocking(true)?;
            UnixDatagram::from_std(socket)
        };
        let events = packets(process.events_fd())?;
        let hooks = process.observer_fd().map(packets).transpose()?;
        Ok(ProcessWatch {
            process,
            log_ready: Receiver::from_owned_fd(log)?,
            records_ready: records.map(Receiver::from_owned_fd).transpose()?,
            hooks_ready: hooks,
            events_ready: events,
            frames: FrameReader::default(),
            seen: Seen::default(),
            tail: Vec::new(),
            exit: None,
            descendants: None,
            usage: None,
            ended: false,
            log_closed: false,
        })
    }

    /// Its `/tmp`, for the next one.
    pub(crate) fn take_tmp(&mut self) -> Option<KeptTmp> {
        self.process.take_tmp()
    }

    /// How much was logged since the last look.
    pub(crate) fn logged(&self) -> Logged {
        Logged { bytes: self.seen.log.bytes.len(), records: self.seen.log.records.len() }
    }

    /// The function's own process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether the function's own process is at work, and not waiting for anything.
    pub(crate) fn is_at_work(&self) -> bool {
        rest::is_at_work(self.process.pid())
    }

    pub(crate) fn request_kill(&self) {
        self.process.request_kill();
    }

    /// Asks how many descendants live: `descendants` will tell.
    pub(crate) fn request_descendants(&mut self) {
        self.descendants = None;
        self.process.request_descendants();
    }

    /// Asks what the process and its descendants have used: `usage` will tell.
    pub(crate) fn request_usage(&mut self) {
        self.usage = None;
        self.process.request_usage();
    }

    /// Takes what the process wrote and did, if the event loop has heard of anything.
    ///
    /// Costs no system call when there is nothing: what was written before an answer was sent is
    /// reported by epoll no later than the answer.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        // A descriptor whose other end is closed stays ready for ever.
        let events = !self.ended && self.events_ready.poll_recv_ready(cx).is_ready();
        let log = !self.log_closed && self.log_ready.poll_read_ready(cx).is_ready();
        let records = self.records_ready.as_ref().is_some_and(|it| it.poll_read_ready(cx).is_ready());
        let hooks = self.hooks_ready.as_ref().is_some_and(|it| it.poll_recv_ready(cx).is_ready());
        if events || log || records || hooks {
            match self.drain() {
                Drained::Everything => self.clear_readiness(),
                // A flood: others get their turn before the rest of it.
                Drained::Part => cx.waker().wake_by_ref(),
            }
        }
        events || log || records || hooks
    }

    /// All was read through the process's own descriptors; that clears the readiness of the
    /// duplicates. What arrives from now on is a new edge for epoll, so nothing is lost.
    fn clear_readiness(&self) {
        let empty = || Err::<(), _>(ErrorKind::WouldBlock.into());
        drop(self.events_ready.try_io(Interest::READABLE, empty));
        drop(self.log_ready.try_io(empty));
        if let Some(hooks) = &self.hooks_ready {
            drop(hooks.try_io(Interest::READABLE, empty));
        }
        if let Some(records) = &self.records_ready {
            drop(records.try_io(empty));
        }
    }

    /// What was seen since the last call.
    pub(crate) fn take(&mut self) -> Seen {
        let mut seen = std::mem::take(&mut self.seen);
        if self.exit.is_some() {
            // The tail ends with what was seen now.
            let mut earlier = std::mem::take(&mut self.tail);
            earlier.truncate(earlier.len().saturating_sub(seen.log.bytes.len()));
            seen.log.earlier = earlier;
        }
        seen
    }

    /// Grows with every sign of life.
    pub(crate) fn activity(&self) -> (usize, usize, usize, bool) {
        let seen = &self.seen;
        let done = seen.execs.len() + seen.opens.len() + seen.connects.len();
        (done, seen.canaries.len(), seen.told.records.len(), self.exit.is_some())
    }

    /// Whether the process has ended and its log is closed: nothing of it can follow, and no child
    /// that it left behind holds its output.
    pub(crate) fn ended_quietly(&self) -> bool {
        self.exit.is_some() && self.log_closed
    }

    /// Takes what the process wrote and did so far, without waiting.
    pub(crate) fn drain(&mut self) -> Drained {
        while let Some(event) = self.process.next_event() {
            match event {
                ProcessEvent::Exec(record) => {
                    if self.seen.execs.len() < MOST_NOTED {
                        self.seen.execs.push(record);
                    }
                }
                ProcessEvent::CanaryRan(canary) => self.seen.canaries.push(canary),
                ProcessEvent::Connect(record) => {
                    if self.seen.connects.len() < MOST_NOTED {
                        self.seen.connects.push(record);
                    }
                }
                ProcessEvent::Open(record) => {
                    if self.seen.opens.len() < MOST_NOTED {
                        self.seen.opens.push(record);
                    }
                }
                // Seen, and not yet judged by anyone.
                ProcessEvent::Bind(_) | ProcessEvent::DnsQuery(_) => {}
                ProcessEvent::Exited(exit) => self.exit = Some(exit),
                ProcessEvent::Descendants { count } => self.descendants = Some(count),
                // The exit that follows says so as well; where the started process has ended before, its
                // descendants' use of the machine is nobody's outcome.
                ProcessEvent::LimitExceeded(_) => {}
                ProcessEvent::Usage(usage) => self.usage = Some(usage),
                // Never asked for.
                ProcessEvent::Files(_) => {}
                ProcessEvent::Ended => self.ended = true,
            }
        }
        let hooks = self.drain_hooks();
        // Records first: see `LogText::lossy`.
        let records = if self.records_ready.is_some() { self.drain_records() } else { LogEnd::Closed };
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
        let more = read.end == LogEnd::More || records == LogEnd::More || hooks == Drained::Part;
        if more { Drained::Part } else { Drained::Everything }
    }

    fn drain_hooks(&mut self) -> Drained {
        if self.hooks_ready.is_none() {
            return Drained::Everything;
        }
        for _ in 0..MOST_TOLD {
            match self.process.next_told() {
                Told::Message(record) => self.seen.told.push(record),
                Told::Nothing => return Drained::Everything,
                Told::Closed => {
                    // It would stay ready for ever.
                    self.hooks_ready = None;
                    return Drained::Everything;
                }
            }
        }
        Drained::Part
    }

    fn drain_records(&mut self) -> LogEnd {
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
        let room = LogText::MOST_RECORDS.saturating_sub(log.records.len()).min(records.len());
        let surplus: usize = records.drain(room..).map(|it| it.bytes.len()).sum();
        log.discarded += read.discarded + lost + surplus as u64;
        for record in &mut records {
            record.after = log.bytes.len();
        }
        log.records.append(&mut records);
        read.end
    }
}
