//! `generate`, `explain` and the text report, as people see them.

use serde_json::Value;

use crate::support::{Copied, cannot_run, evfuzz};

#[test]
fn generate_prints_one_event_per_line_and_repeats_itself() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |args: &[&str]| {
        let output = evfuzz(folder.path()).arg("generate").args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for source in ["apigw-rest", "apigw-http", "s3", "sqs", "dynamodb", "direct"] {
        let first = generate(&[source, "--count", "30", "--rng-seed", "5"]);
        assert_eq!(first.lines().count(), 30);
        assert!(first.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        assert_eq!(first, generate(&[source, "--count", "30", "--rng-seed", "5"]));
    }
}

#[test]
fn explain_knows_every_oracle() {
    let folder = tempfile::tempdir().unwrap();
    for oracle in [
        "command-execution",
        "code-evaluation",
        "process-exit",
        "unhandled-error",
        "unhandled-rejection",
        "timeout",
    ] {
        let output = evfuzz(folder.path()).args(["explain", oracle]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(oracle) && text.contains("How to fix it"), "{text}");
    }
}

#[test]
fn a_finding_takes_at_most_25_lines_and_says_how_to_go_on() {
    if cannot_run("node-os-command") {
        return;
    }
    let copied = Copied::target("node-os-command");
    let output = evfuzz(copied.path())
        .args(["run", "function", "--invocations", "250", "--rng-seed", "1", "--workers", "2"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let block = text.split("\n\n").find(|block| block.contains("command-execution")).unwrap();
    assert!(block.lines().count() <= 25, "{block}");
    for part in [
        "FINDING",
        "critical",
        "CWE-78",
        "/queryStringParameters/",
        "deliver",
        "curl",
        "evfuzz replay",
        "fix",
    ] {
        assert!(block.contains(part), "{part} is missing in\n{block}");
    }
    assert!(!text.contains('\x1b'), "no escapes without a terminal");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("isolation: layer "), "{stderr}");
    assert!(copied.path().join("corpora/function/findings").is_dir());
}
