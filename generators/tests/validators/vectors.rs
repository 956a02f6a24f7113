//! Values that AWS itself published or that were recorded on it: checksums, sizes, and one request in all shapes.

use evfuzz_generators::{
    source::EventSource,
    tree::Node,
    wire::{
        Wire,
        dynamodb::{AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation},
        http::HttpRequest,
        sqs::{MessageAttribute, SqsBatch, SqsMessage, md5_of_attributes},
    },
};
use serde_json::{Value, json};

use crate::{facts, shapes::captured};

#[test]
fn checksums_are_those_recorded_on_aws() {
    // LocalStack's record of AWS.
    let attribute = MessageAttribute::new;
    let mut message = SqsMessage::new(Node::text("hello"));
    message.attributes = vec![
        ("Title".to_owned(), attribute("String", "The Whistler")),
        ("Author".to_owned(), attribute("String", "John Grisham")),
        ("WeeksOn".to_owned(), attribute("Number", "6")),
    ];
    let recorded = "d25a6aea97eb8f585bfa92d314504a92";
    assert_eq!(md5_of_attributes(&message.attributes), recorded);
    let event = Wire::Sqs(SqsBatch::new(vec![message])).render(EventSource::Sqs);
    let record = &event["Records"][0];
    assert_eq!(record["md5OfMessageAttributes"], json!(recorded));
    // The code that judges events agrees.
    assert_eq!(facts::md5_of_attributes(record["messageAttributes"].as_object().unwrap()), recorded);
    // RFC 1321; AWS Lambda developer guide, "Using Lambda with Amazon SQS", the example event.
    let published =
        [("abc", "900150983cd24fb0d6963f7d28e17f72"), ("Test message.", "e4e68fb7bd0e697a0ae8f1bb342846b3")];
    for (body, md5) in published {
        let message = SqsMessage::new(Node::text(body));
        let event = Wire::Sqs(SqsBatch::new(vec![message])).render(EventSource::Sqs);
        assert_eq!(event["Records"][0]["md5OfBody"], json!(md5));
        assert_eq!(event["Records"][0]["md5OfMessageAttributes"], Value::Null);
    }
}

/// AWS Lambda developer guide, "Using Lambda with DynamoDB": the three records of the example event.
#[test]
fn sizes_of_records_are_those_of_the_guide() {
    let message = |text: &str| vec![("Message".to_owned(), AttributeValue::text(text))];
    let write = |operation, new, old| {
        let keys = vec![("Id".to_owned(), AttributeValue::N("101".to_owned()))];
        DynamoDbWrite { operation, keys, new, old }
    };
    let (first, second) = (message("New item!"), message("This item has changed"));
    let batch = DynamoDbBatch::new(vec![
        write(Operation::Insert, first.clone(), Vec::new()),
        write(Operation::Modify, second.clone(), first),
        write(Operation::Remove, Vec::new(), second),
    ]);
    let event = Wire::DynamoDb(batch).render(EventSource::DynamoDbStream);
    let sizes: Vec<&Value> =
        event["Records"].as_array().unwrap().iter().map(|it| &it["dynamodb"]["SizeBytes"]).collect();
    assert_eq!(sizes, [&json!(26), &json!(59), &json!(38)]);
    for record in event["Records"].as_array().unwrap() {
        let images = ["Keys", "NewImage", "OldImage"].iter();
        let images = images.filter_map(|name| record["dynamodb"][*name].as_object());
        assert_eq!(json!(images.map(facts::size_of_item).sum::<usize>()), record["dynamodb"]["SizeBytes"]);
    }
}

/// What one source makes of the captured request: JSON pointers and what is there. `None`: nothing is.
type Shape = &'static [(&'static str, Option<&'static str>)];

