//! The socket for hooks inside the process: messages arrive whole, and nobody ever waits for them to be read.

use std::time::{Duration, Instant};

use evfuzz_sandbox::{ExitStatus, ObserverEnd, RecordsFd, Told};

use crate::support::{Bench, Running, WISHES, wait, wish};

fn end(number: i32) -> Option<ObserverEnd> {
    Some(ObserverEnd { number, variable: "HOOKS".to_owned() })
}

/// Everything up to the end.
#[track_caller]
fn all_told(running: &Running) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut messages = Vec::new();
    loop {
        match running.process.next_told() {
            Told::Message(bytes) => messages.push(String::from_utf8(bytes).unwrap()),
            Told::Closed => return messages,
            Told::Nothing => {
                assert!(Instant::now() < deadline, "somebody holds the socket");
                wait(running.process.observer_fd().unwrap());
            }
        }
    }
}

/// Also where each stands at the number of the other on the way to the program.
#[test]
fn each_message_is_one_record_beside_a_pipe_for_others() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        for (number, records) in [(9, 62), (62, 9), (5, 6), (6, 5)] {
            let script =
                format!("echo \"$HOOKS\"; echo one >&{number}; echo two >&{number}; echo three >&{records}");
            let mut spec = bench.spec("/bin/bash", &["-c", &script]);
            (spec.observer, spec.records) = (end(number), Some(RecordsFd(records)));
            let mut running = bench.run(&spec);
            let (status, text) = running.finish();
            let isolation = bench.keeper.isolation();
            assert_eq!(status, ExitStatus::Code(0), "{isolation}: {text}");
            let (named, inode) = text.trim_end().split_once(':').unwrap();
            assert_eq!(named, number.to_string());
            assert!(inode.parse::<u64>().unwrap() > 0);
            assert_eq!(all_told(&running), ["one\n", "two\n"], "{isolation}");
            let mut bytes = Vec::new();
            running.process.read_records(&mut bytes, 100);
            assert_eq!(bytes, b"three\n");
        }
    }
}

#[test]
fn who_floods_it_loses_messages_and_no_time() {
    let bench = Bench::auto();
    // More than any socket holds; its errors go nowhere.
    let script = "for i in {1..20000}; do echo $i >&9; done 2>/dev/null; echo end";
    let mut spec = bench.spec("/bin/bash", &["-c", script]);
    spec.observer = end(9);
    let mut running = bench.run(&spec);
    let (status, text) = running.finish();
    assert_eq!((status, text.as_str()), (ExitStatus::Code(0), "end\n"));
    let told = all_told(&running);
    assert!(!told.is_empty() && told.len() < 20_000, "{}", told.len());
    assert_eq!(told[0], "1\n");
}

#[test]
fn who_does_not_ask_has_none() {
    let bench = Bench::auto();
    let mut running = bench.sh("echo ${HOOKS-none}");
    assert_eq!(running.finish(), (ExitStatus::Code(0), "none\n".to_owned()));
    assert!(running.process.observer_fd().is_none());
    assert_eq!(running.process.next_told(), Told::Closed);
}

#[test]
fn a_number_for_both_is_an_error() {
    let bench = Bench::auto();
    let mut spec = bench.spec("/bin/true", &[]);
    (spec.observer, spec.records) = (end(9), Some(RecordsFd(9)));
    assert!(bench.keeper.spawn(&spec).is_err());
}
