//! Priority, policy and processors of processes, where the function shares the host's process numbers.
//!
//! A barrier: the number stands in a register. Only numbers that cannot become another process's are let through:
//! those of the asking thread and of its process, which live as long as the call waits.

use super::{Answer, SyscallStop};
use crate::procfs;

/// Decides on a call that names a thread by number.
pub(super) fn look(stop: &SyscallStop) -> Answer {
    let by_kind = matches!(stop.nr, libc::SYS_setpriority | libc::SYS_ioprio_set);
    let target = stop.args[usize::from(by_kind)] as i32;
    let own = |it: u32| i32::try_from(it) == Ok(target);
    if target == 0 || own(stop.tid) || procfs::process_of(stop.tid).is_some_and(own) {
        return Answer::Continue;
    }
    Answer::Refuse(libc::EPERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_the_asking_process_is_scheduled() {
        let me = std::process::id();
        let check = |nr, args: [u64; 2], expected| {
            let stop = SyscallStop { tid: me, nr, args: [args[0], args[1], 0, 0, 0, 0] };
            assert_eq!(look(&stop), expected, "{nr} {args:?}");
        };
        check(libc::SYS_sched_setaffinity, [u64::from(me), 8], Answer::Continue);
        check(libc::SYS_sched_setscheduler, [1, 0], Answer::Refuse(libc::EPERM));
        check(libc::SYS_setpriority, [0, u64::from(me)], Answer::Continue);
        check(libc::SYS_setpriority, [u64::from(me), 1], Answer::Refuse(libc::EPERM));
    }
}
