//! Follows the event through a function's code, as far as names need it.
//!
//! One walk over the tokens binds variables to chains of keys: `body = json.loads(event['body'])`
//! makes `body['calc']` the chain `body`, `calc`. Scopes are brackets in JavaScript and indentation
//! in Python. The walk happens twice: the first one learns with what the file's own functions are
//! called, so that the second one knows their parameters.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
};

use super::{
    gather::{Gather, Tier, is_identifier},
    reference::{Callback, Chain, Reference, References, Returned, Root, Scope},
    token::{Token, partners},
    vocabulary,
};
use crate::codec::Codec;

mod evidence;
mod functions;
mod patterns;
mod returns;
mod tables;

/// Methods whose callback gets the elements.
const ITERATORS: &[&str] =
    &["map", "forEach", "filter", "some", "every", "find", "flatMap", "findIndex", "each", "then"];
/// Methods that compare with a constant.
const COMPARERS: &[&str] = &[
    "startsWith",
    "endsWith",
    "includes",
    "startswith",
    "endswith",
    "indexOf",
    "equals",
    "match",
    "localeCompare",
    "equalsIgnoreCase",
    "removeprefix",
    "removesuffix",
];

/// Members of an event or of a web framework's request that hold names of a sender.
fn is_customary(member: &str) -> bool {
    matches!(
        member,
        "queryStringParameters"
            | "pathParameters"
            | "multiValueQueryStringParameters"
            | "query"
            | "params"
            | "body"
    )
}

/// How scopes are marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Layout {
    /// JavaScript and its relatives.
    Braces,
    /// Python and its relatives.
    Indentation,
}

/// Finds names and constants in the tokens of one file.
///
/// `sparse` files are generated or bundled: only what comes from the event is believed.
///
/// The words and marks of `tokens` are slices of `source`.
pub(super) fn read(tokens: &[Token<'_>], source: &str, layout: Layout, sparse: bool, gather: &mut Gather) {
    let partners = partners(tokens);
    let mut seeds = HashMap::new();
    let mut returns = HashMap::new();
    let mut callbacks = HashMap::new();
    for last in [false, false, true] {
        let mut scratch = Gather::default();
        let mut walk = Walk {
            tokens,
            source,
            partners: &partners,
            layout,
            sparse,
            tables: tables::Tables::new(),
            scope: Scope::default(),
            depth: 0,
            functions: Vec::new(),
            bodies: Vec::new(),
            switches: Vec::new(),
            hints: HashMap::new(),
            handler_until: 0,
            aliases: functions::handler_aliases(tokens, sparse),
            modules: HashSet::new(),
            seeds,
            calls: HashMap::new(),
            dispatchers: HashMap::new(),
            returns: &returns,
            learnt: HashMap::new(),
            callbacks: &callbacks,
            learnt_callbacks: callbacks.clone(),
            gather: if last { gather } else { &mut scratch },
        };
        walk.tables = walk.find_tables();
        walk.run();
        let learnt = walk.learnt_callbacks;
        seeds = walk.calls;
        returns = walk.learnt;
        callbacks = learnt;
    }
}

/// With what a function is called, argument by argument.
type Calls<'a> = HashMap<&'a str, Vec<Option<Chain>>>;

struct Walk<'t, 'a> {
    tokens: &'t [Token<'a>],
    source: &'a str,
    partners: &'t [usize],
    layout: Layout,
    sparse: bool,
    /// Constant tables and sets of this file.
    tables: tables::Tables<'a>,
    scope: Scope<'a>,
    /// Open brackets, or the indentation of this line.
    depth: usize,
    /// The depths of the functions around this place.
    functions: Vec<usize>,
    /// The functions around this place that have a name and a body in braces.
    bodies: Vec<returns::Body<'a>>,
    /// The names that the `switch` and `match` around this place look at, and where these end.
    switches: Vec<(usize, String)>,
    /// What the first parameter of the function that begins at a token stands for.
    hints: HashMap<usize, Chain>,
    /// Up to this token the next function is an argument of the handler's wrapper.
    handler_until: usize,
    /// Functions that are exported as `handler`.
    aliases: HashSet<&'a str>,
    /// Names of imported modules and of what was imported from them.
    modules: HashSet<&'a str>,
    seeds: Calls<'a>,
    calls: Calls<'a>,
    /// What functions returned in the walk before this one.
    returns: &'t HashMap<&'a str, Returned>,
    learnt: HashMap<&'a str, Returned>,
    /// What the functions without a name that `map` calls returned in the walk before this one, by their first token.
    callbacks: &'t HashMap<usize, Callback>,
    learnt_callbacks: HashMap<usize, Callback>,
    /// Variables that hold something out of a table.
    dispatchers: HashMap<&'a str, &'a str>,
    gather: &'t mut Gather,
}

