//! Codecs whose texts are written by hand, not by a library: what is written is read, and what is read is written.

use evfuzz_generators::{codec::Codec, tree::Node};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::support;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(support::cases()) }
}

const LISTS: [Codec; 2] = [Codec::HeaderList, Codec::HeaderListTight];

/// What stands in a list without quotes, and is no pair.
fn bare() -> impl Strategy<Value = Node> {
    "[!-~&&[^,;\"\\\\=]]{1,6}".prop_map(Node::Text)
}

/// A name that is not that of the value, and any text of a header.
fn parameter() -> impl Strategy<Value = (String, Node)> {
    ("[a-uw-z!#$%&'*+.^_`|~-][a-z0-9-]{0,3}", "[ -~]{0,6}").prop_map(|(name, text)| (name, Node::Text(text)))
}

/// An element with at least `least` parts.
fn element(least: usize) -> impl Strategy<Value = Node> {
    let with_value = (bare(), vec(parameter(), 1..4)).prop_map(|(value, parameters)| {
        Node::Object(std::iter::once(("value".to_owned(), value)).chain(parameters).collect())
    });
    prop_oneof![with_value, vec(parameter(), least..4).prop_map(Node::Object)]
}

fn list() -> impl Strategy<Value = Node> {
    let credentials = (select(vec!["Bearer", "BASIC", "Token"]), "[!-~]([ -~]{0,9}[!-~])?").prop_filter_map(
        "base64 would be opened",
        |(scheme, text)| {
            let closed = scheme != "BASIC" || Codec::Base64.decode(text.as_bytes()).is_none();
            closed.then(|| Node::Object(vec![(scheme.to_owned(), Node::Text(text))]))
        },
    );
    let password = ".{0,9}"
        .prop_map(|text| Node::Object(vec![("Basic".to_owned(), Node::Text(text).inside(Codec::Base64))]))
        .prop_filter("nothing", |it| Codec::HeaderList.encode(it).len() > "Basic ".len());
    prop_oneof![
        3 => vec(prop_oneof![bare(), element(1)], 2..5).prop_map(Node::Array),
        2 => element(2),
        1 => credentials,
        1 => password,
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn header_lists_are_read_as_they_were_written(content in list()) {
        let credentials = matches!(&content, Node::Object(members) if members.len() == 1);
        for codec in LISTS.into_iter().take(if credentials { 1 } else { 2 }) {
            let text = codec.encode(&content);
            prop_assert_eq!(codec.decode(&text), Some(content.clone()), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn header_lists_are_written_as_they_were_read(
        text in prop_oneof![
            "[a-c ,;=\"\\\\]{0,12}",
            "[!-~]{1,4}([,;] ?[!-~]{0,5}){0,4}",
            "(Bearer|basic|Token) [ -~]{0,8}",
            any::<String>(),
        ],
    ) {
        for codec in LISTS {
            if let Some(content) = codec.decode(text.as_bytes()) {
                prop_assert_eq!(codec.encode(&content), text.as_bytes());
            }
        }
    }
}
