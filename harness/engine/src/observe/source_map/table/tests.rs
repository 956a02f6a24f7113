//! Maps written by hand, and bytes that are none.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::written::{at as origin, mappings};
use super::*;

fn map(sources: &[&str], segments: &[(u32, u32, Option<Origin>)]) -> Value {
    json!({ "version": 3, "sources": sources, "names": [], "mappings": mappings(segments) })
}

fn read(map: &Value) -> Result<Table, Unusable> {
    Table::read(map.to_string().as_bytes())
}

#[test]
fn a_position_belongs_to_the_last_segment_before_it_in_its_line() {
    let segments =
        [(0, 4, origin(0, 9, 2)), (0, 20, None), (0, 30, origin(1, 70000, 3)), (2, 0, origin(0, 0, 0))];
    let table = read(&map(&["a.ts", "b.ts"], &segments)).unwrap();
    assert_eq!(table.origin(0, 3), None, "before the first");
    assert_eq!(table.origin(0, 4), origin(0, 9, 2));
    assert_eq!(table.origin(0, 19), origin(0, 9, 2));
    assert_eq!(table.origin(0, 25), None, "the bundler's own");
    assert_eq!(table.origin(0, u32::MAX), origin(1, 70000, 3));
    assert_eq!(table.origin(1, 0), None, "a line of which the map says nothing");
    assert_eq!(table.origin(2, 8), origin(0, 0, 0));
    assert_eq!(table.origin(u32::MAX, u32::MAX), None);
}

#[test]
fn reads_what_a_compiler_writes() {
    // tsc 5.9.3 of "let a: number = 1;\n\nif (a > 0) {\n  throw new Error(`${a}`);\n}\n"; Node 20 says
    // 3:11 without and 4:9 with --enable-source-maps.
    let text = r#"{"version":3,"file":"a.js","sourceRoot":"","sources":["a.ts"],"names":[],"mappings":"AAAA,IAAI,CAAC,GAAW,CAAC,CAAC;AAElB,IAAI,CAAC,GAAG,CAAC,EAAE,CAAC;IACV,MAAM,IAAI,KAAK,CAAC,GAAG,CAAC,EAAE,CAAC,CAAC;AAC1B,CAAC"}"#;
    let table = Table::read(text.as_bytes()).unwrap();
    assert_eq!(table.origin(2, 10), origin(0, 3, 8));
    assert_eq!(table.sources[0].name, "a.ts");
}

#[test]
fn segments_may_come_in_any_order_within_a_line() {
    let segments = [(0, 20, origin(0, 2, 0)), (0, 5, origin(0, 1, 0))];
    let table = read(&map(&["a.ts"], &segments)).unwrap();
    assert_eq!(table.origin(0, 7), origin(0, 1, 0));
    assert_eq!(table.origin(0, 21), origin(0, 2, 0));
}

#[test]
fn a_section_of_an_index_map_ends_where_the_next_begins() {
    let first = map(&["a.ts"], &[(0, 0, origin(0, 1, 0)), (3, 0, origin(0, 5, 0))]);
    let second = map(&["b.ts"], &[(0, 4, origin(0, 8, 0)), (1, 4, origin(0, 9, 0))]);
    let index = json!({ "version": 3, "sections": [
        { "offset": { "line": 0, "column": 0 }, "map": first },
        { "offset": { "line": 2, "column": 10 }, "map": second },
        { "offset": { "line": 6, "column": 0 }, "url": "http://192.0.2.1/never-fetched.map" },
    ]});
    let table = read(&index).unwrap();
    assert_eq!(table.origin(0, 5), origin(0, 1, 0));
    assert_eq!(table.origin(2, 12), None, "of the second section, which is silent there");
    assert_eq!(table.origin(2, 14), origin(1, 8, 0), "columns of its first line are shifted");
    assert_eq!(table.origin(3, 4), origin(1, 9, 0), "of the others not; the first has ended");
    assert_eq!(table.origin(3, 0), None);
    assert_eq!(table.sources[1].name, "b.ts");
}

#[test]
fn names_stand_under_the_root_of_sources() {
    let check = |root: &str, source: &str, expected: &str| {
        let mut map = map(&[source], &[(0, 0, origin(0, 0, 0))]);
        map["sourceRoot"] = json!(root);
        assert_eq!(read(&map).unwrap().sources[0].name, expected);
    };
    check("../src", "a.ts", "../src/a.ts");
    check("../src/", "a.ts", "../src/a.ts");
    check("", "a.ts", "a.ts");
    check("/src", "/p/a.ts", "/p/a.ts");
    check("/src", "file:///p/a.ts", "file:///p/a.ts");
    check("/src", "C:\\p\\a.ts", "C:\\p\\a.ts");
}

