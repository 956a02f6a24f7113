//! Tests of requests: one request, two sources.

use crate::codec::Codec;
use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::{
    point::{Locator, Path},
    source::EventSource,
    wire::Leaves,
};

/// The request that was captured through five sources (hotsock/voker `vokerhttp/testdata`), in
/// our own words.
fn captured() -> HttpRequest {
    let mut request = HttpRequest::get("/capture/space value");
    let pair = |(name, value): (&str, &str)| (name.to_owned(), Node::text(value));
    request.method = "POST".to_owned();
    request.query = [
        ("repeat", "one"),
        ("repeat", "two"),
        ("redirect", "https://example.com/a?b=c"),
        ("literalPlus", "a b"),
        ("encodedPlus", "a+b"),
        ("empty", ""),
    ]
    .map(pair)
    .to_vec();
    request.headers = [
        ("content-type", "application/json"),
        ("user-agent", "probe/1"),
        ("x-voker-probe", "first"),
        ("x-voker-probe", "second"),
        ("Accept", "*/*"),
        ("Connection", "close"),
    ]
    .map(pair)
    .to_vec();
    request.cookies = [("session", "abc123"), ("theme", "dark")].map(pair).to_vec();
    request.body = Some(Node::json(Node::from(json!({ "a": 1 }))));
    request
}

fn check(event: &Value, expected: Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(event).unwrap());
}

