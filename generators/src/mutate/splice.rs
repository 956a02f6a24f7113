//! Edits that take a part from elsewhere: from other events, the same event, the values and words of a user.

use std::sync::Arc;

use super::{
    EditTemplate, Material,
    draw::{Dice, Draw},
};
use crate::{
    case::{Seed, apply},
    codec::Codec,
    edit::Edit,
    point::{InjectionPoint, Locator, Path, Step},
    pool::{Pool, places},
    tree::Node,
    wire::Wire,
};

/// Parts of the same place are tried more often than those that only look alike.
const SAME_PLACE: u32 = 4;

/// Ends of names that parsers of forms and queries read as something else than a name, and those of prototypes.
const SUFFIXES: [&str; 18] = [
    "[]",
    "[0]",
    "[1000]",
    "[99999999]",
    "[$ne]",
    "[$gt]",
    "[$regex]",
    "[$nin][]",
    "[__proto__]",
    "[__proto__][polluted]",
    "[constructor][prototype]",
    "[toString]",
    "[length]",
    "[a][b][c][d][e][f][g]",
    "[",
    "]",
    ".a",
    "%00",
];

/// A place, and what could be there, in lists of different weight.
struct Choice {
    at: Locator,
    takes: Takes,
    lists: Vec<(u32, Vec<Arc<Node>>)>,
}

/// What can be put at a place.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    /// Any part.
    Nodes,
    /// A text.
    Texts,
}

impl Choice {
    fn edit(&self, dice: &mut Dice) -> Edit {
        let chosen = dice.weighted(self.lists.iter().map(|(weight, _)| *weight));
        let part = dice.pick(&self.lists[chosen].1);
        let at = self.at.clone();
        match self.takes {
            Takes::Nodes => Edit::SetNode { at, node: (**part).clone() },
            Takes::Texts => Edit::SetText { at, text: part.to_text() },
        }
    }
}

/// A part that another event has at the same place, or something like it from anywhere. `None` if there is nothing alike.
pub(super) fn splice(seed: &Seed, points: &[InjectionPoint], pool: &Pool) -> Option<Draw<EditTemplate>> {
    let leaves = seed.wire.leaves();
    let mut own = Pool::new();
    own.learn_from(&seed.wire, points);
    let mut choices = Vec::new();
    for at in places(points) {
        let Some(part) = leaves.part(&at) else { continue };
        let in_tree = at.inside().is_some() && leaves.may_change(seed.source, &at);
        let takes = if in_tree { Takes::Nodes } else { Takes::Texts };
        let fits = |it: &Node| takes == Takes::Nodes || it.is_leaf();
        if !fits(&part) {
            continue;
        }
        let (other, own) = (pool.alike(&at, &part), own.alike(&at, &part));
        let mut lists = vec![
            (SAME_PLACE, [other.place, own.place].concat()),
            (2, [other.codec, own.codec].concat()),
            (1, [other.shape, own.shape].concat()),
        ];
        lists.iter_mut().for_each(|(_, list)| list.retain(|it| fits(it)));
        lists.retain(|(_, list)| !list.is_empty());
        if !lists.is_empty() {
            choices.push(Choice { at, takes, lists });
        }
    }
    if choices.is_empty() {
        return None;
    }
    Some(Arc::new(move |dice| EditTemplate::Edit(dice.pick(&choices).edit(dice))))
}

/// A word of the dictionary somewhere in the text of a leaf: as fuzzers of bytes use it.
pub(super) fn inserted(
    seed: &Seed,
    points: &[InjectionPoint],
    words: &[String],
) -> Option<Draw<EditTemplate>> {
    /// Longer texts are not copied into every strategy.
    const MAX_TEXT: usize = 4_096;
    let texts = points.iter().filter(|it| !it.locator.is_name());
    let texts = texts.filter_map(|it| Some((it.locator.clone(), seed.wire.text(&it.locator)?)));
    let texts: Vec<(Locator, String)> = texts.filter(|(_, text)| text.len() <= MAX_TEXT).collect();
    if texts.is_empty() || words.is_empty() {
        return None;
    }
    let words = words.to_vec();
    Some(Arc::new(move |dice| {
        let ((at, text), word) = (dice.pick(&texts), dice.pick(&words));
        let ends: Vec<usize> = text.char_indices().map(|(index, _)| index).chain([text.len()]).collect();
        let (before, after) = text.split_at(*dice.pick(&ends));
        EditTemplate::Edit(Edit::SetText { at: at.clone(), text: format!("{before}{word}{after}") })
    }))
}

/// Words that are not UTF-8, at places whose content is bytes.
pub(super) fn bytes(seed: &Seed, points: &[InjectionPoint], words: &[Vec<u8>]) -> Option<Draw<EditTemplate>> {
    if words.is_empty() {
        return None;
    }
    let places = places_of_bytes(seed, points);
    if places.is_empty() {
        return None;
    }
    let words = words.to_vec();
    Some(Arc::new(move |dice| {
        let (at, word) = (dice.pick(&places).clone(), dice.pick(&words).clone());
        EditTemplate::Edit(Edit::SetNode { at, node: Node::Bytes(word) })
    }))
}

/// Places at which bytes that are not UTF-8 can be sent: the content of base64 or gzip, a binary body or attribute.
pub(super) fn places_of_bytes(seed: &Seed, points: &[InjectionPoint]) -> Vec<Locator> {
    let mut all = places(points);
    if let Wire::Http(_) = seed.wire {
        let body = Locator::Body { path: Path::root() };
        if !all.contains(&body) {
            all.push(body);
        }
    }
    let takes = |at: &Locator| {
        let may_hold = match (at, at.inside().and_then(|path| path.0.last())) {
            (_, Some(Step::Open(Codec::Base64 | Codec::Base64Url | Codec::Gzip | Codec::Percent))) => true,
            (Locator::Body { path }, None) => path.0.is_empty(),
            (Locator::MessageAttribute { .. }, _) => true,
            _ => false,
        };
        let edit = Edit::SetNode { at: at.clone(), node: Node::Bytes(vec![0xff, 0xfe]) };
        may_hold && apply(&mut seed.wire.clone(), seed.source, &edit)
    };
    all.retain(takes);
    all
}

/// A longer name for a query parameter or form field. `None` if there is none.
pub(super) fn extended(points: &[InjectionPoint], material: &Material<'_>) -> Option<Draw<EditTemplate>> {
    let is_named = |at: &Locator| match at.inside().map(|path| path.0.as_slice()) {
        Some([.., Step::Open(Codec::Form), Step::Member { .. }]) => true,
        Some(_) => false,
        None => matches!(at, Locator::Query { .. }),
    };
    let named: Vec<Locator> = points.iter().map(|it| it.locator.clone()).filter(|it| is_named(it)).collect();
    if named.is_empty() {
        return None;
    }
    let mut suffixes: Vec<String> = SUFFIXES.map(str::to_owned).to_vec();
    suffixes.extend(material.lexicon.names().iter().take(16).map(|name| format!("[{name}]")));
    Some(Arc::new(move |dice| {
        let (at, suffix) = (dice.pick(&named).clone(), dice.pick(&suffixes).clone());
        EditTemplate::Edit(Edit::ExtendName { at, suffix })
    }))
}
