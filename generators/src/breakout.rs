//! Break-out synthesis: the shortest payload for the very place where a value was seen.
//!
//! A catalogue guesses; here the text that reached a sink is known, with a plain marker in it, so
//! the payload can be computed. Every language lists many *sketches* for the constructs that are
//! open at the marker, shortest first; each is put in place and the whole text is parsed again.
//! What is returned is the first for which the canary is code and the rest of the text stays
//! valid, so a sketch may be wrong but a result is not a guess.
//!
//! A plain marker shows no escaping: `'@'` looks the same whether quotes are escaped or not. The
//! caller plants the payload and looks at the sink again. If nothing fired, [`learn`] compares
//! what was sent with what was seen; with the [`Filter`] in the [`Terms`], [`synthesize`] says
//! what still gets through, or `None` when the context is closed. Every further try can teach
//! more ([`Filter::refine`]): a second one often shows that backslashes are escaped too.
//!
//! ```
//! use evfuzz_generators::breakout::{Canary, Language, Sighting, Terms, learn, synthesize};
//!
//! let canary = Canary::new(["evfz"]);
//! let text = "convert 'in/@' out.png";
//! let sighting = Sighting { text, marker: 12..13 };
//! let first = synthesize(Language::Sh, &sighting, &canary, &Terms::default()).unwrap();
//! assert_eq!(first.payload, "';evfz'");
//!
//! // The function quotes correctly, as the text seen with that payload shows.
//! let filter = learn(&first.payload, r"'\'';evfz'\''");
//! let terms = Terms { filter, ..Terms::default() };
//! assert_eq!(synthesize(Language::Sh, &sighting, &canary, &terms), None);
//! ```

use std::{fmt, ops::Range};

use serde::{Deserialize, Serialize};

use crate::nonce::Nonce;

mod filter;
mod html;
mod javascript;
mod json;
mod path;
mod python;
mod scan;
mod shell;
mod sketch;
mod sql;
mod xml;

pub use filter::{Filter, learn};
use sketch::{Sketch, Survey, Tail, Trial};

/// What reads the text at the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// A POSIX shell such as dash. The canary is a command name.
    Sh,
    /// Bash. The canary is a command name.
    Bash,
    /// A script or the body of a function. The canary is a call: `evfz(7)`.
    JavaScript,
    /// Statements or one expression. The canary is a call: `evfz(7)`.
    Python,
    /// One statement. The canary is an expression, such as a call: `evfz()`.
    Sql(Dialect),
    /// One document. The canary is the name of a member that was not there.
    Json,
    /// One document or fragment. The canary is the name of an element or attribute.
    Xml,
    /// One page or fragment. The canary is the name of an element or attribute.
    Html,
    /// The source text of a template, whose canary is an expression of the engine.
    Template(Engine),
    /// A path of Unix. The canary is the path of the file to reach, `/tmp/evfz`, or a bare name.
    Path,
}

/// Whose SQL: they differ in quotes, escapes and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// ISO SQL: `''` doubles, `"…"` is a name.
    Standard,
    /// MySQL and MariaDB: backslashes escape, `"…"` is a string, `` `…` `` a name, `#` a comment.
    MySql,
    /// PostgreSQL: `E'…'`, `$tag$…$tag$`, nested comments.
    PostgreSql,
    /// SQLite: `"…"`, `[…]` and `` `…` `` are names.
    Sqlite,
}

/// What marks an expression in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// `{{ … }}` and `{% … %}`: Jinja2, Nunjucks, Twig.
    Braces,
    /// `<%= … %>` and `<% … %>`: EJS, ERB, underscore.
    Percent,
    /// `${ … }`: Mako, FreeMarker, the Java expression languages.
    Dollar,
}

/// Text at a sink, and where in it the marker of an injection point stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// Everything the sink was given.
    pub text: &'a str,
    /// The bytes of `text` that the payload will replace. Not empty.
    pub marker: Range<usize>,
}

impl<'a> Sighting<'a> {
    /// The first place where `marker` stands in `text`.
    pub fn find(text: &'a str, marker: &str) -> Option<Sighting<'a>> {
        let start = text.find(marker)?;
        (!marker.is_empty()).then(|| Sighting { text, marker: start..start + marker.len() })
    }

    /// The text with `payload` in place of the marker.
    pub fn with(&self, payload: &str) -> String {
        format!("{}{payload}{}", &self.text[..self.marker.start], &self.text[self.marker.end..])
    }
}

/// What shows that the text was executed, in one or more spellings.
///
/// See [`Language`] for what each one needs. Calls must be complete (`f(7)`, brackets balanced).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    spellings: Vec<String>,
}

