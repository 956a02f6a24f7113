//! Seeds of shapes that a function alone does not ask for: what configuration and rarer senders make of an event.
//!
//! Authorizers, stages, domains, binary bodies; every family of S3 events; FIFO queues and every attribute type;
//! every view, operation and value type of a stream.

use evfuzz_generators::{
    case::Seed,
    codec::Codec,
    seeds,
    source::EventSource,
    tree::Node,
    wire::{
        Wire,
        dynamodb::{AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation, Phase, ViewType, Window},
        http::{Act, HttpRequest, opened, opened_headers},
        s3::{S3EventName, S3Operation},
        sqs::{MessageAttribute, SqsBatch, SqsMessage},
    },
};
use serde_json::{Value, json};

use crate::inputs;

/// Our own seeds of `source`.
pub(crate) fn shapes(source: EventSource) -> Vec<Seed> {
    let wires: Vec<Wire> = match source {
        EventSource::ApiGatewayRest => requests(&rest_authorizers()).into_iter().map(Wire::Http).collect(),
        EventSource::ApiGatewayHttp => requests(&http_authorizers()).into_iter().map(Wire::Http).collect(),
        EventSource::FunctionUrl => requests(&http_authorizers()[3..]).into_iter().map(Wire::Http).collect(),
        EventSource::Alb | EventSource::AlbMulti | EventSource::VpcLattice => {
            requests(&[]).into_iter().map(Wire::Http).collect()
        }
        EventSource::VpcLatticeV2 => requests(&lattice_identities()).into_iter().map(Wire::Http).collect(),
        EventSource::WebSocket => connections().into_iter().map(Wire::Http).collect(),
        EventSource::AuthorizerRequest => {
            let asked = requests(&[]).into_iter().chain(connections());
            let asked = asked.filter(|it| matches!(it.act, Act::Request | Act::Connect));
            asked.map(|it| Wire::Http(unanswered(it, &[]))).collect()
        }
        EventSource::AuthorizerHttp => {
            let asked = requests(&[]).into_iter();
            asked.map(|it| Wire::Http(unanswered(it, &["authorization", "accept"]))).collect()
        }
        EventSource::S3 => operations().into_iter().map(Wire::S3).collect(),
        EventSource::Sqs => batches().into_iter().map(Wire::Sqs).collect(),
        EventSource::DynamoDbStream => streams().into_iter().map(Wire::DynamoDb).collect(),
        EventSource::EventBridge => object_events(),
        EventSource::S3ObjectLambda => vec![long_key()],
        // Their seeds have every shape.
        _ => Vec::new(),
    };
    let named = |(index, wire)| Seed::new(&format!("shape-{index}"), source, wire);
    wires.into_iter().enumerate().map(named).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The request of the table "the same request through five sources", from the captures of hotsock/voker
/// (`vokerhttp/testdata`).
pub(crate) fn captured() -> HttpRequest {
    let mut request = HttpRequest::get("/capture/space value");
    request.method = "POST".to_owned();
    request.query = opened(pairs(&[
        ("repeat", "one"),
        ("repeat", "two"),
        ("redirect", "https://example.com/a?b=c"),
        ("literalPlus", "a b"),
        ("encodedPlus", "a+b"),
        ("empty", ""),
    ]));
    request.headers = opened_headers(pairs(&[
        ("content-type", "application/json"),
        ("user-agent", "probe/1"),
        ("authorization", "Bearer x.y.z"),
        ("x-voker-probe", "first"),
        ("x-voker-probe", "second"),
        ("Accept", "*/*"),
        ("Connection", "close"),
    ]));
    request.cookies = opened(pairs(&[("session", "abc123"), ("theme", "dark")]));
    request.body = Some(Node::json(Node::from(json!({ "a": 1 }))));
    request
}

fn requests(authorizers: &[Value]) -> Vec<HttpRequest> {
    let mut requests = vec![captured()];
    for authorizer in authorizers {
        let mut request = HttpRequest::get("/orders/7");
        request.route = "/orders/{id}".to_owned();
        request.api.authorizer = Some(Node::from(authorizer.clone()));
        request.headers =
            opened_headers(pairs(&[("User-Agent", "probe/1"), ("Authorization", "Bearer x.y.z")]));
        requests.push(request);
    }
    let mut staged = captured();
    staged.route = "/capture/{name}".to_owned();
    staged.api.stage = Some("dev".to_owned());
    staged.api.domain = Some("api.example.com".to_owned());
    staged.api.stage_variables = Some(json!({ "table": "orders" }));
    requests.push(staged);
    let mut binary = captured();
    binary.headers[0].1 = Node::text("image/png");
    binary.body = Some(Node::Bytes(vec![0x89, b'P', b'N', b'G', 0xff, 0]));
    binary.api.binary_media_types = vec!["image/*".to_owned()];
    requests.push(binary);
    let mut form = captured();
    form.headers[0].1 = Node::text("application/x-www-form-urlencoded");
    let fields = pairs(&[("name", "a b&c"), ("name", "ü")]).into_iter();
    let fields = fields.map(|(name, it)| (name, Node::Text(it))).collect();
    form.body = Some(Node::Object(fields).inside(Codec::Form));
    form.method = "PUT".to_owned();
    requests.push(form);
    requests.extend(encoded());
    let mut bare = HttpRequest::get("//a//b/");
    bare.method = "OPTIONS".to_owned();
    requests.push(bare);
    requests
}

/// Requests whose head is full of texts in texts: tokens, passwords, lists, JSON, addresses.
fn encoded() -> Vec<HttpRequest> {
    // {"alg":"none"} and {"sub":"ann","roles":["staff"]}
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4iLCJyb2xlcyI6WyJzdGFmZiJdfQ.c2ln";
    let mut by_token = HttpRequest::get(&format!("/verify/{token}"));
    by_token.route = "/verify/{token}".to_owned();
    by_token.query = opened(pairs(&[
        ("filter", "{\"field\":\"name\",\"values\":[\"a\",\"b\"]}"),
        ("state", "eyJyZXR1cm4iOiIvaG9tZSJ9"),
        ("next", "https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc"),
        ("page", "2"),
    ]));
    by_token.headers = opened_headers(pairs(&[
        ("Authorization", &format!("Bearer {token}")),
        ("Accept", "text/html,application/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Encoding", "gzip, br;q=0.5"),
        ("Forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43, for=198.51.100.17"),
        ("x-context", "{\"tenant\":\"blue\"}"),
        ("x-twice", "a, b"),
        ("x-twice", "{\"c\":\"d\"}"),
    ]));
    by_token.cookies = opened(pairs(&[("prefs", "%7B%22theme%22%3A%22dark%22%7D"), ("token", token)]));
    // user:password
    let mut by_password = HttpRequest::get("/files/eyJmaWxlIjoiYSJ9");
    by_password.route = "/files/{name+}".to_owned();
    by_password.headers = opened_headers(pairs(&[
        ("authorization", "Basic dXNlcjpwYXNzd29yZA=="),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"a b.txt\""),
    ]));
    by_password.method = "POST".to_owned();
    by_password.body = Some(Node::text("text"));
    vec![by_token, by_password]
}

