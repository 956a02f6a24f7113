//! Machines and what to do about them, as a table.

use super::{AdviceId::*, *};
use crate::{
    doctor::facts::{Asked, Ci},
    isolation::{Barriers, Identity, Processes, Promise},
    spec::OnWeak,
};

const EXE: &str = "/home/me/my {tool's}/evfuzz";
const USER: (&str, &str) = ("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0\nSeccomp:\t0\n");
const ROOT: (&str, &str) = ("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n");
const FILTERED: (&str, &str) = ("proc/self/status", "Uid:\t1000\t1000\nCapEff:\t0\nSeccomp:\t2\n");
const KERNEL: (&str, &str) = ("proc/sys/kernel/osrelease", "6.8.0-45-generic\n");
const APPARMOR: (&str, &str) = ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");

/// A machine and what was found on it, starting from one where all is well.
struct Case {
    files: Vec<(&'static str, &'static str)>,
    landlock: Landlock,
    ci: Option<Ci>,
    cgroups: Cgroups,
    wish: IsolationWish,
    isolation: Option<Isolation>,
    refusal: Option<SandboxError>,
    function_uid: Option<u32>,
}

fn well() -> Case {
    Case {
        files: vec![USER, KERNEL],
        landlock: Landlock::Abi(6),
        ci: None,
        cgroups: Cgroups::Usable("v2".to_owned()),
        wish: IsolationWish::default(),
        isolation: Some(Isolation {
            barriers: Barriers { landlock: Some(6), namespaces: Namespaces::User, processes: Processes::Own },
            identity: Identity::Caller,
            control_groups: "none".to_owned(),
            watch: Watch::UserNotification,
            promises: Vec::new(),
            notes: Vec::new(),
        }),
        refusal: None,
        function_uid: Some(1000),
    }
}

impl Case {
    fn file(mut self, file: (&'static str, &'static str)) -> Case {
        self.files.retain(|it| it.0 != file.0);
        self.files.push(file);
        self
    }

    fn isolation(mut self, change: impl FnOnce(&mut Isolation)) -> Case {
        change(self.isolation.as_mut().unwrap());
        self
    }

    fn no_namespaces(self) -> Case {
        self.isolation(|it| {
            it.barriers.namespaces = Namespaces::Host;
            it.notes.push("namespaces: user namespace: Operation not permitted (os error 1)".to_owned());
        })
    }

    fn landlock(mut self, landlock: Landlock) -> Case {
        self.landlock = landlock;
        self.isolation(|it| {
            it.barriers.landlock = if let Landlock::Abi(abi) = landlock { Some(abi) } else { None };
        })
    }

    fn watch(self, watch: Watch, note: &str) -> Case {
        self.isolation(|it| {
            it.watch = watch;
            it.notes.push(note.to_owned());
        })
    }

    fn promise(self, name: &'static str, state: PromiseState) -> Case {
        self.isolation(|it| it.promises.push(Promise { name, state, detail: String::new() }))
    }

    fn advise(&self) -> Vec<Advice> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in &self.files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let asked =
            Asked { landlock: self.landlock, tmp: "/tmp".into(), ci: self.ci, cgroups: self.cgroups.clone() };
        let facts = Facts::read(dir.path(), asked);
        let found = Found {
            wish: self.wish,
            isolation: self.isolation.as_ref(),
            refusal: self.refusal.as_ref(),
            function_uid: self.function_uid,
            exe: Path::new(EXE),
        };
        advise(&facts, &found)
    }
}

/// The advice for a machine: which, and a part of the first remedy of each.
#[track_caller]
fn check(case: Case, expected: &[(AdviceId, &str)]) {
    let all = case.advise();
    let ids: Vec<_> = all.iter().map(|it| it.id).collect();
    assert_eq!(ids, expected.iter().map(|it| it.0).collect::<Vec<_>>(), "{all:#?}");
    for (advice, (_, part)) in all.iter().zip(expected) {
        let first = &advice.remedies[0];
        let text = format!("{}\n{}", first.what, first.commands.join("\n"));
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
        assert!(!advice.missing.is_empty() && !advice.matters.is_empty());
    }
}

#[test]
fn nothing_to_do_where_all_is_well() {
    check(well(), &[]);
    // Settings that forbid to others what works here are no reason for advice.
    check(well().file(APPARMOR).file((".dockerenv", "")), &[]);
    check(well().file(ROOT), &[]);
}

