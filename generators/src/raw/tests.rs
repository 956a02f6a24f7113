//! Tests of changes to the event itself.

use serde_json::json;

use super::*;

fn edit(at: &str, change: RawChange) -> RawEdit {
    RawEdit { at: at.to_owned(), change }
}

#[track_caller]
fn check(event: Value, at: &str, change: RawChange, wanted: Option<Value>) {
    let mut changed = event.clone();
    let made = edit(at, change).apply(&mut changed);
    assert_eq!(made, wanted.is_some(), "{event} {at} {change:?}");
    assert_eq!(changed, wanted.unwrap_or(event));
}

#[test]
fn changes_are_made_where_there_is_something_to_change() {
    check(json!({ "a/b": 1, "c": 2 }), "/a~1b", RawChange::Remove, Some(json!({ "c": 2 })));
    check(json!([1, 2]), "/0", RawChange::Remove, Some(json!([2])));
    check(json!({ "a": 1 }), "/b", RawChange::Remove, None);
    check(json!({ "a": 1 }), "", RawChange::Remove, None);
    check(json!({ "a": 1 }), "", RawChange::Null, Some(Value::Null));
    check(json!({ "a": null }), "/a", RawChange::Null, None);
    check(json!({ "a": 1 }), "/a/b", RawChange::Null, None);
    check(json!({ "a": "x" }), "/a", RawChange::Empty, Some(json!({ "a": "" })));
    check(json!({ "a": [1] }), "/a", RawChange::Empty, Some(json!({ "a": [] })));
    check(json!({ "a": {} }), "/a", RawChange::Empty, None);
    check(json!({ "a": 1 }), "/a", RawChange::Empty, None);
    check(json!({ "a": "17" }), "/a", RawChange::Retype(JsonType::Number), Some(json!({ "a": 17 })));
    check(json!({ "a": "x" }), "/a", RawChange::Retype(JsonType::Number), Some(json!({ "a": 1 })));
    check(json!({ "a": 17 }), "/a", RawChange::Retype(JsonType::Text), Some(json!({ "a": "17" })));
    check(json!({ "a": "x" }), "/a", RawChange::Retype(JsonType::Text), None);
    check(json!({ "a": "x" }), "/a", RawChange::Retype(JsonType::List), Some(json!({ "a": ["x"] })));
}

#[test]
fn changes_read_back_and_say_what_they_are() {
    for kind in JsonType::ALL {
        for change in [RawChange::Remove, RawChange::Null, RawChange::Empty, RawChange::Retype(kind)] {
            let edit = edit("/Records/0/body", change);
            let text = serde_json::to_string(&edit).unwrap();
            assert_eq!(serde_json::from_str::<RawEdit>(&text).unwrap(), edit, "{text}");
        }
    }
    let text = serde_json::to_string(&edit("/a", RawChange::Retype(JsonType::Text))).unwrap();
    assert_eq!(text, r#"{"at":"/a","change":{"retype":"text"}}"#);
    assert_eq!(edit("/a", RawChange::Remove).to_string(), "/a is missing");
    assert_eq!(edit("", RawChange::Null).to_string(), "the event is null");
}

#[test]
fn changes_follow_their_record() {
    let at = |at: &str| edit(at, RawChange::Null).without_record(1).map(|edit| edit.at);
    assert_eq!(at("/Records/0/body").as_deref(), Some("/Records/0/body"));
    assert_eq!(at("/Records/1/body"), None);
    assert_eq!(at("/Records/2/body").as_deref(), Some("/Records/1/body"));
    assert_eq!(at("/Records/2").as_deref(), Some("/Records/1"));
    assert_eq!(at("/Records").as_deref(), Some("/Records"));
    assert_eq!(at("/body").as_deref(), Some("/body"));
}
