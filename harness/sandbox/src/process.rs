//! The caller's end of one process: its log, its records, its events, its life.

use std::{
    cell::RefCell,
    io,
    net::TcpListener,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    event::ProcessEvent,
    kept_tmp::KeptTmp,
    sock::{self, Wait},
    wire::{COUNT, FILES, FromWarden, KILL, MAX_MESSAGE, USAGE},
};

/// One running process tree. Dropping it kills the tree.
#[derive(Debug)]
pub struct Process {
    pid: u32,
    port: u16,
    listener: Option<TcpListener>,
    ends: Ends,
    tmp: Option<KeptTmp>,
    /// Whether [`ProcessEvent::Ended`] has been handed out.
    ended: AtomicBool,
}

/// The caller's ends.
#[derive(Debug)]
pub(crate) struct Ends {
    /// The read end of its output.
    pub(crate) log: OwnedFd,
    /// The read end of its records.
    pub(crate) records: Option<OwnedFd>,
    /// Our end of the socket for hooks.
    pub(crate) observer: Option<OwnedFd>,
    /// The socket to its warden.
    pub(crate) events: OwnedFd,
}

/// What one [`Process::read_log`] or [`Process::read_records`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRead {
    /// Bytes appended to the buffer.
    pub kept: usize,
    /// Bytes beyond the cap, thrown away.
    pub discarded: u64,
    /// Whether more can come.
    pub end: LogEnd,
}

/// What hooks have told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// One record.
    Message(Vec<u8>),
    /// Nothing more for now.
    Nothing,
    /// Nothing more ever: nobody holds the other end.
    Closed,
}

/// Whether anybody can still write to the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    /// Some process holds it, and has written nothing more.
    Open,
    /// There is more: somebody writes as fast as it is read. Call again.
    More,
    /// All have closed it.
    Closed,
}

thread_local! {
    /// One buffer per thread instead of one per process: messages may be long and are rare.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; MAX_MESSAGE]);
}

impl Process {
    pub(crate) fn new(
        pid: u32,
        port: u16,
        listener: Option<OwnedFd>,
        ends: Ends,
        tmp: Option<KeptTmp>,
    ) -> io::Result<Process> {
        let listener = listener.map(TcpListener::from);
        if let Some(listener) = &listener {
            listener.set_nonblocking(true)?;
        }
        Ok(Process { pid, port, listener, ends, tmp, ended: AtomicBool::new(false) })
    }

    /// The process id, as the caller sees it.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The listener of the service port, not blocking. `None` if taken or never asked for.
    pub fn take_listener(&mut self) -> Option<TcpListener> {
        self.listener.take()
    }

    /// The service port as the process sees it; 0 if there is none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it writes to, for a process that takes its place later. `None` if taken, or if it ends with this one
    /// ([`Tmp::Memory`](crate::Tmp::Memory)).
    pub fn take_tmp(&mut self) -> Option<KeptTmp> {
        self.tmp.take()
    }

