//! The rule: two of three judges accept an event, every refusal is on the list, and what AWS derives is right.

use std::fs;

use evfuzz_generators::source::EventSource;
use serde_json::Value;

use crate::{
    facts,
    peers::{self, Peer},
    schemas::schema,
    support::root,
};

/// Names of the judges, as in `refusals.txt`.
pub(crate) const JUDGES: [&str; 3] = ["rust", "pydantic", "zod"];

/// All judges, ready.
pub(crate) struct Bench {
    pydantic: Peer,
    zod: Peer,
}

/// What was said about one event.
#[derive(Clone, Debug)]
pub(crate) struct Judgment {
    /// The reasons of each judge; `None` if it has no model of such events.
    pub(crate) reasons: [Option<Vec<String>>; 3],
    /// What contradicts itself or what AWS documents.
    pub(crate) facts: Vec<String>,
}

impl Bench {
    /// Starts the judges.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub(crate) fn start() -> Result<Bench, String> {
        Ok(Bench { pydantic: peers::pydantic()?, zod: peers::zod()? })
    }

    /// Judges `events` of `source`.
    pub(crate) fn judge(&mut self, source: EventSource, events: &[Value]) -> Vec<Judgment> {
        let mut judgments: Vec<Judgment> = Vec::new();
        let mut asked = (Vec::new(), Vec::new());
        for (index, event) in events.iter().enumerate() {
            let (schema, text) = (schema(source, event), event.to_string());
            let rust = schema.rust.map(|judge| judge(&text));
            judgments.push(Judgment { reasons: [rust, None, None], facts: facts::wrong(source, event) });
            if let Some(model) = schema.pydantic {
                asked.0.push((index, (model, text.clone())));
            }
            if let Some(model) = schema.zod {
                asked.1.push((index, (model, text)));
            }
        }
        for (judge, peer, asked) in [(1, &mut self.pydantic, asked.0), (2, &mut self.zod, asked.1)] {
            let (indices, events): (Vec<usize>, Vec<(&str, String)>) = asked.into_iter().unzip();
            for (index, reasons) in indices.into_iter().zip(peer.judge(&events)) {
                judgments[index].reasons[judge] = Some(reasons);
            }
        }
        judgments
    }
}

impl Judgment {
    /// Whether that judge accepts the event.
    pub(crate) fn accepts(&self, judge: usize) -> bool {
        self.reasons[judge].as_ref().is_some_and(Vec::is_empty)
    }

    /// The reasons of that judge that are not on the list.
    pub(crate) fn unlisted<'a>(
        &'a self,
        source: EventSource,
        judge: usize,
        refusals: &'a mut Refusals,
    ) -> impl Iterator<Item = &'a String> {
        let reasons = self.reasons[judge].iter().flatten();
        reasons.filter(move |reason| !refusals.lists(source, JUDGES[judge], reason))
    }

    /// Whether that judge refuses the event for reasons that excuse it.
    fn is_excused(&self, source: EventSource, judge: usize, refusals: &Refusals) -> bool {
        let reasons = self.reasons[judge].as_deref().unwrap_or_default();
        !reasons.is_empty() && reasons.iter().all(|it| refusals.excuses(source, JUDGES[judge], it))
    }

    /// What breaks the rule. Nothing: the event is good.
    pub(crate) fn complaints(&self, source: EventSource, refusals: &mut Refusals) -> Vec<String> {
        let mut complaints = self.facts.clone();
        for (judge, name) in JUDGES.iter().enumerate() {
            let unlisted = self.unlisted(source, judge, refusals);
            complaints.extend(unlisted.map(|reason| format!("{name} says {reason}")));
        }
        let models = self.reasons.iter().filter(|it| it.is_some()).count();
        let accepting = (0..JUDGES.len()).filter(|it| self.accepts(*it)).count();
        let excused = (0..JUDGES.len()).filter(|it| self.is_excused(source, *it, refusals)).count();
        if accepting + excused < models.min(2) {
            complaints.push(format!("accepted by {accepting} of {models}: {:?}", self.reasons));
        }
        complaints
    }
}

/// Refusals that are known to be the judge's mistake.
pub(crate) struct Refusals {
    lines: Vec<Refusal>,
}

struct Refusal {
    source: String,
    judge: String,
    /// What the reason begins with.
    reason: String,
    /// Whether it is sure enough to stand for an acceptance.
    is_excuse: bool,
    used: usize,
}

impl Refusals {
    /// Reads `refusals.txt`: blocks of a line `source | judge | beginning of the reason` and, indented, why
    /// the event is right nevertheless, with the document or recording that says so. A reason that begins with
    /// `Recorded:` counts as if the judge accepted.
    pub(crate) fn load() -> Refusals {
        let path = root().join("generators/tests/validators/refusals.txt");
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<Refusal> = Vec::new();
        let mut cited = true;
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            if line.starts_with(' ') {
                cited = true;
                if let Some(last) = lines.last_mut() {
                    last.is_excuse |= line.trim_start().starts_with("Recorded:");
                }
                continue;
            }
            assert!(cited, "refusals.txt: the line before {line:?} has no citation");
            let parts: Vec<&str> = line.splitn(3, " | ").collect();
            let [source, judge, reason] = parts.as_slice() else {
                panic!("refusals.txt: {line:?} is not `source | judge | beginning of the reason`");
            };
            assert!(EventSource::from_id(source).is_some(), "refusals.txt: no source {source}");
            assert!(JUDGES.contains(judge), "refusals.txt: no judge {judge}");
            let [source, judge, reason] = [source, judge, reason].map(|it| (*it).to_owned());
            lines.push(Refusal { source, judge, reason, is_excuse: false, used: 0 });
            cited = false;
        }
        assert!(cited, "refusals.txt: the last line has no citation");
        Refusals { lines }
    }

    fn lists(&mut self, source: EventSource, judge: &str, reason: &str) -> bool {
        let found = self.lines.iter_mut().find(|it| {
            it.source == source.id() && it.judge == judge && reason.starts_with(it.reason.as_str())
        });
        match found {
            Some(refusal) => {
                refusal.used += 1;
                true
            }
            None => false,
        }
    }

    fn excuses(&self, source: EventSource, judge: &str, reason: &str) -> bool {
        let mut found = self.lines.iter().filter(|it| it.source == source.id() && it.judge == judge);
        found.any(|it| it.is_excuse && reason.starts_with(it.reason.as_str()))
    }

    /// Lines that no event needed.
    pub(crate) fn unused(&self) -> Vec<String> {
        let unused = self.lines.iter().filter(|it| it.used == 0);
        unused.map(|it| format!("{} | {} | {}", it.source, it.judge, it.reason)).collect()
    }
}