#[test]
fn namespaces_that_do_not_work() {
    let refused = || well().no_namespaces();
    check(
        refused().file(APPARMOR),
        &[(NamespacesApparmor, "sudo apparmor_parser -r /etc/apparmor.d/evfuzz")],
    );
    check(
        refused().file(("proc/sys/kernel/unprivileged_userns_clone", "0")),
        &[(NamespacesSysctl, "sudo sysctl -w kernel.unprivileged_userns_clone=1")],
    );
    check(
        refused().file(("proc/sys/user/max_user_namespaces", "0")),
        &[(NamespacesLimit, "user.max_user_namespaces=15000")],
    );
    check(
        refused().file(("proc/sys/kernel/osrelease", "5.10.0-1-amd64")),
        &[(NamespacesKernel, "newer kernel")],
    );
    check(refused().file(FILTERED), &[(NamespacesFilter, "RestrictNamespaces")]);
    check(refused(), &[(NamespacesUnknown, "unshare --user --map-root-user")]);
    // Each setting alone is enough to forbid, so all are named.
    check(
        refused().file(APPARMOR).file(("proc/sys/user/max_user_namespaces", "0")),
        &[(NamespacesApparmor, "userns,"), (NamespacesLimit, "sysctl")],
    );
    // None of these bind root.
    check(
        refused().file(ROOT).file(APPARMOR).file(("proc/sys/user/max_user_namespaces", "0")),
        &[(NamespacesUnknown, "dmesg")],
    );
}

#[test]
fn namespaces_that_nobody_wished_for() {
    let mut case = well().no_namespaces().file(APPARMOR);
    case.wish.barriers = BarrierWish::LandlockOnly;
    check(case, &[]);
}

#[test]
fn containers() {
    let refused = |mark: &'static str| well().no_namespaces().file((mark, ""));
    check(refused(".dockerenv").file(FILTERED), &[(NamespacesContainer, "seccomp=evfuzz-seccomp.json")]);
    check(refused("run/.containerenv"), &[(NamespacesContainer, "unmask=ALL")]);
    check(refused("var/run/secrets/kubernetes.io/x"), &[(NamespacesContainer, "procMount: Unmasked")]);
    check(
        well().no_namespaces().file(("run/systemd/container", "lxc")),
        &[(NamespacesContainer, "security.nesting=true")],
    );
    // The host's restriction is lifted on the host.
    check(
        refused(".dockerenv").file(APPARMOR),
        &[(NamespacesContainer, "systempaths=unconfined"), (NamespacesApparmor, "on the host")],
    );
    let mut runner = well().no_namespaces().file(APPARMOR);
    runner.ci = Some(Ci::GithubActions);
    check(runner, &[(NamespacesApparmor, "- run: sudo sysctl")]);
}

#[test]
fn covers_on_proc_matter_when_they_were_the_reason() {
    let mounts = ("proc/self/mountinfo", "25 23 0:23 / /proc/kcore rw - tmpfs tmpfs rw\n");
    check(well().file(mounts), &[]);
    let case = well().file(mounts).isolation(|it| {
        it.barriers.namespaces = Namespaces::Host;
        it.notes.push("file system: /proc: Operation not permitted (os error 1)".to_owned());
    });
    check(case, &[(ProcCovered, "sudo umount /proc/kcore")]);
}

#[test]
fn landlock_that_is_missing() {
    let debian = ("etc/os-release", "ID=debian");
    check(well().landlock(Landlock::NotBuilt), &[(LandlockNotBuilt, "newer kernel")]);
    check(well().landlock(Landlock::NotBuilt).file(debian), &[(LandlockNotBuilt, "apt full-upgrade")]);
    check(
        well()
            .landlock(Landlock::DisabledAtBoot)
            .file(debian)
            .file(("sys/kernel/security/lsm", "lockdown,yama")),
        &[(LandlockDisabled, "&lsm=landlock,lockdown,yama /' /etc/default/grub")],
    );
    check(
        well()
            .landlock(Landlock::DisabledAtBoot)
            .file(("etc/os-release", "ID=fedora"))
            .file(("sys/kernel/security/lsm", "selinux")),
        &[(LandlockDisabled, "grubby --update-kernel=ALL --args=\"lsm=landlock,selinux\"")],
    );
    // Without the list nothing is suggested that would turn other modules off.
    check(
        well().landlock(Landlock::DisabledAtBoot).file(debian),
        &[(LandlockDisabled, "cat /sys/kernel/security/lsm")],
    );
    check(
        well().landlock(Landlock::NotBuilt).file(FILTERED),
        &[(LandlockRefused, "ps -o pid,args -p $PPID")],
    );
    check(
        well().landlock(Landlock::Refused(libc::EPERM)).file((".dockerenv", "")),
        &[(LandlockRefused, "update Docker")],
    );
    let mut unwished = well().landlock(Landlock::NotBuilt);
    unwished.wish.barriers = BarrierWish::NamespacesOnly;
    check(unwished, &[]);
}

