//! The client's end of one connection: writes pieces, one a turn, and reads answers.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;

/// How a connection ended, as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The server closed it.
    Closed,
    /// Reading or writing failed: the server has reset it.
    Broken,
}

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

/// Whether the answer that is read has a body: one to `HEAD` only says how long it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerTo {
    Head,
    Other,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn text(&self) -> String {
        format!("{}\n\n{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

/// The client's end of one connection.
pub(crate) struct Link {
    stream: TcpStream,
    outbox: VecDeque<Vec<u8>>,
    /// How much of the first piece has been written.
    written: usize,
    inbox: Vec<u8>,
    pub(crate) end: Option<End>,
}

impl Link {
    pub(crate) async fn open(address: SocketAddr) -> Link {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Link { stream, outbox: VecDeque::new(), written: 0, inbox: Vec::new(), end: None }
    }

    /// Sends `pieces`, each in a write of its own, with a turn for the server between them.
    pub(crate) fn send(&mut self, pieces: impl IntoIterator<Item = Vec<u8>>) {
        self.outbox.extend(pieces.into_iter().filter(|it| !it.is_empty()));
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Bytes received that nobody has taken.
    pub(crate) fn unread(&self) -> usize {
        self.inbox.len()
    }

    /// Writes and reads as far as it goes at once.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) {
        if self.end.is_some() {
            return;
        }
        if let Some(piece) = self.outbox.front() {
            match Pin::new(&mut self.stream).poll_write(cx, &piece[self.written..]) {
                Poll::Ready(Ok(count)) => {
                    self.written += count;
                    if self.written == piece.len() {
                        self.written = 0;
                        self.outbox.pop_front();
                    }
                    if !self.outbox.is_empty() {
                        cx.waker().wake_by_ref();
                    }
                }
                // What the server said before it closed can still be read.
                Poll::Ready(Err(_)) => {
                    self.outbox.clear();
                    self.written = 0;
                }
                Poll::Pending => {}
            }
        }
        let mut space = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    self.end = Some(End::Closed);
                    return;
                }
                Poll::Ready(Ok(())) => self.inbox.extend_from_slice(buffer.filled()),
                Poll::Ready(Err(_)) => {
                    self.end = Some(End::Broken);
                    return;
                }
                Poll::Pending => return,
            }
        }
    }

    /// Takes the next answer if it is complete. Interim ones (`100 Continue`) are passed over.
    pub(crate) fn answer(&mut self, to: AnswerTo) -> Option<Answer> {
        loop {
            let end = self.inbox.windows(4).position(|it| it == b"\r\n\r\n")?;
            let head = std::str::from_utf8(&self.inbox[..end]).expect("the server writes heads in UTF-8");
            let mut words = head.split(' ');
            let version = words.next().unwrap();
            assert!(matches!(version, "HTTP/1.1" | "HTTP/1.0"), "no answer: {head}");
            let status: u16 = words.next().and_then(|it| it.parse().ok()).expect("an answer has a status");
            if status < 200 {
                self.inbox.drain(..end + 4);
                continue;
            }
            let mut answer = Answer { status, head: head.to_owned(), body: Vec::new() };
            let length = match (to, answer.header("content-length")) {
                (AnswerTo::Other, Some(length)) => length.parse().expect("a length is a number"),
                (AnswerTo::Head, _) => 0,
                (AnswerTo::Other, None) => panic!("an answer without a length: {head}"),
            };
            let body = end + 4..end + 4 + length;
            answer.body = self.inbox.get(body.clone())?.to_vec();
            self.inbox.drain(..body.end);
            return Some(answer);
        }
    }

    /// Says that nothing more is to come. What is to be sent must have been sent.
    pub(crate) fn half_close(&mut self) {
        // Fails if the server was faster.
        drop(
            std::pin::pin!(&mut self.stream)
                .poll_shutdown(&mut Context::from_waker(std::task::Waker::noop())),
        );
    }

    /// Resets the connection instead of closing it.
    pub(crate) fn reset(self) {
        drop(self.stream.set_zero_linger());
    }
}
