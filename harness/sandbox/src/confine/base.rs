//! The part of the host that every function may read: programs, libraries, public configuration.
//!
//! Never in it: homes, `/run`, `/var`, and files that the caller may read but others may not (`/etc/shadow` for root).

use std::{
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Programs and libraries. `/opt` belongs to the function (Lambda layers), so it is not here.
const PROGRAMS: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];
/// Device files that programs expect.
pub(super) const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/// How runtimes learn the number of CPUs.
const CPUS: &str = "/sys/devices/system/cpu";

/// What is readable for every function, found once per keeper.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SystemBase {
    /// Directories to mount, and to allow below.
    pub(super) directories: Vec<PathBuf>,
    /// Symbolic links in `/` to reproduce, with their targets.
    pub(super) links: Vec<(PathBuf, PathBuf)>,
    /// The public parts of `/etc`.
    pub(super) etc_public: Vec<PathBuf>,
    /// The other parts, which a mount namespace hides.
    pub(super) etc_secret: Vec<PathBuf>,
}

impl SystemBase {
    /// Looks at the host.
    pub(crate) fn of_host() -> SystemBase {
        let mut base = SystemBase {
            directories: Vec::new(),
            links: Vec::new(),
            etc_public: Vec::new(),
            etc_secret: Vec::new(),
        };
        for path in PROGRAMS.iter().chain(&[CPUS]).map(Path::new) {
            match (fs::read_link(path), path.is_dir()) {
                (Ok(target), true) => base.links.push((path.to_owned(), target)),
                (Err(_), true) => base.directories.push(path.to_owned()),
                (_, false) => {}
            }
        }
        sort_out(Path::new("/etc"), &mut base.etc_public, &mut base.etc_secret);
        base
    }

    /// Everything that is readable with what is below it.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &Path> {
        let listed = self.directories.iter().chain(&self.etc_public).map(PathBuf::as_path);
        listed.chain([Path::new("/proc")])
    }

    /// Whether `path` is readable anyway.
    pub(super) fn covers(&self, path: &Path) -> bool {
        self.directories.iter().any(|it| path.starts_with(it))
            || self.links.iter().any(|(link, _)| path.starts_with(link))
    }
}

/// Splits `dir` into what everybody may read and what not.
///
/// A directory without secrets below stays one entry.
fn sort_out(dir: &Path, public: &mut Vec<PathBuf>, secret: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let (public_before, secret_before) = (public.len(), secret.len());
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(found) = entry.metadata() else {
            continue;
        };
        let kind = found.file_type();
        let others = found.mode() & 0o7;
        if kind.is_dir() && others & 0o5 == 0o5 {
            sort_out(&path, public, secret);
        } else if kind.is_file() && others & 0o4 != 0 {
            public.push(path);
        } else if kind.is_symlink() {
            // A link is as readable as what it points to, which has its own rule.
        } else if kind.is_file() || kind.is_dir() || kind.is_socket() || kind.is_fifo() {
            secret.push(path);
        }
    }
    if secret.len() == secret_before {
        public.truncate(public_before);
        public.push(dir.to_owned());
    }
}
