//! What holds for every language: a result is what it claims to be, under any filter.

use proptest::prelude::*;

use super::*;

const LANGUAGES: [Language; 14] = [
    Language::Sh,
    Language::Bash,
    Language::JavaScript,
    Language::Python,
    Language::Sql(Dialect::Standard),
    Language::Sql(Dialect::MySql),
    Language::Sql(Dialect::PostgreSql),
    Language::Sql(Dialect::Sqlite),
    Language::Json,
    Language::Xml,
    Language::Html,
    Language::Template(Engine::Braces),
    Language::Template(Engine::Percent),
    Language::Path,
];

fn language() -> impl Strategy<Value = Language> {
    (0..LANGUAGES.len()).prop_map(|it| LANGUAGES[it])
}

/// Text made of what matters to the parsers.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "'",
        "\"",
        "`",
        "\\",
        "$(",
        "${",
        "$((",
        ")",
        "}",
        "))",
        "(",
        "{",
        "[",
        "]",
        "/*",
        "*/",
        "//",
        "--",
        "#",
        "\n",
        " ",
        ";",
        "|",
        "&",
        "<",
        ">",
        "<<E\n",
        "E\n",
        "a",
        "1",
        "=",
        "+",
        ",",
        ":",
        "/",
        "<a b=",
        "</a>",
        "<!--",
        "-->",
        "{{",
        "}}",
        "<%",
        "%>",
        "f'",
        "b\"",
        "'''",
        "E'",
        "$$",
        "if ",
        "for ",
        "é",
        "..",
        "sh -c ",
        "case x in ",
        "esac",
        "do ",
        "done",
        "function ",
        "=>",
        "def f(",
        "lambda ",
        "SELECT ",
        "[[ ",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..14).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    /// No text is too strange, and whatever is found survives its filter and holds the canary.
    #[test]
    fn any_text_has_an_answer(language in language(), before in text(), after in text(), removed in "['\"`;$+]{0,3}") {
        let whole = format!("{before}mk7{after}");
        let sighting = Sighting { text: &whole, marker: before.len()..before.len() + 3 };
        let terms = Terms::without(&removed);
        let canary = Canary::new(["evc(7)"]);
        if let Some(found) = synthesize(language, &sighting, &canary, &terms) {
            prop_assert!(found.payload.contains("evc(7)"));
            // What the filter leaves is judged, so it must be judged the same again.
            let placed = terms.filter.apply(&found.payload);
            let text = sighting.with(&placed);
            let range = before.len()..before.len() + placed.len();
            let trial = Trial { text: &text, placed: range, canary: "evc(7)" };
            prop_assert_eq!(judge(language, &trial), Some(found.certainty));
        }
    }

    /// What `learn` tells explains what was seen, if each character has one replacement.
    #[test]
    fn a_filter_is_learnt_from_what_it_did(sent in "[a-z'\"<;$(]{1,12}", removed in "['\"<;$(]{0,3}") {
        let filter = Filter::removing(&removed);
        let seen = filter.apply(&sent);
        prop_assert_eq!(learn(&sent, &seen).apply(&sent), seen);
    }
}

#[test]
fn a_marker_that_is_empty_or_cuts_a_character_has_no_context() {
    for marker in [2..2, 1..2, 0..9] {
        let sighting = Sighting { text: "é a", marker };
        assert_eq!(context(Language::Sh, &sighting), None);
    }
}

#[test]
fn deep_nesting_is_refused_and_does_no_harm() {
    let pairs =
        [("(", ")"), ("[", "]"), ("{", "}"), ("$(", ")"), ("`${", "}`"), ("<a>", "</a>"), ("{'a':", "}")];
    for language in LANGUAGES {
        for (open, close) in pairs.into_iter().chain([
            ("\"$(", ")\""),
            ("f'{", "}'"),
            ("!", ""),
            ("not ", ""),
            ("$((", ""),
            ("((", ""),
            ("$(($((", ";))"),
            ("a=", ""),
        ]) {
            let text = format!("{}mk7{}", open.repeat(5_000), close.repeat(5_000));
            // It is enough that this returns.
            let _ = context(language, &Sighting::find(&text, "mk7").unwrap());
        }
    }
    for (language, open, close) in
        [(Language::JavaScript, "(", ")"), (Language::Python, "[", "]"), (Language::Sh, "$(echo ", ")")]
    {
        let nested = |depth| format!("{}mk7{}", open.repeat(depth), close.repeat(depth));
        let known = |text: &str| context(language, &Sighting::find(text, "mk7").unwrap()).is_some();
        assert!(known(&nested(30)), "{language:?}");
        assert!(!known(&nested(5_000)), "{language:?}");
    }
}

