//! Tests of given values: where they go, and what they make.

use serde_json::json;

use super::*;
use crate::{lexicon::Lexicon, seeds::seeds, wire::http::HttpRequest};

fn values(given: &[(&str, Value)]) -> Values {
    let mut values = Values::new();
    for (pointer, list) in given {
        values.add(pointer, list.as_array().unwrap().clone()).unwrap();
    }
    values
}

fn post(body: Value) -> Seed {
    let mut request = HttpRequest::get("/a");
    request.method = "POST".to_owned();
    request.query = vec![("page".to_owned(), Node::text("1"))];
    request.headers = vec![
        ("Content-Type".to_owned(), Node::text("application/json")),
        ("X-Tenant".to_owned(), Node::text("acme")),
    ];
    request.body = Some(Node::json(Node::from(body)));
    Seed::new("post", EventSource::ApiGatewayRest, Wire::Http(request))
}

/// The only seed that is made of `seed`, as an event.
#[track_caller]
fn check(seed: &Seed, pointer: &str, value: Value) -> Value {
    let values = values(&[(pointer, json!([value]))]);
    assert!(values.unused(std::slice::from_ref(seed)).is_empty(), "{pointer}");
    let made = values.seeds(seed.source, std::slice::from_ref(seed));
    assert_eq!(made.len(), 1, "{pointer}");
    // The same as a random edit.
    let points = TestCase::new(seed.clone()).points();
    assert!(!values.edits(seed, &points).is_empty(), "{pointer}");
    made[0].event()
}

#[test]
fn places_are_named_with_and_without_codecs() {
    let seed = post(json!({ "user": { "id": 1, "tags": ["a", "b"] } }));
    let body = |event: Value| event["body"].as_str().unwrap().to_owned();
    let expected = r#"{"user":{"id":7,"tags":["a","b"]}}"#;
    assert_eq!(body(check(&seed, "/body/user/id", json!(7))), expected);
    assert_eq!(body(check(&seed, "/body»json»/user/id", json!(7))), expected);
    assert_eq!(body(check(&seed, "/body/*/id", json!(7))), expected);
    let texts = body(check(&seed, "/body/user/id", json!("7")));
    assert_eq!(texts, r#"{"user":{"id":"7","tags":["a","b"]}}"#);
    assert_eq!(body(check(&seed, "/body/user/tags/1", json!("z"))), r#"{"user":{"id":1,"tags":["a","z"]}}"#);
    assert_eq!(body(check(&seed, "/body/user/tags/*", json!("z"))), r#"{"user":{"id":1,"tags":["z","z"]}}"#);
    // A part that is no leaf.
    assert_eq!(body(check(&seed, "/body/user", json!({ "is": [] }))), r#"{"user":{"is":[]}}"#);
    assert_eq!(check(&seed, "/headers/x-TENANT", json!("other"))["headers"]["X-Tenant"], "other");
    assert_eq!(check(&seed, "/queryStringParameters/page", json!(9))["queryStringParameters"]["page"], "9");
}

#[test]
fn places_that_are_missing_are_made() {
    let seed = post(json!({ "user": { "id": 1 } }));
    let event = check(&seed, "/body/order/lines/0/sku", json!("s"));
    assert_eq!(event["body"], r#"{"user":{"id":1},"order":{"lines":[{"sku":"s"}]}}"#);
    assert_eq!(check(&seed, "/headers/x-new", json!("h"))["headers"]["x-new"], "h");
    assert_eq!(
        check(&seed, "/queryStringParameters/new", json!(true))["queryStringParameters"]["new"],
        "true"
    );
    assert_eq!(check(&seed, "/cookies/session", json!("s"))["headers"]["cookie"], "session=s");
}

#[test]
fn every_source_takes_values() {
    let of = |source: EventSource, pointer: &str, value: Value| {
        let known = seeds(source, &Lexicon::default());
        let made = values(&[(pointer, json!([value]))]).seeds(source, &known);
        assert_eq!(made.len(), 1, "{pointer}");
        made[0].event()
    };
    let event = of(EventSource::Sqs, "/Records/0/body/user/id", json!("u"));
    assert!(event["Records"][0]["body"].as_str().unwrap().contains(r#""user":{"id":"u"}"#), "{event}");
    let event = of(EventSource::Sqs, "/Records/*/messageAttributes/kind/stringValue", json!("k"));
    assert_eq!(event["Records"][0]["messageAttributes"]["kind"]["stringValue"], "k");
    let event = of(EventSource::DynamoDbStream, "/Records/0/dynamodb/NewImage/user/M/id/S", json!("u"));
    assert_eq!(event["Records"][0]["dynamodb"]["NewImage"]["user"], json!({ "M": { "id": { "S": "u" } } }));
    let event = of(EventSource::S3, "/Records/0/s3/object/key", json!("in box/a.csv"));
    assert_eq!(event["Records"][0]["s3"]["object"]["key"], "in+box/a.csv");
    let event = of(EventSource::Sns, "/Records/0/Sns/Message/user/id", json!(3));
    assert!(
        event["Records"][0]["Sns"]["Message"].as_str().unwrap().contains(r#""user":{"id":3}"#),
        "{event}"
    );
    let event = of(EventSource::EventBridge, "/detail/user/id", json!(3));
    assert_eq!(event["detail"]["user"]["id"], 3);
    assert_eq!(of(EventSource::Direct, "/user/id", json!([1]))["user"]["id"], json!([1]));
}

#[test]
fn each_value_has_its_turn_and_is_a_gate() {
    let seed = post(json!({ "kind": "x", "id": "y" }));
    let values = values(&[("/body/kind", json!(["a", "b", "c"])), ("/body/id", json!(["1", "2"]))]);
    let made = values.seeds(seed.source, &[seed]);
    let bodies: Vec<Value> = made.iter().map(|it| it.event()["body"].clone()).collect();
    assert_eq!(bodies, [r#"{"kind":"a","id":"1"}"#, r#"{"kind":"b","id":"2"}"#, r#"{"kind":"c","id":"1"}"#]);
    assert!(made.iter().all(|it| it.gates.len() == 2));
    let names: Vec<&str> = made.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["given-1", "given-2", "given-3"]);
}

#[test]
fn what_no_sender_can_fill_is_told() {
    let seed = post(json!({ "a": 1 }));
    let values = values(&[
        ("/requestContext/identity/sourceIp", json!(["127.0.0.1"])),
        ("/Records/0/body", json!(["x"])),
        ("/body/a", json!([2])),
        ("/pathParameters/none", json!(["x"])),
    ]);
    let unused = ["/requestContext/identity/sourceIp", "/Records/0/body", "/pathParameters/none"];
    assert_eq!(values.unused(&[seed]), unused);
}

#[test]
fn values_that_cannot_be_sent_make_no_event() {
    let seed = post(json!({ "a": 1 }));
    let values = values(&[("/headers/x-tenant", json!(["a\nb"]))]);
    assert!(values.seeds(seed.source, &[seed]).is_empty());
}

#[test]
fn mistakes_are_told() {
    let mut values = Values::new();
    let wrong = values.add("body/id", vec![json!(1)]).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        r#""body/id" is no place in an event: it begins with /, as in /body/user/id"#
    );
    assert_eq!(values.add("/body", Vec::new()).unwrap_err().to_string(), r#""/body" has no values"#);
    assert!(values.is_empty());
}
