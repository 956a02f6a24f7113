//! One execution environment as the service keeps it: through crashes and timeouts, one event after the other.
//!
//! AWS "Lambda execution environment": the first initialization has 10 seconds of its own. If it fails, or if the process has
//! ended since, the next invocation initializes again within its own timeout ("suppressed init") and reports what goes wrong
//! there as its own outcome, whatever ends it: an exit, an error document, a signal. LocalStack has recorded a timeout from a
//! function that was to die of a signal there (`test_lambda_runtime_exit_segfault`, Python 3.13). That is no answer to a
//! signal: since 3.11 Python's own calls take none of the stack, so it does not die; it prints a million lines, for longer
//! than both times. `/tmp` stays through all of that. A [`Pool`](crate::Pool) differs: it replaces an environment by a fresh one.

use std::rc::Rc;
use std::time::{Duration, Instant};

use evfuzz_sandbox::Keeper;

use crate::EmulatorError;
use crate::environment::{Environment, Invocation, LateEnd, Left, Settled, request_id};
use crate::function::{FunctionSpec, ScratchFate};
use crate::invoke::Invoke;
use crate::outcome::{InitFailure, InvalidRequest, Outcome};

/// One execution environment.
pub struct Instance {
    keeper: Keeper,
    spec: Rc<FunctionSpec>,
    environment: Option<Environment>,
    /// What the last process left.
    left: Option<Left>,
    first_id: u64,
    started: u64,
}

/// One invocation with what came before it.
#[derive(Debug)]
pub struct Invoked {
    /// The process ended after an earlier answer, before it took this event.
    pub late: Option<LateEnd>,
    /// How the first initialization failed, if it was done again for this invocation.
    pub failed_init: Option<FailedInit>,
    /// How long the first initialization took, which has a time of its own.
    pub init: Option<Duration>,
    /// An initialization within the invocation, and part of its duration.
    pub suppressed_init: Option<SuppressedInit>,
    /// The invocation itself.
    pub invocation: Invocation,
}

/// A first initialization that failed.
#[derive(Debug)]
pub struct FailedInit {
    /// How, and what the function wrote meanwhile.
    pub failure: InitFailure,
    /// How long it took.
    pub took: Duration,
}

/// An initialization within an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressedInit {
    /// The function was initialized.
    Done(Duration),
    /// It was not: the outcome says how that ended.
    Failed(Duration),
}

/// What became of an event.
#[derive(Debug)]
pub enum Delivered {
    /// The function got it.
    Invoked(Box<Invoked>),
    /// The service refuses it: nobody was started or asked for it, so it has neither a request id nor a log.
    Refused(InvalidRequest),
}

impl Instance {
    /// An environment whose process is started with the first event. Its processes are numbered from `first_id`.
    pub fn new(keeper: Keeper, spec: FunctionSpec, first_id: u64) -> Instance {
        let scratch = match spec.scratch {
            ScratchFate::Removed | ScratchFate::HandedOn => ScratchFate::HandedOn,
            ScratchFate::Kept => ScratchFate::Kept,
        };
        let spec = Rc::new(FunctionSpec { scratch, ..spec });
        Instance { keeper, spec, environment: None, left: None, first_id, started: 0 }
    }

    /// Delivers one event, initializing first where necessary.
    ///
    /// # Errors
    ///
    /// Whatever the function does is an outcome; an error says that the emulator could not do its job.
    pub async fn invoke(&mut self, invoke: Invoke) -> Result<Delivered, EmulatorError> {
        if let Err(refused) = invoke.check() {
            return Ok(Delivered::Refused(refused));
        }
        self.invoke_checked(invoke).await.map(|it| Delivered::Invoked(Box::new(it)))
    }

    async fn invoke_checked(&mut self, invoke: Invoke) -> Result<Invoked, EmulatorError> {
        let mut late = None;
        if let Some(environment) = &mut self.environment {
            match environment.wait_again().await {
                Ok(()) => match environment.invoke(invoke.clone()).await {
                    Ok(invocation) => {
                        self.reset_after(&invocation.outcome).await;
                        return Ok(Invoked {
                            late: None,
                            failed_init: None,
                            init: None,
                            suppressed_init: None,
                            invocation,
                        });
                    }
                    Err(end) => late = Some(end),
                },
                Err(end) => late = Some(end),
            }
            self.reset().await;
        }
        self.initialize_and_invoke(late, invoke).await
    }

