//! Tests of events as people have them.

use serde_json::json;

use super::*;

/// A message of a queue, as the functions of these tests log it.
fn event() -> Value {
    json!({ "Records": [{ "messageId": "m", "eventSource": "aws:sqs", "body": "it's \"x\" \\ \u{1f600}\n" }] })
}

fn events(content: &str) -> Vec<Value> {
    let found = read(content.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{content}"));
    found.into_iter().map(|it| it.event).collect()
}

#[track_caller]
fn check(content: &str) {
    assert_eq!(events(content), [event()], "{content}");
}

#[track_caller]
fn check_not(content: &str, said: &[&str]) {
    let error = read(content.as_bytes()).unwrap_err().to_string();
    for part in said {
        assert!(error.contains(part), "{part:?} is missing in {error:?}");
    }
}

#[test]
fn an_event_is_all_of_a_file() {
    check(&event().to_string());
    check(&serde_json::to_string_pretty(&event()).unwrap());
    check(&format!("\u{feff}{}\r\n", event()));
    for other in [json!({ "name": "x" }), json!("text"), json!(7), json!([{ "a": [] }]), json!({})] {
        assert_eq!(events(&other.to_string()), [other]);
    }
    // Of what people log, only a log is opened.
    let about = json!({ "events": [{ "message": event().to_string(), "timestamp": 1 }] });
    assert_eq!(events(&about.to_string()), [about]);
    let answer = json!({ "statusCode": 200, "multiValueHeaders": {}, "body": "x" });
    assert_eq!(events(&answer.to_string()), [answer]);
    let text = json!("see {\"a\":1}");
    assert_eq!(events(&text.to_string()), [text]);
    // A text of an event is one that was written twice.
    check(&json!(event().to_string()).to_string());
}

#[test]
fn encodings_of_files() {
    let text = event().to_string();
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let packed = Codec::Gzip.encode(&crate::tree::Node::text(&format!("2026-03-04T05:06:07.890Z {text}\n")));
    for content in [wide, packed] {
        assert_eq!(read(&content).unwrap()[0].event, event());
    }
    assert_eq!(read(&[0x80, 0x81]), Err(NotShown::Encoding));
}

#[test]
fn lines_of_logs() {
    let (one, pretty) = (event().to_string(), serde_json::to_string_pretty(&event()).unwrap());
    let node = "2026-03-04T05:06:07.890Z\t8f507cfc-4697-4c07-ac80-123456789012\tINFO\t";
    check(&format!(
        "INIT_START Runtime Version: nodejs:22.v1\nSTART RequestId: 8f507cfc Version: $LATEST\n{node}{one}\n\
         END RequestId: 8f507cfc\nREPORT RequestId: 8f507cfc\tDuration: 2.15 ms\n"
    ));
    check(&format!("{node}EVENT: {one} (got it)\n{node}{{\"statusCode\":200,\"body\":\"{{}}\"}}\n"));
    check(&format!(
        "2026/03/04/[$LATEST]0123abcd 2026-03-04T05:06:07.890000+00:00 [INFO]\tT\t8f507cfc\t{one}"
    ));
    // `JSON.stringify(event, null, 2)` beside the environment and the context, as in AWS's examples; Lambda's Node writes
    // line feeds as returns.
    let environment = json!({ "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "PATH": "/bin" });
    let context = json!({ "callbackWaitsForEmptyEventLoop": true, "awsRequestId": "8f507cfc" });
    for pretty in [pretty.clone(), pretty.replace('\n', "\r")] {
        check(&format!(
            "{node}## ENVIRONMENT {environment:#}\n{node}## CONTEXT {context}\n{node}## EVENT {pretty}\n"
        ));
    }
}

#[test]
fn what_python_node_and_ruby_print() {
    check(r#"{'Records': [{'messageId': 'm', 'eventSource': 'aws:sqs', 'body': 'it\'s "x" \\ 😀\n'}]}"#);
    check(
        "START RequestId: 7c3a Version: $LATEST\n\
         event: {'Records': [{'messageId': \"m\", 'eventSource': 'aws:sqs', 'body': 'it\\x27s \"x\" \\\\ \\U0001f600\\n'}]}",
    );
    check(
        "{\n  Records: [\n    {\n      messageId: 'm',\n      eventSource: 'aws:sqs',\n      body: `it's \"x\" \\\\ \
         \\uD83D\\uDE00` +\n        '\\n'\n    }\n  ]\n}\n",
    );
    check(
        r#"{"Records"=>[{"messageId" => "m", "eventSource"=>"aws:sqs", "body"=>"it's \"x\" \\ \u{1F600}\n"}]}"#,
    );
    let words = r#"2026 INFO {'httpMethod': 'GET', 'a': True, 'b': None, "c": [1, -2.5e3, False], 'd': {},}"#;
    let expected = json!({ "httpMethod": "GET", "a": true, "b": null, "c": [1, -2.5e3, false], "d": {} });
    assert_eq!(events(words), [expected]);
    let query = "{ rawPath: '/', queryStringParameters: [Object: null prototype] { a: undefined } }";
    assert_eq!(events(query), [json!({ "rawPath": "/", "queryStringParameters": { "a": null } })]);
}

#[test]
fn records_of_logs_in_json() {
    let head = r#""timestamp":"2026-03-04T05:06:07.890Z","level":"INFO","requestId":"8f507cfc""#;
    let one = event().to_string();
    let quoted = json!(one).to_string();
    let platform =
        r#"{"time":"2026-03-04T05:06:07.890Z","type":"platform.start","record":{"requestId":"8f507cfc"}}"#;
    check(&format!("{platform}\n{{{head},\"message\":{one}}}\n"));
    check(&format!("{{{head},\"message\":{quoted}}}"));
    let told = json!({ "timestamp": "t", "level": "INFO", "message": format!("EVENT {one}") });
    check(&told.to_string());
    // Powertools, with `log_event` and `logEventIfEnabled`.
    check(&format!(
        "{{{head},\"location\":\"decorate:352\",\"message\":{one},\"service\":\"orders\",\"xray_trace_id\":\"1-2\"}}"
    ));
    check(&format!("{{{head},\"message\":\"Lambda invocation event\",\"event\":{one}}}"));
    // A direct invocation.
    let direct =
        format!("{platform}\n{{{head},\"message\":{{\"name\":\"x\"}}}}\n{{\"_aws\":{{}},\"Errors\":1}}\n");
    assert_eq!(events(&direct), [json!({ "name": "x" })]);
}

#[test]
fn exports_of_log_groups() {
    let line = format!("2026-03-04T05:06:07.890Z\t8f507cfc\tINFO\t{}\n", event());
    let start = "START RequestId: 8f507cfc Version: $LATEST\n";
    check(
        &json!([{ "@timestamp": "t", "@message": start }, { "@timestamp": "t", "@message": line }])
            .to_string(),
    );
    // The console shows messages that are JSON as such.
    let record = json!({ "timestamp": "t", "level": "INFO", "message": event() });
    check(&json!([{ "@message": record }]).to_string());
    let entry =
        |message: &str| json!({ "timestamp": 1, "message": message, "ingestionTime": 2, "eventId": "3" });
    let filtered = json!({ "events": [entry(start), entry(&line)], "searchedLogStreams": [] });
    check(&filtered.to_string());
    check(&filtered["events"].to_string());
    assert_eq!(read(filtered.to_string().as_bytes()).unwrap()[0].place, Place::Entry(2));
    let field = |name: &str, value: &str| json!({ "field": name, "value": value });
    check(
        &json!({ "results": [[field("@ptr", "x"), field("@message", &line)]], "status": "Complete" })
            .to_string(),
    );
    let subscription = json!({ "messageType": "DATA_MESSAGE", "logEvents": [{ "id": "1", "timestamp": 1, "message": line }] });
    check(&subscription.to_string());
    let cell = line.replace('"', "\"\"");
    check(&format!("timestamp,message\n1772600767890,\"{start}\"\n1772600767890,\"{cell}\"\n"));
    check(&format!("@timestamp,@message\r\n2026-03-04 05:06:07.890,\"{cell}\"\r\n"));
}

#[test]
fn test_events_of_the_console() {
    let schema = json!({ "openapi": "3.0.0", "info": { "title": "Event" }, "components": {
        "schemas": { "Event": { "type": "object" } },
        "examples": { "queue": { "value": event() }, "own": { "value": { "name": "x" } } },
    } });
    let described =
        json!({ "Content": schema.to_string(), "SchemaName": "_orders-schema", "Type": "OpenApi3" });
    for content in [schema, described] {
        let found = read(content.to_string().as_bytes()).unwrap();
        assert_eq!(found[0].event, event());
        assert_eq!(found[0].place.to_string(), "test event queue");
    }
}

#[test]
fn several_events() {
    let other = json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "n", "body": "other", "attributes": {} }] });
    for content in [
        format!("{}\n{other}\n", event()),
        format!("{:#}\n{other:#}", event()),
        json!([event(), other]).to_string(),
        format!("[{}, {other}]", event()).replace('"', "'").replace("it's \\'x\\'", "it\\'s \"x\""),
    ] {
        assert_eq!(events(&content), [event(), other.clone()], "{content}");
    }
    let own = "{\"name\":\"x\"}\n{\"name\":\"y\"}\n{\"name\":\"z\",\"more\":1}\n";
    let found = read(own.as_bytes()).unwrap();
    assert_eq!(found.len(), 3);
    let lines: Vec<String> = of_different_shapes(found).iter().map(|it| it.place.to_string()).collect();
    assert_eq!(lines, ["line 1", "line 3"]);
}

