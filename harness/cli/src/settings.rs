//! `evfuzz.toml`: what a user says about a function once and for all.
//!
//! ```toml
//! dictionary = ["words.dict"]     # format of libFuzzer and AFL++, beside this file
//!
//! [values]
//! "/body/user/id" = ["u-1", 42]
//! "/Records/*/body/kind" = ["order", "refund"]
//!
//! [[suppress]]                    # findings that are not reported
//! oracle = "log-injection"        # one of these four, or several together
//! sink = "src/index.js:12"        # file, or file:line, of the function's own code
//! field = "/body/note"            # and all inside
//! fingerprint = "log-injection-1a2b3c4d"
//! reason = "the log is read by a parser of ours"
//! until = 2027-03-01
//! ```
//!
//! It lies in the function's folder, else in the current one.

mod suppress;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evfuzz_engine::Suppression;
use evfuzz_generators::dictionary::Dictionary;
use evfuzz_generators::values::Values;
use serde::Deserialize;
use serde_json::Value;

use crate::exit::Failure;
use crate::report::escape::printable;
use crate::report::text::to_stderr;
pub(crate) use suppress::about;

const FILE: &str = "evfuzz.toml";

/// What a user says about a function.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) dictionary: Dictionary,
    pub(crate) values: Values,
    /// Those that hold today.
    pub(crate) suppressions: Vec<Suppression>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    dictionary: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, Vec<toml::Value>>,
    #[serde(default)]
    suppress: Vec<suppress::Written>,
}

impl Settings {
    /// What the settings for the function at `path` say, and the words of these dictionaries.
    pub(crate) fn read(path: &Path, dictionaries: &[PathBuf]) -> Result<Settings, Failure> {
        let mut settings = Settings::default();
        let beside = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        for folder in [beside, Path::new("")] {
            let file = folder.join(FILE);
            let text = match std::fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    return Err(Failure::usage(format!("cannot read {}: {error}", shown(&file))));
                }
            };
            settings = Settings::parse(&text, &file)?;
            for ended in suppress::ended(&mut settings.suppressions, &suppress::today()) {
                to_stderr(&format!(
                    "evfuzz: note: {}: the suppression of {} has ended on {} ({}): it is reported again\n",
                    shown(&file),
                    about(&ended),
                    ended.until,
                    printable(&ended.reason),
                ));
            }
            break;
        }
        for dictionary in dictionaries {
            settings.dictionary.extend(words(dictionary)?);
        }
        Ok(settings)
    }

    /// `text`: the content of `path`.
    fn parse(text: &str, path: &Path) -> Result<Settings, Failure> {
        let wrong = |what: String| Failure::usage(format!("{}: {what}", shown(path)));
        let file: File = toml::from_str(text).map_err(|error| {
            // Several lines: where it is, and what is there.
            let lines: Vec<String> = error.to_string().trim_end().lines().map(printable).collect();
            wrong(lines.join("\n  "))
        })?;
        let mut settings = Settings::default();
        let folder = path.parent().unwrap_or(Path::new(""));
        for name in file.dictionary {
            settings.dictionary.extend(words(&folder.join(name))?);
        }
        for (place, values) in file.values {
            let values: Option<Vec<Value>> = values.into_iter().map(json).collect();
            let name = printable(&place);
            let values =
                values.ok_or_else(|| wrong(format!("a value of {name} is no JSON: inf and nan are none")))?;
            settings.values.add(&place, values).map_err(|error| wrong(printable(&error.to_string())))?;
        }
        for (number, written) in (1..).zip(file.suppress) {
            let read =
                written.read().map_err(|what| wrong(format!("[[suppress]] number {number} {what}")))?;
            settings.suppressions.push(read);
        }
        Ok(settings)
    }
}

/// The words of a dictionary: `FILE` or `FILE@LEVEL`.
fn words(path: &Path) -> Result<Dictionary, Failure> {
    let (path, level) = with_level(path);
    let file = std::fs::read(&path)
        .map_err(|error| Failure::usage(format!("cannot read dictionary {}: {error}", shown(&path))))?;
    Dictionary::parse(&file, level).map_err(|error| {
        let error = printable(&error.to_string());
        Failure::usage(format!("dictionary {}, {error}", shown(&path)))
    })
}

