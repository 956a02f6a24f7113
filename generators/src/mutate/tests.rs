//! Tests of random edit scripts.

use serde_json::Value;

use super::*;
use crate::{case::tests::all_seeds, wire::MAX_EVENT_BYTES};

/// Scripts of a few draws for every seed.
fn scripts(rng_seed: u64, count: usize, check: &mut dyn FnMut(TestCase)) {
    let lexicon = crate::case::tests::lexicon();
    let mut nonces = NonceSource::new(rng_seed);
    let mut rng = rng(rng_seed);
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        let strategy = edit_script(&case.seed, &case.points(), &lexicon, &PayloadClass::ALL);
        for _ in 0..count {
            let edits = draw(&strategy, &mut rng, &mut nonces);
            check(TestCase { seed: case.seed.clone(), edits });
        }
    }
}

#[test]
fn every_script_renders_an_event_that_aws_could_send() {
    let mut planted = 0;
    scripts(7, 25, &mut |case| {
        assert!((1..=MAX_EDITS).contains(&case.edits.len()));
        let rendered = case.render();
        assert!(rendered.bytes.len() <= MAX_EVENT_BYTES);
        assert!(serde_json::from_slice::<Value>(&rendered.bytes).is_ok());
        assert!(case.wire().leaves().sendable(case.seed.source), "{case:?}");
        planted += rendered.planted.len();
        let json = serde_json::to_string(&case).unwrap();
        assert_eq!(serde_json::from_str::<TestCase>(&json).unwrap(), case);
    });
    assert!(planted > 200, "{planted}");
}

#[test]
fn the_same_rng_seed_gives_the_same_scripts() {
    let list = |rng_seed| {
        let mut all = Vec::new();
        scripts(rng_seed, 3, &mut |case| all.push(case));
        all
    };
    assert_eq!(list(9), list(9));
    assert_ne!(list(9), list(10));
}

#[test]
fn most_scripts_change_the_event() {
    let (mut changed, mut all) = (0, 0);
    scripts(11, 20, &mut |case| {
        all += 1;
        changed += usize::from(case.render().event != case.seed.event());
    });
    assert!(changed * 10 > all * 7, "{changed} of {all}");
}

#[test]
fn bytes_become_test_cases() {
    let mut distinct = std::collections::BTreeSet::new();
    for first in 0..=255_u8 {
        let bytes: Vec<u8> = (0..60_u32).map(|it| (it * 31 + u32::from(first) * 7) as u8).collect();
        let case = TestCase::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let again = TestCase::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        assert_eq!(case, again);
        distinct.insert(serde_json::to_string(&case).unwrap());
        assert!(!case.render().bytes.is_empty());
    }
    assert!(distinct.len() > 200, "{}", distinct.len());
    // Few bytes, or none, make a test case too.
    for length in 0..40 {
        TestCase::arbitrary(&mut Unstructured::new(&vec![0; length])).unwrap().render();
        TestCase::arbitrary(&mut Unstructured::new(&vec![0xff; length])).unwrap().render();
    }
}
