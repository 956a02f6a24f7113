//! Tests of seed events: plausible, distinct, and of learnt names only.

use std::collections::BTreeSet;

use base64::Engine as _;
use serde_json::json;

use super::*;
use crate::{
    case::TestCase,
    lexicon::SourceFile,
    seeds::words::{benign, word},
    wire::MAX_EVENT_BYTES,
};

fn learn(code: &str) -> Lexicon {
    Lexicon::learn(&[SourceFile { name: "index.js", content: code.as_bytes() }])
}

/// The events of `source` by the name of their seed.
fn event(source: EventSource, code: &str, name: &str) -> Value {
    let seeds = seeds(source, &learn(code));
    let names: Vec<&str> = seeds.iter().map(|it| it.name.as_str()).collect();
    let seed = seeds.iter().find(|it| it.name == name);
    seed.unwrap_or_else(|| panic!("no seed {name} among {names:?}")).event()
}

fn body(event: &Value) -> Value {
    serde_json::from_str(event["body"].as_str().unwrap()).unwrap()
}

#[test]
fn seeds_are_few_distinct_and_deterministic() {
    let lexicon = learn("exports.handler = (e) => e.body.aa + e.bb; if (e.cc === 'x' || e.cc === 'y') f()");
    for source in EventSource::ALL {
        for lexicon in [&lexicon, &Lexicon::default()] {
            let seeds = super::seeds(source, lexicon);
            assert!((1..=MAX_SEEDS).contains(&seeds.len()));
            assert_eq!(seeds, super::seeds(source, lexicon));
            let names: BTreeSet<&str> = seeds.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(names.len(), seeds.len());
            for seed in &seeds {
                assert_eq!(seed.source, source);
                assert!(TestCase::new(seed.clone()).render().bytes.len() < MAX_EVENT_BYTES / 10);
            }
        }
    }
}

#[test]
fn benign_values_are_words_and_all_different() {
    let words: BTreeSet<String> = (0..200).map(word).collect();
    assert_eq!(words.len(), 200);
    assert!(words.iter().all(|it| it.len() >= 4 && it.bytes().all(|it| it.is_ascii_lowercase())));
    for name in ["userId", "page_count", "id", "LIMIT", "order-id"] {
        assert!(benign(name, 3).parse::<u32>().is_ok(), "{name}");
    }
    for name in ["valid", "grid", "identity", "userName", "S"] {
        assert!(benign(name, 3).parse::<u32>().is_err(), "{name}");
    }
}

#[test]
fn query_header_cookie_and_path_names_are_learnt() {
    let code = "exports.handler = (event) => f(event.queryStringParameters.zorp, \
                event.headers['x-blip'], event.pathParameters.quux)";
    let rest = event(EventSource::ApiGatewayRest, code, "get-query");
    assert!(rest["queryStringParameters"]["zorp"].is_string());
    assert!(rest["headers"]["x-blip"].is_string());
    assert!(rest["pathParameters"]["quux"].is_string());
    assert_eq!(rest["resource"], json!("/{quux}"));
    let http = event(EventSource::ApiGatewayHttp, code, "get-query");
    assert!(http["headers"]["x-blip"].is_string());
    assert_eq!(http["routeKey"], json!("GET /{quux}"));
}

#[test]
fn chains_make_nested_bodies() {
    let code = "exports.handler = (event) => { const b = JSON.parse(event.body); \
                f(b.orb.ring.gem, b.flat) }";
    let nested = body(&event(EventSource::ApiGatewayHttp, code, "post-json-objects"));
    assert!(nested["orb"]["ring"]["gem"].is_string(), "{nested}");
    assert!(nested["flat"].is_string(), "{nested}");
    let arrays = body(&event(EventSource::ApiGatewayHttp, code, "post-json-arrays"));
    assert!(arrays["orb"][0]["ring"][0]["gem"].is_string(), "{arrays}");
}

#[test]
fn gates_hold_their_literals() {
    let code = "exports.handler = (event) => { const b = JSON.parse(event.body); \
                if (b.mode === 'fast') f(b.what); else if (b.mode === 'slow') g(b.what) }";
    let first = body(&event(EventSource::ApiGatewayRest, code, "post-json"));
    assert_eq!(first["mode"], json!("fast"));
    let second = body(&event(EventSource::ApiGatewayRest, code, "gates-2"));
    assert_eq!(second["mode"], json!("slow"));
}

#[test]
fn routes_and_methods_are_learnt() {
    let code = "exports.handler = (event) => { switch (event.routeKey) { \
                case 'DELETE /things/{thing}': return f(event.pathParameters.thing); } }";
    let learnt = event(EventSource::ApiGatewayHttp, code, "get-query");
    assert_eq!(learnt["routeKey"], json!("DELETE /things/{thing}"));
    assert!(learnt["rawPath"].as_str().unwrap().starts_with("/things/"));
}

