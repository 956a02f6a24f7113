//! Break-outs for SQL statements: proof is that the canary has become a token of the statement.
//!
//! There is no grammar here, only tokens, brackets and whether an operand or an operator is due:
//! what a database thinks of names and types is not known. In every dialect the statement with the
//! payload has the same tokens behind it as before, or ends in a comment.

use super::{Certainty, Context, Delimiters, Dialect, Sighting, Sketch, Survey, Terms, Trial};

mod token;

pub(super) use token::tokens_in;
use token::{Place, Role, Token, tokens};

pub(super) fn survey(dialect: Dialect, sighting: &Sighting<'_>, terms: &Terms) -> Option<Survey> {
    let mut place = Place::watching(sighting.marker.start);
    let tokens = tokens(dialect, sighting.text, &mut place)?;
    brackets(&tokens)?;
    let quote = place.quote.clone()?;
    let before =
        |role| tokens.iter().filter(|it| it.role == role && it.start < sighting.marker.start).count();
    let depth = before(Role::Open) - before(Role::Close);
    let mut sketches = Vec::new();
    match quote.as_str() {
        "" => bare(&mut sketches, dialect),
        "--" | "#" => {
            for (before, after) in CORES {
                sketches.push(Sketch::new(format!("\n{before}"), *after));
                sketches.push(Sketch::new(format!("\n{before}"), format!("{after}{}", comment(dialect))));
            }
            // Behind a table.
            let tail = format!("){}", alias(dialect));
            sketches.push(Sketch::new("\n,(SELECT ", tail.clone()));
            sketches.push(Sketch::new("\n,(SELECT ", tail + comment(dialect)));
        }
        open if open.starts_with("/*") => {
            let close = open.replace("/*", "*/");
            for (before, after) in CORES {
                sketches.push(Sketch::new(format!("{close}{before}"), format!("{after}{open}")));
            }
            sketches.push(Sketch::new(format!("{close},(SELECT "), format!("){}{open}", alias(dialect))));
        }
        quote => {
            let secret = quote.len() > 2 && quote.starts_with('$') && terms.delimiters == Delimiters::Secret;
            if !secret {
                quoted(&mut sketches, dialect, quote, depth);
            }
        }
    }
    Some(Survey { context: Context(place.name().into_iter().collect()), sketches })
}

/// What to put around the canary where it is code.
const CORES: &[(&str, &str)] = &[
    ("", ""),
    ("+", ""),
    ("", "+"),
    (",", ""),
    ("", ","),
    ("+", "+"),
    (",", ","),
    ("-", ""),
    ("-", "-"),
    ("||", ""),
    ("", "||"),
    ("||", "||"),
    (" OR ", ""),
    (" or ", " or "),
    ("/**/or/**/", ""),
];

fn bare(sketches: &mut Vec<Sketch>, dialect: Dialect) {
    sketches.extend(CORES.iter().map(|(before, after)| Sketch::new(*before, *after)));
    // A table.
    sketches.push(Sketch::new("(SELECT ", format!("){}", alias(dialect))));
    sketches.push(Sketch::new("a+", ""));
    sketches.push(Sketch::new("0+", ""));
}

/// The name of a subquery in place of a table; only SQLite takes one without.
fn alias(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Sqlite { "" } else { "a" }
}

/// Operators that join a string and the canary, the shortest that the types allow first.
fn operators(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite | Dialect::MySql => &["+", "*", "-", "/", "%", "|", "&", "||", "<", ">", "=", ","],
        // PostgreSQL and the standard have no `+` for strings, and `a = b < c` is an error.
        Dialect::Standard | Dialect::PostgreSql => &["||"],
    }
}

/// What begins a comment. MySQL wants a blank after the dashes.
fn comment(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "#",
        Dialect::Standard | Dialect::PostgreSql | Dialect::Sqlite => "--",
    }
}

/// Out of a string or a quoted name.
fn quoted(sketches: &mut Vec<Sketch>, dialect: Dialect, open: &str, depth: usize) {
    let close = token::closing(open);
    // The prefix of `E'…'` or `N'…'` is not needed again.
    let again = if open.ends_with('\'') { "'" } else { open };
    for operator in operators(dialect) {
        sketches.push(Sketch::new(format!("{close}{operator}"), format!("{operator}{again}")));
        for count in 0..=depth {
            let closers = ")".repeat(count);
            sketches
                .push(Sketch::new(format!("{close}{operator}"), format!("{closers}{}", comment(dialect))));
        }
    }
    for word in ["or", "OR"] {
        sketches.push(Sketch::new(format!("{close} {word} "), format!(" {word} {again}")));
        sketches.push(Sketch::new(format!("{close}/**/{word}/**/"), format!("/**/{word} {again}")));
    }
    if matches!(open, "\"" | "`" | "[") {
        // A name must be known: a column and a table that are always there.
        let (column, table) = match dialect {
            Dialect::Sqlite => ("rowid", "sqlite_master"),
            Dialect::PostgreSql => ("ctid", "pg_class"),
            Dialect::Standard | Dialect::MySql => ("a", "a"),
        };
        sketches.push(Sketch::new(format!("{column}{close}||"), format!("||{again}{column}")));
        for count in 0..=depth {
            let tail = format!("{}{}", ")".repeat(count), comment(dialect));
            sketches.push(Sketch::new(format!("{column}{close}||"), tail.clone()));
            sketches.push(Sketch::new(format!("{table}{close} WHERE "), tail));
        }
    }
}

