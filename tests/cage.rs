//! The cage as a person meets it: looking around, keeping what is left, layers, memory.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Copied, Needs, Said, evfuzz, is_missing, run};

/// Types `commands` into `evfuzz shell`, returns exit code and output.
fn shell(copied: &Copied, args: &[&str], commands: &str) -> (Option<i32>, String) {
    let mut child = evfuzz(copied.path())
        .arg("shell")
        .arg(&copied.function)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), text + &String::from_utf8_lossy(&output.stderr))
}

const ECHO: &str = "exports.handler = async (event) => ({ statusCode: 200, body: 'ok' });\n";

#[test]
fn a_person_can_look_around_in_the_cage() {
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("index.js", ECHO);
    let commands = "echo root $LAMBDA_TASK_ROOT; cat index.js; echo x > /tmp/x && echo written; exit 7\n";
    let (code, text) = shell(&copied, &[], commands);
    assert_eq!(code, Some(7), "{text}");
    assert!(text.contains("exports.handler") && text.contains("written"), "{text}");
    // The last line has no end: it is still run.
    let (code, text) = shell(&copied, &[], "echo with$((1+1))out");
    assert_eq!((code, text.contains("with2out")), (Some(0), true), "{text}");
    let (code, text) = shell(&copied, &["--", "sh", "-c", "id -u; exit 3"], "");
    assert_eq!(code, Some(3), "{text}");
    assert_ne!(text.trim(), "0");
    let (code, text) = shell(&copied, &["--scratch", "nowhere"], "");
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn what_a_function_leaves_can_be_kept_and_looked_at() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
const fs = require('fs');
exports.handler = async (event) => {
  fs.writeFileSync(require('os').tmpdir() + '/left.txt', 'by the function');
  return { statusCode: 200, body: 'ok' };
};";
    let copied = Copied::file("index.js", text);
    let output = evfuzz(copied.path())
        .arg("run")
        .arg(&copied.function)
        .args(["--workers", "1", "--invocations", "30", "--keep-sandbox", "--rng-seed", "1"])
        .env("TMPDIR", copied.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let kept = stderr.lines().find_map(|line| line.split_once("--scratch ")).map(|(_, folder)| folder.trim());
    let kept = kept.unwrap_or_else(|| panic!("no folder is named\n{stderr}")).to_owned();
    let left = fs::read_to_string(format!("{kept}/left.txt")).unwrap();
    assert_eq!(left, "by the function");
    let (code, text) = shell(&copied, &["--scratch", &kept, "--", "sh", "-c", "cat $0/left.txt", "/tmp"], "");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("by the function"), "{text}");
}

#[test]
fn without_a_trace_if_nothing_is_kept() {
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("index.js", ECHO);
    let temporary = copied.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let output = evfuzz(copied.path())
        .arg("run")
        .arg(&copied.function)
        .args(["--invocations", "50", "--rng-seed", "1", "--keep-sandbox"])
        .env("TMPDIR", &temporary)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("left nothing in its /tmp"), "{stderr}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

fn says(said: &Said, text: &str) -> bool {
    said.lines.iter().any(|line| line.to_string().contains(text))
}

#[test]
fn layers_are_found_at_opt() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
const { name } = require('from-a-layer');
exports.handler = async () => { throw new Error('loaded ' + name); };";
    let copied = Copied::file("index.js", text);
    for (layer, name) in [("one", "first"), ("two", "second")] {
        let package = copied.path().join(layer).join("nodejs/node_modules/from-a-layer");
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("index.js"), format!("exports.name = '{name}';")).unwrap();
    }
    let args = ["--invocations", "20", "--rng-seed", "1"];
    let said = run(&copied, &[&args[..], &["--layer", "one"]].concat());
    assert!(says(&said, "loaded first"), "{}", said.stderr);
    let said = run(&copied, &[&args[..], &["--layer", "one", "--layer", "two"]].concat());
    assert!(says(&said, "loaded second"), "{}", said.stderr);
    let said = run(&copied, &["--layer", "nowhere"]);
    assert_eq!(said.code, Some(2), "{}", said.stderr);
}

#[test]
fn out_of_memory_is_told_apart_from_a_crash() {
    if is_missing(Needs::Python) {
        return;
    }
    let text = "
def handler(event, context):
    name = (event.get('queryStringParameters') or {}).get('name') or ''
    if ';' in name:
        hoard = []
        for part in range(40):
            hoard.append(bytearray(b'x') * (16 << 20))
    return {'statusCode': 200, 'body': name}
";
    let copied = Copied::file("app.py", text);
    let args = ["--invocations", "300", "--rng-seed", "1", "--memory", "128", "--tmp", "16"];
    let said: Said = run(&copied, &args);
    let found = said.shrunk("process-exit", Some("/queryStringParameters/name"));
    let found = found.unwrap_or_else(|| panic!("{:#?}\n{}", said.all("confirmed"), said.stderr));
    assert!(found.to_string().contains("out of memory"), "{found:#}");
}
