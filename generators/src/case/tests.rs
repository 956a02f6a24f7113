//! Tests of test cases: what is planted is where the report says, and nothing else changes.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::*;
use crate::{
    codec::Codec,
    lexicon::{Lexicon, SourceFile},
    payload::{Canaries, Form, PayloadClass},
    point::{Path, Role},
    seeds::seeds,
    tree::Node,
    wire::{
        http::{Act, HttpRequest},
        s3::decode_key,
    },
};

/// A function that reads something of everything.
pub(crate) fn lexicon() -> Lexicon {
    let code = br#"
        exports.handler = async (event) => {
            const { alpha, betaId } = event.queryStringParameters || {};
            const token = event.headers['x-tenant'];
            const order = event.pathParameters.order;
            const body = JSON.parse(event.body);
            if (body.mode === 'quick') run(body.outer.inner.leaf, event.cookies);
            for (const r of event.Records) {
                const m = JSON.parse(r.body);
                use(m.task, m.deep.er, r.messageAttributes.kindly.stringValue);
                use(r.dynamodb.NewImage.title.S, r.dynamodb.NewImage.count.N, r.s3.object.key);
                use(r.dynamodb.NewImage.nested.M.part.S, r.dynamodb.Keys.owner.S);
            }
            if (key.endsWith('.csv') || key.startsWith('inbox/')) list(event.requestContext.authorizer.claims.email);
        };"#;
    Lexicon::learn(&[SourceFile { name: "index.js", content: code }])
}

/// Every seed of every source, for a function that is known and for one that is not.
pub(crate) fn all_seeds() -> Vec<Seed> {
    let lexicons = [lexicon(), Lexicon::default()];
    let of = |lexicon| EventSource::ALL.into_iter().flat_map(move |it| seeds(it, lexicon));
    lexicons.iter().flat_map(of).collect()
}

/// Reads the text at a displayed path, independently of the wire model.
fn resolve(event: &Value, path: &str) -> Option<String> {
    // The root itself is shown as `/`.
    let path = if path == "/" { "" } else { path };
    let mut value = event.clone();
    let mut bytes: Option<Vec<u8>> = None;
    for token in path.split('»') {
        if token.is_empty() || token.starts_with('/') {
            if let Some(bytes) = bytes.take() {
                value = Value::from(String::from_utf8(bytes).ok()?);
            }
            value = value.pointer(token)?.clone();
            continue;
        }
        let raw = match bytes.take() {
            Some(bytes) => bytes,
            None if value.is_array() => Vec::new(),
            None => value.as_str()?.as_bytes().to_vec(),
        };
        let text = || String::from_utf8(raw.clone()).ok();
        match token {
            "json" => value = serde_json::from_slice(&raw).ok()?,
            "base64" => bytes = Some(BASE64_STANDARD.decode(&raw).ok()?),
            "gzip" => {
                let mut unpacked = Vec::new();
                std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&raw[..]), &mut unpacked)
                    .ok()?;
                bytes = Some(unpacked);
            }
            "percent" => bytes = Some(percent_encoding::percent_decode(&raw).collect()),
            "s3-key" => bytes = Some(decode_key(&text()?).into_bytes()),
            "form" => {
                let fields = form_urlencoded::parse(&raw);
                value =
                    Value::Object(fields.map(|(n, v)| (n.into_owned(), Value::from(v.as_ref()))).collect());
            }
            "cookie" => {
                let text = text()?;
                let pairs = text.split("; ").filter_map(|it| it.split_once('='));
                value = Value::Object(pairs.map(|(n, v)| (n.to_owned(), Value::from(v))).collect());
            }
            "url-path" => bytes = Some(percent_encoding::percent_decode(raw.strip_prefix(b"/")?).collect()),
            "url-query" => {
                let text = text()?;
                let (path, query) = text.split_once('?')?;
                value = json!({ "path": path, "query": query });
            }
            "signed-bytes" => {
                let numbers = std::mem::take(&mut value);
                bytes = Some(numbers.as_array()?.iter().map(|it| it.as_i64().unwrap() as u8).collect());
            }
            // Names are quoted, and no test has quotes in a local part.
            "mailbox" => {
                let text = text()?;
                let (name, address) = text.rsplit_once(" <").unwrap_or(("", &text));
                let (local, domain) = address.trim_end_matches('>').rsplit_once('@')?;
                let name = match name.strip_prefix('"') {
                    Some(quoted) => quoted.strip_suffix('"')?.replace("\\\"", "\"").replace("\\\\", "\\"),
                    None => name.to_owned(),
                };
                value = serde_json::json!({ "name": name, "local": local, "domain": domain });
            }
            "jwt" => {
                let text = text()?;
                let mut parts = text.splitn(3, '.');
                let mut json = || -> Option<Value> {
                    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()
                };
                let (header, claims) = (json()?, json()?);
                value = json!({ "header": header, "claims": claims, "signature": parts.next()? });
            }
            // Of lists, seeds have credentials only.
            "header-list" => {
                let text = text()?;
                let (scheme, rest) = text.split_once(' ')?;
                value = json!({ scheme: rest });
            }
            other => panic!("unknown codec {other}"),
        }
    }
    if let Some(bytes) = bytes {
        return String::from_utf8(bytes).ok();
    }
    match value {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Whether the event has `name` in the object of a point that is a name.
fn has_name(event: &Value, path: &str, name: &str) -> bool {
    let object = path.strip_suffix("/ (name)").unwrap();
    let pointer = name.replace('~', "~0").replace('/', "~1");
    resolve(event, &format!("{object}/{pointer}")).is_some()
        || event.pointer(&format!("{object}/{pointer}")).is_some()
        || event.pointer(&format!("{object}/{}", pointer.to_lowercase())).is_some()
}

#[test]
fn every_point_of_every_seed_resolves() {
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        let event = case.render().event;
        // A schedule has none, nor has an empty direct event.
        let has_none = [EventSource::Direct, EventSource::EventBridge, EventSource::Config]
            .contains(&case.seed.source)
            || matches!(&case.seed.wire, Wire::Http(it) if [Act::HealthCheck, Act::Disconnect].contains(&it.act));
        assert!(!case.points().is_empty() || has_none);
        for point in case.points() {
            if !point.locator.is_name() {
                let text = resolve(&event, point.path());
                assert!(text.is_some(), "{} {point}: {event}", case.seed.name);
            }
        }
    }
}

