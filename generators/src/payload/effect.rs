//! What proves that a payload worked, and how it reaches its canaries.

/// What is seen when a payload works. None of it happens with the benign twin.
///
/// Templates have the same holes as payloads: see [`Payload::expected`](super::Payload::expected).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The canary command, whose name is the nonce, runs.
    Command,
    /// A program is started with an argument that begins with `-` (or `@`) and holds the nonce.
    Argument,
    /// This text, which the payload does not contain, is in what the function answers or logs.
    Output(&'static str),
    /// The file at this path is opened.
    Opens(&'static str),
    /// The canary port on loopback is asked for something whose name is the nonce.
    Connects,
    /// The nonce is in a query, filter or statement outside any literal: it is a name, a call, or
    /// an operator's operand there, and more is found than the sender may see.
    Query,
    /// Every new object has a property whose name is the nonce.
    Property,
    /// The log has a line that begins with this text.
    Line(&'static str),
    /// The message has a header with this name.
    Header(&'static str),
    /// The token is accepted, and its twin is not.
    Accepted,
    /// Much more time than with the twin.
    Time,
    /// An error, or a text that is not what went in, where the twin comes out as it went in.
    Disturbs,
}

impl Effect {
    /// One line for people: how the effect is seen.
    pub fn explain(&self) -> &'static str {
        match self {
            Effect::Command => "the canary command, named by the nonce, runs",
            Effect::Argument => "a program gets an option that holds the nonce",
            Effect::Output(_) => "the output holds a text that was computed from the payload",
            Effect::Opens(_) => "the canary file is opened",
            Effect::Connects => "the canary port on loopback is asked for the nonce",
            Effect::Query => "the nonce is part of the query's structure, or the query finds too much",
            Effect::Property => "every object has a property named by the nonce",
            Effect::Line(_) => "the log has a forged line",
            Effect::Header(_) => "the message has a forged header",
            Effect::Accepted => "the token is accepted",
            Effect::Time => "the invocation takes much more time than with the twin",
            Effect::Disturbs => "an error, or output that differs from the input, unlike with the twin",
        }
    }
}

/// Where the canaries are that payloads reach for: a port on loopback and a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canaries<'a> {
    /// A port on 127.0.0.1.
    pub port: u16,
    /// An absolute path without a slash at its end. The canary file in it is named by the nonce.
    pub folder: &'a str,
}

impl Default for Canaries<'static> {
    /// A port that IANA has assigned to nobody, and `/tmp`, the one folder that a function may write.
    fn default() -> Canaries<'static> {
        Canaries { port: 43_117, folder: "/tmp" }
    }
}
