//! What a random edit can be.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::{BoxedStrategy, Union},
};
use serde_json::{Value, json};

use super::{EditTemplate, MAX_EDITS};
use crate::{
    case::Seed,
    codec::Codec,
    edit::{Edit, Frame, PayloadId},
    lexicon::Lexicon,
    payload::{Payload, PayloadClass},
    point::{Image, InjectionPoint, Locator, Path, Role},
    tree::Node,
    wire::{
        Wire,
        dynamodb::{Operation, Phase, ViewType},
        http::METHODS,
        s3::S3EventName,
    },
};

/// Content types that make readers take different ways.
const CONTENT_TYPES: [&str; 8] = [
    "application/json",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/xml",
    "application/octet-stream",
    "multipart/form-data; boundary=evfuzz",
    "application/vnd.api+json",
];

/// Texts that upset code which did not expect them. None of them does anything by itself.
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
const NAMES: [&str; 5] = ["__proto__", "constructor", "length", "toString", "__class__"];

type Template = BoxedStrategy<EditTemplate>;

/// Scripts in which about half of the kinds of edits occur: a script that does a bit of
/// everything hides what one kind could show (swarm testing).
pub(super) fn script(
    seed: &Seed,
    points: &[InjectionPoint],
    lexicon: &Lexicon,
    classes: &[PayloadClass],
) -> impl Strategy<Value = Vec<EditTemplate>> + use<> {
    let kinds = kinds(seed, points, lexicon, classes);
    let count = kinds.len();
    let edit = Union::new_weighted(
        kinds
            .into_iter()
            .enumerate()
            .map(|(kind, (weight, it))| (weight, it.prop_map(move |edit| (kind, edit)).boxed()))
            .collect(),
    );
    let length = prop_oneof![6 => 1..=3_usize, 3 => 4..=8_usize, 1 => 9..=MAX_EDITS];
    let edits = length.prop_flat_map(move |length| vec(edit.clone(), length));
    (edits, vec(any::<bool>(), count)).prop_map(|(edits, mask)| {
        let chosen: Vec<EditTemplate> =
            edits.iter().filter(|(kind, _)| mask[*kind]).map(|(_, it)| it.clone()).collect();
        if chosen.is_empty() { edits.into_iter().map(|(_, it)| it).collect() } else { chosen }
    })
}

/// One edit of any kind.
pub(super) fn edit(
    seed: &Seed,
    points: &[InjectionPoint],
    lexicon: &Lexicon,
    classes: &[PayloadClass],
) -> BoxedStrategy<EditTemplate> {
    Union::new_weighted(kinds(seed, points, lexicon, classes)).boxed()
}

fn kinds(
    seed: &Seed,
    points: &[InjectionPoint],
    lexicon: &Lexicon,
    classes: &[PayloadClass],
) -> Vec<(u32, Template)> {
    let mut kinds: Vec<(u32, Template)> = Vec::new();
    let locators = |keep: &dyn Fn(&InjectionPoint) -> bool| -> Vec<Locator> {
        points.iter().filter(|it| keep(it)).map(|it| it.locator.clone()).collect()
    };
    let plain = |edit: Edit| EditTemplate::Edit(edit);
    let data = locators(&|it| it.role == Role::Data);
    let routing = locators(&|it| it.role == Role::Routing);
    for (weight, places) in [(8, data), (2, routing)] {
        if !places.is_empty() {
            kinds.push((weight, plant(places, lexicon, classes)));
        }
    }
    let values = locators(&|it| !it.locator.is_name());
    if !values.is_empty() {
        let set = (select(values.clone()), text(lexicon))
            .prop_map(move |(at, text)| plain(Edit::SetText { at, text }));
        kinds.push((6, set.boxed()));
        let remove = select(values).prop_map(move |at| plain(Edit::Remove { at }));
        kinds.push((2, remove.boxed()));
    }
    let json: Vec<Locator> = locators(&|it| !it.locator.is_name() && it.locator.inside().is_some());
    if !json.is_empty() {
        let set = (select(with_parents(&json)), value())
            .prop_map(move |(at, value)| plain(Edit::SetNode { at, node: Node::from(value) }));
        kinds.push((4, set.boxed()));
    }
    if let Some(places) = added(&seed.wire, lexicon) {
        let add = (places, text(lexicon)).prop_map(move |(at, text)| plain(Edit::Add { at, text }));
        kinds.push((3, add.boxed()));
    }
    kinds.push((2, structure(&seed.wire, lexicon)));
    kinds
}

