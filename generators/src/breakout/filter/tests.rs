//! What is learnt from pairs of sent and seen text.

use super::{Filter, learn};

#[track_caller]
fn check(sent: &str, seen: &str, expected: &Filter) {
    assert_eq!(learn(sent, seen), *expected, "{sent:?} seen as {seen:?}");
}

#[test]
fn nothing_is_learnt_from_an_untouched_payload() {
    check("'`ev1`'", "'`ev1`'", &Filter::default());
}

#[test]
fn removed_characters() {
    check("'`ev1`'", "'ev1'", &Filter::removing("`"));
    check("$(ev1)'$(ev1)'", "ev1ev1", &Filter::removing("$()'"));
}

#[test]
fn escapes_of_shells_json_markup_and_sql() {
    let none = Filter::default;
    check("'`e1`'", r"'\''`e1`'\''", &none().replacing('\'', r"'\''"));
    check("\"+e1(7)+\"", "\\\"+e1(7)+\\\"", &none().replacing('"', "\\\""));
    check("'+e1()+'", "''+e1()+''", &none().replacing('\'', "''"));
    check("<e1/>", "&lt;e1/&gt;", &none().replacing('<', "&lt;").replacing('>', "&gt;"));
    check("\ne1", "\\ne1", &none().replacing('\n', "\\n"));
    check("'e1'", "\\u0027e1\\u0027", &none().replacing('\'', "\\u0027"));
}

#[test]
fn lower_case_and_limits() {
    check("Ev()", "ev()", &Filter::default().replacing('E', "e"));
    check(";ev12345;", ";ev123", &Filter::default().cutting(6));
}

#[test]
fn a_quote_escaped_alone_is_told_from_one_whose_backslash_is_escaped_too() {
    assert!(learn("'e\\", "\\'e\\").escapes_with_backslash());
    assert!(!learn("'e\\", "\\'e\\\\").escapes_with_backslash());
}

#[test]
fn what_cannot_be_explained_counts_as_removed() {
    check("'ev1'", "zzz9", &Filter::removing("'ev1"));
}
