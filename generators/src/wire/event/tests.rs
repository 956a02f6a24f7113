//! Each source: its points, what nobody can change, and that events read back.

mod services;

use expect_test::{Expect, expect};
use serde_json::json;

use super::{
    cloudwatch_logs::cloudwatch_logs,
    eventbridge::{custom, objects, schedule},
    firehose::firehose,
    kinesis::kinesis,
    sns::sns,
    *,
};
use crate::{
    case::{Seed, TestCase, apply},
    seeds::seed_from_event,
    wire::{Wire, facts},
};

/// Those that are made by rules.
fn sources() -> impl Iterator<Item = EventSource> {
    EventSource::ALL.into_iter().filter(|it| sender(*it).is_some())
}

#[track_caller]
fn check(event: &Value, source: EventSource, expected: Expect) {
    assert_eq!(EventSource::recognize(event), source);
    let wire = Wire::parse(source, event).unwrap();
    assert_eq!(wire.render(source), *event);
    let points = wire.points(source).into_iter();
    let lines: String =
        points.map(|it| format!("{it} {:?} {:?} {:?}\n", it.charset, it.control, it.role)).collect();
    expected.assert_eq(&lines);
}

#[test]
fn sns_messages() {
    let attributes = [("kind".to_owned(), "x".to_owned())];
    check(
        &sns(r#"{"order":{"id":"7"}}"#, Some("new"), &attributes),
        EventSource::Sns,
        expect![[r#"
        /Records/0/Sns/Subject Subject Attacker Data
        /Records/0/Sns/Message»json»/order/id NonEmpty Attacker Data
        /Records/0/Sns/MessageAttributes/kind/Value NonEmpty Attacker Data
        /Records/0/Sns/Message»json»/ (name) NonEmpty Attacker Routing
    "#]],
    );
}

#[test]
fn buses() {
    check(
        &custom("Order Placed", json!({ "a": "[1]", "b": null })),
        EventSource::EventBridge,
        expect![[r#"
            /detail-type NonEmpty Conditional Routing
            /detail/a»json»/0 Any Attacker Data
            /detail/b Any Attacker Data
            /detail/ (name) Any Attacker Routing
        "#]],
    );
    check(
        &objects::named("object-created", "a b"),
        EventSource::EventBridge,
        expect![[r#"
        /detail/object/key ObjectKey Conditional Data
    "#]],
    );
    check(&schedule(), EventSource::EventBridge, expect![[r#""#]]);
}

#[test]
fn data_in_base64() {
    check(
        &kinesis(&[b"word", br#"{"a":"x"}"#]),
        EventSource::Kinesis,
        expect![[r#"
        /Records/0/kinesis/partitionKey NonEmpty Attacker Data
        /Records/0/kinesis/data»base64» Any Attacker Data
        /Records/1/kinesis/partitionKey NonEmpty Attacker Data
        /Records/1/kinesis/data»base64»json»/a Any Attacker Data
        /Records/1/kinesis/data»base64»json»/ (name) Any Attacker Routing
    "#]],
    );
    check(
        &firehose(&[b"word"]),
        EventSource::Firehose,
        expect![[r#"
        /records/0/data»base64» Any Attacker Data
    "#]],
    );
    check(
        &cloudwatch_logs(&["a".to_owned(), r#"{"b":"c"}"#.to_owned()]),
        EventSource::CloudWatchLogs,
        expect![[r#"
            /awslogs/data»base64»gzip»json»/logEvents/0/message NonEmpty Attacker Data
            /awslogs/data»base64»gzip»json»/logEvents/1/message»json»/b NonEmpty Attacker Data
            /awslogs/data»base64»gzip»json»/logEvents/1/message»json»/ (name) NonEmpty Attacker Routing
        "#]],
    );
}

#[test]
fn keys_of_a_job_are_decoded() {
    let event = s3_batch::v1("a b/c+d;é", Some(0));
    assert_eq!(event["tasks"][0]["s3Key"], "a+b/c%2Bd%3B%C3%A9");
    check(
        &event,
        EventSource::S3Batch,
        expect![[r#"
            /tasks/0/s3Key»s3-key» ObjectKey Attacker Data
        "#]],
    );
    let arguments = json!({ "kind": "x" });
    check(
        &s3_batch::v2("word", arguments.as_object().unwrap().clone()),
        EventSource::S3Batch,
        expect![[r#"
            /job/userArguments/kind Any Conditional Data
            /tasks/0/s3Key»s3-key» ObjectKey Attacker Data
        "#]],
    );
    // A key can hold a format as every text can.
    let wire = Wire::parse(EventSource::S3Batch, &s3_batch::v1(r#"{"a":1}"#, None)).unwrap();
    let at = Locator::Json { path: Path::from("/tasks/0/s3Key»s3-key»json»/a".to_owned()) };
    assert_eq!(wire.text(&at).as_deref(), Some("1"));
}

#[test]
fn an_access_point_tells_the_url_decoded_and_presigns_it_encoded() {
    let own = [("X-Own".to_owned(), "v".to_owned())];
    let event = s3_object_lambda::request("getObjectContext", "a b/ü?versionId=1", &own, "");
    check(
        &event,
        EventSource::S3ObjectLambda,
        expect![[r#"
            /userRequest/url»url-query»/path Path Attacker Data
            /userRequest/url»url-query»/query»form»/versionId Any Attacker Data
            /userRequest/headers/User-Agent HeaderValue Attacker Data
            /userRequest/headers/Accept-Encoding HeaderValue Attacker Data
            /userRequest/headers/X-Own HeaderValue Attacker Data
        "#]],
    );
    let mut wire = Wire::parse(EventSource::S3ObjectLambda, &event).unwrap();
    let at = Locator::Json { path: Path::from("/userRequest/url".to_owned()) };
    assert_eq!(wire.whole_text(&at).as_deref(), Some("a b/ü?versionId=1"));
    let at = Locator::Json { path: Path::from("/userRequest/url»url-query»/path".to_owned()) };
    let set = Edit::SetText { at, text: "../$(x) y".to_owned() };
    assert!(apply(&mut wire, EventSource::S3ObjectLambda, &set));
    let event = wire.render(EventSource::S3ObjectLambda);
    let url = event["userRequest"]["url"].as_str().unwrap();
    assert!(
        url.starts_with("https://app-") && url.ends_with(".amazonaws.com/../$(x) y?versionId=1"),
        "{url}"
    );
    let presigned = event["getObjectContext"]["inputS3Url"].as_str().unwrap();
    assert!(presigned.contains(".amazonaws.com/../%24%28x%29%20y?X-Amz-Security-Token="), "{presigned}");
    let host = Locator::Json { path: Path::from("/userRequest/headers/Host".to_owned()) };
    assert!(!apply(
        &mut wire,
        EventSource::S3ObjectLambda,
        &Edit::SetText { at: host, text: "x".to_owned() }
    ));
}

#[test]
fn a_bus_hears_of_objects_what_each_event_has() {
    let created = objects::named("object-created", "a b");
    assert_eq!(created["detail"]["object"]["key"], "a b");
    assert_eq!(created["detail"]["source-ip-address"], facts::SOURCE_IP);
    let expired = objects::named("object-marked-expired", "a");
    assert_eq!(expired["detail"]["requester"], "s3.amazonaws.com");
    assert_eq!(expired["detail"].get("source-ip-address"), None);
    assert_eq!(expired["detail"]["object"].get("size"), None);
}

#[test]
fn what_aws_sets_cannot_be_changed() {
    for source in sources() {
        for seed in crate::seeds::seeds(source, &crate::lexicon::Lexicon::default()) {
            let Wire::Event(event) = &seed.wire else { panic!("{}", seed.name) };
            let points = seed.wire.points(source);
            event.walk(&Path::root(), &mut |path, _| {
                let at = Locator::Json { path: path.clone() };
                let is_point = points.iter().any(|point| point.locator == at);
                let is_named = naming_rule(rules(source, event), path).is_some();
                if is_point || is_named || rule_at(source, event, rules(source, event), path).is_some() {
                    return;
                }
                for edit in [
                    Edit::SetText { at: at.clone(), text: "x".to_owned() },
                    Edit::SetNode { at: at.clone(), node: Node::Null },
                    Edit::Remove { at: at.clone() },
                    Edit::Add { at: Locator::Json { path: path.member("more") }, text: "x".to_owned() },
                ] {
                    let mut wire = seed.wire.clone();
                    assert!(!apply(&mut wire, source, &edit), "{source:?} {}: {edit:?}", seed.name);
                }
            });
        }
    }
}

#[test]
fn what_a_sender_says_can_be_changed() {
    let seed = seed_from_event("a", &sns(r#"{"a":{"b":1}}"#, None, &[]));
    let at = |path: &str| Locator::Json { path: Path::from(format!("/Records/0/Sns/Message»json»{path}")) };
    let mut case = TestCase::new(seed);
    case.edits = vec![
        Edit::SetNode { at: at("/a/b"), node: Node::Raw("1e999".to_owned()) },
        Edit::Add { at: at("/new"), text: "x".to_owned() },
    ];
    assert_eq!(case.render().event["Records"][0]["Sns"]["Message"], json!(r#"{"a":{"b":1e999},"new":"x"}"#));
    case.edits = vec![Edit::Remove { at: at("/a") }];
    assert_eq!(case.render().event["Records"][0]["Sns"]["Message"], json!("{}"));
}

#[test]
fn limits_and_characters() {
    let refused = |event: Value, source, path: &str, text: &str| {
        let mut seed = Seed::new("a", source, Wire::parse(source, &event).unwrap());
        let at = Locator::Json { path: Path::from(path.to_owned()) };
        !apply(&mut seed.wire, source, &Edit::SetText { at, text: text.to_owned() })
    };
    let subject =
        |text: &str| refused(sns("a", Some("b"), &[]), EventSource::Sns, "/Records/0/Sns/Subject", text);
    assert!(!subject("it's $(fine)") && subject("two\nlines") && subject(&"x".repeat(100)) && subject(""));
    let message = |text: &str| refused(sns("a", None, &[]), EventSource::Sns, "/Records/0/Sns/Message", text);
    assert!(!message("\n") && message("") && message(&"x".repeat(256 * 1024 + 1)));
    let key =
        |text: &str| refused(kinesis(&[b"a"]), EventSource::Kinesis, "/Records/0/kinesis/partitionKey", text);
    assert!(!key("\u{1}") && key("") && key(&"x".repeat(257)));
}
