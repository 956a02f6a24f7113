//! The echo control: an event that the runtime itself cannot take says nothing about the function.
//!
//! The same event goes to an identity function on the same runtime, with the same client and environment. If that fails too,
//! the failure is the runtime's.

use bytes::Bytes;
use evfuzz_emulator::Instance;

use crate::error::EngineError;
use crate::session::Session;

/// The identity function of one shard, started when it is first asked for.
pub(crate) struct Control<'a> {
    session: &'a Session,
    shard: usize,
    core: Option<usize>,
    state: State,
}

enum State {
    NotAsked,
    Works(Box<Instance>),
    /// There is none for this runtime, or it does not even answer a plain event here.
    Absent,
}

/// An event that every runtime takes.
const PLAIN: &[u8] = b"{\"a\":[1,\"b\"]}";

impl<'a> Control<'a> {
    pub(crate) fn new(session: &'a Session, shard: usize, core: Option<usize>) -> Control<'a> {
        Control { session, shard, core, state: State::NotAsked }
    }

    /// Whether the runtime fails on `event` whatever the function does.
    pub(crate) async fn fails_on(&mut self, event: &[u8]) -> Result<bool, EngineError> {
        if matches!(self.state, State::NotAsked) {
            self.state = State::Absent;
            if let Some(mut echo) = self.session.echo(self.shard, self.core)
                && answers(&mut echo, PLAIN).await?
            {
                self.state = State::Works(Box::new(echo));
            }
        }
        match &mut self.state {
            State::Works(echo) => Ok(!answers(echo, event).await?),
            State::NotAsked | State::Absent => Ok(false),
        }
    }

    pub(crate) async fn close(self) {
        if let State::Works(echo) = self.state {
            echo.close().await;
        }
    }
}

async fn answers(echo: &mut Instance, event: &[u8]) -> Result<bool, EngineError> {
    let invoked = echo.invoke(Bytes::copy_from_slice(event).into()).await?;
    Ok(invoked.invocation.outcome.is_response())
}
