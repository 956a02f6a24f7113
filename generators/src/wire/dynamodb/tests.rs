//! Tests of DynamoDB stream records.

use expect_test::{Expect, expect};

use super::*;
use crate::{edit::Edit, point::Locator, point::Path, source::EventSource, wire::Leaves};

fn text(text: &str) -> AttributeValue {
    AttributeValue::text(text)
}

fn item(title: &str) -> Item {
    vec![
        ("title".to_owned(), text(title)),
        ("count".to_owned(), AttributeValue::N("3".to_owned())),
        ("meta".to_owned(), AttributeValue::M(vec![("a".to_owned(), text("x"))])),
        ("list".to_owned(), AttributeValue::L(vec![text("y"), AttributeValue::Bool(true)])),
        ("tags".to_owned(), AttributeValue::Ss(vec!["z".to_owned()])),
    ]
}

fn batch(operation: Operation) -> DynamoDbBatch {
    let write = DynamoDbWrite {
        operation,
        keys: vec![("pk".to_owned(), text("1"))],
        new: item("new"),
        old: item("old"),
    };
    DynamoDbBatch::new(vec![write])
}

#[test]
fn record_of_an_insert() {
    let event = batch(Operation::Insert).render();
    expect![[r#"
        {
          "Records": [
            {
              "eventID": "e82204ac6a123a15d7268366b0b384d3",
              "eventName": "INSERT",
              "eventVersion": "1.1",
              "eventSource": "aws:dynamodb",
              "awsRegion": "us-east-1",
              "dynamodb": {
                "ApproximateCreationDateTime": 1772600767,
                "Keys": {
                  "pk": {
                    "S": "1"
                  }
                },
                "NewImage": {
                  "pk": {
                    "S": "1"
                  },
                  "title": {
                    "S": "new"
                  },
                  "count": {
                    "N": "3"
                  },
                  "meta": {
                    "M": {
                      "a": {
                        "S": "x"
                      }
                    }
                  },
                  "list": {
                    "L": [
                      {
                        "S": "y"
                      },
                      {
                        "BOOL": true
                      }
                    ]
                  },
                  "tags": {
                    "SS": [
                      "z"
                    ]
                  }
                },
                "SequenceNumber": "4421584500000000017450000000",
                "SizeBytes": 47,
                "StreamViewType": "NEW_AND_OLD_IMAGES"
              },
              "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/2026-01-02T03:04:05.678"
            }
          ]
        }"#]].assert_eq(&serde_json::to_string_pretty(&event).unwrap());
}

#[test]
fn images_follow_operation_and_view() {
    let mut table = String::new();
    for operation in Operation::ALL {
        for view in ViewType::ALL {
            let event = DynamoDbBatch { view, ..batch(operation) }.render();
            let record = &event["Records"][0];
            let change = record["dynamodb"].as_object().unwrap();
            let images: Vec<&str> =
                ["NewImage", "OldImage"].into_iter().filter(|it| change.contains_key(*it)).collect();
            let user = record.get("userIdentity").is_some();
            table.push_str(&format!(
                "{:?} {} {} {}: {images:?} {user}\n",
                operation,
                view.name(),
                record["eventName"],
                change["SizeBytes"],
            ));
        }
    }
    expect![[r#"
        Insert NEW_AND_OLD_IMAGES "INSERT" 47: ["NewImage"] false
        Insert NEW_IMAGE "INSERT" 47: ["NewImage"] false
        Insert OLD_IMAGE "INSERT" 3: [] false
        Insert KEYS_ONLY "INSERT" 3: [] false
        Modify NEW_AND_OLD_IMAGES "MODIFY" 91: ["NewImage", "OldImage"] false
        Modify NEW_IMAGE "MODIFY" 47: ["NewImage"] false
        Modify OLD_IMAGE "MODIFY" 47: ["OldImage"] false
        Modify KEYS_ONLY "MODIFY" 3: [] false
        Remove NEW_AND_OLD_IMAGES "REMOVE" 47: ["OldImage"] false
        Remove NEW_IMAGE "REMOVE" 3: [] false
        Remove OLD_IMAGE "REMOVE" 47: ["OldImage"] false
        Remove KEYS_ONLY "REMOVE" 3: [] false
        Expire NEW_AND_OLD_IMAGES "REMOVE" 47: ["OldImage"] true
        Expire NEW_IMAGE "REMOVE" 3: [] true
        Expire OLD_IMAGE "REMOVE" 47: ["OldImage"] true
        Expire KEYS_ONLY "REMOVE" 3: [] true
    "#]]
    .assert_eq(&table);
}

#[track_caller]
fn check_points(operation: Operation, expected: Expect) {
    let batch = batch(operation);
    let points: Vec<String> = batch
        .locators(EventSource::DynamoDbStream)
        .iter()
        .filter_map(|at| batch.describe(EventSource::DynamoDbStream, at))
        .map(|point| format!("{point} {:?} {:?}", point.charset, point.control))
        .collect();
    expected.assert_eq(&points.join("\n"));
}

#[test]
fn points_of_a_modification() {
    check_points(
        Operation::Modify,
        expect![[r#"
        /Records/0/dynamodb/NewImage/title/S Any Attacker
        /Records/0/dynamodb/NewImage/count/N Number Attacker
        /Records/0/dynamodb/NewImage/meta/M/a/S Any Attacker
        /Records/0/dynamodb/NewImage/list/L/0/S Any Attacker
        /Records/0/dynamodb/NewImage/tags/SS/0 NonEmpty Attacker
        /Records/0/dynamodb/OldImage/title/S Any Attacker
        /Records/0/dynamodb/OldImage/count/N Number Attacker
        /Records/0/dynamodb/OldImage/meta/M/a/S Any Attacker
        /Records/0/dynamodb/OldImage/list/L/0/S Any Attacker
        /Records/0/dynamodb/OldImage/tags/SS/0 NonEmpty Attacker
        /Records/0/dynamodb/Keys/pk/S NonEmpty Attacker
        /Records/0/dynamodb/NewImage/ (name) NonEmpty Conditional"#]],
    );
}

#[test]
fn a_removal_has_old_points_only() {
    check_points(
        Operation::Remove,
        expect![[r#"
        /Records/0/dynamodb/OldImage/title/S Any Attacker
        /Records/0/dynamodb/OldImage/count/N Number Attacker
        /Records/0/dynamodb/OldImage/meta/M/a/S Any Attacker
        /Records/0/dynamodb/OldImage/list/L/0/S Any Attacker
        /Records/0/dynamodb/OldImage/tags/SS/0 NonEmpty Attacker
        /Records/0/dynamodb/Keys/pk/S NonEmpty Attacker
        /Records/0/dynamodb/OldImage/ (name) NonEmpty Conditional"#]],
    );
}

#[test]
fn a_write_that_changes_nothing_makes_no_record() {
    let mut batch = batch(Operation::Modify);
    batch.writes[0].old = batch.writes[0].new.clone();
    assert!(!batch.sendable(EventSource::DynamoDbStream));
}

#[test]
fn another_operation_gets_the_images_it_needs() {
    let mut changed = batch(Operation::Insert);
    changed.writes[0].old.clear();
    assert!(changed.edit(&Edit::Operation { record: 0, operation: Operation::Modify }));
    assert!(changed.sendable(EventSource::DynamoDbStream));
    assert!(changed.render()["Records"][0]["dynamodb"]["OldImage"].is_object());
}

#[test]
fn adds_attributes_below_maps() {
    let mut batch = batch(Operation::Insert);
    let at = Locator::Attribute {
        record: 0,
        image: crate::point::Image::New,
        path: Path::from("/meta/deep/er".to_owned()),
    };
    assert!(batch.add(&at, "v"));
    assert_eq!(batch.text(&at).as_deref(), Some("v"));
    let point = batch.describe(EventSource::DynamoDbStream, &at).unwrap();
    assert_eq!(point.path(), "/Records/0/dynamodb/NewImage/meta/M/deep/M/er/S");
}

#[test]
fn a_window_has_the_state_that_the_function_returned() {
    let mut batch = batch(Operation::Insert);
    batch.writes[0].old.clear();
    let state = Node::from(json!({ "seen": "x", "count": 3 }));
    batch.window = Some(Window { state, phase: Phase::Final });
    let event = batch.render();
    assert_eq!(event["state"], json!({ "seen": "x", "count": 3 }));
    assert_eq!(
        (&event["isFinalInvokeForWindow"], &event["isWindowTerminatedEarly"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(DynamoDbBatch::parse(&event), Some(batch.clone()));
    let at = Locator::WindowState { path: Path::root().member("seen") };
    let point = batch.describe(EventSource::DynamoDbStream, &at).unwrap();
    assert_eq!((point.path(), point.control), ("/state/seen", crate::point::Control::Conditional));
    assert!(batch.set(&at, "$(x)") && batch.render()["state"]["seen"] == json!("$(x)"));
    assert!(batch.edit(&Edit::WindowPhase(Phase::TerminatedEarly)));
    assert_eq!(batch.render()["isWindowTerminatedEarly"], json!(true));
}

#[test]
fn binaries_are_opened() {
    let mut batch = batch(Operation::Insert);
    batch.writes[0].old.clear();
    batch.writes[0].new = vec![
        ("packed".to_owned(), AttributeValue::binary(br#"{"a":"x"}"#.to_vec())),
        ("raw".to_owned(), AttributeValue::binary(vec![0xff, 0])),
        ("set".to_owned(), AttributeValue::Bs(vec!["AAEC".to_owned()])),
    ];
    let paths = |batch: &DynamoDbBatch| -> Vec<String> {
        let locators = batch.locators(EventSource::DynamoDbStream).into_iter();
        locators
            .filter_map(|at| Some(batch.describe(EventSource::DynamoDbStream, &at)?.path().to_owned()))
            .filter(|path| path.contains("NewImage") && !path.contains("(name)"))
            .collect()
    };
    assert_eq!(paths(&batch), ["/Records/0/dynamodb/NewImage/packed/B»base64»json»/a"]);
    let at = batch.locators(EventSource::DynamoDbStream).remove(0);
    assert!(batch.set(&at, "y"));
    let event = batch.render();
    // {"a":"y"}
    assert_eq!(event["Records"][0]["dynamodb"]["NewImage"]["packed"]["B"], "eyJhIjoieSJ9");
    assert_eq!(DynamoDbBatch::parse(&event), Some(batch));
}

#[test]
fn numbers_of_a_set_differ_in_what_they_say() {
    let mut batch = batch(Operation::Insert);
    let set = AttributeValue::Ns(vec!["1".to_owned(), "2".to_owned()]);
    batch.writes[0].new = vec![("n".to_owned(), set)];
    let at = batch.locators(EventSource::DynamoDbStream).remove(1);
    assert!(!batch.set(&at, "1.0") && batch.set(&at, "1.5"));
}
