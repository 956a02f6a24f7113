//! The function accepts a token that nobody signed who may.
//!
//! Proof: three tokens that everybody has to refuse (none, one that is no token, one with a signature of zeros) are refused, and
//! a forged one with the same claims is accepted, in fresh processes, before and after. So the function does look at tokens and at
//! signatures. Who accepts all of them ignores the token, or leaves it to an authorizer in front, and is not reported; an
//! authorizer that accepts the signature of zeros is.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::forge::Flaw;

use super::{Sighting, Standing, identity};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
token-forgery: a JSON Web Token is accepted that nobody signed who may (CWE-347).

Whoever writes such a token is whoever he says he is.

How it is proven: no token, a text that is none and a token with a signature of zeros are refused; a
forged one with the same claims is accepted: without a signature (alg none), signed with an empty key,
with the word \"secret\", or with the public key that lies with the function, taken for a secret.
Each in a fresh process, the forged one twice.

An authorizer that refuses the first two and accepts any signature is reported, too.

What is not reported: other functions that accept them all. They do not look at the token, or leave that
to an authorizer in front of them.

Example: jwt.verify(token, publicKey) without { algorithms: ['RS256'] } in jsonwebtoken before 9.

How to fix it: name the algorithms that are accepted, refuse to start without a key, and take keys
from a place of your own, never from the token.";

pub(super) fn judge(_: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let Some(forged) = &observation.forged else { return Vec::new() };
    vec![Sighting {
        oracle: OracleId::TokenForgery,
        identity: vec![identity(&forged.point)],
        title: format!("a forged token in {} is accepted", forged.point),
        point: Some(forged.point.clone()),
        nonce: None,
        place: None,
        evidence: vec![
            Evidence::new("token", forged.token.clone()),
            Evidence::new("which is", forged.flaw.title()),
            Evidence::new(
                "refused",
                match forged.flaw {
                    Flaw::AnySignature => "no token, a text that is none",
                    _ => "no token, a text that is none, a signature of zeros",
                },
            ),
        ],
        standing: Standing::Candidate,
    }]
}
