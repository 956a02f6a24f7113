//! What each call of the Runtime API does, and the one place where a function's state lives.
//!
//! An invocation is never tied to a connection: official clients use up to five sockets. All calls of a function, on
//! whatever connection, meet in one [`Port`], on one thread.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Request, Response};
use tokio::sync::Notify;

use crate::answer::{self, ERROR_TYPE, text};
use crate::api::ApiConfig;
use crate::body::{self, Body, BodyEnd};
use crate::client::Client;
use crate::error_report::error_type;
use crate::extensions::{Extensions, Failure, Refusal};
use crate::ids::uuid;
use crate::invoke::Invoke;
use crate::outcome::{LogText, Outcome, ResponseMode, StaleCause, StalePost};
use crate::reply::{self, Reply};
use crate::routes::Route;
use crate::serve::MOST_HEAD;
use crate::state::{self, Call, Named, State, Verb, Verdict};

const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const EXTENSION_ID: &str = "lambda-extension-identifier";

/// A trace that nobody samples: the service always has one.
const NO_TRACE: HeaderValue =
    HeaderValue::from_static("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0");

/// Posts that name another invocation and are kept until somebody asks.
const MOST_STALE: usize = 64;

/// Invocations whose ids are remembered, to tell late posts from those that name nothing.
const MOST_REMEMBERED: usize = 1024;

/// The zone that the metadata endpoint names, in the region that functions find in their environment.
const ZONE: &str = "use1-az1";

/// The state of one function's API, shared by its connections.
pub(crate) struct Port {
    config: ApiConfig,
    function_arn: HeaderValue,
    pub(crate) changed: Cell<bool>,
    /// An answer was refused since the last event was asked for.
    refused: Cell<bool>,
    waiting: Notify,
    extensions_waiting: Notify,
    pub(crate) inner: RefCell<Inner>,
}

pub(crate) struct Inner {
    pub(crate) state: State,
    /// The invocation that runs or was answered last.
    current: Option<Rc<Delivery>>,
    pub(crate) pending: Option<Rc<Delivery>>,
    /// The ids of the last events that the runtime took.
    taken: VecDeque<Rc<str>>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) stale: Vec<StalePost>,
    pub(crate) extensions: Extensions,
    /// Identifiers given out.
    ids: u64,
    pub(crate) user_agent: Option<String>,
}

/// An event on its way, with what names it.
pub(crate) struct Delivery {
    request_id: Rc<str>,
    nonce: HeaderValue,
    deadline_ms: u64,
    invoke: Invoke,
}

impl Port {
    pub(crate) fn new(config: ApiConfig) -> Rc<Port> {
        Rc::new(Port {
            function_arn: header(&config.function_arn),
            config,
            changed: Cell::new(false),
            refused: Cell::new(false),
            waiting: Notify::new(),
            extensions_waiting: Notify::new(),
            inner: RefCell::new(Inner {
                state: State::Started,
                current: None,
                pending: None,
                taken: VecDeque::new(),
                outcome: None,
                stale: Vec::new(),
                extensions: Extensions::default(),
                ids: 0,
                user_agent: None,
            }),
        })
    }

    pub(crate) fn deliver(&self, request_id: &str, deadline_ms: u64, invoke: Invoke) {
        let mut inner = self.inner.borrow_mut();
        let nonce = header(&inner.fresh_id());
        if inner.extensions.may_want_events() {
            let event = self.extension_event(request_id, deadline_ms, &invoke);
            inner.extensions.deliver(event);
            self.extensions_waiting.notify_waiters();
        }
        inner.outcome = None;
        inner.pending = Some(Rc::new(Delivery { request_id: request_id.into(), nonce, deadline_ms, invoke }));
        drop(inner);
        self.waiting.notify_one();
    }

    /// Something happened that whoever drives the server may wait for.
    pub(crate) fn changed(&self) {
        self.changed.set(true);
    }

