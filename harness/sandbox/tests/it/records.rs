//! A second pipe beside the output, under the number that the caller chose.

use std::time::{Duration, Instant};

use evfuzz_sandbox::{
    BarrierWish, ExitStatus, IsolationWish, LogEnd, OnWeak, RecordsFd, SandboxError, Stage,
};

use crate::support::{Bench, Running, WISHES, wait, watches, wish};

/// What `records.c` writes.
fn frames() -> Vec<u8> {
    let frame = |length: usize, value: u8| {
        let head = u32::try_from(length).unwrap().to_ne_bytes();
        head.into_iter().chain(std::iter::repeat_n(value, length)).collect::<Vec<u8>>()
    };
    [frame(5, b'a'), frame(0, 0), frame(3 << 20, 0xff), frame(7, b'c'), frame(2, b'\n')].concat()
}

/// Everything up to the end of the pipe.
#[track_caller]
fn all_records(running: &Running) -> Vec<u8> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut bytes = Vec::new();
    while running.process.read_records(&mut bytes, 8 << 20).end != LogEnd::Closed {
        assert!(Instant::now() < deadline, "somebody holds the pipe; {} bytes so far", bytes.len());
        wait(running.process.records_fd().unwrap());
    }
    bytes
}

/// Starts `records.c` with the pipe at `number`, and takes all that it writes.
#[track_caller]
fn check(bench: &Bench, number: i32) {
    let mut spec = bench.spec(&bench.program("records"), &[&number.to_string()]);
    spec.records = Some(RecordsFd(number));
    let mut running = bench.run(&spec);
    let bytes = all_records(&running);
    let isolation = bench.keeper.isolation();
    assert_eq!(running.line(), format!("open: {number}"), "{isolation}");
    // Not `assert_eq`: nobody wants to read megabytes.
    assert!(bytes == frames(), "{isolation}: {number}: {} bytes", bytes.len());
    // The end was the function's own doing, not that of its death.
    assert_eq!(running.line(), "closed", "{isolation}");
    assert_eq!(running.descendants(), 0);
    running.kill();
}

#[test]
fn records_arrive_as_they_were_written_and_end_when_all_have_closed_them() {
    for (barriers, watch) in WISHES {
        check(&Bench::new(wish(barriers, watch)), 62);
    }
    for watch in watches() {
        let none = IsolationWish { weak: OnWeak::Allow, ..wish(BarrierWish::None, watch) };
        check(&Bench::new(none), 62);
    }
}

/// Among them are those that the sandbox uses itself on the way to the program.
#[test]
fn any_number_will_do() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let program = bench.program("records");
        for number in (3..=32).chain([62, 1023]) {
            let mut spec = bench.spec(&program, &[]);
            spec.records = Some(RecordsFd(number));
            let mut running = bench.run(&spec);
            let (status, text) = running.finish();
            let expected = (ExitStatus::Code(0), format!("open: {number}\n"));
            assert_eq!((status, text), expected, "{barriers:?} {watch:?}");
            assert!(all_records(&running).is_empty());
        }
    }
}

/// With a program that cannot be executed, since the way back for that news has a number, too.
#[test]
fn a_failure_is_told_under_any_number() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut spec = bench.spec("/usr/bin/does-not-exist", &[]);
        for number in 3..=32 {
            spec.records = Some(RecordsFd(number));
            let err = bench.keeper.spawn(&spec).unwrap_err();
            assert!(
                matches!(err, SandboxError::Exec { errno: libc::ENOENT, .. }),
                "{barriers:?} {watch:?} {number}: {err:?}"
            );
        }
    }
}

#[test]
fn a_number_that_cannot_be_is_an_error() {
    let bench = Bench::auto();
    let mut spec = bench.spec("/bin/true", &[]);
    for number in [-1, 0, 2, 1024] {
        spec.records = Some(RecordsFd(number));
        let err = bench.keeper.spawn(&spec).unwrap_err();
        assert!(
            matches!(&err, SandboxError::Setup { stage: Stage::Process, detail, .. } if detail.contains("records")),
            "{number}: {err:?}"
        );
    }
}

#[test]
fn who_does_not_ask_gets_none() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        // Beside one that has it.
        let mut spec = bench.spec("/bin/sleep", &["1000"]);
        spec.records = Some(RecordsFd(62));
        let other = bench.run(&spec);
        let mut running = bench.run(&bench.spec(&bench.program("records"), &[]));
        let (status, text) = running.finish();
        assert_eq!((status, text.as_str()), (ExitStatus::Code(0), "open:\n"), "{barriers:?} {watch:?}");
        assert!(running.process.records_fd().is_none());
        let mut bytes = Vec::new();
        assert_eq!(running.process.read_records(&mut bytes, 10).end, LogEnd::Closed);
        assert_eq!(other.process.read_records(&mut bytes, 10).end, LogEnd::Open);
        assert!(bytes.is_empty());
    }
}
