//! Runs the matrix, compares every cell with what AWS answers, and prints the table.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clients::{Client, Ready, ready};
use crate::expected::{Answer, Cause, Cell, Column, DEVIATIONS, ErrorDocument, Facts, LateEnd, Run, cell};
use crate::invoke::{Invocation, Printed, invoke};
use crate::support::on_ci;

/// Rows at a time: fetching waits for the network, and running for timeouts.
const WORKERS: usize = 2;

/// How a cell went.
enum Found {
    Same,
    /// It differs, and what was different.
    Differs(Vec<String>),
    NotApplicable(&'static str),
}

/// A row of the table.
enum Row {
    Cells(Vec<Found>),
    Skipped(String),
}

#[test]
fn every_client_gets_what_aws_gives_it() {
    // What takes longest comes first.
    let order = [
        Client::AwsLambdaRic4,
        Client::LambdaRuntime,
        Client::AwsLambdaRic3,
        Client::Java,
        Client::AwsLambdaGo,
        Client::Awslambdaric,
        Client::OurNode22,
        Client::OurNode20,
        Client::OurPython,
        Client::Shell,
    ];
    assert!(Client::ALL.iter().all(|client| order.contains(client)), "a client is not run");
    let waiting = Mutex::new(VecDeque::from(order));
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(client) = next(&waiting) {
                    let row = row(client);
                    rows.lock().unwrap().push((client, row));
                }
            });
        }
    });
    let rows = rows.into_inner().unwrap();
    print!("{}", table(&rows));
    let problems = problems(&rows);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn next(waiting: &Mutex<VecDeque<Client>>) -> Option<Client> {
    waiting.lock().unwrap().pop_front()
}

