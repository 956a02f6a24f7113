//! Tokens that nobody signed who may: does the function accept one, though it refuses others?
//!
//! The trio of sqlmap's JWT check, turned around, since a valid token is not at hand: tokens that everybody refuses show that the
//! function looks at them at all, and a forged one with the same claims must then be refused as well.

use std::rc::Rc;
use std::sync::Arc;

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::forge::TokenPlace;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::source::EventSource;
use serde_json::Value;

use crate::baseline::Reaction;
use crate::error::EngineError;
use crate::invoke::Invoker;
use crate::observe::{Forged, Observation};

/// Whether what the answer says is yes: for an authorizer, that somebody may do something; for others, a status that is no way to
/// a login.
pub(crate) fn grants(source: EventSource, observation: &Observation) -> bool {
    if Reaction::of(observation) != Reaction::Accepts {
        return false;
    }
    let Some(Outcome::Response(answer)) = &observation.outcome else { return false };
    let answer = serde_json::from_slice::<Value>(&answer.body);
    if !source.is_authorizer() {
        let status = answer.ok().and_then(|it| it["statusCode"].as_u64());
        return status.is_none_or(|it| !(300..400).contains(&it));
    }
    let Ok(answer) = answer else { return false };
    let statements = answer["policyDocument"]["Statement"].as_array();
    let allows = statements.is_some_and(|all| all.iter().any(|it| it["Effect"] == "Allow"));
    allows || answer["isAuthorized"] == true
}

/// Tries forged tokens in the place of one in the valid event `seed`. What comes back was accepted, twice, in fresh processes.
pub(crate) async fn forge(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    seed: &Arc<Seed>,
    place: &TokenPlace,
    public: &[String],
) -> Result<Option<(Rc<TestCase>, Observation)>, EngineError> {
    let valid = TestCase::new(Arc::clone(seed));
    if !invoker.may_go_on() || !refuses(invoker, nonces, &valid, place).await? {
        return Ok(None);
    }
    for number in 0..place.forged("", public).len() {
        let mut accepted = None;
        for _ in 0..2 {
            let subject = nonces.take();
            let (flaw, token) = place.forged(subject.as_str(), public).swap_remove(number);
            let Some(case) = place.put(&valid, &token).map(Rc::new) else { break };
            if !invoker.may_go_on() {
                return Ok(None);
            }
            let mut observation = invoker.deliver_fresh(&case).await?;
            if !grants(seed.source, &observation) {
                accepted = None;
                break;
            }
            observation.forged = Some(Forged { point: place.path.clone(), token, flaw });
            accepted = Some((case, observation));
        }
        // Whether it refuses may be a matter of how often it was asked.
        if accepted.is_some() && refuses(invoker, nonces, &valid, place).await? {
            return Ok(accepted);
        }
    }
    Ok(None)
}

/// Whether the function refuses tokens that everybody has to refuse, in a fresh process.
async fn refuses(
    invoker: &mut Invoker<'_>,
    nonces: &mut NonceSource,
    valid: &TestCase,
    place: &TokenPlace,
) -> Result<bool, EngineError> {
    let subject = nonces.take();
    let mut last = false;
    // Nobody is in front of an authorizer, so that it does not look at signatures is the flaw.
    let looks_at_signatures = if valid.seed.source.is_authorizer() { 2 } else { 3 };
    for token in place.refused(subject.as_str()).into_iter().take(looks_at_signatures) {
        let case = place.put(valid, &token);
        // Of the last one depends that signatures are looked at.
        last = case.is_some();
        let Some(case) = case else { continue };
        if !invoker.may_go_on() {
            return Ok(false);
        }
        let observation = invoker.deliver_fresh(&Rc::new(case)).await?;
        // Who does not answer refuses nothing.
        let is_silent = matches!(observation.outcome, Some(Outcome::TimedOut { .. }));
        if is_silent || grants(valid.seed.source, &observation) {
            return Ok(false);
        }
    }
    Ok(last)
}
