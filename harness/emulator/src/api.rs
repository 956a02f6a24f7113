//! The Runtime API of one function, on one listener.
//!
//! Nothing here knows of processes, so the same code serves functions, tests that play the runtime themselves, and fuzzers.

use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::invoke::Invoke;
use crate::outcome::{Outcome, StalePost};
use crate::port::Port;
use crate::serve::Server;
use crate::state::State;
use crate::turn::{News, Turn};

/// What the API tells about the function, and which parts of it there are.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub function_arn: String,
    /// Told to extensions.
    pub function_name: String,
    /// Told to extensions.
    pub function_version: String,
    /// Told to extensions.
    pub handler: String,
    /// Told to extensions that ask for it.
    pub account_id: String,
    /// What the metadata endpoint asks for: `AWS_LAMBDA_METADATA_TOKEN`.
    pub metadata_token: String,
    /// How long the next event waits after an answer was refused. Clients give up then, and our own have asked for the next
    /// event already: it must not be lost with them.
    pub hold_after_refusal: Duration,
    /// Whether runtimes are told that they were restored from a snapshot.
    pub snap_start: SnapStart,
}

/// Whether the routes of SnapStart exist. AWS "Lambda SnapStart".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapStart {
    /// They do not.
    Off,
    /// They do, and a restore follows the snapshot at once.
    On,
}

/// The Runtime API on one listener.
///
/// Nothing runs in the background: calls are served while [`RuntimeApi::poll`] is called.
pub struct RuntimeApi {
    port: Rc<Port>,
    server: Server,
    turn: Turn,
}

impl RuntimeApi {
    /// Serves on `listener`, which must be bound to loopback.
    pub fn new(listener: TcpListener, config: ApiConfig) -> RuntimeApi {
        let port = Port::new(config);
        RuntimeApi { server: Server::new(&port, listener), port, turn: Turn::new() }
    }

    /// Whether an event can be handed over: the runtime waits in `/next`, or has answered and is about to ask; and all
    /// extensions wait too.
    pub fn is_ready(&self) -> bool {
        let inner = self.port.inner.borrow();
        matches!(inner.state, State::Ready | State::ResponseSent) && inner.extensions.are_ready()
    }

    /// Whether the runtime waits in `/next`, so that it can be given an event only by being answered.
    pub fn is_waiting(&self) -> bool {
        self.port.inner.borrow().state == State::Ready
    }

    /// Hands over an event. The runtime gets it as soon as it asks.
    ///
    /// `deadline_ms`: Unix time in milliseconds. AWS "Runtime API": a point in time, not a duration.
    pub fn deliver(&self, request_id: &str, deadline_ms: u64, invoke: Invoke) {
        self.port.deliver(request_id, deadline_ms, invoke);
    }

    /// Whether the runtime has not taken the event that was handed over.
    pub fn is_pending(&self) -> bool {
        self.port.inner.borrow().pending.is_some()
    }

    /// Takes back an event that the runtime has not taken.
    pub fn withdraw(&self) {
        self.port.inner.borrow_mut().pending = None;
    }

    /// Whether there is an outcome to take.
    pub fn is_answered(&self) -> bool {
        self.port.inner.borrow().outcome.is_some()
    }

    /// Takes the outcome that the runtime posted, if there is one.
    pub fn take_outcome(&self) -> Option<Outcome> {
        self.port.inner.borrow_mut().outcome.take()
    }

    /// Takes the posts that did not answer the invocation that ran.
    pub fn take_stale(&self) -> Vec<StalePost> {
        std::mem::take(&mut self.port.inner.borrow_mut().stale)
    }

    /// `User-Agent` of the runtime, if it has told: its client with its version.
    pub fn user_agent(&self) -> Option<String> {
        self.port.inner.borrow().user_agent.clone()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Serves all connections as far as they go. Returns whether anything happened that whoever drives this may wait for;
    /// else `cx` is woken when there is more to do. After news, call it again before waiting for anything.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        let news = self.turn.take(cx, |cx| {
            self.server.poll(cx);
            if self.port.changed.replace(false) { News::Some } else { News::None }
        });
        news == News::Some
    }

    /// Serves until something happens. Cancel safe.
    pub async fn happenings(&mut self) {
        std::future::poll_fn(|cx| if self.poll(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

#[cfg(test)]
mod tests;
