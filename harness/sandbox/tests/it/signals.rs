//! No signal leaves the tree, with Landlock's signal scope and where the kernel has none.

use std::{
    os::unix::process::CommandExt,
    process::{Child, Command},
};

use evfuzz_sandbox::{BarrierWish, ExitStatus, IsolationWish, Processes, WatchWish};

use crate::support::{Bench, barriers, compile, is_without, watches, wish};

/// A process of the same user that has nothing to do with the function, leader of its group.
struct Stranger(Child);

impl Stranger {
    fn new() -> Stranger {
        Stranger(Command::new("sleep").arg("1000").process_group(0).spawn().unwrap())
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }

    fn lives(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// As on Linux 6.7 to 6.11.
fn old(barriers: BarrierWish, watch: WatchWish) -> IsolationWish {
    IsolationWish { landlock_abi_at_most: Some(5), ..wish(barriers, watch) }
}

/// Each line of `signals.c` has the answer that its first word stands for.
#[track_caller]
fn check(text: &str, processes: Processes) {
    for line in text.lines() {
        let (what, errno) = line.rsplit_once(' ').unwrap();
        let (group, call) = what.split_once('-').unwrap_or((what, ""));
        let expected = match (group, processes) {
            // Not even with a pid namespace: a filter sees to it.
            ("everybody", _) => libc::EPERM,
            ("outside", _) if call == "limit" => libc::EPERM,
            ("outside", Processes::Host) => libc::EPERM,
            // Whoever has no number cannot be meant.
            ("outside", Processes::Own) => libc::ESRCH,
            // The warden leads no group, so there is none of its number.
            ("parent", Processes::Host) if call == "group" => libc::ESRCH,
            ("parent", Processes::Host) => libc::EPERM,
            // pid_namespaces(7): a parent outside is number 0. kill(2): that is the own group; the others need one thread.
            ("parent", Processes::Own) => match call {
                "kill" | "group" => 0,
                "sigqueue" => libc::ESRCH,
                _ => libc::EINVAL,
            },
            ("nobody" | "reaped", _) => libc::ESRCH,
            _ => 0,
        };
        assert_eq!(errno.parse(), Ok(expected), "{line}\n{text}");
    }
}

#[test]
fn signals_stay_in_the_tree_without_the_kernels_help() {
    for barriers in barriers() {
        for watch in watches() {
            let bench = Bench::new(old(barriers, watch));
            let mut stranger = Stranger::new();
            let mut running = bench.run(&bench.spec(&bench.program("signals"), &[&stranger.pid()]));
            let (status, text) = running.finish();
            println!("{barriers:?} {watch:?}\n{text}");
            assert_eq!(status, ExitStatus::Code(0), "{text}");
            check(&text, bench.keeper.isolation().barriers.processes);
            // pidfd_open(2): a stranger and the parent have no descriptor where they have no number.
            assert!(text.lines().count() >= 54, "{text}");
            assert!(stranger.lives());
        }
    }
}

#[test]
fn without_a_watch_nothing_but_the_own_process_and_group_is_signalled() {
    for barriers in barriers() {
        let bench = Bench::new(old(barriers, WatchWish::Off));
        let mut stranger = Stranger::new();
        let pid = stranger.pid();
        let mut running = bench.run(&bench.spec(&bench.program("signals"), &[&pid, "outside"]));
        let (status, text) = running.finish();
        assert_eq!(status, ExitStatus::Code(0), "{text}");
        let processes = bench.keeper.isolation().barriers.processes;
        match processes {
            Processes::Own => check(&text, processes),
            // No exception at all, whoever is meant.
            Processes::Host => {
                for line in text.lines() {
                    assert!(line.ends_with(&format!(" {}", libc::EPERM)), "{line}");
                }
            }
        }
        assert!(stranger.lives());
        let by_a_child = match processes {
            Processes::Own => 128 + libc::SIGTERM,
            Processes::Host => 4,
        };
        for (script, expected) in [
            ("kill -TERM $$", ExitStatus::Signal(libc::SIGTERM)),
            ("trap 'exit 7' USR1; kill -USR1 0; exit 1", ExitStatus::Code(7)),
            ("sh -c 'kill -TERM $$ 2>/dev/null; exit 4'; exit $?", ExitStatus::Code(by_a_child)),
        ] {
            assert_eq!(bench.sh(script).status(), expected, "{script}");
        }
    }
}

#[test]
fn deaths_look_the_same_where_the_warden_delivers() {
    if is_without("landlock") {
        return;
    }
    for watch in watches() {
        let bench = Bench::new(old(BarrierWish::LandlockOnly, watch));
        for (script, expected) in [
            ("kill -SEGV $$", ExitStatus::Signal(libc::SIGSEGV)),
            ("kill -KILL 0", ExitStatus::Signal(libc::SIGKILL)),
            ("sh -c 'kill -TERM $PPID'; sleep 1000", ExitStatus::Signal(libc::SIGTERM)),
            ("(setsid sh -c \"kill -HUP $$\"); sleep 1000", ExitStatus::Signal(libc::SIGHUP)),
            ("sleep 1000 & kill -TERM $!; wait $!; exit $?", ExitStatus::Code(128 + libc::SIGTERM)),
        ] {
            assert_eq!(bench.sh(script).status(), expected, "{script}");
        }
    }
}

#[test]
fn outside_the_sandbox_the_same_calls_reach_the_stranger() {
    let mut stranger = Stranger::new();
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("signals");
    compile("signals", &program);
    let output = Command::new(program).args([&stranger.pid(), "outside"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for call in ["kill", "group", "tkill", "tgkill", "sigqueue", "tgsigqueue", "pidfd", "owner", "limit"] {
        assert!(text.contains(&format!("outside-{call} 0\n")), "{call}\n{text}");
    }
    // SIGTERM has arrived.
    assert_eq!(stranger.0.wait().unwrap().code(), None);
}
