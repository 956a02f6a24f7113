//! Functions under the emulator, measured: one in this thread, another on a core of its own.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use evfuzz_emulator::{Environment, FunctionSpec, Outcome};
use evfuzz_engine::{EngineError, event_loop, in_words};
use evfuzz_sandbox::Keeper;
use std::rc::Rc;

use super::EVENT;
use crate::exit::Failure;
use crate::report::escape::{clipped, printable};

/// What one measurement showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub(super) per_second: f64,
    /// Half of the invocations took no longer, and 99 of 100.
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

/// Delivers events for `time`.
pub(super) async fn rate(environment: &mut Environment, time: Duration) -> Result<Sample, Failure> {
    let started = Instant::now();
    let mut times: Vec<u32> = Vec::with_capacity(1 << 16);
    let mut before = started;
    while before.duration_since(started) < time {
        once(environment).await?;
        let now = Instant::now();
        times.push(u32::try_from(now.duration_since(before).as_nanos()).unwrap_or(u32::MAX));
        before = now;
    }
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        Duration::from_nanos(times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or(0).into())
    };
    Ok(Sample { per_second, p50: at(0.5), p99: at(0.99) })
}

/// Delivers one event, whose answer must be the event itself.
pub(super) async fn once(environment: &mut Environment) -> Result<(), Failure> {
    if let Err(failure) = environment.wait_ready().await {
        let failure = Box::new(failure);
        return Err(EngineError::CannotInitialize { failure }.into());
    }
    match environment.invoke(Bytes::from_static(EVENT).into()).await {
        Ok(invocation) => {
            let how = match &invocation.outcome {
                Outcome::Response(answer) if !answer.body.is_empty() => return Ok(()),
                Outcome::Response(_) => "the function answers with nothing".to_owned(),
                Outcome::FunctionError { report, .. } => {
                    let document =
                        serde_json::from_slice::<serde_json::Value>(&report.body).unwrap_or_default();
                    let message = document["errorMessage"].as_str().unwrap_or_default();
                    format!(
                        "the function answers with an error: {}: {}",
                        printable(&in_words(&invocation.outcome)),
                        clipped(&printable(message), 200)
                    )
                }
                other => format!("the function does not answer: {}", printable(&in_words(other))),
            };
            Err(Failure::environment(format!("{how}\n  measure with one that returns its event")))
        }
        Err(_) => Err(Failure::environment("the function ended during the measurement")),
    }
}

/// A function with an emulator, in a thread on another core.
pub(super) struct Worker {
    orders: Sender<Duration>,
    results: Receiver<Result<Sample, Failure>>,
}

impl Worker {
    /// Starts both on `core`.
    pub(super) fn start(keeper: Keeper, spec: FunctionSpec, core: usize, id: u64) -> Worker {
        let (orders, inbox) = channel::<Duration>();
        let (outbox, results) = channel();
        // Ends when the orders do; nobody waits for it, since the sandbox ends its function.
        let thread = std::thread::Builder::new().name(format!("bench-{core}"));
        let spawned = thread.spawn(move || {
            let work = || -> Result<(), Failure> {
                super::pin(core)?;
                let runtime = event_loop()?;
                let spec = Rc::new(FunctionSpec { core: Some(core), ..spec });
                let _guard = runtime.enter();
                let mut environment =
                    Environment::start(&keeper, &spec, id, spec.init_timeout).map_err(EngineError::from)?;
                for time in inbox {
                    let _ = outbox.send(runtime.block_on(rate(&mut environment, time)));
                }
                Ok(())
            };
            if let Err(failure) = work() {
                let _ = outbox.send(Err(failure));
            }
        });
        drop(spawned);
        Worker { orders, results }
    }

    /// Begins a measurement.
    pub(super) fn begin(&self, time: Duration) {
        // A thread that has ended has left the reason.
        let _ = self.orders.send(time);
    }

    /// Its result.
    pub(super) fn result(&self) -> Result<Sample, Failure> {
        self.results.recv().unwrap_or_else(|_| Err(Failure::environment("the second worker has ended")))
    }
}
