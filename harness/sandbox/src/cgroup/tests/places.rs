//! Where groups are made on machines of different kinds, and what they get.

use std::{fs, io, time::Duration};

use super::fake::Fake;
use crate::cgroup::{Cgroup, CgroupHost, Controller, find::find, parse::Version};

/// Finds, and checks that no trial stays.
#[track_caller]
fn found(tree: &Fake, own: &str, mounted: &str) -> (CgroupHost, String) {
    let (host, notes) = find(own, mounted, tree);
    for place in &host.places {
        let left =
            fs::read_dir(&place.dir).unwrap().flatten().map(|it| it.file_name().into_string().unwrap());
        assert_eq!(left.filter(|it| it.starts_with("evfuzz-")).collect::<Vec<_>>(), Vec::<String>::new());
    }
    let text = serde_json::to_string(&host).unwrap();
    assert_eq!(serde_json::from_str::<CgroupHost>(&text).unwrap(), host, "travels in an order");
    (host, notes.join("\n"))
}

#[track_caller]
fn check_one_place(tree: &Fake, host: &CgroupHost, version: Version, below: &str) {
    assert_eq!(host.places.len(), 1, "{host:?}");
    assert_eq!((host.places[0].version, &host.places[0].dir), (version, &tree.path(below)));
}

#[test]
fn v1_groups_are_made_below_our_own() {
    let mut tree = Fake::new();
    let mounted = tree.v1("memory", "/", &["memory"], "us/here")
        + &tree.v1("pids", "/", &["pids"], "")
        + &tree.v1("cpu,cpuacct", "/", &["cpu", "cpuacct"], "there");
    let (host, notes) =
        found(&tree, "4:memory:/us/here\n3:pids:/\n2:cpu,cpuacct:/there\n1:name=systemd:/\n0::/\n", &mounted);
    let dirs: Vec<_> = host.places.iter().map(|it| it.dir.clone()).collect();
    assert_eq!(dirs, ["memory/us/here", "pids", "cpu,cpuacct/there"].map(|it| tree.path(it)));
    assert_eq!((host.to_string(), notes.as_str()), ("cgroup v1 (memory, pids)".to_owned(), ""));
}

#[test]
fn a_container_with_v1_shows_a_part_of_the_hosts_hierarchy() {
    let mut tree = Fake::new();
    let mounted =
        tree.v1("m", "/docker/12ab", &["memory"], "") + &tree.v1("p", "/docker/12ab", &["pids"], "");
    let (host, notes) = found(&tree, "2:memory:/docker/12ab\n1:pids:/docker/12ab\n", &mounted);
    assert_eq!(host.places[0].dir, tree.path("m"));
    assert!(host.limits_memory() && host.limits_tasks());
    assert_eq!(notes, "no control group measures CPU time: no mounted hierarchy has the controller `cpu`");
}

#[test]
fn a_hybrid_machine_has_its_controllers_in_v1() {
    let mut tree = Fake::new();
    let mounted = tree.v2("unified", "hugetlb", &[("", "")])
        + &tree.v1("memory", "/", &["memory"], "")
        + &tree.v1("pids", "/", &["pids"], "");
    let (host, _) = found(&tree, "2:memory:/\n1:pids:/\n0::/\n", &mounted);
    assert_eq!(host.to_string(), "cgroup v1 (memory, pids)");
}

#[test]
fn controllers_may_be_divided_among_the_versions() {
    let mut tree = Fake::new();
    let mounted = tree.v2("unified", "pids", &[("", "pids")]) + &tree.v1("memory", "/", &["memory"], "");
    let (host, notes) = found(&tree, "2:memory:/\n0::/\n", &mounted);
    assert_eq!(host.to_string(), "cgroup v1 (memory), cgroup v2 (pids)");
    assert_eq!(notes, "");
}

#[test]
fn beside_our_own_group_where_that_has_processes() {
    let mut tree = Fake::new();
    let groups = [
        ("", "cpu memory pids"),
        ("user.slice", "memory pids"),
        ("user.slice/user-0.slice", "memory pids"),
        ("user.slice/user-0.slice/session-1.scope", ""),
    ];
    let mounted = tree.v2("cg", "cpu io memory pids", &groups);
    tree.busy.insert(tree.path("cg/user.slice/user-0.slice/session-1.scope"));
    let (host, notes) = found(&tree, "0::/user.slice/user-0.slice/session-1.scope\n", &mounted);
    check_one_place(&tree, &host, Version::V2, "cg/user.slice/user-0.slice");
    assert_eq!((host.to_string(), notes.as_str()), ("cgroup v2 (memory, pids)".to_owned(), ""));
}