impl Canary {
    /// A canary that can be spelled in these ways: another is used where the first cannot be,
    /// because of quotes within an f-string or characters that are removed.
    pub fn new<S: Into<String>>(spellings: impl IntoIterator<Item = S>) -> Canary {
        Canary { spellings: spellings.into_iter().map(Into::into).collect() }
    }

    /// The canary command named by `nonce`, as `language` starts it.
    ///
    /// JSON, markup and paths get the bare nonce, SQL the call of a function of that name.
    pub fn command(language: Language, nonce: &Nonce) -> Canary {
        let templates: &[&str] = match language {
            Language::JavaScript => javascript::COMMANDS,
            Language::Python => python::COMMANDS,
            Language::Sql(_) => &["{C}()"],
            Language::Sh
            | Language::Bash
            | Language::Json
            | Language::Xml
            | Language::Html
            | Language::Template(_)
            | Language::Path => &["{C}"],
        };
        Canary::new(templates.iter().map(|it| it.replace("{C}", nonce.as_str())))
    }
}

/// What a payload has to cope with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What happens to characters on their way to the sink.
    pub filter: Filter,
    /// Whether a delimiter that the function chose may be used.
    pub delimiters: Delimiters,
}

impl Terms {
    /// Terms under which `characters` never arrive.
    pub fn without(characters: &str) -> Terms {
        Terms { filter: Filter::removing(characters), ..Terms::default() }
    }
}

/// Whether a payload may hold the delimiter of a quoted here-document or a `$tag$` of PostgreSQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiters {
    /// It may be another one next time: what only its own line ends is closed.
    #[default]
    Secret,
    /// It is a constant of the function's source.
    Known,
}

/// A payload for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakOut {
    /// What to plant: the text that has to be sent, before the filter of the terms.
    pub payload: String,
    /// Where the marker stood.
    pub context: Context,
    /// Whether it fires whenever the text is executed.
    pub certainty: Certainty,
}

/// When a payload in its place fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// If the branch, function or right-hand side around it is reached.
    IfReached,
    /// Whenever the text is executed.
    Always,
}

/// The constructs around a marker, outermost first: `here-document in $(…)` when displayed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(Vec<&'static str>);

impl Context {
    /// Names of the constructs, outermost first. Empty for bare code.
    pub fn constructs(&self) -> &[&'static str] {
        &self.0
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("bare text");
        }
        for (index, construct) in self.0.iter().rev().enumerate() {
            let joint = if index == 0 { "" } else { " in " };
            write!(f, "{joint}{construct}")?;
        }
        Ok(())
    }
}

/// How many characters it may cost that a payload fires always: to leave `a && "@"` takes two.
const CERTAINTY_COSTS: usize = 6;

/// The shortest payload that makes `canary` fire in place of the marker.
///
/// One that fires always is preferred to a little shorter one that fires [`Certainty::IfReached`].
/// `None`: under these terms nothing is known to fire. That holds too for text that `language`
/// would refuse as it is, and for constructs that the parsers do not know.
pub fn synthesize(
    language: Language,
    sighting: &Sighting<'_>,
    canary: &Canary,
    terms: &Terms,
) -> Option<BreakOut> {
    let mut survey = survey(language, sighting, terms)?;
    if sighting.text[..sighting.marker.start].ends_with('\\') {
        // The first character of the payload may be lost to the backslash.
        let spent = |it: &Sketch| Sketch::new(format!("a{}", it.before), it.after.clone());
        survey.sketches.extend(survey.sketches.iter().map(spent).collect::<Vec<_>>());
    }
    let mut tries: Vec<(String, &str, Tail)> = Vec::new();
    for spelling in &canary.spellings {
        for sketch in &survey.sketches {
            let payload = sketch.with(spelling);
            if terms.filter.escapes_with_backslash() {
                tries.push((unescaping(&payload), spelling, sketch.tail()));
            }
            tries.push((payload, spelling, sketch.tail()));
        }
    }
    // Stable: between payloads of one length the order of the sketches decides.
    tries.sort_by_key(|(payload, _, _)| payload.chars().count());
    // The best with its tail kept, and cut: `(() => '@')()` calls nothing once its tail is gone.
    let (mut kept, mut cut): (Option<BreakOut>, Option<BreakOut>) = (None, None);
    for (payload, spelling, tail) in tries {
        if kept.as_ref().or(cut.as_ref()).is_some_and(|it| payload.len() > it.payload.len() + CERTAINTY_COSTS)
        {
            break;
        }
        let placed = terms.filter.apply(&payload);
        if !placed.contains(spelling) {
            continue;
        }
        let text = sighting.with(&placed);
        let range = sighting.marker.start..sighting.marker.start + placed.len();
        let certainty = judge(language, &Trial { text: &text, placed: range, canary: spelling });
        let found =
            |certainty| BreakOut { payload: payload.clone(), context: survey.context.clone(), certainty };
        match certainty {
            Some(Certainty::Always) => return Some(found(Certainty::Always)),
            Some(Certainty::IfReached) => {
                let best = if tail == Tail::Kept { &mut kept } else { &mut cut };
                best.get_or_insert_with(|| found(Certainty::IfReached));
            }
            None => {}
        }
    }
    kept.or(cut)
}

