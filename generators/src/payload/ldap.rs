//! Payloads for LDAP search filters (RFC 4515).

use super::{Effect, Payload, PayloadClass};

const fn ldap(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Ldap, id, template, Effect::Query, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    ldap("ldap-and", "*)({C}=*", "one more condition in a list of conditions"),
    ldap("ldap-or", "*))(|({C}=*", "leaves an inner list and begins another one"),
    ldap("ldap-not", "*)(!({C}=*)", "a condition that every entry meets, since none has this attribute"),
    ldap("ldap-attribute", "{C}=*)(a", "in the place of an attribute name"),
];
