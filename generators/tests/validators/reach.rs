//! Whether a planted payload arrives: the injection point's path, read as a handler would read it.

use std::{collections::BTreeSet, fmt, io::Read as _};

use ::base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use evfuzz_generators::case::Planted;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, json};

use crate::{
    facts::{base64, decode_form, decode_percent},
    inputs, schemas,
    support::full,
};

/// JSON in which no object has two members of one name.
struct NamedOnce;

impl<'de> Deserialize<'de> for NamedOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NamedOnce, D::Error> {
        deserializer.deserialize_any(NamedOnce)
    }
}

impl<'de> Visitor<'de> for NamedOnce {
    type Value = NamedOnce;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names that occur once")
    }

    fn visit_unit<E>(self) -> Result<NamedOnce, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<NamedOnce, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<NamedOnce, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<NamedOnce, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<NamedOnce, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<NamedOnce, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<NamedOnce, A::Error> {
        while elements.next_element::<NamedOnce>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<NamedOnce, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, NamedOnce)) = members.next_entry::<String, NamedOnce>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name occurs twice"));
            }
        }
        Ok(self)
    }
}

/// What is at the end of a path such as `/body»base64»json»/order/id`, or nothing.
fn read(event: &Value, path: &str) -> Option<Value> {
    let mut here = event.clone();
    let mut parts = path.split('»').peekable();
    while let Some(part) = parts.next() {
        // Of cookies with one name the first.
        if let (Value::Array(values), false) = (&here, part.is_empty() || part.starts_with('/'))
            && let Some(Value::String(first)) = values.first()
        {
            here = first.as_str().into();
        }
        here = match (part, here.as_str()) {
            // What no parser takes (numbers beyond all bounds, halves of surrogate pairs) is looked at as a text, and so is what
            // names a member twice: one parser takes the first, another the last.
            ("json", Some(text)) => match serde_json::from_str(text) {
                Ok(value) if serde_json::from_str::<NamedOnce>(text).is_ok() => value,
                _ => return Some(text.into()),
            },
            ("base64", Some(text)) if parts.peek() == Some(&"gzip") => {
                parts.next();
                let packed = base64(text)?;
                let mut text = String::new();
                flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).ok()?;
                text.into()
            }
            ("base64", Some(text)) => String::from_utf8(base64(text)?).ok()?.into(),
            ("signed-bytes", None) => {
                let numbers = here.as_array()?.iter().map(|it| Some(it.as_i64()? as u8));
                String::from_utf8(numbers.collect::<Option<Vec<u8>>>()?).ok()?.into()
            }
            ("url-path", Some(text)) => decode_percent(text.strip_prefix('/')?)?.into(),
            ("mailbox", Some(text)) => mailbox(text)?,
            ("percent", Some(text)) => decode_percent(text)?.into(),
            ("form", Some(text)) => listed(decode_form(text)?),
            ("url-query", Some(text)) => {
                let (path, query) = text.split_once('?')?;
                json!({ "path": path, "query": query })
            }
            ("s3-key", Some(text)) => decode_percent(&text.replace('+', " "))?.into(),
            ("jwt", Some(text)) => {
                let parts: Vec<&str> = text.splitn(3, '.').collect();
                let (header, claims) = (base64_url(parts.first()?)?, base64_url(parts.get(1)?)?);
                let parsed = |text: &str| {
                    serde_json::from_str::<NamedOnce>(text).and_then(|_| serde_json::from_str::<Value>(text))
                };
                match (parsed(&header), parsed(&claims)) {
                    (Ok(header), Ok(claims)) => {
                        json!({ "header": header, "claims": claims, "signature": parts.get(2)? })
                    }
                    // As in other JSON that no parser takes.
                    _ => return Some(format!("{header}.{claims}.{}", parts.get(2)?).into()),
                }
            }
            ("cookie", Some(text)) => {
                let pairs = text.split("; ").map(|it| it.split_once('=').unwrap_or((it, "")));
                listed(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            }
            ("base64url", Some(text)) => base64_url(text)?.into(),
            ("header-list" | "header-list-tight", Some(text)) => match parts.next()? {
                "" => text.into(),
                pointer => in_list(text, pointer)?.into(),
            },
            (pointer, _) => walk(&here, pointer)?.clone(),
        };
    }
    Some(here)
}

/// The parts of an address, read from left to right.
fn mailbox(text: &str) -> Option<Value> {
    let mut rest = text.chars().peekable();
    let mut name = String::new();
    if rest.peek() == Some(&'"') {
        rest.next();
        loop {
            match rest.next()? {
                '"' => break,
                '\\' => name.push(rest.next()?),
                it => name.push(it),
            }
        }
    } else if text.contains(" <") {
        name = text.split(" <").next()?.to_owned();
    }
    let address = text.rsplit('<').next()?.trim_end_matches('>');
    let (local, domain) = address.split_once('@')?;
    Some(json!({ "name": name, "local": local, "domain": domain }))
}

