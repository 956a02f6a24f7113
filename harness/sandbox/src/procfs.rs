//! What `/proc` says about other processes. Everything may vanish between two reads, so all answers are optional.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, PidfdFlags, pidfd_open};

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
    found.retain(|pid| status(*pid).is_some_and(|it| !it.is_over()));
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

impl Status {
    fn is_over(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }
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

/// Whether no process has that number, or one that has ended and waits for its burial.
pub(crate) fn has_ended(pid: u32) -> bool {
    !Path::new("/proc").join(pid.to_string()).exists() || status(pid).is_some_and(|it| it.is_over())
}

/// Threads of all processes of `uid`.
pub(crate) fn threads_of(uid: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let owned = processes.filter(|it| it.metadata().is_ok_and(|found| found.uid() == uid));
    let threads = owned.filter_map(|it| Some(fs::read_dir(it.path().join("task")).ok()?.count() as u64));
    threads.sum()
}

/// Who a thread is, for the kernel's checks (proc(5), `/proc/pid/status`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The process that the thread belongs to.
    pub(crate) process: u32,
    /// Its parent.
    pub(crate) parent: u32,
    /// The user and the groups that file permissions are checked with.
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<u32>,
    /// The numbers of process and thread in the innermost pid namespace.
    pub(crate) inner: (u32, u32),
}

/// The identity of thread `tid`.
pub(crate) fn identity(tid: u32) -> Option<Identity> {
    parse_identity(&String::from_utf8_lossy(&fs::read(format!("/proc/{tid}/status")).ok()?))
}

fn parse_identity(text: &str) -> Option<Identity> {
    let mut found = Identity::default();
    for line in text.lines() {
        let Some((key, rest)) = line.split_once(':') else {
            continue;
        };
        let mut numbers = rest.split_ascii_whitespace().map_while(|it| it.parse::<u32>().ok());
        match key {
            "Tgid" => found.process = numbers.next()?,
            "PPid" => found.parent = numbers.next()?,
            // Real, effective, saved, file system.
            "Uid" => found.uid = numbers.nth(3)?,
            "Gid" => found.gid = numbers.nth(3)?,
            "Groups" => found.groups = numbers.collect(),
            "NStgid" => found.inner.0 = numbers.last()?,
            "NSpid" => found.inner.1 = numbers.last()?,
            _ => {}
        }
    }
    (found.process != 0).then_some(found)
}

/// The process that thread `tid` belongs to.
pub(crate) fn process_of(tid: u32) -> Option<u32> {
    // pidfd_open(2) takes the first thread of a process only. Most calls come from there, and `status` is long.
    let first = Pid::from_raw(i32::try_from(tid).ok()?)?;
    match pidfd_open(first, PidfdFlags::empty()) {
        Ok(_) => Some(tid),
        Err(_) => identity(tid).map(|it| it.process),
    }
}

/// The command line of a process, shortened if very long; empty if it cannot be read.
pub(crate) fn command_line(pid: u32) -> Vec<String> {
    command_line_up_to(pid, COMMAND_LINE)
}

/// The same with another limit in bytes.
pub(crate) fn command_line_up_to(pid: u32, limit: usize) -> Vec<String> {
    let mut bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    bytes.truncate(limit);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_takes_the_ids_of_the_file_system() {
        let text = "Name:\tx: y\nTgid:\t12\nPid:\t14\nPPid:\t3\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n\
                    Groups:\t9 10 \nNStgid:\t12\t1\nNSpid:\t14\t2\n";
        let wanted = Identity { process: 12, parent: 3, uid: 4, gid: 8, groups: vec![9, 10], inner: (1, 2) };
        assert_eq!(parse_identity(text), Some(wanted));
        assert_eq!(process_of(std::process::id()), Some(std::process::id()));
    }
}
