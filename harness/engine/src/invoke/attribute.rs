//! What belongs to whom: effects, records and words of an earlier test case that come while another one is at hand.

use std::rc::Rc;

use evfuzz_emulator::{HookRecords, Invocation, LeftFile, LogText, Outcome, Settled, StalePost};
use evfuzz_generators::case::TestCase;
use evfuzz_generators::nonce::Nonce;
use evfuzz_sandbox::{Address, CanaryRan, ConnectRecord, Intent, OpenRecord};

use super::{Invoker, PATIENT, Seen};
use crate::observe::{Act, Echo, Fired, Leak, Observation, Output, Record};

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

impl Invoker<'_> {
    pub(super) fn sort_out(&mut self, case: &Rc<TestCase>, invocation: Invocation) -> Vec<Seen> {
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

    pub(super) fn add(&mut self, case: &Rc<TestCase>, own: &mut Observation, settled: Settled) {
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
        let (log, on_time) = (&settled.log, settled.on_time);
        own.late_log.extend(log.bytes.iter().skip(on_time.bytes));
        own.late_log.extend(log.records.iter().skip(on_time.records).flat_map(|it| &it.bytes));
        own.log.append(settled.log);
    }

    /// What was seen of a process after its last answer. If it ended, `last` is the first suspect.
    pub(super) fn blame(&mut self, settled: Settled, last: Option<Rc<TestCase>>, seen: &mut Vec<Seen>) {
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

    /// Secrets in files that the function has left in its `/tmp`.
    pub(super) fn left_leaks(&self, case: &TestCase, files: &[LeftFile]) -> Vec<Leak> {
        let mut leaks: Vec<Leak> = Vec::new();
        for file in files {
            for mut leak in self.secrets.find(Output::File, &file.bytes) {
                if leaks.iter().all(|known| known.name != leak.name) {
                    leak.excerpt = format!("{}: {}", self.secrets.masked(&file.path), leak.excerpt);
                    leaks.push(leak);
                }
            }
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
