//! Collects what the readers find, and ranks it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    Lexicon, Route,
    kinds::{Kind, Kinds},
    vocabulary,
};
use crate::codec::Codec;
use crate::stretch::Pump;

const MAX_NAMES: usize = 64;
/// Members and literals fill up the names no further than this: each costs test cases.
const MAX_UNLIKELY: usize = 40;
const MAX_LITERALS: usize = 256;
const MAX_LITERAL_CHARS: usize = 100;
const MAX_CHAINS: usize = 128;
const MAX_PAIRS: usize = 128;
const MAX_PATHS: usize = 64;
const MAX_AFFIXES: usize = 8;
const MAX_AFFIX_CHARS: usize = 40;
const MAX_ROUTES: usize = 24;
/// Regular expressions rarely have more parts that repeat, and each pump costs some events.
const MAX_PUMPS: usize = 12;
const MAX_WORDS: usize = 50_000;
/// A longer word is data.
const MAX_WORD: usize = 64;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// How sure it is that a word is a key of the event. Best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// In an event that the user supplied.
    Supplied,
    /// Read from something that comes from the event.
    FromEvent,
    /// Read from something that is called as if it came from the event, in a bundle.
    Guess,
    /// A string used as a key of something.
    Key,
    /// A field of a type, of a schema, or of a parameter.
    Field,
    /// A member of something.
    Member,
    /// A string that could be a key.
    Literal,
}

/// An insertion-ordered set in which a better rank wins.
#[derive(Debug)]
struct Ranked<R> {
    ranks: HashMap<String, (R, usize)>,
}

impl<R> Default for Ranked<R> {
    fn default() -> Self {
        Ranked { ranks: HashMap::new() }
    }
}

impl<R: Ord + Copy> Ranked<R> {
    fn add(&mut self, text: &str, rank: R) {
        let order = self.ranks.len();
        match self.ranks.get_mut(text) {
            Some(entry) if rank < entry.0 => *entry = (rank, order),
            Some(_) => {}
            None => {
                self.ranks.insert(text.to_owned(), (rank, order));
            }
        }
    }

    /// Drops what ranks from `unlikely` on, beyond a total of `limit`.
    fn keep_few(&mut self, limit: usize, unlikely: R) {
        let likely = self.ranks.values().filter(|(rank, _)| *rank < unlikely).count();
        let mut others: Vec<(R, usize)> =
            self.ranks.values().copied().filter(|(rank, _)| *rank >= unlikely).collect();
        others.sort_unstable();
        if let Some(first) = others.get(limit.saturating_sub(likely)).copied() {
            self.ranks.retain(|_, entry| *entry < first);
        }
    }

    fn best(self, limit: usize) -> Vec<String> {
        let mut all: Vec<(R, usize, String)> =
            self.ranks.into_iter().map(|(text, (rank, order))| (rank, order, text)).collect();
        all.sort();
        all.into_iter().take(limit).map(|(_, _, text)| text).collect()
    }
}

/// Everything found so far in any file.
#[derive(Debug, Default)]
pub(super) struct Gather {
    names: Ranked<Tier>,
    literals: Ranked<u8>,
    pairs: Vec<(String, String)>,
    typed_pairs: Vec<(String, Value)>,
    kinds: Kinds,
    chains: Vec<Vec<String>>,
    layers: BTreeMap<Vec<String>, Vec<Codec>>,
    parses_json: bool,
    paths: Vec<String>,
    methods: Vec<String>,
    prefixes: Ranked<u8>,
    suffixes: Ranked<u8>,
    routes: Vec<Route>,
    pumps: Vec<Pump>,
    words: BTreeSet<String>,
    modules: BTreeSet<String>,
}

impl Gather {
    /// A possible key. Words of languages, libraries and AWS are no names.
    pub(super) fn name(&mut self, word: &str, tier: Tier) {
        let own = tier <= Tier::FromEvent
            || !(vocabulary::is_aws(word) || tier != Tier::Key && vocabulary::is_library(word));
        if own && is_key(word) {
            self.names.add(word, tier);
        }
    }

