//! A death looks the same wherever it happens: outside, and inside under all barriers and watches.

use std::{
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Command, Stdio},
};

use evfuzz_sandbox::{
    BarrierWish, ExitInfo,
    ExitStatus::{self, Code, Signal},
    IsolationWish, OnWeak, ProcessEvent,
};

use crate::support::{Bench, barriers, compile, watches, wish};

/// Arguments of `deaths.c`.
const WAYS: [(&str, ExitStatus); 43] = [
    ("exit-0", Code(0)),
    ("exit-1", Code(1)),
    ("exit-127", Code(127)),
    ("exit-255", Code(255)),
    ("return", Code(3)),
    ("abort", Signal(libc::SIGABRT)),
    ("bad-address", Signal(libc::SIGSEGV)),
    ("no-instruction", Signal(libc::SIGILL)),
    ("breakpoint", Signal(libc::SIGTRAP)),
    ("divide", Signal(libc::SIGFPE)),
    ("past-the-end", Signal(libc::SIGBUS)),
    ("no-reader", Signal(libc::SIGPIPE)),
    ("file-too-large", Signal(libc::SIGXFSZ)),
    ("alarm", Signal(libc::SIGALRM)),
    ("own-filter", Signal(libc::SIGSYS)),
    ("stack-overflow", Signal(libc::SIGSEGV)),
    ("kill-1", Signal(libc::SIGHUP)),
    ("kill-2", Signal(libc::SIGINT)),
    ("kill-3", Signal(libc::SIGQUIT)),
    ("kill-5", Signal(libc::SIGTRAP)),
    ("kill-9", Signal(libc::SIGKILL)),
    ("kill-10", Signal(libc::SIGUSR1)),
    ("kill-15", Signal(libc::SIGTERM)),
    ("kill-24", Signal(libc::SIGXCPU)),
    ("kill-34", Signal(34)),
    ("thread-ends-all", Code(7)),
    ("bad-address-in-thread", Signal(libc::SIGSEGV)),
    ("exec-by-thread", Code(11)),
    ("exec-by-thread-and-die", Signal(libc::SIGABRT)),
    ("first-thread-ends-first", Code(8)),
    ("exec-and-die", Signal(libc::SIGSEGV)),
    ("blocked", Signal(libc::SIGSEGV)),
    ("caught", Code(40 + libc::SIGTERM)),
    ("ignored", Code(5)),
    ("child-lives-on", Code(6)),
    ("child-dies-first", Code(100 + libc::SIGABRT)),
    ("killed-by-child", Signal(libc::SIGKILL)),
    ("terminated-by-daemon", Signal(libc::SIGTERM)),
    ("killed-while-stopped", Signal(libc::SIGKILL)),
    ("stopped-and-continued", Code(12)),
    ("vfork-child-exits", Code(13)),
    ("vfork-child-dies", Signal(libc::SIGKILL)),
    ("vfork-child-executes", Code(14)),
];

/// Scripts of a shell.
const SCRIPTS: [(&str, ExitStatus); 5] = [
    ("kill -KILL 0", Signal(libc::SIGKILL)),
    ("trap 'exit 7' TERM; kill -TERM $$; exit 1", Code(7)),
    ("sh -c 'kill -SEGV $$'; exit $?", Code(128 + libc::SIGSEGV)),
    ("/does/not/exist; exit $?", Code(127)),
    ("(trap '' HUP; sleep 2) & kill -HUP $$", Signal(libc::SIGHUP)),
];

/// How the command ends with nothing around it but a session of its own, which a function has, too.
#[track_caller]
fn outside(program: &str, args: &[&str]) -> ExitStatus {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.process_group(0).status().unwrap();
    status.signal().map_or_else(|| Code(status.code().unwrap()), Signal)
}

#[track_caller]
fn inside(bench: &Bench, program: &str, args: &[&str]) -> ExitInfo {
    bench.run(&bench.spec(program, args)).until(|event| match event {
        ProcessEvent::Exited(info) => Some(info.clone()),
        _ => None,
    })
}

fn short(status: ExitStatus) -> String {
    match status {
        Code(code) => format!("exit {code}"),
        Signal(signal) => format!("signal {signal}"),
    }
}

#[test]
fn every_death_gets_the_same_verdict_everywhere() {
    let mut benches = Vec::new();
    for watch in watches() {
        let bare = IsolationWish { weak: OnWeak::Allow, ..wish(BarrierWish::None, watch) };
        let others = barriers().into_iter().map(|it| wish(it, watch));
        benches.extend(std::iter::once(bare).chain(others).map(Bench::new));
    }
    let names: Vec<String> = benches
        .iter()
        .map(|it| {
            let isolation = it.keeper.isolation();
            format!("layer {}, {}", isolation.barriers.layer(), isolation.watch)
        })
        .collect();
    println!("| death | outside | {} |", names.join(" | "));
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("deaths");
    compile("deaths", &program);
    let program = program.to_str().unwrap();

    let ways = WAYS.iter().map(|(way, expected)| (*way, None, *expected));
    let scripts = SCRIPTS.iter().map(|(script, expected)| (*script, Some("/bin/sh"), *expected));
    let mut wrong = Vec::new();
    for (way, shell, expected) in ways.chain(scripts) {
        let args = if shell.is_some() { vec!["-c", way] } else { vec![way] };
        let mut verdicts = vec![(outside(shell.unwrap_or(program), &args), None)];
        for bench in &benches {
            let own = bench.program("deaths");
            let info = inside(bench, shell.unwrap_or(&own), &args);
            verdicts.push((info.status, info.exceeded));
        }
        let words: Vec<String> = verdicts.iter().map(|(status, _)| short(*status)).collect();
        println!("| {way} | {} |", words.join(" | "));
        if verdicts.iter().any(|it| *it != (expected, None)) {
            wrong.push(format!("{way}: {expected:?} expected, {verdicts:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\ncolumns: outside, {names:?}");
}
