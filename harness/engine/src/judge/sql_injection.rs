//! Event data became part of the structure of an SQL statement.
//!
//! Proof: an observer saw the statement as the driver got it, and the payload, or what lies between its quotes, covers more than one
//! token of it. Data is one token or within one (a string, a quoted name, a comment), however it is escaped, and the benign twin is
//! letters only: another payload makes another structure (Su and Wassermann, "The essence of command injection attacks in web
//! applications", POPL 2006). Values that are bound are not in the statement at all, and names that were checked have no
//! characters but those of names: neither counts.
//!
//! Or the engine itself says that it has no function with the name of the nonce, which the payload calls: it has read a call where the
//! function wrote data. That it has no such column says nothing: a checked name is one, a name in quotes too, and so is a word
//! of a full-text query that was bound.

use evfuzz_generators::breakout::{Dialect, sql_tokens_in};
use evfuzz_generators::case::{Planted, TestCase};

use super::statement::{Parts, in_records};
use super::{Sighting, said, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Engine, Observation, Record};

pub(super) const EXPLANATION: &str = "\
sql-injection: text from the event became part of an SQL statement (CWE-89).

How it is proven: an observer in the function's process saw the statement that was handed to the
driver (in Java to any driver of JDBC), or to the Data API of RDS. The payload, with a random word made for this test case and
this field, covers several tokens of it, where a benign text is one: it left its quotes, or stood
in none. Or the engine complains that it has no function of that random name. Again in a fresh
process with a fresh word, and not with a benign text in its place.

What is not reported: values that are bound to placeholders, literals and names that are quoted
correctly for their engine, names that are checked against a list or for their characters.

Example: db.execute(f\"SELECT * FROM orders WHERE customer = '{customer}'\"), ORDER BY ${column}.

How to fix it: bind every value (?, %s, $1), and choose names of columns and tables from a list of
the function's own.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let oracle = (OracleId::SqlInjection, WHAT);
    let is_one = |it: &Record| matches!(it.act, Act::Statement { .. });
    let mut sightings = in_records(case, observation, oracle, is_one, |record, planted| {
        let Act::Statement { engine, text } = &record.act else { return None };
        let dialects: &[Dialect] = match engine {
            Engine::Sqlite => &[Dialect::Sqlite],
            Engine::PostgreSql => &[Dialect::PostgreSql],
            Engine::MySql => &[Dialect::MySql],
            // It must be proof whatever it is.
            Engine::Unknown => &[Dialect::PostgreSql, Dialect::MySql],
            Engine::PartiQl => return None,
        };
        let parts = Parts::of(&planted.text, &planted.nonce);
        let breaks = |dialect: &Dialect| parts.stand_in(text, |it| sql_tokens_in(*dialect, text, &it) > 1);
        dialects.iter().all(breaks).then(|| Evidence::new("statement", text.clone()))
    });
    for told in complaints(case, observation) {
        // The statement says more.
        if sightings.iter().all(|it| it.nonce != told.nonce) {
            sightings.push(told);
        }
    }
    sightings
}

const WHAT: &str = "becomes part of an SQL statement";

/// What engines say of a name that they do not know.
fn complaints(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let said = said(observation);
    let complains = said.iter().any(|(_, text)| ENGINES.iter().any(|it| text.contains(it.said)));
    if !complains {
        return Vec::new();
    }
    let sighting = |planted: &Planted| {
        let (place, line) = said.iter().find_map(|(place, text)| {
            let line = text.lines().find(|line| ENGINES.iter().any(|it| it.complains(line, planted)))?;
            Some((*place, line))
        })?;
        let shown = line.chars().take(LONGEST).collect::<String>();
        let evidence = vec![Evidence::new("payload", planted.text.clone()), Evidence::new(place, shown)];
        Some(sighting_at(planted, OracleId::SqlInjection, WHAT, evidence))
    };
    case.sent().planted.iter().filter_map(sighting).collect()
}

/// Characters of a line that are shown.
const LONGEST: usize = 200;

/// A sentence of an engine around the name of a function.
struct Sentence {
    before: &'static str,
    after: &'static str,
    /// A part that every such sentence has.
    said: &'static str,
}

/// SQLite: `resolve.c`. PostgreSQL: `parse_func.c`. MySQL: `ER_SP_DOES_NOT_EXIST` (in its "Server Error Message Reference").
const ENGINES: [Sentence; 3] = [
    Sentence { before: "no such function: ", after: "", said: "no such function: " },
    Sentence { before: "function ", after: "() does not exist", said: "() does not exist" },
    Sentence { before: ".", after: " does not exist", said: "FUNCTION " },
];

impl Sentence {
    fn complains(&self, line: &str, planted: &Planted) -> bool {
        let nonce = planted.nonce.as_str();
        if !line.contains(self.said) || !planted.text.contains(&format!("{nonce}(")) {
            return false;
        }
        let wanted = format!("{}{nonce}{}", self.before, self.after);
        line.match_indices(&wanted).any(|(at, _)| {
            let next = line[at + wanted.len()..].chars().next();
            // The nonce is all of the name.
            next.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        })
    }
}