#[test]
fn sources_on_either_list_of_ignored_code_are_marked() {
    let mut map = map(&["a.ts", "b.ts", "c.ts"], &[(0, 0, origin(0, 0, 0))]);
    map["ignoreList"] = json!([1]);
    map["x_google_ignoreList"] = json!([1, 2, 99]);
    let ignored: Vec<bool> = read(&map).unwrap().sources.iter().map(|it| it.ignored).collect();
    assert_eq!(ignored, [false, true, true]);
}

#[test]
fn what_is_no_map_says_why() {
    let with = |mappings: &str| {
        json!({ "version": 3, "sources": ["a.ts"], "names": [], "mappings": mappings }).to_string()
    };
    let check = |text: &str, expected: &str| {
        let why = Table::read(text.as_bytes()).unwrap_err().to_string();
        assert!(why.starts_with(expected), "{text}: {why}");
    };
    check("", "it is not a source map: EOF");
    check("<!doctype html>", "it is not a source map: expected value");
    check(r#"{"version":3,"sources":"a.ts"}"#, "it is not a source map: invalid type");
    check(r#"{"version":2,"mappings":"AAAA"}"#, "its version is not 3");
    check(r#"{"mappings":"AAAA"}"#, "its version is not 3");
    check(&with(""), "it maps nothing");
    check(&with("A,C;E"), "it maps nothing");
    check(&with("AAAA,é"), "its mappings are broken");
    check(&with("AA"), "its mappings are broken");
    check(&with("AAA"), "its mappings are broken");
    check(&with("AAAAAA"), "its mappings are broken");
    check(&with("AAAAg"), "its mappings are broken");
    check(&with("D"), "its mappings are broken");
    check(&with("ADAA"), "it maps nothing");
    check(&with("AADA"), "its mappings are broken");
    check(&with("AAAD"), "its mappings are broken");
    check(&with("ggggggggggE"), "its mappings are broken");
    let backwards = json!({ "version": 3, "sections": [
        { "offset": { "line": 1, "column": 0 } }, { "offset": { "line": 0, "column": 0 } },
    ]});
    check(&backwards.to_string(), "its mappings are broken");
    let mut deep = String::new();
    for _ in 0..5000 {
        deep.push_str(r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":"#);
    }
    check(&deep, "it is not a source map: recursion limit");
}

#[test]
fn an_index_map_in_an_index_map_adds_nothing() {
    let inner = map(&["a.ts"], &[(0, 0, origin(0, 1, 0))]);
    let section = |map: Value| json!({ "version": 3, "sections": [{ "offset": { "line": 0, "column": 0 }, "map": map }] });
    assert!(read(&section(inner.clone())).is_ok());
    assert_eq!(read(&section(section(inner))).unwrap_err(), Unusable::Empty);
}

#[test]
fn a_line_in_front_of_the_json_is_skipped() {
    let map = map(&["a.ts"], &[(0, 0, origin(0, 0, 0))]);
    assert!(Table::read(format!(")]}}'\n{map}").as_bytes()).is_ok());
    assert!(Table::read(b")]}'").is_err());
}

#[test]
fn there_is_an_end_to_segments() {
    let text = "AAAA,".repeat(MOST_SEGMENTS + 1);
    let map = json!({ "version": 3, "sources": ["a.ts"], "mappings": text });
    assert_eq!(read(&map).unwrap_err(), Unusable::TooLarge);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[A-Za-z0-9+/,;]{0,60}", line in any::<u32>(), column in any::<u32>()) {
        let map = json!({ "version": 3, "sources": ["a.ts", null], "mappings": text });
        if let Ok(table) = read(&map)
            && let Some(origin) = table.origin(line, column)
        {
            prop_assert!((origin.source as usize) < table.sources.len());
        }
    }

    #[test]
    fn every_written_position_is_read_back(steps in prop::collection::vec((0u32..3, 1u32..5000, 0u32..3, any::<u32>()), 1..40)) {
        let mut segments = Vec::new();
        let (mut line, mut column) = (0, 0);
        for (down, right, source, origin_line) in steps {
            (line, column) = (line + down, if down > 0 { 0 } else { column } + right);
            segments.push((line, column, origin(source, origin_line >> 1, origin_line >> 3)));
        }
        let table = read(&map(&["a", "b", "c"], &segments)).unwrap();
        for (line, column, origin) in &segments {
            prop_assert_eq!(table.origin(*line, *column), *origin);
        }
    }
}
