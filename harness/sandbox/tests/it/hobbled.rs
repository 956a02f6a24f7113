//! All other tests again on machines that lack something, simulated by `evfuzz-hobble`.
//!
//! Each mode runs this very test binary as a whole.
//! A test leaves out a combination only because `EVFUZZ_TEST_WITHOUT` names its mechanism, never because it does not work.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use evfuzz_sandbox::{BarrierWish, Namespaces, OnWeak, SandboxError, Watch, WatchWish};

use crate::support::{Bench, WITHOUT, keeper_program, wish};

/// Tells the test process that runs hobbled from the one that starts it.
const INSIDE: &str = "EVFUZZ_TEST_HOBBLED";

fn hobble() -> PathBuf {
    // Like the keeper of a copy of the tests, see `support`.
    std::env::var_os("EVFUZZ_TEST_HOBBLE")
        .map_or_else(|| env!("CARGO_BIN_EXE_evfuzz-hobble").into(), PathBuf::from)
}

/// What a machine without the features of `modes` lacks by name.
struct Lacking {
    modes: &'static [&'static str],
    without: String,
}

impl Lacking {
    fn new(modes: &'static [&'static str]) -> Lacking {
        let root = rustix::process::geteuid().is_root();
        let mut without = Vec::new();
        for mode in modes {
            match *mode {
                "--no-namespaces" => without.push("namespaces"),
                // Root does not need the one of users for the others.
                "--no-user-namespaces" if !root => without.push("namespaces"),
                "--no-landlock" | "--no-landlock=ENOSYS" => without.push("landlock"),
                "--listener" | "--listener=execve" => without.push("listener"),
                "--no-ptrace" => without.push("ptrace"),
                _ => {}
            }
        }
        Lacking { modes, without: without.join(",") }
    }

    fn run(&self, tests: &[&str]) -> Output {
        Command::new(hobble())
            .args(self.modes)
            .arg("--")
            .arg(std::env::current_exe().unwrap())
            .args(tests)
            .env(WITHOUT, &self.without)
            .env(INSIDE, "1")
            .output()
            .unwrap()
    }
}

/// Runs everything but this file and what is long or only measures, which shows nothing more here.
#[track_caller]
fn everything_passes(modes: &'static [&'static str]) {
    let lacking = Lacking::new(modes);
    let output = lacking.run(&["--skip", "hobbled::", "--skip", "cost::", "--test-threads", "2"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{modes:?}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    let result = text.lines().rfind(|it| it.starts_with("test result: ok.")).expect("a summary");
    let passed: u32 = result.split_ascii_whitespace().nth(3).unwrap().parse().unwrap();
    assert!(passed >= 20, "{modes:?}: {result}");
    println!("{modes:?}: {result}");
}

#[test]
fn everything_passes_where_user_namespaces_are_forbidden() {
    everything_passes(&["--no-user-namespaces"]);
}

#[test]
fn everything_passes_where_all_namespaces_are_forbidden() {
    everything_passes(&["--no-namespaces"]);
}

#[test]
fn everything_passes_where_landlock_is_disabled() {
    everything_passes(&["--no-landlock"]);
}

#[test]
fn everything_passes_where_a_listener_is_already_there() {
    everything_passes(&["--listener"]);
}

#[test]
fn everything_passes_where_ptrace_is_refused() {
    everything_passes(&["--no-ptrace"]);
}

#[test]
fn everything_passes_where_proc_is_masked() {
    everything_passes(&["--masked-proc"]);
}

/// One combination: which isolation is found, asked of a process that lives under the hobbles.
#[track_caller]
fn found(modes: &'static [&'static str], test: &str) {
    let output = Lacking::new(modes).run(&[test, "--exact", "--nocapture"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let all = format!("{modes:?}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{all}");
}

fn is_outside() -> bool {
    std::env::var_os(INSIDE).is_none()
}

#[test]
fn the_next_best_is_chosen_and_the_reason_kept() {
    found(&["--no-namespaces"], "hobbled::inside_no_namespaces");
    found(&["--no-landlock"], "hobbled::inside_no_landlock");
    found(&["--no-landlock=ENOSYS"], "hobbled::inside_no_landlock");
    found(&["--listener"], "hobbled::inside_a_listener");
    found(&["--listener", "--no-ptrace"], "hobbled::inside_no_watch");
    found(&["--no-namespaces", "--no-landlock"], "hobbled::inside_nothing");
    found(&["--listener=execve"], "hobbled::inside_a_watch_of_execs");
}

// The rest are no tests by themselves, but what the test above runs.

#[test]
fn inside_no_namespaces() {
    if is_outside() {
        return;
    }
    let bench = Bench::auto();
    let isolation = bench.keeper.isolation();
    assert_eq!(isolation.barriers.namespaces, Namespaces::Host);
    assert!(isolation.barriers.landlock.is_some());
    assert!(isolation.notes.iter().any(|it| it.starts_with("namespaces: ")), "{:?}", isolation.notes);
}

#[test]
fn inside_no_landlock() {
    if is_outside() {
        return;
    }
    let bench = Bench::auto();
    let isolation = bench.keeper.isolation();
    assert_eq!(isolation.barriers.landlock, None);
    assert_ne!(isolation.barriers.namespaces, Namespaces::Host);
    assert!(isolation.notes.iter().any(|it| it.contains("Landlock")), "{:?}", isolation.notes);
}

#[test]
fn inside_a_listener() {
    if is_outside() {
        return;
    }
    let bench = Bench::auto();
    let isolation = bench.keeper.isolation();
    assert_eq!(isolation.watch, Watch::Ptrace);
    assert!(isolation.notes.iter().any(|it| it.contains("busy")), "{:?}", isolation.notes);
}

#[test]
fn inside_no_watch() {
    if is_outside() {
        return;
    }
    let bench = Bench::auto();
    assert_eq!(bench.keeper.isolation().watch, Watch::Off);
    assert!(bench.keeper.isolation().notes.len() >= 2);
}

#[test]
fn inside_nothing() {
    if is_outside() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut wish = wish(BarrierWish::Auto, WatchWish::Auto);
    let err = evfuzz_sandbox::Keeper::start(&keeper_program(), &dir.path().join("run"), wish).unwrap_err();
    assert!(matches!(err, SandboxError::TooWeak { .. }), "{err:?}");
    wish.weak = OnWeak::Allow;
    assert!(Bench::new(wish).keeper.isolation().to_string().starts_with("layer 0"));
}

/// The other listener hears of execs first and hides them from our tracer, whose stops have less precedence (seccomp(2)).
/// Nothing may be silent about that.
#[test]
fn inside_a_watch_of_execs() {
    if is_outside() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let wish = wish(BarrierWish::Auto, WatchWish::Auto);
    let result = evfuzz_sandbox::Keeper::start(&keeper_program(), &dir.path().join("run"), wish);
    match result {
        Err(SandboxError::PromiseBroken { name, .. }) => assert!(name.contains("canary"), "{name}"),
        Ok(keeper) => assert_eq!(keeper.isolation().watch, Watch::Off),
        Err(other) => panic!("{other:?}"),
    }
}
