//! Where a path of another process leads, and what the kernel is going to answer to an exec of it.
//!
//! The path is walked here, name by name, instead of by `openat2(2)` with `RESOLVE_IN_ROOT`: that refuses the links in
//! `/proc/<pid>/fd`, takes `/proc/self` for the warden's, and checks permissions of the warden and not of the asking process.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    fs,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::{
            ffi::{OsStrExt, OsStringExt},
            fs::MetadataExt,
        },
    },
};

use rustix::{
    fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, Stat, accessat, fstat, fstatfs, openat, readlinkat},
    io::Errno,
};

use super::Granted;
use crate::{event::Lookup, procfs::Identity};

/// path_resolution(7): links in one path.
const MAX_LINKS: usize = 40;
/// `PATH_MAX` of linux/limits.h, with the zero at its end.
const MAX_PATH: usize = 4096;
/// linux/magic.h, `PROC_SUPER_MAGIC`.
const PROC: u64 = 0x9fa0;
/// `PROC_ROOT_INO` of linux/proc_ns.h: the root of a procfs.
const PROC_ROOT: u64 = 1;
/// statfs(2), `ST_NOEXEC`.
const NOEXEC: u64 = 8;

/// The arguments of a call that name a file.
pub(super) struct Place<'a> {
    pub(super) tid: u32,
    /// A descriptor of the asking process, or `AT_FDCWD`.
    pub(super) dir: i32,
    pub(super) path: &'a [u8],
    pub(super) flags: i32,
}

/// What happens to a link at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastLink {
    Followed,
    /// The link itself is meant.
    Meant,
    Refused,
}

/// Opens the file of `place` (`O_PATH`) as `asker` would. The error is what the kernel would answer, if that is known.
pub(super) fn file(asker: &Identity, place: &Place<'_>, last: LastLink) -> Result<OwnedFd, i32> {
    let found = start(place).and_then(|walk| walk.find(asker, place.path, place.flags, last));
    found.map_err(|reason| match reason {
        Lookup::Refused(errno) => errno,
        Lookup::Program | Lookup::Unknown => libc::EPERM,
    })
}

/// Finds the program of `place` for `asker`. `granted`: what Landlock allows, if it decides alone.
pub(super) fn program(asker: &Identity, place: &Place<'_>, granted: Option<&Granted>) -> Lookup {
    let last = match place.flags & libc::AT_SYMLINK_NOFOLLOW {
        0 => LastLink::Followed,
        _ => LastLink::Refused,
    };
    let found = start(place).and_then(|walk| walk.find(asker, place.path, place.flags, last));
    match found.and_then(|file| executable(asker, &file, granted)) {
        Ok(()) => Lookup::Program,
        Err(reason) => reason,
    }
}

type Found<T> = Result<T, Lookup>;

fn refused(errno: Errno) -> Lookup {
    Lookup::Refused(errno.raw_os_error())
}

struct Walk {
    tid: u32,
    root: OwnedFd,
    at: OwnedFd,
}

fn start(place: &Place<'_>) -> Found<Walk> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let open = |name: &str| openat(CWD, format!("/proc/{}/{name}", place.tid), flags, Mode::empty());
    let root = open("root").map_err(|_| Lookup::Unknown)?;
    let at = if place.path.starts_with(b"/") {
        root.try_clone().map_err(|_| Lookup::Unknown)?
    } else if place.dir == libc::AT_FDCWD {
        open("cwd").map_err(|_| Lookup::Unknown)?
    } else {
        open(&format!("fd/{}", place.dir)).map_err(|err| match err {
            Errno::NOENT => refused(Errno::BADF),
            _ => Lookup::Unknown,
        })?
    };
    Ok(Walk { tid: place.tid, root, at })
}

