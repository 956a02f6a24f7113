//! Cells (context × payload or twin), their canaries, and what fired.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use evfuzz_generators::nonce::{Nonce, NonceSource};
use evfuzz_generators::payload::{Canaries, Effect, Form, Payload, PayloadClass};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fetch::Driver;
use crate::fetched::before_path;
use crate::listener::Listener;

/// Contexts whose names begin so are what a fixed function does: nothing may fire there.
pub(crate) const SAFE: &str = "safe: ";

/// What one driver saw of one class.
pub(crate) struct Seen {
    pub(crate) driver: &'static str,
    pub(crate) cells: Vec<Cell>,
}

/// One text in one context.
pub(crate) struct Cell {
    pub(crate) context: String,
    pub(crate) payload: &'static Payload,
    pub(crate) kind: Kind,
    pub(crate) fired: bool,
    /// What the driver said.
    pub(crate) said: String,
    nonce: Nonce,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Payload,
    Twin,
}

/// Runs `driver` with all payloads of `class` and their twins in all its contexts for that class.
///
/// # Errors
///
/// What is missing to run it.
pub(crate) fn run(class: PayloadClass, driver: Driver) -> Result<Seen, String> {
    let bench = Bench::new();
    let contexts = bench.ask(driver, class, None)?;
    let contexts: Vec<String> = serde_json::from_value(contexts).unwrap();
    assert!(!contexts.is_empty(), "{} has no context for {}", driver.file, class.id());
    let listener = Listener::open();
    let folder = bench.path("files");
    let canaries = Canaries {
        address: Some(SocketAddrV4::new(Ipv4Addr::LOCALHOST, listener.port)),
        folder: folder.to_str().unwrap(),
    };
    let mut nonces = NonceSource::new(1);
    let mut cells = Vec::new();
    for context in &contexts {
        for payload in Payload::of_class(class) {
            for kind in [Kind::Payload, Kind::Twin] {
                let nonce = nonces.take();
                let text = match kind {
                    Kind::Payload => payload.text_for(&nonce, &canaries),
                    Kind::Twin => payload.twin(&nonce),
                };
                bench.place_canaries(&nonce);
                let (context, said) = (context.clone(), String::new());
                cells.push(Cell { context, payload, kind, fired: false, said, nonce, text });
            }
        }
    }
    let input: Vec<Value> = cells.iter().map(|cell| cell.input(&canaries)).collect();
    let said = bench.ask(driver, class, Some(&Value::from(input)))?;
    let said: Vec<String> = serde_json::from_value(said).unwrap();
    assert_eq!(said.len(), cells.len(), "{} answers every cell", driver.file);
    let (ran, heard) = (fs::read_to_string(bench.path("hits")).unwrap(), listener.heard());
    for (cell, said) in cells.iter_mut().zip(said) {
        cell.said = said;
        cell.fired = cell.has_fired(&canaries, &ran, &heard);
    }
    Ok(Seen { driver: driver.file, cells })
}

impl Cell {
    fn input(&self, canaries: &Canaries<'_>) -> Value {
        let value = match (self.payload.form, self.kind) {
            (Form::Json, Kind::Payload) => self.payload.value(&self.nonce, canaries),
            _ => Value::from(self.text.clone()),
        };
        json!({
            "context": self.context,
            "text": self.text,
            "value": value,
            "nonce": self.nonce,
            "form": format!("{:?}", self.payload.form),
        })
    }

    /// Whether the effect was seen. `Kind` does not matter: a twin has to be innocent by the same
    /// measure.
    fn has_fired(&self, canaries: &Canaries<'_>, ran: &str, heard: &str) -> bool {
        let nonce = self.nonce.as_str();
        let expected = self.payload.expected(&self.nonce, canaries).unwrap_or_default();
        match self.payload.effect {
            Effect::Command => ran.lines().any(|line| line == nonce),
            Effect::Opens(_) => self.said.contains(&honey(&self.nonce)),
            Effect::Connects => heard.contains(nonce) || self.said == format!("asked for {nonce}.localhost"),
            Effect::Output(_) => self.said.contains(&expected),
            Effect::Line(_) => {
                self.said.split(['\n', '\r', '\u{2028}', '\u{85}']).any(|line| line.starts_with(&expected))
            }
            Effect::Header(_) => self.said.lines().any(|name| name.eq_ignore_ascii_case(&expected)),
            Effect::Disturbs => self.said != self.text,
            Effect::Argument | Effect::Query | Effect::Property | Effect::Accepted | Effect::Time => {
                self.said == "fired"
            }
            other => panic!("nobody has said how {other:?} is seen"),
        }
    }
}

/// What is in the canary file, and nowhere in any payload.
fn honey(nonce: &Nonce) -> String {
    let backwards: String = nonce.as_str().chars().rev().collect();
    format!("honey {backwards}")
}

/// The folders of one run.
struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { dir: tempfile::tempdir().unwrap() };
        for name in ["bin", "cwd", "files"] {
            fs::create_dir(bench.path(name)).unwrap();
        }
        let (canary, hits) = (bench.path("canary"), bench.path("hits"));
        let script = format!("#!/bin/sh\necho \"${{0##*/}}\" >> '{}'\n", hits.display());
        fs::write(&canary, script).unwrap();
        fs::write(&hits, "").unwrap();
        fs::set_permissions(&canary, fs::Permissions::from_mode(0o755)).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn place_canaries(&self, nonce: &Nonce) {
        fs::hard_link(self.path("canary"), self.path("bin").join(nonce.as_str())).unwrap();
        fs::write(self.path("files").join(nonce.as_str()), honey(nonce)).unwrap();
    }

    /// Runs the driver to its end, and of all that it started, and returns its answer: the names
    /// of its contexts, or what came of each cell. The answer is a file, because canaries print.
    fn ask(&self, driver: Driver, class: PayloadClass, cells: Option<&Value>) -> Result<Value, String> {
        let mut command = driver.command()?;
        let (input, answer) = (self.path("cells.json"), self.path("answer.json"));
        fs::write(&input, cells.unwrap_or(&Value::Null).to_string()).unwrap();
        let output = command
            .args([class.id().as_ref(), input.as_os_str(), answer.as_os_str()])
            .current_dir(self.path("cwd"))
            .env("PATH", before_path(&self.path("bin")))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", driver.file))?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {}: {}\n{said}", driver.file, class.id(), output.status);
        Ok(serde_json::from_slice(&fs::read(answer).unwrap()).unwrap())
    }
}

/// How often each payload fired, over all drivers.
pub(crate) fn counts(all: &[Seen]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for cell in all.iter().flat_map(|seen| &seen.cells).filter(|it| it.kind == Kind::Payload) {
        *counts.entry(cell.payload.id).or_default() += usize::from(cell.fired);
    }
    counts
}
