//! One synthesized payload per SQL context: SQLite accepts the statement with the canary in it.
//! Of MySQL, PostgreSQL and the standard only the tokens are checked.

use evfuzz_generators::{
    breakout::{Canary, Delimiters, Dialect, Filter, Language, Sighting, Terms, synthesize},
    nonce::NonceSource,
};
use proptest::prelude::*;

#[path = "breakout/bench.rs"]
mod bench;

use bench::{Bench, budget, driver, installed, make, sampled};

const CONTEXTS: &[&str] = &[
    "SELECT * FROM users WHERE name = '@'",
    "SELECT * FROM users WHERE id = @",
    "SELECT * FROM users WHERE id = @ AND role = 'user'",
    "SELECT * FROM users WHERE (name = '@')",
    "SELECT * FROM users WHERE (name = '@' AND (role = 'user'))",
    "SELECT * FROM users WHERE name LIKE '%@%'",
    "SELECT * FROM users WHERE name LIKE '@%' ESCAPE '!'",
    "SELECT * FROM users WHERE id IN (@)",
    "SELECT * FROM users WHERE id IN (1, @, 3)",
    "SELECT * FROM users WHERE name IN ('a', '@')",
    "SELECT * FROM users ORDER BY @",
    "SELECT * FROM users ORDER BY @ DESC LIMIT 1",
    "SELECT * FROM users LIMIT @",
    "SELECT * FROM users LIMIT 1 OFFSET @",
    "SELECT * FROM users WHERE age BETWEEN @ AND 9",
    "SELECT * FROM users WHERE age BETWEEN 1 AND @",
    "SELECT '@'",
    "SELECT @",
    "SELECT @ FROM users",
    "SELECT name, '@' AS label FROM users",
    "SELECT * FROM @",
    "SELECT * FROM users, @ WHERE 1",
    "INSERT INTO users(name, role) VALUES ('@', 'user')",
    "INSERT INTO users(name, role) VALUES ('a', '@')",
    "INSERT INTO users(id, name) VALUES (@, 'a')",
    "UPDATE users SET name = '@' WHERE id = 1",
    "UPDATE users SET age = @ WHERE id = 1",
    "DELETE FROM users WHERE name = '@'",
    "SELECT * FROM users WHERE name = 'it''s @'",
    "SELECT * FROM users WHERE name = '@' -- by name\nAND 1",
    "SELECT * FROM users -- @\nWHERE 1",
    "SELECT * FROM users WHERE id = 1 -- @",
    "SELECT /* @ */ name FROM users",
    "SELECT name /* @ */ FROM users",
    "SELECT * FROM users WHERE id = 1 /* @ */",
    "SELECT \"@\" FROM users",
    "SELECT * FROM users ORDER BY \"@\"",
    "SELECT * FROM users ORDER BY `@`",
    "SELECT * FROM users ORDER BY [@]",
    "SELECT * FROM \"@\"",
    "SELECT * FROM \"@\" WHERE id = 1",
    "SELECT max(1, '@')",
    "SELECT CASE WHEN name = '@' THEN 1 ELSE 2 END FROM users",
    "SELECT * FROM users u JOIN items i ON u.id = i.owner WHERE i.title = '@'",
    "SELECT * FROM users WHERE id = (SELECT owner FROM items WHERE title = '@')",
    "SELECT * FROM users GROUP BY name HAVING count(*) > @",
    "SELECT 1 UNION SELECT '@'",
    "SELECT x'00' || '@'",
    "SELECT * FROM users WHERE id = 1@",
    "SELECT * FROM users WHERE id = -@",
    "SELECT json_extract('{\"a\":1}', '$.@')",
    "WITH t AS (SELECT '@' AS a) SELECT * FROM t",
    "SELECT CAST('@' AS TEXT)",
    "SELECT * FROM users WHERE NOT name = '@' OR 1",
];

#[test]
fn one_payload_per_context_is_accepted_by_sqlite() {
    if !installed("python3", &["-c", "import sqlite3"]) {
        return;
    }
    let language = Language::Sql(Dialect::Sqlite);
    let contexts: Vec<String> = CONTEXTS.iter().map(|it| (*it).to_owned()).collect();
    let bench = Bench::new(language, &contexts, |nonce| Canary::command(language, nonce));
    let hits = bench.drive("python3", &driver("sqlite.py"));
    bench.check("SQLite", &hits, &[]);
}

#[test]
fn random_statements_are_accepted_by_sqlite() {
    if !installed("python3", &["-c", "import sqlite3"]) {
        return;
    }
    let language = Language::Sql(Dialect::Sqlite);
    let texts = sampled(statement(), budget(1_000, 20_000));
    let bench = Bench::new(language, &texts, |nonce| Canary::command(language, nonce));
    let hits = bench.drive("python3", &driver("sqlite.py"));
    bench.check_quietly("SQLite, random statements", &hits);
}

