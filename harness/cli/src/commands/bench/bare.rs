//! The least that can serve a Runtime API client: constants, no state, no process to watch.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use evfuzz_emulator::FunctionSpec;
use evfuzz_sandbox::{Keeper, Process};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::EVENT;
use crate::exit::{Failure, causes};

/// A server and the function that talks to it.
pub(super) struct BareServer {
    gate: Rc<Gate>,
    _process: Process,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Gate {
    open: Cell<bool>,
    opened: Notify,
    events: Cell<u32>,
}

impl BareServer {
    /// Starts a function with a server of its own.
    pub(super) fn start(keeper: &Keeper, spec: &FunctionSpec) -> Result<BareServer, Failure> {
        let scratch = spec.scratch_root.join("bare");
        let failed = |error: std::io::Error| Failure::environment(format!("cannot serve: {error}"));
        std::fs::create_dir_all(&scratch).map_err(failed)?;
        let mut process =
            keeper.spawn(&spec.process(scratch)).map_err(|error| Failure::environment(causes(&error)))?;
        let listener = process.take_listener().ok_or_else(|| Failure::environment("no listener"))?;
        listener.set_nonblocking(true).map_err(failed)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        let gate = Rc::new(Gate::default());
        let mut serving = JoinSet::new();
        serving.spawn_local(serve(listener, Rc::clone(&gate)));
        Ok(BareServer { gate, _process: process, _serving: serving })
    }

    /// Answers per second.
    pub(super) async fn rate(&self, time: Duration) -> f64 {
        self.gate.events.set(0);
        self.gate.open.set(true);
        self.gate.opened.notify_waiters();
        let started = Instant::now();
        tokio::time::sleep(time).await;
        self.gate.open.set(false);
        f64::from(self.gate.events.get()) / started.elapsed().as_secs_f64()
    }
}

async fn serve(listener: tokio::net::TcpListener, gate: Rc<Gate>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Only speed suffers without it.
        drop(stream.set_nodelay(true));
        let gate = Rc::clone(&gate);
        open.spawn_local(async move {
            let service = hyper::service::service_fn(move |request| {
                let gate = Rc::clone(&gate);
                async move { Ok::<_, Infallible>(constant(request, &gate).await) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .pipeline_flush(true)
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(served);
        });
    }
}

async fn constant(request: Request<Incoming>, gate: &Gate) -> Response<Full<Bytes>> {
    if request.method() == Method::POST {
        // Only whole answers count, as in the emulator.
        drop(request.into_body().collect().await);
        gate.events.set(gate.events.get() + 1);
        let mut reply = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}\n")));
        *reply.status_mut() = StatusCode::ACCEPTED;
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return reply;
    }
    while !gate.open.get() {
        gate.opened.notified().await;
    }
    let mut reply = Response::new(Full::new(Bytes::from_static(EVENT)));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        // Clients read it and send it back.
        ("lambda-runtime-invocation-id", "1e8ec5f3-8d46-4b5f-9a55-0c3ffb0f9b7c"),
        ("lambda-runtime-deadline-ms", "1893456000000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}
