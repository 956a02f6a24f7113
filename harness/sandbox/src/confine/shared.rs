//! What all processes of a machine share where no namespace parts them, and Landlock does not cover.
//!
//! Landlock speaks of opening files and of TCP ports. Names of System V and POSIX queues, watches on folders, modes and
//! times of files (landlock(7), "Current limitations") and the priority of processes need rules of their own.

use libc::{EACCES, ENOSYS, EOPNOTSUPP, EPERM};

use super::{
    bpf::{Action, Assembler, Test},
    watched,
};
use crate::isolation::Watch;

/// Names that belong to the machine (sysvipc(7)). As in a kernel without them: programs fall back to files.
const SYSTEM_V: &[i64] = &[
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
];

/// What tells of other processes' files, and POSIX queues (mq_overview(7)).
const DENIED: &[i64] = &[libc::SYS_inotify_add_watch, libc::SYS_mq_open, libc::SYS_mq_unlink];

/// Calls that change what a file says about itself. The owner may, wherever the file lies; the warden does them in scratch.
pub(crate) const METADATA: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];

/// The same in a newer form, which no C library uses yet: setxattrat, removexattrat (Linux 6.13), file_setattr (6.17).
/// Numbers of asm-generic/unistd.h, which are the same on all machines.
const NEW_METADATA: [i64; 3] = [463, 466, 469];

/// linux/fs.h: FS_IOC_SETFLAGS, FS_IOC_SETVERSION, FS_IOC_FSSETXATTR, FS_IOC_ENABLE_VERITY, which the owner may use on
/// a file that is open for reading.
const METADATA_REQUESTS: [u32; 4] = [0x4008_6602, 0x4008_7602, 0x401c_5820, 0x4080_6685];

/// Calls that change how a process is scheduled.
pub(crate) const SCHEDULING: [i64; 6] = [
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setattr,
];

/// linux/ioprio.h, `IOPRIO_WHO_PROCESS`.
const IOPRIO_WHO_PROCESS: u32 = 1;

/// Files and names of the host.
pub(super) fn with_host(asm: &mut Assembler, watch: Watch) {
    for &nr in SYSTEM_V {
        asm.call(nr, Action::Errno(ENOSYS));
    }
    for &nr in DENIED {
        asm.call(nr, Action::Errno(EACCES));
    }
    // Scratch is a folder of the host, whose size is looked at now and then. This call fills a disk within one look;
    // posix_fallocate(3) writes instead.
    asm.call(libc::SYS_fallocate, Action::Errno(EOPNOTSUPP));
    for nr in NEW_METADATA {
        asm.call(nr, Action::Errno(ENOSYS));
    }
    let requests = Test::OneOf { arg: 1, mask: !0, values: METADATA_REQUESTS.to_vec() };
    asm.call_if(libc::SYS_ioctl, &[requests], Action::Errno(EPERM));
    let action = watched::action(watch).unwrap_or(Action::Errno(EPERM));
    for &nr in METADATA {
        asm.call(nr, action);
    }
}

/// Processes of the host. The asking thread is always 0; the warden knows which other numbers are its own.
///
/// Without a watch only the number of the function itself, `function`, is known to be its own.
pub(super) fn scheduling(asm: &mut Assembler, watch: Watch, function: u32) {
    for nr in SCHEDULING {
        let by_kind = nr == libc::SYS_setpriority || nr == libc::SYS_ioprio_set;
        let who = u32::from(by_kind);
        let own = match watched::action(watch) {
            Some(_) => vec![0],
            None => vec![0, function],
        };
        if by_kind {
            let kind = if nr == libc::SYS_ioprio_set { IOPRIO_WHO_PROCESS } else { libc::PRIO_PROCESS };
            let other_kind = Test::NoneOf { arg: 0, mask: !0, values: vec![kind] };
            // A group's or a user's number 0 is the own one, and a user's processes are everywhere.
            asm.call_if(nr, &[other_kind], Action::Errno(EPERM));
        }
        let other = Test::NoneOf { arg: who, mask: !0, values: own };
        asm.call_if(nr, &[other], watched::action(watch).unwrap_or(Action::Errno(EPERM)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confine::bpf::run;

    const MACHINE: u32 = 7;
    const FUNCTION: u32 = 4711;

    #[track_caller]
    fn check(watch: Watch, nr: i64, args: &[i32], expected: u32) {
        let mut asm = Assembler::new(MACHINE, Action::Kill, None);
        with_host(&mut asm, watch);
        scheduling(&mut asm, watch, FUNCTION);
        let mut all = [0; 6];
        for (to, from) in all.iter_mut().zip(args) {
            *to = u64::from(*from as u32);
        }
        assert_eq!(run(&asm.finish(Action::Allow), MACHINE, nr, all), expected, "{nr} {args:?} {watch:?}");
    }

    #[test]
    fn files_are_changed_by_the_warden_or_not_at_all() {
        let errno = |it: i32| libc::SECCOMP_RET_ERRNO | it as u32;
        for &nr in METADATA {
            check(Watch::UserNotification, nr, &[], libc::SECCOMP_RET_USER_NOTIF);
            check(Watch::Ptrace, nr, &[], libc::SECCOMP_RET_TRACE);
            check(Watch::Off, nr, &[], errno(EPERM));
        }
        check(Watch::Off, libc::SYS_ioctl, &[3, 0x4008_6602], errno(EPERM));
        check(Watch::Off, libc::SYS_ioctl, &[3, 0x5413], libc::SECCOMP_RET_ALLOW);
        check(Watch::Ptrace, libc::SYS_shmget, &[], errno(ENOSYS));
        check(Watch::Ptrace, libc::SYS_inotify_add_watch, &[], errno(EACCES));
    }

    #[test]
    fn others_are_not_scheduled() {
        use libc::*;
        let (allow, trace) = (SECCOMP_RET_ALLOW, SECCOMP_RET_TRACE);
        let refused = SECCOMP_RET_ERRNO | EPERM as u32;
        for nr in [SYS_setpriority, SYS_ioprio_set] {
            let process = i32::from(nr == SYS_ioprio_set);
            check(Watch::Ptrace, nr, &[process, 0], allow);
            check(Watch::Ptrace, nr, &[process, 12], trace);
            check(Watch::Ptrace, nr, &[process + 1, 0], refused);
            check(Watch::Ptrace, nr, &[process + 2, 0], refused);
            check(Watch::Off, nr, &[process, FUNCTION as i32], allow);
            check(Watch::Off, nr, &[process, 12], refused);
        }
        for nr in [SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr] {
            check(Watch::Ptrace, nr, &[0], allow);
            check(Watch::Ptrace, nr, &[12], trace);
            check(Watch::Off, nr, &[FUNCTION as i32], allow);
            check(Watch::Off, nr, &[12], refused);
        }
    }
}
