//! The same programs outside of the sandbox, against the same bait: all of them must succeed, or they test nothing.

use std::{
    ffi::OsString,
    fs,
    io::Read,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    process::{Pid, PidfdFlags, pidfd_open},
};

use crate::{
    bait::{Bait, token},
    bystander::Bystander,
    cage::{DEADLINE, Holding, leak},
    cell::NOBODY,
    evidence::{self, Proof},
    kit::Kit,
    limits, procs,
    table::{Program, Special},
};

/// What came of a program outside.
#[derive(Debug)]
pub(crate) enum Control {
    /// What was seen.
    Succeeded(Vec<String>),
    /// The program tests nothing.
    Failed(String),
    /// It cannot succeed on this machine.
    None(String),
}

pub(crate) fn run(program: &Program, kit: &Kit) -> Control {
    let start = match kit.start(program.file) {
        Ok(start) => start,
        Err(why) => return Control::None(why),
    };
    let mut bait = Bait::lay(kit);
    let scratch = bait.room().join("scratch");
    // Stands in for the directory of another worker.
    let other = bait.room().join("other");
    for dir in [&scratch, &other] {
        fs::create_dir(dir).unwrap();
    }
    fs::write(other.join("sibling-secret"), token("sibling-file")).unwrap();
    let mut worker = Bystander::beside(kit, &other, &token("sibling-memory"));
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let others_service = TcpListener::bind("127.0.0.1:0").unwrap();
    for listener in [&service, &others_service] {
        listener.set_nonblocking(true).unwrap();
    }
    let port = |it: &TcpListener| it.local_addr().unwrap().port().to_string();
    bait.watch(&[&other, kit.dir()]);

    let mut env: Vec<(OsString, OsString)> = bait.env(kit);
    let mut tell = |name: &str, value: String| env.push((name.into(), value.into()));
    tell("CODE", kit.dir().display().to_string());
    tell("SCRATCH", scratch.display().to_string());
    tell("SERVICE", format!("127.0.0.1:{}", port(&service)));
    tell("SIBLING_PORT", port(&others_service));
    tell("SIBLING_SCRATCH", other.display().to_string());
    // Nobody may touch the test itself, so the other worker stands in for the harness too.
    for name in ["SIBLING", "HARNESS", "WARDEN"] {
        tell(&format!("{name}_PID"), worker.pid().to_string());
        tell(&format!("{name}_ADDRESS"), worker.address.to_string());
    }
    tell("STOP", bait.stop_file().display().to_string());

    let leaked = program.is(Special::OwnKeeper).then(|| [bait.secret(), bait.target()].map(|it| leak(&it)));
    let (mut output, writer) = std::io::pipe().unwrap();
    // A shell stands in for the warden as the parent.
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "\"$@\"; exit $?", "sh"])
        .arg(&start.exe)
        .args(&start.args)
        .arg(&bait.mark)
        .env_clear()
        .envs(env)
        .current_dir(&scratch)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer);
    if program.is(Special::ControlAsNobody) {
        chown(&scratch, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut child = command.spawn().unwrap();
    // The command still holds the write end.
    drop(command);
    drop(leaked);
    let (text, total, mut seen) = listen(&mut child, &mut output, program, &bait, &[&service]);

    let status = match child.try_wait().unwrap() {
        Some(status) => Some(status),
        None => {
            // The plain way to end a program, which reaches nothing but this one process.
            child.kill().unwrap();
            child.wait().unwrap();
            None
        }
    };
    // SIGKILL that is not ours: the program has killed its parent.
    if let Some(status) = status.filter(|it| std::os::unix::process::ExitStatusExt::signal(it).is_some()) {
        seen.push(format!("its parent died: {status}"));
    }
    if program.proof == Proof::Survival {
        let left = procs::marked(&bait.mark);
        seen.extend((!left.is_empty()).then(|| format!("{} processes outlived the kill", left.len())));
        // What moves too fast to be found by its number still holds the output.
        let held = loop {
            match output.read(&mut [0; 4096]) {
                Ok(0) => break false,
                Ok(_) => {}
                Err(_) => break true,
            }
        };
        seen.extend(held.then(|| "somebody still holds its output".to_owned()));
    }
    clean_up(&bait);
    if others_service.accept().is_ok() {
        seen.push("a connection to the other worker's service".to_owned());
    }
    if program.proof == Proof::Log && total > 100 << 20 {
        seen.push(format!("{total} bytes of output"));
    }
    if scratch.is_symlink() {
        seen.push("its scratch directory was exchanged".to_owned());
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    seen.extend(evidence::in_output(&text, &bait.facts()));
    seen.extend(bait.taken());
    seen.extend(worker.suffered("the other worker"));
    if program.proof == Proof::Word {
        seen.extend(evidence::claims(&text));
    }
    if !seen.is_empty() {
        return Control::Succeeded(seen);
    }
    let lacking = text.lines().find_map(|it| it.strip_prefix("UNSUPPORTED "));
    match lacking.filter(|_| program.is(Special::ControlMayLack)) {
        Some(why) => Control::None(why.to_owned()),
        None => Control::Failed(text),
    }
}

/// Reads until the program ends or holds, and looks at what it holds.
fn listen(
    child: &mut Child,
    output: &mut std::io::PipeReader,
    program: &Program,
    bait: &Bait,
    services: &[&TcpListener],
) -> (Vec<u8>, usize, Vec<String>) {
    rustix::fs::fcntl_setfl(&*output, OFlags::NONBLOCK).unwrap();
    let cgroup = fs::read_to_string(format!("/proc/{}/cgroup", child.id())).unwrap_or_default();
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).unwrap();
    let (mut text, mut total, mut seen, mut held) = (Vec::new(), 0, Vec::new(), false);
    let deadline = Instant::now() + DEADLINE;
    let mut chunk = vec![0; 1 << 16];
    let (mut open, mut holding) = (true, Holding::default());
    while Instant::now() < deadline {
        let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        let mut fds = vec![PollFd::new(&pidfd, PollFlags::IN)];
        if open {
            fds.push(PollFd::new(&*output, PollFlags::IN));
        }
        fds.extend(services.iter().map(|it| PollFd::new(*it, PollFlags::IN)));
        let _ = poll(&mut fds, Some(&moment));
        // Looked at first: what was written before the end is read after it.
        let ended = !fds[0].revents().is_empty();
        drop(fds);
        loop {
            match output.read(&mut chunk) {
                Ok(0) => {
                    open = false;
                    break;
                }
                Ok(len) => {
                    total += len;
                    let room = limits::LOG.saturating_sub(text.len());
                    text.extend_from_slice(&chunk[..len.min(room)]);
                }
                Err(_) => break,
            }
        }
        while services.iter().any(|it| it.accept().is_ok()) {}
        if !held && holding.is_said_in(&text) {
            held = true;
            let found = program.proof.look(
                bait,
                &procs::marked(&bait.mark),
                &cgroup,
                &String::from_utf8_lossy(&text),
            );
            seen.extend(found);
            if program.proof != Proof::Watching {
                break;
            }
        }
        if held && !evidence::in_output(&String::from_utf8_lossy(&text), &[]).is_empty() {
            break;
        }
        // A daemon says that it is there after the end of its parent.
        let wait_for_daemon =
            program.proof == Proof::Survival && !held && !procs::marked(&bait.mark).is_empty();
        if ended && !wait_for_daemon {
            break;
        }
    }
    (text, total, seen)
}

/// Ends what a program has left, by the numbers of the processes that carry its mark.
fn clean_up(bait: &Bait) {
    fs::write(bait.stop_file(), "").unwrap();
    let deadline = Instant::now() + DEADLINE + Duration::from_secs(5);
    loop {
        let left = procs::marked(&bait.mark);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{} processes are left", left.len());
        procs::kill(&left);
    }
}
