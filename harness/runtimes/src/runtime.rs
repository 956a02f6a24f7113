//! The runtimes that we can start, and how their identifiers are spelled.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::RuntimeError;

/// A language runtime together with the version of the interpreter that was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "lowercase")]
pub enum Runtime {
    /// Node.js.
    Node {
        /// Version of the interpreter.
        version: Version,
    },
    /// CPython.
    Python {
        /// Version of the interpreter.
        version: Version,
    },
    /// A Java virtual machine.
    Java {
        /// Its version.
        version: Version,
    },
    /// Ruby.
    Ruby {
        /// Version of the interpreter.
        version: Version,
    },
    /// An executable that speaks the Runtime API by itself.
    Provided,
}

/// The language of a function's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// JavaScript, CommonJS or ES modules.
    JavaScript,
    /// Python 3.
    Python,
    /// Anything compiled to Java classes.
    Java,
    /// Ruby.
    Ruby,
    /// Anything compiled to an executable.
    Native,
}

/// An interpreter's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl Runtime {
    /// Lambda's identifier for this runtime, such as `nodejs20.x`.
    ///
    /// It is made from the interpreter's version, so it may name a runtime that Lambda does not
    /// offer (yet, or any more).
    pub fn id(&self) -> String {
        match self {
            Self::Node { version } => format!("nodejs{}.x", version.major),
            Self::Python { version } => format!("python{}.{}", version.major, version.minor),
            Self::Java { version: Version { major: 8, .. } } => "java8.al2".to_owned(),
            Self::Java { version } => format!("java{}", version.major),
            Self::Ruby { version } => format!("ruby{}.{}", version.major, version.minor),
            Self::Provided => "provided.al2023".to_owned(),
        }
    }

    /// The language that functions of this runtime are written in.
    pub fn language(&self) -> Language {
        match self {
            Self::Node { .. } => Language::JavaScript,
            Self::Python { .. } => Language::Python,
            Self::Java { .. } => Language::Java,
            Self::Ruby { .. } => Language::Ruby,
            Self::Provided => Language::Native,
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = String;

    /// Reads `20.11.1`, `v20.11.1`, `3.13.0rc1`; missing numbers are 0.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut numbers = text.trim().trim_start_matches('v').split('.').map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse::<u32>().ok()
        });
        let Some(Some(major)) = numbers.next() else {
            return Err(format!("`{text}` is not a version"));
        };
        let minor = numbers.next().flatten().unwrap_or(0);
        let patch = numbers.next().flatten().unwrap_or(0);
        Ok(Self { major, minor, patch })
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

/// What the user asked for with `--runtime`: a language and perhaps a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) language: Language,
    /// Major version for Node and Java, minor version for Python and Ruby 3.
    pub(crate) version: Option<u32>,
}

// AWS "Lambda runtimes": identifiers offered between 2018 and 2026. Only used for suggestions.
const KNOWN_IDS: &[&str] = &[
    "nodejs",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "python",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "java",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "ruby",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "provided",
    "provided.al2",
    "provided.al2023",
];

impl Wanted {
    /// Reads `nodejs`, `node`, `nodejs20.x`, `node20`, `python`, `python3.12`, `java21`, `ruby3.3`, `provided.al2023`.
    pub(crate) fn parse(text: &str) -> Result<Self, RuntimeError> {
        let unknown =
            || RuntimeError::UnknownRuntime { runtime: text.to_owned(), suggestion: nearest_id(text) };
        let id = text.trim().to_ascii_lowercase();
        if matches!(id.as_str(), "provided" | "provided.al2" | "provided.al2023" | "native") {
            return Ok(Self { language: Language::Native, version: None });
        }
        if let Some(rest) = id.strip_prefix("nodejs").or_else(|| id.strip_prefix("node")) {
            let rest = rest.strip_suffix(".x").unwrap_or(rest);
            let version = optional_number(rest).ok_or_else(unknown)?;
            return Ok(Self { language: Language::JavaScript, version });
        }
        if let Some(rest) = id.strip_prefix("python") {
            let rest = match rest {
                "" | "3" => "",
                _ => rest.strip_prefix("3.").ok_or_else(unknown)?,
            };
            let version = optional_number(rest).ok_or_else(unknown)?;
            return Ok(Self { language: Language::Python, version });
        }
        if let Some(rest) = id.strip_prefix("java") {
            let version = optional_number(rest.trim_end_matches(".al2")).ok_or_else(unknown)?;
            return Ok(Self { language: Language::Java, version });
        }
        if let Some(rest) = id.strip_prefix("ruby") {
            let rest = match rest {
                "" | "3" => "",
                _ => rest.strip_prefix("3.").ok_or_else(unknown)?,
            };
            let version = optional_number(rest).ok_or_else(unknown)?;
            return Ok(Self { language: Language::Ruby, version });
        }
        Err(unknown())
    }
}

/// `Some(None)` for an empty text, `None` for something that is not a number.
fn optional_number(text: &str) -> Option<Option<u32>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// What was probably meant: another identifier if it differs in at most a third of the letters.
fn nearest_id(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_lowercase();
    let distances = KNOWN_IDS.iter().map(|id| (edit_distance(&text, id), *id));
    let (distance, id) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= text.chars().count()).then_some(id)
}

fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replace = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests;
