//! Nonces are unique, repeatable and of one form.

use std::collections::HashSet;

use super::*;

#[test]
fn never_repeats_and_parses_back() {
    let mut source = NonceSource::new(7);
    let mut seen = HashSet::new();
    for _ in 0..100_000 {
        let nonce = source.take();
        assert_eq!(nonce.as_str().len(), Nonce::LEN);
        assert_eq!(Nonce::parse(nonce.as_str()), Some(nonce.clone()));
        assert!(seen.insert(nonce));
    }
}

#[test]
fn equal_rng_seeds_give_equal_nonces_and_others_differ() {
    let take = |rng_seed| NonceSource::new(rng_seed).take();
    assert_eq!(take(1), take(1));
    assert_ne!(take(1), take(2));
}

#[test]
fn rejects_what_is_not_a_nonce() {
    for text in ["", "ev", "ev0000000", "ev000000000", "EV00000000", "ev0000000-", "xx00000000"] {
        assert_eq!(Nonce::parse(text), None, "{text:?}");
    }
}