    /// The read end of its output, not blocking.
    pub fn log_fd(&self) -> BorrowedFd<'_> {
        self.ends.log.as_fd()
    }

    /// Appends to `buf` what has been written, up to `cap` bytes in this call; throws away and counts the rest.
    pub fn read_log(&self, buf: &mut Vec<u8>, cap: usize) -> LogRead {
        drain(&self.ends.log, buf, cap)
    }

    /// The read end of its records, not blocking. `None` without [`ProcessSpec::records`](crate::ProcessSpec::records).
    pub fn records_fd(&self) -> Option<BorrowedFd<'_>> {
        self.ends.records.as_ref().map(AsFd::as_fd)
    }

    /// The same as [`read_log`](Process::read_log) for its records; a cap may cut through one of them.
    /// Closed from the start if there are none.
    pub fn read_records(&self, buf: &mut Vec<u8>, cap: usize) -> LogRead {
        let none = LogRead { kept: 0, discarded: 0, end: LogEnd::Closed };
        self.ends.records.as_ref().map_or(none, |it| drain(it, buf, cap))
    }

    /// Our end of the socket for hooks, not blocking. `None` without [`ProcessSpec::observer`](crate::ProcessSpec::observer).
    pub fn observer_fd(&self) -> Option<BorrowedFd<'_>> {
        self.ends.observer.as_ref().map(AsFd::as_fd)
    }

    /// The next message of its hooks. Whatever else came with it is let go.
    pub fn next_told(&self) -> Told {
        let Some(observer) = &self.ends.observer else { return Told::Closed };
        BUFFER.with_borrow_mut(|buffer| match sock::recv(observer, buffer, Wait::No) {
            Ok(Some((length, _))) => Told::Message(buffer[..length].to_vec()),
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => Told::Nothing,
            Ok(None) | Err(_) => Told::Closed,
        })
    }

    /// Becomes readable when [`next_event`](Process::next_event) has something.
    pub fn events_fd(&self) -> BorrowedFd<'_> {
        self.ends.events.as_fd()
    }

    /// The next event, if there is one now.
    ///
    /// If the warden dies, which it never should, the last event is [`ProcessEvent::Ended`]: the keeper kills what it left.
    pub fn next_event(&self) -> Option<ProcessEvent> {
        loop {
            match receive(&self.ends.events, Wait::No) {
                Ok(Some((FromWarden::Event(event), _))) => {
                    if event == ProcessEvent::Ended {
                        self.ended.store(true, Ordering::Relaxed);
                    }
                    return Some(event);
                }
                Ok(Some(_)) => {}
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => return None,
                Ok(None) | Err(_) => {
                    let told = self.ended.swap(true, Ordering::Relaxed);
                    return (!told).then_some(ProcessEvent::Ended);
                }
            }
        }
    }

    /// Asks to kill the tree. [`ProcessEvent::Ended`] follows when nothing of it lives.
    pub fn request_kill(&self) {
        self.command(KILL);
    }

    /// Asks for the living descendants. [`ProcessEvent::Descendants`] follows.
    pub fn request_descendants(&self) {
        self.command(COUNT);
    }

    /// Asks what the tree uses. [`ProcessEvent::Usage`] follows.
    ///
    /// Reads some files of `/proc` for each process of the tree: some ten microseconds, paid only when asked.
    pub fn request_usage(&self) {
        self.command(USAGE);
    }

    /// Asks what lies in scratch. [`ProcessEvent::Files`] follows, also after the end of the started process.
    pub fn request_files(&self) {
        self.command(FILES);
    }

    fn command(&self, command: u8) {
        // A closed socket shows itself as `Ended`.
        let _ = sock::send(&self.ends.events, &[command], &[], Wait::No);
    }
}

/// What one call reads at most, so that a process which never stops writing does not keep its reader for ever.
const MOST_AT_ONCE: u64 = 16 << 20;

/// Reads all that is there, keeping `cap` bytes of it.
fn drain(pipe: &OwnedFd, buf: &mut Vec<u8>, cap: usize) -> LogRead {
    let mut read = LogRead { kept: 0, discarded: 0, end: LogEnd::Open };
    BUFFER.with_borrow_mut(|chunk| {
        loop {
            match rustix::io::read(pipe, chunk.as_mut_slice()) {
                Ok(0) => {
                    read.end = LogEnd::Closed;
                    return;
                }
                Ok(len) => {
                    let keep = len.min(cap - read.kept);
                    buf.extend_from_slice(&chunk[..keep]);
                    read.kept += keep;
                    read.discarded += (len - keep) as u64;
                    if read.kept as u64 + read.discarded >= MOST_AT_ONCE {
                        read.end = LogEnd::More;
                        return;
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    });
    read
}

/// Receives and decodes one message.
pub(crate) fn receive(events: &OwnedFd, wait: Wait) -> io::Result<Option<(FromWarden, Vec<OwnedFd>)>> {
    BUFFER.with_borrow_mut(|buffer| {
        let Some((len, fds)) = sock::recv(events, buffer, wait)? else {
            return Ok(None);
        };
        Ok(Some((serde_json::from_slice(&buffer[..len])?, fds)))
    })
}
