//! Payloads for texts that become an argument of a program, with or without a shell.
//!
//! An option that no program knows: it is seen in the argument vector and does nothing.

use super::{Effect, Payload, PayloadClass};

const fn argument(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Argument, id, template, Effect::Argument, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    argument("argument-long-option", "--{C}", "a value of its own is an option if it begins with --"),
    argument(
        "argument-word",
        "a --{C} a",
        "where a shell or split() makes words, a blank begins a new argument",
    ),
    argument("argument-tab", "a\t--{C}", "a tab separates words where blanks are refused"),
    argument("argument-newline", "a\n--{C}", "xargs and response files take each line as an argument"),
    argument("argument-short-option", "-{C}", "for those who refuse two dashes only"),
    Payload::new(
        PayloadClass::Argument,
        "argument-file",
        "@{F}/{C}",
        Effect::Opens("{F}/{C}"),
        "curl --data and many others read a file whose name follows an @",
    ),
];