#[test]
fn records_hold_learnt_names() {
    let code = "exports.handler = async (event) => { for (const r of event.Records) { \
                const m = JSON.parse(r.body); f(m.task, r.messageAttributes.kindly.stringValue); \
                f(r.dynamodb.NewImage.title.S, r.dynamodb.NewImage.count.N, \
                  r.dynamodb.Keys.owner.S, r.dynamodb.NewImage.wrap.M.part.S); } }";
    let sqs = event(EventSource::Sqs, code, "json");
    assert!(body(&sqs["Records"][0])["task"].is_string(), "{sqs}");
    assert!(sqs["Records"][0]["messageAttributes"]["kindly"]["stringValue"].is_string(), "{sqs}");
    let insert = event(EventSource::DynamoDbStream, code, "insert");
    let image = &insert["Records"][0]["dynamodb"]["NewImage"];
    assert!(image["title"]["S"].is_string(), "{insert}");
    assert!(image["count"]["N"].is_string(), "{insert}");
    assert!(image["wrap"]["M"]["part"]["S"].is_string(), "{insert}");
    assert!(insert["Records"][0]["dynamodb"]["Keys"]["owner"]["S"].is_string(), "{insert}");
    let modify = event(EventSource::DynamoDbStream, code, "modify");
    let change = &modify["Records"][0]["dynamodb"];
    assert_ne!(change["OldImage"], change["NewImage"]);
    let remove = event(EventSource::DynamoDbStream, code, "remove");
    assert!(remove["Records"][0]["dynamodb"]["OldImage"]["title"]["S"].is_string());
}

#[test]
fn object_keys_follow_literals() {
    let code = "exports.handler = (event) => { const k = event.Records[0].s3.object.key; \
                if (k.startsWith('inbox/') && k.endsWith('.csv')) f(k) }";
    let event = event(EventSource::S3, code, "created");
    let key = event.pointer("/Records/0/s3/object/key").and_then(Value::as_str).unwrap();
    assert!(key.starts_with("inbox/") && key.ends_with(".csv"), "{key}");
}

#[test]
fn direct_events_follow_chains() {
    let code = "exports.handler = (event) => f(event.job.steps.first, event.plain)";
    let flat = event(EventSource::Direct, code, "flat");
    assert!(flat["plain"].is_string(), "{flat}");
    let nested = event(EventSource::Direct, code, "typed");
    assert!(nested["job"]["steps"]["first"].is_string(), "{nested}");
}

#[test]
fn typed_seeds_hold_all_chains_at_once() {
    let code = "exports.handler = async (event) => { for (const r of event.Records) { \
                const m = JSON.parse(r.body); for (const s of m.flow.steps) f(s.run, s.out.name); \
                if (m.version !== 2 || m.force !== true || m.level < 5) throw 1; f(m.plain); } }";
    let sqs = event(EventSource::Sqs, code, "json-typed");
    let sent = body(&sqs["Records"][0]);
    assert!(sent["flow"]["steps"][0]["run"].is_string(), "{sent}");
    assert!(sent["flow"]["steps"][0]["out"]["name"].is_string(), "{sent}");
    assert_eq!((&sent["version"], &sent["force"], &sent["level"]), (&json!(2), &json!(true), &json!(5)));
    let seeds = seeds(EventSource::Sqs, &learn(code));
    let typed = seeds.iter().find(|it| it.name == "json-typed").unwrap();
    assert!(typed.gates.len() >= 3, "{:?}", typed.gates);

    let code = "exports.handler = async (event) => { for (const r of event.Records) { \
                const i = r.dynamodb.NewImage; if (i.on.BOOL === true && i.count.N > 3) \
                for (const s of i.conf.M.steps.L) f(s.M.run.S); } }";
    let insert = event(EventSource::DynamoDbStream, code, "typed");
    let image = &insert["Records"][0]["dynamodb"]["NewImage"];
    assert!(image["conf"]["M"]["steps"]["L"][0]["M"]["run"]["S"].is_string(), "{image}");
    assert_eq!(image["on"]["BOOL"], json!(true), "{image}");
    assert!(image["count"]["N"].is_string(), "{image}");
}

#[test]
fn lists_at_the_root_are_arrays() {
    let code = "exports.handler = async (event) => { for (const b of JSON.parse(event.body)) f(b.run) }";
    let lexicon = learn(code);
    let sent = Words::new(&lexicon).typed_object(&["body"]).unwrap();
    assert!(sent[0]["run"].is_string(), "{sent}");
}

#[test]
fn no_key_is_built_in() {
    // Member names that AWS sets; everything else must come from the lexicon.
    for source in EventSource::ALL {
        for seed in seeds(source, &Lexicon::default()) {
            for point in TestCase::new(seed).points() {
                let allowed = [
                    "/body",
                    "/headers/",
                    "/rawPath",
                    "/pathParameters/proxy",
                    "/Records/",
                    "/queryStringParameters/ (name)",
                    "/",
                ];
                assert!(allowed.iter().any(|it| point.path().starts_with(it)), "{point}");
                assert!(!point.path().contains("»json»/a"), "{point}");
            }
        }
    }
}

