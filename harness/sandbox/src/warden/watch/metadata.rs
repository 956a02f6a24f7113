//! Modes, owners, times and attributes of files, which Landlock leaves to the owner wherever the file lies.
//!
//! A barrier where the function has no file system of its own: it never makes these calls itself. The warden reads the
//! arguments once, opens the file as the asking process would, makes sure that *this* file lies in scratch and belongs to
//! the asking user, and changes it through its own descriptor. Nothing that the function exchanges meanwhile matters.
//!
//! Less is possible than in the kernel: files without a name (pipes, `memfd_create`) stay as they are, owners cannot be given
//! away, and of attributes there are those of users and access lists, with values up to 64 KiB as in the kernel.

use std::{
    ffi::CString,
    os::fd::{AsRawFd, OwnedFd},
    path::Path,
};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat};

use super::{
    Observer, SyscallStop,
    lookup::{self, LastLink, Place},
    memory::Memory,
};
use crate::{
    event::Fidelity,
    procfs::{self, Identity},
};

/// linux/limits.h, `XATTR_SIZE_MAX`.
const MAX_VALUE: usize = 64 * 1024;
/// linux/limits.h, `XATTR_NAME_MAX`.
const MAX_NAME: usize = 255;
/// xattr(7): what an owner may set. The others are for those with capabilities.
const NAMES: [&[u8]; 3] = [b"user.", b"system.posix_acl_access", b"system.posix_acl_default"];
/// "Leave it" for chown(2).
const SAME: u32 = u32::MAX;

/// A change of a file that has passed all checks.
pub(in crate::warden) struct Change {
    file: OwnedFd,
    act: Act,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Mode(u32),
    Owner {
        user: u32,
        group: u32,
    },
    /// `None`: now.
    Times(Option<[(i64, i64); 2]>),
    SetAttribute {
        name: CString,
        value: Vec<u8>,
        flags: i32,
    },
    RemoveAttribute {
        name: CString,
    },
}

/// Which file a call means.
enum Target {
    Path { dir: i32, path: u64, flags: i32, last: LastLink },
    Descriptor(i32),
}

impl Observer {
    /// Reads the call, opens its file and checks it. The error is for the asking process.
    pub(super) fn look_at_metadata(&self, stop: &SyscallStop) -> Result<Change, i32> {
        let mut memory = Memory::of(stop.tid);
        let target = target(stop)?;
        let mut act = act(stop, &mut memory)?;
        let asker = procfs::identity(stop.tid).ok_or(libc::EPERM)?;
        let file = open(stop.tid, &asker, &target, &mut memory)?;
        let scratch = self.scratch.as_deref().ok_or(libc::EPERM)?;
        let found = fstat(&file).map_err(|_| libc::EPERM)?;
        if !lies_below(&file, scratch) || found.st_uid != asker.uid {
            return Err(libc::EPERM);
        }
        allow(&mut act, &asker, &found)?;
        Ok(Change { file, act })
    }
}

/// Whether the file itself, whatever path has led to it, is `folder` or in it. One that was deleted was in it.
fn lies_below(file: &OwnedFd, folder: &Path) -> bool {
    let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    path.is_ok_and(|it| it.starts_with(folder))
}

fn open(tid: u32, asker: &Identity, target: &Target, memory: &mut Memory) -> Result<OwnedFd, i32> {
    match *target {
        Target::Path { dir, path, flags, last } => {
            let path = memory.bytes(path);
            match memory.fidelity {
                Fidelity::Unread => return Err(libc::EFAULT),
                Fidelity::Truncated => return Err(libc::ENAMETOOLONG),
                Fidelity::Exact | Fidelity::Replaced => {}
            }
            lookup::file(asker, &Place { tid, dir, path: &path, flags }, last)
        }
        Target::Descriptor(fd) => {
            // Leads to the file that is open there (proc(5)), and is looked at before it is changed.
            let link = format!("/proc/{tid}/fd/{fd}");
            openat(CWD, link, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).map_err(|_| libc::EBADF)
        }
    }
}

