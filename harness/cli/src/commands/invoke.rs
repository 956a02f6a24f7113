//! `evfuzz invoke`: deliver events to one execution environment, and print what a caller of the Invoke API would get.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use evfuzz_emulator::{Invoke, Invoked, LogText, Outcome, ResponseMode, Settled, StaleCause, StalePost};
use evfuzz_engine::{EngineError, event_loop, in_words};
use evfuzz_generators::case::TestCase;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;
use serde_json::{Value, json};

use super::function::{self, Opened};
use crate::args::{Format, InvokeArgs};
use crate::exit::{Exit, Failure};
use crate::report::escape::{printable, printable_line};
use crate::report::text::{to_stderr, to_stdout};

/// How long work after the last answer is watched: until nothing has happened for the first, at most for the second.
const QUIET: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

pub(super) fn invoke(args: &InvokeArgs) -> Result<Exit, Failure> {
    let Opened { session, .. } = function::open_target(&args.target, None)?;
    let events = events(args, &session)?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&event_loop()?, async {
        let mut instance = session.instance()?;
        let mut exit = Exit::Clean;
        for event in events {
            let invoke = Invoke {
                event,
                client_context: args.client_context.clone(),
                cognito_identity: args.cognito_identity.clone(),
                tenant_id: args.tenant_id.clone(),
                trace_id: args.trace_id.clone(),
            };
            let invoked = instance.invoke(invoke).await.map_err(EngineError::from)?;
            if !invoked.invocation.outcome.is_response() {
                exit = Exit::Findings;
            }
            match args.format {
                Format::Text => print(&invoked, args.target.function.size.memory),
                Format::Json => to_stdout(&format!("{}\n", describe(&invoked))),
            }
        }
        let settled = instance.settle(QUIET, LONGEST).await;
        match args.format {
            Format::Text => print_settled(&settled),
            Format::Json if happened(&settled) => to_stdout(&format!("{}\n", describe_settled(&settled))),
            Format::Json => {}
        }
        instance.close().await;
        Ok(exit)
    })
}

/// What was asked for, in the order in which it is delivered.
fn events(args: &InvokeArgs, session: &evfuzz_engine::Session) -> Result<Vec<Bytes>, Failure> {
    let mut events = Vec::new();
    for file in &args.event {
        events.push(read(file)?);
    }
    events.extend(args.data.iter().map(|text| Bytes::from(text.clone())));
    if let Some(source) = args.source.as_deref().and_then(EventSource::from_id) {
        let seed = seeds(source, session.lexicon()).swap_remove(0);
        events.push(Bytes::from(TestCase::new(seed).render().bytes));
    }
    if events.is_empty() {
        events.push(Bytes::from_static(b"{}"));
    }
    Ok(events)
}

fn read(file: &Path) -> Result<Bytes, Failure> {
    let content = if file == Path::new("-") {
        let mut content = Vec::new();
        std::io::stdin().lock().read_to_end(&mut content).map(|_| content)
    } else {
        std::fs::read(file)
    };
    let name = printable(&file.display().to_string());
    content.map(Bytes::from).map_err(|error| Failure::usage(format!("cannot read event {name}: {error}")))
}

/// The log as Lambda writes it on standard error, the payload on standard output.
fn print(invoked: &Invoked, memory_mb: u64) {
    let invocation = &invoked.invocation;
    let id = &invocation.request_id;
    if let Some(late) = &invoked.late {
        to_stderr(&format!(
            "evfuzz: the process ended after its last answer: {}\n",
            late.seen.exit.as_ref().map_or_else(|| "no reason known".to_owned(), how)
        ));
        print_log(&late.seen.log);
    }
    if let Some(failure) = &invoked.failed_init {
        to_stderr(&format!("INIT_REPORT Status: {}, initializing again\n", how(&failure.outcome)));
        print_log(&failure.log);
    }
    to_stderr(&format!("START RequestId: {id} Version: $LATEST\n"));
    print_log(&invocation.log);
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let init =
        invoked.init.map(|init| format!("Init Duration: {:.2} ms\t", milliseconds(init))).unwrap_or_default();
    to_stderr(&format!(
        "END RequestId: {id}\nREPORT RequestId: {id}\t{init}Duration: {:.2} ms\tMemory Size: {memory_mb} MB\n",
        milliseconds(invocation.duration)
    ));
    print_stale(&invocation.stale);
    let result = invocation.outcome.result(id);
    if !invocation.outcome.is_response() {
        let error = result.function_error.or(result.refused).unwrap_or("error");
        to_stderr(&format!("evfuzz: {error}: {}\n", how(&invocation.outcome)));
    }
    // The payload is data for whoever reads standard output, so it is passed on byte by byte. Only text gets a line of its
    // own, so that several answers can be told apart.
    to_stdout(&result.payload);
    if std::str::from_utf8(&result.payload).is_ok_and(|text| !text.ends_with('\n')) {
        to_stdout("\n");
    }
    let missing = left_out(&invocation.outcome);
    if missing > 0 {
        to_stderr(&format!("evfuzz: {missing} more bytes of the answer are not shown\n"));
    }
}

/// How many bytes of a long stream were not kept.
fn left_out(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Response(answer) | Outcome::FunctionError { sent: Some(answer), .. } => {
            answer.size - answer.body.len()
        }
        _ => 0,
    }
}

fn print_settled(settled: &Settled) {
    if happened(settled) {
        to_stderr("evfuzz: after the last answer:\n");
        print_log(&settled.log);
        if let Some(exit) = &settled.exit {
            to_stderr(&format!("evfuzz: the process ended: {}\n", how(exit)));
        }
        print_stale(&settled.stale);
    }
}

