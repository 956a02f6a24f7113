//! The function's own file system: a tmpfs with read-only pieces of the host.
//!
//! The kernel's descriptor-based mount calls are used throughout (`open_tree`, `mount_setattr`, `move_mount`):
//! a piece gets its attributes before it becomes visible, and no path is looked up twice.
//! `mount_setattr` (Linux 5.12) only adds attributes, so the locked ones of a user namespace do not get in the way.

mod tmp;

use std::{
    ffi::{CStr, CString},
    fs, io,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::fs::FileTypeExt,
    },
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat},
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
        OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_string, fsmount, fsopen, mount,
        mount_change, move_mount, open_tree, unmount,
    },
};

pub(super) use self::tmp::{OwnTmp, TMP};
use super::{Inside, base};
use crate::{
    error::{At, Failure, Stage},
    isolation::Processes,
};

/// linux/mount.h, `MOUNT_ATTR_*`.
const RDONLY: u64 = 1;
const NOSUID: u64 = 2;
const NODEV: u64 = 4;
const NOEXEC: u64 = 8;

/// Size of the tmpfs that holds mount points, links and nothing else.
const ROOT_OPTIONS: &str = "size=1m,nr_inodes=4096,mode=0755";

/// Enters a new mount namespace with a new root.
///
/// Returns `/tmp`.
pub(super) fn enter(inside: &Inside<'_>) -> Result<OwnTmp, Failure> {
    const HERE: Stage = Stage::Mounts;
    // SAFETY: this process has one thread, so no other one shares the attributes that are unshared.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNS) }
        .at(Stage::Namespaces, "mount namespace")?;
    // Nothing that is mounted from now on may become visible on the host.
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).at(HERE, "making / private")?;
    let target = inside.mount_point;
    let options = CString::new(ROOT_OPTIONS).map_err(io::Error::from).at(HERE, "options")?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", target, "tmpfs", flags, options.as_c_str()).at(HERE, target.display())?;
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, target, directory, Mode::empty()).at(HERE, target.display())?;

    system(inside, &root)?;
    let tmp = own(inside, &root)?;

    seal(&root).at(HERE, "making the root read-only")?;
    rustix::process::fchdir(&root).at(HERE, "entering the new root")?;
    // With both arguments the same the old root ends up on top of the new one, from where it is taken off (pivot_root(2), NOTES).
    rustix::process::pivot_root(".", ".").at(HERE, "pivot_root")?;
    unmount(".", UnmountFlags::DETACH).at(HERE, "detaching the old root")?;
    rustix::process::chdir("/").at(HERE, "/")?;
    Ok(tmp)
}

/// The pieces that every function has.
fn system(inside: &Inside<'_>, root: &OwnedFd) -> Result<(), Failure> {
    let base = inside.base;
    for (link, target) in &base.links {
        let name = link.strip_prefix("/").unwrap_or(link);
        if name.components().count() == 1 {
            rustix::fs::symlinkat(target, root, name).at(Stage::Mounts, link.display())?;
        }
    }
    for path in &base.directories {
        bind(root, path, path, RDONLY | NOSUID | NODEV)?;
    }
    processes(inside, root)?;
    let etc = Path::new("/etc");
    bind(root, etc, etc, RDONLY | NOSUID | NODEV)?;
    hide(root, &base.etc_secret)?;
    replace(inside, root)?;
    for path in base::DEVICES.iter().map(Path::new) {
        if path.metadata().is_ok_and(|it| it.file_type().is_char_device()) {
            bind(root, path, path, NOSUID | NOEXEC)?;
        }
    }
    // There in every Linux, with or without content (Filesystem Hierarchy Standard).
    for folder in ["opt", "var", "run"] {
        drop(mount_point(root, Path::new(folder), Kind::Directory).at(Stage::Mounts, folder)?);
    }
    for (name, target) in [
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
    ] {
        rustix::fs::symlinkat(target, root, name).at(Stage::Mounts, name)?;
    }
    Ok(())
}

/// `/proc`: of the function's own processes where it has a pid namespace.
fn processes(inside: &Inside<'_>, root: &OwnedFd) -> Result<(), Failure> {
    let proc = Path::new("/proc");
    match inside.barriers.processes {
        Processes::Own => {
            // Refused (EPERM) in containers that cover parts of /proc: a fresh one would uncover them.
            let tree = file_system(c"proc", &[]).at(Stage::Processes, "mounting a /proc of its own")?;
            set_attributes(&tree, RDONLY | NOSUID | NODEV | NOEXEC).at(Stage::Mounts, proc.display())?;
            attach(root, &tree, proc, Kind::Directory).at(Stage::Mounts, proc.display())
        }
        Processes::Host => bind(root, proc, proc, RDONLY | NOSUID | NODEV | NOEXEC),
    }
}

