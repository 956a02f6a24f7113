//! Routes of code that cuts the path at its slashes and compares the pieces.

use std::collections::BTreeMap;

use super::{Route, Segment, other};
use crate::lexicon::token::{Others, Token};

/// How far a statement reaches.
const MAX_STATEMENT: usize = 40;
/// A path with more segments is a mistake of ours.
const MAX_SEGMENTS: usize = 8;

/// Calls that drop the empty piece before the first slash.
const CUTS: [&str; 8] = ["filter", "strip", "lstrip", "slice", "replace", "substring", "substr", "shift"];

/// Routes that the comparisons describe, in the order of the code.
pub(super) fn routes(tokens: &[Token<'_>], others: &Others<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_word("split")
            && tokens.get(at + 1).is_some_and(|it| it.is("("))
            && tokens.get(at + 2).and_then(Token::text) == Some("/")
            && let Some((pieces, assigned)) = Pieces::of(tokens, at)
        {
            let line = tokens[at..].iter().take(MAX_STATEMENT);
            let line = line.take_while(|it| !it.is(";") && !matches!(it, Token::Line(_)));
            let mut statement = tokens[assigned..at].iter().chain(line);
            let cut = statement.any(|it| it.word().is_some_and(|it| CUTS.contains(&it)));
            routes.extend(pieces.routes(tokens, others, cut));
        }
    }
    routes
}

/// What the segments of a path are called.
enum Pieces<'a> {
    /// All together.
    List(&'a str),
    /// Each by itself, in order.
    Names(Vec<Option<&'a str>>),
}

impl<'a> Pieces<'a> {
    /// What the split at `at` is assigned to.
    fn of(tokens: &[Token<'a>], at: usize) -> Option<(Pieces<'a>, usize)> {
        let start = at.saturating_sub(MAX_STATEMENT);
        let assigned = start + tokens[start..at].iter().rposition(|it| it.is("="))?;
        if tokens[assigned..at].iter().any(|it| it.is(";") || matches!(it, Token::Line(_))) {
            return None;
        }
        let before = &tokens[..assigned];
        if before.last().is_some_and(|it| it.is("]")) {
            let open = before.iter().rposition(|it| it.is("["))?;
            return Some((Pieces::Names(names(&before[open + 1..before.len() - 1])), assigned));
        }
        let line = before.iter().rposition(|it| matches!(it, Token::Line(_) | Token::Mark(";" | "{" | "}")));
        let left = &before[line.map_or(0, |it| it + 1)..];
        let declared = matches!(left, [Token::Word("const" | "let" | "var"), ..]);
        let pieces = match names(left) {
            names if names.len() > 1 && !declared => Pieces::Names(names),
            _ => Pieces::List(before.last()?.word()?),
        };
        Some((pieces, assigned))
    }

    fn routes(&self, tokens: &[Token<'_>], others: &Others<'_>, cut: bool) -> Vec<Route> {
        let mut branches: Vec<Branch> = Vec::new();
        let mut before = 0;
        for at in 0..tokens.len() {
            let Some((index, end)) = self.index(tokens, others, at).filter(|it| it.0 <= MAX_SEGMENTS) else {
                continue;
            };
            let compared =
                tokens.get(end).is_some_and(|it| matches!(it, Token::Mark("==" | "===" | "!=" | "!==")));
            if let Some(text) = tokens.get(end + 1).and_then(Token::text).filter(|_| compared) {
                let known = |it: &Branch| it.texts.contains_key(&index);
                if branches.last().is_none_or(known) {
                    // What was decided before this segment stays decided.
                    let mut texts = branches.last().map(|it| it.texts.clone()).unwrap_or_default();
                    texts.retain(|it, _| *it < index);
                    branches.push(Branch { texts, longest: before });
                }
                if let Some(branch) = branches.last_mut() {
                    branch.texts.insert(index, text.to_owned());
                }
            }
            let longest = branches.last_mut().map_or(&mut before, |it| &mut it.longest);
            *longest = index.max(*longest);
        }
        // The text before the first slash is the piece 0, unless it was cut off.
        let base = usize::from(!cut && !branches.iter().any(|it| it.texts.contains_key(&0)));
        if let Pieces::Names(names) = self {
            branches.iter_mut().for_each(|it| it.longest = names.len().saturating_sub(1));
        }
        branches.iter().filter_map(|it| it.route(base)).collect()
    }

    /// Which piece is read at `at`, and where that ends.
    fn index(&self, tokens: &[Token<'_>], others: &Others<'_>, at: usize) -> Option<(usize, usize)> {
        let word = tokens[at].word()?;
        match self {
            Pieces::List(list) => {
                let read = word == *list
                    && tokens.get(at + 1).is_some_and(|it| it.is("["))
                    && tokens.get(at + 3).is_some_and(|it| it.is("]"));
                let index = other(others, at + 2).parse().ok().filter(|_| read)?;
                Some((index, at + 4))
            }
            Pieces::Names(names) => {
                let index = names.iter().position(|it| *it == Some(word))?;
                Some((index, at + 1))
            }
        }
    }
}

/// Names between commas; nothing is a place without name.
fn names<'a>(tokens: &[Token<'a>]) -> Vec<Option<&'a str>> {
    let places = tokens.split(|it| it.is(","));
    places.map(|it| it.last().and_then(Token::word).filter(|it| *it != "_")).collect()
}

/// What holds in one branch of the code.
struct Branch {
    /// Texts that pieces are compared with.
    texts: BTreeMap<usize, String>,
    /// The last piece that is read.
    longest: usize,
}

impl Branch {
    fn route(&self, base: usize) -> Option<Route> {
        const EXAMPLES: [&str; 4] = ["kilo", "lima", "mike", "nova"];
        let mut segments = Vec::new();
        for index in base..=self.longest {
            segments.push(match self.texts.get(&index) {
                Some(text) if text.is_empty() || text.contains('/') => return None,
                Some(text) => Segment::Fixed(text.clone()),
                None => {
                    let example = EXAMPLES[segments.len() % EXAMPLES.len()].to_owned();
                    Segment::Hole { name: None, example, rest: false }
                }
            });
        }
        let fixed = |it: &Segment| matches!(it, Segment::Fixed(_));
        segments.iter().any(fixed).then_some(Route { segments })
    }
}