impl<'a> Walk<'_, 'a> {
    fn run(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            // Every branch moves on.
            at = self.step(at).max(at + 1);
        }
    }

    /// Reads what begins at `at`; returns where to go on.
    fn step(&mut self, at: usize) -> usize {
        match &self.tokens[at] {
            Token::Line(indent) => self.line(at, *indent),
            Token::Mark("(") => {
                if let Some(next) = self.arrow_function(at) {
                    return next;
                }
                if !self.operand_before(at) {
                    self.reassignment(at);
                    self.reference(at);
                }
                self.open();
            }
            Token::Mark("{") => {
                self.schema(at);
                self.open();
            }
            Token::Mark("[") => self.open(),
            Token::Mark(")" | "]" | "}") => self.close(),
            Token::Text(text) => self.text(at, text),
            Token::Word(word) => {
                self.gather.word(word);
                if !self.member_before(at) {
                    return self.word(at, word);
                }
                self.method_definition(at, word);
            }
            _ => {}
        }
        at + 1
    }

    fn references(&self) -> References<'_, 'a> {
        References {
            tokens: self.tokens,
            partners: self.partners,
            sparse: self.sparse,
            returns: self.returns,
            callbacks: self.callbacks,
            steps: Cell::new(0),
        }
    }

    fn open(&mut self) {
        if self.layout == Layout::Braces {
            self.depth += 1;
        }
    }

    fn close(&mut self) {
        if self.layout == Layout::Braces {
            self.depth = self.depth.saturating_sub(1);
            self.leave();
        }
    }

    fn line(&mut self, at: usize, indent: usize) {
        self.depth = indent;
        self.leave();
        // A comprehension uses its variable before it binds it.
        let rest = self.tokens[at + 1..].iter().take(200).enumerate();
        let mut loops = Vec::new();
        for (offset, token) in rest.take_while(|(_, token)| !matches!(token, Token::Line(_))) {
            if offset > 0 && token.is_word("for") {
                loops.push(at + 1 + offset);
            }
        }
        for at in loops {
            self.python_for(at);
        }
    }

    fn leave(&mut self) {
        let depth = self.depth;
        self.scope.leave(depth);
        self.functions.retain(|it| *it <= depth);
        self.bodies.retain(|it| it.depth <= depth);
    }

    /// The depth of what lives as long as the function around this place.
    fn function_depth(&self) -> usize {
        self.functions.last().copied().unwrap_or(0)
    }

    fn word(&mut self, at: usize, word: &'a str) -> usize {
        match word {
            "import" | "from" | "require" => return self.import(at, word),
            "function" | "def" => return self.function(at),
            "class" | "interface" | "type" | "struct" => self.fields(at, word),
            "const" | "let" | "var" => return self.declaration(at),
            "for" if self.layout == Layout::Indentation => self.python_for(at),
            "switch" | "match" => self.switch(at),
            "case" => self.case(at),
            "return" | "yield" => self.return_statement(at),
            _ => {
                if self.is(at + 1, "=>") {
                    return self.parameters(at, at + 1, None);
                }
                if let Some(next) = self.method_definition(at, word) {
                    return next;
                }
                self.assignment(at, word);
                self.reference(at);
            }
        }
        at + 1
    }

    /// Reads the reference at `at` and how it is used.
    fn reference(&mut self, at: usize) {
        let references = self.references();
        let Some(reference) = references.read(at, &self.scope) else {
            return;
        };
        let root = self.tokens[at].word();
        // The reference may have gone through the call.
        if let Some(function) = root.filter(|_| self.is(at + 1, "(") && reference.end > at + 1) {
            self.call(function, at + 1);
        }
        if self.is(reference.end, "(")
            && let Some(Token::Word(function)) = self.tokens.get(reference.end - 1)
        {
            self.call(function, reference.end);
        }
        if let Some(table) = root.filter(|it| self.tables.contains_key(it))
            && let Some(open) = self.called_at(reference.end)
        {
            self.call(table, open);
        }
        let unknown = reference.chain.root == Root::Unknown;
        if unknown && !self.sparse && reference.chain.layers.iter().any(|(_, it)| *it == Codec::Json) {
            self.gather.parses_json();
        }
        if unknown && root.is_some_and(|root| self.is_foreign(root)) {
            return;
        }
        let end = reference.end;
        // `response.headers['x'] = …` is no read.
        if !self.is(end, "=") {
            self.keys(root, &reference);
        }
        // In a bundle most comparisons are about other things.
        let compared = !self.sparse || !unknown && !reference.chain.guessed;
        // What is below a name in DynamoDB and SQS is its type: `count.N`, `kind.stringValue`.
        let mut keys = reference.chain.keys.iter().rev().map(String::as_str);
        let name = keys.find(|it| !matches!(*it, "S" | "N" | "BOOL" | "stringValue")).or(root);
        // What a part is compared with is no value of the whole.
        let name = if reference.chain.part { root } else { name };
        if let Some(name) = name.filter(|_| compared) {
            let name = name.to_owned();
            self.comparison(at, end, &name);
            self.typed_comparison(at, end, &name, &reference);
        }
        self.evidence(at, &reference);
        if at >= 2
            && self.tokens[at - 1].is_word("in")
            && let Some(key) = self.tokens[at - 2].text()
        {
            let member =
                Reference { chain: reference.chain.member(key), end, by_text: true, lists: Vec::new() };
            self.keys(root, &member);
        }
        if let Some(callback) = self.filtered(at, end) {
            self.hints.insert(callback, reference.chain.clone().one());
        }
        let method = self.tokens.get(end + 1).and_then(Token::word);
        if self.is(end, ".") || self.is(end, "?.") {
            if method.is_some_and(|it| ITERATORS.contains(&it)) && self.is(end + 2, "(") {
                let first = self.tokens.get(end + 3);
                let is_async = first.is_some_and(|it| it.is_word("async"));
                let function = end + 3 + usize::from(is_async);
                self.hints.insert(function, reference.chain.clone().one());
            }
            if let Some(method) = method.filter(|_| self.is(end + 2, "(")) {
                self.call(method, end + 2);
            }
        }
    }

    /// A name of the language, of a library or of an imported module.
    fn is_foreign(&self, root: &str) -> bool {
        self.scope.get(root).is_none()
            && (self.modules.contains(root)
                || !matches!(root, "event" | "req" | "request" | "body" | "data" | "input" | "object")
                    && vocabulary::is_library(root))
    }

    fn keys(&mut self, root: Option<&str>, reference: &Reference) {
        let Chain { root: from, keys, guessed, layers, .. } = &reference.chain;
        if *from == Root::Event && *guessed {
            for key in vocabulary::own_keys(keys) {
                self.gather.name(key, Tier::Guess);
            }
            return;
        }
        if *from == Root::Event {
            self.gather.chain(keys);
            self.gather.layers(keys, layers);
            return;
        }
        // A part of the event by the name of its member, whatever it is held by.
        if keys.first().is_some_and(|key| is_customary(key)) {
            for key in &keys[1..] {
                self.gather.name(key, Tier::Guess);
            }
        }
        let parameter = root.is_some_and(|root| self.scope.get(root).is_some());
        for (index, key) in keys.iter().enumerate() {
            let last = index + 1 == keys.len();
            let tier = match () {
                () if self.sparse && reference.by_text && last => Tier::Literal,
                () if reference.by_text && last => Tier::Key,
                () if self.sparse => continue,
                () if parameter => Tier::Field,
                () => Tier::Member,
            };
            self.gather.name(key, tier);
        }
    }

    /// Remembers with what a function is called.
    fn call(&mut self, function: &'a str, open: usize) {
        let close = self.partners[open];
        let mut arguments = Vec::new();
        let mut start = open + 1;
        while start < close && arguments.len() < 6 {
            let end = self.expression_end(start).min(close);
            let references = self.references();
            arguments.push(references.value(start, end, &self.scope));
            if !self.is(end, ",") {
                break;
            }
            start = end + 1;
        }
        if arguments.iter().any(Option::is_some) {
            let function = self.dispatchers.get(function).copied().unwrap_or(function);
            for member in self.functions_of(function) {
                self.calls.entry(member).or_insert_with(|| arguments.clone());
            }
            self.calls.entry(function).or_insert(arguments);
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        let before = at.checked_sub(1).map(|it| &self.tokens[it]);
        let after = self.tokens.get(at + 1);
        let docstring =
            matches!(before, None | Some(Token::Line(_))) && matches!(after, None | Some(Token::Line(_)));
        let is_key = before.is_some_and(|it| it.is("["))
            && after.is_some_and(|it| it.is("]"))
            && at >= 2
            && self.operand_before(at - 1);
        let is_member =
            after.is_some_and(|it| it.is(":")) && before.is_some_and(|it| it.is("{") || it.is(","));
        if docstring {
            return;
        }
        if is_key || is_member {
            self.gather.word(text);
            return;
        }
        self.gather.literal(text, self.sparse);
        if is_identifier(text) && !self.sparse {
            self.gather.name(text, Tier::Literal);
        }
    }

    fn word_at(&self, at: usize) -> Option<&'a str> {
        self.tokens.get(at).and_then(Token::word)
    }

    fn is(&self, at: usize, mark: &str) -> bool {
        self.tokens.get(at).is_some_and(|it| it.is(mark))
    }

    fn member_before(&self, at: usize) -> bool {
        at > 0 && (self.is(at - 1, ".") || self.is(at - 1, "?.") || self.is(at - 1, "->"))
    }

    /// Whether what stands before `at` is a value, so that a bracket at `at` belongs to it.
    fn operand_before(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        match &self.tokens[before] {
            Token::Word(word) => !matches!(
                *word,
                "return"
                    | "await"
                    | "in"
                    | "of"
                    | "and"
                    | "or"
                    | "not"
                    | "if"
                    | "else"
                    | "typeof"
                    | "case"
                    | "yield"
                    | "elif"
                    | "while"
                    | "is"
                    | "new"
                    | "throw"
                    | "for"
                    | "async"
            ),
            Token::Text(_) | Token::Part | Token::Other => true,
            Token::Mark(mark) => matches!(*mark, ")" | "]" | "}"),
            Token::Line(_) => false,
        }
    }

    /// The end of the expression that begins at `start`: at a separator, at a bracket that closes
    /// what is around it, or where two values meet, which is a line break without semicolon.
    fn expression_end(&self, start: usize) -> usize {
        let limit = self.tokens.len().min(start + 400);
        let mut at = start;
        while at < limit {
            match &self.tokens[at] {
                Token::Line(_) => break,
                Token::Mark(";" | "," | ")" | "]" | "}") => break,
                Token::Mark("(" | "[" | "{") => {
                    at = self.partners[at].max(at) + 1;
                    continue;
                }
                Token::Word(word) => {
                    let joins = match self.layout {
                        Layout::Braces => matches!(*word, "in" | "of" | "instanceof" | "as"),
                        Layout::Indentation => true,
                    };
                    if at > start && !joins && self.operand_before(at) {
                        break;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        at.min(self.tokens.len())
    }
}

#[cfg(test)]
mod decoding_tests;
#[cfg(test)]
mod tests;
