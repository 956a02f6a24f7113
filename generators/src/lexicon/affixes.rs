//! Constants at the ends of values, and paths that the code takes apart.
//!
//! Other passes learn what a whole value is compared with. This one learns with what a value must
//! begin or end, so that a payload in between gets past the check. Which value that is, is not
//! asked: the engine tries each affix everywhere. Patterns that look like paths become routes.

mod pattern;
mod pump;
mod segments;

use std::collections::HashMap;

use super::{
    gather::Gather,
    token::{Others, Token},
};
use pattern::{Cell, Pattern};

/// What a bundle says is rarely the function's own.
const SPARSE: u8 = 5;
/// A longer text to look for is a word, no separator.
const MAX_CONTAINED: usize = 8;
/// No longer receiver or list is walked through.
const MAX_STEPS: usize = 40;

const STARTS: [&str; 3] = ["startsWith", "startswith", "removeprefix"];
const ENDS: [&str; 3] = ["endsWith", "endswith", "removesuffix"];
const CONTAINS: [&str; 3] = ["includes", "indexOf", "contains"];
const PATTERNS: [&str; 8] =
    ["match", "fullmatch", "search", "compile", "RegExp", "matchAll", "findall", "finditer"];
const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Calls that change a text: their patterns are no conditions.
const REWRITES: [&str; 5] = ["replace", "replaceAll", "split", "sub", "subn"];
/// Names of variables that hold what comes after the last dot.
const EXTENSIONS: [&str; 6] = ["ext", "extension", "suffix", "fileExtension", "file_extension", "fileExt"];

/// A path that the code takes apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    /// What stands between the slashes.
    pub(crate) segments: Vec<Segment>,
}

/// A part of a route.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Segment {
    /// Always the same.
    Fixed(String),
    /// What the sender chooses.
    Hole {
        /// As the code calls it.
        name: Option<String>,
        /// A text that fits.
        example: String,
        /// Whether it may hold slashes.
        rest: bool,
    },
}

impl Route {
    /// As API Gateway writes it. Holes without a name are numbered.
    pub(crate) fn template(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut template = String::new();
        for segment in &self.segments {
            template.push('/');
            match segment {
                Segment::Fixed(text) => template.push_str(text),
                Segment::Hole { name, rest, .. } => {
                    let name = name.clone().filter(|it| !names.contains(it));
                    let name = name.unwrap_or_else(|| format!("part{}", names.len() + 1));
                    let plus = if *rest { "+" } else { "" };
                    template.push_str(&format!("{{{name}{plus}}}"));
                    names.push(name);
                }
            }
        }
        template
    }

    /// A path on this route.
    pub(crate) fn path(&self) -> String {
        let texts = self.segments.iter().map(|segment| match segment {
            Segment::Fixed(text) | Segment::Hole { example: text, .. } => format!("/{text}"),
        });
        texts.collect()
    }

    /// The route of a text that matches a pattern. `open`: more may follow.
    fn of(cells: &[Cell], open: bool) -> Option<Route> {
        let cells = cells.split_first().filter(|(it, _)| it.character == '/')?.1;
        let mut segments = Vec::new();
        let parts: Vec<&[Cell]> = cells.split(|it| it.character == '/').collect();
        for (index, part) in parts.iter().enumerate() {
            let last = index + 1 == parts.len();
            let text: String = part.iter().map(|it| it.character).collect();
            segments.push(match part.first() {
                None if !last => return None,
                None if open && index > 0 => {
                    Segment::Hole { name: None, example: "kilo".to_owned(), rest: true }
                }
                None => break,
                Some(_) if part.iter().any(|it| it.free) => Segment::Hole {
                    name: part.iter().find_map(|it| it.name.clone()),
                    example: text,
                    rest: last && part.iter().any(|it| it.slash),
                },
                Some(_) => Segment::Fixed(text),
            });
        }
        let lettered = |it: &Segment| match it {
            Segment::Fixed(text) => text.contains(|it: char| it.is_ascii_alphabetic()),
            Segment::Hole { .. } => false,
        };
        segments.iter().any(lettered).then_some(Route { segments })
    }
}