/// Amazon API Gateway developer guide: claims of a user pool, and what a Lambda authorizer returns, all strings.
fn rest_authorizers() -> Vec<Value> {
    vec![
        json!({ "claims": { "sub": "8c1f", "email": "a@example.com", "cognito:groups": "staff" } }),
        json!({ "principalId": "user|a1", "integrationLatency": 42, "tenant": "blue" }),
    ]
}

/// The same guide: a JWT authorizer, a Lambda authorizer, IAM.
fn http_authorizers() -> Vec<Value> {
    vec![
        json!({ "jwt": { "claims": { "sub": "8c1f", "email": "a@example.com" }, "scopes": ["read"] } }),
        json!({ "jwt": { "claims": { "sub": "8c1f" }, "scopes": null } }),
        json!({ "lambda": { "tenant": "blue", "level": 3 } }),
        json!({ "iam": { "accessKey": "AKIAEXAMPLE", "accountId": "123456789012", "callerId": "AIDAEXAMPLE",
            "cognitoIdentity": null, "principalOrgId": "o-abc", "userId": "AIDAEXAMPLE",
            "userArn": "arn:aws:iam::123456789012:user/a" } }),
    ]
}

/// Who called, if VPC Lattice knows: the same page.
fn lattice_identities() -> Vec<Value> {
    vec![json!({
        "type": "AWS_IAM",
        "principal": "arn:aws:sts::123456789012:assumed-role/orders/a.b@c",
        "principalOrgID": "o-50dc6c495c0c9188",
        "sessionName": "a.b@c",
    })]
}

