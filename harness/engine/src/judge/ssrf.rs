//! Event data chose the address that the function asks.
//!
//! Proof: the sandbox saw a connection to the address that the payload names. It is one of sixteen million on loopback, with
//! one of sixteen thousand ports, made for this payload alone: nobody asks it who was not told to. So it is the host that the
//! sender chose, not a path on one of the function's. Who refuses loopback, as one that calls webhooks should, never asks;
//! looking its name up is allowed. Or the payload is a `file:` URL, and its canary file was opened.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::reached::sighting;
use super::{Sighting, planted_of};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
ssrf: text from the event chose the address that the function asks (CWE-918).

The function asks from where it stands: the Runtime API on loopback, which hands out the events of
others, services in its VPC, metadata services that hand out credentials.

How it is proven: the payload is a URL, or a part of one, with an address on loopback and a port that
were made for this test case and this field. The sandbox saw the function, or a program that it
started, connect there, in whatever language it is written. Or it is the port on the metadata address
169.254.169.254, or a file: URL to a canary file that was opened. Again in a fresh process with
another address, and not with a benign text in its place. Nothing leaves the machine: the function
is confined, and the attempt is the proof.

What is not reported: text in the path or the query of a URL whose host the function chose; functions that
ask any public address by design but refuse loopback and link-local addresses; names that are looked up
and then refused; redirects.

Example: fetch(body.callback), or axios.get(path, { baseURL }) with axios 0.21, which takes absolute URLs
for the path.

How to fix it: put the host into your own code and only encoded parts into the path. Where users choose the
host: parse the URL, resolve the name, refuse all addresses that are not public, and connect to the
address that was checked. No redirects.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    if observation.connects.is_empty() && observation.opens.is_empty() {
        return Vec::new();
    }
    let planted = planted_of(case, |class| class == PayloadClass::Ssrf);
    let what = "chooses the address that the function asks";
    planted.iter().filter_map(|it| sighting(it, observation, OracleId::Ssrf, what)).collect()
}
