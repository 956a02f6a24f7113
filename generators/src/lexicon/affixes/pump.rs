//! Texts on which a regular expression may try again and again: [`Pump`]s from its own parts.
//!
//! Whether it is slow is not asked here: each part that may repeat without end is repeated, between the shortest text that
//! leads there and a character that cannot follow. Measuring tells which of them are slow.

use super::pattern::{Item, Node, Pattern, accepts};
use crate::stretch::{LONGEST_UNIT, Pump};

/// Parts of one expression that are repeated.
const MOST_PARTS: usize = 6;

/// A counted repetition of at least so many is as good as one without end.
const MANY: usize = 20;

/// Characters of a text that leads to a part. Repetitions inside each other would make gigabytes of it.
const LONGEST_WAY: usize = 256;

/// Characters to repeat, those that most classes have come first.
const CHARACTERS: &str = "a0 A-_.,/@:;=+\t\n'\"(<[{";

/// Characters with which no text goes on, if the class does not have them.
const ENDS: &str = "!\u{7f}\n#a0";

impl Pattern {
    /// The pumps of this expression, in the order of its parts.
    pub(super) fn pumps(&self) -> Vec<Pump> {
        let mut finder = Finder { found: Vec::new() };
        for items in self.alternatives() {
            finder.items(items, "");
        }
        finder.found
    }
}

struct Finder {
    found: Vec<Pump>,
}

impl Finder {
    /// `before`: a text that leads to the first of `items`.
    fn items(&mut self, items: &[Item], before: &str) {
        let mut before = before.to_owned();
        for (at, item) in items.iter().enumerate() {
            let rest = &items[at + 1..];
            if item.max >= MANY {
                for unit in units(&item.node, rest) {
                    self.add(&before, &unit, &item.node);
                }
            }
            if let Node::Group { alternatives, .. } = &item.node {
                for inner in alternatives {
                    self.items(inner, &before);
                }
            }
            // Looked for once: a repetition inside a repetition would be looked at again and again.
            before.push_str(&shortest(&item.node).unwrap_or_default().repeat(item.min.min(MANY)));
            if before.len() > LONGEST_WAY {
                return;
            }
        }
    }

    fn add(&mut self, before: &str, unit: &str, repeated: &Node) {
        let class = class_of(repeated);
        let after = ENDS.chars().find(|it| !accepts(class, *it)).map(String::from).unwrap_or_default();
        let pump =
            Pump { before: before.to_owned().into(), unit: unit.to_owned().into(), after: after.into() };
        if self.found.len() < MOST_PARTS && !unit.is_empty() && !self.found.contains(&pump) {
            self.found.push(pump);
        }
    }
}

/// What is repeated of a part: best what the next part that repeats takes as well, for then there is more than one way.
fn units(node: &Node, rest: &[Item]) -> Vec<String> {
    match node {
        Node::Group { alternatives, .. } => {
            let mut units: Vec<String> =
                alternatives.iter().filter_map(|items| text_of(items, false)).collect();
            units.extend(alternatives.iter().filter_map(|items| text_of(items, true)));
            units.dedup();
            units
        }
        Node::Literal(_) | Node::Class(_) => {
            let class = class_of(node);
            let next = rest.iter().find(|it| it.max >= MANY).map_or(0, |it| class_of(&it.node));
            let character = |class: u128| CHARACTERS.chars().find(|it| accepts(class, *it));
            let unit = character(class & next).or_else(|| character(class)).or(match node {
                Node::Literal(it) => Some(*it),
                _ => None,
            });
            unit.map(String::from).into_iter().collect()
        }
        Node::Start | Node::End | Node::Nothing => Vec::new(),
    }
}

/// A text that matches; `full`: with what may be left out.
fn text_of(items: &[Item], full: bool) -> Option<String> {
    let mut text = String::new();
    for item in items {
        let times = if full { item.min.max(1) } else { item.min };
        text.push_str(&shortest(&item.node)?.repeat(times.min(MANY)));
        if text.len() > LONGEST_UNIT {
            return None;
        }
    }
    // `(a*)*`: nothing is no unit.
    (!text.is_empty() || full).then_some(text).filter(|it| !it.is_empty())
}

/// A short text that matches.
fn shortest(node: &Node) -> Option<String> {
    match node {
        Node::Literal(character) => Some(character.to_string()),
        Node::Class(class) => CHARACTERS.chars().find(|it| accepts(*class, *it)).map(String::from),
        Node::Group { alternatives, .. } => {
            alternatives.iter().find_map(|items| text_of(items, false)).or(Some(String::new()))
        }
        Node::Start | Node::End | Node::Nothing => Some(String::new()),
    }
}

/// The characters that a part may begin or go on with, as far as that can be said without looking at its order.
fn class_of(node: &Node) -> u128 {
    match node {
        Node::Literal(it) if it.is_ascii() => 1 << (*it as u32),
        Node::Class(class) => *class,
        Node::Group { alternatives, .. } => {
            alternatives.iter().flatten().fold(0, |all, item| all | class_of(&item.node))
        }
        Node::Literal(_) | Node::Start | Node::End | Node::Nothing => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &[&str]) {
        let pumps = Pattern::parse(pattern).unwrap().pumps();
        let texts: Vec<String> = pumps.iter().map(|it| it.text(3)).collect();
        assert_eq!(texts, expected, "{pattern}");
    }

    #[test]
    fn what_may_repeat_is_repeated() {
        check(r"^(a+)+$", &["aaa!"]);
        check(r"^(\w+\s?)*$", &["aaa!", "a a a !"]);
        check(r"^id-(\d+,?)+;$", &["id-000!", "id-0,0,0,!"]);
        check(r"\s+$", &["   !"]);
        check(r"^([a-z0-9]+)*@x$", &["aaa!"]);
        // What both take.
        check(r"[a-z-]+[-_]+x", &["---!", "a---!"]);
        check(r"^(a|aa)+$", &["aaa!", "aaaaaa!"]);
        check(r"^[a-z]{2,4}\d{30}$", &["aa000!"]);
        check(r"^abc$", &[]);
        // What is too long is left out, and soon.
        let nested = "(".repeat(9) + "a" + &"{20})".repeat(9) + "+";
        check(&nested, &["aaa!"]);
    }
}