fn plant(places: Vec<Locator>, lexicon: &Lexicon, classes: &[PayloadClass]) -> Template {
    let payloads: Vec<PayloadId> =
        classes.iter().flat_map(|it| Payload::of_class(*it)).map(PayloadId::from).collect();
    (select(places), select(payloads), frame(lexicon))
        .prop_map(|(at, payload, frame)| EditTemplate::Plant { at, payload, frame })
        .boxed()
}

fn frame(lexicon: &Lexicon) -> BoxedStrategy<Frame> {
    let short = lexicon.literals().iter().filter(|it| it.len() <= 16).cloned();
    let mut around: Vec<String> = short.collect();
    around.extend([String::new(), "a".to_owned(), "1".to_owned()]);
    let side = prop_oneof![3 => Just(String::new()), 2 => select(around)];
    (side.clone(), side).prop_map(|(before, after)| Frame { before, after }).boxed()
}

fn text(lexicon: &Lexicon) -> BoxedStrategy<String> {
    let mut known: Vec<String> = lexicon.literals().to_vec();
    known.extend(lexicon.names().iter().cloned());
    known.push("a".to_owned());
    prop_oneof![
        4 => select(known),
        3 => select(TEXTS.to_vec()).prop_map(str::to_owned),
        2 => any::<i32>().prop_map(|it| it.to_string()),
        2 => "[ -~]{1,12}",
        1 => any::<String>(),
        1 => repeated(),
    ]
    .boxed()
}

/// Values of every JSON type, and those that operators and merges are made of.
/// Long runs of what regular expressions like to repeat, and an end that makes them try again.
fn repeated() -> impl Strategy<Value = String> {
    let unit = select(vec!["a", " ", "0", "@", "(", "-", "/", ".", "a.", "\t", "[", "\"", "%"]);
    let end = select(vec!["", "!", "x", "\n"]);
    let count = prop_oneof![3 => 20..200_usize, 2 => 200..4_000_usize, 1 => 4_000..40_000_usize];
    (unit, count, end).prop_map(|(unit, count, end)| unit.repeat(count) + end)
}

