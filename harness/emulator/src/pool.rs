//! A function that is always ready: one environment at work, one that already waits in `/next`.
//!
//! A crash then costs no more than a swap, and a fresh process is at hand when a finding has to
//! be confirmed.

use std::rc::Rc;
use std::time::Duration;

use evfuzz_sandbox::Keeper;

use crate::EmulatorError;
use crate::environment::{Environment, Invocation, LateEnd, Settled};
use crate::function::FunctionSpec;
use crate::invoke::Invoke;
use crate::left::LeftFile;
use crate::outcome::{InitFailure, Outcome};

/// Environments of one function on one core.
pub struct Pool {
    keeper: Keeper,
    spec: Rc<FunctionSpec>,
    active: Option<Environment>,
    standby: Option<Environment>,
    started: u64,
    was_ready: bool,
    first_id: u64,
}

/// How often a function that has been ready before may fail to become ready again, in a row.
const RESTARTS: u32 = 8;

/// AWS replaces environments after some hours. Here they go sooner, before a helper that a function left behind has
/// used up its CPU time, and long before the limits of the process end it in the middle of an event.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);

/// Why the pool could not deliver an event.
#[derive(Debug)]
pub enum NotReady {
    /// The function cannot be initialized: a fact about the function.
    Init(Box<InitFailure>),
    /// The emulator failed.
    Emulator(EmulatorError),
}

impl From<EmulatorError> for NotReady {
    fn from(error: EmulatorError) -> Self {
        NotReady::Emulator(error)
    }
}

impl From<LateEnd> for InitFailure {
    fn from(end: LateEnd) -> InitFailure {
        InitFailure { outcome: end.seen.exit.unwrap_or(Outcome::Exited { code: 0 }), log: end.seen.log }
    }
}

impl Pool {
    /// A pool whose environments are numbered from `first_id`, so that shards do not collide.
    pub fn new(keeper: Keeper, spec: FunctionSpec, first_id: u64) -> Pool {
        Pool {
            keeper,
            spec: Rc::new(spec),
            active: None,
            standby: None,
            started: 0,
            was_ready: false,
            first_id,
        }
    }

    /// How many processes were started.
    pub fn started(&self) -> u64 {
        self.started
    }

    /// Delivers an event to the environment at work, replacing it where necessary.
    ///
    /// The first value tells of a process that ended between its last answer and this event.
    pub async fn invoke(&mut self, invoke: Invoke) -> Result<(Option<LateEnd>, Invocation), NotReady> {
        let mut late = None;
        if self.active.as_ref().is_some_and(|it| it.age() > LONGEST_LIFE) {
            self.active = None;
        }
        if let Some(active) = &mut self.active {
            match active.wait_again().await {
                Err(end) => late = Some(end),
                Ok(()) => match active.invoke(invoke.clone()).await {
                    Err(end) => late = Some(end),
                    Ok(invocation) => {
                        // One that ended right after its answer is told of with the next event.
                        if invocation.outcome.ended_the_process() {
                            self.active = None;
                        }
                        return Ok((None, invocation));
                    }
                },
            }
        }
        let mut fresh = self.fresh().await?;
        let invocation = match fresh.invoke(invoke).await {
            Ok(invocation) => invocation,
            // It asked for an event and ended before it got one: that is how it starts.
            Err(end) => return Err(NotReady::Init(Box::new(end.into()))),
        };
        let lives_on = !invocation.outcome.ended_the_process();
        self.active = lives_on.then_some(fresh);
        Ok((late, invocation))
    }

    /// What the environment at work has left in its `/tmp`. See [`Environment::left_behind`].
    pub fn left_behind(&mut self) -> Vec<LeftFile> {
        self.active.as_mut().map(Environment::left_behind).unwrap_or_default()
    }

    /// Watches the background work of the environment at work. See [`Environment::settle`].
    pub async fn settle(&mut self, grace: Duration, limit: Duration) -> Settled {
        match &mut self.active {
            Some(active) => {
                let settled = active.settle(grace, limit).await;
                if settled.exit.is_some() {
                    self.active = None;
                }
                settled
            }
            None => Settled::default(),
        }
    }

    /// A ready environment that has seen no event yet. The caller owns it.
    pub async fn fresh(&mut self) -> Result<Environment, NotReady> {
        let window = self.spec.init_timeout;
        let mut environment = match self.standby.take() {
            Some(environment) => environment,
            None => self.start(window)?,
        };
        let mut ready = environment.wait_ready().await;
        // A standby may have died while it waited, and an initialization that has worked before may
        // fail now and then: only a row of failures is a verdict. One that has never worked gets a second chance with the
        // time of an invocation, as the service gives it ("suppressed init").
        let (mut chances, window) =
            if self.was_ready { (RESTARTS, window) } else { (1, self.spec.timeout.max(window)) };
        while ready.is_err() && chances > 0 {
            chances -= 1;
            environment = self.start(window)?;
            ready = environment.wait_ready().await;
        }
        self.was_ready |= ready.is_ok();
        ready.map_err(|failure| NotReady::Init(Box::new(failure)))?;
        self.standby = Some(self.start(window)?);
        Ok(environment)
    }

    /// Drops the environment at work: the next event meets a fresh one.
    pub fn retire(&mut self) {
        self.active = None;
    }

    /// Ends all processes and waits for that.
    pub async fn close(mut self) {
        for environment in [self.active.take(), self.standby.take()].into_iter().flatten() {
            environment.close().await;
        }
    }

    fn start(&mut self, init_window: Duration) -> Result<Environment, EmulatorError> {
        let id = self.first_id + self.started;
        self.started += 1;
        Environment::start(&self.keeper, &self.spec, id, init_window)
    }
}
