//! What a lexicon says about one place of an event, and benign values for it.

use serde_json::{Map, Value};

use crate::{
    lexicon::Lexicon,
    tree::{Node, Path, Step},
};

pub(super) mod texts;
mod typed;

/// More names make events that AWS refuses and minutes of work for little.
const MAX_NAMES: usize = 40;
/// Objects that hold all names are this wide: the square of it is the number of leaves.
const MAX_BLIND: usize = 12;

/// A lexicon, and which literal of each gate is used.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) lexicon: &'a Lexicon,
    /// Which of several literals that one name is compared with.
    variant: usize,
}

/// How the values of JSON objects are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Every name holds a string.
    Flat,
    /// Names that have members hold objects. If none has, all hold an object of all names.
    Objects,
    /// The same with arrays of objects.
    Arrays,
    /// Every name holds an array of one string.
    Lists,
}

impl<'a> Words<'a> {
    pub(super) fn new(lexicon: &'a Lexicon) -> Words<'a> {
        Words { lexicon, variant: 0 }
    }

    /// The same with another literal for every gate that has several. `None` if no gate has.
    pub(super) fn variant(&self, variant: usize) -> Option<Words<'a>> {
        let texts = self.lexicon.pairs().iter().map(|(name, _)| name);
        let typed = self.lexicon.typed_pairs().iter().map(|(name, _)| name);
        let most = texts.chain(typed).map(|name| self.gates_of(name).len()).max();
        (variant < most.unwrap_or_default()).then_some(Words { variant, ..*self })
    }

    /// All constants with which `name` passes a comparison.
    fn gates_of(&self, name: &str) -> Vec<Value> {
        let texts = self.lexicon.pairs().iter().filter(|(it, _)| it == name);
        let typed = self.lexicon.typed_pairs().iter().filter(|(it, _)| it == name);
        let texts = texts.map(|(_, literal)| Value::from(literal.as_str()));
        texts.chain(typed.map(|(_, value)| value.clone())).collect()
    }

    /// The constant that the function compares the value of `name` with.
    pub(super) fn gate_value(&self, name: &str) -> Option<Value> {
        let mut gates = self.gates_of(name);
        let chosen = self.variant % gates.len().max(1);
        (chosen < gates.len()).then(|| gates.swap_remove(chosen))
    }

