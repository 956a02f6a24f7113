//! The runtime's state machine: which call is allowed when, and what is answered. Pure.
//!
//! States and their names are those of the runtime interface emulator (`core/states.go`); the names show up verbatim in its
//! 403 answers. In one thing the service is ahead of it: an answer carries the nonce of its invocation, and one with another
//! nonce comes too late (410).

/// Where the runtime stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The process runs and has not asked for an event yet.
    Started,
    /// It reported that it cannot initialize.
    InitError,
    /// It was restored from a snapshot and has not asked for an event yet.
    Restoring,
    /// It reported that it cannot be restored.
    RestoreError,
    /// It waits in `/next`.
    Ready,
    /// It has an event and has not answered.
    Running,
    /// Its answer is being read.
    Responding(Verb),
    /// It answered and has not asked for the next event.
    ResponseSent,
}

/// How an invocation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `/response`
    Response,
    /// `/error`
    Error,
}

impl Verb {
    fn state_name(self) -> &'static str {
        match self {
            Verb::Response => "InvocationResponse",
            Verb::Error => "InvocationErrorResponse",
        }
    }
}

impl State {
    /// The name in error messages.
    fn name(self) -> &'static str {
        match self {
            State::Started => "Started",
            State::InitError => "InitError",
            State::Restoring => "Restoring",
            State::RestoreError => "RuntimeRestoreErrorState",
            State::Ready => "Ready",
            State::Running => "Running",
            State::Responding(verb) => verb.state_name(),
            State::ResponseSent => "RuntimeResponseSentState",
        }
    }
}

/// A call of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// `GET /runtime/invocation/next`
    Next,
    /// `POST /runtime/invocation/{id}/response` or `/error`
    Answer(Verb, Named),
    /// `POST /runtime/init/error`
    InitError,
    /// `GET /runtime/restore/next`
    RestoreNext,
    /// `POST /runtime/restore/error`
    RestoreError,
}

/// Which invocation an answer names, compared with the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// The invocation that runs or was answered last.
    Current,
    /// Its request id, with the nonce of another delivery.
    OtherNonce,
    /// Any other.
    Other,
}

/// What to do with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hold it until there is an event; the state is now `Ready`.
    Wait,
    /// Answer with the event that is already running: a second `/next` gets the same one.
    SameEvent,
    /// Accept it; the state is now the one given.
    Accept(State),
    /// 400 `InvalidRequestID`: checked before the state.
    UnknownId,
    /// 410: the invocation that it was meant for is over.
    Gone,
    /// 403 `InvalidStateTransition` with this message.
    Forbidden(String),
}

/// Judges `call` in `state`.
pub(crate) fn judge(state: State, call: Call) -> Verdict {
    let forbidden = |to: &str| {
        Verdict::Forbidden(format!(
            "State transition from {} to {to} failed for runtime. \
             Error: State transition is not allowed",
            state.name()
        ))
    };
    match call {
        Call::Next => match state {
            State::Started | State::Restoring | State::ResponseSent | State::Ready => Verdict::Wait,
            State::Running => Verdict::SameEvent,
            State::InitError | State::RestoreError | State::Responding(_) => forbidden("Ready"),
        },
        Call::Answer(verb, named) => match (named, state) {
            (Named::Other, _) => Verdict::UnknownId,
            (Named::OtherNonce, _) => Verdict::Gone,
            (Named::Current, State::Running) => Verdict::Accept(State::Responding(verb)),
            (Named::Current, _) => forbidden(verb.state_name()),
        },
        Call::InitError => match state {
            State::Started => Verdict::Accept(State::InitError),
            // `handler/initerror.go`: clients report errors of restore hooks here too.
            State::Restoring => Verdict::Accept(State::RestoreError),
            _ => forbidden("InitError"),
        },
        Call::RestoreNext => match state {
            State::Started => Verdict::Accept(State::Restoring),
            _ => forbidden("Ready"),
        },
        Call::RestoreError => match state {
            State::Restoring => Verdict::Accept(State::RestoreError),
            _ => forbidden("RuntimeRestoreErrorState"),
        },
    }
}

#[cfg(test)]
mod tests;
