//! Limits of the whole tree: the kernel's control groups where they can be had, else looking now and then.
//!
//! What is limited without the warden (descriptors, file size, CPU time, the size of a `/tmp` in memory) is set in
//! `confine` and by mount options.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    time::{Duration, Instant},
};

use super::files;
use crate::{
    cgroup::{Cgroup, CgroupHost},
    event::{ExitStatus, LeftFiles, Usage},
    isolation::Namespaces,
    limit::{Ceiling, Exceeded, Measured},
    procfs,
    spec::Limits,
    sys::{self, Forked},
    usage,
    wire::Order,
};

/// Between two looks. Memory grows by about 1 GB/s at most, so a function gets some hundred MB beyond its limit.
const LOOK: Duration = Duration::from_millis(100);

/// So many entries of scratch are counted in one look; a function that makes more has left the limit behind.
const MOST_ENTRIES: usize = 20_000;

/// What watches over one function's use of the machine.
pub(super) struct Guard {
    cgroup: Option<Cgroup>,
    host: CgroupHost,
    /// OOM kills that were there from the start.
    killed_before: u64,
    ceiling: Ceiling,
    limits: Limits,
    scratch: Option<OwnedFd>,
    started: Instant,
    next: Option<Instant>,
    /// The limit for which the tree was ended.
    exceeded: Option<Exceeded>,
}

impl Guard {
    /// Makes the control group. Where that fails, looking takes its place.
    pub(super) fn new(order: &Order) -> Guard {
        let limits = &order.spec.limits;
        let shares_its_user = order.barriers.namespaces != Namespaces::User;
        let own_memory = order.spec.scratch.in_memory(&order.barriers);
        let host: &CgroupHost = &order.cgroups;
        // The kernel charges files in memory to the group as well.
        let memory = limits.memory.map(|it| if own_memory { it.saturating_add(limits.scratch) } else { it });
        let memory = memory.filter(|_| host.limits_memory());
        let tasks = host.limits_tasks().then_some(limits.processes);
        let wanted = memory.is_some() || tasks.is_some();
        let cgroup = wanted.then(|| host.create(std::process::id(), memory, tasks).ok()).flatten();
        let by_group = |served: bool| cgroup.is_some() && served;
        let ceiling = Ceiling {
            // Also beside a group: that one grants what may lie in `/tmp` as well.
            memory: limits.memory.filter(|_| own_memory || !by_group(host.limits_memory())),
            // RLIMIT_NPROC bounds them per user and user namespace. Without one, what others of the user give back
            // can be taken.
            tasks: Some(limits.processes).filter(|_| shares_its_user && !by_group(host.limits_tasks())),
            // RLIMIT_CPU, per process.
            cpu: None,
            scratch: (!own_memory).then_some(limits.scratch),
            lifetime: limits.lifetime,
        };
        let started = Instant::now();
        let mut guard = Guard {
            killed_before: cgroup.as_ref().map_or(0, Cgroup::oom_kills),
            cgroup,
            host: host.clone(),
            ceiling,
            limits: limits.clone(),
            scratch: None,
            started,
            next: None,
            exceeded: None,
        };
        guard.plan();
        guard
    }

    /// Forks the child that is to become the function.
    pub(super) fn fork(&self) -> io::Result<Forked> {
        self.cgroup.as_ref().map_or_else(sys::fork, |it| it.fork(0))
    }

    /// Puts the calling child into the groups, before it gives up its rights.
    pub(super) fn take_in(&self) -> io::Result<()> {
        self.cgroup.as_ref().map_or(Ok(()), Cgroup::enter_self)
    }

    /// The folder whose content is counted.
    pub(super) fn scratch(&mut self, folder: OwnedFd) {
        self.scratch = Some(folder);
    }

    /// How long the warden may sleep.
    pub(super) fn rest(&self) -> Option<Duration> {
        self.next.map(|it| it.saturating_duration_since(Instant::now()))
    }

