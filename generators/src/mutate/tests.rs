//! Tests of random edit scripts.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::*;
use crate::{
    case::{apply, tests::all_seeds},
    codec::Codec,
    payload::Form,
    seeds::seed_from_event,
    tree::Node,
    wire::{MAX_EVENT_BYTES, Wire, s3::decode_key},
};

/// Scripts of a few draws for every seed.
fn scripts(rng_seed: u64, count: usize, check: &mut dyn FnMut(TestCase)) {
    let lexicon = crate::case::tests::lexicon();
    let dictionary = Dictionary::parse(
        b"\"admin\"\n\"\\xff\\x00\"\n\"a\\x00b\"\n\"\\x0d\\x0aX: 1\"\n\"\\xf0\\x9f\\x98\\x80\"\n\"/etc/\"",
        0,
    )
    .unwrap();
    let mut values = Values::new();
    for pointer in ["/body/mode", "/Records/0/body/task", "/headers/x-tenant", "/task", "/detail/task"] {
        values.add(pointer, vec![json!("given"), json!(17), json!("\u{ffff}")]).unwrap();
    }
    let mut pool = Pool::new();
    for seed in all_seeds() {
        pool.learn(&seed);
    }
    let material = Material {
        dictionary: &dictionary,
        values: &values,
        pool: &pool,
        ..Material::new(&lexicon, &PayloadClass::ALL)
    };
    let mut nonces = NonceSource::new(rng_seed);
    let mut rng = rng(rng_seed);
    for seed in all_seeds() {
        let case = TestCase::new(seed);
        let strategy = material.edit_script(&case.seed, &case.points());
        for _ in 0..count {
            let edits = draw(&strategy, &mut rng, &mut nonces);
            check(TestCase { seed: case.seed.clone(), edits });
        }
    }
}

#[test]
fn every_script_renders_an_event_that_aws_could_send() {
    let mut planted = 0;
    scripts(7, 25, &mut |case| {
        assert!((1..=MAX_EDITS).contains(&case.edits.len()));
        let rendered = case.render();
        assert!(rendered.bytes.len() <= MAX_EVENT_BYTES);
        assert!(serde_json::from_slice::<Value>(&rendered.bytes).is_ok());
        assert!(case.wire().leaves().sendable(case.seed.source), "{case:?}");
        planted += rendered.planted.len();
        let json = serde_json::to_string(&case).unwrap();
        assert_eq!(serde_json::from_str::<TestCase>(&json).unwrap(), case);
    });
    assert!(planted > 200, "{planted}");
}

#[test]
fn the_same_rng_seed_gives_the_same_scripts() {
    let list = |rng_seed| {
        let mut all = Vec::new();
        scripts(rng_seed, 3, &mut |case| all.push(case));
        all
    };
    assert_eq!(list(9), list(9));
    assert_ne!(list(9), list(10));
}

#[test]
fn most_scripts_change_the_event() {
    let (mut changed, mut all) = (0, 0);
    scripts(11, 20, &mut |case| {
        all += 1;
        changed += usize::from(case.render().event != case.seed.event());
    });
    assert!(changed * 10 > all * 7, "{changed} of {all}");
}

#[test]
fn bytes_become_test_cases() {
    let mut distinct = std::collections::BTreeSet::new();
    for first in 0..=255_u8 {
        let bytes: Vec<u8> = (0..60_u32).map(|it| (it * 31 + u32::from(first) * 7) as u8).collect();
        let case = TestCase::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let again = TestCase::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        assert_eq!(case, again);
        distinct.insert(serde_json::to_string(&case).unwrap());
        assert!(!case.render().bytes.is_empty());
    }
    assert!(distinct.len() > 200, "{}", distinct.len());
    // Few bytes, or none, make a test case too.
    for length in 0..40 {
        TestCase::arbitrary(&mut Unstructured::new(&vec![0; length])).unwrap().render();
        TestCase::arbitrary(&mut Unstructured::new(&vec![0xff; length])).unwrap().render();
    }
}

