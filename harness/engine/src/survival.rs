//! Does the process outlive its answers? One that ends after every answer, whatever the event, is no event's doing.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use evfuzz_generators::case::TestCase;

use crate::error::EngineError;
use crate::finding::{Fingerprint, OracleId};
use crate::invoke::Invoker;
use crate::judge::{Sighting, judge};

/// Valid events that are tried, from all sources. Each costs the start of a process.
const MOST: usize = 16;

/// Processes that have to end before it is said that all do. A function that ends after one event in
/// three, whatever it is, passes here once in eighty times.
const LEAST: usize = 4;

/// What is known about the time after an answer.
#[derive(Debug)]
pub(crate) enum Survival {
    /// Nothing.
    Unknown,
    /// A valid event left the process alive for so long.
    Outlives(Duration),
    /// After each valid event that is answered the process ends.
    Ends(Ending),
}

/// How a process ends that does not outlive its answers.
#[derive(Debug)]
pub(crate) struct Ending {
    /// In one line. Unescaped.
    pub(crate) how: String,
    /// What it looks like.
    pub(crate) fingerprints: BTreeSet<Fingerprint>,
}

impl Survival {
    /// Whether the process ends after each valid event that is answered.
    pub(crate) fn ends(&self) -> bool {
        matches!(self, Survival::Ends(_))
    }

    /// Whether that is what `sighting` shows.
    pub(crate) fn explains(&self, sighting: &Sighting) -> bool {
        match self {
            Survival::Ends(ending) => ending.fingerprints.contains(&sighting.fingerprint()),
            Survival::Unknown | Survival::Outlives(_) => false,
        }
    }

    /// Watches what becomes of a process after a valid event, until nothing has happened for `quiet`; then after others,
    /// as long as it ends. `innocents`: valid events that are answered.
    pub(crate) async fn look(
        &mut self,
        invoker: &mut Invoker<'_>,
        innocents: &[TestCase],
        quiet: Duration,
    ) -> Result<(), EngineError> {
        let known = match self {
            Survival::Unknown => false,
            Survival::Outlives(watched) => *watched >= quiet,
            Survival::Ends(_) => true,
        };
        if known || innocents.is_empty() {
            return Ok(());
        }
        let step = innocents.len().div_ceil(MOST);
        let tried = innocents.len().div_ceil(step).max(LEAST);
        let mut ending = None;
        for innocent in innocents.iter().step_by(step).cycle().take(tried) {
            let case = Rc::new(innocent.clone());
            let observation = invoker.deliver_fresh_and_watch(&case, quiet).await?;
            let mut ends = judge(&case, &observation);
            ends.retain(|sighting| sighting.oracle.comes_late());
            let Some(first) = ends.first() else {
                *self = Survival::Outlives(quiet);
                return Ok(());
            };
            let known =
                ending.get_or_insert_with(|| Ending { how: how(first), fingerprints: BTreeSet::new() });
            known.fingerprints.extend(ends.iter().map(Sighting::fingerprint));
        }
        if let Some(ending) = ending {
            *self = Survival::Ends(ending);
        }
        Ok(())
    }
}

fn how(sighting: &Sighting) -> String {
    let what = sighting.evidence.first().map_or(sighting.title.as_str(), |it| it.text.as_str());
    let place = sighting.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    match sighting.oracle {
        OracleId::UnhandledRejection => format!("a promise that nobody awaits is rejected{place}: {what}"),
        _ => format!("{what}{place}"),
    }
}
