//! What a function has left in its `/tmp`, looked at from outside while its process lives.
//!
//! The function can change everything while it is looked at, so nothing is followed and little is read.

use std::{
    fs::{self, OpenOptions},
    io::Read as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustix::fs::OFlags;

/// A file in `/tmp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftFile {
    /// As the function names it.
    pub path: String,
    /// Its beginning.
    pub bytes: Vec<u8>,
}

/// Files that are looked at.
const MOST_FILES: usize = 64;
/// Entries of folders that are looked at.
const MOST_ENTRIES: usize = 512;
/// Folders inside each other.
const MOST_DEPTH: usize = 4;
/// Bytes of a file that are read.
const MOST_BYTES: u64 = 64 << 10;

/// Where the process `pid` writes, seen from here: `folder`, if it has no `/tmp` of its own.
pub(crate) fn root(pid: u32, folder: &Path) -> PathBuf {
    let own = PathBuf::from(format!("/proc/{pid}/root/tmp"));
    let id = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    match (id(&own), id(Path::new("/tmp"))) {
        (Some(own_id), host) if Some(own_id) != host => own,
        _ => folder.to_owned(),
    }
}

/// When something was last made or removed directly in it.
pub(crate) fn changed(root: &Path) -> Option<SystemTime> {
    fs::metadata(root).and_then(|it| it.modified()).ok()
}

/// The files in `root` that were written at `since` or later: what a function keeps there is looked at once.
pub(crate) fn files(root: &Path, since: Option<SystemTime>) -> Vec<LeftFile> {
    let is_new = |entry: &fs::DirEntry| {
        let written = entry.metadata().and_then(|it| it.modified()).ok();
        since.is_none_or(|since| written.is_none_or(|it| it >= since))
    };
    let (mut found, mut entries) = (Vec::new(), 0);
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            entries += 1;
            if entries > MOST_ENTRIES || found.len() == MOST_FILES {
                return found;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < MOST_DEPTH => folders.push((path, depth + 1)),
                Ok(kind) if kind.is_file() && is_new(&entry) => found.extend(read(&path, root)),
                _ => {}
            }
        }
    }
    found
}

fn read(path: &Path, root: &Path) -> Option<LeftFile> {
    // It may have become something else meanwhile: no link is followed, and no pipe waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(LeftFile {
        path: Path::new("/tmp").join(path.strip_prefix(root).ok()?).display().to_string(),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_followed_and_much_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("cache")).unwrap();
        fs::write(folder.path().join("cache/a"), "text").unwrap();
        fs::write(folder.path().join("large"), vec![b'x'; 1 << 20]).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).unwrap();
        // A process that does not exist has no `/tmp` of its own.
        let root = root(u32::MAX, folder.path());
        assert_eq!(root, folder.path());
        let mut found = files(&root, None);
        found.sort_by(|one, other| one.path.cmp(&other.path));
        let seen: Vec<(&str, usize)> = found.iter().map(|it| (it.path.as_str(), it.bytes.len())).collect();
        assert_eq!(seen, [("/tmp/cache/a", 4), ("/tmp/large", 64 << 10)]);
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        assert_eq!(files(&root, Some(later)), []);
    }
}