/// Checks that brackets match.
fn brackets(tokens: &[Token<'_>]) -> Option<()> {
    let mut open = 0_usize;
    for token in tokens {
        match token.role {
            Role::Open => open += 1,
            Role::Close => open = open.checked_sub(1)?,
            _ => {}
        }
    }
    (open == 0).then_some(())
}

pub(super) fn judge(dialect: Dialect, trial: &Trial<'_>) -> Option<Certainty> {
    let tokens = tokens(dialect, trial.text, &mut Place::default())?;
    brackets(&tokens)?;
    // The canary may be several tokens: `f()`. All must be whole, and none a string or comment.
    let start = tokens.iter().position(|it| it.start >= trial.placed.start && trial.canary_at(it.start))?;
    let end = tokens[start].start + trial.canary.len();
    let last = tokens.iter().position(|it| it.end == end)?;
    if tokens[start].role != Role::Operand {
        return None;
    }
    follows(&tokens).then_some(())?;
    let before = start.checked_sub(1).map(|it| &tokens[it]);
    let after = tokens.get(last + 1);
    if before.is_some_and(|it| it.text == ".") || !takes_expressions(&tokens[..start]) {
        return None;
    }
    // An empty name is an error; SQLite takes `""` for a string.
    let empty = |it: &Token<'_>| {
        matches!(it.text, "``" | "[]") || (it.text == "\"\"" && dialect == Dialect::PostgreSql)
    };
    if tokens.iter().any(empty) {
        return None;
    }
    let fits_before = before.is_none_or(|it| !matches!(it.role, Role::Operand | Role::Close));
    let fits_after = after.is_none_or(|it| !matches!(it.role, Role::Operand | Role::Open));
    (fits_before && fits_after).then_some(Certainty::Always)
}

/// Whether the clause that these tokens begin is made of expressions, not of tables.
fn takes_expressions(before: &[Token<'_>]) -> bool {
    let mut closed = 0_usize;
    for token in before.iter().rev() {
        match token.role {
            Role::Close => closed += 1,
            Role::Open if closed == 0 => return true,
            Role::Open => closed -= 1,
            Role::Keyword if closed == 0 => match token.text.to_ascii_uppercase().as_str() {
                "FROM" | "JOIN" | "INTO" | "UPDATE" | "AS" => return false,
                "SELECT" | "WHERE" | "ON" | "BY" | "HAVING" | "LIMIT" | "OFFSET" | "SET" | "VALUES" => {
                    return true;
                }
                _ => {}
            },
            _ => {}
        }
    }
    true
}

/// Whether operands and operators take turns, as far as that can be told without a grammar.
fn follows(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).all(|pair| {
        let [one, two] = pair else { return true };
        match (one.role, two.role) {
            // Between strings and numbers something must stand; a name may be an alias.
            (Role::Operand | Role::Close, Role::Operand) => one.is_name() || two.is_name(),
            (Role::Operator, Role::Operator) => {
                matches!(two.text, "-" | "+" | "~" | "*" | "!") || one.text == "*"
            }
            (Role::Operator, Role::Close | Role::Comma | Role::End) => one.text == "*",
            (Role::Comma | Role::Open, Role::Comma) => false,
            (Role::Comma, Role::Close | Role::End) => false,
            // A keyword needs an operand before it, or is one: `AND`, `FROM`.
            (Role::Operator | Role::Comma, Role::Keyword) => {
                let word = two.text.to_ascii_uppercase();
                !["FROM", "WHERE", "AND", "OR", "ORDER", "GROUP", "LIMIT", "ESCAPE", "LIKE", "IN", "IS"]
                    .contains(&word.as_str())
                    || one.text == "*"
            }
            (Role::Operator, Role::Open) | (_, _) => true,
        }
    }) && tokens.last().is_none_or(|it| !matches!(it.role, Role::Operator | Role::Comma) || it.text == "*")
}
