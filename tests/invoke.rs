//! `evfuzz invoke`, as people and scripts see what it prints.

use std::process::Output;

use serde_json::Value;

use crate::support::{Copied, Needs, evfuzz, is_missing};

/// Delivers to `function`, with these arguments.
fn invoke(function: &Copied, args: &[&str]) -> Output {
    evfuzz(function.path()).arg("invoke").arg(&function.function).args(args).output().unwrap()
}

/// What it says to people.
fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The lines of `--format json`.
fn described(function: &Copied, args: &[&str]) -> Vec<Value> {
    let output = invoke(function, &[&["--format", "json"], args].concat());
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_not_shown_of_a_log_is_counted_in_bytes() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
exports.handler = async () => {
  const line = 'x'.repeat(1000);
  for (let number = 0; number < 3000; number++) console.log(line);
};";
    let function = Copied::file("index.js", text);
    let answer = &described(&function, &[])[0];
    let records = answer["records"].as_array().unwrap();
    assert_eq!(records.len(), 1024);
    let first = records[0]["text"].as_str().unwrap().len();
    let missing = answer["log_discarded"].as_u64().unwrap();
    assert_eq!(missing, (3000 - 1024) * first as u64, "each of {first} bytes");
    let text = said(&invoke(&function, &[]));
    assert!(text.contains(&format!("evfuzz: {missing} more bytes of output are not shown\n")), "{text}");
}

#[test]
fn a_log_keeps_its_order_and_its_tabs() {
    if is_missing(Needs::Python) {
        return;
    }
    // What is waited for between two messages has been read before the second one is written.
    let text = "
import fcntl, os, struct, termios

def log(text):
    os.write(62, struct.pack('>IIq', 0xA55A0003 | 12, len(text), 1) + text)

def wait():
    for pipe in (1, 62):
        while any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))):
            os.sched_yield()

def handler(event, context):
    log(b'one\\tand')
    os.write(1, b'two\\tand\\n')
    wait()
    log(b'three')
    wait()
    os.write(1, b'four')
    wait()
    log(b'five')
    wait()
    os.write(1, b'\\x1b[31m six\\n')
";
    let function = Copied::file("function.py", text);
    let text = said(&invoke(&function, &["--handler", "function.handler", "--timeout", "5s"]));
    let lines: Vec<&str> = text.lines().skip_while(|it| !it.starts_with("START")).skip(1).collect();
    assert_eq!(lines[..5], ["one\tand", "two\tand", "three", "four\\u{1b}[31m six", "five"], "{text}");
}

#[test]
fn bytes_that_are_no_text_arrive_as_they_are() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write(Buffer.from(event, 'base64'));
  stream.end();
});";
    let function = Copied::file("index.js", text);
    let binary = b"\x00\xff\xfe\n";
    let args = ["--data", "\"AP/+Cg==\"", "--data", "\"dGV4dA==\"", "--data", "\"AP/+Cg==\""];
    let output = invoke(&function, &args);
    // Only text gets a line of its own.
    assert_eq!(output.stdout, [binary.as_slice(), b"text\n", binary].concat(), "{}", said(&output));
    let answers = described(&function, &args);
    let payload = |at: usize| (answers[at].get("payload"), answers[at].get("payload_base64"));
    assert_eq!(payload(0), (None, Some(&"AP/+Cg==".into())));
    assert_eq!(payload(1), (Some(&"text".into()), None));
}

#[test]
fn what_is_not_shown_of_a_stream_is_counted() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  await pipeline(Readable.from(Array(8).fill('x'.repeat(1 << 20))), stream);
});";
    let function = Copied::file("index.js", text);
    let output = invoke(&function, &["--timeout", "20s"]);
    let shown = output.stdout.trim_ascii_end().len();
    let text = said(&output);
    assert!(text.contains(&format!("{} more bytes of the answer", (8 << 20) - shown)), "{shown}: {text}");
    let answer = &described(&function, &["--timeout", "20s"])[0];
    let kept = answer["payload"].as_str().unwrap().len();
    assert_eq!(kept as u64 + answer["payload_discarded"].as_u64().unwrap(), 8 << 20);
}