/// Adds what the tokens of one file say.
pub(super) fn read(tokens: &[Token<'_>], others: &Others<'_>, sparse: bool, gather: &mut Gather) {
    let mentions = |word: &str| tokens.iter().any(|it| it.is_word(word));
    let mut reader = Reader {
        tokens,
        others,
        constants: constants(tokens),
        matched: mentions("match"),
        whole: mentions("fullmatch"),
        penalty: if sparse { SPARSE } else { 0 },
        gather,
    };
    for at in 0..tokens.len() {
        reader.token(at);
    }
    if !sparse {
        for route in segments::routes(tokens, others) {
            gather.route(route);
        }
    }
}

/// Texts that are given a name, alone or in a list.
fn constants<'a>(tokens: &[Token<'a>]) -> HashMap<&'a str, Vec<String>> {
    let mut constants = HashMap::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let (Token::Word(name), Token::Mark("=")) = (&pair[0], &pair[1]) else {
            continue;
        };
        let value = tokens[at + 2..].iter().skip_while(|it| {
            matches!(
                it,
                Token::Word("new" | "Set" | "set" | "frozenset" | "tuple" | "list") | Token::Mark("(")
            )
        });
        let mut texts = Vec::new();
        let mut bracketed = false;
        for token in value.take(MAX_STEPS) {
            match token {
                Token::Mark("[" | "{") => bracketed = true,
                Token::Text(text) => texts.push(text.to_string()),
                Token::Mark(",") if !texts.is_empty() || bracketed => {}
                _ => break,
            }
        }
        if !texts.is_empty() {
            constants.insert(*name, texts);
        }
    }
    constants
}

struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    others: &'t Others<'a>,
    constants: HashMap<&'a str, Vec<String>>,
    /// Whether compiled patterns may be asked for the beginning of a text.
    matched: bool,
    /// Whether they may be asked for the whole of it.
    whole: bool,
    penalty: u8,
    gather: &'t mut Gather,
}

