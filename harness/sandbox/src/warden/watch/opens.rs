//! Files that a process opens, deletes or renames. Only on request, because programs do little else while they start.

use std::path::{Component, Path, PathBuf};

use super::{SyscallStop, memory::Memory};
use crate::{
    event::{Intent, OpenRecord},
    procfs,
    spec::PathMark,
};

/// linux/openat2.h: `RESOLVE_BENEATH` and `RESOLVE_IN_ROOT`.
const STAYS: u64 = 0x08 | 0x10;
/// The same: flags, mode, resolve, each of eight bytes.
const OPEN_HOW: usize = 24;

/// What the arguments of a call mean.
struct Meaning {
    /// The directory that the path is relative to.
    dir: i32,
    /// Where the path is.
    path: u64,
    purpose: Purpose,
    /// Whether the call keeps to that directory.
    stays: bool,
}

enum Purpose {
    Open { flags: u64 },
    Delete,
    Rename { dir: i32, path: u64 },
}

/// Looks at a call; `None` if it is none of those that are watched, or has no path with `only`.
pub(super) fn look(stop: &SyscallStop, only: Option<PathMark>) -> Option<OpenRecord> {
    let mut memory = Memory::of(stop.tid);
    let meaning = meaning(stop, &memory)?;
    let path = memory.string(meaning.path);
    let to = match meaning.purpose {
        Purpose::Rename { path, .. } => Some(memory.string(path)),
        Purpose::Open { .. } | Purpose::Delete => None,
    };
    if only.is_some_and(|mark| !mark.is_in(&path) && !to.iter().any(|it| mark.is_in(it))) {
        return None;
    }
    let pid = procfs::process_of(stop.tid).unwrap_or(stop.tid);
    let resolved = if meaning.stays { None } else { resolve(stop.tid, meaning.dir, &path) };
    let intent = match meaning.purpose {
        Purpose::Open { flags } => opened(flags as i32),
        Purpose::Delete => Intent::Delete,
        Purpose::Rename { dir, .. } => Intent::Rename { to: to.and_then(|it| resolve(stop.tid, dir, &it)) },
    };
    Some(OpenRecord { pid, path, resolved, intent, fidelity: memory.fidelity, dropped: 0 })
}

fn meaning(stop: &SyscallStop, memory: &Memory) -> Option<Meaning> {
    let [first, second, third, fourth, ..] = stop.args;
    let at = |path, purpose| Meaning { dir: first as i32, path, purpose, stays: false };
    Some(match stop.nr {
        libc::SYS_openat => at(second, Purpose::Open { flags: third }),
        libc::SYS_openat2 => {
            let how = memory.exact::<OPEN_HOW>(third).unwrap_or([0; OPEN_HOW]);
            let word = |index: usize| how[8 * index..].first_chunk().map_or(0, |it| u64::from_ne_bytes(*it));
            let purpose = Purpose::Open { flags: word(0) };
            Meaning { stays: word(2) & STAYS != 0, ..at(second, purpose) }
        }
        libc::SYS_unlinkat => at(second, Purpose::Delete),
        libc::SYS_renameat | libc::SYS_renameat2 => {
            at(second, Purpose::Rename { dir: third as i32, path: fourth })
        }
        other => {
            let purpose = old(other, second)?;
            Meaning { dir: libc::AT_FDCWD, ..at(first, purpose) }
        }
    })
}

/// The calls without a directory, which only older machines have.
#[cfg(target_arch = "x86_64")]
fn old(nr: i64, second: u64) -> Option<Purpose> {
    match nr {
        libc::SYS_open => Some(Purpose::Open { flags: second }),
        libc::SYS_creat => Some(Purpose::Open { flags: (libc::O_CREAT | libc::O_WRONLY) as u64 }),
        libc::SYS_unlink | libc::SYS_rmdir => Some(Purpose::Delete),
        libc::SYS_rename => Some(Purpose::Rename { dir: libc::AT_FDCWD, path: second }),
        _ => None,
    }
}

#[cfg(target_arch = "aarch64")]
fn old(_: i64, _: u64) -> Option<Purpose> {
    None
}

fn opened(flags: i32) -> Intent {
    // O_TMPFILE holds the bit of O_DIRECTORY as well.
    if flags & libc::O_CREAT != 0 || flags & libc::O_TMPFILE == libc::O_TMPFILE {
        return Intent::Create;
    }
    match flags & libc::O_ACCMODE {
        _ if flags & libc::O_PATH != 0 => Intent::Look,
        libc::O_WRONLY => Intent::Write,
        libc::O_RDWR => Intent::ReadWrite,
        _ => Intent::Read,
    }
}

fn resolve(tid: u32, dir: i32, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    if path.is_absolute() {
        return Some(clean(path));
    }
    let base = match dir {
        libc::AT_FDCWD => procfs::working_directory(tid),
        fd => std::fs::read_link(format!("/proc/{tid}/fd/{fd}")).ok(),
    };
    Some(clean(&base?.join(path)))
}

/// The path without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => clean.push(name),
            Component::ParentDir => {
                clean.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_what_for() {
        for (flags, intent) in [
            (libc::O_RDONLY | libc::O_CLOEXEC, Intent::Read),
            (libc::O_PATH | libc::O_RDWR, Intent::Look),
            (libc::O_WRONLY | libc::O_TRUNC, Intent::Write),
            (libc::O_RDWR, Intent::ReadWrite),
            (libc::O_RDONLY | libc::O_DIRECTORY, Intent::Read),
            (libc::O_RDWR | libc::O_CREAT, Intent::Create),
            (libc::O_RDWR | libc::O_TMPFILE, Intent::Create),
        ] {
            assert_eq!(opened(flags), intent, "{flags:#o}");
        }
    }

    #[test]
    fn paths_are_joined_and_cleaned() {
        let me = std::process::id();
        let here = std::env::current_dir().unwrap();
        assert_eq!(resolve(me, libc::AT_FDCWD, "a/./b/../c"), Some(here.join("a/c")));
        assert_eq!(resolve(me, 3, "/../x//y/"), Some("/x/y".into()));
        assert_eq!(resolve(me, 9999, "x"), None);
    }
}
