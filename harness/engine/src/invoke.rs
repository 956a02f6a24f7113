//! Delivering test cases: arm the canaries, send the event, gather what belongs to whom.

mod attribute;

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use evfuzz_emulator::{Environment, NotReady, Pool};
use evfuzz_generators::case::{Sent, TestCase};
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::{Canaries, Effect};
use evfuzz_sandbox::CanaryPool;

use crate::budget::Meter;
use crate::control::Control;
use crate::error::EngineError;
use crate::finding::OracleId;
use crate::observe::{Observation, Secrets, SourceText};

/// Longest wait for background work to end when "it did not happen" has to be decided.
const SETTLE_LIMIT: Duration = Duration::from_secs(1);

/// The longest quiet time that a negative decision waits for.
const PATIENT: Duration = Duration::from_millis(300);

/// Canary commands that exist at a time in one shard. An effect that comes more than this many
/// planted payloads late is lost, never misattributed: names are not used twice.
const CANARIES: usize = 4096;

/// Which processes test cases are delivered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Those with an observer inside, if the runtime has one.
    Observed,
    /// Those that run as they would in Lambda: an observer costs time and memory.
    Unobserved,
}

impl View {
    /// What findings of this oracle are confirmed in.
    pub(crate) fn of(oracle: OracleId) -> View {
        if oracle.needs_observer() { View::Observed } else { View::Unobserved }
    }
}

/// The processes of one view.
struct Side {
    pool: Pool,
    /// The last test case that the environment at work was given.
    last: Option<Rc<TestCase>>,
}

impl Side {
    fn new(pool: Pool) -> Side {
        Side { pool, last: None }
    }
}

/// Delivers test cases to one shard's function.
pub(crate) struct Invoker<'a> {
    observed: Side,
    /// Nothing runs there before it is asked for.
    unobserved: Side,
    view: View,
    polluted: u32,
    canaries: CanaryPool,
    source: &'a SourceText,
    secrets: &'a Secrets,
    meter: &'a Meter<'a>,
    control: Control,
    /// Which test case a nonce belongs to, oldest first in `order`.
    owners: HashMap<Nonce, (Rc<TestCase>, Instant)>,
    order: VecDeque<Nonce>,
    /// Canary addresses, by their port. They outlive nonces, and are overwritten by new ones.
    addresses: HashMap<u16, Nonce>,
    by_request: VecDeque<(String, Rc<TestCase>)>,
    /// Processes that ended by themselves, before an answer or after it.
    ended: u64,
    /// How long a negative decision waits after the last sign of background work; grows with
    /// the latest effect seen.
    grace: Duration,
    /// Effects of earlier test cases that came while another one was being confirmed.
    late: Vec<Seen>,
}

/// One test case with what was seen of it.
pub(crate) struct Seen {
    pub(crate) case: Rc<TestCase>,
    pub(crate) observation: Observation,
}

impl<'a> Invoker<'a> {
    pub(crate) fn new(
        observed: Pool,
        unobserved: Pool,
        canary_dir: &std::path::Path,
        source: &'a SourceText,
        secrets: &'a Secrets,
        meter: &'a Meter<'a>,
        control: Control,
    ) -> Result<Self, EngineError> {
        let canaries = CanaryPool::with_capacity(canary_dir, CANARIES)
            .map_err(|source| EngineError::Write { path: canary_dir.to_owned(), source })?;
        Ok(Invoker {
            observed: Side::new(observed),
            unobserved: Side::new(unobserved),
            view: View::Observed,
            polluted: 0,
            canaries,
            source,
            secrets,
            meter,
            control,
            owners: HashMap::new(),
            order: VecDeque::new(),
            addresses: HashMap::new(),
            by_request: VecDeque::new(),
            ended: 0,
            grace: Duration::from_millis(30),
            late: Vec::new(),
        })
    }

    /// From now on test cases go to these processes.
    pub(crate) fn look(&mut self, view: View) {
        self.view = view;
    }

    fn side(&mut self) -> &mut Side {
        match self.view {
            View::Observed => &mut self.observed,
            View::Unobserved => &mut self.unobserved,
        }
    }

