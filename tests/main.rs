//! Tests of the built binary and of rules that hold over the whole repository.
//!
//! Small budgets by default; `EVFUZZ_FULL=1` runs the numbers that the project promises. A test
//! that needs a runtime which is not there says so and passes, unless `CI=true`.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they skipped and found")]

mod bad_input;
mod cage;
mod classes;
mod commands;
mod determinism;
mod doctor;
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod hostile;
mod interruption;
mod invoke;
mod known_bugs;
mod output;
mod quality;
mod replay;
mod robustness;
mod settings;
mod short_lived;
mod source_maps;
mod sources;
mod support;
mod tidy;
mod weak;
mod weaknesses;
