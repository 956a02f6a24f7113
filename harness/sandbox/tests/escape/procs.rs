//! What `/proc` says about processes, from outside of the cage.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// All living processes that belong to the run with this mark: it is in their arguments or in their environment.
pub(crate) fn marked(mark: &str) -> Vec<u32> {
    let contains = |path: String| {
        fs::read(path).is_ok_and(|it| it.windows(mark.len()).any(|window| window == mark.as_bytes()))
    };
    let mut found = all();
    found.retain(|pid| contains(format!("/proc/{pid}/cmdline")) || contains(format!("/proc/{pid}/environ")));
    found.retain(|pid| is_alive(*pid));
    found
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|it| it.file_name().to_str()?.parse().ok()).collect()
}

/// Zombies are dead, unless another thread lives on.
pub(crate) fn is_alive(pid: u32) -> bool {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|it| fields(&it.path()))
        .any(|it| it.first().is_some_and(|state| state != "Z" && state != "X"))
}

/// The fields of `stat` after the name: state, parent, group, session, …
fn fields(dir: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(dir.join("stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// State and place in the kernel, for people.
pub(crate) fn state(pid: u32) -> String {
    let state = status_line(pid, "State:").unwrap_or_else(|| "gone".to_owned());
    let place = fs::read_to_string(format!("/proc/{pid}/wchan")).unwrap_or_default();
    format!("{state} {place}")
}

pub(crate) fn parent(pid: u32) -> Option<u32> {
    fields(Path::new(&format!("/proc/{pid}")))?.get(1)?.parse().ok()
}

/// The processes between `pid` and this one, the nearest to this one first.
pub(crate) fn guards(pid: u32) -> Vec<u32> {
    let (mut chain, mut at) = (Vec::new(), parent(pid));
    while let Some(pid) = at.filter(|it| *it > 1 && *it != std::process::id()) {
        chain.push(pid);
        at = parent(pid);
    }
    chain.reverse();
    chain
}

/// What others can change of a process: stopped or not, priority, processors, limits.
pub(crate) fn traits(pid: u32) -> Vec<String> {
    let dir = format!("/proc/{pid}");
    let stat = fields(Path::new(&dir)).unwrap_or_default();
    let field = |at: usize| stat.get(at).cloned().unwrap_or_default();
    let status = fs::read_to_string(format!("{dir}/status")).unwrap_or_default();
    let line = |name: &str| status.lines().find(|it| it.starts_with(name)).unwrap_or_default().to_owned();
    let limits = fs::read_to_string(format!("{dir}/limits")).unwrap_or_default();
    let oom = fs::read_to_string(format!("{dir}/oom_score_adj")).unwrap_or_default();
    // proc(5), stat: nice is the 19th field, policy the 41st; the first here is the third.
    let mut all =
        vec![format!("nice {}", field(16)), format!("policy {}", field(38)), line("Cpus_allowed_list")];
    // Sleeping and running are one; stopped and traced are not.
    all.push(format!("stopped {}", ["T", "t"].contains(&field(0).as_str())));
    all.push(format!("oom_score_adj {}", oom.trim()));
    all.extend(limits.lines().map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")));
    all
}

/// How the traits of a living process differ from what they were.
pub(crate) fn changes(name: &str, before: &[String], pid: u32) -> Vec<String> {
    if !is_alive(pid) {
        return Vec::new();
    }
    let now = traits(pid);
    let changed = before.iter().zip(&now).filter(|(before, now)| before != now);
    changed.map(|(before, now)| format!("{name} changed: {before} to {now}")).collect()
}

/// Number and target of each descriptor, with its flags.
pub(crate) fn descriptors(pid: u32) -> Vec<(String, u32)> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let flags = |name: &str| {
        let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{name}")).unwrap_or_default();
        let line = text.lines().find_map(|it| it.strip_prefix("flags:")).unwrap_or("0").trim().to_owned();
        u32::from_str_radix(&line, 8).unwrap_or(0)
    };
    entries
        .filter_map(|it| {
            let target = fs::read_link(it.path()).ok()?;
            Some((target.display().to_string(), flags(it.file_name().to_str()?)))
        })
        .collect()
}

/// Memory that would be free without these processes: their share of what is resident, and their nameless files.
pub(crate) fn memory(pids: &[u32]) -> u64 {
    let resident: u64 = pids.iter().map(|it| resident(*it)).sum();
    let mut files: Vec<(u64, u64)> = Vec::new();
    for pid in pids {
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
            let nameless =
                fs::read_link(entry.path()).is_ok_and(|it| it.to_string_lossy().starts_with("/memfd:"));
            if let (true, Ok(found)) = (nameless, fs::metadata(entry.path())) {
                files.push((found.ino(), found.blocks() * 512));
            }
        }
    }
    files.sort_unstable();
    files.dedup();
    resident + files.iter().map(|it| it.1).sum::<u64>()
}

fn resident(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let kib = rollup.lines().find_map(|it| it.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse().ok());
    kib.unwrap_or(0u64) * 1024
}

pub(crate) fn threads(pids: &[u32]) -> usize {
    let count = |pid: &u32| fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().count();
    pids.iter().map(count).sum()
}

/// A line of `/proc/<pid>/status`.
pub(crate) fn status_line(pid: u32, name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    text.lines().find_map(|it| Some(it.strip_prefix(name)?.trim().to_owned()))
}

/// Kills processes of a run that are left over.
pub(crate) fn kill(pids: &[u32]) {
    for pid in pids {
        if let Some(pid) = i32::try_from(*pid).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}
