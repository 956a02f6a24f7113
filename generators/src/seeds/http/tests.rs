//! Routes, methods and headers of seed requests.

use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::{
    case::Seed,
    lexicon::{Lexicon, SourceFile},
    point::{Locator, Role},
    seeds::{MAX_SEEDS, seeds},
    source::EventSource,
    wire::{Leaves, Wire, http::HttpRequest},
};

fn learn(code: &str) -> Lexicon {
    Lexicon::learn(&[SourceFile { name: "index.js", content: code.as_bytes() }])
}

fn of(source: EventSource, code: &str) -> Vec<Seed> {
    let seeds = seeds(source, &learn(code));
    assert!(seeds.len() <= MAX_SEEDS);
    assert_eq!(seeds.last().map(|it| it.name.as_str()), Some("bare"));
    seeds
}

/// Name, method, route, path and query names of every seed.
#[track_caller]
fn check(source: EventSource, code: &str, expected: Expect) {
    let mut listing = String::new();
    for seed in of(source, code) {
        let Wire::Http(request) = &seed.wire else { panic!("no request") };
        assert!(request.sendable(EventSource::ApiGatewayRest));
        // Captured parts are points: planting there leaves the rest of the path alone.
        for (name, value) in request.path_parameters().unwrap_or_default() {
            let mut request = request.clone();
            let at = Locator::path_parameter(&name);
            assert!(request.set(&at, "planted"), "{at:?} of {value}");
            assert!(request.describe(source, &at).is_some());
        }
        let query: Vec<&str> = request.query.iter().map(|(name, _)| name.as_str()).collect();
        let (method, route, path) = (&request.method, &request.route, &request.path);
        writeln!(listing, "{}: {method} {route} {path} {}", seed.name, query.join("&")).unwrap();
    }
    expected.assert_eq(&listing);
}

