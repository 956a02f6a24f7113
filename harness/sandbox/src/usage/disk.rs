//! What a directory holds on disk, counted in a bounded time although a hostile process fills it meanwhile.

use std::{
    collections::BTreeSet,
    ffi::CStr,
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, chmod, fstat, openat, statat},
    io::Errno,
};

/// Deepest nesting that is followed: each level holds a descriptor.
const DEPTH: usize = 64;

/// What a directory holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    /// On disk, not as files claim: sparse files count what is there. A file with several names counts once.
    pub(crate) bytes: u64,
    /// Names that were looked at.
    pub(crate) entries: usize,
    /// There is more: too many entries, too deep, or a directory that cannot be read. `bytes` is a lower bound then.
    pub(crate) truncated: bool,
}

/// Bytes on disk below `dir`, itself left out.
///
/// Follows no link and enters no other file system. Looks at `max_entries` names at most.
/// Does not see files that are open but have no name any more.
pub(crate) fn disk_usage(dir: BorrowedFd<'_>, max_entries: usize) -> Disk {
    let mut walk = Walk {
        disk: Disk { bytes: 0, entries: 0, truncated: false },
        most: max_entries,
        linked: BTreeSet::new(),
    };
    if walk.all(dir).is_err() {
        walk.disk.truncated = true;
    }
    walk.disk
}

/// Opens a directory, also one that its owner, who is then ours too, has closed: that is no guilt yet. It stays open, since
/// what lies in it is looked at later.
fn open_closed_too(dir: BorrowedFd<'_>, name: &CStr) -> rustix::io::Result<OwnedFd> {
    let opened = open_directory(dir, name);
    if !matches!(opened, Err(Errno::ACCESS)) {
        return opened;
    }
    // The mode is changed by descriptor: what stands under the name may be a link to somewhere else a moment later.
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let closed = openat(dir, name, flags, Mode::empty())?;
    let mode = Mode::from_raw_mode(fstat(&closed)?.st_mode);
    chmod(format!("/proc/self/fd/{}", closed.as_raw_fd()), mode | Mode::RWXU)?;
    open_directory(closed.as_fd(), c".")
}

struct Walk {
    disk: Disk,
    most: usize,
    /// Files with several names that were counted.
    linked: BTreeSet<(u64, u64)>,
}

impl Walk {
    fn all(&mut self, top: BorrowedFd<'_>) -> io::Result<()> {
        let device = fstat(top)?.st_dev;
        let mut open = vec![Dir::new(open_directory(top, c".")?)?];
        while let Some(dir) = open.last_mut() {
            let Some(entry) = dir.read() else {
                open.pop();
                continue;
            };
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            if self.disk.entries >= self.most {
                self.disk.truncated = true;
                return Ok(());
            }
            self.disk.entries += 1;
            let Some(found) = self.found(statat(dir.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)) else {
                continue;
            };
            if found.st_dev != device {
                continue;
            }
            self.count(&found);
            if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
                continue;
            }
            let below = self.found(open_closed_too(dir.fd()?, name));
            if open.len() >= DEPTH {
                self.disk.truncated = true;
            } else if let Some(below) = below {
                // What stands under this name now may be another directory than a moment ago.
                if fstat(&below)?.st_dev == device {
                    open.push(Dir::new(below)?);
                }
            }
        }
        Ok(())
    }

    /// What is gone is no matter; what cannot be looked at makes the sum a lower bound.
    fn found<T>(&mut self, result: Result<T, Errno>) -> Option<T> {
        match result {
            Ok(found) => Some(found),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => None,
            Err(_) => {
                self.disk.truncated = true;
                None
            }
        }
    }

    fn count(&mut self, found: &Stat) {
        let is_directory = FileType::from_raw_mode(found.st_mode) == FileType::Directory;
        let shared = !is_directory && found.st_nlink > 1;
        if shared && !self.linked.insert((found.st_dev, found.st_ino)) {
            return;
        }
        // stat(3type): st_blocks counts units of 512 bytes, whatever the file system's block size.
        let blocks = u64::try_from(found.st_blocks).unwrap_or(0);
        self.disk.bytes = self.disk.bytes.saturating_add(blocks.saturating_mul(512));
    }
}

fn open_directory(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    openat(parent, name, flags, Mode::empty())
}