fn target(stop: &SyscallStop) -> Result<Target, i32> {
    let [first, second, _, fourth, fifth, _] = stop.args;
    let at = |flags: i32| {
        let last = if flags & libc::AT_SYMLINK_NOFOLLOW == 0 { LastLink::Followed } else { LastLink::Meant };
        match flags & !(libc::AT_SYMLINK_NOFOLLOW | libc::AT_EMPTY_PATH) {
            0 => Ok(Target::Path { dir: first as i32, path: second, flags, last }),
            _ => Err(libc::EINVAL),
        }
    };
    let plain = |last| Target::Path { dir: libc::AT_FDCWD, path: first, flags: 0, last };
    Ok(match stop.nr {
        libc::SYS_fchmod | libc::SYS_fchown | libc::SYS_fsetxattr | libc::SYS_fremovexattr => {
            Target::Descriptor(first as i32)
        }
        libc::SYS_fchmodat => at(0)?,
        libc::SYS_fchmodat2 => at(fourth as i32)?,
        libc::SYS_fchownat => at(fifth as i32)?,
        // utimensat(2), "C library/kernel differences": without a path it is about the descriptor.
        libc::SYS_utimensat if second == 0 => Target::Descriptor(first as i32),
        libc::SYS_utimensat => at(fourth as i32)?,
        libc::SYS_setxattr | libc::SYS_removexattr => plain(LastLink::Followed),
        libc::SYS_lsetxattr | libc::SYS_lremovexattr => plain(LastLink::Meant),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod | libc::SYS_chown | libc::SYS_utime | libc::SYS_utimes => plain(LastLink::Followed),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_lchown => plain(LastLink::Meant),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_futimesat if second == 0 => Target::Descriptor(first as i32),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_futimesat => at(0)?,
        _ => return Err(libc::EPERM),
    })
}

