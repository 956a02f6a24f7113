//! Bad input: a clear message and the documented exit code, each in a fresh folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Copied, Needs, evfuzz, is_missing};

/// Runs `evfuzz ARGS` in an empty folder.
#[track_caller]
fn check(args: &[&str], code: i32, said: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    check_in(folder.path(), args, code, said);
}

#[track_caller]
fn check_in(folder: &std::path::Path, args: &[&str], code: i32, said: &[&str]) {
    let output = evfuzz(folder).args(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stderr}");
    for part in said {
        assert!(stderr.contains(part), "{args:?}: {part:?} is missing in\n{stderr}");
    }
}

#[test]
fn missing_path() {
    check(&["run", "no-such-folder"], 2, &["no-such-folder"]);
}

#[test]
fn empty_folder() {
    check(&["run", "."], 3, &["--handler"]);
}

#[test]
fn unknown_values_suggest_the_nearest() {
    check(&["run", ".", "--source", "s4"], 2, &["s3"]);
    check(&["explain", "command-executio"], 2, &["command-execution"]);
    check(&["run", ".", "--isolation", "landlok"], 2, &["landlock"]);
    check(&["run", ".", "--timeout", "soon"], 2, &["30s"]);
    check(&["run", ".", "--tiem", "3"], 2, &["--time"]);
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    check_in(copied.path(), &["run", "function", "--runtime", "nodjs20.x"], 2, &["nodejs20.x"]);
    check_in(
        copied.path(),
        &["run", "function", "--runtime", "foo"],
        2,
        &["unknown runtime `foo`: supported are"],
    );
}

#[test]
fn handlers_that_cannot_start() {
    if is_missing(Needs::Node) || is_missing(Needs::Python) {
        return;
    }
    for (name, text, said) in [
        ("index.js", "throw new Error('no database');\nexports.handler = async () => ({})", "no database"),
        ("index.js", "exports.handler = async ( => {}", "SyntaxError"),
        ("index.js", "require('not-installed'); exports.handler = async () => ({})", "not-installed"),
        ("index.js", "process.exit(7); exports.handler = async () => ({})", "exit status 7"),
        ("app.py", "import not_installed\ndef handler(event, context):\n    pass\n", "not_installed"),
        ("app.py", "def handler(event, context):\n    return (\n", "SyntaxError"),
        ("app.py", "raise SystemExit(5)\ndef handler(event, context):\n    pass\n", "exit status 5"),
    ] {
        let copied = Copied::file(name, text);
        check_in(copied.path(), &["run", "function"], 3, &[said]);
    }
}

#[test]
fn a_missing_handler_is_named() {
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    check_in(copied.path(), &["run", "function", "--handler", "index.other"], 3, &["other"]);
}

#[test]
fn variables_that_lambda_sets_itself() {
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    for (variable, said) in [
        ("AWS_SECRET_ACCESS_KEY=real", "canary credentials"),
        ("AWS_LAMBDA_MAX_CONCURRENCY=2", "one event at a time"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "use --memory"),
        ("_X_AMZN_TRACE_ID=Root=1", "begin with a letter"),
        ("LAMBDA_TASK_ROOT=/", "reserves"),
    ] {
        check_in(copied.path(), &["run", "function", "--env", variable], 2, &[variable, said]);
    }
}

#[test]
fn official_clients_that_are_not_there() {
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    check_in(copied.path(), &["run", "function", "--client", "offical"], 2, &["official"]);
    if is_missing(Needs::Node) || is_missing(Needs::Python) {
        return;
    }
    let official = ["run", "function", "--client", "official", "--client-dir", "nowhere"];
    let said = ["nowhere/node_modules/aws-lambda-ric", "npm install --prefix DIR aws-lambda-ric@"];
    check_in(copied.path(), &official, 3, &said);
    let ours = ["run", "function", "--client-dir", "nowhere"];
    check_in(copied.path(), &ours, 2, &["--client-dir nowhere", "--client official"]);
    let typed = Copied::file("index.ts", "export const handler = async (event: object) => event;\n");
    check_in(
        typed.path(),
        &["run", "function", "--client", "official"],
        2,
        &["index.ts", "TypeScript", "build"],
    );
    let copied = Copied::file("app.py", "def handler(event, context):\n    pass\n");
    check_in(copied.path(), &ours, 2, &["--client-dir nowhere", "--client official"]);
    let said = ["`nowhere`", "-m pip install --target DIR awslambdaric", "--client-dir DIR"];
    check_in(copied.path(), &official, 3, &said);
}

