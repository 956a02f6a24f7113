//! Tests of grades: which unusual events AWS delivers, and which only a forger does.

use serde_json::json;

use super::*;
use crate::{
    case::{Seed, tests::all_seeds},
    cover,
    lexicon::Lexicon,
    raw::JsonType,
    seeds::seeds,
    tree::Node,
    wire::{
        dynamodb::{AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation, ViewType},
        http::HttpRequest,
        s3::{S3EventName, S3Operation},
        sqs::{MessageAttribute, SqsBatch, SqsMessage},
    },
};

const REMOVE: RawChange = RawChange::Remove;
const NULL: RawChange = RawChange::Null;
const EMPTY: RawChange = RawChange::Empty;
const OBJECT: RawChange = RawChange::Retype(JsonType::Object);

fn case(seed: Seed, changes: &[(&str, RawChange)]) -> TestCase {
    let edit =
        |(at, change): &(&str, RawChange)| Edit::Raw(RawEdit { at: (*at).to_owned(), change: *change });
    TestCase { seed: seed.into(), edits: changes.iter().map(edit).collect() }
}

/// Grades one change of `seed`, after looking whether it is in the event.
#[track_caller]
fn check(seed: &Seed, at: &str, change: RawChange, wanted: Grade) -> Value {
    let case = case(seed.clone(), &[(at, change)]);
    assert_eq!(case.grade(), wanted, "{} {at} {change:?}", seed.source.id());
    let event = case.render().event;
    match change {
        RawChange::Remove => assert_eq!(event.pointer(at), None, "{at} is there"),
        RawChange::Null => assert_eq!(event.pointer(at), Some(&Value::Null), "{at}"),
        RawChange::Empty | RawChange::Retype(_) => {
            assert_ne!(event.pointer(at), seed.event().pointer(at), "{at}");
        }
    }
    event
}

fn request(source: EventSource) -> Seed {
    let mut request = HttpRequest::get("/orders/7");
    request.route = "/orders/{id}".to_owned();
    request.method = "POST".to_owned();
    request.query = vec![("page".to_owned(), Node::text("2"))];
    request.cookies = vec![("session".to_owned(), Node::text("abc"))];
    request.headers = vec![("content-type".to_owned(), Node::text("application/json"))];
    request.body = Some(Node::json(Node::from(json!({ "name": "x" }))));
    Seed::new("request", source, Wire::Http(request))
}

#[test]
fn what_is_not_in_a_request_has_no_key_in_the_event_of_an_http_api() {
    let seed = request(EventSource::ApiGatewayHttp);
    let event = check(&seed, "/body", REMOVE, Grade::Genuine);
    assert_eq!(event.pointer("/headers/content-length"), None, "what is derived agrees");
    check(&seed, "/cookies", REMOVE, Grade::Genuine);
    let event = check(&seed, "/queryStringParameters", REMOVE, Grade::Genuine);
    assert_eq!(event["rawQueryString"], "");
    let event = check(&seed, "/pathParameters", REMOVE, Grade::Genuine);
    assert_eq!(event["routeKey"], "POST /orders/7", "a route without variables");
    let event = check(&seed, "/headers/content-type", REMOVE, Grade::Genuine);
    assert_eq!(event["isBase64Encoded"], true, "a body without type is not taken for text");
    for (at, change) in [
        ("/body", NULL),
        ("/body", EMPTY),
        ("/body", OBJECT),
        ("/cookies", NULL),
        ("/queryStringParameters", NULL),
        ("/pathParameters", NULL),
        ("/headers", REMOVE),
        ("/headers/host", REMOVE),
        ("/requestContext", REMOVE),
        ("/requestContext/http/method", REMOVE),
        ("/requestContext/domainName", EMPTY),
        ("/rawPath", REMOVE),
        ("/version", REMOVE),
        ("", NULL),
        ("", EMPTY),
    ] {
        check(&seed, at, change, Grade::Forged);
    }
}

#[test]
fn what_is_not_in_a_request_is_null_in_the_event_of_a_rest_api() {
    let seed = request(EventSource::ApiGatewayRest);
    check(&seed, "/body", NULL, Grade::Genuine);
    let event = check(&seed, "/queryStringParameters", NULL, Grade::Genuine);
    assert_eq!(event["multiValueQueryStringParameters"], Value::Null, "it says the same");
    let event = check(&seed, "/multiValueHeaders/content-type", REMOVE, Grade::Genuine);
    assert_eq!(event.pointer("/headers/content-type"), None);
    let event = check(&seed, "/pathParameters", NULL, Grade::Genuine);
    assert_eq!(event["resource"], "/orders/7", "a resource without variables");
    for (at, change) in [
        ("/body", REMOVE),
        ("/queryStringParameters", REMOVE),
        ("/pathParameters", REMOVE),
        ("/headers", NULL),
        ("/multiValueHeaders", NULL),
        ("/httpMethod", NULL),
        ("/requestContext/identity", REMOVE),
        ("/requestContext/stage", EMPTY),
        ("/isBase64Encoded", RawChange::Retype(JsonType::Text)),
    ] {
        check(&seed, at, change, Grade::Forged);
    }
}