#[test]
fn below_our_own_group_where_that_may_give_controllers() {
    let mut tree = Fake::new();
    let mounted = tree.v2("cg", "cpu memory pids", &[("", "")]);
    let (host, _) = found(&tree, "0::/\n", &mounted);
    check_one_place(&tree, &host, Version::V2, "cg");
    let gives = fs::read_to_string(tree.path("cg/cgroup.subtree_control")).unwrap();
    assert_eq!(gives, "memory pids", "nothing but what is needed is enabled");
}

#[test]
fn a_parent_is_never_changed() {
    let mut tree = Fake::new();
    let mounted = tree.v2("cg", "memory pids", &[("", "memory pids"), ("a", ""), ("a/b", "")]);
    let (host, _) = found(&tree, "0::/a/b\n", &mounted);
    check_one_place(&tree, &host, Version::V2, "cg");
    assert_eq!(fs::read_to_string(tree.path("cg/a/cgroup.subtree_control")).unwrap(), "");
}

#[test]
fn the_place_with_more_controllers_is_preferred_to_the_nearer_one() {
    let mut tree = Fake::new();
    let mounted = tree.v2("cg", "memory pids", &[("", "memory pids"), ("a", "pids"), ("a/b", "")]);
    let (host, _) = found(&tree, "0::/a/b\n", &mounted);
    check_one_place(&tree, &host, Version::V2, "cg");
    let mounted = tree.v2("other", "memory pids", &[("", "pids"), ("a", "pids"), ("a/b", "")]);
    tree.busy.insert(tree.path("other/a/b"));
    let (host, notes) = found(&tree, "0::/a/b\n", &mounted);
    check_one_place(&tree, &host, Version::V2, "other/a");
    assert!(!host.limits_memory() && host.limits_tasks());
    let dir = tree.path("other");
    let expected = format!(
        "no control group limits memory: {} does not give the controller to child groups",
        dir.display()
    );
    assert_eq!(notes, expected);
}

#[test]
fn the_root_of_a_container_that_has_processes_is_no_place() {
    let mut tree = Fake::new();
    let mounted = tree.v2("cg", "memory pids", &[("", "")]);
    tree.busy.insert(tree.path("cg"));
    let (host, notes) = found(&tree, "0::/\n", &mounted);
    assert_eq!((host.to_string().as_str(), host.limits_memory()), ("none", false));
    assert!(notes.contains("has processes, so it cannot give controllers"), "{notes}");
}

#[test]
fn a_user_without_delegation_is_told_about_it() {
    let mut tree = Fake::new();
    let mounted = tree.v2("cg", "memory pids", &[("", "memory pids"), ("a", "")]);
    tree.foreign.insert(tree.path(""));
    let (host, notes) = found(&tree, "0::/a\n", &mounted);
    assert_eq!(host, CgroupHost::default());
    assert!(notes.contains("systemd-run --user --scope"), "{notes}");
    assert_eq!(notes.lines().count(), 3, "memory, processes, CPU time: {notes}");
}

#[test]
fn a_user_with_a_delegated_subtree_uses_that() {
    let mut tree = Fake::new();
    let all = "memory pids";
    let groups = [("", all), ("user@7", all), ("user@7/app.slice", all), ("user@7/app.slice/us.scope", "")];
    let mounted = tree.v2("cg", all, &groups);
    tree.busy.insert(tree.path("cg/user@7/app.slice/us.scope"));
    tree.foreign.insert(tree.path("cg"));
    let (host, _) = found(&tree, "0::/user@7/app.slice/us.scope\n", &mounted);
    check_one_place(&tree, &host, Version::V2, "cg/user@7/app.slice");
}

#[test]
fn a_read_only_mount_is_named() {
    for version in [Version::V1, Version::V2] {
        let mut tree = Fake::new();
        let mounted = match version {
            Version::V1 => tree.v1("cg", "/", &["memory", "pids"], ""),
            Version::V2 => tree.v2("cg", "memory pids", &[("", "memory pids")]),
        };
        tree.read_only = true;
        let (host, notes) = found(&tree, "1:memory,pids:/\n0::/\n", &mounted);
        assert_eq!(host.to_string(), "none");
        assert!(notes.contains("is mounted read-only"), "{notes}");
    }
}

#[test]
fn a_threaded_subtree_is_no_place() {
    let mut tree = Fake::new();
    let mounted = tree.v2("cg", "memory pids", &[("", "memory pids")]);
    tree.kind = "domain invalid";
    let (host, notes) = found(&tree, "0::/\n", &mounted);
    assert_eq!(host.to_string(), "none");
    assert!(notes.contains("\"domain invalid\""), "{notes}");
}

#[test]
fn nothing_mounted_and_our_group_out_of_sight_are_told_apart() {
    let mut tree = Fake::new();
    let (_, notes) = found(&tree, "0::/\n", "");
    assert!(notes.contains("no hierarchy of control groups is mounted here"), "{notes}");
    let mounted = tree.v2("cg", "memory pids", &[("", "memory pids")]);
    let (host, notes) = found(&tree, "0::/../elsewhere\n", &mounted);
    assert_eq!(host.to_string(), "none");
    assert!(notes.contains("/../elsewhere is not visible"), "{notes}");
}

