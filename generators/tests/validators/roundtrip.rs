//! What is read from an event is what its sender did: `parse(render(x)) == x` for every source.
//!
//! The strategies reach as far as what can be read back does: a value that an event does not show (an image that
//! the view hides, the size of a deleted object) is that of the default. A body is what `Node::guess` makes of
//! its bytes, for nothing in an event says how the sender thought of it.

use std::{fmt::Debug, sync::LazyLock};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use evfuzz_generators::{
    case::TestCase,
    codec::Codec,
    edit::Edit,
    point::Locator,
    source::EventSource,
    tree::Node,
    wire::{
        Wire,
        dynamodb::{AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation, Phase, ViewType, Window},
        http::{Act, Api, HttpRequest, METHODS, opened, opened_headers},
        s3::{S3EventName, S3Operation},
        sqs::{MessageAttribute, SqsBatch, SqsMessage},
    },
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    string::{RegexGeneratorStrategy, string_regex},
};
use serde_json::{Value, json};

use crate::{inputs, schemas, support};

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(support::cases()) }
}

fn check(source: EventSource, wire: &Wire) -> Result<(), TestCaseError> {
    let event = wire.render(source);
    let again = Wire::parse(source, &event);
    prop_assert_eq!(again.as_ref(), Some(wire), "{}", event);
    Ok(())
}

/// Texts of that form. A pattern that is used as a strategy by itself is parsed for every text that is drawn.
fn like(pattern: &str) -> RegexGeneratorStrategy<String> {
    string_regex(pattern).unwrap()
}