/// A level behind the name, as AFL++ takes it. A file of that very name comes first.
fn with_level(path: &Path) -> (PathBuf, u32) {
    let named = path.to_str().filter(|_| !path.exists()).and_then(|it| it.rsplit_once('@'));
    match named.and_then(|(name, level)| Some((name, level.parse().ok()?))) {
        Some((name, level)) => (PathBuf::from(name), level),
        None => (path.to_owned(), 0),
    }
}

/// `None` for what JSON has no word for. Dates are texts.
fn json(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::Number(serde_json::Number::from_f64(number)?),
        toml::Value::Boolean(it) => Value::from(it),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(elements) => Value::Array(elements.into_iter().map(json).collect::<Option<_>>()?),
        toml::Value::Table(members) => {
            let members = members.into_iter().map(|(name, it)| Some((name, json(it)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(text: &str, said: &[&str]) {
        let failure = Settings::parse(text, Path::new("some/evfuzz.toml")).unwrap_err();
        assert_eq!(failure.exit, crate::exit::Exit::Usage);
        for part in said {
            assert!(failure.message.contains(part), "{part:?} is missing in\n{}", failure.message);
        }
    }

    #[test]
    fn mistakes_in_the_file_are_told() {
        check_error("dictionry = []", &["some/evfuzz.toml", "dictionry", "`dictionary`", "line 1"]);
        check_error("dictionary = 3", &["some/evfuzz.toml", "line 1"]);
        check_error("[values]\n\"/a\" = 3", &["line 2"]);
        check_error("[values]\n\"/a\" = []", &["\"/a\"", "has no values"]);
        check_error("[values]\n\"a\" = [1]", &["\"a\"", "begins with /"]);
        check_error("[values]\n\"/a\" = [nan]", &["/a", "no JSON"]);
        check_error("dictionary = [\"none.dict\"]", &["some/none.dict", "cannot read dictionary"]);
        check_error("a = \n", &["line 1"]);
        let suppress = |lines: &str| format!("[[suppress]]\n{lines}");
        check_error(&suppress("oracle = \"timeout\"\nreason = \"x\""), &["line 1", "until"]);
        check_error(&suppress("oracle = \"timeout\"\nuntil = 2027-01-01"), &["line 1", "reason"]);
        check_error(&suppress("orcle = \"timeout\""), &["line 2", "orcle"]);
        let with = |what: &str| suppress(&format!("{what}\nreason = \"x\"\nuntil = 2027-01-01"));
        check_error(&with(""), &["[[suppress]] number 1", "oracle, sink, field or fingerprint"]);
        check_error(&with("oracle = \"slow\""), &["no oracle is called slow", "timeout"]);
        check_error(&with("field = \"body\""), &["body is no place"]);
        check_error(&suppress("sink = \"a\"\nreason = \"\"\nuntil = 2027-01-01"), &["empty reason"]);
        check_error(&suppress("sink = \"a\"\nreason = \"x\"\nuntil = 10:00:00"), &["no date"]);
    }

    #[test]
    fn dictionaries_are_beside_the_file_and_have_levels() {
        let folder = tempfile::tempdir().unwrap();
        let dictionary = folder.path().join("words.dict");
        std::fs::write(&dictionary, "\"low\"\nx@2=\"high\"\n").unwrap();
        std::fs::write(folder.path().join(FILE), "dictionary = [\"words.dict\"]").unwrap();
        let read =
            |more: &[PathBuf]| Settings::read(folder.path(), more).unwrap().dictionary.texts().to_vec();
        assert_eq!(read(&[]), ["low"]);
        let level = PathBuf::from(format!("{}@2", dictionary.display()));
        assert_eq!(read(std::slice::from_ref(&level)), ["low", "high"]);
        std::fs::write(&level, "\"named\"").unwrap();
        assert_eq!(read(&[level]), ["low", "named"]);
        // Of a function that is a file, beside it.
        let handler = folder.path().join("index.js");
        std::fs::write(&handler, "").unwrap();
        assert_eq!(Settings::read(&handler, &[]).unwrap().dictionary.texts(), ["low"]);
        std::fs::write(&dictionary, "\"low\"\nhigh\n").unwrap();
        let failure = Settings::read(folder.path(), &[]).unwrap_err();
        assert!(
            failure.message.contains("words.dict, line 2: no word in double quotes"),
            "{}",
            failure.message
        );
    }
}
