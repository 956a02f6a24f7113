//! Takes features of the kernel away from itself, then becomes a command: how tests see the machines of others.
//!
//! ```text
//! evfuzz-hobble [--no-user-namespaces] [--no-namespaces] [--no-landlock[=ENOSYS]] [--listener[=execve]]
//!               [--no-ptrace] [--masked-proc] -- COMMAND [ARGUMENT...]
//! ```
//!
//! The features are refused by seccomp with the errors that real machines give, so what runs below cannot tell the difference.
//! Two things cannot be shown that way, since a filter sees registers only:
//! that a mount is one of `/proc` (so `--masked-proc` really covers parts of `/proc`, as Docker does),
//! and that a user namespace is given without power in it (Ubuntu's AppArmor rule; for us it ends in the same error one call later).

#[path = "../confine/bpf.rs"]
#[allow(dead_code, reason = "the assembler of the sandbox, of which this tool needs a part")]
mod bpf;

use std::{
    env,
    ffi::OsString,
    io,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::Path,
    process::{Command, ExitCode},
};

use libc::{EBUSY, ENOSYS, EOPNOTSUPP, EPERM, sock_filter};
use rustix::{
    event::{PollFd, PollFlags, poll},
    mount::{MountPropagationFlags, mount_bind, mount_change},
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
    },
    thread::UnshareFlags,
};

use bpf::{Action, Assembler, Test};

/// linux/audit.h.
#[cfg(target_arch = "x86_64")]
const AUDIT_ARCH: u32 = 0xc000_003e;
/// linux/audit.h.
#[cfg(target_arch = "aarch64")]
const AUDIT_ARCH: u32 = 0xc000_00b7;

/// What is taken away.
#[derive(Default)]
struct Hobbles {
    namespaces: Namespaces,
    landlock: Option<i32>,
    listener: Option<Watched>,
    ptrace: Ptrace,
    proc: Proc,
}

#[derive(Default, PartialEq)]
enum Namespaces {
    #[default]
    Free,
    NoUser,
    None,
}

#[derive(Default, PartialEq)]
enum Ptrace {
    #[default]
    Free,
    Refused,
}

#[derive(Default, PartialEq)]
enum Proc {
    #[default]
    Whole,
    Masked,
}

/// Which calls the listener that is already there hears of.
#[derive(Clone, Copy, PartialEq)]
enum Watched {
    /// One that nobody makes: only the listener's presence matters.
    Acct,
    /// Execs, as in a sandbox that is itself run in such a sandbox.
    Execve,
}

#[expect(clippy::print_stderr, reason = "a tool of its own, whose errors go to whoever starts it")]
fn main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    let Some((hobbles, command)) = parse(&args) else {
        eprintln!("evfuzz-hobble: usage: evfuzz-hobble [--no-...] -- COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let error = match put_on(&hobbles) {
        Err(error) => error,
        Ok(()) => Command::new(&command[0]).args(&command[1..]).exec(),
    };
    eprintln!("evfuzz-hobble: {error}");
    ExitCode::from(126)
}

fn parse(args: &[OsString]) -> Option<(Hobbles, &[OsString])> {
    let end = args.iter().position(|it| it == "--")?;
    let command = args.get(end + 1..).filter(|it| !it.is_empty())?;
    let mut hobbles = Hobbles::default();
    for arg in &args[..end] {
        match arg.to_str()? {
            "--no-user-namespaces" => hobbles.namespaces = Namespaces::NoUser,
            "--no-namespaces" => hobbles.namespaces = Namespaces::None,
            // The two answers of real kernels: disabled at boot, and not built in (landlock_create_ruleset(2)).
            "--no-landlock" => hobbles.landlock = Some(EOPNOTSUPP),
            "--no-landlock=ENOSYS" => hobbles.landlock = Some(ENOSYS),
            "--listener" => hobbles.listener = Some(Watched::Acct),
            "--listener=execve" => hobbles.listener = Some(Watched::Execve),
            "--no-ptrace" => hobbles.ptrace = Ptrace::Refused,
            "--masked-proc" => hobbles.proc = Proc::Masked,
            _ => return None,
        }
    }
    Some((hobbles, command))
}

fn put_on(hobbles: &Hobbles) -> io::Result<()> {
    if hobbles.proc == Proc::Masked {
        mask_proc()?;
    }
    if let Some(watched) = hobbles.listener {
        listen(watched)?;
    }
    install(&denials(hobbles), 0).map(drop)
}

/// The filter for what is refused.
fn denials(hobbles: &Hobbles) -> Vec<sock_filter> {
    const ALL: i32 = libc::CLONE_NEWNS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET;
    let mut asm = Assembler::new(AUDIT_ARCH, Action::Allow, None);
    let flags = match hobbles.namespaces {
        Namespaces::Free => 0,
        Namespaces::NoUser => libc::CLONE_NEWUSER,
        Namespaces::None => ALL,
    };
    if flags != 0 {
        let test = Test::AnyBit { arg: 0, bits: flags as u32 };
        asm.call_if(libc::SYS_unshare, std::slice::from_ref(&test), Action::Errno(EPERM));
        asm.call_if(libc::SYS_clone, &[test], Action::Errno(EPERM));
        // Its flags are in memory. Docker's default profile answers the same, and libc then uses clone.
        asm.call(libc::SYS_clone3, Action::Errno(ENOSYS));
    }
    if let Some(errno) = hobbles.landlock {
        for nr in
            [libc::SYS_landlock_create_ruleset, libc::SYS_landlock_add_rule, libc::SYS_landlock_restrict_self]
        {
            asm.call(nr, Action::Errno(errno));
        }
    }
    if hobbles.ptrace == Ptrace::Refused {
        asm.call(libc::SYS_ptrace, Action::Errno(EPERM));
    }
    asm.finish(Action::Allow)
}