#[test]
fn every_learnt_route_has_a_seed() {
    let code = "const routes = { 'GET /health': a, 'POST /api/convert': b, 'PUT /api/{kind}': c }; \
                exports.handler = (e) => routes[`${e.requestContext.http.method} ${e.rawPath}`](e); \
                const b = (event) => f(event.queryStringParameters.charset, JSON.parse(event.body).what)";
    check(
        EventSource::ApiGatewayHttp,
        code,
        expect![[r#"
            get-query: GET /health /health charset&what
            post-json: POST /api/convert /api/convert charset
            route-1: PUT /api/{kind} /api/fada charset
            post-json-objects: POST /api/convert /api/convert charset
            post-form: POST /api/convert /api/convert charset
            post-text: POST /api/convert /api/convert charset
            post-json-arrays: POST /api/convert /api/convert charset
            post-json-lists: POST /api/convert /api/convert charset
            bare: GET $default / 
        "#]],
    );
}

#[test]
fn patterns_are_routes_with_holes() {
    let code = r"exports.handler = (event) => { const m = event.rawPath.match(/^\/repos\/([^/]+)\/log$/); \
                 if (m) return f(m[1]); const id = /^\/jobs\/(?<id>\d+)$/.exec(event.rawPath); \
                 if (event.rawPath === '/list') return g(event.body); }";
    check(
        EventSource::ApiGatewayHttp,
        code,
        expect![[r#"
            get-query: GET /repos/{part1}/log /repos/kilo/log 
            post-json: POST /repos/{part1}/log /repos/kilo/log 
            route-1: GET /jobs/{id} /jobs/12 
            route-2: GET $default /list 
            route-3: POST /jobs/{id} /jobs/12 
            route-4: POST $default /list 
            post-form: POST /repos/{part1}/log /repos/kilo/log 
            post-text: POST /repos/{part1}/log /repos/kilo/log 
            bare: GET $default / 
        "#]],
    );
    check(
        EventSource::ApiGatewayRest,
        code,
        expect![[r#"
            get-query: GET /repos/{part1}/log /repos/kilo/log 
            post-json: POST /repos/{part1}/log /repos/kilo/log 
            route-1: GET /jobs/{id} /jobs/12 
            route-2: GET /{proxy+} /list 
            route-3: POST /jobs/{id} /jobs/12 
            route-4: POST /{proxy+} /list 
            post-form: POST /repos/{part1}/log /repos/kilo/log 
            post-text: POST /repos/{part1}/log /repos/kilo/log 
            bare: GET / / 
        "#]],
    );
}

#[test]
fn without_routes_nothing_is_repeated() {
    check(
        EventSource::ApiGatewayRest,
        "exports.handler = (event) => f(event.body)",
        expect![[r#"
            get-query: GET /{proxy+} /dada 
            post-json: POST /{proxy+} /dada 
            post-form: POST /{proxy+} /dada 
            post-text: POST /{proxy+} /dada 
            bare: GET / / 
        "#]],
    );
}

#[test]
fn only_headers_of_aws_are_refused() {
    let names = [
        "x-forwarded-host",
        "X-Forwarded-User",
        "x-forwarded-for",
        "x-forwarded-port",
        "host",
        "x-amzn-trace-id",
    ];
    let reads: String = names.iter().map(|it| format!("f(event.headers['{it}']);")).collect();
    let code = format!("exports.handler = (event) => {{ {reads} }}");
    let seeds = of(EventSource::ApiGatewayRest, &code);
    let Wire::Http(request) = &seeds[0].wire else { panic!("no request") };
    let set: Vec<&str> = names.into_iter().filter(|it| request.header(it).is_some()).collect();
    assert_eq!(set, ["x-forwarded-host", "X-Forwarded-User"]);
}

#[test]
fn the_bare_seed_is_innocent() {
    let code = "exports.handler = (event) => f(event.body.a, event.headers.b, event.queryStringParameters.c)";
    for source in [EventSource::ApiGatewayHttp, EventSource::ApiGatewayRest] {
        let seeds = of(source, code);
        let Wire::Http(request) = &seeds[seeds.len() - 1].wire else { panic!("no request") };
        let mut points = request.locators(source);
        points.retain(|it| !it.is_name() && *it != Locator::Path);
        assert_eq!(points, []);
        let path = request.describe(source, &Locator::Path);
        assert!(path.is_none_or(|it| it.role == Role::Routing));
    }
}

/// The points of the first seed that are in the `Authorization` header, and what is there.
#[track_caller]
fn check_credentials(code: &str, expected: Expect) {
    let seed = of(EventSource::ApiGatewayHttp, code).remove(0);
    let points = seed.wire.points(EventSource::ApiGatewayHttp).into_iter();
    let points = points.filter(|it| it.path().starts_with("/headers/authorization"));
    let lines = points.map(|it| format!("{it} {}\n", seed.wire.text(&it.locator).unwrap_or_default()));
    expected.assert_eq(&lines.collect::<String>());
    // What is sent opens to the same.
    let again = Wire::parse(EventSource::ApiGatewayHttp, &seed.event());
    let (Some(Wire::Http(again)), Wire::Http(request)) = (again, &seed.wire) else { panic!("no request") };
    let header = |it: &HttpRequest| it.headers.iter().find(|(name, _)| name == "authorization").cloned();
    assert_eq!(header(&again), header(request));
}

#[test]
fn credentials_are_of_the_kind_that_the_code_expects() {
    check_credentials(
        "exports.handler = (event) => { const token = event.headers.authorization.replace('Bearer ', ''); \
         const claims = jwt.decode(token); if (claims.role === 'admin') f(claims.orgName); }",
        expect![[r#"
            /headers/authorization»header-list»/Bearer»jwt»/header/alg HS256
            /headers/authorization»header-list»/Bearer»jwt»/header/typ JWT
            /headers/authorization»header-list»/Bearer»jwt»/claims/sub dada
            /headers/authorization»header-list»/Bearer»jwt»/claims/orgName fada
            /headers/authorization»header-list»/Bearer»jwt»/claims/role admin
            /headers/authorization»header-list»/Bearer»jwt»/claims/exp 4102444799
            /headers/authorization»header-list»/Bearer»jwt»/signature c2lnbmF0dXJl
            /headers/authorization»header-list»/Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkYWRhIiwib3JnTmFtZSI6ImZhZGEiLCJyb2xlIjoiYWRtaW4iLCJleHAiOjQxMDI0NDQ3OTl9.c2lnbmF0dXJl
            /headers/authorization Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkYWRhIiwib3JnTmFtZSI6ImZhZGEiLCJyb2xlIjoiYWRtaW4iLCJleHAiOjQxMDI0NDQ3OTl9.c2lnbmF0dXJl
            /headers/authorization»header-list»/Bearer»jwt»/claims/ (name) 
        "#]],
    );
    check_credentials(
        "exports.handler = (event) => { const [scheme, rest] = event.headers.authorization.split(' '); \
         if (scheme !== 'Basic') return; f(Buffer.from(rest, 'base64').toString().split(':')); }",
        expect![[r#"
            /headers/authorization»header-list»/Basic»base64» dada:fada
            /headers/authorization»header-list»/Basic ZGFkYTpmYWRh
            /headers/authorization Basic ZGFkYTpmYWRh
        "#]],
    );
    // Without a library, and the scheme only in a pattern.
    check_credentials(
        "exports.handler = (event) => { const token = event.headers.authorization.replace(/^Bearer /, ''); \
         f(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub); }",
        expect![[r#"
            /headers/authorization»header-list»/Bearer»jwt»/header/alg HS256
            /headers/authorization»header-list»/Bearer»jwt»/header/typ JWT
            /headers/authorization»header-list»/Bearer»jwt»/claims/sub dada
            /headers/authorization»header-list»/Bearer»jwt»/claims/base64url fada
            /headers/authorization»header-list»/Bearer»jwt»/claims/exp 4102444799
            /headers/authorization»header-list»/Bearer»jwt»/signature c2lnbmF0dXJl
            /headers/authorization»header-list»/Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkYWRhIiwiYmFzZTY0dXJsIjoiZmFkYSIsImV4cCI6NDEwMjQ0NDc5OX0.c2lnbmF0dXJl
            /headers/authorization Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkYWRhIiwiYmFzZTY0dXJsIjoiZmFkYSIsImV4cCI6NDEwMjQ0NDc5OX0.c2lnbmF0dXJl
            /headers/authorization»header-list»/Bearer»jwt»/claims/ (name) 
        "#]],
    );
    check_credentials(
        "exports.handler = (event) => f(event.headers.authorization)",
        expect![[r#"
        /headers/authorization dada
    "#]],
    );
}

/// The names of the seeds, and the points of one of them.
fn points_of(source: EventSource, code: &str, name: &str) -> Vec<(String, Role)> {
    let seeds = of(source, code);
    let seed = seeds.iter().find(|it| it.name == name);
    let points = seed.into_iter().flat_map(|it| crate::case::TestCase::new(it.clone()).points());
    points.map(|it| (it.path().to_owned(), it.role)).collect()
}

#[test]
fn forms_in_several_parts_have_files_and_what_tells_the_parts_apart_is_no_data() {
    let code = "const upload = require('multer')(); exports.handler = (event) => f(event.body.title)";
    let points = points_of(EventSource::ApiGatewayRest, code, "post-files");
    let role = |end: &str| points.iter().find(|(path, _)| path.ends_with(end)).map(|(_, role)| *role);
    assert_eq!(role("»multipart»/title"), Some(Role::Data));
    assert_eq!(role("/title~41/filename"), Some(Role::Data), "{points:?}");
    assert_eq!(role("/title~41/content"), Some(Role::Data));
    assert_eq!(role("/title~41/headers"), Some(Role::Routing));
    assert_eq!(role("»multipart»/boundary"), Some(Role::Routing));
    let plain =
        of(EventSource::ApiGatewayRest, "exports.handler = (event) => f(JSON.parse(event.body).title)");
    assert!(plain.iter().all(|it| !it.name.contains("multipart")));
}

#[test]
fn settings_of_template_engines_are_sent_to_code_that_has_one() {
    let code =
        "const ejs = require('ejs'); exports.handler = (event) => ejs.render(T, event.queryStringParameters)";
    let has = |name: &str, wanted: &str| {
        let points = points_of(EventSource::ApiGatewayHttp, code, name);
        assert!(
            points.iter().any(|(path, role)| path.ends_with(wanted) && *role == Role::Data),
            "{points:?}"
        );
    };
    has("get-settings", "/settings[view options][outputFunctionName]");
    has("post-settings-form", "/settings[view options][destructuredLocals][0]");
    has("post-settings", "»json»/settings/view options/outputFunctionName");
    let plain =
        of(EventSource::ApiGatewayHttp, "exports.handler = (event) => f(event.queryStringParameters.a)");
    assert!(plain.iter().all(|it| !it.name.contains("settings")));
}

#[test]
fn code_that_checks_whole_events_gets_one_of_a_client_that_is_known() {
    let code = "const { z } = require('zod'); exports.handler = (event) => Schema.parse(event)";
    let Some(seed) = of(EventSource::ApiGatewayHttp, code).into_iter().find(|it| it.name == "known-client")
    else {
        panic!("no such seed")
    };
    let event = seed.event();
    assert_eq!(event.pointer("/requestContext/authorizer/jwt/scopes"), Some(&serde_json::Value::Null));
    let plain = of(EventSource::ApiGatewayHttp, "exports.handler = (event) => f(event.body)");
    assert!(plain.iter().all(|it| it.name != "known-client"));
}