#[test]
fn payloads_are_where_the_point_says() {
    let mut nonces = NonceSource::new(1);
    let (mut sent, mut refused) = (0, 0);
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        for (index, point) in case.points().into_iter().enumerate() {
            for payload in Payload::all().iter().skip(index % 23).step_by(23) {
                let nonce = nonces.take();
                let text = payload.text(&nonce);
                if text.len() > 2_000 && index % 5 != 0 {
                    // They travel as short ones do, and slowly.
                    continue;
                }
                let at = &point.locator;
                let planted = match case.plant(at, payload, Frame::none(), nonce.clone()) {
                    Ok(planted) => planted,
                    Err(reason) => {
                        assert!(point.check(&text).is_err(), "{point} {reason}");
                        refused += 1;
                        continue;
                    }
                };
                let rendered = planted.render();
                sent += 1;
                let [it] = rendered.planted.as_slice() else { panic!("{point} is not planted") };
                assert_eq!((it.payload, &it.nonce, &it.text), (payload, &nonce, &text));
                let event = &rendered.event;
                let found = match at.is_name() {
                    true => has_name(event, it.point.path(), &text),
                    // An item holds it with the types of its members.
                    false if payload.form == Form::Json && it.point.path().ends_with("/M") => {
                        let members = payload.value(&nonce, &Canaries::default());
                        use crate::wire::dynamodb::attribute::{AttributeValue, render_item};
                        let item = vec![("x".to_owned(), AttributeValue::marshal(&members))];
                        let expected = render_item(&item)["x"]["M"].to_string();
                        resolve(event, it.point.path()).as_deref() == Some(&*expected)
                    }
                    false => resolve(event, it.point.path()).is_some_and(|found| {
                        found.ends_with(&text)
                            || found.trim_start_matches('/') == text.trim_start_matches('/')
                    }),
                };
                assert!(found, "{} {}: {text:?} in {event}", planted.seed.name, it.point);
            }
        }
    }
    assert!(sent > 1_000 && refused > 10, "{sent} sent, {refused} refused");
}

