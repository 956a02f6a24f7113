//! Tests of reduction: a scripted function stands for the engine.

use crate::tree::Node;
use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::{
    case::{Seed, tests::all_seeds},
    nonce::NonceSource,
    payload::PayloadClass,
    point::{Path, Role},
    raw::{RawChange, RawEdit},
    source::EventSource,
    wire::{
        http::HttpRequest,
        sqs::{SqsBatch, SqsMessage},
    },
};

/// Keeps the first candidate that `fires`, until none does. Returns the executions needed.
fn shrink(case: TestCase, needed: &[Locator], fires: &dyn Fn(&TestCase) -> bool) -> (TestCase, usize) {
    let (mut best, mut needed, mut runs) = (case, needed.to_vec(), 0);
    'again: loop {
        for candidate in reductions(&best, &needed) {
            runs += 1;
            if fires(&candidate) {
                let planted = candidate.render().planted;
                needed = planted.into_iter().map(|it| it.point.locator).collect();
                best = candidate;
                continue 'again;
            }
        }
        return (best, runs);
    }
}

fn post(body: Value) -> TestCase {
    let mut request = HttpRequest::get("/a");
    request.method = "POST".to_owned();
    let header = |name: &str, value: &str| (name.to_owned(), Node::text(value));
    request.headers = vec![
        header("Accept", "*/*"),
        header("Content-Type", "application/json"),
        header("User-Agent", "probe"),
    ];
    request.query = vec![header("q", "1")];
    request.body = Some(Node::json(Node::from(body)));
    TestCase::new(Seed::new("post", EventSource::ApiGatewayHttp, Wire::Http(request)))
}

fn order() -> Value {
    json!({
        "kind": "order",
        "items": [{ "sku": "a", "note": "b" }, { "sku": "c", "note": "d" }, { "sku": "e" }],
        "inner": "{\"deep\":{\"cmdline\":\"x\",\"other\":[1,2,3]}}",
        "extra": { "a": 1, "b": { "c": 2 } },
    })
}

fn body_at(path: &str) -> Locator {
    Locator::Body { path: Path::from(format!("»json»{path}")) }
}

fn plant(case: &TestCase, at: &Locator) -> TestCase {
    // Not the canonical one.
    let payload = Payload::of_class(PayloadClass::ShellCommand).last().unwrap();
    let frame = Frame { before: "pre".to_owned(), after: ".txt".to_owned() };
    case.plant(at, payload, frame, NonceSource::new(1).take()).unwrap()
}

#[track_caller]
fn check_core(case: &TestCase, expected: Expect) {
    let event = core(case);
    let text = event.get("body").or(event.pointer("/Records/0/body")).unwrap_or(&event);
    expected.assert_eq(text.as_str().map_or_else(|| text.to_string(), str::to_owned).as_str());
}

#[test]
fn changes_of_the_event_that_do_not_matter_are_dropped() {
    let raw = |at: &str| Edit::Raw(RawEdit { at: at.to_owned(), change: RawChange::Remove });
    let mut case = post(order());
    case.edits = vec![raw("/version"), Edit::DropQuery, raw("/headers"), raw("/body")];
    let (small, _) = shrink(case, &[], &|case| case.render().event.get("headers").is_none());
    assert_eq!(small.edits, [raw("/headers")]);

    // What is changed in a record moves with it.
    let message = |text: &str| SqsMessage::new(Node::text(text));
    let batch = SqsBatch::new(vec![message("a"), message("b"), message("c")]);
    let seed = Seed::new("batch", EventSource::Sqs, Wire::Sqs(batch));
    let case =
        TestCase { seed: seed.into(), edits: vec![raw("/Records/1/awsRegion"), raw("/Records/2/awsRegion")] };
    let fires = |case: &TestCase| {
        let records = case.render().event["Records"].as_array().cloned().unwrap_or_default();
        records.iter().any(|it| it["body"] == "c" && it.get("awsRegion").is_none())
    };
    let (small, _) = shrink(case, &[], &fires);
    assert_eq!(small.edits, [raw("/Records/0/awsRegion")]);
    assert_eq!(small.render().event["Records"].as_array().unwrap().len(), 1);
}

