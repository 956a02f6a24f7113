//! What observers inside the function's process told, read from their records.
//!
//! The function runs in the same process and could have written anything there: a record is read as data, in bounds, and
//! what cannot be read is no evidence.

use evfuzz_generators::breakout::Language;
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::Canaries;
use serde::Deserialize;

use super::SourceText as OwnSource;

/// Something that the function's process did, as its observer told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) act: Act,
    /// Where the function's own code did it, if the stack says so.
    pub(crate) place: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// A text was compiled as source code, to be evaluated.
    SourceText {
        language: Language,
        text: String,
        /// Whether it is valid.
        parsed: Parsed,
    },
    /// An expression or template was handed to a library that evaluates such texts, in a language that is not parsed here.
    Evaluated {
        /// `spel`, `ognl`, `freemarker`, ...
        language: String,
        text: String,
    },
    /// A program was started.
    Spawn { file: String, args: Vec<String> },
    /// A file was to be opened, made, changed or deleted.
    Opened { path: String },
    /// An address was to be asked: a URL, a host, or a path below a host.
    Asked { url: String },
    /// A key was put on an object that others inherit from.
    Prototype { object: String, key: String },
    /// A class was asked for by its name, by data.
    FindClass { module: String, name: String },
    /// The promise that the handler returned was given up: nothing was left that could settle it. Names no event: it is the
    /// one at hand.
    Unsettled,
    /// A statement was handed to a driver, without the values that are bound to it.
    Statement { engine: Engine, text: String },
    /// An expression was handed to DynamoDB: the member of the request, and its text.
    Expression { member: String, text: String },
    /// A filter was handed to a driver of MongoDB, as JSON.
    Filter { text: String },
}

/// Whose statements a driver takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    Sqlite,
    PostgreSql,
    MySql,
    /// DynamoDB's.
    PartiQl,
    /// The driver works with several.
    Unknown,
}

/// Whether a source text could be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    Yes,
    /// Its compiler has refused it, or has not yet been asked.
    No,
}

