//! Event data made an XML parser open a file or ask an address.
//!
//! Proof: the payload is a document with an external entity, and the sandbox saw that its canary file was opened or its canary
//! address was asked. A parser that resolves nothing external does neither; entities that the document defines itself are not
//! looked at, since many parsers resolve those by design.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::reached::sighting;
use super::{Sighting, planted_of};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
xxe: an XML document from the event opened a file or asked an address (CWE-611).

External entities, external document types and XInclude make a parser read what the document names: files
of the function, which come out in its answer or error, and addresses on its network.

How it is proven: the payload is a document that refers to a canary file with a random name, or to an
address on loopback, both made for this test case and this field. The sandbox saw the function's process
open that file or connect to that address, in whatever language it is written. Again in a fresh process with
a fresh name, and not with a plain document in its place.

What is not reported: entities that the document itself defines, which are text; documents that
are refused for having a document type.

Example: lxml.etree.parse(source, etree.XMLParser(resolve_entities=True)), xml.sax with
feature_external_ges, DocumentBuilderFactory in Java as it comes.

How to fix it: lxml: XMLParser(resolve_entities=False, no_network=True); xml.sax: leave
feature_external_ges off, or use defusedxml; Java: the feature disallow-doctype-decl; libxmljs: no
noent.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    if observation.connects.is_empty() && observation.opens.is_empty() {
        return Vec::new();
    }
    let planted = planted_of(case, |class| class == PayloadClass::Xxe);
    let what = "opens files or asks addresses as an XML document";
    planted.iter().filter_map(|it| sighting(it, observation, OracleId::Xxe, what)).collect()
}
