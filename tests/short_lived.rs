//! Functions whose process does not outlive its work: nothing about them is clean.

use crate::support::{Copied, Needs, Said, evfuzz, is_missing, run};

/// Runs on a Node handler with this body, on events of API Gateway.
fn run_on(body: &str, args: &[&str]) -> (Copied, Said) {
    let copied = Copied::file("index.js", &format!("exports.handler = async (event) => {{ {body} }};"));
    let args = [&["--source", "apigw-rest", "--rng-seed", "1"], args].concat();
    let said = run(&copied, &args);
    (copied, said)
}

/// Answers every event, and ends after each of them by `how`.
#[track_caller]
fn check(body: &str, budget: [&str; 2], how: &str) {
    if is_missing(Needs::Node) {
        return;
    }
    let (_copied, said) = run_on(body, &budget);
    let summary = said.summary();
    assert!(summary["short_lived"].as_str().is_some_and(|it| it.contains(how)), "{summary}");
    assert_eq!(said.code, Some(3), "{summary}");
    assert_eq!(said.all("ends-after-answers").len(), 1, "{summary}");
    assert_eq!(summary["unconfirmed"], 0, "it happens every time: {summary}");
    assert!(summary["ended"].as_u64().unwrap() > 4 && summary["fuzzed"].as_u64().unwrap() > 0, "{summary}");
    assert!(said.all("confirmed").is_empty(), "{summary}");
}

#[test]
fn a_rejection_after_each_answer() {
    check(
        "Promise.reject(new Error('spoilt')); return 1;",
        ["--invocations", "60"],
        "rejected at index.js:1: Error: spoilt",
    );
}

#[test]
fn an_exit_soon_after_each_answer() {
    check("setTimeout(() => process.exit(3), 5); return 1;", ["--invocations", "60"], "exit status 3");
}

#[test]
fn an_exit_a_good_while_after_each_answer() {
    // Longer than a process is watched at first.
    check("setTimeout(() => process.exit(3), 200); return 1;", ["--time", "6s"], "exit status 3");
}

#[test]
fn the_end_of_each_process_is_told_to_people() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "exports.handler = async () => { setTimeout(() => process.exit(3), 5); return 1; };";
    let copied = Copied::file("index.js", text);
    let args = ["run", "function", "--invocations", "60", "--source", "apigw-rest", "--workers", "2"];
    let output = evfuzz(copied.path()).args(args).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{stdout}");
    assert!(stdout.contains("after each answer its process ends: exit status 3"), "{stdout}");
    assert!(stdout.contains("ended by themselves") && !stdout.contains("did not repeat"), "{stdout}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.matches("its process ends after each answer (exit status 3)").count(), 1, "{stderr}");
}

#[test]
fn an_exit_before_each_answer() {
    if is_missing(Needs::Node) {
        return;
    }
    let (_copied, said) = run_on("process.exit(3);", &["--invocations", "60"]);
    let summary = said.summary();
    assert_eq!(summary["always_fails"], "exit status 3", "{summary}");
    assert_eq!((said.code, &summary["short_lived"]), (Some(3), &serde_json::Value::Null), "{summary}");
}

#[test]
fn an_exit_after_each_answer_to_one_source() {
    if is_missing(Needs::Node) {
        return;
    }
    let body = "if (event.httpMethod) setTimeout(() => process.exit(3), 5); return 1;";
    let (_copied, said) = run_on(body, &["--source", "sqs", "--invocations", "150"]);
    let summary = said.summary();
    // Valid queue messages leave it alive, so it is not the function's way; but no event of the API is to blame either.
    assert_eq!(summary["short_lived"], serde_json::Value::Null, "{summary}");
    assert!(summary["ordinary"].as_u64().unwrap() > 0, "{summary}");
    assert_eq!(summary["unconfirmed"], 0, "{summary}");
    let listed = summary["listed"].as_array().unwrap();
    assert!(listed.iter().any(|it| it["detail"] == "exit status 3 (with valid events as well)"), "{summary}");
}

#[test]
fn a_run_that_gets_to_nothing_is_not_clean() {
    if is_missing(Needs::Node) {
        return;
    }
    let (copied, said) = run_on("return 1;", &["--invocations", "2"]);
    let summary = said.summary();
    assert_eq!((said.code, &summary["fuzzed"]), (Some(4), &serde_json::json!(0)), "{summary}");
    let args = ["run", "function", "--invocations", "2", "--source", "apigw-rest", "--workers", "1"];
    let output = evfuzz(copied.path()).args(args).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("Nothing was fuzzed") && stdout.contains("--time"), "{stdout}");
}
