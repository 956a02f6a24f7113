//! Payloads for headers of HTTP messages and e-mails.

use super::{Effect, Payload, PayloadClass};

const fn header(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::HeaderInjection, id, template, Effect::Header("X-{C}"), why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    header("header-crlf", "a\r\nX-{C}: 1", "the end of a line is the end of a header"),
    header("header-newline", "a\nX-{C}: 1", "most readers take a bare newline for the end of a line"),
    header(
        "header-truncated",
        "a\u{560d}\u{560a}X-{C}: 1",
        "U+560D and U+560A become CR and LF where only the low byte of a character is kept",
    ),
    header(
        "header-double-crlf",
        "a\r\nX-{C}: 1\r\n\r\n",
        "an empty line ends the headers, so what follows becomes the body",
    ),
];