/// What AWS refuses in an event, read from the event alone: nothing of the wire model is asked.
fn refusal(source: EventSource, event: &Value) -> Option<String> {
    let refused = |what: &str, text: &str| Some(format!("{what}: {text:?}"));
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let texts = |value: &Value| -> Vec<(String, String)> {
        let members = value.as_object().cloned().unwrap_or_default().into_iter();
        members.filter_map(|(name, it)| Some((name, it.as_str()?.to_owned()))).collect()
    };
    match source {
        EventSource::Sqs => {
            // Amazon SQS API, SendMessage.
            let odd =
                |it: char| (it < ' ' && !"\t\n\r".contains(it)) || matches!(it, '\u{fffe}' | '\u{ffff}');
            let records = list(&event["Records"]);
            if records.is_empty() || records.len() > 10 {
                return refused("records", &records.len().to_string());
            }
            for record in records {
                let body = record["body"].as_str().unwrap_or_default();
                if body.is_empty() || body.len() > 1 << 20 || body.contains(odd) {
                    return refused("body", body);
                }
                let attributes = record["messageAttributes"].as_object().cloned().unwrap_or_default();
                if attributes.len() > 10 {
                    return refused("attributes", &attributes.len().to_string());
                }
                for (name, it) in attributes {
                    let plain = |it: char| it.is_ascii_alphanumeric() || "_-.".contains(it);
                    if name.is_empty() || name.len() > 256 || !name.chars().all(plain) || name.contains("..")
                    {
                        return refused("name", &name);
                    }
                    let value = it["stringValue"].as_str().or(it["binaryValue"].as_str()).unwrap_or_default();
                    if value.is_empty() || value.contains(odd) {
                        return refused("attribute", value);
                    }
                    if it["dataType"].as_str().is_some_and(|it| it.starts_with("Number"))
                        && value.parse::<f64>().is_err()
                    {
                        return refused("number", value);
                    }
                    if it["binaryValue"].is_string() && BASE64_STANDARD.decode(value).is_err() {
                        return refused("base64", value);
                    }
                }
                for name in ["MessageGroupId", "MessageDeduplicationId"] {
                    let Some(id) = record["attributes"][name].as_str() else { continue };
                    if id.is_empty() || id.len() > 128 || !id.bytes().all(|it| it.is_ascii_graphic()) {
                        return refused(name, id);
                    }
                }
            }
        }
        EventSource::S3 => {
            for record in list(&event["Records"]) {
                let key = decode_key(record["s3"]["object"]["key"].as_str().unwrap_or_default());
                if key.is_empty() || key.len() > 1_024 {
                    return refused("key", &key);
                }
            }
        }
        EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp => {
            let mut size = 0;
            for (name, value) in texts(&event["headers"]) {
                size += name.len() + value.len();
                // RFC 9110, 5.5 and 5.6.2.
                let token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
                if name.is_empty() || !name.chars().all(token) {
                    return refused("header name", &name);
                }
                if value.trim() != value || !value.chars().all(|it| matches!(it, ' '..='~' | '\t')) {
                    return refused("header", &value);
                }
            }
            if size > 10_240 + 512 {
                return refused("headers", &size.to_string());
            }
            for (name, value) in texts(&event["queryStringParameters"]) {
                if name.is_empty() || name.contains('\0') || value.contains('\0') {
                    return refused("query", &value);
                }
            }
            if event["isBase64Encoded"] == true
                && BASE64_STANDARD.decode(event["body"].as_str().unwrap_or_default()).is_err()
            {
                return refused("base64", "");
            }
        }
        EventSource::DynamoDbStream => {
            for record in list(&event["Records"]) {
                for image in ["Keys", "NewImage", "OldImage"] {
                    if let Some(text) = refused_attribute(&record["dynamodb"][image], image == "Keys") {
                        return Some(text);
                    }
                    // Amazon DynamoDB developer guide: 400 KB, of which JSON makes more.
                    let size = record["dynamodb"][image].to_string().len();
                    if size > 3 * 400 * 1_024 {
                        return refused("item", &size.to_string());
                    }
                }
            }
        }
        EventSource::Sns => {
            for record in list(&event["Records"]) {
                let message = record["Sns"]["Message"].as_str().unwrap_or_default();
                if message.is_empty() || message.len() > 256 * 1_024 {
                    return refused("message", message);
                }
                let subject = record["Sns"]["Subject"].as_str().unwrap_or("none");
                if subject.is_empty() || subject.len() >= 100 || subject.contains(char::is_control) {
                    return refused("subject", subject);
                }
            }
        }
        EventSource::EventBridge if !event["detail"].is_object() => {
            return refused("detail", &event["detail"].to_string());
        }
        EventSource::Kinesis | EventSource::Firehose => {
            for record in list(&event["Records"]).into_iter().chain(list(&event["records"])) {
                let data = record["data"].as_str().or(record["kinesis"]["data"].as_str()).unwrap_or("?");
                if BASE64_STANDARD.decode(data).is_err() {
                    return refused("data", data);
                }
                let key = record["kinesis"]["partitionKey"].as_str().unwrap_or("none");
                if key.is_empty() || key.len() > 256 {
                    return refused("partition key", key);
                }
            }
        }
        _ => {}
    }
    None
}

