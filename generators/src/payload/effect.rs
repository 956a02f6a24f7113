//! What proves that a payload worked, and how it reaches its canaries.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::number;
use crate::nonce::Nonce;

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
    /// The canary address on loopback is asked, for something whose name is the nonce.
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
            Effect::Connects => "the canary address on loopback is asked",
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

/// Where the canaries are that payloads reach for: an address on loopback and a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canaries<'a> {
    /// An address on loopback. `None`: each nonce has one of its own, see [`Canaries::address`].
    pub address: Option<SocketAddrV4>,
    /// An absolute path without a slash at its end. The canary file in it is named by the nonce.
    pub folder: &'a str,
}

impl Canaries<'static> {
    /// The folder of canaries by default: where a function with a file system of its own finds its canary commands. It is no
    /// folder that a function can have been told to use.
    pub const FOLDER: &'static str = "/run/evfuzz/bin";
}

impl Canaries<'_> {
    /// The address that is asked when the payload with `nonce` works.
    ///
    /// By default one that names the nonce, so that who sees a connection knows the payload, in whatever language the function
    /// is written: all of 127.0.0.0/8 is this machine (RFC 1122, 3.2.1.3), and neither 0 nor 255 is in the address. The port is
    /// one of 16384 to 32767: above all that web clients refuse to ask (WHATWG Fetch, "bad port") and below those that Linux
    /// gives to clients.
    pub fn address(&self, nonce: &Nonce) -> SocketAddrV4 {
        self.address.unwrap_or_else(|| {
            // The last step of SplitMix64: neighbors get addresses that look nothing alike.
            let mut bits = number(nonce.as_str()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
            let [low, middle, high, port, more_port, ..] = bits.to_le_bytes();
            let part = |byte: u8| 1 + byte % 254;
            let port = 16_384 + u16::from_le_bytes([port, more_port]) % 16_384;
            SocketAddrV4::new(Ipv4Addr::new(127, part(high), part(middle), part(low)), port)
        })
    }
}

impl Default for Canaries<'static> {
    fn default() -> Canaries<'static> {
        Canaries { address: None, folder: Canaries::FOLDER }
    }
}