#[test]
fn refused_posts_say_why() {
    if is_missing(Needs::Python) {
        return;
    }
    let text = "
import http.client, os

API = os.environ['AWS_LAMBDA_RUNTIME_API']
earlier = []

def post(request_id, **headers):
    headers = {name.replace('_', '-'): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(API)
    connection.request('POST', f'/2018-06-01/runtime/invocation/{request_id}/response', b'1', headers)
    connection.getresponse().read()

def handler(event, context):
    post('nobody')
    post(context.aws_request_id, Lambda_Runtime_Invocation_Id='other')
    if earlier:
        post(earlier[0])
        post(context.aws_request_id)
        post(context.aws_request_id)
    earlier.append(context.aws_request_id)
";
    let function = Copied::file("function.py", text);
    let args = ["--handler", "function.handler", "--data", "1", "--data", "2"];
    let mut causes: Vec<(String, String)> = Vec::new();
    for answer in described(&function, &args) {
        for post in answer["stale"].as_array().unwrap() {
            let member = |name: &str| post[name].as_str().unwrap().to_owned();
            causes.push((member("cause"), member("request_id")));
        }
    }
    let (first, second) = ("00000000-0000-4001-8000-000000000001", "00000000-0000-4001-8000-000000000002");
    let expected = [
        ("unknown-id", "nobody"),
        ("other-delivery", first),
        ("unknown-id", "nobody"),
        ("other-delivery", second),
        ("late", first),
        ("double", second),
        // What the client says after its handler.
        ("double", second),
    ];
    assert_eq!(causes, expected.map(|(cause, id)| (cause.to_owned(), id.to_owned())));
    let text = said(&invoke(&function, &args));
    for part in [
        "an answer for nobody names no event that the runtime was given (400)".to_owned(),
        format!("an answer for {second} has another Lambda-Runtime-Invocation-Id than the event (410)"),
        format!("an answer for {first} came too late: the runtime had asked for another event since (400)"),
        format!("an answer for {second} came when that invocation was answered already (403)"),
    ] {
        assert!(text.contains(&format!("evfuzz: {part}\n")), "{part}\n{text}");
    }
}

/// A bootstrap in Python, with `next_event` and `answer`.
fn bootstrap(text: &str) -> Copied {
    let client = "#!/usr/bin/env python3
import http.client, os, signal, sys

connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])

def call(method, path, body=None, **headers):
    headers = {name.replace('_', '-'): value for name, value in headers.items()}
    connection.request(method, '/2018-06-01/runtime/' + path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.headers['Lambda-Runtime-Aws-Request-Id']

def next_event():
    return call('GET', 'invocation/next')

def answer(request_id, **headers):
    call('POST', f'invocation/{request_id}/response', b'\"answered\"', **headers)
";
    let function = Copied::file("bootstrap", &format!("{client}{text}"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(function.function.join("bootstrap"), mode).unwrap();
    function
}

/// The lines that begin so.
fn lines<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.starts_with(start)).collect()
}

/// `12.34 ms` after `name`.
fn milliseconds(line: &str, name: &str) -> f64 {
    let value = line.split('\t').find_map(|part| part.strip_prefix(name)).unwrap();
    value.trim_start_matches(": ").strip_suffix(" ms").unwrap().parse().unwrap()
}

#[test]
fn who_does_not_come_back_for_the_next_event_has_not_ended_and_did_answer() {
    if is_missing(Needs::Python) {
        return;
    }
    let function = bootstrap(
        "
while True:
    request_id = next_event()
    answer(request_id)
    answer(request_id)
    print('busy', flush=True)
    signal.pause()
",
    );
    let args = ["--timeout", "1s", "--data", "1", "--data", "2"];
    let output = invoke(&function, &args);
    assert_eq!(output.stdout, b"\"answered\"\n\"answered\"\n");
    let text = said(&output);
    let late = "did not ask for the next event within 1000 ms";
    assert!(text.contains(&format!("evfuzz: after its last answer the process {late}\n")), "{text}");
    let answer = &described(&function, &args)[1];
    assert_eq!((&answer["late_end"], &answer["late_log"]), (&late.into(), &"busy\n".into()));
    assert_eq!(answer["stale"][0]["cause"], "double", "{answer}");
}

#[test]
fn an_invalid_response_mode_is_the_end_of_the_process() {
    if is_missing(Needs::Python) {
        return;
    }
    let function = bootstrap(
        "
while True:
    answer(next_event(), Lambda_Runtime_Function_Response_Mode='odd')
    signal.pause()
",
    );
    // It is not waited for: every call that it could still make would be refused.
    let answers = described(&function, &["--timeout", "5s", "--data", "1", "--data", "2"]);
    for answer in &answers {
        assert_eq!(
            (&answer["outcome"], &answer["late_end"]),
            (&"invalid-response-mode".into(), &Value::Null)
        );
    }
    assert!(answers[1]["suppressed_init_ms"].is_f64(), "{answers:?}");
}

