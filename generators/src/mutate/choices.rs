//! What a random edit can be.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::{BoxedStrategy, Union},
};

use super::{
    EditTemplate, MAX_EDITS, Material,
    boundary::Limits,
    splice,
    texts::{NAMES, raw, text, value},
};
use crate::{
    case::Seed,
    codec::Codec,
    edit::{Edit, Frame, PayloadId},
    lexicon::Lexicon,
    payload::{Form, Payload, PayloadClass},
    point::{Image, InjectionPoint, Locator, Path, Role, Step},
    pool::places,
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

type Template = BoxedStrategy<EditTemplate>;

/// Scripts in which about half of the kinds of edits occur: a script that does a bit of
/// everything hides what one kind could show (swarm testing).
pub(super) fn script(
    seed: &Seed,
    points: &[InjectionPoint],
    material: &Material<'_>,
) -> impl Strategy<Value = Vec<EditTemplate>> + use<> {
    let kinds = kinds(seed, points, material);
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
    material: &Material<'_>,
) -> BoxedStrategy<EditTemplate> {
    Union::new_weighted(kinds(seed, points, material)).boxed()
}

fn kinds(seed: &Seed, points: &[InjectionPoint], material: &Material<'_>) -> Vec<(u32, Template)> {
    let lexicon = material.lexicon;
    let mut kinds: Vec<(u32, Template)> = Vec::new();
    let locators = |keep: &dyn Fn(&InjectionPoint) -> bool| -> Vec<Locator> {
        points.iter().filter(|it| keep(it)).map(|it| it.locator.clone()).collect()
    };
    let plain = |edit: Edit| EditTemplate::Edit(edit);
    let data = locators(&|it| it.role == Role::Data && !it.locator.is_name());
    let routing = locators(&|it| it.role == Role::Routing && !it.locator.is_name());
    let names = locators(&|it| it.locator.is_name());
    for (weight, places) in [(8, data), (2, routing), (1, names)] {
        kinds.extend(plant(places, lexicon, material.classes).map(|it| (weight, it)));
    }
    let values = locators(&|it| !it.locator.is_name());
    if !values.is_empty() {
        let set = (select(values.clone()), text(material))
            .prop_map(move |(at, text)| plain(Edit::SetText { at, text }));
        kinds.push((6, set.boxed()));
        let remove = select(values).prop_map(move |at| plain(Edit::Remove { at }));
        kinds.push((2, remove.boxed()));
    }
    if !points.is_empty() {
        let limits: Vec<Limits> = points.iter().map(Limits::of).collect();
        let edge = (select(limits), any::<u8>(), any::<u16>()).prop_map(move |(limits, kind, choice)| {
            plain(Edit::SetText { text: limits.text(kind, choice), at: limits.at })
        });
        kinds.push((2, edge.boxed()));
    }
    kinds.extend(nodes(seed, points, lexicon));
    if let Some(places) = added(&seed.wire, lexicon) {
        let add = (places, text(material)).prop_map(move |(at, text)| plain(Edit::Add { at, text }));
        kinds.push((3, add.boxed()));
    }
    kinds.push((2, structure(&seed.wire, material)));
    let given = material.values.edits(seed, points);
    if !given.is_empty() {
        kinds.push((6, select(given).prop_map(plain).boxed()));
    }
    let words = material.dictionary;
    kinds.extend(splice::inserted(seed, points, words.texts()).map(|it| (3, it)));
    kinds.extend(splice::bytes(seed, points, words.bytes()).map(|it| (2, it)));
    kinds.extend(splice::extended(points, material).map(|it| (2, it)));
    kinds.extend(splice::splice(seed, points, material.pool).map(|it| (4, it)));
    kinds
}

/// Values in the places of others: any JSON, and inside a text also what is none.
fn nodes(seed: &Seed, points: &[InjectionPoint], lexicon: &Lexicon) -> Vec<(u32, Template)> {
    let plain = |(at, node): (Locator, Node)| EditTemplate::Edit(Edit::SetNode { at, node });
    let leaves = seed.wire.leaves();
    let may = |at: &Locator| at.inside().is_some() && leaves.may_change(seed.source, at);
    let all: Vec<Locator> = places(points).into_iter().filter(may).collect();
    let mut kinds = Vec::new();
    // What Lambda hands over is JSON for certain; what a text in it holds is the sender's affair.
    let is_text = |at: &&Locator| match at {
        Locator::Json { path } | Locator::Attribute { path, .. } | Locator::Authorizer { path } => {
            path.0.iter().any(|step| matches!(step, Step::Open(_)))
        }
        _ => true,
    };
    let texts: Vec<Locator> = all.iter().filter(is_text).cloned().collect();
    if !all.is_empty() {
        kinds.push((4, (select(all), value().prop_map(Node::from)).prop_map(plain).boxed()));
    }
    if !texts.is_empty() {
        kinds.push((2, (select(texts), raw(lexicon.names())).prop_map(plain).boxed()));
    }
    kinds
}

/// Payloads at places of one kind. `None` if there are no places, or no payloads for them.
fn plant(places: Vec<Locator>, lexicon: &Lexicon, classes: &[PayloadClass]) -> Option<Template> {
    let is_name = places.first()?.is_name();
    let of = |form: &dyn Fn(Form) -> bool| -> Vec<PayloadId> {
        let all = classes.iter().flat_map(|it| Payload::of_class(*it));
        all.filter(|it| form(it.form)).map(PayloadId::from).collect()
    };
    let texts = of(&|form| matches!(form, Form::Text | Form::Bytes));
    let values = of(&|form| form == Form::Json);
    let names = of(&|form| form == Form::Name);
    // A name is at home in a name; setters take paths of names from values as well. A value is none.
    let (texts_count, values_count) = (texts.len() as u32, values.len() as u32);
    let names_count = names.len() as u32;
    let weights = match is_name {
        true => [texts_count.min(names_count).max(u32::from(names.is_empty())), 0, 2 * names_count],
        false => [texts_count, values_count, names_count.div_ceil(2)],
    };
    let list = Frame { before: "[".to_owned(), after: "]".to_owned() };
    // In a tree a value with something around it is a text: here one that somebody may parse once more.
    let around = prop_oneof![2 => Just(Frame::none()), 1 => Just(list)].boxed();
    let mut payloads: Vec<(u32, BoxedStrategy<(PayloadId, Frame)>)> = Vec::new();
    for (weight, list, frame) in [
        (weights[0], texts, frame(lexicon)),
        (weights[1], values, around),
        (weights[2], names, Just(Frame::none()).boxed()),
    ] {
        if weight > 0 && !list.is_empty() {
            payloads.push((weight, (select(list), frame).boxed()));
        }
    }
    if payloads.is_empty() {
        return None;
    }
    let planted = (select(places), Union::new_weighted(payloads))
        .prop_map(|(at, (payload, frame))| EditTemplate::Plant { at, payload, frame });
    Some(planted.boxed())
}

fn frame(lexicon: &Lexicon) -> BoxedStrategy<Frame> {
    let short = lexicon.literals().iter().filter(|it| it.len() <= 16).cloned();
    let mut around: Vec<String> = short.collect();
    around.extend([String::new(), "a".to_owned(), "1".to_owned()]);
    let side = prop_oneof![3 => Just(String::new()), 2 => select(around)];
    (side.clone(), side).prop_map(|(before, after)| Frame { before, after }).boxed()
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
fn structure(wire: &Wire, material: &Material<'_>) -> Template {
    let lexicon = material.lexicon;
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
                text(material)
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
                (record, text(material)).prop_map(|(record, text)| {
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
