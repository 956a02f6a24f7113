//! `evfuzz replay`: verdicts, damaged corpora, functions that moved or were mended.

use std::fs;
use std::path::Path;

use crate::support::{Copied, Needs, Said, cannot_run, evfuzz, is_missing, run};

fn replay(copied: &Copied, args: &[&str]) -> Said {
    let output = evfuzz(copied.path())
        .arg("replay")
        .arg(copied.corpus())
        .args(["--format", "json"])
        .args(args)
        .output()
        .unwrap();
    Said::of(&output)
}

fn found() -> Option<Copied> {
    if cannot_run("node-os-command") {
        return None;
    }
    let copied = Copied::target("node-os-command");
    let said = run(&copied, &["--invocations", "300", "--rng-seed", "1"]);
    assert!(said.confirmed("command-execution", None).is_some(), "{}", said.stderr);
    Some(copied)
}

fn verdicts(said: &Said) -> Vec<&str> {
    said.all("replayed").iter().map(|line| line["verdict"].as_str().unwrap()).collect()
}

#[test]
fn a_weak_function_still_fails_and_a_mended_one_is_fixed() {
    let Some(copied) = found() else { return };
    let said = replay(&copied, &[]);
    assert_eq!(said.code, Some(1));
    assert!(verdicts(&said).iter().all(|verdict| *verdict == "STILL FAILING"), "{:?}", said.lines);

    let fixed = Copied::target("node-os-command-fixed");
    let said = replay(&copied, &["--function", fixed.function.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{:?} {}", said.lines, said.stderr);
    assert!(verdicts(&said).iter().all(|verdict| *verdict == "FIXED"), "{:?}", said.lines);
}

#[test]
fn a_finding_is_a_folder_that_people_can_read() {
    let Some(copied) = found() else { return };
    let findings = copied.corpus().join("findings");
    let folder = fs::read_dir(&findings)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains("command-execution"))
        .unwrap();
    let event: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("event.json")).unwrap()).unwrap();
    assert!(event["requestContext"].is_object(), "a whole event");
    let core = fs::read(folder.join("core.json")).unwrap();
    assert!(core.len() < event.to_string().len(), "core.json is smaller");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    for part in ["command-execution", "/queryStringParameters/", "curl", "evfuzz replay"] {
        assert!(readme.contains(part), "{part} is missing in\n{readme}");
    }
    let stored = fs::read_to_string(folder.join("finding.json")).unwrap();
    assert!(stored.contains("\"format\": 2"));
    // Shrunk: one planted payload, nothing else.
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(stored["finding"]["case"]["edits"].as_array().unwrap().len(), 1, "{stored:#}");
}

#[test]
fn damaged_findings_are_skipped_and_stay() {
    let Some(copied) = found() else { return };
    let findings = copied.corpus().join("findings");
    let whole = fs::read_dir(&findings).unwrap().count();
    for (name, file, text) in [
        ("no-json", "finding.json", "{"),
        ("newer", "finding.json", "{\"format\": 99}"),
        ("wrong-members", "finding.json", "{\"format\": 1}"),
        ("without", "other.json", "{}"),
    ] {
        fs::create_dir(findings.join(name)).unwrap();
        fs::write(findings.join(name).join(file), text).unwrap();
    }
    let said = replay(&copied, &[]);
    assert_eq!(said.all("skipped").len(), 4, "{:?}", said.lines);
    assert_eq!(said.all("replayed").len(), whole);
    assert!(findings.join("no-json").join("finding.json").exists(), "nothing is deleted");
}

#[test]
fn a_single_finding_can_be_named_by_folder_or_file() {
    let Some(copied) = found() else { return };
    let findings = copied.corpus().join("findings");
    let folder = fs::read_dir(&findings).unwrap().next().unwrap().unwrap().path();
    for path in [folder.clone(), folder.join("event.json")] {
        let output =
            evfuzz(Path::new(copied.path())).arg("replay").arg(path).args(["--format", "json"]).output();
        let said = Said::of(&output.unwrap());
        assert_eq!(said.all("replayed").len(), 1);
    }
    // From within, by its bare name.
    let output = evfuzz(&folder).args(["replay", "finding.json", "--format", "json"]).output();
    assert_eq!(Said::of(&output.unwrap()).all("replayed").len(), 1);
}

