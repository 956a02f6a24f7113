//! Machines made of files, and what is read from them.

use std::fs;

use super::{machine::Mount, *};

/// A machine made of files.
struct Fixture(tempfile::TempDir);

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Fixture {
        let fixture = Fixture(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = fixture.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fixture
    }

    fn facts(&self, landlock: Landlock) -> Facts {
        let asked = Asked { landlock, tmp: "/tmp".into(), ci: None, cgroups: Cgroups::NotExamined };
        Facts::read(self.0.path(), asked)
    }
}

fn facts(files: &[(&str, &str)]) -> Facts {
    Fixture::new(files).facts(Landlock::Abi(7))
}

#[test]
fn kernels() {
    for (release, version, wsl) in [
        ("6.8.0-45-generic\n", (6, 8), Wsl::No),
        ("4.4.0-19041-Microsoft\n", (4, 4), Wsl::One),
        ("5.15.153.1-microsoft-standard-WSL2\n", (5, 15), Wsl::Two),
        ("6.1.21-WSL2-own\n", (6, 1), Wsl::Two),
        ("strange", (0, 0), Wsl::No),
    ] {
        let facts = facts(&[("proc/sys/kernel/osrelease", release)]);
        assert_eq!((facts.kernel.version, facts.wsl), (version, wsl), "{release}");
        assert_eq!(facts.kernel.release, release.trim());
    }
}

#[test]
fn containers() {
    let other = |name: &str| Some(Container::Other(name.to_owned()));
    for (files, expected) in [
        (&[("proc/self/cgroup", "0::/user.slice\n")] as &[_], None),
        (&[(".dockerenv", "")], Some(Container::Docker)),
        (&[("proc/self/cgroup", "9:memory:/docker/0123abcd\n")], Some(Container::Docker)),
        (&[("run/.containerenv", "")], Some(Container::Podman)),
        (&[("proc/1/environ", "A=b\0container=podman\0")], Some(Container::Podman)),
        (&[("proc/1/environ", "container=lxc\0")], other("lxc")),
        (&[("run/systemd/container", "systemd-nspawn\n")], other("systemd-nspawn")),
        (&[("proc/1/environ", "container=wsl\0")], None),
        (
            &[(".dockerenv", ""), ("proc/self/cgroup", "0::/kubepods/burstable/pod1\n")],
            Some(Container::Kubernetes),
        ),
        (&[("var/run/secrets/kubernetes.io/serviceaccount/token", "")], Some(Container::Kubernetes)),
    ] {
        assert_eq!(facts(files).container, expected, "{files:?}");
    }
}

#[test]
fn distributions() {
    let of = |text: &str| facts(&[("etc/os-release", text)]).system;
    let ubuntu = of("PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nID=ubuntu\nID_LIKE=debian\n");
    assert_eq!((ubuntu.name.as_deref(), ubuntu.family), (Some("Ubuntu 24.04.1 LTS"), Family::Debian));
    assert_eq!(of("ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\n").family, Family::Fedora);
    assert_eq!(of("ID=arch\n").family, Family::Other);
    assert_eq!(facts(&[]).system, System { name: None, family: Family::Other });
}

#[test]
fn settings_that_are_absent_stay_absent() {
    assert_eq!(facts(&[]).settings, Settings::default());
    let found = facts(&[
        ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n"),
        ("proc/sys/kernel/unprivileged_userns_clone", "0\n"),
        ("proc/sys/kernel/yama/ptrace_scope", "3\n"),
        ("proc/sys/user/max_user_namespaces", "0\n"),
        ("proc/sys/user/max_net_namespaces", "63000\n"),
    ]);
    let expected = Settings {
        apparmor_restricts_user_namespaces: Some(1),
        unprivileged_user_namespaces: Some(0),
        ptrace_scope: Some(3),
        namespaces_at_zero: vec!["user.max_user_namespaces".to_owned()],
    };
    assert_eq!(found.settings, expected);
}

#[test]
fn the_process() {
    let status = "Name:\tx\nUid:\t1000\t0\t0\t0\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";
    let process = facts(&[("proc/self/status", status)]).process;
    let expected = ProcessFacts {
        uid: 0,
        capabilities: 0xa804_25fb,
        no_new_privs: NoNewPrivs::Set,
        seccomp: Seccomp::Filtered,
    };
    assert_eq!(process, expected);
    assert!(!process.is_admin());
    assert!(facts(&[("proc/self/status", "CapEff:\t000001ffffffffff\n")]).process.is_admin());
}

#[test]
fn mounts() {
    let text = "\
22 1 0:21 / / rw,relatime - overlay overlay rw
23 22 0:22 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
24 23 0:22 /sys /proc/sys ro,relatime - proc proc rw
25 23 0:23 / /proc/kcore rw,nosuid - tmpfs tmpfs rw
26 23 0:24 / /proc/sys/fs/binfmt_misc rw - binfmt_misc binfmt_misc rw
27 22 0:25 / /tmp rw,nosuid,nodev,noexec - tmpfs tmpfs rw
28 22 0:26 / /tmp\\040x rw - tmpfs tmpfs rw
";
    let facts = facts(&[("proc/self/mountinfo", text)]);
    assert_eq!(facts.proc_covers, [Path::new("/proc/sys"), Path::new("/proc/kcore")]);
    assert_eq!(facts.tmp.execution, Execution::Forbidden);
    let mounts: Vec<Mount> = text.lines().filter_map(Mount::parse).collect();
    assert_eq!(execution(&mounts, Path::new("/tmp x/run")), Execution::Allowed);
    assert_eq!(execution(&mounts, Path::new("/var/tmp")), Execution::Allowed);
}

#[test]
fn this_machine_can_be_read() {
    let facts = Facts::read(Path::new("/"), Asked::here(Cgroups::NotExamined));
    assert_ne!(facts.kernel.version, (0, 0), "{facts:?}");
    assert_eq!(facts.process.uid, rustix::process::geteuid().as_raw());
}
