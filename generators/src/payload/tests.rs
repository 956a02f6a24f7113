//! Payload tables: ids, forms, twins, variants, lookups.

use std::collections::BTreeSet;

use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::*;
use crate::nonce::NonceSource;

/// Classes whose payloads the engine plants: their twins have to be as long as they are.
const PLANTED: [PayloadClass; 3] =
    [PayloadClass::ShellCommand, PayloadClass::PythonCode, PayloadClass::JavaScriptCode];

fn all_with_nonces() -> impl Iterator<Item = (&'static Payload, Nonce)> {
    let mut nonces = NonceSource::new(7);
    Payload::all().iter().map(move |payload| (payload, nonces.take()))
}

/// Whether the nonce is in the text, as a number, or in what base64 hides.
fn names(payload: &Payload, nonce: &Nonce) -> bool {
    let canaries = Canaries::default();
    let bytes = payload.bytes(nonce, &canaries);
    let text = String::from_utf8_lossy(&bytes);
    let hidden = text.split('.').nth(1).and_then(|it| BASE64_URL_SAFE_NO_PAD.decode(it).ok());
    let hidden = hidden.map(|it| String::from_utf8_lossy(&it).into_owned()).unwrap_or_default();
    [text.as_ref(), &hidden].iter().any(|it| it.contains(nonce.as_str()))
        || text.contains(&number(nonce.as_str()).to_string())
}

#[test]
fn payloads_name_their_nonce_and_twins_do_not() {
    for (payload, nonce) in all_with_nonces() {
        assert!(names(payload, &nonce), "{}", payload.id);
        let twin = payload.twin(&nonce);
        assert!(!twin.is_empty() && twin != payload.text(&nonce), "{}", payload.id);
        assert!(!twin.contains(nonce.as_str()), "{}", payload.id);
        assert_eq!(twin, payload.twin(&nonce));
    }
}

#[test]
fn twins_of_letters_are_as_long() {
    for (payload, nonce) in all_with_nonces() {
        let (text, twin) = (payload.text(&nonce), payload.twin(&nonce));
        if PLANTED.contains(&payload.class) || matches!(payload.twin, Twin::Letters) {
            assert_eq!(text.chars().count(), twin.chars().count(), "{}", payload.id);
            assert!(twin.chars().all(|c| c.is_ascii_alphanumeric()), "{}", payload.id);
        }
    }
}

#[test]
fn forms_give_what_they_promise() {
    let canaries = Canaries::default();
    for (payload, nonce) in all_with_nonces() {
        let value = payload.value(&nonce, &canaries);
        let text = payload.text(&nonce);
        match payload.form {
            Form::Json => assert!(value.is_object(), "{}", payload.id),
            Form::Text | Form::Name => assert_eq!(value, Value::String(text)),
            Form::Bytes => {
                assert_eq!(BASE64_STANDARD.decode(&text).unwrap(), payload.bytes(&nonce, &canaries));
            }
        }
    }
}

#[test]
fn no_hole_is_left_and_canaries_are_where_they_should_be() {
    let address = SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 1234);
    let canaries = Canaries { address: Some(address), folder: "/canaries" };
    for (payload, nonce) in all_with_nonces() {
        let text = String::from_utf8_lossy(&payload.bytes(&nonce, &canaries)).into_owned();
        let expected = payload.expected(&nonce, &canaries).unwrap_or_default();
        for hole in [NONCE, NUMBER, ADDRESS, DECIMAL, HEXADECIMAL, SHORT, PORT, FOLDER] {
            assert!(!text.contains(hole), "{} {hole}", payload.id);
            assert!(!expected.contains(hole), "{} {hole}", payload.id);
            assert!(!payload.twin(&nonce).contains(hole), "{} {hole}", payload.id);
        }
        if matches!(payload.effect, Effect::Opens(_)) {
            assert!(text.contains("/canaries/"), "{}", payload.id);
        }
        // Nothing outside this machine is ever named.
        for part in text.split("://").skip(1) {
            let local = [
                "127.",
                "/canaries/",
                "2130706433",
                "0x7f000001",
                "0.0.0.0",
                "[::ffff:127.0.0.1]",
                "169.254.169.254:1234/",
            ];
            let allowed = local.iter().any(|it| part.starts_with(it))
                || part.starts_with(&format!("{nonce}.localhost"))
                || part.starts_with("www.w3.org/2001/XInclude");
            assert!(allowed, "{}: {part}", payload.id);
        }
    }
}

