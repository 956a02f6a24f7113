//! Opened, deleted and renamed files are seen on request.

use evfuzz_sandbox::{ExitStatus, Intent, Observe, Observed, OpenRecord, PathMark, ProcessEvent};

use crate::support::{Bench, Running, WISHES, wish};

fn records(running: &Running) -> Vec<&OpenRecord> {
    let mut found = Vec::new();
    for event in &running.events {
        if let ProcessEvent::Open(record) = event {
            found.push(record);
        }
    }
    found
}

#[test]
fn files_are_seen_with_their_place_and_purpose() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut spec = bench.spec(&bench.program("opens"), &[]);
        spec.observe.opens = Observed::Watched;
        let mut running = bench.run(&spec);
        assert_eq!(running.status(), ExitStatus::Code(0));
        let scratch = bench.run.join("scratch");
        let inside = bench.scratch();
        let at = |name: &str| Some(inside.join(name));
        let all = records(&running);
        let begin = all.iter().position(|it| it.path == "folder").unwrap();
        let found: Vec<_> = all[begin..]
            .iter()
            .map(|it| (it.path.as_str(), it.resolved.clone(), it.intent.clone()))
            .collect();
        let mut expected = vec![
            ("folder", at("folder"), Intent::Read),
            ("made", at("folder/made"), Intent::Create),
            ("../folder/./made", at("folder/made"), Intent::ReadWrite),
            ("folder/made", at("folder/made"), Intent::Write),
            ("made", at("folder/made"), Intent::ReadWrite),
            ("made", at("folder/made"), Intent::Rename { to: at("moved") }),
            ("moved", at("moved"), Intent::Delete),
            ("/etc/missing", Some("/etc/missing".into()), Intent::Read),
        ];
        if cfg!(target_arch = "x86_64") {
            expected.extend([
                ("old", at("old"), Intent::Read),
                ("old", at("old"), Intent::Create),
                ("old", at("old"), Intent::Rename { to: at("older") }),
                ("older", at("older"), Intent::Delete),
                ("folder", at("folder"), Intent::Delete),
            ]);
        }
        assert_eq!(found, expected, "{barriers:?} {watch:?}");
        assert!(!scratch.join("older").exists() && !scratch.join("moved").exists());
        // The loader of the program comes before its own files.
        assert!(all[..begin].iter().any(|it| it.path.contains("libc.so")), "{all:?}");
    }
}

#[test]
fn only_paths_with_a_word_are_told_where_that_is_asked_for() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut spec = bench.spec(&bench.program("opens"), &[]);
        spec.observe.opens = Observed::Watched;
        spec.observe.only = Some(PathMark { begin: *b"mo", length: 5 });
        let mut running = bench.run(&spec);
        assert_eq!(running.status(), ExitStatus::Code(0));
        let found: Vec<&str> = records(&running).iter().map(|it| it.path.as_str()).collect();
        // The first is renamed to such a path.
        assert_eq!(found, ["made", "moved"], "{barriers:?} {watch:?}");
    }
}

#[test]
fn nothing_is_seen_without_being_asked_for() {
    let bench = Bench::auto();
    assert_eq!(Observe::default().opens, Observed::Unwatched);
    let mut running = bench.run(&bench.spec(&bench.program("opens"), &[]));
    assert_eq!(running.status(), ExitStatus::Code(0));
    assert!(records(&running).is_empty());
}

#[test]
fn a_caller_that_does_not_read_slows_nobody_down() {
    let bench = Bench::auto();
    let mut spec = bench.spec(&bench.program("opens"), &["20000"]);
    spec.observe.opens = Observed::Watched;
    let mut running = bench.run(&spec);
    // It ends although nobody takes its records; what is lost is counted by those that fit in later.
    running.until_silent();
    running.status();
    assert!(records(&running).len() < 20_000);
}
