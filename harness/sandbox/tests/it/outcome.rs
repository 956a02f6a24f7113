//! How a process ends and what it prints.

use std::io::{Read, Write};

use evfuzz_sandbox::{ExitStatus, ProcessEvent, SandboxError, Stage};

use crate::support::{Bench, WISHES, wish};

/// A group stop must be a real one, also for a tracer, and end with SIGCONT.
const STOP_AND_GO: &str = "
    (kill -STOP $$; until grep -q 'State:.[Tt]' /proc/$$/status; do :; done; kill -CONT $$) &
    wait; exit 3";

#[test]
fn exit_codes_and_signals_are_the_same_under_every_watch() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        for (script, expected) in [
            ("exit 0", ExitStatus::Code(0)),
            ("exit 42", ExitStatus::Code(42)),
            ("kill -TERM $$", ExitStatus::Signal(15)),
            ("kill -SEGV $$", ExitStatus::Signal(11)),
            ("kill -KILL $$", ExitStatus::Signal(9)),
            ("trap 'exit 7' USR1; kill -USR1 $$; exit 1", ExitStatus::Code(7)),
            (STOP_AND_GO, ExitStatus::Code(3)),
            ("/bin/sh -c 'exit 5'; exit $?", ExitStatus::Code(5)),
        ] {
            assert_eq!(bench.sh(script).status(), expected, "{script} {barriers:?} {watch:?}");
        }
    }
}

#[test]
fn a_program_that_ends_at_once_is_reported_under_every_watch() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        std::thread::scope(|scope| {
            // Side by side, so that the program often ends before its warden has got round to it.
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let status = bench.run(&bench.spec("/bin/true", &[])).status();
                        assert_eq!(status, ExitStatus::Code(0), "{barriers:?} {watch:?}");
                    }
                });
            }
        });
    }
}

#[test]
fn output_of_both_streams_arrives_and_is_capped() {
    let bench = Bench::auto();
    let (status, text) = bench.sh("echo out; echo err >&2").finish();
    assert_eq!((status, text.as_str()), (ExitStatus::Code(0), "out\nerr\n"));

    let mut running = bench.sh("printf 1234567890");
    running.status();
    let mut buf = Vec::new();
    let read = running.process.read_log(&mut buf, 4);
    assert_eq!((buf.as_slice(), read.kept, read.discarded), (b"1234".as_slice(), 4, 6));
}

#[test]
fn usage_is_reported() {
    let mut running = Bench::auto().sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
    let info = running.until(|event| match event {
        ProcessEvent::Exited(info) => Some(info.clone()),
        _ => None,
    });
    assert!(info.max_rss_kib > 100 && !info.cpu.is_zero(), "{info:?}");
}

#[test]
fn a_program_that_cannot_be_executed_is_an_error() {
    let bench = Bench::auto();
    let text = bench.run.join("code/text");
    std::fs::write(&text, "no program").unwrap();
    for (program, expected) in
        [("/usr/bin/does-not-exist", libc::ENOENT), (text.to_str().unwrap(), libc::EACCES)]
    {
        let err = bench.keeper.spawn(&bench.spec(program, &[])).unwrap_err();
        assert!(matches!(&err, SandboxError::Exec { errno, .. } if *errno == expected), "{program}: {err:?}");
    }
    let mut spec = bench.spec("/bin/sh", &[]);
    spec.cwd = "/does-not-exist".into();
    let err = bench.keeper.spawn(&spec).unwrap_err();
    assert!(matches!(err, SandboxError::Setup { stage: Stage::Process, .. }), "{err:?}");
}

#[test]
fn the_service_port_is_reached_from_inside() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        // bash opens TCP connections by itself, so no other program is needed.
        let script = "exec 3<>/dev/tcp/${SERVICE%:*}/${SERVICE#*:}; read -r line <&3; echo \"$line\" >&3";
        let mut running = bench.run(&bench.spec("/bin/bash", &["-c", script]));
        let listener = running.process.take_listener().unwrap();
        listener.set_nonblocking(false).unwrap();
        assert!(running.process.port() != 0);
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"hello\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "hello\n");
        assert_eq!(running.status(), ExitStatus::Code(0));
    }
}
