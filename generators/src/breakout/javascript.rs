//! Break-outs for JavaScript source: what to try at which place, and what counts as fired.
//!
//! The text is a script or the body of a function (`return` is accepted). The parser (`parse`,
//! `expression`) is a recognizer of ECMAScript 2023 without modules; it knows where operands,
//! names and statements stand, so the sketches need not.

use super::{Certainty, Context, Place, Sighting, Sketch, Survey, Trial};

mod expression;
mod literal;
mod parse;
mod statement;

use parse::Parser;

/// Ways to start the canary command `{C}`, which need `process`, then `require`.
pub(super) const COMMANDS: &[&str] = &[
    "process.getBuiltinModule('child_process').spawnSync('{C}')",
    "process.getBuiltinModule(\"child_process\").spawnSync(\"{C}\")",
    "process.getBuiltinModule(`child_process`).spawnSync(`{C}`)",
    "process.getBuiltinModule((class child_process{}).name).spawnSync((class {C}{}).name)",
];

/// A construct that is open at the marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Single,
    Double,
    Template,
    /// `${…}` in a template.
    Hole,
    Regex,
    /// `(…)` in a regular expression.
    Group,
    /// `[…]` in a regular expression.
    Class,
    LineComment,
    BlockComment,
    Parenthesis,
    Bracket,
    Brace,
}

impl Frame {
    fn name(self) -> &'static str {
        match self {
            Frame::Single => "single quotes",
            Frame::Double => "double quotes",
            Frame::Template => "a template",
            Frame::Hole => "${…}",
            Frame::Regex => "a regular expression",
            Frame::Group => "a group",
            Frame::Class => "a class of characters",
            Frame::LineComment | Frame::BlockComment => "a comment",
            Frame::Parenthesis => "(…)",
            Frame::Bracket => "[…]",
            Frame::Brace => "{…}",
        }
    }

    /// Text that ends the construct, and text that begins it again.
    fn ends(self) -> (&'static str, &'static str) {
        match self {
            Frame::Single => ("'", "'"),
            Frame::Double => ("\"", "\""),
            Frame::Template => ("`", "`"),
            Frame::Hole => ("}", "${"),
            Frame::Regex => ("/", "/"),
            Frame::Group => (")", "("),
            Frame::Class => ("]", "["),
            Frame::LineComment => ("\n", "//"),
            Frame::BlockComment => ("*/", "/*"),
            Frame::Parenthesis => (")", "("),
            Frame::Bracket => ("]", "["),
            Frame::Brace => ("}", "{"),
        }
    }

    fn is_code(self) -> bool {
        matches!(self, Frame::Hole | Frame::Parenthesis | Frame::Bracket | Frame::Brace)
    }
}

/// Operators that evaluate both sides whatever they are.
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "|", "&", "^", "<", ">", ","];

/// Where code stands. The parser tells which one fits.
const CODE: &[(&str, &str)] = &[
    ("", ""),
    ("", ";"),
    (";", ""),
    ("[", "]"),
    (";", ";"),
    ("a[", "]"),
    ("a(", ")"),
    // A name that is declared, or a parameter.
    ("a=", ""),
    ("a=", ",b"),
    ("a=", ";b"),
    ("a(b=", ")"),
    ("a(){}", ";function b"),
    ("a{}", ";class b"),
    ("a:", ",b"),
    ("a;", ""),
    ("a;", ";"),
    ("[", "](){},a"),
    ("", "//"),
    (";", "//"),
];

pub(super) fn survey(sighting: &Sighting<'_>) -> Option<Survey> {
    let mut parser = Parser::new(sighting.text, Some(sighting.marker.start), None);
    parser.program()?;
    let place = parser.scan.place?;
    Some(Survey { context: Context(place.iter().map(|it| it.name()).collect()), sketches: sketches(&place) })
}

pub(super) fn place_at(text: &str, at: usize) -> Option<Place> {
    let mut parser = Parser::new(text, Some(at), None);
    // What comes behind may be wrong.
    let _ = parser.program();
    let open = parser.scan.place?;
    Some(if open.last().is_none_or(|it| it.is_code()) { Place::Code } else { Place::Literal })
}

fn sketches(place: &[Frame]) -> Vec<Sketch> {
    // The construct that is no code, with what is open in it.
    let code = place.iter().rposition(|it| it.is_code()).map_or(0, |it| it + 1);
    let (around, within) = place.split_at(code);
    let close: String = within.iter().rev().map(|it| it.ends().0).collect();
    let open: String = within.iter().map(|it| it.ends().1).collect();
    let mut sketches = Vec::new();
    if within == [Frame::Template] {
        sketches.push(Sketch::new("${", "}"));
    }
    // In a regular expression neither part may be empty: `//` is a comment.
    let pads: &[&str] = if within.first() == Some(&Frame::Regex) { &["", "a"] } else { &[""] };
    for pad in pads {
        for (before, after) in cores(within.is_empty()) {
            sketches.push(Sketch::new(format!("{pad}{close}{before}"), format!("{after}{open}{pad}")));
            if within == [Frame::LineComment] {
                sketches.push(Sketch::new(format!("{close}{before}"), after));
            }
        }
    }
    // The rest of the line becomes a comment, once the brackets that it closes are closed.
    let mut closers = String::new();
    for depth in (0..=around.len()).rev() {
        for operator in OPERATORS.iter().chain(&[";"]) {
            sketches.push(Sketch::new(format!("{close}{operator}"), format!("{closers}//")));
        }
        if let Some(frame) = depth.checked_sub(1).map(|it| around[it]) {
            closers += frame.ends().0;
        }
    }
    sketches
}

/// What to put around the canary once code is reached.
fn cores(bare: bool) -> Vec<(String, String)> {
    let mut cores: Vec<(String, String)> =
        CODE.iter().map(|(before, after)| ((*before).to_owned(), (*after).to_owned())).collect();
    for operator in OPERATORS {
        let operator = (*operator).to_owned();
        cores.push((operator.clone(), operator.clone()));
        cores.push((operator.clone(), String::new()));
        cores.push((String::new(), operator.clone()));
        if bare {
            cores.push((format!("a{operator}"), String::new()));
        }
    }
    if !bare {
        // A string that is the name of a property, in a literal and in a pattern.
        cores.push((":".to_owned(), ",".to_owned()));
        cores.push((":a=".to_owned(), ",".to_owned()));
        cores.push(("(){},[".to_owned(), "](){},".to_owned()));
        cores.push(("(){}[".to_owned(), "](){}".to_owned()));
    }
    cores
}

pub(super) fn judge(trial: &Trial<'_>) -> Option<Certainty> {
    let mut parser = Parser::new(trial.text, None, Some(trial));
    parser.program()?;
    parser.fired
}
