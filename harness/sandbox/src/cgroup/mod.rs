//! Limits for one function by control groups: memory, and the number of processes and threads.
//!
//! This module finds out where groups can be made ([`CgroupHost`]) and makes one for each function ([`Cgroup`]).
//! Whoever runs the function decides what to do about a limit that was reached.
//! Everything here is checked by doing it: a place counts if a group was made, entered and removed there.

mod enter;
mod find;
mod group;
mod kill;
mod parse;
mod refusal;
#[cfg(test)]
mod tests;
mod tree;
mod v1;
mod v2;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub(crate) use self::group::Cgroup;
use self::{
    group::Group,
    parse::Version,
    tree::{Kernel, Members, Tree, remove_when_empty},
};

/// So long after its making a group without members is nobody's any more.
const LONG_GONE: Duration = Duration::from_secs(60);

/// Begins the name of every group; the number follows.
const NAME: &str = "evfuzz-";

/// What groups are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Controller {
    Memory,
    Tasks,
    /// Measures only.
    Cpu,
}

impl Controller {
    const ALL: [Controller; 3] = [Controller::Memory, Controller::Tasks, Controller::Cpu];

    fn v1_name(self) -> &'static str {
        match self {
            Controller::Memory => "memory",
            Controller::Tasks => "pids",
            Controller::Cpu => "cpuacct",
        }
    }

    fn v2_name(self) -> &'static str {
        match self {
            Controller::Memory => "memory",
            Controller::Tasks => "pids",
            Controller::Cpu => "cpu",
        }
    }
}

/// A group below which groups of functions can be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    version: Version,
    dir: PathBuf,
    serves: Vec<Controller>,
}

/// Where groups can be made on this machine, found once for all functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CgroupHost {
    places: Vec<Place>,
}

impl CgroupHost {
    /// Looks where groups can be made, by making some. Also removes what killed processes have left there.
    ///
    /// The notes say in whole sentences what is missing and why.
    pub(crate) fn find() -> (CgroupHost, Vec<String>) {
        let read = |path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let (host, notes) = find::find(&read("/proc/self/cgroup"), &read("/proc/self/mountinfo"), &Kernel);
        host.sweep(LONG_GONE);
        (host, notes)
    }

    /// Removes what killed processes have left, at least `age` ago.
    pub(crate) fn sweep(&self, age: Duration) {
        for place in &self.places {
            find::sweep(&place.dir, age);
        }
    }

    /// Whether [`CgroupHost::create`] can limit memory.
    pub(crate) fn limits_memory(&self) -> bool {
        self.serves(Controller::Memory)
    }

    /// Whether [`CgroupHost::create`] can limit processes and threads.
    pub(crate) fn limits_tasks(&self) -> bool {
        self.serves(Controller::Tasks)
    }

    fn serves(&self, controller: Controller) -> bool {
        self.places.iter().any(|it| it.serves.contains(&controller))
    }

    /// Makes a group named `evfuzz-<number>` in each hierarchy, with these limits.
    ///
    /// `number` is the pid of whoever answers for the function, so that others can remove the group after its death.
    /// Call before entering namespaces and giving up rights. A limit that cannot be set is an error.
    pub(crate) fn create(&self, number: u32, memory: Option<u64>, tasks: Option<u64>) -> io::Result<Cgroup> {
        let groups = self.make(&Kernel, &name(number), memory, tasks)?;
        Cgroup::of(groups).inspect_err(|_| self.remove(number))
    }

    fn make(
        &self,
        tree: &dyn Tree,
        name: &str,
        memory: Option<u64>,
        tasks: Option<u64>,
    ) -> io::Result<Vec<Group>> {
        for (asked, controller) in [(memory, Controller::Memory), (tasks, Controller::Tasks)] {
            if asked.is_some() && !self.serves(controller) {
                let text = format!("no control group limits {} here", controller.v2_name());
                return Err(io::Error::new(io::ErrorKind::Unsupported, text));
            }
        }
        let mut made: Vec<Group> = Vec::new();
        for place in &self.places {
            let group = place.group(name);
            let result = fresh(tree, &group.dir).and_then(|()| group.limit(tree, memory, tasks));
            made.push(group);
            if let Err(err) = result {
                for group in &made {
                    let _ = tree.remove(&group.dir);
                }
                return Err(err);
            }
        }
        Ok(made)
    }

    /// Removes what still exists of the groups of `number`, killing members that are left.
    ///
    /// Waits for dying members, up to two seconds for each hierarchy.
    pub(crate) fn remove(&self, number: u32) {
        let dirs: Vec<PathBuf> = self.places.iter().map(|it| it.dir.join(name(number))).collect();
        if dirs.iter().any(|it| !kill::members(it).is_empty()) {
            kill::kill(&dirs);
        }
        for dir in dirs {
            let _ = remove_when_empty(&dir, Members::Kill);
        }
    }
}

/// "cgroup v1 (memory, pids)", "cgroup v2 (memory, pids)", "none".
impl fmt::Display for CgroupHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (version, text) in [(Version::V1, "cgroup v1"), (Version::V2, "cgroup v2")] {
            let limits = [Controller::Memory, Controller::Tasks].into_iter().filter(|it| {
                self.places.iter().any(|place| place.version == version && place.serves.contains(it))
            });
            let names: Vec<&str> = limits.map(Controller::v2_name).collect();
            if !names.is_empty() {
                parts.push(format!("{text} ({})", names.join(", ")));
            }
        }
        f.write_str(if parts.is_empty() { "none" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

impl Place {
    fn group(&self, name: &str) -> Group {
        Group { version: self.version, dir: self.dir.join(name), serves: self.serves.clone() }
    }
}

fn name(number: u32) -> String {
    format!("{NAME}{number}")
}

/// Makes a directory; an empty one of that name, left behind by a process that had the same pid, is replaced.
fn fresh(tree: &dyn Tree, dir: &Path) -> io::Result<()> {
    let made = match tree.make(dir) {
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {
            tree.remove(dir).and_then(|()| tree.make(dir))
        }
        other => other,
    };
    made.map_err(|it| io::Error::new(it.kind(), format!("making {}: {it}", dir.display())))
}
