//! Which system calls the function may not make.
//!
//! This is a deny list on top of Landlock and namespaces: it takes away what those do not cover and what no Lambda function needs.
//! What the warden sees of the others is in `watched`.

use std::{
    io,
    os::fd::{FromRawFd, OwnedFd},
};

use libc::{EACCES, EAFNOSUPPORT, ENOSYS, EPERM, sock_filter};

use super::{
    bpf::{Action, Assembler, Test},
    shared, watched,
};
use crate::{
    isolation::{Barriers, Processes, Watch},
    spec::Observe,
};

/// linux/audit.h.
#[cfg(target_arch = "x86_64")]
const AUDIT_ARCH: u32 = 0xc000_003e;
/// linux/audit.h.
#[cfg(target_arch = "aarch64")]
const AUDIT_ARCH: u32 = 0xc000_00b7;

/// x32 calls carry this bit (asm/unistd.h, `__X32_SYSCALL_BIT`) and would slip past rules by number.
#[cfg(target_arch = "x86_64")]
const FOREIGN_NUMBERS: Option<(u32, Action)> = Some((0x4000_0000, Action::Errno(ENOSYS)));
#[cfg(target_arch = "aarch64")]
const FOREIGN_NUMBERS: Option<(u32, Action)> = None;

/// Refused with EPERM, whatever the arguments.
const FORBIDDEN: &[i64] = &[
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_bpf,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    // io_uring does its work past seccomp, so none of the rules on sockets would hold.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_kcmp,
    libc::SYS_fanotify_init,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    // The kernel's log, where anybody may read it.
    libc::SYS_syslog,
    // open_tree_attr(2) of Linux 6.15, which does what open_tree and mount_setattr do. linux/unistd.h.
    467,
];

/// Requests of `ioctl` that are refused with EPERM.
///
/// asm-generic/ioctls.h: TIOCSTI types for the person at a terminal; linux/tiocl.h: TIOCLINUX does it by selection.
const FORBIDDEN_REQUESTS: [u32; 2] = [0x5412, 0x541c];

/// All `CLONE_NEW*` flags that `clone` takes. `CLONE_NEWTIME` exists for `clone3` and `unshare` only.
const NEW_NAMESPACE: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;

/// `SOCK_CLOEXEC` and `SOCK_NONBLOCK` are or'ed into the socket type; the type itself is the low nibble (linux/net.h, `SOCK_TYPE_MASK`).
const TYPE_MASK: u32 = 0xf;

/// The filter for a function confined by `barriers`, whose own process number is `function`.
pub(crate) fn filter(barriers: &Barriers, watch: Watch, observe: Observe, function: u32) -> Vec<sock_filter> {
    let mut asm = Assembler::new(AUDIT_ARCH, Action::Kill, FOREIGN_NUMBERS);
    for &nr in FORBIDDEN {
        asm.call(nr, Action::Errno(EPERM));
    }
    let new_namespace = Test::AnyBit { arg: 0, bits: NEW_NAMESPACE };
    asm.call_if(libc::SYS_clone, &[new_namespace], Action::Errno(EPERM));
    // The flags of clone3 are in memory, where a filter cannot look. libc falls back to clone on ENOSYS.
    asm.call(libc::SYS_clone3, Action::Errno(ENOSYS));
    // The function may add filters of its own, but not answer for the system calls of its children.
    let listener = Test::AnyBit { arg: 1, bits: libc::SECCOMP_FILTER_FLAG_NEW_LISTENER as u32 };
    asm.call_if(libc::SYS_seccomp, &[listener], Action::Errno(EPERM));
    let requests = Test::OneOf { arg: 1, mask: !0, values: FORBIDDEN_REQUESTS.to_vec() };
    asm.call_if(libc::SYS_ioctl, &[requests], Action::Errno(EPERM));
    // fcntl(2), F_SETLEASE: whoever opens a file of the same user would wait for the function.
    let lease = Test::OneOf { arg: 1, mask: !0, values: vec![libc::F_SETLEASE as u32] };
    asm.call_if(libc::SYS_fcntl, &[lease], Action::Errno(EPERM));
    watched::signals(&mut asm, barriers, watch, function);
    sockets(&mut asm);
    if !barriers.has_own_files() {
        host_network(&mut asm);
        shared::with_host(&mut asm, watch);
    }
    if barriers.processes == Processes::Host {
        shared::scheduling(&mut asm, watch, function);
    }
    // Last: what is refused needs no look.
    watched::observed(&mut asm, watch, observe);
    asm.finish(Action::Allow)
}

