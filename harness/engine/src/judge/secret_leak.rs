//! A secret of the function stands in what it says.
//!
//! Proof: the value itself. The function's credentials are made for it and stand nowhere else; of the user's variables those
//! count whose values are no ordinary text; and what stands in the event is no secret. So it needs no twin: a function that
//! tells its secrets with every event tells them all the same.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::source::Delivery;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Leak, Observation, Output};

pub(super) const EXPLANATION: &str = "\
secret-leak: the answer, the error, the log or a file left in /tmp holds a secret of the function
(CWE-200; in a log CWE-532).

Whoever reads AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN can do what the function's role may do,
from anywhere, until they expire. Logs are read by more people and programs than the function's
secrets are meant for, and are kept for longer.

How it is proven: the function runs with credentials that were made for it, open nothing and stand
nowhere else, and their value is in its output: as it is, escaped, percent-encoded, reversed, in
base64 or in hexadecimal. The same goes for the variables given with --env or in evfuzz.toml whose
names speak of a secret (SECRET, TOKEN, PASSWORD, API_KEY, PRIVATE_KEY, CREDENTIAL, ...). It is seen
again in a fresh process. A function that does it with every event is reported once.

What is not reported: files that are gone when the function answers, values that the event itself holds, values that are words, numbers, paths or
addresses, and the session token in a signed request (X-Amz-Security-Token of a presigned URL or
POST).

Example: console.log(process.env) while looking for an error, or an error message that quotes the
connection string.

How to fix it: log and answer with chosen fields only, never with the environment, a client object
or its configuration; redact secrets in the logger; change a secret that has been logged.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    if observation.leaks.is_empty() {
        return Vec::new();
    }
    let leaks = |output: Output| observation.leaks.iter().filter(move |leak| leak.output == output);
    let in_error: Vec<&Leak> = leaks(Output::Error).collect();
    // Runtimes log errors themselves: that is the same leak.
    let logged = leaks(Output::Log).filter(|leak| in_error.iter().all(|it| it.name != leak.name));
    let (response, log) = (leaks(Output::Response).collect(), logged.collect());
    let left = leaks(Output::File).collect();
    [(Output::Response, response), (Output::Error, in_error), (Output::Log, log), (Output::File, left)]
        .into_iter()
        .filter_map(|(output, leaks)| sighting(case, observation, output, leaks))
        .collect()
}

fn sighting(
    case: &TestCase,
    observation: &Observation,
    output: Output,
    leaks: Vec<&Leak>,
) -> Option<Sighting> {
    let first = *leaks.first()?;
    let mut names: Vec<&str> = leaks.iter().map(|leak| &*leak.name).collect();
    names.sort_unstable();
    names.dedup();
    let awaited = case.seed.source.delivery() == Delivery::Synchronous;
    let (id, place, readers) = match output {
        Output::Response if awaited => ("response", "the answer", "whoever sends the event"),
        Output::Response => ("response", "the answer", "what is configured as the function's destination"),
        Output::Error => ("error", "the error document", "whoever invokes the function, and its log"),
        Output::Log => ("log", "the log", "everybody who may read the log"),
        Output::File => (
            "file",
            "a file left in /tmp",
            "whoever can make the function read a file, as long as the environment lives",
        ),
    };
    let value = if names.len() == 1 { "the value" } else { "the values" };
    let evidence = vec![
        Evidence::new("secret", format!("{}, {}", names.join(", "), first.form.in_words())),
        Evidence::new("found in", format!("{place}: {}", first.excerpt)),
        Evidence::new("read by", readers),
    ];
    let error = observation.error.as_ref().filter(|_| output == Output::Error);
    Some(Sighting {
        oracle: OracleId::SecretLeak,
        identity: vec![id.to_owned(), names.join(",")],
        title: format!("{place} holds {value} of {}", in_words(&names)),
        point: None,
        nonce: None,
        place: error.and_then(|error| error.place()),
        evidence,
        standing: Standing::Candidate,
    })
}

/// `A`, `A and B`, `A, B and 4 others`.
fn in_words(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => {
            let others = if rest.len() == 1 { "other" } else { "others" };
            format!("{one}, {two} and {} {others}", rest.len())
        }
    }
}
