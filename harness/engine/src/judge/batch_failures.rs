//! A report of failed records that the service does not understand.
//!
//! Proof: the answer itself, held against the records of the event. That the function means to report failures is plain
//! from the member that it answers with; what the service makes of it is documented. It needs no twin: a report that is wrong
//! for a valid event is wrong. A function that reports every record may only have been given records of a kind that it is not
//! made for: then what it says of them counts for nothing.

use std::collections::BTreeMap;

use evfuzz_emulator::Outcome;
use evfuzz_generators::case::TestCase;
use evfuzz_generators::source::EventSource;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
batch-failures: the function reports failed records in a way that Lambda does not understand
(CWE-573).

With a misspelled member at the top Lambda takes the batch as done: the failed messages are deleted
from the queue, or the stream goes on without them. With a wrong identifier it takes the whole batch
as failed: what was done already is done again, until the messages expire.

How it is proven: the answer to a batch of SQS, Kinesis or DynamoDB has a member that can mean
nothing but batchItemFailures, but is spelled in another way and holds failures; or one of its
entries has no itemIdentifier, an empty one, null, or one that no record of the event has. (AWS
\"Implementing partial batch responses\".) It is seen again in a fresh process.

What is not reported: an empty or missing list (all is done), failures reported as they should be,
errors that the function raises for the whole batch, and wrong identifiers of all records at once,
as a function gives them that is made for another event source.

Example: return { BatchItemFailures: failed }, or itemIdentifier: record.eventID for a stream, where
the sequence number is wanted.

How to fix it: answer { batchItemFailures: [{ itemIdentifier: id }] } with the messageId of SQS, the
kinesis.sequenceNumber or the dynamodb.SequenceNumber of each failed record, or use the batch
processing of a library.";

/// The member that Lambda reads.
const FAILURES: &str = "batchItemFailures";

/// And in each of its entries.
const IDENTIFIER: &str = "itemIdentifier";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let (Some(id), Some(Outcome::Response(answer))) = (id_of(case.seed.source), &observation.outcome) else {
        return Vec::new();
    };
    let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(&answer.body) else {
        return Vec::new();
    };
    let mistake = match members.get(FAILURES) {
        Some(failures) => {
            entries(failures).and_then(|entries| in_entries(case.seed.source, &entries, &records(case, id)))
        }
        None => members.iter().find_map(|(name, failures)| misspelled(name, failures)),
    };
    let Some(Mistake { what, consequence }) = mistake else { return Vec::new() };
    let start: String = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
    vec![Sighting {
        oracle: OracleId::BatchFailures,
        identity: vec![what.clone()],
        title: format!("failed records are reported in a way that Lambda does not understand: {what}"),
        point: None,
        nonce: None,
        place: None,
        evidence: vec![Evidence::new("answer", start), Evidence::new("so", consequence)],
        standing: Standing::Candidate,
    }]
}

struct Mistake {
    /// In words that do not vary with the data.
    what: String,
    consequence: &'static str,
}

/// What names a record, as a pointer into it: AWS "Implementing partial batch responses" for SQS, "Configuring partial batch
/// response" for Kinesis and DynamoDB.
fn id_of(source: EventSource) -> Option<&'static str> {
    match source {
        EventSource::Sqs => Some("/messageId"),
        EventSource::Kinesis => Some("/kinesis/sequenceNumber"),
        EventSource::DynamoDbStream => Some("/dynamodb/SequenceNumber"),
        _ => None,
    }
}

/// What names each record of the event, in order: in a forged event it can be anything. `None`: nothing does.
fn records(case: &TestCase, id: &str) -> Vec<Option<Value>> {
    let event = case.render().event;
    let records = event["Records"].as_array().into_iter().flatten();
    records.map(|record| record.pointer(id).cloned()).collect()
}

/// What is listed. `None`: nothing is reported, or in a form of which the documentation says nothing.
fn entries(failures: &RawValue) -> Option<Vec<Value>> {
    let entries: Vec<Value> = serde_json::from_str(failures.get()).ok()?;
    (!entries.is_empty()).then_some(entries)
}

/// Without the member Lambda takes all as done.
fn misspelled(name: &str, failures: &RawValue) -> Option<Mistake> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = ["batchitemfailures", "batchitemfailure", "batchitemsfailures", "batchfailures"];
    if !known.contains(&plain.to_ascii_lowercase().as_str()) {
        return None;
    }
    entries(failures)?;
    let what = format!("the member is called {name}, not {FAILURES}");
    Some(Mistake { what, consequence: "Lambda takes the batch as done: the failed records are lost" })
}

fn in_entries(source: EventSource, entries: &[Value], records: &[Option<Value>]) -> Option<Mistake> {
    if entries.len() >= records.len() {
        return None;
    }
    const UNKNOWN: &str = "belongs to no record of the batch";
    let what = entries.iter().find_map(|entry| {
        let Some(entry) = entry.as_object() else {
            return Some("an entry is not an object".to_owned());
        };
        let other = || {
            let alike = |name: &&String| {
                name.replace('_', "").eq_ignore_ascii_case(IDENTIFIER)
                    || name.eq_ignore_ascii_case("messageId")
            };
            entry.keys().find(alike)
        };
        let identifier = entry.get(IDENTIFIER);
        if records.iter().any(|id| id.as_ref() == identifier) {
            return None;
        }
        match identifier {
            None => Some(match other() {
                Some(name) => format!("an entry has {name} instead of {IDENTIFIER}"),
                None => format!("an entry has no {IDENTIFIER}"),
            }),
            Some(Value::String(id)) if id.is_empty() => Some(format!("an {IDENTIFIER} is empty")),
            Some(Value::String(_)) => Some(format!("an {IDENTIFIER} {UNKNOWN}")),
            Some(Value::Null) => Some(format!("an {IDENTIFIER} is null")),
            Some(_) => Some(format!("an {IDENTIFIER} is not a text")),
        }
    })?;
    // Of a stream it is documented for the other mistakes only.
    let consequence = if source != EventSource::Sqs && what.ends_with(UNKNOWN) {
        "Lambda goes on from a sequence number of the batch: this says nothing of where"
    } else {
        "Lambda takes the whole batch as failed: what was done is done again"
    };
    Some(Mistake { what, consequence })
}