    /// Delivers `case` to the warm function.
    ///
    /// The first element is the case itself; the others are earlier ones whose effects came now.
    pub(crate) async fn deliver(&mut self, case: &Rc<TestCase>) -> Result<Vec<Seen>, EngineError> {
        let sent = case.sent();
        self.arm(case, &sent)?;
        self.deliver_bytes(case, sent.bytes).await
    }

    async fn deliver_bytes(&mut self, case: &Rc<TestCase>, bytes: Vec<u8>) -> Result<Vec<Seen>, EngineError> {
        let side = self.side();
        let (late, invocation) = side.pool.invoke(Bytes::from(bytes).into()).await?;
        let before = side.last.replace(Rc::clone(case));
        self.meter.count_delivery();
        let mut seen = self.sort_out(case, invocation);
        let files = self.side().pool.left_behind();
        let leaks = self.left_leaks(case, &files);
        seen[0].observation.leaks.extend(leaks);
        seen.append(&mut self.late);
        if let Some(end) = late {
            self.blame(end.seen, before, &mut seen);
        }
        Ok(seen)
    }

    /// Delivers `case` to the warm function and waits for its background work to end.
    pub(crate) async fn deliver_and_settle(
        &mut self,
        case: &Rc<TestCase>,
    ) -> Result<Observation, EngineError> {
        let bytes = case.sent().bytes;
        self.deliver_bytes_and_settle(case, bytes).await
    }

    /// As [`Invoker::deliver_and_settle`], but sends `bytes`: an event with the nonces of `case`.
    pub(crate) async fn deliver_bytes_and_settle(
        &mut self,
        case: &Rc<TestCase>,
        bytes: Vec<u8>,
    ) -> Result<Observation, EngineError> {
        self.arm(case, &case.sent())?;
        let mut seen = self.deliver_bytes(case, bytes).await?;
        let mut own = seen.remove(0).observation;
        self.late.append(&mut seen);
        if own.shows_nothing() {
            let grace = self.grace;
            let settled = self.side().pool.settle(grace, SETTLE_LIMIT).await;
            self.add(case, &mut own, settled);
        }
        Ok(own)
    }

    /// Delivers `case` to a process that has seen no other event, and waits for background work.
    pub(crate) async fn deliver_fresh(&mut self, case: &Rc<TestCase>) -> Result<Observation, EngineError> {
        let sent = case.sent();
        let bytes = sent.bytes.clone();
        self.deliver_bytes_fresh(case, &sent, bytes).await
    }

    /// As [`Invoker::deliver_fresh`], but sends `bytes`: a stored event, byte for byte.
    pub(crate) async fn deliver_bytes_fresh(
        &mut self,
        case: &Rc<TestCase>,
        sent: &Sent,
        bytes: Vec<u8>,
    ) -> Result<Observation, EngineError> {
        self.arm(case, sent)?;
        let mut environment: Environment = self.side().pool.fresh().await?;
        let invocation = environment
            .invoke(Bytes::from(bytes).into())
            .await
            .map_err(|end| NotReady::Init(Box::new(end.into())))?;
        self.meter.count_delivery();
        let alive = !invocation.outcome.ended_the_process();
        let mut seen = self.sort_out(case, invocation);
        let mut own = seen.remove(0).observation;
        self.late.append(&mut seen);
        if own.shows_nothing() && alive {
            let settled = environment.settle(self.grace, SETTLE_LIMIT).await;
            self.add(case, &mut own, settled);
            let leaks = self.left_leaks(case, &environment.left_behind());
            own.leaks.extend(leaks);
        }
        environment.close().await;
        Ok(own)
    }

    /// Waits for the background work of the last events: effects that came after their answers.
    pub(crate) async fn settle(&mut self) -> Vec<Seen> {
        let grace = self.grace;
        let side = self.side();
        let (settled, last) = (side.pool.settle(grace, SETTLE_LIMIT).await, side.last.clone());
        let mut seen = Vec::new();
        self.blame(settled, last, &mut seen);
        seen
    }

    /// As [`Invoker::deliver_fresh`], but watches the process until nothing has happened for `quiet`.
    pub(crate) async fn deliver_fresh_and_watch(
        &mut self,
        case: &Rc<TestCase>,
        quiet: Duration,
    ) -> Result<Observation, EngineError> {
        let grace = std::mem::replace(&mut self.grace, quiet);
        let observation = self.deliver_fresh(case).await;
        self.grace = grace;
        observation
    }

