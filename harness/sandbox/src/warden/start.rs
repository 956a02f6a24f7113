//! From an order to a running function: namespaces, service port, fork, confinement, exec.

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    thread::{CpuSet, UnshareFlags, sched_setaffinity, unshare_unsafe},
};

use super::{
    Warden,
    tracer::Tracer,
    watch::{Observer, wake_on_same_cpu},
};
use crate::{
    confine::{self, Inside},
    error::{At, Failure, Stage},
    isolation::{Barriers, Namespaces, Watch},
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
/// Child → warden: a failure follows as JSON.
const FAILED: u8 = b'F';

/// Starts the function. Returns the service port and listener too.
pub(super) fn start(
    order: &Order,
    events: OwnedFd,
    signals: OwnedFd,
    log: OwnedFd,
) -> Result<(Warden, u16, Option<TcpListener>), Failure> {
    if let Some(core) = order.spec.core {
        let mut cpus = CpuSet::new();
        cpus.set(core);
        // A hint: the CPU may be outside of what this machine or container allows.
        let _ = sched_setaffinity(None, &cpus);
    }
    namespaces(&order.barriers)?;
    let (port, service) = service(order)?;
    let (mine, childs) = sock::pair().at(Stage::Fork, "socket pair")?;
    let warden_pid = std::process::id();
    let function = match sys::fork().at(Stage::Fork, "function")? {
        Forked::Parent(pid) => pid,
        Forked::Child => {
            let inside = Inside {
                spec: &order.spec,
                barriers: order.barriers,
                watch: order.watch,
                base: &order.base,
                mount_point: &order.mount_point,
                port,
                log: log.as_fd(),
                warden: warden_pid,
            };
            become_function(&inside, childs.as_fd())
        }
    };
    drop((childs, log));
    let mut warden = Warden {
        events,
        signals,
        listener: None,
        tracer: (order.watch == Watch::Ptrace).then(Tracer::default),
        function,
        observer: Observer::new(order, port),
    };
    match warden.until_executed(&mine) {
        Ok(()) => {
            // The function runs with the same uid: it must not be able to look into its warden.
            let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
            Ok((warden, port, service))
        }
        Err(failure) => {
            warden.kill_all_quietly();
            Err(failure)
        }
    }
}

/// The child's side.
fn become_function(inside: &Inside<'_>, warden: BorrowedFd<'_>) -> ! {
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
            let _ = sock::send(warden, &[READY], &[], Wait::Yes);
            Failure::new(Stage::Exec, inside.spec.program.display(), prepared.exec())
        }
    };
    let mut message = vec![FAILED];
    message.extend(serde_json::to_vec(&failure).unwrap_or_default());
    let _ = sock::send(warden, &message, &[], Wait::Yes);
    sys::exit_now(127)
}

impl Warden {
    /// Serves the child until it has become the program, or says why it has not.
    fn until_executed(&mut self, child: &OwnedFd) -> Result<(), Failure> {
        let mut ready = false;
        let mut first_exec = FirstExec::Awaited;
        loop {
            let (from_child, from_listener, from_signals) =
                self.wait_for_child(child, first_exec).at(Stage::Fork, "waiting")?;
            if from_listener {
                // Only this one call is ours. The next is the function's, and waits until the warden watches.
                self.pass_first_exec();
                first_exec = FirstExec::Passed;
            }
            if from_signals && self.tracer.is_some() {
                sys::drain_signals(&self.signals);
                self.reap_before_exec();
            }
            if !from_child {
                continue;
            }
            let mut buf = [0; 4096];
            match sock::recv(child, &mut buf, Wait::Yes).at(Stage::Fork, "child")? {
                None if ready => return Ok(()),
                None => return Err(vanished()),
                Some((_, mut fds)) => match buf[0] {
                    READY => ready = true,
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
        let mut fds = vec![PollFd::new(child, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
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

/// Enters all namespaces but the mount namespace, which is the child's: the warden keeps seeing the host's `/proc`.
fn namespaces(barriers: &Barriers) -> Result<(), Failure> {
    const HERE: Stage = Stage::Namespaces;
    let inner = UnshareFlags::NEWNET | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    match barriers.namespaces {
        Namespaces::Host => return Ok(()),
        Namespaces::User => {
            let uid = rustix::process::geteuid().as_raw();
            let gid = rustix::process::getegid().as_raw();
            // SAFETY: one thread, so nothing is shared with another one.
            unsafe { unshare_unsafe(UnshareFlags::NEWUSER) }.at(HERE, "user namespace")?;
            // user_namespaces(7): without privilege gid_map can be written only after setgroups is denied.
            fs::write("/proc/self/setgroups", "deny").at(HERE, "setgroups")?;
            fs::write("/proc/self/uid_map", format!("{uid} {uid} 1")).at(HERE, "uid map")?;
            fs::write("/proc/self/gid_map", format!("{gid} {gid} 1")).at(HERE, "gid map")?;
        }
        Namespaces::Privileged => {}
    }
    // SAFETY: as above.
    unsafe { unshare_unsafe(inner) }.at(HERE, "net, ipc, uts")?;
    rustix::system::sethostname(b"sandbox").at(HERE, "host name")?;
    loopback_up().at(HERE, "loopback interface")
}

fn loopback_up() -> io::Result<()> {
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::DGRAM, None)?;
    // SAFETY: ifreq is plain data for which zero is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: SIOCSIFFLAGS reads an ifreq whose name is terminated by the zeroes above.
    if unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Opens the one port that the function may reach.
fn service(order: &Order) -> Result<(u16, Option<TcpListener>), Failure> {
    if order.spec.service_env.is_none() {
        return Ok((0, None));
    }
    let port = if order.barriers.has_namespaces() { LAMBDA_PORT } else { 0 };
    let open = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        Ok::<_, io::Error>((listener.local_addr()?.port(), Some(listener)))
    };
    open().at(Stage::Service, format_args!("127.0.0.1:{port}"))
}
