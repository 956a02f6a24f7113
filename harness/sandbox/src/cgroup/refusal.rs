//! Why groups cannot be made somewhere, in words for `evfuzz doctor`.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use super::parse::Version;

/// What speaks against one place.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    /// The mount is read-only.
    ReadOnly(PathBuf),
    /// The directory belongs to someone else.
    NotOurs(PathBuf, Version),
    /// v2: our own group has processes, so it cannot give controllers to children.
    HasProcesses(PathBuf),
    /// v2: the group does not give the controller to its children.
    NotOffered(PathBuf),
    /// Our own group is outside of what is mounted here.
    Outside(PathBuf),
    /// Groups of another kind than asked for appear there.
    Unusable(PathBuf, String),
    /// Anything else, with the kernel's words.
    Failed(PathBuf, String),
}

impl Refusal {
    /// From trying to make or enter a group in `dir`.
    pub(super) fn making(dir: &Path, version: Version, err: &io::Error) -> Refusal {
        match err.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Refusal::ReadOnly(dir.to_owned()),
            io::ErrorKind::PermissionDenied => Refusal::NotOurs(dir.to_owned(), version),
            _ => Refusal::Failed(dir.to_owned(), err.to_string()),
        }
    }

    /// From trying to enable a controller for the children of `dir`.
    pub(super) fn enabling(dir: &Path, err: &io::Error) -> Refusal {
        match err.kind() {
            io::ErrorKind::ResourceBusy => Refusal::HasProcesses(dir.to_owned()),
            _ => Refusal::making(dir, Version::V2, err),
        }
    }

    /// Refusals of the same kind need not be told twice.
    pub(super) fn is_like(&self, other: &Refusal) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::ReadOnly(dir) => write!(
                f,
                "{} is mounted read-only, as in a container (Docker makes it writable with --privileged)",
                dir.display()
            ),
            Refusal::NotOurs(dir, Version::V1) => {
                write!(f, "this user may not make groups in {} (in v1 mostly root alone may)", dir.display())
            }
            Refusal::NotOurs(dir, Version::V2) => write!(
                f,
                "this user may not make or enter groups in {} (with systemd: start evfuzz by `systemd-run --user --scope -p Delegate=yes`)",
                dir.display()
            ),
            Refusal::HasProcesses(dir) => write!(
                f,
                "{} has processes, so it cannot give controllers to child groups (move all of them into a child group first)",
                dir.display()
            ),
            Refusal::NotOffered(dir) => {
                write!(f, "{} does not give the controller to child groups", dir.display())
            }
            Refusal::Outside(group) => {
                write!(f, "our own control group {} is not visible in what is mounted here", group.display())
            }
            Refusal::Unusable(dir, why) => {
                write!(f, "a group made in {} cannot be used: {why}", dir.display())
            }
            Refusal::Failed(dir, err) => {
                write!(f, "making or entering a group in {} failed: {err}", dir.display())
            }
        }
    }
}
