//! `recorded.txt`: what is done in each scenario and what the original answers, for people and for the tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::masks::shown;
use crate::support::root;
use crate::walk::{Event, Scenario, Step};

const TOP: &str = "What the emulator of AWS answers. Written by the test `original` with UPDATE_EXPECT=1; read what changed.\n\
                   `0>` a request on connection 0, `1 =` the first answer, status, headers in the order of their names, body.\n\
                   Names in capitals stand for what differs from walk to walk.\n";

fn path() -> PathBuf {
    root().join("tests/original/recorded.txt")
}

/// The answers by scenario.
pub(crate) fn read() -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let text = fs::read_to_string(path()).unwrap_or_default();
    let mut lines: Option<&mut Vec<String>> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            lines = Some(all.entry(name.to_owned()).or_default());
        } else if let (Some(lines), Some((number, answer))) = (&mut lines, line.split_once(" = "))
            && number.parse() == Ok(lines.len() + 1)
        {
            lines.push(answer.to_owned());
        }
    }
    all
}

/// Writes all of it anew.
pub(crate) fn write(walked: &[(&Scenario, Vec<String>)]) {
    let mut text = TOP.to_owned();
    for (scenario, lines) in walked {
        writeln!(text, "\n# {}", scenario.name).unwrap();
        let mut answers = lines.iter().enumerate();
        for step in &scenario.steps {
            if let Some(done) = done(step) {
                writeln!(text, "{done}").unwrap();
            }
            if matches!(step, Step::Call(..) | Step::Until(..) | Step::Receive(_) | Step::Invoked) {
                let (number, answer) = answers.next().expect("a line for each answer");
                writeln!(text, "{} = {answer}", number + 1).unwrap();
            }
        }
    }
    fs::write(path(), text).unwrap();
}

fn done(step: &Step) -> Option<String> {
    match step {
        Step::Deliver(event) => Some(format!("event {}{}", shown(&event.body), beside(event))),
        Step::Call(on, bytes) | Step::Send(on, bytes) => Some(format!("{on}> {}", shown(bytes))),
        Step::Until(on, bytes, wanted) => Some(format!("{on}> until {:?}: {}", wanted.trim(), shown(bytes))),
        Step::Finish(on) => Some(format!("{on} sends no more")),
        Step::Close(on) => Some(format!("{on} closes")),
        Step::End(how) => Some(format!("function: {how:?}")),
        Step::Receive(on) => Some(format!("{on} waits")),
        Step::SnapStart => Some("SnapStart".to_owned()),
        Step::Invoked => None,
    }
}

fn beside(event: &Event) -> String {
    let parts = [
        ("client context", &event.client_context),
        ("Cognito identity", &event.cognito_identity),
        ("tenant", &event.tenant_id),
        ("trace", &event.trace_id),
    ];
    parts
        .iter()
        .filter_map(|(name, value)| Some(format!(", {name} {}", shown(value.as_ref()?.as_bytes()))))
        .collect()
}
