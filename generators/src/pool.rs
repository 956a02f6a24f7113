//! Parts of known events, to be put into others: splicing.
//!
//! A part is known by its place (names from the root, without codecs and indices), by its codec and by its shape, so a
//! place can get what another event has at the same place, or something of its kind from anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{
    case::{Seed, TestCase},
    codec::Codec,
    point::{InjectionPoint, Locator, Path, Step},
    tree::Node,
    wire::Wire,
};

/// Larger parts are left out: each is copied into many events.
const MAX_PART_BYTES: usize = 8 << 10;
/// Parts in all.
const MAX_PARTS: usize = 2_048;
/// Parts of one place, one codec, one shape: more say no more.
const MAX_ALIKE: usize = 48;

/// Parts of the events that are known so far.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    parts: Vec<Arc<Node>>,
    known: BTreeSet<(String, String, Vec<u8>)>,
    places: BTreeMap<String, Vec<usize>>,
    codecs: BTreeMap<Codec, Vec<usize>>,
    shapes: BTreeMap<String, Vec<usize>>,
}

/// What can take the place of a part, most alike first. None of the lists holds the part itself.
pub(crate) struct Alike {
    pub(crate) place: Vec<Arc<Node>>,
    pub(crate) codec: Vec<Arc<Node>>,
    pub(crate) shape: Vec<Arc<Node>>,
}

impl Pool {
    /// No parts.
    pub const fn new() -> Pool {
        Pool {
            parts: Vec::new(),
            known: BTreeSet::new(),
            places: BTreeMap::new(),
            codecs: BTreeMap::new(),
            shapes: BTreeMap::new(),
        }
    }

    /// Adds all that a sender controls in the event of `seed`. Returns how many parts are new.
    pub fn learn(&mut self, seed: &Seed) -> usize {
        self.learn_from(&seed.wire, &TestCase::new(seed.clone()).points())
    }

    /// Adds all that a sender controls in a test case, without its payloads: their nonces belong to it alone. Returns how
    /// many parts are new.
    pub fn learn_case(&mut self, case: &TestCase) -> usize {
        self.learn_from(&case.edited(), &case.points())
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(crate) fn learn_from(&mut self, wire: &Wire, points: &[InjectionPoint]) -> usize {
        let before = self.len();
        for at in places(points) {
            if let Some(part) = wire.leaves().part(&at) {
                self.add(&at, part);
            }
        }
        self.len() - before
    }

    fn add(&mut self, at: &Locator, part: Node) {
        let bytes = part.to_bytes();
        if self.len() == MAX_PARTS || bytes.is_empty() || bytes.len() > MAX_PART_BYTES {
            return;
        }
        let place = place(at);
        let alike = self.places.entry(place.clone()).or_default();
        if alike.len() == MAX_ALIKE || !self.known.insert((place, shape(&part), bytes)) {
            return;
        }
        let index = self.parts.len();
        alike.push(index);
        if let Node::Opened(codec, _) = &part {
            push(self.codecs.entry(*codec).or_default(), index);
        }
        push(self.shapes.entry(shape(&part)).or_default(), index);
        self.parts.push(Arc::new(part));
    }

    /// What could be at `at` instead of `part`.
    pub(crate) fn alike(&self, at: &Locator, part: &Node) -> Alike {
        let of = |list: Option<&Vec<usize>>| -> Vec<Arc<Node>> {
            let list = list.into_iter().flatten().map(|index| &self.parts[*index]);
            list.filter(|it| ***it != *part).cloned().collect()
        };
        // A text and what it holds have the same place, and only one of them fits there.
        let is_text = |it: &Node| matches!(it, Node::Opened(..));
        let mut place = of(self.places.get(&place(at)));
        place.retain(|it| part.is_leaf() || is_text(it) == is_text(part));
        let codec = match part {
            Node::Opened(codec, _) => self.codecs.get(codec),
            _ => None,
        };
        Alike { place, codec: of(codec), shape: of(self.shapes.get(&shape(part))) }
    }
}

/// The points that are values, the objects of those that are names, and the parts that hold them.
pub(crate) fn places(points: &[InjectionPoint]) -> Vec<Locator> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for point in points {
        let at = &point.locator;
        let mut next = match at.inside() {
            Some(path) => Some(at.with_inside(path.clone())),
            None => Some(at.clone()).filter(|it| !it.is_name()),
        };
        while let Some(at) = next.filter(|at| seen.insert(at.clone())) {
            next = parent(&at);
            all.push(at);
        }
    }
    all
}

/// The part that holds the one at `at`.
pub(crate) fn parent(at: &Locator) -> Option<Locator> {
    let (_, parents) = at.inside()?.0.split_last()?;
    Some(at.with_inside(Path(parents.to_vec())))
}

fn push(list: &mut Vec<usize>, index: usize) {
    if list.len() < MAX_ALIKE {
        list.push(index);
    }
}

/// Names on the way to a place, without codecs, indices and the kind of sender: `/order/*/sku`.
fn place(at: &Locator) -> String {
    let name = match at {
        Locator::Query { name, .. }
        | Locator::Header { name, .. }
        | Locator::Cookie { name, .. }
        | Locator::PathParameter { name, .. }
        | Locator::MessageAttribute { name, .. }
        | Locator::Key { name, .. } => Some(name.as_str()),
        _ => None,
    };
    let named = name.map(|name| format!("/{}", name.to_ascii_lowercase()));
    let steps = at.inside().into_iter().flat_map(|path| &path.0).filter_map(|step| match step {
        Step::Member { name, .. } => Some(format!("/{}", name.to_ascii_lowercase())),
        Step::Element(_) => Some("/*".to_owned()),
        Step::Open(_) => None,
    });
    named.into_iter().chain(steps).collect()
}

/// What a part looks like from outside: `{id,name}`, `[{id}]`, `text`.
fn shape(part: &Node) -> String {
    match part {
        Node::Text(_) => "text".to_owned(),
        Node::Bytes(_) => "bytes".to_owned(),
        Node::Number(_) => "number".to_owned(),
        Node::Null | Node::Bool(_) | Node::Raw(_) => "other".to_owned(),
        Node::Opened(codec, content) => format!("{}:{}", codec.id(), shape(content)),
        Node::Array(elements) => {
            let first = elements.first().map(shape).unwrap_or_default();
            format!("[{first}]")
        }
        Node::Object(members) => {
            let names: BTreeSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            let names: Vec<&str> = names.into_iter().collect();
            format!("{{{}}}", names.join(","))
        }
    }
}

#[cfg(test)]
mod tests;
