//! Ctrl-C: the first one finishes and saves, the second one ends at once.

use std::sync::Arc;

use evfuzz_engine::Stop;

/// Listens for SIGINT and SIGTERM in a thread of its own, until the process ends.
///
/// Ending at once is safe: the sandbox ends every function when this process is gone.
pub(crate) fn listen(stop: &Arc<Stop>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Arc::clone(stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _guard = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if stop.requested() {
                    end_at_once();
                }
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