/// What an authorizer is asked: no body, nobody known; `sources`: the headers that it must have.
fn unanswered(mut request: HttpRequest, sources: &[&str]) -> HttpRequest {
    request.body = None;
    request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    request.api.authorizer = None;
    let there = |name: &&&str| request.header(name).is_some();
    request.api.identity_source = sources.iter().filter(there).map(|it| (*it).to_owned()).collect();
    request
}

/// Connections, their end, and messages by every way to a route.
fn connections() -> Vec<HttpRequest> {
    let mut connect = captured();
    connect.act = Act::Connect;
    connect.method = "GET".to_owned();
    connect.route = "$default".to_owned();
    connect.path = "/".to_owned();
    connect.body = None;
    connect.headers.remove(0);
    connect.headers.push(("Sec-WebSocket-Protocol".to_owned(), Node::text("chat")));
    let mut plain = HttpRequest::get("/");
    plain.act = Act::Connect;
    plain.route = "$default".to_owned();
    let mut known = plain.clone();
    known.api.authorizer = Some(Node::from(json!({ "principalId": "a1", "integrationLatency": 42 })));
    known.api.stage = Some("dev".to_owned());
    known.api.domain = Some("chat.example.com".to_owned());
    known.api.stage_variables = Some(json!({ "table": "rooms" }));
    let closed = HttpRequest { act: Act::Disconnect, ..known.clone() };
    let message = |route: &str, content: Value| HttpRequest::message(route, Node::json(Node::from(content)));
    let mut selected = message("join", json!({ "type": "join", "room": "a" }));
    selected.api.selection = Some("type".to_owned());
    selected.api.authorizer = known.api.authorizer.clone();
    vec![
        connect,
        plain,
        known,
        closed,
        message("send", json!({ "action": "send", "text": "\u{1f600}" })),
        message("$default", json!(["a"])),
        selected,
        HttpRequest::message("$default", Node::text("ping")),
    ]
}

fn operations() -> Vec<S3Operation> {
    let put = S3Operation::put("in/a b+c@d=(e)\u{e9}.csv");
    let mut operations: Vec<S3Operation> = Vec::new();
    for event in S3EventName::ALL {
        operations.push(S3Operation { event, ..put.clone() });
        let stack = Some("app-stack".to_owned());
        operations.push(S3Operation { event, versioned: true, stack, ..put.clone() });
    }
    operations.push(S3Operation { size: 0, ..S3Operation::put("../etc/passwd") });
    let size = 50 << 40;
    operations.push(S3Operation { event: S3EventName::CreatedMultipart, size, ..S3Operation::put("large") });
    operations.push(S3Operation::put(&"k".repeat(1_024)));
    operations
}

/// What a bucket says on a bus: everything that a function can ask for by its type.
fn object_events() -> Vec<Wire> {
    const TYPES: [&str; 12] = [
        "Object Created",
        "Object Deleted",
        "Object Restore Initiated",
        "Object Restore Completed",
        "Object Restore Expired",
        "Object Storage Class Changed",
        "Object Access Tier Changed",
        "Object ACL Updated",
        "Object Tags Added",
        "Object Tags Deleted",
        "Object Annotation Created",
        "Object Annotation Removed",
    ];
    let mut wires = Vec::new();
    for kind in TYPES {
        let lexicon = inputs::learn(&format!(
            "exports.handler = e => {{ if (e['detail-type'] === '{kind}') run(e.id) }};"
        ));
        let seeds = seeds::seeds(EventSource::EventBridge, &lexicon);
        let before = wires.len();
        wires.extend(
            seeds.into_iter().filter(|seed| seed.event()["detail-type"] == kind).map(|seed| seed.wire),
        );
        assert!(wires.len() > before, "no event says {kind}");
    }
    wires
}

