//! The source text of templates: what is between the marks of an engine is code, the rest is text.

use super::{Certainty, Context, Engine, Sighting, Sketch, Survey, Trial};

/// What a mark begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Its value is put into the page.
    Expression,
    Statement,
    Comment,
    /// Text in which marks mean nothing.
    Verbatim,
}

struct Mark {
    open: &'static str,
    close: &'static str,
    part: Part,
}

const fn mark(open: &'static str, close: &'static str, part: Part) -> Mark {
    Mark { open, close, part }
}

const BRACES: &[Mark] = &[
    mark("{% raw %}", "{% endraw %}", Part::Verbatim),
    mark("{% verbatim %}", "{% endverbatim %}", Part::Verbatim),
    mark("{{", "}}", Part::Expression),
    mark("{%", "%}", Part::Statement),
    mark("{#", "#}", Part::Comment),
];

const PERCENT: &[Mark] = &[
    mark("<%=", "%>", Part::Expression),
    mark("<%-", "%>", Part::Expression),
    mark("<%#", "%>", Part::Comment),
    mark("<%", "%>", Part::Statement),
];

const DOLLAR: &[Mark] = &[mark("<#--", "-->", Part::Comment), mark("${", "}", Part::Expression)];

/// The marks of an engine, longest first. The first expression is the one to begin with.
fn marks(engine: Engine) -> &'static [Mark] {
    match engine {
        Engine::Braces => BRACES,
        Engine::Percent => PERCENT,
        Engine::Dollar => DOLLAR,
    }
}

/// A piece of the text, from its mark to the end of its closing mark.
struct Piece {
    mark: &'static Mark,
    start: usize,
    end: usize,
    /// The strings in it.
    strings: Vec<(usize, usize, char)>,
}

/// `None`: a mark or string has no end.
fn pieces(engine: Engine, text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let Some(mark) = marks(engine).iter().find(|it| rest.starts_with(it.open)) else {
            at += rest.chars().next()?.len_utf8();
            continue;
        };
        let mut inner = at + mark.open.len();
        let mut strings = Vec::new();
        let (mut quote, mut open) = (None, 0_usize);
        let end = loop {
            let rest = &text[inner..];
            let c = rest.chars().next()?;
            let code = matches!(mark.part, Part::Expression | Part::Statement);
            match quote {
                None if open == 0 && rest.starts_with(mark.close) => break inner + mark.close.len(),
                None if code && matches!(c, '\'' | '"' | '`') => quote = Some((c, inner + 1)),
                None if code && engine != Engine::Percent && c == '{' => open += 1,
                None if code && engine != Engine::Percent && c == '}' => open = open.checked_sub(1)?,
                Some((mark, start)) if mark == c => {
                    strings.push((start, inner, c));
                    quote = None;
                }
                Some(_) if c == '\\' => inner += 1,
                _ => {}
            }
            inner += text.get(inner..)?.chars().next()?.len_utf8();
        };
        pieces.push(Piece { mark, start: at, end, strings });
        at = end;
    }
    Some(pieces)
}

pub(in super::super) fn survey(engine: Engine, sighting: &Sighting<'_>) -> Option<Survey> {
    let pieces = pieces(engine, sighting.text)?;
    let at = sighting.marker.start;
    let first = marks(engine).iter().find(|it| it.part == Part::Expression)?;
    let mut sketches = Vec::new();
    let Some(piece) = pieces.iter().find(|it| it.start <= at && at < it.end) else {
        sketches.push(Sketch::new(first.open, first.close));
        return Some(Survey { context: Context::default(), sketches });
    };
    let string = piece.strings.iter().find(|(start, end, _)| *start <= at && at < *end);
    let Mark { open, close, part } = *piece.mark;
    let mut names = Vec::new();
    match (part, string) {
        (Part::Comment | Part::Verbatim, _) => names.push("a comment"),
        (Part::Expression | Part::Statement, None) => {
            names.push("an expression");
            for (before, after) in [
                ("", ""),
                ("+", ""),
                ("", "+"),
                (",", ""),
                ("", ","),
                ("a+", ""),
                ("", "+a"),
                (";", ""),
                (";", ";"),
            ] {
                sketches.push(Sketch::new(before, after));
            }
        }
        (Part::Expression | Part::Statement, Some((_, _, quote))) => {
            names.extend(["an expression", "a string"]);
            for operator in ["+", "*", "-", "~", "%", ","] {
                sketches.push(Sketch::new(format!("{quote}{operator}"), format!("{operator}{quote}")));
            }
        }
    }
    // Out of the piece, and into another of its kind for the rest.
    let quote = string.map(|(_, _, quote)| quote.to_string()).unwrap_or_default();
    sketches
        .push(Sketch::new(format!("{quote}{close}{}", first.open), format!("{}{open}{quote}", first.close)));
    sketches
        .push(Sketch::new(format!("{quote}{close}{}", first.open), format!("{}{open}0{quote}", first.close)));
    Some(Survey { context: Context(names), sketches })
}

pub(in super::super) fn judge(engine: Engine, trial: &Trial<'_>) -> Option<Certainty> {
    let pieces = pieces(engine, trial.text)?;
    let piece = pieces.iter().find(|piece| {
        let start = piece.start + piece.mark.open.len();
        piece.mark.part != Part::Comment
            && piece.mark.part != Part::Verbatim
            && (start..piece.end).any(|at| {
                trial.text.is_char_boundary(at)
                    && trial.canary_at(at)
                    && !piece.strings.iter().any(|(start, end, _)| *start <= at && at < *end)
            })
    })?;
    let inside = |at: &usize| !piece.strings.iter().any(|(start, end, _)| *start <= *at && *at < *end);
    let at = (piece.start..piece.end).filter(|at| trial.canary_at(*at)).find(inside)?;
    let code = &trial.text[piece.start + piece.mark.open.len()..piece.end - piece.mark.close.len()];
    let before = trial.text[piece.start + piece.mark.open.len()..at].trim_end();
    let after = trial.text[at + trial.canary.len()..piece.end - piece.mark.close.len()].trim_start();
    // An operand: after an operator or word, not after another operand.
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let blank = trial.text[..at].ends_with(char::is_whitespace);
    let keyword = blank && ["if", "elif", "in", "and", "or", "not", "is", "return", "else"].contains(&word);
    let fits_before =
        before.is_empty() || before.ends_with(|c: char| "+-*/%~,;(<>=[{&|?:!".contains(c)) || keyword;
    let fits_after = after.is_empty()
        || after.starts_with(|c: char| "+-*/%~,;)<>=]}&|?:!".contains(c))
        || ["if ", "else ", "and ", "or ", "in ", "is "].iter().any(|it| after.starts_with(it));
    (fits_before && fits_after && !code.trim().is_empty()).then_some(Certainty::Always)
}
