//! Standard output that takes nothing: a full disk is an error of every command, a closed pipe of none.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{Copied, Needs, cannot_run, evfuzz, is_missing};

/// The device that is always full: full(4).
fn full_disk() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[track_caller]
fn cannot_write(copied: &Copied, args: &[&str]) {
    let output = evfuzz(copied.path()).args(args).stdout(full_disk()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{args:?}\n{stderr}");
    let said = stderr.matches("evfuzz: cannot write to standard output: No space left on device").count();
    assert_eq!(said, 1, "{args:?}\n{stderr}");
}

#[test]
fn a_full_disk_is_an_error() {
    let copied = Copied::file("app.py", "def handler(event, context):\n    return event\n");
    for args in [
        &["generate", "s3", "--count", "100000000"][..],
        &["explain", "timeout"],
        &["doctor"],
        &["doctor", "--format", "json"],
        &["--help"],
        &["--version"],
        &["invoke", "--help"],
        &["shell", "function", "--", "echo", "hello"],
    ] {
        cannot_write(&copied, args);
    }
    if is_missing(Needs::Python) {
        return;
    }
    for args in [
        &["invoke", "function"][..],
        &["invoke", "function", "--format", "json"],
        &["bench", "function", "--time", "50ms", "--rounds", "100000"],
        &["bench", "function", "--soak", "5", "--format", "json"],
    ] {
        cannot_write(&copied, args);
    }
}

#[test]
fn what_a_run_found_is_stored_although_nobody_can_read_of_it() {
    if cannot_run("node-os-command") {
        return;
    }
    let copied = Copied::target("node-os-command");
    let run = ["run", "function", "--invocations", "250", "--rng-seed", "1", "--workers", "1"];
    cannot_write(&copied, &run);
    let findings = copied.path().join("corpora/function/findings");
    assert!(std::fs::read_dir(findings).unwrap().count() > 0);
    cannot_write(&copied, &["replay", "corpora"]);
}

/// Rust puts the null device in place of a closed descriptor, which takes everything.
#[test]
fn a_closed_standard_output_is_an_error() {
    let copied = Copied::file("app.py", "def handler(event, context):\n    return event\n");
    for args in [&["generate", "s3"][..], &["explain", "timeout"], &["doctor"], &["--version"]] {
        for (redirection, code) in [(">&-", Some(4)), (">/dev/null", Some(0)), ("1<>/dev/null", Some(0))] {
            let script = format!("exec \"$@\" {redirection}");
            let output = std::process::Command::new("sh")
                .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_evfuzz")])
                .args(args)
                .current_dir(copied.path())
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), code, "{args:?} {redirection}\n{stderr}");
            assert_eq!(
                stderr.contains("Bad file descriptor"),
                code == Some(4),
                "{args:?} {redirection}\n{stderr}"
            );
        }
    }
}

/// Reads one line of what `evfuzz ARGS` says, and closes the pipe. What it ends as, and says to people.
fn first_line_only(copied: &Copied, args: &[&str]) -> (Option<i32>, String) {
    let mut child =
        evfuzz(copied.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(!line.is_empty());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let copied = Copied::file("app.py", "def handler(event, context):\n    return event\n");
    for args in [&["generate", "s3", "--count", "100000000"][..], &["doctor"], &["--help"]] {
        let (code, stderr) = first_line_only(&copied, args);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
    }
    // As with every program that writes to a pipe that nobody reads: 128 and SIGPIPE.
    let (code, stderr) = first_line_only(&copied, &["shell", "function", "--", "yes"]);
    assert_eq!((code, stderr.as_str()), (Some(141), ""));
}