/// Statements with one `@` among nested expressions.
fn statement() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("'@'"),
        Just("'it''s @'"),
        Just("'a @ b'"),
        Just("@"),
        Just("name LIKE '%@%'"),
        Just("1 /* '@ */"),
        Just("/* @ */ 1"),
        Just("1 -- @\n"),
        Just("id IN (1, @)"),
    ]
    .prop_map(str::to_owned);
    let expression = leaf.prop_recursive(4, 8, 1, |inner| {
        (0..12_usize, inner).prop_map(|(kind, text)| match kind {
            0 => format!("({text})"),
            1 => format!("max(1, {text})"),
            2 => format!("(1 + {text})"),
            3 => format!("({text} || 'a')"),
            4 => format!("CASE WHEN {text} THEN 1 ELSE 'b''' END"),
            5 => format!("coalesce({text}, 2)"),
            6 => format!("(SELECT {text} FROM items)"),
            7 => format!("(NOT {text})"),
            8 => format!("id IN (1, {text}, 2)"),
            9 => format!("(name = {text} OR role = 'x')"),
            10 => format!("CAST({text} AS TEXT)"),
            _ => format!("(age BETWEEN {text} AND 9)"),
        })
    });
    (0..8_usize, expression).prop_map(|(kind, text)| match kind {
        0 => format!("SELECT * FROM users WHERE {text}"),
        1 => format!("SELECT {text} FROM users"),
        2 => format!("SELECT * FROM users WHERE id = 1 AND {text}\n ORDER BY name"),
        3 => format!("UPDATE users SET name = {text} WHERE id = 1"),
        4 => format!("INSERT INTO users(name, role) SELECT {text}, 'u--' FROM users"),
        5 => format!("SELECT id, {text} AS v FROM users ORDER BY {}", "v"),
        6 => format!("DELETE FROM users WHERE {text}"),
        _ => format!("SELECT * FROM (SELECT {text} AS v FROM users) WHERE v = \"v\""),
    })
}

#[track_caller]
fn check(dialect: Dialect, text: &str, terms: &Terms, expected: Option<&str>) {
    let nonce = NonceSource::new(1).take();
    let cell = make(Language::Sql(dialect), text, nonce, &Canary::new(["c()"]), terms);
    assert_eq!(cell.found.as_ref().map(|it| it.payload.as_str()), expected, "{text}: {:?}", cell.text);
}

#[test]
fn dialects_differ_in_quotes_escapes_and_comments() {
    use Dialect::{MySql, PostgreSql, Sqlite, Standard};
    let plain = Terms::default();
    for (dialect, text, expected) in [
        (Standard, "SELECT '@'", "'||c()--"),
        (Sqlite, "SELECT '@'", "'+c()+'"),
        (MySql, "SELECT '@'", "'+c()#"),
        (MySql, "SELECT \"@\"", "\"+c()#"),
        (MySql, "SELECT 'a\\'@'", "'+c()#"),
        (MySql, "SELECT 'a'\n-- @\n, 1", "\n+c()"),
        (MySql, "SELECT 1 # @\n, 2", "\n+c()"),
        (PostgreSql, "SELECT E'a\\'@'", "'||c()--"),
        (PostgreSql, "SELECT 'a\\' || '@'", "'||c()--"),
        (PostgreSql, "SELECT $$@$$", "$$||c()--"),
        (PostgreSql, "SELECT $$it's @$$ || 'x'", "$$||c()--"),
        (PostgreSql, "SELECT '@'::text\nFROM t", "'||c()--"),
        (PostgreSql, "SELECT * FROM t WHERE a = $1 AND b = @", "c()"),
        (PostgreSql, "SELECT * FROM @", "(SELECT c())a"),
        (Standard, "SELECT * FROM t WHERE (a = '@')\nAND b = 1", "'||c()||'"),
    ] {
        check(dialect, text, &plain, Some(expected));
    }
}

#[test]
fn nested_comments_of_postgresql_are_left_as_a_whole() {
    let text = "SELECT 1 /* a /* mk7 */ b */";
    let sighting = Sighting::find(text, bench::MARKER).unwrap();
    let language = Language::Sql(Dialect::PostgreSql);
    let found = synthesize(language, &sighting, &Canary::new(["c()"]), &Terms::default()).unwrap();
    assert_eq!(found.payload, "*/*/+c()/*/*");
}

#[test]
fn tagged_strings_are_left_only_with_a_known_tag() {
    let text = "SELECT $q$@$q$";
    check(Dialect::PostgreSql, text, &Terms::default(), None);
    let known = Terms { delimiters: Delimiters::Known, ..Terms::default() };
    check(Dialect::PostgreSql, text, &known, Some("$q$||c()--"));
}

#[test]
fn doubled_quotes_are_closed_but_for_a_backslash_that_escapes() {
    let doubling = Terms { filter: Filter::default().replacing('\'', "''"), ..Terms::default() };
    check(Dialect::Sqlite, "SELECT '@'", &doubling, None);
    check(Dialect::PostgreSql, "SELECT '@'", &doubling, None);
    // `\'` becomes `\''`: the backslash takes the first quote, the second ends the string.
    check(Dialect::MySql, "SELECT '@'", &doubling, Some("\\'+c()#"));
    check(Dialect::PostgreSql, "SELECT E'@'", &doubling, Some("\\'||c()--"));
    let both = Terms { filter: doubling.filter.replacing('\\', "\\\\"), ..Terms::default() };
    check(Dialect::MySql, "SELECT '@'", &both, None);
}

#[test]
fn other_characters_are_used_where_some_are_removed() {
    check(Dialect::Sqlite, "SELECT '@'", &Terms::without("+"), Some("'*c()*'"));
    check(Dialect::Sqlite, "SELECT '@'", &Terms::without("'"), None);
    check(Dialect::Sqlite, "SELECT '@'", &Terms::without("+*-/%|&<>=,"), Some("' or c() or '"));
    check(Dialect::Sqlite, "SELECT * FROM users WHERE id = @", &Terms::without("'\"-;+ "), Some("c()"));
}
