//! Payloads for logs: a line that the function did not write, and colors.

use super::{Effect, Payload, PayloadClass};

const fn log(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::LogInjection, id, template, Effect::Line("REPORT RequestId: {C}"), why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    log("log-newline", "a\nREPORT RequestId: {C}", "a line that looks as if Lambda had written it"),
    log("log-carriage-return", "a\rREPORT RequestId: {C}", "the same for those who remove \\n only"),
    log("log-line-separator", "a\u{2028}REPORT RequestId: {C}", "a line end to readers that know Unicode"),
    log("log-next-line", "a\u{85}REPORT RequestId: {C}", "the same in ISO 8859 texts"),
    Payload::new(
        PayloadClass::LogInjection,
        "log-escape",
        "a\u{1b}[31m{C}",
        Effect::Output("\u{1b}[31m{C}"),
        "a terminal that shows the log obeys escape sequences",
    ),
];
