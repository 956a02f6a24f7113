//! From an order to a running function: namespaces, service port, fork, confinement, exec.

use std::{
    fs::{self, Permissions},
    io,
    net::{Ipv4Addr, TcpListener},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::{PermissionsExt, fchown},
    },
    path::Path,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{Mode, OFlags},
    thread::{CpuSet, sched_setaffinity},
};

use super::{
    Warden,
    guard::Guard,
    init, namespaces,
    tracer::Tracer,
    watch::{Observer, wake_on_same_cpu},
};
use crate::{
    confine::{self, Inside},
    descriptors::ForFunction,
    error::{At, Failure, Stage},
    isolation::{Namespaces, Processes, Watch},
    procfs,
    sock::{self, Wait},
    sys::{self, Forked},
    wire::Order,
};

/// AWS "Runtime API": functions inside Lambda find it on 127.0.0.1:9001. With a network of its own the function can have that port.
const LAMBDA_PORT: u16 = 9001;
/// Child → warden: about to execute; a closed socket from now on means that it did.
const READY: u8 = b'X';
/// Child → warden: trace me, then answer.
const TRACE_ME: u8 = b'T';
/// Child → warden: here is the listener.
const LISTENER: u8 = b'L';
/// Child → warden: keep these open.
const HELD: u8 = b'H';
/// Child → warden: a failure follows as JSON.
const FAILED: u8 = b'F';

/// A running function.
pub(super) struct Begun {
    pub(super) warden: Warden,
    /// The service port; 0 if there is none.
    pub(super) port: u16,
    pub(super) service: Option<TcpListener>,
    /// Its `/tmp`, if that is to be kept.
    pub(super) tmp: Option<OwnedFd>,
}

/// Starts the function.
pub(super) fn start(
    order: &Order,
    events: OwnedFd,
    signals: OwnedFd,
    handed: ForFunction,
) -> Result<Begun, Failure> {
    if let Some(core) = order.spec.core {
        let mut cpus = CpuSet::new();
        cpus.set(core);
        // A hint: the CPU may be outside of what this machine or container allows.
        let _ = sched_setaffinity(None, &cpus);
    }
    // Before the namespaces, while the groups can be reached.
    let mut guard = Guard::new(order);
    own_scratch(order).at(Stage::Process, order.spec.scratch.folder.display())?;
    own_pipes(order, &handed).at(Stage::Process, "standard streams")?;
    namespaces::enter(order)?;
    let init = match order.barriers.processes {
        Processes::Own => Some(init::start(&order.mount_point).at(Stage::Processes, "starting its init")?),
        Processes::Host => None,
    };
    let (port, service) = service(order)?;
    let (mine, childs) = sock::pair().at(Stage::Fork, "socket pair")?;
    let warden_pid = std::process::id();
    let processes = processes(order);
    let function = match guard.fork().at(Stage::Fork, "function")? {
        Forked::Parent(pid) => pid,
        Forked::Child => {
            let inside = Inside {
                spec: &order.spec,
                barriers: order.barriers,
                watch: order.watch,
                identity: order.identity,
                base: &order.base,
                mount_point: &order.mount_point,
                port,
                log: handed.log.as_fd(),
                terminal: handed.terminal.as_ref().map(AsFd::as_fd),
                records: handed.records.as_ref().map(AsFd::as_fd),
                observer: handed.observer.as_ref().map(AsFd::as_fd),
                tmp: handed.tmp.as_ref().map(AsFd::as_fd),
                warden: warden_pid,
                processes,
            };
            if let Err(err) = guard.take_in() {
                refuse(childs.as_fd(), &Failure::new(Stage::Limits, "entering the control group", err))
            }
            become_function(&inside, childs)
        }
    };
    drop((childs, handed));
    if !order.barriers.has_own_files() {
        let folder = &order.spec.scratch.folder;
        guard.scratch(open_folder(folder).at(Stage::Process, folder.display())?);
    }
    let mut warden = Warden {
        events,
        signals,
        listener: None,
        tracer: (order.watch == Watch::Ptrace).then(Tracer::default),
        function,
        init,
        guard,
        held: Vec::new(),
        observer: Observer::new(order, port),
    };
    match warden.until_executed(&mine) {
        Ok(tmp) => {
            // The function runs with the same uid: it must not be able to look into its warden.
            let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
            Ok(Begun { warden, port, service, tmp })
        }
        Err(failure) => {
            warden.kill_all_quietly();
            Err(failure)
        }
    }
}