impl Walk {
    fn find(mut self, asker: &Identity, path: &[u8], flags: i32, last: LastLink) -> Found<OwnedFd> {
        if path.is_empty() {
            return match flags & libc::AT_EMPTY_PATH {
                0 => Err(refused(Errno::NOENT)),
                _ => Ok(self.at),
            };
        }
        if path.len() >= MAX_PATH {
            return Err(refused(Errno::NAMETOOLONG));
        }
        let mut todo = names(path);
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            self.may_search(asker)?;
            if name == "." {
                continue;
            }
            if name == ".." {
                self.up()?;
                continue;
            }
            let open = |flags| openat(&self.at, name.as_os_str(), flags, Mode::empty()).map_err(refused);
            let found = open(OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC)?;
            let kind = FileType::from_raw_mode(stat(&found)?.st_mode);
            if kind != FileType::Symlink {
                self.at = found;
                continue;
            }
            match last {
                LastLink::Refused if todo.is_empty() => return Err(refused(Errno::LOOP)),
                LastLink::Meant if todo.is_empty() => return Ok(found),
                _ => {}
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(refused(Errno::LOOP));
            }
            match self.link(asker, &name, &found)? {
                Link::Text(text) => {
                    if text.starts_with(b"/") {
                        self.at = self.root.try_clone().map_err(|_| Lookup::Unknown)?;
                    }
                    for name in names(&text).into_iter().rev() {
                        todo.push_front(name);
                    }
                }
                Link::Object => self.at = open(OFlags::PATH | OFlags::CLOEXEC)?,
            }
        }
        Ok(self.at)
    }

    fn may_search(&self, asker: &Identity) -> Found<()> {
        let found = stat(&self.at)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
            return Err(refused(Errno::NOTDIR));
        }
        may_execute(asker, &self.at, &found)
    }

    fn up(&mut self) -> Found<()> {
        let (root, at) = (stat(&self.root)?, stat(&self.at)?);
        if (root.st_dev, root.st_ino) != (at.st_dev, at.st_ino) {
            let flags = OFlags::PATH | OFlags::CLOEXEC;
            self.at = openat(&self.at, "..", flags, Mode::empty()).map_err(refused)?;
        }
        Ok(())
    }

    fn link(&self, asker: &Identity, name: &OsStr, link: &OwnedFd) -> Found<Link> {
        if fstatfs(&self.at).map_err(refused)?.f_type as u64 == PROC {
            let here = stat(&self.at)?;
            if here.st_ino != PROC_ROOT {
                // proc(5): the links in `/proc/pid` lead to an object, not along their text, and only whoever may trace that
                // process (fs/proc/base.c, `proc_fd_access_allowed`). The folder of a process, mode 0555, has its owner.
                let foreign = here.st_mode & 0o777 == 0o555 && here.st_uid != asker.uid;
                return if foreign { Err(refused(Errno::ACCESS)) } else { Ok(Link::Object) };
            }
            // Seen by the warden these two are the warden's own.
            let (process, thread) = self.numbers(asker, &here);
            match name.as_bytes() {
                b"self" => return Ok(Link::Text(process.to_string().into_bytes())),
                b"thread-self" => return Ok(Link::Text(format!("{process}/task/{thread}").into_bytes())),
                _ => {}
            }
        }
        Ok(Link::Text(readlinkat(link, "", Vec::new()).map_err(refused)?.into_bytes()))
    }

    /// Process and thread of `asker` as this procfs counts them.
    fn numbers(&self, asker: &Identity, procfs: &Stat) -> (u32, u32) {
        match fs::metadata("/proc") {
            Ok(ours) if ours.dev() == procfs.st_dev => (asker.process, self.tid),
            _ => asker.inner,
        }
    }
}

enum Link {
    Text(Vec<u8>),
    Object,
}

/// The names of a path. A slash at the end asks for a folder, as a dot behind it does.
fn names(path: &[u8]) -> VecDeque<OsString> {
    let mut names: VecDeque<OsString> = path
        .split(|it| *it == b'/')
        .filter(|it| !it.is_empty())
        .map(|it| OsString::from_vec(it.to_vec()))
        .collect();
    if path.ends_with(b"/") {
        names.push_back(".".into());
    }
    names
}

fn stat(file: &OwnedFd) -> Found<Stat> {
    fstat(file).map_err(refused)
}

/// The checks of `do_open_execat` (fs/exec.c), all of which answer EACCES.
fn executable(asker: &Identity, file: &OwnedFd, granted: Option<&Granted>) -> Found<()> {
    let denied = Err(refused(Errno::ACCESS));
    let found = stat(file)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return denied;
    }
    if fstatfs(file).map_err(refused)?.f_flags as u64 & NOEXEC != 0 {
        return denied;
    }
    may_execute(asker, file, &found)?;
    if let Some(granted) = granted {
        let path = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default();
        // Landlock leaves files alone that were never in a folder (security/landlock/fs.c, `is_nouser_or_private`).
        let in_memory = path.as_os_str().as_bytes().starts_with(b"/memfd:");
        if !in_memory && !granted.covers(&path) {
            return denied;
        }
    }
    Ok(())
}

