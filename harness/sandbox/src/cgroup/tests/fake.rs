//! A tree in a temporary directory with the rules of the kernel that matter for finding a place.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::cgroup::{group::Group, parse::Version, tree::Tree};

/// What the tree below one directory is.
enum Kind {
    V1(&'static [&'static str]),
    V2,
}

pub(super) struct Fake {
    dir: TempDir,
    mounts: Vec<(PathBuf, Kind)>,
    /// Groups in which others have processes.
    pub(super) busy: BTreeSet<PathBuf>,
    /// Groups that this user may not change; everything if it contains the root.
    pub(super) foreign: BTreeSet<PathBuf>,
    pub(super) read_only: bool,
    /// The largest number that is kept as it was written.
    pub(super) largest: u64,
    /// What new v2 groups say of themselves.
    pub(super) kind: &'static str,
}

impl Fake {
    pub(super) fn new() -> Fake {
        Fake {
            dir: TempDir::new().unwrap(),
            mounts: Vec::new(),
            busy: BTreeSet::new(),
            foreign: BTreeSet::new(),
            read_only: false,
            largest: u64::MAX,
            kind: "domain",
        }
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// A v1 hierarchy at `point` with our group in it. Returns its line of mountinfo.
    pub(super) fn v1(
        &mut self,
        point: &str,
        root: &str,
        controllers: &'static [&'static str],
        own: &str,
    ) -> String {
        let at = self.path(point);
        fs::create_dir_all(at.join(own)).unwrap();
        let line =
            format!("1 2 0:3 {root} {} rw - cgroup cgroup rw,{}\n", at.display(), controllers.join(","));
        self.mounts.push((at, Kind::V1(controllers)));
        line
    }

    /// A v2 hierarchy at `point`; each group with the controllers that it gives to its children.
    pub(super) fn v2(&mut self, point: &str, has: &str, groups: &[(&str, &str)]) -> String {
        let at = self.path(point);
        fs::create_dir_all(&at).unwrap();
        self.mounts.push((at.clone(), Kind::V2));
        self.fill_v2(&at, has);
        for (group, gives) in groups {
            let dir = at.join(group);
            if dir != at {
                self.make(&dir).unwrap();
            }
            fs::write(dir.join("cgroup.subtree_control"), gives).unwrap();
        }
        format!("1 2 0:3 / {} rw - cgroup2 cgroup2 rw\n", at.display())
    }

    /// The names of the groups below `dir`.
    pub(super) fn groups(&self, dir: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(dir)).unwrap().flatten();
        let mut names: Vec<String> = entries
            .filter(|it| it.file_type().unwrap().is_dir())
            .map(|it| it.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn kind_of(&self, dir: &Path) -> &Kind {
        let (_, kind) = self.mounts.iter().find(|(point, _)| dir.starts_with(point)).expect("a mount");
        kind
    }

    fn fill_v2(&self, dir: &Path, has: &str) {
        let file = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
        file("cgroup.controllers", has);
        file("cgroup.subtree_control", "");
        file("cgroup.type", self.kind);
        file("cgroup.procs", "");
        file("cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
        for controller in has.split(' ') {
            match controller {
                "memory" => {
                    file("memory.max", "max\n");
                    file("memory.swap.max", "max\n");
                    file("memory.oom.group", "0\n");
                    file("memory.peak", "4096\n");
                    file("memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 1\n");
                }
                "pids" => {
                    file("pids.max", "max\n");
                    file("pids.events", "max 7\n");
                }
                _ => {}
            }
        }
    }

    fn fill_v1(&self, dir: &Path, controllers: &[&str]) {
        let file = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
        file("tasks", "");
        file("cgroup.procs", "");
        for controller in controllers {
            match *controller {
                "memory" => {
                    file("memory.limit_in_bytes", "9223372036854771712\n");
                    file("memory.memsw.limit_in_bytes", "9223372036854771712\n");
                    file("memory.max_usage_in_bytes", "8192\n");
                    file("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
                }
                "pids" => {
                    file("pids.max", "max\n");
                    file("pids.events", "max 5\n");
                }
                "cpuacct" => file("cpuacct.usage", "1234567\n"),
                _ => {}
            }
        }
    }

    fn may_change(&self, dir: &Path) -> io::Result<()> {
        if self.read_only {
            return Err(io::Error::from_raw_os_error(libc::EROFS));
        }
        if self.foreign.contains(dir) || self.foreign.contains(self.dir.path()) {
            return Err(io::Error::from_raw_os_error(libc::EACCES));
        }
        Ok(())
    }
}

impl Tree for Fake {
    fn make(&self, dir: &Path) -> io::Result<()> {
        let parent = dir.parent().unwrap();
        self.may_change(parent)?;
        fs::create_dir(dir)?;
        match self.kind_of(dir) {
            Kind::V1(controllers) => self.fill_v1(dir, controllers),
            Kind::V2 => {
                let has = fs::read_to_string(parent.join("cgroup.subtree_control"))?;
                self.fill_v2(dir, has.trim());
            }
        }
        Ok(())
    }

    fn remove(&self, dir: &Path) -> io::Result<()> {
        if self.busy.contains(dir) {
            return Err(io::Error::from_raw_os_error(libc::EBUSY));
        }
        fs::remove_dir_all(dir)
    }

    fn write(&self, file: &Path, text: &str) -> io::Result<()> {
        let dir = file.parent().unwrap();
        self.may_change(dir)?;
        if !file.exists() {
            return Err(io::Error::from_raw_os_error(libc::EACCES));
        }
        if file.ends_with("cgroup.subtree_control") {
            if self.busy.contains(dir) {
                return Err(io::Error::from_raw_os_error(libc::EBUSY));
            }
            let before = fs::read_to_string(file)?;
            return fs::write(file, format!("{before} {}", text.trim_start_matches('+')).trim());
        }
        let kept = text.parse::<u64>().map_or(text.to_owned(), |it| it.min(self.largest).to_string());
        fs::write(file, kept + "\n")
    }

    fn try_to_enter(&self, group: &Group) -> io::Result<()> {
        // v2: the common ancestor with the process is the place above the group.
        let guard = match group.version {
            Version::V1 => &group.dir,
            Version::V2 => group.dir.parent().unwrap(),
        };
        self.may_change(guard)
    }
}
