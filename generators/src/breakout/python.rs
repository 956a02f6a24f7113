//! Break-outs for Python source: what to try at which place, and what counts as fired.
//!
//! The text is a file or one expression. The parser (`parse`, `expression`, `statement`) is a
//! recognizer of Python 3.13's grammar; what is put into an f-string is also valid before 3.12,
//! when a replacement field could hold neither the string's quotes nor a backslash.

use super::{Certainty, Context, Place, Sighting, Sketch, Survey, Trial};

mod brackets;
mod expression;
mod parse;
mod statement;

use parse::Parser;

/// Ways to start the canary command `{C}`.
pub(super) const COMMANDS: &[&str] = &[
    "__import__('os').system('{C}')",
    "__import__(\"os\").system(\"{C}\")",
    "__import__(max(dict(os=0))).system(max(dict({C}=0)))",
];

/// A construct that is open at the marker.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Frame {
    Text(Quotes),
    /// `{…}` in an f-string.
    Field,
    /// What follows the colon in a field.
    Spec,
    Comment,
    Parenthesis,
    Bracket,
    Brace,
}

/// How a string constant begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Quotes {
    /// With the prefix: `rb'''`.
    open: String,
    close: &'static str,
    /// An f-string.
    formats: bool,
}

impl Frame {
    fn name(&self) -> &'static str {
        match self {
            Frame::Text(quotes) if quotes.formats => "an f-string",
            Frame::Text(quotes) => match quotes.close {
                "'" => "single quotes",
                "\"" => "double quotes",
                _ => "triple quotes",
            },
            Frame::Field => "a replacement field",
            Frame::Spec => "a format",
            Frame::Comment => "a comment",
            Frame::Parenthesis => "(…)",
            Frame::Bracket => "[…]",
            Frame::Brace => "{…}",
        }
    }

    fn closer(&self) -> &'static str {
        match self {
            Frame::Parenthesis => ")",
            Frame::Bracket => "]",
            Frame::Brace => "}",
            Frame::Text(quotes) => quotes.close,
            Frame::Comment => "\n",
            Frame::Field | Frame::Spec => "}",
        }
    }
}

/// Operators before and after the canary. `''*n+''` is a string if the canary's value is a number.
const OPERATORS: &[(&str, &str)] = &[
    ("*", "+"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("|", "|"),
    ("&", "&"),
    ("^", "^"),
    ("<", "<"),
    (">", ">"),
    (",", ","),
    // A pattern of `match` can be followed by a condition only.
    ("if ", "or"),
];

/// Where code stands. The parser tells which one fits.
const CODE: &[(&str, &str)] = &[
    ("", ""),
    ("+", ""),
    ("*", ""),
    ("", "+"),
    ("", "*"),
    ("-", ""),
    (",", ""),
    ("", ","),
    (";", ""),
    ("", ";"),
    ("[", "]"),
    (" ", ""),
    ("", "#"),
    ("+", "#"),
    (",", "#"),
    (";", "#"),
    // A name that is declared, a parameter, the name of an argument.
    ("a=", ""),
    ("a=", ",b"),
    ("a=", ";b"),
    ("a in[", "]"),
    ("os;", ""),
    ("a;", ""),
    ("a(b=", "):0\ndef c"),
    ("a(", "):0\nclass b"),
    // What every object has.
    ("__doc__+", ""),
    ("__doc__[", "]"),
    ("__doc__;", ""),
];

pub(super) fn survey(sighting: &Sighting<'_>) -> Option<Survey> {
    let mut parser = Parser::new(sighting.text, Some(sighting.marker.start), None);
    parser.program()?;
    let place = parser.scan.place?;
    let context = Context(place.iter().map(Frame::name).collect());
    let mut sketches = sketches(&place, sighting.text);
    // A name that does not exist would end it all before the canary.
    let before = sighting.text[..sighting.marker.start].trim_end();
    if before.ends_with('.') {
        sketches.retain(|it| !it.before.starts_with(|c: char| c.is_ascii_alphabetic()));
    } else if before.ends_with("import") {
        sketches.retain(|it| !it.before.starts_with('a'));
    }
    Some(Survey { context, sketches })
}

fn sketches(place: &[Frame], text: &str) -> Vec<Sketch> {
    let code = |it: &Frame| !matches!(it, Frame::Text(_) | Frame::Spec | Frame::Comment);
    let start = place.iter().rposition(code).map_or(0, |it| it + 1);
    let (around, within) = place.split_at(start);
    let mut sketches = Vec::new();
    match within.last() {
        None => {
            sketches.extend(CODE.iter().map(|(before, after)| Sketch::new(*before, *after)));
            for line in starts_of_lines(text) {
                sketches.push(Sketch::new(line.clone(), ""));
                sketches.push(Sketch::new(line.clone(), line.clone()));
                sketches.push(Sketch::new("", line.clone()));
            }
        }
        Some(Frame::Comment) => {
            let lines = if around.is_empty() { starts_of_lines(text) } else { vec!["\n".to_owned()] };
            for line in lines {
                for (before, after) in
                    [("", ""), ("+", ""), (",", ""), ("", ","), ("", "+"), (",", ","), ("+", "+")]
                {
                    sketches.push(Sketch::new(format!("{line}{before}"), after));
                    sketches.push(Sketch::new(format!("{line}{before}"), format!("{after}#")));
                }
            }
        }
        Some(Frame::Spec) => sketches.push(Sketch::new("{", "}")),
        Some(Frame::Text(quotes)) => {
            if quotes.formats {
                sketches.push(Sketch::new("{", "}"));
            }
            for (before, after) in OPERATORS {
                sketches.push(Sketch::new(
                    format!("{}{before}", quotes.close),
                    format!("{after}{}", quotes.open),
                ));
            }
            sketches.push(Sketch::new(format!("{};", quotes.close), format!(";{}", quotes.open)));
            commented(around, quotes, &mut sketches);
        }
        Some(_) => {}
    }
    sketches
}

pub(super) fn place_at(text: &str, at: usize) -> Option<Place> {
    let mut parser = Parser::new(text, Some(at), None);
    // What comes behind may be wrong.
    let _ = parser.program();
    let open = parser.scan.place?;
    Some(match open.last() {
        Some(Frame::Text(_) | Frame::Spec | Frame::Comment) => Place::Literal,
        Some(Frame::Field | Frame::Parenthesis | Frame::Bracket | Frame::Brace) | None => Place::Code,
    })
}

/// The rest of the line becomes a comment, once the brackets that it closes are closed.
fn commented(around: &[Frame], quotes: &Quotes, sketches: &mut Vec<Sketch>) {
    let mut closers = String::new();
    for depth in (0..=around.len()).rev() {
        for (before, _) in OPERATORS {
            sketches.push(Sketch::new(format!("{}{before}", quotes.close), format!("{closers}#")));
            sketches.push(Sketch::new(format!("{}{before}", quotes.close), format!("{closers}:#")));
        }
        if let Some(frame) = depth.checked_sub(1).map(|it| &around[it]) {
            closers += frame.closer();
        }
    }
}

/// A newline with each indentation of the text: one of them continues the block.
fn starts_of_lines(text: &str) -> Vec<String> {
    let mut starts = vec!["\n".to_owned()];
    for line in text.lines() {
        let indentation: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let start = format!("\n{indentation}");
        if !starts.contains(&start) && starts.len() < 6 {
            starts.push(start);
        }
    }
    starts
}

pub(super) fn judge(trial: &Trial<'_>) -> Option<Certainty> {
    let mut parser = Parser::new(trial.text, None, Some(trial));
    parser.program()?;
    parser.fired
}
