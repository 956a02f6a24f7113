//! What every client of the conformance matrix is asked to do, in Rust: `case` of the event says what.
//!
//! Whether a function streams is part of its type, so `CONFORMANCE_STREAM` chooses one of two.

use std::{
    fmt, fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, UNIX_EPOCH},
};

use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_stream::{Stream, StreamExt};

const KEPT: &str = "/tmp/kept";
const LATER: &str = "/tmp/later";
static NTH: AtomicU64 = AtomicU64::new(0);

/// The error of the handler.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

// README of `lambda_runtime`: how a function names the type of its errors.
impl From<Refused> for Diagnostic {
    fn from(error: Refused) -> Diagnostic {
        Diagnostic { error_type: "Refused".to_owned(), error_message: error.0 }
    }
}

/// The event, and what the client says about the invocation.
fn facts(event: &Value, context: &Context) -> Value {
    let now = UNIX_EPOCH.elapsed().expect("the clock is past 1970");
    let read = |path: &str| fs::read_to_string(path).ok();
    json!({
        "event": event,
        "nth": NTH.load(Ordering::Relaxed),
        "kept": read(KEPT),
        "later": read(LATER),
        "request_id": context.request_id,
        "arn": context.invoked_function_arn,
        "remaining_ms": context.deadline as i64 - now.as_millis() as i64,
        "function_name": context.env_config.function_name,
        "function_version": context.env_config.version,
        "memory_mb": context.env_config.memory,
        "log_group": context.env_config.log_group,
        "log_stream": context.env_config.log_stream,
        "trace_id": context.xray_trace_id,
        "tenant": context.tenant_id,
        "client": context.client_context.as_ref().map(|it| {
            json!({ "installation_id": it.client.installation_id, "custom": it.custom })
        }),
        "identity": context.identity.as_ref().map(|it| {
            json!({ "id": it.identity_id, "pool": it.identity_pool_id })
        }),
    })
}

fn text(event: &Value, name: &str) -> String {
    event[name].as_str().unwrap_or_default().to_owned()
}

fn letters(event: &Value, but: usize) -> String {
    "x".repeat(event["bytes"].as_u64().unwrap_or_default() as usize - but)
}

async fn identity(invocation: LambdaEvent<Value>) -> Result<Value, Refused> {
    Ok(invocation.payload)
}

async fn handler(invocation: LambdaEvent<Value>) -> Result<Value, Refused> {
    NTH.fetch_add(1, Ordering::Relaxed);
    let (event, context) = invocation.into_parts();
    match event["case"].as_str().unwrap_or_default() {
        "echo" => {
            if let Some(line) = event["log"].as_str() {
                println!("{line}");
            }
        }
        "error" => return Err(Refused(text(&event, "message"))),
        "huge-error" => return Err(Refused(letters(&event, 0))),
        "exit" => std::process::exit(event["code"].as_i64().unwrap_or_default() as i32),
        "signal" => {
            let own = rustix::process::getpid();
            rustix::process::kill_process(own, rustix::process::Signal::KILL).expect("one may kill oneself");
            sleep(Duration::from_secs(10)).await;
        }
        "sleep" => {
            fs::write(KEPT, text(&event, "keep")).expect("the function's own folder");
            sleep(Duration::from_secs(10)).await;
        }
        "large" => return Ok(Value::String(letters(&event, 2))),
        "unawaited" => {
            // Nobody awaits it, and it fails while the handler still works.
            let message = text(&event, "message");
            let task = tokio::spawn(async move { panic!("{message}") });
            while !task.is_finished() {
                sleep(Duration::from_millis(1)).await;
            }
        }
        "later" => {
            let (log, keep) = (text(&event, "log"), text(&event, "keep"));
            tokio::spawn(async move {
                sleep(Duration::from_millis(30)).await;
                println!("{log}");
                fs::write("/tmp/later.new", keep).expect("the function's own folder");
                fs::rename("/tmp/later.new", LATER).expect("the function's own folder");
            });
        }
        "wait" => {
            while !Path::new(LATER).exists() {
                sleep(Duration::from_millis(5)).await;
            }
        }
        other => return Err(Refused(format!("no such case: {other}"))),
    }
    Ok(facts(&event, &context))
}

type Parts = std::pin::Pin<Box<dyn Stream<Item = Result<String, Error>> + Send>>;

async fn streaming(
    invocation: LambdaEvent<Value>,
) -> Result<lambda_runtime::streaming::Response<Parts>, Refused> {
    let event = invocation.payload;
    let second = match event["fail"].as_str() {
        Some(message) => Err(Error::from(Refused(message.to_owned()))),
        None => Ok(text(&event, "second")),
    };
    let parts = tokio_stream::iter([Ok(text(&event, "first")), second]);
    let parts: Parts = Box::pin(parts.throttle(Duration::from_millis(10)));
    Ok(lambda_runtime::streaming::Response::from(parts))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("CONFORMANCE_INIT").is_some() {
        return Err(Refused("init fails: ключ".to_owned()).into());
    }
    if std::env::var_os("CONFORMANCE_STREAM").is_some() {
        return lambda_runtime::run(service_fn(streaming)).await;
    }
    if std::env::var_os("CONFORMANCE_IDENTITY").is_some() {
        return lambda_runtime::run(service_fn(identity)).await;
    }
    lambda_runtime::run(service_fn(handler)).await
}
