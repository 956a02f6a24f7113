//! The commands: one file each. Here: dispatch and the one place that prints errors.

mod bench;
mod doctor;
mod explain;
mod function;
mod generate;
mod given;
mod inspect;
mod invoke;
mod replay;
mod run;
mod shell;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::report::output::{self, to_stderr};
use crate::signals;

/// First argument of evfuzz when it runs as its own keeper. Not for people.
pub(crate) const KEEPER: &str = "evfuzz-keeper";

/// Parses the arguments, runs the command, tells errors, says how it ended.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return told(&answer),
    };
    // The others have something to save or to restore, and listen for themselves.
    if !matches!(cli.command, Command::Run(_) | Command::Replay(_) | Command::Shell(_))
        && let Err(error) = signals::listen_to_end()
    {
        return end(Err(Failure::environment(format!("cannot listen for Ctrl-C: {error}"))));
    }
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Invoke(args) => invoke::invoke(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Shell(args) => shell::shell(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Bench(args) => bench::bench(&args),
    };
    match result {
        Ok(exit) => end(output::outcome(exit)),
        // Two things have gone wrong, and the code of the first one says more.
        Err(failure) => {
            if let Err(other) = output::outcome(failure.exit) {
                to_stderr(&format!("evfuzz: {}\n", other.message));
            }
            end(Err(failure))
        }
    }
}

fn end(result: Result<Exit, Failure>) -> ExitCode {
    match result {
        Ok(exit) => exit.code(),
        Err(failure) => {
            to_stderr(&format!("evfuzz: {}\n", failure.message));
            failure.exit.code()
        }
    }
}

/// Prints what the parser of arguments has to say: help and the version are data, all else is an error of usage.
fn told(answer: &clap::Error) -> ExitCode {
    if answer.use_stderr() {
        // Where even that fails, there is nobody to tell.
        let _ = answer.print();
        return Exit::Usage.code();
    }
    if std::io::stdout().is_terminal() {
        // In colors, if they are wanted.
        let _ = answer.print();
    } else {
        output::to_stdout(&answer.render().to_string());
    }
    end(output::outcome(Exit::Clean))
}