#[test]
fn landlock_that_covers_less() {
    check(well().landlock(Landlock::Abi(3)), &[]);
    check(
        well().landlock(Landlock::Abi(3)).no_namespaces().file(APPARMOR),
        &[(NamespacesApparmor, "tee"), (LandlockWithoutTcp, "newer kernel")],
    );
    let signals = "the caller is not signalled";
    check(
        well().landlock(Landlock::Abi(5)).promise(signals, PromiseState::NotApplicable),
        &[(LandlockWithoutSignals, "newer kernel")],
    );
    check(well().landlock(Landlock::Abi(5)).promise(signals, PromiseState::Held), &[]);
}

#[test]
fn windows() {
    check(
        well().file(("proc/sys/kernel/osrelease", "4.4.0-19041-Microsoft")),
        &[(Wsl1, "--set-version <NAME> 2")],
    );
    check(
        well()
            .landlock(Landlock::NotBuilt)
            .file(("proc/sys/kernel/osrelease", "5.10.102.1-microsoft-standard-WSL2")),
        &[(LandlockNotBuilt, "wsl --update")],
    );
}

#[test]
fn watches() {
    const BUSY: &str = "exec watch: filter: Device or resource busy (os error 16)";
    let canary = "a canary's run is seen";
    check(well().watch(Watch::Ptrace, BUSY).promise(canary, PromiseState::Held), &[(WatchPtrace, "pstree")]);
    check(
        well().watch(Watch::Ptrace, BUSY).promise(canary, PromiseState::Violated),
        &[(WatchHidden, "outside of that program")],
    );
    check(well().watch(Watch::Off, BUSY), &[(WatchOff, "outside of that program")]);
    check(
        well().watch(Watch::Off, BUSY).file(("proc/sys/kernel/yama/ptrace_scope", "3")),
        &[(WatchOff, "until the next boot")],
    );
    check(
        well().watch(Watch::Off, BUSY).file(("run/.containerenv", "")),
        &[(WatchOff, "--cap-add SYS_PTRACE")],
    );
    let mut wished = well().watch(Watch::Ptrace, "");
    wished.wish.watch = WatchWish::Ptrace;
    check(wished, &[]);
}

#[test]
fn the_rest() {
    let noexec = ("proc/self/mountinfo", "27 22 0:25 / /tmp rw,noexec - tmpfs tmpfs rw\n");
    check(well().file(noexec), &[(TmpNoexec, "TMPDIR=")]);
    let mut root = well().file(ROOT);
    root.function_uid = Some(0);
    check(root, &[(FunctionIsRoot, "ordinary user")]);
    let mut limits = well();
    limits.cgroups = Cgroups::Missing(vec!["not delegated".to_owned()]);
    check(limits, &[(NoCgroups, "Delegate=yes")]);
}

#[test]
fn a_refusal_is_explained_without_any_isolation() {
    let mut case = well().landlock(Landlock::NotBuilt).file(APPARMOR);
    case.isolation = None;
    case.refusal = Some(SandboxError::TooWeak { missing: "no Landlock".to_owned() });
    check(case, &[(NamespacesApparmor, "tee"), (LandlockNotBuilt, "newer kernel")]);
    // A full disk says nothing about namespaces.
    let mut case = well().file(APPARMOR);
    case.isolation = None;
    case.refusal = Some(SandboxError::KeeperGone);
    check(case, &[]);
    assert_eq!(well().wish.weak, OnWeak::Refuse);
}

#[test]
fn the_profile_names_the_binary_whatever_its_path() {
    let all = well().no_namespaces().file(APPARMOR).advise();
    let commands = &all[0].remedies[0].commands;
    // The shell makes the profile of it, indented as it is printed.
    let printed = commands.iter().map(|it| format!("     {it}\n")).collect::<String>();
    let script = printed.replace("sudo tee", "cat;: ").replace("sudo apparmor_parser", ":");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let profile = "\
abi <abi/4.0>,
include <tunables/global>
profile evfuzz \"/home/me/my \\{tool's\\}/evfuzz\" flags=(unconfined) {
  userns,
  include if exists <local/evfuzz>
}
";
    assert_eq!(String::from_utf8_lossy(&output.stdout), profile, "{script}");
    assert!(commands.iter().any(|it| it.contains("sudo tee /etc/apparmor.d/evfuzz")));
    let second = &all[0].remedies[1];
    assert!(second.commands[0].contains("apparmor_restrict_unprivileged_userns=0"));
    assert!(second.price.is_some());
}
