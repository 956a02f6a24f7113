//! Walking through a scenario: what is done, and what is written down of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::http::{Answer, Connection};

/// Something that serves the Runtime API.
pub(crate) trait Emulator {
    /// Where runtimes find it.
    fn api(&self) -> SocketAddr;
    /// Invokes the function. The receiver hears of the end.
    fn deliver(&mut self, event: &Event) -> Receiver<Invoked>;
}

/// What a caller invokes with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) body: Vec<u8>,
    pub(crate) client_context: Option<String>,
    pub(crate) cognito_identity: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) trace_id: Option<String>,
}

impl Event {
    /// As headers of the Invoke API.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        use base64::Engine as _;
        let encoded = |text: &String| base64::engine::general_purpose::STANDARD.encode(text);
        let mut headers = Vec::new();
        headers.extend(self.client_context.as_ref().map(|it| ("X-Amz-Client-Context", encoded(it))));
        headers.extend(self.tenant_id.as_ref().map(|it| ("X-Amz-Tenant-Id", it.clone())));
        headers.extend(self.trace_id.as_ref().map(|it| ("X-Amzn-Trace-Id", it.clone())));
        headers
    }
}

/// What the caller got.
#[derive(Clone, Debug)]
pub(crate) struct Invoked {
    pub(crate) status: String,
    pub(crate) body: Vec<u8>,
}

/// One thing that is done. Connections have numbers and are opened when first used.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody invokes the function.
    Deliver(Event),
    /// The caller hears of the end.
    Invoked,
    /// A request, and its answer. `{id}` stands for the request id of the last event.
    Call(u8, Vec<u8>),
    /// The same, again and again until the answer contains this text: what another connection does takes effect when it may.
    Until(u8, Vec<u8>, &'static str),
    /// A request whose answer comes later.
    Send(u8, Vec<u8>),
    /// An answer.
    Receive(u8),
    /// The connection is closed.
    Close(u8),
}

/// A named sequence.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// Goes through `scenario`; one line for each step that has an answer.
pub(crate) fn walk(scenario: &Scenario, emulator: &mut dyn Emulator) -> Vec<String> {
    let mut lines = Vec::new();
    let mut connections: BTreeMap<u8, Connection> = BTreeMap::new();
    let mut id = String::from("no-event-yet");
    let mut extension = String::from("no-extension-yet");
    let mut pending: Option<Receiver<Invoked>> = None;
    let api = emulator.api();
    for step in &scenario.steps {
        match step {
            Step::Deliver(event) => pending = Some(emulator.deliver(event)),
            Step::Invoked => {
                let heard = pending.take().map(|it| it.recv_timeout(Duration::from_secs(4)));
                lines.push(match heard {
                    Some(Ok(invoked)) => {
                        format!(
                            "invoker: {} {}",
                            invoked.status,
                            masked(&shown(&invoked.body), &id, &extension)
                        )
                    }
                    _ => "invoker: no answer".to_owned(),
                });
            }
            Step::Call(number, bytes) | Step::Send(number, bytes) => {
                let connection = connections.entry(*number).or_insert_with(|| Connection::open(api));
                let bytes = replaced(bytes, &[("{id}", &id), ("{extension}", &extension)]);
                connection.send(&bytes);
                if let Step::Call(..) = step {
                    let answer = connection.receive(bytes.starts_with(b"HEAD "));
                    note(&answer, &mut id, &mut extension);
                    lines.push(line(&answer, &id, &extension));
                }
            }
            Step::Until(number, bytes, wanted) => {
                let connection = connections.entry(*number).or_insert_with(|| Connection::open(api));
                let started = std::time::Instant::now();
                lines.push(loop {
                    connection.send(bytes);
                    let answer = connection.receive(false);
                    note(&answer, &mut id, &mut extension);
                    let line = line(&answer, &id, &extension);
                    if line.contains(wanted) || started.elapsed() > Duration::from_secs(3) {
                        break line;
                    }
                });
            }
            Step::Receive(number) => {
                let connection = connections.get_mut(number).expect("used before");
                let answer = connection.receive(false);
                note(&answer, &mut id, &mut extension);
                lines.push(line(&answer, &id, &extension));
            }
            Step::Close(number) => drop(connections.remove(number)),
        }
    }
    lines
}

fn note(answer: &Answer, id: &mut String, extension: &mut String) {
    let Answer::Http { headers, .. } = answer else { return };
    for (name, value) in headers {
        match name.as_str() {
            "lambda-runtime-aws-request-id" => value.clone_into(id),
            "lambda-extension-identifier" => value.clone_into(extension),
            _ => {}
        }
    }
}

/// Status, headers that say something, body.
fn line(answer: &Answer, id: &str, extension: &str) -> String {
    match answer {
        Answer::Silence => "no answer".to_owned(),
        Answer::Closed => "closed".to_owned(),
        Answer::Http { status, headers, body } => {
            let kept = headers.iter().filter(|(name, _)| {
                !matches!(name.as_str(), "date" | "content-length" | "transfer-encoding")
            });
            let kept: Vec<String> = kept
                .map(|(name, value)| match name.as_str() {
                    "lambda-runtime-deadline-ms" => format!("{name}: TIME"),
                    "lambda-extension-event-identifier" | "lambda-runtime-invocation-id" => {
                        format!("{name}: NEW")
                    }
                    _ => format!("{name}: {value}"),
                })
                .collect();
            masked(&format!("{status} [{}] {}", kept.join("; "), shown(body)), id, extension)
        }
    }
}

fn shown(body: &[u8]) -> String {
    if body.len() > 600 {
        return format!("{} bytes", body.len());
    }
    String::from_utf8_lossy(body).escape_debug().to_string()
}

fn masked(text: &str, id: &str, extension: &str) -> String {
    let text = text.replace(id, "ID").replace(extension, "EXTENSION");
    // The deadline is somewhere in events of extensions too.
    match text.split_once("\\\"deadlineMs\\\":") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|it: char| it.is_ascii_digit());
            format!("{before}\\\"deadlineMs\\\":TIME{rest}")
        }
        None => text,
    }
}

fn replaced(bytes: &[u8], words: &[(&str, &str)]) -> Vec<u8> {
    // Only heads hold placeholders; bodies can be large and are not text.
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let mut head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    for (word, value) in words {
        head = head.replace(word, value);
    }
    let mut all = head.into_bytes();
    all.extend_from_slice(&bytes[end..]);
    all
}
