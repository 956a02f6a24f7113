//! Clients that use more than one connection, and bodies that come in chunks.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    net::TcpStream,
};

use super::{Function, PATIENCE};

/// The connection that was there before [`Function::switch`]. Dropped, it is closed.
#[must_use]
pub(crate) struct Main(Option<BufReader<TcpStream>>);

impl Function {
    /// Waits for another connection and reads and writes that one from now on.
    pub(crate) fn switch(&mut self) -> Main {
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Main(self.connection.replace(BufReader::new(stream)))
    }

    /// Goes back to `main`; returns the one that is left.
    pub(crate) fn switch_to(&mut self, main: Main) -> Main {
        Main(std::mem::replace(&mut self.connection, main.0))
    }

    /// The next chunk of a body whose head was read; `None` after the last.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let reader = self.connection.as_mut().unwrap();
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let size = usize::from_str_radix(line.trim_end(), 16).unwrap_or_else(|_| panic!("{line:?}"));
        if size == 0 {
            return None;
        }
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).unwrap();
        assert_eq!(chunk.split_off(size), b"\r\n");
        Some(chunk)
    }

    /// What is left of a body, and its trailers.
    pub(crate) fn rest(&mut self) -> (String, BTreeMap<String, String>) {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk() {
            body.extend(chunk);
        }
        let mut trailers = BTreeMap::new();
        loop {
            let mut line = String::new();
            self.connection.as_mut().unwrap().read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else {
                return (String::from_utf8(body).unwrap(), trailers);
            };
            trailers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
}