impl<'a> Reader<'_, 'a> {
    fn token(&mut self, at: usize) {
        match &self.tokens[at] {
            Token::Other => {
                let written = other(self.others, at);
                let body = written.strip_prefix('/').and_then(|it| it.rsplit_once('/'));
                if let Some((body, _)) = body {
                    self.pump(body);
                    if !self.is_rewrite(at) {
                        self.pattern(body, false, false);
                    }
                }
            }
            Token::Word(word) if self.is(at + 1, "(") => self.call(at, word),
            Token::Text(text) => self.text(at, text),
            Token::Mark("==" | "===" | "!=" | "!==") => self.comparison(at),
            _ => {}
        }
    }

    fn call(&mut self, at: usize, word: &str) {
        // A router's: `app.post('/items', create)`.
        if VERBS.contains(&word)
            && let Some(path) = self.tokens.get(at + 2).and_then(Token::text).filter(|it| it.starts_with('/'))
        {
            let route = format!("{} {path}", word.to_ascii_uppercase());
            self.gather.literal(&route, self.penalty > 0);
        }
        let negated = self.is_negated(at);
        let rank = if negated { 0 } else { 1 } + self.penalty;
        if STARTS.contains(&word) {
            for text in self.arguments(at + 2) {
                self.gather.prefix(&text, rank);
                self.below(&text);
            }
        } else if ENDS.contains(&word) {
            for text in self.arguments(at + 2) {
                self.gather.suffix(&text, rank);
            }
        } else if CONTAINS.contains(&word) {
            let text = self.tokens.get(at + 2).and_then(Token::text).map(str::to_owned);
            let zero = self.is(at + 3, ")")
                && (self.is(at + 4, "===") || self.is(at + 4, "==") || self.is(at + 4, "!=="))
                && other(self.others, at + 5) == "0";
            match text {
                Some(text) if zero && word == "indexOf" => {
                    self.gather.prefix(&text, rank);
                    self.below(&text);
                }
                Some(text) => self.contained(&text, negated),
                None if self.is_extension(at + 2) => self.listed(at),
                None => {}
            }
        } else if matches!(word, "sub" | "subn" | "split") && at >= 2 && self.tokens[at - 2].is_word("re") {
            if let Some(text) = self.tokens.get(at + 2).and_then(Token::text).map(str::to_owned) {
                self.pump(&text);
            }
        } else if PATTERNS.contains(&word)
            && let Some(text) = self.tokens.get(at + 2).and_then(Token::text).map(str::to_owned)
        {
            let start = matches!(word, "match" | "fullmatch") && !self.is(at + 3, ")")
                || word == "compile" && (self.matched || self.whole);
            let end = word == "fullmatch" || word == "compile" && self.whole;
            self.pump(&text);
            self.pattern(&text, start, end);
        }
    }

    /// What a path that begins with `text` looks like, if it is a folder.
    fn below(&mut self, text: &str) {
        let cells = text.chars().map(|character| Cell { character, free: false, slash: false, name: None });
        let cells: Vec<Cell> = cells.collect();
        if let Some(route) = Route::of(&cells, true).filter(|_| text.ends_with('/')) {
            self.gather.route(route);
        }
    }

    fn contained(&mut self, text: &str, required: bool) {
        if text.chars().count() <= MAX_CONTAINED {
            self.gather.suffix(text, if required { 2 } else { 3 } + self.penalty);
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        // The keys of a table of handlers: `'POST /items': create`.
        let path = text.split_once(' ').map_or(text, |(_, path)| path);
        if path.starts_with('/') && self.is(at + 1, ":") {
            self.gather.literal(text, self.penalty > 0);
        }
        let is_word = |at: usize, word: &str| self.tokens.get(at).is_some_and(|it| it.is_word(word));
        let required = is_word(at + 1, "not") && is_word(at + 2, "in");
        // A word before `in` is a key.
        let separates = text.chars().any(|it| !it.is_alphanumeric() && !matches!(it, '_' | '-'));
        if separates && (required || is_word(at + 1, "in")) {
            self.contained(text, required);
        }
        let extension = text.strip_prefix('.').filter(|it| (2..=6).contains(&it.len()));
        if extension.is_some_and(|it| it.bytes().all(|it| it.is_ascii_alphanumeric())) {
            self.gather.suffix(text, 4 + self.penalty);
        }
    }

    /// `ext == 'csv'`, `name.split('.').pop() === 'csv'`, `key[:4] == 'in/x'`, `key.slice(-4)`.
    fn comparison(&mut self, at: usize) {
        let Some(text) = self.tokens.get(at + 1).and_then(Token::text).map(str::to_owned) else {
            return;
        };
        let rank = 1 + self.penalty;
        let before = &self.tokens[at.saturating_sub(16)..at];
        let line = before.iter().rposition(|it| {
            matches!(it, Token::Line(_) | Token::Mark(";" | "&&" | "||" | "{" | "}"))
                || matches!(it, Token::Word("and" | "or" | "if" | "return"))
        });
        let line = at - before.len() + line.map_or(0, |it| it + 1);
        let side = &self.tokens[line..at];
        let calls = |word: &str| side.iter().any(|it| it.is_word(word));
        let dotted = side.iter().any(|it| it.text() == Some("."));
        if at.checked_sub(1).is_some_and(|it| self.is_extension(it))
            || calls("splitext")
            || calls("extname")
            || dotted && ["split", "rsplit", "rpartition", "lastIndexOf"].iter().any(|it| calls(it))
        {
            let dot = if text.starts_with('.') { "" } else { "." };
            self.gather.suffix(&format!("{dot}{text}"), rank);
            return;
        }
        let sliced = ["slice", "substring", "substr"].iter().any(|it| calls(it));
        let number = |back: usize| at >= back && matches!(self.tokens[at - back], Token::Other);
        let is = |back: usize, mark: &str| at >= back && self.is(at - back, mark);
        if is(1, "]") && number(2) && is(3, ":") || sliced && is(1, ")") && number(2) && is(3, ",") {
            self.gather.prefix(&text, rank);
        } else if is(1, "]") && is(2, ":") && number(3) && is(4, "-")
            || sliced && is(1, ")") && number(2) && is(3, "-")
        {
            self.gather.suffix(&text, rank);
        }
    }

    /// Extensions in the list before `.includes(ext)`.
    fn listed(&mut self, at: usize) {
        let mut texts = Vec::new();
        if let Some(Token::Word(name)) = at.checked_sub(2).map(|it| &self.tokens[it]) {
            texts.extend(self.constants.get(name).into_iter().flatten().cloned());
        }
        let list = self.tokens[..at].iter().rev().take(MAX_STEPS).skip(1);
        texts.extend(list.take_while(|it| !it.is("[")).filter_map(|it| it.text().map(str::to_owned)));
        for text in texts {
            let dot = if text.starts_with('.') { "" } else { "." };
            self.gather.suffix(&format!("{dot}{text}"), 1 + self.penalty);
        }
    }

    /// A regular expression may take long on some text, whatever it is used for.
    fn pump(&mut self, text: &str) {
        for pump in Pattern::parse(text).iter().flat_map(Pattern::pumps) {
            self.gather.pump(pump);
        }
    }

    fn pattern(&mut self, text: &str, start: bool, end: bool) {
        let Some(pattern) = Pattern::parse(text) else {
            return;
        };
        let rank = 1 + self.penalty;
        for head in pattern.heads(start) {
            self.gather.prefix(&head, rank);
        }
        for tail in pattern.tails(end) {
            self.gather.suffix(&tail, rank);
        }
        // A library's patterns are about anything but this function's paths.
        if self.penalty > 0 && !pattern.starts() {
            return;
        }
        for (cells, open) in pattern.examples(end) {
            if let Some(route) = Route::of(&cells, open) {
                self.gather.route(route);
            }
        }
    }

    /// The constants that are or may be the argument at `at`, also as a tuple.
    fn arguments(&self, at: usize) -> Vec<String> {
        let tokens = self.tokens[at..].iter().take(MAX_STEPS);
        match self.tokens.get(at) {
            // More of it follows, or less than a text: `'a' + x`.
            Some(Token::Text(text)) => vec![text.to_string()],
            Some(Token::Mark("(" | "[")) => {
                let inside = tokens.skip(1).take_while(|it| !it.is(")") && !it.is("]"));
                inside.filter_map(|it| it.text().map(str::to_owned)).collect()
            }
            Some(Token::Word(name)) => match self.constants.get(name) {
                Some(texts) => texts.clone(),
                // The elements of a list of constants nearby: `any(x.endswith(e) for e in ENDS)`.
                None => {
                    let nearby = &self.tokens[at.saturating_sub(12)..self.tokens.len().min(at + 8)];
                    let named = nearby.iter().filter_map(Token::word);
                    let mut lists = named.filter_map(|name| self.constants.get(name));
                    lists.find(|it| it.len() > 1).cloned().unwrap_or_default()
                }
            },
            _ => Vec::new(),
        }
    }

    fn is_extension(&self, at: usize) -> bool {
        self.tokens.get(at).and_then(Token::word).is_some_and(|it| EXTENSIONS.contains(&it))
    }

    fn is_rewrite(&self, at: usize) -> bool {
        at >= 2 && self.is(at - 1, "(") && self.tokens[at - 2].word().is_some_and(|it| REWRITES.contains(&it))
    }

    /// Whether `!` or `not` stands before the receiver of the call at `at`: what is denied is an
    /// early return, so the value must fit.
    fn is_negated(&self, at: usize) -> bool {
        let mut depth = 0usize;
        for token in self.tokens[..at].iter().rev().take(MAX_STEPS) {
            match token {
                Token::Mark(")" | "]") => depth += 1,
                Token::Mark("(" | "[") if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                Token::Mark("!") | Token::Word("not") => return true,
                Token::Word("if" | "and" | "or" | "return" | "in" | "elif" | "while") => return false,
                Token::Mark("." | "?.") | Token::Word(_) | Token::Text(_) => {}
                Token::Mark(_) | Token::Other | Token::Part | Token::Line(_) => return false,
            }
        }
        false
    }

    fn is(&self, at: usize, mark: &str) -> bool {
        self.tokens.get(at).is_some_and(|it| it.is(mark))
    }
}

/// How the number or regular expression at `at` is written.
fn other<'a>(others: &Others<'a>, at: usize) -> &'a str {
    others.binary_search_by_key(&at, |(index, _)| *index).map_or("", |found| others[found].1)
}

#[cfg(test)]
mod tests;
