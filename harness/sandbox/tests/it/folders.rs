//! A watched folder is seen from outside while a confined function touches it.

use std::time::{Duration, Instant};

use evfuzz_sandbox::{BarrierWish, ExitStatus, FolderAct, FolderEvent, FolderWatch, WatchWish};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::support::{Bench, lacks, wish};

fn barriers() -> impl Iterator<Item = BarrierWish> {
    [
        (BarrierWish::Auto, ""),
        (BarrierWish::LandlockOnly, "landlock"),
        (BarrierWish::NamespacesOnly, "namespaces"),
    ]
    .into_iter()
    .filter(|(_, needs)| !lacks(needs))
    .map(|(barriers, _)| barriers)
}

/// All events until `last`, which must come.
#[track_caller]
fn until(watch: &mut FolderWatch, last: impl Fn(&FolderEvent) -> bool) -> Vec<FolderEvent> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut all = Vec::new();
    loop {
        while let Some(event) = watch.next_event() {
            let end = last(&event);
            all.push(event);
            if end {
                return all;
            }
        }
        assert!(Instant::now() < deadline, "nothing of the kind among {all:?}");
        let second = Timespec { tv_sec: 1, tv_nsec: 0 };
        poll(&mut [PollFd::new(watch, PollFlags::IN)], Some(&second)).unwrap();
    }
}

#[test]
fn a_function_that_opens_a_canary_file_is_seen() {
    for barriers in barriers() {
        let bench = Bench::new(wish(barriers, WatchWish::Auto));
        let folder = bench.run.join("secrets");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("token-n1"), "canary").unwrap();
        std::fs::write(folder.join("token-n2"), "canary").unwrap();
        let mut watch = FolderWatch::new(&folder).unwrap();
        let script =
            format!("test -e {0}/token-n2; (cat {0}/absent) 2>&-; cat {0}/token-n1", folder.display());
        let mut spec = bench.spec("/bin/sh", &["-c", &script]);
        spec.read.push(evfuzz_sandbox::Piece::same(folder));
        let (status, text) = bench.run(&spec).finish();
        assert_eq!((status, text.as_str()), (ExitStatus::Code(0), "canary"), "{barriers:?}");
        let events = until(&mut watch, |it| it.act == FolderAct::Opened && it.name == "token-n1");
        assert!(!events.iter().any(|it| it.name == "token-n2"), "{barriers:?} {events:?}");
    }
}

#[test]
fn a_function_that_may_write_is_seen_doing_it() {
    for barriers in barriers() {
        let bench = Bench::new(wish(barriers, WatchWish::Auto));
        let mut watch = FolderWatch::new(&bench.run.join("scratch")).unwrap();
        let script = "mkdir made && echo x > n1 && mv n1 n2 && rm n2";
        assert_eq!(bench.sh(script).status(), ExitStatus::Code(0));
        let events = until(&mut watch, |it| it.act == FolderAct::Deleted && it.name == "n2");
        let acts = |name: &str| -> Vec<FolderAct> {
            events.iter().filter(|it| it.name == name).map(|it| it.act).collect()
        };
        use FolderAct::{ClosedAfterWrite, Created, Deleted, MovedIn, MovedOut, Opened, Written};
        assert_eq!(acts("made"), [Created], "{barriers:?}");
        assert_eq!(acts("n1"), [Created, Opened, Written, ClosedAfterWrite, MovedOut], "{barriers:?}");
        assert_eq!(acts("n2"), [MovedIn, Deleted], "{barriers:?}");
    }
}

#[test]
fn an_open_that_a_barrier_refuses_is_not_told() {
    for barriers in barriers() {
        let bench = Bench::new(wish(barriers, WatchWish::Auto));
        let folder = bench.outside().join("hidden");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("token"), "canary").unwrap();
        let mut watch = FolderWatch::new(&folder).unwrap();
        let status = bench.sh(&format!("cat {}/token", folder.display())).status();
        assert_eq!(status, ExitStatus::Code(1), "{barriers:?}");
        // Another test's child may have held the descriptor that wrote the file, and close it only now.
        while let Some(event) = watch.next_event() {
            assert_ne!(event.act, FolderAct::Opened, "{barriers:?} {event:?}");
        }
    }
}