fn row(client: Client) -> Row {
    let start = Instant::now();
    let ready = match ready(client) {
        Ok(ready) => ready,
        Err(reason) => return Row::Skipped(reason),
    };
    let fetched = start.elapsed();
    let cells = Column::ALL.map(|(column, _)| found(column, client, &ready)).into();
    let ran = start.elapsed().saturating_sub(fetched);
    eprintln!("{}: made ready in {:.1} s, ran {:.1} s", client.name(), seconds(fetched), seconds(ran));
    Row::Cells(cells)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

fn found(column: Column, client: Client, ready: &Ready) -> Found {
    let runs = match cell(column, client) {
        Cell::NotApplicable(reason) => return Found::NotApplicable(reason),
        Cell::Runs { runs, .. } => runs,
    };
    let mut differences = Vec::new();
    for run in &runs {
        let events: Vec<Value> = run.steps.iter().map(|(event, _)| event.clone()).collect();
        let mut args = run.args.clone();
        if !args.iter().any(|it| it == "--timeout") {
            // Nothing here takes long; a machine that is busy with other tests may.
            args.extend(["--timeout", "20s"].map(str::to_owned));
        }
        if let Some(handler) = run.handler.or(client.handler()) {
            args.extend(["--handler", handler].map(str::to_owned));
        }
        match invoke(ready, &events, &args) {
            Ok(printed) => differences.extend(compare(run, &printed)),
            Err(said) => differences.push(said),
        }
    }
    if differences.is_empty() { Found::Same } else { Found::Differs(differences) }
}

/// What is different from what is expected.
fn compare(run: &Run, printed: &Printed) -> Vec<String> {
    let mut differences = Differences::default();
    for (idx, ((event, answer), invocation)) in run.steps.iter().zip(&printed.invocations).enumerate() {
        differences.at = format!("event {}", idx + 1);
        let common = Common::of(answer);
        differences.check("status", &invocation.status, &200);
        differences.check("function_error", &invocation.function_error.as_deref(), &common.function_error);
        differences.check("outcome", &invocation.outcome.as_str(), &common.outcome);
        differences.check("mode", &invocation.mode.as_str(), &common.mode);
        answered(&mut differences, answer, event, invocation);
    }
    differences.at = "the run".to_owned();
    let ends: Vec<&str> = printed.invocations.iter().filter_map(|it| it.seen.late_end.as_deref()).collect();
    let expected = match run.late_end {
        LateEnd::Never => vec![],
        LateEnd::Exit(code) => vec![format!("exit status {code}")],
    };
    let stale = printed.invocations.iter().flat_map(|it| &it.seen.stale);
    let stale: Vec<&str> = stale.map(|it| it.cause.as_str()).collect();
    differences.check("stale", &stale.as_slice(), &run.stale);
    differences.check("late_end", &ends, &expected.iter().map(String::as_str).collect());
    logged(&mut differences, run, printed);
    differences.found
}

fn logged(differences: &mut Differences, run: &Run, printed: &Printed) {
    let mut seen: Vec<_> = printed.invocations.iter().map(|it| &it.seen).collect();
    seen.extend(&printed.after);
    let records = || seen.iter().flat_map(|it| &it.records);
    if let Some(text) = run.prints {
        let printed =
            seen.iter().any(|it| it.log.contains(text)) || records().any(|it| it.text.contains(text));
        differences.check("the log has the line", &printed, &true);
    }
    if let Some((text, level)) = run.record {
        let found = records().find(|it| it.text.contains(text)).and_then(|it| it.level.as_deref());
        differences.check("level of the record", &found, &Some(level));
    }
}

/// What follows from the kind of answer alone.
struct Common {
    function_error: Option<&'static str>,
    outcome: &'static str,
    mode: &'static str,
}

impl Common {
    fn of(answer: &Answer) -> Common {
        // AWS "Invoke": the header X-Amz-Function-Error is `Unhandled` for every error of a function.
        let failed = |outcome| Common { function_error: Some("Unhandled"), outcome, mode: "buffered" };
        let went_well = |mode| Common { function_error: None, outcome: "response", mode };
        match answer {
            Answer::Facts(_) | Answer::Large(_) | Answer::Sent(..) => went_well("buffered"),
            Answer::Streamed(..) => went_well("streaming"),
            Answer::Error(_) => failed("function-error"),
            Answer::Broken { mode, .. } => Common { mode, ..failed("function-error") },
            Answer::InitError(_) => failed("init-error"),
            Answer::Exit(_) => failed("exit"),
            Answer::Signal(_) => failed("signal"),
            Answer::Timeout(_) => failed("timeout"),
            Answer::TooLarge => failed("response-too-large"),
        }
    }
}

fn answered(differences: &mut Differences, answer: &Answer, event: &Value, invocation: &Invocation) {
    let id = invocation.request_id.as_deref().unwrap_or("missing");
    // The order of members is that of the recordings.
    let fault = |error_type: &str, message: String| {
        format!(r#"{{"errorType":"{error_type}","errorMessage":"RequestId: {id} Error: {message}"}}"#)
    };
    let exited = |how: &str| fault("Runtime.ExitError", format!("Runtime exited {how}"));
    match answer {
        Answer::Facts(facts) => told(differences, facts, event, invocation),
        Answer::Error(document) | Answer::InitError(document) => {
            differences.check("error_type", &invocation.error_type.as_deref(), &Some(document.header));
            error_document(differences, document, &invocation.payload, id);
            cause(differences, document, invocation.xray_cause.as_ref());
        }
        Answer::Exit(how) | Answer::Signal(how) => {
            differences.check("payload", &invocation.payload, &exited(how));
        }
        Answer::Timeout(after) => {
            let expected = fault("Sandbox.Timedout", format!("Task timed out after {after} seconds"));
            differences.check("payload", &invocation.payload, &expected);
        }
        Answer::Large(bytes) => differences.check("size", &invocation.payload.len(), bytes),
        Answer::TooLarge => {
            let expected = r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#;
            differences.check("payload", &invocation.payload.as_str(), &expected);
        }
        Answer::Streamed(content, content_type) | Answer::Sent(content, content_type) => {
            differences.check("payload", &invocation.payload, content);
            differences.check("content_type", &invocation.content_type.as_deref(), &Some(*content_type));
        }
        Answer::Broken { sent, document, .. } => {
            differences.check("payload", &invocation.payload.as_str(), sent);
            match &invocation.stream_error {
                Some(error) => {
                    differences.check("stream_error.type", &error.error_type.as_str(), &document.header);
                    error_document(differences, document, &error.body, id);
                }
                None => differences.check("stream_error", &"none", &"an error"),
            }
        }
    }
}

/// The event as it was delivered, and a context that is right.
fn told(differences: &mut Differences, facts: &Facts, event: &Value, invocation: &Invocation) {
    let Ok(answer) = serde_json::from_str::<Value>(&invocation.payload) else {
        differences.check("payload", &invocation.payload.as_str(), &"what the handler was told");
        return;
    };
    let optional = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let mut expected = vec![
        ("event", event.clone()),
        ("nth", facts.nth.into()),
        ("kept", optional(facts.kept)),
        ("later", optional(facts.later)),
        ("request_id", invocation.request_id.as_deref().into()),
        ("function_version", "$LATEST".into()),
        ("tenant", optional(facts.tenant)),
        ("client", facts.client.clone().unwrap_or_default()),
        ("identity", facts.identity.clone().unwrap_or_default()),
    ];
    if let Some(trace) = facts.trace {
        expected.push(("trace_id", trace.into()));
    }
    // What is derived from the name of the function.
    let name = answer["function_name"].as_str().unwrap_or("?");
    expected.push(("log_group", format!("/aws/lambda/{name}").into()));
    for (field, expected) in &expected {
        // Java's client leaves members out that are null.
        differences.check(field, &answer[field], expected);
    }
    let text = |field: &str| answer[field].as_str().unwrap_or_default();
    // AWS-recorded: `2022/11/30/[$LATEST]20313…`; docs "Runtime API": `Root=…;Parent=…;Sampled=…`.
    differences.check("arn", &text("arn").ends_with(&format!(":function:{name}")), &true);
    differences.check("log_stream", &text("log_stream").contains("/[$LATEST]"), &true);
    differences.check("trace_id", &text("trace_id").starts_with("Root=1-"), &true);
    differences.check("memory_mb", &answer["memory_mb"].as_u64().is_some_and(|it| it >= 128), &true);
    let remaining = answer["remaining_ms"].as_i64().unwrap_or_default();
    differences.check("remaining_ms", &(1..=20_000).contains(&remaining), &true);
}

fn error_document(differences: &mut Differences, expected: &ErrorDocument, document: &str, id: &str) {
    let Ok(Value::Object(found)) = serde_json::from_str::<Value>(document) else {
        differences.check("error document", &document, &"a JSON object");
        return;
    };
    let members: Vec<&str> = found.keys().map(String::as_str).collect();
    differences.check("members", &members, &expected.members.to_vec());
    differences.check("errorType", &found["errorType"], &expected.error_type.into());
    if let Some(message) = &expected.message {
        differences.check("errorMessage", &found["errorMessage"], &message.as_str().into());
    }
    if let Some(named) = found.get("requestId") {
        // awslambdaric bootstrap.py: an error of initialization belongs to no request.
        let init = expected.message.as_deref().is_some_and(|it| it.starts_with("init"));
        differences.check("requestId", named, &if init { "" } else { id }.into());
    }
    for list in ["stackTrace", "trace"] {
        if let Some(lines) = found.get(list) {
            differences.check(list, &lines.is_array(), &true);
        }
    }
}

fn cause(differences: &mut Differences, document: &ErrorDocument, cause: Option<&Value>) {
    // Emulator error_cause.go: an X-Ray document has at most 64 KiB.
    differences.check("size of the cause", &cause.is_some_and(|it| it.to_string().len() > 64 << 10), &false);
    let exception = cause.map_or(&Value::Null, |it| &it["exceptions"][0]);
    match document.cause {
        Cause::Absent => differences.check("cause", &cause.is_some(), &false),
        Cause::Cropped => {
            differences.check("exceptions", &cause.map(|it| &it["exceptions"]), &Some(&Value::Array(vec![])));
            differences.check("folder", &cause.is_some_and(|it| it["working_directory"].is_string()), &true);
        }
        Cause::Told => {
            differences.check("type in the cause", &exception["type"], &document.error_type.into());
            if let Some(message) = &document.message {
                differences.check("message in the cause", &exception["message"], &message.as_str().into());
            }
        }
        Cause::Garbled => {
            differences.check("type in the cause", &exception["type"], &document.error_type.into());
            let message = exception["message"].as_str().unwrap_or_default();
            differences.check("message in the cause", &message.contains('?'), &true);
        }
    }
}

#[derive(Default)]
struct Differences {
    at: String,
    found: Vec<String>,
}

impl Differences {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
            self.found.push(format!(
                "{}: {what}: {}, not {}",
                self.at,
                shortened(&found),
                shortened(&expected)
            ));
        }
    }
}

