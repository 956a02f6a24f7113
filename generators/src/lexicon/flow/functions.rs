//! Functions and their parameters: where the event comes in.

use std::collections::HashSet;

use super::{
    super::{
        reference::{Chain, Root},
        token::Token,
    },
    Layout, Walk,
    returns::Body,
};

/// Names that other files know as `handler`: `exports.handler = a`, `{ handler: () => a }`,
/// `export { a as handler }`.
///
/// In a `sparse` file other things are called `handler` as well: there `{ handler: a }` is none.
pub(super) fn handler_aliases<'a>(tokens: &[Token<'a>], sparse: bool) -> HashSet<&'a str> {
    let mut aliases = HashSet::new();
    for at in 0..tokens.len() {
        if !tokens[at].is_word("handler") {
            continue;
        }
        let is = |offset: usize, mark: &str| tokens.get(at + offset).is_some_and(|it| it.is(mark));
        let word = |at: usize| tokens.get(at).and_then(Token::word);
        if at >= 2 && tokens[at - 1].is_word("as") {
            aliases.extend(word(at - 2));
        }
        let getter = is(1, ":") && is(2, "(") && is(3, ")") && is(4, "=>");
        let exported = at >= 2 && is(1, "=") && tokens[at - 2].is_word("exports");
        if getter || exported || !sparse && (is(1, "=") || is(1, ":")) {
            let target = if getter { at + 5 } else { at + 2 };
            if exported {
                aliases.insert("handler");
            }
            aliases.extend(word(target).filter(|it| !matches!(*it, "async" | "function")));
        }
    }
    aliases
}