#[test]
fn what_the_runtime_itself_cannot_take_is_no_failure_of_the_function() {
    if crate::support::is_missing(crate::support::Needs::Python) {
        return;
    }
    let weak = "import os\n\ndef handler(event, context):\n    if \"'\" in event[\"queryStringParameters\"][\"name\"]:\n        os._exit(3)\n    return {\"statusCode\": 200}\n";
    let copied = Copied::file("app.py", weak);
    // From 3.12 on Python ends when half a surrogate pair is in an answer.
    let env = ["--env", "AWS_EXECUTION_ENV=AWS_Lambda_python3.12"];
    let said = run(
        &copied,
        &[&env[..], &["--invocations", "150", "--rng-seed", "1", "--source", "apigw-rest"]].concat(),
    );
    assert!(said.confirmed("process-exit", None).is_some(), "{:?} {}", said.lines, said.stderr);

    // Mended, and as any function that returns what it got.
    let mended = "def handler(event, context):\n    return {\"statusCode\": 200, \"got\": event}\n";
    fs::write(copied.function.join("app.py"), mended).unwrap();
    let findings: Vec<_> = fs::read_dir(copied.corpus().join("findings")).unwrap().flatten().collect();
    for finding in &findings {
        let event = r#"{"queryStringParameters":{"name":"\ud800"}}"#;
        fs::write(finding.path().join("event.json"), event).unwrap();
    }
    let said = replay(&copied, &env);
    assert!(!verdicts(&said).is_empty());
    assert!(verdicts(&said).iter().all(|verdict| *verdict == "FIXED"), "{:?}", said.lines);
    // The event does end the process.
    let output = evfuzz(copied.path())
        .arg("invoke")
        .arg(&copied.function)
        .arg("--event")
        .arg(findings[0].path().join("event.json"))
        .args(env)
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert_eq!(Said::of(&output).lines[0]["outcome"], "exit");
}

#[test]
fn a_finding_counts_however_slowly_the_runtime_starts_again() {
    if crate::support::is_missing(crate::support::Needs::Python) {
        return;
    }
    let weak = "import os\n\ndef handler(event, context):\n    name = event[\"queryStringParameters\"][\"name\"]\n    if \"'\" in name:\n        os._exit(3)\n    return {\"statusCode\": 200, \"got\": name}\n";
    let copied = Copied::file("app.py", weak);
    // From 3.12 on Python ends when half a surrogate pair is in an answer.
    let env = ["--env", "AWS_EXECUTION_ENV=AWS_Lambda_python3.12"];
    let said = run(
        &copied,
        &[&env[..], &["--invocations", "150", "--rng-seed", "1", "--source", "apigw-rest"]].concat(),
    );
    assert!(said.confirmed("process-exit", None).is_some(), "{:?} {}", said.lines, said.stderr);

    let venv = copied.function.join(".venv");
    let made = std::process::Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&venv)
        .status()
        .unwrap();
    assert!(made.success());
    let packages = fs::read_dir(venv.join("lib")).unwrap().flatten().next().unwrap().path();
    // Longer than an invocation may take, within which an environment would have to start again.
    fs::write(packages.join("site-packages/slow.pth"), "import time; time.sleep(0.8)\n").unwrap();
    // What is stored ends the runtime itself; its fresh copy ends the function.
    let mut findings = fs::read_dir(copied.corpus().join("findings")).unwrap().flatten();
    let exit =
        findings.find(|it| it.file_name().to_str().unwrap().starts_with("process-exit")).unwrap().path();
    fs::write(exit.join("event.json"), r#"{"queryStringParameters":{"name":"\ud800"}}"#).unwrap();
    let output = evfuzz(copied.path())
        .arg("replay")
        .arg(exit)
        .args(env)
        .args(["--timeout", "500ms", "--format", "json"])
        .output()
        .unwrap();
    let said = Said::of(&output);
    assert_eq!(verdicts(&said), ["FLAKY"], "{:?} {}", said.lines, said.stderr);
}

/// With no token refused any more there is no telling whether the forged one is.
#[test]
fn what_can_no_longer_be_measured_is_not_called_fixed() {
    if is_missing(Needs::Node) {
        return;
    }
    let weak = include_str!("weaknesses/token.js");
    let copied = Copied::file("index.js", weak);
    let said = run(&copied, &["--invocations", "400", "--rng-seed", "1"]);
    assert!(said.confirmed("token-forgery", None).is_some(), "{}", said.stderr);
    assert_eq!(verdicts(&replay(&copied, &[])), ["STILL FAILING"]);

    let handler = copied.function.join("index.js");
    let open = weak.replace("if (wanted !== signature) throw new Error('bad signature');", "");
    fs::write(&handler, open).unwrap();
    let said = replay(&copied, &[]);
    assert_eq!((verdicts(&said), said.code), (vec!["UNDECIDED"], Some(1)));

    let (line, repaired) = weak.lines().find_map(|line| line.split_once(" // fixed: ")).unwrap();
    fs::write(&handler, weak.replace(line, repaired)).unwrap();
    let said = replay(&copied, &[]);
    assert_eq!((verdicts(&said), said.code), (vec!["FIXED"], Some(0)));
}
