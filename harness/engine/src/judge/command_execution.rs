//! Event data was run as a command.
//!
//! Proof: the canary program *itself* ran and said so; its name is a nonce that occurs nowhere but
//! in this payload at this injection point. Neither an attempt to execute nor a quoted argument
//! that merely contains the payload counts.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::{Sighting, canaries_that_ran};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
command-execution: text from the event was run as a command (CWE-78).

How it is proven: the payload asks a shell to run a canary command whose name is a random word
made for this test case and this field. The canary is a harmless program first in PATH that
reports that it ran. The finding is reported only if the canary of exactly this field ran, ran
again in a fresh process with a fresh name, and did not run with a benign text in its place.

What is not reported: a payload that arrives as a quoted argument, a program that the function
starts by design, an attempt to start a program that does not exist.

Example: execSync('convert ' + key) with an S3 key `a;id;.png`, or subprocess.run(f'tar xf {name}',
shell=True) with a name from a message.

How to fix it: do not build command lines from text. Start the program with an argument array and
no shell (execFile, subprocess.run([...])), put `--` before arguments that come from the event,
and check the value against an allow-list first.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    canaries_that_ran(case, observation, OracleId::CommandExecution, "is run as a command", |class| {
        class == PayloadClass::ShellCommand
    })
}
