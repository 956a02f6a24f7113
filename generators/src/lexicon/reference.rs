//! Reads references: `JSON.parse(event.body)?.order["id"]`, `body.get('x', {})['y']`.

use std::{cell::Cell, collections::HashMap};

use super::token::Token;
use crate::codec::Codec;
use decoders::{DECODERS, GETTERS, TRANSPARENT};

mod decoders;

/// Members of a web framework's request, and the member of the event that they come from.
const REQUEST: &[(&str, &str)] = &[
    ("query", "queryStringParameters"),
    ("args", "queryStringParameters"),
    ("query_params", "queryStringParameters"),
    ("query_string_parameters", "queryStringParameters"),
    ("params", "pathParameters"),
    ("path_params", "pathParameters"),
    ("param", "pathParameters"),
    ("view_args", "pathParameters"),
    ("form", "body"),
    ("json", "body"),
    ("json_body", "body"),
    ("body", "body"),
    ("headers", "headers"),
    ("header", "headers"),
    ("cookies", "cookies"),
    ("get_json", "body"),
    ("data", "body"),
    ("get_query_string_value", "queryStringParameters"),
    ("get_header_value", "headers"),
    ("values", "queryStringParameters"),
];

/// How sure it is that what has a method of lists is one: as in `evidence`.
const LIST_METHOD: u8 = 3;

/// References longer than this belong to generated code.
const MAX_KEYS: usize = 12;
/// How far an expression is read ahead.
const MAX_AHEAD: usize = 200;
/// How many inner references one expression may have: what is nested is read more than once.
const MAX_STEPS: usize = 500;
/// How deep brackets are followed.
const MAX_NESTING: usize = 24;

/// Where a chain of keys begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Root {
    /// At the event.
    Event,
    /// At the request object of a web framework.
    Request,
    /// At something that we know nothing about.
    Unknown,
}

/// Keys read one below the other. Positions in lists are left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) root: Root,
    pub(super) keys: Vec<String>,
    /// Begins at a name that is customary for an event or request, in a bundle full of them.
    pub(super) guessed: bool,
    /// What the text behind so many keys is decoded from, the outermost first.
    pub(super) layers: Vec<(usize, Codec)>,
    /// Only a part of the text there: `header.split(' ')`.
    pub(super) part: bool,
    /// A list of what is there, which the code has made: `records.map((it) => it.body)`.
    pub(super) many: bool,
    /// A text that was taken apart as a URL: its members are parts of it, and no names of the sender's.
    pub(super) url: bool,
}

impl Chain {
    pub(super) fn new(root: Root) -> Chain {
        Chain {
            root,
            keys: Vec::new(),
            guessed: false,
            layers: Vec::new(),
            part: false,
            many: false,
            url: false,
        }
    }

    /// The chain of a member of this one.
    pub(super) fn member(&self, key: &str) -> Chain {
        let mut member = self.clone();
        member.push(key);
        member
    }

    fn push(&mut self, key: &str) {
        // The query of a URL has names of the sender's.
        let is_query = matches!(key, "searchParams" | "query" | "search");
        if self.url && !is_query {
            self.part = true;
            return;
        }
        self.url = false;
        self.part = false;
        self.many = false;
        if self.root == Root::Request {
            // `request.whatever` that has no counterpart in the event: forget where we are.
            match REQUEST.iter().find(|(name, _)| *name == key) {
                Some((_, member)) => {
                    self.root = Root::Event;
                    self.keys = vec![(*member).to_owned()];
                    self.layers.clear();
                }
                None if matches!(key, "request" | "req" | "current_event") => {}
                None => self.root = Root::Unknown,
            }
            if self.root == Root::Event {
                return;
            }
        }
        if self.keys.len() < MAX_KEYS {
            self.keys.push(key.to_owned());
        }
    }

    /// One of them.
    pub(super) fn one(self) -> Chain {
        Chain { many: false, ..self }
    }

    /// The same, after the function of this name.
    fn taken_apart_by(self, function: &str) -> Chain {
        let url = self.url || matches!(function, "URL" | "urlparse" | "urlsplit");
        Chain { url, ..self }
    }

    /// The same, after a decoder. What is in a part of a text has no place of its own.
    fn decoded(mut self, codec: Option<Codec>) -> Chain {
        if self.url {
            return self;
        }
        if self.part && codec.is_some() {
            self = Chain::new(Root::Unknown);
        }
        let layer = codec.map(|it| (self.keys.len(), it));
        // A loop decodes the same again and again.
        self.layers.extend(layer.filter(|it| self.layers.last() != Some(it)));
        self
    }
}