#[test]
fn what_an_api_is_configured_with_is_there_or_not() {
    for source in [EventSource::ApiGatewayRest, EventSource::ApiGatewayHttp] {
        let mut seed = request(source);
        let Wire::Http(request) = &mut seed.wire else { unreachable!() };
        request.api.stage_variables = Some(json!({ "table": "orders" }));
        request.api.authorizer = Some(Node::from(json!({ "jwt": { "claims": { "email": "a@b.example" } } })));
        let absent = if source == EventSource::ApiGatewayRest { NULL } else { REMOVE };
        check(&seed, "/stageVariables", absent, Grade::Genuine);
        check(&seed, "/requestContext/authorizer", REMOVE, Grade::Genuine);
        check(&seed, "/stageVariables/table", NULL, Grade::Forged);
        check(&seed, "/stageVariables", EMPTY, Grade::Forged);
        check(&seed, "/requestContext/authorizer", EMPTY, Grade::Forged);
        check(&seed, "/requestContext/authorizer/jwt", NULL, Grade::Forged);
    }
}

#[test]
fn attributes_of_messages_have_no_lists() {
    let mut message = SqsMessage::new(Node::text("hello"));
    message.group = Some("a".to_owned());
    message.deduplication = Some("b".to_owned());
    let mut fifo = SqsBatch::new(vec![message.clone()]);
    fifo.queue_arn.push_str(".fifo");
    let plain = Seed::new("plain", EventSource::Sqs, Wire::Sqs(SqsBatch::new(vec![message.clone()])));
    message.attributes = vec![("kind".to_owned(), MessageAttribute::string("x"))];
    let seed = Seed::new("attribute", EventSource::Sqs, Wire::Sqs(SqsBatch::new(vec![message])));
    let attribute = "/Records/0/messageAttributes/kind";
    check(&seed, &format!("{attribute}/stringListValues"), REMOVE, Grade::Genuine);
    check(&seed, &format!("{attribute}/binaryListValues"), REMOVE, Grade::Genuine);
    check(&seed, &format!("{attribute}/stringValue"), REMOVE, Grade::Forged);
    check(&seed, &format!("{attribute}/dataType"), REMOVE, Grade::Forged);
    for (at, change) in [(attribute, REMOVE), ("/Records/0/messageAttributes", EMPTY)] {
        let event = check(&seed, at, change, Grade::Genuine);
        assert_eq!(event.pointer("/Records/0/md5OfMessageAttributes"), Some(&Value::Null));
    }
    check(&plain, "/Records/0/md5OfMessageAttributes", REMOVE, Grade::Genuine);
    check(&seed, "/Records/0/md5OfMessageAttributes", REMOVE, Grade::Forged);
    check(&seed, "/Records/0/md5OfMessageAttributes", NULL, Grade::Forged);
    // A group is a matter of choice, but not in a FIFO queue.
    let group = "/Records/0/attributes/MessageGroupId";
    check(&plain, group, REMOVE, Grade::Genuine);
    check(&plain, group, EMPTY, Grade::Forged);
    check(&Seed::new("fifo", EventSource::Sqs, Wire::Sqs(fifo)), group, REMOVE, Grade::Forged);
    for (at, change) in [
        ("/Records", EMPTY),
        ("/Records", NULL),
        ("/Records", REMOVE),
        ("/Records/0", NULL),
        ("/Records/0", RawChange::Retype(JsonType::List)),
        ("/Records/0/body", REMOVE),
        ("/Records/0/body", EMPTY),
        ("/Records/0/body", OBJECT),
        ("/Records/0/messageId", REMOVE),
        ("/Records/0/messageId", EMPTY),
        ("/Records/0/messageAttributes", REMOVE),
        ("/Records/0/attributes/ApproximateReceiveCount", RawChange::Retype(JsonType::Number)),
        ("/Records/0/eventSourceARN", EMPTY),
        ("/Records/0/awsRegion", NULL),
    ] {
        check(&plain, at, change, Grade::Forged);
    }
}