/// The body of an event in which `payload` is planted at `path`.
#[track_caller]
fn planted(case: &TestCase, at: Locator, id: &str, frame: Frame) -> String {
    let payload = Payload::by_id(id).unwrap();
    let nonce = NonceSource::new(9).take();
    let case = case.plant(&at, payload, frame, nonce.clone()).unwrap();
    let rendered = case.render();
    assert_eq!(rendered.planted.len(), 1);
    assert_eq!(case.wire().render(case.seed.source)["body"], rendered.event["body"]);
    rendered.event["body"].as_str().unwrap().replace(nonce.as_str(), "{C}")
}

#[test]
fn values_take_the_place_of_values() {
    let case = post(json!({ "a": "x", "b": [1] }));
    let body = |path: &str, id: &str| planted(&case, body_at(path), id, Frame::none());
    assert_eq!(body("/a", "mongo-ne"), r#"{"a":{"$ne":"{C}"},"b":[1]}"#);
    assert_eq!(body("/b/0", "prototype-proto"), r#"{"a":"x","b":[{"__proto__":{"{C}":"1"}}]}"#);
    // A name, not a value.
    let at = Locator::BodyName { path: Path::from("»json»".to_owned()) };
    let named = planted(&case, at, "prototype-name-dots", Frame::none());
    assert_eq!(named, r#"{"a":"x","b":[1],"__proto__.{C}":"1"}"#);
    // For those who parse once more.
    let blank = Frame { before: " ".to_owned(), after: String::new() };
    let text = planted(&case, body_at("/a"), "mongo-ne", blank);
    assert_eq!(text, r#"{"a":" {\"$ne\":\"{C}\"}","b":[1]}"#);
}

#[test]
fn a_value_planted_in_a_form_is_a_text() {
    let mut case = post(json!({}));
    let form = Node::Object(vec![("user".to_owned(), Node::text("x"))]).inside(Codec::Form);
    let Wire::Http(request) = &mut std::sync::Arc::make_mut(&mut case.seed).wire else { unreachable!() };
    request.headers[0].1 = Node::text("application/x-www-form-urlencoded");
    request.body = Some(form);
    let at = Locator::Body { path: Path::from("»form»/user".to_owned()) };
    let planted =
        case.plant(&at, Payload::by_id("mongo-ne").unwrap(), Frame::none(), NonceSource::new(9).take());
    let event = planted.unwrap().render().event;
    let body = BASE64_STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
    assert!(body.starts_with(b"user=%7B%22%24ne%22%3A%22ev"), "{event}");
    // The value inside a value of those who read names as paths.
    case.edits = vec![Edit::ExtendName { at, suffix: "[$ne]".to_owned() }];
    let event = case.render().event;
    let body = BASE64_STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
    assert_eq!(String::from_utf8(body).unwrap(), "user%5B%24ne%5D=x");
}

#[test]
fn payloads_can_be_planted_everywhere_at_once() {
    let payload = Payload::canonical(PayloadClass::ShellCommand);
    let mut nonces = NonceSource::new(2);
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        let data = case.points().into_iter().filter(|it| it.role == Role::Data);
        let targets: Vec<_> = data.map(|it| (it.locator, payload, Frame::none(), nonces.take())).collect();
        let (all, refused) = case.plant_all(&targets);
        let rendered = all.render();
        assert_eq!(rendered.planted.len() + refused.len(), targets.len());
        let text = String::from_utf8(rendered.bytes).unwrap();
        for planted in &rendered.planted {
            // Base64 hides it, and so do numbers.
            let is_hidden =
                ["base64»", "jwt»", "signed-bytes»"].iter().any(|it| planted.point.path().contains(it));
            assert!(text.contains(planted.nonce.as_str()) || is_hidden, "{}", planted.point);
        }
    }
}

#[test]
fn twins_have_no_payload_and_the_same_shape() {
    let mut nonces = NonceSource::new(3);
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        let payload = Payload::canonical(PayloadClass::JavaScriptCode);
        for point in case.points() {
            let nonce = nonces.take();
            let frame = Frame { before: String::new(), after: ".csv".to_owned() };
            let Ok(planted) = case.plant(&point.locator, payload, frame, nonce.clone()) else {
                continue;
            };
            let twin = planted.twin();
            assert!(twin.nonces().is_empty());
            let rendered = twin.render();
            assert!(rendered.planted.is_empty());
            let text = String::from_utf8(rendered.bytes).unwrap();
            assert!(!text.contains(nonce.as_str()));
            assert_ne!(rendered.event, case.render().event, "{point}");
        }
    }
}

#[test]
fn fresh_nonces_keep_all_else() {
    let mut nonces = NonceSource::new(4);
    let payload = Payload::canonical(PayloadClass::PythonCode);
    for seed in all_seeds().into_iter().take(6) {
        let case = TestCase::new(seed);
        for point in case.points() {
            let Ok(planted) = case.plant(&point.locator, payload, Frame::none(), nonces.take()) else {
                continue;
            };
            let fresh = planted.with_fresh_nonces(&mut nonces);
            let (old, new) = (planted.nonces()[0].clone(), fresh.nonces()[0].clone());
            assert_ne!(old, new);
            let json = serde_json::to_string(&planted).unwrap();
            let again = json.replace(old.as_str(), new.as_str());
            assert_eq!(serde_json::to_string(&fresh).unwrap(), again);
            assert_eq!(planted.render().planted.len(), fresh.render().planted.len());
        }
    }
}

#[test]
fn test_cases_read_back() {
    let mut nonces = NonceSource::new(5);
    for seed in all_seeds() {
        let mut case = TestCase::new(seed);
        let point = case.points().into_iter().next();
        let payload = Payload::canonical(PayloadClass::ShellCommand);
        if let Some(point) = point {
            case.edits.push(Edit::SetText { at: point.locator.clone(), text: "x".to_owned() });
            let frame = Frame { before: "a".to_owned(), after: String::new() };
            case = case.plant(&point.locator, payload, frame, nonces.take()).unwrap_or(case);
        }
        let json = serde_json::to_string(&case).unwrap();
        assert_eq!(serde_json::from_str::<TestCase>(&json).unwrap(), case);
    }
}

fn post(body: Value) -> TestCase {
    let mut request = HttpRequest::get("/a");
    request.method = "POST".to_owned();
    request.headers = vec![("Content-Type".to_owned(), Node::text("application/json"))];
    request.body = Some(Node::json(Node::from(body)));
    TestCase::new(Seed::new("post", EventSource::ApiGatewayHttp, Wire::Http(request)))
}

fn body_at(path: &str) -> Locator {
    Locator::Body { path: Path::from(format!("»json»{path}")) }
}

#[test]
fn edits_that_lost_their_place_change_nothing() {
    let mut case = post(json!({ "a": "x" }));
    let before = case.render();
    let gone = body_at("/b/c");
    case.edits = vec![
        Edit::SetText { at: gone.clone(), text: "y".to_owned() },
        Edit::SetNode { at: gone.clone(), node: Node::Number("1".to_owned()) },
        Edit::Remove { at: gone },
        Edit::RemoveRecord { record: 0 },
        Edit::Method("BREW".to_owned()),
        Edit::ContentType("a\r\nb".to_owned()),
        Edit::Size(1),
        Edit::ExtendName { at: body_at("/a"), suffix: "[]".to_owned() },
        Edit::ExtendName { at: Locator::query("none", 0), suffix: "[]".to_owned() },
    ];
    assert_eq!(case.render(), before);
}

#[test]
fn edits_change_what_they_say() {
    let mut case = post(json!({ "a": "x", "b": [1] }));
    case.edits = vec![
        Edit::SetNode { at: body_at("/b/0"), node: Node::from(json!({ "$ne": null })) },
        Edit::Add { at: body_at("/c/d"), text: "new".to_owned() },
        Edit::Remove { at: body_at("/a") },
        Edit::Add { at: Locator::query("q", 0), text: "1".to_owned() },
        Edit::ExtendName { at: Locator::query("q", 0), suffix: "[$ne]".to_owned() },
        Edit::Method("PUT".to_owned()),
    ];
    let event = case.render().event;
    assert_eq!(event["body"], json!(r#"{"b":[{"$ne":null}],"c":{"d":"new"}}"#));
    assert_eq!(event["rawQueryString"], json!("q%5B%24ne%5D=1"));
    assert_eq!(event["requestContext"]["http"]["method"], json!("PUT"));
    assert_eq!(event["headers"]["content-length"], json!("36"));
}

#[test]
fn invalid_json_is_reachable_in_a_body_only() {
    let mut case = post(json!({ "a": 1 }));
    case.edits = vec![Edit::SetText {
        at: Locator::Body { path: Path::root() },
        text: r#"{"a":1,"a":1e400"#.to_owned(),
    }];
    assert_eq!(case.render().event["body"], json!(r#"{"a":1,"a":1e400"#));
}

#[test]
fn another_content_type_changes_the_way_to_the_body() {
    let mut nonces = NonceSource::new(7);
    let payload = Payload::canonical(PayloadClass::ShellCommand);
    let mut plant =
        |case: &TestCase, at: &Locator| case.plant(at, payload, Frame::none(), nonces.take()).unwrap();
    let case = plant(&post(json!({ "a": "x" })), &body_at("/a"));
    assert_eq!(case.render().planted[0].point.path(), "/body»json»/a");
    // An HTTP API takes what is no text by its type for bytes.
    let rendered = plant(&case, &Locator::header("content-type", 0)).render();
    let path = rendered.planted[0].point.path();
    assert_eq!(path, "/body»base64»json»/a");
    assert_eq!(resolve(&rendered.event, path), Some(rendered.planted[0].text.clone()));
}

#[test]
fn another_content_type_changes_the_way_to_a_value_in_the_body() {
    let mut nonces = NonceSource::new(7);
    let [value, text] = ["mongo-ne", "shell-substitution"].map(|it| Payload::by_id(it).unwrap());
    let case = post(json!({ "a": "x" }));
    let case = case.plant(&body_at("/a"), value, Frame::none(), nonces.take()).unwrap();
    let at = Locator::header("content-type", 0);
    let case = case.plant(&at, text, Frame::none(), nonces.take()).unwrap();
    assert_eq!(case.render().planted[0].point.path(), "/body»base64»json»/a");
}

#[test]
fn the_last_plant_at_a_point_wins() {
    let mut nonces = NonceSource::new(6);
    let payload = Payload::canonical(PayloadClass::ShellCommand);
    let case = post(json!({ "a": "x" }));
    let at = body_at("/a");
    let first = case.plant(&at, payload, Frame::none(), nonces.take()).unwrap();
    let second = first.plant(&at, payload, Frame::none(), nonces.take()).unwrap();
    let planted = second.render().planted;
    assert_eq!(planted.len(), 1);
    assert_eq!(&planted[0].nonce, second.nonces()[1]);
}

#[test]
fn gates_are_routing() {
    let lexicon = lexicon();
    let seeds = seeds(EventSource::ApiGatewayRest, &lexicon);
    let seed = seeds.into_iter().find(|seed| seed.name == "post-json").unwrap();
    let points = TestCase::new(seed).points();
    let gate = points.iter().find(|it| it.path() == "/body»json»/mode").unwrap();
    assert_eq!(gate.role, Role::Routing);
    assert!(points.is_sorted_by_key(|point| point.role));
}

#[test]
fn a_value_with_commas_is_no_element_of_a_list() {
    let mut request = HttpRequest::get("/a");
    request.headers = vec![("accept".to_owned(), crate::codec::open_header("a/b, c/d;q=0.9".to_owned()))];
    let seed = Seed::new("get", EventSource::FunctionUrl, Wire::Http(request));
    let path = |text: &str| Path::from(format!("»header-list»{text}"));
    let at = Locator::Header { name: "accept".to_owned(), nth: 0, path: path("/1/value") };
    let with = |node: Value| {
        let mut case = TestCase::new(seed.clone());
        case.edits = vec![Edit::SetNode { at: at.clone(), node: Node::from(node) }];
        case.render().event["headers"]["accept"].clone()
    };
    assert_eq!(with(json!([1])), "a/b, [1];q=0.9");
    assert_eq!(with(json!([1, 2])), "a/b, c/d;q=0.9");
    assert_eq!(with(json!("x;y")), "a/b, c/d;q=0.9");
}
