//! What a dead run may have left on the machine: processes, mounts, control groups, folders.

use std::{
    collections::BTreeSet,
    fs,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

const PATIENCE: Duration = Duration::from_secs(20);

/// Numbers that look random and repeat themselves: xorshift64 (Marsaglia 2003).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The small number, or the full one with `EVFUZZ_FULL=1`.
pub(crate) fn rounds(few: u32, full: u32) -> u32 {
    if std::env::var_os("EVFUZZ_FULL").is_some() { full } else { few }
}

/// Waits for something that gives no sign: looks every few milliseconds, for a bounded time.
#[track_caller]
pub(crate) fn eventually<T: std::fmt::Debug + PartialEq>(look: impl Fn() -> T, wanted: &T) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = look();
        if found == *wanted {
            return;
        }
        assert!(Instant::now() < deadline, "still {found:?}");
        pass(Duration::from_millis(5));
    }
}

/// Lets `time` pass, for want of anything to wait for.
pub(crate) fn pass(time: Duration) {
    let time = Timespec { tv_sec: 0, tv_nsec: time.as_nanos().min(999_999_999).try_into().unwrap() };
    let _ = poll(&mut [], Some(&time));
}

/// Waits until no process has `mark` among its arguments or in its environment.
#[track_caller]
pub(crate) fn assert_nobody_survives(mark: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = marked(mark);
        if left.is_empty() {
            return;
        }
        for (pid, fd) in left {
            let rest = deadline.saturating_duration_since(Instant::now());
            let rest = Timespec { tv_sec: rest.as_secs().try_into().unwrap(), tv_nsec: 0 };
            let ready = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&rest)).unwrap();
            let status = || fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            assert!(ready == 1 && Instant::now() < deadline, "{pid} survives: {}", status());
        }
    }
}

/// The living processes with that mark.
pub(crate) fn marked(mark: &str) -> Vec<(u32, OwnedFd)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|it| it.parse::<u32>().ok()) else { continue };
        let Ok(fd) = pidfd_open(Pid::from_raw(pid.cast_signed()).unwrap(), PidfdFlags::empty()) else {
            continue;
        };
        // Read once the descriptor is held, so that both are of one process.
        let has = |name| {
            let text = fs::read(entry.path().join(name)).unwrap_or_default();
            text.windows(mark.len()).any(|it| it == mark.as_bytes())
        };
        if has("cmdline") || has("environ") {
            found.push((pid, fd));
        }
    }
    found
}

/// The mounts that this process sees.
pub(crate) fn mounts() -> Vec<String> {
    fs::read_to_string("/proc/self/mountinfo").unwrap().lines().map(str::to_owned).collect()
}

/// Control groups of functions whose warden is no more.
pub(crate) fn orphaned_groups() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut todo = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            if !entry.file_type().is_ok_and(|it| it.is_dir()) {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name
                .strip_prefix("evfuzz-")
                .and_then(|it| it.split('-').find_map(|it| it.parse::<u32>().ok()));
            match number {
                Some(number) if !Path::new(&format!("/proc/{number}")).exists() => {
                    found.insert(entry.path());
                }
                Some(_) => {}
                None => todo.push(entry.path()),
            }
        }
    }
    found
}