/// Enough of a text to recognize it.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 600;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}… ({} bytes)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}

fn table(rows: &[(Client, Row)]) -> String {
    let width = Client::ALL.iter().map(|client| client.name().len()).max().unwrap_or_default();
    let mut text = format!("\n{:width$}", "");
    for (_, column) in Column::ALL {
        write!(text, " | {column:<width$}", width = cell_width(column)).unwrap();
    }
    text.push('\n');
    let mut reasons: Vec<String> = Vec::new();
    for client in Client::ALL {
        let Some((_, row)) = rows.iter().find(|(it, _)| *it == client) else { continue };
        write!(text, "{:width$}", client.name()).unwrap();
        for (idx, (column, name)) in Column::ALL.iter().enumerate() {
            let word = match row {
                Row::Skipped(_) => "skipped",
                Row::Cells(cells) => match &cells[idx] {
                    Found::Same => "ok",
                    Found::Differs(_) => "deviates",
                    Found::NotApplicable(reason) => {
                        reasons.push(format!("n/a: {}, {name}: {reason}", client.name()));
                        "n/a"
                    }
                },
            };
            if let (Row::Cells(_), "deviates", Some(cites)) = (row, word, cited(*column, client)) {
                reasons.push(format!("deviates: {}, {name}: {cites}", client.name()));
            }
            write!(text, " | {word:<width$}", width = cell_width(name)).unwrap();
        }
        text.push('\n');
        if let Row::Skipped(reason) = row {
            reasons.push(format!("skipped: {}: {reason}", client.name()));
        }
    }
    text + &reasons.join("\n") + "\n"
}