/// As observers write it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Written {
    Source { language: Tongue, text: String, parsed: bool },
    Evaluated { language: String, text: String },
    Spawn { file: String, args: Vec<String> },
    Opened { path: String },
    Asked { url: String },
    Prototype { object: String, key: String },
    FindClass { module: String, name: String },
    Unsettled,
    Statement { engine: Engine, text: String },
    Expression { member: String, text: String },
    Filter { text: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tongue {
    JavaScript,
    Python,
}

#[derive(Deserialize)]
struct Message {
    #[serde(flatten)]
    written: Written,
    #[serde(default)]
    stack: Vec<String>,
}

impl Record {
    /// Reads one. `None`: no observer of ours wrote it.
    pub(crate) fn read(bytes: &[u8], source: &OwnSource) -> Option<Record> {
        let Message { written, stack } = serde_json::from_slice(bytes).ok()?;
        let is_refused =
            matches!(written, Written::Source { language: Tongue::JavaScript, parsed: false, .. });
        if is_refused && !compiles(&stack) {
            return None;
        }
        let act = match written {
            Written::Source { language, text, parsed } => Act::SourceText {
                language: match language {
                    Tongue::JavaScript => Language::JavaScript,
                    Tongue::Python => Language::Python,
                },
                text,
                parsed: if parsed { Parsed::Yes } else { Parsed::No },
            },
            Written::Evaluated { language, text } => Act::Evaluated { language, text },
            Written::Spawn { file, args } => Act::Spawn { file, args },
            Written::Opened { path } => Act::Opened { path },
            Written::Asked { url } => Act::Asked { url },
            Written::Prototype { object, key } => Act::Prototype { object, key },
            Written::FindClass { module, name } => Act::FindClass { module, name },
            Written::Unsettled => Act::Unsettled,
            Written::Statement { engine, text } => Act::Statement { engine, text },
            Written::Expression { member, text } => Act::Expression { member, text },
            Written::Filter { text } => Act::Filter { text },
        };
        Some(Record { act, place: source.place_in_log(&stack.join("\n")) })
    }

    /// The texts in which a nonce may be.
    fn texts(&self) -> Vec<&str> {
        match &self.act {
            Act::SourceText { text, .. }
            | Act::Evaluated { text, .. }
            | Act::Statement { text, .. }
            | Act::Expression { text, .. }
            | Act::Filter { text } => vec![text],
            Act::Spawn { file, args } => std::iter::once(file).chain(args).map(String::as_str).collect(),
            Act::Opened { path } => vec![path],
            Act::Asked { url } => vec![url],
            Act::Prototype { key, .. } => vec![key],
            Act::FindClass { module, name } => vec![module, name],
            Act::Unsettled => Vec::new(),
        }
    }

    /// Whether it holds this nonce, or is about the canary address of it.
    pub(crate) fn holds(&self, nonce: &Nonce) -> bool {
        if let Act::Asked { url } = &self.act
            && ports_in(url).any(|port| port == Canaries::default().address(nonce).port())
        {
            return true;
        }
        self.texts().iter().any(|text| text.contains(nonce.as_str()))
    }

    /// The ports in an address that was asked.
    pub(crate) fn ports(&self) -> Vec<u16> {
        match &self.act {
            Act::Asked { url } => ports_in(url).collect(),
            _ => Vec::new(),
        }
    }

    /// All words in it that have the form of a nonce.
    pub(crate) fn nonces(&self) -> impl Iterator<Item = Nonce> {
        self.texts().into_iter().flat_map(|text| Nonce::all_in(text.as_bytes()))
    }
}

fn ports_in(url: &str) -> impl Iterator<Item = u16> {
    url.split(':').skip(1).filter_map(|rest| {
        let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

/// Whether a text that V8 refused was to be compiled.
///
/// V8 makes a script of the text that `JSON.parse` refuses, too, to have a place for its error (`JsonParser::ReportUnexpectedToken`
/// in V8's `src/json/json-parser.cc` calls `OnCompileError`): who asked stands on the stack, above the observer's own frames.
fn compiles(stack: &[String]) -> bool {
    let own = |line: &&String| {
        let line = line.as_str();
        // The heading has no frame.
        !line.trim_start().starts_with("at ")
            || line.contains("/node.cjs:")
            || line.contains("node:inspector:")
            // `domain` has an `emit` of its own.
            || line.contains("Session.emit (node:")
    };
    stack.iter().find(|line| !own(line)).is_some_and(|line| !line.ends_with("parse (<anonymous>)"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Option<Record> {
        let source = OwnSource::new(Path::new("/f"), Path::new("/var/task"), []);
        Record::read(text.as_bytes(), &source)
    }

    #[test]
    fn records_name_the_functions_own_line() {
        let record = read(
            r#"{"kind":"source","language":"javascript","text":"1+(evabcdefgh","parsed":false,"lost":2,
               "stack":["Error","    at look (/run/evfuzz/observer/node.cjs:9:1)","    at run (node:vm:1:2)",
               "    at handler (file:///var/task/index.mjs:7:3)"]}"#,
        )
        .unwrap();
        assert_eq!(record.place.as_deref(), Some("index.mjs:7"));
        let Act::SourceText { parsed, .. } = &record.act else { panic!("{record:?}") };
        assert_eq!(*parsed, Parsed::No);
        assert_eq!(record.nonces().collect::<Vec<_>>(), [Nonce::parse("evabcdefgh").unwrap()]);

        let record = read(
            r#"{"kind":"find-class","module":"evabcdefgh","name":"x",
               "stack":["  File \"/var/task/app.py\", line 5, in handler","  File \"/run/o/sitecustomize.py\", line 1, in hook"]}"#,
        )
        .unwrap();
        assert_eq!(record.place.as_deref(), Some("app.py:5"));
        assert!(record.holds(&Nonce::parse("evabcdefgh").unwrap()));
    }

    #[test]
    fn json_that_is_refused_is_no_source_text() {
        let with = |emit: &str, innermost: &str| {
            let stack = [
                "Error",
                "    at look (/o/node.cjs:9:1)",
                emit,
                "    at #onMessage (node:inspector:97:14)",
                innermost,
            ];
            let text = serde_json::json!({
                "kind": "source", "language": "javascript", "text": ";evabcdefgh;", "parsed": false, "stack": stack,
            });
            read(&text.to_string())
        };
        let record = |innermost: &str| with("    at Session.emit (node:events:524:28)", innermost);
        assert_eq!(record("    at JSON.parse (<anonymous>)"), None);
        // Once something has loaded `domain`, as old releases of the AWS SDK do.
        assert_eq!(with("    at Session.emit (node:domain:489:12)", "    at JSON.parse (<anonymous>)"), None);
        // `const { parse } = JSON`.
        assert_eq!(record("    at parse (<anonymous>)"), None);
        assert!(record("    at handler (file:///var/task/index.mjs:7:3)").is_some());
        assert!(record("    at new Function (<anonymous>)").is_some());
    }

    #[test]
    fn what_no_observer_wrote_is_nothing() {
        for text in
            ["", "{}", "[1]", "\"x\"", r#"{"kind":"other"}"#, r#"{"kind":"spawn","file":1,"args":[]}"#]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