#[test]
fn core_keeps_what_was_planted_through_codecs() {
    check_core(
        &plant(&post(order()), &body_at("/inner»json»/deep/cmdline")),
        expect![[r#"{"inner":"{\"deep\":{\"cmdline\":\"pre\\nevp9qroiov\\n'\\nevp9qroiov\\n'.txt\"}}"}"#]],
    );
    check_core(
        &plant(&post(order()), &body_at("/items/1/note")),
        expect![[r#"{"items":[{},{"note":"pre\nevp9qroiov\n'\nevp9qroiov\n'.txt"}]}"#]],
    );
}

#[test]
fn shrinks_to_the_gate_and_the_payload() {
    let at = body_at("/inner»json»/deep/cmdline");
    let mut case = plant(&post(order()), &at);
    for (index, text) in ["z", "yy", "xxx"].into_iter().enumerate() {
        let at = body_at(&format!("/more{index}"));
        case.edits.insert(0, Edit::Add { at, text: text.to_owned() });
    }
    // A function that wants the right kind and runs the payload of any shell class.
    let fires = |case: &TestCase| {
        let rendered = case.render();
        let body = rendered.event["body"].as_str().unwrap_or_default();
        body.contains(r#""kind":"order""#) && !rendered.planted.is_empty()
    };
    let (small, runs) = shrink(case, &[at], &fires);
    expect![[r#"{"kind":"order","inner":"{\"deep\":{\"cmdline\":\";evp9qroiov;\"}}"}"#]]
        .assert_eq(small.render().event["body"].as_str().unwrap());
    let Wire::Http(request) = &small.seed.wire else { panic!("not HTTP") };
    assert!(request.query.is_empty());
    assert_eq!(request.headers.len(), 1);
    assert_eq!(small.edits.len(), 1);
    assert!(runs <= 100, "{runs} executions");
}

#[test]
fn one_poisoned_record_stays_alone() {
    let body = || Node::json(Node::from(json!({ "task": "x", "other": "y" })));
    let batch = SqsBatch::new((0..3).map(|_| SqsMessage::new(body())).collect());
    let case = TestCase::new(Seed::new("batch", EventSource::Sqs, Wire::Sqs(batch)));
    let at = Locator::Message { record: 1, path: Path::from("»json»/task".to_owned()) };
    let planted = plant(&case, &at);
    let (small, _) = shrink(planted.clone(), &[at], &|case| !case.render().planted.is_empty());
    assert_eq!(small.render().event["Records"].as_array().unwrap().len(), 1);
    check_core(&planted, expect![[r#"{"task":"pre\nevp9qroiov\n'\nevp9qroiov\n'.txt"}"#]]);
}

#[test]
fn every_candidate_keeps_the_payload_and_differs() {
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        for point in case.points().into_iter().filter(|it| it.role == Role::Data).take(3) {
            let payload = Payload::canonical(PayloadClass::ShellCommand);
            let nonce = NonceSource::new(1).take();
            let Ok(planted) = case.plant(&point.locator, payload, Frame::none(), nonce) else {
                continue;
            };
            for candidate in reductions(&planted, std::slice::from_ref(&point.locator)) {
                assert_ne!(candidate, planted);
                assert_eq!(candidate.render().planted.len(), 1, "{point} {candidate:?}");
            }
            assert_eq!(pruned(&planted).render().planted.len(), 1, "{} {point}", planted.seed.name);
        }
    }
}

#[test]
fn reduction_ends() {
    let at = body_at("/kind");
    let (small, runs) = shrink(plant(&post(order()), &at), &[at], &|case| !case.render().planted.is_empty());
    assert!(runs < 100, "{runs}");
    assert!(reductions(&small, &[body_at("/kind")]).is_empty(), "{small:?}");
}
