//! What AWS answers: for each column what is delivered and what comes back, for each client where it differs.
//!
//! Sources are named as `recorded` (LocalStack, `tests/aws/services/lambda_/test_lambda.snapshot.json` and
//! `test_lambda_common.snapshot.json`, recorded from AWS), `emulator` (AWS's runtime interface emulator), `docs` (AWS's
//! documentation) or by the client whose own code decides.

use serde_json::{Value, json};

use crate::clients::Client;

mod documents;

pub(crate) use documents::{Cause, ErrorDocument};
use documents::{handler_error, init_error};

/// A column of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Ok,
    HandlerError,
    InitError,
    Exit0,
    Exit3,
    Signal,
    Timeout,
    Oversize,
    Streaming,
    StreamError,
    Tenant,
    ClientContext,
    /// Unhandled rejection; elsewhere whatever else can fail while nobody waits for it.
    Unawaited,
    WorkAfter,
    LargeCause,
    NonAscii,
}

impl Column {
    pub(crate) const ALL: [(Column, &'static str); 16] = [
        (Column::Ok, "ok"),
        (Column::HandlerError, "handler error"),
        (Column::InitError, "init error"),
        (Column::Exit0, "exit 0"),
        (Column::Exit3, "exit 3"),
        (Column::Signal, "signal"),
        (Column::Timeout, "timeout"),
        (Column::Oversize, "oversize"),
        (Column::Streaming, "streaming"),
        (Column::StreamError, "stream error"),
        (Column::Tenant, "tenant"),
        (Column::ClientContext, "client context"),
        (Column::Unawaited, "unawaited failure"),
        (Column::WorkAfter, "work after"),
        (Column::LargeCause, "1 MiB cause"),
        (Column::NonAscii, "non-ASCII"),
    ];
}

/// A cell of the matrix.
pub(crate) enum Cell {
    /// It has no meaning for this client, and why.
    NotApplicable(&'static str),
    /// Runs, each in an execution environment of its own.
    Runs { runs: Vec<Run>, source: &'static str },
}

/// Events for one execution environment, and what comes back for each.
pub(crate) struct Run {
    pub(crate) steps: Vec<(Value, Answer)>,
    /// Further arguments of `evfuzz invoke`.
    pub(crate) args: Vec<String>,
    /// The handler, if it is not the usual one.
    pub(crate) handler: Option<&'static str>,
    /// What must stand in the log.
    pub(crate) prints: Option<&'static str>,
    /// What must be a record of its own, apart from what was printed, and its level.
    pub(crate) record: Option<(&'static str, &'static str)>,
    /// Whether the process ends after its first answer.
    pub(crate) late_end: LateEnd,
    /// Why posts were refused that answer nothing.
    pub(crate) stale: &'static [&'static str],
}

/// Whether a process ends after it has answered, before it takes another event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LateEnd {
    Never,
    /// With this exit status.
    Exit(i32),
}

/// A cell in which evfuzz does something else than AWS, on purpose.
pub(crate) struct Deviation {
    pub(crate) column: Column,
    pub(crate) client: Client,
    /// The recording or document of AWS that allows it.
    pub(crate) cites: &'static str,
}

pub(crate) const DEVIATIONS: &[Deviation] = &[];

/// What comes back for an event.
pub(crate) enum Answer {
    /// The event, and what the client says of the invocation.
    Facts(Facts),
    /// The handler failed, and the process lives on.
    Error(ErrorDocument),
    /// The function could not be initialized.
    InitError(ErrorDocument),
    /// The process ended: "Runtime exited" and this.
    Exit(&'static str),
    /// A signal ended the process: "Runtime exited" and this.
    Signal(&'static str),
    /// "Task timed out after" so many seconds.
    Timeout(&'static str),
    /// An answer of so many bytes.
    Large(usize),
    /// The answer was too large.
    TooLarge,
    /// A streamed answer: its content and media type.
    Streamed(String, &'static str),
    /// The same, sent in a buffered answer.
    Sent(String, &'static str),
    /// An answer that failed after a part of it was sent.
    Broken { sent: &'static str, mode: &'static str, document: ErrorDocument },
}

/// What a handler is told, as far as the column decides it.
#[derive(Default)]
pub(crate) struct Facts {
    /// The how-manieth event of its process.
    pub(crate) nth: u64,
    /// What an earlier process left in `/tmp`.
    pub(crate) kept: Option<&'static str>,
    /// What work after an earlier answer left there.
    pub(crate) later: Option<&'static str>,
    pub(crate) tenant: Option<&'static str>,
    pub(crate) trace: Option<&'static str>,
    pub(crate) client: Option<Value>,
    pub(crate) identity: Option<Value>,
}

fn facts(nth: u64) -> Answer {
    Answer::Facts(Facts { nth, ..Facts::default() })
}

fn echo() -> Value {
    json!({ "case": "echo" })
}

fn run(steps: Vec<(Value, Answer)>) -> Run {
    Run {
        steps,
        args: Vec::new(),
        handler: None,
        prints: None,
        record: None,
        late_end: LateEnd::Never,
        stale: &[],
    }
}

impl Run {
    fn args(self, args: &[&str]) -> Run {
        Run { args: args.iter().map(|it| (*it).to_owned()).collect(), ..self }
    }

    fn prints(self, text: &'static str) -> Run {
        Run { prints: Some(text), ..self }
    }
}

fn cell_of(source: &'static str, runs: impl IntoIterator<Item = Run>) -> Cell {
    Cell::Runs { runs: runs.into_iter().collect(), source }
}

const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
const TENANT: &str = "tenant-1";
const IDENTITY: &str =
    r#"{"cognitoIdentityId":"us-east-1:an-id","cognitoIdentityPoolId":"us-east-1:a-pool"}"#;

/// What is expected of `client` in `column`.
pub(crate) fn cell(column: Column, client: Client) -> Cell {
    match column {
        Column::Ok => cell_of(
            "recorded test_introspection_invoke, test_invocation_type_request_response; docs \"Runtime API\", next invocation",
            [run(vec![
                (echo(), Answer::Facts(Facts { nth: 1, trace: Some(TRACE), ..Facts::default() })),
                (json!({ "case": "echo", "value": [1, 2.5, "x", null, true, { "a": {} }] }), facts(2)),
            ])
            .args(&["--trace-id", TRACE])],
        ),
        Column::HandlerError => cell_of(
            "recorded test_uncaught_exception_invoke, test_lambda_handler_error",
            [Run {
                record: error_record(client),
                ..run(vec![
                    (
                        json!({ "case": "error", "message": "it refuses" }),
                        Answer::Error(handler_error(client, "it refuses")),
                    ),
                    (echo(), facts(2)),
                ])
            }],
        ),
        Column::InitError => init(client),
        Column::Exit0 => exit(0, "without providing a reason", "recorded test_lambda_handler_exit"),
        Column::Exit3 => exit(
            3,
            "with error: exit status 3",
            "recorded test_lambda_runtime_wrapper_not_found, which has exit status 127",
        ),
        Column::Signal => cell_of(
            "emulator: an end by a signal is an exit error that names it",
            [run(vec![
                (json!({ "case": "signal" }), Answer::Signal("with error: signal: killed")),
                (echo(), facts(1)),
            ])],
        ),
        Column::Timeout => cell_of(
            "recorded test_lambda_invoke_with_timeout, test_lambda_invoke_timed_out_environment_reuse",
            [timeout(client)],
        ),
        Column::Oversize => oversize(client),
        Column::Streaming => streaming(client),
        Column::StreamError => stream_error(client),
        Column::Tenant => cell_of(
            "docs \"Tenant isolation\": the context has the tenant of the invocation",
            [run(vec![(echo(), Answer::Facts(Facts { nth: 1, tenant: Some(TENANT), ..Facts::default() }))])
                .args(&["--tenant-id", TENANT])],
        ),
        Column::ClientContext => client_context(client),
        Column::Unawaited => unawaited(client),
        Column::WorkAfter => cell_of(
            "docs \"Execution environment\": work that was not finished goes on when the environment is used again",
            [run(vec![
                (json!({ "case": "later", "log": "the late line", "keep": "late" }), facts(1)),
                (
                    json!({ "case": "wait" }),
                    Answer::Facts(Facts { nth: 2, later: Some("late"), ..Facts::default() }),
                ),
            ])
            .prints("the late line")],
        ),
        Column::LargeCause => large_cause(client),
        Column::NonAscii => non_ascii(client),
    }
}

/// Runtimes whose clients log through a descriptor of their own: awslambdaric bootstrap.py, aws-lambda-ric LogPatch.js.
///
/// The Java client can open it only if the virtual machine was told to let it (AWSLambda.java, `intToFd`), else it prints;
/// which of the two the service does is not documented.
fn error_record(client: Client) -> Option<(&'static str, &'static str)> {
    match client {
        Client::LambdaRuntime | Client::AwsLambdaGo | Client::Shell | Client::Java => None,
        _ => Some(("it refuses", "ERROR")),
    }
}

fn exit(code: i32, how: &'static str, source: &'static str) -> Cell {
    cell_of(
        source,
        [run(vec![(json!({ "case": "exit", "code": code }), Answer::Exit(how)), (echo(), facts(1))])],
    )
}

/// The process is killed, and what it left in `/tmp` is there for the next one.
///
/// That one is initialized within the next invocation, whose time it takes from: docs "Execution environment", suppressed
/// init. So the time must be longer than the function needs to start on a busy machine.
fn timeout(client: Client) -> Run {
    let (time, after) = if client == Client::Java { ("4s", "4.00") } else { ("1s", "1.00") };
    run(vec![
        (json!({ "case": "sleep", "keep": "left" }), Answer::Timeout(after)),
        (echo(), Answer::Facts(Facts { nth: 1, kept: Some("left"), ..Facts::default() })),
    ])
    .args(&["--timeout", time])
}

/// Each event finds the function uninitialized, and it fails again.
fn init(client: Client) -> Cell {
    let fails = || match client {
        // main() fails before the client has begun: `panic` of Go, `Err` of Rust.
        Client::AwsLambdaGo => Answer::Exit("with error: exit status 2"),
        Client::LambdaRuntime => Answer::Exit("with error: exit status 1"),
        _ => Answer::InitError(init_error(client)),
    };
    cell_of(
        "recorded test_lambda_runtime_error, test_lambda_runtime_exit",
        [run(vec![(echo(), fails()), (echo(), fails())]).args(&["--env", "CONFORMANCE_INIT=error"])],
    )
}

/// The largest answer, one that is larger by a byte, and what becomes of the process.
fn oversize(client: Client) -> Cell {
    const LARGEST: usize = 6_291_556;
    let (nth, late_end) = match client {
        // These take the 413 for a failure of their own and end:
        // awslambdaric 4.2.2 lambda_runtime_client.py, `handle_exception`; aws-lambda-go 1.55.1 invoke_loop.go,
        // `handleInvoke`; Java client 2.10.1 AWSLambda.java: it posts an error in turn, which is refused.
        Client::Awslambdaric | Client::OurPython | Client::AwsLambdaGo | Client::Java => {
            (1, LateEnd::Exit(1))
        }
        // These go on: the native part of aws-lambda-ric says so in the log, `lambda_runtime` as well.
        _ => (3, LateEnd::Never),
    };
    let stale: &[&str] = if client == Client::Java { &["double"] } else { &[] };
    cell_of(
        "recorded test_lambda_too_large_response",
        [Run {
            late_end,
            stale,
            ..run(vec![
                (json!({ "case": "large", "bytes": LARGEST }), Answer::Large(LARGEST)),
                (json!({ "case": "large", "bytes": LARGEST + 1 }), Answer::TooLarge),
                (echo(), facts(nth)),
            ])
        }],
    )
}

const FIRST: &str = "erster Teil, ";
const SECOND: &str = "zweiter Teil";
const TEXT: &str = "text/plain; charset=utf-8";

/// `lambda_runtime` 1.5.0 requests.rs: streams begin with a prelude, a JSON document and eight zero bytes.
const PRELUDE: &str = "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/octet-stream\"},\"cookies\":[]}\0\0\0\0\0\0\0\0";
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";

const NO_STREAMS_IN_PYTHON: &str =
    "docs \"Response streaming\": Python has none; awslambdaric posts whole answers";
const NO_STREAMS_IN_JAVA: &str =
    "docs \"Response streaming\": Java has none; RequestStreamHandler fills a buffer that is posted whole";

fn streaming(client: Client) -> Cell {
    let event = json!({ "case": "stream", "first": FIRST, "second": SECOND });
    let whole = format!("{FIRST}{SECOND}");
    let answer = match client {
        Client::OurPython | Client::Awslambdaric => return Cell::NotApplicable(NO_STREAMS_IN_PYTHON),
        Client::Java => return Cell::NotApplicable(NO_STREAMS_IN_JAVA),
        // aws-lambda-go 1.55.1 runtime_api_client.go: chunks as they come, but no header that says "streaming".
        Client::AwsLambdaGo => Answer::Sent(whole, TEXT),
        Client::LambdaRuntime => Answer::Streamed(format!("{PRELUDE}{whole}"), INTEGRATION),
        _ => Answer::Streamed(whole, TEXT),
    };
    cell_of(
        "docs \"Building a custom runtime\", response streaming; \"Invoke\" returns a streamed answer as a whole",
        [streaming_run(client, run(vec![(event, answer)]))],
    )
}

fn stream_error(client: Client) -> Cell {
    let event = json!({ "case": "stream", "first": FIRST, "fail": "it breaks off" });
    let answer = match client {
        Client::OurPython | Client::Awslambdaric => return Cell::NotApplicable(NO_STREAMS_IN_PYTHON),
        Client::Java => return Cell::NotApplicable(NO_STREAMS_IN_JAVA),
        Client::Shell => return Cell::NotApplicable("the command curl cannot send trailers"),
        // `lambda_runtime` 1.5.0 requests.rs writes what should be trailers into the body, so nobody sees an error.
        Client::LambdaRuntime => Answer::Streamed(
            format!(
                "{PRELUDE}{FIRST}Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n\
                 Lambda-Runtime-Function-Error-Body: aXQgYnJlYWtzIG9mZg==\r\n"
            ),
            INTEGRATION,
        ),
        _ => Answer::Broken {
            sent: FIRST,
            mode: if client == Client::AwsLambdaGo { "buffered" } else { "streaming" },
            document: documents::stream_error(client, "it breaks off"),
        },
    };
    cell_of(
        "docs \"Building a custom runtime\", response streaming: error type and body travel as trailers",
        [streaming_run(client, run(vec![(event, answer)]))],
    )
}

/// Where streaming is a matter of the function's type, another function is meant.
fn streaming_run(client: Client, run: Run) -> Run {
    match client {
        Client::OurNode20 | Client::OurNode22 | Client::AwsLambdaRic3 | Client::AwsLambdaRic4 => {
            Run { handler: Some("index.stream"), ..run }
        }
        Client::LambdaRuntime => run.args(&["--env", "CONFORMANCE_STREAM=1"]),
        _ => run,
    }
}

/// As mobile SDKs send it; the handler passes on a part.
fn context(installation: &str, key: &str, value: &str) -> (String, Value) {
    let context = json!({
        "client": {
            "installation_id": installation,
            "app_title": "app",
            "app_version_name": "1.0",
            "app_version_code": "1",
            "app_package_name": "com.example",
        },
        "custom": { key: value },
        "env": {},
    });
    (context.to_string(), json!({ "installation_id": installation, "custom": { key: value } }))
}

fn client_context(client: Client) -> Cell {
    let (header, told) = context("installation-1", "key", "value");
    let identity = json!({ "id": "us-east-1:an-id", "pool": "us-east-1:a-pool" });
    // The script of the shell hands both on as they come.
    let (told, identity) = match client {
        Client::Shell => (header.parse().unwrap(), IDENTITY.parse().unwrap()),
        _ => (told, identity),
    };
    let facts = Facts { nth: 1, client: Some(told), identity: Some(identity), ..Facts::default() };
    cell_of(
        "docs \"Runtime API\", next invocation: client context and Cognito identity are JSON in headers",
        [run(vec![(echo(), Answer::Facts(facts))]).args(&[
            "--client-context",
            &header,
            "--cognito-identity",
            IDENTITY,
        ])],
    )
}

fn unawaited(client: Client) -> Cell {
    let event = json!({ "case": "unawaited", "message": "nobody waits" });
    let (source, answer, next) = match client {
        // The managed nodejs22.x contains version 3 as well: nodejs24.x is the first with version 4
        // (aws-lambda-base-images#392).
        Client::OurNode20 | Client::OurNode22 | Client::AwsLambdaRic3 => (
            "aws-lambda-ric 3.3.0 index.mjs: it posts Runtime.UnhandledPromiseRejection and ends with 128",
            Answer::Error(documents::unhandled_rejection()),
            1,
        ),
        Client::AwsLambdaRic4 => (
            "aws-lambda-ric 4.0.2 has no listener: Node.js prints the error and ends with 1",
            Answer::Exit("with error: exit status 1"),
            1,
        ),
        Client::OurPython | Client::Awslambdaric => {
            ("docs of Python, threading.excepthook: an exception of a thread is printed", facts(1), 2)
        }
        Client::LambdaRuntime => {
            ("docs of tokio, spawn: a panic ends the task alone, and is printed", facts(1), 2)
        }
        Client::AwsLambdaGo => (
            "Go specification, handling panics: of a goroutine it ends the program, with exit status 2",
            Answer::Exit("with error: exit status 2"),
            1,
        ),
        Client::Java => {
            ("docs of Java, Thread: an uncaught exception ends the thread, and is printed", facts(1), 2)
        }
        Client::Shell => {
            return Cell::NotApplicable("a command in the background has no failure that anyone is told");
        }
    };
    let late_end = match client {
        Client::OurNode20 | Client::OurNode22 | Client::AwsLambdaRic3 => LateEnd::Exit(128),
        _ => LateEnd::Never,
    };
    cell_of(
        source,
        [Run { late_end, ..run(vec![(event, answer), (echo(), facts(next))]).prints("nobody waits") }],
    )
}

/// Just below the size that clients send, and just above.
fn large_cause(client: Client) -> Cell {
    const BELOW: usize = 1_024_000;
    const ABOVE: usize = 1_100_000;
    let event = |bytes: usize| json!({ "case": "huge-error", "bytes": bytes });
    let document = |bytes: usize, cause| {
        Answer::Error(ErrorDocument { cause, ..handler_error(client, &"x".repeat(bytes)) })
    };
    let sent = if client == Client::LambdaRuntime { Cause::Absent } else { Cause::Cropped };
    let mut steps = vec![(event(BELOW), document(BELOW, sent)), (echo(), facts(2))];
    // These know the limit and leave the cause away. libcurl, in aws-lambda-ric and in the shell, refuses to send such
    // headers at all.
    let knows_the_limit = matches!(
        client,
        Client::OurPython | Client::Awslambdaric | Client::AwsLambdaGo | Client::Java | Client::LambdaRuntime
    );
    if knows_the_limit {
        steps.push((event(ABOVE), document(ABOVE, Cause::Absent)));
        steps.push((echo(), facts(4)));
    }
    cell_of(
        "awslambdaric, aws-lambda-go and the Java client send causes of less than 1 MiB; \
         emulator error_cause.go: X-Ray gets at most 64 KiB of it, so a single large exception is left away",
        [run(steps)],
    )
}

const LINE: &str = "Zürich, ключ, 東京, 🎉";

fn non_ascii(client: Client) -> Cell {
    let event = json!({ "case": "echo", "log": LINE, "ключ": { "東京": ["🎉", "é", "\u{2028}"] } });
    let ordinary = run(vec![
        (event, facts(1)),
        (json!({ "case": "error", "message": LINE }), Answer::Error(non_ascii_error(client))),
    ])
    .prints(LINE);
    let (header, told) = context("ключ-🎉", "Schlüssel", "東京");
    let answer = match client {
        // `lambda_runtime` 1.5.0 types.rs reads the header with `to_str`, which takes ASCII only; the loop ends.
        Client::LambdaRuntime => Answer::Exit("with error: exit status 1"),
        // Java client 2.10.1, NativeClient.cpp: JNI's strings have another UTF-8 beyond the basic plane.
        Client::Java => Answer::Error(documents::java_context_error()),
        Client::Shell => {
            Answer::Facts(Facts { nth: 1, client: Some(header.parse().unwrap()), ..Facts::default() })
        }
        _ => Answer::Facts(Facts { nth: 1, client: Some(told), ..Facts::default() }),
    };
    let context = run(vec![(echo(), answer)]).args(&["--client-context", &header]);
    cell_of(
        "docs \"Runtime API\": events, answers and errors are JSON, hence UTF-8; emulator rendering.go: \
         the client context is passed on byte by byte",
        [ordinary, context],
    )
}

fn non_ascii_error(client: Client) -> ErrorDocument {
    let document = handler_error(client, LINE);
    match client {
        // LambdaRuntimeApiClientImpl.java: HttpURLConnection writes headers as Latin-1, a question mark for the rest.
        Client::Java => ErrorDocument { cause: Cause::Garbled, ..document },
        _ => document,
    }
}
