//! Payload tables: ids, twins, lookups.

use super::*;
use crate::nonce::NonceSource;

#[test]
fn twins_are_as_long_and_hold_no_nonce() {
    let mut nonces = NonceSource::new(7);
    for payload in Payload::all() {
        let nonce = nonces.take();
        let (text, twin) = (payload.text(&nonce), payload.twin(&nonce));
        assert_eq!(text.len(), twin.len(), "{}", payload.id);
        assert!(text.contains(nonce.as_str()), "{}", payload.id);
        assert!(!twin.contains(nonce.as_str()), "{}", payload.id);
        assert!(twin.chars().all(|c| c.is_ascii_alphanumeric()), "{}", payload.id);
        assert_eq!(twin, payload.twin(&nonce));
    }
}

#[test]
fn ids_are_unique_and_lookups_find_them() {
    for payload in Payload::all() {
        assert_eq!(Payload::by_id(payload.id), Some(payload));
        assert!(Payload::of_class(payload.class).any(|it| it == payload));
    }
    for class in PayloadClass::ALL {
        assert_eq!(Payload::canonical(class).class, class);
        assert!(Payload::of_class(class).count() <= 12);
    }
    assert_eq!(Payload::by_id("no-such-payload"), None);
}
