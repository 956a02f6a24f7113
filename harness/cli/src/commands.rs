//! The commands: one file each. Here: dispatch and the one place that prints errors.

mod bench;
mod doctor;
mod explain;
mod function;
mod generate;
mod invoke;
mod replay;
mod run;
mod shell;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::report::text::to_stderr;

/// First argument of evfuzz when it runs as its own keeper. Not for people.
pub(crate) const KEEPER: &str = "evfuzz-keeper";

/// Parses the arguments, runs the command, tells errors, says how it ended.
pub(crate) fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Invoke(args) => invoke::invoke(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Shell(args) => shell::shell(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Bench(args) => bench::bench(&args),
    };
    match result {
        Ok(exit) => exit.code(),
        Err(failure) => {
            to_stderr(&format!("evfuzz: {}\n", failure.message));
            failure.exit.code()
        }
    }
}
