//! Killing all members of a group, so that none can fork its way out.
//!
//! Not even the kernel does so in one step, whatever its documentation says:
//! under load a process that forks and ends without pause was seen to survive `cgroup.kill` once in some thousand times.
//! A child in the making belongs to no list yet when its parent is killed.
//! So whoever needs everything dead kills again until the group can be removed.

use std::{
    fs,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::tree::{Kernel, Tree};

/// Rounds of looking for members. Without a way to stop forks, one round may miss those just forked.
const ROUNDS: usize = 100;
/// Members that are signalled at once, bounded by the descriptors that may be open.
const AT_ONCE: usize = 128;

/// Kills the members of the groups of one function; `dirs` holds its directory in each hierarchy.
pub(super) fn kill(dirs: &[PathBuf]) {
    for dir in dirs {
        // pids.rst: fork fails above the limit, so with 0 none can. Does what the freezer would do, but needs no further group.
        let _ = Kernel.write(&dir.join("pids.max"), "0");
    }
    for dir in dirs {
        // cgroup-v2.rst "cgroup.kill" (Linux 5.14): kills the tree, forks in progress included.
        if Kernel.write(&dir.join("cgroup.kill"), "1").is_err() {
            kill_members(dir);
        }
    }
}

/// Sends SIGKILL to members until a round finds none that was not signalled before.
fn kill_members(dir: &Path) {
    let mut signalled = Vec::new();
    for _ in 0..ROUNDS {
        let found: Vec<Pid> = members(dir).into_iter().filter(|it| !signalled.contains(it)).collect();
        if found.is_empty() {
            return;
        }
        for some in found.chunks(AT_ONCE) {
            let held: Vec<(Pid, OwnedFd)> = some
                .iter()
                .filter_map(|&pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?)))
                .collect();
            // A number may have been given to a stranger between the first look and the opening of the descriptor.
            // Whoever is still listed after that opening is a member, and the descriptor means nobody else.
            let still = members(dir);
            for (pid, fd) in held.iter().filter(|(pid, _)| still.contains(pid)) {
                let _ = pidfd_send_signal(fd, Signal::KILL);
                signalled.push(*pid);
            }
        }
    }
}

/// The member processes. Those of a pid namespace that we cannot see into are listed as 0 and left out.
pub(super) fn members(dir: &Path) -> Vec<Pid> {
    let text = fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|it| Pid::from_raw(it.parse().ok()?)).collect()
}
