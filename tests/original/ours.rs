//! Our Runtime API without a function, in a thread of its own.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use evfuzz_emulator::{ApiConfig, Invoke, InvokeResult, Outcome, RuntimeApi, SnapStart};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::walk::{Delivered, Emulator, End, Event, Invoked, Scenario, Starts};

enum Order {
    /// `taken` hears when it is the API's turn.
    Deliver {
        id: String,
        invoke: Invoke,
        reply: Sender<Invoked>,
        taken: Sender<()>,
    },
    End(Outcome),
}

/// One running emulator. Its thread ends when this is dropped.
pub(crate) struct Ours {
    api: SocketAddr,
    orders: UnboundedSender<Order>,
    delivered: usize,
    timeout: Duration,
}

const TOKEN: &str = "a9c4a5ab-5d1c-4b6b-9cdd-31e3f2f0a0d4";

impl Ours {
    pub(crate) fn start(scenario: &Scenario) -> Ours {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let api = listener.local_addr().unwrap();
        let within = "Content-Type: application/vnd.aws.lambda.error.cause+json\r\n";
        let posts_cause = scenario.mentions("XRay-Error-Cause: ")
            && !scenario.mentions("XRay-Error-Cause: \r\n")
            || scenario.mentions(within) && scenario.mentions("\"errorCause\"");
        let snap_start = match scenario.starts {
            Starts::Fresh => SnapStart::Off,
            Starts::Restored => SnapStart::On,
        };
        let (orders, inbox) = unbounded_channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listener, inbox, snap_start, posts_cause));
        });
        Ours { api, orders, delivered: 0, timeout: Duration::from_secs(scenario.timeout.into()) }
    }
}

async fn serve(
    listener: std::net::TcpListener,
    mut inbox: UnboundedReceiver<Order>,
    snap_start: SnapStart,
    posts_cause: bool,
) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let config = ApiConfig {
        // All as the original has them.
        function_arn: "arn:aws:lambda:us-east-1:012345678912:function:f".to_owned(),
        function_name: "f".to_owned(),
        function_version: "$LATEST".to_owned(),
        handler: String::new(),
        account_id: String::new(),
        metadata_token: TOKEN.to_owned(),
        hold_after_refusal: std::time::Duration::ZERO,
        snap_start,
    };
    let mut api = RuntimeApi::new(listener, config);
    // As an environment does it: an event waits until the runtime and all extensions do.
    let mut held: Option<Invoke> = None;
    let mut waiting: Option<(String, Sender<Invoked>)> = None;
    let mut ready: Option<(Sender<Invoked>, Invoked)> = None;
    loop {
        tokio::select! {
            () = api.happenings() => {}
            order = inbox.recv() => match order {
                None => return,
                Some(Order::Deliver { id, invoke, reply, taken }) => {
                    match invoke.check() {
                        Ok(()) => {
                            held = Some(invoke);
                            waiting = Some((id, reply));
                        }
                        Err(refused) => {
                            let _ = reply.send(invoked(&Outcome::InvalidRequest(refused), &id, posts_cause));
                        }
                    }
                    taken.send(()).unwrap();
                }
                // What had been posted before is how the invocation ended.
                Some(Order::End(outcome)) => if let Some((reply, invoked)) = ready.take() {
                    let _ = reply.send(invoked);
                } else if let Some((id, reply)) = waiting.take() {
                    let outcome = api.take_outcome().unwrap_or(outcome);
                    let _ = reply.send(invoked(&outcome, &id, posts_cause));
                },
            }
        }
        if let (true, Some((id, _))) = (api.is_ready(), &waiting)
            && let Some(invoke) = held.take()
        {
            api.deliver(id, 1_700_000_000_000, invoke);
        }
        if let Some(outcome) = api.take_outcome()
            && let Some((id, reply)) = waiting.take()
        {
            ready = Some((reply, invoked(&outcome, &id, posts_cause)));
        }
        // Like the original: the caller hears of an answer when the runtime asks for the next event.
        if let Some((reply, invoked)) = ready.take_if(|_| api.is_waiting()) {
            let _ = reply.send(invoked);
        }
    }
}

/// `posts_cause`: the walk posts an X-Ray cause, so that one can be missed.
fn invoked(outcome: &Outcome, id: &str, posts_cause: bool) -> Invoked {
    let InvokeResult { status, function_error, refused, payload } = outcome.result(id);
    let mut status = status.to_string();
    if let Some(error) = function_error.or(refused) {
        status.push_str(&format!(" {error}"));
    }
    let noted = match outcome {
        Outcome::FunctionError { report, .. } | Outcome::InitError(report) => {
            // Of a document that is none, nobody looks at the cause.
            let refused =
                posts_cause && report.xray_cause.is_none() && &report.body[..] != b"\"Invalid error body\"";
            Some(format!("{}{}", report.fatal_type, if refused { ", cause refused" } else { "" }))
        }
        _ if function_error.is_none() => None,
        // The service's own errors are called in their documents as it notes them.
        _ => serde_json::from_slice::<serde_json::Value>(&payload)
            .ok()
            .and_then(|it| Some(it.get("errorType")?.as_str()?.to_owned())),
    };
    Invoked { status, noted, body: payload.to_vec() }
}

impl Emulator for Ours {
    fn api(&self) -> SocketAddr {
        self.api
    }

    fn deliver(&mut self, event: &Event) -> Delivered {
        let (reply, end) = channel();
        let invoke = Invoke {
            event: event.body.clone().into(),
            client_context: event.client_context.clone(),
            cognito_identity: event.cognito_identity.clone(),
            tenant_id: event.tenant_id.clone(),
            trace_id: event.trace_id.clone(),
        };
        self.delivered += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.delivered);
        let (taken, is_taken) = channel();
        self.orders.send(Order::Deliver { id: id.clone(), invoke, reply, taken }).unwrap();
        is_taken.recv().unwrap();
        Delivered { id: Some(id), end }
    }

    fn end(&mut self, how: End) {
        let outcome = match how {
            End::Exit(code) => Outcome::Exited { code },
            End::Signal(signal, _) => Outcome::Signaled { signal },
            End::Timeout => Outcome::TimedOut { after: self.timeout },
        };
        self.orders.send(Order::End(outcome)).unwrap();
    }

    fn token(&self) -> String {
        TOKEN.to_owned()
    }
}
