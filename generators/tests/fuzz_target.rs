//! The example of a fuzz target, driven by random bytes as a fuzzer would.

#[allow(dead_code, reason = "its main function is for people")]
#[path = "../examples/fuzz_target.rs"]
mod example;

use evfuzz_generators::{
    case::TestCase,
    lexicon::Lexicon,
    mutate::{EditScript, FromBytes, MAX_EDITS},
    nonce::NonceSource,
    seeds,
    source::EventSource,
    wire::MAX_EVENT_BYTES,
};
use proptest::{collection::vec, prelude::*};

/// A test case without its script.
fn seed_of(case: &TestCase) -> String {
    format!("{} {}", case.seed.source.id(), case.seed.name)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_bytes_make_an_event_for_the_handler(bytes in vec(any::<u8>(), 0..200)) {
        let case = example::fuzz_target(&bytes);
        let rendered = case.render();
        prop_assert!(rendered.bytes.len() <= MAX_EVENT_BYTES);
        prop_assert_eq!(case.edits.len(), bytes.len().saturating_sub(1).div_ceil(8).min(MAX_EDITS));
        // Stored and read again, it is the same event.
        let stored = serde_json::to_string(&case).unwrap();
        prop_assert_eq!(serde_json::from_str::<TestCase>(&stored).unwrap().render(), rendered);
    }

    #[test]
    fn a_changed_byte_changes_one_edit(bytes in vec(any::<u8>(), 2..120), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut changed = bytes.clone();
        let at = 1 + at.index(bytes.len() - 1);
        changed[at] = to;
        let (before, after) = (example::fuzz_target(&bytes), example::fuzz_target(&changed));
        prop_assert_eq!(seed_of(&before), seed_of(&after));
        prop_assert_eq!(before.edits.len(), after.edits.len());
        for (index, (before, after)) in before.edits.iter().zip(&after.edits).enumerate() {
            prop_assert!(before == after || index == (at - 1) / 8, "byte {} changes edit {}", at, index);
        }
    }

    #[test]
    fn cut_bytes_drop_edits(bytes in vec(any::<u8>(), 17..120)) {
        // Whole edits are cut off at the end: those before stay.
        let (all, fewer) = (example::fuzz_target(&bytes), example::fuzz_target(&bytes[..9]));
        prop_assert_eq!(&fewer.edits[..], &all.edits[..1]);
    }
}

#[test]
fn every_source_can_be_fuzzed() {
    for source in EventSource::ALL {
        let cases = FromBytes::of(source);
        let mut distinct = std::collections::BTreeSet::new();
        for number in 0..64_u8 {
            let bytes: Vec<u8> = (0..33_u8).map(|it| it.wrapping_mul(31) ^ number.wrapping_mul(7)).collect();
            let case = cases.case(&bytes);
            assert_eq!(case.seed.source, source);
            distinct.insert(case.render().bytes);
        }
        assert!(distinct.len() > 40, "{}: {}", source.id(), distinct.len());
    }
}

#[test]
fn scripts_alone_can_be_drawn_too() {
    let lexicon = Lexicon::default();
    let seed = seeds::seeds(EventSource::S3, &lexicon).remove(0);
    let points = TestCase::new(seed.clone()).points();
    let edits = EditScript(vec![7; 24]).edits(&seed, &points, &lexicon, &mut NonceSource::new(1));
    assert_eq!(edits.len(), 3);
}