    /// Looks, if it is time to, and says which limit is exceeded.
    pub(super) fn look(&mut self) -> Option<Exceeded> {
        if self.exceeded.is_some() || self.next.is_none_or(|it| it > Instant::now()) {
            return None;
        }
        self.exceeded = self.ceiling.exceeded(&self.measure());
        self.plan();
        self.exceeded
    }

    /// What the tree with the started process `function` uses.
    pub(super) fn usage(&self, function: u32) -> Usage {
        let mut pids = procfs::descendants(std::process::id());
        let memory = usage::resident_exact(&pids);
        // The times of children that ended are with whoever buried them: us, for the started process.
        pids.push(std::process::id());
        let group = self.cgroup.as_ref();
        let peak_memory = match group.and_then(Cgroup::peak_memory) {
            Some(peak) => {
                let _ = group.map(Cgroup::reset_peak);
                Some(peak)
            }
            None => usage::peak_resident(function).inspect(|_| drop(usage::reset_peak(function))),
        };
        Usage {
            cpu: group.and_then(Cgroup::cpu).unwrap_or_else(|| usage::cpu(&pids)),
            memory,
            peak_memory,
            forks_refused: group.map_or(0, Cgroup::tasks_refused),
        }
    }

    /// What lies in scratch.
    pub(super) fn files(&self) -> LeftFiles {
        self.scratch.as_ref().map(|it| files::list(it.as_fd())).unwrap_or_default()
    }

    fn measure(&self) -> Measured {
        let resident = |most: u64| {
            let pids = procfs::descendants(std::process::id());
            // Forked processes share most of their memory, which the quick sum counts for each of them.
            match usage::resident(&pids) {
                little if little <= most => little,
                _ => usage::resident_exact(&pids),
            }
        };
        let memory = self.ceiling.memory.map(resident);
        let tasks = self.ceiling.tasks.map(|_| usage::tasks(&procfs::descendants(std::process::id())));
        let scratch = self.ceiling.scratch.and(self.scratch.as_ref());
        Measured {
            memory,
            tasks,
            scratch: scratch.map(|it| usage::disk_usage(it.as_fd(), MOST_ENTRIES)),
            lifetime: Some(self.started.elapsed()),
            ..Measured::default()
        }
    }

    fn plan(&mut self) {
        let limits = &self.ceiling;
        let polls = limits.memory.is_some() || limits.tasks.is_some() || limits.scratch.is_some();
        let end = self.ceiling.lifetime.and_then(|it| self.started.checked_add(it));
        let look = polls.then(|| Instant::now() + LOOK);
        self.next = match (look, end) {
            _ if self.exceeded.is_some() => None,
            (Some(look), Some(end)) => Some(look.min(end)),
            (look, end) => look.or(end),
        };
    }

    /// The limit that explains the function's end, if one does.
    pub(super) fn explains(&self, status: ExitStatus, cpu: Duration) -> Option<Exceeded> {
        let ExitStatus::Signal(signal) = status else { return None };
        if self.exceeded.is_some() {
            return self.exceeded;
        }
        // setrlimit(2): SIGXCPU at the soft limit, SIGKILL at the hard one. The kernel counts by ticks for the limit and
        // exactly for its answer, so the two differ.
        let long = self.limits.cpu.is_some_and(|it| cpu >= it / 2);
        if long && (signal == libc::SIGXCPU || signal == libc::SIGKILL) {
            return Some(Exceeded::Cpu);
        }
        let killed = self.cgroup.as_ref().map_or(0, Cgroup::oom_kills) > self.killed_before;
        (signal == libc::SIGKILL && killed).then_some(Exceeded::Memory)
    }

    /// Kills all members at once, which no fork slips through.
    pub(super) fn kill(&self) {
        if let Some(cgroup) = &self.cgroup {
            cgroup.kill();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(cgroup) = &self.cgroup {
            // All members are dead, but one just buried may still be counted.
            if cgroup.remove().is_err() {
                self.host.remove(std::process::id());
            }
        }
    }
}