/// A request for an object whose key is as long as a key can be, and three times as long in the presigned URL.
fn long_key() -> Wire {
    let seed = seeds::seeds(EventSource::S3ObjectLambda, &inputs::learn("")).remove(0);
    let mut event = seed.event();
    let host = event["userRequest"]["headers"]["Host"].as_str().unwrap().to_owned();
    event["userRequest"]["url"] = format!("https://{host}/{}", "@".repeat(1_024)).into();
    seeds::seed_from_event("long", &event).wire
}

fn batches() -> Vec<SqsBatch> {
    let attribute = MessageAttribute::new;
    let mut typed = SqsMessage::new(Node::json(Node::from(json!({ "a": ["b", 1, null] }))));
    typed.attributes = [
        ("text", attribute("String", "x \u{1f600}")),
        ("labelled", attribute("String.json", "{}")),
        ("number", attribute("Number", "-1.5e10")),
        ("price", attribute("Number.euro", "6")),
        ("bytes", attribute("Binary", "AAEC/w==")),
        ("image", attribute("Binary.png", "iVBORw==")),
        ("trace", attribute("String", "{\"id\":\"7\",\"path\":[\"a\",\"b\"]}")),
        ("packed", attribute("Binary", "eyJmaWxlIjoiYSJ9")),
    ]
    .map(|(name, it)| (name.to_owned(), it))
    .to_vec();
    typed.receive_count = 3;
    typed.group = Some("fair/$(x)".to_owned());
    let mut ordered = SqsMessage::new(Node::text("line\nline\tü"));
    ordered.group = Some("g;1".to_owned());
    ordered.deduplication = Some("d`2`".to_owned());
    let mut fifo = SqsBatch::new(vec![ordered; 10]);
    fifo.queue_arn.push_str(".fifo");
    vec![SqsBatch::new(vec![typed]), fifo]
}

fn streams() -> Vec<DynamoDbBatch> {
    use AttributeValue::{Bool, Bs, L, M, N, Ns, Null, S, Ss};
    let text = |it: &str| S(Node::text(it));
    let number = |it: &str| N(it.to_owned());
    let named = |name: &str, value: AttributeValue| (name.to_owned(), value);
    let item = vec![
        named("s", text("a\0b \u{fffe}")),
        named("empty", text("")),
        named("n", number("-12.5")),
        named("large", number("1000")),
        named("b", AttributeValue::binary(vec![0, 1, 2, 0xff])),
        named("packed", AttributeValue::binary(br#"{"a":["x",1]}"#.to_vec())),
        named("bs", Bs(vec!["AAEC".to_owned(), String::new()])),
        named("bool", Bool(false)),
        named("null", Null),
        named("ss", Ss(vec!["a".to_owned(), "b".to_owned()])),
        named("ns", Ns(vec!["1".to_owned(), "2.5".to_owned()])),
        named("l", L(vec![text("x"), number("7"), L(Vec::new())])),
        named("m", M(vec![named("inner", text("y")), named("deep", M(Vec::new()))])),
    ];
    let mut streams = Vec::new();
    for view in ViewType::ALL {
        let mut writes = Vec::new();
        for operation in Operation::ALL {
            let keys = vec![named("pk", text("user#1")), named("sk", number("42"))];
            let (mut new, mut old) = (item.clone(), item.clone());
            old[0].1 = text("before");
            if matches!(operation, Operation::Remove | Operation::Expire) {
                new.clear();
            }
            if operation == Operation::Insert {
                old.clear();
            }
            writes.push(DynamoDbWrite { operation, keys, new, old });
        }
        streams.push(DynamoDbBatch { view, ..DynamoDbBatch::new(writes) });
    }
    let states =
        [json!({}), json!({ "seen": "x", "last": "a b" }), json!({ "1": 282, "open": { "a": [null, "y"] } })];
    for (state, phase) in states.into_iter().zip(Phase::ALL) {
        let window = Some(Window { state: Node::from(state), phase });
        streams.push(DynamoDbBatch { window, ..streams[0].clone() });
    }
    streams
}
