//! Giving up all capabilities for good, also as root.

use std::io;

use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// linux/capability.h: the kernel refuses numbers it does not know, and none has ever come near this.
const HIGHEST: libc::c_ulong = 63;
/// linux/securebits.h: `SECBIT_NOROOT` and `SECBIT_NO_SETUID_FIXUP` with their locks: uid 0 gives no capabilities on exec.
/// The second one also keeps capabilities over the change of uid, until they are dropped here.
const ROOT_IS_NOBODY: libc::c_ulong = 0b1111;

/// Becomes `user` (uid and gid), if there is one to become, empties every capability set of this thread and sets
/// `no_new_privs`.
pub(super) fn drop_all(user: Option<(u32, u32)>) -> io::Result<()> {
    // Both need CAP_SETPCAP. Who does not have it has no capabilities to hand on, which the last step checks.
    for capability in 0..=HIGHEST {
        // SAFETY: this prctl takes a number and no pointer.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    // SAFETY: this prctl takes a number and no pointer.
    unsafe { libc::prctl(libc::PR_SET_SECUREBITS, ROOT_IS_NOBODY, 0, 0, 0) };
    if let Some((uid, gid)) = user {
        become_user(uid, gid)?;
    }
    // Unknown to kernels before 4.3, which have no ambient set.
    let _ = rustix::thread::clear_ambient_capability_set();
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    rustix::thread::set_no_new_privs(true)?;
    let left = capabilities(None)?;
    if left.permitted.is_empty() && left.effective.is_empty() && left.inheritable.is_empty() {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// For good: real, effective and saved numbers, and no further groups. By system call, since libc would ask all threads.
fn become_user(uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: an empty list needs no memory.
    check(unsafe { libc::syscall(libc::SYS_setgroups, 0usize, std::ptr::null::<libc::gid_t>()) })?;
    // SAFETY: these calls take numbers only.
    check(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })?;
    // SAFETY: as above.
    check(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) })
}

fn check(result: libc::c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
