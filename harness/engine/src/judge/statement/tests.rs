//! Oracles on texts that drivers read, on hand-made records: what is structure there, and what is data.

use std::path::Path;

use bytes::Bytes;
use evfuzz_emulator::{LogText, Outcome};
use evfuzz_generators::case::TestCase;
use evfuzz_generators::edit::Frame;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::Payload;
use evfuzz_generators::point::InjectionPoint;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;
use serde_json::{Value, json};

use super::super::judge;
use super::field;
use crate::observe::{Observation, Record, SourceText};

/// A case in which the payload of this id is planted, and its text.
fn planted(id: &str) -> (TestCase, String) {
    let case = TestCase::new(seeds(EventSource::Sqs, &Lexicon::default()).remove(0));
    let payload = Payload::by_id(id).unwrap();
    let nonce = Nonce::parse("evaaaaaaaa").unwrap();
    let plant = |at: &InjectionPoint| case.plant(&at.locator, payload, Frame::none(), nonce.clone()).ok();
    let case = case.points().iter().find_map(plant).unwrap();
    (case, payload.text(&nonce))
}

fn told(record: &Value) -> Observation {
    let source = SourceText::new(Path::new("/f"), Path::new("/f"), []);
    let record = Record::read(record.to_string().as_bytes(), &source).unwrap();
    Observation { records: vec![record], ..Observation::nothing() }
}

/// What the oracles say of a payload, once the function has made `record` of its text.
fn said(id: &str, record: impl Fn(&str) -> Value) -> Vec<&'static str> {
    let (case, text) = planted(id);
    judge(&case, &told(&record(&text))).iter().map(|it| it.oracle.id()).collect()
}

#[track_caller]
fn check_sql(engine: &str, id: &str, expected: bool, statement: impl Fn(&str) -> String) {
    let said =
        said(id, |it| json!({ "kind": "statement", "engine": engine, "text": statement(it), "stack": [] }));
    let wanted: &[&str] = match (expected, engine) {
        (false, _) => &[],
        (true, "partiql") => &["dynamodb-expression"],
        (true, _) => &["sql-injection"],
    };
    assert_eq!(said, wanted, "{id}");
}

const ENGINES: [&str; 5] = ["sqlite", "postgresql", "mysql", "unknown", "partiql"];

#[test]
fn text_that_leaves_its_quotes_or_has_none_is_structure() {
    for engine in ENGINES {
        check_sql(engine, "sql-polyglot", true, |it| format!("SELECT 1 FROM t WHERE a = '{it}'"));
        check_sql(engine, "sql-polyglot", true, |it| format!("SELECT 1 FROM t WHERE a = {it}"));
        check_sql(engine, "sql-single-quotes-or", true, |it| {
            format!("SELECT 1 FROM t WHERE a LIKE '%{it}%'")
        });
        check_sql(engine, "sql-number", true, |it| format!("SELECT 1 FROM t ORDER BY {it} DESC LIMIT 3"));
        // Of any class.
        check_sql(engine, "shell-substitution-quoted", true, |it| {
            format!("SELECT 1 FROM t WHERE a = '{it}'")
        });
        // What is left of it, and what case it has, does not matter.
        check_sql(engine, "sql-polyglot", true, |it| {
            format!("SELECT 1 FROM t LIMIT {}", it.replace('\'', ""))
        });
        check_sql(engine, "sql-number-or", true, |it| {
            format!("SELECT 1 FROM t WHERE a IN (1, {})", it.to_lowercase())
        });
    }
}

#[test]
fn text_in_its_place_is_data() {
    for engine in ENGINES {
        for id in
            ["sql-polyglot", "sql-single-quotes-or", "sql-comment", "sql-number", "shell-substitution-quoted"]
        {
            check_sql(engine, id, false, |it| {
                format!("SELECT 1 FROM t WHERE a = '{}'", it.replace('\'', "''"))
            });
        }
        check_sql(engine, "sql-number", false, |it| format!("SELECT 1 FROM t WHERE a = '{it}'"));
        check_sql(engine, "sql-number", false, |it| format!("SELECT 1 -- {it}"));
        // Only characters of names are left.
        for id in ["sql-polyglot", "sql-number", "sql-number-or"] {
            check_sql(engine, id, false, |it| {
                let name: String = it.chars().filter(char::is_ascii_alphanumeric).collect();
                format!("SELECT 1 FROM t ORDER BY {name}")
            });
        }
    }
    let quoted = |it: &str| format!("SELECT \"{}\" FROM t", it.replace('"', "\"\""));
    check_sql("postgresql", "sql-polyglot", false, quoted);
    check_sql("sqlite", "sql-polyglot", false, quoted);
    let backslashes = |it: &str| format!("SELECT '{}'", it.replace('\\', "\\\\").replace('\'', "\\'"));
    check_sql("mysql", "sql-polyglot", false, backslashes);
    // Which are no escapes there.
    check_sql("postgresql", "sql-polyglot", true, backslashes);
    check_sql("sqlite", "sql-single-quotes", true, backslashes);
    // It must be proof in every dialect.
    check_sql("unknown", "sql-single-quotes", false, backslashes);
}

