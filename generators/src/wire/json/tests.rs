//! Tests of JSON trees with JSON in strings.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn opens_json_in_strings() {
    let root = json!({ "a/b": "x", "outer": "{\"inner\":\"[1,{\\\"z\\\":null}]\"}", "n": [true] });
    let paths: Vec<String> = leaves(&root).iter().map(JsonPath::to_string).collect();
    assert_eq!(paths, ["/a~1b", "/outer»/inner»/0", "/outer»/inner»/1/z", "/n/0"]);
    let pointers: Vec<String> = leaves(&root).iter().map(JsonPath::pointer).collect();
    assert_eq!(pointers[2], "/outer»json»/inner»json»/1/z");
}

#[test]
fn writes_through_strings() {
    let mut root = json!({ "outer": "{\"inner\":[1,2]}" });
    assert!(set(&mut root, &JsonPath::from("/outer»/inner/1".to_owned()), &json!("a\"b")));
    assert_eq!(root, json!({ "outer": "{\"inner\":[1,\"a\\\"b\"]}" }));
    assert!(remove(&mut root, &JsonPath::from("/outer»/inner/0".to_owned())));
    assert_eq!(root, json!({ "outer": "{\"inner\":[\"a\\\"b\"]}" }));
    assert!(!set(&mut root, &JsonPath::from("/outer/inner".to_owned()), &json!(1)));
}

#[test]
fn inserts_what_is_missing_on_the_way() {
    let mut root = json!({ "a": "x" });
    assert!(insert(&mut root, &JsonPath::from("/a/b/0/c".to_owned()).0, json!(1)));
    assert_eq!(root, json!({ "a": { "b": [{ "c": 1 }] } }));
    assert!(!insert(&mut root, &JsonPath::from("/a/b/7".to_owned()).0, json!(1)));
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        "[~/»0-9a-z]{0,4}".prop_map(Step::Member),
        any::<String>().prop_map(Step::Member),
        (0..1000_usize).prop_map(Step::Element),
        Just(Step::Decode),
    ]
}

proptest! {
    #[test]
    fn paths_read_back(steps in proptest::collection::vec(step(), 0..6)) {
        let path = JsonPath(steps);
        prop_assert_eq!(JsonPath::from(path.to_string()), path);
    }
}