#[test]
fn s3_leaves_out_what_the_kind_of_event_has_not() {
    let seed = Seed::new("put", EventSource::S3, Wire::S3(S3Operation::put("a.txt")));
    let object = "/Records/0/s3/object";
    for (member, change) in [("size", REMOVE), ("size", NULL), ("eTag", REMOVE), ("sequencer", REMOVE)] {
        check(&seed, &format!("{object}/{member}"), change, Grade::Forged);
    }
    check(&seed, &format!("{object}/key"), EMPTY, Grade::Forged);
    check(&seed, "/Records/0/s3/bucket/name", EMPTY, Grade::Forged);
    check(&seed, "/Records/0/awsRegion", EMPTY, Grade::Forged);
    check(&seed, "/Records", EMPTY, Grade::Forged);
    // What nobody changes is what its sender makes.
    let deleted = TestCase {
        edits: vec![Edit::EventName(S3EventName::RemovedDelete), Edit::Size(7)],
        seed: seed.clone().into(),
    };
    assert_eq!(deleted.render().event.pointer(&format!("{object}/size")), None);
    assert_eq!(deleted.grade(), Grade::Reachable);
    let mut also = deleted;
    also.edits.push(Edit::Raw(RawEdit { at: format!("{object}/size"), change: REMOVE }));
    assert_eq!(also.grade(), Grade::Reachable, "it changes nothing");
}

#[test]
fn images_follow_from_the_write_and_the_view() {
    let text = |name: &str, value: &str| (name.to_owned(), AttributeValue::text(value));
    let write = DynamoDbWrite {
        operation: Operation::Modify,
        keys: vec![text("pk", "1")],
        new: vec![
            text("a", "x"),
            text("b", "y"),
            ("c".to_owned(), AttributeValue::Ss(vec!["z".to_owned()])),
            ("d".to_owned(), AttributeValue::L(vec![AttributeValue::text("z")])),
        ],
        old: vec![text("a", "w")],
    };
    let seed =
        Seed::new("write", EventSource::DynamoDbStream, Wire::DynamoDb(DynamoDbBatch::new(vec![write])));
    let change = "/Records/0/dynamodb";
    let before = seed.event();
    let event = check(&seed, &format!("{change}/NewImage/a"), REMOVE, Grade::Genuine);
    let size = format!("{change}/SizeBytes");
    assert_ne!(event.pointer(&size), before.pointer(&size), "what is derived agrees");
    check(&seed, &format!("{change}/NewImage/b/S"), EMPTY, Grade::Genuine);
    check(&seed, &format!("{change}/NewImage/c/SS"), EMPTY, Grade::Forged);
    check(&seed, &format!("{change}/NewImage/c/SS/0"), REMOVE, Grade::Forged);
    check(&seed, &format!("{change}/NewImage/d/L/0"), REMOVE, Grade::Genuine);
    check(&seed, &format!("{change}/NewImage/d/L"), EMPTY, Grade::Genuine);
    for (at, change_to) in [
        ("/NewImage", REMOVE),
        ("/OldImage", REMOVE),
        ("/NewImage", NULL),
        ("/NewImage", EMPTY),
        ("/Keys", REMOVE),
        ("/Keys", EMPTY),
        ("/Keys/pk", REMOVE),
        ("/Keys/pk/S", EMPTY),
        ("/NewImage/a/S", RawChange::Retype(JsonType::Number)),
        ("/NewImage/a", EMPTY),
        ("/SizeBytes", REMOVE),
        ("/StreamViewType", REMOVE),
    ] {
        check(&seed, &format!("{change}{at}"), change_to, Grade::Forged);
    }
    check(&seed, "/Records/0/eventName", REMOVE, Grade::Forged);
    for (edit, missing) in [
        (Edit::Operation { record: 0, operation: Operation::Remove }, "NewImage"),
        (Edit::ViewType(ViewType::NewImage), "OldImage"),
        (Edit::ViewType(ViewType::KeysOnly), "NewImage"),
    ] {
        let case = TestCase { seed: seed.clone().into(), edits: vec![edit] };
        assert_eq!(case.render().event.pointer(&format!("{change}/{missing}")), None);
        assert_eq!(case.grade(), Grade::Reachable);
    }
}

