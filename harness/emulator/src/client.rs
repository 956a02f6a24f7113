//! The server's end of a connection: gathers what it has to say, so that answers which are ready at the same time leave in
//! one write, and sees whether the client is gone.
//!
//! hyper has an option for it (`pipeline_flush`), but that holds back answers for as long as any input is unread: a client
//! that waits for its answer after it has sent the beginning of its next request, or only an empty line behind a body, waits
//! forever, and answers are lost when the connection is closed with input unread.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

/// What is gathered at most. More is written at once, without a copy.
const MOST: usize = 16 << 10;

/// What is read at most while nobody wants it. A client that sends more and goes away while it waits for an event is not
/// seen to go.
const MOST_AHEAD: usize = 64 << 10;

/// A stream whose small writes wait for [`Client::flush`]. Its clones are the same stream.
#[derive(Clone)]
pub(crate) struct Client(Rc<RefCell<Inner>>);

struct Inner {
    stream: TcpStream,
    /// Input that was read to see whether there is an end behind it.
    ahead: Vec<u8>,
    gathered: Vec<u8>,
    /// How much of it has been written.
    written: usize,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> Client {
        Client(Rc::new(RefCell::new(Inner { stream, ahead: Vec::new(), gathered: Vec::new(), written: 0 })))
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().flush(cx)
    }

    /// Whether the client has closed its side: nobody is left to read an event.
    pub(crate) async fn is_gone(&self) -> bool {
        poll_fn(|cx| Poll::Ready(self.poll_gone(cx))).await
    }

    /// Waits for `news`, or until the client has closed its side.
    pub(crate) async fn unless_gone(&self, news: impl Future<Output = ()>) {
        let mut news = std::pin::pin!(news);
        poll_fn(|cx| match news.as_mut().poll(cx) {
            Poll::Pending if !self.poll_gone(cx) => Poll::Pending,
            Poll::Pending | Poll::Ready(()) => Poll::Ready(()),
        })
        .await;
    }

    /// Says no more, and reads `most` bytes or what comes until the client closes its side: closing with input unread would
    /// take the last answer back.
    pub(crate) async fn leave(&self, most: usize) {
        let mut stream = self.clone();
        drop(stream.shutdown().await);
        let mut space = [0; 8192];
        for _ in 0..most / space.len() {
            if !matches!(stream.read(&mut space).await, Ok(1..)) {
                break;
            }
        }
    }

    /// Else `cx` is woken when the client closes its side.
    fn poll_gone(&self, cx: &mut Context<'_>) -> bool {
        self.0.borrow_mut().poll_gone(cx)
    }
}

impl Inner {
    /// The end of the input is behind all of it, so what comes before is read, as far as there is room.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> bool {
        while self.ahead.len() < MOST_AHEAD {
            let mut space = [0; 1024];
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Pending => return false,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.ahead.extend(buffer.filled()),
                Poll::Ready(_) => return true,
            }
        }
        false
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.gathered.len() {
            let rest = &self.gathered[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        self.gathered.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Client {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let inner = &mut *self.0.borrow_mut();
        if inner.ahead.is_empty() {
            return Pin::new(&mut inner.stream).poll_read(cx, buffer);
        }
        let count = inner.ahead.len().min(buffer.remaining());
        buffer.put_slice(&inner.ahead[..count]);
        inner.ahead.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Client {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let inner = &mut *self.0.borrow_mut();
        let size: usize = slices.iter().map(|it| it.len()).sum();
        if inner.gathered.len() + size > MOST {
            ready!(inner.flush(cx))?;
            if size > MOST {
                return Pin::new(&mut inner.stream).poll_write_vectored(cx, slices);
            }
        }
        for slice in slices {
            inner.gathered.extend_from_slice(slice);
        }
        Poll::Ready(Ok(size))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Whoever polls the connection flushes.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let inner = &mut *self.0.borrow_mut();
        ready!(inner.flush(cx))?;
        Pin::new(&mut inner.stream).poll_shutdown(cx)
    }
}