#[test]
fn long_texts_are_compared_in_bounded_time() {
    let sent: String = "a'b\"c<d".repeat(30);
    assert!(learn(&sent, &sent.replace('c', "zz")).characters().count() > 0);
    assert!(learn(&sent.repeat(100), "x").characters().count() > 0);
}

#[test]
fn contexts_are_named_from_the_inside() {
    let name = |language, text| context(language, &Sighting::find(text, "mk7").unwrap()).unwrap().to_string();
    assert_eq!(name(Language::Sh, "echo \"$(echo 'mk7')\""), "single quotes in $(…) in double quotes");
    assert_eq!(name(Language::JavaScript, "f(`a ${'mk7'}`)"), "single quotes in ${…} in a template in (…)");
    assert_eq!(name(Language::Python, "f'{x:mk7}'"), "a format in an f-string");
    assert_eq!(name(Language::Sh, "mk7"), "bare text");
}

#[test]
fn each_language_has_a_canary_command_that_it_can_run() {
    let nonce = crate::nonce::NonceSource::new(3).take();
    for (language, text) in [
        (Language::Sh, "echo 'mk7'"),
        (Language::JavaScript, "f('mk7')"),
        (Language::Python, "f('mk7')"),
        (Language::Sql(Dialect::Sqlite), "SELECT 'mk7'"),
        (Language::Json, "{\"a\":\"mk7\"}"),
        (Language::Xml, "<a>mk7</a>"),
        (Language::Html, "<a b='mk7'>"),
    ] {
        let sighting = Sighting::find(text, "mk7").unwrap();
        let found = synthesize(language, &sighting, &Canary::command(language, &nonce), &Terms::default());
        assert!(found.is_some_and(|it| it.payload.contains(nonce.as_str())), "{language:?}");
    }
}

#[track_caller]
fn check_tokens(dialect: Dialect, statement: &str, part: &str, expected: usize) {
    let start = statement.find(part).unwrap();
    assert_eq!(sql_tokens_in(dialect, statement, &(start..start + part.len())), expected, "{statement}");
}

#[test]
fn data_in_its_place_is_within_one_token_of_sql() {
    use Dialect::{MySql, PostgreSql, Sqlite, Standard};
    for dialect in [MySql, PostgreSql, Sqlite, Standard] {
        check_tokens(dialect, "SELECT * FROM t WHERE a = 'x y()'", "x y()", 1);
        check_tokens(dialect, "SELECT * FROM t WHERE a LIKE '%it''s y()%'", "it''s y()", 1);
        check_tokens(dialect, "SELECT 1 /* x y() */", "x y()", 1);
        check_tokens(dialect, "SELECT 1 -- x y()\n+ 2", "x y()", 1);
        check_tokens(dialect, "SELECT 12 FROM t", "12", 1);
        check_tokens(dialect, "SELECT a FROM t WHERE b = ''||y()||''", "'||y()||'", 7);
        check_tokens(dialect, "SELECT a FROM t ORDER BY y()", "y()", 3);
        // Neither has an end.
        check_tokens(dialect, "SELECT a FROM t WHERE b = 'x' y", "x' y", 2);
        check_tokens(dialect, "SELECT a FROM t WHERE b = 'x' y'", "x' y", 2);
        check_tokens(dialect, "SELECT a FROM t WHERE b = 'x y", "x y", 1);
        check_tokens(dialect, "SELECT a /* x y", "x y", 1);
    }
    check_tokens(MySql, r"SELECT 'a\' y()'", r"a\' y()", 1);
    check_tokens(PostgreSql, r"SELECT 'a\' y()'", r"a\' y()", 4);
    check_tokens(PostgreSql, r"SELECT E'a\' y()'", r"a\' y()", 1);
    check_tokens(PostgreSql, "SELECT $t$a' y()$t$", "a' y()", 1);
    check_tokens(MySql, "SELECT a FROM t ORDER BY `x y()`", "x y()", 1);
    check_tokens(PostgreSql, "SELECT a FROM t ORDER BY \"x y()\"", "x y()", 1);
}

proptest! {
    #[test]
    fn any_text_can_be_cut_into_tokens_of_sql(text in text(), dialect in 0..4_usize) {
        let dialect = [Dialect::Standard, Dialect::MySql, Dialect::PostgreSql, Dialect::Sqlite][dialect];
        let all = sql_tokens_in(dialect, &text, &(0..text.len()));
        prop_assert_eq!(all == 0, text.trim().is_empty());
        let mut ends = text.char_indices().map(|(at, c)| at..at + c.len_utf8());
        prop_assert!(ends.all(|one| sql_tokens_in(dialect, &text, &one) <= 1));
    }
}
