//! What a random edit can be.

use std::sync::Arc;

use super::{
    EditTemplate, MAX_EDITS, Material,
    boundary::Limits,
    draw::{Dice, Draw, Scripts, one_of},
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

/// How large an object is said to be.
const SIZES: [u64; 5] = [0, 1, 1_024, 5 << 20, 5 << 30];

type Template = Draw<EditTemplate>;

/// Scripts in which about half of the kinds of edits occur: a script that does a bit of
/// everything hides what one kind could show (swarm testing).
pub(super) fn script(seed: &Seed, points: &[InjectionPoint], material: &Material<'_>) -> Scripts {
    let kinds = kinds(seed, points, material);
    Scripts::new(move |dice| {
        let length = match dice.below(10) {
            0..=5 => dice.between(1, 4),
            6..=8 => dice.between(4, 9),
            _ => dice.between(9, MAX_EDITS + 1),
        };
        // A bit for each kind.
        let mask = dice.next();
        let mut drawn = [0; MAX_EDITS];
        let drawn = &mut drawn[..length];
        for kind in drawn.iter_mut() {
            *kind = dice.weighted(kinds.iter().map(|(weight, _)| *weight));
        }
        let is_chosen = |kind: &usize| mask >> (kind % 64) & 1 == 1;
        let all = !drawn.iter().any(is_chosen);
        let chosen = drawn.iter().filter(|kind| all || is_chosen(kind));
        chosen.map(|kind| kinds[*kind].1(dice)).collect()
    })
}

/// One edit of any kind.
pub(super) fn edit(seed: &Seed, points: &[InjectionPoint], material: &Material<'_>) -> Template {
    one_of(kinds(seed, points, material))
}

/// An edit that is made of what was drawn.
fn edit_of(draw: impl Fn(&mut Dice) -> Edit + Send + Sync + 'static) -> Template {
    Arc::new(move |dice| EditTemplate::Edit(draw(dice)))
}

fn kinds(seed: &Seed, points: &[InjectionPoint], material: &Material<'_>) -> Vec<(u32, Template)> {
    let lexicon = material.lexicon;
    let mut kinds: Vec<(u32, Template)> = Vec::new();
    let locators = |keep: &dyn Fn(&InjectionPoint) -> bool| -> Vec<Locator> {
        points.iter().filter(|it| keep(it)).map(|it| it.locator.clone()).collect()
    };
    let data = locators(&|it| it.role == Role::Data && !it.locator.is_name());
    let routing = locators(&|it| it.role == Role::Routing && !it.locator.is_name());
    let names = locators(&|it| it.locator.is_name());
    for (weight, places) in [(8, data), (2, routing), (1, names)] {
        kinds.extend(plant(places, lexicon, material.classes).map(|it| (weight, it)));
    }
    let values: Arc<[Locator]> = locators(&|it| !it.locator.is_name()).into();
    if !values.is_empty() {
        let (places, text) = (values.clone(), text(material));
        let set = move |dice: &mut Dice| Edit::SetText { at: dice.pick(&places).clone(), text: text(dice) };
        kinds.push((6, edit_of(set)));
        kinds.push((2, edit_of(move |dice| Edit::Remove { at: dice.pick(&values).clone() })));
    }
    if !points.is_empty() {
        let limits: Vec<Limits> = points.iter().map(Limits::of).collect();
        let edge = move |dice: &mut Dice| {
            let (limits, any) = (dice.pick(&limits), dice.next());
            Edit::SetText { text: limits.text(any as u8, (any >> 8) as u16), at: limits.at.clone() }
        };
        kinds.push((2, edit_of(edge)));
    }
    kinds.extend(nodes(seed, points, lexicon));
    if let Some(place) = added(&seed.wire, lexicon) {
        let text = text(material);
        kinds.push((3, edit_of(move |dice| Edit::Add { at: place(dice), text: text(dice) })));
    }
    kinds.push((2, structure(&seed.wire, material)));
    let given = material.values.edits(seed, points);
    if !given.is_empty() {
        kinds.push((6, edit_of(move |dice| dice.pick(&given).clone())));
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
    let set = |places: Vec<Locator>, node: Draw<Node>| {
        edit_of(move |dice| Edit::SetNode { at: dice.pick(&places).clone(), node: node(dice) })
    };
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
        kinds.push((4, set(all, value())));
    }
    if !texts.is_empty() {
        kinds.push((2, set(texts, raw(lexicon.names()))));
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
    // In a tree a value with something around it is a text: here one that somebody may parse once more.
    let list = Frame { before: "[".to_owned(), after: "]".to_owned() };
    let around: Draw<Frame> =
        Arc::new(move |dice| if dice.below(3) == 0 { list.clone() } else { Frame::none() });
    let mut payloads: Vec<(u32, Draw<(PayloadId, Frame)>)> = Vec::new();
    for (weight, list, frame) in [
        (weights[0], texts, frame(lexicon)),
        (weights[1], values, around),
        (weights[2], names, Arc::new(|_: &mut Dice| Frame::none())),
    ] {
        if weight > 0 && !list.is_empty() {
            payloads.push((weight, Arc::new(move |dice| (dice.pick(&list).clone(), frame(dice)))));
        }
    }
    if payloads.is_empty() {
        return None;
    }
    let payload = one_of(payloads);
    Some(Arc::new(move |dice| {
        let at = dice.pick(&places).clone();
        let (payload, frame) = payload(dice);
        EditTemplate::Plant { at, payload, frame }
    }))
}

fn frame(lexicon: &Lexicon) -> Draw<Frame> {
    let short = lexicon.literals().iter().filter(|it| it.len() <= 16).cloned();
    let mut around: Vec<String> = short.collect();
    around.extend([String::new(), "a".to_owned(), "1".to_owned()]);
    Arc::new(move |dice| {
        let side = |dice: &mut Dice| match dice.below(5) {
            0..=2 => String::new(),
            _ => dice.pick(&around).clone(),
        };
        Frame { before: side(dice), after: side(dice) }
    })
}

/// Places for leaves that the seed event does not have.
fn added(wire: &Wire, lexicon: &Lexicon) -> Option<Draw<Locator>> {
    let mut names: Vec<String> = lexicon.names().to_vec();
    names.extend(NAMES.map(str::to_owned));
    let names: Arc<[String]> = names.into();
    let known = names.clone();
    let path = move |dice: &mut Dice| {
        let steps = (0..dice.between(1, 4)).map(|_| Step::Member { name: dice.pick(&known).clone(), nth: 0 });
        Path(steps.collect())
    };
    Some(match wire {
        Wire::Http(_) => Arc::new(move |dice| {
            let name = dice.pick(&names);
            match dice.below(6) {
                0 => Locator::query(name, 0),
                1 => Locator::Query { name: name.clone(), nth: 0, path: in_json(path(dice)) },
                2 => Locator::header(name, 0),
                3 => Locator::cookie(name),
                4 => Locator::Body { path: Path::root().open(Codec::Form).member(name) },
                _ => Locator::Body { path: in_json(path(dice)) },
            }
        }),
        Wire::Sqs(batch) => {
            let records = batch.messages.len().max(1);
            Arc::new(move |dice| {
                let record = dice.below(records);
                match dice.below(2) {
                    0 => Locator::Message { record, path: in_json(path(dice)) },
                    _ => Locator::message_attribute(record, dice.pick::<String>(&names)),
                }
            })
        }
        Wire::DynamoDb(batch) => {
            let records = batch.writes.len().max(1);
            Arc::new(move |dice| {
                let image = *dice.pick(&[Image::New, Image::Old]);
                Locator::Attribute { record: dice.below(records), image, path: path(dice) }
            })
        }
        Wire::Event(event) => {
            // What is added to an event itself is no longer one of its source: below the texts and objects that are a sender's.
            let mut roots: Vec<Path> = event.objects();
            roots.truncate(16);
            if roots.is_empty() {
                return None;
            }
            Arc::new(move |dice| {
                let mut at = dice.pick(&roots).clone();
                at.0.extend(path(dice).0);
                Locator::Json { path: at }
            })
        }
        Wire::S3(_) => return None,
    })
}

/// Edits that belong to one kind of sender.
fn structure(wire: &Wire, material: &Material<'_>) -> Template {
    match wire {
        Wire::Http(_) => {
            let mut paths: Vec<String> = material.lexicon.paths().to_vec();
            paths.extend(["/", "//", "/a/", "/a%2fb", "/\u{fc}"].map(str::to_owned));
            let text = text(material);
            edit_of(move |dice| match dice.below(7) {
                0 => Edit::Method((*dice.pick(&METHODS)).to_owned()),
                1 => Edit::Path(dice.pick(&paths).clone()),
                2 => Edit::ContentType((*dice.pick(&CONTENT_TYPES)).to_owned()),
                3 => Edit::DropBody,
                4 => Edit::DropQuery,
                5 => Edit::DropHeaders,
                _ => Edit::SetText { at: Locator::Body { path: Path::root() }, text: text(dice) },
            })
        }
        Wire::S3(_) => edit_of(|dice| match dice.below(3) {
            0 => Edit::EventName(*dice.pick(&S3EventName::ALL)),
            1 => Edit::Size(*dice.pick(&SIZES)),
            _ => Edit::Versioned(dice.below(2) == 0),
        }),
        Wire::Sqs(batch) => {
            let (records, text) = (batch.messages.len().max(1), text(material));
            edit_of(move |dice| {
                let record = dice.below(records);
                match dice.below(4) {
                    0 => Edit::DuplicateRecord { record },
                    1 => Edit::RemoveRecord { record },
                    2 => Edit::ReceiveCount { record, count: *dice.pick(&[2, 3, 4, 5]) },
                    _ => {
                        let at = Locator::Message { record, path: Path::root() };
                        Edit::SetText { at, text: text(dice) }
                    }
                }
            })
        }
        Wire::DynamoDb(batch) => {
            let (records, has_window) = (batch.writes.len().max(1), batch.window.is_some());
            edit_of(move |dice| {
                if has_window && dice.below(4) == 0 {
                    return Edit::WindowPhase(*dice.pick(&Phase::ALL));
                }
                let record = dice.below(records);
                match dice.below(4) {
                    0 => Edit::DuplicateRecord { record },
                    1 => Edit::RemoveRecord { record },
                    2 => Edit::Operation { record, operation: *dice.pick(&Operation::ALL) },
                    _ => Edit::ViewType(*dice.pick(&ViewType::ALL)),
                }
            })
        }
        Wire::Event(_) => {
            let value = value();
            edit_of(move |dice| Edit::SetNode { at: Locator::Json { path: Path::root() }, node: value(dice) })
        }
    }
}

/// The place in a text of JSON.
fn in_json(mut path: Path) -> Path {
    path.0.insert(0, Step::Open(Codec::Json));
    path
}