#[test]
fn a_program_brings_its_own_client() {
    let copied = Copied::file("bootstrap", "#!/bin/sh\nexit 4\n");
    let bootstrap = copied.function.join("bootstrap");
    fs::set_permissions(bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
    check_in(copied.path(), &["run", "function", "--client", "official"], 3, &["exit status 4"]);
}

#[test]
fn a_jar_needs_a_handler() {
    let copied = Copied::file("shop.jar", "no archive");
    check_in(copied.path(), &["run", "function"], 3, &["--handler pkg.Class::method"]);
}

#[test]
fn a_bootstrap_that_never_asks_or_ends_at_once() {
    for (script, said) in [
        ("#!/bin/sh\nexec sleep 5\n", "does not ask for an event"),
        ("#!/bin/sh\necho not today\nexit 4\n", "exit status 4"),
    ] {
        let copied = Copied::file("bootstrap", script);
        let file = copied.function.join("bootstrap");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        check_in(copied.path(), &["run", "function", "--init-timeout", "300ms"], 3, &[said]);
    }
}

#[test]
fn a_bootstrap_that_cannot_be_executed_says_why() {
    let mut foreign = fs::read("/bin/sh").unwrap();
    // elf(5), e_machine: s390x, on which nobody runs this. Its numbers begin with the high byte.
    (foreign[5], foreign[18], foreign[19]) = (2, 0, 22);
    for (content, mode, said) in [
        (&b"#!/nope/sh\n"[..], 0o755, "not the interpreter \"/nope/sh\""),
        (b"#!/bin/bash\r\necho\r\n", 0o755, "CRLF"),
        (b"echo hello\n", 0o755, "#!/bin/sh"),
        (b"", 0o755, "empty"),
        (&foreign, 0o755, "s390x"),
        (b"#!/bin/sh\n", 0o644, "chmod +x"),
    ] {
        let copied = Copied::file("bootstrap", "");
        let file = copied.function.join("bootstrap");
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        for command in ["run", "invoke"] {
            check_in(copied.path(), &[command, "function"], 3, &["bootstrap", said]);
        }
    }
}

#[test]
fn corpora_that_cannot_be_used() {
    check(&["replay", "nowhere"], 2, &["nowhere"]);
    check(&["replay", "."], 4, &["no finding"]);
    // Some file: true things are said of it, also if findings lie around it.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("findings/timeout-01234567")).unwrap();
    fs::write(folder.path().join("bad.json"), "{").unwrap();
    for path in ["bad.json", "./bad.json", folder.path().join("bad.json").to_str().unwrap()] {
        check_in(folder.path(), &["replay", path], 4, &[&format!("{path} is no part of a finding")]);
    }
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    fs::write(copied.path().join("taken"), "a file").unwrap();
    check_in(copied.path(), &["run", "function", "--corpus", "taken"], 4, &["taken", "--corpus"]);
}

#[test]
fn a_folder_for_temporary_files_that_takes_none() {
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    for command in [&["invoke", "function"][..], &["run", "function"], &["doctor"], &["shell", "function"]] {
        let output = evfuzz(copied.path()).args(command).env("TMPDIR", "/nowhere/at/all").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{command:?}\n{stderr}");
        for said in ["/nowhere/at/all", "that is what TMPDIR says", "TMPDIR=DIR"] {
            assert!(stderr.contains(said), "{command:?}: {said:?} is missing in\n{stderr}");
        }
    }
}

#[test]
fn events_that_cannot_be_read() {
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    check_in(copied.path(), &["run", "function", "--event", "none.json"], 2, &["none.json"]);
    fs::write(copied.path().join("bad.json"), "{").unwrap();
    check_in(copied.path(), &["run", "function", "--event", "bad.json"], 2, &["bad.json", "JSON"]);
    check_in(copied.path(), &["run", "function", "--env", "EVFUZZ_NOT_SET_ANYWHERE"], 2, &["EVFUZZ_NOT_SET"]);
}

#[test]
fn what_invoke_cannot_deliver() {
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    check_in(
        copied.path(),
        &["invoke", "function", "--event", "-", "--event", "-"],
        2,
        &["--event - can be given once"],
    );
    for option in ["--cognito-identity", "--client-context"] {
        for text in ["5", "[]", "null", "\"{}\"", "{", "{} {}", "{\"a\":1,}", ""] {
            check_in(copied.path(), &["invoke", "function", option, text], 2, &[option]);
        }
        check_in(copied.path(), &["invoke", "function", option, "5"], 2, &["JSON object"]);
        // Whatever is in it, it is no usage error; this function is somewhere else.
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
        for text in ["{}", " {\"a\":\"\\ud800\",\"b\":1e999}", &deep] {
            check_in(copied.path(), &["invoke", "nowhere", option, text], 2, &["`nowhere` does not exist"]);
        }
    }
    check(&["bench", ".", "--rounds", "0"], 2, &["--rounds"]);
    check(&["bench", ".", "--soak", "0"], 2, &["--soak"]);
}

#[test]
fn a_function_that_always_fails_is_told_so() {
    if is_missing(Needs::Python) {
        return;
    }
    let copied =
        Copied::file("app.py", "import os\ndef handler(event, context):\n    return os.environ['TABLE']\n");
    let output = evfuzz(copied.path())
        .args(["run", "function", "--invocations", "60", "--workers", "1"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("TABLE") && text.contains("--env"), "{text}");
}
