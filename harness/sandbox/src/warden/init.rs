//! The init of a pid namespace: adopts and buries what the function orphans. When it dies, everything in there dies.
//!
//! The function is not its child but the warden's, so exit status, signals and ptrace work as without a namespace, and
//! the function is not pid 1, which would ignore its own SIGTERM and SIGSEGV (pid_namespaces(7)).

use std::{io, os::fd::AsFd, path::Path};

use crate::{
    confine,
    sock::{self, Wait},
    sys::{self, Forked},
};

/// Forks it. The caller has just made the namespace, so its first child is pid 1 there.
///
/// `empty` is a directory that becomes its root: what it holds of the host, nobody can reach through it.
pub(super) fn start(empty: &Path) -> io::Result<u32> {
    // One that could not lock itself in must not be there: the parent hears of it before anybody else is started.
    let (mine, theirs) = sock::pair()?;
    let pid = match sys::fork()? {
        Forked::Parent(pid) => pid,
        Forked::Child => {
            drop(mine);
            let done = lock_in(empty);
            let errno = done.err().map_or(0, |err| err.raw_os_error().unwrap_or(libc::EIO));
            let _ = sock::send(theirs.as_fd(), &errno.to_ne_bytes(), &[], Wait::Yes);
            if errno != 0 {
                sys::exit_now(1);
            }
            let _ = sys::close_all_but(&[]);
            sys::wait_for_the_end()
        }
    };
    drop(theirs);
    let mut errno = [0; 4];
    let heard = sock::recv(mine.as_fd(), &mut errno, Wait::Yes)?;
    match (heard, i32::from_ne_bytes(errno)) {
        (Some(_), 0) => Ok(pid),
        (Some(_), errno) => Err(io::Error::from_raw_os_error(errno)),
        (None, _) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn lock_in(empty: &Path) -> io::Result<()> {
    // getppid(2) says 0: the parent is outside.
    sys::die_with(0)?;
    sys::bury_children_unseen()?;
    rustix::process::chroot(empty)?;
    rustix::process::chdir("/")?;
    confine::drop_all_capabilities()?;
    // Its memory is a copy of the warden's: nobody inside may look.
    Ok(rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?)
}
