//! Delivering test cases: arm the canaries, send the event, gather what belongs to whom.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use evfuzz_emulator::{
    Environment, HookRecords, Invocation, LogText, NotReady, Outcome, Pool, Settled, StalePost,
};
use evfuzz_generators::case::{Sent, TestCase};
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::{Canaries, Effect};
use evfuzz_sandbox::{Address, CanaryPool, CanaryRan, ConnectRecord, Intent, OpenRecord};

use crate::budget::Meter;
use crate::control::Control;
use crate::error::EngineError;
use crate::finding::OracleId;
use crate::observe::{Act, Echo, Fired, Leak, Observation, Output, Record, Secrets, SourceText};

/// Longest wait for background work to end when "it did not happen" has to be decided.
const SETTLE_LIMIT: Duration = Duration::from_secs(1);

/// The longest quiet time that a negative decision waits for.
const PATIENT: Duration = Duration::from_millis(300);

/// Canary commands that exist at a time in one shard. An effect that comes more than this many
/// planted payloads late is lost, never misattributed: names are not used twice.
const CANARIES: usize = 4096;

/// Test cases that may still be blamed when a process dies without naming one. An effect comes up
/// to some milliseconds late, and an invocation can be faster than a tenth of one.
const SUSPECTS: usize = 48;

/// Test cases that one record of an observer may name. A text that is evaluated can hold what several events have left.
const MOST_NAMED: usize = 4;

/// Words of earlier events that are noted of one answer.
const MOST_ECHOES: usize = 8;

/// Bytes around such a word that are kept, on each side.
const AROUND: usize = 60;

