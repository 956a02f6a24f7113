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

#[test]
fn documents_of_other_languages_are_left_out() {
    let of = |language| payloads(PayloadClass::Deserialization, language).map(|it| it.id).collect::<Vec<_>>();
    let languages = [Language::JavaScript, Language::Python, Language::Java];
    let all: usize = languages.iter().map(|it| of(*it).len()).sum();
    assert_eq!(
        all,
        Payload::of_class(PayloadClass::Deserialization).count(),
        "one has no reader, or several"
    );
    assert_eq!(of(Language::Java), ["xml-decoder", "yaml-java-class-loader", "java-url-map"]);
    assert_eq!(of(Language::Native).len(), all);
    assert_eq!(
        payloads(PayloadClass::Sql, Language::Java).count(),
        Payload::of_class(PayloadClass::Sql).count()
    );
}

#[test]
fn expressions_of_java_are_tried_where_a_class_names_what_evaluates_them() {
    // The constants of a class: a text, and the class of that name.
    let of = |name: &str| {
        let mut content = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 55, 0, 3, 1, 0];
        content.push(u8::try_from(name.len()).unwrap());
        content.extend(name.bytes());
        content.extend([7, 0, 1]);
        let file = SourceFile { name: "App.class", content: &content };
        classes(Language::Java, &Lexicon::learn(&[file])).contains(&PayloadClass::JavaExpression)
    };
    assert!(of("org/springframework/expression/spel/standard/SpelExpressionParser"));
    assert!(of("ognl/Ognl") && of("freemarker/template/Template") && of("javax/script/ScriptEngineManager"));
    assert!(!of("shop/Template") && !of("java/lang/String"));
}

#[test]
fn files_addresses_and_documents_are_tried_where_the_code_names_what_reads_them() {
    let of = |name: &str, code: &str| {
        let language = if name.ends_with(".py") { Language::Python } else { Language::JavaScript };
        let file = SourceFile { name, content: code.as_bytes() };
        let classes = classes(language, &Lexicon::learn(&[file]));
        [PayloadClass::PathTraversal, PayloadClass::Ssrf, PayloadClass::Xxe].map(|it| classes.contains(&it))
    };
    assert_eq!(of("app.py", "import json\ndef handler(event, context): pass"), [false; 3]);
    assert_eq!(of("app.py", "def handler(event, context):\n    open(event['x'])"), [true, false, false]);
    assert_eq!(of("app.py", "from urllib.request import urlopen\n"), [false, true, false]);
    assert_eq!(of("app.py", "import xml.sax\n"), [false, false, true]);
    assert_eq!(of("index.js", "const fs = require('node:fs');"), [true, false, false]);
    assert_eq!(of("index.mjs", "export const handler = (e) => fetch(e.url);"), [false, true, false]);
    assert_eq!(of("index.js", "const { parseXml } = require('libxmljs2');"), [false, false, true]);
}

#[test]
fn paths_and_urls_point_to_their_classes() {
    let nonce = Nonce::parse("evaaaaaaaa").unwrap();
    let told = |act: Act| {
        let record = crate::observe::Record { act, place: None };
        Outlets::of(&Observation { records: vec![record], ..Observation::nothing() }).with(&nonce)
    };
    assert_eq!(told(Act::Opened { path: "/tmp/evaaaaaaaa".to_owned() }), [Sink::Path]);
    assert_eq!(told(Act::Asked { url: "http://a.invalid/evaaaaaaaa".to_owned() }), [Sink::Url]);
    let expression = Act::Evaluated { language: "spel".to_owned(), text: "1 + evaaaaaaaa".to_owned() };
    assert_eq!(told(expression), [Sink::Evaluated]);
}
