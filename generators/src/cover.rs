//! The structural cases of an event: what is missing, null, empty, of another type, once more or of another kind.
//!
//! One edit each, in an order that depends on nothing but the seed event and the function's words: what a sender can do first,
//! then what nobody may be able to do; what the function reads first. `grade` tells which of them somebody can make.

mod multipart;

use serde_json::{Value, json};

use crate::{
    case::Seed,
    codec::Codec,
    edit::Edit,
    lexicon::Lexicon,
    mutate::{EditTemplate, Scripts},
    point::{Locator, Path},
    raw::{JsonType, RawChange, RawEdit, children, unescape},
    source::EventSource,
    tree::{Node, Step},
    wire::{
        Wire,
        dynamodb::{Operation, Phase, ViewType},
        s3::S3EventName,
    },
};

/// Places of one seed event that a sender controls. Others follow by chance, in random scripts.
const MAX_PLACES: usize = 24;
/// Leaves among which these are looked for.
const MAX_LEAVES: usize = 200;
/// Places of one event. AWS sets some sixty in an API's; given events can have a hundred thousand.
const MAX_RAW_PLACES: usize = 128;
/// Random changes behind the sender's back, in one script.
const MAX_RANDOM: usize = 3;

/// What the sender of `seed` can do to its structure, most telling first.
pub fn sendable(seed: &Seed, lexicon: &Lexicon) -> Vec<Edit> {
    let mut edits = kinds(&seed.wire);
    edits.extend(bad_encodings(seed));
    edits.extend(multipart::malformed(seed));
    let mut places = places(seed);
    places.sort_by_key(|place| rank(&place.names, lexicon));
    places.truncate(MAX_PLACES);
    // What is read first, and of each place what tells most.
    let mut changes: Vec<(usize, Edit)> = Vec::new();
    for place in places {
        let rank = rank(&place.names, lexicon);
        let what = place.changes().into_iter();
        changes.extend(what.map(|(order, edit)| (rank + order, edit)));
    }
    changes.sort_by_key(|(order, _)| *order);
    edits.extend(changes.into_iter().map(|(_, edit)| edit));
    edits
}

/// A leaf that a sender controls, or what holds leaves.
struct Place {
    /// The names that lead there.
    names: Vec<String>,
    at: Locator,
    /// What the text is, if it holds another one's leaves.
    opened: Option<Codec>,
}

impl Place {
    /// What a sender can do to it, and how much that tells; 0 is most.
    fn changes(&self) -> Vec<(usize, Edit)> {
        let at = || self.at.clone();
        let mut changes = vec![(0, Edit::Remove { at: at() })];
        // What an authorizer hands on are texts: it is no tree of a sender's.
        if self.at.inside().is_none() || matches!(self.at, Locator::Authorizer { .. }) {
            changes.push((1, Edit::SetText { at: at(), text: String::new() }));
            return changes;
        }
        let mut set = |order, node| changes.push((order, Edit::SetNode { at: at(), node }));
        if let Some(text) = self.opened.and_then(unreadable) {
            set(0, Node::text(text));
        }
        for (order, value) in [
            (1, json!(null)),
            (1, json!("")),
            (2, json!([])),
            (2, json!({})),
            (2, json!(1)),
            (3, json!(["a"])),
        ] {
            set(order, Node::from(value));
        }
        changes
    }
}

/// A text that is none of this format, where readers are strict.
fn unreadable(codec: Codec) -> Option<&'static str> {
    match codec {
        Codec::Json => Some("{"),
        Codec::Xml => Some("<a>"),
        _ => None,
    }
}

/// Half of an encoded character and half of an encoded byte: `decodeURIComponent` throws, other decoders leave it as it is.
const BAD_ENCODING: &str = "a%c3%";

/// Where nothing is decoded on the way, what no decoder understands arrives as well: in each value of a query once. That a load
/// balancer does so is known (dougmoscrop/serverless-http and its kin failed on it); of VPC Lattice no capture shows it.
fn bad_encodings(seed: &Seed) -> Vec<Edit> {
    let is_as_sent = matches!(seed.source, EventSource::Alb | EventSource::AlbMulti);
    let is_query = |at: &Locator| matches!(at, Locator::Query { path, .. } if path.is_root());
    let places = seed.wire.leaves().locators(seed.source).into_iter().filter(is_query).take(MAX_PLACES);
    let node = || Node::Raw(BAD_ENCODING.to_owned());
    let edits = places.map(|at| Edit::SetNode { at, node: node() });
    if is_as_sent { edits.collect() } else { Vec::new() }
}

/// What can be changed in the event of `seed` behind its sender's back, most telling first.
pub fn raw(seed: &Seed, lexicon: &Lexicon) -> Vec<RawEdit> {
    let event = seed.event();
    let mut edits: Vec<((usize, bool, usize), RawEdit)> = Vec::new();
    for at in pointers(&event) {
        let names: Vec<String> = at.split('/').skip(1).filter(|it| !is_index(it)).map(unescape).collect();
        // What is at the top is what all code goes through, packages as well.
        let (rank, is_deep) = (rank(&names, lexicon), names.len() > 1);
        let changes = event.pointer(&at).map(changes).unwrap_or_default().into_iter().enumerate();
        edits.extend(
            changes.map(|(order, change)| ((rank, is_deep, order), RawEdit { at: at.clone(), change })),
        );
    }
    edits.sort_by_key(|(order, _)| *order);
    edits.into_iter().map(|(_, edit)| edit).collect()
}