fn value() -> BoxedStrategy<Value> {
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

/// Places for leaves that the seed event does not have.
fn added(wire: &Wire, lexicon: &Lexicon) -> Option<BoxedStrategy<Locator>> {
    let mut names: Vec<String> = lexicon.names().to_vec();
    names.extend(NAMES.map(str::to_owned));
    let name = select(names.clone());
    let path = vec(select(names), 1..=3)
        .prop_map(|names| names.iter().fold(Path::root(), |path, name| path.member(name)));
    Some(match wire {
        Wire::Http(_) => prop_oneof![
            name.clone().prop_map(|name| Locator::query(&name, 0)),
            (name.clone(), path.clone())
                .prop_map(|(name, path)| Locator::query(&name, 0).with_inside(in_json(&path))),
            name.clone().prop_map(|name| Locator::header(&name, 0)),
            name.clone().prop_map(|name| Locator::cookie(&name)),
            name.prop_map(|name| Locator::Body { path: Path::root().open(Codec::Form).member(&name) }),
            path.prop_map(|path| Locator::Body { path: in_json(&path) }),
        ]
        .boxed(),
        Wire::Sqs(batch) => {
            let record = 0..batch.messages.len().max(1);
            prop_oneof![
                (record.clone(), path)
                    .prop_map(|(record, path)| Locator::Message { record, path: in_json(&path) }),
                (record, name).prop_map(|(record, name)| Locator::message_attribute(record, &name)),
            ]
            .boxed()
        }
        Wire::DynamoDb(batch) => {
            let image = select(vec![Image::New, Image::Old]);
            (0..batch.writes.len().max(1), image, path)
                .prop_map(|(record, image, path)| Locator::Attribute { record, image, path })
                .boxed()
        }
        Wire::Event(event) => {
            // What is added to an event itself is no longer one of its source: below the texts and objects that are a sender's.
            let mut roots: Vec<Path> = event.objects();
            roots.truncate(16);
            if roots.is_empty() {
                return None;
            }
            (select(roots), path)
                .prop_map(|(root, path)| Locator::Json {
                    path: Path(root.0.into_iter().chain(path.0).collect()),
                })
                .boxed()
        }
        Wire::S3(_) => return None,
    })
}

/// Edits that belong to one kind of sender.
fn structure(wire: &Wire, lexicon: &Lexicon) -> Template {
    let edit = match wire {
        Wire::Http(_) => {
            let mut paths: Vec<String> = lexicon.paths().to_vec();
            paths.extend(["/", "//", "/a/", "/a%2fb", "/\u{fc}"].map(str::to_owned));
            prop_oneof![
                select(METHODS.to_vec()).prop_map(|it| Edit::Method(it.to_owned())),
                select(paths).prop_map(Edit::Path),
                select(CONTENT_TYPES.to_vec()).prop_map(|it| Edit::ContentType(it.to_owned())),
                Just(Edit::DropBody),
                Just(Edit::DropQuery),
                Just(Edit::DropHeaders),
                text(lexicon)
                    .prop_map(|text| Edit::SetText { at: Locator::Body { path: Path::root() }, text }),
            ]
            .boxed()
        }
        Wire::S3(_) => prop_oneof![
            select(S3EventName::ALL.to_vec()).prop_map(Edit::EventName),
            select(vec![0, 1, 1_024, 5 << 20, 5 << 30]).prop_map(Edit::Size),
            any::<bool>().prop_map(Edit::Versioned),
        ]
        .boxed(),
        Wire::Sqs(batch) => {
            let record = 0..batch.messages.len().max(1);
            prop_oneof![
                record.clone().prop_map(|record| Edit::DuplicateRecord { record }),
                record.clone().prop_map(|record| Edit::RemoveRecord { record }),
                (record.clone(), 2..=5_u32).prop_map(|(record, count)| Edit::ReceiveCount { record, count }),
                (record, text(lexicon)).prop_map(|(record, text)| {
                    Edit::SetText { at: Locator::Message { record, path: Path::root() }, text }
                }),
            ]
            .boxed()
        }
        Wire::DynamoDb(batch) => {
            let record = 0..batch.writes.len().max(1);
            let any = prop_oneof![
                record.clone().prop_map(|record| Edit::DuplicateRecord { record }),
                record.clone().prop_map(|record| Edit::RemoveRecord { record }),
                (record, select(Operation::ALL.to_vec()))
                    .prop_map(|(record, operation)| Edit::Operation { record, operation }),
                select(ViewType::ALL.to_vec()).prop_map(Edit::ViewType),
            ];
            match batch.window {
                Some(_) => {
                    prop_oneof![3 => any, 1 => select(Phase::ALL.to_vec()).prop_map(Edit::WindowPhase)]
                        .boxed()
                }
                None => any.boxed(),
            }
        }
        Wire::Event(_) => value()
            .prop_map(|value| Edit::SetNode {
                at: Locator::Json { path: Path::root() },
                node: Node::from(value),
            })
            .boxed(),
    };
    edit.prop_map(EditTemplate::Edit).boxed()
}

/// The place in a text of JSON.
fn in_json(path: &Path) -> Path {
    Path(Path::root().open(Codec::Json).0.into_iter().chain(path.0.iter().cloned()).collect())
}

/// All places and the places that hold them.
fn with_parents(places: &[Locator]) -> Vec<Locator> {
    let mut all: Vec<Locator> = Vec::new();
    for place in places {
        let mut next = Some(place.clone());
        while let Some(at) = next.filter(|at| !all.contains(at)) {
            next = parent(&at);
            all.push(at);
        }
    }
    all
}

fn parent(at: &Locator) -> Option<Locator> {
    let (_, parents) = at.inside()?.0.split_last()?;
    Some(at.with_inside(Path(parents.to_vec())))
}
