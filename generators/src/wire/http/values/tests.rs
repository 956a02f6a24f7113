//! Texts in texts in the head of a request: where they are, what can be planted there, and what arrives.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::{
    case::{NotPlanted, Seed, TestCase},
    edit::{Edit, Frame},
    nonce::{Nonce, NonceSource},
    payload::{Payload, PayloadClass},
    reduce,
    source::EventSource,
    wire::{
        Leaves, Wire,
        http::{opened, opened_headers},
    },
};

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln";

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn request() -> HttpRequest {
    let mut request = HttpRequest::get(&format!("/verify/{TOKEN}"));
    request.route = "/verify/{token}".to_owned();
    request.query = opened(pairs(&[
        ("filter", r#"{"name":"a"}"#),
        ("next", "https%3A%2F%2Fexample.com%2F"),
        ("twice", r#"["b"]"#),
        ("twice", "c"),
    ]));
    request.headers = opened_headers(pairs(&[
        ("authorization", &format!("Bearer {TOKEN}")),
        ("x-credentials", "Basic dXNlcjpwYXNzd29yZA=="),
        ("x-list", "a, b;q=1"),
        ("x-context", r#"{"tenant":"blue"}"#),
    ]));
    request.cookies = opened(pairs(&[("prefs", "%7B%22theme%22%3A%22dark%22%7D")]));
    request
}

fn case(source: EventSource) -> TestCase {
    TestCase::new(Seed::new("request", source, Wire::Http(request())))
}

fn inside(whole: Locator, path: &str) -> Locator {
    whole.with_inside(Path::from(path.to_owned()))
}

fn plant(case: &TestCase, at: &Locator, frame: &str) -> Result<TestCase, NotPlanted> {
    let frame = Frame { before: frame.to_owned(), after: String::new() };
    case.plant(at, Payload::canonical(PayloadClass::JavaScriptCode), frame, nonce())
}

fn nonce() -> Nonce {
    NonceSource::new(1).take()
}

/// What the payload of [`plant`] is.
fn text() -> String {
    Payload::canonical(PayloadClass::JavaScriptCode).text(&nonce())
}

#[track_caller]
fn check_points(source: EventSource, expected: Expect) {
    let points = case(source).points();
    let lines = points.iter().map(|it| format!("{it} {:?} {:?}\n", it.charset, it.role));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn points_of_a_rest_request() {
    check_points(
        EventSource::ApiGatewayRest,
        expect![[r#"
            /queryStringParameters/filter»json»/name Query Data
            /queryStringParameters/next»percent» Any Data
            /multiValueQueryStringParameters/twice/0»json»/0 Query Data
            /multiValueQueryStringParameters/twice/1 Query Data
            /pathParameters/token»percent»jwt»/header/alg Any Data
            /pathParameters/token»percent»jwt»/claims/sub Any Data
            /pathParameters/token»percent»jwt»/signature Base64Url Data
            /headers/cookie»cookie»/prefs»percent»json»/theme Any Data
            /headers/x-credentials»header-list»/Basic»base64» Any Data
            /headers/x-list»header-list»/0 ListElement Data
            /headers/x-list»header-list»/1/value ListElement Data
            /headers/x-list»header-list»/1/q HeaderValue Data
            /headers/x-context»json»/tenant HeaderValue Data
            /queryStringParameters/filter Query Routing
            /queryStringParameters/next Query Routing
            /multiValueQueryStringParameters/twice/0 Query Routing
            /pathParameters/token»percent PathSegment Routing
            /headers/cookie»cookie»/prefs»percent» Any Routing
            /headers/cookie»cookie»/prefs CookieValue Routing
            /headers/Authorization»header-list»/Bearer»jwt»/header/alg Any Routing
            /headers/Authorization»header-list»/Bearer»jwt»/claims/sub Any Routing
            /headers/Authorization»header-list»/Bearer»jwt»/signature Base64Url Routing
            /headers/Authorization»header-list»/Bearer HeaderValue Routing
            /headers/Authorization HeaderValue Routing
            /headers/x-credentials»header-list»/Basic HeaderValue Routing
            /headers/x-credentials HeaderValue Routing
            /headers/x-list HeaderValue Routing
            /headers/x-context HeaderValue Routing
            /queryStringParameters/ (name) Path Routing
            /queryStringParameters/filter»json»/ (name) Query Routing
            /pathParameters/token»percent»jwt»/claims/ (name) Any Routing
            /headers/cookie»cookie»/prefs»percent»json»/ (name) Any Routing
            /headers/Authorization»header-list»/Bearer»jwt»/claims/ (name) Any Routing
            /headers/x-context»json»/ (name) HeaderValue Routing
            /headers/ (name) HeaderName Routing
        "#]],
    );
}

#[test]
fn points_of_an_http_request() {
    check_points(
        EventSource::ApiGatewayHttp,
        expect![[r#"
            /queryStringParameters/filter»json»/name Query Data
            /queryStringParameters/next»percent» Any Data
            /queryStringParameters/twice Query Data
            /queryStringParameters/twice Query Data
            /pathParameters/token»jwt»/header/alg Any Data
            /pathParameters/token»jwt»/claims/sub Any Data
            /pathParameters/token»jwt»/signature Base64Url Data
            /cookies/0»cookie»/prefs»percent»json»/theme Any Data
            /headers/x-credentials»header-list»/Basic»base64» Any Data
            /headers/x-list»header-list»/0 ListElement Data
            /headers/x-list»header-list»/1/value ListElement Data
            /headers/x-list»header-list»/1/q HeaderValue Data
            /headers/x-context»json»/tenant HeaderValue Data
            /queryStringParameters/filter Query Routing
            /queryStringParameters/next Query Routing
            /pathParameters/token PathSegment Routing
            /cookies/0»cookie»/prefs»percent» Any Routing
            /cookies/0»cookie»/prefs CookieValue Routing
            /headers/authorization»header-list»/Bearer»jwt»/header/alg Any Routing
            /headers/authorization»header-list»/Bearer»jwt»/claims/sub Any Routing
            /headers/authorization»header-list»/Bearer»jwt»/signature Base64Url Routing
            /headers/authorization»header-list»/Bearer HeaderValue Routing
            /headers/authorization HeaderValue Routing
            /headers/x-credentials»header-list»/Basic HeaderValue Routing
            /headers/x-credentials HeaderValue Routing
            /headers/x-list HeaderValue Routing
            /headers/x-context HeaderValue Routing
            /queryStringParameters/ (name) Path Routing
            /queryStringParameters/filter»json»/ (name) Query Routing
            /pathParameters/token»jwt»/claims/ (name) Any Routing
            /cookies/0»cookie»/prefs»percent»json»/ (name) Any Routing
            /headers/authorization»header-list»/Bearer»jwt»/claims/ (name) Any Routing
            /headers/x-context»json»/ (name) HeaderValue Routing
            /headers/ (name) HeaderName Routing
        "#]],
    );
}

#[test]
fn claims_of_a_token_in_a_header_and_in_the_path() {
    for source in [EventSource::ApiGatewayRest, EventSource::ApiGatewayHttp] {
        let header = inside(Locator::header("Authorization", 0), "»header-list»/Bearer»jwt»/claims/sub");
        let path = inside(Locator::path_parameter("token"), "»jwt»/claims/sub");
        // A token is in base64: what no header and no path can hold fits into it.
        let planted = plant(&plant(&case(source), &header, "\r\n\0ü").unwrap(), &path, "a/").unwrap();
        let rendered = planted.render();
        assert_eq!(rendered.planted.len(), 2);
        let claims = |token: &str| -> Value {
            let part = token.split('.').nth(1).unwrap();
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let name = if source == EventSource::ApiGatewayRest { "Authorization" } else { "authorization" };
        let sent = rendered.event["headers"][name].as_str().unwrap();
        assert_eq!(
            claims(sent.strip_prefix("Bearer ").unwrap()),
            json!({ "sub": format!("\r\n\0ü{}", text()) })
        );
        let sent = rendered.event["pathParameters"]["token"].as_str().unwrap();
        assert_eq!(claims(sent), json!({ "sub": format!("a/{}", text()) }));
        assert!(planted.twin().render().planted.is_empty());
        assert_ne!(planted.twin().render().event, case(source).render().event);
    }
}

#[test]
fn passwords_lists_and_json() {
    let source = EventSource::ApiGatewayHttp;
    let at = [
        (inside(Locator::header("x-credentials", 0), "»header-list»/Basic»base64»"), "user:\n"),
        (inside(Locator::header("x-list", 0), "»header-list»/1/q"), "; , \""),
        (inside(Locator::query("filter", 0), "»json»/name"), "\n"),
        (inside(Locator::query("next", 0), "»percent»"), "ü"),
        (inside(Locator::cookie("prefs"), "»percent»json»/theme"), ";\0"),
    ];
    let planted = at.iter().try_fold(case(source), |case, (at, frame)| plant(&case, at, frame)).unwrap();
    let event = planted.render().event;
    let text = text();
    let basic = event["headers"]["x-credentials"].as_str().unwrap().strip_prefix("Basic ").unwrap();
    assert_eq!(BASE64_STANDARD.decode(basic).unwrap(), format!("user:\n{text}").as_bytes());
    let escaped = format!("; , \"{text}").replace('\\', "\\\\").replace('"', "\\\"");
    assert_eq!(event["headers"]["x-list"], format!("a, b;q=\"{escaped}\""));
    let query = &event["queryStringParameters"];
    let filter: Value = serde_json::from_str(query["filter"].as_str().unwrap()).unwrap();
    assert_eq!(filter, json!({ "name": format!("\n{text}") }));
    let next = percent_encoding::percent_decode_str(query["next"].as_str().unwrap());
    assert_eq!(next.decode_utf8().unwrap(), format!("ü{text}"));
    let cookie = event["cookies"][0].as_str().unwrap().strip_prefix("prefs=").unwrap();
    let cookie = percent_encoding::percent_decode_str(cookie).decode_utf8().unwrap();
    let cookie: Value = serde_json::from_str(&cookie).unwrap();
    assert_eq!(cookie, json!({ "theme": format!(";\0{text}") }));
}

#[test]
fn what_a_header_cannot_hold_does_not_come_in_through_a_tree() {
    let case = case(EventSource::ApiGatewayRest);
    let context = inside(Locator::header("x-context", 0), "»json»/tenant");
    let refused = |it| Err(NotPlanted::Charset { refused: it });
    assert_eq!(plant(&case, &context, "ü").map(|_| ()), refused('ü'));
    let element = inside(Locator::header("x-list", 0), "»header-list»/0");
    assert_eq!(plant(&case, &element, "a,").map(|_| ()), refused(','));
    let set = |node: Node| {
        let edit = Edit::SetNode { at: Locator::header("x-context", 0), node };
        TestCase { edits: vec![edit], ..case.clone() }.render().event["headers"]["x-context"].clone()
    };
    assert_eq!(set(Node::from(json!({ "a": ["b"] }))), json!(r#"{"a":["b"]}"#));
    assert_eq!(set(Node::from(json!({ "a": "ü" }))), json!(r#"{"tenant":"blue"}"#));
}

#[test]
fn edits_in_values() {
    let mut case = case(EventSource::ApiGatewayHttp);
    case.edits = vec![
        Edit::Add { at: inside(Locator::query("filter", 0), "»json»/deep/er"), text: "1".to_owned() },
        Edit::Add { at: inside(Locator::query("new", 0), "»json»/a"), text: "2".to_owned() },
        Edit::Add { at: inside(Locator::header("x-new", 0), "»base64»json»/a"), text: "3".to_owned() },
        Edit::Remove { at: inside(Locator::header("x-list", 0), "»header-list»/1/q") },
        Edit::Remove { at: inside(Locator::cookie("prefs"), "»percent»json»/theme") },
        Edit::SetNode {
            at: inside(Locator::query("filter", 0), "»json»/name"),
            node: Node::from(json!({ "$ne": null })),
        },
        Edit::SetText {
            at: inside(Locator::path_parameter("token"), "»jwt»/header/alg"),
            text: "HS256".to_owned(),
        },
    ];
    let event = case.render().event;
    assert_eq!(event["queryStringParameters"]["filter"], r#"{"name":{"$ne":null},"deep":{"er":"1"}}"#);
    assert_eq!(event["queryStringParameters"]["new"], r#"{"a":"2"}"#);
    assert_eq!(event["headers"]["x-new"], BASE64_STANDARD.encode(r#"{"a":"3"}"#));
    assert_eq!(event["headers"]["x-list"], "a, b");
    assert_eq!(event["cookies"], json!(["prefs=%7B%7D"]));
    let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    assert!(event["pathParameters"]["token"].as_str().unwrap().starts_with(&header));
}

#[test]
fn all_of_a_value_takes_with_it_what_is_in_it() {
    let case = case(EventSource::ApiGatewayHttp);
    let (whole, part) = (Locator::query("filter", 0), inside(Locator::query("filter", 0), "»json»/name"));
    let planted = plant(&plant(&case, &part, "").unwrap(), &whole, "").unwrap();
    let rendered = planted.render();
    assert_eq!(rendered.planted.len(), 1);
    assert_eq!(rendered.planted[0].point.path(), "/queryStringParameters/filter");
    assert_eq!(rendered.event["queryStringParameters"]["filter"], text());
    assert_eq!(plant(&planted, &part, "").map(|_| ()), Err(NotPlanted::Gone));
}

#[test]
fn a_slash_at_the_end_is_not_in_the_parameter() {
    let mut request = HttpRequest::get("/files/a");
    request.route = "/files/{name+}".to_owned();
    let at = Locator::path_parameter("name");
    for source in [EventSource::ApiGatewayRest, EventSource::ApiGatewayHttp] {
        let case = TestCase::new(Seed::new("files", source, Wire::Http(request.clone())));
        let with = |after: &str| {
            let frame = Frame { before: String::new(), after: after.to_owned() };
            case.plant(&at, Payload::canonical(PayloadClass::ShellCommand), frame, nonce())
        };
        assert_eq!(with("/").map(|_| ()), Err(NotPlanted::Charset { refused: '/' }));
        let event = with("/a").unwrap().render().event;
        assert!(event["pathParameters"]["name"].as_str().unwrap().ends_with("/a"));
    }
}

#[test]
fn names_that_aws_sets_are_no_lost_points() {
    let mut request = request();
    assert!(!Leaves::set(&mut request, &Locator::HeaderName, "Host"));
    // Base64 of this has a slash in it, which a path segment cannot hold.
    let mut request = HttpRequest::get("/files/eyJhIjoiYiJ9");
    request.route = "/files/{name}".to_owned();
    let case = TestCase::new(Seed::new("files", EventSource::ApiGatewayHttp, Wire::Http(request)));
    let at = inside(Locator::path_parameter("name"), "»base64»json»/a");
    assert_eq!(plant(&case, &at, "???").map(|_| ()), Err(NotPlanted::Altered));
    assert!(plant(&case, &at, "").is_ok());
}

#[test]
fn shrinking_leaves_the_rest_of_the_head_out() {
    for source in [EventSource::ApiGatewayRest, EventSource::ApiGatewayHttp] {
        let at = inside(Locator::header("authorization", 0), "»header-list»/Bearer»jwt»/claims/sub");
        let planted = plant(&case(source), &at, "").unwrap();
        let small = reduce::pruned(&planted);
        assert_eq!(small.render().planted.len(), 1);
        let Wire::Http(request) = &small.seed.wire else { panic!("not HTTP") };
        assert_eq!((request.query.len(), request.headers.len(), request.cookies.len()), (0, 1, 0));
        // The second value of a name keeps its number.
        let second = Locator::query("twice", 1);
        let small = reduce::pruned(&plant(&case(source), &second, "").unwrap());
        let Wire::Http(request) = &small.seed.wire else { panic!("not HTTP") };
        assert_eq!((request.query.len(), request.headers.len()), (2, 0));
    }
}

#[test]
fn stored_test_cases_of_before_are_read() {
    let stored = r#"{"seed":{"name":"s","source":"apigw-http","wire":{"http":{"method":"GET","route":"$default",
        "path":"/","query":[["q","[1]"]],"headers":[["a","b, c"]],"cookies":[["d","e"]]}}},
        "edits":[{"set-text":{"at":{"query":{"name":"q","nth":0}},"text":"x"}},
                 {"set-text":{"at":{"header":{"name":"a","nth":0}},"text":"y"}},
                 {"set-text":{"at":{"cookie":{"name":"d"}},"text":"z"}}]}"#;
    let case: TestCase = serde_json::from_str(stored).unwrap();
    let event = case.render().event;
    assert_eq!(event["rawQueryString"], "q=x");
    assert_eq!(event["headers"]["a"], "y");
    assert_eq!(event["cookies"], json!(["d=z"]));
    // Places at the root are stored as before.
    let again = serde_json::to_string(&case.edits[0]).unwrap();
    assert_eq!(again, r#"{"set-text":{"at":{"query":{"name":"q","nth":0}},"text":"x"}}"#);
}

#[test]
fn members_of_objects_in_values() {
    let source = EventSource::ApiGatewayHttp;
    let case = case(source);
    let name = |whole: Locator, path: &str| Locator::NameIn { of: Box::new(inside(whole, path)) };
    let jwt = "»jwt»/claims";
    for (at, path) in [
        (name(Locator::query("filter", 0), "»json»"), "/queryStringParameters/filter»json»/ (name)"),
        (name(Locator::header("x-context", 0), "»json»"), "/headers/x-context»json»/ (name)"),
        (
            name(Locator::header("authorization", 0), "»header-list»/Bearer»jwt»/claims"),
            "/headers/authorization»header-list»/Bearer»jwt»/claims/ (name)",
        ),
        (name(Locator::cookie("prefs"), "»percent»json»"), "/cookies/0»cookie»/prefs»percent»json»/ (name)"),
        (name(Locator::path_parameter("token"), jwt), &format!("/pathParameters/token{jwt}/ (name)")),
    ] {
        assert!(case.points().iter().any(|point| point.locator == at && point.path() == path), "{path}");
        let edit = Edit::SetText { at: at.clone(), text: "__proto__".to_owned() };
        let changed = TestCase { edits: vec![edit], ..case.clone() };
        let place = Locator::with_inside(&at, at.inside().unwrap().member("__proto__"));
        assert_eq!(changed.wire().text(&place).as_deref(), Some("1"), "{path}");
    }
    // Of two values that arrive joined none can be told apart.
    let joined = name(Locator::query("twice", 0), "»json»");
    assert!(case.points().iter().all(|point| point.locator != joined));
    let stored = serde_json::to_string(&name(Locator::query("filter", 0), "»json»")).unwrap();
    assert_eq!(
        serde_json::from_str::<Locator>(&stored).unwrap(),
        name(Locator::query("filter", 0), "»json»")
    );
}
