//! A `/tmp` goes from a process that ended to the one that takes its place, and ends with the last that holds it.

use std::{
    mem::MaybeUninit,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use evfuzz_sandbox::{
    ExitStatus, IsolationWish, KeptTmp, ProcessEvent, ProcessSpec, SandboxError, Tmp, WatchWish,
};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

use crate::support::{Bench, Running, WISHES, barriers, wait, wish};

/// A shell whose `$0` is its scratch, which stays.
fn spec(bench: &Bench, script: &str) -> ProcessSpec {
    let mut spec = bench.spec("/bin/sh", &["-c", script]);
    spec.args.push(bench.scratch().into());
    spec.cwd = "/".into();
    // What is shown below `/tmp` needs folders there.
    spec.read.clear();
    spec.canaries = None;
    spec.scratch.tmp = Tmp::KeptMemory;
    spec
}

#[track_caller]
fn after(bench: &Bench, spec: &ProcessSpec, tmp: KeptTmp) -> Running {
    Running::new(bench.keeper.spawn_with_tmp(spec, tmp).unwrap())
}

/// Waits for the end of the whole tree.
#[track_caller]
fn end(mut running: Running) -> Option<KeptTmp> {
    running.kill();
    running.process.take_tmp()
}

#[test]
fn what_a_killed_process_left_is_read_and_extended_by_the_next_two() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let all = format!("{barriers:?} {watch:?}");
        let mut first = bench.run(&spec(
            &bench,
            "cd $0; umask 077; mkdir private; echo one > private/file; ln -s private/file link
             stat -c '%i %u %a' private/file; sleep 1000 & sleep 1000",
        ));
        let identity = first.line();
        let tmp = end(first).expect(&all);

        // It has no other inode, so it is the same and not a copy; and the user can do all that an owner can.
        let script = "cd $0; stat -c '%i %u %a' link -L; echo two >> link; mv private/file private/moved
                      rm link; echo more > private/more; chmod 400 private/more; echo done; kill -SEGV $$";
        let mut second = after(&bench, &spec(&bench, script), tmp);
        assert_eq!(second.line(), identity, "{all}");
        assert_eq!(second.line(), "done", "{all}");
        assert_eq!(second.status(), ExitStatus::Signal(libc::SIGSEGV), "{all}");
        second.process.request_files();
        let left = second.until(|event| match event {
            ProcessEvent::Files(left) => Some(left.clone()),
            _ => None,
        });
        let names: Vec<&str> = left.files.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(names, ["private", "private/more", "private/moved"], "{all}");
        let tmp = end(second).expect(&all);

        // The last of the line keeps nothing, or else what the caller does not ask for.
        let mut last = spec(&bench, "cd $0; echo three >> private/moved; cat private/moved private/more; ls");
        last.scratch.tmp = Tmp::Memory;
        let mut third = after(&bench, &last, tmp);
        let expected = "one\ntwo\nthree\nmore\nprivate\n".to_owned();
        assert_eq!(third.finish(), (ExitStatus::Code(0), expected), "{all}");
        assert!(end(third).is_none(), "{all}");
    }
}

#[test]
fn one_that_is_not_handed_on_starts_empty() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        if !bench.keeper.isolation().barriers.has_own_files() {
            // There it is the folder, which the caller empties.
            continue;
        }
        let mut first = bench.run(&spec(&bench, "echo one > $0/file"));
        assert_eq!(first.status(), ExitStatus::Code(0));
        let kept = end(first);
        let mut second = bench.run(&spec(&bench, "ls -A $0"));
        assert_eq!(second.finish(), (ExitStatus::Code(0), String::new()), "{barriers:?} {watch:?}");
        drop(kept);
    }
}

#[test]
fn a_full_one_stays_full() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        if !bench.keeper.isolation().barriers.has_own_files() {
            continue;
        }
        let all = format!("{barriers:?} {watch:?}");
        let fill = "cd $0; head -c 2M /dev/zero > big 2>/dev/null; stat -c %s big; stat -fc %f .";
        let mut first = spec(&bench, fill);
        first.limits.scratch = 1 << 20;
        let mut first = bench.run(&first);
        assert_eq!(first.finish().1, "1048576\n0\n", "{all}");
        // The second process may have more, but not in this file system.
        let tmp = end(first).unwrap();
        let again = "cd $0; echo x > other 2>/dev/null || echo full; stat -c %s big; stat -fc %f .";
        let mut second = after(&bench, &spec(&bench, again), tmp);
        assert!(second.finish().1.ends_with("full\n1048576\n0\n"), "{all}");
        let tmp = end(second).unwrap();
        let emptied = format!("rm $0/big $0/other; {fill}");
        let mut third = after(&bench, &spec(&bench, &emptied), tmp);
        assert_eq!(third.finish().1, "1048576\n0\n", "{all}");
    }
}

