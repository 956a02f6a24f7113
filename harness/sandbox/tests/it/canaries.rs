//! Canaries and execs are seen wherever they happen.

use std::process::Command;

use evfuzz_sandbox::{CanaryRan, ExecRecord, ExitStatus, Piece, ProcessEvent, WatchWish};

use crate::support::{Bench, Running, WISHES, wish};

#[track_caller]
fn canary(running: &mut Running) -> CanaryRan {
    running.until(|event| match event {
        ProcessEvent::CanaryRan(ran) => Some(ran.clone()),
        _ => None,
    })
}

fn execs(running: &Running) -> Vec<&ExecRecord> {
    let mut found = Vec::new();
    for event in &running.events {
        if let ProcessEvent::Exec(record) = event {
            found.push(record);
        }
    }
    found
}

#[test]
fn a_canary_in_a_shell_is_seen_with_its_chain() {
    for (barriers, watch) in WISHES {
        let mut bench = Bench::new(wish(barriers, watch));
        bench.pool.arm("canary1").unwrap();
        let script = "cd /usr; sh -c 'canary1 \"a b\" c; :'; exit 6";
        let mut running = bench.sh(script);
        let ran = canary(&mut running);
        assert_eq!(ran.name, "canary1");
        assert_eq!(ran.argv, ["canary1", "a b", "c"]);
        assert_eq!(ran.cwd.as_deref(), Some("/usr".as_ref()));
        let chain: Vec<_> = ran.chain.iter().map(|it| it.argv.join(" ")).collect();
        let own = format!("/bin/sh -c {script}");
        assert_eq!(chain, ["sh -c canary1 \"a b\" c; :", own.as_str()], "{barriers:?} {watch:?}");
        assert_eq!(ran.chain.last().unwrap().pid, running.process.pid());
        assert_eq!(ran.caller, ["sh", "-c", "canary1 \"a b\" c; :"]);
        assert_eq!(running.status(), ExitStatus::Code(6));
        let paths: Vec<_> = execs(&running).iter().map(|it| it.path.as_str()).collect();
        assert!(paths.iter().any(|it| it.ends_with("/canary1")), "{paths:?}");
    }
}

#[test]
fn a_canary_is_seen_after_setsid_and_a_double_fork() {
    for (barriers, watch) in WISHES {
        let mut bench = Bench::new(wish(barriers, watch));
        bench.pool.arm("canary2").unwrap();
        let mut running = bench.sh("(setsid sh -c 'canary2 & :' &); sleep 1000");
        assert_eq!(canary(&mut running).name, "canary2");
    }
}

#[test]
fn a_canary_started_by_a_thread_is_seen() {
    for (barriers, watch) in WISHES {
        let mut bench = Bench::new(wish(barriers, watch));
        bench.pool.arm("canary3").unwrap();
        let exe = std::env::current_exe().unwrap();
        let args = ["canaries::a_function_with_threads", "--exact", "--test-threads=2"];
        let mut spec = bench.spec(exe.to_str().unwrap(), &args);
        spec.read.push(Piece::same(exe));
        spec.env.push(("EVFUZZ_TEST_CANARY".into(), "canary3".into()));
        let mut running = bench.run(&spec);
        let ran = canary(&mut running);
        assert_eq!((ran.name.as_str(), ran.argv.len()), ("canary3", 2));
        assert_eq!(ran.chain.last().unwrap().pid, running.process.pid());
        assert_eq!(running.status(), ExitStatus::Code(0));
    }
}

/// Not a test by itself: the function of the test above.
#[test]
fn a_function_with_threads() {
    let Some(name) = std::env::var_os("EVFUZZ_TEST_CANARY") else {
        return;
    };
    let run = move || Command::new(name).arg("x").status().unwrap();
    assert!(std::thread::spawn(run).join().unwrap().success());
}

#[test]
fn looking_a_canary_up_is_no_run() {
    for (barriers, watch) in WISHES {
        let mut bench = Bench::new(wish(barriers, watch));
        bench.pool.arm("canary4").unwrap();
        let (status, text) = {
            bench.sh("command -v canary4 >/dev/null && test -x $(command -v canary4) && echo there; nope1")
        }
        .finish();
        assert_eq!(status, ExitStatus::Code(127), "{text}");
        assert!(text.starts_with("there\n"), "{text}");
        let mut running = bench.sh("env nope2; exit 0");
        running.status();
        assert!(!running.events.iter().any(|it| matches!(it, ProcessEvent::CanaryRan(_))));
        // `env` tries each directory of PATH.
        assert!(execs(&running).iter().filter(|it| it.path.ends_with("/nope2")).count() >= 2);
    }
}

#[test]
fn names_armed_after_the_start_are_live() {
    let mut bench = Bench::auto();
    let mut running = bench.sh("echo ready; while ! command -v late >/dev/null; do :; done; late now");
    running.line();
    bench.pool.arm("late").unwrap();
    assert_eq!(canary(&mut running).argv, ["late", "now"]);
}

#[test]
fn nothing_is_reported_without_a_watch() {
    let mut bench = Bench::new(wish(evfuzz_sandbox::BarrierWish::Auto, WatchWish::Off));
    bench.pool.arm("canary5").unwrap();
    let mut running = bench.sh("canary5");
    assert_eq!(running.status(), ExitStatus::Code(0));
    assert!(execs(&running).is_empty());
}

#[test]
fn a_caller_that_does_not_read_loses_records_but_no_canary() {
    let mut bench = Bench::auto();
    bench.pool.arm("last").unwrap();
    let script = "i=0; while [ $i -lt 3000 ]; do env >/dev/null; i=$((i+1)); done; echo done; last";
    let mut running = bench.sh(script);
    assert_eq!(running.line(), "done");
    assert_eq!(canary(&mut running).name, "last");
    let records = execs(&running);
    let dropped: u64 = records.iter().map(|it| it.dropped).sum();
    println!("{} records, {dropped} dropped", records.len());
}