fn print_stale(posts: &[StalePost]) {
    for post in posts {
        let what = if post.error_type.is_some() { "an error" } else { "an answer" };
        let why = match post.cause {
            StaleCause::Double => "came when that invocation was answered already (403)",
            StaleCause::OtherDelivery => "has another Lambda-Runtime-Invocation-Id than the event (410)",
            StaleCause::Late => "came too late: the runtime had asked for another event since (400)",
            StaleCause::UnknownId => "names no event that the runtime was given (400)",
        };
        to_stderr(&format!("evfuzz: {what} for {} {why}\n", printable(&post.request_id)));
    }
}

fn print_log(log: &LogText) {
    // What earlier invocations wrote has been printed with them.
    let fresh = LogText { earlier: Vec::new(), ..log.clone() };
    for line in fresh.lossy().lines() {
        to_stderr(&format!("{}\n", printable_line(line)));
    }
    if log.discarded > 0 {
        to_stderr(&format!("evfuzz: {} more bytes of output are not shown\n", log.discarded));
    }
}

fn happened(settled: &Settled) -> bool {
    settled.exit.is_some()
        || !settled.stale.is_empty()
        || !settled.log.bytes.is_empty()
        || !settled.log.records.is_empty()
}

/// How it ended, in words.
fn how(outcome: &Outcome) -> String {
    printable(&in_words(outcome))
}

/// How it ended, as a word for scripts.
fn kind(outcome: &Outcome) -> &'static str {
    use evfuzz_sandbox::Exceeded;
    match outcome {
        Outcome::Response(_) => "response",
        Outcome::FunctionError { .. } => "function-error",
        Outcome::InitError(_) => "init-error",
        Outcome::Exited { .. } => "exit",
        Outcome::Signaled { .. } => "signal",
        Outcome::LimitExceeded { limit: Exceeded::Memory } => "out-of-memory",
        Outcome::LimitExceeded { .. } => "limit-exceeded",
        Outcome::TimedOut { .. } => "timeout",
        Outcome::ResponseTooLarge { .. } => "response-too-large",
        Outcome::TruncatedResponse { .. } => "truncated-response",
        Outcome::InvalidResponseMode { .. } => "invalid-response-mode",
        Outcome::InvalidRequest(_) => "invalid-request",
    }
}

fn describe(invoked: &Invoked) -> Value {
    let invocation = &invoked.invocation;
    let result = invocation.outcome.result(&invocation.request_id);
    let (report, answer) = match &invocation.outcome {
        Outcome::Response(answer) => (None, Some(answer)),
        Outcome::FunctionError { report, sent } => (Some(report), sent.as_ref()),
        Outcome::InitError(report) => (Some(report), None),
        _ => (None, None),
    };
    let streamed = answer.is_some_and(|it| it.mode == ResponseMode::Streaming);
    let mut described = json!({
        "type": "invocation",
        "request_id": invocation.request_id,
        "status": result.status,
        "function_error": result.function_error,
        "refused": result.refused,
        "payload_discarded": left_out(&invocation.outcome),
        "content_type": answer.and_then(|it| it.content_type.clone())
            .or_else(|| report.map(|it| it.content_type.clone())),
        "mode": if streamed { "streaming" } else { "buffered" },
        "outcome": kind(&invocation.outcome),
        "error_type": report.map(|it| &it.fatal_type),
        "xray_cause": report
            .and_then(|it| it.xray_cause.as_ref())
            .and_then(|it| serde_json::from_slice::<Value>(it).ok()),
        "stream_error": report.filter(|_| answer.is_some()).map(|it| {
            let mut error = json!({ "type": it.fatal_type });
            insert_bytes(&mut error, "body", &it.body);
            error
        }),
        "log": String::from_utf8_lossy(&invocation.log.bytes),
        "log_discarded": invocation.log.discarded,
        "records": records(&invocation.log),
        "stale": stale(&invocation.stale),
        "late_end": invoked.late.as_ref().and_then(|it| it.seen.exit.as_ref()).map(how),
        "failed_init": invoked.failed_init.as_ref().map(|it| how(&it.outcome)),
        "init_ms": invoked.init.map(|it| it.as_secs_f64() * 1000.0),
        "duration_ms": invocation.duration.as_secs_f64() * 1000.0,
    });
    insert_bytes(&mut described, "payload", &result.payload);
    described
}

/// Text as it is, under `name`; what is not UTF-8 in base64, under `name` with `_base64`.
fn insert_bytes(object: &mut Value, name: &str, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => object[name] = text.into(),
        Err(_) => {
            object[format!("{name}_base64")] = base64::prelude::BASE64_STANDARD.encode(bytes).into();
        }
    }
}

fn describe_settled(settled: &Settled) -> Value {
    json!({
        "type": "after",
        "log": String::from_utf8_lossy(&settled.log.bytes),
        "records": records(&settled.log),
        "stale": stale(&settled.stale),
        "late_end": settled.exit.as_ref().map(how),
    })
}

fn records(log: &LogText) -> Vec<Value> {
    use evfuzz_emulator::LogFormat;
    let format = |format| match format {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    };
    log.records
        .iter()
        .map(|it| json!({ "level": it.level.map(|it| it.name()), "format": format(it.format), "text": it.text() }))
        .collect()
}

fn stale(posts: &[StalePost]) -> Vec<Value> {
    let cause = |cause| match cause {
        StaleCause::Double => "double",
        StaleCause::OtherDelivery => "other-delivery",
        StaleCause::Late => "late",
        StaleCause::UnknownId => "unknown-id",
    };
    posts
        .iter()
        .map(|it| json!({ "request_id": it.request_id, "cause": cause(it.cause), "error_type": it.error_type }))
        .collect()
}