/// Room for the name of the column and every word that can stand in it.
fn cell_width(column: &str) -> usize {
    column.len().max("deviates".len())
}

fn cited(column: Column, client: Client) -> Option<&'static str> {
    DEVIATIONS.iter().find(|it| it.column == column && it.client == client).map(|it| it.cites)
}

/// What makes the test fail: differences that nobody has cited a reason for, citations that nothing needs, and on CI
/// whatever was skipped.
fn problems(rows: &[(Client, Row)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (client, row) in rows {
        match row {
            Row::Skipped(reason) if on_ci() => {
                problems.push(format!("{} is missing on CI: {reason}", client.name()));
            }
            Row::Skipped(_) => {}
            Row::Cells(cells) => {
                for (found, (column, name)) in cells.iter().zip(Column::ALL) {
                    let cites = cited(column, *client);
                    match (found, cites) {
                        (Found::Differs(differences), None) => problems.push(format!(
                            "{}, {name} (source: {}):\n    {}",
                            client.name(),
                            source(column, *client),
                            differences.join("\n    ")
                        )),
                        (Found::Same | Found::NotApplicable(_), Some(_)) => problems.push(format!(
                            "{}, {name} does not deviate any more: drop it from DEVIATIONS",
                            client.name()
                        )),
                        _ => {}
                    }
                }
            }
        }
    }
    problems
}

fn source(column: Column, client: Client) -> &'static str {
    match cell(column, client) {
        Cell::Runs { source, .. } => source,
        Cell::NotApplicable(reason) => reason,
    }
}
