//! Our Runtime API without a function, in a thread of its own.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};

use evfuzz_emulator::{ApiConfig, Invoke, InvokeResult, RuntimeApi, SnapStart};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::walk::{Emulator, Event, Invoked};

type Order = (Invoke, Sender<Invoked>);

/// One running emulator. Its thread ends when this is dropped.
pub(crate) struct Ours {
    api: SocketAddr,
    orders: UnboundedSender<Order>,
}

impl Ours {
    pub(crate) fn start() -> Ours {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let api = listener.local_addr().unwrap();
        let (orders, inbox) = unbounded_channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listener, inbox));
        });
        Ours { api, orders }
    }
}

async fn serve(listener: std::net::TcpListener, mut inbox: UnboundedReceiver<Order>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let config = ApiConfig {
        // Both as the original has them.
        function_arn: "arn:aws:lambda:us-east-1:012345678912:function:f".to_owned(),
        function_name: "f".to_owned(),
        function_version: "$LATEST".to_owned(),
        handler: String::new(),
        account_id: String::new(),
        metadata_token: "token".to_owned(),
        snap_start: SnapStart::Off,
    };
    let mut api = RuntimeApi::new(listener, config);
    let mut waiting: Option<(String, Sender<Invoked>)> = None;
    let mut ready: Option<(Sender<Invoked>, Invoked)> = None;
    let mut count = 0;
    loop {
        tokio::select! {
            () = api.happenings() => {}
            order = inbox.recv() => {
                let Some((invoke, reply)) = order else { return };
                count += 1;
                let id = format!("00000000-0000-4000-8000-{count:012}");
                match invoke.check() {
                    Ok(()) => {
                        api.deliver(&id, 1_700_000_000_000, invoke);
                        waiting = Some((id, reply));
                    }
                    Err(refused) => {
                        let result = evfuzz_emulator::Outcome::InvalidRequest(refused).result(&id);
                        let _ = reply.send(invoked(result));
                    }
                }
            }
        }
        if let Some(outcome) = api.take_outcome()
            && let Some((id, reply)) = waiting.take()
        {
            ready = Some((reply, invoked(outcome.result(&id))));
        }
        // The original tells its caller when the runtime asks for the next event, or when it is sure that it never will.
        if let Some((reply, invoked)) = ready.take_if(|_| api.is_waiting() || inbox.is_closed()) {
            let _ = reply.send(invoked);
        }
    }
}

fn invoked(result: InvokeResult) -> Invoked {
    let mut status = result.status.to_string();
    if let Some(error) = result.function_error.or(result.refused) {
        status.push_str(&format!(" {error}"));
    }
    Invoked { status, body: result.payload.to_vec() }
}

impl Emulator for Ours {
    fn api(&self) -> SocketAddr {
        self.api
    }

    fn deliver(&mut self, event: &Event) -> Receiver<Invoked> {
        let (sender, receiver) = channel();
        let invoke = Invoke {
            event: event.body.clone().into(),
            client_context: event.client_context.clone(),
            cognito_identity: event.cognito_identity.clone(),
            tenant_id: event.tenant_id.clone(),
            trace_id: event.trace_id.clone(),
        };
        self.orders.send((invoke, sender)).unwrap();
        receiver
    }
}
