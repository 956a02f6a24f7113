//! System calls that wait for the warden: seen by user notification or by the tracer, looked at, reported, answered.
//!
//! Both mechanisms hand over a [`SyscallStop`] and get an [`Answer`]. It is nearly always [`Answer::Continue`]:
//! what was read from memory could be exchanged after the look, so nothing is refused because of it.
//! Decided here are calls whose arguments are registers (signals, priorities), and those that the warden makes itself with
//! what it has read (modes, owners, times and attributes of files).

mod dns;
mod exec;
mod lookup;
mod memory;
mod metadata;
mod network;
mod notify;
mod opens;
mod scheduling;
mod signals;

pub(super) use self::notify::wake_on_same_cpu;

use std::{
    cell::OnceCell,
    collections::HashMap,
    io,
    net::SocketAddr,
    os::fd::AsFd,
    path::{Path, PathBuf},
};

use super::Warden;
use crate::{
    confine::{METADATA, SCHEDULING},
    event::{ExecRecord, Fidelity, ProcessEvent},
    isolation::Namespaces,
    procfs,
    sock::{self, Wait},
    spec::PathMark,
    wire::{FromWarden, Order},
};

/// Processes or sockets that are remembered. Far more than live at a time; a safety net against growth.
const MAX_REMEMBERED: usize = 1024;

/// A thread that waits in a system call.
#[derive(Debug, Clone, Copy)]
pub(super) struct SyscallStop {
    pub(super) tid: u32,
    pub(super) nr: i64,
    pub(super) args: [u64; 6],
}

/// How its call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The kernel executes it.
    Continue,
    /// It returns zero without being executed: the warden has done it.
    Done,
    /// It fails with this error number.
    Refuse(i32),
}

/// What a look at a stop has found. Nothing has been reported or done yet.
pub(super) enum Seen {
    Nothing,
    Exec(Box<ExecRecord>),
    Network(network::Seen),
    Open(crate::event::OpenRecord),
    Signal(signals::Sending),
    Metadata(Result<metadata::Change, i32>),
    Scheduling(Answer),
}

/// What the warden knows about its function, and remembers of it.
pub(super) struct Observer {
    /// The service port; connecting to it is expected.
    service: u16,
    /// The folder whose programs are canaries.
    canaries: Option<PathBuf>,
    /// What Landlock lets the function execute, if Landlock alone decides that.
    granted: Option<Granted>,
    /// The folder of the host that the function may write to, without symbolic links.
    scratch: Option<PathBuf>,
    /// Which opened files are told of. `None`: all.
    only: Option<PathMark>,
    /// What each process was when it executed its present program: the caller of a canary.
    callers: HashMap<u32, Vec<String>>,
    /// Sockets (process, descriptor) that are connected to a name server.
    name_servers: HashMap<(u32, i32), SocketAddr>,
    /// Records that found the socket full since the last one that fitted.
    dropped: u64,
}

impl Observer {
    pub(super) fn new(order: &Order, service: u16) -> Observer {
        // With a root of its own the function sees nothing executable that Landlock would refuse.
        let alone = order.barriers.namespaces == Namespaces::Host && order.barriers.landlock.is_some();
        let granted = alone.then(|| Granted { as_given: order.granted(), real: OnceCell::new() });
        Observer {
            service,
            canaries: order.spec.canaries.as_ref().map(|it| it.source.clone()),
            granted,
            scratch: order.spec.scratch.folder.canonicalize().ok(),
            only: order.spec.observe.only,
            callers: HashMap::new(),
            name_servers: HashMap::new(),
            dropped: 0,
        }
    }

    /// A process that the warden has reaped needs no memory any more.
    pub(super) fn forget(&mut self, pid: u32) {
        self.callers.remove(&pid);
        self.name_servers.retain(|(owner, _), _| *owner != pid);
    }
}

/// Folders and files below which Landlock allows execution.
pub(super) struct Granted {
    as_given: Vec<PathBuf>,
    /// The same without symbolic links, looked up when first needed.
    real: OnceCell<Vec<PathBuf>>,
}

impl Granted {
    fn covers(&self, path: &Path) -> bool {
        // What is in /etc was found by walking it, link by link.
        let real =
            |it: &PathBuf| if it.starts_with("/etc") { Some(it.clone()) } else { it.canonicalize().ok() };
        self.real
            .get_or_init(|| self.as_given.iter().filter_map(real).collect())
            .iter()
            .any(|it| path.starts_with(it))
    }
}

