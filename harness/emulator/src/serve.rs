//! Serving the Runtime API on one loopback port with hyper.
//!
//! An invocation is never tied to a connection: official clients use up to five sockets. All
//! state of a port lives in one [`Port`], on one thread, shared by the connections of one
//! function and by the [`crate::Environment`] that owns it.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::outcome::{LogText, Outcome, StalePost};
use crate::routes::{self, MAX_PAYLOAD, Reply, Route};
use crate::state::{self, Call, Named, State, Verdict};

/// The function's error type as its runtime names it, beside the error document.
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

/// Posts that name another invocation and are kept until somebody asks.
const MOST_STALE: usize = 64;

/// An event on its way to the function.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) request_id: String,
    pub(crate) deadline_ms: u64,
    pub(crate) event: Bytes,
}

/// The Runtime API of one function process.
pub(crate) struct Port {
    changed: Cell<bool>,
    waiting: Notify,
    function_arn: HeaderValue,
    inner: RefCell<Inner>,
}

struct Inner {
    state: State,
    request_id: Option<String>,
    pending: Option<Delivery>,
    running: Option<Delivery>,
    answer: Option<Outcome>,
    stale: Vec<StalePost>,
}

impl Port {
    pub(crate) fn new(function_arn: &str) -> Rc<Port> {
        Rc::new(Port {
            changed: Cell::new(false),
            waiting: Notify::new(),
            function_arn: HeaderValue::from_str(function_arn)
                .unwrap_or_else(|_| HeaderValue::from_static("")),
            inner: RefCell::new(Inner {
                state: State::Started,
                request_id: None,
                pending: None,
                running: None,
                answer: None,
                stale: Vec::new(),
            }),
        })
    }

