//! Runtime noise: valid events that a runtime cannot take, whatever the function does with them.
//!
//! Measured with identity functions under the clients of AWS; ours must do the same, and the echo control of the engine relies
//! on it. A runtime that copes with more in a later version shows here first.

use std::fmt::Write as _;

use crate::clients::{Client, identity, ready};
use crate::invoke::invoke_bytes;
use crate::support::skipped;

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It comes back.
    Comes,
    /// The client reports an error and goes on.
    Error,
    /// The process ends.
    Crash,
    /// The service refuses it.
    Refused,
}

use End::{Comes, Crash, Error, Refused};

/// A client with what its runtime is called.
struct Column {
    client: Client,
    /// `AWS_EXECUTION_ENV`, by which the Python client decides how it writes JSON.
    execution_env: Option<&'static str>,
}

const COLUMNS: [Column; 9] = [
    Column { client: Client::OurPython, execution_env: None },
    Column { client: Client::Awslambdaric, execution_env: None },
    Column { client: Client::OurPython, execution_env: Some("AWS_Lambda_python3.12") },
    Column { client: Client::Awslambdaric, execution_env: Some("AWS_Lambda_python3.12") },
    Column { client: Client::OurNode20, execution_env: None },
    Column { client: Client::AwsLambdaRic3, execution_env: None },
    Column { client: Client::AwsLambdaRic4, execution_env: None },
    Column { client: Client::LambdaRuntime, execution_env: None },
    Column { client: Client::AwsLambdaGo, execution_env: None },
];

/// Events, and what becomes of them: Python, Python from 3.12 on, Node, Rust, Go.
fn rows() -> Vec<(&'static str, Vec<u8>, [End; 5])> {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", text(""), [Refused; 5]),
        ("not JSON", text("{oops"), [Refused; 5]),
        ("NaN", text("NaN"), [Refused; 5]),
        ("a byte order mark", text("\u{feff}{}"), [Refused; 5]),
        ("not UTF-8", b"\"\xff\"".to_vec(), [Refused; 5]),
        ("half a surrogate pair", text("{\"s\":\"\\ud800\"}"), [Comes, Crash, Comes, Error, Comes]),
        ("nested 200 deep", nested(200), [Comes, Comes, Comes, Error, Comes]),
        ("nested 5,000 deep", nested(5_000), [Error, Error, Error, Error, Comes]),
        ("a number out of range", text("{\"n\":1e999}"), [Comes, Comes, Comes, Error, Error]),
        (
            "a number of 30 digits",
            text("{\"n\":123456789012345678901234567890}"),
            [Comes, Comes, Comes, Comes, Comes],
        ),
        ("a key twice", text("{\"a\":1,\"a\":2}"), [Comes; 5]),
        ("__proto__", text("{\"__proto__\":{\"a\":1}}"), [Comes; 5]),
        ("NUL and DEL", text("{\"s\":\"\\u0000\u{7f}\"}"), [Comes; 5]),
        ("other scripts", text("{\"s\":\"grüße, мир, 世界, \u{1f980}\"}"), [Comes; 5]),
        ("a number", text("1"), [Comes; 5]),
        ("null", text("null"), [Comes; 5]),
    ]
}

fn kind(client: Client, execution_env: Option<&str>) -> usize {
    match client {
        Client::OurPython | Client::Awslambdaric => usize::from(execution_env.is_some()),
        Client::OurNode20 | Client::OurNode22 | Client::AwsLambdaRic3 | Client::AwsLambdaRic4 => 2,
        Client::LambdaRuntime => 3,
        Client::AwsLambdaGo => 4,
        Client::Java | Client::Shell => unreachable!("no column"),
    }
}

#[test]
fn runtimes_fail_on_the_events_that_they_are_known_to_fail_on() {
    let rows = rows();
    let mut table = String::new();
    let mut wrong = Vec::new();
    for column in &COLUMNS {
        let ready = match ready(column.client) {
            Ok(ready) => ready,
            Err(reason) => {
                skipped(&format!("{}: {reason}", column.client.name()));
                continue;
            }
        };
        let mut args = vec!["--env".to_owned(), "CONFORMANCE_IDENTITY=1".to_owned()];
        if let Some(handler) = column.client.handler() {
            args.extend(["--handler".to_owned(), identity(handler)]);
        }
        if let Some(name) = column.execution_env {
            args.extend(["--env".to_owned(), format!("AWS_EXECUTION_ENV={name}")]);
        }
        let events: Vec<Vec<u8>> = rows.iter().map(|(_, event, _)| event.clone()).collect();
        let printed = invoke_bytes(&ready, &events, &args).unwrap_or_else(|error| panic!("{error}"));
        let name = format!("{} {}", column.client.name(), column.execution_env.unwrap_or_default());
        write!(table, "{name:45}").unwrap();
        for ((what, _, expected), invocation) in rows.iter().zip(&printed.invocations) {
            let end = match invocation.outcome.as_str() {
                "response" => Comes,
                "function-error" => Error,
                "exit" | "signal" => Crash,
                "invalid-request" => Refused,
                other => panic!("{name}, {what}: {other}"),
            };
            write!(table, " {end:?}").unwrap();
            let expected = expected[kind(column.client, column.execution_env)];
            if end != expected {
                wrong.push(format!("{name}, {what}: {end:?}, expected {expected:?}"));
            }
        }
        table.push('\n');
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