/// Scripts of one to three random changes behind the sender's back.
pub fn raw_script(seed: &Seed) -> Scripts {
    let event = seed.event();
    let all = pointers(&event).into_iter().flat_map(|at| {
        let changes = event.pointer(&at).map(changes).unwrap_or_default();
        changes.into_iter().map(move |change| RawEdit { at: at.clone(), change }).collect::<Vec<_>>()
    });
    let all: Vec<RawEdit> = all.collect();
    Scripts::new(move |dice| {
        let edits = (0..dice.between(1, MAX_RANDOM + 1)).map(|_| Edit::Raw(dice.pick(&all).clone()));
        edits.map(EditTemplate::Edit).collect()
    })
}

/// The edits of a whole request or batch.
fn kinds(wire: &Wire) -> Vec<Edit> {
    match wire {
        Wire::Http(_) => vec![Edit::DropBody, Edit::DropQuery, Edit::DropHeaders],
        Wire::S3(_) => {
            let names = S3EventName::ALL.into_iter().map(Edit::EventName);
            names.chain([Edit::Size(0), Edit::Versioned(true)]).collect()
        }
        Wire::Sqs(_) => vec![
            Edit::DuplicateRecord { record: 0 },
            Edit::RemoveRecord { record: 0 },
            Edit::ReceiveCount { record: 0, count: 2 },
        ],
        Wire::DynamoDb(batch) => {
            let operations = Operation::ALL.into_iter();
            let mut edits: Vec<Edit> =
                operations.map(|operation| Edit::Operation { record: 0, operation }).collect();
            edits.extend(ViewType::ALL.into_iter().map(Edit::ViewType));
            if batch.window.is_some() {
                edits.extend(Phase::ALL.into_iter().map(Edit::WindowPhase));
            }
            edits.extend([Edit::DuplicateRecord { record: 0 }, Edit::RemoveRecord { record: 0 }]);
            edits
        }
        Wire::Event(_) => Vec::new(),
    }
}

/// The leaves that a sender controls and what holds them. Of a batch, the first record stands for all.
fn places(seed: &Seed) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for leaf in seed.wire.leaves().locators(seed.source).into_iter().take(MAX_LEAVES) {
        if leaf.is_name() || leaf.record().is_some_and(|record| record > 0) {
            continue;
        }
        let point = seed.wire.point(seed.source, &leaf).map(|point| point.path().to_owned());
        let outer = point.as_deref().and_then(|it| it.split('»').next()).unwrap_or_default();
        let outer: Vec<String> = outer.split('/').skip(1).filter(|it| !is_index(it)).map(unescape).collect();
        let mut next = Some((leaf, None));
        while let Some((at, opened)) =
            next.take().filter(|(at, _)| !places.iter().any(|known| known.at == *at))
        {
            // Without a name of its own it is what the text around it is for the function.
            let names = at.inside().map(names).filter(|it| !it.is_empty());
            next = holder(&at);
            places.push(Place { names: names.unwrap_or_else(|| outer.clone()), at, opened });
        }
    }
    places
}

/// What holds a place in a tree, in the same text, and the format if it is a text for itself.
fn holder(at: &Locator) -> Option<(Locator, Option<Codec>)> {
    if let Locator::Authorizer { .. } = at {
        return None;
    }
    let (last, parents) = at.inside()?.0.split_last()?;
    let opened = match last {
        Step::Open(codec) => Some(*codec),
        Step::Member { .. } | Step::Element(_) => None,
    };
    Some((at.with_inside(Path(parents.to_vec())), opened))
}

fn names(path: &Path) -> Vec<String> {
    let name = |step: &Step| match step {
        Step::Member { name, .. } => Some(name.clone()),
        Step::Element(_) | Step::Open(_) => None,
    };
    path.0.iter().filter_map(name).collect()
}

/// How likely it is that the function reads what these names lead to; 0 is best.
fn rank(names: &[String], lexicon: &Lexicon) -> usize {
    // The event as a whole: what the function does without it is the least that one wants to know.
    let Some((last, parents)) = names.split_last() else { return 3 };
    let reads = |chain: &Vec<String>| {
        let mut steps = chain.iter().enumerate();
        steps.any(|(depth, name)| {
            name == last && (depth == 0 || parents.last().is_none_or(|parent| *parent == chain[depth - 1]))
        })
    };
    if lexicon.chains().iter().any(reads) {
        0
    } else if lexicon.mentions(last) {
        1
    } else {
        2
    }
}

/// Pointers to the event and what is in it, outermost first. Of a list, the first element stands for all.
fn pointers(event: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut next = 0;
    while next < all.len() && all.len() < MAX_RAW_PLACES {
        let value = event.pointer(&all[next]).unwrap_or(&Value::Null);
        let mut below = children(&all[next], value);
        if value.is_array() {
            below.truncate(1);
        }
        all.extend(below);
        next += 1;
    }
    all.truncate(MAX_RAW_PLACES);
    all
}

/// What can become of `value`, most telling first: code expects that something is there, and of one type.
fn changes(value: &Value) -> Vec<RawChange> {
    let types: &[JsonType] = match value {
        Value::Null => return vec![RawChange::Remove],
        Value::String(_) => &[JsonType::Number, JsonType::Object, JsonType::List],
        Value::Number(_) | Value::Bool(_) => &[JsonType::Text],
        Value::Array(_) => &[JsonType::Object, JsonType::Text],
        Value::Object(_) => &[JsonType::List, JsonType::Text],
    };
    let mut changes = vec![RawChange::Remove, RawChange::Null, RawChange::Empty];
    changes.extend(types.iter().map(|it| RawChange::Retype(*it)));
    changes
}

fn is_index(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
