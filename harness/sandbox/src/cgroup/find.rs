//! Where groups can be made: our own group in each hierarchy of v1; in v2 the first place upwards that has the controllers.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::{
    CgroupHost, Controller, NAME, Place,
    parse::{self, Access, Membership, Mount, Version},
    refusal::Refusal,
    tree::{Tree, read},
    v2::{self, Offer},
};
use crate::procfs;

/// Tells the trial groups of one process apart.
static TRIALS: AtomicU32 = AtomicU32::new(0);

/// Decides from the texts of `/proc/self/cgroup` and `/proc/self/mountinfo`, and tries in `tree`.
pub(super) fn find(own: &str, mounted: &str, tree: &dyn Tree) -> (CgroupHost, Vec<String>) {
    let (own, mounts) = (parse::memberships(own), parse::mounts(mounted));
    let mut search = Search { tree, host: CgroupHost::default(), refusals: Vec::new() };
    // v1 first: where both are mounted, the controllers are mostly there. Then those that can be written to:
    // of several views of a hierarchy one is enough.
    for version in [Version::V1, Version::V2] {
        for access in [Access::ReadWrite, Access::ReadOnly] {
            for mount in mounts.iter().filter(|it| it.version == version && it.access == access) {
                match version {
                    Version::V1 => search.v1(mount, &own),
                    Version::V2 => search.v2(mount, &own),
                }
            }
        }
    }
    let notes = Controller::ALL.into_iter().filter(|it| !search.host.serves(*it));
    let notes = notes.map(|it| search.note(it, &mounts)).collect();
    (search.host, notes)
}

/// Removes empty groups, at least so old, of processes that are gone, such as a keeper that was killed.
///
/// Where another pid namespace uses the same place, a number says nothing, so a young group may be one that waits for its
/// first member.
pub(super) fn sweep(place: &Path, age: Duration) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|it| it.strip_prefix(NAME)) else {
            continue;
        };
        let number = rest.split('-').find_map(|it| it.parse::<u32>().ok());
        let made = entry.metadata().and_then(|it| it.modified());
        let old = made.is_ok_and(|it| it.elapsed().is_ok_and(|it| it >= age));
        // A process that nobody has buried yet makes no groups either.
        if old && number.is_some_and(procfs::has_ended) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

struct Search<'a> {
    tree: &'a dyn Tree,
    host: CgroupHost,
    refusals: Vec<(Controller, Refusal)>,
}

