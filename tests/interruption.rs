//! Ctrl-C and `kill -9`: results are kept, nothing is left running.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Copied, Needs, cannot_run, evfuzz, full, is_missing};

/// A run that has begun, and what it says.
fn started(copied: &Copied, args: &[&str]) -> (Child, impl Iterator<Item = String>) {
    let mut child = evfuzz(copied.path())
        .arg("run")
        .arg(&copied.function)
        .args(["--time", "60s", "--format", "json", "--rng-seed", "1", "--corpus"])
        .arg(copied.corpus())
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    (child, lines)
}

fn signal(child: &Child, signal: &str) {
    let status = std::process::Command::new("kill").arg(signal).arg(child.id().to_string()).status().unwrap();
    assert!(status.success());
}

/// Processes whose working directory or command line lies in the test's folder.
fn left_over(copied: &Copied) -> Vec<String> {
    let folder = copied.path().to_str().unwrap();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok()))
        .filter_map(|entry| {
            let cmdline = std::fs::read(entry.path().join("cmdline")).ok()?;
            let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            let text = format!("{} {}", String::from_utf8_lossy(&cmdline), String::from_utf8_lossy(&environ));
            text.contains(folder).then(|| String::from_utf8_lossy(&cmdline).replace('\0', " "))
        })
        .collect()
}

#[track_caller]
fn nothing_is_left(copied: &Copied) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = left_over(copied);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still running: {left:#?}");
        std::thread::yield_now();
    }
}

