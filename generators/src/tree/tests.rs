//! Paths, reading and changing, conversions.

use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::*;

/// Trees as JSON holds them: no text in them looks like a format of its own.
pub(crate) fn document() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        "[a-z »/~0-9]{0,6}".prop_map(Node::Text),
        any::<i32>().prop_map(|it| Node::Number(it.to_string())),
        Just(Node::Number("1e400".to_owned())),
        Just(Node::Raw("\"\\ud800\"".to_owned())),
        any::<bool>().prop_map(Node::Bool),
        Just(Node::Null),
    ];
    let inner = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Node::Array),
            // Few names: some occur twice.
            vec(("[ab0»/~]{0,2}", inner), 0..4).prop_map(Node::Object),
        ]
    });
    vec(("[ab0]{1,2}", inner), 0..4).prop_map(Node::Object)
}

/// Trees through codecs that can be told apart by the text alone: base64 without `+/=` is base64url too.
pub(crate) fn sent() -> impl Strategy<Value = Node> {
    let text = document().prop_filter("nothing in it", |it| !it.leaves().is_empty());
    let text = text.prop_map(|it| it.inside(Codec::Json));
    text.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| it.inside(Codec::Base64)),
            inner.clone().prop_map(|it| Node::Array(vec![it]).inside(Codec::Json).inside(Codec::Percent)),
            inner.clone().prop_map(|it| it.inside(Codec::Gzip).inside(Codec::Base64)),
            vec(("[ab]{1,2}", inner.clone()), 1..3).prop_map(|it| Node::Object(it).inside(Codec::Json)),
            inner.prop_map(|it| Node::Array(vec![it, Node::text("plain")]).inside(Codec::Json)),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_sent_is_opened_again(node in sent()) {
        prop_assert_eq!(Node::guess(node.to_bytes(), None), node);
    }

    #[test]
    fn what_is_stored_is_read_again(node in sent()) {
        let stored = serde_json::to_string(&node).unwrap();
        prop_assert_eq!(serde_json::from_str::<Node>(&stored).unwrap(), node);
    }

    #[test]
    fn every_leaf_is_found_by_its_path_and_the_path_reads_back(node in sent()) {
        let mut all = Vec::new();
        node.walk(&Path::root(), &mut |path, part| all.push((path.clone(), part.clone())));
        for (path, part) in all {
            prop_assert_eq!(node.get(&path), Some(&part));
            prop_assert_eq!(Path::from(path.to_string()), path);
        }
    }

    #[test]
    fn a_leaf_that_is_set_is_read_again_from_what_is_sent(node in sent(), which in any::<prop::sample::Index>()) {
        let leaves = node.leaves();
        prop_assume!(!leaves.is_empty());
        let path = which.get(&leaves);
        let mut changed = node.clone();
        // No text of ours can be taken for a format.
        let is_set = changed.set_leaf(path, "'\"\\ \u{1}\u{fc}$(x)");
        prop_assert!(is_set);
        let read = Node::guess(changed.to_bytes(), None);
        prop_assert_eq!(read.leaf_text(path), changed.leaf_text(path));
        prop_assert_eq!(read, changed);
    }

    #[test]
    fn no_text_is_changed_by_being_read(text in any::<String>()) {
        let node = Node::guess(text.clone().into_bytes(), None);
        if let Some(value) = node.to_value().filter(|_| !matches!(node, Node::Opened(Codec::Json, _))) {
            prop_assert_eq!(value, json!(text));
        }
    }
}

fn order() -> Node {
    Node::from(json!({
        "id": 7,
        "body": "{\"items\":[{\"file\":\"a.txt\"},{\"file\":\"b.txt\"}]}",
        "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln",
    }))
}

#[test]
fn paths_of_a_real_event() {
    let paths: Vec<String> = order().leaves().iter().map(Path::to_string).collect();
    assert_eq!(
        paths,
        [
            "/id",
            "/body»json»/items/0/file",
            "/body»json»/items/1/file",
            "/token»jwt»/header/alg",
            "/token»jwt»/claims/sub",
            "/token»jwt»/signature"
        ]
    );
}

