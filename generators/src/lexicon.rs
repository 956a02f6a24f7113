//! Names and constants learnt from the function's own files.
//!
//! Key names are learnt, never built in. This module says which words a function may look for in
//! an event; it never says where to put them. It is no parser: it reads damaged, generated and
//! minified files as well as it can, in one pass, and never fails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::{
    flow::Layout,
    gather::{Gather, Tier},
};
use crate::codec::Codec;
use crate::stretch::Pump;

mod affixes;
mod flow;
mod gather;
mod java;
mod javascript;
mod kinds;
mod native;
mod python;
mod reference;
mod token;
mod vocabulary;

pub(crate) use affixes::Route;

pub use kinds::{KeyStep, Kind};

/// A source file is cut after this many bytes: what follows is a bundle or data.
const MAX_FILE: usize = 2 << 20;
/// All files together. Own files come first, so that this cuts dependencies.
const MAX_ALL: usize = 24 << 20;
/// A source file larger than this is a bundle: most of it is not the function's own.
const BUNDLE: usize = 100 << 10;
/// A line longer than this was not written by a person.
const LONG_LINE: usize = 2000;

/// One file of the function, as deployed.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Path or name; its extension decides the language.
    pub name: &'a str,
    /// The bytes of the file, in whatever encoding they are.
    pub content: &'a [u8],
}

/// What was learnt about the words of one function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lexicon {
    names: Vec<String>,
    literals: Vec<String>,
    pairs: Vec<(String, String)>,
    typed_pairs: Vec<(String, Value)>,
    kinds: kinds::Kinds,
    chains: Vec<Vec<String>>,
    typed_chains: Vec<Vec<KeyStep>>,
    layers: BTreeMap<Vec<String>, Vec<Codec>>,
    parses_json: bool,
    paths: Vec<String>,
    methods: Vec<String>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    routes: Vec<Route>,
    pumps: Vec<Pump>,
    words: BTreeSet<String>,
    modules: BTreeSet<String>,
}

impl Lexicon {
    /// Reads all `files` of a function. Best the file with the handler first.
    ///
    /// Dependencies (`node_modules`, `site-packages`) are read only if there is nothing else: the
    /// AWS SDK knows all member names of all events, and would say that the function does, too.
    pub fn learn(files: &[SourceFile<'_>]) -> Lexicon {
        let mut gather = Gather::default();
        let any_own = files.iter().any(|file| !is_dependency(file.name) && language(file).is_some());
        let mut budget = MAX_ALL;
        for file in files {
            if any_own && is_dependency(file.name) {
                continue;
            }
            let Some(language) = language(file) else {
                continue;
            };
            budget = budget.saturating_sub(file.content.len().min(MAX_FILE));
            if budget == 0 {
                break;
            }
            learn_file(file.content, language, &mut gather);
        }
        gather.finish()
    }

    /// Adds the keys and string constants of an event that the user supplied.
    ///
    /// They come before all names that were learnt: somebody knows that they matter.
    pub fn learn_event(&mut self, event: &Value) {
        let mut gather = Gather::from(std::mem::take(self));
        learn_value(event, &mut Vec::new(), &mut gather);
        *self = gather.finish();
    }

    /// Likely event keys, most likely first; at most 64.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// String constants that can be values, at most 100 characters each, at most 256.
    pub fn literals(&self) -> &[String] {
        &self.literals
    }

    /// A name and a literal that the code compares it with: `action === 'read'`.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A name and a number or boolean with which it passes a comparison: `version >= 2`.
    pub fn typed_pairs(&self) -> &[(String, Value)] {
        &self.typed_pairs
    }

    /// Paths of keys that the code reads from its event: `["body", "order", "id"]`.
    pub fn chains(&self) -> &[Vec<String>] {
        &self.chains
    }

    /// The same as [`Lexicon::chains`], with what the code does with the value of each key.
    pub fn typed_chains(&self) -> &[Vec<KeyStep>] {
        &self.typed_chains
    }

    /// Whether the value at these keys is a list, as far as the code tells.
    pub(crate) fn is_list(&self, keys: &[&str]) -> bool {
        let keys: Vec<String> = keys.iter().map(|it| (*it).to_owned()).collect();
        let members = self.chains.iter().any(|it| it.len() > keys.len() && it.starts_with(&keys));
        self.kinds.of(&keys, members) == Kind::List
    }

    /// The texts of its event that the code decodes: keys, and formats, the outermost first.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (&[String], &[Codec])> {
        self.layers.iter().map(|(keys, codecs)| (keys.as_slice(), codecs.as_slice()))
    }

