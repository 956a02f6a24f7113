//! The echo control: an event that the runtime itself cannot take says nothing about the function.
//!
//! The same event goes to an identity function on the same runtime, with the same client and environment. If that fails too,
//! the failure is the runtime's.

use bytes::Bytes;
use evfuzz_emulator::{NotReady, Pool};

use crate::error::EngineError;

/// The identity function of one shard, started when it is first asked for.
pub(crate) struct Control {
    /// `None`: there is none for this runtime, or it cannot be started here.
    echo: Option<Pool>,
}

/// An event that every runtime takes.
const PLAIN: &[u8] = b"{\"a\":[1,\"b\"]}";

impl Control {
    pub(crate) fn new(echo: Option<Pool>) -> Control {
        Control { echo }
    }

    /// Whether the runtime fails on `event` whatever the function does.
    pub(crate) async fn fails_on(&mut self, event: &[u8]) -> Result<bool, EngineError> {
        let Some(echo) = &mut self.echo else { return Ok(false) };
        match only_on(echo, event).await {
            Ok(fails) => Ok(fails),
            Err(NotReady::Init(_)) => {
                self.echo = None;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn close(self) {
        if let Some(echo) = self.echo {
            echo.close().await;
        }
    }
}

/// Whether `echo` fails on `event`, again and again, but not on a plain one: that it fails at all can have other reasons.
async fn only_on(echo: &mut Pool, event: &[u8]) -> Result<bool, NotReady> {
    Ok(!answers(echo, event).await? && answers(echo, PLAIN).await? && !answers(echo, event).await?)
}

async fn answers(echo: &mut Pool, event: &[u8]) -> Result<bool, NotReady> {
    let (_, invocation) = echo.invoke(Bytes::copy_from_slice(event).into()).await?;
    Ok(invocation.outcome.is_response())
}
