//! Who controls what in events inside of events, and that nothing else can be changed.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::{
    case::{Seed, TestCase, apply},
    deliver,
    edit::{Edit, Frame},
    nonce::NonceSource,
    payload::Payload,
    point::{Locator, NotPlanted},
    wire::{
        Wire,
        event::{log_data, notification, sender},
        s3::{S3Operation, test_event},
        sqs::{SqsBatch, SqsMessage},
    },
};

fn put(key: &str) -> Value {
    S3Operation::put(key).render()
}

fn queue(body: &Value) -> Seed {
    let message = SqsMessage::new(Node::text(&body.to_string()));
    let event = SqsBatch::new(vec![message]).render();
    Seed::new("body", EventSource::Sqs, Wire::parse(EventSource::Sqs, &event).unwrap())
}

fn topic(message: &Value) -> Seed {
    let event = sender(EventSource::Sns).unwrap().saying(&Value::from(message.to_string()));
    Seed::new("message", EventSource::Sns, Wire::parse(EventSource::Sns, &event).unwrap())
}

#[track_caller]
fn check(seed: &Seed, expected: Expect) {
    let points = seed.wire.points(seed.source).into_iter();
    let lines: String = points
        .filter(|it| !it.path().contains("/attributes/") && !it.path().contains("/messageAttributes/"))
        .map(|it| format!("{it} {:?} {:?} {:?} {}\n", it.charset, it.control, it.role, it.max_bytes))
        .collect();
    expected.assert_eq(&lines);
}

fn body(path: &str) -> Locator {
    Locator::Message { record: 0, path: Path::from(path.to_owned()) }
}

