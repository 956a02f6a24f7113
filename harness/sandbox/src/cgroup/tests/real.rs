//! The kernel's own groups. Each test passes with a printed reason where it has no rights.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::process::{Pid, WaitStatus};

use crate::{
    cgroup::{Cgroup, CgroupHost, Controller, Place, kill::members, parse::Version},
    sys::{self, Forked},
    test_child::{AT_MOST, Waiting, allocate, raw_fork, sleep_until_killed, until, wait, work},
};

/// A group in use, removed at the end of the test whatever happened.
struct InUse {
    host: CgroupHost,
    /// Lends its pid. Groups of the dead are swept by other tests.
    warden: Waiting,
    group: Cgroup,
}

impl InUse {
    fn new(host: &CgroupHost, memory: Option<u64>, tasks: Option<u64>) -> InUse {
        let warden = Waiting::after(|| {});
        let group = host.create(warden.pid, memory, tasks).unwrap();
        InUse { host: host.clone(), warden, group }
    }

    fn directories(&self) -> Vec<PathBuf> {
        self.group.directories().map(PathBuf::from).collect()
    }

    /// Runs `child` inside. It must do nothing but system calls, since tests have threads.
    fn start(&self, child: impl FnOnce() -> i32) -> u32 {
        match self.group.fork(0).unwrap() {
            Forked::Parent(pid) => pid,
            Forked::Child => {
                let code = if self.group.enter_self().is_ok() { child() } else { 98 };
                sys::exit_now(code)
            }
        }
    }

    fn run(&self, child: impl FnOnce() -> i32) -> WaitStatus {
        wait(self.start(child))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.host.remove(self.warden.pid);
    }
}

/// The host if it can do `what`, else a printed reason.
fn host(what: impl Fn(&CgroupHost) -> bool) -> Option<CgroupHost> {
    let (host, notes) = CgroupHost::find();
    if what(&host) {
        return Some(host);
    }
    skipped(&notes.join("; "));
    None
}

#[expect(clippy::print_stderr, reason = "a test that proves nothing here says so")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

#[test]
fn memory_beyond_the_limit_is_answered_with_sigkill_and_counted() {
    let Some(host) = host(CgroupHost::limits_memory) else {
        return;
    };
    let used = InUse::new(&host, Some(32 << 20), None);
    assert_eq!(used.run(|| allocate(8 << 20)).exit_status(), Some(0), "within the limit");
    assert_eq!(used.group.oom_kills(), 0);
    let peak = used.group.peak_memory().expect("a peak");
    assert!((8 << 20..32 << 20).contains(&peak), "{peak}");
    if used.group.reset_peak().is_ok() {
        let after = used.group.peak_memory().expect("a peak");
        assert!(after < 8 << 20, "{after}");
    }

    let ended = used.run(|| allocate(128 << 20));
    assert_eq!(ended.terminating_signal(), Some(libc::SIGKILL), "{ended:?}");
    assert_eq!(used.group.oom_kills(), 1);
    let peak = used.group.peak_memory().expect("a peak");
    assert!((24 << 20..=32 << 20).contains(&peak), "{peak}");
}

#[test]
fn forks_beyond_the_limit_fail_and_are_counted() {
    let Some(host) = host(CgroupHost::limits_tasks) else {
        return;
    };
    let used = InUse::new(&host, None, Some(5));
    let ended = used.run(|| {
        for made in 0..20 {
            match raw_fork() {
                0 => sys::exit_now(sleep_until_killed()),
                -1 if std::io::Error::last_os_error().raw_os_error() == Some(libc::EAGAIN) => return made,
                -1 => return 95,
                _ => {}
            }
        }
        94
    });
    assert_eq!(ended.exit_status(), Some(4), "the first and four more");
    assert_eq!((used.group.tasks_refused(), used.group.oom_kills()), (1, 0));

    let alone = &used.directories()[0];
    assert_eq!(members(alone).len(), 4, "they outlived their parent");
    used.group.kill();
    until("all die", || used.group.remove().is_ok());
    assert!(!alone.exists());
}

/// Always one process, never the same for long.
fn hop() -> i32 {
    let deadline = Instant::now() + AT_MOST;
    while Instant::now() < deadline {
        if raw_fork() > 0 {
            return 0;
        }
    }
    93
}

#[track_caller]
fn check_kill_ends_a_hopping_process(used: &InUse) {
    let first = used.start(hop);
    wait(first);
    let dirs = used.directories();
    assert!(dirs.iter().all(|it| it.exists()));
    until("it is caught", || {
        used.group.kill();
        used.group.remove().is_ok()
    });
    assert_eq!(dirs.iter().filter(|it| it.exists()).count(), 0);
}