#[test]
fn layers_follow_each_other_in_paths() {
    let node = Node::json(Node::Object(vec![("a".to_owned(), Node::text("x"))]));
    let node = node.inside(Codec::Gzip).inside(Codec::Base64);
    assert_eq!(node.leaves()[0].to_string(), "»base64»gzip»json»/a");
}

#[test]
fn odd_names_keep_their_places() {
    let members = ["0", "a/b", "~", "»", "", "~2x", "a~41"].map(|name| (name.to_owned(), Node::Null));
    let node = Node::Object(members.into_iter().chain([("a".to_owned(), Node::Null)]).collect());
    for leaf in node.leaves() {
        assert_eq!(Path::from(leaf.to_string()), leaf, "{leaf}");
    }
}

#[test]
fn names_that_occur_twice() {
    let mut node = Node::guess(br#"{"a":1,"a":2}"#.to_vec(), None);
    let second = Path::from("»json»/a~41".to_owned());
    assert_eq!(node.leaf_text(&second).unwrap(), "2");
    assert!(node.set_leaf(&second, "x"));
    assert_eq!(node.to_text(), r#"{"a":1,"a":"x"}"#);
    assert!(node.remove(&Path::from("»json»/a".to_owned())));
    assert_eq!(node.to_text(), r#"{"a":"x"}"#);
}

#[test]
fn members_are_added_and_removed() {
    let mut node = order();
    assert!(node.insert(&Path::from("/body»json»/items/2/file".to_owned()), Node::text("c")));
    assert!(!node.insert(&Path::from("/body»json»/items/9".to_owned()), Node::Null), "a hole");
    assert!(node.add_name(&Path::from("/body»json»".to_owned()), "n"));
    assert!(node.remove(&Path::from("/body»json»/items/0".to_owned())));
    assert!(!node.remove(&Path::from("/body»json»".to_owned())), "the content of a text");
    let body = node.get(&Path::root().member("body")).unwrap().to_text();
    assert_eq!(body, r#"{"items":[{"file":"b.txt"},{"file":"c"}],"n":"1"}"#);
    assert!(node.insert(&Path::from("/new»base64»json»/deep".to_owned()), Node::text("x")));
    assert_eq!(node.get(&Path::root().member("new")).unwrap().to_text(), "eyJkZWVwIjoieCJ9");
}

#[test]
fn values_are_as_a_parser_sees_them() {
    let node = Node::guess(br#"{"a":1,"a":"2"}"#.to_vec(), None);
    let Node::Opened(_, content) = &node else { panic!("{node:?}") };
    assert_eq!(content.to_value(), Some(json!({ "a": "2" })));
    assert_eq!(Node::Number("1e400".to_owned()).to_value(), None);
    assert_eq!(Node::Raw("\"\\ud800\"".to_owned()).to_value(), None);
    assert_eq!(Node::from(json!({ "a": "[1]" })).to_value(), Some(json!({ "a": "[1]" })));
}

#[test]
fn stored_trees_are_short() {
    let node = Node::guess(br#"{"a":["x",1,null,true],"b":"{\"c\":{}}"}"#.to_vec(), None);
    assert_eq!(
        serde_json::to_string(&node).unwrap(),
        r#"{"json":{"object":["a",["x",{"number":"1"},null,true],"b",{"json":{"object":["c",{"object":[]}]}}]}}"#
    );
    let bytes = Node::Bytes(vec![0xff, 0]);
    assert_eq!(serde_json::from_str::<Node>(&serde_json::to_string(&bytes).unwrap()).unwrap(), bytes);
    for wrong in ["1", "{}", r#"{"what":1}"#, r#"{"object":[1,2]}"#, r#"{"bytes":"?"}"#] {
        assert!(serde_json::from_str::<Node>(wrong).is_err(), "{wrong}");
    }
}
