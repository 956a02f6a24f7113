//! Ctrl-C: the first one gives up what is under way and saves, the second one ends at once.

use std::sync::Arc;

use evfuzz_engine::Stop;

use crate::report::text::to_stderr;

/// Listens for SIGINT, SIGTERM and SIGHUP in a thread of its own, until the process ends.
///
/// Ending at once is safe: the sandbox ends every function when this process is gone.
pub(crate) fn listen(stop: &Arc<Stop>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Arc::clone(stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate, mut hangup) = {
        let _guard = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    // The terminal is gone: nobody will press Ctrl-C a second time.
                    _ = hangup.recv() => {}
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

#[expect(clippy::exit, reason = "the second Ctrl-C means now; nothing half-written can be left behind")]
fn end_at_once() -> ! {
    std::process::exit(130)
}