/// Puts a filter on this thread, without `no_new_privs` if that is possible: it would be inherited,
/// and the command should live as on a machine that has nothing of all this.
fn install(filter: &[sock_filter], flags: libc::c_ulong) -> io::Result<i32> {
    let len = u16::try_from(filter.len()).map_err(io::Error::other)?;
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    let set = || {
        // SAFETY: `program` points to `len` instructions that live during the call; the kernel only reads them.
        let result = unsafe {
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program)
        };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result as i32) }
    };
    match set() {
        // seccomp(2): EACCES without CAP_SYS_ADMIN and without no_new_privs.
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
            rustix::thread::set_no_new_privs(true)?;
            set()
        }
        result => result,
    }
}

/// Installs a filter with a listener. A process of its own, outside of the filter, holds and serves it.
fn listen(watched: Watched) -> io::Result<()> {
    let (mine, servers) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    // Forked twice, so that the command has no child that it knows nothing of.
    if fork()? == 0 {
        if matches!(fork(), Ok(0)) {
            drop(mine);
            let _ = serve(&servers);
        }
        exit_now()
    }
    let _ = rustix::process::wait(rustix::process::WaitOptions::empty())?;
    drop(servers);
    let mut asm = Assembler::new(AUDIT_ARCH, Action::Allow, None);
    let calls: &[i64] = match watched {
        Watched::Acct => &[libc::SYS_acct],
        Watched::Execve => &[libc::SYS_execve, libc::SYS_execveat],
    };
    for &nr in calls {
        asm.call(nr, Action::Notify);
    }
    let fd = install(&asm.finish(Action::Allow), libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)?;
    // SAFETY: with NEW_LISTENER the call returns a new descriptor that nobody else owns.
    let listener = unsafe { OwnedFd::from_raw_fd(fd) };
    hand_over(&mine, listener.as_fd())?;
    drop(listener);
    // The server's end closes only when it ends, so silence here would hang; it answers when it holds the listener.
    let taken = recvmsg(
        &mine,
        &mut [io::IoSliceMut::new(&mut [0])],
        &mut RecvAncillaryBuffer::default(),
        RecvFlags::empty(),
    )?;
    if taken.bytes == 1 { Ok(()) } else { Err(io::Error::from_raw_os_error(EBUSY)) }
}

fn hand_over(socket: &OwnedFd, listener: BorrowedFd<'_>) -> io::Result<()> {
    let fds = [listener];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&fds));
    sendmsg(socket, &[io::IoSlice::new(&[0])], &mut control, SendFlags::empty())?;
    Ok(())
}

/// Lets every call go on until nobody lives under the filter any more.
fn serve(socket: &OwnedFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    recvmsg(socket, &mut [io::IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let listener = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    let listener = listener.ok_or(io::ErrorKind::UnexpectedEof)?;
    // Whoever waits for the end of the command's output must not wait for this process.
    let null = rustix::fs::open("/dev/null", rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    let _ = rustix::process::setsid();
    sendmsg(socket, &[io::IoSlice::new(&[0])], &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL)?;
    loop {
        let mut fds = [PollFd::new(&listener, PollFlags::IN)];
        match poll(&mut fds, None) {
            Err(rustix::io::Errno::INTR) => continue,
            result => result?,
        };
        let ready = fds[0].revents();
        if ready.contains(PollFlags::IN) {
            let_go(&listener);
        } else if ready.intersects(PollFlags::HUP | PollFlags::ERR) {
            // Linux 5.9: the last process under the filter has ended.
            return Ok(());
        }
    }
}

fn let_go(listener: &OwnedFd) {
    // SAFETY: plain data for which zero is valid, and which the kernel wants zeroed (seccomp_unotify(2)).
    let mut request: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the ioctl fills a structure of this size.
    let received =
        unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV as _, &raw mut request) };
    if received == 0 {
        let flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
        let response = libc::seccomp_notif_resp { id: request.id, val: 0, error: 0, flags };
        // SAFETY: the ioctl reads a structure of this size. It fails only if the process is gone.
        unsafe {
            libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND as _, &raw const response)
        };
    }
}

/// Covers a file of `/proc`, as container engines do: from then on the kernel refuses to mount another `/proc`
/// in a user namespace (fs/namespace.c, `mount_too_revealing`).
fn mask_proc() -> io::Result<()> {
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    // SAFETY: this process has one thread, so no other one shares what is unshared.
    let unshare = |flags| unsafe { rustix::thread::unshare_unsafe(flags) };
    if unshare(UnshareFlags::NEWNS).is_err() {
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
        // user_namespaces(7): without privilege gid_map can be written only after setgroups is denied.
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
        std::fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))?;
    }
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    for file in ["/proc/kcore", "/proc/timer_list", "/proc/keys"].map(Path::new) {
        if file.exists() {
            mount_bind("/dev/null", file)?;
        }
    }
    Ok(())
}

fn fork() -> io::Result<i32> {
    // SAFETY: this process has one thread, so the child finds no lock held by a thread that it does not have.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(pid),
    }
}

fn exit_now() -> ! {
    // SAFETY: _exit does not return and touches no memory of this process.
    unsafe { libc::_exit(0) }
}
