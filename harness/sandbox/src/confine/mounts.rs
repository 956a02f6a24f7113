//! The function's own file system: a tmpfs with read-only pieces of the host.
//!
//! The kernel's descriptor-based mount calls are used throughout (`open_tree`, `mount_setattr`, `move_mount`):
//! a piece gets its attributes before it becomes visible, and no path is looked up twice.
//! `mount_setattr` (Linux 5.12) only adds attributes, so the locked ones of a user namespace do not get in the way.

use std::{
    ffi::CString,
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
        MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change,
        move_mount, open_tree, unmount,
    },
};

use super::{Inside, base};
use crate::error::{At, Failure, Stage};

/// linux/mount.h, `MOUNT_ATTR_*`.
const RDONLY: u64 = 1;
const NOSUID: u64 = 2;
const NODEV: u64 = 4;
const NOEXEC: u64 = 8;

/// Size of the tmpfs that holds mount points, links and nothing else.
const ROOT_OPTIONS: &str = "size=1m,nr_inodes=4096,mode=0755";

/// Enters a new mount namespace with a new root.
pub(super) fn enter(inside: &Inside<'_>) -> Result<(), Failure> {
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
    own(inside, &root)?;

    seal(&root).at(HERE, "making the root read-only")?;
    rustix::process::fchdir(&root).at(HERE, "entering the new root")?;
    // With both arguments the same the old root ends up on top of the new one, from where it is taken off (pivot_root(2), NOTES).
    rustix::process::pivot_root(".", ".").at(HERE, "pivot_root")?;
    unmount(".", UnmountFlags::DETACH).at(HERE, "detaching the old root")?;
    rustix::process::chdir("/").at(HERE, "/")
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
    bind(root, Path::new("/proc"), Path::new("/proc"), RDONLY | NOSUID | NODEV | NOEXEC)?;
    let etc = Path::new("/etc");
    bind(root, etc, etc, RDONLY | NOSUID | NODEV)?;
    hide(root, &base.etc_secret)?;
    for path in base::DEVICES.iter().map(Path::new) {
        if path.metadata().is_ok_and(|it| it.file_type().is_char_device()) {
            bind(root, path, path, NOSUID | NOEXEC)?;
        }
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

/// The pieces of this function: scratch (twice), what it may read, its canaries.
fn own(inside: &Inside<'_>, root: &OwnedFd) -> Result<(), Failure> {
    let spec = inside.spec;
    let tmp = Path::new("/tmp");
    bind(root, &real(&spec.scratch)?, tmp, NOSUID | NODEV)?;
    let mut pieces = vec![(spec.scratch.clone(), NOSUID | NODEV)];
    for path in spec.read.iter().chain(&spec.canaries) {
        pieces.push((path.clone(), RDONLY | NOSUID | NODEV));
    }
    let mut all = Vec::new();
    for (path, attributes) in pieces {
        let real = real(&path)?;
        // The function may know the place by either name.
        if path != real {
            all.push((path, real.clone(), attributes));
        }
        all.push((real.clone(), real, attributes));
    }
    // Parents first, so that a mount never hides an earlier one.
    all.sort_by_key(|(target, _, _)| target.components().count());
    let targets: Vec<&Path> = all.iter().map(|(target, _, _)| target.as_path()).collect();
    let stages = below_tmp(root, &targets)?;
    let mut read_only: Vec<PathBuf> = Vec::new();
    for (target, source, attributes) in all {
        let writable = attributes & RDONLY == 0;
        let present = inside.base.covers(&target) || read_only.iter().any(|it| target.starts_with(it));
        if present && !writable {
            continue;
        }
        bind(root, &source, &target, attributes)?;
        if !writable {
            read_only.push(target);
        }
    }
    for stage in stages {
        set_attributes_with(&stage, RDONLY, 0).at(Stage::Mounts, tmp.display())?;
    }
    canaries_without_path(inside, root)
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
        Some(canaries) if free => bind(root, &real(canaries)?, folder, RDONLY | NOSUID | NODEV),
        _ => Ok(()),
    }
}

/// Prepares `/tmp` for mount points of its own: what lies there on the host must be there inside as well.
///
/// Each first name below `/tmp` becomes an empty directory in scratch, covered by one that belongs to the root's tmpfs.
/// So scratch is littered by no more than that, and the way to a mount point is not writable.
/// The caller makes the returned mounts read-only when all mount points exist.
fn below_tmp(root: &OwnedFd, targets: &[&Path]) -> Result<Vec<OwnedFd>, Failure> {
    let mut names: Vec<&Path> = targets
        .iter()
        .filter_map(|it| it.strip_prefix("/tmp").ok())
        .filter(|it| it.components().count() > 1)
        .filter_map(|it| it.iter().next().map(Path::new))
        .collect();
    names.sort();
    names.dedup();
    let cover = |name: &Path| {
        let hidden = Path::new(".tmp").join(name);
        drop(mount_point(root, &hidden, Kind::Directory)?);
        let tree = clone_tree(root, &hidden)?;
        set_attributes_with(&tree, NOSUID | NODEV, 0)?;
        attach(root, &tree, &Path::new("/tmp").join(name), Kind::Directory)?;
        Ok::<_, io::Error>(tree)
    };
    names
        .into_iter()
        .filter(|name| !targets.contains(&Path::new("/tmp").join(name).as_path()))
        .map(|name| cover(name).at(Stage::Mounts, format_args!("/tmp/{}", name.display())))
        .collect()
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
                    // Another function that is being started with the same scratch was faster.
                    Err(rustix::io::Errno::EXIST) => {}
                    result => result?,
                }
                open(&at)?
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