/// Types and numbers of an item. Amazon DynamoDB API, AttributeValue.
fn refused_attribute(item: &Value, is_key: bool) -> Option<String> {
    for (name, value) in item.as_object().into_iter().flatten() {
        if name.is_empty() || name.len() > 64 << 10 {
            return Some(format!("name {name:?}"));
        }
        let (tag, content) = value.as_object()?.iter().next()?;
        let wrong = match (tag.as_str(), content) {
            ("N", Value::String(text)) => text.parse::<f64>().is_err() || text.len() > 45,
            ("S", Value::String(text)) => is_key && (text.is_empty() || text.len() > 2_048),
            ("M", members) => return refused_attribute(members, false),
            ("B" | "BOOL" | "NULL" | "L" | "SS" | "NS" | "BS", _) => is_key && tag != "B",
            _ => true,
        };
        if wrong {
            return Some(format!("{name}: {value}"));
        }
    }
    None
}

#[test]
fn no_event_breaks_a_rule_of_its_source() {
    let mut sizes = 0;
    scripts(11, 40, &mut |case| {
        let rendered = case.render();
        sizes += rendered.bytes.len();
        if let Some(refusal) = refusal(case.seed.source, &rendered.event) {
            panic!("{} {}: {refusal}\n{:?}", case.seed.source.id(), case.seed.name, case.edits);
        }
    });
    assert!(sizes > 0);
}

#[test]
fn every_kind_of_edit_is_drawn_and_has_an_effect() {
    let mut effects = std::collections::BTreeMap::new();
    let mut note = |what: &'static str| *effects.entry(what).or_insert(0) += 1;
    scripts(13, 30, &mut |case| {
        let mut wire = case.seed.wire.clone();
        for edit in &case.edits {
            let made = apply(&mut wire, case.seed.source, edit);
            match edit {
                Edit::Plant { payload, at, .. } => {
                    let form = payload.resolve().unwrap().form;
                    assert!(form != Form::Json || !at.is_name(), "a value is no name");
                    match (form, at.is_name()) {
                        (Form::Name, true) => note("name as a name"),
                        (Form::Json, _) if at.holds_json(&wire) => note("value as a value"),
                        _ => note("text"),
                    }
                }
                _ if !made => {}
                Edit::ExtendName { .. } => note("longer name"),
                Edit::SetNode { node: Node::Raw(text), .. } => {
                    note(if serde_json::from_str::<Value>(text).is_err() { "no JSON" } else { "odd JSON" });
                }
                Edit::SetNode { node: Node::Bytes(_), .. } => note("bytes"),
                Edit::SetNode { node: Node::Object(members), .. }
                    if members
                        .iter()
                        .enumerate()
                        .any(|(index, (name, _))| members[..index].iter().any(|(it, _)| it == name)) =>
                {
                    note("a name twice");
                }
                Edit::SetNode { node: Node::Opened(..), .. } => note("a part from elsewhere"),
                Edit::SetNode { .. } => note("a value"),
                Edit::SetText { text, .. } if text == "admin" => note("a word"),
                Edit::SetText { text, .. } if text.contains("admin") => note("a word in a text"),
                Edit::SetText { text, .. } if text == "given" => note("a given text"),
                Edit::SetText { at, text } => {
                    let point = case.seed.wire.point(case.seed.source, at);
                    note(match point {
                        Some(point) if point.max_bytes == text.len() => "the longest text",
                        Some(point) if point.max_bytes == text.len() + 1 => "one less",
                        _ if text.is_empty() => "nothing",
                        _ => "a text",
                    });
                }
                _ => note("other"),
            }
        }
    });
    let expected = [
        "a given text",
        "a name twice",
        "a part from elsewhere",
        "a text",
        "a value",
        "a word",
        "a word in a text",
        "bytes",
        "longer name",
        "name as a name",
        "no JSON",
        "nothing",
        "odd JSON",
        "one less",
        "other",
        "text",
        "the longest text",
        "value as a value",
    ];
    assert_eq!(effects.keys().copied().collect::<Vec<_>>(), expected, "{effects:?}");
}

