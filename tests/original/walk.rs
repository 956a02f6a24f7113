//! Walking through a scenario: what is done, and what is written down of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::http::{Answer, Connection};
use crate::masks::Masks;

/// Something that serves the Runtime API.
pub(crate) trait Emulator {
    /// Where runtimes find it.
    fn api(&self) -> SocketAddr;
    /// Invokes the function.
    fn deliver(&mut self, event: &Event) -> Delivered;
    /// The process of the function ends in this way.
    fn end(&mut self, how: End);
    /// What the metadata endpoint asks for.
    fn token(&self) -> String;
}

/// An event that is on its way.
pub(crate) struct Delivered {
    /// Its request id, unless it was refused at once.
    pub(crate) id: Option<String>,
    /// Hears of the end.
    pub(crate) end: Receiver<Invoked>,
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
    /// As headers of the Invoke API. It has none for a Cognito identity: the service knows that from the signature.
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
    /// The type under which the emulator itself took note of an error.
    pub(crate) noted: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// How a process ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Exit(i32),
    Signal(i32, &'static str),
    /// It does not, and its second is over.
    Timeout,
}

/// One thing that is done. Connections have numbers and are opened when first used.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Said first: the function is one that is restored from a snapshot (AWS "Lambda SnapStart").
    SnapStart,
    /// Somebody invokes the function.
    Deliver(Event),
    /// The caller hears of the end.
    Invoked,
    /// A request, and its answer. In its head `{id}` stands for the request id of the last event, `{extension}` for the last
    /// identifier of an extension, `{token}` for what the metadata endpoint asks for.
    Call(u8, Vec<u8>),
    /// The same, again and again until the answer contains this text: what another connection does takes effect when it may.
    Until(u8, Vec<u8>, &'static str),
    /// A request whose answer comes later.
    Send(u8, Vec<u8>),
    /// An answer.
    Receive(u8),
    /// Nothing more will be sent on the connection; it can still be read.
    Finish(u8),
    /// The connection is closed.
    Close(u8),
    /// The process of the function ends.
    End(End),
}

/// How a process begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starts {
    Fresh,
    Restored,
}

/// A named sequence.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// Seconds that the function has.
    pub(crate) timeout: u32,
    pub(crate) starts: Starts,
    pub(crate) steps: Vec<Step>,
}

impl Scenario {
    /// Whether one of its requests has this text in its first kilobyte.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Call(_, bytes) | Step::Send(_, bytes) | Step::Until(_, bytes, _) => {
                String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).contains(text)
            }
            _ => false,
        })
    }
}

/// What is known of the answers before the walk, so that no time is lost in waiting and none of them is missed.
pub(crate) enum Expected<'e> {
    Nothing,
    Lines(&'e [String]),
}

impl Expected<'_> {
    fn patience(&self, number: usize) -> Duration {
        match self {
            Expected::Nothing => Duration::from_secs(2),
            Expected::Lines(lines) => match lines.get(number) {
                Some(line) if line.ends_with(SILENCE) => Duration::from_millis(700),
                // A loaded machine is slow. Whoever waits that long has found a difference.
                _ => Duration::from_secs(15),
            },
        }
    }
}

/// What is written down if there is no answer in time.
const SILENCE: &str = "no answer";

/// Goes through `scenario`; one line for each step that has an answer.
pub(crate) fn walk(scenario: &Scenario, emulator: &mut dyn Emulator, expected: &Expected<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut connections: BTreeMap<u8, Connection> = BTreeMap::new();
    let mut masks = Masks::default();
    let mut invocations: std::collections::VecDeque<Receiver<Invoked>> = std::collections::VecDeque::new();
    let api = emulator.api();
    for step in &scenario.steps {
        let patience = expected.patience(lines.len());
        match step {
            Step::Deliver(event) => {
                let delivered = emulator.deliver(event);
                masks.id(delivered.id.as_deref());
                invocations.push_back(delivered.end);
            }
            Step::Invoked => {
                let heard = invocations.pop_front().map(|it| it.recv_timeout(patience));
                lines.push(match heard {
                    Some(Ok(invoked)) => masks.invoked(&invoked),
                    _ => format!("invoker: {SILENCE}"),
                });
            }
            Step::Call(number, bytes) => {
                let connection = connections.entry(*number).or_insert_with(|| Connection::open(api));
                let bytes = masks.fill(bytes, || emulator.token());
                connection.send(&bytes);
                let answer = connection.receive(bytes.starts_with(b"HEAD "), patience);
                lines.push(line(&answer, &mut masks));
            }
            Step::Send(number, bytes) => {
                let connection = connections.entry(*number).or_insert_with(|| Connection::open(api));
                connection.send(&masks.fill(bytes, || emulator.token()));
            }
            Step::Until(number, bytes, wanted) => {
                let connection = connections.entry(*number).or_insert_with(|| Connection::open(api));
                let started = Instant::now();
                lines.push(loop {
                    connection.send(bytes);
                    let line = line(&connection.receive(false, patience), &mut masks);
                    if line.contains(wanted) || started.elapsed() > patience {
                        break line;
                    }
                });
            }
            Step::Receive(number) => {
                let connection = connections.get_mut(number).expect("used before");
                lines.push(line(&connection.receive(false, patience), &mut masks));
            }
            Step::Finish(number) => connections.get_mut(number).expect("used before").finish(),
            Step::Close(number) => drop(connections.remove(number)),
            Step::End(how) => emulator.end(*how),
            Step::SnapStart => {}
        }
    }
    lines
}

/// Status, headers, body.
fn line(answer: &Answer, masks: &mut Masks) -> String {
    match answer {
        Answer::Silence => SILENCE.to_owned(),
        Answer::Closed => "closed".to_owned(),
        Answer::Http { status, headers, body } => masks.answer(status, headers, body),
    }
}
