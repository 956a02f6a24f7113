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
pub(crate) async fn read(mut body: Incoming) -> Body {
    let mut read = Body { kept: Bytes::new(), size: 0, trailers: None, end: BodyEnd::Complete };
    let mut more: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            read.end = BodyEnd::Broken;
            break;
        };
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(other) => {
                read.trailers = other.into_trailers().ok();
                continue;
            }
        };
        let room = MAX_PAYLOAD.saturating_sub(read.size).min(data.len());
        read.size += data.len();
        if room == 0 {
            continue;
        }
        let data = data.slice(..room);
        // Most bodies are one piece, which needs no copy.
        match &mut more {
            Some(more) => more.extend_from_slice(&data),
            None if read.kept.is_empty() => read.kept = data,
            None => {
                let mut joined = BytesMut::with_capacity((read.kept.len() + data.len()) * 2);
                joined.extend_from_slice(&read.kept);
                joined.extend_from_slice(&data);
                more = Some(joined);
            }
        }
    }
    if let Some(more) = more {
        read.kept = more.freeze();
    }
    read
}
