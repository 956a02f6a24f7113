//! Tests of structural cases: they are all there, in a sensible order, and the same each time.

use std::collections::BTreeSet;

use super::*;
use crate::{
    case::{
        TestCase,
        tests::{all_seeds, lexicon},
    },
    grade::Grade,
    mutate,
    nonce::NonceSource,
    seeds::seeds,
};

#[test]
fn cases_are_bounded_and_the_same_each_time() {
    for seed in all_seeds() {
        let (sendable, raw) = (sendable(&seed, &lexicon()), raw(&seed, &lexicon()));
        assert_eq!(sendable, super::sendable(&seed, &lexicon()));
        assert_eq!(raw, super::raw(&seed, &lexicon()));
        assert!(sendable.len() <= MAX_PLACES * 8 + 16, "{}", sendable.len());
        assert!((1..=MAX_RAW_PLACES * 6).contains(&raw.len()), "{}", raw.len());
        let distinct: BTreeSet<&RawEdit> = raw.iter().collect();
        assert_eq!(distinct.len(), raw.len());
    }
}

#[test]
fn what_a_sender_does_is_reachable_and_mostly_changes_something() {
    let (mut all, mut changed) = (0, 0);
    for seed in all_seeds() {
        for edit in sendable(&seed, &lexicon()) {
            let case = TestCase { seed: seed.clone().into(), edits: vec![edit] };
            assert_eq!(case.grade(), Grade::Reachable);
            all += 1;
            changed += usize::from(case.render().event != TestCase::new(seed.clone()).render().event);
        }
    }
    assert!(changed * 2 > all, "{changed} of {all}");
}

#[test]
fn what_the_function_reads_comes_first() {
    let seeds = seeds(EventSource::ApiGatewayHttp, &lexicon());
    let seed = seeds.iter().find(|seed| seed.event().get("body").is_some()).unwrap();
    let first: Vec<String> = raw(seed, &lexicon()).iter().take(16).map(ToString::to_string).collect();
    for wanted in ["/body is missing", "/cookies is missing", "/queryStringParameters is missing"] {
        assert!(first.iter().any(|it| it == wanted), "{wanted} is not in {first:?}");
    }
    assert!(first.iter().all(|it| !it.contains("timeEpoch")), "{first:?}");
}

#[test]
fn what_is_at_the_top_is_changed_first() {
    let seed = seeds(EventSource::ApiGatewayRest, &Lexicon::default()).remove(0);
    let raw = raw(&seed, &Lexicon::default());
    let of =
        |at: &str, change: RawChange| raw.iter().position(|it| it.at == at && it.change == change).unwrap();
    assert!(of("/headers", RawChange::Null) < of("/headers/Host", RawChange::Remove));
    assert!(of("/headers", RawChange::Remove) < of("/headers", RawChange::Null));
}

#[test]
fn random_changes_are_few_and_change_something() {
    let (mut made, mut grades) = (0, BTreeSet::new());
    for seed in all_seeds() {
        let strategy = raw_script(&seed);
        let (mut rng, mut nonces) = (mutate::rng(3), NonceSource::new(3));
        for _ in 0..8 {
            let edits = mutate::draw(&strategy, &mut rng, &mut nonces);
            assert!((1..=MAX_RANDOM).contains(&edits.len()));
            let case = TestCase { seed: seed.clone().into(), edits };
            made += usize::from(case.render().event != TestCase::new(seed.clone()).render().event);
            grades.insert(case.grade());
        }
    }
    assert!(made > 500, "{made}");
    assert!(grades.contains(&Grade::Genuine) && grades.contains(&Grade::Forged), "{grades:?}");
}

#[test]
fn a_query_that_nobody_decodes_can_be_badly_encoded() {
    for source in [EventSource::Alb, EventSource::AlbMulti] {
        let lexicon = lexicon();
        let queries = seeds(source, &lexicon).into_iter().flat_map(|seed| {
            let edits = sendable(&seed, &lexicon).into_iter();
            edits.map(move |edit| TestCase { seed: seed.clone().into(), edits: vec![edit] }.render().event)
        });
        let sent = queries.filter(|event| event.to_string().contains(&format!("\"{BAD_ENCODING}\"")));
        assert!(sent.count() > 0, "{source:?}");
    }
    let decoded = seeds(EventSource::ApiGatewayRest, &lexicon());
    assert!(decoded.iter().all(|seed| bad_encodings(seed).is_empty()));
}
