//! Two events in one process: what the first one left behind shows with the second one.

use std::rc::Rc;
use std::time::Duration;

use evfuzz_emulator::{Environment, Outcome};
use evfuzz_generators::case::TestCase;
use evfuzz_generators::edit::Edit;
use evfuzz_generators::nonce::{Nonce, NonceSource};
use evfuzz_generators::point::Role;
use evfuzz_generators::tree::Node;

use crate::error::EngineError;
use crate::finding::Fingerprint;
use crate::invoke::Invoker;
use crate::judge::{Sighting, judge};

/// Fresh processes in which a pair has to show it, all of them.
const PROCESSES: u32 = 2;

/// Longest wait for what the first event left to do: what comes then is its own.
const LEFT_TO_DO: Duration = Duration::from_secs(1);

/// A log is flushed, and work that nobody awaits goes on, some time after an answer.
const QUIET: Duration = Duration::from_millis(300);

/// Two events, and what the second one shows.
pub(crate) struct Pair {
    pub(crate) first: Rc<TestCase>,
    pub(crate) second: Rc<TestCase>,
    pub(crate) sighting: Sighting,
}

/// Tries to show again that text of `first` comes out with another event of the kind of `second`.
pub(crate) async fn confirm_pair(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    first: &TestCase,
    second: &TestCase,
    wanted: &Sighting,
) -> Result<Option<Pair>, EngineError> {
    let Some(nonce) = &wanted.nonce else { return Ok(None) };
    let alone = only(first, nonce);
    for first in [&alone, first] {
        if let Some(pair) = shown_in_pair(invoker, nonces, first, second, &wanted.fingerprint()).await? {
            return Ok(Some(pair));
        }
    }
    Ok(None)
}

/// Delivers the pair to fresh processes. `None`: one of them did not show it.
pub(crate) async fn shown_in_pair(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    first: &TestCase,
    second: &TestCase,
    wanted: &Fingerprint,
) -> Result<Option<Pair>, EngineError> {
    let mut shown = None;
    for _ in 0..PROCESSES {
        let first = Rc::new(first.with_fresh_nonces(nonces));
        let second = Rc::new(with_other_texts(second, nonces));
        let mut environment = invoker.fresh().await?;
        let seen = deliver_both(invoker, &mut environment, &first, &second, wanted).await?;
        environment.close().await;
        let Some(sighting) = seen else { return Ok(None) };
        shown = Some(Pair { first, second, sighting });
    }
    Ok(shown)
}

async fn deliver_both(
    invoker: &mut Invoker<'_>,
    environment: &mut Environment,
    first: &Rc<TestCase>,
    second: &Rc<TestCase>,
    wanted: &Fingerprint,
) -> Result<Option<Sighting>, EngineError> {
    let Some(before) = invoker.deliver_in(environment, first).await? else { return Ok(None) };
    if before.outcome.as_ref().is_none_or(Outcome::ended_the_process) {
        return Ok(None);
    }
    // What it still logs by itself is no state.
    environment.settle(QUIET, LEFT_TO_DO).await;
    let Some(after) = invoker.deliver_in(environment, second).await? else { return Ok(None) };
    let sightings = judge(second, &after);
    let of_first = |it: &Sighting| it.nonce.as_ref().is_some_and(|nonce| first.nonces().contains(&nonce));
    Ok(sightings.into_iter().find(|it| it.fingerprint() == *wanted && of_first(it)))
}

/// The case without the payloads of other nonces.
fn only(case: &TestCase, nonce: &Nonce) -> TestCase {
    let mut only = case.clone();
    only.edits.retain(|edit| !matches!(edit, Edit::Plant { nonce: other, .. } if other != nonce));
    only
}

/// The valid event of `case`, every text in it another one: no answer that is remembered for one of them fits.
fn with_other_texts(case: &TestCase, nonces: &mut NonceSource) -> TestCase {
    let mut other = TestCase::new(case.seed.clone());
    let texts = other.points().into_iter().filter(|it| it.role == Role::Data && !it.locator.is_name());
    for (number, point) in (7_001_u64..).zip(texts) {
        let at = point.locator;
        let changed = match other.seed.wire.holds_text(&at) {
            true => other.with_text(&at, nonces.take().as_str()),
            // A number can be a key as well.
            false => {
                let node = Node::from(serde_json::Value::from(number));
                other.with(Edit::SetNode { at, node })
            }
        };
        other = changed.unwrap_or(other);
    }
    other
}
