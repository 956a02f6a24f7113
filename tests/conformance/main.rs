//! The conformance matrix: every client of the Runtime API against every way in which an invocation can end.
//!
//! `clients` fetches and builds them, `functions/` asks the same of each in its own language,
//! `expected` is what AWS answers, `invoke` runs `evfuzz invoke` and reads it, `matrix` compares and prints the table.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they skipped and found")]

mod clients;
mod expected;
#[path = "../fetched.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod invoke;
mod matrix;
mod noise;
#[path = "../support.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod support;
