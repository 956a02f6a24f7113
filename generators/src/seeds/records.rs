//! Seed events of the sources that deliver records: S3, SQS, DynamoDB streams.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    nested::{Texts, written},
    words::{Shape, Words, benign, texts, word},
};
use crate::{
    case::Seed,
    codec::Codec,
    lexicon::{KeyStep, Kind},
    point::{Charset, Locator},
    source::EventSource,
    tree::Node,
    wire::{
        Leaves, Wire,
        dynamodb::{AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation, Phase, Window, attribute::Item},
        nested,
        s3::{S3EventName, S3Operation},
        sqs::{MessageAttribute, SqsBatch, SqsMessage},
    },
};

/// How many kinds of notification are tried because the code names them.
const MAX_NAMED_EVENTS: usize = 3;
/// The shortest beginning of an event's name that says which is meant: `ObjectAcl`.
const MIN_EVENT_NAME: usize = 9;
/// A message has ten attributes at most.
const MAX_ATTRIBUTES: usize = 10;

/// File extensions in the code.
fn extensions<'a>(words: &Words<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let extension = |it: &&str| {
        it.len() <= 8
            && it
                .strip_prefix('.')
                .is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    words.lexicon.literals().iter().map(String::as_str).filter(extension)
}

/// Folders in the code, with the slash.
fn folders<'a>(words: &Words<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let folder =
        |it: &&str| it.len() > 1 && it.ends_with('/') && !it.starts_with('/') && !it.contains([' ', ':']);
    words.lexicon.literals().iter().map(String::as_str).filter(folder)
}

/// The key of an object in the first folder and with the first extension that the code asks for.
pub(super) fn object_key(words: &Words<'_>, index: usize) -> String {
    let folder = folders(words).next().unwrap_or_default();
    format!("{folder}{}{}", word(index), extensions(words).next().unwrap_or(".txt"))
}

pub(super) fn s3(words: &Words<'_>) -> Vec<Seed> {
    let mut extensions = extensions(words);
    let prefixes: Vec<&str> = folders(words).take(2).collect();
    let extension = extensions.next().unwrap_or(".txt");
    let folder = prefixes.first().copied().unwrap_or_default();
    let operation = |event, key: String| S3Operation { event, ..S3Operation::put(&key) };
    let created = S3EventName::CreatedPut;
    let mut operations = vec![
        ("created", operation(created, format!("{folder}{}{extension}", word(0)))),
        ("created-plain", operation(created, word(0))),
    ];
    let key = format!("{folder}{}{extension}", word(0));
    operations.extend(named_events(words).map(|event| ("named", operation(event, key.clone()))));
    if words.lexicon.mentions("versionId") {
        operations
            .push(("created-version", S3Operation { versioned: true, ..operation(created, key.clone()) }));
    }
    if let Some(other) = extensions.next() {
        operations.push(("created-other", operation(created, format!("{folder}{}{other}", word(0)))));
    }
    if let Some(folder) = prefixes.get(1) {
        operations.push(("created-folder", operation(created, format!("{folder}{}{extension}", word(0)))));
    }
    let nested = format!("{folder}{}/{}{extension}", word(1), word(2));
    operations.push(("created-deep", operation(S3EventName::CreatedMultipart, nested)));
    operations
        .push(("copied", operation(S3EventName::CreatedCopy, format!("{folder}{}{extension}", word(3)))));
    operations.push(("removed", operation(S3EventName::RemovedDelete, key.clone())));
    // What a bucket of a stack says about itself, and what nobody did: other members than an upload has.
    let stack = Some("app".to_owned());
    operations
        .push(("created-stack", S3Operation { stack, versioned: true, ..operation(created, key.clone()) }));
    operations.push(("expired", operation(S3EventName::ExpirationDelete, key)));
    let seed = |(name, operation)| Seed::new(name, EventSource::S3, Wire::S3(operation));
    operations.into_iter().map(seed).collect()
}

