//! Nothing survives: not a kill, not a drop, not the death of the caller.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use evfuzz_sandbox::{ExitStatus, IsolationWish, Keeper, ProcessEvent, Processes};

use crate::support::{Bench, Running, WISHES, assert_dies, keeper_program, watch_pid, wish};

/// Forks twice with a session of its own in between, and prints the grandchild.
const ESCAPE: &str = "setsid sh -c 'sleep 1000 & echo $!' & wait; ";

#[test]
fn kill_and_drop_reach_a_grandchild_with_its_own_session() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut killed = bench.sh(&format!("{ESCAPE} sleep 1000"));
        let line = killed.line();
        let grandchild = watch_pid(&bench.host_pid(&killed, &line));
        killed.kill();
        assert_dies(&grandchild);
        assert!(matches!(
            killed.events.iter().find(|it| matches!(it, ProcessEvent::Exited(_))),
            Some(ProcessEvent::Exited(info)) if info.status == ExitStatus::Signal(9)
        ));

        let mut dropped = bench.sh(&format!("{ESCAPE} sleep 1000"));
        let line = dropped.line();
        let grandchild = watch_pid(&bench.host_pid(&dropped, &line));
        drop(dropped);
        assert_dies(&grandchild);
    }
}

#[test]
fn descendants_are_counted_after_the_function_has_ended() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut running = bench.sh("true");
        running.status();
        assert_eq!(running.descendants(), 0);

        let mut running = bench.sh(&format!("{ESCAPE} exit 0"));
        assert_eq!(running.status(), ExitStatus::Code(0));
        assert_eq!(running.descendants(), 1);
        running.kill();
    }
}

/// Some processes that stay, and some that fork all the time.
#[test]
fn a_tree_that_keeps_forking_ends() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut running = bench.sh("churn() { while :; do (:) & wait; done; }
             tree() { [ $1 = 8 ] && sleep 1000; tree $(($1+1)) & tree $(($1+1)); }
             churn & setsid sh -c 'while :; do (:) & wait; done' & echo on; tree 0");
        running.line();
        running.kill();
        assert!(running.process.next_event().is_none());
    }
}