#[test]
fn what_is_wrong_is_told() {
    check_not("{", &["not valid JSON", "line 1"]);
    check_not("{\"Records\": [{\"a\": 1}", &["not valid JSON"]);
    check_not("", &["no JSON", "JSON.stringify"]);
    check_not("START RequestId: 7c3a Version: $LATEST\nEND RequestId: 7c3a", &["no JSON", "json.dumps"]);
    // As Java prints maps.
    check_not("{Records=[{messageId=m}]}", &["not valid JSON"]);
    check_not("INFO { Records: [ [Object] ] }", &["line 1", "without its inner parts", "JSON.stringify"]);
    check_not("\nINFO { a: { b: { c: [Object] } }, d: [ 1, ... 3 more items ] }", &["line 2", "inner parts"]);
    check_not("a\nb\nINFO {\"Records\": [{\"body\": \"x\nEND", &["line 3", "does not end", "cut"]);
    check_not("INFO {\"_aws\": {}} {\"statusCode\": 200} {}", &["none of the 3 objects"]);
    let entry = json!({ "timestamp": 1, "message": "START\n", "ingestionTime": 2 });
    check_not(&json!({ "events": [entry] }).to_string(), &["no JSON"]);
}

#[test]
fn what_nobody_writes_is_read_in_time() {
    for content in
        ["[".repeat(200_000), "{a:".repeat(200_000), "{'a':[".repeat(100_000), "{'".repeat(100_000)]
    {
        assert!(read(content.as_bytes()).is_err());
    }
}
