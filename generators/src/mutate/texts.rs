//! Texts and JSON values that upset code which did not expect them. None of them does anything by itself.

use std::sync::Arc;

use serde_json::json;

use super::{
    Material,
    draw::{Dice, Draw},
};
use crate::tree::Node;

/// Texts that readers take for something else.
const TEXTS: [&str; 22] = [
    "",
    "0",
    "-1",
    "1",
    "00",
    "1e400",
    "NaN",
    "9007199254740993",
    "true",
    "null",
    "undefined",
    " ",
    "[]",
    "{}",
    "\"",
    "'",
    "%",
    "%00",
    "../",
    "\u{fc}\u{308}\u{1f600}",
    "__proto__",
    "\n",
];

/// Member names that objects of some language have already.
pub(super) const NAMES: [&str; 5] = ["__proto__", "constructor", "length", "toString", "__class__"];

/// Pieces of JSON that no value holds, and pieces that are no JSON: a body can be any text.
const RAW: [&str; 28] = [
    // Numbers that parsers round, refuse or turn into infinity.
    "1e400",
    "-1e400",
    "1e-400",
    "-0",
    "-0.0",
    "1E+2",
    "1.0",
    "9007199254740993",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1000000000000000055511151231257827021181583404541015625",
    // Halves of surrogate pairs, and what a string may hold as an escape only.
    r#""\ud800""#,
    r#""\udfff\ud800""#,
    r#""a\ud83d""#,
    r#""\u0000""#,
    // What some parsers take though it is no JSON.
    "NaN",
    "-Infinity",
    "undefined",
    "01",
    ".5",
    "+1",
    "0x10",
    "'a'",
    "[1,]",
    "{a:1}",
    "/**/1",
    "\"a\nb\"",
    "\u{feff}1",
];

/// What regular expressions like to repeat, and ends that make them try again.
const UNITS: [&str; 13] = ["a", " ", "0", "@", "(", "-", "/", ".", "a.", "\t", "[", "\"", "%"];
const ENDS: [&str; 4] = ["", "!", "x", "\n"];

/// How deep values are nested; each holds at most so many.
const MOST_DEPTH: usize = 4;
const MOST_INSIDE: usize = 4;

/// A text for any place.
pub(super) fn text(material: &Material<'_>) -> Draw<String> {
    let lexicon = material.lexicon;
    let mut known: Vec<String> = lexicon.literals().to_vec();
    known.extend(lexicon.names().iter().cloned());
    known.push("a".to_owned());
    let words = material.dictionary.texts().to_vec();
    // Somebody knows that they matter; without any, the weight of what is learnt from the code.
    let weights = [4, 3, 2, 2, 1, 1, if words.is_empty() { 0 } else { 12 }];
    Arc::new(move |dice| match dice.weighted(weights.into_iter()) {
        0 => dice.pick(&known).clone(),
        1 => (*dice.pick(&TEXTS)).to_owned(),
        2 => (dice.next() as i32).to_string(),
        3 => (0..dice.between(1, 13)).map(|_| char::from(dice.between(0x20, 0x7f) as u8)).collect(),
        4 => (0..dice.below(32)).map(|_| character(dice)).collect(),
        5 => repeated(dice),
        _ => dice.pick(&words).clone(),
    })
}

/// Any character but those that control: half of them of ASCII, then of the plane that all know, then of all.
fn character(dice: &mut Dice) -> char {
    let end = [0x7f, 0x7f, 0x1_0000, 0x11_0000][dice.below(4)];
    let it = u32::try_from(dice.between(0x20, end)).ok().and_then(char::from_u32);
    // One in thirty of the plane is half of a surrogate pair.
    it.filter(|it| !it.is_control()).unwrap_or('\u{fffd}')
}

