//! A directory of ready-made canaries, put first in the function's `PATH`.
//!
//! Shells look a command up by `stat` before they execute it, so a canary must exist to be run.
//! Names are made by renaming one of a fixed number of files: one system call per name, and the directory does not grow.

use std::{
    collections::VecDeque,
    fs, io,
    os::{
        fd::AsRawFd,
        unix::fs::{DirBuilderExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{RAN, elf};

/// How many names stay alive at a time.
const DEFAULT_CAPACITY: usize = 4096;
/// The file that all names are hard links of.
/// How long a process may take from fork to exec.
const WRITERS: Duration = Duration::from_secs(5);
pub(crate) const ORIGIN: &str = ".canary";

/// The canaries of one function.
///
/// The newest names exist, up to the capacity; arming one more takes the oldest name away.
#[derive(Debug)]
pub struct CanaryPool {
    dir: PathBuf,
    armed: VecDeque<String>,
    capacity: usize,
}

impl CanaryPool {
    /// Creates `dir` (it must not exist) with room for 4,096 names.
    pub fn create(dir: &Path) -> io::Result<CanaryPool> {
        CanaryPool::with_capacity(dir, DEFAULT_CAPACITY)
    }

    /// Creates `dir` (it must not exist) with room for `capacity` names.
    pub fn with_capacity(dir: &Path, capacity: usize) -> io::Result<CanaryPool> {
        fs::DirBuilder::new().mode(0o755).create(dir)?;
        write_program(&dir.join(ORIGIN))?;
        Ok(CanaryPool { dir: dir.to_owned(), armed: VecDeque::new(), capacity: capacity.max(1) })
    }

    /// The directory, for `PATH` and for [`ProcessSpec::canaries`](crate::ProcessSpec::canaries).
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the command `name` exist. A name must not be armed a second time.
    ///
    /// `name` must be a plain file name that does not start with a dot.
    pub fn arm(&mut self, name: &str) -> io::Result<()> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
            let text = format!("not a canary name: {name:?}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let target = self.dir.join(name);
        match self.oldest_if_full() {
            Some(oldest) => fs::rename(self.dir.join(oldest), target)?,
            None => self.add(&target)?,
        }
        self.armed.push_back(name.to_owned());
        Ok(())
    }

    /// Whether `name` exists now.
    pub fn is_armed(&self, name: &str) -> bool {
        self.armed.iter().any(|it| it == name)
    }

    /// Takes all names away.
    pub fn disarm_all(&mut self) -> io::Result<()> {
        while let Some(name) = self.armed.pop_front() {
            fs::remove_file(self.dir.join(name))?;
        }
        Ok(())
    }

    fn oldest_if_full(&mut self) -> Option<String> {
        if self.armed.len() < self.capacity { None } else { self.armed.pop_front() }
    }

    fn add(&self, target: &Path) -> io::Result<()> {
        match fs::hard_link(self.dir.join(ORIGIN), target) {
            // Some file systems have no hard links or few per file. A copy serves as well.
            Err(err) if err.kind() != io::ErrorKind::AlreadyExists => write_program(target),
            result => result,
        }
    }
}

fn write_program(path: &Path) -> io::Result<()> {
    use io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&elf::native(RAN))?;
    // After the umask has had its say.
    file.set_permissions(fs::Permissions::from_mode(0o555))?;
    drop(file);
    wait_for_writers(path)
}

/// Waits until nobody has the file open for writing any more: until then executing it fails with ETXTBSY.
///
/// We have closed it, but if another thread of the caller started a process meanwhile, that process holds a copy of the
/// descriptor until its own exec. fcntl(2): a read lease is refused (EAGAIN) as long as there is such a descriptor.
fn wait_for_writers(path: &Path) -> io::Result<()> {
    let file = fs::File::open(path)?;
    let lease = |kind: i32| {
        // SAFETY: this fcntl takes numbers only. The lease is given back at once, so no signal can come of it.
        let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, kind) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    let deadline = Instant::now() + WRITERS;
    loop {
        match lease(libc::F_RDLCK) {
            Err(err) if err.raw_os_error() == Some(libc::EAGAIN) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(()) => return lease(libc::F_UNLCK),
            // File systems without leases exist; there the race stays, which is rare.
            Err(_) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_can_be_run_while_other_threads_start_processes() {
        let dir = tempfile::tempdir().unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !done.load(std::sync::atomic::Ordering::Relaxed) {
                        // What is done before the exec makes std fork, and gives the race room.
                        let mut command = std::process::Command::new("/bin/true");
                        let nothing = || {
                            std::thread::yield_now();
                            Ok(())
                        };
                        // SAFETY: the closure only yields, which is allowed between fork and exec.
                        unsafe { std::os::unix::process::CommandExt::pre_exec(&mut command, nothing) };
                        command.status().unwrap();
                    }
                });
            }
            let results: Vec<io::Result<bool>> = (0..150)
                .map(|number| {
                    let path = dir.path().join(number.to_string());
                    write_program(&path)?;
                    Ok(std::process::Command::new(path).status()?.success())
                })
                .collect();
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            let failed: Vec<_> = results.iter().filter(|it| !matches!(it, Ok(true))).collect();
            assert!(failed.is_empty(), "{failed:?}");
        });
    }

    #[test]
    fn newest_names_exist_and_the_oldest_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let mut pool = CanaryPool::with_capacity(&dir.path().join("pool"), 2).unwrap();
        for name in ["a", "b", "c"] {
            pool.arm(name).unwrap();
        }
        assert!(!pool.is_armed("a") && pool.is_armed("b") && pool.is_armed("c"));
        assert!(!pool.dir().join("a").exists() && pool.dir().join("c").exists());
        pool.disarm_all().unwrap();
        assert_eq!(fs::read_dir(pool.dir()).unwrap().count(), 1);
        assert!(pool.arm("../x").is_err());
    }
}
