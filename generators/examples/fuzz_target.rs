//! A fuzz target for a function in Rust: bytes become an event, the event goes to the handler.
//!
//! `fuzz_target` is what a coverage-guided fuzzer calls. As a program this reads the bytes from a file or from standard input,
//! as AFL++ wants it, and as one looks at what a fuzzer has found:
//!
//! ```console
//! $ cargo run -p evfuzz-generators --example fuzz_target -- crash-0123
//! $ cargo afl fuzz -i in -o out target/debug/examples/fuzz_target
//! ```
//!
//! With `cargo fuzz` the same function is the body of `libfuzzer_sys::fuzz_target!`: see the first page of the crate.

#![allow(clippy::print_stdout, reason = "a program for people")]

use std::io::{self, Read as _};

use evfuzz_generators::{case::TestCase, mutate::FromBytes, source::EventSource};
use serde_json::Value;

thread_local! {
    /// Made once: it takes much longer than a test case.
    static CASES: FromBytes = FromBytes::of(EventSource::Sqs);
}

/// The function under test: what a batch of messages orders.
fn handler(event: &Value) -> Result<u64, String> {
    let mut total: u64 = 0;
    for record in event["Records"].as_array().ok_or("no records")? {
        let body = record["body"].as_str().ok_or("no body")?;
        let Ok(order) = serde_json::from_str::<Value>(body) else { continue };
        total = total.saturating_add(order["count"].as_u64().unwrap_or(0));
    }
    Ok(total)
}

/// What a fuzzer calls with bytes of its own.
pub(crate) fn fuzz_target(bytes: &[u8]) -> TestCase {
    let case = CASES.with(|cases| cases.case(bytes));
    let event = case.render().event;
    handler(&event).expect("every batch has records with bodies");
    case
}

/// Runs the bytes in each named file, or those of standard input, and prints the events.
fn main() -> io::Result<()> {
    let mut inputs = Vec::new();
    for file in std::env::args_os().skip(1) {
        inputs.push(std::fs::read(file)?);
    }
    if inputs.is_empty() {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        inputs.push(bytes);
    }
    for bytes in inputs {
        println!("{}", fuzz_target(&bytes).render().event);
    }
    Ok(())
}
