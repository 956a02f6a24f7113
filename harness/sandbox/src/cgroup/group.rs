//! The groups of one function: one directory in each hierarchy that is used.

use std::{
    cell::Cell,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::PathBuf,
    time::Duration,
};

use super::{
    Controller,
    enter::Door,
    kill,
    parse::Version,
    tree::{self, Tree, field},
    v1, v2,
};

/// A group in one hierarchy.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) version: Version,
    pub(super) dir: PathBuf,
    pub(super) serves: Vec<Controller>,
}

impl Group {
    /// Sets those of the limits that this hierarchy is for.
    pub(super) fn limit(&self, tree: &dyn Tree, memory: Option<u64>, tasks: Option<u64>) -> io::Result<()> {
        if let Some(bytes) = memory.filter(|_| self.serves.contains(&Controller::Memory)) {
            // The kernel counts pages, and cuts off the rest.
            let page = rustix::param::page_size() as u64;
            let bytes = bytes / page * page;
            if bytes == 0 {
                let text = "a memory limit below one page lets nothing run";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
            }
            match self.version {
                Version::V1 => v1::limit_memory(tree, &self.dir, bytes)?,
                Version::V2 => v2::limit_memory(tree, &self.dir, bytes)?,
            }
        }
        if let Some(tasks) = tasks.filter(|_| self.serves.contains(&Controller::Tasks)) {
            match self.version {
                Version::V1 => v1::limit_tasks(tree, &self.dir, tasks)?,
                Version::V2 => v2::limit_tasks(tree, &self.dir, tasks)?,
            }
        }
        Ok(())
    }
}

/// The groups of one function, made by [`CgroupHost::create`](super::CgroupHost::create).
///
/// Dropping it removes nothing, since forked children hold copies.
/// Paths are those of the mount namespace in which it was made.
#[derive(Debug)]
pub(crate) struct Cgroup {
    groups: Vec<Group>,
    pub(super) doors: Vec<Door>,
    /// Kept open: v2 resets a peak for one descriptor only.
    peak: Option<File>,
    /// Whether this process is the child that [`Cgroup::fork`] made inside its v2 group.
    pub(super) born_inside: Cell<bool>,
}

impl Cgroup {
    /// Takes hold of groups that exist.
    pub(super) fn of(groups: Vec<Group>) -> io::Result<Cgroup> {
        let doors = groups.iter().map(|it| Door::open(it.version, &it.dir)).collect::<io::Result<_>>()?;
        let peak = groups.iter().find(|it| it.serves.contains(&Controller::Memory)).and_then(|it| {
            let file = match it.version {
                Version::V1 => it.dir.join("memory.max_usage_in_bytes"),
                Version::V2 => it.dir.join("memory.peak"),
            };
            let both = OpenOptions::new().read(true).write(true).open(&file);
            both.or_else(|_| File::open(&file)).ok()
        });
        Ok(Cgroup { groups, doors, peak, born_inside: Cell::new(false) })
    }

    fn serving(&self, controller: Controller) -> Option<&Group> {
        self.groups.iter().find(|it| it.serves.contains(&controller))
    }

    /// Moves another process into the groups, with all its threads, before it executes anything.
    ///
    /// Costs about 15 ms for each hierarchy on an idle machine; [`Cgroup::fork`] and [`Cgroup::enter_self`] cost microseconds.
    #[cfg(test)]
    pub(crate) fn enter(&self, pid: u32) -> io::Result<()> {
        for group in &self.groups {
            let file = group.dir.join("cgroup.procs");
            tree::Kernel.write(&file, &pid.to_string()).map_err(|it| {
                io::Error::new(it.kind(), format!("moving {pid} to {}: {it}", file.display()))
            })?;
        }
        Ok(())
    }

    /// Processes that the kernel killed for want of memory, in this group or (if the whole machine is short of it) elsewhere too.
    ///
    /// With v1 that is one process at a time, not always the one that asked for memory; with v2 all members.
    pub(crate) fn oom_kills(&self) -> u64 {
        self.serving(Controller::Memory)
            .and_then(|it| match it.version {
                Version::V1 => field(&it.dir.join("memory.oom_control"), "oom_kill"),
                Version::V2 => field(&it.dir.join("memory.events"), "oom_kill"),
            })
            .unwrap_or(0)
    }

    /// Forks that the limit of tasks refused.
    ///
    /// v1, and v2 before Linux 6.11, also count here what a limit further up refused (cgroup-v2.rst "pids_localevents").
    /// [`Cgroup::kill`] may add to it, so read it before.
    pub(crate) fn tasks_refused(&self) -> u64 {
        self.serving(Controller::Tasks).and_then(|it| field(&it.dir.join("pids.events"), "max")).unwrap_or(0)
    }

    /// The most memory in use at once, in bytes: with page cache, tmpfs files and kernel memory, as the limit counts it.
    ///
    /// `None` with v2 before Linux 5.19.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let mut text = [0; 32];
        let len = self.peak.as_ref()?.read_at(&mut text, 0).ok()?;
        std::str::from_utf8(text.get(..len)?).ok()?.trim().parse().ok()
    }

    /// Begins a new measurement of the peak. v2 can do so since Linux 6.12.
    pub(crate) fn reset_peak(&self) -> io::Result<()> {
        let peak = self.peak.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        // memory.rst: writing 0 resets. cgroup-v2.rst "memory.peak": any non-empty text, for reads by the same descriptor.
        peak.write_at(b"0", 0).map(drop)
    }

    /// CPU time of all members, those that have ended included.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let group = self.serving(Controller::Cpu)?;
        match group.version {
            // cpuacct.rst: nanoseconds.
            Version::V1 => {
                let text = tree::read(&group.dir.join("cpuacct.usage")).ok()?;
                text.parse().ok().map(Duration::from_nanos)
            }
            // cgroup-v2.rst "cpu.stat": there whether the controller is enabled or not.
            Version::V2 => field(&group.dir.join("cpu.stat"), "usage_usec").map(Duration::from_micros),
        }
    }

    /// Kills all members, those included that fork without end. Returns before they are dead.
    ///
    /// A child that is just being forked may escape one call; see [`Cgroup::remove`]. With the controller `pids` later forks fail.
    pub(crate) fn kill(&self) {
        let dirs: Vec<PathBuf> = self.groups.iter().map(|it| it.dir.clone()).collect();
        kill::kill(&dirs);
    }

    /// Removes the groups. Those gone already are fine.
    ///
    /// Fails with EBUSY while members live or die: kill, reap, and try again, all three in each round, for a bounded time.
    /// Even a process just reaped may still count for a moment, and one that has not entered yet does not count.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let mut result = Ok(());
        for group in &self.groups {
            match std::fs::remove_dir(&group.dir) {
                Err(err) if err.kind() != io::ErrorKind::NotFound => result = Err(err),
                _ => {}
            }
        }
        result
    }

    /// Where the groups are.
    #[cfg(test)]
    pub(crate) fn directories(&self) -> impl Iterator<Item = &std::path::Path> {
        self.groups.iter().map(|it| it.dir.as_path())
    }
}