/// Events that the code asks for by name or by the beginning of it, but for those that are tried anyway.
fn named_events<'a>(words: &'a Words<'_>) -> impl Iterator<Item = S3EventName> + use<'a> {
    let literals = words.lexicon.literals();
    let asked = move |event: &S3EventName| {
        literals.iter().any(|it| {
            let it = it.strip_prefix("s3:").unwrap_or(it);
            let start = it.strip_suffix('*').unwrap_or(it);
            start.len() >= MIN_EVENT_NAME && event.name().starts_with(start)
        })
    };
    let tried = [S3EventName::CreatedPut, S3EventName::CreatedMultipart, S3EventName::CreatedCopy];
    let untried = S3EventName::ALL.into_iter().filter(move |it| !tried.contains(it));
    untried.filter(asked).take(MAX_NAMED_EVENTS)
}

/// Where the body of a message is.
const BODY: [&str; 2] = ["Records", "body"];

pub(super) fn sqs(words: &Words<'_>) -> Vec<Seed> {
    let (written, texts) = written(words, &BODY);
    let written = written.into_iter().map(|(name, _, body)| (name, message(words, json_body(body))));
    let written: Vec<(&str, SqsMessage)> = written.collect();
    let mut bodies = written.iter();
    let mut seeds = match bodies.next().filter(|_| texts == Texts::Service) {
        Some((name, first)) => {
            vec![sqs_seed(name, words, vec![first.clone()]), sqs_seed("batch", words, vec![first.clone(); 3])]
        }
        None => return own_bodies(words, &written),
    };
    seeds.extend(bodies.map(|(name, message)| sqs_seed(name, words, vec![message.clone()])));
    seeds
}

/// What an application could say where only services seem to.
pub(super) fn sqs_of_applications(words: &Words<'_>) -> Vec<Seed> {
    match written(words, &BODY).1 {
        Texts::Service => own_bodies(words, &[]),
        Texts::Anybody => Vec::new(),
    }
}

/// Bodies that an application writes, and among them those that services may write too.
fn own_bodies(words: &Words<'_>, written: &[(&str, SqsMessage)]) -> Vec<Seed> {
    let bodies = words.tails(&[&BODY]);
    let shaped = |words: &Words<'_>, shape| message(words, json_body(words.object(&bodies, shape)));
    let mut seeds = vec![sqs_seed("json", words, vec![shaped(words, Shape::Flat)])];
    if let Some(body) = words.typed_object(&BODY) {
        seeds.push(sqs_seed("json-typed", words, vec![message(words, json_body(body))]));
    }
    seeds.push(sqs_seed("text", words, vec![message(words, Node::text(&word(0)))]));
    seeds.extend(written.iter().map(|(name, message)| sqs_seed(name, words, vec![message.clone()])));
    seeds.push(sqs_seed("json-objects", words, vec![shaped(words, Shape::Objects)]));
    for variant in 1..=2 {
        if let Some(words) = words.variant(variant) {
            let name = format!("gates-{}", variant + 1);
            seeds.push(sqs_seed(&name, &words, vec![shaped(&words, Shape::Objects)]));
        }
    }
    let mut attributed = shaped(words, Shape::Flat);
    attributed.attributes = attributes(words);
    seeds.push(sqs_seed("attributes", words, vec![attributed]));
    seeds.push(sqs_seed("json-arrays", words, vec![shaped(words, Shape::Arrays)]));
    seeds.push(sqs_seed("batch", words, vec![shaped(words, Shape::Flat); 3]));
    seeds
}

fn message(words: &Words<'_>, body: Node) -> SqsMessage {
    let mut message = SqsMessage::new(body);
    if words.lexicon.mentions("messageAttributes") {
        message.attributes = attributes(words);
    }
    if words.lexicon.mentions("MessageGroupId") {
        message.group = Some(word(50));
    }
    if words.lexicon.mentions("MessageDeduplicationId") {
        message.group = Some(word(50));
        message.deduplication = Some(word(51));
    }
    message
}

fn attributes(words: &Words<'_>) -> Vec<(String, MessageAttribute)> {
    let tails = words.tails(&[&["Records", "messageAttributes"]]);
    let mut names = words.names(&tails);
    names.retain(|name| Charset::SqsName.refused(name).is_none());
    names.truncate(MAX_ATTRIBUTES);
    if names.is_empty() && words.lexicon.mentions("messageAttributes") {
        // It reads whatever there is.
        names.push("name");
    }
    let texts = words.texts(&[&["Records", "messageAttributes"]], &names).into_iter();
    texts.map(|(name, value)| (name, MessageAttribute { value, ..MessageAttribute::string("") })).collect()
}

