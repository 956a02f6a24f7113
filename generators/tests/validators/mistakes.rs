//! Whether the check would notice a mistake: every member of every kind of event is spoiled in every way.
//!
//! A renderer that forgets a member, writes it in another case, gives it another type, adds one or leaves a
//! derived value stale makes an event as they are made here. Each must be refused. What remains are removals
//! that make another event which AWS sends too: they are listed.

mod derived;
mod places;
mod wrong;

use std::{collections::BTreeSet, io::Write as _};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use evfuzz_generators::source::EventSource;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use self::{
    derived::DERIVED,
    places::{ANYTHING, FREE, OPTIONAL},
    wrong::WRONG,
};
use crate::{
    facts::cloudwatch_logs,
    inputs,
    judge::{Bench, JUDGES, Refusals},
    schemas,
    support::skipped,
};

/// Whether `pointer` is at or below a place where any JSON is right.
fn holds_anything(source: EventSource, event: &Value, pointer: &str) -> bool {
    let is_of_aws = event["source"].as_str().is_some_and(|it| it.starts_with("aws."));
    if source == EventSource::EventBridge && is_of_aws {
        return false;
    }
    let mut places = ANYTHING.iter().filter(|(it, _)| *it == source).flat_map(|(_, all)| *all);
    places.any(|place| {
        let head: Vec<&str> = pointer.split('/').take(place.split('/').count()).collect();
        fits(place, &head.join("/"))
    })
}

struct Mistake {
    /// What was done, with indices as they are.
    what: String,
    event: Value,
}

