//! Events as people have them: in files, in logs, and in what consoles and tools save.
//!
//! [`read`] takes an event itself, several in a file, lines of a log with events in them (JSON, or what Python and Node print of
//! an object), log records in JSON, and what the console, `aws logs` and the registry of test events give. What else a log has,
//! such as metrics, the environment and answers, is passed over.

mod literal;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{codec::Codec, source::EventSource};

/// A log record in an export in a test event is three deep.
const MOST_DEPTH: usize = 6;

/// An event that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The event.
    pub event: Value,
    /// Where it is.
    pub place: Place,
}

/// Where in a file an event is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It is all of it.
    Whole,
    /// It begins in this line, counted from 1.
    Line(usize),
    /// In this entry of an export or list, counted from 1.
    Entry(usize),
    /// It is the test event of this name.
    Test(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => f.write_str("the file"),
            Place::Line(number) => write!(f, "line {number}"),
            Place::Entry(number) => write!(f, "entry {number}"),
            Place::Test(name) => write!(f, "test event {name}"),
        }
    }
}

/// Why no event was found.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotShown {
    /// The content is no text.
    #[error("it is not text in UTF-8 or UTF-16")]
    Encoding,
    /// It begins like JSON.
    #[error("it is not valid JSON: {mistake}")]
    Json {
        /// What the parser says.
        mistake: String,
    },
    /// A printer left out what is deep or long.
    #[error(
        "{place} shows an object without its inner parts, as console.log does: log it with \
         console.log(JSON.stringify(event))"
    )]
    Shortened {
        /// Of the first one.
        place: Place,
    },
    /// An object does not end.
    #[error(
        "the object that begins in {place} does not end: the log was cut, or copied in part; take all of it"
    )]
    Cut {
        /// Of the first one.
        place: Place,
    },
    /// There are objects, and none is an event.
    #[error(
        "none of the {count} objects in it is an event; log it with console.log(JSON.stringify(event)) or \
         print(json.dumps(event))"
    )]
    Other {
        /// How many.
        count: usize,
    },
    /// There are no objects.
    #[error(
        "there is no JSON in it; log events with console.log(JSON.stringify(event)) or print(json.dumps(event))"
    )]
    Nothing,
}

/// The events in the content of a file, in order.
///
/// Those that a known source sends, if there are any; else all other objects that are not known to be something else, which can
/// be events of direct invocations.
///
/// # Errors
///
/// Returns an error if there are none.
///
/// ```
/// use evfuzz_generators::shown;
///
/// let log = "START RequestId: 7c3a Version: $LATEST\n\
///            2026-03-04T05:06:07.890Z\t7c3a\tINFO\tEVENT: {\"Records\":[{\"eventSource\":\"aws:sqs\",\"body\":\"x\"}]}\n\
///            END RequestId: 7c3a\n";
/// let events = shown::read(log.as_bytes()).unwrap();
/// assert_eq!(events[0].event["Records"][0]["body"], "x");
/// assert_eq!(events[0].place.to_string(), "line 2");
/// ```
pub fn read(content: &[u8]) -> Result<Vec<Shown>, NotShown> {
    let text = text(content).ok_or(NotShown::Encoding)?;
    let mut found = Found::default();
    match serde_json::from_str::<Value>(&text) {
        Ok(event) => {
            found.value(&event, &Place::Whole, 0);
            // A text is an event, too, and may be about one.
            let is_itself = found.is_nothing_told() || event.is_string() && found.known.is_empty();
            if is_itself && !is_export(&event) {
                return Ok(vec![Shown { event, place: Place::Whole }]);
            }
            found.told()
        }
        Err(error) => {
            match rows(&text) {
                Some(rows) => found.entries(rows.iter(), 0),
                None => found.text(&text, None, 0),
            }
            let begins_like_json = text.trim_start().starts_with(['{', '"']);
            found.told().map_err(|why| match why {
                NotShown::Cut { .. } | NotShown::Nothing if begins_like_json => {
                    NotShown::Json { mistake: error.to_string() }
                }
                why => why,
            })
        }
    }
}

/// The first of those that have the same members in the same places: the others tell a fuzzer nothing new.
pub fn of_different_shapes(events: Vec<Shown>) -> Vec<Shown> {
    let mut seen = BTreeSet::new();
    events.into_iter().filter(|it| seen.insert(shape(&it.event))).collect()
}

