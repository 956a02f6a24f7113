//! Tests of strategies: what is drawn, and what a failure becomes.

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng},
};
use serde_json::json;

use super::*;
use crate::{payload::Payload, wire::MAX_EVENT_BYTES};

fn runner(seed: u8, cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

#[test]
fn every_source_has_a_function() {
    for source in EventSource::ALL {
        assert!(sources::NAMED.contains(&source), "add {source:?} to events/sources.rs");
    }
}

#[test]
fn events_can_be_sent_and_repeat() {
    let mut planted = 0;
    for source in EventSource::ALL {
        let events = events(source);
        let draw = |seed| -> Vec<Event> {
            let mut runner = runner(seed, 1);
            (0..24).map(|_| events.new_tree(&mut runner).unwrap().current()).collect()
        };
        let drawn = draw(1);
        // Derived from a fresh strategy as well: nothing is left behind in the first one.
        assert_eq!(drawn, draw(1));
        assert_ne!(drawn, draw(2));
        for event in drawn {
            assert!(event.case().wire().leaves().sendable(source), "{event:?}");
            assert!(event.bytes().len() <= MAX_EVENT_BYTES);
            assert_eq!(event.parse::<Value>().unwrap(), *event.value());
            assert_eq!(event.case().render().bytes, event.bytes());
            planted += event.planted().len();
        }
    }
    assert!(planted > 50, "{planted}");
}

/// What a failing test is left with.
#[track_caller]
fn shrunk(events: &Events, fails: impl Fn(&Event) -> bool) -> (Event, usize) {
    let calls = std::cell::Cell::new(0);
    let tested = runner(3, 2_000).run(events, |event| {
        calls.set(calls.get() + 1);
        prop_assert!(!fails(&event));
        Ok(())
    });
    match tested {
        Err(TestError::Fail(_, event)) => {
            assert!(fails(&event), "{event:?}");
            (event, calls.get())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn failures_shrink_to_little() {
    let is_long = |event: &Event| event.value()["Records"].as_array().unwrap().len() > 1;
    let (event, _) = shrunk(&sqs(), is_long);
    assert_eq!(event.value()["Records"].as_array().unwrap().len(), 2);
    assert!(event.case().edits.len() <= 1 && event.planted().is_empty(), "{event:?}");

    let holds = |event: &Event| event.planted().iter().any(|it| it.payload.class == PayloadClass::Sql);
    let (event, calls) = shrunk(&api_gateway_rest(), holds);
    assert_eq!(event.case().edits.len(), 1, "{event:?}");
    assert_eq!(event.planted()[0].payload, Payload::canonical(PayloadClass::Sql));
    assert!(event.value()["queryStringParameters"].is_null() || event.value()["body"].is_null(), "{event:?}");
    assert!(calls < 1_500, "{calls}");
}

#[test]
fn a_failure_says_what_was_planted_where() {
    let fails =
        |event: &Event| event.planted().iter().any(|it| it.payload.class == PayloadClass::PathTraversal);
    let (event, _) = shrunk(&s3(), fails);
    let told = format!("{event:?}");
    assert!(told.starts_with("s3 event\n  planted "), "{told}");
    assert!(told.contains(" at /Records/0/s3/object/key»s3-key»: "), "{told}");
    assert!(told.ends_with('}'), "{told}");
}

#[test]
fn users_bring_their_own_events_words_and_values() {
    let given = json!({ "Records": [{ "eventSource": "aws:sqs", "body": "{\"colour\":\"red\"}" }] });
    let mut values = Values::new();
    values.add("/Records/0/body/colour", vec![json!("green")]).unwrap();
    let events =
        sqs().classes(&[]).dictionary(Dictionary::of(["xyzzy"])).values(values).only(&given).unwrap();
    let mut runner = runner(5, 1);
    let drawn: Vec<Event> = (0..200).map(|_| events.new_tree(&mut runner).unwrap().current()).collect();
    let bodies: Vec<&str> =
        drawn.iter().map(|it| it.value()["Records"][0]["body"].as_str().unwrap()).collect();
    for wanted in [r#"{"colour":"red"}"#, r#"{"colour":"green"}"#, "xyzzy"] {
        assert!(bodies.iter().any(|it| it.contains(wanted)), "{wanted}");
    }
    let colours = bodies.iter().filter(|it| it.contains("colour")).count();
    assert!(colours > 100, "{colours}");
    let refused = sqs().event(&json!({ "detail": {} })).unwrap_err();
    assert_eq!(refused.to_string(), "this is no event of SQS");
}