    pub(crate) async fn answer(&self, mut request: Request<Incoming>, client: &Client) -> Reply {
        let head: usize =
            request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if head > MOST_HEAD {
            body::drain(request.body_mut()).await;
            return reply::head_too_large();
        }
        let route = Route::parse(request.method(), request.uri().path(), self.config.snap_start);
        if !route.reads_body() {
            body::drain(request.body_mut()).await;
        }
        match route {
            Route::Next => self.next(request.headers(), client).await,
            Route::Answer(verb, id) => self.post(verb, id, request).await,
            Route::InitError => self.init_error(Call::InitError, request).await,
            Route::RestoreNext => self.restore_next(),
            Route::RestoreError => self.init_error(Call::RestoreError, request).await,
            Route::Ping => reply::pong(),
            Route::Register => self.register(request).await,
            Route::ExtensionNext => self.extension_next(request.headers(), client).await,
            Route::ExtensionInitError => self.extension_failed(Failure::Init, request.headers()),
            Route::ExtensionExitError => self.extension_failed(Failure::Exit, request.headers()),
            Route::Logs => reply::not_supported("Logs"),
            Route::Telemetry => reply::not_supported("Telemetry"),
            Route::Metadata => self.metadata(request.headers()),
            Route::MetadataMethod => reply::wrong_metadata_method(),
            Route::WrongMethod(allowed) => reply::wrong_method(allowed),
            Route::Unknown => reply::not_found(),
        }
    }