fn act(stop: &SyscallStop, memory: &mut Memory) -> Result<Act, i32> {
    let [_, second, third, fourth, fifth, _] = stop.args;
    Ok(match stop.nr {
        libc::SYS_fchmod => Act::Mode(second as u32 & 0o7777),
        libc::SYS_fchmodat | libc::SYS_fchmodat2 => Act::Mode(third as u32 & 0o7777),
        libc::SYS_fchown => Act::Owner { user: second as u32, group: third as u32 },
        libc::SYS_fchownat => Act::Owner { user: third as u32, group: fourth as u32 },
        libc::SYS_utimensat => Act::Times(times(memory, third, Some)?),
        libc::SYS_setxattr | libc::SYS_lsetxattr | libc::SYS_fsetxattr => {
            let name = name(memory, second)?;
            let len = usize::try_from(fourth).unwrap_or(usize::MAX);
            if len > MAX_VALUE {
                return Err(libc::E2BIG);
            }
            let value = memory.block(third, len);
            if value.len() != len {
                return Err(libc::EFAULT);
            }
            Act::SetAttribute { name, value, flags: fifth as i32 }
        }
        libc::SYS_removexattr | libc::SYS_lremovexattr | libc::SYS_fremovexattr => {
            Act::RemoveAttribute { name: name(memory, second)? }
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod => Act::Mode(second as u32 & 0o7777),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chown | libc::SYS_lchown => Act::Owner { user: second as u32, group: third as u32 },
        // utime(2): two whole seconds.
        #[cfg(target_arch = "x86_64")]
        libc::SYS_utime if second == 0 => Act::Times(None),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_utime => {
            let [access, change] = words(memory, second)?;
            Act::Times(Some([(access, 0), (change, 0)]))
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_utimes => Act::Times(times(memory, second, from_microseconds)?),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_futimesat => Act::Times(times(memory, third, from_microseconds)?),
        _ => return Err(libc::EPERM),
    })
}

#[cfg(target_arch = "x86_64")]
fn from_microseconds(it: i64) -> Option<i64> {
    (0..1_000_000).contains(&it).then_some(it * 1000)
}

/// Two times at `at`, each of seconds and a part that `nanoseconds` converts.
fn times(
    memory: &Memory,
    at: u64,
    nanoseconds: impl Fn(i64) -> Option<i64>,
) -> Result<Option<[(i64, i64); 2]>, i32> {
    if at == 0 {
        return Ok(None);
    }
    let [access, access_part, change, change_part] = words(memory, at)?;
    let part = |it| nanoseconds(it).ok_or(libc::EINVAL);
    Ok(Some([(access, part(access_part)?), (change, part(change_part)?)]))
}

fn words<const COUNT: usize>(memory: &Memory, at: u64) -> Result<[i64; COUNT], i32> {
    let block = memory.block(at, 8 * COUNT);
    let (words, _) = block.as_chunks::<8>();
    let words: Vec<i64> = words.iter().map(|it| i64::from_ne_bytes(*it)).collect();
    words.try_into().map_err(|_| libc::EFAULT)
}

fn name(memory: &mut Memory, at: u64) -> Result<CString, i32> {
    let bytes = memory.bytes(at);
    if memory.fidelity == Fidelity::Unread {
        return Err(libc::EFAULT);
    }
    if bytes.is_empty() || bytes.len() > MAX_NAME {
        return Err(libc::ERANGE);
    }
    if !NAMES.iter().any(|it| bytes.starts_with(it)) {
        return Err(libc::EPERM);
    }
    CString::new(bytes).map_err(|_| libc::EINVAL)
}

/// What the kernel would ask of the owner, who has no capabilities. The warden may have them.
fn allow(act: &mut Act, asker: &Identity, found: &Stat) -> Result<(), i32> {
    let in_group = |group: u32| group == asker.gid || asker.groups.contains(&group);
    match act {
        // chmod(2): the bit of a group to which the caller does not belong is dropped.
        Act::Mode(mode) if !in_group(found.st_gid) => *mode &= !libc::S_ISGID,
        Act::Owner { user, group } => {
            if (*user != SAME && *user != asker.uid) || (*group != SAME && !in_group(*group)) {
                return Err(libc::EPERM);
            }
        }
        Act::SetAttribute { name, .. } | Act::RemoveAttribute { name }
            if name.as_bytes().starts_with(b"user.") && found.st_mode & libc::S_IWUSR == 0 =>
        {
            return Err(libc::EACCES);
        }
        Act::Mode(_) | Act::Times(_) | Act::SetAttribute { .. } | Act::RemoveAttribute { .. } => {}
    }
    Ok(())
}

impl Change {
    /// Makes it, through the descriptor that was checked.
    pub(super) fn make(&self) -> Result<(), i32> {
        let is_link =
            fstat(&self.file).is_ok_and(|it| FileType::from_raw_mode(it.st_mode) == FileType::Symlink);
        if is_link && !matches!(self.act, Act::Owner { .. } | Act::Times(_)) {
            return Err(if matches!(self.act, Act::Mode(_)) { libc::EOPNOTSUPP } else { libc::EPERM });
        }
        let path = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        let path = CString::new(path).map_err(|_| libc::EINVAL)?;
        let path = path.as_ptr();
        // SAFETY: all pointers lead to terminated strings, or to as many values as are said, that live during the call.
        let result = unsafe {
            match &self.act {
                Act::Mode(mode) => libc::chmod(path, *mode),
                Act::Owner { user, group } => libc::chown(path, *user, *group),
                Act::Times(None) => libc::utimensat(libc::AT_FDCWD, path, std::ptr::null(), 0),
                Act::Times(Some(times)) => {
                    let times = times.map(|(tv_sec, tv_nsec)| libc::timespec { tv_sec, tv_nsec });
                    libc::utimensat(libc::AT_FDCWD, path, times.as_ptr(), 0)
                }
                Act::SetAttribute { name, value, flags } => {
                    libc::setxattr(path, name.as_ptr(), value.as_ptr().cast(), value.len(), *flags)
                }
                Act::RemoveAttribute { name } => libc::removexattr(path, name.as_ptr()),
            }
        };
        if result == 0 {
            return Ok(());
        }
        Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EPERM))
    }
}
