//! What points to which class, on hand-made observations.

use bytes::Bytes;
use evfuzz_emulator::LogText;
use evfuzz_generators::lexicon::SourceFile;
use serde_json::json;

use super::*;

fn seen(answer: &str, log: &str) -> Observation {
    Observation {
        outcome: Some(Outcome::response(Bytes::copy_from_slice(answer.as_bytes()))),
        log: LogText { bytes: log.as_bytes().to_vec(), ..LogText::default() },
        ..Observation::nothing()
    }
}

#[track_caller]
fn check(answer: &serde_json::Value, log: &str, wanted: &[Sink]) {
    let nonce = Nonce::parse("evaaaaaaaa").unwrap();
    assert_eq!(Outlets::of(&seen(&answer.to_string(), log)).with(&nonce), wanted);
}

#[test]
fn a_nonce_that_comes_out_again_tells_where() {
    check(&json!({ "statusCode": 200, "body": "ok" }), "fine", &[]);
    check(&json!({ "statusCode": 200, "body": "ok" }), "got evaaaaaaaa", &[Sink::Log]);
    check(&json!({ "statusCode": 200, "body": "hello evaaaaaaaa" }), "", &[Sink::Answer]);
    check(&json!({ "statusCode": 302, "headers": { "Location": "/evaaaaaaaa" } }), "", &[Sink::Header]);
    check(&json!({ "cookies": ["a=evaaaaaaaa"], "body": "" }), "", &[Sink::Header]);
    check(&json!("evaaaaaaaa"), "", &[Sink::Answer]);
    check(&json!({ "body": "hello evbbbbbbbb" }), "", &[]);
}

#[test]
fn readers_of_objects_are_tried_where_the_code_names_one() {
    let of = |code: &str| {
        let file = SourceFile { name: "app.py", content: code.as_bytes() };
        classes(Language::Python, &Lexicon::learn(&[file]))
    };
    assert!(of("import pickle\ndef handler(event, context): pass").contains(&PayloadClass::Deserialization));
    assert!(of("import yaml\ndef handler(event, context): pass").contains(&PayloadClass::Deserialization));
    assert!(!of("import json\ndef handler(event, context): pass").contains(&PayloadClass::Deserialization));
}
