//! Oracles on hand-made observations: what counts, what is only listed, what is silent.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use evfuzz_emulator::Outcome;
use evfuzz_generators::case::Seed;
use evfuzz_generators::edit::Frame;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::payload::{Canaries, Payload, PayloadClass};
use evfuzz_generators::point::InjectionPoint;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;
use evfuzz_sandbox::{Address, CanaryRan, ConnectRecord, Contact, Exceeded, Fidelity, Intent, OpenRecord};
use serde_json::json;

use super::*;
use crate::observe::{Form, Leak, Output, SourceText};

fn seed(source: EventSource) -> Seed {
    seeds(source, &Lexicon::default()).remove(0)
}

fn seen(outcome: Outcome) -> Observation {
    Observation { outcome: Some(outcome), ..Observation::nothing() }
}

fn answered() -> Observation {
    seen(Outcome::response(Bytes::from_static(br#"{"statusCode":200}"#)))
}

/// An error of a Python handler, raised by `statement` in its own file.
fn raised(error_type: &str, statement: &str) -> Observation {
    let body = json!({
        "errorMessage": "it went wrong",
        "errorType": error_type,
        "stackTrace": [format!("  File \"/f/app.py\", line 3, in handler\n    {statement}\n")],
    });
    let body = Bytes::from(body.to_string());
    let source =
        SourceText::new(Path::new("/f"), Path::new("/f"), [(PathBuf::from("/f/app.py"), Vec::new())]);
    let error = source.error(error_type, &body);
    let mut observation = seen(Outcome::function_error(error_type, body));
    observation.error = Some(error);
    observation
}

/// What the oracles say, as `oracle standing`.
fn said(case: &TestCase, observation: &Observation) -> Vec<String> {
    judge(case, observation).iter().map(|it| format!("{} {:?}", it.oracle, it.standing)).collect()
}

#[track_caller]
fn check(source: EventSource, observation: &Observation, expected: &[&str]) {
    assert_eq!(said(&TestCase::new(seed(source)), observation), expected);
}

/// A case with one payload of `class` planted, and the canary that it would run.
fn planted(class: PayloadClass) -> (TestCase, Fired) {
    let case = TestCase::new(seed(EventSource::Sqs));
    let nonce = NonceSource::new(1).take();
    let payload = Payload::canonical(class);
    let plant = |at: &InjectionPoint| case.plant(&at.locator, payload, Frame::none(), nonce.clone()).ok();
    let case = case.points().iter().find_map(plant).unwrap();
    let ran = CanaryRan {
        name: nonce.to_string(),
        argv: vec![nonce.to_string()],
        pid: 7,
        cwd: None,
        caller: vec!["sh".to_owned(), "-c".to_owned(), "cat".to_owned()],
        chain: Vec::new(),
    };
    (case, Fired { nonce, ran })
}

#[test]
fn a_canary_that_ran_is_judged_by_the_class_of_its_payload() {
    for (class, expected) in [
        (PayloadClass::ShellCommand, "command-execution Candidate"),
        (PayloadClass::PythonCode, "code-evaluation Candidate"),
        (PayloadClass::JavaScriptCode, "code-evaluation Candidate"),
    ] {
        let (case, fired) = planted(class);
        assert!(said(&case, &answered()).is_empty());
        let mut observation = answered();
        observation.fired.push(fired);
        assert_eq!(said(&case, &observation), [expected]);
        let sighting = judge(&case, &observation).remove(0);
        assert_eq!(sighting.point.as_deref(), Some(case.render().planted[0].point.path()));
    }
}

#[test]
fn a_canary_of_another_case_says_nothing() {
    let (_, fired) = planted(PayloadClass::ShellCommand);
    let mut observation = answered();
    observation.fired.push(fired);
    check(EventSource::Sqs, &observation, &[]);
}

#[test]
fn errors_of_the_language_count_and_deliberate_ones_are_listed() {
    let (http, queue) = (EventSource::ApiGatewayRest, EventSource::Sqs);
    let counts = ["unhandled-error Candidate"];
    let listed = ["unhandled-error Listed"];
    check(http, &raised("KeyError", "x = event['body']"), &counts);
    check(queue, &raised("TypeError", "n = 1 + record"), &counts);
    check(queue, &raised("KeyError", "raise KeyError('no customer')"), &listed);
    check(http, &raised("ValidationError", "validate(event)"), &listed);
    // A malformed message on a queue is retried and then set aside: that is the service's design.
    check(http, &raised("JSONDecodeError", "json.loads(body)"), &counts);
    check(queue, &raised("JSONDecodeError", "json.loads(body)"), &listed);
    // Nobody has promised what a direct invocation looks like.
    check(EventSource::Direct, &raised("KeyError", "x = event['body']"), &listed);
}

#[test]
fn the_same_error_at_the_same_place_is_the_same_finding() {
    let case = TestCase::new(seed(EventSource::Sqs));
    let fingerprint = |observation: &Observation| judge(&case, observation).remove(0).fingerprint();
    let one = fingerprint(&raised("KeyError", "x = event['body']"));
    assert_eq!(one, fingerprint(&raised("KeyError", "x = event['body']")));
    assert_ne!(one, fingerprint(&raised("TypeError", "x = event['body']")));
}

#[test]
fn the_end_of_the_process_during_and_after_an_invocation() {
    let http = EventSource::ApiGatewayRest;
    check(http, &seen(Outcome::Exited { code: 3 }), &["process-exit Candidate"]);
    check(http, &seen(Outcome::Signaled { signal: 11 }), &["process-exit Candidate"]);
    let mut later = answered();
    later.ended_later = Some(Outcome::Exited { code: 1 });
    check(http, &later, &["process-exit Candidate"]);
    // An error of a stream that nobody listens to: posted, then the end.
    let mut uncaught = raised("Error", "raise Error");
    uncaught.ended_later = Some(Outcome::Exited { code: 129 });
    check(http, &uncaught, &["process-exit Candidate", "unhandled-error Listed"]);
}

#[test]
fn rejections_are_told_by_a_post_or_by_the_log() {
    let http = EventSource::ApiGatewayRest;
    check(http, &raised("Runtime.UnhandledPromiseRejection", "x"), &["unhandled-rejection Candidate"]);
    let mut ended = seen(Outcome::Exited { code: 128 });
    ended.log.bytes = b"ERROR {\"errorType\":\"Runtime.UnhandledPromiseRejection\"}\n".to_vec();
    check(http, &ended, &["unhandled-rejection Candidate"]);
    // The same words in the log of a function that answers are only words.
    ended.outcome = answered().outcome;
    check(http, &ended, &[]);
}

fn leak(name: &str, output: Output) -> Leak {
    Leak { name: name.into(), output, form: Form::Plain, excerpt: format!("key=[{name}]") }
}

#[test]
fn a_secret_counts_wherever_it_stands_and_once_for_each_place() {
    let http = EventSource::ApiGatewayRest;
    let case = TestCase::new(seed(http));
    let with = |leaks: &[Leak]| {
        let mut observation = answered();
        observation.leaks = leaks.to_vec();
        judge(&case, &observation)
    };
    let titles = |leaks: &[Leak]| with(leaks).into_iter().map(|it| it.title).collect::<Vec<_>>();
    assert!(with(&[]).is_empty());
    assert_eq!(titles(&[leak("A", Output::Response)]), ["the answer holds the value of A"]);
    assert_eq!(
        titles(&[leak("A", Output::Log), leak("B", Output::Log), leak("C", Output::Log)]),
        ["the log holds the values of A, B and 1 other"]
    );
    // Runtimes log the errors that they report.
    let in_error = [leak("A", Output::Error), leak("A", Output::Log)];
    assert_eq!(titles(&in_error), ["the error document holds the value of A"]);
    let both = with(&[leak("A", Output::Response), leak("A", Output::Log)]);
    assert_ne!(both[0].fingerprint(), both[1].fingerprint());
    // Another form, and twice in the log, is the same finding.
    let mut again = leak("A", Output::Response);
    again.form = Form::Base64;
    assert_eq!(with(&[again])[0].fingerprint(), both[0].fingerprint());
    let twice = with(&[leak("A", Output::Log), leak("A", Output::Log)]);
    assert_eq!(twice[0].fingerprint(), both[1].fingerprint());
}

#[test]
fn answers_are_held_against_the_form_that_their_source_wants() {
    let answered = |answer: &'static str| seen(Outcome::response(Bytes::from_static(answer.as_bytes())));
    let counts = ["malformed-response Candidate"];
    for answer in ["null", r#"{"statusCode":200,"body":{"a":1}}"#] {
        check(EventSource::ApiGatewayRest, &answered(answer), &counts);
        check(EventSource::AlbMulti, &answered(answer), &counts);
        for other in
            [EventSource::ApiGatewayHttp, EventSource::FunctionUrl, EventSource::Sqs, EventSource::Direct]
        {
            check(other, &answered(answer), &[]);
        }
        assert!(!is_in_form(EventSource::ApiGatewayRest, &answered(answer)));
    }
    let good = answered(r#"{"statusCode":200,"body":"a"}"#);
    check(EventSource::ApiGatewayRest, &good, &[]);
    assert!(is_in_form(EventSource::ApiGatewayRest, &good) && is_in_form(EventSource::FunctionUrl, &good));
    assert!(!is_in_form(EventSource::Sqs, &good));
    // Any JSON is fine for an HTTP API, and says nothing about what the function is meant for.
    assert!(!is_in_form(EventSource::ApiGatewayHttp, &answered("{}")));
    // A failure is no answer.
    check(EventSource::ApiGatewayRest, &raised("TypeError", "throw x"), &["unhandled-error Listed"]);
}

/// Answers a valid event of `source` with several records, where `ID` in `answer` stands for the identifier of the first.
fn reported(source: EventSource, answer: &str) -> (TestCase, Observation) {
    let several = |seed: &Seed| seed.event()["Records"].as_array().is_some_and(|records| records.len() > 2);
    let case = TestCase::new(seeds(source, &Lexicon::default()).into_iter().find(several).unwrap());
    let event = case.render().event;
    let id = match source {
        EventSource::Sqs => "/Records/0/messageId",
        EventSource::Kinesis => "/Records/0/kinesis/sequenceNumber",
        _ => "/Records/0/dynamodb/SequenceNumber",
    };
    let answer = answer.replace("ID", event.pointer(id).unwrap().as_str().unwrap());
    (case, seen(Outcome::response(Bytes::from(answer))))
}

#[test]
fn failures_of_a_batch_are_reported_by_identifier() {
    for source in [EventSource::Sqs, EventSource::Kinesis, EventSource::DynamoDbStream] {
        for good in [
            "null",
            "\"done\"",
            "{}",
            r#"{"batchItemFailures":[]}"#,
            r#"{"batchItemFailures":null}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"ID"}],"state":{}}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"ID","reason":"x"},{"itemIdentifier":"ID"}]}"#,
            // Nothing is lost by a wrong name for nothing.
            r#"{"BatchItemFailures":[],"failures":["ID"]}"#,
            r#"{"batchItemFailures":[],"BatchItemFailures":[{"itemIdentifier":"ID"}]}"#,
            r#"{"failed":[{"itemIdentifier":"x"}]}"#,
        ] {
            let (case, observation) = reported(source, good);
            assert!(judge(&case, &observation).is_empty(), "{good}");
        }
        for (bad, what) in [
            (r#"{"BatchItemFailures":[{"itemIdentifier":"ID"}]}"#, "called BatchItemFailures"),
            (r#"{"batch_item_failures":[{"item_identifier":"ID"}]}"#, "called batch_item_failures"),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, "is empty"),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, "is null"),
            (r#"{"batchItemFailures":[{"itemIdentifier":7}]}"#, "is not a text"),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"ID"},{"itemIdentifier":"x"}]}"#,
                "belongs to no record",
            ),
            (r#"{"batchItemFailures":[{"itemidentifier":"ID"}]}"#, "itemidentifier instead of"),
            (r#"{"batchItemFailures":[{"messageId":"ID"}]}"#, "messageId instead of"),
            (r#"{"batchItemFailures":[{}]}"#, "has no itemIdentifier"),
            (r#"{"batchItemFailures":["ID"]}"#, "is not an object"),
        ] {
            let (case, observation) = reported(source, bad);
            let sightings = judge(&case, &observation);
            assert!(sightings.len() == 1 && sightings[0].title.contains(what), "{bad}: {sightings:?}");
        }
    }
    // Without one good record nobody knows whether the function is made for this source.
    let all = r#"{"batchItemFailures":[{},{},{},{},{},{},{},{},{},{},{}]}"#;
    let (case, observation) = reported(EventSource::Sqs, all);
    assert!(judge(&case, &observation).is_empty());
    // Elsewhere it means nothing.
    check(EventSource::Sns, &reported(EventSource::Sqs, r#"{"batchItemFailures":["ID"]}"#).1, &[]);
}

#[test]
fn no_answer_in_time() {
    let after = std::time::Duration::from_millis(300);
    let http = EventSource::ApiGatewayHttp;
    check(http, &seen(Outcome::TimedOut { after }), &["timeout Candidate"]);
}

#[test]
fn too_much_of_an_answer_and_of_memory() {
    let http = EventSource::ApiGatewayHttp;
    check(http, &seen(Outcome::ResponseTooLarge { size: 7_000_000 }), &["response-too-large Candidate"]);
    let memory = Outcome::LimitExceeded { limit: Exceeded::Memory };
    check(http, &seen(memory.clone()), &["out-of-memory Candidate"]);
    check(http, &Observation { ended_later: Some(memory), ..answered() }, &["out-of-memory Candidate"]);
    check(http, &seen(Outcome::LimitExceeded { limit: Exceeded::Tasks }), &["process-exit Candidate"]);
    // Node ends itself: V8's own words, and SIGABRT.
    let said = b"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n";
    let mut full = seen(Outcome::Signaled { signal: 6 });
    full.log.bytes = [b"<--- Last few GCs --->\n".as_slice(), said].concat();
    check(http, &full, &["out-of-memory Candidate"]);
    // The same words in the log of a function that ends in another way, or goes on, are only words.
    full.outcome = Some(Outcome::Signaled { signal: 11 });
    check(http, &full, &["process-exit Candidate"]);
    full.outcome = answered().outcome;
    check(http, &full, &[]);
}

#[test]
fn every_oracle_explains_itself_and_how_to_fix_it() {
    for oracle in OracleId::ALL {
        let text = explain(oracle);
        assert!(text.starts_with(oracle.id()), "{oracle}");
        for part in ["How it is proven", "Example: ", "How to fix it"] {
            assert!(text.contains(part), "{oracle}: {part}");
        }
    }
}

#[test]
fn the_same_field_through_another_source_or_record_is_the_same_finding() {
    for (one, other) in [
        ("/headers/X-Build-Tag", "/headers/x-build-tag"),
        ("/pathParameters/name»percent", "/pathParameters/name"),
        ("/pathParameters/name»percent»jwt»/claims/sub", "/pathParameters/name»jwt»/claims/sub"),
        (
            "/headers/Authorization»header-list»/Bearer»jwt»/claims/a",
            "/headers/authorization»header-list»/Bearer»jwt»/claims/a",
        ),
        ("/Records/0/body»json»/a/3", "/Records/2/body»json»/a/0"),
    ] {
        assert_eq!(identity(one), identity(other));
    }
    assert_ne!(identity("/queryStringParameters/a"), identity("/queryStringParameters/A"));
    assert_ne!(identity("/headers/a»json»/b"), identity("/headers/a»json»/B"));
}

/// A case with this payload at the first point that takes it, and the payload as it was planted.
fn placed(class: PayloadClass, rank: usize) -> (TestCase, evfuzz_generators::case::Planted) {
    let payload = Payload::of_class(class).nth(rank).unwrap();
    let seed = TestCase::new(seed(EventSource::Sqs));
    let mut nonces = NonceSource::new(5);
    for point in seed.points() {
        let (case, refused) =
            seed.plant_all(&[(point.locator.clone(), payload, Frame::default(), nonces.take())]);
        if refused.is_empty() {
            let planted = case.sent().planted.remove(0);
            return (case, planted);
        }
    }
    panic!("{} fits nowhere", payload.id)
}

fn told(language: &str, text: &str) -> Observation {
    let record = json!({
        "kind": "source", "language": language, "text": text, "parsed": true,
        "stack": ["    at handler (/f/index.js:5:7)"],
    });
    let source = SourceText::new(Path::new("/f"), Path::new("/f"), []);
    let mut observation = answered();
    observation.records.push(crate::observe::Record::read(record.to_string().as_bytes(), &source).unwrap());
    observation
}

#[test]
fn a_payload_in_an_evaluated_text_is_proof_only_as_code() {
    let is_proof = |language: &str, case: &TestCase, text: &str| {
        let sightings = judge(case, &told(language, text));
        assert!(sightings.iter().all(|it| it.oracle == OracleId::CodeEvaluation));
        !sightings.is_empty()
    };
    // `javascript-short`, which holds single quotes.
    let (case, payload) = placed(PayloadClass::JavaScriptCode, 4);
    let text = payload.text.as_str();
    let quoted = format!("f({})", json!(text));
    for (source, expected) in [
        (text.to_owned(), true),
        (format!("return a + ({text})"), true),
        // Refused by the compiler, behind the payload and around it.
        (format!("({text}"), true),
        (format!("`a ${{{text}}}`"), true),
        (quoted, false),
        (format!("f(`{text}`)"), false),
        (format!("/* {text} */ 1"), false),
        (format!("// {text}\n1"), false),
        (format!("f(\"{}\")", payload.nonce), false),
        (format!("o.{} = 1", payload.nonce), false),
    ] {
        assert_eq!(is_proof("javascript", &case, &source), expected, "{source}");
    }
    // `javascript-short-single-quotes` leaves them.
    let (case, payload) = placed(PayloadClass::JavaScriptCode, 5);
    assert!(is_proof("javascript", &case, &format!("f('{}')", payload.text)));
    assert!(!is_proof("javascript", &case, &format!("f(\"{}\")", payload.text)));
    let (case, payload) = placed(PayloadClass::PythonCode, 0);
    assert!(is_proof("python", &case, &payload.text));
    assert!(!is_proof("python", &case, &format!("r = {}", json!(payload.text))));
    // What calls nothing does nothing: lodash 4.17.21 lets such names of variables through, and no others.
    let (case, payload) = placed(PayloadClass::PathTraversal, 0);
    assert!(!payload.text.contains('('), "{}", payload.text);
    assert!(!is_proof("javascript", &case, &payload.text));
}

#[test]
fn a_name_in_a_serialized_document_that_is_looked_up_is_proof() {
    let with = |case: &TestCase, url: String| {
        let mut observation = answered();
        observation
            .records
            .push(crate::observe::Record { act: crate::observe::Act::Asked { url }, place: None });
        said(case, &observation)
    };
    let rank =
        Payload::of_class(PayloadClass::Deserialization).position(|it| it.id == "java-url-map").unwrap();
    let (case, payload) = placed(PayloadClass::Deserialization, rank);
    assert_eq!(with(&case, format!("{}.localhost:0", payload.nonce)), ["deserialization Candidate"]);
    // Part of a longer name, as who takes all of the text for one would ask.
    for url in [format!("{}.localhost.example:0", payload.nonce), format!("x{}.localhost:0", payload.nonce)] {
        assert!(with(&case, url).is_empty());
    }
    // What is asked after any other payload is no matter of objects.
    let (case, payload) = placed(PayloadClass::Ssrf, 0);
    assert!(with(&case, format!("{}.localhost:0", payload.nonce)).is_empty());
}

#[test]
fn an_expression_of_java_is_proven_by_its_canary_alone() {
    let (case, payload) = placed(PayloadClass::JavaExpression, 0);
    let record = json!({ "kind": "evaluated", "language": "spel", "text": payload.text, "stack": [] });
    let source = SourceText::new(Path::new("/f"), Path::new("/f"), []);
    let mut observation = answered();
    observation.records.push(crate::observe::Record::read(record.to_string().as_bytes(), &source).unwrap());
    assert!(said(&case, &observation).is_empty());
    let (case, fired) = planted(PayloadClass::JavaExpression);
    let observation = Observation { fired: vec![fired], ..answered() };
    assert_eq!(said(&case, &observation), ["code-evaluation Candidate"]);
}

#[test]
fn a_key_on_a_prototype_is_proof_if_it_is_the_nonce() {
    let (case, payload) = placed(PayloadClass::PrototypePollution, 0);
    let with = |key: &str| {
        let mut observation = answered();
        let act = crate::observe::Act::Prototype { object: "Object.prototype".into(), key: key.into() };
        observation.records.push(crate::observe::Record { act, place: None });
        said(&case, &observation)
    };
    assert_eq!(with(payload.nonce.as_str()), ["prototype-pollution Candidate"]);
    assert!(with("evaaaaaaaa").is_empty());
}

/// What the sandbox saw of a file.
fn file(path: &str, resolved: &str, intent: Intent) -> OpenRecord {
    OpenRecord {
        pid: 7,
        path: path.to_owned(),
        resolved: Some(resolved.into()),
        intent,
        fidelity: Fidelity::Exact,
        dropped: 0,
    }
}

#[test]
fn files_that_a_payload_led_to_are_told_with_what_was_done() {
    let (case, fired) = planted(PayloadClass::PathTraversal);
    let canary = format!("/run/evfuzz/bin/{}", fired.nonce);
    let with = |records: Vec<OpenRecord>| Observation { opens: records, ..answered() };
    for (intent, title) in [
        (Intent::Read, "which is read"),
        (Intent::Create, "which is written"),
        (Intent::Delete, "which is deleted"),
        (Intent::Rename { to: Some("/tmp/x".into()) }, "which is deleted"),
    ] {
        let observation = with(vec![file(&canary, &canary, intent.clone())]);
        assert_eq!(said(&case, &observation), ["path-traversal Candidate"], "{intent:?}");
        assert!(judge(&case, &observation)[0].title.ends_with(title), "{intent:?}");
    }
    // The worst of all that was done.
    let both = with(vec![
        file(&canary, &canary, Intent::Write),
        file(&format!("{canary}.bak"), &canary, Intent::Read),
    ]);
    assert!(judge(&case, &both)[0].title.ends_with("which is written"));
    let moved = Intent::Rename { to: Some(canary.clone().into()) };
    assert!(
        judge(&case, &with(vec![file("/tmp/x", "/tmp/x", moved)]))[0].title.ends_with("which is written")
    );
    // Looked at, in a folder of the function's, or of another payload.
    let inside = format!("/tmp{canary}");
    for quiet in [
        file(&canary, &canary, Intent::Look),
        file(&inside, &inside, Intent::Read),
        file(&format!("/tmp/{}", fired.nonce), &format!("/tmp/{}", fired.nonce), Intent::Create),
        file("/run/evfuzz/bin/evzzzzzzzz", "/run/evfuzz/bin/evzzzzzzzz", Intent::Read),
    ] {
        assert_eq!(said(&case, &with(vec![quiet.clone()])), [""; 0], "{quiet:?}");
    }
    // Another class says nothing of paths.
    let (case, _) = planted(PayloadClass::ShellCommand);
    assert_eq!(said(&case, &both), [""; 0]);
}

#[test]
fn addresses_that_a_payload_chose_are_told_and_others_not() {
    let (case, fired) = planted(PayloadClass::Ssrf);
    let canary = Canaries::default().address(&fired.nonce);
    let asked = |address: &str| {
        let address = Address::Inet(address.parse().unwrap());
        let connect = ConnectRecord { pid: 7, address, contact: Contact::Connect, dropped: 0 };
        Observation { connects: vec![connect], ..answered() }
    };
    let port = canary.port();
    for address in [
        canary.to_string(),
        format!("127.0.0.1:{port}"),
        format!("0.0.0.0:{port}"),
        format!("169.254.169.254:{port}"),
        format!("[::1]:{port}"),
    ] {
        assert_eq!(said(&case, &asked(&address)), ["ssrf Candidate"], "{address}");
    }
    for address in
        [format!("{}:{}", canary.ip(), port + 1), format!("10.0.0.1:{port}"), "127.0.0.1:53".to_owned()]
    {
        assert_eq!(said(&case, &asked(&address)), [""; 0], "{address}");
    }
}

#[test]
fn entities_are_told_by_what_they_reach() {
    let (case, fired) = planted(PayloadClass::Xxe);
    let canary = format!("/run/evfuzz/bin/{}", fired.nonce);
    let opened = Observation { opens: vec![file(&canary, &canary, Intent::Read)], ..answered() };
    assert_eq!(said(&case, &opened), ["xxe Candidate"]);
    assert_eq!(said(&case, &answered()), [""; 0]);
}
