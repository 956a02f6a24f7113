//! Payloads that are valid and yet too much: numbers, depths and names that nobody reckoned with.
//!
//! They are texts, JSON texts among them: most are values that a JSON value cannot hold.

use super::{Effect, Payload, PayloadClass};

const fn extreme(id: &'static str, template: &'static str, twin: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::ExtremeValue, id, template, Effect::Disturbs, why).like(twin)
}

const fn long(
    id: &'static str,
    text: fn(&str) -> String,
    twin: fn(&str) -> String,
    why: &'static str,
) -> Payload {
    Payload::new(PayloadClass::ExtremeValue, id, "", Effect::Disturbs, why).built(text, twin)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    extreme(
        "extreme-number",
        "{N}e400",
        "12",
        "valid JSON, but infinite as a double: no integer, no JSON again",
    ),
    extreme("extreme-nul", "a{C}\0", "a{C}", "no file name, environment variable or C string holds a NUL"),
    extreme(
        "extreme-surrogate",
        "\"{C}\\ud800\"",
        "\"{C}\"",
        "valid JSON, but half a character: no UTF-8 of it exists",
    ),
    long(
        "extreme-depth",
        |nonce| format!("{}\"{nonce}\"{}", "[".repeat(10_000), "]".repeat(10_000)),
        |nonce| format!("[\"{nonce}\"]"),
        "a reader that calls itself for every level runs out of stack",
    ),
    long(
        "extreme-digits",
        |_| format!("{{N}}{}", "9".repeat(5_000)),
        |_| "12".to_owned(),
        "Python converts at most 4,300 digits, others lose all but 17",
    ),
    long(
        "extreme-name",
        |nonce| format!("{nonce}{}", "a".repeat(5_000)),
        |nonce| nonce.to_owned(),
        "longer than any file name (255) or path (4,096) on Linux",
    ),
];
