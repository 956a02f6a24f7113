//! Texts and JSON values that upset code which did not expect them. None of them does anything by itself.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::{BoxedStrategy, Strategy},
};
use serde_json::{Value, json};

use super::Material;
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

/// A text for any place.
pub(super) fn text(material: &Material<'_>) -> BoxedStrategy<String> {
    let lexicon = material.lexicon;
    let mut known: Vec<String> = lexicon.literals().to_vec();
    known.extend(lexicon.names().iter().cloned());
    known.push("a".to_owned());
    // Somebody knows that they matter; without any, the weight of what is learnt from the code.
    let (words, weight) = match material.dictionary.texts() {
        [] => (vec![String::new()], 0),
        words => (words.to_vec(), 12),
    };
    let mut texts = vec![
        (4, select(known).boxed()),
        (3, select(TEXTS.to_vec()).prop_map(str::to_owned).boxed()),
        (2, any::<i32>().prop_map(|it| it.to_string()).boxed()),
        (2, "[ -~]{1,12}".boxed()),
        (1, any::<String>().boxed()),
        (1, repeated().boxed()),
    ];
    if weight > 0 {
        texts.push((weight, select(words).boxed()));
    }
    proptest::strategy::Union::new_weighted(texts).boxed()
}

/// Long runs of what regular expressions like to repeat, and an end that makes them try again.
fn repeated() -> impl Strategy<Value = String> {
    let unit = select(vec!["a", " ", "0", "@", "(", "-", "/", ".", "a.", "\t", "[", "\"", "%"]);
    let end = select(vec!["", "!", "x", "\n"]);
    let count = prop_oneof![3 => 20..200_usize, 2 => 200..4_000_usize, 1 => 4_000..40_000_usize];
    (unit, count, end).prop_map(|(unit, count, end)| unit.repeat(count) + end)
}

/// Values of every JSON type, and those that operators and merges are made of.
pub(super) fn value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![json!(0), json!(-1), json!(1.5), json!(9_007_199_254_740_993_u64), json!(1e300)]),
        any::<i64>().prop_map(Value::from),
        select(TEXTS.to_vec()).prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "$ne": null })),
        Just(json!({ "__proto__": { "polluted": "1" } })),
    ];
    let nested = leaf.clone().prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            (select(NAMES.to_vec()), inner).prop_map(|(name, it)| json!({ name: it })),
        ]
    });
    let deep =
        (1..=100_usize).prop_map(|depth| (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner])));
    prop_oneof![4 => leaf, 2 => nested, 1 => deep].boxed()
}

/// What a text of JSON can hold and a value cannot: as it is written, valid or not.
pub(super) fn raw(names: &[String]) -> BoxedStrategy<Node> {
    let mut names: Vec<String> = names.iter().take(32).cloned().collect();
    names.extend(NAMES.map(str::to_owned));
    let leaf = || value().prop_map(Node::from);
    // Parsers keep the first, the last, or refuse.
    let twice = (select(names), leaf(), leaf())
        .prop_map(|(name, first, last)| Node::Object(vec![(name.clone(), first), (name, last)]));
    // Parsers that recurse end at 100 (serde_json: 128), 1000 (Python), or with the stack.
    let depth = prop_oneof![4 => 100..300_usize, 2 => 900..1_100_usize, 1 => 3_000..20_000_usize];
    let deep = (depth, select(vec![("[", "]"), ("{\"a\":", "}"), ("[", ""), ("{\"a\":", "")])).prop_map(
        |(depth, (open, close))| {
            let innermost = if close.is_empty() { "" } else { "1" };
            Node::Raw(format!("{}{innermost}{}", open.repeat(depth), close.repeat(depth)))
        },
    );
    let digits = (select(vec!["", "-", "0."]), 20..5_000_usize)
        .prop_map(|(before, count)| Node::Raw(format!("{before}{}", "9".repeat(count))));
    prop_oneof![
        6 => select(RAW.to_vec()).prop_map(|it| Node::Raw(it.to_owned())),
        3 => twice,
        2 => deep,
        1 => digits,
    ]
    .boxed()
}
