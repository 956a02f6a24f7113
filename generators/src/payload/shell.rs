//! Payloads for shell command lines, and for values that are the program itself.
//!
//! Measured in dash 0.5.12 and bash 5.2: 41 contexts × 54 sanitisers (one of `;|&$()'"#` or white
//! space removed, quotes escaped or doubled, lower-cased, `basename`, cut to 20 characters, some
//! pairs of these). Of the 2,060 cells in which any of 51 candidates fired, these twelve fire in
//! all but one. The order is by hand: roughly what each adds to those before it, with the bare
//! name early because nothing else reaches a program that is started without a shell.
//! `tests/payload_contexts.rs` runs the contexts again, without sanitisers. None needs a slash or
//! a space, so `basename` and splitting at spaces leave them alone.

use super::{Effect, Payload, PayloadClass};

const fn shell(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::ShellCommand, id, template, Effect::Command, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    // Balanced outside quotes, in single and in double quotes at once. Every character is legal in
    // a raw URL path (RFC 3986 pchar), in a header value and in an SQS MessageGroupId.
    shell(
        "shell-substitution-quoted",
        "$({C})'$({C})'",
        "balanced outside quotes, in single and in double quotes at once; every character is legal in a raw URL path, a header value and a message group id",
    ),
    // Ends a comment; needs none of `;|&$()` and a backtick.
    shell(
        "shell-newline-any-quotes",
        "\n{C}\n#'\n{C}\n#\"\n{C}\n#",
        "a newline ends a comment and a command; needs none of ; | & $ ( ) and backticks",
    ),
    // The value is the program itself, with or without a shell: `spawn(event.tool)`.
    shell("shell-bare", "{C}", "the value is the program itself, with or without a shell"),
    // As the first, for those who remove `$` or parentheses.
    shell("shell-backticks-quoted", "`{C}`'`{C}`'", "as the first, for those who remove $ or parentheses"),
    // For those who remove substitutions and collapse white space.
    shell(
        "shell-separator-any-quotes",
        ";{C};#';{C};#\";{C};#",
        "a separator behind each kind of quote, for those who remove substitutions and collapse white space",
    ),
    // Short enough for a field that is cut at 16 characters.
    shell(
        "shell-substitution",
        "$({C})",
        "substitution needs no quotes to be left; passes a cut at 16 characters",
    ),
    shell("shell-separator-single-quotes", "';{C};'", "leaves single quotes"),
    shell("shell-separator-double-quotes", "\";{C};\"", "leaves double quotes"),
    shell("shell-separator", ";{C};", "a separator begins a new command"),
    shell("shell-pipe", "|{C}", "a pipe begins a new command, for those who remove semicolons"),
    shell("shell-newline", "\n{C}\n", "a newline begins a new command, for those who remove all punctuation"),
    // The closing quotes balance, as inside `$(echo '…')`, where nothing after the first may be
    // left open.
    shell(
        "shell-newline-single-quotes",
        "\n{C}\n'\n{C}\n'",
        "leaves single quotes and balances them, as inside $(echo '…')",
    ),
];

/// The form that a person understands best.
pub(super) const CANONICAL: &Payload = &PAYLOADS[8];
