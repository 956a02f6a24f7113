//! `evfuzz shell`: a person looks around in the cage, with the function's mounts, environment and limits.
//!
//! The person's terminal never goes inside: a pseudo-terminal does, and this loop carries what is typed and printed.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

use evfuzz_emulator::ScratchFate;
use evfuzz_engine::Stop;
use evfuzz_sandbox::{Exceeded, ExitStatus, Process, ProcessEvent};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize,
};

use super::function::{self, Opened};
use crate::args::ShellArgs;
use crate::exit::{Exit, Failure, in_temporary_folder};
use crate::report::escape::printable;
use crate::report::output::{Reader, bytes_to_stdout, reader, to_stderr};
use crate::signals;

/// As which a shell ends that is told to go: SIGHUP (signal(7)).
const HANGUP: i32 = 1;

/// As which a program ends whose reader is gone: SIGPIPE (signal(7)).
const PIPE: i32 = 13;

/// Ends input when it is typed: the default VEOF (termios(3)).
const END_OF_INPUT: u8 = 4;

/// How often it is typed again. In the middle of a line the first one only hands over what was typed so far, and a program
/// may read on after it. A terminal keeps what nobody reads, so there is an end to it.
const MOST_ENDS: u32 = 40;

/// Opens a shell, or runs the given command, and ends with its exit status.
pub(super) fn shell(args: &ShellArgs) -> Result<Exit, Failure> {
    let stop = Arc::new(Stop::default());
    signals::listen(&stop)
        .map_err(|error| Failure::environment(format!("cannot listen for signals: {error}")))?;
    let Opened { session, .. } = function::open_target(&args.target, None)?;
    let own = tempfile::tempdir().map_err(|error| {
        Failure::environment(format!("cannot make a folder: {error}{}", in_temporary_folder()))
    })?;
    let (scratch, fate) = match args.scratch.as_deref() {
        Some(scratch) => (scratch, ScratchFate::Kept),
        None => (own.path(), ScratchFate::Removed),
    };
    if !scratch.is_dir() {
        return Err(Failure::usage(format!("--scratch {}: there is no such folder", scratch.display())));
    }
    let (ours, theirs) = pseudo_terminal().map_err(terminal)?;
    let keyboard = std::io::stdin();
    let interactive = keyboard.is_terminal();
    let command = command(&args.command, interactive);
    if interactive {
        let start: Vec<String> =
            session.command().iter().map(|it| it.to_string_lossy().into_owned()).collect();
        to_stderr(&format!(
            "isolation: {}\nThe function would be started with: {}\n\
             Nobody answers at AWS_LAMBDA_RUNTIME_API here. Leave with exit or Ctrl-D.\n",
            session.isolation(),
            printable(&start.join(" "))
        ));
        if let Ok(size) = tcgetwinsize(&keyboard) {
            let _ = tcsetwinsize(&ours, size);
        }
    } else {
        silence(&theirs).map_err(terminal)?;
    }
    let term = std::env::var_os("TERM").filter(|_| interactive).unwrap_or_else(|| "dumb".into());
    let mut env: Vec<(OsString, OsString)> = vec![("TERM".into(), term)];
    if !interactive {
        env.extend([("PS1".into(), "".into()), ("PS2".into(), "".into())]);
    }
    let mut process = session.shell(&command, &env, scratch, fate, theirs.as_fd())?;
    drop(theirs);
    // There is no function here whose calls could be answered: who calls is refused, and does not wait for ever.
    drop(process.take_listener());
    let raw = interactive.then(|| Raw::enter(keyboard.as_fd())).transpose().map_err(terminal)?;
    let (status, limit) = carry(&process, &ours, keyboard.as_fd(), interactive, &stop).map_err(terminal)?;
    drop(raw);
    if let Some(limit) = limit {
        to_stderr(&format!("evfuzz: it was ended: {limit}\n"));
    }
    Ok(match status {
        ExitStatus::Code(0) => Exit::Clean,
        // As shells say it.
        ExitStatus::Code(code) => Exit::Command(u8::try_from(code).unwrap_or(u8::MAX)),
        ExitStatus::Signal(signal) => Exit::Command(u8::try_from(128 + signal).unwrap_or(u8::MAX)),
    })
}

fn terminal(error: Errno) -> Failure {
    Failure::environment(format!("cannot use the terminal: {error}"))
}