/// A reference, and the index of the first token after it.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) chain: Chain,
    pub(super) end: usize,
    /// Whether a key is a string in brackets or in a getter, rather than a member or a variable.
    pub(super) by_text: bool,
    /// How many keys lead to values that are read by a position, and how sure that is.
    pub(super) lists: Vec<(usize, u8)>,
}

/// What a helper of the function returns.
#[derive(Clone, Debug)]
pub(super) enum Returned {
    /// Always the same place of the event.
    Place(Chain),
    /// What these keys of an argument lead to.
    Part {
        /// Which argument.
        index: usize,
        /// Keys below it.
        keys: Vec<String>,
        /// What is decoded behind so many of them.
        layers: Vec<(usize, Codec)>,
        /// Whether it is only a part of the text there.
        part: bool,
        /// Whether it is a list that the code has made.
        many: bool,
        /// Whether it takes off DynamoDB's type tags.
        untags: bool,
    },
}

/// A function without a name that `map` or a relative calls.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    /// What it is called with.
    pub(super) element: Chain,
    /// What it returns.
    pub(super) result: Chain,
}

/// What names stand for at this place of the code.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    bound: HashMap<&'a str, Vec<(usize, Chain)>>,
    order: Vec<(&'a str, usize)>,
}

impl<'a> Scope<'a> {
    /// Binds `name` for as long as the depth does not fall below `depth`.
    pub(super) fn bind(&mut self, name: &'a str, depth: usize, chain: Chain) {
        self.bound.entry(name).or_default().push((depth, chain));
        self.order.push((name, depth));
    }

    /// Forgets all that was bound deeper than `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some((name, bound_at)) = self.order.last() {
            if *bound_at <= depth {
                break;
            }
            if let Some(stack) = self.bound.get_mut(name) {
                stack.pop();
            }
            self.order.pop();
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Chain> {
        Some(&self.bound.get(name)?.last()?.1)
    }
}

/// Reads references out of tokens.
pub(super) struct References<'t, 'a> {
    pub(super) tokens: &'t [Token<'a>],
    pub(super) partners: &'t [usize],
    pub(super) sparse: bool,
    /// What helpers return.
    pub(super) returns: &'t HashMap<&'a str, Returned>,
    /// What the functions return that `map` calls, by their first token.
    pub(super) callbacks: &'t HashMap<usize, Callback>,
    /// How many references have been read, inner ones included.
    pub(super) steps: Cell<usize>,
}

impl References<'_, '_> {
    /// The reference that begins at `at`.
    pub(super) fn read(&self, at: usize, scope: &Scope<'_>) -> Option<Reference> {
        self.read_nested(at, scope, 0)
    }

    /// The last reference of the expression in `start..end` that comes from the event: the value
    /// of `a && a.b`, `x ? JSON.parse(a) : a` and `json.loads(a) if b else a`.
    pub(super) fn value(&self, start: usize, end: usize, scope: &Scope<'_>) -> Option<Chain> {
        self.value_nested(start, end, scope, 0)
    }

    fn value_nested(&self, start: usize, end: usize, scope: &Scope<'_>, nesting: usize) -> Option<Chain> {
        let end = end.min(start + MAX_AHEAD).min(self.tokens.len());
        let mut found: Option<Chain> = None;
        let mut at = start;
        while at < end {
            match &self.tokens[at] {
                Token::Line(_) => break,
                Token::Mark(";" | "=>") => break,
                // A condition is no value.
                Token::Mark("==" | "===" | "!=" | "!==") => {
                    at += 2;
                    continue;
                }
                Token::Mark("[" | "{") => {
                    let close = self.partners[at].max(at);
                    let element = self.element(at, close);
                    if let Some((start, end)) = element.or_else(|| self.spread(at, close))
                        && nesting < MAX_NESTING
                        && let Some(chain) = self.value_nested(start, end, scope, nesting + 1)
                        && chain.root != Root::Unknown
                    {
                        found = Some(Chain { many: element.is_some() && self.tokens[at].is("["), ..chain });
                    }
                    at = close + 1;
                    continue;
                }
                _ => {}
            }
            match self.read_nested(at, scope, nesting) {
                Some(reference) => {
                    at = reference.end.max(at + 1);
                    let called = self.is_call(at);
                    // Also what is returned can be called: `promisify(exec)(…)`.
                    while self.is_call(at) {
                        at = self.partners[at].max(at) + 1;
                    }
                    if reference.chain.root != Root::Unknown && !called {
                        found = Some(reference.chain);
                    }
                }
                // What is in these brackets has been looked at.
                None if self.is_call(at) => at = self.partners[at].max(at) + 1,
                None if self.is_call(at + 1) && self.is_decoder(at) => {
                    at = self.partners[at + 1].max(at) + 1;
                }
                None => at += 1,
            }
            if self.steps.get() > MAX_STEPS {
                break;
            }
        }
        found
    }