    /// Whether an event can be handed over: the runtime waits in `/next`, or has answered and is
    /// about to ask.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.inner.borrow().state, State::Ready | State::ResponseSent)
    }

    /// Whether the runtime has not taken the event that was handed over.
    pub(crate) fn is_pending(&self) -> bool {
        self.inner.borrow().pending.is_some()
    }

    /// Takes back an event that the runtime has not taken.
    pub(crate) fn withdraw(&self) {
        self.inner.borrow_mut().pending = None;
    }

    /// Hands over the next event. The runtime gets it as soon as it asks.
    pub(crate) fn deliver(&self, delivery: Delivery) {
        let mut inner = self.inner.borrow_mut();
        inner.request_id = Some(delivery.request_id.clone());
        inner.answer = None;
        inner.pending = Some(delivery);
        drop(inner);
        self.waiting.notify_one();
    }

    /// Whether there is an answer to take.
    pub(crate) fn is_answered(&self) -> bool {
        self.inner.borrow().answer.is_some()
    }

    /// Takes the answer, if there is one.
    pub(crate) fn take_answer(&self) -> Option<Outcome> {
        self.inner.borrow_mut().answer.take()
    }

    /// Takes the posts that belonged to earlier invocations.
    pub(crate) fn take_stale(&self) -> Vec<StalePost> {
        std::mem::take(&mut self.inner.borrow_mut().stale)
    }

    /// Something happened that whoever drives the server may wait for.
    fn changed(&self) {
        self.changed.set(true);
    }

    /// Whether anything happened since the last call.
    pub(crate) fn take_changed(&self) -> bool {
        self.changed.replace(false)
    }

    async fn answer(&self, request: Request<Incoming>) -> Reply {
        match Route::parse(request.method(), request.uri().path()) {
            Route::Next => self.next().await,
            Route::Response(id) => self.post(Call::Response, Some(id), request).await,
            Route::Error(id) => self.post(Call::Error, Some(id), request).await,
            Route::InitError => self.post(Call::InitError, None, request).await,
            Route::Ping => routes::pong(),
            Route::WrongMethod(allowed) => routes::wrong_method(allowed),
            Route::Unknown => routes::not_found(),
        }
    }

    async fn next(&self) -> Reply {
        let verdict = state::judge(self.inner.borrow().state, Call::Next, Named::None);
        match verdict {
            Verdict::SameEvent => {
                let running = self.inner.borrow().running.clone();
                match running {
                    Some(delivery) => self.event(&delivery),
                    None => routes::not_found(),
                }
            }
            Verdict::Wait => {
                self.inner.borrow_mut().state = State::Ready;
                self.changed();
                loop {
                    let pending = self.inner.borrow_mut().pending.take();
                    if let Some(delivery) = pending {
                        let reply = self.event(&delivery);
                        let mut inner = self.inner.borrow_mut();
                        inner.state = State::Running;
                        inner.running = Some(delivery);
                        return reply;
                    }
                    self.waiting.notified().await;
                }
            }
            Verdict::Forbidden(message) => routes::forbidden(&message),
            Verdict::UnknownId | Verdict::Accept(_) => routes::unknown_request_id(),
        }
    }

    /// The answer to `/next`.
    ///
    /// `Content-Type: application/json` exactly: without it the official Python and Node clients
    /// crash, with a charset the Python one hands raw bytes to the handler.
    fn event(&self, delivery: &Delivery) -> Reply {
        const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
        const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
        const ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
        const TRACE: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
        let mut reply = Response::new(Full::new(delivery.event.clone()));
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::from_str(&delivery.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(DEADLINE, HeaderValue::from(delivery.deadline_ms));
        headers.insert(ARN, self.function_arn.clone());
        headers.insert(
            TRACE,
            HeaderValue::from_static(
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
            ),
        );
        reply
    }

    async fn post(&self, call: Call, id: Option<String>, request: Request<Incoming>) -> Reply {
        let named = match &id {
            None => Named::None,
            Some(id) if self.inner.borrow().request_id.as_ref() == Some(id) => Named::Current,
            Some(_) => Named::Other,
        };
        let verdict = state::judge(self.inner.borrow().state, call, named);
        if let Verdict::Accept(next) = verdict {
            self.inner.borrow_mut().state = next;
        }
        let header_type =
            request.headers().get(ERROR_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Ok((body, size)) = collect(request.into_body()).await else {
            return routes::unknown_request_id();
        };
        match verdict {
            Verdict::Accept(_) if call == Call::Response && size > MAX_PAYLOAD => {
                self.finish(Outcome::ResponseTooLarge { size });
                routes::too_large()
            }
            Verdict::Accept(_) => {
                self.finish(match call {
                    Call::Response | Call::Next => Outcome::Response { body },
                    Call::Error => {
                        Outcome::FunctionError { error_type: error_type(&body, header_type), body }
                    }
                    Call::InitError => {
                        Outcome::InitError { error_type: error_type(&body, header_type), body }
                    }
                });
                // A pipelining client has sent its next `/next` already. Whoever waits for this
                // answer gets its turn first, so that the next event is there when `/next` is
                // read, and both replies leave in one write.
                one_turn().await;
                routes::accepted()
            }
            refused => {
                let stale = &mut self.inner.borrow_mut().stale;
                if let Some(request_id) = id.filter(|_| stale.len() < MOST_STALE) {
                    let error_type = (call == Call::Error).then(|| error_type(&body, header_type));
                    // The document of an error is short; the rest is of no use to anybody.
                    let body = body.slice(..body.len().min(LogText::CAP));
                    stale.push(StalePost { request_id, error_type, body });
                }
                match refused {
                    Verdict::Forbidden(message) => routes::forbidden(&message),
                    _ => routes::unknown_request_id(),
                }
            }
        }
    }

    fn finish(&self, outcome: Outcome) {
        self.inner.borrow_mut().answer = Some(outcome);
        self.changed();
    }
}

/// Lets the task that drives the server go on once before this connection does.
async fn one_turn() {
    let mut first = true;
    std::future::poll_fn(move |cx| {
        if std::mem::take(&mut first) {
            cx.waker().wake_by_ref();
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// The listener of one port and its connections.
///
/// They make progress only while someone polls: the task that waits for the answer serves the
/// connections itself. So there is no task switch between an answer and the next event.
pub(crate) struct Server {
    port: Rc<Port>,
    listener: TcpListener,
    connections: Vec<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Server {
    pub(crate) fn new(port: &Rc<Port>, listener: TcpListener) -> Server {
        Server { port: Rc::clone(port), listener, connections: Vec::new() }
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Accepts what waits to be accepted and serves all connections as far as they go.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) {
        // A failing accept (too many open files) is tried again with the next wake-up.
        while let Poll::Ready(Ok((stream, _))) = self.listener.poll_accept(cx) {
            self.connections.push(Box::pin(serve(Rc::clone(&self.port), stream)));
        }
        let port = &self.port;
        self.connections.retain_mut(|connection| {
            let ended = connection.as_mut().poll(cx).is_ready();
            if ended {
                port.changed();
            }
            !ended
        });
    }
}

async fn serve(port: Rc<Port>, stream: TcpStream) {
    // Best effort: without it only latency suffers.
    drop(stream.set_nodelay(true));
    let service = hyper::service::service_fn(move |request| {
        let port = Rc::clone(&port);
        async move { Ok::<_, Infallible>(port.answer(request).await) }
    });
    // X-Ray causes travel in a header of up to 1 MiB (official Python, Go, Java and Ruby
    // clients); hyper's default buffer of about 400 KiB would refuse them.
    let served = hyper::server::conn::http1::Builder::new()
        .max_buf_size(2 << 20)
        .pipeline_flush(true)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    // A broken connection is the function's affair: its end is seen by other means.
    drop(served);
}

/// Reads a body to its end, keeping at most [`MAX_PAYLOAD`] bytes. The second value is its size.
async fn collect(mut body: Incoming) -> Result<(Bytes, usize), hyper::Error> {
    let mut size = 0;
    let mut first = Bytes::new();
    let mut rest: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        // Trailers (Go sends them on every post) carry nothing that this version reads.
        let Ok(data) = frame?.into_data() else { continue };
        size += data.len();
        if size > MAX_PAYLOAD {
            continue;
        }
        match &mut rest {
            Some(rest) => rest.extend_from_slice(&data),
            None if first.is_empty() => first = data,
            None => {
                let mut joined = BytesMut::with_capacity(first.len() + data.len());
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&data);
                rest = Some(joined);
            }
        }
    }
    Ok((rest.map_or(first, BytesMut::freeze), size))
}

/// The type of an error: what the document says, else the header, else `Runtime.Unknown`.
fn error_type(body: &[u8], header: Option<String>) -> String {
    #[derive(serde::Deserialize)]
    struct ErrorDocument {
        #[serde(rename = "errorType")]
        error_type: Option<String>,
    }
    serde_json::from_slice::<ErrorDocument>(body)
        .ok()
        .and_then(|document| document.error_type)
        .or(header)
        .unwrap_or_else(|| "Runtime.Unknown".to_owned())
}

#[cfg(test)]
mod tests;
