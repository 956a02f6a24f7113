//! No text that an injection point lets through breaks a rule of AWS, at any point, at any length.
//!
//! The points say what can be sent; `facts` says what AWS delivers, from AWS's own pages and not from the points.

use std::{collections::BTreeSet, sync::LazyLock};

use evfuzz_generators::{case::TestCase, edit::Edit, point::InjectionPoint, source::EventSource};
use proptest::{prelude::*, sample::select};

use crate::{facts, inputs, schemas, support};

/// Every point of every seed.
static POINTS: LazyLock<Vec<(TestCase, InjectionPoint)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for source in schemas::sources() {
        for (seed, _) in inputs::all_seeds(source) {
            let case = TestCase::new(seed);
            all.extend(case.points().into_iter().map(|point| (case.clone(), point)));
        }
    }
    all
});

/// Texts at the edge of some rule: of characters, names, numbers.
const EDGES: [&str; 44] = [
    "",
    " ",
    "a",
    "a ",
    " a",
    "\0",
    "\x1b",
    "\x7f",
    "\u{80}",
    "\u{85}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10ffff}",
    "\n",
    "a\r\nb: c",
    "\t",
    "/",
    "//",
    "a/b",
    "a/",
    "?",
    "#",
    "%",
    "%2",
    "%zz",
    "%00",
    "+",
    ";",
    "a; b",
    "=",
    "&",
    ",",
    "é",
    "..",
    ".a",
    "a.",
    "a..b",
    "AWS.a",
    "amazon.b",
    "unexpected",
    "Host",
    "cookie",
    "content-length",
    "__proto__",
];

/// Numbers that DynamoDB and SQS take, take in another form, or refuse.
const NUMBERS: [&str; 22] = [
    "0",
    "-0",
    "00",
    "+5",
    "007",
    "1.50",
    ".5",
    "5.",
    "1e5",
    "1E5",
    "1e-130",
    "1e-131",
    "9.99e125",
    "1e126",
    "1e400",
    "0.001e-130",
    "-1.5",
    "99999999999999999999999999999999999999",
    "999999999999999999999999999999999999999",
    "0.00000000000000000000000000000000000001",
    "NaN",
    "0x10",
];

/// Characters of one to four bytes, to fill a place to its limit.
const UNITS: [&str; 5] = ["a", ";", "é", "\u{20ac}", "\u{1f600}"];

/// A text of about `bytes` bytes; exactly so many if it is of units of one byte.
fn filled(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

/// Lengths up to this are tried at random; longer ones once each.
const SHORT: usize = 4_096;

fn text(max_bytes: usize) -> BoxedStrategy<String> {
    let near = (select(UNITS.to_vec()), 0..5_usize)
        .prop_map(move |(unit, more)| filled(unit, max_bytes.min(SHORT) + more));
    prop_oneof![
        3 => select(EDGES.to_vec()).prop_map(str::to_owned),
        2 => select(NUMBERS.to_vec()).prop_map(str::to_owned),
        2 => "[ -~]{1,12}",
        2 => any::<String>(),
        1 => near,
    ]
    .boxed()
}

/// What is wrong with the event in which `text` is at `point`.
fn wrong(case: &TestCase, point: &InjectionPoint, text: &str) -> Vec<String> {
    let set = Edit::SetText { at: point.locator.clone(), text: text.to_owned() };
    let case = TestCase { edits: vec![set], ..case.clone() };
    facts::wrong(case.seed.source, &case.render().event)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(support::cases()) })]

    #[test]
    fn texts_that_points_let_through_keep_the_rules_of_aws(
        (at, text) in (0..POINTS.len()).prop_flat_map(|at| (Just(at), text(POINTS[at].1.max_bytes))),
    ) {
        let (case, point) = &POINTS[at];
        let wrong = wrong(case, point, &text);
        prop_assert!(wrong.is_empty(), "{} {point} {:?} {text:.80?}: {wrong:?}", case.seed.source.id(), point.charset);
    }
}

/// Every edge at one point of each kind: what the random texts might miss.
#[test]
fn edges_at_every_kind_of_point_keep_the_rules_of_aws() {
    let mut kinds = BTreeSet::new();
    let mut broken = BTreeSet::new();
    for (case, point) in POINTS.iter() {
        let source: EventSource = case.seed.source;
        if !kinds.insert((source, format!("{:?}", point.charset), point.max_bytes, point.locator.is_name())) {
            continue;
        }
        // Megabytes take long: one unit is enough.
        let units = if point.max_bytes > SHORT { &UNITS[..1] } else { &UNITS[..] };
        let full = units.iter().flat_map(|unit| [0, 1].map(|more| filled(unit, point.max_bytes + more)));
        let texts = EDGES.iter().chain(&NUMBERS).map(|it| (*it).to_owned()).chain(full);
        for text in texts {
            for what in wrong(case, point, &text) {
                broken.insert(format!("{} {point} {text:.40?}: {what:.200}", source.id()));
            }
        }
    }
    assert!(kinds.len() > 20, "only {} kinds of points", kinds.len());
    assert!(broken.is_empty(), "{}", broken.into_iter().collect::<Vec<String>>().join("\n"));
}