fn map<V: Debug>(
    names: &'static str,
    values: impl Strategy<Value = V>,
    most: usize,
) -> impl Strategy<Value = Vec<(String, V)>> {
    proptest::collection::btree_map(like(names), values, 0..=most).prop_map(|it| it.into_iter().collect())
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            map(".{0,4}", inner, 3).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

/// A content type and a body of it.
fn body() -> impl Strategy<Value = (Option<String>, Vec<u8>)> {
    let types = select(vec![
        "application/json",
        "text/plain; charset=utf-8",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
    ]);
    let bytes = prop_oneof![
        Just(Vec::new()),
        any::<String>().prop_map(String::into_bytes),
        document().prop_map(|it| it.to_string().into_bytes()),
        "[a-z]{1,3}=[a-z+]{0,4}(&[a-z]{1,3}=(%C3%BC|[a-z]){0,4}){0,2}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..20),
    ];
    (option::of(types.prop_map(str::to_owned)), bytes)
}

/// Texts that hold a format, or two.
fn encoded() -> impl Strategy<Value = String> {
    let json = map("[a-z]{1,3}", "[^\0]{0,5}", 3).prop_map(|it| strings(it).to_string()).boxed();
    let base64 = |it: String| BASE64_STANDARD.encode(it);
    prop_oneof![
        json.clone(),
        json.clone().prop_map(base64),
        json.clone().prop_map(|it| Codec::Percent.encode(&Node::Text(it))).prop_map(utf8),
        "https://[a-z]{1,5}/".prop_map(|it| utf8(Codec::Percent.encode(&Node::Text(it)))),
        (json.clone(), json).prop_map(|(header, claims)| {
            let part = |it: String| BASE64_URL_SAFE_NO_PAD.encode(it);
            format!("{}.{}.c2ln", part(header), part(claims))
        }),
    ]
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The same without what no header can hold.
fn ascii(texts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    texts.prop_map(|text| text.chars().filter(|it| matches!(it, ' '..='~')).collect())
}

/// Lists and credentials, and what looks like them.
fn listed() -> impl Strategy<Value = String> {
    let element = "[!-~&&[^,;\"]]{1,5}(; ?[a-z]{1,3}=([a-z0-9.]{0,3}|\"[ -~&&[^\"\\\\]]{0,4}\")){0,2}";
    prop_oneof![
        (vec(element, 1..4), select(vec![", ", ","])).prop_map(|(all, comma)| all.join(comma)),
        (select(vec!["Bearer", "basic", "Token", "Other"]), ascii(encoded()))
            .prop_map(|(scheme, text)| format!("{scheme} {text}").trim().to_owned()),
    ]
}

fn request() -> impl Strategy<Value = HttpRequest> {
    let path = prop_oneof![
        "/[^/\0]{1,5}(/[^/\0]{0,5}){0,2}".prop_map(|path| ("/{proxy+}", path)),
        "/items/[^/\0]{1,8}/x".prop_map(|path| ("/items/{id}/x", path)),
        Just(("/", "/".to_owned())),
    ];
    let value = prop_oneof![3 => "[^\0]{0,9}", 1 => encoded()];
    let line = (select(METHODS.to_vec()), path, map("[^\0]{1,5}", vec(value, 1..3), 4));
    let header = prop_oneof![3 => "[!-~]([ -~]{0,8}[!-~])?", 1 => ascii(encoded()), 2 => listed()];
    let headers = map("x-[a-z]{1,4}", header, 4);
    let cookie = prop_oneof![3 => "[!-:<-~]{0,9}", 1 => ascii(encoded())];
    let cookies = map("[!#-+\\--:<>-~&&[^=]]{1,4}", cookie.prop_map(|it| it.replace(';', "")), 3);
    let api = (
        option::of("[a-z]{2,5}"),
        option::of("[a-z]{1,9}\\.example\\.com"),
        option::of(map("[a-z]{1,4}", ".{0,9}", 3)),
        option::of(map("[A-Za-z]{1,4}", "[!-~]{0,9}", 2)),
    );
    (line, headers, cookies, body(), api).prop_map(
        |((method, (route, path), query), headers, cookies, (content_type, bytes), api)| {
            let mut request = HttpRequest::get(&path);
            request.method = method.to_owned();
            request.route = route.to_owned();
            let values = |(name, values): (String, Vec<String>)| -> Vec<(String, String)> {
                values.into_iter().map(|value| (name.clone(), value)).collect()
            };
            request.query = opened(query.into_iter().flat_map(values).collect());
            request.headers = opened_headers(headers);
            let content_type_header = content_type.clone().map(|it| ("content-type".to_owned(), it));
            request.headers.extend(opened_headers(content_type_header.into_iter().collect()));
            request.cookies = opened(cookies);
            request.body = (!bytes.is_empty()).then(|| Node::guess(bytes, content_type.as_deref()));
            let (stage, domain, authorizer, variables) = api;
            request.api.stage = stage.filter(|it| it != "prod");
            request.api.domain = domain;
            request.api.authorizer = authorizer.map(|it| Node::from(json!({ "claims": strings(it) })));
            request.api.stage_variables = variables.map(strings);
            request
        },
    )
}

fn strings(pairs: Vec<(String, String)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn attribute() -> impl Strategy<Value = MessageAttribute> {
    let text = "[^\0-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{1,9}";
    prop_oneof![
        (select(vec!["String", "String.json"]), prop_oneof![text, ascii(encoded())].boxed()),
        (select(vec!["Number", "Number.int"]), any::<i64>().prop_map(|it| it.to_string()).boxed()),
        (
            select(vec!["Binary", "Binary.png"]),
            select(vec!["AAEC", "/w==", "YQ==", "eyJhIjoiYiJ9"]).prop_map(str::to_owned)
        ),
    ]
    .prop_map(|(data_type, value)| MessageAttribute::new(data_type, &value))
}

fn message(fifo: bool) -> impl Strategy<Value = SqsMessage> {
    let texts = prop_oneof![document().prop_map(|it| it.to_string()), "[^\0-\u{1f}]{1,20}"];
    let ids = || if fifo { "[!-~]{1,128}".prop_map(Some).boxed() } else { Just(None).boxed() };
    let group = if fifo { ids() } else { option::of("[!-~]{1,9}").boxed() };
    let attributes = map("[a-z_-]{1,9}", attribute(), 10);
    (texts, attributes, group, ids(), "[A-Za-z0-9_+=,.@-]{2,64}", 1..9_u32).prop_map(
        |(text, attributes, group, deduplication, sender, receive_count)| SqsMessage {
            body: Node::guess(text.into_bytes(), None),
            attributes,
            group,
            deduplication,
            sender,
            receive_count,
        },
    )
}

fn batch() -> impl Strategy<Value = SqsBatch> {
    (any::<bool>(), "[a-z]{1,9}").prop_flat_map(|(fifo, name)| {
        let suffix = if fifo { ".fifo" } else { "" };
        let arn = format!("arn:aws:sqs:eu-west-1:111122223333:{name}{suffix}");
        vec(message(fifo), 1..4)
            .prop_map(move |messages| SqsBatch { queue_arn: arn.clone(), ..SqsBatch::new(messages) })
    })
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![any::<i64>().prop_map(|it| it.to_string()), like("-?(0|[1-9][0-9]{0,9})\\.[0-9]{0,9}[1-9]")]
}

fn value() -> impl Strategy<Value = AttributeValue> {
    let distinct = |of: BoxedStrategy<String>| {
        proptest::collection::btree_set(of, 1..4).prop_map(|it| it.into_iter().collect::<Vec<String>>())
    };
    let leaf = prop_oneof![
        any::<String>().prop_map(|it| AttributeValue::S(Node::guess(it.into_bytes(), None))),
        number().prop_map(AttributeValue::N),
        prop_oneof![vec(any::<u8>(), 0..9), document().prop_map(|it| it.to_string().into_bytes())]
            .prop_map(AttributeValue::binary),
        Just(AttributeValue::Bs(vec!["AAEC".to_owned(), "/w==".to_owned()])),
        any::<bool>().prop_map(AttributeValue::Bool),
        Just(AttributeValue::Null),
        distinct(any::<String>().boxed()).prop_map(AttributeValue::Ss),
        distinct(number().boxed()).prop_map(AttributeValue::Ns),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
            map(".{1,3}", inner, 3).prop_map(AttributeValue::M),
        ]
    })
}

fn write() -> impl Strategy<Value = DynamoDbWrite> {
    let key = prop_oneof![
        like(".{1,9}").prop_map(|it| AttributeValue::S(Node::guess(it.into_bytes(), None))),
        number().prop_map(AttributeValue::N)
    ];
    let keys = proptest::collection::btree_map(like("K[a-z]{1,4}"), key, 1..=2)
        .prop_map(|it| it.into_iter().collect::<Vec<_>>());
    let items = (map("[a-z]{0,4}.", value(), 4), map("[a-z]{0,4}.", value(), 4));
    (select(Operation::ALL.to_vec()), keys, items).prop_map(|(operation, keys, (new, old))| DynamoDbWrite {
        operation,
        keys,
        new,
        old,
    })
}

/// Writes, of which only what the event shows is read back.
///
/// The view is applied to what was drawn: a strategy that depends on it would be made anew for every case.
fn stream() -> impl Strategy<Value = DynamoDbBatch> {
    let state = map("[a-z]{1,4}", document(), 3);
    let state = state.prop_map(|it| Node::from(Value::Object(it.into_iter().collect())));
    let window = (state, select(Phase::ALL.to_vec())).prop_map(|(state, phase)| Window { state, phase });
    let views = select(ViewType::ALL.to_vec());
    (views, vec(write(), 1..4), option::weighted(0.3, window)).prop_map(|(view, mut writes, window)| {
        for write in &mut writes {
            if matches!(write.operation, Operation::Remove | Operation::Expire)
                || matches!(view, ViewType::OldImage | ViewType::KeysOnly)
            {
                write.new.clear();
            }
            if write.operation == Operation::Insert || matches!(view, ViewType::NewImage | ViewType::KeysOnly)
            {
                write.old.clear();
            }
        }
        DynamoDbBatch { view, window, ..DynamoDbBatch::new(writes) }
    })
}

/// The seeds of sources without a model of their own, and where a text can be said in each.
static ENVELOPES: LazyLock<Vec<(TestCase, Vec<Locator>)>> = LazyLock::new(|| {
    let seeds = schemas::sources().into_iter().flat_map(inputs::all_seeds);
    let cases =
        seeds.filter(|(seed, _)| matches!(seed.wire, Wire::Event(_))).map(|(seed, _)| TestCase::new(seed));
    let placed = cases.map(|case| {
        let places = case.points().into_iter().map(|it| it.locator).collect::<Vec<Locator>>();
        (case, places)
    });
    placed.filter(|(_, places)| !places.is_empty()).collect()
});

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rest_requests_are_read_back(mut request in request(), binary in any::<bool>()) {
        let content_type = request.header("content-type");
        if (binary || is_binary(&request)) && request.body.is_some() {
            // Only a binary media type brings bytes through.
            let media = content_type.as_deref().and_then(|it| it.split(';').next()).unwrap_or("*/*");
            request.api.binary_media_types = vec![media.to_owned()];
        }
        check(EventSource::ApiGatewayRest, &Wire::Http(request))?;
    }

    #[test]
    fn http_requests_are_read_back(mut request in request()) {
        if request.route == "/" {
            request.route = "$default".to_owned();
        }
        if is_binary(&request) {
            // Of a text that is not UTF-8 only the replacement arrives.
            request.headers.retain(|(name, _)| name != "content-type");
        }
        check(EventSource::ApiGatewayHttp, &Wire::Http(request))?;
    }

    #[test]
    fn requests_that_nobody_routes_are_read_back(
        mut request in request(),
        source in select(vec![
            EventSource::FunctionUrl,
            EventSource::Alb,
            EventSource::AlbMulti,
            EventSource::VpcLattice,
            EventSource::VpcLatticeV2,
        ]),
    ) {
        request.route = "$default".to_owned();
        request.api = Api { domain: request.api.domain.take(), ..Api::default() };
        if is_binary(&request) {
            request.headers.retain(|(name, _)| name != "content-type");
        }
        if matches!(source, EventSource::Alb | EventSource::VpcLattice) {
            // Only the last of several values arrives.
            let names: Vec<String> = request.query.iter().map(|(name, _)| name.clone()).collect();
            let mut index = 0;
            request.query.retain(|(name, _)| {
                index += 1;
                !names[index..].contains(name)
            });
        }
        check(source, &Wire::Http(request))?;
    }

    #[test]
    fn connections_are_read_back(mut request in request(), closed in any::<bool>()) {
        // What a Lambda authorizer hands on; there is no other.
        request.api.authorizer = request.api.authorizer.map(|_| Node::from(json!({ "principalId": "a1" })));
        request.api.stage_variables =
            request.api.stage_variables.filter(|it| it.as_object().is_some_and(|it| !it.is_empty()));
        request.act = if closed { Act::Disconnect } else { Act::Connect };
        request.method = "GET".to_owned();
        request.path = "/".to_owned();
        request.route = "$default".to_owned();
        request.body = None;
        if closed {
            request.headers.clear();
            request.cookies.clear();
            request.query.clear();
        }
        check(EventSource::WebSocket, &Wire::Http(request.clone()))?;
        if !closed {
            check(EventSource::AuthorizerRequest, &Wire::Http(unanswered(request)))?;
        }
    }

    #[test]
    fn socket_messages_are_read_back(
        text in "[^\0]{1,20}",
        mut members in map("[a-z]{1,4}", document(), 3),
        route in option::of("[a-z]{1,9}"),
        selection in option::of("[A-Z]{1,4}"),
    ) {
        let message = match &route {
            None => HttpRequest::message("$default", Node::guess(text.into_bytes(), None)),
            Some(route) => {
                // What is found first by that name is where the API looks.
                members.retain(|(_, it)| it.as_str() != Some(route));
                let name = selection.clone().unwrap_or_else(|| "action".to_owned());
                members.push((name, route.as_str().into()));
                let body = Value::Object(members.into_iter().collect()).to_string();
                let mut message = HttpRequest::message(route, Node::guess(body.into_bytes(), None));
                message.api.selection = selection;
                message
            }
        };
        check(EventSource::WebSocket, &Wire::Http(message))?;
    }

    #[test]
    fn requests_to_authorize_are_read_back(mut request in request(), token in option::of("Bearer [a-z.]{20}")) {
        let mut rest = unanswered(request.clone());
        rest.headers.extend(opened_headers(token.clone().map(|it| ("Authorization".to_owned(), it)).into_iter().collect()));
        check(EventSource::AuthorizerRequest, &Wire::Http(rest))?;
        if request.route == "/" {
            request.route = "$default".to_owned();
        }
        request = unanswered(request);
        if let Some(token) = token {
            request.headers.extend(opened_headers(vec![("authorization".to_owned(), token)]));
            request.api.identity_source = vec!["authorization".to_owned()];
        }
        check(EventSource::AuthorizerHttp, &Wire::Http(request))?;
    }

    #[test]
    fn notifications_are_read_back(
        event in select(S3EventName::ALL.to_vec()),
        key in ".{1,200}",
        size in 0..=5_u64 << 30,
        uploader in "[A-Za-z0-9_+=,.@-]{2,64}",
        bucket in "[a-z0-9.-]{3,63}",
        region in "[a-z]{2}-[a-z]{4}-[1-9]",
        versioned in any::<bool>(),
        stack in option::of("[A-Za-z][A-Za-z0-9-]{0,20}"),
    ) {
        let put = S3Operation::put(&key);
        let size = if event.has_size() { size } else { put.size };
        let uploader = if event.has_principal() { uploader } else { put.uploader.clone() };
        let versioned = versioned && !event.needs_versions();
        let stack = stack.filter(|_| !event.name().starts_with("Replication:"));
        let operation = S3Operation { event, size, uploader, bucket, region, versioned, stack, ..put };
        check(EventSource::S3, &Wire::S3(operation))?;
    }

    #[test]
    fn messages_are_read_back(batch in batch()) {
        check(EventSource::Sqs, &Wire::Sqs(batch))?;
    }

    #[test]
    fn stream_records_are_read_back(batch in stream()) {
        check(EventSource::DynamoDbStream, &Wire::DynamoDb(batch))?;
    }

    /// No such text looks like a format: one that does is opened when it is read.
    #[test]
    fn envelopes_are_read_back(
        at in 0..usize::MAX,
        texts in vec((0..usize::MAX, "[ -;=?-Z\\\\-z|}~\u{e9}\u{1f600}&&[^%]]{1,20}"), 1..4),
    ) {
        let (case, places) = &ENVELOPES[at % ENVELOPES.len()];
        let set =
            |(at, text): (usize, String)| Edit::SetText { at: places[at % places.len()].clone(), text };
        let case = TestCase { edits: texts.into_iter().map(set).collect(), ..case.clone() };
        // What AWS derives is written when the event is rendered, so a wire may hold it stale: texts and events are compared.
        let (source, wire) = (case.seed.source, case.wire());
        let event = wire.render(source);
        let Some(again) = Wire::parse(source, &event) else {
            return Err(TestCaseError::fail(format!("not read back: {event}")));
        };
        prop_assert_eq!(&again.render(source), &event);
        for at in places {
            prop_assert_eq!(again.text(at), wire.text(at), "{:?} in {}", at, event);
        }
    }

    #[test]
    fn direct_events_are_read_back(event in document()) {
        check(EventSource::Direct, &Wire::Event(Node::from(event)))?;
    }
}