    async fn initialize_and_invoke(
        &mut self,
        late: Option<LateEnd>,
        invoke: Invoke,
    ) -> Result<Invoked, EmulatorError> {
        let mut failed_init = None;
        if self.started == 0 {
            let began = Instant::now();
            let mut environment = self.start(self.spec.init_timeout)?;
            let ready = environment.wait_ready().await;
            let took = began.elapsed();
            let failure = match ready {
                Ok(()) => match environment.invoke(invoke.clone()).await {
                    Ok(invocation) => {
                        self.environment = Some(environment);
                        self.reset_after(&invocation.outcome).await;
                        let init = Some(took);
                        return Ok(Invoked { late, failed_init, init, suppressed_init: None, invocation });
                    }
                    // It asked for an event and ended before it got one: that is how it starts.
                    Err(end) => end.into(),
                },
                Err(failure) => failure,
            };
            failed_init = Some(FailedInit { failure, took });
            self.left = environment.end().await;
        }
        let began = Instant::now();
        let timeout = self.spec.timeout;
        let mut environment = self.start(timeout)?;
        let ready = environment.wait_ready().await;
        let took = began.elapsed();
        let suppressed_init =
            Some(if ready.is_ok() { SuppressedInit::Done(took) } else { SuppressedInit::Failed(took) });
        let invocation = match ready {
            Ok(()) => match environment.invoke_within(invoke, timeout.saturating_sub(took)).await {
                Ok(invocation) => Invocation { duration: invocation.duration + took, ..invocation },
                Err(end) => {
                    Invocation::failed(self.first_id + self.started - 1, 1, end.seen, began.elapsed())
                }
            },
            Err(failure) => {
                let outcome = match failure.outcome {
                    Outcome::TimedOut { .. } => Outcome::TimedOut { after: timeout },
                    other => other,
                };
                let seen = Settled { exit: Some(outcome), log: failure.log, ..Settled::default() };
                Invocation::failed(self.first_id + self.started - 1, 1, seen, took)
            }
        };
        self.environment = Some(environment);
        self.reset_after(&invocation.outcome).await;
        Ok(Invoked { late, failed_init, init: None, suppressed_init, invocation })
    }

    /// Watches the background work of the last event. See [`Environment::settle`].
    pub async fn settle(&mut self, grace: Duration, limit: Duration) -> Settled {
        match &mut self.environment {
            Some(environment) => environment.settle(grace, limit).await,
            None => Settled::default(),
        }
    }

    /// Ends the process and waits for that.
    pub async fn close(mut self) {
        self.reset().await;
    }

    async fn reset_after(&mut self, outcome: &Outcome) {
        if outcome.ended_the_process() {
            self.reset().await;
        }
    }

    async fn reset(&mut self) {
        if let Some(environment) = self.environment.take() {
            self.left = environment.end().await;
        }
    }

    fn start(&mut self, init_window: Duration) -> Result<Environment, EmulatorError> {
        let id = self.first_id + self.started;
        self.started += 1;
        match self.left.take() {
            Some(left) => Environment::start_after(left, &self.keeper, &self.spec, id, init_window),
            None => Environment::start(&self.keeper, &self.spec, id, init_window),
        }
    }
}

impl Invocation {
    /// One that the runtime never took.
    fn failed(environment: u64, number: u64, seen: Settled, duration: Duration) -> Invocation {
        Invocation {
            request_id: request_id(environment, number),
            outcome: seen.exit.unwrap_or(Outcome::Exited { code: 0 }),
            log: seen.log,
            execs: seen.execs,
            opens: seen.opens,
            connects: seen.connects,
            canaries: seen.canaries,
            told: seen.told,
            stale: seen.stale,
            duration,
        }
    }
}