#[test]
fn addresses_name_their_nonce() {
    let mut nonces = NonceSource::new(3);
    let canaries = Canaries::default();
    let mut seen = BTreeSet::new();
    for _ in 0..10_000 {
        let nonce = nonces.take();
        let address = canaries.address(&nonce);
        assert!(address.ip().is_loopback() && (16_384..32_768).contains(&address.port()), "{address}");
        assert!(address.ip().octets().iter().all(|it| !matches!(it, 0 | 255)), "{address}");
        assert!(seen.insert(address), "{address} comes twice");
    }
    let nonce = Nonce::parse("ev00000001").unwrap();
    let address = canaries.address(&nonce);
    let text = |id: &str| Payload::by_id(id).unwrap().text(&nonce);
    assert_eq!(text("ssrf-url"), format!("http://{address}/ev00000001"));
    let [_, a, b, c] = address.ip().octets().map(u32::from);
    let port = address.port();
    assert_eq!(text("ssrf-short"), format!("http://127.{}:{port}/ev00000001", (a << 16) | (b << 8) | c));
    assert_eq!(text("ssrf-decimal"), format!("http://{}:{port}/ev00000001", u32::from(*address.ip())));
}

#[test]
fn what_proves_an_output_is_not_in_the_payload() {
    let canaries = Canaries::default();
    for (payload, nonce) in all_with_nonces() {
        if let Effect::Output(_) = payload.effect
            && payload.id != "log-escape"
        {
            let expected = payload.expected(&nonce, &canaries).unwrap();
            assert!(!payload.text(&nonce).contains(&expected), "{}", payload.id);
        }
    }
}

#[test]
fn ids_are_unique_and_lookups_find_them() {
    let ids: BTreeSet<&str> = Payload::all().iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), Payload::all().len());
    for payload in Payload::all() {
        assert_eq!(Payload::by_id(payload.id), Some(payload));
        assert!(Payload::of_class(payload.class).any(|it| it == payload));
        assert!(!payload.why.is_empty() && !payload.why.ends_with('.'), "{}", payload.id);
    }
    for class in PayloadClass::ALL {
        assert_eq!(Payload::canonical(class).class, class);
        assert!((1..=13).contains(&Payload::of_class(class).count()), "{}", class.id());
    }
    assert_eq!(Payload::by_id("no-such-payload"), None);
}

#[test]
fn classes_are_found_by_each_of_their_names() {
    let mut seen = BTreeSet::new();
    for class in PayloadClass::ALL {
        for name in std::iter::once(class.id()).chain(class.aliases().iter().copied()) {
            assert!(seen.insert(name), "{name} names two classes");
            assert_eq!(PayloadClass::from_id(name), Some(class));
        }
        let stored = serde_json::to_value(class).unwrap();
        assert_eq!(stored, Value::String(class.id().to_owned()), "stored as it is printed");
    }
    assert_eq!(PayloadClass::from_id("no-such-class"), None);
}

/// A class has a variant for a filter wherever its syntax allows one.
#[test]
fn classes_have_variants_for_filters() {
    let without = |filter: Filter| {
        let none = |class: &PayloadClass| Payload::variants(*class, &[filter]).is_empty();
        PayloadClass::ALL.into_iter().filter(none).map(PayloadClass::id).collect::<Vec<_>>()
    };
    assert_eq!(without(Filter::NoSpace), ["xxe", "header-injection"], "blanks are their syntax");
    let made_of_slashes = ["path-traversal", "ssrf", "xxe", "log4shell"];
    assert_eq!(without(Filter::NoSlash), made_of_slashes);
    let leave_quotes = ["java-expression", "partiql", "mongo-operator", "xxe", "xpath"];
    assert_eq!(without(Filter::NoQuotes), leave_quotes);
    let have_capitals = ["javascript-code", "java-expression", "partiql", "xxe", "header-injection", "jwt"];
    assert_eq!(without(Filter::LowerCase), have_capitals);
    let have_long_names = ["javascript-code", "java-expression", "xxe", "jwt", "redos"];
    assert_eq!(without(Filter::Short), have_long_names);
}

#[test]
fn ids_are_what_is_stored_and_old_ones_are_read() {
    for class in PayloadClass::ALL {
        assert_eq!(serde_json::to_value(class).unwrap(), class.id());
    }
    let old = ["java-script-code", "parti-ql", "re-dos", "x-path"];
    let new = old.map(|it| serde_json::from_value::<PayloadClass>(it.into()).unwrap().id());
    assert_eq!(new, ["javascript-code", "partiql", "redos", "xpath"]);
}
