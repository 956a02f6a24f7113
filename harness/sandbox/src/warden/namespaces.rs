//! Entering namespaces: all but the mount namespace, which is the child's, so that the warden keeps seeing the host's
//! `/proc`. A pid namespace is for the children of whoever makes it.

use std::{
    fs, io,
    os::fd::{AsFd, AsRawFd},
};

use rustix::thread::{UnshareFlags, unshare_unsafe};

use crate::{
    error::{At, Failure, Stage},
    identity::Identity,
    isolation::{Namespaces, Processes},
    sock::{self, Wait},
    sys::{self, Forked},
    wire::Order,
};

/// Enters what `order` wants.
pub(super) fn enter(order: &Order) -> Result<(), Failure> {
    const HERE: Stage = Stage::Namespaces;
    match order.barriers.namespaces {
        Namespaces::Host => return Ok(()),
        Namespaces::User => user(order.identity)?,
        Namespaces::Privileged => {}
    }
    let inner = UnshareFlags::NEWNET | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    // SAFETY: one thread, so nothing is shared with another one.
    unsafe { unshare_unsafe(inner) }.at(HERE, "net, ipc, uts")?;
    rustix::system::sethostname(b"sandbox").at(HERE, "host name")?;
    loopback_up().at(HERE, "loopback interface")?;
    if order.barriers.processes == Processes::Own {
        // SAFETY: as above.
        unsafe { unshare_unsafe(UnshareFlags::NEWPID) }.at(Stage::Processes, "pid namespace")?;
    }
    Ok(())
}

fn user(identity: Identity) -> Result<(), Failure> {
    const HERE: Stage = Stage::Namespaces;
    let unshare = || {
        // SAFETY: one thread, so nothing is shared with another one.
        unsafe { unshare_unsafe(UnshareFlags::NEWUSER) }.at(HERE, "user namespace")
    };
    let (uids, gids) = identity.maps();
    if identity.changes() {
        // user_namespaces(7): more than the own uid can be mapped from outside only.
        return from_outside(unshare, &uids, &gids);
    }
    unshare()?;
    // user_namespaces(7): without privilege gid_map can be written only after setgroups is denied.
    fs::write("/proc/self/setgroups", "deny").at(HERE, "setgroups")?;
    fs::write("/proc/self/uid_map", uids).at(HERE, "uid map")?;
    fs::write("/proc/self/gid_map", gids).at(HERE, "gid map")
}

/// Has a child, which stays outside, write the maps once `unshare` is done.
fn from_outside(
    unshare: impl FnOnce() -> Result<(), Failure>,
    uids: &str,
    gids: &str,
) -> Result<(), Failure> {
    const HERE: Stage = Stage::Namespaces;
    let (mine, theirs) = sock::pair().at(HERE, "socket pair")?;
    let warden = std::process::id();
    let writer = match sys::fork().at(HERE, "writer of the maps")? {
        Forked::Parent(pid) => pid,
        Forked::Child => {
            // Else the end of the warden's side would never be heard here.
            drop(mine);
            let write = || {
                sock::recv(theirs.as_fd(), &mut [0; 1], Wait::Yes)?.ok_or(io::ErrorKind::UnexpectedEof)?;
                fs::write(format!("/proc/{warden}/uid_map"), uids)?;
                fs::write(format!("/proc/{warden}/gid_map"), gids)
            };
            let errno = write().err().map_or(0, |err: io::Error| err.raw_os_error().unwrap_or(libc::EIO));
            let _ = sock::send(theirs.as_fd(), &errno.to_ne_bytes(), &[], Wait::Yes);
            sys::exit_now(0)
        }
    };
    drop(theirs);
    let unshared = unshare();
    let mut errno = [0; 4];
    let written = unshared.and_then(|()| {
        sock::send(mine.as_fd(), &[0], &[], Wait::Yes).at(HERE, "writer of the maps")?;
        sock::recv(mine.as_fd(), &mut errno, Wait::Yes).at(HERE, "writer of the maps")?;
        match i32::from_ne_bytes(errno) {
            0 => Ok(()),
            errno => Err(Failure::new(HERE, "uid and gid maps", io::Error::from_raw_os_error(errno))),
        }
    });
    // Also after a failure: the closed socket lets the child go.
    drop(mine);
    let pid = i32::try_from(writer).ok().and_then(rustix::process::Pid::from_raw);
    let _ = rustix::process::waitpid(pid, rustix::process::WaitOptions::empty());
    written
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