/// Keys that events may leave on prototypes before the process is replaced: all that follows sees an odd world.
const MOST_POLLUTED: u32 = 8;

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

    /// Whether the budget of the run is not used up yet.
    pub(crate) fn may_go_on(&self) -> bool {
        self.meter.open()
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

    fn sort_out(&mut self, case: &Rc<TestCase>, invocation: Invocation) -> Vec<Seen> {
        self.by_request.push_back((invocation.request_id, Rc::clone(case)));
        while self.by_request.len() > SUSPECTS {
            self.by_request.pop_front();
        }
        let error = match &invocation.outcome {
            Outcome::FunctionError { report, .. } | Outcome::InitError(report) => {
                Some(self.source.error(&report.error_type, &report.body))
            }
            Outcome::Response(_)
            | Outcome::Exited { .. }
            | Outcome::Signaled { .. }
            | Outcome::LimitExceeded { .. }
            | Outcome::TimedOut { .. }
            | Outcome::ResponseTooLarge { .. }
            | Outcome::TruncatedResponse { .. }
            | Outcome::InvalidResponseMode { .. }
            | Outcome::InvalidRequest(_) => None,
        };
        self.count_end(&invocation.outcome);
        let died = ended_by_itself(&invocation.outcome);
        let log_place = died.then(|| self.source.place_in_log(&invocation.log.lossy())).flatten();
        let leaks = self.leaks(case, Some(&invocation.outcome), &invocation.log);
        let echoes = self.echoes(case, &invocation.outcome, &invocation.log);
        let mut seen = vec![Seen {
            case: Rc::clone(case),
            observation: Observation {
                outcome: Some(invocation.outcome),
                duration: invocation.duration,
                error,
                log: invocation.log,
                log_place,
                execs: invocation.execs,
                leaks,
                ..Observation::nothing()
            },
        }];
        for (owner, echo) in &echoes {
            if echo.output == Output::Log {
                observation_of(&mut seen, owner).late_log.extend(echo.around.bytes());
            }
        }
        seen[0].observation.echoes = echoes.into_iter().map(|(_, echo)| echo).collect();
        self.attribute(invocation.canaries, invocation.stale, &mut seen);
        self.attribute_reached(invocation.opens, invocation.connects, &mut seen);
        self.attribute_told(invocation.told, &mut seen);
        seen
    }

    /// Hands late effects to the test cases that caused them.
    fn attribute(&mut self, canaries: Vec<CanaryRan>, stale: Vec<StalePost>, seen: &mut Vec<Seen>) {
        for ran in canaries {
            let Some(nonce) = Nonce::parse(&ran.name) else { continue };
            let Some((owner, armed)) = self.owners.get(&nonce) else { continue };
            if seen.first().is_some_and(|current| !Rc::ptr_eq(&current.case, owner)) {
                // Whoever decides later that it did not happen has to wait as long.
                self.grace = self.grace.max(armed.elapsed() * 2).min(PATIENT);
            }
            observation_of(seen, owner).fired.push(Fired { nonce, ran });
        }
        for post in stale {
            let owner = self.by_request.iter().find(|(id, _)| *id == post.request_id);
            let (Some((_, owner)), Some(error_type)) = (owner, &post.error_type) else { continue };
            let error = self.source.error(error_type, &post.body);
            observation_of(seen, owner).error.get_or_insert(error);
        }
    }

    /// Hands files and addresses to the test cases whose nonces they name.
    fn attribute_reached(
        &mut self,
        opens: Vec<OpenRecord>,
        connects: Vec<ConnectRecord>,
        seen: &mut Vec<Seen>,
    ) {
        for open in opens {
            let mut named = open.path.clone();
            if let Intent::Rename { to: Some(to) } = &open.intent {
                named.push('\n');
                named.push_str(&to.to_string_lossy());
            }
            for owner in self.named(Nonce::all_in(named.as_bytes())) {
                observation_of(seen, &owner).opens.push(open.clone());
            }
        }
        for connect in connects {
            let Address::Inet(address) = connect.address else { continue };
            let nonce = self.addresses.get(&address.port()).cloned();
            for owner in self.named(nonce.into_iter()) {
                observation_of(seen, &owner).connects.push(connect.clone());
            }
        }
    }

    /// The test cases that these nonces belong to.
    fn named(&self, nonces: impl Iterator<Item = Nonce>) -> Vec<Rc<TestCase>> {
        let mut owners: Vec<Rc<TestCase>> = Vec::new();
        for nonce in nonces {
            let Some((owner, _)) = self.owners.get(&nonce) else { continue };
            if owners.len() < MOST_NAMED && !owners.iter().any(|it| Rc::ptr_eq(it, owner)) {
                owners.push(Rc::clone(owner));
            }
        }
        owners
    }

    /// Hands what observers told to the test cases whose nonces it holds.
    fn attribute_told(&mut self, told: HookRecords, seen: &mut Vec<Seen>) {
        for bytes in told.records {
            let Some(record) = Record::read(&bytes, self.source) else { continue };
            if let Act::Prototype { .. } = record.act {
                self.polluted += 1;
                if self.polluted.is_multiple_of(MOST_POLLUTED) {
                    self.observed.pool.retire();
                }
            }
            if record.act == Act::Unsettled
                && let Some(current) = seen.first_mut()
            {
                current.observation.records.push(record);
                continue;
            }
            let by_port = record.ports().into_iter().filter_map(|port| self.addresses.get(&port).cloned());
            for owner in self.named(record.nonces().chain(by_port)) {
                observation_of(seen, &owner).records.push(record.clone());
            }
        }
    }

    fn add(&mut self, case: &Rc<TestCase>, own: &mut Observation, settled: Settled) {
        let mut seen = Vec::new();
        self.attribute(settled.canaries, settled.stale, &mut seen);
        self.attribute_reached(settled.opens, settled.connects, &mut seen);
        self.attribute_told(settled.told, &mut seen);
        for late in seen {
            if Rc::ptr_eq(&late.case, case) {
                own.fired.extend(late.observation.fired);
                own.records.extend(late.observation.records);
                own.opens.extend(late.observation.opens);
                own.connects.extend(late.observation.connects);
                own.error = own.error.take().or(late.observation.error);
            } else {
                self.late.push(late);
            }
        }
        own.execs.extend(settled.execs);
        if let Some(exit) = settled.exit {
            self.count_end(&exit);
            own.log_place = self.source.place_in_log(&settled.log.lossy());
            own.ended_later = Some(exit);
        }
        own.leaks.append(&mut self.leaks(case, None, &settled.log));
        own.late_log.extend_from_slice(&settled.log.bytes);
        own.late_log.extend(settled.log.records.iter().flat_map(|it| &it.bytes));
        own.log.append(settled.log);
    }

    /// What was seen of a process after its last answer. If it ended, `last` is the first suspect.
    fn blame(&mut self, settled: Settled, last: Option<Rc<TestCase>>, seen: &mut Vec<Seen>) {
        self.attribute(settled.canaries, settled.stale, seen);
        self.attribute_reached(settled.opens, settled.connects, seen);
        self.attribute_told(settled.told, seen);
        let Some(exit) = settled.exit else { return };
        self.count_end(&exit);
        let Some(case) = last else { return };
        let log_place = self.source.place_in_log(&settled.log.lossy());
        let leaks = self.leaks(&case, None, &settled.log);
        let late = observation_of(seen, &case);
        late.leaks.extend(leaks);
        late.log_place = log_place;
        late.log = settled.log;
        late.ended_later = Some(exit);
    }

    /// Secrets in what the function said, unless they stand in the event. What it logged before, in other invocations, is
    /// not read again.
    fn leaks(&self, case: &TestCase, outcome: Option<&Outcome>, log: &LogText) -> Vec<Leak> {
        let mut leaks = match outcome {
            Some(Outcome::Response(answer)) => self.secrets.find(Output::Response, &answer.body),
            Some(Outcome::FunctionError { report, sent }) => {
                let mut leaks = self.secrets.find(Output::Error, &report.body);
                if let Some(answer) = sent {
                    leaks.append(&mut self.secrets.find(Output::Response, &answer.body));
                }
                leaks
            }
            Some(Outcome::InitError(report)) => self.secrets.find(Output::Error, &report.body),
            _ => Vec::new(),
        };
        leaks.append(&mut self.secrets.find(Output::Log, &log.bytes));
        for record in &log.records {
            leaks.append(&mut self.secrets.find(Output::Log, &record.bytes));
        }
        self.secrets.retain_untold(&mut leaks, || case.sent().bytes);
        leaks
    }

    /// Words of earlier test cases in what the function said to `case`, with the test case that each belongs to.
    fn echoes(&self, case: &Rc<TestCase>, outcome: &Outcome, log: &LogText) -> Vec<(Rc<TestCase>, Echo)> {
        let answer = match outcome {
            Outcome::Response(answer) => Some((Output::Response, answer.body.as_ref())),
            Outcome::FunctionError { report, .. } => Some((Output::Error, report.body.as_ref())),
            _ => None,
        };
        let records = log.records.iter().map(|it| (Output::Log, it.bytes.as_slice()));
        let said = answer.into_iter().chain([(Output::Log, log.bytes.as_slice())]).chain(records);
        let mut echoes: Vec<(Rc<TestCase>, Echo)> = Vec::new();
        for (output, text) in said {
            for (at, nonce) in Nonce::all_at(text) {
                let Some((owner, _)) = self.owners.get(&nonce) else { continue };
                let is_known = echoes.iter().any(|(_, it)| it.output == output && it.nonce == nonce);
                if Rc::ptr_eq(owner, case) || is_known || echoes.len() == MOST_ECHOES {
                    continue;
                }
                let around =
                    text[at.saturating_sub(AROUND)..text.len().min(at + Nonce::LEN + AROUND)].to_vec();
                let around = String::from_utf8_lossy(&around).into_owned();
                echoes.push((Rc::clone(owner), Echo { nonce, output, around }));
            }
        }
        // A mutated case can have kept a text of the one that it is made of.
        if !echoes.is_empty() {
            let own = case.sent().bytes;
            echoes.retain(|(_, it)| memchr::memmem::find(&own, it.nonce.as_str().as_bytes()).is_none());
        }
        echoes
    }

    /// `text` without the values of the function's secrets.
    pub(crate) fn masked(&self, text: &str) -> String {
        self.secrets.masked(text)
    }

    /// Whose nonce that is.
    pub(crate) fn owner(&self, nonce: &Nonce) -> Option<Rc<TestCase>> {
        self.owners.get(nonce).map(|(owner, _)| Rc::clone(owner))
    }

    fn count_end(&mut self, outcome: &Outcome) {
        self.ended += u64::from(ended_by_itself(outcome));
    }
}

fn ended_by_itself(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Exited { .. } | Outcome::Signaled { .. } | Outcome::LimitExceeded { .. })
}

fn observation_of<'s>(seen: &'s mut Vec<Seen>, case: &Rc<TestCase>) -> &'s mut Observation {
    let index = match seen.iter().position(|it| Rc::ptr_eq(&it.case, case)) {
        Some(index) => index,
        None => {
            seen.push(Seen { case: Rc::clone(case), observation: Observation::nothing() });
            seen.len() - 1
        }
    };
    &mut seen[index].observation
}