    async fn next(&self, headers: &HeaderMap, client: &Client) -> Reply {
        let verdict = state::judge(self.inner.borrow().state, Call::Next);
        match verdict {
            Verdict::Wait => {
                {
                    let mut inner = self.inner.borrow_mut();
                    if inner.user_agent.is_none() {
                        inner.user_agent = text(headers, "user-agent").map(str::to_owned);
                    }
                    inner.extensions.close_registration();
                    inner.state = State::Ready;
                    // From now on a late answer names an invocation that is over.
                    inner.current = None;
                }
                let hold = self.config.hold_after_refusal;
                if self.refused.take() && hold > Duration::ZERO {
                    client.unless_gone(tokio::time::sleep(hold)).await;
                }
                if self.inner.borrow().pending.is_none() {
                    // Whoever has an event to deliver may wait for this.
                    self.changed();
                }
                loop {
                    if client.is_gone().await {
                        // The news may have been meant for this one.
                        self.waiting.notify_one();
                        return reply::gone();
                    }
                    let taken = self.inner.borrow_mut().take_pending();
                    if let Some(delivery) = taken {
                        return self.event(&delivery);
                    }
                    client.unless_gone(self.waiting.notified()).await;
                }
            }
            Verdict::SameEvent => {
                let current = self.inner.borrow().current.clone();
                current.map_or_else(reply::not_found, |delivery| self.event(&delivery))
            }
            refused => refuse(&refused),
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
        const CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
        const IDENTITY: HeaderName = HeaderName::from_static("lambda-runtime-cognito-identity");
        const TENANT: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
        let invoke = &delivery.invoke;
        let mut reply = Response::new(Full::new(invoke.event.clone()));
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(REQUEST_ID, header(&delivery.request_id));
        headers.insert(INVOCATION_ID, delivery.nonce.clone());
        headers.insert(DEADLINE, HeaderValue::from(delivery.deadline_ms));
        headers.insert(ARN, self.function_arn.clone());
        headers.insert(TRACE, invoke.trace_id.as_deref().map_or(NO_TRACE, header));
        for (name, value) in [
            (CONTEXT, &invoke.client_context),
            (IDENTITY, &invoke.cognito_identity),
            (TENANT, &invoke.tenant_id),
        ] {
            // AWS sends a header only if there is something to say.
            if let Some(value) = value.as_deref().filter(|it| !it.is_empty()) {
                headers.insert(name, header(value));
            }
        }
        reply
    }

    async fn post(&self, verb: Verb, id: String, request: Request<Incoming>) -> Reply {
        let named = self.inner.borrow().named(&id, request.headers());
        let verdict = state::judge(self.inner.borrow().state, Call::Answer(verb, named));
        let Verdict::Accept(responding) = verdict else {
            return self.refuse_post(verb, id, named, request, &verdict).await;
        };
        self.inner.borrow_mut().state = responding;
        let (head, mut incoming) = request.into_parts();
        let mode = match (verb, text(&head.headers, RESPONSE_MODE)) {
            (Verb::Error, _) | (Verb::Response, None | Some("")) => ResponseMode::Buffered,
            (Verb::Response, Some("streaming")) => ResponseMode::Streaming,
            (Verb::Response, Some(other)) => {
                // As in the original the runtime stays in this state, and every later call is refused.
                let mode = other.to_owned();
                self.finish(Outcome::InvalidResponseMode { mode });
                body::drain(&mut incoming).await;
                return reply::invalid_response_mode();
            }
        };
        let mut answer = Responding { port: self, state: responding, body: Some(Body::unread()) };
        if let Some(body) = &mut answer.body {
            body.fill(incoming).await;
        }
        let body = answer.body.take().unwrap_or_else(Body::unread);
        if self.inner.borrow().state != responding {
            // Another call has ended this state while the body was read.
            return reply::gone();
        }
        self.inner.borrow_mut().state = State::ResponseSent;
        let (outcome, reply) = answer::outcome(verb, mode, &head.headers, body);
        self.finish(outcome);
        // A pipelining client has sent its next `/next` already. Whoever waits for this
        // answer gets its turn first, so that the next event is there when `/next` is
        // read, and both replies leave in one write.
        one_turn().await;
        reply
    }

    /// Keeps what belongs to another invocation, and says why it is not taken.
    async fn refuse_post(
        &self,
        verb: Verb,
        id: String,
        named: Named,
        request: Request<Incoming>,
        verdict: &Verdict,
    ) -> Reply {
        let cause = match named {
            Named::Current => StaleCause::Double,
            Named::OtherNonce => StaleCause::OtherDelivery,
            Named::Other if self.inner.borrow().taken.iter().any(|it| **it == *id) => StaleCause::Late,
            Named::Other => StaleCause::UnknownId,
        };
        if matches!(verdict, Verdict::Forbidden(_) | Verdict::Gone) {
            self.refused.set(true);
        }
        let header_type = text(request.headers(), ERROR_TYPE).map(str::to_owned);
        let body = body::read(request.into_body()).await.kept;
        let stale = &mut self.inner.borrow_mut().stale;
        if stale.len() < MOST_STALE {
            let error_type = (verb == Verb::Error).then(|| {
                let mut error_type = error_type(&body, header_type.as_deref());
                error_type.truncate(error_type.floor_char_boundary(LogText::CAP));
                error_type
            });
            // The document of an error is short; the rest is of no use to anybody.
            let body = Bytes::copy_from_slice(&body[..body.len().min(LogText::CAP)]);
            stale.push(StalePost { request_id: id, cause, error_type, body });
            self.changed();
        }
        refuse(verdict)
    }

    async fn init_error(&self, call: Call, request: Request<Incoming>) -> Reply {
        let (head, incoming) = request.into_parts();
        // The original reads before it looks at its state.
        let body = body::read(incoming).await;
        let verdict = state::judge(self.inner.borrow().state, call);
        let Verdict::Accept(next) = verdict else { return refuse(&verdict) };
        self.inner.borrow_mut().state = next;
        self.finish(Outcome::InitError(answer::report(&head.headers, body.kept)));
        reply::accepted()
    }

    fn restore_next(&self) -> Reply {
        let verdict = state::judge(self.inner.borrow().state, Call::RestoreNext);
        let Verdict::Accept(next) = verdict else { return refuse(&verdict) };
        self.inner.borrow_mut().state = next;
        reply::restored()
    }

    async fn register(&self, request: Request<Incoming>) -> Reply {
        let (head, incoming) = request.into_parts();
        let body = body::read(incoming).await;
        if body.end == BodyEnd::Broken {
            // Whoever is gone would never ask for an event, and all others would wait for it.
            return reply::truncated();
        }
        let name = text(&head.headers, "lambda-extension-name").unwrap_or_default();
        let mut inner = self.inner.borrow_mut();
        let id = inner.fresh_id();
        let id = match inner.extensions.register(name, &body.kept, id) {
            Ok(id) => id,
            Err(refusal) => return refuse_extension(&refusal),
        };
        let mut document = serde_json::Map::new();
        let asks_for_account = text(&head.headers, "lambda-extension-accept-feature")
            .is_some_and(|it| it.split(',').any(|feature| feature.trim() == "accountId"));
        if asks_for_account && !self.config.account_id.is_empty() {
            document.insert("accountId".to_owned(), self.config.account_id.clone().into());
        }
        document.insert("functionName".to_owned(), self.config.function_name.clone().into());
        document.insert("functionVersion".to_owned(), self.config.function_version.clone().into());
        document.insert("handler".to_owned(), self.config.handler.clone().into());
        let text = format!("{}\n", serde_json::Value::from(document));
        reply::document(Bytes::from(text), EXTENSION_ID, &id)
    }

    async fn extension_next(&self, headers: &HeaderMap, client: &Client) -> Reply {
        let asked = self.inner.borrow_mut().extensions.ask(text(headers, EXTENSION_ID));
        let index = match asked {
            Ok(index) => index,
            Err(refusal) => return refuse_extension(&refusal),
        };
        self.changed();
        loop {
            let news = self.extensions_waiting.notified();
            if client.is_gone().await {
                return reply::gone();
            }
            let (event, id) = {
                let mut inner = self.inner.borrow_mut();
                (inner.extensions.take_event(index), inner.fresh_id())
            };
            if let Some(event) = event {
                return reply::document(event, "lambda-extension-event-identifier", &id);
            }
            client.unless_gone(news).await;
        }
    }

    fn extension_failed(&self, failure: Failure, headers: &HeaderMap) -> Reply {
        let error_type = text(headers, "lambda-extension-function-error-type");
        let failed =
            self.inner.borrow_mut().extensions.fail(text(headers, EXTENSION_ID), failure, error_type);
        self.changed();
        failed.map_or_else(|refusal| refuse_extension(&refusal), |()| reply::accepted())
    }

    /// The event that extensions get: AWS "Extensions API", Next.
    fn extension_event(&self, request_id: &str, deadline_ms: u64, invoke: &Invoke) -> Bytes {
        let trace = invoke.trace_id.as_deref().or(NO_TRACE.to_str().ok()).unwrap_or_default().to_owned();
        let event = serde_json::json!({
            "eventType": "INVOKE",
            "deadlineMs": deadline_ms,
            "requestId": request_id,
            "invokedFunctionArn": self.config.function_arn,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": trace },
        });
        Bytes::from(event.to_string())
    }

    fn metadata(&self, headers: &HeaderMap) -> Reply {
        let token = headers.get(AUTHORIZATION).and_then(|it| it.as_bytes().strip_prefix(b"Bearer "));
        if token == Some(self.config.metadata_token.as_bytes()) {
            reply::metadata(ZONE)
        } else {
            reply::unauthorized()
        }
    }

    fn finish(&self, outcome: Outcome) {
        self.inner.borrow_mut().outcome = Some(outcome);
        self.changed();
    }
}

/// An answer that is being read. If hyper gives up the connection first, it was truncated, and the runtime is free again.
struct Responding<'p> {
    port: &'p Port,
    state: State,
    /// What has come so far. `None`: the whole of it has come.
    body: Option<Body>,
}

