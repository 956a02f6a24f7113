//! Tests of delivery commands, with the real shell.

use crate::tree::Node;
use std::process::Command;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{
    case::Seed,
    source::EventSource,
    wire::{http::HttpRequest, sqs::MessageAttribute},
};

/// The arguments that `sh` makes of a command, its first word replaced by `printf`.
fn arguments(command: &str) -> Vec<String> {
    let (_, rest) = command.split_once(' ').unwrap();
    let script = format!("printf '%s\\0' {rest}");
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(output.status.success(), "{command}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

fn case(source: EventSource, wire: Wire) -> TestCase {
    TestCase::new(Seed::new("x", source, wire))
}

#[track_caller]
fn check(source: EventSource, wire: Wire, expected: Expect) {
    expected.assert_eq(&command(&case(source, wire)));
}

fn post(body: &str) -> HttpRequest {
    let mut request = HttpRequest::get("/a b");
    request.method = "POST".to_owned();
    request.query = vec![("q".to_owned(), Node::text("$(x)'&"))];
    request.headers = vec![("X-Y".to_owned(), Node::text("it's")), ("X-Z".to_owned(), Node::text(""))];
    request.cookies = vec![("c".to_owned(), Node::text("1"))];
    request.body = Some(Node::text(body));
    request
}

#[test]
fn http_is_curl() {
    check(
        EventSource::ApiGatewayRest,
        Wire::Http(HttpRequest::get("/a")),
        expect![[r#"curl --globoff --path-as-is -sS "$API_URL"/a"#]],
    );
    check(
        EventSource::ApiGatewayRest,
        Wire::Http(post("$(x)'\n\"")),
        expect![[r#"
        curl --globoff --path-as-is -sS -X POST -H 'X-Y: it'\''s' -H 'X-Z;' -H 'Cookie: c=1' -H 'Content-Type:' --data-binary '$(x)'\''
        "' "$API_URL"'/a%20b?q=%24%28x%29%27%26'"#]],
    );
    check(
        EventSource::ApiGatewayHttp,
        Wire::Http(post("@file")),
        expect![[
            r#"printf %s QGZpbGU= | base64 -d | curl --globoff --path-as-is -sS -X POST -H 'X-Y: it'\''s' -H 'X-Z;' -H 'Cookie: c=1' -H 'Content-Type:' --data-binary @- "$API_URL"'/a%20b?q=%24%28x%29%27%26'"#
        ]],
    );
}

#[test]
fn http_apis_decode_paths_twice() {
    let request = || HttpRequest::get("/a%b?c d/ü");
    let rest = command(&case(EventSource::ApiGatewayRest, Wire::Http(request())));
    assert!(rest.ends_with("/a%25b%3Fc%20d/%C3%BC"), "{rest}");
    let http = command(&case(EventSource::ApiGatewayHttp, Wire::Http(request())));
    assert!(http.ends_with("/a%2525b%253Fc%20d/%C3%BC"), "{http}");
}

#[test]
fn every_http_source_has_its_url() {
    check(
        EventSource::FunctionUrl,
        Wire::Http(HttpRequest::get("/a b")),
        expect![[r#"curl --globoff --path-as-is -sS "${FUNCTION_URL%/}"/a%20b"#]],
    );
    // Nothing is decoded on the way, so as little as can be is encoded.
    check(
        EventSource::AlbMulti,
        Wire::Http(post("x")),
        expect![[
            r#"curl --globoff --path-as-is -sS -X POST -H 'X-Y: it'\''s' -H 'X-Z;' -H 'Cookie: c=1' -H 'Content-Type:' --data-binary x "$ALB_URL"'/a%20b?q=$(x)'\''%26'"#
        ]],
    );
    check(
        EventSource::Alb,
        Wire::Http(HttpRequest::health_check("/")),
        expect!["# the load balancer sends it itself, to /, once health checks are enabled"],
    );
    check(
        EventSource::WebSocket,
        Wire::Http(HttpRequest::message("$default", Node::text("it's $(x)"))),
        expect![[r#"wscat -c "$WEBSOCKET_URL" -x 'it'\''s $(x)'"#]],
    );
    let mut connect = HttpRequest::get("/");
    connect.act = crate::wire::http::Act::Connect;
    connect.query = vec![("room".to_owned(), Node::text("a b"))];
    check(
        EventSource::WebSocket,
        Wire::Http(connect),
        expect![[r#"wscat -c "$WEBSOCKET_URL"'?room=a%20b'"#]],
    );
    let sender = crate::wire::event::sender(EventSource::AuthorizerToken).unwrap();
    let asked = crate::seeds::seed_from_event("a", &sender.saying(&json!("it's")));
    let command = command(&TestCase::new(asked));
    assert_eq!(command, r#"curl -sS -H 'Authorization: it'\''s' "$API_URL"/orders"#);
}

#[test]
fn s3_is_an_api_call() {
    check(
        EventSource::S3,
        Wire::S3(S3Operation::put("a '$(x)'.txt")),
        expect![[r#"aws s3api put-object --bucket "$BUCKET" --key='a '\''$(x)'\''.txt'"#]],
    );
    let event = S3EventName::RemovedDelete;
    let removed = S3Operation { event, ..S3Operation::put("-a") };
    check(
        EventSource::S3,
        Wire::S3(removed),
        expect![[r#"aws s3api delete-object --bucket "$BUCKET" --key=-a"#]],
    );
}

#[test]
fn sqs_sends_each_message() {
    let mut message = SqsMessage::new(Node::json(Node::from(json!({ "a": "it's" }))));
    message.attributes = vec![("kind".to_owned(), MessageAttribute::string("$(x)"))];
    message.group = Some("g;".to_owned());
    let batch = SqsBatch::new(vec![message, SqsMessage::new(Node::text("b"))]);
    check(
        EventSource::Sqs,
        Wire::Sqs(batch),
        expect![[r#"
        aws sqs send-message --queue-url "$QUEUE_URL" --message-body='{"a":"it'\''s"}' --message-attributes='{"kind":{"DataType":"String","StringValue":"$(x)"}}' --message-group-id='g;'
        aws sqs send-message --queue-url "$QUEUE_URL" --message-body=b"#]],
    );
}

#[test]
fn dynamodb_writes_the_state_before_too() {
    let text = |it: &str| attribute::AttributeValue::text(it);
    let write = DynamoDbWrite {
        operation: Operation::Modify,
        keys: vec![("pk".to_owned(), text("1"))],
        new: vec![("a".to_owned(), text("it's"))],
        old: vec![("a".to_owned(), text("old"))],
    };
    let batch = DynamoDbBatch::new(vec![write]);
    check(
        EventSource::DynamoDbStream,
        Wire::DynamoDb(batch),
        expect![[r#"
        aws dynamodb put-item --table-name "$TABLE" --item='{"pk":{"S":"1"},"a":{"S":"old"}}'
        aws dynamodb put-item --table-name "$TABLE" --item='{"pk":{"S":"1"},"a":{"S":"it'\''s"}}'"#]],
    );
}

#[test]
fn direct_is_an_invocation() {
    check(
        EventSource::Direct,
        Wire::Event(Node::from(json!({ "a": "it's" }))),
        expect![[
            r#"aws lambda invoke --function-name "$FUNCTION" --cli-binary-format raw-in-base64-out --payload='{"a":"it'\''s"}' /dev/stdout"#
        ]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_shell_reads_back_what_is_quoted(text in any::<String>(), hard in "['\"$`\\\\\n !*-]{0,9}") {
        let text = text.replace('\0', "");
        let words = arguments(&format!("x {} {}", quote(&text), quote(&hard)));
        prop_assert_eq!(words, vec![text, hard]);
    }

    #[test]
    fn curl_gets_the_body(body in "[^\0@]([^\0]{0,20})") {
        let words = arguments(&command(&case(EventSource::ApiGatewayRest, Wire::Http(post(&body)))));
        let at = words.iter().position(|it| it == "--data-binary").unwrap();
        prop_assert_eq!(&words[at + 1], &body);
    }
}

#[test]
fn an_event_goes_to_the_bus_that_the_shell_names() {
    let bus = crate::wire::event::sender(EventSource::EventBridge).unwrap();
    let event = bus.saying(&json!({ "a": "it's $BUS" }));
    let command = command(&TestCase::new(crate::seeds::seed_from_event("a", &event)));
    let script = format!("aws() {{ shift 2; printf %s \"$1\"; }}; BUS=mine; {command}");
    let said = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap().stdout;
    let entries = String::from_utf8(said).unwrap();
    let entries: serde_json::Value =
        serde_json::from_str(entries.strip_prefix("--entries=").unwrap()).unwrap();
    assert_eq!(entries[0]["EventBusName"], "mine");
    assert_eq!(entries[0]["Detail"], json!({ "a": "it's $BUS" }).to_string());
}

#[test]
fn what_was_changed_is_sent_if_a_sender_can() {
    let with = |at: &str| {
        let mut case = case(EventSource::ApiGatewayHttp, Wire::Http(post("x")));
        let change = crate::raw::RawChange::Remove;
        case.edits.push(crate::edit::Edit::Raw(crate::raw::RawEdit { at: at.to_owned(), change }));
        case
    };
    let genuine = command(&with("/cookies"));
    assert!(genuine.starts_with("curl") && !genuine.contains("Cookie"), "{genuine}");
    let forged = command(&with("/headers"));
    let (note, invoke) = forged.split_once('\n').unwrap();
    assert!(note.starts_with("# no sender can make this event"), "{note}");
    let words = arguments(invoke);
    let payload = words.iter().find_map(|it| it.strip_prefix("--payload=")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(payload).unwrap(), with("/headers").render().event);
}