/// What is the same for events with the same members.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(name, it)| format!("{name:?}{}", shape(it))).collect();
            members.sort();
            format!("{{{}}}", members.concat())
        }
        Value::Array(elements) => {
            let elements: BTreeSet<String> = elements.iter().map(shape).collect();
            format!("[{}]", elements.into_iter().collect::<String>())
        }
        // Who sent it, and what for.
        Value::String(text) if text.starts_with("aws:") || text.starts_with("AWS_") => format!("{text:?}"),
        _ => "_".to_owned(),
    }
}

/// A text, perhaps packed as exports of log groups are, or as PowerShell writes.
fn text(content: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|it| unit([it[0], it[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match content {
        [0x1f, 0x8b, ..] => text(&Codec::Gzip.decode(content)?.to_bytes()),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        content => String::from_utf8(content.to_vec()).ok(),
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    /// Events of known sources.
    known: Vec<Shown>,
    /// What can be an event of a direct invocation.
    unknown: Vec<Shown>,
    /// How many objects are something else.
    others: usize,
    shortened: Option<Place>,
    cut: Option<Place>,
}

impl Found {
    fn is_nothing_told(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }

    fn told(self) -> Result<Vec<Shown>, NotShown> {
        if !self.known.is_empty() {
            return Ok(self.known);
        }
        // What is left of an event may look like one of a direct invocation.
        if let Some(place) = self.shortened {
            return Err(NotShown::Shortened { place });
        }
        if let Some(place) = self.cut {
            return Err(NotShown::Cut { place });
        }
        match (self.unknown.is_empty(), self.others) {
            (false, _) => Ok(self.unknown),
            (true, 0) => Err(NotShown::Nothing),
            (true, count) => Err(NotShown::Other { count }),
        }
    }

    /// A value that was found: an event, or what holds some.
    fn value(&mut self, value: &Value, place: &Place, depth: usize) {
        if depth > MOST_DEPTH {
            return;
        }
        let at_all = || Shown { event: value.clone(), place: place.clone() };
        let is_answer = value.get("statusCode").is_some();
        if !is_answer && EventSource::recognize(value) != EventSource::Direct {
            return self.known.push(at_all());
        }
        if let Some(entries) = entries(value) {
            return self.entries(entries.iter(), depth);
        }
        if let Some(tests) = tests(value) {
            for (name, event) in &tests {
                self.value(event, &Place::Test(name.clone()), depth + 1);
            }
            return;
        }
        match value {
            Value::String(text) => self.text(text, Some(place), depth + 1),
            Value::Object(members) if is_record(members) => {
                let before = self.known.len() + self.unknown.len();
                for it in members.values().filter(|it| it.is_object() || it.is_array() || it.is_string()) {
                    self.value(it, place, depth + 1);
                }
                self.others += usize::from(before == self.known.len() + self.unknown.len());
            }
            Value::Object(members) if depth > 0 => match is_answer || is_something_else(members) {
                true => self.others += 1,
                false => self.unknown.push(at_all()),
            },
            // One that holds nothing but events is a list of them.
            Value::Array(elements) if !elements.is_empty() => {
                let is_event = |it: &Value| EventSource::recognize(it) != EventSource::Direct;
                if elements.iter().all(is_event) {
                    for (index, it) in elements.iter().enumerate() {
                        self.value(it, &Place::Entry(index + 1), depth + 1);
                    }
                } else if depth > 0 {
                    self.unknown.push(at_all());
                }
            }
            _ => {}
        }
    }

    fn entries<'v>(&mut self, entries: impl Iterator<Item = &'v Value>, depth: usize) {
        for (index, entry) in entries.enumerate() {
            self.value(entry, &Place::Entry(index + 1), depth + 1);
        }
    }

    /// The objects in a text; `place` is where all of it is.
    fn text(&mut self, text: &str, place: Option<&Place>, depth: usize) {
        let (mut at, mut line, mut counted) = (0, 1, 0);
        while let Some(next) = text[at..].find(['{', '[']) {
            let start = at + next;
            line += text[counted..start].bytes().filter(|it| *it == b'\n').count();
            counted = start;
            let here = || place.cloned().unwrap_or(Place::Line(line));
            match literal::read(&text[start..]) {
                Ok(read) if read.is_shortened => {
                    self.shortened.get_or_insert_with(here);
                    at = start + read.length;
                }
                Ok(read) => {
                    let holds_objects =
                        read.value.as_array().is_none_or(|it| it.iter().any(Value::is_object));
                    if holds_objects {
                        self.value(&read.value, &here(), depth + 1);
                    }
                    at = start + read.length;
                }
                Err(none) => {
                    if none.has_begun && none.is_cut {
                        self.cut.get_or_insert_with(here);
                    }
                    at = start + none.at;
                }
            }
        }
    }
}

/// The log lines in what the console, `aws logs` and subscriptions give. Amazon CloudWatch Logs API, `FilterLogEvents`,
/// `GetLogEvents`, `GetQueryResults`; the console's download of Logs Insights has a list.
fn entries(value: &Value) -> Option<Vec<Value>> {
    let line = |it: &Value| match it.get("@message") {
        Some(message) => Some(message.clone()),
        None => {
            it.get("ingestionTime").or(it.get("id"))?;
            it.get("timestamp").and(it.get("message")).cloned()
        }
    };
    let lines = |it: &Value| {
        let entries = it.as_array().filter(|it| !it.is_empty())?;
        entries.iter().map(line).collect::<Option<Vec<Value>>>()
    };
    // `[[{"field": "@message", "value": "…"}]]`
    let results = |it: &Value| {
        let rows = it.as_array()?.iter().map(Value::as_array).collect::<Option<Vec<_>>>()?;
        let cells = rows.into_iter().flatten().filter(|it| it["field"] == "@message");
        Some(cells.filter_map(|it| it.get("value").cloned()).collect::<Vec<Value>>())
            .filter(|it| !it.is_empty())
    };
    let below = |name: &str| value.get(name);
    lines(value)
        .or_else(|| below("events").and_then(lines))
        .or_else(|| below("logEvents").and_then(lines))
        .or_else(|| below("results").and_then(results))
}

/// Test events of the console that can be shared: examples in a schema of the registry `lambda-testevent-schemas`. Amazon
/// EventBridge Schemas API, `DescribeSchema`, gives the schema as text in `Content`.
fn tests(value: &Value) -> Option<Vec<(String, Value)>> {
    if let Some(content) = value.get("Content").and_then(Value::as_str) {
        return tests(&serde_json::from_str(content).ok()?);
    }
    value.get("openapi")?;
    let examples = value.pointer("/components/examples")?.as_object()?;
    let events = examples.iter().filter_map(|(name, it)| Some((name.clone(), it.get("value")?.clone())));
    Some(events.collect())
}

/// Whether nothing of `value` itself is an event.
fn is_export(value: &Value) -> bool {
    entries(value).is_some() || tests(value).is_some()
}

/// Whether this is a record of a log: AWS Lambda developer guide, "JSON log format", and what loggers write that follow
/// their languages' habits.
fn is_record(members: &Map<String, Value>) -> bool {
    let has = |names: &[&str]| names.iter().any(|it| members.contains_key(*it));
    has(&["timestamp", "time", "@timestamp", "ts", "asctime"])
        && has(&["level", "levelname", "severity", "log.level", "logLevel"])
}

/// Whether an object in a log is known to be no event.
fn is_something_else(members: &Map<String, Value>) -> bool {
    let has = |name: &str| members.contains_key(name);
    members.is_empty()
        // The environment, the context as Node and Python print it.
        || has("AWS_LAMBDA_FUNCTION_NAME")
        || has("AWS_LAMBDA_FUNCTION_VERSION")
        || has("awsRequestId")
        || has("aws_request_id")
        || has("callbackWaitsForEmptyEventLoop")
        // CloudWatch embedded metrics; what Lambda itself logs ("platform.report").
        || has("_aws")
        || (has("time") && has("type") && has("record"))
        // Answers and errors.
        || has("batchItemFailures")
        || (has("errorType") && has("errorMessage"))
        || has("stackTrace")
}

/// The lines of the log in a table: the console downloads log events and query results as CSV (RFC 4180).
fn rows(text: &str) -> Option<Vec<Value>> {
    let (head, _) = text.split_once('\n')?;
    let names: Vec<&str> = head.split(',').map(|it| it.trim().trim_matches('"')).collect();
    let column = names.iter().position(|it| *it == "@message" || *it == "message")?;
    let is_table = names.len() > 1 && names.iter().all(|it| !it.is_empty() && !it.contains(['{', ' ']));
    let cells = is_table.then(|| table(text))?;
    Some(cells.into_iter().skip(1).filter_map(|row| row.into_iter().nth(column).map(Value::from)).collect())
}

fn table(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(it) = chars.next() {
        let row = rows.last_mut().expect("there is a first");
        match it {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => {
                row.last_mut().expect("there is a first").push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\n' if !is_quoted => rows.push(vec![String::new()]),
            it => row.last_mut().expect("there is a first").push(it),
        }
    }
    rows
}

#[cfg(test)]
mod tests;