fn base64_url(text: &str) -> Option<String> {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// A part of a header as a handler takes it apart: the words after a scheme, an element, a parameter.
fn in_list(text: &str, pointer: &str) -> Option<String> {
    let mut steps = pointer.split('/').skip(1).peekable();
    let is_index = steps.peek()?.parse::<usize>().is_ok();
    if let Some(rest) = text.strip_prefix(*steps.peek()?).and_then(|it| it.strip_prefix(' '))
        && !is_index
    {
        return Some(rest.to_owned());
    }
    let element = match steps.peek()?.parse::<usize>() {
        Ok(index) => {
            steps.next();
            *outside_quotes(text, ',').get(index)?
        }
        Err(_) => text,
    };
    let parts = outside_quotes(element, ';');
    let Some(name) = steps.next() else { return Some(element.to_owned()) };
    if name == "value" {
        return Some(parts[0].to_owned());
    }
    let (name, nth) = name.split_once("~4").unwrap_or((name, "0"));
    let mut values = parts.iter().filter_map(|it| it.strip_prefix(name)?.strip_prefix('='));
    let value = values.nth(nth.parse().ok()?)?;
    Some(match value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => {
            let mut rest = quoted.chars();
            let next = || rest.next().and_then(|it| if it == '\\' { rest.next() } else { Some(it) });
            std::iter::from_fn(next).collect()
        }
        None => value.to_owned(),
    })
}

/// Splits where no quotes are open, and trims.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut before = ' ';
    let mut quoted = false;
    let parts = text.split(|it| {
        quoted ^= it == '"' && before != '\\';
        before = if before == '\\' { ' ' } else { it };
        it == separator && !quoted
    });
    parts.map(str::trim).collect()
}

/// All values of each name.
fn listed(pairs: Vec<(String, String)>) -> Value {
    let mut map = serde_json::Map::new();
    for (name, value) in pairs {
        let all = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        all.as_array_mut().expect("only arrays are put in").push(value.into());
    }
    Value::Object(map)
}

/// RFC 6901.
fn walk<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut here = value;
    for step in pointer.split('/').skip(1) {
        // The number of a name that occurs again: all of its values are read.
        let step = step.split("~4").next().unwrap_or(step);
        // A name of digits is no index.
        let name = step.strip_prefix("~2").unwrap_or(step);
        let name = name.replace("~3", "»").replace("~1", "/").replace("~0", "~");
        here = match here {
            Value::Object(members) => members.get(&name)?,
            Value::Array(elements) => elements.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(here)
}

/// As it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether `text` is in `value`, or `value` is the JSON that it says.
fn holds(value: &Value, text: &str) -> bool {
    if value.is_object() && serde_json::from_str::<Value>(text).is_ok_and(|it| it == *value) {
        return true;
    }
    match value {
        Value::String(it) => {
            it.contains(text) || it.contains(&escaped(text)) || it.contains(&escaped(&escaped(text)))
        }
        Value::Array(elements) => elements.iter().any(|it| holds(it, text)),
        _ => false,
    }
}

/// The value that an attribute of DynamoDB stands for, as far as payloads go.
fn unmarshalled(attribute: &Value) -> Option<Value> {
    let (tag, content) = attribute.as_object()?.iter().next()?;
    Some(match (tag.as_str(), content) {
        ("M", Value::Object(members)) => {
            let members = members.iter().map(|(name, it)| Some((name.clone(), unmarshalled(it)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
        ("L", Value::Array(elements)) => {
            Value::Array(elements.iter().map(unmarshalled).collect::<Option<_>>()?)
        }
        ("N", Value::String(number)) => serde_json::from_str(number).ok()?,
        _ => content.clone(),
    })
}

fn arrives(event: &Value, path: &str, planted: &Planted) -> bool {
    let Some(object) = path.strip_suffix("/ (name)") else {
        if let (Some(path), true) = (path.strip_suffix("/M"), path.starts_with("/Records/")) {
            let item = read(event, path).and_then(|it| unmarshalled(&it));
            return item.is_some_and(|it| holds(&it, &planted.text));
        }
        return read(event, path).is_some_and(|it| holds(&it, &planted.text));
    };
    let members = match read(event, object) {
        Some(Value::Object(members)) => members,
        Some(text @ Value::String(_)) => return holds(&text, &planted.text),
        _ => return false,
    };
    // Header names lose their case on the way.
    let text = planted.text.to_ascii_lowercase();
    members.keys().any(|name| name.contains(&planted.text))
        || (object.to_ascii_lowercase().ends_with("headers")
            && members.keys().any(|name| name.to_ascii_lowercase().contains(&text)))
}

#[test]
fn payloads_arrive_where_their_points_say() {
    for source in schemas::sources() {
        let count = if full() { 20_000 } else { 400 };
        let mut arrived = 0;
        for case in inputs::cases(source, count) {
            let rendered = case.render();
            let wire = case.wire();
            for planted in &rendered.planted {
                let text = &planted.text;
                // Where it is when all is done: another content type gives the body another codec.
                let point = wire.point(source, &planted.point.locator);
                let path = point.as_ref().unwrap_or(&planted.point).path();
                assert!(
                    arrives(&rendered.event, path, planted),
                    "{}: {text:?} is not at {path}: {}\nedits: {:?}",
                    source.id(),
                    rendered.event,
                    case.edits
                );
                arrived += 1;
            }
        }
        println!("{:12} {arrived} payloads arrived", source.id());
        assert!(arrived > count / 4, "only {arrived} payloads were planted in events of {}", source.id());
    }
}