/// The child's side.
fn become_function(inside: &Inside<'_>, warden: OwnedFd) -> ! {
    let warden = match confine::away_from_numbers(inside, warden) {
        Ok(warden) => warden,
        // The warden sees its end.
        Err(_) => sys::exit_now(127),
    };
    let warden = warden.as_fd();
    let trace = || match inside.watch {
        Watch::Ptrace => {
            sock::send(warden, &[TRACE_ME], &[], Wait::Yes)?;
            let answer = sock::recv(warden, &mut [0; 1], Wait::Yes)?;
            answer.map(drop).ok_or(io::ErrorKind::UnexpectedEof.into())
        }
        Watch::UserNotification | Watch::Off => Ok(()),
    };
    let failure = match confine::confine(inside, trace) {
        Err(failure) => failure,
        Ok(mut prepared) => {
            if let Some(listener) = prepared.listener.take() {
                let _ = sock::send(warden, &[LISTENER], &[listener.as_fd()], Wait::Yes);
            }
            for some in prepared.held.chunks(sock::MAX_FDS) {
                let some: Vec<_> = some.iter().map(AsFd::as_fd).collect();
                let _ = sock::send(warden, &[HELD], &some, Wait::Yes);
            }
            let tmp = prepared.tmp.iter().flat_map(|it| std::iter::once(&it.opened).chain(&it.kept));
            let tmp: Vec<_> = tmp.map(AsFd::as_fd).collect();
            let _ = sock::send(warden, &[READY], &tmp, Wait::Yes);
            match confine::place_numbered(inside) {
                Ok(()) => Failure::new(Stage::Exec, inside.spec.program.display(), prepared.exec()),
                Err(failure) => failure,
            }
        }
    };
    refuse(warden, &failure)
}

/// Tells the warden why there will be no function.
fn refuse(warden: BorrowedFd<'_>, failure: &Failure) -> ! {
    let mut message = vec![FAILED];
    message.extend(serde_json::to_vec(failure).unwrap_or_default());
    let _ = sock::send(warden, &message, &[], Wait::Yes);
    sys::exit_now(127)
}

impl Warden {
    /// Serves the child until it has become the program, or says why it has not. Returns its `/tmp`, if that is to be kept.
    fn until_executed(&mut self, child: &OwnedFd) -> Result<Option<OwnedFd>, Failure> {
        let mut ready = false;
        let mut kept = None;
        let mut first_exec = FirstExec::Awaited;
        loop {
            let (from_child, from_listener, from_signals) =
                self.wait_for_child(child, first_exec).at(Stage::Fork, "waiting")?;
            if from_listener {
                // Only this one call is ours. The next is the function's, and waits until the warden watches.
                self.pass_first_exec();
                first_exec = FirstExec::Passed;
            }
            if from_signals {
                if sys::drain_signals(&self.signals) {
                    return Err(Failure::new(Stage::Fork, "keeper", io::ErrorKind::BrokenPipe.into()));
                }
                self.reap_before_exec();
            }
            if !from_child {
                continue;
            }
            let mut buf = [0; 4096];
            match sock::recv(child, &mut buf, Wait::Yes).at(Stage::Fork, "child")? {
                None if ready => return Ok(kept),
                None => return Err(vanished()),
                Some((_, mut fds)) => match buf[0] {
                    READY => {
                        ready = true;
                        let mut fds = fds.into_iter();
                        if let Some(tmp) = fds.next() {
                            self.guard.scratch(tmp);
                        }
                        kept = fds.next();
                    }
                    HELD => self.held.append(&mut fds),
                    LISTENER => self.listener = fds.pop().inspect(wake_on_same_cpu),
                    TRACE_ME => self.trace(child)?,
                    _ => {
                        let text = buf[1..].split(|it| *it == 0).next().unwrap_or_default();
                        return Err(serde_json::from_slice(text).unwrap_or_else(|_| vanished()));
                    }
                },
            }
        }
    }