#[test]
fn durations_add_up() {
    if is_missing(Needs::Python) {
        return;
    }
    let function = bootstrap(
        "
marker = '/tmp/started'
if not os.path.exists(marker):
    open(marker, 'w').close()
    print('first', flush=True)
    sys.exit(3)
print('second', flush=True)
while True:
    answer(next_event())
",
    );
    let args = ["--timeout", "20s", "--data", "1", "--data", "2"];
    let text = said(&invoke(&function, &args));
    let order: Vec<usize> =
        ["first\n", "INIT_REPORT", "START", "second\n", "END"].map(|part| text.find(part).unwrap()).into();
    assert!(order.is_sorted(), "{text}");
    let [failed] = lines(&text, "INIT_REPORT")[..] else { panic!("{text}") };
    assert!(failed.ends_with("\tPhase: init\tStatus: error\tError Type: Runtime.ExitError"), "{text}");
    let [first, second] = lines(&text, "REPORT")[..] else { panic!("{text}") };
    assert!(!text.contains("\tInit Duration"), "{text}");
    let answers = described(&function, &args);
    let (took, suppressed) = (&answers[0]["duration_ms"], &answers[0]["suppressed_init_ms"]);
    assert_eq!(answers[0]["init_ms"], Value::Null);
    assert_eq!((&answers[0]["failed_init_log"], &answers[0]["log"]), (&"first\n".into(), &"second\n".into()));
    assert!(took.as_f64() > suppressed.as_f64() && suppressed.as_f64() > Some(1.0), "{answers:?}");
    assert_eq!(answers[1]["suppressed_init_ms"], Value::Null);
    for answer in &answers {
        for number in [&answer["duration_ms"], &answer["suppressed_init_ms"]] {
            let digits = number.to_string();
            let fraction = digits.split_once('.').map_or("", |it| it.1);
            assert!(number.is_null() || fraction.len() <= 3, "{digits}");
        }
    }
    // Starting Python takes longer than an answer.
    assert!(milliseconds(first, "Duration") > milliseconds(second, "Duration"), "{text}");
}

#[test]
fn a_first_initialization_has_a_duration_of_its_own() {
    if is_missing(Needs::Python) {
        return;
    }
    let function = bootstrap("while True:\n    answer(next_event())\n");
    let text = said(&invoke(&function, &["--data", "1", "--data", "2"]));
    let [first, second] = lines(&text, "REPORT")[..] else { panic!("{text}") };
    assert!(milliseconds(first, "Init Duration") > milliseconds(first, "Duration"), "{text}");
    assert!(!second.contains("Init"), "{text}");
}

#[test]
fn an_initialization_that_takes_too_long_is_reported_for_both_phases() {
    if is_missing(Needs::Python) {
        return;
    }
    let function = bootstrap("signal.pause()\n");
    let output = invoke(&function, &["--init-timeout", "300ms", "--timeout", "200ms"]);
    let text = said(&output);
    let [first, second] = lines(&text, "INIT_REPORT")[..] else { panic!("{text}") };
    assert!(first.ends_with("\tPhase: init\tStatus: timeout"), "{text}");
    assert!(second.ends_with("\tPhase: invoke\tStatus: timeout"), "{text}");
    let payload = String::from_utf8(output.stdout).unwrap();
    assert!(payload.contains("Task timed out after 0.20 seconds"), "{payload}");
}

/// Where a function was to die of a signal in its initialization, AWS was recorded with a timeout: but it did not die. See
/// `harness/emulator/src/instance.rs`.
#[test]
fn a_signal_during_the_initialization_ends_the_invocation_at_once() {
    if is_missing(Needs::Node) {
        return;
    }
    let function =
        Copied::file("index.js", "process.kill(process.pid, 'SIGSEGV');\nexports.handler = () => {};");
    let answer = &described(&function, &["--timeout", "20s"])[0];
    assert_eq!((&answer["outcome"], &answer["failed_init"]), (&"signal".into(), &"signal 11".into()));
    let payload = answer["payload"].as_str().unwrap();
    assert!(payload.contains("Runtime exited with error: signal: segmentation fault"), "{payload}");
}

#[test]
fn what_the_service_refuses_leaves_no_log() {
    if is_missing(Needs::Python) {
        return;
    }
    let function = bootstrap("while True:\n    answer(next_event())\n");
    let output = invoke(&function, &["--data", "{bad"]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    assert_eq!(text, "evfuzz: InvalidRequestContentException: the service refuses the event\n");
    assert!(
        output.stdout.starts_with(b"{\"Type\":\"User\",\"message\":\"Could not parse request body into json")
    );
    let answer = &described(&function, &["--data", "{bad"])[0];
    assert_eq!((&answer["outcome"], &answer["request_id"]), (&"invalid-request".into(), &Value::Null));
    assert_eq!((&answer["status"], &answer["duration_ms"]), (&400.into(), &Value::Null));
}
