//! Break-outs for shell command lines: what to try at which place, and what counts as fired.
//!
//! The parser (`parse`, `word`) walks the whole text, and programs in it that are handed to
//! another shell (`programs`), as `sh -c 'echo @'`. The canary fires if it is the name of a
//! command that is run. Functions, aliases and the values of variables are not followed.

use super::{Certainty, Context, Delimiters, Sighting, Sketch, Survey, Terms, Trial};

mod compound;
mod expansion;
mod parse;
mod programs;
mod word;

use parse::Walk;

/// Whose grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Posix,
    Bash,
}

/// A construct that is open at the marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Single,
    Double,
    /// `$'…'` of Bash.
    Escaped,
    Backtick,
    Substitution,
    Process,
    Parameter,
    Arithmetic,
    Subshell,
    Comment,
    HereDocument,
    QuotedHereDocument(String),
    /// The program that this command is given as an argument.
    Program(&'static str),
}

impl Frame {
    fn name(&self) -> &'static str {
        match self {
            Frame::Single => "single quotes",
            Frame::Double => "double quotes",
            Frame::Escaped => "$'…'",
            Frame::Backtick => "backticks",
            Frame::Substitution => "$(…)",
            Frame::Process => "<(…)",
            Frame::Parameter => "${…}",
            Frame::Arithmetic => "$((…))",
            Frame::Subshell => "(…)",
            Frame::Comment => "a comment",
            Frame::HereDocument => "a here-document",
            Frame::QuotedHereDocument(_) => "a quoted here-document",
            Frame::Program(name) => name,
        }
    }

    /// Text that ends the construct, and text that begins it again.
    fn ends(&self) -> (String, String) {
        let (close, open) = match self {
            Frame::Single => ("'", "'"),
            Frame::Double => ("\"", "\""),
            Frame::Escaped => ("'", "$'"),
            Frame::Backtick => ("`", "`"),
            Frame::Substitution => (")", "$("),
            Frame::Process => (")", "<("),
            // What is left of it is literal text: `}` alone means nothing.
            Frame::Parameter => ("}", ""),
            Frame::Arithmetic => ("0))", "$((0"),
            Frame::Subshell => (")", "("),
            Frame::Comment => ("\n", " #"),
            Frame::HereDocument | Frame::Program(_) => ("", ""),
            Frame::QuotedHereDocument(delimiter) => {
                return (format!("\n{delimiter}\n"), format!(" <<{delimiter}\n"));
            }
        };
        (close.to_owned(), open.to_owned())
    }

    /// Whether commands are separated here, rather than words expanded.
    fn holds_commands(&self) -> bool {
        matches!(
            self,
            Frame::Backtick | Frame::Substitution | Frame::Process | Frame::Subshell | Frame::Program(_)
        )
    }
}

/// Where commands are expected, from the shortest. ` c` follows an assignment: `X= c`.
const COMMANDS: &[(&str, &str)] = &[
    ("", ""),
    ("`", "`"),
    ("$(", ")"),
    (";", ""),
    ("|", ""),
    ("&", ""),
    ("\n", ""),
    (" ", ""),
    (";", ";"),
    ("|", ";"),
    ("&", ";"),
    ("\n", "\n"),
    (";", " "),
    ("|", " "),
    ("&", " "),
    ("\n", " "),
    (" ", " "),
    (";", "\n"),
    ("|", "|"),
    ("&", "&"),
    (";", " #"),
    ("|", " #"),
    ("&", " #"),
    ("\n", " #"),
    ("\n", "\n#"),
];

/// Where text is expanded but not parsed as commands.
const EXPANSIONS: &[(&str, &str)] = &[("`", "`"), ("$(", ")")];

/// Other programs that start commands, out of their own strings: awk, sed.
const INTERPRETERS: &[(&str, &str)] = &[("\";system(\"", "\");\""), (";system(\"", "\");"), ("/;e ", "\n#")];

pub(super) fn survey(shell: Shell, sighting: &Sighting<'_>, terms: &Terms) -> Option<Survey> {
    let mut walk = Walk::new(shell, Some(sighting.marker.start));
    walk.text(sighting.text)?;
    let mut sketches = Vec::new();
    for place in &walk.places {
        sketches.extend(sketches_at(place, terms.delimiters));
    }
    let deepest = walk.places.iter().max_by_key(|place| place.len())?;
    let context = Context(deepest.iter().map(Frame::name).collect());
    sketches.dedup();
    Some(Survey { context, sketches })
}

/// Leaves the innermost 0, 1, 2, … constructs, starts the canary there and enters them again.
fn sketches_at(place: &[Frame], delimiters: Delimiters) -> Vec<Sketch> {
    // Where the word is a program that something starts, quoted or not.
    let mut sketches = vec![Sketch::new("", "")];
    let (mut close, mut open) = (String::new(), String::new());
    for depth in (0..=place.len()).rev() {
        let inner = depth.checked_sub(1).map(|it| &place[it]);
        let cores = match inner {
            Some(Frame::Single | Frame::Escaped | Frame::Comment | Frame::QuotedHereDocument(_)) => &[],
            Some(frame) if !frame.holds_commands() => EXPANSIONS,
            Some(Frame::Program("awk" | "sed")) => INTERPRETERS,
            _ => COMMANDS,
        };
        for (before, after) in cores {
            sketches.push(Sketch::new(format!("{close}{before}"), format!("{after}{open}")));
            if !open.is_empty() && *after != " #" {
                // The rest of the line may have to go, or may do no harm.
                sketches.push(Sketch::new(format!("{close}{before}"), format!("{after} #")));
                sketches.push(Sketch::new(format!("{close}{before}"), *after));
            }
        }
        if let Some(frame) = inner {
            if matches!(frame, Frame::QuotedHereDocument(_)) && delimiters == Delimiters::Secret {
                break;
            }
            let (closing, opening) = frame.ends();
            close.push_str(&closing);
            open.insert_str(0, &opening);
        }
    }
    sketches
}

pub(super) fn judge(shell: Shell, trial: &Trial<'_>) -> Option<Certainty> {
    let mut walk = Walk::new(shell, None);
    walk.text(trial.text)?;
    walk.commands.iter().filter(|it| it.is_canary(trial)).map(|it| it.certainty).max()
}