/// A name server that nobody answers for: names are asked for where the exec watch sees it, and refused at once instead of
/// after seconds (resolv.conf(5)).
const RESOLVER: &str = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";

/// Shows files of `/etc` with nobody and nothing of this machine in them.
fn replace(inside: &Inside<'_>, root: &OwnedFd) -> Result<(), Failure> {
    let (passwd, group) = inside.identity.passwd_and_group(inside.barriers.namespaces);
    for (name, text) in [("passwd", passwd.as_str()), ("group", &group), ("resolv.conf", RESOLVER)] {
        let path = Path::new("/etc").join(name);
        // A machine without these files needs no cover; in a read-only folder they cannot be made.
        let Ok(place) = fs::canonicalize(&path) else { continue };
        let shown = || {
            if !place.starts_with("/etc") {
                // systemd links resolv.conf to /run, of which nothing else is shown.
                return write(root, &place, text);
            }
            let hidden = Path::new(".hidden").join(name);
            write(root, &hidden, text)?;
            let tree = clone_tree(root, &hidden)?;
            set_attributes(&tree, RDONLY | NOSUID | NODEV | NOEXEC)?;
            attach(root, &tree, &place, Kind::File)
        };
        shown().at(Stage::Mounts, path.display())?;
    }
    Ok(())
}

fn write(root: &OwnedFd, path: &Path, text: &str) -> io::Result<()> {
    let file = mount_point(root, path, Kind::File)?;
    fs::write(format!("/proc/self/fd/{}", file.as_raw_fd()), text)
}

/// Covers what only the caller may read with something that nobody may.
fn hide(root: &OwnedFd, secrets: &[PathBuf]) -> Result<(), Failure> {
    let (dir, file) = (Path::new("/.hidden/dir"), Path::new("/.hidden/file"));
    if secrets.is_empty() {
        return Ok(());
    }
    for (cover, kind) in [(dir, Kind::Directory), (file, Kind::File)] {
        drop(mount_point(root, cover, kind).at(Stage::Mounts, cover.display())?);
        // Refused like the original, instead of readable and empty.
        let below = cover.strip_prefix("/").unwrap_or(cover);
        rustix::fs::chmodat(root, below, Mode::empty(), AtFlags::empty())
            .at(Stage::Mounts, cover.display())?;
    }
    for path in secrets {
        // Read from the host: what is gone since the keeper looked needs no cover.
        let Ok(found) = path.symlink_metadata() else {
            continue;
        };
        let cover = if found.is_dir() { dir } else { file };
        let below = cover.strip_prefix("/").unwrap_or(cover);
        let tree = clone_tree(root, below).at(Stage::Mounts, path.display())?;
        set_attributes(&tree, RDONLY | NOSUID | NODEV | NOEXEC).at(Stage::Mounts, path.display())?;
        attach(root, &tree, path, Kind::of(&found)).at(Stage::Mounts, path.display())?;
    }
    Ok(())
}

/// The pieces of this function: `/tmp`, what it may read, its canaries.
fn own(inside: &Inside<'_>, root: &OwnedFd) -> Result<OwnTmp, Failure> {
    let spec = inside.spec;
    let tmp = tmp::show(inside, root).at(Stage::Mounts, TMP)?;
    let mut all = Vec::new();
    for piece in spec.read.iter().chain(&spec.canaries) {
        let source = real(&piece.source)?;
        // The function may know the place by either name.
        if piece.target == piece.source && source != piece.source {
            all.push((source.clone(), source.clone()));
        }
        all.push((piece.target.clone(), source));
    }
    // Parents first, so that a mount never hides an earlier one.
    all.sort_by_key(|(target, _)| target.components().count());
    let mut shown: Vec<(PathBuf, PathBuf)> = Vec::new();
    for (target, source) in all {
        let present = (inside.base.covers(&target) && source == target)
            || shown.iter().any(|(there, from)| {
                target.strip_prefix(there).is_ok_and(|below| from.join(below) == source)
            });
        if !present {
            bind(root, &source, &target, RDONLY | NOSUID | NODEV)?;
            shown.push((target, source));
        }
    }
    canaries_without_path(inside, root)?;
    Ok(tmp)
}

