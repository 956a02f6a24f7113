//! Tests of SQS batches.

use expect_test::expect;

use super::*;
use crate::{point::Locator, source::EventSource, wire::Leaves};

#[test]
fn checksum_is_that_recorded_on_aws() {
    // Recorded by LocalStack on AWS.
    let attribute = |data_type: &str, value: &str| MessageAttribute {
        data_type: data_type.to_owned(),
        value: value.to_owned(),
    };
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