/// Whether `asker`, who has no capabilities, has the x bit of a file or folder.
///
/// The mode decides, since the warden may have more rights than the function.
/// The warden's own right decides too: it knows access lists, and in a user namespace it knows owners that have no number there.
fn may_execute(asker: &Identity, file: impl AsFd, found: &Stat) -> Found<()> {
    let bits = if found.st_uid == asker.uid {
        found.st_mode >> 6
    } else if found.st_gid == asker.gid || asker.groups.contains(&found.st_gid) {
        found.st_mode >> 3
    } else {
        found.st_mode
    };
    // Before Linux 5.8 the flag is unknown, and the mode has to do.
    let warden = accessat(file, "", Access::EXEC_OK, AtFlags::EACCESS | AtFlags::EMPTY_PATH);
    if bits & 1 == 0 || warden == Err(Errno::ACCESS) { Err(refused(Errno::ACCESS)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::procfs;

    /// Nobody special: neither owner nor in the group of anything.
    fn stranger() -> Identity {
        let mut asker = procfs::identity(std::process::id()).unwrap();
        (asker.uid, asker.gid, asker.groups) = (4_000_001, 4_000_001, Vec::new());
        asker
    }

    #[track_caller]
    fn check(asker: &Identity, path: &str, expected: Result<(), i32>) {
        let place = Place { tid: std::process::id(), dir: libc::AT_FDCWD, path: path.as_bytes(), flags: 0 };
        let expected = expected.map_or_else(Lookup::Refused, |()| Lookup::Program);
        assert_eq!(program(asker, &place, None), expected, "{path}");
    }

    #[test]
    fn paths_lead_where_the_kernel_goes() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let text = |name: &str| at(name).to_str().unwrap().to_owned();
        fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
        fs::create_dir(at("folder")).unwrap();
        fs::create_dir(at("closed")).unwrap();
        for (name, mode) in [("program", 0o755), ("mine", 0o700), ("text", 0o644), ("closed/program", 0o755)]
        {
            fs::write(at(name), "").unwrap();
            fs::set_permissions(at(name), PermissionsExt::from_mode(mode)).unwrap();
        }
        fs::set_permissions(at("closed"), PermissionsExt::from_mode(0o700)).unwrap();
        symlink("program", at("link")).unwrap();
        symlink("../nowhere", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let me = procfs::identity(std::process::id()).unwrap();
        for (name, expected) in [
            ("program", Ok(())),
            ("link", Ok(())),
            ("folder/../program", Ok(())),
            ("./folder//.././link", Ok(())),
            ("closed/program", Err(libc::EACCES)),
            ("mine", Err(libc::EACCES)),
            ("text", Err(libc::EACCES)),
            ("folder", Err(libc::EACCES)),
            ("program/", Err(libc::ENOTDIR)),
            ("program/x", Err(libc::ENOTDIR)),
            ("dangling", Err(libc::ENOENT)),
            ("missing", Err(libc::ENOENT)),
            ("loop", Err(libc::ELOOP)),
        ] {
            check(&stranger(), &text(name), expected);
        }
        check(&me, &text("closed/program"), Ok(()));
        check(&me, &text("mine"), Ok(()));
        check(&me, &format!("/../..{}", text("program")), Ok(()));
        check(&me, &text(&"x".repeat(256)), Err(libc::ENAMETOOLONG));
        check(&me, "", Err(libc::ENOENT));
    }

    #[test]
    fn links_of_proc_lead_to_their_objects() {
        let me = procfs::identity(std::process::id()).unwrap();
        check(&me, "/proc/self/exe", Ok(()));
        check(&me, "/proc/thread-self/root/proc/self/exe", Ok(()));
        check(&me, "/proc/self/mounts", Err(libc::EACCES));
        check(&me, "/proc/self/fd/9999", Err(libc::ENOENT));
    }
}
