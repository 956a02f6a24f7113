//! Ordinary programs live undisturbed in the cage: a barrier that breaks them would be switched off.
//!
//! Each program checks itself and ends with the line `FINE`. What is known not to work is checked as well.

use std::{
    fs,
    os::{fd::AsFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use evfuzz_sandbox::{
    ExitStatus, IsolationWish, Keeper, KeeperProgram, Limits, Observe, Piece, ProcessEvent, ProcessSpec,
    Scratch, Tmp, WatchWish,
};

use crate::{
    cage::{self, DEADLINE},
    cell::{Cell, Layer, User},
    kit,
};

const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/escape/ordinary");

#[test]
fn node_programs_work() {
    check("node.js", |file| kit::node().map(|(node, read)| (node, vec![file], read)));
}

#[test]
fn python_programs_work() {
    check("python.py", |file| kit::python().map(|(python, read)| (python, vec![file], read)));
}

#[test]
fn shell_programs_work() {
    check("bash.sh", |file| {
        let bash = PathBuf::from("/bin/bash");
        if bash.exists() { Ok((bash, vec![file], Vec::new())) } else { Err("no bash".to_owned()) }
    });
}

#[test]
fn static_programs_work() {
    check("static.c", |file| {
        let program = format!("{file}.static");
        let compiled =
            Command::new("cc").args(["-static", "-pthread", "-O1", "-o", &program, &file]).output().unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        Ok((program.into(), Vec::new(), Vec::new()))
    });
}

/// A program, its arguments, and what it must be able to read.
type Start = (PathBuf, Vec<String>, Vec<PathBuf>);

/// Runs a program in both layers, in layer 1 under both watches.
#[track_caller]
fn check(file: &str, start: impl Fn(String) -> Result<Start, String>) {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let code = dir.path().join("ordinary");
    for (from, to) in [
        (Path::new(PROGRAMS), &code),
        (&Path::new(PROGRAMS).join("../programs"), &dir.path().join("programs")),
    ] {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let start = match start(code.join(file).to_str().unwrap().to_owned()) {
        Ok(start) => start,
        Err(why) => return println!("{file}: left out: {why}"),
    };
    let user = if crate::cell::is_root() { User::Root } else { User::Ordinary };
    for (layer, watch) in [
        (Layer::One, WatchWish::UserNotification),
        (Layer::One, WatchWish::Ptrace),
        (Layer::Two, WatchWish::Auto),
    ] {
        let run = dir.path().join(format!("run-{layer:?}-{watch:?}"));
        let output = run_in(Cell { user, layer }.wish(watch), &run, &code, &start);
        assert!(
            output.ends_with("FINE\n") && !output.contains("BROKEN"),
            "{file}, {layer:?}, {watch:?}: {output}"
        );
    }
}

/// The whole output of a program, and how it ended if that was not well.
fn run_in(wish: IsolationWish, run: &Path, code: &Path, (program, args, read): &Start) -> String {
    let keeper = KeeperProgram { exe: kit::keeper(), args: Vec::new() };
    let keeper = Keeper::start(&keeper, run, wish).unwrap();
    let folder = run.join("scratch");
    fs::create_dir(&folder).unwrap();
    let own_files = keeper.isolation().barriers.has_own_files();
    let inside = if own_files { PathBuf::from("/tmp") } else { folder.clone() };
    let env = [
        ("PATH", "/usr/bin:/bin"),
        ("LAYER", if own_files { "2" } else { "1" }),
        ("SCRATCH", inside.to_str().unwrap()),
        ("TMPDIR", inside.to_str().unwrap()),
        ("HOME", inside.to_str().unwrap()),
    ];
    let spec = ProcessSpec {
        program: program.clone(),
        args: args.iter().map(Into::into).collect(),
        env: env.map(|(name, value)| (name.into(), value.into())).to_vec(),
        cwd: inside.clone(),
        read: [vec![code.to_owned()], read.clone()].concat().into_iter().map(Piece::same).collect(),
        scratch: Scratch { folder, tmp: Tmp::Memory },
        canaries: None,
        service_env: Vec::new(),
        records: None,
        observer: None,
        core: None,
        limits: Limits::default(),
        observe: Observe::default(),
    };
    let process = keeper.spawn(&spec).unwrap();
    let (mut output, deadline) = (Vec::new(), Instant::now() + DEADLINE);
    let ended = loop {
        if Instant::now() > deadline {
            break "it does not end".to_owned();
        }
        process.read_log(&mut output, 1 << 20);
        match process.next_event() {
            Some(ProcessEvent::Exited(info)) if info.status == ExitStatus::Code(0) => break String::new(),
            Some(ProcessEvent::Exited(info)) => break format!("{:?}", info.status),
            Some(_) => {}
            None => cage::wait(&[process.events_fd(), process.log_fd().as_fd()]),
        }
    };
    process.read_log(&mut output, 1 << 20);
    String::from_utf8_lossy(&output).into_owned() + &ended
}