#[test]
fn given_events_are_recognized() {
    let seed = seed_from_event(
        "mine",
        &json!({ "httpMethod": "GET", "path": "/a%20b",
        "queryStringParameters": { "x": "1" } }),
    );
    assert_eq!((seed.source, seed.name.as_str()), (EventSource::ApiGatewayRest, "mine"));
    assert_eq!(seed.event()["multiValueQueryStringParameters"], json!({ "x": ["1"] }));
    assert_eq!(seed.event()["path"], json!("/a%20b"));
    let two = json!({ "Records": [{ "s3": {} }, { "s3": {} }] });
    assert_eq!(seed_from_event("odd", &two).source, EventSource::Direct);
    let seed = seed_from_event("mine", &json!({ "anything": ["{\"inner\": 1}"] }));
    let points = TestCase::new(seed).points();
    assert_eq!(points[0].path(), "/anything/0»json»/inner");
}

#[test]
fn texts_that_the_code_decodes_are_encoded() {
    let json = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap();
    let rest = EventSource::ApiGatewayRest;
    let code =
        "exports.handler = (e) => { const f = JSON.parse(e.queryStringParameters.filter); go(f.dir); }";
    let query = event(rest, code, "get-query");
    assert!(json(&query["queryStringParameters"]["filter"])["dir"].is_string());
    let code = "exports.handler = (e) => go(JSON.parse(Buffer.from(e.headers['x-ctx'], 'base64')).locale)";
    let header = event(rest, code, "get-query")["headers"]["x-ctx"].clone();
    let decoded = base64::prelude::BASE64_STANDARD.decode(header.as_str().unwrap()).unwrap();
    assert!(serde_json::from_slice::<Value>(&decoded).unwrap()["locale"].is_string());
    let code = "exports.handler = (e) => { const { sel } = e.pathParameters; go(JSON.parse(decodeURIComponent(sel)).col); }";
    let path = event(rest, code, "get-query")["pathParameters"]["sel"].clone();
    assert!(path.as_str().unwrap().contains("col"));
    // A cookie that a helper takes out of the header: what it is called, the code does not show.
    let code =
        "exports.handler = (e) => go(JSON.parse(decodeURIComponent(cookie(e.headers.Cookie, 'prefs'))).font)";
    let cookies = event(rest, code, "get-json")["headers"]["cookie"].clone();
    assert!(cookies.as_str().unwrap().contains("prefs=%7B%22"), "{cookies}");

    let code = "exports.handler = (e) => e.Records.map((r) => go(JSON.parse(r.messageAttributes.opt.stringValue).level))";
    let message = event(EventSource::Sqs, code, "json");
    assert!(json(&message["Records"][0]["messageAttributes"]["opt"]["stringValue"])["level"].is_string());
    let code = "exports.handler = (e) => e.Records.map((r) => go(JSON.parse(r.Sns.MessageAttributes.opt.Value).level))";
    let message = event(EventSource::Sns, code, "json-attributes");
    assert!(json(&message["Records"][0]["Sns"]["MessageAttributes"]["opt"]["Value"])["level"].is_string());
    let code =
        "exports.handler = (e) => e.Records.map((r) => go(JSON.parse(r.dynamodb.NewImage.conf.S).mount))";
    let write = event(EventSource::DynamoDbStream, code, "typed");
    assert!(json(&write["Records"][0]["dynamodb"]["NewImage"]["conf"]["S"])["mount"].is_string());
    let code = "exports.handler = (e) => go(JSON.parse(JSON.parse(e.body).inner).deep)";
    let post = event(rest, code, "post-typed");
    assert!(json(&body(&post)["inner"])["deep"].is_string());
}

#[test]
fn members_that_an_application_names_are_called_as_the_code_wants() {
    let code = "exports.handler = (e) => { if (e['detail-type'] === 'Report Asked' && e.source !== 'aws.health') go(e.detail.file) }";
    let said = event(EventSource::EventBridge, code, "json");
    assert_eq!(said["detail-type"], "Report Asked");
    // Nobody else can send as AWS.
    assert_eq!(said["source"], "app.orders");
    let code = "exports.handler = (e) => { switch (e.info.fieldName) { case 'one': return 1; case 'two': go(e.arguments.file) } }";
    assert_eq!(event(EventSource::AppSync, code, "json")["info"]["fieldName"], "one");
    assert_eq!(event(EventSource::AppSync, code, "called-2")["info"]["fieldName"], "two");
}

#[test]
fn headers_of_unknown_names_have_those_that_the_code_knows() {
    let code = "const header = (r, n) => r.headers.find((it) => it[n]); exports.handler = (e) => \
                Object.values(e.records).flat().map((r) => go(header(r, 'tenant'), JSON.parse(atob(r.value)).order))";
    let said = event(EventSource::Kafka, code, "json-headers");
    let record = &said["records"]["orders-0"][0];
    assert!(record["headers"].to_string().contains("tenant"), "{record}");
    let value = base64::prelude::BASE64_STANDARD.decode(record["value"].as_str().unwrap()).unwrap();
    assert!(serde_json::from_slice::<Value>(&value).unwrap()["order"].is_string());
}