/// Families that no Lambda function has: netlink, packet, vsock, bluetooth and so on.
fn sockets(asm: &mut Assembler) {
    let families = [libc::AF_INET, libc::AF_INET6, libc::AF_UNIX].map(|it| it as u32);
    let other = Test::NoneOf { arg: 0, mask: !0, values: families.to_vec() };
    asm.call_if(libc::SYS_socket, &[other], Action::Errno(EAFNOSUPPORT));
}

/// What is open in the host's network namespace beside TCP, which is Landlock's part.
fn host_network(asm: &mut Assembler) {
    let unix = || Test::OneOf { arg: 0, mask: !0, values: vec![libc::AF_UNIX as u32] };
    let inet = || Test::OneOf { arg: 0, mask: !0, values: vec![libc::AF_INET as u32, libc::AF_INET6 as u32] };
    let denied = Action::Errno(EACCES);
    // Any socket of the host could be reached: docker.sock, the session bus.
    asm.call_if(libc::SYS_socket, &[unix()], denied);
    // A datagram socket of a pair can be connected elsewhere afterwards, a stream cannot (EISCONN).
    let connected = vec![libc::SOCK_STREAM as u32, libc::SOCK_SEQPACKET as u32];
    let datagram = Test::NoneOf { arg: 1, mask: TYPE_MASK, values: connected };
    asm.call_if(libc::SYS_socketpair, &[unix(), datagram], denied);
    // Landlock knows TCP only: no UDP, no raw sockets, and among streams no MPTCP, SCTP, SMC.
    let stream = vec![libc::SOCK_STREAM as u32];
    let not_stream = Test::NoneOf { arg: 1, mask: TYPE_MASK, values: stream };
    asm.call_if(libc::SYS_socket, &[inet(), not_stream], denied);
    let tcp = vec![0, libc::IPPROTO_TCP as u32];
    let not_tcp = Test::NoneOf { arg: 2, mask: !0, values: tcp };
    asm.call_if(libc::SYS_socket, &[inet(), not_tcp], denied);
    // listen(2): a socket without a port gets one, where Landlock's bind rule is not asked. Nobody could be let in anyway.
    asm.call(libc::SYS_listen, denied);
    // TCP Fast Open connects while sending, where Landlock's connect rule is not asked.
    for (nr, flags) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)] {
        let fast_open = Test::AnyBit { arg: flags, bits: libc::MSG_FASTOPEN as u32 };
        asm.call_if(nr, &[fast_open], denied);
    }
}

/// Whether `install` returns a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    Wanted,
    None,
}

/// Puts the filter on this thread. It cannot be taken off.
pub(crate) fn install(filter: &[sock_filter], listener: Listener) -> io::Result<Option<OwnedFd>> {
    if listener == Listener::None {
        return set(filter, 0).map(|_| None);
    }
    // With WAIT_KILLABLE_RECV (Linux 5.19) a signal does not restart a call that the warden already looks at.
    // Go programs, which preempt themselves by signals, would be reported twice or forever without it.
    let wanted = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    let fd = match set(filter, wanted | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) {
        Err(err) if err.raw_os_error() == Some(libc::EINVAL) => set(filter, wanted)?,
        result => result?,
    };
    // SAFETY: with NEW_LISTENER the call returns a new descriptor that nobody else owns.
    Ok(Some(unsafe { OwnedFd::from_raw_fd(fd) }))
}

