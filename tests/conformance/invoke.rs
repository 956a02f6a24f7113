//! Running `evfuzz invoke`, and reading what it prints. The only file that knows the names of its fields.

use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::clients::Ready;
use crate::fetched::before_path;

/// One invocation, as `evfuzz invoke --format json` describes it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Invocation {
    /// `None` if the event was refused.
    pub(crate) request_id: Option<String>,
    pub(crate) status: u16,
    pub(crate) function_error: Option<String>,
    pub(crate) payload: String,
    pub(crate) content_type: Option<String>,
    pub(crate) mode: String,
    pub(crate) outcome: String,
    pub(crate) error_type: Option<String>,
    pub(crate) xray_cause: Option<Value>,
    pub(crate) stream_error: Option<StreamError>,
    #[serde(flatten)]
    pub(crate) seen: Seen,
}

/// What was seen of the process, during an invocation or after the last.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) log: String,
    pub(crate) records: Vec<Record>,
    pub(crate) stale: Vec<Stale>,
    /// How the process had ended before this event, after it had answered the one before.
    pub(crate) late_end: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) level: Option<String>,
    pub(crate) text: String,
}

/// A post that was refused.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Stale {
    pub(crate) cause: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StreamError {
    #[serde(rename = "type")]
    pub(crate) error_type: String,
    pub(crate) body: String,
}

/// All that one command printed.
#[derive(Clone, Debug)]
pub(crate) struct Printed {
    pub(crate) invocations: Vec<Invocation>,
    /// What happened after the last answer, if anything did.
    pub(crate) after: Option<Seen>,
}

/// Delivers `events` to one execution environment of the client's function.
///
/// # Errors
///
/// What `evfuzz` said, if it did not deliver them.
pub(crate) fn invoke(ready: &Ready, events: &[Value], args: &[String]) -> Result<Printed, String> {
    let events: Vec<Vec<u8>> = events.iter().map(|event| event.to_string().into_bytes()).collect();
    invoke_bytes(ready, &events, args)
}

/// The same with events byte by byte.
pub(crate) fn invoke_bytes(ready: &Ready, events: &[Vec<u8>], args: &[String]) -> Result<Printed, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_evfuzz"));
    command.arg("invoke").arg(&ready.function).args(["--format", "json"]).args(&ready.args).args(args);
    for (idx, event) in events.iter().enumerate() {
        let file = folder.path().join(format!("{idx}.json"));
        std::fs::write(&file, event).unwrap();
        command.arg("--event").arg(file);
    }
    if let Some(first) = &ready.path {
        command.env("PATH", before_path(first));
    }
    let output = command.current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let said = || {
        let stderr = String::from_utf8_lossy(&output.stderr);
        format!("{command:?}: {}\n{stderr}\n{}", output.status, crate::matrix::shortened(&stdout))
    };
    let mut printed = Printed { invocations: Vec::new(), after: None };
    for line in stdout.lines() {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("{error}\n{}", said()))?;
        match value["type"].as_str() {
            Some("after") => printed.after = Some(serde_json::from_value(value).unwrap()),
            _ => printed
                .invocations
                .push(serde_json::from_value(value).map_err(|it| format!("{it}\n{}", said()))?),
        }
    }
    if printed.invocations.len() == events.len() { Ok(printed) } else { Err(said()) }
}