/// A machine of each version, with what it calls its files.
fn machine(version: Version) -> (Fake, CgroupHost) {
    let mut tree = Fake::new();
    let mounted = match version {
        Version::V1 => tree.v1("cg", "/", &["memory", "pids", "cpuacct"], ""),
        Version::V2 => tree.v2("cg", "memory pids", &[("", "memory pids")]),
    };
    let (host, _) = found(&tree, "1:memory,pids,cpuacct:/\n0::/\n", &mounted);
    (tree, host)
}

#[test]
fn limits_are_written() {
    let (tree, host) = machine(Version::V2);
    host.make(&tree, "evfuzz-7", Some((64 << 20) + 1), Some(20)).unwrap();
    let read = |name: &str| fs::read_to_string(tree.path("cg/evfuzz-7").join(name)).unwrap();
    assert_eq!(
        ["memory.max", "memory.swap.max", "memory.oom.group", "pids.max"].map(read),
        ["67108864\n", "0\n", "1\n", "20\n"]
    );
    let (tree, host) = machine(Version::V1);
    host.make(&tree, "evfuzz-7", Some(64 << 20), Some(20)).unwrap();
    let read = |name: &str| fs::read_to_string(tree.path("cg/evfuzz-7").join(name)).unwrap();
    assert_eq!(
        ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "pids.max"].map(read),
        ["67108864\n", "67108864\n", "20\n"]
    );
}

#[test]
fn counters_of_both_versions_are_read() {
    for (version, oom, refused, peak, cpu) in [
        (Version::V1, 2, 5, 8192, Duration::from_nanos(1_234_567)),
        (Version::V2, 3, 7, 4096, Duration::from_micros(1500)),
    ] {
        let (tree, host) = machine(version);
        let group = Cgroup::of(host.make(&tree, "evfuzz-7", None, None).unwrap()).unwrap();
        assert_eq!((group.oom_kills(), group.tasks_refused()), (oom, refused));
        assert_eq!((group.peak_memory(), group.cpu()), (Some(peak), Some(cpu)));
    }
}

#[test]
fn a_limit_that_the_kernel_changes_is_an_error_and_leaves_nothing() {
    for version in [Version::V1, Version::V2] {
        let (mut tree, host) = machine(version);
        tree.largest = 10;
        let err = host.make(&tree, "evfuzz-7", None, Some(20)).unwrap_err();
        assert!(err.to_string().contains(r#"took "10" instead of "20""#), "{err}");
        assert_eq!(tree.groups("cg"), Vec::<String>::new());
    }
}

#[test]
fn a_limit_that_cannot_be_set_is_an_error() {
    let (tree, host) = machine(Version::V1);
    let err = host.make(&tree, "evfuzz-7", Some(100), None).unwrap_err();
    assert_eq!(err.kind(), io::ErrorKind::InvalidInput, "{err}");
    let err = CgroupHost::default().make(&tree, "evfuzz-7", Some(1 << 20), None).unwrap_err();
    assert_eq!(err.kind(), io::ErrorKind::Unsupported, "{err}");
    assert_eq!(tree.groups("cg"), Vec::<String>::new());
}

#[test]
fn an_empty_group_left_by_the_same_number_is_replaced_and_one_in_use_is_not() {
    let (mut tree, host) = machine(Version::V2);
    host.make(&tree, "evfuzz-7", None, Some(20)).unwrap();
    host.make(&tree, "evfuzz-7", None, None).unwrap();
    let kept = fs::read_to_string(tree.path("cg/evfuzz-7/pids.max")).unwrap();
    assert_eq!(kept, "max\n", "a new one");
    tree.busy.insert(tree.path("cg/evfuzz-7"));
    host.make(&tree, "evfuzz-7", None, Some(20)).unwrap_err();
    assert_eq!(fs::read_to_string(tree.path("cg/evfuzz-7/pids.max")).unwrap(), "max\n", "untouched");
}

#[test]
fn before_members_are_killed_their_forks_are_stopped() {
    for (version, file, expected) in
        [(Version::V1, "pids.max", "0"), (Version::V2, "pids.max", "0"), (Version::V2, "cgroup.kill", "1")]
    {
        let (tree, host) = machine(version);
        let group = Cgroup::of(host.make(&tree, "evfuzz-7", None, Some(20)).unwrap()).unwrap();
        fs::write(tree.path("cg/evfuzz-7").join(file), "").unwrap();
        group.kill();
        assert_eq!(fs::read_to_string(tree.path("cg/evfuzz-7").join(file)).unwrap(), expected);
    }
}

#[test]
fn only_limits_are_named() {
    let mut host = machine(Version::V2).1;
    host.places[0].serves = vec![Controller::Cpu];
    assert_eq!(host.to_string(), "none");
}