fn listed<'a>(table: &[(EventSource, &'a [&'a str])], source: EventSource) -> &'a [&'a str] {
    let found = table.iter().find(|(it, _)| *it == source);
    found.unwrap_or_else(|| panic!("list what {} leaves out and derives", source.id())).1
}

/// Every object of the event: its pointer and its member names.
fn objects(value: &Value, pointer: &str, found: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(members) => {
            found.push((pointer.to_owned(), members.keys().cloned().collect()));
            for (name, member) in members {
                objects(member, &below(pointer, name), found);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                objects(element, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A value of another type that says the same as far as it can.
fn of_another_type(value: &Value) -> Value {
    match value {
        Value::Null => json!(0),
        Value::Bool(it) => json!(it.to_string()),
        Value::Number(it) => json!(it.to_string()),
        Value::String(it) => it.parse::<i64>().map_or(json!([it]), |it| json!(it)),
        Value::Array(it) => it.first().cloned().unwrap_or_else(|| json!({})),
        Value::Object(_) => json!("{}"),
    }
}

/// The name with its first letter in the other case.
fn in_another_case(name: &str) -> Option<String> {
    let index = name.find(|it: char| it.is_ascii_alphabetic())?;
    let mut other = name.to_owned();
    let letter = &mut other[index..=index];
    match letter.as_bytes()[0].is_ascii_lowercase() {
        true => letter.make_ascii_uppercase(),
        false => letter.make_ascii_lowercase(),
    }
    Some(other)
}

/// An event whose compressed or quoted content can be spoiled member by member.
fn unpacked(mut event: Value) -> Value {
    if let Some(happened) = event.pointer_mut("/invokingEvent")
        && let Some(inner) = happened.as_str().and_then(|it| serde_json::from_str(it).ok())
    {
        *happened = inner;
    }
    let data = event.pointer_mut("/awslogs/data");
    if let Some((data, inner)) =
        data.and_then(|it| cloudwatch_logs::unpack(it.as_str()?).map(|inner| (it, inner)))
    {
        *data = inner;
    }
    event
}

/// Undoes [`unpacked`].
fn packed(mut event: Value) -> Value {
    if let Some(happened) = event.pointer_mut("/invokingEvent").filter(|it| it.is_object()) {
        *happened = Value::String(happened.to_string());
    }
    if let Some(data) = event.pointer_mut("/awslogs/data").filter(|it| it.is_object()) {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(data.to_string().as_bytes()).unwrap();
        *data = Value::String(BASE64_STANDARD.encode(packed.finish().unwrap()));
    }
    event
}

/// The mistakes in `event` that are not in `seen` yet: seeds differ in few members.
fn mistakes(source: EventSource, event: &Value, seen: &mut BTreeSet<String>) -> Vec<Mistake> {
    let event = &unpacked(event.clone());
    let mut made = Vec::new();
    let mut found = Vec::new();
    objects(event, "", &mut found);
    let mut spoil = |pointer: &str, what: String, spoil: &dyn Fn(&mut Value)| {
        if event.pointer(pointer).is_some() && seen.insert(what.clone()) {
            let mut event = event.clone();
            spoil(event.pointer_mut(pointer).expect("it is there"));
            made.push(Mistake { what, event: packed(event) });
        }
    };
    for (pointer, names) in found {
        let any = holds_anything(source, event, &pointer);
        if !any {
            spoil(&pointer, format!("{pointer}: one more member"), &|it| {
                it["unexpected"] = json!(true);
            });
        }
        let last = pointer.rsplit('/').next().unwrap_or_default();
        let free = any || listed(FREE, source).iter().any(|it| fits(it, &pointer) || *it == last);
        for name in names {
            let place = below(&pointer, &name);
            let optional = free || listed(OPTIONAL, source).iter().any(|it| fits(it, &place));
            if !optional {
                spoil(&pointer, format!("{place}: missing"), &|it| drop(take(it, &name)));
            }
            if let Some(other) = in_another_case(&name).filter(|_| !free) {
                spoil(&pointer, format!("{place}: written {other}"), &|it| {
                    it[&other] = take(it, &name);
                });
            }
            if !any {
                spoil(&place, format!("{place}: another type"), &|it| *it = of_another_type(it));
            }
        }
    }
    for pointer in listed(DERIVED, source) {
        // Null says that there is none, which is right for such an event.
        if event.pointer(pointer).is_some_and(Value::is_string) {
            spoil(pointer, format!("{pointer}: stale"), &|it| {
                *it = json!(format!("{}9", it.as_str().unwrap_or_default()));
            });
        }
    }
    for (_, pointer, value) in WRONG.iter().filter(|(it, ..)| *it == source) {
        let value: Value = serde_json::from_str(value).unwrap();
        if event.pointer(pointer) != Some(&value) {
            spoil(pointer, format!("{pointer}: {value}"), &|it| it.clone_from(&value));
        }
    }
    made
}

fn take(object: &mut Value, name: &str) -> Value {
    object.as_object_mut().and_then(|it| it.shift_remove(name)).expect("it was found there")
}

/// Whether `place` is what `pattern` says: `*` stands for one step.
fn fits(pattern: &str, place: &str) -> bool {
    let (pattern, place): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), place.split('/').collect());
    pattern.len() == place.len() && pattern.iter().zip(&place).all(|(it, step)| *it == "*" || it == step)
}

#[test]
fn every_deliberate_mistake_is_refused() {
    let mut bench = match Bench::start() {
        Ok(bench) => bench,
        Err(reason) => return skipped(&reason),
    };
    let mut refusals = Refusals::load();
    let mut passed = Vec::new();
    // Any object is an event of the other two, so nothing in it is a mistake.
    let any = [EventSource::Iot, EventSource::StepFunctions];
    for source in schemas::sources().into_iter().filter(|it| !any.contains(it)) {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for event in inputs::unmutated(source) {
            all.extend(mistakes(source, &event, &mut seen));
        }
        for pointer in listed(DERIVED, source) {
            assert!(seen.contains(&format!("{pointer}: stale")), "no event of {} has {pointer}", source.id());
        }
        for (_, pointer, _) in WRONG.iter().filter(|(it, ..)| *it == source) {
            let there = seen.iter().any(|it| it.starts_with(&format!("{pointer}: ")));
            assert!(there, "no event of {} has {pointer}", source.id());
        }
        let events: Vec<Value> = all.iter().map(|it| it.event.clone()).collect();
        let judgments = bench.judge(source, &events);
        let mut alone = [0; 4];
        for (mistake, judgment) in all.iter().zip(&judgments) {
            for (judge, count) in alone.iter_mut().take(JUDGES.len()).enumerate() {
                *count += usize::from(judgment.unlisted(source, judge, &mut refusals).next().is_some());
            }
            alone[3] += usize::from(!judgment.facts.is_empty());
            if judgment.complaints(source, &mut refusals).is_empty() {
                passed.push(format!("{} {}", source.id(), mistake.what));
            }
        }
        println!(
            "{:12} {:5} mistakes; noticed by Rust {}, pydantic {}, zod {}, facts {}",
            source.id(),
            all.len(),
            alone[0],
            alone[1],
            alone[2],
            alone[3]
        );
        // Not every library has a model of every source.
        let has_model =
            |judge: usize| judgments.iter().any(|it| it.reasons.get(judge).is_none_or(Option::is_some));
        let idle = (0..alone.len()).filter(|it| alone[*it] == 0 && has_model(*it));
        assert_eq!(idle.count(), 0, "a judge of {} notices nothing: {alone:?}", source.id());
    }
    assert!(passed.is_empty(), "{} mistakes are not noticed:\n{}", passed.len(), passed.join("\n"));
}
