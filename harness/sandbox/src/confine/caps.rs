//! Giving up all capabilities for good, also as root.

use std::io;

use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// linux/capability.h: the kernel refuses numbers it does not know, and none has ever come near this.
const HIGHEST: libc::c_ulong = 63;
/// linux/securebits.h: `SECBIT_NOROOT` and `SECBIT_NO_SETUID_FIXUP` with their locks: uid 0 gives no capabilities on exec.
const ROOT_IS_NOBODY: libc::c_ulong = 0b1111;

/// Empties every capability set of this thread and sets `no_new_privs`.
pub(super) fn drop_all() -> io::Result<()> {
    // Both need CAP_SETPCAP. Who does not have it has no capabilities to hand on, which the last step checks.
    for capability in 0..=HIGHEST {
        // SAFETY: this prctl takes a number and no pointer.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    // SAFETY: this prctl takes a number and no pointer.
    unsafe { libc::prctl(libc::PR_SET_SECUREBITS, ROOT_IS_NOBODY, 0, 0, 0) };
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