fn sqs_seed(name: &str, words: &Words<'_>, messages: Vec<SqsMessage>) -> Seed {
    let fifo = messages.iter().any(|message| message.deduplication.is_some());
    let mut batch = SqsBatch::new(messages);
    if fifo {
        batch.queue_arn.push_str(".fifo");
    }
    let mut gates = batch.locators(EventSource::Sqs);
    gates.retain(|locator| match locator {
        Locator::Message { path, .. } => words.is_gate(path),
        Locator::MessageAttribute { name, .. } => words.gate(name).is_some(),
        _ => false,
    });
    Seed { name: name.to_owned(), source: EventSource::Sqs, wire: Wire::Sqs(batch), gates }
}

fn json_body(document: Value) -> Node {
    let mut body = Node::json(Node::from(document));
    nested::open(&mut body);
    body
}

pub(super) fn dynamodb(words: &Words<'_>) -> Vec<Seed> {
    let seed = |name: &str, words: &Words<'_>, operation, shape, count| {
        dynamodb_seed(name, words, operation, shaped_item(words, shape), count)
    };
    let mut seeds = vec![seed("insert", words, Operation::Insert, Shape::Flat, 1)];
    if let Some(item) = typed_item(words) {
        seeds.push(dynamodb_seed("typed", words, operation(words), item, 1));
    }
    seeds.extend(windows(words));
    seeds.extend([
        seed("modify", words, Operation::Modify, Shape::Flat, 1),
        seed("remove", words, Operation::Remove, Shape::Flat, 1),
        seed("insert-maps", words, Operation::Insert, Shape::Objects, 1),
        seed("insert-lists", words, Operation::Insert, Shape::Lists, 1),
        dynamodb_seed("types", words, Operation::Modify, every_type(), 1),
    ]);
    if let Some(words) = words.variant(1) {
        seeds.push(seed("gates-2", &words, Operation::Modify, Shape::Flat, 1));
    }
    seeds.push(seed("expire", words, Operation::Expire, Shape::Flat, 1));
    seeds.push(seed("batch", words, Operation::Insert, Shape::Flat, 3));
    seeds
}

/// Batches of a tumbling window, if the code knows of windows: the first, and the last with what the code has returned.
fn windows(words: &Words<'_>) -> Vec<Seed> {
    let tails = words.tails(&[&["state"]]);
    if tails.is_empty() && !words.lexicon.mentions("isFinalInvokeForWindow") {
        return Vec::new();
    }
    let known = words.typed_object(&["state"]).unwrap_or_else(|| json!({}));
    let item = typed_item(words).unwrap_or_else(|| shaped_item(words, Shape::Flat));
    let window = |name: &str, state: Value, phase| {
        let mut seed = dynamodb_seed(name, words, Operation::Insert, item.clone(), 1);
        if let Wire::DynamoDb(batch) = &mut seed.wire {
            batch.window = Some(Window { state: Node::from(state), phase });
        }
        seed
    };
    vec![window("window", json!({}), Phase::Open), window("window-final", known, Phase::Final)]
}

/// An attribute of every type: a function that reads whatever there is meets them all.
fn every_type() -> Item {
    use AttributeValue::{Bool, Bs, L, M, N, Ns, Null, Ss};
    let number = |it: &str| N(it.to_owned());
    let strings = |of: [&str; 2]| of.map(str::to_owned).to_vec();
    let values = [
        AttributeValue::text(&word(10)),
        number("11"),
        AttributeValue::binary(word(11).into_bytes()),
        Bool(true),
        Null,
        Ss(vec![word(12), word(13)]),
        Ns(strings(["11", "2.5"])),
        Bs(strings(["AAEC", "/w=="])),
        L(vec![AttributeValue::text(&word(14)), number("-3"), L(Vec::new())]),
        M(vec![(word(15), AttributeValue::text(&word(16))), (word(17), Null)]),
    ];
    values.into_iter().enumerate().map(|(index, value)| (word(20 + index), value)).collect()
}

/// Where the attributes of a record are.
const IMAGES: [[&str; 3]; 2] = [["Records", "dynamodb", "NewImage"], ["Records", "dynamodb", "OldImage"]];