    fn read_nested(&self, at: usize, scope: &Scope<'_>, nesting: usize) -> Option<Reference> {
        self.steps.set(self.steps.get() + 1);
        if nesting > MAX_NESTING || self.steps.get() > MAX_STEPS {
            return None;
        }
        let mut by_text = false;
        let mut lists = Vec::new();
        // After a method that makes another value of it: `line.split(',')[0]`.
        let mut made = false;
        let (mut chain, mut at) = match self.tokens.get(at)? {
            Token::Mark("(") => {
                let close = self.partners[at];
                let chain = self.value_nested(at + 1, close, scope, nesting + 1)?;
                (chain, close + 1)
            }
            Token::Word(word) => self.root(word, at, scope, nesting)?,
            _ => return None,
        };
        while let Some(token) = self.tokens.get(at) {
            match token {
                Token::Mark("." | "?." | "->") => {
                    let next = at + 1;
                    match self.tokens.get(next) {
                        Some(Token::Mark("[")) => {
                            at = next;
                            continue;
                        }
                        Some(Token::Word(member)) if self.is_call(next + 1) => {
                            let close = self.partners[next + 1];
                            let argument = self.tokens.get(next + 2).and_then(Token::text);
                            if let Some(key) = argument.filter(|_| GETTERS.contains(member)) {
                                if chain.root == Root::Request {
                                    chain.push(member);
                                }
                                chain.push(key);
                                by_text = true;
                                made = false;
                            } else if chain.root == Root::Unknown
                                && (DECODERS.contains(member) || self.unwraps(at, member))
                            {
                                let codec = self.codec(at, member, close);
                                let text = self.value_nested(next + 2, close, scope, nesting + 1);
                                // Of a text of which nothing is known, it is known that it is decoded.
                                let text = text.or(codec.map(|_| Chain::new(Root::Unknown)));
                                chain = text?.decoded(codec).taken_apart_by(member);
                            } else if chain.root == Root::Request && *member == "get_json" {
                                chain.push(member);
                            } else if let Some(result) = self.mapped(member, next + 2) {
                                if result.keys.starts_with(&chain.keys) {
                                    lists.push((chain.keys.len(), LIST_METHOD));
                                }
                                chain = Chain { many: true, ..result.clone() };
                                made = false;
                            } else if !TRANSPARENT.contains(member) {
                                break;
                            } else {
                                chain.part |= *member == "split";
                                made |= !matches!(*member, "filter" | "reverse" | "slice" | "copy");
                            }
                            at = close + 1;
                        }
                        Some(Token::Word(member)) => {
                            chain.push(member);
                            made = false;
                            at = next + 1;
                        }
                        _ => break,
                    }
                }
                Token::Mark("[") => {
                    let close = self.partners[at];
                    let key = self.tokens.get(at + 1).and_then(Token::text);
                    if let Some(key) = key.filter(|_| close == at + 2) {
                        chain.push(key);
                        by_text = true;
                        made = false;
                    } else if self.tokens.get(at + 1).is_some_and(|it| it.is("(")) && close > at + 8 {
                        break;
                    } else if let Some(weight) = self.position(at + 1, close).filter(|_| !made) {
                        lists.push((chain.keys.len(), weight));
                    }
                    at = close.max(at) + 1;
                }
                // TypeScript: not null.
                Token::Mark("!") if self.accessor_follows(at + 1) => at += 1,
                _ => break,
            }
        }
        Some(Reference { chain, end: at, by_text, lists })
    }

