//! Taking JSON apart.

use serde_json::json;

use super::*;

#[test]
fn children_of_objects_and_arrays_and_nothing_else() {
    let event = json!({ "a/b": [1, 2], "c": "d" });
    assert_eq!(children("", &event), ["/a~1b", "/c"]);
    assert_eq!(children("/a~1b", &event["a/b"]), ["/a~1b/1", "/a~1b/0"]);
    assert!(children("/c", &event["c"]).is_empty());
}

#[test]
fn removes_members_and_elements_and_says_when_they_are_gone() {
    let mut event = json!({ "a/b": [1, 2], "c": "d" });
    assert!(remove(&mut event, "/a~1b/1"));
    assert!(!remove(&mut event, "/a~1b/1"));
    assert!(remove(&mut event, "/c"));
    assert!(!remove(&mut event, "/c"));
    assert!(!remove(&mut event, ""));
    assert_eq!(event, json!({ "a/b": [1] }));
}
