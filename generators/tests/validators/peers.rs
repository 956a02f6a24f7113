//! The judges in other languages: Powertools for AWS Lambda in Python and in TypeScript.
//!
//! Fetched once by pip and npm into `target/fetched`. One process each lives as long as the test and answers
//! line by line.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use crate::{
    fetched::{cached, run},
    support::root,
};

/// The releases whose refusals are listed in `refusals.txt`.
const PYTHON: [&str; 2] = ["aws-lambda-powertools==3.37.0", "pydantic==2.14.4"];
const NODE: [&str; 2] = ["@aws-lambda-powertools/parser@2.35.0", "zod@4.6.7"];

/// A process that judges events.
pub(crate) struct Peer {
    child: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Starts the parser models of Powertools for AWS Lambda (Python).
///
/// # Errors
///
/// What is missing, or what pip said.
pub(crate) fn pydantic() -> Result<Peer, String> {
    let version = run(Command::new("python3").arg("--version"))?;
    let recipe = format!("{PYTHON:?} {}", version.trim());
    let folder = cached("powertools-python", &recipe, |folder| {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
        run(Command::new("python3").args(pip).arg(folder).args(PYTHON)).map(drop)
    })?;
    Peer::start(Command::new("python3").arg(script("peer.py")).env("PYTHONPATH", folder))
}

/// Starts the zod schemas of Powertools for AWS Lambda (TypeScript).
///
/// # Errors
///
/// What is missing, or what npm said.
pub(crate) fn zod() -> Result<Peer, String> {
    let folder = cached("powertools-typescript", &format!("{NODE:?}"), |folder| {
        let npm = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        run(Command::new("npm").args(npm).arg(folder).args(NODE)).map(drop)
    })?;
    Peer::start(Command::new("node").arg(script("peer.mjs")).arg(folder))
}

fn script(name: &str) -> PathBuf {
    root().join("generators/tests/validators").join(Path::new(name))
}

impl Peer {
    fn start(command: &mut Command) -> Result<Peer, String> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{command:?} cannot be started: {error}"))?;
        let (asked, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Ok(Peer { child, asked, answers: BufReader::new(answers) })
    }

    /// The reasons for which each event, judged by the model of that name, is refused. None: accepted.
    pub(crate) fn judge(&mut self, events: &[(&str, String)]) -> Vec<Vec<String>> {
        let Peer { asked, answers, .. } = self;
        // Asked from a thread of its own: both sides would wait if the answers were not read meanwhile.
        thread::scope(|scope| {
            scope.spawn(move || {
                for (model, event) in events {
                    writeln!(asked, "{{\"model\":\"{model}\",\"event\":{event}}}").expect("the peer reads");
                }
                asked.flush().expect("the peer reads");
            });
            let mut line = String::new();
            let answers = events.iter().map(|(model, event)| {
                line.clear();
                answers.read_line(&mut line).expect("the peer answers in UTF-8");
                let reasons = serde_json::from_str(&line);
                reasons.unwrap_or_else(|error| panic!("{model} answered {line:?} ({error}) to {event}"))
            });
            answers.collect()
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Errors: it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