    fn root(&self, word: &str, at: usize, scope: &Scope<'_>, nesting: usize) -> Option<(Chain, usize)> {
        if matches!(word, "await" | "new" | "not" | "typeof" | "return" | "if" | "else" | "or" | "and" | "in")
        {
            return None;
        }
        if let Some(chain) = scope.get(word) {
            return Some((chain.clone(), at + 1));
        }
        if let Some(returned) = self.returns.get(word).filter(|_| self.is_call(at + 1)) {
            let close = self.partners[at + 1];
            let chain = match returned {
                Returned::Place(chain) => chain.clone(),
                Returned::Part { index, keys, layers, part, many, .. } => {
                    let (start, end) = self.argument(at + 1, *index)?;
                    let mut chain = self.value_nested(start, end, scope, nesting + 1)?;
                    let before = chain.keys.len();
                    keys.iter().for_each(|key| chain.push(key));
                    chain.layers.extend(layers.iter().map(|(keys, codec)| (before + keys, *codec)));
                    chain.part |= part;
                    chain.many |= many;
                    chain
                }
            };
            return Some((chain, close + 1));
        }
        if self.is_call(at + 1) && DECODERS.contains(&word) {
            let close = self.partners[at + 1];
            let chain = self.value_nested(at + 2, close, scope, nesting + 1)?;
            return Some((chain.decoded(self.codec(at, word, close)).taken_apart_by(word), close + 1));
        }
        let root = match word {
            "event" | "evt" if self.sparse => Root::Unknown,
            "event" | "evt" => Root::Event,
            "req" | "request" | "current_event" => Root::Request,
            _ => Root::Unknown,
        };
        let guessed = self.sparse && root != Root::Unknown;
        Some((Chain { guessed, ..Chain::new(root) }, at + 1))
    }

    /// Where an argument of the call with the bracket `open` is.
    fn argument(&self, open: usize, index: usize) -> Option<(usize, usize)> {
        let close = self.partners[open].min(self.tokens.len());
        let mut start = open + 1;
        let mut before = 0;
        let mut at = start;
        while at < close && at < open + MAX_AHEAD {
            match &self.tokens[at] {
                Token::Mark("(" | "[" | "{") => at = self.partners[at].max(at),
                Token::Mark(",") if before == index => return Some((start, at)),
                Token::Mark(",") => {
                    before += 1;
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        (before == index && at >= close).then_some((start, close))
    }

    /// What is spread in the object or list between two brackets: `{ a, ...JSON.parse(x) }`.
    fn spread(&self, open: usize, close: usize) -> Option<(usize, usize)> {
        let close = close.min(self.tokens.len()).min(open + MAX_AHEAD);
        let mut at = open + 1;
        while at < close {
            match &self.tokens[at] {
                Token::Mark("(" | "[" | "{") => at = self.partners[at].max(at),
                Token::Mark("...") => {
                    let mut end = at + 1;
                    while end < close && !self.tokens[end].is(",") {
                        let inner = matches!(self.tokens[end], Token::Mark("(" | "[" | "{"));
                        end = if inner { self.partners[end].max(end) + 1 } else { end + 1 };
                    }
                    return Some((at + 1, end.min(close)));
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// The element of a Python comprehension between two brackets: `{k: f(v) for k, v in …}`.
    fn element(&self, open: usize, close: usize) -> Option<(usize, usize)> {
        let close = close.min(self.tokens.len()).min(open + MAX_AHEAD);
        let mut start = open + 1;
        let mut at = start;
        while at < close {
            match &self.tokens[at] {
                Token::Mark("(" | "[" | "{") => at = self.partners[at].max(at),
                Token::Mark(":") if self.tokens[open].is("{") => start = at + 1,
                Token::Mark(",") => return None,
                Token::Word("for") => return Some((start, at)),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// How surely `start..end` is a position in a list: a number, or a variable called like one.
    fn position(&self, start: usize, end: usize) -> Option<u8> {
        let start = start + usize::from(self.tokens.get(start).is_some_and(|it| it.is("-")));
        match self.tokens.get(start).filter(|_| end == start + 1)? {
            Token::Other => Some(1),
            Token::Word("i" | "j" | "k" | "n" | "idx" | "index") => Some(1),
            _ => None,
        }
    }

    /// What the callback at `at` makes of each element, if it is one of `map`.
    fn mapped(&self, member: &str, at: usize) -> Option<&Chain> {
        let at = at + usize::from(self.tokens.get(at).is_some_and(|it| it.is_word("async")));
        self.callbacks.get(&at).filter(|_| matches!(member, "map" | "flatMap")).map(|it| &it.result)
    }

    fn is_call(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|it| it.is("("))
    }

    fn accessor_follows(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|it| it.is(".") || it.is("["))
    }
}