    /// Whether the code reads JSON from something of which it does not show where it comes from.
    pub(crate) fn parses_json(&self) -> bool {
        self.parses_json
    }

    /// Literals that look like the path of a request: `/items/{id}`.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The HTTP methods that occur as literals.
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// Constants with which values must or may begin, best first; at most 8: `uploads/`.
    pub fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// Constants with which values must or may end, or that they must contain, best first; at
    /// most 8: `.csv`.
    pub fn suffixes(&self) -> &[String] {
        &self.suffixes
    }

    /// Paths that the code takes apart itself: by patterns, by their segments.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Texts on which the code's own regular expressions may take long, in the order of the code; at most 12.
    pub fn pumps(&self) -> &[Pump] {
        &self.pumps
    }

    /// How many of the member names in `keys` occur in the code.
    pub fn affinity(&self, keys: &[&str]) -> usize {
        keys.iter().filter(|key| self.mentions(key)).count()
    }

    /// Whether the code imports something of this name: a module, or a name from one.
    pub fn imports(&self, name: &str) -> bool {
        self.modules.contains(name)
    }

    /// Whether `word` occurs in the code as an identifier or a string, but for names of modules that it imports.
    pub fn mentions(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Language {
    Source(Layout),
    Class,
    Native,
}

/// `None` for files that say nothing about keys: documents, locks, maps, styles.
fn language(file: &SourceFile<'_>) -> Option<Language> {
    if java::is_class(file.content) {
        return Some(Language::Class);
    }
    if file.content[..file.content.len().min(4096)].contains(&0) {
        return Some(Language::Native);
    }
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or(file.name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "py" | "rb" | "pl" | "sh" | "ex" | "r" => Some(Language::Source(Layout::Indentation)),
        "md" | "txt" | "lock" | "map" | "css" | "html" | "toml" | "yml" | "yaml" | "cfg" | "ini" | "csv"
        | "svg" | "xml" | "rst" | "pem" => None,
        "json" if name.starts_with("package") || name.starts_with("tsconfig") => None,
        "" if !file.content.starts_with(b"#!") => None,
        _ => Some(Language::Source(Layout::Braces)),
    }
}

fn is_dependency(name: &str) -> bool {
    const FOLDERS: [&str; 6] =
        ["node_modules", "site-packages", "dist-packages", "vendor", ".venv", "__pycache__"];
    let metadata = |part: &str| part.ends_with(".dist-info") || part.ends_with(".egg-info");
    name.split(['/', '\\']).any(|part| FOLDERS.contains(&part) || metadata(part))
}

fn learn_file(content: &[u8], language: Language, gather: &mut Gather) {
    let layout = match language {
        Language::Native => return native::read(content, gather),
        Language::Class => return java::read(content, gather),
        Language::Source(layout) => layout,
    };
    let text = String::from_utf8_lossy(&content[..content.len().min(MAX_FILE)]);
    let sparse = text.len() > BUNDLE || text.lines().any(|line| line.len() > LONG_LINE);
    let (tokens, others) = match layout {
        Layout::Braces => javascript::tokens(&text),
        Layout::Indentation => python::tokens(&text),
    };
    flow::read(&tokens, &text, layout, sparse, gather);
    affixes::read(&tokens, &others, sparse, gather);
}

/// An event that works weighs more than what code seems to do.
const SUPPLIED: u8 = 8;

/// Adds all chains of `value`, through strings that hold JSON too.
fn learn_value(value: &Value, chain: &mut Vec<String>, gather: &mut Gather) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                chain.push(key.clone());
                gather.word(key);
                if vocabulary::own_keys(chain).last() == Some(&key.as_str()) {
                    gather.name(key, Tier::Supplied);
                }
                gather.chain(chain);
                learn_value(member, chain, gather);
                chain.pop();
            }
        }
        Value::Array(elements) => {
            gather.kind(chain, Kind::List, SUPPLIED);
            for element in elements {
                learn_value(element, chain, gather);
            }
        }
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => learn_value(&inner, chain, gather),
            _ => {
                gather.kind(chain, Kind::Text, SUPPLIED);
                gather.literal(text, false);
            }
        },
        Value::Number(_) => gather.kind(chain, Kind::Number, SUPPLIED),
        Value::Bool(_) => gather.kind(chain, Kind::Bool, SUPPLIED),
        Value::Null => {}
    }
}

#[cfg(test)]
mod tests;
