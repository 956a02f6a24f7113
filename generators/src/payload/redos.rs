//! Payloads for regular expressions that try again and again.
//!
//! A run of what the expression repeats, and an end that it cannot match. Their length is what
//! makes them slow: 64 repetitions for exponential expressions, 30,000 for quadratic ones. The
//! twin is a short run, which costs nothing even where it does not match.

use super::{Effect, Payload, PayloadClass};

const fn redos(
    id: &'static str,
    text: fn(&str) -> String,
    twin: fn(&str) -> String,
    why: &'static str,
) -> Payload {
    Payload::new(PayloadClass::ReDos, id, "", Effect::Time, why).built(text, twin)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    redos(
        "redos-letters",
        |nonce| format!("{}!{nonce}", "a".repeat(64)),
        |_| "a".repeat(4),
        "a run of letters in nested repetitions, as in ^(a+)+$ and ^(\\w+\\s?)*$",
    ),
    redos(
        "redos-digits",
        |nonce| format!("{}!{nonce}", "1".repeat(64)),
        |_| "1".repeat(4),
        "a run of digits in nested repetitions, as in ^(\\d+,?)*$",
    ),
    redos(
        "redos-commas",
        |nonce| format!("{}!{nonce}", "1,".repeat(64)),
        |_| "1,".repeat(2),
        "lists of lists, as in ^((.*?,)*)*$",
    ),
    redos(
        "redos-blanks",
        |nonce| format!("a{nonce}{}{nonce}", " ".repeat(30_000)),
        |nonce| format!("{nonce} {nonce}"),
        "a run of blanks that is not at the end, as in \\s+$: quadratic",
    ),
];
