//! `evfuzz doctor` here, and on machines that lack something (see `evfuzz-hobble`).

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::root;

/// The tool that takes features away, built like the native targets.
fn hobble() -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "-p", "evfuzz-sandbox", "--bin", "evfuzz-hobble"])
            .current_dir(root())
            .status()
            .unwrap();
        assert!(status.success(), "cargo build of evfuzz-hobble");
    });
    let evfuzz = Path::new(env!("CARGO_BIN_EXE_evfuzz"));
    let target_dir = evfuzz.ancestors().nth(2).expect("target/<profile>/evfuzz");
    target_dir.join("debug/evfuzz-hobble")
}

fn doctor(modes: &[&str], args: &[&str]) -> Output {
    let mut command = Command::new(hobble());
    command.args(modes).arg("--").arg(env!("CARGO_BIN_EXE_evfuzz")).arg("doctor").args(args);
    command.stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn json(modes: &[&str], args: &[&str]) -> (Value, Option<i32>) {
    let output = doctor(modes, &[args, &["--format", "json"]].concat());
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.lines().count(), 1, "{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&value["type"], &value["format"]), (&"doctor".into(), &1.into()));
    (value, output.status.code())
}

fn advice(value: &Value) -> Vec<&str> {
    value["advice"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

fn states<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    let promises = value["promises"].as_array().unwrap();
    let named = promises.iter().filter(|it| it["name"].as_str().unwrap().contains(name));
    named.map(|it| it["state"].as_str().unwrap()).collect()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn json_says_what_holds_here() {
    let (value, code) = json(&[], &[]);
    assert_eq!((code, value["verdict"].as_str()), (Some(0), Some("runs")), "{value:#}");
    assert!(value["isolation"].as_str().unwrap().starts_with("layer "), "{value:#}");
    assert!(value["refusal"].is_null());
    let promises = value["promises"].as_array().unwrap();
    assert!(promises.len() >= 14 && promises.iter().all(|it| it["state"] != "broken"), "{value:#}");
    assert!(value["facts"]["kernel"]["version"][0].as_u64().unwrap() >= 5);
    assert!(value["function_uid"].is_u64());
}

#[test]
fn text_says_it_in_80_columns() {
    let output = doctor(&[], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.starts_with("layer "), "{text}");
    for part in [
        "\nPromises, tried from inside\n  kept ",
        "no file is written outside scratch",
        "\nMechanisms\n  kernel        Linux ",
        "\n  Landlock      ",
        "\n  exec watch    ",
        "\nWhat to do\n",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(text.lines().all(|it| it.chars().count() <= 80) && !text.contains('\x1b'), "{text}");
}

#[test]
fn without_namespaces_landlock_is_enough_and_the_rest_is_explained() {
    let (value, code) = json(&["--no-namespaces"], &[]);
    assert_eq!(code, Some(0), "{value:#}");
    assert_eq!(value["barriers"]["namespaces"], "Host");
    let container = !value["facts"]["container"].is_null();
    // Which advice depends on where the tests run; there must be one about namespaces, with something to type.
    let first = &value["advice"][0];
    assert!(first["id"].as_str().unwrap().starts_with("namespaces-"), "{container} {value:#}");
    assert!(!first["remedies"][0]["commands"].as_array().unwrap().is_empty());
    assert_eq!(states(&value, "/tmp is scratch"), ["not-promised"]);
    let output = doctor(&["--no-namespaces"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\nWhat to do\n  1. ") && text.contains("\n     do: "), "{text}");
    assert!(text.contains("not promised  /tmp is scratch"), "{text}");
    // Where it is asked for by name, that is a refusal.
    let (value, code) = json(&["--no-namespaces"], &["--isolation", "namespaces"]);
    assert_eq!((code, value["verdict"].as_str()), (Some(4), Some("refuses")));
    assert!(value["refusal"].as_str().unwrap().contains("namespaces"), "{value:#}");
}

#[test]
fn without_user_namespaces_root_needs_none() {
    let (value, code) = json(&["--no-user-namespaces"], &[]);
    assert_eq!(code, Some(0), "{value:#}");
    let about_namespaces = advice(&value).iter().any(|it| it.starts_with("namespaces-"));
    assert_eq!(about_namespaces, !is_root(), "{value:#}");
}

#[test]
fn without_landlock_the_two_reasons_are_told_apart() {
    let (value, code) = json(&["--no-landlock"], &[]);
    assert_eq!(code, Some(0), "{value:#}");
    assert!(advice(&value).contains(&"landlock-disabled"), "{value:#}");
    assert_eq!(value["facts"]["landlock"], "disabled-at-boot");
    // The kernel of this machine has it, and a filter is seen: so the filter is the reason, as in a container.
    let (value, _) = json(&["--no-landlock=ENOSYS"], &[]);
    assert!(advice(&value).contains(&"landlock-refused"), "{value:#}");
}

#[test]
fn beside_another_listener_the_watch_changes() {
    let (value, code) = json(&["--listener"], &[]);
    assert_eq!((code, value["exec_watch"].as_str()), (Some(0), Some("ptrace")), "{value:#}");
    assert!(advice(&value).contains(&"watch-ptrace"), "{value:#}");
    let (value, code) = json(&["--listener"], &["--exec-watch", "notify"]);
    assert_eq!(code, Some(4), "{value:#}");
    assert!(advice(&value).contains(&"watch-ptrace"), "{value:#}");
    let (value, _) = json(&["--listener", "--no-ptrace"], &[]);
    assert_eq!(value["exec_watch"], "off");
    assert!(advice(&value).contains(&"watch-off"), "{value:#}");
    // A listener that watches execs itself hides them from ptrace. That is a broken promise, and said.
    let (value, code) = json(&["--listener=execve"], &[]);
    assert_eq!(code, Some(4), "{value:#}");
    assert!(advice(&value).contains(&"watch-hidden"), "{value:#}");
    assert_eq!(states(&value, "canary"), ["broken"]);
}

#[test]
fn with_neither_evfuzz_refuses_and_says_what_to_do() {
    let output = doctor(&["--no-namespaces", "--no-landlock"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4), "{text}");
    for part in
        ["layer 0: ", "evfuzz refuses to run here:\n  isolation is too weak", "BROKEN", "  1. ", "  2. "]
    {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}