/// Told when the file system of `running` is no more: inotify(7), `IN_UNMOUNT`. Does not hold it.
#[track_caller]
fn watch_end(running: &Running) -> OwnedFd {
    let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).unwrap();
    let tmp = format!("/proc/{}/root/tmp", running.process.pid());
    inotify::add_watch(&watch, tmp, WatchFlags::DELETE_SELF).unwrap();
    watch
}

fn has_ended(watch: &OwnedFd) -> bool {
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut reader = Reader::new(watch, &mut buffer);
    std::iter::from_fn(|| reader.next().ok().map(|it| it.events())).any(|it| it.contains(ReadFlags::UNMOUNT))
}

#[track_caller]
fn assert_ends(watch: &OwnedFd, all: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !has_ended(watch) {
        assert!(Instant::now() < deadline, "{all}: somebody holds it");
        wait(watch);
    }
}

#[test]
fn its_memory_is_free_when_nobody_holds_it() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        if !bench.keeper.isolation().barriers.has_own_files() {
            continue;
        }
        let all = format!("{barriers:?} {watch:?}");
        let stay = spec(&bench, "head -c 8M /dev/zero > $0/big; echo here; sleep 1000; :");
        let run = || {
            let mut running = bench.run(&stay);
            running.line();
            let ends = watch_end(&running);
            (running, ends)
        };
        // Nobody has taken it.
        let (mut running, ends) = run();
        running.kill();
        drop(running);
        assert_ends(&ends, &all);
        // It was taken, but given to nobody.
        let (running, ends) = run();
        let tmp = end(running);
        assert!(!has_ended(&ends), "{all}");
        drop(tmp);
        assert_ends(&ends, &all);
        // It was given to one that could not start.
        let (running, ends) = run();
        let tmp = end(running).unwrap();
        let mut absent = stay.clone();
        absent.program = "/usr/bin/does-not-exist".into();
        bench.keeper.spawn_with_tmp(&absent, tmp).unwrap_err();
        assert_ends(&ends, &all);
        // It was the second one's in the end.
        let (running, ends) = run();
        let mut second = after(&bench, &spec(&bench, "stat -c %s $0/big"), end(running).unwrap());
        assert_eq!(second.finish().1, "8388608\n", "{all}");
        let tmp = end(second);
        assert!(!has_ended(&ends), "{all}");
        drop(tmp);
        assert_ends(&ends, &all);
    }
}

#[test]
fn many_lives_of_one() {
    for barriers in barriers() {
        let bench = Bench::new(wish(barriers, WatchWish::Auto));
        let spec = spec(&bench, "echo x >> $0/lives; wc -l < $0/lives; sleep 1000; :");
        let mut running = bench.run(&spec);
        for life in 1..=20 {
            assert_eq!(running.line().trim(), life.to_string(), "{barriers:?}");
            running = after(&bench, &spec, end(running).unwrap());
        }
    }
}

#[test]
fn a_place_that_the_function_closed_to_itself_is_open_for_the_next() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut first = bench.run(&spec(&bench, "echo one > $0/file; chmod 1000 $0; stat -c %a $0"));
        assert_eq!(first.finish().1, "1000\n", "{barriers:?} {watch:?}");
        let tmp = end(first).unwrap();
        let mut second = after(&bench, &spec(&bench, "cat $0/file"), tmp);
        assert_eq!(second.finish().1, "one\n", "{barriers:?} {watch:?}");
    }
}

#[test]
fn one_that_does_not_fit_is_refused() {
    let bench = Bench::new(IsolationWish::default());
    let mut spec = spec(&bench, "true");
    let tmp = end(bench.run(&spec)).unwrap();
    spec.scratch.folder = bench.run.join("other");
    std::fs::create_dir(&spec.scratch.folder).unwrap();
    let err = bench.keeper.spawn_with_tmp(&spec, tmp).unwrap_err();
    assert!(matches!(err, SandboxError::OtherTmp { .. }), "{err:?}");
}
