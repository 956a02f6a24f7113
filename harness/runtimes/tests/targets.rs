//! The functions in `targets/`, started by hand: the weak ones react to a harmless canary, their
//! fixed twins do not, and a weakened twin does again.
//!
//! This asks whether the targets are what they claim to be. Whether evfuzz finds out by itself is
//! asked elsewhere.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use evfuzz_runtimes::{RuntimeError, find};
use serde_json::{Value, json};
use support::{Function, request, skip};

/// A program that writes down that it ran.
struct Canary {
    folder: tempfile::TempDir,
}

impl Canary {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("canary");
        let log = folder.path().join("log");
        fs::write(&program, format!("#!/bin/sh\necho sung > {}\n", log.display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn program(&self) -> String {
        self.folder.path().join("canary").to_str().unwrap().to_owned()
    }

    fn sang(&self) -> bool {
        self.folder.path().join("log").exists()
    }

    fn sings_soon(&self) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(10) {
            if self.sang() {
                return true;
            }
            // Commands that the function does not wait for come late, and nothing announces them.
            thread::sleep(Duration::from_millis(2));
        }
        false
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../targets").join(name)
}

/// Starts the function in `code`; `None` if its runtime is not installed or it is not built.
fn start(code: &Path) -> Option<Function> {
    let support = std::env::temp_dir().join("evfuzz-test-clients");
    match find(&request(code, None, None), &support) {
        Ok(target) => Some(Function::start(&target, &support)),
        Err(error @ (RuntimeError::InterpreterMissing { .. } | RuntimeError::NotBuilt { .. })) => {
            skip(&error.to_string());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn settings(name: &str) -> toml::Table {
    fs::read_to_string(folder(name).join("target.toml")).unwrap().parse().unwrap()
}

/// A copy of the fixed twin with the one line that makes it weak.
fn weakened(name: &str) -> tempfile::TempDir {
    let settings = settings(name);
    let text = |key: &str| settings["weaken"][key].as_str().unwrap();
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder(name)).unwrap().flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    let file = copy.path().join(text("file"));
    let source = fs::read_to_string(&file).unwrap();
    assert_eq!(source.matches(text("find")).count(), 1, "{name}: weaken.find must fit once");
    fs::write(&file, source.replace(text("find"), text("replace"))).unwrap();
    copy
}

fn check(name: &str, event: impl Fn(&str) -> Value) {
    let fixed = format!("{name}-fixed");
    assert_eq!(settings(&fixed)["silent"].as_bool(), Some(true));
    assert!(!settings(name)["expect"].as_array().unwrap().is_empty());

    let canary = Canary::new();
    let Some(mut function) = start(&folder(name)) else {
        return;
    };
    function.invoke(&event(&canary.program()).to_string());
    assert!(canary.sings_soon(), "{name} does not react");

    let canary = Canary::new();
    let Some(mut function) = start(&folder(&fixed)) else {
        return;
    };
    function.respond(&event(&canary.program()).to_string());
    for odd in odd_events() {
        function.respond(&odd.to_string());
    }
    function.hang_up();
    assert!(!canary.sang(), "{fixed} reacts");

    if name.starts_with("native") {
        return;
    }
    let copy = weakened(&fixed);
    let canary = Canary::new();
    let Some(mut function) = start(copy.path()) else {
        return;
    };
    function.invoke(&event(&canary.program()).to_string());
    assert!(canary.sings_soon(), "a weakened {fixed} does not react");
}

/// What the services can send, and what a person can send from the console.
fn odd_events() -> Vec<Value> {
    let bodies = [
        json!(null),
        json!(""),
        json!("not json"),
        json!("null"),
        json!("[]"),
        json!("[".repeat(3000)),
        json!("{\"calc\":null,\"name\":null,\"folder\":{}}"),
        json!("{\"calc\":\"1/0\",\"name\":\"\",\"folder\":\"\"}"),
        json!("{\"calc\":\"9**9**9**9\"}"),
        json!({ "calc": "2*(3+4)" }),
        json!({ "calc": ["1"] }),
        json!({}),
        json!(7),
    ];
    let mut events = vec![
        json!({}),
        json!({ "key1": "value1" }),
        json!([]),
        json!(null),
        json!("text"),
        json!({ "Records": [] }),
        json!({ "Records": null }),
        json!({ "Records": [null, 1, {}] }),
        json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" }),
        json!({ "queryStringParameters": null, "body": null }),
        json!({ "queryStringParameters": {} }),
        json!({ "queryStringParameters": { "file": "missing", "name": "" } }),
        json!({ "queryStringParameters": { "file": "../../etc/hostname", "name": "a b" } }),
        json!({ "isBase64Encoded": true, "body": "eyJjYWxjIjoiMSsxIn0=" }),
        json!({ "isBase64Encoded": true, "body": "?" }),
        json!({ "isBase64Encoded": true, "body": "/w==" }),
        json!({ "Records": [{ "eventName": "REMOVE", "dynamodb": { "Keys": {} } }] }),
        json!({ "Records": [{ "dynamodb": { "NewImage": { "name": { "N": "1" } } } }] }),
        json!({ "Records": [{ "s3": { "object": { "key": "a%2Fb%ZZ%FF" } } }] }),
        json!({ "Records": [{ "s3": { "object": { "key": "photo.jpg" } } }] }),
        json!({ "Records": [{ "s3": { "object": { "key": "%00" } } }] }),
    ];
    for body in bodies {
        events.push(json!({ "body": body }));
        events.push(json!({ "Records": [{ "messageId": "m", "body": body }] }));
    }
    events
}

#[test]
fn node_os_command() {
    check("node-os-command", |canary| json!({ "queryStringParameters": { "file": format!("x; {canary}") } }));
}

#[test]
fn python_eval() {
    check("python-eval", |canary| {
        let body = json!({ "calc": format!("__import__('os').system('{canary}')") });
        json!({ "body": body.to_string() })
    });
}

#[test]
fn python_eval_direct() {
    check(
        "python-eval-direct",
        |canary| json!({ "body": { "calc": format!("__import__('os').system('{canary}')") } }),
    );
}

#[test]
fn python_s3_shell() {
    check("python-s3-shell", |canary| {
        let key = format!("x; {canary}; true").replace('/', "%2F").replace(';', "%3B").replace(' ', "+");
        json!({ "Records": [{ "s3": { "object": { "key": key } } }] })
    });
}

#[test]
fn node_sqs_shell() {
    check("node-sqs-shell", |canary| {
        let body = json!({ "folder": format!("x; {canary}") });
        json!({ "Records": [{ "messageId": "m", "body": body.to_string() }] })
    });
}

#[test]
fn python_dynamodb_shell() {
    check("python-dynamodb-shell", |canary| {
        let image = json!({ "name": { "S": format!("x; {canary}") } });
        json!({ "Records": [{ "eventName": "INSERT", "dynamodb": { "NewImage": image } }] })
    });
    let Some(mut function) = start(&folder("python-dynamodb-shell")) else {
        return;
    };
    let event = json!({ "Records": [{ "eventName": "REMOVE", "dynamodb": { "Keys": {} } }] });
    assert_eq!(function.fail(&event.to_string())["errorType"], "KeyError");
}

#[test]
fn native_os_command() {
    check(
        "native-os-command",
        |canary| json!({ "queryStringParameters": { "name": format!("x; {canary}") } }),
    );
    check(
        "native-os-command",
        |canary| json!({ "queryStringParameters": null, "body": json!({ "name": format!("$({canary})") }).to_string() }),
    );
}

#[test]
fn echoes() {
    for name in ["node-echo", "python-echo"] {
        let Some(mut function) = start(&folder(name)) else {
            return;
        };
        assert_eq!(function.respond("[1]"), "[1]");
        assert_eq!(settings(name)["silent"].as_bool(), Some(true));
    }
}
