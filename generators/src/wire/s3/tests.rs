//! Tests of S3 notifications.

use std::fmt::Write;

use expect_test::expect;

use super::*;
use crate::{edit::Edit, point::Locator, source::EventSource, wire::Wire};

#[test]
fn notification_of_a_put() {
    let event = S3Operation::put("uploads/a b@c=d(1):é.jpg").render();
    expect![[r#"
        {
          "Records": [
            {
              "eventVersion": "2.6",
              "eventSource": "aws:s3",
              "awsRegion": "us-east-1",
              "eventTime": "2026-03-04T05:06:07.890Z",
              "eventName": "ObjectCreated:Put",
              "userIdentity": {
                "principalId": "AWS:AROA7ENP4AMBQX2B66B2:uploader"
              },
              "requestParameters": {
                "sourceIPAddress": "203.0.113.24"
              },
              "responseElements": {
                "x-amz-request-id": "LR3BOZVTP76WJ2QT",
                "x-amz-id-2": "CYZS332ZTBTTCLX2ESESDFHBSWODQJMYDB6HSYX4D4TIXXR47B5BTBDBPGCVR6IJAIRTJITWN77="
              },
              "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "5d61f47b-ecb0-4c5e-a303-96358f63b4f9",
                "bucket": {
                  "name": "amzn-s3-demo-bucket",
                  "ownerIdentity": {
                    "principalId": "AQIS3WXOYBDJNO"
                  },
                  "arn": "arn:aws:s3:::amzn-s3-demo-bucket"
                },
                "object": {
                  "key": "uploads/a+b%40c%3Dd%281%29%3A%C3%A9.jpg",
                  "size": 1024,
                  "eTag": "10801b757893f9edbff42cd92fdd406a",
                  "sequencer": "0069A7BDBFE1C0D3A7"
                }
              }
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&event).unwrap());
}

#[test]
fn keys_are_form_encoded_but_for_slashes() {
    assert_eq!(encode_key("a b/c+d;$(x)'*~"), "a+b/c%2Bd%3B%24%28x%29%27*%7E");
    assert_eq!(decode_key("a+b/c%2Bd"), "a b/c+d");
}

/// The name of each event, who acts, the members of `object` but for `key`, and what the record has besides.
#[test]
fn members_depend_on_the_event() {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<String>>();
    let mut lines = String::new();
    for event in S3EventName::ALL {
        let event = S3Operation { event, ..S3Operation::put("k") }.render();
        let record = &event["Records"][0];
        let actor = record["userIdentity"]["principalId"].as_str().unwrap();
        let actor = actor.split_once(':').map_or(actor, |(kind, _)| kind);
        let object = names(&record["s3"]["object"])[1..].join(" ");
        let extra = names(record).into_iter().find(|it| it.ends_with("Data") || it == "objectAnnotation");
        let extra = extra.unwrap_or_default();
        writeln!(lines, "{}: {actor}: {object}; {extra}.", record["eventName"].as_str().unwrap()).unwrap();
    }
    expect![[r#"
        ObjectCreated:Put: AWS: size eTag sequencer; .
        ObjectCreated:Post: AWS: size eTag sequencer; .
        ObjectCreated:Copy: AWS: size eTag sequencer hasObjectAnnotation; .
        ObjectCreated:CompleteMultipartUpload: AWS: size eTag sequencer; .
        ObjectRemoved:Delete: AWS: sequencer; .
        ObjectRemoved:DeleteMarkerCreated: AWS: eTag versionId sequencer; .
        ObjectRestore:Post: AWS: size eTag sequencer; .
        ObjectRestore:Completed: AmazonCustomer: size eTag sequencer; glacierEventData.
        ObjectRestore:Delete: AmazonCustomer: size eTag sequencer; .
        ReducedRedundancyLostObject: s3.amazonaws.com: size eTag; .
        Replication:OperationFailedReplication: s3.amazonaws.com: size eTag versionId sequencer; replicationEventData.
        Replication:OperationMissedThreshold: s3.amazonaws.com: size eTag versionId sequencer; replicationEventData.
        Replication:OperationReplicatedAfterThreshold: s3.amazonaws.com: size eTag versionId sequencer; replicationEventData.
        Replication:OperationNotTracked: s3.amazonaws.com: size eTag versionId sequencer; replicationEventData.
        LifecycleExpiration:Delete: s3.amazonaws.com: sequencer; .
        LifecycleExpiration:DeleteMarkerCreated: s3.amazonaws.com: eTag versionId sequencer; .
        LifecycleTransition: s3.amazonaws.com: size eTag; lifecycleEventData.
        IntelligentTiering: s3.amazonaws.com: size eTag sequencer; intelligentTieringEventData.
        ObjectTagging:Put: AWS: eTag; .
        ObjectTagging:Delete: AWS: eTag; .
        ObjectAcl:Put: AWS: eTag; .
        ObjectAnnotation:Put: AWS: eTag; objectAnnotation.
        ObjectAnnotation:Delete: AWS: eTag; objectAnnotation.
        ObjectRetention:Put: AWS: size eTag versionId sequencer; objectRetentionEventData.
    "#]]
    .assert_eq(&lines);
}

#[test]
fn what_s3_does_has_no_sender() {
    let points = |event| {
        let wire = Wire::S3(S3Operation { event, ..S3Operation::put("k") });
        wire.points(EventSource::S3).iter().map(|it| it.path().to_owned()).collect::<Vec<String>>()
    };
    assert_eq!(points(S3EventName::CreatedPut).len(), 2);
    assert_eq!(points(S3EventName::ExpirationDelete), ["/Records/0/s3/object/key»s3-key»"]);
    let uploader = Edit::SetText { at: Locator::Uploader, text: "someone".to_owned() };
    let mut wire = Wire::S3(S3Operation { event: S3EventName::Tiering, ..S3Operation::put("k") });
    assert!(!crate::case::apply(&mut wire, EventSource::S3, &uploader));
}

#[test]
fn buckets_keep_versions_and_belong_to_stacks() {
    let stack = Some("app".to_owned());
    let put = S3Operation { versioned: true, stack, ..S3Operation::put("k") };
    let event = put.render();
    assert_eq!(event["Records"][0]["s3"]["object"]["versionId"].as_str().unwrap().len(), 32);
    let tags = &event["Records"][0]["s3"]["bucket"]["awsGeneratedTags"];
    assert_eq!(tags["aws:cloudformation:stack-name"], "app");
    assert_eq!(S3Operation::parse(&event), Some(put.clone()));
    let replication = S3Operation { event: S3EventName::ReplicationFailed, ..put };
    assert_eq!(replication.render()["Records"][0]["s3"]["bucket"].get("awsGeneratedTags"), None);
}

#[test]
fn etag_is_that_of_the_object() {
    let etag = |event, size| {
        let operation = S3Operation { event, size, ..S3Operation::put("k") };
        operation.render().pointer("/Records/0/s3/object/eTag").unwrap().clone()
    };
    assert_eq!(etag(S3EventName::CreatedPut, 0), "d41d8cd98f00b204e9800998ecf8427e");
    assert!(etag(S3EventName::CreatedMultipart, 1_024).as_str().unwrap().ends_with("-1"));
}
