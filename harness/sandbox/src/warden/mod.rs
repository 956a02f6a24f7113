//! The warden: parent and guard of one function.
//!
//! One thread, one loop. It lives in the host's file system and holds nothing of other functions.
//! It ends when the caller closes the socket, and only after everything below it is dead.

mod files;
mod guard;
mod init;
mod namespaces;
mod reap;
mod start;
mod tracer;
mod watch;

pub(crate) use self::reap::{kill_tree, signal};

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use self::{guard::Guard, start::Begun};
use crate::{
    descriptors::{ForFunction, Handed},
    error::{At, Failure, Stage},
    event::ProcessEvent,
    procfs,
    sock::{self, Wait},
    sys::{self, Taken},
    wire::{COUNT, FILES, FromWarden, KILL, Order, USAGE},
};

/// The state of one warden.
struct Warden {
    /// The socket to the caller.
    events: OwnedFd,
    signals: OwnedFd,
    /// The listener of the user notification, while processes use it.
    listener: Option<OwnedFd>,
    tracer: Option<tracer::Tracer>,
    /// The started process.
    function: u32,
    /// The init of its pid namespace.
    init: Option<u32>,
    guard: Guard,
    /// Kept open for the Landlock rules of the function, which end with their inodes.
    held: Vec<OwnedFd>,
    observer: watch::Observer,
}

/// Why the loop ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The caller asked for it and waits for the answer.
    Asked,
    /// The caller, or the keeper, is gone.
    Abandoned,
}

/// Runs a warden in a freshly forked process. `keeper` is its parent.
pub(crate) fn run(order: &Order, handed: Handed, keeper: u32) -> ! {
    let Handed { events, function, .. } = handed;
    if let Err(failure) = guard(order, events.as_fd(), function, keeper) {
        let _ = tell(events.as_fd(), &FromWarden::Failed(failure), &[]);
    }
    sys::exit_now(0)
}

fn guard(
    order: &Order,
    events: std::os::fd::BorrowedFd<'_>,
    handed: ForFunction,
    keeper: u32,
) -> Result<(), Failure> {
    let events = events.try_clone_to_owned().at(Stage::Fork, "socket")?;
    let signals = sys::signal_fd(Taken::ChildrenAndTerm).at(Stage::Fork, "signals")?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).at(Stage::Fork, "subreaper")?;
    sys::hear_death_of(keeper).at(Stage::Fork, "keeper")?;
    let Begun { mut warden, port, service, tmp } = start::start(order, events, signals, handed)?;
    let started = FromWarden::Started { pid: warden.function, port };
    let fds: Vec<_> = service.iter().map(AsFd::as_fd).chain(tmp.iter().map(AsFd::as_fd)).collect();
    let told = tell(warden.events.as_fd(), &started, &fds);
    drop((service, tmp));
    if told.is_err() {
        warden.kill_all();
        return Ok(());
    }
    let end = warden.watch();
    warden.kill_all();
    if end == End::Asked {
        warden.report(ProcessEvent::Ended);
    }
    Ok(())
}

impl Warden {
    fn watch(&mut self) -> End {
        // What happened before the loop began has already raised its signal, but a stop may have been seen by `start`.
        self.reap();
        loop {
            let mut ready = Ready::default();
            if self.wait(&mut ready).is_err() {
                return End::Abandoned;
            }
            if let Some(limit) = self.guard.look() {
                self.report(ProcessEvent::LimitExceeded(limit));
                self.kill_all();
            }
            // Calls first: an exec that happened before an exit is reported before it.
            if ready.listener {
                self.answer_notifications();
            }
            if ready.signals {
                if sys::drain_signals(&self.signals) {
                    return End::Abandoned;
                }
                self.reap();
            }
            if ready.caller
                && let Some(end) = self.obey()
            {
                return end;
            }
        }
    }

    fn wait(&mut self, ready: &mut Ready) -> io::Result<()> {
        let mut fds =
            vec![PollFd::new(&self.events, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
        if let Some(listener) = &self.listener {
            fds.push(PollFd::new(listener, PollFlags::IN));
        }
        let rest = self.guard.rest().map(|it| Timespec {
            // A round figure above: waking up too early would only make it look twice.
            tv_sec: i64::try_from(it.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(it.subsec_nanos()),
        });
        match poll(&mut fds, rest.as_ref()) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            result => result?,
        };
        ready.caller = !fds[0].revents().is_empty();
        ready.signals = !fds[1].revents().is_empty();
        let on_listener = fds.get(2).map_or(PollFlags::empty(), PollFd::revents);
        ready.listener = on_listener.contains(PollFlags::IN);
        if !ready.listener && on_listener.intersects(PollFlags::HUP | PollFlags::ERR) {
            // seccomp_unotify(2): no process uses the filter any more.
            self.listener = None;
        }
        Ok(())
    }

    fn obey(&mut self) -> Option<End> {
        let mut command = [0u8; 16];
        match sock::recv(&self.events, &mut command, Wait::No) {
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => None,
            Ok(Some((1, _))) if command[0] == KILL => Some(End::Asked),
            Ok(Some((1, _))) if command[0] == COUNT => {
                self.report(ProcessEvent::Descendants { count: self.count() });
                None
            }
            Ok(Some((1, _))) if command[0] == USAGE => {
                self.report(ProcessEvent::Usage(self.guard.usage(self.function)));
                None
            }
            Ok(Some((1, _))) if command[0] == FILES => {
                self.report(ProcessEvent::Files(self.guard.files()));
                None
            }
            Ok(Some(_)) => None,
            Ok(None) | Err(_) => Some(End::Abandoned),
        }
    }

    /// Living descendants without the function itself and our own init.
    fn count(&self) -> u32 {
        let count = || {
            let all = procfs::descendants(std::process::id());
            all.iter().filter(|it| **it != self.function && Some(**it) != self.init).count()
        };
        // proc(5), `children`: a child may be missed while a sibling exits. Missing one twice is unlikely, and
        // "nothing lives" is the answer that must not be given lightly.
        u32::try_from(count().max(count())).unwrap_or(u32::MAX)
    }

    /// Tells the caller, waiting until it reads. If it is gone, the loop learns so from its socket.
    fn report(&self, event: ProcessEvent) {
        let _ = tell(self.events.as_fd(), &FromWarden::Event(event), &[]);
    }
}

#[derive(Default)]
struct Ready {
    caller: bool,
    signals: bool,
    listener: bool,
}

/// Sends one message to the caller.
pub(crate) fn tell(
    events: std::os::fd::BorrowedFd<'_>,
    message: &FromWarden,
    fds: &[std::os::fd::BorrowedFd<'_>],
) -> io::Result<()> {
    sock::send(events, &serde_json::to_vec(message)?, fds, Wait::Yes)
}
