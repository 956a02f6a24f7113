//! The function's own `/tmp`: fresh in memory, what an earlier process left there, or a folder of the host.
//!
//! A mount belongs to the namespace of the process that has it, and goes with it. What an earlier process leaves is a clone
//! that was never attached anywhere: only its descriptor keeps it, and whoever may mount can attach it (open_tree(2)).
//! It must be made here, where the original is attached: detached ones can be cloned since Linux 6.15 only, and nobody
//! else has a right to the mounts of this namespace.

use std::{fs, io, os::fd::OwnedFd, path::Path};

use rustix::{
    fs::{CWD, Mode, OFlags, fchmod, fstat, openat},
    mount::{OpenTreeFlags, open_tree},
};

use super::{Inside, Kind, NODEV, NOSUID, attach, clone_tree, file_system, set_attributes};
use crate::spec::Tmp;

/// Where functions write.
pub(in crate::confine) const TMP: &str = "/tmp";
/// The kernel's own proportion: a file for every page (tmpfs(5)).
const BYTES_PER_FILE: u64 = 4096;

/// A `/tmp` that is in its place.
pub(crate) struct OwnTmp {
    /// Itself, for the warden's look at it.
    pub(crate) opened: OwnedFd,
    /// Its clone, for a later process.
    pub(crate) kept: Option<OwnedFd>,
}

/// Shows `/tmp` below `root`.
pub(super) fn show(inside: &Inside<'_>, root: &OwnedFd) -> io::Result<OwnTmp> {
    let wanted = inside.spec.scratch.tmp;
    let tree = match (wanted, inside.tmp) {
        (Tmp::Memory | Tmp::KeptMemory, None) => fresh(inside)?,
        (Tmp::Memory | Tmp::KeptMemory, Some(left)) => left.try_clone_to_owned()?,
        (Tmp::Folder, _) => clone_tree(CWD, &fs::canonicalize(&inside.spec.scratch.folder)?)?,
    };
    set_attributes(&tree, NOSUID | NODEV)?;
    attach(root, &tree, Path::new(TMP), Kind::Directory)?;
    let kept = match wanted {
        Tmp::KeptMemory => {
            let flags = OpenTreeFlags::OPEN_TREE_CLONE
                | OpenTreeFlags::OPEN_TREE_CLOEXEC
                | OpenTreeFlags::AT_EMPTY_PATH;
            Some(open_tree(&tree, "", flags)?)
        }
        Tmp::Memory | Tmp::Folder => None,
    };
    let opened = openat(&tree, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mode = Mode::from_raw_mode(fstat(&opened)?.st_mode);
    if inside.tmp.is_some() && !mode.contains(Mode::RWXU) {
        // An earlier process has closed it to itself.
        fchmod(&opened, mode | Mode::RWXU)?;
    }
    Ok(OwnTmp { opened, kept })
}

/// An empty one in memory.
fn fresh(inside: &Inside<'_>) -> io::Result<OwnedFd> {
    let (uid, gid) = inside.identity.inside(inside.barriers.namespaces);
    let size = inside.spec.limits.scratch;
    let options = [
        (c"size", size.to_string()),
        (c"nr_inodes", (size / BYTES_PER_FILE + 16).to_string()),
        // As in Lambda, where it belongs to the function alone.
        (c"mode", "0700".to_owned()),
        (c"uid", uid.to_string()),
        (c"gid", gid.to_string()),
    ];
    file_system(c"tmpfs", &options)
}