    /// The same as text, for places that hold nothing else.
    pub(super) fn gate(&self, name: &str) -> Option<String> {
        self.gate_value(name).map(|value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// The literal of the gate, else a benign value that depends on the name's rank.
    pub(super) fn value(&self, name: &str, index: usize) -> String {
        self.gate(name).unwrap_or_else(|| benign(name, index))
    }

    /// What the code reads below one of `places`, and how it goes on from there.
    pub(super) fn tails(&self, places: &[&[&str]]) -> Vec<&'a [String]> {
        let chains = self.lexicon.chains().iter();
        let tails = chains.filter_map(|chain| {
            places.iter().find_map(|place| {
                let (head, tail) = chain.split_at_checked(place.len())?;
                (head == *place && !tail.is_empty()).then_some(tail)
            })
        });
        tails.collect()
    }

    /// Names for one place: first those known to belong there, then all others, but for the
    /// ones known to belong elsewhere only.
    pub(super) fn names(&self, tails: &[&'a [String]]) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let known = tails.iter().map(|tail| tail[0].as_str());
        for name in known.chain(self.lexicon.names().iter().map(String::as_str)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.truncate(MAX_NAMES);
        // Gates last: what is planted first should be what flows somewhere.
        names.sort_by_key(|name| self.gate(name).is_some());
        names
    }

    /// Names that are known to belong to one place.
    pub(super) fn known(&self, tails: &[&'a [String]]) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for tail in tails {
            if !names.contains(&tail[0].as_str()) {
                names.push(&tail[0]);
            }
        }
        names
    }

    /// Pairs of names and values.
    pub(super) fn pairs(&self, names: &[&str]) -> Vec<(String, String)> {
        let names = names.iter().enumerate();
        names.map(|(index, name)| ((*name).to_owned(), self.value(name, index))).collect()
    }

    /// An object for a place whose chains go on with `tails`.
    pub(super) fn object(&self, tails: &[&'a [String]], shape: Shape) -> Value {
        let names = self.names(tails);
        let mut root = Value::Object(Map::new());
        for (index, name) in names.iter().enumerate() {
            insert(&mut root, &[member(name)], self.leaf(name, index, shape));
        }
        if matches!(shape, Shape::Flat | Shape::Lists) {
            return root;
        }
        let deep: Vec<&[String]> = tails.iter().copied().filter(|tail| tail.len() > 1).collect();
        if deep.is_empty() {
            return self.blind(&names, shape);
        }
        for tail in &deep {
            let mut path = Vec::new();
            for (index, name) in tail.iter().enumerate() {
                if index > 0 && shape == Shape::Arrays {
                    path.push(Step::Element(0));
                }
                path.push(member(name));
            }
            let inside = get(&root, &path);
            // A longer chain made an object of it already.
            if !inside.is_some_and(|it| it.is_object() || it.is_array()) {
                let last = tail.last().map_or("", String::as_str);
                let index = names.iter().position(|it| *it == last).unwrap_or(names.len());
                insert(&mut root, &path, self.leaf(last, index, Shape::Flat));
            }
        }
        root
    }

    /// Every name that is no gate holds an object of all names.
    fn blind(&self, names: &[&str], shape: Shape) -> Value {
        let names = &names[..names.len().min(MAX_BLIND)];
        let inner: Map<String, Value> = self.pairs(names).into_iter().map(text_member).collect();
        let mut outer = Map::new();
        for (index, name) in names.iter().enumerate() {
            let value = match (self.gate(name), shape) {
                (Some(_), _) => self.leaf(name, index, Shape::Flat),
                (None, Shape::Arrays) => Value::Array(vec![Value::Object(inner.clone())]),
                (None, _) => Value::Object(inner.clone()),
            };
            outer.insert((*name).to_owned(), value);
        }
        Value::Object(outer)
    }

    fn leaf(&self, name: &str, index: usize, shape: Shape) -> Value {
        match (self.gate_value(name), shape) {
            (Some(value), _) => value,
            (None, Shape::Lists) => Value::Array(vec![Value::from(benign(name, index))]),
            (None, _) => Value::from(benign(name, index)),
        }
    }

    /// The leaves of `root` that hold the literal of their gate.
    pub(super) fn gates(&self, root: &Node) -> Vec<Path> {
        let mut gates = root.leaves();
        gates.retain(|path| self.is_gate(path));
        gates
    }

    /// Whether the innermost name of a place is compared with a literal.
    pub(super) fn is_gate(&self, path: &Path) -> bool {
        let name = path.0.iter().rev().find_map(|step| match step {
            Step::Member { name, .. } => Some(name),
            Step::Element(_) | Step::Open(_) => None,
        });
        name.is_some_and(|name| self.gate(name).is_some())
    }
}

fn member(name: &str) -> Step {
    Step::Member { name: name.to_owned(), nth: 0 }
}

/// The value at `path`.
pub(super) fn get<'v>(root: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(root, |value, step| match step {
        Step::Member { name, .. } => value.as_object()?.get(name),
        Step::Element(index) => value.as_array()?.get(*index),
        Step::Open(_) => None,
    })
}

/// Puts `new` at `path`, making the objects and arrays on the way. Scalars on the way are replaced.
pub(super) fn insert(root: &mut Value, path: &[Step], new: Value) {
    let mut value = root;
    for step in path {
        value = match step {
            Step::Member { name, .. } => {
                if !value.is_object() {
                    *value = Value::Object(Map::new());
                }
                let members = value.as_object_mut().expect("made an object");
                members.entry(name.clone()).or_insert(Value::Null)
            }
            // Chains only ever ask for the first.
            Step::Element(_) => {
                if value.as_array().is_none_or(Vec::is_empty) {
                    *value = Value::Array(vec![Value::Null]);
                }
                &mut value.as_array_mut().expect("made an array")[0]
            }
            Step::Open(_) => return,
        };
    }
    *value = new;
}

fn text_member((name, value): (String, String)) -> (String, Value) {
    (name, Value::from(value))
}

/// Last words of names whose values are usually numbers.
const NUMERIC: [&str; 22] = [
    "id", "ids", "count", "size", "limit", "page", "num", "number", "age", "year", "amount", "total",
    "price", "index", "offset", "quantity", "qty", "width", "height", "port", "timeout", "length",
];

/// A value that passes ordinary checks: a word, or digits where the name asks for a number.
/// Different for every `index`.
pub(super) fn benign(name: &str, index: usize) -> String {
    if NUMERIC.contains(&&*last_word(name)) { (index + 11).to_string() } else { word(index) }
}

/// A pronounceable word of four letters and more.
pub(super) fn word(index: usize) -> String {
    const CONSONANTS: [char; 12] = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 't', 'v'];
    const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];
    let mut text = String::new();
    let mut rest = index + 61;
    while rest > 0 || text.len() < 4 {
        text.push(CONSONANTS[rest % 12]);
        rest /= 12;
        text.push(VOWELS[rest % 5]);
        rest /= 5;
    }
    text
}

/// The last word of a name in camel, snake or kebab case, in lower case.
fn last_word(name: &str) -> String {
    let mut start = 0;
    let mut before = ' ';
    for (at, it) in name.char_indices() {
        if matches!(before, '_' | '-' | '.') || (before.is_lowercase() && it.is_uppercase()) {
            start = at;
        }
        before = it;
    }
    name[start..].to_lowercase()
}
