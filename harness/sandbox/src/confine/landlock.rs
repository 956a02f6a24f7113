//! Landlock: the kernel's own list of allowed paths and ports.
//!
//! The full set of rights that the running kernel knows is handled, with a hard requirement:
//! a best effort that silently enforces less is worse than an error (NVIDIA/OpenShell#803).

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};

use super::{Inside, base, own_proc};
use crate::isolation::Processes;

/// The ABI of the kernel's Landlock, if it has one that can be used.
pub(crate) fn kernel_abi() -> Option<u32> {
    ask_landlock().ok()
}

/// Asks the kernel, not `/sys/kernel/security/lsm`, which is missing in containers and on WSL2.
pub(crate) fn ask_landlock() -> io::Result<u32> {
    /// linux/landlock.h, `LANDLOCK_CREATE_RULESET_VERSION`.
    const VERSION: u32 = 1;
    // SAFETY: with VERSION the kernel reads neither pointer nor size and returns a number.
    let abi =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0usize, VERSION) };
    match u32::try_from(abi) {
        Ok(0) => Err(io::ErrorKind::Unsupported.into()),
        Ok(abi) => Ok(abi),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

/// Confines this thread and everything it starts.
///
/// Returns what must stay open as long as the rules are to hold.
pub(super) fn restrict(abi: u32, inside: &Inside<'_>) -> Result<Vec<OwnedFd>, io::Error> {
    let known = ABI::from(i32::try_from(abi).unwrap_or(i32::MAX));
    let all = AccessFs::from_all(known);
    let read = AccessFs::from_read(known);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(all)
        .map_err(wrap)?;
    let filter_tcp = known >= ABI::V4 && !inside.barriers.has_own_files();
    if filter_tcp {
        ruleset = ruleset.handle_access(AccessNet::from_all(known)).map_err(wrap)?;
    }
    if known >= ABI::V6 {
        ruleset = ruleset.scope(Scope::from_all(known)).map_err(wrap)?;
    }
    let mut created = ruleset.create().map_err(wrap)?;

    let base = &inside.base;
    for path in base.directories.iter().chain(&base.etc_public) {
        created = allow(created, path, read)?;
    }
    let mut held = Vec::new();
    if inside.barriers.processes == Processes::Own {
        created = allow(created, Path::new("/proc"), read)?;
    } else {
        let granted = own_proc::open(std::process::id());
        for fd in &granted.readable {
            created = allow_open(created, fd, read)?;
        }
        for fd in &granted.listed {
            created = allow_open(created, fd, AccessFs::ReadDir.into())?;
        }
        held = granted.readable;
        held.extend(granted.listed);
    }
    for piece in inside.spec.read.iter().chain(&inside.spec.canaries) {
        created = allow(created, piece.place(&inside.barriers), read)?;
    }
    let device = AccessFs::ReadFile | AccessFs::WriteFile;
    for path in base::DEVICES {
        created = allow(created, Path::new(path), device)?;
    }
    // Where it is a link, it leads out of `/etc`.
    created = allow(created, Path::new("/etc/resolv.conf"), read)?;
    created = allow(created, inside.scratch(), all)?;
    if inside.barriers.has_own_files() {
        // The root holds nothing but mount points: listing it is harmless, and programs expect to be able to.
        created = allow(created, Path::new("/"), AccessFs::ReadDir.into())?;
    }
    if filter_tcp && inside.port != 0 {
        let service = NetPort::new(inside.port, AccessNet::ConnectTcp);
        created = created.add_rule(service).map_err(wrap)?;
    }
    let status = created.restrict_self().map_err(wrap)?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(held),
        other => Err(io::Error::other(format!("the kernel enforces less than asked: {other:?}"))),
    }
}

/// Allows `access` to `path` and below. A path that does not exist needs no rule.
fn allow(
    created: landlock::RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> io::Result<landlock::RulesetCreated> {
    let Ok(fd) = PathFd::new(path) else {
        return Ok(created);
    };
    let of_files = AccessFs::from_file(ABI::V5);
    let access = if path.is_dir() { access } else { access & of_files };
    created.add_rule(PathBeneath::new(fd, access)).map_err(wrap)
}

/// Allows `access` to an open file or folder.
fn allow_open(
    created: landlock::RulesetCreated,
    fd: &OwnedFd,
    access: BitFlags<AccessFs>,
) -> io::Result<landlock::RulesetCreated> {
    let mode = rustix::fs::fstat(fd)?.st_mode;
    let is_folder = rustix::fs::FileType::from_raw_mode(mode) == rustix::fs::FileType::Directory;
    let access = if is_folder { access } else { access & AccessFs::from_file(ABI::V5) };
    created.add_rule(PathBeneath::new(fd.as_fd(), access)).map_err(wrap)
}

fn wrap(err: impl std::error::Error) -> io::Error {
    let mut text = err.to_string();
    let mut source = err.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    io::Error::other(text)
}
