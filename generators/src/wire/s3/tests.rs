//! Tests of S3 notifications.

use expect_test::expect;

use super::*;

#[test]
fn notification_of_a_put() {
    let event = S3Operation::put("uploads/a b@c=d(1):é.jpg").render();
    expect![[r#"
        {
          "Records": [
            {
              "eventVersion": "2.1",
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

#[test]
fn members_depend_on_the_event() {
    let object = |event| {
        let operation = S3Operation { event, ..S3Operation::put("k") };
        let event = operation.render();
        let object = event.pointer("/Records/0/s3/object").and_then(Value::as_object).unwrap();
        object.keys().cloned().collect::<Vec<String>>().join(" ")
    };
    assert_eq!(object(S3EventName::CreatedPut), "key size eTag sequencer");
    assert_eq!(object(S3EventName::RemovedDelete), "key sequencer");
    assert_eq!(object(S3EventName::RemovedMarker), "key eTag versionId sequencer");
    assert_eq!(object(S3EventName::TaggingPut), "key eTag");
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
