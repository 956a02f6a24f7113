//! The connections of one port, served with hyper.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::client::Client;
use crate::port::Port;

/// Connections served at a time. Official clients use up to five; the rest waits until one closes, so that a function which
/// opens thousands cannot use up evfuzz's own descriptors.
const MOST_CONNECTIONS: usize = 128;

/// X-Ray causes travel in a header of up to 1 MiB (official Python, Go, Java and Ruby clients). The original takes heads of
/// that size and a little more (Go, `DefaultMaxHeaderBytes`); what is larger is answered with 431.
pub(crate) const MOST_HEAD: usize = (1 << 20) + 4096;

/// How much is read of a request that is refused.
const MOST_REST: usize = 8 << 20;

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
        self.accept(cx);
        let port = &self.port;
        let before = self.connections.len();
        self.connections.retain_mut(|connection| {
            let ended = connection.as_mut().poll(cx).is_ready();
            if ended {
                port.changed();
            }
            !ended
        });
        if before >= MOST_CONNECTIONS && self.connections.len() < before {
            // There is room again for those that wait, and nothing else would wake us for them.
            self.accept(cx);
            cx.waker().wake_by_ref();
        }
    }

    fn accept(&mut self, cx: &mut Context<'_>) {
        while self.connections.len() < MOST_CONNECTIONS {
            // A failing accept (too many open files) is tried again with the next wake-up.
            let Poll::Ready(Ok((stream, _))) = self.listener.poll_accept(cx) else { return };
            self.connections.push(Box::pin(serve(Rc::clone(&self.port), stream)));
        }
    }
}

async fn serve(port: Rc<Port>, stream: TcpStream) {
    // Best effort: without it only latency suffers.
    drop(stream.set_nodelay(true));
    let client = Client::new(stream);
    let service = hyper::service::service_fn(|request| {
        let (port, client) = (Rc::clone(&port), client.clone());
        async move { Ok::<_, Infallible>(port.answer(request, &client).await) }
    });
    let mut served = std::pin::pin!(
        hyper::server::conn::http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            // Else a post is lost if its client closes behind it: a process that reports why it cannot start, and ends.
            .half_close(true)
            .auto_date_header(false)
            .title_case_headers(true)
            .serve_connection(TokioIo::new(client.clone()), service)
    );
    let ended = std::future::poll_fn(|cx| {
        let ended = served.as_mut().poll(cx);
        // If nobody is there to read what follows, hyper sees it when it reads.
        drop(client.flush(cx));
        ended
    })
    .await;
    // A broken connection is the function's affair: its end is seen by other means.
    if ended.is_err_and(|error| error.is_parse()) {
        client.leave(MOST_REST).await;
    }
}
