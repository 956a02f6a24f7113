//! Reading `/proc/self/cgroup` and `/proc/self/mountinfo`.

use std::path::{Path, PathBuf};

use crate::cgroup::parse::{Access, Mount, Version, memberships, mounts};

fn mount(line: &str) -> Mount {
    let mut found = mounts(line);
    assert_eq!(found.len(), 1, "{line}");
    found.remove(0)
}

#[track_caller]
fn check_directory(line: &str, group: &str, expected: Option<&str>) {
    assert_eq!(mount(line).directory_of(Path::new(group)), expected.map(PathBuf::from));
}

#[test]
fn our_groups_of_both_versions_are_read() {
    let found = memberships("12:cpu,cpuacct:/a\n3:name=systemd:/b\n2:pids:/with:colon\n0::/c d\n");
    let told: Vec<(Version, String, &str)> =
        found.iter().map(|it| (it.version, it.controllers.join("+"), it.group.to_str().unwrap())).collect();
    let expected = [
        (Version::V1, "cpu+cpuacct".to_owned(), "/a"),
        (Version::V1, "name=systemd".to_owned(), "/b"),
        (Version::V1, "pids".to_owned(), "/with:colon"),
        (Version::V2, String::new(), "/c d"),
    ];
    assert_eq!(told, expected);
    assert_eq!(memberships("nonsense\n\n"), []);
}

#[test]
fn mounts_of_other_kinds_and_broken_lines_are_passed_over() {
    let text = "21 1 0:20 / /proc rw shared:5 - proc proc rw\n\
        30 1 0:25 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n\
        31 30 0:26 / /sys/fs/cgroup/memory rw,nosuid shared:9 master:2 - cgroup cgroup rw,memory\n\
        32 30 0:27 / /sys/fs/cgroup/broken rw\n\
        33 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n";
    let points: Vec<PathBuf> = mounts(text).into_iter().map(|it| it.point).collect();
    assert_eq!(points, ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"].map(PathBuf::from));
}

#[test]
fn a_mount_is_read_only_by_itself_or_as_a_whole() {
    let access = |own, all| mount(&format!("1 2 0:3 / /m {own} - cgroup2 cgroup2 {all}")).access;
    assert_eq!(access("rw,nosuid", "rw"), Access::ReadWrite);
    assert_eq!(access("ro,nosuid", "rw"), Access::ReadOnly);
    assert_eq!(access("rw,nosuid", "ro"), Access::ReadOnly);
}

#[test]
fn escaped_characters_are_restored() {
    let found = mount(r"1 2 0:3 /a\134b /m\040n\011o rw - cgroup2 c rw");
    assert_eq!((found.root, found.point), (PathBuf::from("/a\\b"), PathBuf::from("/m n\to")));
    let odd = mount(r"1 2 0:3 /a\9z\ /m rw - cgroup2 c rw");
    assert_eq!(odd.root, PathBuf::from(r"/a\9z\"), "what is no escape stays");
}

#[test]
fn our_group_is_found_below_a_mount() {
    let whole = "1 2 0:3 / /cg rw - cgroup cgroup rw,memory";
    check_directory(whole, "/", Some("/cg"));
    check_directory(whole, "/a/b", Some("/cg/a/b"));
    check_directory(whole, "/../b", None);
    // A container without a cgroup namespace: the host's path, of which only our part is mounted.
    let part = "1 2 0:3 /docker/12ab /cg rw - cgroup cgroup rw,memory";
    check_directory(part, "/docker/12ab", Some("/cg"));
    check_directory(part, "/docker/12ab/x", Some("/cg/x"));
    check_directory(part, "/docker/12abc", None);
    check_directory(part, "/", None);
    // A mount from before the process entered its cgroup namespace.
    check_directory("1 2 0:3 /../.. /cg rw - cgroup2 cgroup2 rw", "/", None);
}