impl Search<'_> {
    fn missing(&self, among: impl Fn(Controller) -> bool) -> Vec<Controller> {
        Controller::ALL.into_iter().filter(|it| among(*it) && !self.host.serves(*it)).collect()
    }

    /// Keeps a reason; the same kind of reason need not be told twice.
    fn refuse(&mut self, controllers: &[Controller], refusal: &Refusal) {
        for &controller in controllers {
            let told = self.refusals.iter().any(|(of, it)| *of == controller && it.is_like(refusal));
            if !told {
                self.refusals.push((controller, refusal.clone()));
            }
        }
    }

    fn v1(&mut self, mount: &Mount, own: &[Membership]) {
        let has = |names: &[String], it: Controller| names.iter().any(|name| name == it.v1_name());
        let wanted = self.missing(|it| has(&mount.controllers, it));
        let Some(&first) = wanted.first() else {
            return;
        };
        let Some(own) = own.iter().find(|it| has(&it.controllers, first)) else {
            return;
        };
        let Some(dir) = mount.directory_of(&own.group) else {
            return self.refuse(&wanted, &Refusal::Outside(own.group.clone()));
        };
        if let Err(refusal) = self.try_place(&Place { version: Version::V1, dir, serves: wanted.clone() }) {
            self.refuse(&wanted, &refusal);
        }
    }

    fn v2(&mut self, mount: &Mount, own: &[Membership]) {
        // Reading CPU time needs no controller, so it comes along with the others.
        let wanted = self.missing(|it| it != Controller::Cpu);
        let Some(own) = own.iter().find(|it| it.version == Version::V2) else {
            return;
        };
        let Some(dir) = mount.directory_of(&own.group) else {
            return self.refuse(&wanted, &Refusal::Outside(own.group.clone()));
        };
        let mut places = Vec::new();
        for (dir, owner) in v2::candidates(&dir, &mount.point) {
            let mut serves = Vec::new();
            for &controller in &wanted {
                match v2::offers(self.tree, &dir, owner, controller) {
                    Offer::Yes => serves.push(controller),
                    Offer::Refused(refusal) => self.refuse(&[controller], &refusal),
                    Offer::Unknown => {}
                }
            }
            places.push((dir, serves));
        }
        // The nearest of those that have most.
        places.sort_by_key(|(_, serves)| std::cmp::Reverse(serves.len()));
        for (dir, limits) in places.into_iter().filter(|(_, limits)| !limits.is_empty()) {
            let mut serves = limits.clone();
            serves.extend(self.missing(|it| it == Controller::Cpu));
            match self.try_place(&Place { version: Version::V2, dir, serves }) {
                Ok(()) => return,
                Err(refusal) => self.refuse(&limits, &refusal),
            }
        }
    }

    /// Makes a group, looks at it, enters it, removes it.
    fn try_place(&mut self, place: &Place) -> Result<(), Refusal> {
        let count = TRIALS.fetch_add(1, Ordering::Relaxed);
        let group = place.group(&format!("{NAME}try-{}-{count}", std::process::id()));
        self.tree.make(&group.dir).map_err(|it| Refusal::making(&place.dir, place.version, &it))?;
        let checked = usable(&group.dir, place).and_then(|()| {
            self.tree.try_to_enter(&group).map_err(|it| Refusal::making(&place.dir, place.version, &it))
        });
        let removed =
            self.tree.remove(&group.dir).map_err(|it| Refusal::making(&place.dir, place.version, &it));
        checked.and(removed)?;
        self.host.places.push(place.clone());
        Ok(())
    }

    /// One sentence on why `controller` is not served.
    fn note(&self, controller: Controller, mounts: &[Mount]) -> String {
        let what = match controller {
            Controller::Memory => "no control group limits memory",
            Controller::Tasks => "no control group limits processes",
            Controller::Cpu => "no control group measures CPU time",
        };
        let mut why: Vec<String> = self
            .refusals
            .iter()
            .filter(|(of, _)| *of == controller)
            .map(|(_, refusal)| refusal.to_string())
            .collect();
        if why.is_empty() {
            why.push(match mounts {
                [] => "no hierarchy of control groups is mounted here".to_owned(),
                _ => format!("no mounted hierarchy has the controller `{}`", controller.v2_name()),
            });
        }
        format!("{what}: {}", why.join("; "))
    }
}

/// Whether the files that we need are in a new group.
fn usable(dir: &Path, place: &Place) -> Result<(), Refusal> {
    let unusable = |why: String| Refusal::Unusable(place.dir.clone(), why);
    for controller in &place.serves {
        let file = match (place.version, controller) {
            (Version::V1, Controller::Memory) => "memory.limit_in_bytes",
            (Version::V2, Controller::Memory) => "memory.max",
            (_, Controller::Tasks) => "pids.max",
            (Version::V1, Controller::Cpu) => "cpuacct.usage",
            (Version::V2, Controller::Cpu) => "cpu.stat",
        };
        if !dir.join(file).exists() {
            return Err(unusable(format!("it has no {file}")));
        }
    }
    if place.version == Version::V2 {
        // cgroup-v2.rst "Threads": below a threaded group new ones are "domain invalid" and cannot be entered.
        let kind = read(&dir.join("cgroup.type")).map_err(|it| unusable(it.to_string()))?;
        if kind != "domain" {
            return Err(unusable(format!("its type is {kind:?}")));
        }
    }
    Ok(())
}
