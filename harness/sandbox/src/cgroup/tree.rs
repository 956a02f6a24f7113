//! Changing the tree of control groups: the few operations that tests replace by their own.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::group::{Cgroup, Group};

/// How long [`remove_when_empty`] waits for processes to die.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is done to a tree. Reading is done on the files themselves.
pub(super) trait Tree {
    fn make(&self, dir: &Path) -> io::Result<()>;
    fn remove(&self, dir: &Path) -> io::Result<()>;
    fn write(&self, file: &Path, text: &str) -> io::Result<()>;
    /// Whether a process of ours can get into `group`.
    fn try_to_enter(&self, group: &Group) -> io::Result<()>;
}

/// The kernel's.
pub(super) struct Kernel;

impl Tree for Kernel {
    fn make(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir(dir)
    }

    fn remove(&self, dir: &Path) -> io::Result<()> {
        remove_when_empty(dir, Members::Wait)
    }

    fn write(&self, file: &Path, text: &str) -> io::Result<()> {
        // One write: the kernel takes each as a whole value.
        OpenOptions::new().write(true).open(file)?.write_all(text.as_bytes())
    }

    fn try_to_enter(&self, group: &Group) -> io::Result<()> {
        Cgroup::of(vec![group.clone()])?.try_to_enter()
    }
}

/// What to do about processes that are still in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    Kill,
    Wait,
}

/// Removes a group's directory as soon as its processes have died. Gone already is fine.
///
/// cgroups(7): a group with member processes, dying ones included, cannot be removed (EBUSY).
/// v1 tells nobody when a group becomes empty, so this looks again and again.
pub(super) fn remove_when_empty(dir: &Path, members: Members) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_micros(200);
    loop {
        match fs::remove_dir(dir) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(err) if err.kind() == io::ErrorKind::ResourceBusy && Instant::now() < deadline => {
                if members == Members::Kill {
                    super::kill::kill(&[dir.to_owned()]);
                }
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}

/// Writes a value and makes sure that the kernel took it.
pub(super) fn set(tree: &dyn Tree, file: &Path, wanted: &str) -> io::Result<()> {
    tree.write(file, wanted).map_err(|it| cannot_write(file, wanted, &it))?;
    let kept = read(file)?;
    if kept == wanted {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{}: the kernel took {kept:?} instead of {wanted:?}", file.display()),
    ))
}

/// The same if the kernel offers the file.
pub(super) fn set_if_there(tree: &dyn Tree, file: &Path, wanted: &str) -> io::Result<()> {
    if file.exists() { set(tree, file, wanted) } else { Ok(()) }
}

/// A file's text without its newline. The error names the file.
pub(super) fn read(file: &Path) -> io::Result<String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text.trim_end().to_owned()),
        Err(err) => Err(io::Error::new(err.kind(), format!("reading {}: {err}", file.display()))),
    }
}

/// The number after `name` in a file of "name number" lines.
pub(super) fn field(file: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

fn cannot_write(file: &Path, wanted: &str, err: &io::Error) -> io::Error {
    let why = match err.kind() {
        // Documentation/admin-guide/cgroup-v1/memory.rst: a limit below what is in use and cannot be reclaimed.
        io::ErrorKind::ResourceBusy => "; more than that is in use already",
        _ => "",
    };
    io::Error::new(err.kind(), format!("writing {wanted:?} to {}: {err}{why}", file.display()))
}