/// A fresh file system that is not attached anywhere yet.
fn file_system(name: &CStr, options: &[(&CStr, String)]) -> io::Result<OwnedFd> {
    let context = fsopen(name, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        fsconfig_set_string(&context, *key, value.as_str())?;
    }
    fsconfig_create(&context)?;
    Ok(fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?)
}

/// Shows the canaries in a folder of the search path that shells have when `PATH` is not set, since functions
/// often start their children with an environment of their own.
///
/// dash (`defpathvar`) and bash (`DEFAULT_PATH_VALUE`) as Debian builds them begin with `/usr/local/sbin`,
/// which is empty on nearly every machine; one that is in use stays as it is.
fn canaries_without_path(inside: &Inside<'_>, root: &OwnedFd) -> Result<(), Failure> {
    let folder = Path::new("/usr/local/sbin");
    let free = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    match &inside.spec.canaries {
        Some(canaries) if free => bind(root, &real(&canaries.source)?, folder, RDONLY | NOSUID | NODEV),
        _ => Ok(()),
    }
}

fn real(path: &Path) -> Result<PathBuf, Failure> {
    fs::canonicalize(path).at(Stage::Mounts, path.display())
}

/// Shows the host's `source` at `target` below `root`.
fn bind(root: &OwnedFd, source: &Path, target: &Path, attributes: u64) -> Result<(), Failure> {
    let shown = || {
        let kind = Kind::of(&source.metadata()?);
        let tree = clone_tree(CWD, source)?;
        set_attributes(&tree, attributes)?;
        attach(root, &tree, target, kind)
    };
    shown().at(Stage::Mounts, format_args!("{} at {}", source.display(), target.display()))
}

fn clone_tree(dir: impl AsFd, path: &Path) -> io::Result<OwnedFd> {
    let flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(dir, path, flags)?)
}

fn attach(root: &OwnedFd, tree: &OwnedFd, target: &Path, kind: Kind) -> io::Result<()> {
    let point = mount_point(root, target, kind)?;
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(move_mount(tree, "", point, "", flags)?)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
}

impl Kind {
    fn of(found: &fs::Metadata) -> Kind {
        if found.is_dir() { Kind::Directory } else { Kind::File }
    }
}

/// Opens `path` below `root`, making what is missing.
///
/// Symbolic links are not followed: an earlier function may have left one in scratch.
fn mount_point(root: &OwnedFd, path: &Path, kind: Kind) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let names: Vec<_> = path
        .components()
        .filter_map(|it| if let Component::Normal(name) = it { Some(name) } else { None })
        .collect();
    let mut at = openat(root, ".", flags | OFlags::DIRECTORY, Mode::empty())?;
    for (index, name) in names.iter().enumerate() {
        let last = index + 1 == names.len();
        let open = |at: &OwnedFd| match (last, kind) {
            (true, Kind::File) => openat(at, *name, flags, Mode::empty()),
            _ => openat(at, *name, flags | OFlags::DIRECTORY, Mode::empty()),
        };
        at = match open(&at) {
            Err(rustix::io::Errno::NOENT) => {
                let made = if last && kind == Kind::File {
                    let create = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
                    openat(&at, *name, create, Mode::from_raw_mode(0o444)).map(drop)
                } else {
                    mkdirat(&at, *name, Mode::from_raw_mode(0o755))
                };
                match made {
                    // Functions may share a scratch folder, and another one was first.
                    Ok(()) | Err(rustix::io::Errno::EXIST) => open(&at)?,
                    Err(err) => return Err(err.into()),
                }
            }
            result => result?,
        };
    }
    Ok(at)
}

/// Makes the root tmpfs itself read-only; what is mounted on it keeps its own attributes.
fn seal(root: &OwnedFd) -> io::Result<()> {
    set_attributes_with(root, RDONLY | NOSUID | NODEV, 0)
}

fn set_attributes(tree: &OwnedFd, attributes: u64) -> io::Result<()> {
    set_attributes_with(tree, attributes, libc::AT_RECURSIVE)
}

fn set_attributes_with(tree: &OwnedFd, set: u64, flags: i32) -> io::Result<()> {
    /// linux/mount.h, `struct mount_attr`.
    #[repr(C)]
    struct MountAttr {
        set: u64,
        clear: u64,
        propagation: u64,
        userns_fd: u64,
    }
    let attr = MountAttr { set, clear: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the path is a terminated string; the kernel reads exactly `size_of` bytes of `attr`.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags | libc::AT_EMPTY_PATH,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
