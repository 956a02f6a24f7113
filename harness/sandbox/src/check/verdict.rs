//! Judging the probe: what it says it did, held against what arrived outside.

use super::Bench;
use crate::{
    isolation::{Barriers, Promise, PromiseState},
    probe::{self, Attempt},
    spec::ProcessSpec,
};

/// The probe's report and everything that it is compared with.
pub(super) struct Verdict<'a> {
    pub(super) bench: &'a Bench,
    pub(super) lines: Vec<probe::Line>,
    pub(super) barriers: Barriers,
}

impl Verdict<'_> {
    /// What must have failed.
    pub(super) fn forbidden(&self) -> Vec<Promise> {
        let bench = self.bench;
        let appeared = bench.create.iter().filter(|it| it.exists()).count();
        vec![
            // Judged from outside: what looks like the host's /tmp inside may be scratch.
            held("no file is written outside scratch", appeared == 0, self.answer(Attempt::Create)),
            held("no file outside is read", !self.worked(Attempt::Secret), self.answer(Attempt::Secret)),
            held("no other TCP port is reached", bench.tcp.accept().is_err(), self.answer(Attempt::Tcp)),
            held("no UDP packet gets out", bench.udp.recv(&mut [0; 8]).is_err(), self.answer(Attempt::Udp)),
            held(
                "no unix socket outside is reached",
                bench.unix.accept().is_err(),
                self.answer(Attempt::Unix),
            ),
            held("no process is traced", !self.worked(Attempt::Ptrace), self.answer(Attempt::Ptrace)),
            held("nothing is mounted", !self.worked(Attempt::Mount), self.answer(Attempt::Mount)),
            held(
                "the caller's environment is not read",
                !self.worked(Attempt::Environ),
                self.answer(Attempt::Environ),
            ),
            held("the caller is not signalled", !self.worked(Attempt::Signal), self.answer(Attempt::Signal)),
        ]
    }

    /// What must have worked, and what must be as given.
    pub(super) fn allowed(&self, spec: &ProcessSpec) -> Vec<Promise> {
        let facts = self.detail(Attempt::Capabilities);
        let zero = |name: &str| facts.contains(&format!("{name}:0000000000000000"));
        let powerless =
            ["CapInh", "CapPrm", "CapEff", "CapAmb"].into_iter().all(zero) && facts.contains("NoNewPrivs:1");
        let mut names: Vec<_> =
            spec.env.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        names.extend(spec.service_env.clone());
        names.sort();
        let environment = self.detail(Attempt::Environment);
        let tmp = held("/tmp is scratch", self.worked(Attempt::Tmp), self.answer(Attempt::Tmp));
        vec![
            held("no capabilities, no new privileges", powerless, facts),
            held("the environment is exactly as given", environment == names.join(" "), environment.clone()),
            held("scratch is writable", self.worked(Attempt::Scratch), self.answer(Attempt::Scratch)),
            if self.barriers.has_own_files() {
                tmp
            } else {
                Promise { state: PromiseState::NotApplicable, ..tmp }
            },
            held("the service is reached", self.worked(Attempt::Service), self.answer(Attempt::Service)),
        ]
    }

    fn of(&self, attempt: Attempt) -> impl Iterator<Item = &probe::Line> {
        self.lines.iter().filter(move |it| it.attempt == attempt)
    }

    fn worked(&self, attempt: Attempt) -> bool {
        self.of(attempt).any(|it| it.error.is_none())
    }

    fn detail(&self, attempt: Attempt) -> String {
        self.of(attempt).map(|it| it.detail.clone()).collect()
    }

    /// What was tried and what the system answered.
    pub(super) fn answer(&self, attempt: Attempt) -> String {
        let answers: Vec<String> = self
            .of(attempt)
            .map(|it| format!("{}: {}", it.detail, it.error.as_deref().unwrap_or("worked")))
            .collect();
        answers.join(", ")
    }
}

fn held(name: &'static str, holds: bool, detail: String) -> Promise {
    let state = if holds { PromiseState::Held } else { PromiseState::Violated };
    promise(name, state, detail)
}

pub(super) fn promise(name: &'static str, state: PromiseState, detail: impl Into<String>) -> Promise {
    Promise { name, state, detail: detail.into() }
}