    /// Keys read one below the other, from the event on.
    pub(super) fn chain(&mut self, keys: &[String]) {
        // `event.name.length` reads `name`.
        let language = |key: &String| matches!(key.as_str(), "length" | "prototype" | "constructor");
        let end = keys.iter().position(language).unwrap_or(keys.len());
        let keys = &keys[..end];
        if keys.is_empty() || !keys.iter().all(|key| is_key(key)) {
            return;
        }
        for key in vocabulary::own_keys(keys) {
            self.name(key, Tier::FromEvent);
        }
        if self.chains.len() < MAX_CHAINS && !self.chains.iter().any(|it| it == keys) {
            self.chains.push(keys.to_vec());
        }
    }

    /// What the texts on the way to `keys` are decoded from: behind how many keys, and what; the outermost first.
    pub(super) fn layers(&mut self, keys: &[String], layers: &[(usize, Codec)]) {
        for (end, _) in layers {
            let Some(place) = keys.get(..*end).filter(|it| !it.is_empty()) else { continue };
            let codecs: Vec<Codec> = layers.iter().filter(|it| it.0 == *end).map(|it| it.1).collect();
            let is_new = !self.layers.contains_key(place);
            if is_new && self.layers.len() >= MAX_CHAINS {
                continue;
            }
            let known = self.layers.entry(place.to_vec()).or_default();
            // A part of the expression says less than the whole.
            if codecs.len() > known.len() {
                *known = codecs;
            }
        }
    }

    /// JSON is read from something of which nobody knows where it comes from.
    pub(super) fn parses_json(&mut self) {
        self.parses_json = true;
    }

    /// A name that is compared with a literal.
    pub(super) fn pair(&mut self, name: &str, literal: &str) {
        let known = || self.pairs.iter().any(|(n, l)| n == name && l == literal);
        let fits = is_key(name) && !literal.is_empty() && literal.chars().count() <= MAX_LITERAL_CHARS;
        if fits && self.pairs.len() < MAX_PAIRS && !known() {
            self.pairs.push((name.to_owned(), literal.to_owned()));
            self.literals.add(literal, 0);
        }
    }

    /// A name and a number or boolean that passes what it is compared with.
    pub(super) fn typed_pair(&mut self, name: &str, value: Value) {
        let known = || self.typed_pairs.iter().any(|(n, v)| n == name && *v == value);
        if is_key(name) && self.typed_pairs.len() < MAX_PAIRS && !known() {
            self.typed_pairs.push((name.to_owned(), value));
        }
    }

    /// Evidence that the value at `keys`, from the event on, is of this kind.
    pub(super) fn kind(&mut self, keys: &[String], kind: Kind, weight: u8) {
        self.kinds.add(keys, kind, weight);
    }

    /// A string constant. Those of a `sparse` file are rarely the function's own.
    pub(super) fn literal(&mut self, text: &str, sparse: bool) {
        self.word(text);
        if text.is_empty() || text.chars().count() > MAX_LITERAL_CHARS {
            return;
        }
        let (method, path) = match text.split_once(' ') {
            Some((method, path)) if METHODS.contains(&method) => (method, path),
            _ => (text, text),
        };
        if METHODS.contains(&method) && !self.methods.iter().any(|it| it == method) {
            self.methods.push(method.to_owned());
        }
        if is_path(path) && self.paths.len() < MAX_PATHS && !self.paths.iter().any(|it| it == path) {
            self.paths.push(path.to_owned());
        }
        let prose = text.contains(' ') || text.contains('\n');
        self.literals.add(text, if prose || sparse { 2 } else { 1 });
    }

    /// A constant with which a value begins. The lower the rank, the likelier it must.
    pub(super) fn prefix(&mut self, text: &str, rank: u8) {
        if is_affix(text) {
            self.prefixes.add(text, rank);
        }
    }

    /// A constant with which a value ends.
    pub(super) fn suffix(&mut self, text: &str, rank: u8) {
        if is_affix(text) {
            self.suffixes.add(text, rank);
        }
    }

    /// A path that the code takes apart.
    pub(super) fn route(&mut self, route: Route) {
        let known = self.routes.iter().any(|it| it.template() == route.template());
        if self.routes.len() < MAX_ROUTES && !known && is_path(&route.path()) {
            self.routes.push(route);
        }
    }