/// The operation that the code asks for.
fn operation(words: &Words<'_>) -> Operation {
    let named = |literal: &str| words.lexicon.pairs().iter().any(|(n, l)| n == "eventName" && l == literal);
    if !words.lexicon.mentions("NewImage") && words.lexicon.mentions("OldImage") {
        Operation::Remove
    } else if named("MODIFY") && !named("INSERT") {
        Operation::Modify
    } else {
        Operation::Insert
    }
}

/// An item in which every attribute has the type that the code uses it as.
fn typed_item(words: &Words<'_>) -> Option<Item> {
    let tails = IMAGES.iter().flat_map(|image| words.typed_tails(image));
    let tails: Vec<Vec<KeyStep>> = tails.map(untagged).filter(|tail| !tail.is_empty()).collect();
    if tails.is_empty() {
        return None;
    }
    let tails: Vec<&[KeyStep]> = tails.iter().map(Vec::as_slice).collect();
    let mut item = words.typed(&tails);
    for (place, codecs) in decoded_strings(words) {
        let name = place.last().map_or("", String::as_str);
        texts::each(&mut item, &place, &mut |value| {
            let content = Some(value.take()).filter(|it| !it.is_string());
            *value = words.encoded_text(name, place.len(), content, &codecs).to_text().into();
        });
    }
    Some(marshal_object(&item))
}

/// Attributes that hold a text which the code decodes, without type tags, with its formats: `settings.S` and what is below
/// it. Innermost first.
fn decoded_strings(words: &Words<'_>) -> Vec<(Vec<String>, Vec<Codec>)> {
    let mut found: Vec<(Vec<String>, Vec<Codec>)> = Vec::new();
    let mut add = |place: &[String], codecs: &[Codec]| {
        let is_string = place.last().is_some_and(|it| it == "S");
        let place = untyped(place);
        if is_string && !found.iter().any(|(it, _)| *it == place) {
            found.push((place, codecs.to_vec()));
        }
    };
    for image in IMAGES {
        let below = |keys: &[String]| keys.len() > image.len() && keys.iter().zip(image).all(|(a, b)| a == b);
        for (keys, codecs) in words.lexicon.layers().filter(|(keys, _)| below(keys)) {
            add(&keys[image.len()..], codecs);
        }
        for tail in words.tails(&[&image]) {
            let end = tail.iter().skip(1).position(|it| it == "S").map_or(0, |it| it + 2);
            if end > 0 && end < tail.len() {
                add(&tail[..end], &[Codec::Json]);
            }
        }
    }
    found.sort_by_key(|(place, _)| std::cmp::Reverse(place.len()));
    found
}

/// A chain through an image without type tags: each says the kind of what is before it.
fn untagged(tail: &[KeyStep]) -> Vec<KeyStep> {
    let mut steps: Vec<KeyStep> = Vec::new();
    let mut listed = false;
    for (at, step) in tail.iter().enumerate() {
        if at == 0 || !TAGS.contains(&step.name.as_str()) {
            steps.push(step.clone());
            listed = false;
            continue;
        }
        let Some(before) = steps.last_mut() else { continue };
        // What follows `L` is the type of the elements: `list.L[0].M.name.S`.
        if listed {
            continue;
        }
        before.kind = match step.name.as_str() {
            "N" => Kind::Number,
            "BOOL" => Kind::Bool,
            "L" | "SS" | "NS" | "BS" => Kind::List,
            "M" => Kind::Object,
            _ => Kind::Text,
        };
        listed = before.kind == Kind::List;
    }
    steps
}

fn shaped_item(words: &Words<'_>, shape: Shape) -> Item {
    let tails = words.tails(&[&IMAGES[0], &IMAGES[1]]);
    // What is below the text of an attribute is in that text.
    let outside = |tail: &[String]| {
        let text = tail.iter().skip(1).position(|it| it == "S").map_or(tail.len(), |it| it + 2);
        untyped(&tail[..text])
    };
    let untyped: Vec<Vec<String>> = tails.iter().map(|tail| outside(tail)).collect();
    let untyped: Vec<&[String]> = untyped.iter().map(Vec::as_slice).collect();
    // `object` borrows for as long as the lexicon, so the names without tags are put in here.
    let mut item = marshal_object(&words.object(&[], shape));
    for (index, tail) in untyped.iter().enumerate() {
        put(&mut item, tail, words, index);
    }
    for tail in &tails {
        retype(&mut item, tail);
    }
    item
}

