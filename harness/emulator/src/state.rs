//! The runtime's state machine: which call is allowed when, and what is answered. Pure.
//!
//! AWS "Lambda Runtime API" and the state names of the runtime interface emulator, which show up
//! verbatim in its 403 answers.

/// Where the runtime stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The process runs and has not asked for an event yet.
    Started,
    /// It reported that it cannot initialize.
    InitError,
    /// It waits in `/next`.
    Ready,
    /// It has an event and has not answered.
    Running,
    /// It answered and has not asked for the next event.
    ResponseSent,
}

impl State {
    /// The name in error messages.
    fn name(self) -> &'static str {
        match self {
            State::Started => "Started",
            State::InitError => "InitError",
            State::Ready => "Ready",
            State::Running => "Running",
            State::ResponseSent => "RuntimeResponseSentState",
        }
    }
}

/// A call of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// `GET /runtime/invocation/next`
    Next,
    /// `POST /runtime/invocation/{id}/response`
    Response,
    /// `POST /runtime/invocation/{id}/error`
    Error,
    /// `POST /runtime/init/error`
    InitError,
}

/// Which invocation a call names, compared with the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// The call names no invocation (`next`, `init/error`).
    None,
    /// The invocation that runs or was answered last.
    Current,
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
    /// 403 `InvalidStateTransition` with this message.
    Forbidden(String),
}

/// Judges `call` in `state`.
pub(crate) fn judge(state: State, call: Call, named: Named) -> Verdict {
    let forbidden = |to: &str| {
        Verdict::Forbidden(format!(
            "State transition from {} to {to} failed for runtime. \
             Error: State transition is not allowed",
            state.name()
        ))
    };
    match call {
        Call::Next => match state {
            State::Started | State::ResponseSent | State::Ready => Verdict::Wait,
            State::Running => Verdict::SameEvent,
            State::InitError => forbidden("Ready"),
        },
        Call::Response | Call::Error => {
            let to = if call == Call::Response { "InvocationResponse" } else { "InvocationErrorResponse" };
            match (named, state) {
                (Named::None | Named::Other, _) => Verdict::UnknownId,
                (Named::Current, State::Running) => Verdict::Accept(State::ResponseSent),
                (Named::Current, _) => forbidden(to),
            }
        }
        Call::InitError => match state {
            State::Started => Verdict::Accept(State::InitError),
            _ => forbidden("InitError"),
        },
    }
}

#[cfg(test)]
mod tests;