#[track_caller]
fn check_complaint(id: &str, log: &str, expected: bool) {
    let (case, _) = planted(id);
    let log = LogText { bytes: log.as_bytes().to_vec(), ..LogText::default() };
    let observation = Observation {
        outcome: Some(Outcome::response(Bytes::from_static(b"null"))),
        log,
        ..Observation::nothing()
    };
    let said = judge(&case, &observation);
    assert_eq!(said.iter().any(|it| it.oracle.id() == "sql-injection"), expected, "{said:#?}");
}

#[test]
fn engines_tell_what_they_took_for_a_call() {
    check_complaint("sql-polyglot", "OperationalError: no such function: evaaaaaaaa\n", true);
    check_complaint("sql-polyglot", "ERROR:  function evaaaaaaaa() does not exist\n", true);
    check_complaint("sql-polyglot", "FUNCTION shop.evaaaaaaaa does not exist", true);
    check_complaint("sql-polyglot", "no such function: evbbbbbbbb", false);
    check_complaint("sql-polyglot", "no rows for evaaaaaaaa() does not matter", false);
    // A checked name, a name in quotes, and what full-text queries take for a column.
    check_complaint("sql-number", "column \"evaaaaaaaa\" does not exist", false);
    check_complaint("sql-polyglot", "no such column: evaaaaaaaa", false);
    check_complaint("sql-polyglot", "no such function: evaaaaaaaaevaaaaaaaa", false);
    // It calls nothing.
    check_complaint("sql-single-quotes-or", "no such function: evaaaaaaaa", false);
}

#[track_caller]
fn check_expression(id: &str, expected: bool, expression: impl Fn(&str) -> String) {
    let record = |it: &str| {
        let text = expression(it);
        json!({ "kind": "expression", "member": "FilterExpression", "text": text, "stack": [] })
    };
    let wanted: &[&str] = if expected { &["dynamodb-expression"] } else { &[] };
    assert_eq!(said(id, record), wanted, "{id}");
}

#[test]
fn what_is_more_than_a_name_is_structure_in_an_expression() {
    check_expression("dynamodb-or", true, |it| format!("#o = :o AND {it} = :v"));
    check_expression("dynamodb-projection", true, |it| format!("id, {it}"));
    check_expression("shell-substitution-quoted", true, |it| format!("{it} = :v"));
    check_expression("dynamodb-or", false, |it| {
        let name: String = it.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        format!("{name} = :v")
    });
}

#[track_caller]
fn check_filter(id: &str, expected: bool, filter: impl Fn(Value) -> Value) {
    let record = |it: &str| {
        let value = serde_json::from_str(it).unwrap_or_else(|_| Value::String(it.to_owned()));
        json!({ "kind": "filter", "text": filter(value).to_string(), "stack": [] })
    };
    let wanted: &[&str] = if expected { &["nosql-injection"] } else { &[] };
    assert_eq!(said(id, record), wanted, "{id}");
}

#[test]
fn an_operator_counts_where_the_server_reads_one() {
    for id in ["mongo-ne", "mongo-nin", "mongo-regex", "mongo-not"] {
        check_filter(id, true, |it| json!({ "user": "a", "password": it }));
        check_filter(id, true, |it| json!({ "$or": [{ "a": 1 }, { "b": it }] }));
        check_filter(id, true, |it| json!({ "a": { "$elemMatch": { "b": it } } }));
        check_filter(id, true, |it| json!([{ "$match": { "a": it } }, { "$limit": 1 }]));
        check_filter(id, false, |it| json!({ "password": { "$eq": it } }));
        check_filter(id, false, |it| json!({ "password": { "$in": [it] } }));
        check_filter(id, false, |it| json!({ "password": it.to_string() }));
        check_filter(id, false, |it| json!({ "a": { "b": { "c": it } } }));
        check_filter(id, false, |_| {
            json!({ "password": { "$ne": "evaaaaaaaa", "$gt": 1 }, "a": "evaaaaaaaa" }).take()
        });
    }
    // The function's own operator, whose value is the sender's.
    check_filter("shell-substitution-quoted", false, |it| json!({ "user": { "$ne": it } }));
}

#[test]
fn code_in_where_counts_where_it_is_code() {
    check_filter(
        "javascript-polyglot",
        true,
        |it| json!({ "$where": format!("this.a == '{}'", it.as_str().unwrap_or_default()) }),
    );
    check_filter("javascript-polyglot", false, |it| json!({ "$where": format!("this.a == {it}") }));
    check_filter("javascript-polyglot", false, |it| json!({ "where": it }));
}

#[test]
fn parts_of_one_member_are_one_flaw() {
    for (one, other) in [
        ("/body»json»/a", "/body»json»/a/0/b"),
        ("/body»json»/a", "/body»base64»json»/a"),
        ("/Records/0/body»json»/a/b", "/Records/3/body»json»/a/c"),
    ] {
        assert_eq!(field(one), field(other));
    }
    for (one, other) in [
        ("/body»json»/a", "/body»json»/b"),
        ("/queryStringParameters/a", "/queryStringParameters/b"),
        ("/queryStringParameters/a»json»/a", "/queryStringParameters/b»json»/a"),
        ("/Records/0/dynamodb/NewImage/a/S", "/Records/0/dynamodb/NewImage/b/S"),
    ] {
        assert_ne!(field(one), field(other));
    }
}