    /// A text on which a regular expression may take long.
    pub(super) fn pump(&mut self, pump: Pump) {
        if self.pumps.len() < MAX_PUMPS && !self.pumps.contains(&pump) {
            self.pumps.push(pump);
        }
    }

    /// What is imported, for [`Lexicon::imports`].
    pub(super) fn module(&mut self, name: &str) {
        if name.len() <= MAX_WORD && self.modules.len() < MAX_WORDS {
            self.modules.insert(name.to_owned());
        }
    }

    /// An identifier or a string, for [`Lexicon::mentions`].
    pub(super) fn word(&mut self, word: &str) {
        if word.len() <= MAX_WORD && self.words.len() < MAX_WORDS && !self.words.contains(word) {
            self.words.insert(word.to_owned());
        }
    }

    pub(super) fn finish(mut self) -> Lexicon {
        // What a key is compared with is a value, unless it is used as a key as well.
        let ranks = &mut self.names.ranks;
        for value in self.pairs.iter().map(|(_, literal)| literal).chain(&self.methods) {
            if ranks.get(value).is_some_and(|(tier, _)| *tier == Tier::Literal) {
                ranks.remove(value);
            }
        }
        self.names.keep_few(MAX_UNLIKELY, Tier::Member);
        // `typeof ttl === 'string' ? parse(ttl) : 0`, compared with a number: that is what came of the text.
        let kinds = &self.kinds;
        self.typed_pairs.retain(|(name, _)| !kinds.is_told_to_be_text(name));
        Lexicon {
            names: self.names.best(MAX_NAMES),
            literals: self.literals.best(MAX_LITERALS),
            pairs: self.pairs,
            typed_pairs: self.typed_pairs,
            typed_chains: self.kinds.typed(&self.chains),
            kinds: self.kinds,
            chains: self.chains,
            layers: self.layers,
            parses_json: self.parses_json,
            paths: self.paths,
            methods: self.methods,
            prefixes: self.prefixes.best(MAX_AFFIXES),
            suffixes: self.suffixes.best(MAX_AFFIXES),
            routes: self.routes,
            pumps: self.pumps,
            words: self.words,
            modules: self.modules,
        }
    }
}

/// Continues where an earlier lexicon stopped: what it has stays first.
impl From<Lexicon> for Gather {
    fn from(lexicon: Lexicon) -> Gather {
        let mut gather = Gather {
            pairs: lexicon.pairs,
            typed_pairs: lexicon.typed_pairs,
            kinds: lexicon.kinds,
            chains: lexicon.chains,
            layers: lexicon.layers,
            parses_json: lexicon.parses_json,
            paths: lexicon.paths,
            methods: lexicon.methods,
            routes: lexicon.routes,
            pumps: lexicon.pumps,
            words: lexicon.words,
            modules: lexicon.modules,
            ..Gather::default()
        };
        for name in &lexicon.names {
            gather.names.add(name, Tier::FromEvent);
        }
        for literal in &lexicon.literals {
            gather.literals.add(literal, 1);
        }
        for prefix in &lexicon.prefixes {
            gather.prefixes.add(prefix, 0);
        }
        for suffix in &lexicon.suffixes {
            gather.suffixes.add(suffix, 0);
        }
        gather
    }
}

/// Whether `word` could be a key that a person chose.
fn is_key(word: &str) -> bool {
    let mut chars = word.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$');
    starts
        && word.len() <= MAX_WORD
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '.' | ':'))
}

/// Whether a string could be a key: an identifier of some length.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    (2..=32).contains(&text.len())
        && bytes.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_')
        && bytes.all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'))
}

/// Whether a payload can be framed by `text`: it is short and on one line.
fn is_affix(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_AFFIX_CHARS && !text.contains(char::is_control)
}

/// Whether a string could be the path of a request, rather than of a file.
fn is_path(text: &str) -> bool {
    const FILES: [&str; 9] = ["/tmp", "/var", "/opt", "/usr", "/bin", "/etc", "/dev", "/proc", "/home"];
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.{}<>:+*$~".contains(&byte);
    text.len() >= 2
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(plain)
        && !FILES
            .iter()
            .any(|it| text.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