#[test]
fn death_of_the_caller_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args(["lifetime::a_caller_to_be_killed", "--exact", "--nocapture"])
        .env("EVFUZZ_TEST_RUN_DIR", &run)
        // What the helper cannot remove any more goes with our directory.
        .env("TMPDIR", dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(helper.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.map(|it| it.split_once("pids ").map(|(_, it)| it.to_owned())).find_map(|it| it);
    let pids: Vec<_> = line.unwrap().split(' ').map(watch_pid).collect();
    assert_eq!(pids.len(), 3);
    helper.kill().unwrap();
    helper.wait().unwrap();
    for pid in pids {
        assert_dies(pid);
    }
    assert!(!run.exists());
}

/// Not a test by itself: the caller of the test above.
#[test]
fn a_caller_to_be_killed() {
    let Some(run) = std::env::var_os("EVFUZZ_TEST_RUN_DIR") else {
        return;
    };
    let keeper = Keeper::start(&keeper_program(), Path::new(&run), IsolationWish::default()).unwrap();
    let bench = Bench::auto();
    let mut spec = bench.spec("/bin/sh", &["-c", &format!("{ESCAPE} sleep 1000")]);
    let scratch = Path::new(&run).join("scratch");
    std::fs::create_dir(&scratch).unwrap();
    spec.scratch.folder = scratch;
    let mut running = Running::new(keeper.spawn(&spec).unwrap());
    let line = running.line();
    let grandchild = bench.host_pid(&running, &line);
    let pid = running.process.pid();
    // The keeper goes last and takes the directory with it.
    let keepers = parent(parent(pid));
    println!("pids {pid} {grandchild} {keepers}");
    loop {
        std::thread::park();
    }
}

#[test]
fn death_of_the_keeper_ends_the_function() {
    let bench = Bench::auto();
    let mut running = bench.sh(&format!("{ESCAPE} sleep 1000"));
    let line = running.line();
    let grandchild = watch_pid(&bench.host_pid(&running, &line));
    let keeper = watch_pid(&parent(parent(running.process.pid())).to_string());
    rustix::process::pidfd_send_signal(&keeper, rustix::process::Signal::KILL).unwrap();
    assert_dies(&grandchild);
    running.until(|event| (*event == ProcessEvent::Ended).then_some(()));
    let err = bench.keeper.spawn(&bench.spec("/bin/true", &[])).unwrap_err();
    assert!(matches!(err, evfuzz_sandbox::SandboxError::KeeperGone), "{err:?}");
}

#[test]
fn threads_share_a_keeper() {
    let bench = Bench::auto();
    std::thread::scope(|scope| {
        for code in 0..8 {
            let (keeper, script) = (bench.keeper.clone(), format!("exit {code}"));
            let spec = bench.spec("/bin/sh", &["-c", &script]);
            scope.spawn(move || {
                for _ in 0..20 {
                    let mut running = Running::new(keeper.spawn(&spec).unwrap());
                    assert_eq!(running.status(), ExitStatus::Code(code));
                }
            });
        }
    });
}

#[test]
fn death_of_a_warden_ends_its_function_and_nothing_else() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut other = bench.sh("read line; exit 4");
        let mut running = bench.sh(&format!("{ESCAPE} sleep 1000"));
        let line = running.line();
        let grandchild = watch_pid(&bench.host_pid(&running, &line));
        let function = watch_pid(&running.process.pid().to_string());
        let warden = watch_pid(&parent(running.process.pid()).to_string());
        rustix::process::pidfd_send_signal(&warden, rustix::process::Signal::KILL).unwrap();
        for pid in [&warden, &function, &grandchild] {
            assert_dies(pid);
        }
        running.until(|event| (*event == ProcessEvent::Ended).then_some(()));
        // Standard input is empty.
        assert_eq!(other.status(), ExitStatus::Code(4), "{barriers:?} {watch:?}");
        assert_eq!(bench.sh("exit 5").status(), ExitStatus::Code(5), "{barriers:?} {watch:?}");
    }
}

#[test]
fn death_of_the_init_ends_its_namespace_and_the_warden_tells() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        if bench.keeper.isolation().barriers.processes == Processes::Host {
            println!("left out: {barriers:?}, {watch:?}: there is no init");
            continue;
        }
        let mut running = bench.sh(&format!("{ESCAPE} sleep 1000"));
        let line = running.line();
        let grandchild = watch_pid(&bench.host_pid(&running, &line));
        let init = watch_pid(&init_of(parent(running.process.pid())).to_string());
        let started = Instant::now();
        rustix::process::pidfd_send_signal(&init, rustix::process::Signal::KILL).unwrap();
        assert_dies(&grandchild);
        assert_eq!(running.status(), ExitStatus::Signal(libc::SIGKILL), "{barriers:?} {watch:?}");
        // The kernel has killed the others too; they may still be on their way.
        while running.descendants() > 0 {
            assert!(started.elapsed() < Duration::from_secs(20), "{barriers:?} {watch:?}");
        }
        running.kill();
        assert_eq!(bench.sh("exit 5").status(), ExitStatus::Code(5), "{barriers:?} {watch:?}");
    }
}

/// The child of `warden` that has number 1 in its namespace.
fn init_of(warden: u32) -> u32 {
    let children = std::fs::read_to_string(format!("/proc/{warden}/task/{warden}/children")).unwrap();
    let is_init = |pid: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        status.lines().any(|it| it.starts_with("NSpid:") && it.ends_with("\t1"))
    };
    children.split_ascii_whitespace().map(|it| it.parse().unwrap()).find(is_init).unwrap()
}

pub(crate) fn parent(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}
