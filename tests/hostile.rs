//! Functions that turn against the Runtime API: they must not hang, crash or confuse it, and cost it no memory.
//!
//! Each does its worst during one event; the next event meets a server that works as if nothing had been.

use std::io::Read as _;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Copied, Needs, evfuzz, is_missing};

/// Longest time for one command: the slowest function sends a gigabyte.
const LIMIT: Duration = Duration::from_secs(60);

/// Most memory that evfuzz may use for any of them, in KB. Without a function it takes about 10 MB.
const MOST_MEMORY_KB: u64 = 200_000;

struct Seen {
    invocations: Vec<Value>,
    memory_kb: u64,
}

/// Delivers these events to one environment of the hostile function.
fn deliver(events: &[&str], timeout: &str) -> Seen {
    let copied = Copied::file("function.py", include_str!("hostile/function.py"));
    let mut command = evfuzz(copied.path());
    command.arg("invoke").arg(&copied.function).args(["--format", "json", "--timeout", timeout]);
    command.args(["--handler", "function.handler"]);
    for event in events {
        command.arg("--data").arg(json!(event).to_string());
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (send, output) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        send.send(stdout.read_to_string(&mut text).map(|_| text))
    });
    let started = Instant::now();
    let mut memory_kb = 0;
    let text = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let highest = highest.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok());
        memory_kb = highest.unwrap_or(memory_kb).max(memory_kb);
        if let Ok(text) = output.recv_timeout(Duration::from_millis(2)) {
            break text.unwrap();
        }
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{events:?} keep evfuzz from its end");
        }
    };
    child.wait().unwrap();
    let invocations: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|it: &Value| it["type"] == "invocation")
        .collect();
    assert_eq!(invocations.len(), events.len(), "{text}");
    Seen { invocations, memory_kb }
}

/// `what` ends as told, and the event after it is served.
#[track_caller]
fn check(what: &str, timeout: &str, outcome: &str, payload: Option<&str>) -> Seen {
    let seen = deliver(&[what, "fine"], timeout);
    let [hostile, next] = seen.invocations.as_slice() else { panic!("two invocations") };
    assert_eq!(hostile["outcome"], outcome, "{what}: {hostile}");
    if let Some(payload) = payload {
        assert_eq!(hostile["payload"], payload, "{what}: {hostile}");
    }
    assert_eq!(
        (&next["outcome"], &next["payload"]),
        (&json!("response"), &json!("\"fine\"")),
        "{what}: {next}"
    );
    assert!(seen.memory_kb < MOST_MEMORY_KB, "{what}: {} KB", seen.memory_kb);
    seen
}

#[test]
fn what_is_no_request() {
    if is_missing(Needs::Python) {
        return;
    }
    // The last one names no path that is known; that its body is none either is found when it has its answer.
    check("malformed", "5s", "response", Some("[400, 400, 400, 400, 404]"));
}

#[test]
fn answers_that_belong_to_nobody() {
    if is_missing(Needs::Python) {
        return;
    }
    let seen = check("wrong_ids", "5s", "response", Some("[400]"));
    let stale = seen.invocations[0]["stale"].as_array().unwrap();
    assert_eq!(stale.len(), 64, "kept up to a limit");
    // The first answer counts; what follows names an invocation that is over.
    check("answer_twice", "5s", "response", Some("\"first\""));
    check("half_closed", "5s", "response", Some("\"half\""));
    check("byte_by_byte", "5s", "response", Some("\"slow\""));
    // While it is being read nothing else is taken, so the client is refused and gives up.
    check("half_an_answer", "5s", "exit", None);
}

#[test]
fn connections_without_end() {
    if is_missing(Needs::Python) {
        return;
    }
    check("slow_heads", "5s", "response", Some("\"open\""));
    check("many_connections", "10s", "response", Some("true"));
}

#[test]
fn a_gigabyte() {
    if is_missing(Needs::Python) {
        return;
    }
    check("large_answer", "40s", "response-too-large", None);
    check("large_stray", "40s", "response", Some("400"));
}

#[test]
fn output_without_end() {
    if is_missing(Needs::Python) {
        return;
    }
    let seen = check("printed_flood", "20s", "response", Some("\"printed\""));
    let log = seen.invocations[0]["log"].as_str().unwrap();
    let kept = log.len() as u64;
    assert!(kept <= 64 * 1024, "{kept}");
    let discarded = seen.invocations[0]["log_discarded"].as_u64().unwrap();
    assert_eq!(kept + discarded, 800 * 65536, "every byte is counted");

    let seen = check("record_flood", "20s", "response", Some("\"recorded\""));
    let records = seen.invocations[0]["records"].as_array().unwrap();
    assert!(!records.is_empty() && records.len() <= 1024, "{}", records.len());
    assert!(records.iter().all(|it| it["level"] == "ERROR"), "what is no frame makes no record");
    let kept: usize = records.iter().map(|it| it["text"].as_str().unwrap().chars().count()).sum();
    let all = kept as u64 + seen.invocations[0]["log_discarded"].as_u64().unwrap();
    // Where the flood was cut, heads of frames are lost with their texts.
    let written = 800 * (60_000 + "no frame at all".len() as u64);
    assert!((written..=written + 800 * 16).contains(&all), "every byte is counted: {all} of {written}");
}

#[test]
fn processes_that_stay() {
    if is_missing(Needs::Python) {
        return;
    }
    check("daemon", "5s", "response", Some("\"left behind\""));
}

#[test]
fn two_that_ask_for_the_next_event() {
    if is_missing(Needs::Python) {
        return;
    }
    check("next_twice", "5s", "response", Some("[200, 200]"));
    // The thread takes an event that the client would have got, and never answers it: that is what its timeout is for.
    let seen = deliver(&["steal_next", "fine", "fine"], "300ms");
    let ends: Vec<&str> = seen.invocations.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(ends[0], "response");
    assert_eq!(ends[2], "response", "{ends:?}");
}