/// In which constructs the marker stands. `None` if `language` would refuse the text as it is.
pub fn context(language: Language, sighting: &Sighting<'_>) -> Option<Context> {
    survey(language, sighting, &Terms::default()).map(|it| it.context)
}

/// What stands at a byte of a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Names, operators, the beginning of a literal: what is evaluated.
    Code,
    /// The inside of a string, a regular expression or a comment: data, or nothing.
    Literal,
}

/// What stands at byte `at` of `text`, which may be invalid behind it.
///
/// `None`: the parser does not get there, or there is none for this question in `language`.
pub fn place_at(language: Language, text: &str, at: usize) -> Option<Place> {
    match language {
        Language::JavaScript => javascript::place_at(text, at),
        Language::Python => python::place_at(text, at),
        _ => None,
    }
}

/// How many tokens of an SQL statement `range` touches, in bytes of the statement; a comment counts as one.
///
/// The statement may be invalid: a string or comment without an end is one token up to the end of the text. Data in its
/// place is one token, or within one.
pub fn sql_tokens_in(dialect: Dialect, statement: &str, range: &Range<usize>) -> usize {
    sql::tokens_in(dialect, statement, range)
}

fn survey(language: Language, sighting: &Sighting<'_>, terms: &Terms) -> Option<Survey> {
    let Sighting { text, marker } = sighting;
    // An empty marker stands nowhere, and one that cuts a character is no sighting.
    if marker.is_empty() || text.get(marker.clone()).is_none() {
        return None;
    }
    // Where a number or an operator is expected, the marker itself is an error: `1mk`.
    let others = ["0", "+0"].map(|other| (sighting.with(other), marker.start..marker.start + other.len()));
    survey_text(language, sighting, terms).or_else(|| {
        others.iter().find_map(|(text, marker)| {
            survey_text(language, &Sighting { text, marker: marker.clone() }, terms)
        })
    })
}

fn survey_text(language: Language, sighting: &Sighting<'_>, terms: &Terms) -> Option<Survey> {
    match language {
        Language::Sh => shell::survey(shell::Shell::Posix, sighting, terms),
        Language::Bash => shell::survey(shell::Shell::Bash, sighting, terms),
        Language::JavaScript => javascript::survey(sighting),
        Language::Python => python::survey(sighting),
        Language::Sql(dialect) => sql::survey(dialect, sighting, terms),
        Language::Json => json::survey(sighting),
        Language::Xml => xml::survey(sighting),
        Language::Html => html::survey(sighting),
        Language::Template(engine) => html::survey_template(engine, sighting),
        Language::Path => path::survey(sighting),
    }
}

fn judge(language: Language, trial: &Trial<'_>) -> Option<Certainty> {
    match language {
        Language::Sh => shell::judge(shell::Shell::Posix, trial),
        Language::Bash => shell::judge(shell::Shell::Bash, trial),
        Language::JavaScript => javascript::judge(trial),
        Language::Python => python::judge(trial),
        Language::Sql(dialect) => sql::judge(dialect, trial),
        Language::Json => json::judge(trial),
        Language::Xml => xml::judge(trial),
        Language::Html => html::judge(trial),
        Language::Template(engine) => html::judge_template(engine, trial),
        Language::Path => path::judge(trial),
    }
}

/// `payload` with a backslash before every quote: where `'` becomes `\'` but `\` stays, `\'`
/// becomes `\\'`, which ends the string.
fn unescaping(payload: &str) -> String {
    payload
        .chars()
        .flat_map(|c| matches!(c, '\'' | '"' | '`').then_some('\\').into_iter().chain([c]))
        .collect()
}

#[cfg(test)]
mod tests;