#[test]
fn the_first_interrupt_saves_and_summarises() {
    if cannot_run("node-os-command") {
        return;
    }
    let copied = Copied::target("node-os-command");
    let (mut child, mut lines) = started(&copied, &[]);
    assert!(lines.any(|line| line.contains(r#""type":"confirmed""#)));
    signal(&child, "-INT");
    let last = lines.last().unwrap();
    assert!(last.contains(r#""type":"summary""#) && last.contains(r#""interrupted":true"#), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    nothing_is_left(&copied);
}

/// Interrupts the run and hears what it still says. It must not wait for its function, which takes for ever.
#[track_caller]
fn interrupted<T>(copied: &Copied, mut child: Child, rest: impl FnOnce() -> T) -> T {
    let signaled = Instant::now();
    signal(&child, "-INT");
    let rest = rest();
    let code = child.wait().unwrap().code();
    let took = signaled.elapsed();
    assert_eq!(code, Some(130));
    // Some milliseconds; whoever waits for the function takes ten seconds or more.
    assert!(took < Duration::from_secs(5), "{took:?}");
    nothing_is_left(copied);
    rest
}

#[test]
fn an_interrupt_does_not_wait_for_an_initialization() {
    if is_missing(Needs::Python) {
        return;
    }
    let copied = Copied::file("app.py", "while True: pass\ndef handler(event, context): pass\n");
    let mut child = evfuzz(copied.path())
        .args(["run", "function", "--corpus", "corpus"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut stdout = child.stdout.take().unwrap();
    assert!(stderr.any(|line| line.starts_with("isolation: ")));
    let (told, summary) = interrupted(&copied, child, || {
        let told: Vec<String> = stderr.collect();
        (told.join("\n"), std::io::read_to_string(&mut stdout).unwrap())
    });
    assert!(told.contains("a second interrupt ends at once"), "{told}");
    assert!(summary.contains("0 events in ") && summary.contains("; interrupted"), "{summary}");
    for untrue in ["valid event", "skipped", "baseline 0ms"] {
        assert!(!told.contains(untrue) && !summary.contains(untrue), "{told}\n{summary}");
    }
}

#[test]
fn an_interrupt_does_not_wait_for_an_answer() {
    if is_missing(Needs::Python) {
        return;
    }
    let text = "
answered = 0
def handler(event, context):
    global answered
    while answered: pass
    answered += 1
";
    let copied = Copied::file("app.py", text);
    let (child, mut lines) = started(&copied, &["--workers", "1", "--timeout", "60s"]);
    // After the first event: the second one hangs.
    assert!(lines.any(|line| line.contains(r#""type":"progress""#)));
    let told: Vec<String> = interrupted(&copied, child, || lines.collect());
    let [summary] = told.as_slice() else { panic!("sources that nobody has tried: {told:#?}") };
    assert!(
        summary.contains(r#""interrupted":true"#) && summary.contains(r#""invocations":1,"#),
        "{summary}"
    );
}

/// The process that guards the functions of a run: its only child.
fn keeper(run: &Child) -> String {
    let parent = format!("PPid:\t{}", run.id());
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let mut children = entries.filter(|entry| {
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line == parent)
    });
    children.next().expect("a run has a keeper").file_name().into_string().unwrap()
}

#[test]
fn a_run_that_loses_its_keeper_says_what_it_did() {
    if cannot_run("node-os-command") {
        return;
    }
    let copied = Copied::target("node-os-command");
    let (mut child, mut lines) = started(&copied, &[]);
    assert!(lines.any(|line| line.contains(r#""type":"confirmed""#)));
    let killed = std::process::Command::new("kill").args(["-KILL", &keeper(&child)]).status().unwrap();
    assert!(killed.success());
    let last = lines.last().unwrap();
    assert!(last.contains(r#""type":"summary""#) && !last.contains(r#""processes":0,"#), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(1), "{last}");
}

#[test]
fn a_killed_run_leaves_no_process_and_a_corpus_that_loads() {
    if cannot_run("node-os-command") {
        return;
    }
    let copied = Copied::target("node-os-command");
    let rounds = if full() { 10 } else { 3 };
    for round in 0..rounds {
        let (mut child, mut lines) = started(&copied, &[]);
        // Another moment each time: after so many lines of its story.
        for _ in 0..=(round * 3) {
            if lines.next().is_none() {
                break;
            }
        }
        signal(&child, "-KILL");
        child.wait().unwrap();
        nothing_is_left(&copied);
        let findings = copied.corpus().join("findings");
        if std::fs::read_dir(&findings).is_ok_and(|entries| {
            entries.flatten().any(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        }) {
            let output = evfuzz(copied.path()).arg("replay").arg(copied.corpus()).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(text.contains("STILL FAILING"), "round {round}: {text}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(!stderr.contains("skipped"), "round {round}: {stderr}");
        }
    }
}

/// Waits until a file of the test is there.
fn wait_for(path: &std::path::Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} does not come", path.display());
        std::thread::yield_now();
    }
}

#[track_caller]
fn nothing_is_in(folder: &std::path::Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still there: {left:?}");
        std::thread::yield_now();
    }
}

/// A folder for temporary files that functions of another user can pass through.
fn temporary_folder(copied: &Copied) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = copied.path().join("tmp");
    std::fs::create_dir(&folder).unwrap();
    for folder in [copied.path(), &folder] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// While the interpreter is asked where it lives, nothing of the sandbox runs that could clean up.
#[test]
fn an_interrupt_before_the_sandbox_has_started_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let copied = Copied::file("index.js", "exports.handler = async (event) => event;");
    let tmp = temporary_folder(&copied);
    let (node, asked, answer) =
        (copied.path().join("node"), copied.path().join("asked"), copied.path().join("answer"));
    let script = format!("#!/bin/sh\n: > '{}'\nread -r _ < '{}'\n", asked.display(), answer.display());
    std::fs::write(&node, script).unwrap();
    std::fs::set_permissions(&node, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&answer).status().unwrap().success());
    for (command, signal_name) in [
        (&["invoke", "function"][..], "-INT"),
        (&["bench", "function"], "-INT"),
        (&["bench", "function"], "-TERM"),
        (&["generate", "s3", "--function", "function"], "-HUP"),
    ] {
        let mut child = evfuzz(copied.path())
            .args(command)
            .env("PATH", format!("{}:/usr/bin:/bin", copied.path().display()))
            .env("TMPDIR", &tmp)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(&asked);
        signal(&child, signal_name);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{command:?}");
        nothing_is_in(&tmp);
        // Lets the interpreter end.
        std::fs::write(&answer, "\n").unwrap();
        std::fs::remove_file(&asked).unwrap();
    }
    nothing_is_left(&copied);
}

#[test]
fn an_interrupted_measurement_leaves_nothing() {
    if cannot_run("node-echo") {
        return;
    }
    let copied = Copied::target("node-echo");
    let tmp = temporary_folder(&copied);
    let mut child = evfuzz(copied.path())
        .args(["bench", "function", "--rounds", "100000", "--time", "20ms"])
        .env("TMPDIR", &tmp)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.trim_start().starts_with("2 ")), "two rounds");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    nothing_is_in(&tmp);
    nothing_is_left(&copied);
}

/// nohup(1) ignores SIGHUP, and shells SIGINT for what they start in the background.
#[test]
fn what_is_ignored_stays_ignored() {
    if cannot_run("node-echo") {
        return;
    }
    let copied = Copied::target("node-echo");
    let script = "trap '' INT HUP; exec \"$0\" \"$@\"";
    let mut child = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_evfuzz"), "bench", "function"])
        .args(["--rounds", "3", "--time", "100ms"])
        .current_dir(copied.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.next().is_some());
    signal(&child, "-INT");
    signal(&child, "-HUP");
    assert!(lines.any(|line| line.starts_with("median: ")));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
