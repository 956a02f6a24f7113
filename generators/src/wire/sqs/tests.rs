//! Tests of SQS batches.

use expect_test::expect;
use serde_json::json;

use super::*;
use crate::{
    point::{Locator, Path},
    source::EventSource,
    wire::Leaves,
};

#[test]
fn checksum_is_that_recorded_on_aws() {
    // Recorded by LocalStack on AWS.
    let attribute = MessageAttribute::new;
    let attributes = [
        ("Title".to_owned(), attribute("String", "The Whistler")),
        ("Author".to_owned(), attribute("String", "John Grisham")),
        ("WeeksOn".to_owned(), attribute("Number", "6")),
    ];
    assert_eq!(md5_of_attributes(&attributes), "d25a6aea97eb8f585bfa92d314504a92");
}

#[test]
fn batch_with_attributes() {
    let mut message = SqsMessage::new(Node::json(Node::from(json!({ "a": ["b"] }))));
    message.attributes = vec![("kind".to_owned(), MessageAttribute::string("x"))];
    message.group = Some("group".to_owned());
    let plain = SqsMessage::new(Node::text("hello"));
    let event = SqsBatch::new(vec![message, plain]).render();
    expect![[r#"
        {
          "Records": [
            {
              "messageId": "626cc8f2-730e-4602-a34d-ca239e26ca7f",
              "receiptHandle": "AQEBC7GUF7TZJ6FCROAPBIDO6QVRULEZAWHTCL3IC2S4GDK65PBL5P6KSKAVEIHMA2YQ75FXJDANUOQ6KZSW7RS4FPVPKEXGV2XM==",
              "body": "{\"a\":[\"b\"]}",
              "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1772600767890",
                "MessageGroupId": "group",
                "SenderId": "AROAWS3P4WAMVNHZ5PAH:producer",
                "ApproximateFirstReceiveTimestamp": "1772600767895"
              },
              "messageAttributes": {
                "kind": {
                  "stringValue": "x",
                  "stringListValues": [],
                  "binaryListValues": [],
                  "dataType": "String"
                }
              },
              "md5OfMessageAttributes": "57dd03eb020678b56fd5c31e88f4cff1",
              "md5OfBody": "54b93160032135b37f1d4fb6a413a97c",
              "eventSource": "aws:sqs",
              "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
              "awsRegion": "us-east-1"
            },
            {
              "messageId": "9f63482a-5d59-4a6d-ad5f-fd7de2a22393",
              "receiptHandle": "AQEBGYADYQXVHIA4EITZRW5UP2DHKJ6YJL3XDEGKGTHYHKIHPHZH3YQEQOL5W32SIHJ5ZK4FEJINQ4523EIUYVPCIPIH6OD43UC5==",
              "body": "hello",
              "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1772600767891",
                "SenderId": "AROAWS3P4WAMVNHZ5PAH:producer",
                "ApproximateFirstReceiveTimestamp": "1772600767896"
              },
              "messageAttributes": {},
              "md5OfMessageAttributes": null,
              "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
              "eventSource": "aws:sqs",
              "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
              "awsRegion": "us-east-1"
            }
          ]
        }"#]].assert_eq(&serde_json::to_string_pretty(&event).unwrap());
}

#[test]
fn checksum_of_the_body_is_md5() {
    let event = SqsBatch::new(vec![SqsMessage::new(Node::text("hello"))]).render();
    let record = &event["Records"][0];
    assert_eq!(record["md5OfBody"], json!("5d41402abc4b2a76b9719d911017c592"));
    assert_eq!(record["md5OfMessageAttributes"], Value::Null);
}

#[test]
fn refuses_what_sqs_refuses() {
    let sendable = |body: Node| SqsBatch::new(vec![SqsMessage::new(body)]).sendable(EventSource::Sqs);
    assert!(sendable(Node::text("x")));
    assert!(!sendable(Node::text("")));
    assert!(!sendable(Node::text("a\u{1b}")));
    assert!(!sendable(Node::Text("a".repeat(1_048_577))));
    // JSON escapes it.
    assert!(sendable(Node::json(Node::from(json!("\u{1b}")))));
    assert!(!SqsBatch::new(Vec::new()).sendable(EventSource::Sqs));
}

