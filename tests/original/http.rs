//! A client that sends bytes as they are and reads one answer at a time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Bounds every wait: what takes longer is recorded as no answer.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);

/// An answer, or what came instead of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Status line, headers in the order of their names, body.
    Http { status: String, headers: Vec<(String, String)>, body: Vec<u8> },
    /// Nothing within [`PATIENCE`].
    Silence,
    /// The connection was closed before a whole answer.
    Closed,
}

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Connection { stream, buffer: Vec::new() }
    }

    /// Sends as much as the other side takes: it may answer and close before the end.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    pub(crate) fn receive(&mut self, is_head: bool) -> Answer {
        let head = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..at + 4).collect();
                break String::from_utf8_lossy(&head[..at]).into_owned();
            }
            match self.more() {
                Ok(0) => return Answer::Closed,
                Err(()) => return Answer::Silence,
                Ok(_) => {}
            }
        };
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        headers.sort();
        let value =
            |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if status.contains(" 100 ") {
            return Answer::Http { status, headers, body: Vec::new() };
        }
        let body = if is_head {
            Vec::new()
        } else if value("transfer-encoding") == Some("chunked") {
            match self.chunks() {
                Some(body) => body,
                None => return Answer::Closed,
            }
        } else {
            let length = value("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
            while self.buffer.len() < length {
                match self.more() {
                    Ok(0) => return Answer::Closed,
                    Err(()) => return Answer::Silence,
                    Ok(_) => {}
                }
            }
            self.buffer.drain(..length).collect()
        };
        Answer::Http { status, headers, body }
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let size = usize::from_str_radix(line.trim(), 16).ok()?;
            while self.buffer.len() < size + 2 {
                self.more().ok().filter(|it| *it > 0)?;
            }
            body.extend(self.buffer.drain(..size));
            self.buffer.drain(..2);
            if size == 0 {
                return Some(body);
            }
        }
    }

    fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = find(&self.buffer, b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..at + 2).collect();
                return Some(String::from_utf8_lossy(&line[..at]).into_owned());
            }
            self.more().ok().filter(|it| *it > 0)?;
        }
    }

    fn more(&mut self) -> Result<usize, ()> {
        let mut chunk = [0; 65536];
        match self.stream.read(&mut chunk) {
            Ok(length) => {
                self.buffer.extend_from_slice(&chunk[..length]);
                Ok(length)
            }
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                Err(())
            }
            Err(_) => Ok(0),
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}