/// Long runs.
fn repeated(dice: &mut Dice) -> String {
    let (unit, end) = (*dice.pick(&UNITS), *dice.pick(&ENDS));
    let count = match dice.below(6) {
        0..=2 => dice.between(20, 200),
        3..=4 => dice.between(200, 4_000),
        _ => dice.between(4_000, 40_000),
    };
    let mut text = String::with_capacity(unit.len() * count + end.len());
    (0..count).for_each(|_| text.push_str(unit));
    text.push_str(end);
    text
}

/// Values of every JSON type, and those that operators and merges are made of.
pub(super) fn value() -> Draw<Node> {
    // Opened once: each is copied often.
    let numbers = [json!(0), json!(-1), json!(1.5), json!(9_007_199_254_740_993_u64), json!(1e300)];
    let numbers: Vec<Node> = numbers.map(Node::from).to_vec();
    let texts: Vec<Node> = TEXTS.map(|it| Node::from(json!(it))).to_vec();
    let objects: Vec<Node> =
        [json!({ "$ne": null }), json!({ "__proto__": { "polluted": "1" } })].map(Node::from).to_vec();
    let leaf = move |dice: &mut Dice| match dice.below(9) {
        0 => Node::Null,
        1 => Node::Bool(dice.next() & 1 == 1),
        2 => dice.pick(&numbers).clone(),
        3 => Node::Number((dice.next() as i64).to_string()),
        4 => dice.pick(&texts).clone(),
        5 => Node::Array(Vec::new()),
        6 => Node::Object(Vec::new()),
        _ => dice.pick(&objects).clone(),
    };
    Arc::new(move |dice| match dice.below(7) {
        0..=3 => leaf(dice),
        4..=5 => nested(dice, &leaf, MOST_DEPTH),
        _ => (0..dice.between(1, 101)).fold(Node::Null, |inner, _| Node::Array(vec![inner])),
    })
}

/// A list or an object of values, `depth` deep at most.
fn nested(dice: &mut Dice, leaf: &dyn Fn(&mut Dice) -> Node, depth: usize) -> Node {
    let inner = |dice: &mut Dice| match depth > 1 && dice.below(3) == 0 {
        true => nested(dice, leaf, depth - 1),
        false => leaf(dice),
    };
    match dice.below(2) {
        0 => Node::Array((0..dice.below(MOST_INSIDE)).map(|_| inner(dice)).collect()),
        _ => Node::Object(vec![((*dice.pick(&NAMES)).to_owned(), inner(dice))]),
    }
}

/// What a text of JSON can hold and a value cannot: as it is written, valid or not.
pub(super) fn raw(names: &[String]) -> Draw<Node> {
    let mut names: Vec<String> = names.iter().take(32).cloned().collect();
    names.extend(NAMES.map(str::to_owned));
    let value = value();
    Arc::new(move |dice| match dice.below(12) {
        0..=5 => Node::Raw((*dice.pick(&RAW)).to_owned()),
        // Parsers keep the first, the last, or refuse.
        6..=8 => {
            let name = dice.pick(&names);
            let (first, last) = (value(dice), value(dice));
            Node::Object(vec![(name.clone(), first), (name.clone(), last)])
        }
        9..=10 => deep(dice),
        _ => {
            let before = *dice.pick(&["", "-", "0."]);
            Node::Raw(format!("{before}{}", "9".repeat(dice.between(20, 5_000))))
        }
    })
}

/// Parsers that recurse end at 100 (serde_json: 128), 1000 (Python), or with the stack.
fn deep(dice: &mut Dice) -> Node {
    let depth = match dice.below(7) {
        0..=3 => dice.between(100, 300),
        4..=5 => dice.between(900, 1_100),
        _ => dice.between(3_000, 20_000),
    };
    let (open, close) = *dice.pick(&[("[", "]"), ("{\"a\":", "}"), ("[", ""), ("{\"a\":", "")]);
    let innermost = if close.is_empty() { "" } else { "1" };
    Node::Raw(format!("{}{innermost}{}", open.repeat(depth), close.repeat(depth)))
}
