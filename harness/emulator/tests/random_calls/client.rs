//! A server in the background, and connections that read one answer at a time.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;

use evfuzz_emulator::{ApiConfig, RuntimeApi, SnapStart};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// An API that is served until this is dropped.
pub(crate) struct Served {
    pub(crate) api: Rc<RefCell<RuntimeApi>>,
    pub(crate) address: SocketAddr,
    _serving: JoinSet<()>,
}

impl Served {
    pub(crate) async fn start(snap_start: SnapStart) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = ApiConfig {
            function_arn: "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
            function_name: "f".to_owned(),
            function_version: "$LATEST".to_owned(),
            handler: "app.handler".to_owned(),
            account_id: "123456789012".to_owned(),
            metadata_token: "token".to_owned(),
            hold_after_refusal: std::time::Duration::ZERO,
            snap_start,
        };
        let api = Rc::new(RefCell::new(RuntimeApi::new(listener, config)));
        let mut serving = JoinSet::new();
        let served = Rc::clone(&api);
        serving.spawn_local(std::future::poll_fn(move |cx| {
            // What it says is asked for elsewhere.
            while served.borrow_mut().poll(cx) {}
            Poll::Pending
        }));
        Served { api, address, _serving: serving }
    }

    pub(crate) async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream, buffer: Vec::new() }
    }
}

pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

/// Status, head and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Connection {
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// One answer; `None` if the connection is closed before.
    pub(crate) async fn receive(&mut self, is_head: bool) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|it| it == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).replace("\r\n", "\n");
        let status = head.get(9..12)?.parse().ok()?;
        let mut answer = Answer { status, head, body: Vec::new() };
        self.buffer.drain(..end);
        let length: usize = match answer.header("content-length") {
            Some(length) if !is_head => length.parse().ok()?,
            _ => 0,
        };
        while self.buffer.len() < length {
            self.more().await?;
        }
        answer.body = self.buffer.drain(..length).collect();
        Some(answer)
    }

    async fn more(&mut self) -> Option<()> {
        let mut chunk = [0; 16384];
        match self.stream.read(&mut chunk).await {
            Ok(0) | Err(_) => None,
            Ok(length) => {
                self.buffer.extend_from_slice(&chunk[..length]);
                Some(())
            }
        }
    }
}