#[test]
fn rest_api_as_captured() {
    check(
        &v1::render(&captured()),
        expect![[r#"
            {
              "resource": "/{proxy+}",
              "path": "/capture/space%20value",
              "httpMethod": "POST",
              "headers": {
                "content-type": "application/json",
                "User-Agent": "probe/1",
                "x-voker-probe": "second",
                "Accept": "*/*",
                "cookie": "session=abc123; theme=dark",
                "Host": "k3vq81zt0m.execute-api.us-east-1.amazonaws.com",
                "X-Amzn-Trace-Id": "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053",
                "X-Forwarded-For": "203.0.113.24",
                "X-Forwarded-Port": "443",
                "X-Forwarded-Proto": "https"
              },
              "multiValueHeaders": {
                "content-type": [
                  "application/json"
                ],
                "User-Agent": [
                  "probe/1"
                ],
                "x-voker-probe": [
                  "first",
                  "second"
                ],
                "Accept": [
                  "*/*"
                ],
                "cookie": [
                  "session=abc123; theme=dark"
                ],
                "Host": [
                  "k3vq81zt0m.execute-api.us-east-1.amazonaws.com"
                ],
                "X-Amzn-Trace-Id": [
                  "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053"
                ],
                "X-Forwarded-For": [
                  "203.0.113.24"
                ],
                "X-Forwarded-Port": [
                  "443"
                ],
                "X-Forwarded-Proto": [
                  "https"
                ]
              },
              "queryStringParameters": {
                "repeat": "two",
                "redirect": "https://example.com/a?b=c",
                "literalPlus": "a b",
                "encodedPlus": "a+b",
                "empty": ""
              },
              "multiValueQueryStringParameters": {
                "repeat": [
                  "one",
                  "two"
                ],
                "redirect": [
                  "https://example.com/a?b=c"
                ],
                "literalPlus": [
                  "a b"
                ],
                "encodedPlus": [
                  "a+b"
                ],
                "empty": [
                  ""
                ]
              },
              "pathParameters": {
                "proxy": "capture/space%20value"
              },
              "stageVariables": null,
              "requestContext": {
                "resourceId": "t9w4pc",
                "resourcePath": "/{proxy+}",
                "httpMethod": "POST",
                "extendedRequestId": "YqT3dHhLIAMEb9w=",
                "requestTime": "04/Mar/2026:05:06:07 +0000",
                "path": "/prod/capture/space%20value",
                "accountId": "123456789012",
                "protocol": "HTTP/1.1",
                "stage": "prod",
                "domainPrefix": "k3vq81zt0m",
                "requestTimeEpoch": 1772600767890,
                "requestId": "15ebc5ae-1674-415a-a4ea-1ff71354f45f",
                "identity": {
                  "cognitoIdentityPoolId": null,
                  "accountId": null,
                  "cognitoIdentityId": null,
                  "caller": null,
                  "sourceIp": "203.0.113.24",
                  "principalOrgId": null,
                  "accessKey": null,
                  "cognitoAuthenticationType": null,
                  "cognitoAuthenticationProvider": null,
                  "userArn": null,
                  "userAgent": "probe/1",
                  "user": null
                },
                "domainName": "k3vq81zt0m.execute-api.us-east-1.amazonaws.com",
                "deploymentId": "m2x7ra",
                "apiId": "k3vq81zt0m"
              },
              "body": "{\"a\":1}",
              "isBase64Encoded": false
            }"#]],
    );
}

#[test]
fn http_api_as_captured() {
    check(
        &v2::render(&captured()),
        expect![[r#"
        {
          "version": "2.0",
          "routeKey": "ANY /{proxy+}",
          "rawPath": "/capture/space value",
          "rawQueryString": "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc&literalPlus=a%20b&encodedPlus=a%2Bb&empty=",
          "cookies": [
            "session=abc123",
            "theme=dark"
          ],
          "headers": {
            "content-type": "application/json",
            "user-agent": "probe/1",
            "x-voker-probe": "first,second",
            "accept": "*/*",
            "connection": "close",
            "content-length": "7",
            "host": "p7d2nx94cb.execute-api.us-east-1.amazonaws.com",
            "x-amzn-trace-id": "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053",
            "x-forwarded-for": "203.0.113.24",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
          },
          "queryStringParameters": {
            "repeat": "one,two",
            "redirect": "https://example.com/a?b=c",
            "literalPlus": "a b",
            "encodedPlus": "a+b",
            "empty": ""
          },
          "requestContext": {
            "accountId": "123456789012",
            "apiId": "p7d2nx94cb",
            "domainName": "p7d2nx94cb.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "p7d2nx94cb",
            "http": {
              "method": "POST",
              "path": "/capture/space value",
              "protocol": "HTTP/1.1",
              "sourceIp": "203.0.113.24",
              "userAgent": "probe/1"
            },
            "requestId": "Zb3VxgFAoAMEPLw=",
            "routeKey": "ANY /{proxy+}",
            "stage": "$default",
            "time": "04/Mar/2026:05:06:07 +0000",
            "timeEpoch": 1772600767890
          },
          "pathParameters": {
            "proxy": "capture/space value"
          },
          "body": "{\"a\":1}",
          "isBase64Encoded": false
        }"#]],
    );
}

#[test]
fn rest_api_without_anything() {
    let mut event = v1::render(&HttpRequest::get("/"));
    event["requestContext"] = Value::Null;
    check(
        &event,
        expect![[r#"
        {
          "resource": "/",
          "path": "/",
          "httpMethod": "GET",
          "headers": {
            "Host": "k3vq81zt0m.execute-api.us-east-1.amazonaws.com",
            "X-Amzn-Trace-Id": "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053",
            "X-Forwarded-For": "203.0.113.24",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https"
          },
          "multiValueHeaders": {
            "Host": [
              "k3vq81zt0m.execute-api.us-east-1.amazonaws.com"
            ],
            "X-Amzn-Trace-Id": [
              "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053"
            ],
            "X-Forwarded-For": [
              "203.0.113.24"
            ],
            "X-Forwarded-Port": [
              "443"
            ],
            "X-Forwarded-Proto": [
              "https"
            ]
          },
          "queryStringParameters": null,
          "multiValueQueryStringParameters": null,
          "pathParameters": null,
          "stageVariables": null,
          "requestContext": null,
          "body": null,
          "isBase64Encoded": false
        }"#]],
    );
}

#[test]
fn http_api_without_anything() {
    let mut request = HttpRequest::get("/");
    request.route = "$default".to_owned();
    let mut event = v2::render(&request);
    event["requestContext"] = Value::Null;
    check(
        &event,
        expect![[r#"
        {
          "version": "2.0",
          "routeKey": "$default",
          "rawPath": "/",
          "rawQueryString": "",
          "headers": {
            "host": "p7d2nx94cb.execute-api.us-east-1.amazonaws.com",
            "x-amzn-trace-id": "Root=1-69a7bdbf-3c5e81f07a9b2d4416e8c053",
            "x-forwarded-for": "203.0.113.24",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
          },
          "requestContext": null,
          "isBase64Encoded": false
        }"#]],
    );
}

#[test]
fn base64_follows_the_content_type() {
    let cases = [
        ("application/json; charset=utf-8", false),
        ("text/csv", false),
        ("application/xml", false),
        ("application/javascript", false),
        ("application/x-www-form-urlencoded", true),
        ("application/octet-stream", true),
        ("", true),
    ];
    for (content_type, is_base64) in cases {
        let mut request = HttpRequest::get("/");
        request.body = Some(Node::text("a=b"));
        if !content_type.is_empty() {
            request.headers.push(("Content-Type".to_owned(), Node::text(content_type)));
        }
        let body = if is_base64 { "YT1i" } else { "a=b" };
        let event = v2::render(&request);
        assert_eq!(event["isBase64Encoded"], json!(is_base64), "{content_type}");
        assert_eq!(event["body"], json!(body), "{content_type}");
        // A REST API has no such rule, only a list.
        assert_eq!(v1::render(&request)["body"], json!("a=b"));
        request.api.binary_media_types = vec!["*/*".to_owned()];
        assert_eq!(v1::render(&request)["body"], json!("YT1i"));
    }
}

#[track_caller]
fn check_route(route: &str, path: &str, expected: Option<&[(&str, &str)]>) {
    let request = HttpRequest { route: route.to_owned(), ..HttpRequest::get(path) };
    let expected =
        expected.map(|it| it.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>());
    assert_eq!(request.path_parameters(), expected, "{route} {path}");
}

#[test]
fn routes_take_paths() {
    check_route("/{proxy+}", "/a/b/", Some(&[("proxy", "a/b")]));
    check_route("/{proxy+}", "/a//b", Some(&[("proxy", "a//b")]));
    check_route("/{proxy+}", "/", None);
    check_route("/items/{id}", "/items/7", Some(&[("id", "7")]));
    check_route("/items/{id}", "/items/7/8", None);
    check_route("/items/{id}", "/items/", None);
    check_route("/{a}/x/{b+}", "/1/x/2/3", Some(&[("a", "1"), ("b", "2/3")]));
    check_route("/items", "/items", Some(&[]));
    check_route("/items", "/other", None);
    check_route("$default", "/any", Some(&[]));
}

#[test]
fn paths_are_encoded_in_rest_apis_only() {
    let mut request = HttpRequest::get("/items/a b%;$(x)'");
    request.route = "/items/{id}".to_owned();
    let event = v1::render(&request);
    assert_eq!(event["path"], json!("/items/a%20b%25;$(x)'"));
    assert_eq!(event["pathParameters"]["id"], json!("a%20b%25;$(x)'"));
    assert_eq!(event["requestContext"]["path"], json!("/prod/items/a%20b%25;$(x)'"));
    let event = v2::render(&request);
    assert_eq!(event["rawPath"], json!("/items/a b%;$(x)'"));
    assert_eq!(event["pathParameters"]["id"], json!("a b%;$(x)'"));
    assert_eq!(event["routeKey"], json!("GET /items/{id}"));
}

#[test]
fn slashes_are_as_recorded() {
    let event = v1::render(&HttpRequest::get("//a//b/"));
    assert_eq!(event["path"], json!("/a//b/"));
    assert_eq!(event["requestContext"]["path"], json!("/prod//a//b/"));
}

#[test]
fn senders_cannot_set_what_aws_sets() {
    let mut request = HttpRequest::get("/");
    for (name, value) in [("Host", "evil"), ("X-Forwarded-For", "1.2.3.4"), ("Content-Length", "9")] {
        request.headers.push((name.to_owned(), Node::text(value)));
    }
    let event = v1::render(&request);
    assert_ne!(event["headers"]["Host"], json!("evil"));
    assert_eq!(event["headers"]["X-Forwarded-For"], json!("1.2.3.4, 203.0.113.24"));
    assert_eq!(event["headers"].get("Content-Length"), None);
    let event = v2::render(&request);
    assert_ne!(event["headers"]["host"], json!("evil"));
    assert_eq!(event["headers"].get("content-length"), None);
}

#[track_caller]
fn check_points(request: &HttpRequest, source: EventSource, expected: Expect) {
    let points: Vec<String> = request
        .locators(source)
        .iter()
        .filter_map(|at| request.describe(source, at))
        .map(|point| format!("{} {:?} {:?}", point.path(), point.charset, point.role))
        .collect();
    expected.assert_eq(&points.join("\n"));
}

#[test]
fn points_of_a_rest_request() {
    check_points(
        &captured(),
        EventSource::ApiGatewayRest,
        expect![[r#"
        /multiValueQueryStringParameters/repeat/0 Query Data
        /multiValueQueryStringParameters/repeat/1 Query Data
        /queryStringParameters/redirect Query Data
        /queryStringParameters/literalPlus Query Data
        /queryStringParameters/encodedPlus Query Data
        /queryStringParameters/empty Query Data
        /pathParameters/proxy»percent PathEnd Routing
        /body»json»/a Any Data
        /headers/cookie»cookie»/session CookieValue Data
        /headers/cookie»cookie»/theme CookieValue Data
        /headers/content-type HeaderValue Routing
        /headers/User-Agent HeaderValue Data
        /multiValueHeaders/x-voker-probe/0 HeaderValue Data
        /multiValueHeaders/x-voker-probe/1 HeaderValue Data
        /headers/Accept HeaderValue Data
        /queryStringParameters/ (name) Path Routing
        /body»json»/ (name) Any Routing
        /headers/ (name) HeaderName Routing"#]],
    );
}

#[test]
fn points_of_an_http_request() {
    let mut request = captured();
    request.route = "$default".to_owned();
    request.headers.retain(|(name, _)| name != "content-type");
    request.body = Some(Node::Object(vec![("name".to_owned(), Node::text("x"))]).inside(Codec::Form));
    check_points(
        &request,
        EventSource::ApiGatewayHttp,
        expect![[r#"
        /queryStringParameters/repeat Query Data
        /queryStringParameters/repeat Query Data
        /queryStringParameters/redirect Query Data
        /queryStringParameters/literalPlus Query Data
        /queryStringParameters/encodedPlus Query Data
        /queryStringParameters/empty Query Data
        /body»base64»form»/name Any Data
        /cookies/0»cookie»/session CookieValue Data
        /cookies/1»cookie»/theme CookieValue Data
        /headers/user-agent HeaderValue Data
        /headers/x-voker-probe HeaderValue Data
        /headers/x-voker-probe HeaderValue Data
        /headers/accept HeaderValue Data
        /headers/connection HeaderValue Data
        /rawPath Path Routing
        /queryStringParameters/ (name) Path Routing
        /body»base64»form»/ (name) Any Routing
        /headers/ (name) HeaderName Routing"#]],
    );
}

#[test]
fn points_behind_a_load_balancer() {
    let mut request = captured();
    request.route = "/capture/{name}".to_owned();
    check_points(
        &request,
        EventSource::AlbMulti,
        expect![[r#"
        /multiValueQueryStringParameters/repeat/0»percent Query Data
        /multiValueQueryStringParameters/repeat/1»percent Query Data
        /multiValueQueryStringParameters/redirect/0»percent Query Data
        /multiValueQueryStringParameters/literalPlus/0»percent Query Data
        /multiValueQueryStringParameters/encodedPlus/0»percent Query Data
        /multiValueQueryStringParameters/empty/0»percent Query Data
        /path»percent PathSegment Data
        /body»json»/a Any Data
        /multiValueHeaders/cookie/0»cookie»/session CookieValue Data
        /multiValueHeaders/cookie/0»cookie»/theme CookieValue Data
        /multiValueHeaders/content-type/0 HeaderValue Routing
        /multiValueHeaders/user-agent/0 HeaderValue Data
        /multiValueHeaders/x-voker-probe/0 HeaderValue Data
        /multiValueHeaders/x-voker-probe/1 HeaderValue Data
        /multiValueHeaders/accept/0 HeaderValue Data
        /multiValueHeaders/connection/0 HeaderValue Data
        /multiValueQueryStringParameters/ (name) QueryAsIs Routing
        /body»json»/ (name) Any Routing
        /multiValueHeaders/ (name) HeaderName Routing"#]],
    );
    // Of equal names only the last arrives.
    let at = |nth| request.describe(EventSource::Alb, &Locator::query("repeat", nth));
    assert_eq!(at(0), None);
    assert_eq!(at(1).unwrap().path(), "/queryStringParameters/repeat»percent");
    let at = |nth| request.describe(EventSource::Alb, &Locator::header("x-voker-probe", nth));
    assert_eq!(at(0), None);
    assert_eq!(at(1).unwrap().path(), "/headers/x-voker-probe");
}

#[test]
fn points_of_a_function_url() {
    let mut request = captured();
    request.route = "$default".to_owned();
    check_points(
        &request,
        EventSource::FunctionUrl,
        expect![[r#"
        /queryStringParameters/repeat Query Data
        /queryStringParameters/repeat Query Data
        /queryStringParameters/redirect Query Data
        /queryStringParameters/literalPlus Query Data
        /queryStringParameters/encodedPlus Query Data
        /queryStringParameters/empty Query Data
        /body»json»/a Any Data
        /cookies/0»cookie»/session CookieValue Data
        /cookies/1»cookie»/theme CookieValue Data
        /headers/content-type HeaderValue Routing
        /headers/user-agent HeaderValue Data
        /headers/x-voker-probe HeaderValue Data
        /headers/x-voker-probe HeaderValue Data
        /headers/accept HeaderValue Data
        /headers/connection HeaderValue Data
        /rawPath»percent Path Routing
        /queryStringParameters/ (name) Path Routing
        /body»json»/ (name) Any Routing
        /headers/ (name) HeaderName Routing"#]],
    );
}

#[test]
fn points_of_connections_and_messages() {
    let mut connect = captured();
    connect.act = Act::Connect;
    connect.body = None;
    check_points(
        &connect,
        EventSource::WebSocket,
        expect![[r#"
        /multiValueQueryStringParameters/repeat/0 Query Data
        /multiValueQueryStringParameters/repeat/1 Query Data
        /queryStringParameters/redirect Query Data
        /queryStringParameters/literalPlus Query Data
        /queryStringParameters/encodedPlus Query Data
        /queryStringParameters/empty Query Data
        /headers/cookie»cookie»/session CookieValue Data
        /headers/cookie»cookie»/theme CookieValue Data
        /headers/content-type HeaderValue Routing
        /headers/User-Agent HeaderValue Data
        /multiValueHeaders/x-voker-probe/0 HeaderValue Data
        /multiValueHeaders/x-voker-probe/1 HeaderValue Data
        /headers/Accept HeaderValue Data
        /queryStringParameters/ (name) Path Routing
        /headers/ (name) HeaderName Routing"#]],
    );
    let message = json!({ "action": "send", "text": "x" });
    let message = HttpRequest::message("send", Node::json(Node::from(message)));
    check_points(
        &message,
        EventSource::WebSocket,
        expect![[r#"
        /body»json»/action Any Routing
        /body»json»/text Any Data
        /body»json»/ (name) Any Routing"#]],
    );
    let closed = HttpRequest { act: Act::Disconnect, ..HttpRequest::get("/") };
    check_points(&closed, EventSource::WebSocket, expect![[""]]);
    check_points(&HttpRequest::health_check("/"), EventSource::Alb, expect![[""]]);
}

#[test]
fn the_route_of_a_message_follows_from_it() {
    let key = |request: &HttpRequest| {
        websocket::render(request)["requestContext"]["routeKey"].as_str().unwrap().to_owned()
    };
    let content = json!({ "action": "send", "text": "x" });
    let mut message = HttpRequest::message("send", Node::json(Node::from(content)));
    assert_eq!(key(&message), "send");
    let action = Locator::Body { path: Path::from("»json»/action".to_owned()) };
    assert!(message.set(&action, "other"));
    assert_eq!(key(&message), "$default");
    assert_eq!(key(&HttpRequest::message("send", Node::text("send"))), "$default");
    assert_eq!(key(&HttpRequest { act: Act::Connect, ..HttpRequest::get("/") }), "$connect");
    // An API may look at another member: then a given event says at which.
    let event = json!({ "requestContext": { "eventType": "MESSAGE", "routeKey": "join", "connectionId": "a=" },
        "body": "{\"kind\":\"join\"}" });
    let given = websocket::parse(&event).unwrap();
    assert_eq!((key(&given).as_str(), given.api.selection.as_deref()), ("join", Some("kind")));
}

/// What AWS itself says is not changed, and a message stays one.
#[test]
fn edits_leave_what_no_client_sends() {
    use crate::{case::apply, edit::Edit, wire::Wire};
    let body = || Locator::Body { path: Path::root() };
    let edits = [
        Edit::Method("POST".to_owned()),
        Edit::Path("/a".to_owned()),
        Edit::ContentType("text/plain".to_owned()),
        Edit::DropBody,
        Edit::DropHeaders,
        Edit::Remove { at: body() },
        Edit::SetText { at: body(), text: String::new() },
        Edit::Add { at: Locator::header("x", 0), text: "y".to_owned() },
        Edit::Add { at: Locator::query("x", 0), text: "y".to_owned() },
    ];
    for edit in edits {
        let mut check = Wire::Http(HttpRequest::health_check("/"));
        assert!(!apply(&mut check, EventSource::Alb, &edit), "{edit:?}");
        let mut closed = Wire::Http(HttpRequest { act: Act::Disconnect, ..HttpRequest::get("/") });
        assert!(!apply(&mut closed, EventSource::WebSocket, &edit), "{edit:?}");
        let mut message = Wire::Http(HttpRequest::message("$default", Node::text("x")));
        assert!(!apply(&mut message, EventSource::WebSocket, &edit), "{edit:?}");
    }
    let said = Edit::SetText { at: body(), text: "y".to_owned() };
    let mut message = Wire::Http(HttpRequest::message("$default", Node::text("x")));
    assert!(apply(&mut message, EventSource::WebSocket, &said));
    let long = Edit::SetText { at: body(), text: "y".repeat(128 * 1024 + 1) };
    assert!(!apply(&mut message, EventSource::WebSocket, &long));
}

#[test]
fn an_authorizer_is_not_asked_without_what_it_looks_for() {
    use crate::{case::apply, edit::Edit, wire::Wire};
    let mut request = HttpRequest::get("/orders");
    request.headers = vec![("Authorization".to_owned(), Node::text("Bearer x"))];
    request.api.identity_source = vec!["authorization".to_owned()];
    let event = doc(EventSource::AuthorizerHttp, &request).into_value();
    assert_eq!(event["identitySource"], json!(["Bearer x"]));
    assert_eq!(event.get("body"), None);
    let arn = event["routeArn"].as_str().unwrap();
    assert!(arn.ends_with("/$default/GET/orders"), "{arn}");
    let at = Locator::header("Authorization", 0);
    let point = request.describe(EventSource::AuthorizerHttp, &at).unwrap();
    assert_eq!((point.charset, point.role), (crate::point::Charset::HeaderText, crate::point::Role::Data));
    let mut wire = Wire::Http(request);
    assert!(!apply(&mut wire, EventSource::AuthorizerHttp, &Edit::Remove { at: at.clone() }));
    assert!(!apply(
        &mut wire,
        EventSource::AuthorizerHttp,
        &Edit::SetText { at: at.clone(), text: String::new() }
    ));
    assert!(apply(&mut wire, EventSource::AuthorizerHttp, &Edit::SetText { at, text: "y".to_owned() }));
}
