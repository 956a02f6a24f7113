//! Reading the body of a post: drained to its end whatever its size, kept up to a limit, with its trailers.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::Incoming;

use crate::routes::MAX_PAYLOAD;

/// A body that has been read.
pub(crate) struct Body {
    /// The first [`MAX_PAYLOAD`] bytes.
    pub(crate) kept: Bytes,
    /// How many there were.
    pub(crate) size: usize,
    /// Headers that followed it. Go sends them on every post, streaming handlers to say how they failed.
    pub(crate) trailers: Option<HeaderMap>,
    pub(crate) end: BodyEnd,
}

/// Whether a body came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    Complete,
    /// The connection broke, or what came is not HTTP.
    Broken,
}

/// Reads `body` to its end.
pub(crate) async fn read(body: Incoming) -> Body {
    let mut read = Body::unread();
    read.fill(body).await;
    read
}

impl Body {
    /// One of which nothing has been read: broken until its end is seen.
    pub(crate) fn unread() -> Body {
        Body { kept: Bytes::new(), size: 0, trailers: None, end: BodyEnd::Broken }
    }

    /// Reads `body` to its end.
    pub(crate) async fn fill(&mut self, mut body: Incoming) {
        let mut more: Option<BytesMut> = None;
        self.end = loop {
            let frame = match body.frame().await {
                None => break BodyEnd::Complete,
                Some(Err(_)) => break BodyEnd::Broken,
                Some(Ok(frame)) => frame,
            };
            let data = match frame.into_data() {
                Ok(data) => data,
                Err(other) => {
                    self.trailers = other.into_trailers().ok();
                    continue;
                }
            };
            let room = MAX_PAYLOAD.saturating_sub(self.size).min(data.len());
            self.size += data.len();
            if room == 0 {
                continue;
            }
            let data = data.slice(..room);
            // Most bodies are one piece, which needs no copy.
            match &mut more {
                Some(more) => more.extend_from_slice(&data),
                None if self.kept.is_empty() => self.kept = data,
                None => {
                    let mut joined = BytesMut::with_capacity((self.kept.len() + data.len()) * 2);
                    joined.extend_from_slice(&self.kept);
                    joined.extend_from_slice(&data);
                    more = Some(joined);
                }
            }
        };
        if let Some(more) = more {
            self.kept = more.freeze();
        }
    }
}

/// Reads what is of no use to anybody.
///
/// hyper closes a connection whose request was not read to its end, which can cost the client its answer.
pub(crate) async fn drain(body: &mut Incoming) {
    while let Some(Ok(_)) = body.frame().await {}
}
