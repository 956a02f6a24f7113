//! Runtime identifiers, versions and suggestions.

use super::*;

#[test]
fn reads_versions_as_interpreters_print_them() {
    let read = |text: &str| text.parse::<Version>().map(|it| it.to_string());
    assert_eq!(read("v20.11.1").as_deref(), Ok("20.11.1"));
    assert_eq!(read("3.13.0rc1").as_deref(), Ok("3.13.0"));
    assert_eq!(read("3.12").as_deref(), Ok("3.12.0"));
    assert!(read("system").is_err());
}

#[test]
fn reads_what_people_type_for_a_runtime() {
    let read = |text: &str| Wanted::parse(text).map(|it| (it.language, it.version)).ok();
    assert_eq!(read("nodejs20.x"), Some((Language::JavaScript, Some(20))));
    assert_eq!(read("node22"), Some((Language::JavaScript, Some(22))));
    assert_eq!(read("nodejs"), Some((Language::JavaScript, None)));
    assert_eq!(read("python3.12"), Some((Language::Python, Some(12))));
    assert_eq!(read("Python"), Some((Language::Python, None)));
    assert_eq!(read("python3"), Some((Language::Python, None)));
    assert_eq!(read("provided.al2023"), Some((Language::Native, None)));
    assert_eq!(read("python2.7"), None);
    assert_eq!(read("ruby3.3"), Some((Language::Ruby, Some(3))));
    assert_eq!(read("java8.al2"), Some((Language::Java, Some(8))));
    assert_eq!(read("java21"), Some((Language::Java, Some(21))));
    assert_eq!(read("dotnet8"), None);
}

#[test]
fn suggests_the_nearest_runtime() {
    let suggest = |text: &str| match Wanted::parse(text) {
        Err(RuntimeError::UnknownRuntime { suggestion, .. }) => suggestion,
        other => panic!("{other:?}"),
    };
    assert_eq!(suggest("nodjs20.x"), Some("nodejs20.x"));
    assert_eq!(suggest("pyhton3.12"), Some("python3.12"));
    assert_eq!(suggest("providedal2"), Some("provided.al2"));
    assert_eq!(suggest("jav"), Some("java"));
    for far in ["foo", "", "go1.x", "dotnet8", "bash"] {
        assert_eq!(suggest(far), None, "{far}");
    }
}

#[test]
fn survives_a_round_trip_through_json() {
    let runtime = Runtime::Python { version: Version { major: 3, minor: 11, patch: 7 } };
    let text = serde_json::to_string(&runtime).unwrap();
    assert_eq!(text, r#"{"family":"python","version":"3.11.7"}"#);
    assert_eq!(serde_json::from_str::<Runtime>(&text).unwrap(), runtime);
}
