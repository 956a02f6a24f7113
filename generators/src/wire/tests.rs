//! Tests of all wire models: what is parsed is what was rendered.

use crate::codec::Codec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::{
    dynamodb::{AttributeValue, DynamoDbWrite, Operation, ViewType},
    s3::S3EventName,
    sqs::{MessageAttribute, SqsMessage},
};

fn pairs(
    names: &'static str,
    values: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::btree_map(names, values, 0..5).prop_map(|it| it.into_iter().collect())
}

fn json_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[a-z]{1,4}", inner, 0..4)
        .prop_map(|it| Value::Object(it.into_iter().collect()))
}

fn body() -> impl Strategy<Value = (Option<&'static str>, Option<Node>)> {
    prop_oneof![
        Just((None, None)),
        "[^\\[{ \t\r\n].{0,20}".prop_map(|it| (Some("text/plain"), Some(Node::Text(it)))),
        json_document().prop_map(|it| (Some("application/json"), Some(Node::json(Node::from(it))))),
        pairs("[a-z]{1,4}", any::<String>()).prop_filter("empty", |it| !it.is_empty()).prop_map(|it| (
            Some(super::media::FORM),
            Some(
                Node::Object(it.into_iter().map(|(name, it)| (name, Node::Text(it))).collect())
                    .inside(Codec::Form)
            )
        )),
        Just((Some("image/png"), Some(Node::Bytes(vec![0xff, 0, 1])))),
    ]
}

fn request() -> impl Strategy<Value = HttpRequest> {
    let path = prop_oneof![
        "(/[^/\0]{1,5}){1,3}".prop_map(|path| ("/{proxy+}", path)),
        "/items/[^/\0]{1,8}".prop_map(|path| ("/items/{id}", path)),
    ];
    let query = pairs("[^\0]{1,5}", "[^\0]{0,9}".boxed());
    let headers = pairs("x-[a-z]{1,4}", "[!-~]{0,9}".boxed());
    let cookies = pairs("[a-z]{1,4}", "[!-:<-~]{0,9}".boxed());
    (path, query, headers, cookies, body()).prop_map(
        |((route, path), query, headers, cookies, (content_type, body))| {
            let mut request = HttpRequest::get(&path);
            request.method = "POST".to_owned();
            request.route = route.to_owned();
            request.query = http::opened(query);
            request.headers = http::opened_headers(headers);
            request.headers.retain(|(name, _)| !name.starts_with("x-forwarded"));
            let content_type = content_type.map(|it| ("content-type".to_owned(), Node::text(it)));
            request.headers.extend(content_type);
            request.cookies = http::opened(cookies);
            request.body = body;
            request
        },
    )
}

fn lower(mut request: HttpRequest) -> HttpRequest {
    request.headers.iter_mut().for_each(|(name, _)| *name = name.to_ascii_lowercase());
    request
}

fn attribute_value() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        any::<String>().prop_map(|it| AttributeValue::S(crate::codec::open(it))),
        any::<i64>().prop_map(|it| AttributeValue::N(it.to_string())),
        Just(AttributeValue::binary(vec![0, 1, 2])),
        Just(AttributeValue::binary(b"{\"a\":1}".to_vec())),
        Just(AttributeValue::Bs(vec!["AAEC".to_owned(), "YQ==".to_owned()])),
        any::<bool>().prop_map(AttributeValue::Bool),
        Just(AttributeValue::Null),
        Just(AttributeValue::Ss(vec!["a".to_owned(), "b".to_owned()])),
        Just(AttributeValue::Ns(vec!["1".to_owned()])),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..3)
                .prop_map(|it| AttributeValue::M(it.into_iter().collect())),
        ]
    })
}

fn item() -> impl Strategy<Value = Vec<(String, AttributeValue)>> {
    proptest::collection::btree_map("[a-z]{1,4}", attribute_value(), 1..4)
        .prop_map(|it| it.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn http_reads_back(request in request()) {
        let again = http::v2::parse(&http::v2::render(&request));
        prop_assert_eq!(again, Some(lower(request.clone())));
        // A REST API without binary media types cannot carry bytes.
        if !matches!(request.body, Some(Node::Bytes(_))) {
            let again = http::v1::parse(&http::v1::render(&request)).map(lower);
            prop_assert_eq!(again, Some(lower(request)));
        }
    }

    #[test]
    fn s3_reads_back(
        event in proptest::sample::select(S3EventName::ALL.to_vec()),
        key in ".{1,30}",
    ) {
        let operation = S3Operation { event, ..S3Operation::put(&key) };
        prop_assert_eq!(S3Operation::parse(&operation.render()), Some(operation));
    }

    #[test]
    fn sqs_reads_back(
        document in json_document(),
        text in "[a-z ]{1,20}",
        attributes in pairs("[a-z]{1,5}", "[ -~]{1,9}".boxed()),
        group in proptest::option::of("[!-~]{1,9}"),
    ) {
        let mut message = SqsMessage::new(Node::json(Node::from(document)));
        let attributes = attributes.into_iter();
        message.attributes =
            attributes.map(|(name, it)| (name, MessageAttribute::string(&it))).collect();
        message.group = group;
        let batch = SqsBatch::new(vec![message, SqsMessage::new(Node::Text(text))]);
        prop_assert_eq!(SqsBatch::parse(&batch.render()), Some(batch));
    }

    #[test]
    fn dynamodb_reads_back(
        new in item(),
        old in item(),
        operation in proptest::sample::select(Operation::ALL.to_vec()),
    ) {
        let mut write = DynamoDbWrite {
            operation,
            keys: vec![("KEY".to_owned(), AttributeValue::text("k"))],
            new,
            old,
        };
        if matches!(operation, Operation::Remove | Operation::Expire) {
            write.new.clear();
        }
        if operation == Operation::Insert {
            write.old.clear();
        }
        let batch = DynamoDbBatch::new(vec![write]);
        prop_assert_eq!(DynamoDbBatch::parse(&batch.render()), Some(batch));
    }
}

#[test]
fn given_events_keep_their_configuration() {
    let event = json!({ "Records": [{
        "eventSource": "aws:sqs", "body": "hi",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:orders",
    }] });
    let wire = Wire::parse(EventSource::Sqs, &event).unwrap();
    let again = wire.render(EventSource::Sqs);
    assert_eq!(again.pointer("/Records/0/awsRegion"), Some(&json!("eu-west-1")));
    assert_eq!(
        again.pointer("/Records/0/eventSourceARN"),
        Some(&json!("arn:aws:sqs:eu-west-1:111122223333:orders"))
    );
    let view = json!({ "Records": [{ "eventSource": "aws:dynamodb", "dynamodb": {
        "Keys": { "a": { "S": "x" } }, "StreamViewType": "KEYS_ONLY" } }] });
    let Some(Wire::DynamoDb(batch)) = Wire::parse(EventSource::DynamoDbStream, &view) else {
        panic!("not read");
    };
    assert_eq!(batch.view, ViewType::KeysOnly);
}
