//! Ctrl-C: where there is something to save, the first one gives up what is under way and saves; the next one ends at once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use evfuzz_engine::Stop;

use crate::report::output::to_stderr;

/// Folders of this run. The sandbox removes its own when this process is gone, but may not have been started yet.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Has `folder` removed if the process ends at once, when nothing is dropped.
pub(crate) fn remove_at_end(folder: &Path) {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
}

/// For commands that have nothing to save: the first signal ends them at once.
pub(crate) fn listen_to_end() -> std::io::Result<()> {
    let stop = Arc::new(Stop::default());
    stop.request();
    listen(&stop)
}

/// Listens for SIGINT, SIGTERM and SIGHUP in a thread of its own, until the process ends. What is ignored stays so: nohup
/// and shells that start something in the background ask for that.
///
/// Ending at once is safe: the sandbox ends every function when this process is gone.
pub(crate) fn listen(stop: &Arc<Stop>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Arc::clone(stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ignored = ignored();
    let (mut interrupt, mut terminate, mut hangup) = {
        let _guard = runtime.enter();
        let heard = |kind: SignalKind| {
            let is_ignored = ignored & 1 << (kind.as_raw_value() - 1) != 0;
            (!is_ignored).then(|| signal(kind)).transpose()
        };
        (heard(SignalKind::interrupt())?, heard(SignalKind::terminate())?, heard(SignalKind::hangup())?)
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async move {
            loop {
                tokio::select! {
                    () = next(&mut interrupt) => {}
                    () = next(&mut terminate) => {}
                    // The terminal is gone: nobody will press Ctrl-C a second time.
                    () = next(&mut hangup) => {}
                }
                if stop.requested() {
                    end_at_once();
                }
                // The line may begin with the terminal's own ^C, or with a status line.
                to_stderr("\nevfuzz: ending; a second interrupt ends at once\n");
                stop.request();
            }
        });
    })?;
    Ok(())
}

/// The next signal of this kind; none comes of one that is ignored.
async fn next(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// The signals that are ignored, as bits: proc(5), `SigIgn`.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|it| u64::from_str_radix(it.trim(), 16).ok()).unwrap_or(0)
}

#[expect(clippy::exit, reason = "the last Ctrl-C means now; nothing half-written can be left behind")]
fn end_at_once() -> ! {
    for folder in FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // Best effort: the sandbox, if it was started, removes what is still written there.
        let _ = std::fs::remove_dir_all(folder);
    }
    std::process::exit(130)
}