#[test]
fn a_bucket_notifies_a_queue() {
    let seed = queue(&put("a b/c.txt"));
    assert_eq!(
        seed.event()["Records"][0]["body"],
        put("a b/c.txt").to_string(),
        "nothing changes by being read"
    );
    check(
        &seed,
        expect![[r#"
            /Records/0/body»json»/Records/0/s3/object/key»s3-key» ObjectKey Attacker Data 1024
        "#]],
    );
    let whole = seed.wire.point(EventSource::Sqs, &body("")).unwrap();
    assert_eq!(whole.control, Control::Conditional, "who may write to the queue");
    check(&queue(&test_event("bucket")), expect![[r#""#]]);
}

#[test]
fn a_bucket_notifies_a_topic_that_a_queue_hears() {
    let message = notification(&put(r#"{"c":"&"}.txt"#).to_string(), Some("Amazon S3 Notification"), &[]);
    check(
        &queue(&message),
        expect![[r#"
            /Records/0/body»json»/Subject Subject Attacker Data 99
            /Records/0/body»json»/Message»json»/Records/0/s3/object/key»s3-key» ObjectKey Attacker Data 1024
        "#]],
    );
    check(
        &topic(&put("c.txt")),
        expect![[r#"
            /Records/0/Sns/Subject Subject Attacker Data 99
            /Records/0/Sns/Message»json»/Records/0/s3/object/key»s3-key» ObjectKey Attacker Data 1024
        "#]],
    );
}

#[test]
fn topics_write_what_applications_publish() {
    let attributes = [("kind".to_owned(), "x".to_owned())];
    let message = notification(r#"{"order":{"id":"7"}}"#, None, &attributes);
    assert_eq!(message.get("Subject"), None);
    check(
        &queue(&message),
        expect![[r#"
            /Records/0/body»json»/Message»json»/order/id SqsText Attacker Data 32768
            /Records/0/body»json»/MessageAttributes/kind/Value SqsText Attacker Data 65536
            /Records/0/body»json»/Message»json»/ (name) SqsText Attacker Routing 32768
        "#]],
    );
}

#[test]
fn buses_write_what_applications_put() {
    let bus = sender(EventSource::EventBridge).unwrap();
    check(
        &queue(&bus.saying(&json!({ "id": 7 }))),
        expect![[r#"
            /Records/0/body»json»/detail-type SqsText Conditional Routing 128
            /Records/0/body»json»/detail/id SqsText Attacker Data 32768
            /Records/0/body»json»/detail/ (name) SqsText Attacker Routing 32768
        "#]],
    );
    let mut bucket = bus.saying(&json!({ "object": { "key": "a" } }));
    bucket["source"] = "aws.s3".into();
    check(
        &topic(&bucket),
        expect![[r#"
            /Records/0/Sns/Subject Subject Attacker Data 99
            /Records/0/Sns/Message»json»/detail/object/key ObjectKey Conditional Data 1024
        "#]],
    );
}

#[test]
fn logs_and_destinations() {
    let kinesis = sender(EventSource::Kinesis).unwrap();
    let lines = log_data(&[r#"{"user":"ada"}"#.to_owned()]);
    let event = kinesis.carrying(Writer::CloudWatchLogs, lines.to_string().as_bytes()).unwrap();
    let wire = Wire::parse(EventSource::Kinesis, &event).unwrap();
    check(
        &Seed::new("logs", EventSource::Kinesis, wire),
        expect![[r#"
            /Records/0/kinesis/partitionKey NonEmpty Attacker Data 256
            /Records/0/kinesis/data»base64»gzip»json»/logEvents/0/message»json»/user NonEmpty Attacker Data 131072
            /Records/0/kinesis/data»base64»gzip»json»/logEvents/0/message»json»/ (name) NonEmpty Attacker Routing 131072
        "#]],
    );
    check(
        &queue(&lambda_destination(json!({ "order": "7" }), json!("done"))),
        expect![[r#"
            /Records/0/body»json»/requestPayload/order SqsText Conditional Data 65536
            /Records/0/body»json»/responsePayload SqsText Conditional Data 65536
            /Records/0/body»json»/requestPayload/ (name) SqsText Conditional Routing 65536
        "#]],
    );
    // What another function was invoked with is an event, too.
    check(
        &queue(&lambda_destination(put("c.txt"), Value::Null)),
        expect![[r#"
            /Records/0/body»json»/requestPayload/Records/0/s3/object/key»s3-key» ObjectKey Conditional Data 1024
            /Records/0/body»json»/responsePayload SqsText Conditional Data 65536
        "#]],
    );
    // A dead letter: what a function got from a topic.
    check(
        &queue(&topic(&json!("text")).event()),
        expect![[r#"
            /Records/0/body»json»/Records/0/Sns/Subject Subject Attacker Data 99
            /Records/0/body»json»/Records/0/Sns/Message SqsText Attacker Data 65536
        "#]],
    );
}

#[test]
fn what_a_service_wrote_stays() {
    let message = notification(&put("c.txt").to_string(), None, &[]);
    for (seed, own, all) in [
        (queue(&message), "»json»/Message»json»/Records/0/s3/object/key»s3-key»", "»json»/Message"),
        (queue(&put("c.txt")), "»json»/Records/0/s3/object/key»s3-key»", ""),
    ] {
        let mut wire = seed.wire.clone();
        let text = |at: &str| Edit::SetText { at: body(at), text: "b.txt".to_owned() };
        for edit in [
            text("»json»/TopicArn"),
            text(all),
            text("»json»/Records/0/awsRegion"),
            Edit::Remove { at: body("»json»/Records") },
            Edit::Remove { at: body("»json»/Message»json»/Records/0/s3") },
            Edit::SetNode { at: body("»json»"), node: Node::Null },
            Edit::SetNode { at: body(""), node: Node::Null },
            Edit::Add { at: body("»json»/more"), text: "x".to_owned() },
        ] {
            assert!(!apply(&mut wire, EventSource::Sqs, &edit), "{edit:?}");
            assert_eq!(wire, seed.wire, "{edit:?}");
        }
        assert!(apply(&mut wire, EventSource::Sqs, &text(own)));
        assert_ne!(wire, seed.wire);
    }
}

#[test]
fn what_holds_all_that_is_said_stays() {
    let bus = sender(EventSource::EventBridge).unwrap().saying(&json!({ "a": { "b": 1 } }));
    let destination = lambda_destination(json!({ "a": { "b": 1 } }), Value::Null);
    for (content, whole) in [(bus, "»json»/detail"), (destination, "»json»/requestPayload")] {
        let mut wire = queue(&content).wire;
        for edit in [
            Edit::Remove { at: body(whole) },
            Edit::SetNode { at: body(whole), node: Node::Null },
            Edit::SetText { at: body(whole), text: "x".to_owned() },
        ] {
            assert!(!apply(&mut wire, EventSource::Sqs, &edit), "{edit:?}");
        }
        for edit in [
            Edit::SetNode { at: body(&format!("{whole}/a/b")), node: Node::Null },
            Edit::Add { at: body(&format!("{whole}/c")), text: "x".to_owned() },
            Edit::Remove { at: body(&format!("{whole}/a")) },
        ] {
            assert!(apply(&mut wire, EventSource::Sqs, &edit), "{edit:?}");
        }
    }
}

#[test]
fn keys_are_encoded_on_their_way_through_everything() {
    let payload = Payload::by_id("sh-semicolon")
        .unwrap_or(Payload::canonical(crate::payload::PayloadClass::ShellCommand));
    let message = notification(&put("c.txt").to_string(), None, &[]);
    let seed = queue(&message);
    let at = body("»json»/Message»json»/Records/0/s3/object/key»s3-key»");
    let case = TestCase::new(seed).plant(&at, payload, Frame::none(), NonceSource::new(1).take()).unwrap();
    let rendered = case.render();
    let outer: Value = serde_json::from_str(rendered.event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let inner: Value = serde_json::from_str(outer["Message"].as_str().unwrap()).unwrap();
    let key = inner["Records"][0]["s3"]["object"]["key"].as_str().unwrap();
    assert!(!key.contains([' ', ';', '$', '\'']), "{key}");
    assert_eq!(crate::wire::s3::decode_key(key), rendered.planted[0].text);
    let command = deliver::command(&case);
    assert!(command.contains("aws s3api put-object --bucket \"$BUCKET\" --key="), "{command}");
    assert!(command.contains(&deliver::quote(&rendered.planted[0].text)), "{command}");
}

#[test]
fn services_have_limits() {
    let refused = |seed: &Seed, at: &str, text: &str| {
        let mut case = TestCase::new(seed.clone());
        let edit = Edit::SetText { at: body(at), text: text.to_owned() };
        let mut wire = seed.wire.clone();
        case.edits.push(edit.clone());
        !apply(&mut wire, EventSource::Sqs, &edit)
    };
    let bucket = queue(&put("c.txt"));
    let key = "»json»/Records/0/s3/object/key»s3-key»";
    assert!(refused(&bucket, key, &"a".repeat(1_025)));
    assert!(refused(&bucket, key, ""));
    assert!(!refused(&bucket, key, &"a".repeat(1_024)));
    let message = queue(&notification("text", Some("subject"), &[]));
    assert!(refused(&message, "»json»/Subject", "two\nlines"));
    assert!(refused(&message, "»json»/Message", ""));
    assert!(!refused(&message, "»json»/Message", "two\nlines"));
    // JSON in the message: all of it has to be what SNS takes.
    let point = message.wire.point(EventSource::Sqs, &body("»json»/Message")).unwrap();
    assert_eq!(point.check("\u{ffff}"), Err(NotPlanted::Charset { refused: '\u{ffff}' }));
}

#[test]
fn ids_inside_are_those_of_a_delivery() {
    let ids = |case: &TestCase| -> Vec<String> {
        let event = case.render().event;
        let id = |record: &Value| {
            let inner: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            let id = inner.get("MessageId").or(inner.get("id")).unwrap();
            assert_eq!(record["md5OfBody"], facts::md5_hex(record["body"].as_str().unwrap().as_bytes()));
            id.as_str().unwrap().to_owned()
        };
        event["Records"].as_array().unwrap().iter().map(id).collect()
    };
    let bus = sender(EventSource::EventBridge).unwrap().saying(&json!({ "a": "x" }));
    for (content, at) in [(notification("text", None, &[]), "»json»/Message"), (bus, "»json»/detail/a")] {
        let case = TestCase::new(queue(&content));
        let mut other = case.clone();
        other.edits = vec![
            Edit::SetText { at: body(at), text: "other".to_owned() },
            Edit::DuplicateRecord { record: 0 },
        ];
        let (first, second) = (ids(&case), ids(&other));
        assert_eq!(first, ids(&case), "the same case has the same ids");
        assert_ne!(first[0], second[0]);
        assert_ne!(second[0], second[1]);
    }
}

#[test]
fn what_an_application_wrote_is_its_own() {
    for content in [
        json!({ "Records": [{ "id": 1 }] }),
        json!({ "Message": "hello", "Type": "Notification" }),
        json!({ "detail": { "a": 1 } }),
        // In a text of an application, whatever it looks like.
        json!({ "wrapped": put("c.txt").to_string() }),
    ] {
        let seed = queue(&content);
        let points = seed.wire.points(EventSource::Sqs);
        let leaves = match &seed.wire {
            Wire::Sqs(batch) => batch.messages[0].body.leaves().len(),
            _ => unreachable!(),
        };
        let of_body = points.iter().filter(|it| it.path().contains("/body") && !it.locator.is_name());
        assert_eq!(of_body.count(), leaves, "{content}");
        assert!(
            points.iter().filter(|it| it.path().contains("/body")).all(|it| it.control == Control::Attacker)
        );
    }
}
