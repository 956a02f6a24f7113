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
              "messageId": "0176011b-9598-453d-ad06-28c0fc69901d",
              "receiptHandle": "AQEBNFRPI4GLH6Y6PCWAFNB7ENDJDFPTYQAEIKZNMT55QHACEGNBJ7TUOASGOSGAFQGGHWSMC7GTYXWO2IKC4P2AQV72ZS4AA4S7==",
              "body": "{\"a\":[\"b\"]}",
              "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1772600767890",
                "MessageGroupId": "group",
                "SenderId": "AROADWEPYUNCKTEDAAWF:producer",
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
              "messageId": "b048ab0a-0cf0-4104-a6e2-a5c9e96a3088",
              "receiptHandle": "AQEBO4PXI75SY5IOYTNDCZYSQXPUJ2TNJ572QANF2OCIYWBGRHUZNOIOJ7QAC64ICH5SK5FULEN5DLIUFNQPYS2FPDUZO7WE6ZMJ==",
              "body": "hello",
              "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1772600767891",
                "SenderId": "AROADWEPYUNCKTEDAAWF:producer",
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