#[test]
fn of_other_events_only_what_a_sender_wrote_can_be_otherwise() {
    let named = |source, name: &str| {
        let mut seeds = seeds(source, &Lexicon::default()).into_iter();
        seeds.find(|seed| seed.name == name).unwrap()
    };
    let sns = named(EventSource::Sns, "subject");
    check(&sns, "/Records/0/Sns/Subject", NULL, Grade::Genuine);
    for (at, change) in [
        ("/Records/0/Sns/Message", NULL),
        ("/Records/0/Sns/Message", EMPTY),
        ("/Records/0/Sns/TopicArn", REMOVE),
        ("/Records/0/Sns/MessageAttributes", REMOVE),
        ("/Records/0/EventSource", EMPTY),
        ("/Records", EMPTY),
    ] {
        check(&sns, at, change, Grade::Forged);
    }
    let mut event = named(EventSource::EventBridge, "json").event();
    event["detail"] = json!({ "order": { "id": 7 } });
    let bus = Wire::parse(EventSource::EventBridge, &event).unwrap();
    let bus = Seed::new("order", EventSource::EventBridge, bus);
    check(&bus, "/detail/order", REMOVE, Grade::Genuine);
    check(&bus, "/detail/order", NULL, Grade::Genuine);
    check(&bus, "/detail/order/id", RawChange::Retype(JsonType::Text), Grade::Genuine);
    check(&bus, "/detail", EMPTY, Grade::Genuine);
    for (at, change) in
        [("/detail", NULL), ("/detail", REMOVE), ("/source", REMOVE), ("/detail-type", NULL), ("/id", EMPTY)]
    {
        check(&bus, at, change, Grade::Forged);
    }
    let stream = named(EventSource::Kinesis, "text");
    check(&stream, "/Records/0/kinesis/partitionKey", REMOVE, Grade::Forged);
    check(&stream, "/Records/0/kinesis/data", NULL, Grade::Forged);
    let mut event = stream.event();
    event["window"] = json!({ "start": "2026-03-04T05:06:00Z", "end": "2026-03-04T05:08:00Z" });
    event["state"] = json!({ "sum": 1 });
    let window = Wire::parse(EventSource::Kinesis, &event).unwrap();
    let window = Seed::new("window", EventSource::Kinesis, window);
    check(&window, "/state/sum", REMOVE, Grade::Genuine);
    check(&window, "/state", REMOVE, Grade::Forged);
    check(&window, "/state", RawChange::Retype(JsonType::Text), Grade::Forged);
    let task = named(EventSource::StepFunctions, "context");
    check(&task, "/Execution/Input", REMOVE, Grade::Forged);
    check(&task, "/Execution/Input/kind", REMOVE, Grade::Genuine);
    let direct = Wire::Event(Node::from(json!({ "a": { "b": 1 } })));
    let direct = Seed::new("direct", EventSource::Direct, direct);
    check(&direct, "/a", REMOVE, Grade::Genuine);
    check(&direct, "", RawChange::Retype(JsonType::List), Grade::Genuine);
}

#[test]
fn several_changes_are_as_good_as_the_worst() {
    let seed = request(EventSource::ApiGatewayHttp);
    let grade = |changes: &[(&str, RawChange)]| case(seed.clone(), changes).grade();
    assert_eq!(grade(&[("/body", REMOVE), ("/cookies", REMOVE)]), Grade::Genuine);
    assert_eq!(grade(&[("/body", REMOVE), ("/pathParameters", REMOVE)]), Grade::Genuine);
    assert_eq!(grade(&[("/body", REMOVE), ("/headers", REMOVE)]), Grade::Forged);
    assert_eq!(grade(&[("/nothing", REMOVE)]), Grade::Reachable);
    assert_eq!(grade(&[]), Grade::Reachable);
}

/// Every structural case of every seed: it renders, reads back, and what is called genuine is what a sender makes.
#[test]
fn every_genuine_event_is_one_that_the_model_makes() {
    let mut seen = [0, 0, 0];
    for (number, seed) in all_seeds().into_iter().enumerate() {
        // Seeds of one source have most places in common.
        for edit in cover::raw(&seed, &Lexicon::default()).into_iter().skip(number % 8).step_by(8) {
            let case = TestCase { seed: seed.clone().into(), edits: vec![Edit::Raw(edit.clone())] };
            let json = serde_json::to_string(&case).unwrap();
            assert_eq!(serde_json::from_str::<TestCase>(&json).unwrap(), case);
            let rendered = case.render();
            assert_eq!(rendered.event, case.render().event);
            let Some(changed) = change(seed.source, &seed.wire, &[&edit]) else {
                assert_eq!(case.grade(), Grade::Reachable);
                continue;
            };
            assert_eq!(case.grade(), changed.grade);
            assert_ne!(changed.event, seed.event(), "{edit}");
            seen[changed.grade as usize] += 1;
            if let Some(wire) = changed.wire {
                assert_eq!(changed.grade, Grade::Genuine);
                assert!(wire.leaves().sendable(seed.source), "{edit}");
                let same = TestCase::new(Seed { wire, ..seed.clone() });
                // JSON inside of texts may lose blanks, which no event of ours has.
                assert_eq!(same.render().event, rendered.event, "{} {edit}", seed.source.id());
            }
        }
    }
    let [_, genuine, forged] = seen;
    assert!(genuine > 100 && forged > 1_000, "{genuine} genuine, {forged} forged");
}