fn dynamodb_seed(name: &str, words: &Words<'_>, operation: Operation, mut item: Item, count: usize) -> Seed {
    let keys = key_names(words);
    item.retain(|(name, _)| !keys.contains(name));
    let key = |record: usize| -> Item {
        let keys = keys.iter().enumerate();
        keys.map(|(index, name)| {
            let value = benign(name, 60 + 10 * record + index);
            (name.clone(), AttributeValue::text(&value))
        })
        .collect()
    };
    let old = match operation {
        Operation::Modify => changed(&item, words),
        Operation::Insert => Item::new(),
        Operation::Remove | Operation::Expire => item.clone(),
    };
    let new = match operation {
        Operation::Insert | Operation::Modify => item,
        Operation::Remove | Operation::Expire => Item::new(),
    };
    let write = |record| DynamoDbWrite { operation, keys: key(record), new: new.clone(), old: old.clone() };
    let batch = DynamoDbBatch::new((0..count).map(write).collect());
    let mut gates = batch.locators(EventSource::DynamoDbStream);
    gates.retain(|locator| match locator {
        Locator::Attribute { path, .. } => words.is_gate(path),
        _ => false,
    });
    let source = EventSource::DynamoDbStream;
    Seed { name: name.to_owned(), source, wire: Wire::DynamoDb(batch), gates }
}

/// Names of the key attributes that the code reads. Every table has a key: its name is the one
/// that AWS's guides use if the code reads none.
fn key_names(words: &Words<'_>) -> Vec<String> {
    let tails = words.tails(&[&["Records", "dynamodb", "Keys"]]);
    let known: Vec<String> = words.known(&tails).into_iter().take(2).map(str::to_owned).collect();
    if known.is_empty() { vec!["pk".to_owned()] } else { known }
}

/// Type tags as they occur in a chain.
const TAGS: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

/// A chain through an image without type tags: they come after every name.
fn untyped(tail: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    let mut steps = tail.iter().peekable();
    while let Some(name) = steps.next() {
        names.push(name.clone());
        while steps.next_if(|it| TAGS.contains(&it.as_str())).is_some() {}
    }
    names
}

/// Puts a string at the end of `tail`, with maps on the way.
fn put(item: &mut Item, tail: &[String], words: &Words<'_>, index: usize) {
    let [name, rest @ ..] = tail else { return };
    let place = item.iter().position(|(it, _)| it == name).unwrap_or_else(|| {
        item.push((name.clone(), AttributeValue::text(&words.value(name, index))));
        item.len() - 1
    });
    if rest.is_empty() {
        return;
    }
    let value = &mut item[place].1;
    if !matches!(value, AttributeValue::M(_)) {
        *value = AttributeValue::M(Item::new());
    }
    if let AttributeValue::M(members) = value {
        put(members, rest, words, index);
    }
}

/// Gives the attribute at the start of `tail` the type that the code reads.
fn retype(item: &mut Item, tail: &[String]) {
    let [name, tag, ..] = tail else { return };
    let Some((_, value)) = item.iter_mut().find(|(it, _)| it == name) else {
        return;
    };
    let AttributeValue::S(Node::Text(text)) = value else {
        return;
    };
    let number = || text.parse::<u32>().map_or("11".to_owned(), |it| it.to_string());
    *value = match tag.as_str() {
        "N" => AttributeValue::N(number()),
        "BOOL" => AttributeValue::Bool(true),
        "NULL" => AttributeValue::Null,
        "B" => AttributeValue::binary(text.clone().into_bytes()),
        "SS" => AttributeValue::Ss(vec![text.clone()]),
        "BS" => AttributeValue::Bs(vec![BASE64_STANDARD.encode(&*text)]),
        "NS" => AttributeValue::Ns(vec![number()]),
        "L" => AttributeValue::L(vec![AttributeValue::text(text)]),
        _ => return,
    };
}

/// The item before an update: the first string that is no gate was another one.
fn changed(item: &Item, words: &Words<'_>) -> Item {
    let mut old = item.clone();
    let strings = old.iter_mut().filter(|(name, _)| words.gate(name).is_none());
    for (_, value) in strings {
        if let AttributeValue::S(Node::Text(text)) = value {
            text.push_str("old");
        }
    }
    if old == *item {
        old.pop();
    }
    old
}

fn marshal_object(value: &Value) -> Item {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), AttributeValue::marshal(value))).collect()
}