    fn trace(&self, child: &OwnedFd) -> Result<(), Failure> {
        if let Some(tracer) = &self.tracer {
            tracer.seize(self.function).at(Stage::Watch, "ptrace")?;
        }
        sock::send(child, &[TRACE_ME], &[], Wait::Yes).at(Stage::Watch, "child")
    }

    fn wait_for_child(&self, child: &OwnedFd, exec: FirstExec) -> io::Result<(bool, bool, bool)> {
        // Without a tracer the signals keep until the loop of `watch`. The end of whoever wrote the maps has raised one, and
        // to look at it again and again would keep the child from its processor.
        let of_signals = if self.tracer.is_some() { PollFlags::IN } else { PollFlags::empty() };
        let mut fds = vec![PollFd::new(child, PollFlags::IN), PollFd::new(&self.signals, of_signals)];
        let listener = self.listener.as_ref().filter(|_| exec == FirstExec::Awaited);
        fds.extend(listener.map(|it| PollFd::new(it, PollFlags::IN)));
        match poll(&mut fds, None) {
            Err(rustix::io::Errno::INTR) => return Ok((false, false, false)),
            result => result?,
        };
        let ready = |at: usize| fds.get(at).is_some_and(|it| !it.revents().is_empty());
        let notified = fds.get(2).is_some_and(|it| it.revents().contains(PollFlags::IN));
        Ok((ready(0), notified, ready(1)))
    }
}

/// Whether the child has asked to become the function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstExec {
    Awaited,
    Passed,
}

fn vanished() -> Failure {
    let detail = "the process ended before it executed its program".to_owned();
    Failure { stage: Stage::Process, errno: libc::ECHILD, detail }
}

fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Gives the scratch folder to the function's user, also if an earlier process has closed it to itself.
fn own_scratch(order: &Order) -> io::Result<()> {
    let folder = &order.spec.scratch.folder;
    order.identity.own(folder)?;
    let mode = folder.metadata()?.permissions().mode();
    if mode & 0o700 != 0o700 {
        // Who may not do this may find the folder open all the same.
        let _ = fs::set_permissions(folder, Permissions::from_mode(mode | 0o700));
    }
    Ok(())
}

/// Gives the pipes to the function's user, for programs that open `/dev/stderr`: that asks for the permission again.
fn own_pipes(order: &Order, handed: &ForFunction) -> io::Result<()> {
    if !order.identity.changes() {
        return Ok(());
    }
    let (uid, gid) = order.identity.outside();
    [&handed.log].into_iter().chain(&handed.records).try_for_each(|it| fchown(it, Some(uid), Some(gid)))
}

/// The limit of processes for the function's uid.
///
/// The kernel counts them by uid, and since Linux 5.14 in each user namespace apart. Where the function shares its uid
/// with others, those are granted in addition.
fn processes(order: &Order) -> u64 {
    let own = order.spec.limits.processes;
    if order.barriers.namespaces == Namespaces::User {
        // The init, which has the same uid if the caller is no root.
        return own + 1;
    }
    own.saturating_add(procfs::threads_of(order.identity.outside().0))
}

/// Opens the one port that the function may reach.
fn service(order: &Order) -> Result<(u16, Option<TcpListener>), Failure> {
    if order.spec.service_env.is_empty() {
        return Ok((0, None));
    }
    let port = if order.barriers.has_own_files() { LAMBDA_PORT } else { 0 };
    let open = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        Ok::<_, io::Error>((listener.local_addr()?.port(), Some(listener)))
    };
    open().at(Stage::Service, format_args!("127.0.0.1:{port}"))
}
