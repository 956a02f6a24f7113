//! Payloads for shell command lines, and for values that are the program itself.
//!
//! Measured in dash 0.5.12 and bash 5.2: 41 contexts × 54 sanitisers (one of `;|&$()'"#` or white
//! space removed, quotes escaped or doubled, lower-cased, `basename`, cut to 20 characters, some
//! pairs of these). Of the 2,060 cells in which any of 51 candidates fired, these twelve fire in
//! all but one. The order is by hand: roughly what each adds to those before it, with the bare
//! name early because nothing else reaches a program that is started without a shell.
//! `tests/payload_contexts.rs` runs the contexts again, without sanitisers. None needs a slash or
//! a space, so `basename` and splitting at spaces leave them alone.

use super::{Payload, PayloadClass};

const fn shell(id: &'static str, template: &'static str) -> Payload {
    Payload { id, class: PayloadClass::ShellCommand, template }
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    // Balanced outside quotes, in single and in double quotes at once. Every character is legal in
    // a raw URL path (RFC 3986 pchar), in a header value and in an SQS MessageGroupId.
    shell("shell-substitution-quoted", "$({C})'$({C})'"),
    // Ends a comment; needs none of `;|&$()` and a backtick.
    shell("shell-newline-any-quotes", "\n{C}\n#'\n{C}\n#\"\n{C}\n#"),
    // The value is the program itself, with or without a shell: `spawn(event.tool)`.
    shell("shell-bare", "{C}"),
    // As the first, for those who remove `$` or parentheses.
    shell("shell-backticks-quoted", "`{C}`'`{C}`'"),
    // For those who remove substitutions and collapse white space.
    shell("shell-separator-any-quotes", ";{C};#';{C};#\";{C};#"),
    // Short enough for a field that is cut at 16 characters.
    shell("shell-substitution", "$({C})"),
    shell("shell-separator-single-quotes", "';{C};'"),
    shell("shell-separator-double-quotes", "\";{C};\""),
    shell("shell-separator", ";{C};"),
    shell("shell-pipe", "|{C}"),
    shell("shell-newline", "\n{C}\n"),
    // The closing quotes balance, as inside `$(echo '…')`, where nothing after the first may be
    // left open.
    shell("shell-newline-single-quotes", "\n{C}\n'\n{C}\n'"),
];

/// The form that a person understands best.
pub(super) const CANONICAL: &Payload = &PAYLOADS[8];
