//! Rules over the whole repository: who may import whom, what every file begins with, sizes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// Crates, and which of ours each may use. DESIGN: `cli → engine → {emulator → sandbox, runtimes,
/// generators}`, `emulator → runtimes`; whoever stands above may use what stands below.
const CRATES: &[(&str, &str, &[&str])] = &[
    ("generators", "evfuzz-generators", &[]),
    ("harness/sandbox", "evfuzz-sandbox", &[]),
    ("harness/runtimes", "evfuzz-runtimes", &[]),
    ("harness/emulator", "evfuzz-emulator", &["evfuzz-sandbox", "evfuzz-runtimes"]),
    (
        "harness/engine",
        "evfuzz-engine",
        &["evfuzz-emulator", "evfuzz-generators", "evfuzz-runtimes", "evfuzz-sandbox"],
    ),
    (
        "harness/cli",
        "evfuzz",
        &["evfuzz-emulator", "evfuzz-engine", "evfuzz-generators", "evfuzz-runtimes", "evfuzz-sandbox"],
    ),
];

/// Modules of the engine, and which others each may use: `run → plan, shrink, triage → judge,
/// observe, corpus → invoke`.
const ENGINE: &[(&str, &[&str])] = &[
    ("finding", &[]),
    ("budget", &[]),
    ("error", &["corpus"]),
    ("observe", &[]),
    ("words", &[]),
    ("events", &["finding", "suppress"]),
    ("corpus", &["finding", "judge"]),
    ("judge", &["finding", "observe"]),
    ("session", &["error", "observe"]),
    ("control", &["error"]),
    ("invoke", &["budget", "control", "error", "finding", "observe"]),
    ("baseline", &["error", "events", "invoke", "judge", "observe", "words"]),
    ("plan", &["baseline", "observe"]),
    ("confirm", &["error", "finding", "invoke", "judge", "observe"]),
    ("forgery", &["baseline", "error", "invoke", "observe"]),
    ("growth", &["error", "invoke", "judge", "observe"]),
    ("pace", &["growth", "judge", "observe"]),
    ("pair", &["error", "finding", "invoke", "judge"]),
    ("endurance", &["error", "invoke", "observe"]),
    ("suppress", &["finding"]),
    ("shrink", &["confirm", "error", "finding", "invoke"]),
    ("survival", &["error", "finding", "invoke", "judge"]),
    ("record", &["budget", "corpus", "events", "finding", "judge", "suppress"]),
    (
        "shard",
        &[
            "baseline",
            "budget",
            "confirm",
            "endurance",
            "error",
            "events",
            "finding",
            "forgery",
            "growth",
            "invoke",
            "judge",
            "observe",
            "pace",
            "pair",
            "plan",
            "record",
            "shrink",
            "survival",
        ],
    ),
    (
        "run",
        &[
            "budget", "control", "corpus", "error", "events", "invoke", "plan", "record", "session", "shard",
            "suppress", "survival",
        ],
    ),
    (
        "replay",
        &[
            "budget",
            "confirm",
            "corpus",
            "endurance",
            "error",
            "finding",
            "forgery",
            "growth",
            "invoke",
            "judge",
            "observe",
            "pair",
            "run",
            "session",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

#[test]
fn crates_use_only_what_the_architecture_allows() {
    for (folder, name, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        for (_, other, _) in CRATES {
            if other == name || *other == "evfuzz" {
                continue;
            }
            let used = manifest.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(other));
            assert!(!used || allowed.contains(other), "{name} must not use {other}");
        }
    }
}

#[test]
fn engine_modules_import_only_what_the_architecture_allows() {
    let src = root().join("harness/engine/src");
    for (path, text) in sources(&src) {
        let relative = path.strip_prefix(&src).unwrap();
        let module =
            relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" || is_test(&path) {
            continue;
        }
        let Some((_, allowed)) = ENGINE.iter().find(|(name, _)| *name == module) else {
            panic!("module `{module}` is not in ENGINE: decide where it stands, then list it");
        };
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + "crate::".len()..];
            let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
            let imported = &rest[..end];
            assert!(
                imported == module || allowed.contains(&imported),
                "`{module}` must not import `{imported}` ({})",
                path.display()
            );
        }
    }
}

#[test]
fn every_source_file_says_what_it_is_and_stays_readable() {
    for folder in ["generators", "harness", "targets", "tests"] {
        for (path, text) in sources(&root().join(folder)) {
            let name = path.strip_prefix(root()).unwrap().display();
            assert!(text.starts_with("//!"), "{name} does not begin with what belongs in it");
            assert!(is_test(&path) || text.lines().count() <= 800, "{name} is too long");
            for mark in [
                concat!("#[ign", "ore"),
                concat!("#[should_", "panic"),
                concat!("FIX", "ME"),
                concat!("X", "XX"),
            ] {
                assert!(!text.contains(mark), "{name} contains {mark}");
            }
        }
    }
}

/// rustfmt leaves no blanks side by side in code, so within an attribute they are in a message.
#[test]
fn messages_of_errors_have_no_gaps() {
    let mut read = 0;
    for (path, text) in ["generators", "harness"].iter().flat_map(|folder| sources(&root().join(folder))) {
        for (start, _) in text.match_indices("#[error(") {
            let end = text[start..].find(")]").expect("an attribute ends");
            let attribute = &text[start..start + end];
            assert!(
                !attribute.lines().any(|line| line.trim().contains("  ")),
                "{}: {attribute}",
                path.display()
            );
            read += 1;
        }
    }
    assert!(read > 0, "no message has been read");
}

#[test]
fn unsafe_code_lives_in_the_sandbox_only() {
    let word = concat!("uns", "afe ");
    for folder in ["generators", "harness", "targets", "tests"] {
        for (path, text) in sources(&root().join(folder)) {
            let inside = path.starts_with(root().join("harness/sandbox"));
            let uses = text.lines().any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(inside || !uses, "{}", path.display());
        }
    }
}

#[test]
fn the_architecture_page_is_short_and_names_every_part() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(page.lines().count() <= 150, "{} lines", page.lines().count());
    assert!(page.contains("**Invariant:**"));
    for (folder, name, _) in CRATES {
        assert!(page.contains(folder) && page.contains(name), "{folder} is missing");
    }
    for (module, _) in ENGINE {
        assert!(page.contains(&format!("`{module}")), "module {module} of the engine is missing");
    }
}

#[test]
fn the_first_page_is_one_page() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(page.lines().count() <= 80, "{} lines", page.lines().count());
    for command in ["cargo run --release -- run targets/node-os-command", "cargo test"] {
        assert!(page.contains(command), "{command} is missing");
    }
}
