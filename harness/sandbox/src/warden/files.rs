//! What a function has left in its scratch: names, kinds and sizes, never content.

use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat},
    io::Errno,
};

use crate::event::{FileKind, LeftFile, LeftFiles};

/// Enough to tell a story; a report must fit into one message.
const MOST: usize = 256;
/// Deeper than people nest temporary files.
const DEPTH: usize = 32;

/// Lists what lies below `top`, itself left out. Follows no link.
pub(super) fn list(top: BorrowedFd<'_>) -> LeftFiles {
    let mut left = LeftFiles { files: Vec::new(), more: false };
    let mut todo: Vec<(PathBuf, io::Result<OwnedFd>)> = vec![(PathBuf::new(), open(top, Path::new(".")))];
    while let Some((at, dir)) = todo.pop() {
        // A folder that its owner closed to everybody, or that is gone again.
        let Ok(dir) = dir else { continue };
        let Ok(entries) = Dir::read_from(&dir) else { continue };
        for entry in entries.flatten() {
            let name = Path::new(std::ffi::OsStr::from_bytes(entry.file_name().to_bytes()));
            if name == Path::new(".") || name == Path::new("..") {
                continue;
            }
            if left.files.len() == MOST {
                left.more = true;
                return left;
            }
            let Ok(found) = statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let kind = match FileType::from_raw_mode(found.st_mode) {
                FileType::RegularFile => FileKind::File,
                FileType::Directory => FileKind::Folder,
                FileType::Symlink => FileKind::Link,
                _ => FileKind::Other,
            };
            let path = at.join(name);
            if kind == FileKind::Folder {
                if path.components().count() < DEPTH {
                    todo.push((path.clone(), open(dir.as_fd(), name)));
                } else {
                    left.more = true;
                }
            }
            let bytes = u64::try_from(found.st_size).unwrap_or_default();
            left.files.push(LeftFile { path: path.to_string_lossy().into_owned(), kind, bytes });
        }
    }
    left.files.sort();
    left
}

fn open(at: BorrowedFd<'_>, name: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(at, name, flags, Mode::empty()).map_err(Errno::into)
}
