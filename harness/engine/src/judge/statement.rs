//! Where a payload stands in a text that a driver or service reads: what the oracles on such texts have in common.

use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::nonce::Nonce;

use super::{Sighting, identity, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Observation, Record};

/// What is looked for of one payload in a text.
///
/// Functions change what they get before they use it: they fold case, cut the end off, or take quotes away or put something
/// before them. So the parts between quotes count as well, if they say more than a name: a function that lets only the
/// characters of names through leaves none of them.
pub(super) struct Parts {
    parts: Vec<String>,
}

/// What functions put before, double, or take away.
const QUOTES: [char; 4] = ['\'', '"', '`', '\\'];

impl Parts {
    pub(super) fn of(text: &str, nonce: &Nonce) -> Parts {
        let whole = [text.to_owned(), text.trim().to_owned(), text.to_lowercase()];
        let between = text.split(QUOTES).map(str::to_owned);
        let mut parts: Vec<String> = Vec::new();
        for part in whole.into_iter().chain(between) {
            if part.contains(nonce.as_str()) && !is_name(&part) && !parts.contains(&part) {
                parts.push(part);
            }
        }
        Parts { parts }
    }

    /// Whether one of them stands in `text` where `counts` says that it counts.
    pub(super) fn stand_in(&self, text: &str, counts: impl Fn(std::ops::Range<usize>) -> bool) -> bool {
        let places = |part: &String| {
            let length = part.len();
            text.match_indices(part.as_str()).map(move |(at, _)| at..at + length).collect::<Vec<_>>()
        };
        self.parts.iter().flat_map(places).any(counts)
    }
}

/// Whether a text is one that code may take for a name once it has looked at its characters: `a`, `a.b`, `a-b[0]`.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || "_.-$#:[]@".contains(c))
}

/// What stays the same of a point: the member of a document that it is in. An object in the place of a text is one flaw of a function
/// that makes a text of it, and so is another part of a document that goes into the same statement.
fn field(point: &str) -> String {
    let point = identity(point).replace("»base64»", "»");
    let (document, path) = point.rsplit_once('»').map_or(("", point.as_str()), |(it, path)| (it, path));
    let mut parts = path.split('/');
    let first = parts.next().unwrap_or_default();
    let member = parts.next().unwrap_or_default();
    if document.is_empty() { point } else { format!("{document}»{first}/{member}") }
}

/// A sighting for every payload that `counts` finds in a record of the observation.
pub(super) fn in_records<'o>(
    case: &TestCase,
    observation: &'o Observation,
    (oracle, what): (OracleId, &str),
    is_one: impl Fn(&Record) -> bool,
    counts: impl Fn(&'o Record, &Planted) -> Option<Evidence>,
) -> Vec<Sighting> {
    if !observation.records.iter().any(&is_one) {
        return Vec::new();
    }
    let sighting = |planted: &Planted| {
        let mut records = observation.records.iter().filter(|it| it.holds(&planted.nonce));
        let (record, seen) = records.find_map(|it| Some((it, counts(it, planted)?)))?;
        let evidence = vec![Evidence::new("payload", planted.text.clone()), seen];
        let sighting = sighting_at(planted, oracle, what, evidence);
        let identity = vec![field(planted.point.path())];
        Some(Sighting { place: record.place.clone(), identity, ..sighting })
    };
    case.sent().planted.iter().filter_map(sighting).collect()
}

#[cfg(test)]
mod tests;
