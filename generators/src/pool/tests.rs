//! Tests of pools: what is taken for alike.

use serde_json::{Value, json};

use super::*;
use crate::{
    edit::{Edit, Frame},
    nonce::NonceSource,
    payload::{Payload, PayloadClass},
    seeds::seed_from_event,
};

fn seed(event: Value) -> Seed {
    seed_from_event("given", &event)
}

fn at(path: &str) -> Locator {
    Locator::Json { path: Path::from(path.to_owned()) }
}

#[track_caller]
fn check(pool: &Pool, place: &str, part: Value, expected: [&[&str]; 3]) {
    let alike = pool.alike(&at(place), &Node::from(part));
    let texts = |list: &[Arc<Node>]| list.iter().map(|it| it.to_text()).collect::<Vec<_>>();
    assert_eq!([texts(&alike.place), texts(&alike.codec), texts(&alike.shape)], expected);
}

#[test]
fn parts_are_alike_by_place_codec_and_shape() {
    let mut pool = Pool::new();
    pool.learn(&seed(
        json!({ "user": { "id": "u-1" }, "body": "{\"n\":5}", "lines": [{ "sku": "a" }, { "sku": "b" }] }),
    ));
    check(&pool, "/user/id", json!("mine"), [&["u-1"], &[], &["u-1", "a", "b"]]);
    check(&pool, "/lines/7/sku", json!("a"), [&["b"], &[], &["u-1", "b"]]);
    check(&pool, "/other", json!("{\"x\":1}"), [&[], &["{\"n\":5}"], &[]]);
    check(&pool, "/other", json!({ "sku": 4 }), [&[], &[], &["{\"sku\":\"a\"}", "{\"sku\":\"b\"}"]]);
    check(&pool, "/body/n", json!(6), [&["5"], &[], &["5"]]);
    // Through a codec or not: the same place.
    check(&pool, "/body»json»/n", json!(6), [&["5"], &[], &["5"]]);
    check(&pool, "/else", json!(true), [&[], &[], &[]]);
}

#[test]
fn equal_parts_are_kept_once_and_large_ones_not_at_all() {
    let mut pool = Pool::new();
    let event = json!({ "a": "x", "b": "y".repeat(MAX_PART_BYTES + 1) });
    assert_eq!(pool.learn(&seed(event.clone())), 1);
    assert_eq!(pool.learn(&seed(event)), 0);
    assert_eq!(pool.len(), 1);
    for number in 0..MAX_PARTS * 2 {
        pool.learn(&seed(json!({ "a": number.to_string(), number.to_string(): "z" })));
    }
    assert_eq!(pool.len(), MAX_PARTS);
}

#[test]
fn payloads_of_other_test_cases_are_left_behind() {
    let mut nonces = NonceSource::new(1);
    let case = TestCase::new(seed(json!({ "a": "x", "b": "y" })));
    let payload = Payload::canonical(PayloadClass::ShellCommand);
    let mut case = case.plant(&at("/a"), payload, Frame::none(), nonces.take()).unwrap();
    case.edits.push(Edit::SetText { at: at("/b"), text: "edited".to_owned() });
    let mut pool = Pool::new();
    pool.learn_case(&case);
    let all: Vec<String> = pool.parts.iter().map(|it| it.to_text()).collect();
    assert!(all.contains(&"edited".to_owned()));
    assert!(all.iter().all(|it| !it.contains(case.nonces()[0].as_str())), "{all:?}");
}
