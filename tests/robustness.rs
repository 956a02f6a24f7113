//! Unusual events: those that AWS delivers are findings, those that only a forger makes are kept apart.

use serde_json::Value;

use crate::support::{Copied, Needs, Said, evfuzz, is_missing, run};

/// AWS leaves out these lists, which are reserved for future use.
const BREAKS_ON_GENUINE: &str = "
exports.handler = async (event) => {
    for (const record of event.Records) {
        for (const [name, value] of Object.entries(record.messageAttributes)) {
            console.log(name, value.stringListValues.length, record.eventSourceARN);
        }
    }
    return { batchItemFailures: [] };
};";

/// Every record of a queue says which queue.
const BREAKS_ON_FORGED: &str = "
exports.handler = async (event) => {
    for (const record of event.Records ?? []) {
        const queue = record?.eventSourceARN.split(':').pop();
        if (typeof record.body === 'string') console.log(queue, record.messageAttributes);
    }
    return { batchItemFailures: [] };
};";

const BUDGET: [&str; 4] = ["--invocations", "1500", "--rng-seed", "3"];

fn run_with(copied: &Copied, flags: &[&str]) -> Said {
    run(copied, &[&BUDGET, flags].concat())
}

/// How `evfuzz run` ends, and what it prints.
fn read(copied: &Copied, flags: &[&str]) -> (Option<i32>, String) {
    let output = evfuzz(copied.path())
        .args(["run", "function", "--workers", "1", "--corpus", "corpus"])
        .args(BUDGET)
        .args(flags)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn findings(said: &Said) -> Vec<&Value> {
    said.all("finding")
}

#[test]
fn what_breaks_on_an_unusual_event_of_aws_is_found() {
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("index.js", BREAKS_ON_GENUINE);
    let said = run_with(&copied, &[]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let [finding] = findings(&said)[..] else { panic!("{:?}", said.all("finding")) };
    assert_eq!(finding["oracle"], "unhandled-error");
    assert_eq!(finding["grade"], "genuine");
    assert_eq!(finding["edits"], 1);
    let point = finding["point"].as_str().unwrap();
    assert!(point.ends_with("/stringListValues is missing"), "{point}");
    assert!(said.all("phase").iter().any(|line| line["phase"] == "cover"));

    // It is the same finding where forged events are tried, too.
    let said = run_with(&copied, &["--robustness"]);
    let real: Vec<_> = findings(&said).iter().map(|it| it["fingerprint"].clone()).collect();
    assert_eq!(real, [finding["fingerprint"].clone()]);
    let (code, text) = read(&copied, &[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("genuine: unusual, but AWS delivers such events"), "{text}");
}

#[test]
fn what_breaks_on_forged_events_alone_is_hidden() {
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("index.js", BREAKS_ON_FORGED);
    let said = run_with(&copied, &[]);
    assert_eq!((said.code, findings(&said).len()), (Some(0), 0), "{}", said.stderr);
    assert_eq!(said.summary()["forged"], serde_json::json!([]), "nobody asked for it");

    let said = run_with(&copied, &["--robustness"]);
    assert_eq!((said.code, findings(&said).len()), (Some(0), 0), "{}", said.stderr);
    assert!(said.all("confirmed").is_empty());
    let hidden = said.summary()["forged"].as_array().unwrap().len();
    assert!(hidden > 0, "{}", said.summary());
    let stored = || std::fs::read_dir(copied.corpus().join("findings-forged")).unwrap();
    assert_eq!(stored().count(), hidden);
    assert_eq!(std::fs::read_dir(copied.corpus().join("findings")).unwrap().count(), 0);

    let (code, text) = read(&copied, &["--robustness"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("on events that no sender can make"), "{text}");
    assert!(text.contains("--show-forged") && !text.contains("FINDING"), "{text}");
    let (code, text) = read(&copied, &["--show-forged"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("forged: no sender can make it, only a direct invocation"), "{text}");
    assert!(text.contains("# no sender can make this event"), "{text}");
    assert!(!text.contains("--show-forged"), "{text}");
    let said = run_with(&copied, &["--show-forged"]);
    assert!(findings(&said).iter().all(|it| it["grade"] == "forged" && it["edits"] == 1));

    let replay = |args: &[&str]| {
        let output = evfuzz(copied.path()).arg("replay").args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, text, left_out) = replay(&["corpus", "--function", "function"]);
    assert_eq!((code, text.as_str()), (Some(0), ""));
    assert!(left_out.contains("replay them with --show-forged") || hidden == 1, "{left_out}");
    let (code, text, _) = replay(&["corpus", "--function", "function", "--show-forged"]);
    assert_eq!((code, text.matches("on a forged event").count()), (Some(1), hidden), "{text}");
    let one = stored().next().unwrap().unwrap().path();
    let (code, text, _) = replay(&[one.to_str().unwrap(), "--function", "function"]);
    assert!(code == Some(1) && text.contains("STILL FAILING"), "asked for by name: {text}");
}

#[test]
fn generate_prints_what_is_unusual_and_says_who_can_make_it() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |args: &[&str]| {
        let output = evfuzz(folder.path()).arg("generate").args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, events, said) = generate(&["apigw-http", "--robustness", "--explain", "--count", "400"]);
    assert_eq!((code, events.lines().count()), (Some(0), 400));
    for part in ["changed: /headers is missing", "forged: no sender", "genuine: unusual", "curl --globoff"] {
        assert!(said.contains(part), "{part} is missing");
    }
    let random = ["sqs", "--robustness", "--mutate", "--count", "20", "--explain"];
    let (code, events, said) = generate(&random);
    assert_eq!((code, events.lines().count()), (Some(0), 20));
    assert!(said.matches("changed: ").count() >= 20, "{said}");
    assert_eq!(generate(&random).1, events);
    assert_eq!(generate(&["sqs", "--robustness", "--class", "sql"]).0, Some(2));
}
