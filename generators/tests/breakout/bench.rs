//! What the break-out tests share: canaries that are seen, interpreters, the printed matrix.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::print_stdout, reason = "the matrix is for people who ask with --nocapture")]
#![allow(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use evfuzz_generators::{
    breakout::{BreakOut, Canary, Certainty, Language, Sighting, Terms, context, synthesize},
    nonce::{Nonce, NonceSource},
};
use tempfile::TempDir;

/// What the contexts have where the payload will land.
pub(crate) const MARKER: &str = "mk7";

/// One context with the payload made for it.
pub(crate) struct Cell {
    pub(crate) context: String,
    /// The text with the payload in place; empty if there is none.
    pub(crate) text: String,
    pub(crate) nonce: Nonce,
    pub(crate) found: Option<BreakOut>,
    described: String,
}

/// The cells of one interpreter. Each has a canary of its own, so a hit names its cell.
pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) cells: Vec<Cell>,
}

impl Bench {
    /// Makes a payload for the `@` of every context, with the canary that `canary` makes.
    pub(crate) fn new(language: Language, contexts: &[String], canary: impl Fn(&Nonce) -> Canary) -> Bench {
        let mut nonces = NonceSource::new(5);
        let cells = contexts.iter().map(|context| {
            let nonce = nonces.take();
            make(language, context, nonce.clone(), &canary(&nonce), &Terms::default())
        });
        Bench { cells: cells.collect(), dir: tempfile::tempdir().unwrap() }
    }

    /// As [`Bench::new`], but the canary is a program that is first in PATH.
    pub(crate) fn with_commands(language: Language, contexts: &[String]) -> Bench {
        let bench = Bench::new(language, contexts, |nonce| Canary::command(language, nonce));
        for name in ["bin", "cwd", "cwd/out"] {
            fs::create_dir(bench.path(name)).unwrap();
        }
        let canary = bench.path("canary");
        let script = format!("#!/bin/sh\necho \"${{0##*/}}\" >> '{}'\n", bench.path("hits").display());
        executable(&canary, &script);
        for cell in &bench.cells {
            fs::hard_link(&canary, bench.path("bin").join(cell.nonce.as_str())).unwrap();
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs a program with the file `input` in place, and waits for all that it started. What it
    /// prints is returned.
    pub(crate) fn run(&self, program: &str, arguments: &[&Path]) -> String {
        let path = format!("{}:{}", self.path("bin").display(), env("PATH"));
        let cwd = self.path("cwd");
        fs::create_dir_all(&cwd).unwrap();
        let output = Command::new("timeout")
            .arg("120")
            .arg(program)
            .args(arguments)
            .current_dir(cwd)
            .env("PATH", path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_ne!(output.status.code(), Some(124), "{program} did not end");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Hands all cells as a JSON array of [context, text, nonce] to a driver; it prints the
    /// nonces that fired.
    pub(crate) fn drive(&self, program: &str, driver: &Path) -> BTreeSet<String> {
        let cells: Vec<[&str; 3]> =
            self.cells.iter().map(|it| [it.context.as_str(), &it.text, it.nonce.as_str()]).collect();
        let input = self.path("cells.json");
        fs::write(&input, serde_json::to_string(&cells).unwrap()).unwrap();
        let answer = self.run(program, &[driver, &input]);
        answer.lines().map(str::to_owned).collect()
    }

    /// The nonces of the commands that ran.
    pub(crate) fn hits(&self) -> BTreeSet<String> {
        fs::read_to_string(self.path("hits")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Prints the matrix. Every cell must have fired, and exactly the `closed` contexts must
    /// have no payload.
    pub(crate) fn check(&self, title: &str, hits: &BTreeSet<String>, closed: &[&str]) {
        let mut wrong = Vec::new();
        let mut fired = 0;
        println!("\n{title}");
        for cell in &self.cells {
            let hit = hits.contains(cell.nonce.as_str());
            let expected = !closed.contains(&cell.context.as_str());
            fired += usize::from(hit);
            let mark = match (&cell.found, hit) {
                (Some(_), true) => "fired ",
                (Some(_), false) => "SILENT",
                (None, _) => "closed",
            };
            let payload = cell.found.as_ref().map_or("", |it| it.payload.as_str());
            let payload = payload.replace(cell.nonce.as_str(), "C").replace('\n', "\\n");
            let line = format!(
                "  {mark}  {payload:24}  {}   [{}]",
                cell.context.replace('\n', "\\n"),
                cell.described
            );
            println!("{line}");
            if hit != expected || cell.found.is_some() != expected {
                wrong.push(format!("{line}\n      {:?}", cell.text));
            }
        }
        println!("  {fired} of {} fired, {} closed", self.cells.len(), closed.len());
        assert!(wrong.is_empty(), "{title}: {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    /// As [`Bench::check`] for many contexts that are not printed.
    pub(crate) fn check_quietly(&self, title: &str, hits: &BTreeSet<String>) {
        let wrong: Vec<String> = self
            .cells
            .iter()
            .filter(|it| !hits.contains(it.nonce.as_str()))
            .map(|it| format!("{:?}\n   {:?} [{}]", it.context, it.text, it.described))
            .collect();
        let always = |it: &&Cell| it.found.as_ref().is_some_and(|it| it.certainty == Certainty::Always);
        println!(
            "{title}: {} texts, {} fired, {} of them for sure",
            self.cells.len(),
            self.cells.len() - wrong.len(),
            self.cells.iter().filter(always).count()
        );
        let shown = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{title}: {} of {} silent:\n{shown}", wrong.len(), self.cells.len());
    }
}

/// Makes the payload for the `@` of `context`.
pub(crate) fn make(language: Language, context: &str, nonce: Nonce, canary: &Canary, terms: &Terms) -> Cell {
    // How it is run stands before the text: `function» return @`.
    let template = context.split_once("» ").map_or(context, |(_, template)| template);
    let text = template.replacen('@', MARKER, 1);
    let sighting = Sighting::find(&text, MARKER).unwrap();
    let found = synthesize(language, &sighting, canary, terms);
    let described = evfuzz_generators::breakout::context(language, &sighting)
        .map_or_else(|| "not understood".to_owned(), |it| it.to_string());
    let placed = found.as_ref().map(|it| sighting.with(&terms.filter.apply(&it.payload)));
    Cell { context: context.to_owned(), text: placed.unwrap_or_default(), nonce, found, described }
}

pub(crate) fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Whether a program is installed and answers. If not, it says so, and fails in CI.
pub(crate) fn installed(program: &str, arguments: &[&str]) -> bool {
    let answer: Result<Output, _> = Command::new(program).args(arguments).output();
    let reason = match answer {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    assert_ne!(env("CI"), "true", "{program}: {reason}");
    println!("skipped: {program}: {reason}");
    false
}

/// A driver beside this file.
pub(crate) fn driver(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/breakout").join(name)
}

/// How many random texts: small unless EVFUZZ_FULL=1.
pub(crate) fn budget(small: usize, full: usize) -> usize {
    if env("EVFUZZ_FULL") == "1" { full } else { small }
}

/// `count` values of a strategy, the same each time.
pub(crate) fn sampled<T: std::fmt::Debug>(
    strategy: impl proptest::strategy::Strategy<Value = T>,
    count: usize,
) -> Vec<T> {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// The name of the construct in which the marker of `text` stands.
pub(crate) fn described(language: Language, text: &str) -> String {
    context(language, &Sighting::find(text, MARKER).unwrap()).unwrap().to_string()
}