#[test]
fn points_of_a_message() {
    let mut message = SqsMessage::new(Node::json(Node::from(json!({ "user": { "name": "x" }, "n": 1 }))));
    message.attributes = vec![("kind".to_owned(), MessageAttribute::string("x"))];
    message.group = Some("g".to_owned());
    let batch = SqsBatch::new(vec![message]);
    let points: Vec<String> = batch
        .locators(EventSource::Sqs)
        .iter()
        .map(|at: &Locator| batch.describe(EventSource::Sqs, at).unwrap())
        .map(|point| format!("{point} {:?} {:?}", point.charset, point.control))
        .collect();
    expect![[r#"
        /Records/0/body»json»/user/name SqsText Attacker
        /Records/0/body»json»/n SqsText Attacker
        /Records/0/messageAttributes/kind/stringValue SqsText Attacker
        /Records/0/attributes/MessageGroupId SqsGroup Attacker
        /Records/0/attributes/SenderId SessionName Conditional
        /Records/0/body»json»/ (name) SqsText Attacker
        /Records/0/messageAttributes/ (name) SqsName Attacker"#]]
    .assert_eq(&points.join("\n"));
}

#[test]
fn attributes_are_opened() {
    let mut message = SqsMessage::new(Node::text("x"));
    message.attributes = [
        ("filter", MessageAttribute::string(r#"{"a":"b"}"#)),
        ("number", MessageAttribute::new("Number", "12")),
        ("bytes", MessageAttribute::new("Binary", "AAEC/w==")),
        ("packed", MessageAttribute::new("Binary.json", "eyJhIjoiYiJ9")),
    ]
    .map(|(name, it)| (name.to_owned(), it))
    .to_vec();
    let mut batch = SqsBatch::new(vec![message]);
    let points: Vec<String> = batch
        .locators(EventSource::Sqs)
        .iter()
        .filter_map(|at| batch.describe(EventSource::Sqs, at))
        .filter(|it| it.path().contains("/messageAttributes/"))
        .map(|it| format!("{} {:?} {:?} {:?}\n", it.path(), it.charset, it.role, batch.text(&it.locator)))
        .collect();
    expect![[r#"
        /Records/0/messageAttributes/filter/stringValue»json»/a SqsText Data Some("b")
        /Records/0/messageAttributes/filter/stringValue SqsText Routing Some("{\"a\":\"b\"}")
        /Records/0/messageAttributes/number/stringValue Number Data Some("12")
        /Records/0/messageAttributes/bytes/binaryValue»base64 NonEmpty Data Some("\0\u{1}\u{2}�")
        /Records/0/messageAttributes/packed/binaryValue»base64»json»/a Any Data Some("b")
        /Records/0/messageAttributes/packed/binaryValue»base64 NonEmpty Routing Some("{\"a\":\"b\"}")
        /Records/0/messageAttributes/filter/stringValue»json»/ (name) SqsText Routing None
        /Records/0/messageAttributes/packed/binaryValue»base64»json»/ (name) Any Routing None
        /Records/0/messageAttributes/ (name) SqsName Routing None
    "#]]
    .assert_eq(&points.concat());
    let inside =
        |name: &str, path: &str| Locator::message_attribute(0, name).with_inside(Path::from(path.to_owned()));
    assert!(batch.set(&inside("packed", "»base64»json»/a"), "c\0"));
    assert!(batch.set(&inside("bytes", ""), "d"));
    assert!(batch.add(&inside("added", "»json»/e"), "f"));
    assert!(batch.remove(&inside("filter", "»json»/a")));
    assert!(batch.sendable(EventSource::Sqs));
    let event = batch.render();
    let attributes = &event["Records"][0]["messageAttributes"];
    assert_eq!(attributes["packed"]["binaryValue"], BASE64_STANDARD.encode(r#"{"a":"c\u0000"}"#));
    assert_eq!(attributes["bytes"]["binaryValue"], "ZA==");
    assert_eq!(attributes["added"]["stringValue"], r#"{"e":"f"}"#);
    assert_eq!(attributes["filter"]["stringValue"], "{}");
    // A number stays one, and what SQS refuses does not come in through a tree.
    assert!(!batch.set_node(&inside("number", ""), &Node::text("x")));
    assert!(batch.set_node(&inside("filter", ""), &Node::text("\u{1}")));
    assert!(!batch.sendable(EventSource::Sqs));
}