#[test]
fn parts_of_other_events_come_to_the_same_place() {
    let mut pool = Pool::new();
    let other = json!({ "user": { "id": { "deep": ["from elsewhere"] } }, "body": "e30=" });
    pool.learn(&seed_from_event("other", &other));
    let lexicon = Lexicon::default();
    let material = Material { pool: &pool, ..Material::new(&lexicon, &[]) };
    let case = TestCase::new(seed_from_event("given", &json!({ "user": { "id": "mine" }, "n": 1 })));
    let strategy = material.edit_script(&case.seed, &case.points());
    let (mut rng, mut nonces) = (rng(1), NonceSource::new(1));
    let spliced = (0..400).filter(|_| {
        let edits = draw(&strategy, &mut rng, &mut nonces);
        let made = TestCase { edits, ..case.clone() };
        assert!(made.nonces().is_empty(), "no class, no payload");
        made.render().event["user"]["id"] == json!({ "deep": ["from elsewhere"] })
            || made.render().event["user"] == other["user"]
    });
    let spliced = spliced.count();
    assert!(spliced > 8, "{spliced}");
}

#[test]
fn words_that_fit_nowhere_are_counted() {
    let words = Dictionary::parse(b"\"ok\"\n\"\\xff\"\n\"\\xfe\"", 0).unwrap();
    let mut text = seed_from_event(
        "s3",
        &json!({ "Records": [{ "s3": { "object": { "key": "a" }, "bucket": { "name": "b" } } }] }),
    );
    assert_eq!(text.source, EventSource::S3);
    assert_eq!(unused_words(&words, std::slice::from_ref(&text)), BTreeMap::from([("bytes", 2)]));
    let long = "x".repeat(2_000);
    let Wire::S3(_) = &mut text.wire else { panic!("{text:?}") };
    let long = Dictionary::of([long.as_str(), "fits"]);
    assert_eq!(unused_words(&long, std::slice::from_ref(&text)), BTreeMap::from([("too-long", 1)]));
    let kinesis = crate::seeds::seeds(EventSource::Kinesis, &Lexicon::default());
    assert_eq!(unused_words(&words, &kinesis), BTreeMap::new());
    let data = Codec::Base64.encode(&Node::Bytes(vec![0xff]));
    let lexicon = Lexicon::default();
    let material = Material { dictionary: &words, ..Material::new(&lexicon, &[]) };
    let case = TestCase::new(kinesis[0].clone());
    let strategy = material.edit_script(&case.seed, &case.points());
    let (mut rng, mut nonces) = (rng(1), NonceSource::new(1));
    let sent = (0..300).any(|_| {
        let made = TestCase { edits: draw(&strategy, &mut rng, &mut nonces), ..case.clone() };
        made.render().event["Records"][0]["kinesis"]["data"].as_str().map(str::as_bytes) == Some(&*data)
    });
    assert!(sent, "bytes are sent where base64 is");
}

#[test]
fn one_changed_byte_changes_one_edit() {
    let lexicon = crate::case::tests::lexicon();
    let seed = crate::seeds::seeds(EventSource::Sqs, &lexicon).remove(0);
    let points = TestCase::new(seed.clone()).points();
    let edits =
        |bytes: &[u8]| EditScript(bytes.to_vec()).edits(&seed, &points, &lexicon, &mut NonceSource::new(3));
    let bytes: Vec<u8> = (0..64_u32).map(|it| (it * 37 % 251) as u8).collect();
    let before = edits(&bytes);
    assert_eq!(before.len(), 8);
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 0x5a;
        let after = edits(&changed);
        let others = (0..8).filter(|it| *it != index / 8);
        for edit in others {
            assert_eq!(before[edit], after[edit], "byte {index}, edit {edit}");
        }
    }
}
