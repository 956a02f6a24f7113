//! Standard output and standard error: the one place that writes to them, and that knows whether data has arrived.

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use crate::exit::{Exit, Failure};
use crate::report::escape::printable;

/// Why standard output takes no more. Nothing follows a gap: what has arrived is the beginning of what was said.
static ENDED: Mutex<Option<io::Error>> = Mutex::new(None);

/// Whether it is worth saying more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// All has arrived so far.
    There,
    /// Nothing will arrive any more. [`outcome`] tells whether that is an error.
    Gone,
}

/// Writes data. Whether it arrives is looked at once, when the command has ended: [`outcome`].
pub(crate) fn to_stdout(text: &str) {
    bytes_to_stdout(text.as_bytes());
}

/// Writes data that need not be text.
pub(crate) fn bytes_to_stdout(bytes: &[u8]) {
    let mut ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    if ended.is_none() {
        *ended = write(bytes).err();
    }
}

fn write(bytes: &[u8]) -> io::Result<()> {
    if evfuzz_sandbox::stdout_was_closed() {
        return Err(rustix::io::Errno::BADF.into());
    }
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// For commands that have nothing to do but to write.
pub(crate) fn reader() -> Reader {
    let ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    if ended.is_none() { Reader::There } else { Reader::Gone }
}

/// Writes for people. Where even that fails, there is nobody to tell.
pub(crate) fn to_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// How a command ends that has come to `exit`: data that has not arrived is an error whatever the result is.
///
/// A reader that has closed its pipe has all that it wanted.
pub(crate) fn outcome(exit: Exit) -> Result<Exit, Failure> {
    let ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    match ended.as_ref().filter(|it| it.kind() != io::ErrorKind::BrokenPipe) {
        Some(error) => Err(Failure {
            exit: if exit == Exit::Interrupted { exit } else { Exit::Environment },
            message: format!(
                "cannot write to standard output: {}\n  what is there is not complete: make room, or send it elsewhere",
                printable(&error.to_string())
            ),
        }),
        None => Ok(exit),
    }
}