#[test]
fn a_process_that_forks_and_ends_without_pause_is_killed() {
    let Some(host) = host(CgroupHost::limits_tasks) else {
        return;
    };
    for _ in 0..10 {
        check_kill_ends_a_hopping_process(&InUse::new(&host, None, Some(50)));
    }
}

#[test]
fn what_a_dead_warden_left_is_removed_by_its_number() {
    let Some(host) = host(CgroupHost::limits_tasks) else {
        return;
    };
    let used = InUse::new(&host, None, Some(50));
    let sleeper = used.start(sleep_until_killed);
    until("it enters", || used.directories().iter().all(|it| !members(it).is_empty()));
    assert!(used.group.remove().is_err(), "a group with members stays");
    wait(used.start(hop));
    host.remove(used.warden.pid);
    assert_eq!(used.directories().iter().filter(|it| it.exists()).count(), 0);
    assert_eq!(wait(sleeper).terminating_signal(), Some(libc::SIGKILL));
    host.remove(used.warden.pid);
}

#[test]
fn another_process_is_moved_with_all_it_forks_later() {
    let Some(host) = host(CgroupHost::limits_tasks) else {
        return;
    };
    let used = InUse::new(&host, None, None);
    let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
    used.group.enter(child.id()).unwrap();
    for dir in used.directories() {
        assert_eq!(members(&dir), [Pid::from_child(&child)]);
    }
    let err = used.group.enter(u32::MAX >> 1).unwrap_err();
    assert!(err.to_string().contains("cgroup.procs"), "{err}");
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn cpu_time_is_that_of_ended_processes_too() {
    let Some(host) = host(|it| it.serves(Controller::Cpu)) else {
        return;
    };
    let used = InUse::new(&host, None, None);
    let before = used.group.cpu().expect("measured");
    let asked = Duration::from_millis(30);
    assert_eq!(used.run(|| work(asked)).exit_status(), Some(0));
    let spent = used.group.cpu().expect("measured") - before;
    assert!((asked..AT_MOST).contains(&spent), "{spent:?}");
}

#[test]
fn empty_groups_of_dead_processes_are_swept() {
    let Some(host) = host(CgroupHost::limits_tasks) else {
        return;
    };
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let place = &host.places[0].dir;
    let (dead, alive) = (place.join(format!("evfuzz-{}", child.id())), place.join("evfuzz-1"));
    let trial = place.join(format!("evfuzz-try-{}-0", child.id()));
    for dir in [&dead, &alive, &trial] {
        fs::create_dir(dir).unwrap();
    }
    CgroupHost::find().0.sweep(std::time::Duration::ZERO);
    let kept = [&dead, &alive, &trial].map(|it| it.exists());
    fs::remove_dir(alive).unwrap();
    assert_eq!(kept, [false, true, false]);
}

/// v2 without controllers, as hybrid machines have it: what needs none works as on others.
#[test]
fn v2_children_are_born_in_their_group_and_killed_in_one_step() {
    let mounted = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mounts = crate::cgroup::parse::mounts(&mounted);
    let Some(mount) = mounts.iter().find(|it| it.version == Version::V2) else {
        return skipped("no cgroup2 is mounted");
    };
    let own = fs::read_to_string("/proc/self/cgroup").unwrap();
    let own = crate::cgroup::parse::memberships(&own);
    let own = own.iter().find(|it| it.version == Version::V2).expect("a v2 group");
    let Some(dir) = mount.directory_of(&own.group) else {
        return skipped("our v2 group is out of sight");
    };
    let place = Place { version: Version::V2, dir, serves: vec![Controller::Cpu] };
    let host = CgroupHost { places: vec![place] };
    let warden = Waiting::after(|| {});
    let tried = host.create(warden.pid, None, None);
    host.remove(warden.pid);
    if let Err(err) = tried {
        return skipped(&err.to_string());
    }
    let used = InUse::new(&host, None, None);
    let child = used.start(sleep_until_killed);
    assert_eq!(members(&used.directories()[0]).len(), 1, "from its first instruction on");
    assert!(!used.group.born_inside.get(), "the parent's own state stays");
    assert!(used.group.cpu().is_some());
    used.group.kill();
    assert_eq!(wait(child).terminating_signal(), Some(libc::SIGKILL));
    for _ in 0..10 {
        check_kill_ends_a_hopping_process(&InUse::new(&host, None, None));
    }
}
