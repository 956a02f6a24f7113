//! `generate`, `explain` and the text report, as people see them.

use serde_json::Value;

use crate::support::{Copied, Needs, cannot_run, evfuzz, is_missing};

#[test]
fn generate_prints_one_event_per_line_and_repeats_itself() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |args: &[&str]| {
        let output = evfuzz(folder.path()).arg("generate").args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for source in [
        "apigw-rest",
        "apigw-http",
        "s3",
        "sqs",
        "dynamodb",
        "sns",
        "eventbridge",
        "kinesis",
        "firehose",
        "cloudwatch-logs",
        "direct",
    ] {
        let first = generate(&[source, "--count", "30", "--rng-seed", "5"]);
        assert_eq!(first.lines().count(), 30);
        assert!(first.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        assert_eq!(first, generate(&[source, "--count", "30", "--rng-seed", "5"]));
    }
}

#[test]
fn generate_plants_what_it_is_asked_for_and_says_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |args: &[&str]| {
        let output = evfuzz(folder.path()).arg("generate").args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, events, said) = generate(&["sns", "--class", "os-command", "--explain", "--count", "3"]);
    assert_eq!((code, events.lines().count()), (Some(0), 3), "{said}");
    for part in ["shell-command: /Records/0/Sns/", "any sender controls it", "aws sns publish --topic-arn"] {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
    // The commands that it names are in the events.
    let nonce = said.split("$(").nth(1).and_then(|it| it.split(')').next()).unwrap();
    assert!(events.contains(nonce), "{nonce}: {events}");

    let (_, valid, _) = generate(&["sqs", "--count", "1"]);
    let (_, mutated, _) = generate(&["sqs", "--count", "1", "--mutate"]);
    assert_ne!(valid, mutated);
    let (code, events, said) = generate(&["sqs", "--class", "xxe", "--count", "100000"]);
    assert!(code == Some(0) && said.contains("there are no more than"), "{said}");
    assert!(!events.is_empty());

    let (code, listed, _) = generate(&["--list"]);
    assert_eq!(code, Some(0));
    for part in ["cloudwatch-logs", "CloudWatch Logs", "sql", "CWE-89", "deserialization"] {
        assert!(listed.contains(part), "{part} is missing in\n{listed}");
    }
    let (code, _, said) = generate(&["sqs", "--class", "nothing"]);
    assert!(code == Some(2) && said.contains("generate --list"), "{said}");
    assert_eq!(generate(&[]).0, Some(2));
}

#[test]
fn inspect_opens_an_event_through_every_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    let inspect = |args: &[&str]| {
        let output = evfuzz(folder.path()).arg("inspect").arg(&file).args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(inspect(&[]).0, Some(2), "no such file");
    let inner = r#"{"Message":"{\"order\":{\"id\":\"eyJmaWxlIjoiYS50eHQifQ==\"}}"}"#;
    let event = serde_json::json!({ "Records": [{ "eventSource": "aws:sqs", "body": inner }] });
    std::fs::write(&file, event.to_string()).unwrap();
    let (code, text, _) = inspect(&[]);
    assert_eq!(code, Some(0));
    for part in ["SQS, ", "/Records/0/body»json»/Message»json»/order/id»base64»json»/file  a.txt"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let (_, line, _) = inspect(&["--format", "json"]);
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["source"], "sqs");
    assert_eq!(value["points"][0]["text"], "a.txt");
    std::fs::write(&file, "{").unwrap();
    let (code, _, said) = inspect(&[]);
    assert!(code == Some(2) && said.contains("not valid JSON"), "{said}");
}

#[test]
fn inspect_finds_events_in_logs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.txt");
    let inspect = |content: &str, args: &[&str]| {
        std::fs::write(&file, content).unwrap();
        let output = evfuzz(folder.path()).arg("inspect").arg(&file).args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let key = |name: &str| format!("{{'Records': [{{'s3': {{'object': {{'key': '{name}'}}}}}}]}}");
    let log = format!(
        "START RequestId: 7c3a Version: $LATEST\n{}\n{}\n[INFO]\t2026-03-04T05:06:07.890Z\t7c3a\t\
         {{\"Records\":[{{\"eventSource\":\"aws:sqs\",\"body\":\"\\u001b[31m\"}}]}}\n{{\"statusCode\": 200}}\n",
        key("a.txt"),
        key("b.txt"),
    );
    let (code, text, said) = inspect(&log, &[]);
    assert_eq!(code, Some(0), "{said}");
    for part in ["line 2: S3, ", "/Records/0/s3/object/key", "a.txt", "line 4: SQS, ", "\\u{1b}[31m"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(said.contains("has 3 events; the first 2 that differ in shape are taken"), "{said}");
    let (_, lines, _) = inspect(&log, &["--format", "json"]);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["place"], "line 2");
    assert_eq!(lines[1]["event"]["Records"][0]["eventSource"], "aws:sqs");
    // What Node prints of an object holds no event.
    let (code, _, said) = inspect("INFO\t{ Records: [ [Object] ] }\n", &[]);
    assert!(code == Some(2) && said.contains("line 1") && said.contains("JSON.stringify(event)"), "{said}");
}

#[test]
fn generate_takes_words_and_values_of_a_user() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |args: &[&str]| {
        let output = evfuzz(folder.path()).arg("generate").args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let many = ["sqs", "--mutate", "--count", "200", "--dict"];
    std::fs::write(folder.path().join("words.dict"), "\"zqxjkv-word\"\nrare@3=\"zqxjkv-level\"\n").unwrap();
    let (code, events, said) = generate(&[&many[..], &["words.dict"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(events.contains("zqxjkv-word") && !events.contains("zqxjkv-level"));
    assert!(generate(&[&many[..], &["words.dict@3"]].concat()).1.contains("zqxjkv-level"));
    let (code, _, said) = generate(&[&many[..], &["none.dict"]].concat());
    assert!(code == Some(2) && said.contains("none.dict"), "{said}");

    let settings = "dictionary = [\"words.dict\"]\n[values]\n\"/Records/*/body/kind\" = [\"refund-9\"]\n";
    std::fs::write(folder.path().join("evfuzz.toml"), settings).unwrap();
    let (code, events, said) = generate(&["sqs", "--count", "1"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(events.contains(r#"\"kind\":\"refund-9\""#), "{events}");
    assert!(generate(&["sqs", "--mutate", "--count", "200"]).1.contains("zqxjkv-word"));
}

#[test]
fn explain_knows_every_oracle() {
    let folder = tempfile::tempdir().unwrap();
    for oracle in evfuzz_engine::OracleId::ALL.map(evfuzz_engine::OracleId::id) {
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

#[test]
fn a_function_deployed_under_another_name_has_it_everywhere() {
    if is_missing(Needs::Python) {
        return;
    }
    let text = "
def handler(event, context):
    names = 'function_name', 'function_version', 'invoked_function_arn', 'log_group_name', 'log_stream_name'
    return [getattr(context, name) for name in names]
";
    let copied = Copied::file("app.py", text);
    let says = |variables: &[&str]| {
        let mut command = evfuzz(copied.path());
        command.args(["invoke", "function"]);
        for variable in variables {
            command.args(["--env", variable]);
        }
        serde_json::from_slice::<Vec<String>>(&command.output().unwrap().stdout).unwrap()
    };
    let own = says(&[]);
    assert_eq!(
        own[..4],
        [
            "function",
            "$LATEST",
            "arn:aws:lambda:us-east-1:123456789012:function:function",
            "/aws/lambda/function"
        ]
    );
    assert!(own[4].contains("[$LATEST]"), "{own:?}");
    let other =
        says(&["AWS_LAMBDA_FUNCTION_NAME=shop", "AWS_LAMBDA_FUNCTION_VERSION=7", "AWS_REGION=eu-central-1"]);
    assert_eq!(
        other[..4],
        ["shop", "7", "arn:aws:lambda:eu-central-1:123456789012:function:shop:7", "/aws/lambda/shop"]
    );
    assert!(other[4].contains("[7]"), "{other:?}");
}

#[test]
fn bench_starts_the_function_as_it_is_told_to() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
const { wait } = require('from-a-layer');
exports.handler = async (event) => { await wait(300); return event; };";
    let copied = Copied::file("index.js", text);
    let package = copied.path().join("layer/nodejs/node_modules/from-a-layer");
    std::fs::create_dir_all(&package).unwrap();
    let wait = "exports.wait = (time) => new Promise((done) => setTimeout(done, time));\n";
    std::fs::write(package.join("index.js"), wait).unwrap();
    let bench = |args: &[&str]| {
        let mut command = evfuzz(copied.path());
        let output = command.args(["bench", "function", "--soak", "1"]).args(args).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, stderr) = bench(&["--layer", "layer"]);
    assert_eq!(code, Some(0), "{stderr}");
    let (code, stderr) = bench(&["--layer", "layer", "--timeout", "100ms"]);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(stderr.contains("the function does not answer: "), "{stderr}");
    let (code, stderr) = bench(&["--layer", "layer", "--init-timeout", "1ms"]);
    assert_eq!(code, Some(3), "{stderr}");
    let (code, stderr) = bench(&["--layer", "nowhere"]);
    assert_eq!(code, Some(2), "{stderr}");
    std::fs::write(
        copied.function.join("index.js"),
        "exports.handler = async () => { throw new Error('out of order') };",
    )
    .unwrap();
    let (code, stderr) = bench(&[]);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(
        stderr.contains("the function answers with an error: ") && stderr.contains("out of order"),
        "{stderr}"
    );
}