impl Warden {
    /// Looks at a waiting call. The process may vanish meanwhile, and its number may be given away:
    /// the caller asks whether it still waits before it lets [`settle`](Warden::settle) act.
    pub(super) fn look_at(&self, stop: &SyscallStop) -> Seen {
        match stop.nr {
            libc::SYS_execve | libc::SYS_execveat => Seen::Exec(Box::new(self.look_at_exec(stop))),
            libc::SYS_connect
            | libc::SYS_bind
            | libc::SYS_sendto
            | libc::SYS_sendmsg
            | libc::SYS_sendmmsg => Seen::Network(self.observer.look_at_network(stop)),
            libc::SYS_kill
            | libc::SYS_tkill
            | libc::SYS_tgkill
            | libc::SYS_rt_sigqueueinfo
            | libc::SYS_rt_tgsigqueueinfo
            | libc::SYS_pidfd_send_signal
            | libc::SYS_fcntl => Seen::Signal(signals::look(stop)),
            nr if METADATA.contains(&nr) => Seen::Metadata(self.observer.look_at_metadata(stop)),
            nr if SCHEDULING.contains(&nr) => Seen::Scheduling(scheduling::look(stop)),
            _ => opens::look(stop, self.observer.only).map_or(Seen::Nothing, Seen::Open),
        }
    }

    /// Reports what was seen and decides how the call goes on.
    pub(super) fn settle(&mut self, seen: Seen) -> Answer {
        match seen {
            Seen::Nothing => {}
            Seen::Exec(record) => self.settle_exec(*record),
            Seen::Network(seen) => self.settle_network(seen),
            Seen::Open(record) => self.report_ordinary(ProcessEvent::Open(record)),
            Seen::Signal(sending) => return sending.settle(),
            Seen::Metadata(change) => {
                return change.and_then(|it| it.make()).map_or_else(Answer::Refuse, |()| Answer::Done);
            }
            Seen::Scheduling(answer) => return answer,
        }
        Answer::Continue
    }

    /// Ordinary records must not slow the function down, so they are dropped and counted if the caller does not read.
    fn report_ordinary(&mut self, mut event: ProcessEvent) {
        if let Some(dropped) = dropped_of(&mut event) {
            *dropped = self.observer.dropped;
        }
        let sent = self.try_send(&event).or_else(|err| match (err.raw_os_error(), &mut event) {
            (Some(libc::EMSGSIZE), ProcessEvent::Exec(record)) => {
                record.argv.truncate(1);
                record.parent_argv.truncate(1);
                record.env_names.clear();
                record.chain.clear();
                record.fidelity = Fidelity::Truncated;
                self.try_send(&event)
            }
            _ => Err(err),
        });
        match sent {
            Ok(()) => self.observer.dropped = 0,
            Err(_) => self.observer.dropped += 1,
        }
    }

    fn try_send(&self, event: &ProcessEvent) -> io::Result<()> {
        let message = FromWarden::Event(event.clone());
        sock::send(self.events.as_fd(), &serde_json::to_vec(&message)?, &[], Wait::No)
    }
}

fn dropped_of(event: &mut ProcessEvent) -> Option<&mut u64> {
    match event {
        ProcessEvent::Exec(record) => Some(&mut record.dropped),
        ProcessEvent::Connect(record) => Some(&mut record.dropped),
        ProcessEvent::Bind(record) => Some(&mut record.dropped),
        ProcessEvent::DnsQuery(record) => Some(&mut record.dropped),
        ProcessEvent::Open(record) => Some(&mut record.dropped),
        ProcessEvent::CanaryRan(_)
        | ProcessEvent::Exited(_)
        | ProcessEvent::LimitExceeded(_)
        | ProcessEvent::Descendants { .. }
        | ProcessEvent::Usage(_)
        | ProcessEvent::Files(_)
        | ProcessEvent::Ended => None,
    }
}

/// Makes room in a map of things that belong to processes: first those go whose process has ended.
fn make_room<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, owner: impl Fn(&K) -> u32) {
    if map.len() < MAX_REMEMBERED {
        return;
    }
    map.retain(|key, _| procfs::status(owner(key)).is_some());
    if map.len() >= MAX_REMEMBERED {
        map.clear();
    }
}
