//! The connections of one port, served with hyper.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::port::Port;

/// Connections served at a time. Official clients use up to five; the rest waits until one closes, so that a function which
/// opens thousands cannot use up evfuzz's own descriptors.
const MOST_CONNECTIONS: usize = 128;

/// X-Ray causes travel in a header of up to 1 MiB (official Python, Go, Java and Ruby clients). The original takes heads of
/// that size and a little more (Go, `DefaultMaxHeaderBytes`); what is larger is answered with 431.
pub(crate) const MOST_HEAD: usize = (1 << 20) + 4096;

/// What the original answers to bytes that are no request (Go, `net/http`).
const NO_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request";

/// What it answers to a head that is too large.
const TOO_LARGE: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n\
                           Connection: close\r\n\r\n431 Request Header Fields Too Large";

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
    let service = hyper::service::service_fn(move |request| {
        let port = Rc::clone(&port);
        // Boxed: only what can be moved gives its connection back.
        Box::pin(async move { Ok::<_, Infallible>(port.answer(request).await) })
    });
    let mut connection = hyper::server::conn::http1::Builder::new()
        .max_buf_size(MOST_HEAD)
        .pipeline_flush(true)
        .auto_date_header(false)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    let served = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    // A broken connection is the function's affair: its end is seen by other means.
    let Err(error) = served else { return };
    let parts = connection.into_parts();
    // With bytes left in its buffer hyper waits for more of the pipeline before it sends, and so drops its own answer.
    if error.is_parse() && !parts.read_buf.is_empty() {
        let answer = if error.is_parse_too_large() { TOO_LARGE } else { NO_REQUEST };
        drop(refuse(parts.io.into_inner(), answer).await);
    }
}

/// Sends a last answer. What still comes is read: closing before would take the answer back.
async fn refuse(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    let mut rest = [0; 8192];
    for _ in 0..MOST_REST / rest.len() {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(())
}