impl Drop for Responding<'_> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take()
            && self.port.inner.borrow().state == self.state
        {
            self.port.inner.borrow_mut().state = State::ResponseSent;
            self.port.finish(Outcome::TruncatedResponse { size: body.size });
        }
    }
}

impl Inner {
    fn take_pending(&mut self) -> Option<Rc<Delivery>> {
        let delivery = self.pending.take()?;
        self.state = State::Running;
        if self.taken.len() == MOST_REMEMBERED {
            self.taken.pop_front();
        }
        self.taken.push_back(Rc::clone(&delivery.request_id));
        self.current = Some(Rc::clone(&delivery));
        Some(delivery)
    }

    /// Which invocation a post names. A client that does not send the nonce back is not asked for it.
    fn named(&self, id: &str, headers: &HeaderMap) -> Named {
        match &self.current {
            Some(current) if *current.request_id == *id => match headers.get(INVOCATION_ID) {
                Some(nonce) if *nonce != current.nonce => Named::OtherNonce,
                _ => Named::Current,
            },
            _ => Named::Other,
        }
    }

    /// A UUID (version 4 in form) that this function has not seen yet.
    fn fresh_id(&mut self) -> String {
        self.ids += 1;
        // An odd multiplier visits every number once: ids look unlike each other, and runs can be repeated.
        uuid(self.ids.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 4, self.ids)
    }
}

fn refuse(verdict: &Verdict) -> Reply {
    match verdict {
        Verdict::Forbidden(message) => reply::invalid_transition(message),
        Verdict::Gone => reply::gone(),
        Verdict::UnknownId | Verdict::Wait | Verdict::SameEvent | Verdict::Accept(_) => {
            reply::unknown_request_id()
        }
    }
}

fn refuse_extension(refusal: &Refusal) -> Reply {
    reply::forbidden(refusal.error_type, &refusal.message)
}

/// What cannot be a header was refused before (`Invoke::check`).
fn header(value: &str) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Lets the task that drives the server go on before this connection does.
///
/// It need not be woken: it has news, and serves all connections again before it waits (see `turn`).
async fn one_turn() {
    let mut turns = 0;
    std::future::poll_fn(move |_| {
        turns += 1;
        if turns > 1 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
