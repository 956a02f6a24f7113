//! A client that sends bytes as they are and reads one answer at a time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// An answer, or what came instead of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Status line, headers as they were written but in the order of their names, body.
    Http { status: String, headers: Vec<(String, String)>, body: Vec<u8> },
    /// Nothing in the time that was given.
    Silence,
    /// The connection was closed before a whole answer.
    Closed,
}

/// How the end of a body is known.
enum Ends {
    AtOnce,
    After(usize),
    WithLastChunk,
    WithConnection,
}

/// Why there is no more.
enum No {
    Time,
    Connection,
}

impl From<No> for Answer {
    fn from(no: No) -> Answer {
        match no {
            No::Time => Answer::Silence,
            No::Connection => Answer::Closed,
        }
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    until: Instant,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        // Bounds a send that nobody reads; no emulator leaves one unread on purpose.
        stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        Connection { stream, buffer: Vec::new(), until: Instant::now() }
    }

    /// Sends as much as the other side takes: it may answer and close before the end.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }

    /// The next answer. `is_head`: it answers a HEAD request, and has no body whatever it says.
    pub(crate) fn receive(&mut self, is_head: bool, patience: Duration) -> Answer {
        self.until = Instant::now() + patience;
        self.read_answer(is_head).unwrap_or_else(Answer::from)
    }

    fn read_answer(&mut self, is_head: bool) -> Result<Answer, No> {
        let head = self.up_to(b"\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim_start().to_owned()))
            .collect();
        headers.sort_by_key(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        let body = match ends(&status, &headers, is_head) {
            Ends::AtOnce => Vec::new(),
            Ends::After(length) => self.exactly(length)?,
            Ends::WithLastChunk => self.chunks()?,
            Ends::WithConnection => self.rest()?,
        };
        Ok(Answer::Http { status, headers, body })
    }

    fn chunks(&mut self) -> Result<Vec<u8>, No> {
        let mut body = Vec::new();
        loop {
            let line = self.up_to(b"\r\n")?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(|_| No::Connection)?;
            if size == 0 {
                while !self.up_to(b"\r\n")?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.exactly(size)?);
            self.exactly(2)?;
        }
    }

    fn rest(&mut self) -> Result<Vec<u8>, No> {
        loop {
            match self.more() {
                Ok(()) => {}
                Err(No::Connection) => return Ok(std::mem::take(&mut self.buffer)),
                Err(no) => return Err(no),
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, No> {
        while self.buffer.len() < length {
            self.more()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    /// What comes before `mark`, which is taken too.
    fn up_to(&mut self, mark: &[u8]) -> Result<String, No> {
        loop {
            if let Some(at) = self.buffer.windows(mark.len()).position(|it| it == mark) {
                let taken: Vec<u8> = self.buffer.drain(..at + mark.len()).collect();
                return Ok(String::from_utf8_lossy(&taken[..at]).into_owned());
            }
            self.more()?;
        }
    }

    fn more(&mut self) -> Result<(), No> {
        let left = self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        self.stream.set_read_timeout(Some(left)).unwrap();
        let mut chunk = [0; 65536];
        match self.stream.read(&mut chunk) {
            Ok(0) => Err(No::Connection),
            Ok(length) => {
                self.buffer.extend_from_slice(&chunk[..length]);
                Ok(())
            }
            Err(error) => match error.kind() {
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => Err(No::Time),
                // signal(7): a read with a timeout is interrupted when its process is stopped and goes on.
                std::io::ErrorKind::Interrupted => Ok(()),
                _ => Err(No::Connection),
            },
        }
    }
}

fn ends(status: &str, headers: &[(String, String)], is_head: bool) -> Ends {
    let value = |name: &str| headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, it)| it);
    // RFC 9112, section 6.3.
    if is_head || status.contains(" 100 ") {
        Ends::AtOnce
    } else if value("transfer-encoding").is_some_and(|it| it == "chunked") {
        Ends::WithLastChunk
    } else {
        match value("content-length").and_then(|it| it.parse().ok()) {
            Some(length) => Ends::After(length),
            None => Ends::WithConnection,
        }
    }
}
