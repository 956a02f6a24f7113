//! What `/proc/self/cgroup` and `/proc/self/mountinfo` say, as text.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The two interfaces of the kernel. A controller belongs to one of them at a time (cgroups(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Version {
    V1,
    V2,
}

/// One line of `/proc/self/cgroup`: where this process is in one hierarchy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Membership {
    pub(super) version: Version,
    /// Of v1. In v2 the group's own files say which there are.
    pub(super) controllers: Vec<String>,
    /// Seen from the root of our cgroup namespace; begins with `/..` if the group is outside of it.
    pub(super) group: PathBuf,
}

/// A mounted hierarchy, or a part of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) version: Version,
    /// Of v1.
    pub(super) controllers: Vec<String>,
    /// The group that appears at `point`. Not `/` where a container shows a part of the host's hierarchy.
    pub(super) root: PathBuf,
    pub(super) point: PathBuf,
    pub(super) access: Access,
}

/// Whether a mount may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    ReadOnly,
    ReadWrite,
}

/// cgroups(7): "hierarchy-ID:controller-list:cgroup-path", where v2 has ID 0 and an empty list.
pub(super) fn memberships(text: &str) -> Vec<Membership> {
    let line = |line: &str| {
        let mut fields = line.splitn(3, ':');
        let (id, list, group) = (fields.next()?, fields.next()?, PathBuf::from(fields.next()?));
        let version = if id == "0" && list.is_empty() { Version::V2 } else { Version::V1 };
        Some(Membership { version, controllers: names(list), group })
    };
    text.lines().filter_map(line).collect()
}

/// The mounts of control groups, the later ones of a place last.
pub(super) fn mounts(text: &str) -> Vec<Mount> {
    text.lines().filter_map(mount).collect()
}

/// proc_pid_mountinfo(5): "id parent major:minor root point options [optional …] - type source super-options".
fn mount(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(3);
    let (root, point, options) = (before.next()?, before.next()?, before.next()?);
    let mut after = after.split(' ');
    let (kind, _source, of_all) = (after.next()?, after.next()?, after.next()?);
    let version = match kind {
        "cgroup" => Version::V1,
        "cgroup2" => Version::V2,
        _ => return None,
    };
    let read_only = [options, of_all].iter().any(|it| it.split(',').any(|it| it == "ro"));
    Some(Mount {
        version,
        controllers: if version == Version::V1 { names(of_all) } else { Vec::new() },
        root: unescaped(root),
        point: unescaped(point),
        access: if read_only { Access::ReadOnly } else { Access::ReadWrite },
    })
}

fn names(list: &str) -> Vec<String> {
    list.split(',').filter(|it| !it.is_empty()).map(String::from).collect()
}

/// proc_pid_mountinfo(5): blank, tab, newline and backslash are written as `\` and three octal digits.
fn unescaped(text: &str) -> PathBuf {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let digits = rest.get(at + 1..at + 4);
        match digits.and_then(|it| u8::from_str_radix(it, 8).ok()).filter(u8::is_ascii) {
            Some(byte) => {
                out.push(byte.into());
                rest = &rest[at + 4..];
            }
            None => {
                out.push('\\');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

impl Mount {
    /// The directory of `group`, if this mount shows it.
    pub(super) fn directory_of(&self, group: &Path) -> Option<PathBuf> {
        let below = group.strip_prefix(&self.root).ok()?;
        // "/../x": outside of the root of our cgroup namespace (cgroup_namespaces(7)).
        let visible = !below.components().any(|it| it == Component::ParentDir);
        // Without the end's slash, so that the parent is found by cutting.
        visible
            .then(|| if below.as_os_str().is_empty() { self.point.clone() } else { self.point.join(below) })
    }
}
