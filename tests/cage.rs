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

/// The listener is there for the function's sake; a call that nobody answers must not wait for ever.
#[test]
fn nobody_answers_the_runtime_api_in_a_shell_and_nobody_waits_for_it() {
    if is_missing(Needs::Python) {
        return;
    }
    let call = "
import os, socket
host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')
try:
    # Longer than all else here takes.
    with socket.create_connection((host, int(port)), 60) as there:
        there.sendall(b'GET /2018-06-01/ping HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')
        print('answered', there.recv(100))
except (ConnectionRefusedError, ConnectionResetError) as error:
    print('told:', error)
except OSError as error:
    print('waited:', error)
";
    let copied = Copied::file("app.py", "def handler(event, context):\n    return event\n");
    let (code, text) = shell(&copied, &["--", "python3", "-c", call], "");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("told: "), "{text}");
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
fn only_what_the_function_leaves_is_kept() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "exports.handler = async (event) => {
  if (/['`$]/.test(event.queryStringParameters.name)) process.exit(3);
  return { statusCode: 200, body: 'ok' };
};";
    let copied = Copied::file("index.js", text);
    // Every process says its name, also that of the control which the process-exit is held against.
    let says = "--import=data:text/javascript,import*as/**/fs/**/from'node:fs';\
                import*as/**/os/**/from'node:os';\
                fs.writeFileSync(os.tmpdir()+'/name',process.env.AWS_LAMBDA_FUNCTION_NAME)";
    let output = evfuzz(copied.path())
        .arg("run")
        .arg(&copied.function)
        .args(["--workers", "1", "--invocations", "150", "--keep-sandbox", "--rng-seed", "1"])
        .args(["--source", "apigw-rest", "--format", "json", "--env", &format!("NODE_OPTIONS={says}")])
        .env("TMPDIR", copied.path())
        .output()
        .unwrap();
    let said = Said::of(&output);
    assert!(said.confirmed("process-exit", None).is_some(), "{:?} {}", said.lines, said.stderr);
    let first = said.stderr.lines().find_map(|line| line.split_once("--scratch ")).unwrap().1.trim();
    let kept = fs::read_dir(std::path::Path::new(first).parent().unwrap()).unwrap().flatten();
    let mut names: Vec<String> =
        kept.filter_map(|it| fs::read_to_string(it.path().join("name")).ok()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names, ["function"]);
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
    let found = said.shrunk("out-of-memory", Some("/queryStringParameters/name"));
    let found = found.unwrap_or_else(|| panic!("{:#?}\n{}", said.all("confirmed"), said.stderr));
    assert!(found.to_string().contains("out of memory"), "{found:#}");
}

/// A workspace as npm and pnpm lay it out: packages above the function, links to neighbours, a store.
#[test]
fn packages_of_a_workspace_are_found() {
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("unused.js", "");
    let folder = copied.path().join("workspace");
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let link = |at: &str, to: &str| {
        let at = folder.join(at);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, at).unwrap();
    };
    write("node_modules/hoisted/index.js", "module.exports = 'hoisted';");
    write("packages/shared/index.js", "module.exports = 'shared ' + require('hoisted');");
    write("node_modules/.pnpm/a@1/node_modules/a/index.js", "module.exports = 'a ' + require('b');");
    write("node_modules/.pnpm/b@1/node_modules/b/index.js", "module.exports = 'b';");
    link("node_modules/.pnpm/a@1/node_modules/b", "../../b@1/node_modules/b");
    link("packages/fn/node_modules/shared", "../../shared");
    link("packages/fn/node_modules/a", "../../../node_modules/.pnpm/a@1/node_modules/a");
    write("packages/fn/node_modules/own/index.js", "module.exports = 'own';");
    write(
        "packages/fn/index.js",
        "const all = ['own', 'hoisted', 'shared', 'a'].map((name) => require(name)).join(', ');
exports.handler = async () => { throw new Error('loaded: ' + all); };",
    );
    for isolation in ["auto", "landlock"] {
        let output = evfuzz(copied.path())
            .args(["run", "workspace/packages/fn", "--invocations", "8", "--workers", "1", "--rng-seed", "1"])
            .args(["--format", "json", "--isolation", isolation, "--corpus", isolation])
            .output()
            .unwrap();
        let said = Said::of(&output);
        if isolation == "landlock" && said.stderr.contains("cannot read what it needs") {
            println!("left out: root's functions may not enter this temporary folder");
            continue;
        }
        assert!(says(&said, "loaded: own, hoisted, shared hoisted, a b"), "{isolation}: {}", said.stderr);
    }
}

#[test]
fn a_full_tmp_is_an_error_and_a_tidy_function_finds_it_empty() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
const fs = require('fs');
for (const name of fs.readdirSync('/tmp')) fs.rmSync('/tmp/' + name, { recursive: true });
exports.handler = async () => {
  try { fs.writeFileSync('/tmp/big', Buffer.alloc(40 << 20)); } catch (error) { throw new Error('told ' + error.code); }
  throw new Error('it fits');
};";
    let copied = Copied::file("index.js", text);
    fs::create_dir_all(copied.function.join("node_modules/left")).unwrap();
    fs::write(copied.function.join("node_modules/left/index.js"), "").unwrap();
    let said = run(&copied, &["--invocations", "8", "--rng-seed", "1", "--tmp", "16", "--isolation", "auto"]);
    let own_tmp = !said.lines[0]["isolation"].as_str().unwrap_or_default().starts_with("layer 1");
    assert!(!own_tmp || says(&said, "told ENOSPC"), "{:?} {}", said.lines.last(), said.stderr);
}

/// Run as root, evfuzz gives functions an unused user, who is not the owner of the developer's files.
#[test]
fn a_handler_that_the_functions_user_may_not_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    if is_missing(Needs::Node) {
        return;
    }
    let copied = Copied::file("index.js", ECHO);
    for folder in [copied.path(), &copied.function] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let inner = copied.function.join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("app.js"), ECHO).unwrap();
    let invoke = |handler: &str| {
        let output =
            evfuzz(copied.path()).args(["invoke", "function", "--handler", handler]).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, stderr) = invoke("inner/app.handler");
    assert_eq!(code, Some(0), "{stderr}");
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap()) == 0;
    for (path, mode, handler, said) in [
        (copied.function.join("index.js"), 0o600, "index.handler", "its user may not read"),
        (inner.clone(), 0o700, "inner/app.handler", "its user may not enter"),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let (code, stderr) = invoke(handler);
        if is_root {
            assert_eq!(code, Some(3), "{stderr}");
            assert!(stderr.contains(said) && stderr.contains(path.to_str().unwrap()), "{stderr}");
            assert!(stderr.contains("chmod -R go+rX"), "{stderr}");
        } else {
            assert_eq!(code, Some(0), "{stderr}");
        }
    }
}