/// What an authorizer is asked: without a body, and nobody is known.
fn unanswered(mut request: HttpRequest) -> HttpRequest {
    request.body = None;
    request.api.authorizer = None;
    let variables = request.api.stage_variables.take();
    request.api.stage_variables = variables.filter(|it| it.as_object().is_some_and(|it| !it.is_empty()));
    request
}

/// The ids of a delivery follow from what is delivered, so only they may differ.
fn without_ids(mut event: Value) -> Value {
    match &mut event {
        Value::Object(members) => {
            // Where the size is not told, the hash of the content cannot be read back.
            let unsized_object = members.contains_key("key") && !members.contains_key("size");
            for (name, member) in members.iter_mut() {
                let id = matches!(name.as_str(), "messageId" | "requestId" | "extendedRequestId" | "eventID")
                    || (name == "eTag" && unsized_object);
                *member = if id { Value::Null } else { without_ids(member.take()) };
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|it| *it = without_ids(it.take())),
        _ => {}
    }
    event
}

/// The first place where two events differ, and what is there.
fn difference(was: &Value, is: &Value, pointer: &str) -> Option<(String, String, String)> {
    match (was, is) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            let absent = Value::from("absent");
            let mut members = a.iter();
            members.find_map(|(name, it)| {
                difference(it, b.get(name).unwrap_or(&absent), &format!("{pointer}/{name}"))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut elements = a.iter().zip(b).enumerate();
            elements.find_map(|(index, (a, b))| difference(a, b, &format!("{pointer}/{index}")))
        }
        _ => (was != is).then(|| (pointer.to_owned(), was.to_string(), is.to_string())),
    }
}

/// Whatever edits have made: an event that is read and rendered again is the same event.
#[test]
fn events_do_not_change_by_being_read() {
    for source in schemas::sources() {
        for case in inputs::cases(source, if support::full() { 20_000 } else { 400 }) {
            let event = case.render().event;
            let wire = Wire::parse(source, &event);
            let again = wire.unwrap_or_else(|| panic!("not read: {event}")).render(source);
            if let Some((pointer, was, is)) = difference(&without_ids(event), &without_ids(again), "") {
                panic!("{}: {pointer} was {was} and is {is}\nedits: {:?}", source.id(), case.edits);
            }
        }
    }
}

/// Whether the body is no text.
fn is_binary(request: &HttpRequest) -> bool {
    request.body.as_ref().is_some_and(|it| String::from_utf8(it.to_bytes()).is_err())
}