fn command(asked: &[OsString], interactive: bool) -> Vec<OsString> {
    match asked {
        [] if interactive && Path::new("/bin/bash").exists() => vec!["/bin/bash".into()],
        // The simplest shell: it says nothing by itself.
        [] => vec!["/bin/sh".into()],
        // Only a shell inside knows what the names in PATH mean there.
        [program, ..] if !program.as_encoded_bytes().contains(&b'/') => {
            let search = ["/bin/sh", "-c", "exec \"$@\"", "sh"].map(OsString::from);
            search.into_iter().chain(asked.iter().cloned()).collect()
        }
        _ => asked.to_vec(),
    }
}

fn pseudo_terminal() -> Result<(OwnedFd, OwnedFd), Errno> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let name = ptsname(&ours, Vec::new())?;
    let theirs =
        rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    Ok((ours, theirs))
}

/// Commands from a file or pipe: nothing is echoed, and output is as it was written.
fn silence(theirs: &OwnedFd) -> Result<(), Errno> {
    let mut modes = tcgetattr(theirs)?;
    modes.local_modes -= LocalModes::ECHO;
    modes.output_modes -= rustix::termios::OutputModes::OPOST;
    tcsetattr(theirs, OptionalActions::Now, &modes)
}

/// The person's terminal, passing every key on. Restored when dropped, also by a panic.
struct Raw<'a> {
    keyboard: BorrowedFd<'a>,
    before: Termios,
}

impl<'a> Raw<'a> {
    fn enter(keyboard: BorrowedFd<'a>) -> Result<Self, Errno> {
        let before = tcgetattr(keyboard)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(keyboard, OptionalActions::Flush, &raw)?;
        Ok(Raw { keyboard, before })
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.keyboard, OptionalActions::Flush, &self.before);
    }
}

/// Carries bytes both ways until the command ends.
fn carry(
    process: &Process,
    ours: &OwnedFd,
    keyboard: BorrowedFd<'_>,
    interactive: bool,
    stop: &Stop,
) -> Result<(ExitStatus, Option<Exceeded>), Errno> {
    let mut status = None;
    let mut typing = true;
    let mut ends_left = MOST_ENDS;
    let mut limit = None;
    let mut buffer = [0; 4096];
    loop {
        let events = process.events_fd();
        let mut fds = vec![PollFd::new(&events, PollFlags::IN), PollFd::new(ours, PollFlags::IN)];
        if typing {
            fds.push(PollFd::new(&keyboard, PollFlags::IN));
        }
        // Now and then, for a window that changed its size.
        let wait = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };
        let quiet = match poll(&mut fds, Some(&wait)) {
            Ok(ready) => ready == 0,
            Err(Errno::INTR) => false,
            Err(error) => return Err(error),
        };
        if quiet && !typing && ends_left > 0 {
            ends_left -= 1;
            send(ours, &[END_OF_INPUT])?;
        }
        let [ended, printed, typed] =
            [0, 1, 2].map(|at| fds.get(at).is_some_and(|it| !it.revents().is_empty()));
        if interactive
            && let (Ok(size), Ok(known)) = (tcgetwinsize(keyboard), tcgetwinsize(ours))
            && (size.ws_row, size.ws_col) != (known.ws_row, known.ws_col)
        {
            tcsetwinsize(ours, size)?;
        }
        if ended {
            while let Some(event) = process.next_event() {
                match event {
                    ProcessEvent::Exited(info) => {
                        status = Some(info.status);
                        limit = info.exceeded;
                    }
                    ProcessEvent::Ended => status = status.or(Some(ExitStatus::Signal(9))),
                    _ => {}
                }
            }
        }
        if printed {
            match rustix::io::read(ours, &mut buffer) {
                // As it is: a terminal program needs its escapes.
                Ok(len) if len > 0 => {
                    bytes_to_stdout(&buffer[..len]);
                    if reader() == Reader::Gone {
                        return Ok((status.unwrap_or(ExitStatus::Signal(PIPE)), limit));
                    }
                }
                Err(Errno::INTR) => {}
                // EIO: nobody holds the other end any more.
                Ok(_) | Err(_) => {
                    if let Some(status) = status {
                        return Ok((status, limit));
                    }
                }
            }
        } else if let Some(status) = status {
            return Ok((status, limit));
        }
        if stop.requested() {
            return Ok((ExitStatus::Signal(HANGUP), None));
        }
        if typed {
            match rustix::io::read(keyboard, &mut buffer) {
                Ok(0) => {
                    typing = false;
                    send(ours, &[END_OF_INPUT])?;
                }
                Ok(len) => send(ours, &buffer[..len])?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn send(ours: &OwnedFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(ours, bytes) {
            Ok(len) => bytes = &bytes[len..],
            Err(Errno::INTR) => {}
            // The command has ended.
            Err(Errno::IO) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