/// The table "the same request through five sources", from the captures of hotsock/voker
/// (`vokerhttp/testdata`) and LocalStack's records of AWS. One column for each shape that is rendered.
///
/// In the query of a load balancer the client of the capture had encoded `:` and `/`, which ours writes as they are, as RFC
/// 3986 allows; `=` and `+` are encoded by both, and neither is decoded.
const SHAPES: &[(EventSource, Shape)] = &[
    (
        EventSource::ApiGatewayRest,
        &[
            ("/version", None),
            ("/path", Some(r#""/capture/space%20value""#)),
            ("/pathParameters/proxy", Some(r#""capture/space%20value""#)),
            ("/requestContext/path", Some(r#""/prod/capture/space%20value""#)),
            ("/queryStringParameters/repeat", Some(r#""two""#)),
            ("/multiValueQueryStringParameters/repeat", Some(r#"["one","two"]"#)),
            ("/queryStringParameters/redirect", Some(r#""https://example.com/a?b=c""#)),
            ("/queryStringParameters/literalPlus", Some(r#""a b""#)),
            ("/queryStringParameters/encodedPlus", Some(r#""a+b""#)),
            ("/queryStringParameters/empty", Some(r#""""#)),
            ("/headers/x-voker-probe", Some(r#""second""#)),
            ("/multiValueHeaders/x-voker-probe", Some(r#"["first","second"]"#)),
            ("/headers/content-type", Some(r#""application/json""#)),
            ("/headers/Accept", Some(r#""*/*""#)),
            ("/headers/User-Agent", Some(r#""probe/1""#)),
            ("/headers/Authorization", Some(r#""Bearer x.y.z""#)),
            ("/headers/cookie", Some(r#""session=abc123; theme=dark""#)),
            ("/headers/Connection", None),
            ("/headers/Content-Length", None),
            ("/cookies", None),
            ("/rawPath", None),
            ("/body", Some(r#""{\"a\":1}""#)),
            ("/isBase64Encoded", Some("false")),
        ],
    ),
    (
        EventSource::ApiGatewayHttp,
        &[
            ("/version", Some(r#""2.0""#)),
            ("/rawPath", Some(r#""/capture/space value""#)),
            ("/requestContext/http/path", Some(r#""/capture/space value""#)),
            ("/pathParameters/proxy", Some(r#""capture/space value""#)),
            ("/queryStringParameters/repeat", Some(r#""one,two""#)),
            ("/queryStringParameters/redirect", Some(r#""https://example.com/a?b=c""#)),
            ("/queryStringParameters/literalPlus", Some(r#""a b""#)),
            ("/queryStringParameters/encodedPlus", Some(r#""a+b""#)),
            ("/queryStringParameters/empty", Some(r#""""#)),
            ("/multiValueQueryStringParameters", None),
            ("/headers/x-voker-probe", Some(r#""first,second""#)),
            ("/headers/accept", Some(r#""*/*""#)),
            ("/headers/Accept", None),
            ("/headers/user-agent", Some(r#""probe/1""#)),
            ("/headers/authorization", Some(r#""Bearer x.y.z""#)),
            ("/headers/cookie", None),
            ("/headers/content-length", Some(r#""7""#)),
            ("/cookies", Some(r#"["session=abc123","theme=dark"]"#)),
            ("/multiValueHeaders", None),
            ("/path", None),
            ("/body", Some(r#""{\"a\":1}""#)),
            ("/isBase64Encoded", Some("false")),
        ],
    ),
    (
        EventSource::FunctionUrl,
        &[
            ("/version", Some(r#""2.0""#)),
            ("/routeKey", Some(r#""$default""#)),
            ("/rawPath", Some(r#""/capture/space%20value""#)),
            ("/requestContext/http/path", Some(r#""/capture/space value""#)),
            ("/pathParameters", None),
            ("/stageVariables", None),
            ("/queryStringParameters/repeat", Some(r#""one,two""#)),
            ("/queryStringParameters/redirect", Some(r#""https://example.com/a?b=c""#)),
            ("/queryStringParameters/literalPlus", Some(r#""a b""#)),
            ("/queryStringParameters/encodedPlus", Some(r#""a+b""#)),
            ("/queryStringParameters/empty", Some(r#""""#)),
            ("/multiValueQueryStringParameters", None),
            ("/headers/x-voker-probe", Some(r#""first,second""#)),
            ("/headers/accept", Some(r#""*/*""#)),
            ("/headers/Accept", None),
            ("/headers/user-agent", Some(r#""probe/1""#)),
            ("/headers/content-length", Some(r#""7""#)),
            ("/headers/connection", Some(r#""close""#)),
            ("/headers/x-amzn-tls-version", Some(r#""TLSv1.3""#)),
            // Both.
            ("/headers/cookie", Some(r#""session=abc123; theme=dark""#)),
            ("/cookies", Some(r#"["session=abc123","theme=dark"]"#)),
            ("/multiValueHeaders", None),
            ("/requestContext/accountId", Some(r#""anonymous""#)),
            ("/requestContext/authorizer", None),
            ("/requestContext/stage", Some(r#""$default""#)),
            ("/body", Some(r#""{\"a\":1}""#)),
            ("/isBase64Encoded", Some("false")),
        ],
    ),
    (
        EventSource::Alb,
        &[
            ("/version", None),
            ("/path", Some(r#""/capture/space%20value""#)),
            ("/rawPath", None),
            ("/pathParameters", None),
            ("/queryStringParameters/repeat", Some(r#""two""#)),
            ("/queryStringParameters/redirect", Some(r#""https://example.com/a?b%3Dc""#)),
            ("/queryStringParameters/literalPlus", Some(r#""a%20b""#)),
            ("/queryStringParameters/encodedPlus", Some(r#""a%2Bb""#)),
            ("/queryStringParameters/empty", Some(r#""""#)),
            ("/multiValueQueryStringParameters", None),
            ("/headers/x-voker-probe", Some(r#""second""#)),
            ("/headers/accept", Some(r#""*/*""#)),
            ("/headers/Accept", None),
            ("/headers/user-agent", Some(r#""probe/1""#)),
            ("/headers/authorization", Some(r#""Bearer x.y.z""#)),
            ("/headers/content-length", Some(r#""7""#)),
            ("/headers/connection", Some(r#""close""#)),
            ("/headers/cookie", Some(r#""session=abc123; theme=dark""#)),
            ("/cookies", None),
            ("/multiValueHeaders", None),
            ("/body", Some(r#""{\"a\":1}""#)),
            ("/isBase64Encoded", Some("false")),
        ],
    ),
    (
        EventSource::AlbMulti,
        &[
            ("/path", Some(r#""/capture/space%20value""#)),
            ("/pathParameters", None),
            ("/queryStringParameters", None),
            ("/multiValueQueryStringParameters/repeat", Some(r#"["one","two"]"#)),
            ("/multiValueQueryStringParameters/redirect", Some(r#"["https://example.com/a?b%3Dc"]"#)),
            ("/multiValueQueryStringParameters/encodedPlus", Some(r#"["a%2Bb"]"#)),
            ("/multiValueQueryStringParameters/empty", Some(r#"[""]"#)),
            ("/headers", None),
            ("/multiValueHeaders/x-voker-probe", Some(r#"["first","second"]"#)),
            ("/multiValueHeaders/accept", Some(r#"["*/*"]"#)),
            ("/multiValueHeaders/Accept", None),
            ("/multiValueHeaders/content-length", Some(r#"["7"]"#)),
            ("/multiValueHeaders/connection", Some(r#"["close"]"#)),
            ("/multiValueHeaders/cookie", Some(r#"["session=abc123; theme=dark"]"#)),
            ("/cookies", None),
            ("/body", Some(r#""{\"a\":1}""#)),
            ("/isBase64Encoded", Some("false")),
        ],
    ),
];

#[track_caller]
fn check(request: &HttpRequest, source: EventSource, expected: Shape) {
    let event = Wire::Http(request.clone()).render(source);
    for (pointer, should) in expected {
        let is = event.pointer(pointer).map(Value::to_string);
        assert_eq!(is.as_deref(), *should, "{} {pointer}", source.id());
    }
}

#[test]
fn the_same_request_has_the_captured_shape_in_every_source() {
    for (source, expected) in SHAPES {
        check(&captured(), *source, expected);
    }
    // The raw query keeps what the client encoded.
    let event = Wire::Http(captured()).render(EventSource::ApiGatewayHttp);
    let raw = event["rawQueryString"].as_str().unwrap();
    assert!(raw.contains("redirect=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc"), "{raw}");
    assert!(raw.contains("encodedPlus=a%2Bb") && raw.ends_with("&empty="), "{raw}");
}

#[test]
fn a_request_without_anything_has_nulls_or_no_keys() {
    let mut request = HttpRequest::get("/");
    request.route = "$default".to_owned();
    let absent = ["pathParameters", "stageVariables", "body"];
    let rest = Wire::Http(request.clone()).render(EventSource::ApiGatewayRest);
    for name in absent.into_iter().chain(["queryStringParameters", "multiValueQueryStringParameters"]) {
        assert_eq!(rest.get(name), Some(&Value::Null), "{name}");
    }
    let http = Wire::Http(request).render(EventSource::ApiGatewayHttp);
    for name in absent.into_iter().chain(["queryStringParameters", "cookies"]) {
        assert_eq!(http.get(name), None, "{name}");
    }
    assert_eq!(http["rawQueryString"], json!(""));
    let url = Wire::Http(HttpRequest::get("/")).render(EventSource::FunctionUrl);
    for name in absent.into_iter().chain(["queryStringParameters", "cookies"]) {
        assert_eq!(url.get(name), None, "{name}");
    }
    let alb = Wire::Http(HttpRequest::get("/")).render(EventSource::Alb);
    assert_eq!((&alb["body"], &alb["queryStringParameters"]), (&json!(""), &json!({})));
    let alb = Wire::Http(HttpRequest::get("/")).render(EventSource::AlbMulti);
    assert_eq!((&alb["body"], &alb["multiValueQueryStringParameters"]), (&json!(""), &json!({})));
}

/// Names of a query are decoded where its values are.
#[test]
fn names_of_a_query_are_encoded_behind_a_load_balancer() {
    let mut request = HttpRequest::get("/");
    request.query = vec![("a[$ne] b".to_owned(), Node::text("1"))];
    let names = |source, map: &str| {
        let event = Wire::Http(request.clone()).render(source);
        event[map].as_object().unwrap().keys().cloned().collect::<Vec<String>>()
    };
    assert_eq!(names(EventSource::Alb, "queryStringParameters"), ["a%5B$ne%5D%20b"]);
    assert_eq!(names(EventSource::AlbMulti, "multiValueQueryStringParameters"), ["a%5B$ne%5D%20b"]);
    for source in [EventSource::ApiGatewayRest, EventSource::ApiGatewayHttp, EventSource::FunctionUrl] {
        assert_eq!(names(source, "queryStringParameters"), ["a[$ne] b"]);
    }
}

/// The bodies that are base64: the two rules of the table, and the list of a REST API.
#[test]
fn each_source_has_its_rule_for_base64() {
    let cases = [
        // Content type, content encoding; HTTP API and URL, load balancer.
        ("application/json; charset=utf-8", None, false, false),
        ("text/csv", None, false, false),
        ("application/javascript", None, false, false),
        ("application/xml", None, false, false),
        ("application/json", Some("gzip"), false, true),
        ("application/x-www-form-urlencoded", None, true, true),
        ("application/vnd.api+json", None, true, true),
        ("", None, true, true),
    ];
    for (media, encoding, v2, elb) in cases {
        let mut request = captured();
        request.headers.retain(|(name, _)| name != "content-type");
        let typed = (!media.is_empty()).then(|| ("content-type".to_owned(), Node::text(media)));
        request.headers.extend(typed);
        request.headers.extend(encoding.map(|it| ("content-encoding".to_owned(), Node::text(it))));
        for (source, should) in [
            (EventSource::ApiGatewayRest, false),
            (EventSource::ApiGatewayHttp, v2),
            (EventSource::FunctionUrl, v2),
            (EventSource::Alb, elb),
            (EventSource::AlbMulti, elb),
        ] {
            let event = Wire::Http(request.clone()).render(source);
            assert_eq!(event["isBase64Encoded"], json!(should), "{} {media} {encoding:?}", source.id());
        }
    }
}