    /// Waits long before it says that something did not happen: FIXED must not mean "too slow".
    pub(crate) fn be_patient(&mut self) {
        self.grace = PATIENT;
    }

    /// Waits for `quiet` before it says that something did not happen. Returns how long it did until now.
    pub(crate) fn wait_for(&mut self, quiet: Duration) -> Duration {
        std::mem::replace(&mut self.grace, quiet)
    }

    /// From now on a negative decision waits at least for `quiet`.
    pub(crate) fn wait_at_least(&mut self, quiet: Duration) {
        self.grace = self.grace.max(quiet);
    }

    /// A process without an observer that has seen no event. What is delivered to it is the caller's affair.
    pub(crate) async fn fresh(&mut self) -> Result<Environment, EngineError> {
        Ok(self.unobserved.pool.fresh().await?)
    }

    /// Delivers `case` to a process of the caller's. `None`: that is gone.
    pub(crate) async fn deliver_in(
        &mut self,
        environment: &mut Environment,
        case: &Rc<TestCase>,
    ) -> Result<Option<Observation>, EngineError> {
        let sent = case.sent();
        self.arm(case, &sent)?;
        if environment.wait_ready().await.is_err() {
            return Ok(None);
        }
        let Ok(invocation) = environment.invoke(Bytes::from(sent.bytes).into()).await else {
            return Ok(None);
        };
        self.meter.count_delivery();
        let mut seen = self.sort_out(case, invocation);
        let own = seen.remove(0).observation;
        self.late.append(&mut seen);
        Ok(Some(own))
    }

    /// Whether there is time to bring to an end what was begun. Other shards may have used up the number of events meanwhile.
    pub(crate) fn may_go_on(&self) -> bool {
        self.meter.has_time()
    }

    /// The next event meets a fresh process.
    pub(crate) fn retire(&mut self) {
        self.observed.pool.retire();
        self.unobserved.pool.retire();
    }

    /// The last test cases, newest first, for an effect that names none. Those with a nonce in
    /// `said` come before all others.
    pub(crate) fn suspects(&self, said: &str) -> Vec<Rc<TestCase>> {
        let mut suspects = Vec::new();
        for nonce in Nonce::all_in(said.as_bytes()) {
            suspects.extend(self.owners.get(&nonce).map(|(case, _)| Rc::clone(case)));
        }
        suspects.extend(self.by_request.iter().rev().map(|(_, case)| Rc::clone(case)));
        let mut distinct: Vec<Rc<TestCase>> = Vec::new();
        for suspect in suspects {
            if !distinct.iter().any(|it| Rc::ptr_eq(it, &suspect)) {
                distinct.push(suspect);
            }
        }
        distinct
    }

    /// Processes started so far.
    pub(crate) fn processes(&self) -> u64 {
        self.observed.pool.started() + self.unobserved.pool.started()
    }

    /// How many of them ended by themselves.
    pub(crate) fn ended(&self) -> u64 {
        self.ended
    }

    /// Whether a failure on `event` says nothing about the function: its runtime fails on it by itself.
    pub(crate) async fn runtime_fails_on(&mut self, event: &[u8]) -> Result<bool, EngineError> {
        self.control.fails_on(event).await
    }

    pub(crate) async fn close(self) {
        self.control.close().await;
        self.observed.pool.close().await;
        self.unobserved.pool.close().await;
    }

    fn arm(&mut self, case: &Rc<TestCase>, sent: &Sent) -> Result<(), EngineError> {
        for planted in &sent.planted {
            if self.owners.insert(planted.nonce.clone(), (Rc::clone(case), Instant::now())).is_some() {
                // A replay sends a stored event twice: its canary exists already.
                continue;
            }
            self.order.push_back(planted.nonce.clone());
            if planted.payload.effect == Effect::Connects {
                let port = Canaries::default().address(&planted.nonce).port();
                self.addresses.insert(port, planted.nonce.clone());
            }
            self.canaries.arm(planted.nonce.as_str()).map_err(|source| EngineError::Write {
                path: self.canaries.dir().join(planted.nonce.as_str()),
                source,
            })?;
        }
        while self.order.len() > CANARIES {
            if let Some(oldest) = self.order.pop_front() {
                self.owners.remove(&oldest);
            }
        }
        Ok(())
    }
}
