//! What `/proc` says about other processes. Everything may vanish between two reads, so all answers are optional.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Longest command line that is reported.
const COMMAND_LINE: usize = 8 * 1024;

/// The living descendants of `root`, parents first. Zombies have ended, so they do not count.
pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([root]);
    let mut todo = vec![root];
    while let Some(pid) = todo.pop() {
        for child in children(pid) {
            if seen.insert(child) {
                todo.push(child);
                found.push(child);
            }
        }
    }
    found.retain(|pid| status(*pid).is_some_and(|it| !matches!(it.state, b'Z' | b'X')));
    found
}

/// The children of all threads of `pid`.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    // The file needs CONFIG_PROC_CHILDREN, which some distributions leave out.
    if !Path::new("/proc/thread-self/children").exists() {
        return children_by_parent(pid);
    }
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for thread in threads.flatten() {
        let text = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        found.extend(text.split_ascii_whitespace().filter_map(|it| it.parse::<u32>().ok()));
    }
    found
}

fn children_by_parent(pid: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok())
        .filter(|it| status(*it).is_some_and(|it| it.parent == pid))
        .collect()
}

/// The fields of `/proc/<pid>/stat` that matter here.
pub(crate) struct Status {
    pub(crate) state: u8,
    pub(crate) parent: u32,
    pub(crate) group: u32,
    pub(crate) session: u32,
}

/// State and parent of a process.
pub(crate) fn status(pid: u32) -> Option<Status> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    // proc(5): "pid (comm) state ppid pgrp session …", where comm may hold blanks and parentheses.
    let end = text.iter().rposition(|it| *it == b')')?;
    let rest = std::str::from_utf8(text.get(end + 2..)?).ok()?;
    let mut fields = rest.split(' ');
    let state = *fields.next()?.as_bytes().first()?;
    let mut number = || fields.next()?.parse().ok();
    Some(Status { state, parent: number()?, group: number()?, session: number()? })
}

/// Threads of all processes of `uid`.
pub(crate) fn threads_of(uid: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let owned = processes.filter(|it| it.metadata().is_ok_and(|found| found.uid() == uid));
    let threads = owned.filter_map(|it| Some(fs::read_dir(it.path().join("task")).ok()?.count() as u64));
    threads.sum()
}

/// The process that thread `tid` belongs to.
pub(crate) fn process_of(tid: u32) -> Option<u32> {
    let text = fs::read(format!("/proc/{tid}/status")).ok()?;
    let line = text.split(|it| *it == b'\n').find_map(|it| it.strip_prefix(b"Tgid:"))?;
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

/// The command line of a process, shortened if very long; empty if it cannot be read.
pub(crate) fn command_line(pid: u32) -> Vec<String> {
    let mut bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    bytes.truncate(COMMAND_LINE);
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    bytes.split(|it| *it == 0).map(|it| String::from_utf8_lossy(it).into_owned()).collect()
}

/// The working directory of a process, as the process sees it.
pub(crate) fn working_directory(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}
