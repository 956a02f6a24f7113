//! Which system calls wait until the warden has seen them.
//!
//! A filter sees registers only, so a rule is as narrow as registers allow: `send` on a connected socket, which functions use
//! for every answer, never waits.

use libc::EPERM;

use super::bpf::{Action, Assembler, Test};
use crate::{
    isolation::{Barriers, Watch},
    sock::PAST_THE_WATCH,
    spec::{Observe, Observed},
};

/// linux/sockios.h and asm-generic/sockios.h: both set the process that gets SIGIO, with the number in memory.
const SET_OWNER: [u32; 2] = [0x8901, 0x8902];

/// Execs, and what else was asked for. `None`: nothing is watched.
pub(super) fn observed(asm: &mut Assembler, watch: Watch, observe: Observe) {
    let Some(stop) = action(watch) else {
        return;
    };
    asm.call(libc::SYS_execve, stop);
    asm.call(libc::SYS_execveat, stop);
    if observe.network == Observed::Watched {
        network(asm, stop);
    }
    if observe.opens == Observed::Watched {
        for &nr in OPENS {
            asm.call(nr, stop);
        }
    }
}

pub(super) fn action(watch: Watch) -> Option<Action> {
    match watch {
        Watch::UserNotification => Some(Action::Notify),
        Watch::Ptrace => Some(Action::Trace),
        Watch::Off => None,
    }
}

fn network(asm: &mut Assembler, stop: Action) {
    asm.call(libc::SYS_connect, stop);
    asm.call(libc::SYS_bind, stop);
    asm.call_if(libc::SYS_sendto, &[Test::NotNull { arg: 4 }], stop);
    // Whether these name a destination is in memory. Few programs use them but for datagrams.
    asm.call(libc::SYS_sendmmsg, stop);
    // The child itself sends the listener this way, when nobody can answer yet.
    let function = Test::NoneOf { arg: 2, mask: PAST_THE_WATCH, values: vec![PAST_THE_WATCH] };
    asm.call_if(libc::SYS_sendmsg, &[function], stop);
}

const OPENS: &[i64] = &[
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_renameat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
];

/// Signals and what sends them, where the kernel would let them out of the tree.
///
/// With a watch the warden decides, and delivers itself. Without one only what names the function itself by number goes through:
/// `kill` to its own group or itself, `tgkill` to its own threads (Go's scheduler, `raise`, `abort`).
/// Its children have numbers that no filter knows; they can signal their group and nobody else.
/// That number could be given to another process after the function's end; nothing but a watch can rule that out.
pub(super) fn signals(asm: &mut Assembler, barriers: &Barriers, watch: Watch, function: u32) {
    let denied = Action::Errno(EPERM);
    // kill(2): everything that the user may signal.
    let everybody = Test::OneOf { arg: 0, mask: !0, values: vec![u32::MAX] };
    asm.call_if(libc::SYS_kill, &[everybody], denied);
    // A limit on processor time is a signal, too (getrlimit(2), SIGXCPU), and asks for the same user only.
    let other = Test::NoneOf { arg: 0, mask: !0, values: vec![0] };
    asm.call_if(libc::SYS_prlimit64, &[other, Test::NotNull { arg: 2 }], denied);
    if !barriers.let_signals_out() {
        return;
    }
    let own = |values: &[u32]| Test::NoneOf { arg: 0, mask: !0, values: values.to_vec() };
    let set_owner = Test::OneOf { arg: 1, mask: !0, values: vec![libc::F_SETOWN as u32] };
    // Both take the process from memory.
    let set_owner_ex = Test::OneOf { arg: 1, mask: !0, values: vec![F_SETOWN_EX] };
    asm.call_if(libc::SYS_fcntl, &[set_owner_ex], denied);
    asm.call_if(libc::SYS_ioctl, &[Test::OneOf { arg: 1, mask: !0, values: SET_OWNER.to_vec() }], denied);
    match action(watch) {
        Some(stop) => {
            for nr in SENDING {
                asm.call(nr, stop);
            }
            asm.call_if(libc::SYS_fcntl, &[set_owner], stop);
        }
        None => {
            asm.call_if(libc::SYS_kill, &[own(&[0, function])], denied);
            asm.call_if(libc::SYS_tgkill, &[own(&[function])], denied);
            asm.call_if(libc::SYS_rt_sigqueueinfo, &[own(&[function])], denied);
            asm.call_if(libc::SYS_rt_tgsigqueueinfo, &[own(&[function])], denied);
            asm.call(libc::SYS_tkill, denied);
            asm.call(libc::SYS_pidfd_send_signal, denied);
            let nobody = Test::NoneOf { arg: 2, mask: !0, values: vec![0, function] };
            asm.call_if(libc::SYS_fcntl, &[set_owner, nobody], denied);
        }
    }
}

/// asm-generic/fcntl.h.
const F_SETOWN_EX: u32 = 15;

const SENDING: [i64; 6] = [
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
];
