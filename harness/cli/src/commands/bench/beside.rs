//! Another emulator, measured through its Invoke API: whatever serves `POST .../functions/NAME/invocations`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::EVENT;
use crate::exit::Failure;

/// A connection to it.
pub(super) struct Beside {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    path: String,
    _connection: JoinSet<()>,
}

impl Beside {
    /// Connects to the host of `url`, which must be on this machine.
    pub(super) async fn connect(url: &str) -> Result<Beside, Failure> {
        let wrong = || Failure::usage(format!("--beside {url}: expected http://127.0.0.1:PORT/PATH"));
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        let (host, path) = rest.split_once('/').ok_or_else(wrong)?;
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
            // What is measured is sent as fast as can be: that is nothing to do to others.
            return Err(wrong());
        }
        let failed =
            |error: &dyn std::fmt::Display| Failure::environment(format!("cannot reach {url}: {error}"));
        let stream = TcpStream::connect(host).await.map_err(|error| failed(&error))?;
        // Only speed suffers without it.
        drop(stream.set_nodelay(true));
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
        let mut connections = JoinSet::new();
        connections.spawn_local(async move { drop(connection.await) });
        Ok(Beside { sender, host: host.to_owned(), path: format!("/{path}"), _connection: connections })
    }

    /// Answers per second.
    pub(super) async fn rate(&mut self, time: Duration) -> Result<f64, Failure> {
        let started = Instant::now();
        let mut events = 0_u32;
        while started.elapsed() < time {
            self.invoke().await?;
            events += 1;
        }
        Ok(f64::from(events) / started.elapsed().as_secs_f64())
    }

    async fn invoke(&mut self) -> Result<(), Failure> {
        let failed =
            |error: &dyn std::fmt::Display| Failure::environment(format!("the other emulator: {error}"));
        let request = Request::post(&self.path)
            .header(HOST, &self.host)
            .body(Full::new(Bytes::from_static(EVENT)))
            .map_err(|error| failed(&error))?;
        let answer = self.sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
        // Python writes blanks between members.
        let same = body.iter().filter(|it| **it != b' ').eq(EVENT);
        if status.is_success() && same {
            return Ok(());
        }
        let body = String::from_utf8_lossy(&body).chars().take(200).collect::<String>();
        Err(failed(&format!("answers {status} {body:?}; it must return the event that it gets")))
    }
}