fn set(filter: &[sock_filter], flags: libc::c_ulong) -> io::Result<i32> {
    let len = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    // SAFETY: `program` points to `len` instructions that live during the call; the kernel only reads them.
    let result =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result as i32) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{confine::bpf::run, isolation::Namespaces, spec::Observed};

    const HOST: Barriers =
        Barriers { landlock: Some(4), namespaces: Namespaces::Host, processes: Processes::Host };
    const OWN: Barriers =
        Barriers { landlock: None, namespaces: Namespaces::User, processes: Processes::Host };

    /// An older kernel, without signal scope.
    const OLD: Barriers = Barriers { landlock: Some(5), ..HOST };
    /// A newer one.
    const NEW: Barriers = Barriers { landlock: Some(6), ..HOST };
    const EVERYTHING: Observe = Observe { network: Observed::Watched, opens: Observed::Watched, only: None };
    const EXECS: Observe = Observe { network: Observed::Unwatched, opens: Observed::Unwatched, only: None };
    const FUNCTION: u32 = 4711;

    #[track_caller]
    fn check(barriers: Barriers, nr: i64, args: &[i32], expected: Action) {
        check_with(barriers, Watch::Ptrace, Observe::default(), nr, args, expected);
    }

    #[track_caller]
    fn check_with(
        barriers: Barriers,
        watch: Watch,
        observe: Observe,
        nr: i64,
        args: &[i32],
        expected: Action,
    ) {
        let mut all = [0; 6];
        for (to, from) in all.iter_mut().zip(args) {
            *to = *from as u32 as u64;
        }
        let code = run(&filter(&barriers, watch, observe, FUNCTION), AUDIT_ARCH, nr, all);
        let wanted = match expected {
            Action::Allow => libc::SECCOMP_RET_ALLOW,
            Action::Errno(errno) => libc::SECCOMP_RET_ERRNO | errno as u32,
            Action::Kill => libc::SECCOMP_RET_KILL_PROCESS,
            Action::Notify => libc::SECCOMP_RET_USER_NOTIF,
            Action::Trace => libc::SECCOMP_RET_TRACE,
        };
        assert_eq!(code, wanted);
    }

    #[test]
    fn sockets_depend_on_the_network_namespace() {
        use libc::*;
        let tcp = [AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0];
        let udp = [AF_INET6, SOCK_DGRAM, 0];
        let unix = [AF_UNIX, SOCK_STREAM, 0];
        check(HOST, SYS_socket, &tcp, Action::Allow);
        check(HOST, SYS_socket, &[AF_INET, SOCK_STREAM, 262], Action::Errno(EACCES));
        check(HOST, SYS_socket, &udp, Action::Errno(EACCES));
        check(HOST, SYS_socket, &unix, Action::Errno(EACCES));
        check(HOST, SYS_socketpair, &unix, Action::Allow);
        check(HOST, SYS_socketpair, &[AF_UNIX, SOCK_DGRAM, 0], Action::Errno(EACCES));
        check(HOST, SYS_sendto, &[3, 0, 0, MSG_FASTOPEN], Action::Errno(EACCES));
        check(HOST, SYS_sendto, &[3, 0, 0, MSG_NOSIGNAL], Action::Allow);
        check(OWN, SYS_socket, &udp, Action::Allow);
        check(OWN, SYS_socket, &unix, Action::Allow);
        check(OWN, SYS_socket, &[AF_NETLINK, SOCK_RAW, 0], Action::Errno(EAFNOSUPPORT));
    }

    #[test]
    fn namespaces_and_tracing_are_refused_and_execs_are_seen() {
        check(OWN, libc::SYS_ptrace, &[], Action::Errno(EPERM));
        check(OWN, libc::SYS_clone, &[libc::CLONE_NEWUSER | libc::SIGCHLD], Action::Errno(EPERM));
        check(OWN, libc::SYS_clone, &[libc::CLONE_VM | libc::CLONE_THREAD], Action::Allow);
        check(OWN, libc::SYS_clone3, &[], Action::Errno(ENOSYS));
        check(OWN, libc::SYS_execve, &[], Action::Trace);
        check(OWN, libc::SYS_execveat, &[], Action::Trace);
        check_with(OWN, Watch::Off, EVERYTHING, libc::SYS_execve, &[], Action::Allow);
    }

    #[test]
    fn signals_wait_for_the_warden_where_the_kernel_has_no_scope() {
        use libc::*;
        for barriers in [HOST, OWN, OLD, NEW] {
            check(barriers, SYS_kill, &[-1, SIGKILL], Action::Errno(EPERM));
            check(barriers, SYS_prlimit64, &[1, 0, 1], Action::Errno(EPERM));
            check(barriers, SYS_prlimit64, &[1, 0, 0, 1], Action::Allow);
            check(barriers, SYS_prlimit64, &[0, 0, 1], Action::Allow);
        }
        for nr in [
            SYS_kill,
            SYS_tkill,
            SYS_tgkill,
            SYS_rt_sigqueueinfo,
            SYS_rt_tgsigqueueinfo,
            SYS_pidfd_send_signal,
        ] {
            check(NEW, nr, &[1, SIGKILL], Action::Allow);
            check(OLD, nr, &[1, SIGKILL], Action::Trace);
            check_with(OWN, Watch::UserNotification, EXECS, nr, &[1, SIGKILL], Action::Notify);
            check_with(OLD, Watch::Off, EXECS, nr, &[1, SIGKILL], Action::Errno(EPERM));
        }
        let own = FUNCTION as i32;
        for (nr, args) in [(SYS_kill, [0, SIGTERM]), (SYS_kill, [own, SIGTERM]), (SYS_tgkill, [own, 1])] {
            check_with(OLD, Watch::Off, EXECS, nr, &args, Action::Allow);
        }
        for cmd in [0x8901, 0x8902] {
            check(OLD, SYS_ioctl, &[3, cmd], Action::Errno(EPERM));
            check(NEW, SYS_ioctl, &[3, cmd], Action::Allow);
        }
        check(OLD, SYS_fcntl, &[3, 15], Action::Errno(EPERM));
        check(OLD, SYS_fcntl, &[3, F_SETOWN, 1], Action::Trace);
        check(OLD, SYS_fcntl, &[3, F_SETFL, 1], Action::Allow);
        check_with(OLD, Watch::Off, EXECS, SYS_fcntl, &[3, F_SETOWN, 1], Action::Errno(EPERM));
        check_with(OLD, Watch::Off, EXECS, SYS_fcntl, &[3, F_SETOWN, own], Action::Allow);
    }

    #[test]
    fn only_what_was_asked_for_is_watched() {
        use libc::*;
        let both = [(OWN, Watch::UserNotification, Action::Notify), (HOST, Watch::Ptrace, Action::Trace)];
        for (barriers, watch, stop) in both {
            for nr in [SYS_connect, SYS_bind, SYS_sendmmsg, SYS_sendmsg] {
                check_with(barriers, watch, EVERYTHING, nr, &[3], stop);
                check_with(barriers, watch, EXECS, nr, &[3], Action::Allow);
                check_with(barriers, Watch::Off, EVERYTHING, nr, &[3], Action::Allow);
            }
            check_with(barriers, watch, EVERYTHING, SYS_sendto, &[3, 1, 1, 0, 1, 16], stop);
            check_with(barriers, watch, EVERYTHING, SYS_sendto, &[3, 1, 1, 0, 0, 0], Action::Allow);
            check_with(barriers, watch, EVERYTHING, SYS_sendmsg, &[3, 1, 0x4010], Action::Allow);
            check_with(barriers, watch, EVERYTHING, SYS_write, &[3, 1, 1], Action::Allow);
            for nr in [SYS_openat, SYS_openat2, SYS_unlinkat, SYS_renameat2] {
                check_with(barriers, watch, EVERYTHING, nr, &[3], stop);
                check_with(barriers, watch, Observe::default(), nr, &[3], Action::Allow);
            }
        }
    }
}
