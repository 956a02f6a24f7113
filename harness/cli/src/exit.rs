//! Exit codes, and what each error looks like to a person.
//!
//! Exit codes are part of the interface: they tell "found something" from "could not look".

use std::path::Path;
use std::process::ExitCode;

use evfuzz_emulator::Outcome;
use evfuzz_engine::{EngineError, in_words};
use evfuzz_runtimes::RuntimeError;
use evfuzz_sandbox::{Exceeded, SandboxError};

use crate::report::escape::{printable, printable_line};

/// How evfuzz ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing new was found; every replayed finding is fixed.
    Clean,
    /// There are findings.
    Findings,
    /// Wrong arguments or configuration.
    Usage,
    /// The function cannot be started, fails in the same way on every event, or ends after each answer.
    Function,
    /// Nothing could be executed or fuzzed, or results could not be written.
    Environment,
    /// Ended by a person; results are saved.
    Interrupted,
    /// As the command that was asked for ended.
    Command(u8),
}

impl Exit {
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Function => 3,
            Exit::Environment => 4,
            Exit::Interrupted => 130,
            Exit::Command(code) => code,
        })
    }
}

/// Why a command ended without a result.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What happened and what to do, possibly several lines. Escaped.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into() }
    }

    pub(crate) fn environment(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Environment, message: message.into() }
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Failure {
        Failure { exit: exit_of(&error), message: causes(&error) }
    }
}

fn exit_of(error: &RuntimeError) -> Exit {
    match error {
        RuntimeError::UnknownRuntime { .. }
        | RuntimeError::PathMissing { .. }
        | RuntimeError::TooManyLayers { .. }
        | RuntimeError::NoLayer { .. }
        | RuntimeError::MalformedHandler { .. }
        | RuntimeError::TypeScriptForOfficial { .. }
        | RuntimeError::RuntimeMismatch { .. } => Exit::Usage,
        RuntimeError::NotMerged { .. } => Exit::Environment,
        _ => Exit::Function,
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        let exit = match &error {
            EngineError::Files(files) => exit_of(files),
            EngineError::CannotInitialize { failure } => {
                return Failure { exit: Exit::Function, message: cannot_initialize(failure) };
            }
            EngineError::Sandbox(sandbox)
            | EngineError::Emulator(evfuzz_emulator::EmulatorError::Start { source: sandbox }) => {
                match sandbox {
                    SandboxError::Exec { .. } | SandboxError::Unreadable { .. } => Exit::Function,
                    _ => Exit::Environment,
                }
            }
            EngineError::Emulator(evfuzz_emulator::EmulatorError::Serve { .. })
            | EngineError::Write { .. }
            | EngineError::Worker { .. }
            | EngineError::Corpus(_) => Exit::Environment,
        };
        let mut message = causes(&error);
        if let EngineError::Sandbox(
            SandboxError::TooWeak { .. }
            | SandboxError::Unavailable { .. }
            | SandboxError::PromiseBroken { .. },
        ) = &error
        {
            message.push_str("\n  `evfuzz doctor` says what to do about it.");
        }
        if written(&error).is_some_and(|it| it.starts_with(std::env::temp_dir())) {
            message.push_str(&in_temporary_folder());
        }
        Failure { exit, message }
    }
}

/// What could not be written.
fn written(error: &EngineError) -> Option<&Path> {
    match error {
        EngineError::Write { path, .. } | EngineError::Sandbox(SandboxError::RunDir { path, .. }) => {
            Some(path)
        }
        EngineError::Files(RuntimeError::NotMerged { to, .. }) => Some(to),
        _ => None,
    }
}

/// What to do if something of ours cannot be written to the folder for temporary files.
pub(crate) fn in_temporary_folder() -> String {
    let folder = printable(&std::env::temp_dir().display().to_string());
    let named =
        if std::env::var_os("TMPDIR").is_some() { "that is what TMPDIR says" } else { "TMPDIR is not set" };
    format!(
        "\n  evfuzz keeps its own files in {folder} ({named}): make room there, or name another folder with TMPDIR=DIR"
    )
}

/// An error and its causes, each on a line of its own.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = printable(&error.to_string());
    let mut last = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        if line != last {
            text.push_str("\n  because: ");
            text.push_str(&printable(&line));
        }
        last = line;
        cause = error.source();
    }
    text
}

fn cannot_initialize(failure: &evfuzz_emulator::InitFailure) -> String {
    let mut text = match &failure.outcome {
        Outcome::InitError(report) => {
            #[derive(serde::Deserialize)]
            struct ErrorDocument {
                #[serde(rename = "errorMessage", default)]
                message: String,
                #[serde(rename = "stackTrace", alias = "trace", default)]
                trace: Vec<serde_json::Value>,
            }
            let mut text = format!("the function cannot be initialized: {}", printable(&report.error_type));
            if let Ok(document) = serde_json::from_slice::<ErrorDocument>(&report.body) {
                text.push_str("\n  ");
                text.push_str(&printable(&document.message).replace("\\n", "\n  "));
                for line in document.trace.iter().filter_map(|line| line.as_str()).take(12) {
                    text.push_str("\n    ");
                    text.push_str(&printable(line.trim()).replace("\\n", "\n    "));
                }
            }
            text
        }
        Outcome::TimedOut { after } => {
            format!("the function does not ask for an event within {:.0} s", after.as_secs_f64())
        }
        other => {
            let how = printable(&in_words(other));
            format!("the function's process ends before it asks for an event: {how}")
        }
    };
    text.push_str(match &failure.outcome {
        Outcome::Exited { .. } => {
            "\n  A bootstrap must loop over GET http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next."
        }
        Outcome::TimedOut { .. } => {
            "\n  A bootstrap must call GET http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next; \
             slow imports can be given more time with --init-timeout."
        }
        Outcome::LimitExceeded { limit: Exceeded::Memory } => "; give it more with --memory MB",
        Outcome::LimitExceeded { limit: Exceeded::Scratch } => "; give it more with --tmp MB",
        _ => "",
    });
    let log = failure.log.lossy();
    let lines: Vec<&str> = log.lines().collect();
    if !lines.is_empty() {
        text.push_str("\n  its output ends with:");
        for line in &lines[lines.len().saturating_sub(8)..] {
            text.push_str("\n    ");
            text.push_str(&printable_line(line));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_the_temporary_folder_names_its_variable() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let below = std::env::temp_dir().join("evfuzz-x/clients");
        let merged = RuntimeError::NotMerged { layer: "layer".into(), to: below.clone(), source: full() };
        for error in [
            EngineError::Write { path: below.clone(), source: full() },
            EngineError::Sandbox(SandboxError::RunDir { path: below, source: full() }),
            EngineError::Files(merged),
        ] {
            let failure = Failure::from(error);
            assert_eq!(failure.exit, Exit::Environment, "{}", failure.message);
            assert!(failure.message.contains("TMPDIR=DIR"), "{}", failure.message);
        }
        let elsewhere = EngineError::Write { path: "/nowhere/corpora".into(), source: full() };
        assert!(!Failure::from(elsewhere).message.contains("TMPDIR"));
    }
}
