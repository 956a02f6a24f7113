//! `evfuzz invoke`: deliver events to one execution environment, and print what a caller of the Invoke API would get.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use evfuzz_emulator::{
    Delivered, FailedInit, InvalidRequest, Invoke, Invoked, LateEnd, LogText, Outcome, ResponseMode, Settled,
    StaleCause, StalePost, SuppressedInit,
};
use evfuzz_engine::{EngineError, event_loop, in_words};
use evfuzz_generators::case::TestCase;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;
use serde_json::{Value, json};

use super::function::{self, Opened};
use crate::args::{Format, InvokeArgs};
use crate::exit::{Exit, Failure};
use crate::report::escape::{printable, printable_line};
use crate::report::output::{bytes_to_stdout, to_stderr, to_stdout};

/// How long work after the last answer is watched: until nothing has happened for the first, at most for the second.
const QUIET: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

pub(super) fn invoke(args: &InvokeArgs) -> Result<Exit, Failure> {
    if args.event.iter().filter(|it| *it == Path::new("-")).count() > 1 {
        return Err(Failure::usage(
            "--event - can be given once: standard input has one end, so it is one event",
        ));
    }
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
            let delivered = instance.invoke(invoke).await.map_err(EngineError::from)?;
            let answered =
                matches!(&delivered, Delivered::Invoked(it) if it.invocation.outcome.is_response());
            if !answered {
                exit = Exit::Findings;
            }
            match (&delivered, args.format) {
                (Delivered::Invoked(invoked), Format::Text) => {
                    print(invoked, args.target.function.size.memory);
                }
                (Delivered::Invoked(invoked), Format::Json) => to_stdout(&format!("{}\n", describe(invoked))),
                (Delivered::Refused(why), format) => refused(why, format),
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
        print_log(&late.seen.log);
        let ended = if late.waited().is_some() { "" } else { "ended: " };
        to_stderr(&format!("evfuzz: after its last answer the process {ended}{}\n", how_late(late)));
        print_stale(&late.seen.stale);
    }
    if let Some(FailedInit { failure, took }) = &invoked.failed_init {
        print_log(&failure.log);
        to_stderr(&init_report(*took, "init", &failure.outcome));
        to_stderr(&format!(
            "evfuzz: not initialized: {}; done again within the invocation\n",
            how(&failure.outcome)
        ));
    }
    to_stderr(&format!("START RequestId: {id} Version: $LATEST\n"));
    print_log(&invocation.log);
    if let Some(SuppressedInit::Failed(took)) = invoked.suppressed_init {
        to_stderr(&init_report(took, "invoke", &invocation.outcome));
    }
    // In this order: recorded by LocalStack, `test_request_id_invoke`. An initialization within the invocation is part of its
    // duration.
    let init = invoked.init.map(|init| format!("\tInit Duration: {:.2} ms", milliseconds(init)));
    to_stderr(&format!(
        "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: {:.2} ms\tMemory Size: {memory_mb} MB{}\n",
        milliseconds(invocation.duration),
        init.unwrap_or_default()
    ));
    print_stale(&invocation.stale);
    let result = invocation.outcome.result(id);
    if !invocation.outcome.is_response() {
        let error = result.function_error.or(result.refused).unwrap_or("error");
        to_stderr(&format!("evfuzz: {error}: {}\n", how(&invocation.outcome)));
    }
    // The payload is data for whoever reads standard output, so it is passed on byte by byte. Only text gets a line of its
    // own, so that several answers can be told apart.
    bytes_to_stdout(&result.payload);
    if std::str::from_utf8(&result.payload).is_ok_and(|text| !text.ends_with('\n')) {
        to_stdout("\n");
    }
    let missing = left_out(&invocation.outcome);
    if missing > 0 {
        to_stderr(&format!("evfuzz: {missing} more bytes of the answer are not shown\n"));
    }
}

/// AWS "Lambda execution environment", failures during the Init phase.
fn init_report(took: Duration, phase: &str, outcome: &Outcome) -> String {
    let status = match outcome {
        Outcome::TimedOut { .. } => "timeout".to_owned(),
        Outcome::InitError(report) => format!("error\tError Type: {}", printable(&report.fatal_type)),
        _ => "error\tError Type: Runtime.ExitError".to_owned(),
    };
    format!("INIT_REPORT Init Duration: {:.2} ms\tPhase: {phase}\tStatus: {status}\n", milliseconds(took))
}

/// What the service says without asking the function. Nothing runs, so there is no log.
fn refused(why: &InvalidRequest, format: Format) {
    let outcome = Outcome::InvalidRequest(why.clone());
    let result = outcome.result("");
    match format {
        Format::Text => {
            let error = result.refused.unwrap_or("error");
            to_stderr(&format!("evfuzz: {error}: {}\n", how(&outcome)));
            to_stdout(&format!("{}\n", String::from_utf8_lossy(&result.payload)));
        }
        Format::Json => {
            let described = json!({
                "type": "invocation",
                "request_id": null,
                "status": result.status,
                "function_error": null,
                "refused": result.refused,
                "payload": String::from_utf8_lossy(&result.payload),
                "mode": "buffered",
                "outcome": kind(&outcome),
                "log": "",
                "records": [],
                "stale": [],
                "duration_ms": null,
            });
            to_stdout(&format!("{described}\n"));
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// In ms, to the µs.
fn rounded(duration: Duration) -> f64 {
    (milliseconds(duration) * 1000.0).round() / 1000.0
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
    for line in fresh(log).lines() {
        to_stderr(&format!("{}\n", printable_line(line)));
    }
    if log.discarded > 0 {
        to_stderr(&format!("evfuzz: {} more bytes of output are not shown\n", log.discarded));
    }
}

/// What was written since the invocation before, which told what had been written until then.
fn fresh(log: &LogText) -> String {
    LogText { earlier: Vec::new(), ..log.clone() }.lossy().into_owned()
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

/// What became of a process that had answered, and did not take the next event.
fn how_late(late: &LateEnd) -> String {
    match (late.waited(), &late.seen.exit) {
        (Some(waited), _) => format!("did not ask for the next event within {} ms", waited.as_millis()),
        (None, exit) => exit.as_ref().map_or_else(|| "no reason known".to_owned(), how),
    }
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
        "stale": stale(invoked.late.iter().flat_map(|it| &it.seen.stale).chain(&invocation.stale)),
        "late_end": invoked.late.as_ref().map(how_late),
        "late_log": invoked.late.as_ref().map(|it| fresh(&it.seen.log)),
        "failed_init": invoked.failed_init.as_ref().map(|it| how(&it.failure.outcome)),
        "failed_init_log": invoked.failed_init.as_ref().map(|it| fresh(&it.failure.log)),
        "init_ms": invoked.init.map(rounded),
        "suppressed_init_ms": invoked.suppressed_init.map(|it| match it {
            SuppressedInit::Done(took) | SuppressedInit::Failed(took) => rounded(took),
        }),
        "duration_ms": rounded(invocation.duration),
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
        "log_discarded": settled.log.discarded,
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

fn stale<'p>(posts: impl IntoIterator<Item = &'p StalePost>) -> Vec<Value> {
    let cause = |cause| match cause {
        StaleCause::Double => "double",
        StaleCause::OtherDelivery => "other-delivery",
        StaleCause::Late => "late",
        StaleCause::UnknownId => "unknown-id",
    };
    posts
        .into_iter()
        .map(|it| json!({ "request_id": it.request_id, "cause": cause(it.cause), "error_type": it.error_type }))
        .collect()
}
