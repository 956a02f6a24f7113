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