impl<'a> Walk<'_, 'a> {
    /// `function name(…)` and `def name(…)`.
    pub(super) fn function(&mut self, at: usize) -> usize {
        let mut open = at + 1;
        let mut name = None;
        while open < self.tokens.len() && open < at + 4 && !self.is(open, "(") {
            name = self.tokens[open].word().or(name);
            open += 1;
        }
        if !self.is(open, "(") {
            return at + 1;
        }
        let name = name.or_else(|| self.name_before(at));
        self.parameters(open, self.partners[open], name)
    }

    /// `(a, b) => …`. Returns `None` if the bracket at `open` is something else.
    pub(super) fn arrow_function(&mut self, open: usize) -> Option<usize> {
        let close = self.partners[open];
        let arrow = if self.is(close + 1, "=>") {
            close + 1
        } else if self.layout == Layout::Braces && self.is(close + 1, ":") {
            // TypeScript: the type of the result stands between.
            (close + 2..close + 14)
                .take_while(|it| !self.is(*it, ";") && !self.is(*it, ","))
                .find(|it| self.is(*it, "=>"))?
        } else {
            return None;
        };
        let name = self.name_before(open);
        self.parameters(open, close, name);
        Some(arrow)
    }

    /// `name(…) { … }` in a class or an object. Returns where its body begins.
    pub(super) fn method_definition(&mut self, at: usize, word: &'a str) -> Option<usize> {
        let open = at + 1;
        let keyword =
            matches!(word, "if" | "for" | "await" | "while" | "switch" | "catch" | "with" | "match" | "elif");
        if keyword || self.layout != Layout::Braces || !self.is(open, "(") {
            return None;
        }
        let close = self.partners[open];
        if !self.is(close + 1, "{") {
            return None;
        }
        Some(self.parameters(open, close, Some(word)))
    }

    /// The name that a function expression at `at` gets: `name = async (…)`, `name: function`.
    fn name_before(&self, at: usize) -> Option<&'a str> {
        let mut before = at.checked_sub(1)?;
        if self.tokens[before].is_word("async") {
            before = before.checked_sub(1)?;
        }
        if self.tokens[before].is_word("default") {
            return Some("handler");
        }
        if !self.is(before, "=") && !self.is(before, ":") {
            return None;
        }
        // TypeScript: `name: Type = …`.
        let named = before.checked_sub(1)?;
        if named >= 2 && self.is(named - 1, ":") && self.is(before, "=") {
            return self.tokens[named - 2].word();
        }
        let name = self.tokens[named].word();
        if name == Some("exports") { Some("handler") } else { name }
    }

    /// Binds the parameters between `open` and `close`; returns the token after them.
    ///
    /// A single parameter without brackets has itself at `open` and the arrow at `close`.
    pub(super) fn parameters(&mut self, open: usize, close: usize, name: Option<&'a str>) -> usize {
        let close = close.min(self.tokens.len());
        let bare = !self.is(open, "(");
        let name = if bare { self.name_before(open) } else { name };
        let mut starts = self.parameter_starts(if bare { open } else { open + 1 }, close);
        let word = |at: usize| self.tokens.get(at).and_then(Token::word);
        if starts.first().is_some_and(|it| matches!(word(*it), Some("self" | "cls"))) {
            starts.remove(0);
        }
        let is_handler = self.is_handler(name, &starts) || open < self.handler_until;
        if is_handler {
            self.handler_until = 0;
        }
        // Where the walk before this one has learnt what comes out of it, the reference goes on behind it.
        let known = || self.callbacks.get(&open).map(|it| it.element.clone());
        let hint = self.hints.remove(&open).or_else(known);
        let mut seeds = self.arguments(name);
        if seeds.is_empty()
            && let Some(table) = self.table_around(open)
        {
            seeds = self.arguments(Some(table));
        }
        let callback = hint.clone().map(|element| (open, element));
        let mut names = Vec::new();
        // An arrow stands between the parameters and the body.
        let body =
            if self.is(close, "=>") { close + 1 } else { close + 1 + usize::from(self.is(close + 1, "=>")) };
        let braced = self.layout == Layout::Indentation
            || !self.is(close, "=>") && !self.is(close + 1, "=>")
            || self.is(body, "{");
        let depth = if braced { self.depth + 1 } else { self.depth };
        if braced {
            self.functions.push(depth);
        }
        for (index, start) in starts.into_iter().enumerate() {
            let known = match index {
                0 if hint.is_some() => hint.clone(),
                0 if is_handler => Some(Chain::new(Root::Event)),
                // Short names are used again and again in a bundle: this may be another function.
                _ => seeds
                    .get(index)
                    .cloned()
                    .flatten()
                    .map(|chain| Chain { guessed: chain.guessed || self.sparse, ..chain }),
            };
            if self.is(start, "{") {
                // A pattern has no name, but it counts.
                names.push("");
                let chain = known.unwrap_or(Chain::new(Root::Unknown));
                self.pattern(start, &chain, depth);
                continue;
            }
            let Some(Token::Word(parameter)) = self.tokens.get(start) else {
                continue;
            };
            names.push(*parameter);
            self.gather.word(parameter);
            let customary = match *parameter {
                "req" | "request" => true,
                // In a bundle many things are called `event`.
                "event" | "evt" => !self.sparse,
                _ => false,
            };
            match known {
                Some(chain) => self.scope.bind(parameter, depth, chain),
                None if customary => {}
                None => self.scope.bind(parameter, depth, Chain::new(Root::Unknown)),
            }
        }
        if let Some(name) = name.or(callback.as_ref().map(|_| "")).filter(|_| !is_handler) {
            let own = Body { depth, name, callback: callback.filter(|_| name.is_empty()), parameters: names };
            if braced {
                self.bodies.push(own);
            } else {
                self.returned(&own, body);
            }
        }
        if bare { close } else { close + 1 }
    }

    /// The first token of each parameter, without stars, dots and decorators.
    fn parameter_starts(&self, start: usize, close: usize) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut at = start;
        let mut fresh = true;
        while at < close && starts.len() < 12 {
            match &self.tokens[at] {
                Token::Mark(",") => fresh = true,
                Token::Mark("...") => {}
                Token::Word("async") if fresh => {}
                Token::Word(_) | Token::Mark("{") if fresh => {
                    starts.push(at);
                    fresh = false;
                }
                _ => {}
            }
            if matches!(self.tokens[at], Token::Mark("(" | "[" | "{")) {
                at = self.partners[at].max(at);
            }
            at += 1;
        }
        starts
    }

    /// Whether Lambda calls this function: by its name, or by a second parameter for the context.
    fn is_handler(&self, name: Option<&str>, starts: &[usize]) -> bool {
        if starts.is_empty() || starts.len() > 3 {
            return false;
        }
        let second = starts.get(1).and_then(|it| self.tokens[*it].word());
        let has_context = second.is_some_and(|it| {
            matches!(it, "context" | "_context" | "lambda_context")
                || !self.sparse && matches!(it, "ctx" | "_ctx" | "_" | "__")
        });
        if self.sparse {
            let first = self.tokens[starts[0]].word();
            let exact = matches!(name, Some("lambdaHandler" | "lambda_handler"));
            return name.is_some_and(|name| self.aliases.contains(name))
                || exact && starts.len() <= 2
                || has_context && matches!(first, Some("event" | "evt" | "e"));
        }
        has_context
            || name.is_some_and(|name| {
                let lower = name.to_ascii_lowercase();
                let failure = ["error", "exception", "signal", "reject"];
                self.aliases.contains(name)
                    || lower.contains("handler") && !failure.iter().any(|it| lower.contains(it))
                    || matches!(name, "main" | "handle" | "lambda")
            })
    }
}
