//! Dictionaries: words that a user wants tried, in the format of libFuzzer and AFL++.
//!
//! A line holds one word in quotes, perhaps behind a name and a level:
//!
//! ```text
//! # a comment
//! "plain"
//! header="\x89PNG"
//! keyword_select@1 = "SELECT \"name\""
//! ```
//!
//! `\xNN`, `\\` and `\"` are the escapes. Names say nothing. Words of a level above the wanted one are left out (AFL++,
//! `dictionaries/README.md`). What both of them refuse, and nobody can mean otherwise, is taken: UTF-8 as it is, and a
//! comment behind a word, which libFuzzer prints itself in what it recommends.

use std::collections::BTreeSet;

use thiserror::Error;

/// Words of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    texts: Vec<String>,
    bytes: Vec<Vec<u8>>,
}

/// A line that holds no word.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {mistake}")]
pub struct DictionaryError {
    /// Its number, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub mistake: Mistake,
}

/// What is wrong with a line of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Mistake {
    /// There is no quote.
    #[error("no word in double quotes, as in name=\"value\"")]
    NoQuotes,
    /// The second quote is missing.
    #[error("the word does not end: a double quote is missing")]
    Open,
    /// There is nothing between the quotes.
    #[error("the word is empty")]
    Empty,
    /// What is before the word.
    #[error("{text:?} is no name: letters, digits, _, -, . and a level such as @1")]
    Name {
        /// All of it.
        text: String,
    },
    /// What follows the word is no comment.
    #[error("{text:?} follows the word: only a # comment may; a double quote inside is written \\\"")]
    Trailing {
        /// All of it.
        text: String,
    },
    /// A backslash with something else behind it.
    #[error("{text:?} is no escape: \\xNN, \\\\ and \\\" are")]
    Escape {
        /// The escape, as far as it can be read.
        text: String,
    },
    /// A control character that is not escaped.
    #[error("a control character must be written as \\x{code:02x}")]
    Control {
        /// The byte.
        code: u8,
    },
}

impl Dictionary {
    /// No words.
    pub const fn new() -> Dictionary {
        Dictionary { texts: Vec::new(), bytes: Vec::new() }
    }

    /// Reads a file, without its words of a higher level than `level`; words without a level have 0.
    ///
    /// # Errors
    ///
    /// Returns the first line that holds no word.
    ///
    /// ```
    /// use evfuzz_generators::dictionary::Dictionary;
    ///
    /// let words = Dictionary::parse(b"magic=\"\\x00\\xff\"\nkeyword@2=\"admin\"\n\"user\"", 0).unwrap();
    /// assert_eq!(words.texts(), ["user"]);
    /// assert_eq!(words.bytes(), [[0x00, 0xff]]);
    ///
    /// let wrong = Dictionary::parse(b"\n\"user", 0).unwrap_err();
    /// assert_eq!(wrong.to_string(), "line 2: the word does not end: a double quote is missing");
    /// ```
    pub fn parse(file: &[u8], level: u32) -> Result<Dictionary, DictionaryError> {
        let mut dictionary = Dictionary::new();
        // Editors of another system put it there.
        let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
        for (index, line) in file.split(|it| *it == b'\n').enumerate() {
            let word = word(line.trim_ascii(), level)
                .map_err(|mistake| DictionaryError { line: index + 1, mistake })?;
            if let Some(word) = word {
                dictionary.push(word);
            }
        }
        dictionary.clean();
        Ok(dictionary)
    }

    /// These words, as texts.
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Dictionary {
        let mut dictionary = Dictionary::new();
        words.into_iter().for_each(|it| dictionary.push(it.as_bytes().to_vec()));
        dictionary.clean();
        dictionary
    }

    /// Adds the words of another one.
    pub fn extend(&mut self, other: Dictionary) {
        self.texts.extend(other.texts);
        self.bytes.extend(other.bytes);
        self.clean();
    }

    /// The words that are UTF-8, in order, none twice.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The words that are not: for places that take bytes.
    pub fn bytes(&self) -> &[Vec<u8>] {
        &self.bytes
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.texts.len() + self.bytes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&mut self, word: Vec<u8>) {
        match String::from_utf8(word) {
            Ok(text) => self.texts.push(text),
            Err(error) => self.bytes.push(error.into_bytes()),
        }
    }

    fn clean(&mut self) {
        let mut seen = BTreeSet::new();
        self.texts.retain(|it| seen.insert(it.clone().into_bytes()));
        self.bytes.retain(|it| seen.insert(it.clone()));
    }
}

/// The word of a line; `None` if there is none, or one of a higher level.
fn word(line: &[u8], wanted: u32) -> Result<Option<Vec<u8>>, Mistake> {
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let quote = line.iter().position(|it| *it == b'"').ok_or(Mistake::NoQuotes)?;
    let level = level(&line[..quote])?;
    let (word, rest) = unquoted(&line[quote + 1..])?;
    let rest = rest.trim_ascii_start();
    if !rest.is_empty() && !rest.starts_with(b"#") {
        return Err(Mistake::Trailing { text: String::from_utf8_lossy(rest).into_owned() });
    }
    if word.is_empty() {
        return Err(Mistake::Empty);
    }
    Ok((level <= wanted).then_some(word))
}

/// The level in what stands before a word: `name`, `name@1`, `name[3]`, each perhaps with `=` and blanks.
fn level(name: &[u8]) -> Result<u32, Mistake> {
    let text = String::from_utf8_lossy(name);
    let wrong = || Mistake::Name { text: text.trim_ascii().to_owned() };
    let name = text.trim_ascii().trim_end_matches('=').trim_ascii();
    // AFL++ passes over a number in brackets.
    let name = match name.strip_suffix(']').and_then(|it| it.rsplit_once('[')) {
        Some((name, number)) if number.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => name,
    };
    let (name, level) = match name.split_once('@') {
        Some((name, level)) => (name, level.parse().map_err(|_| wrong())?),
        None => (name, 0),
    };
    let named = name.chars().all(|it| it.is_alphanumeric() || "_-.".contains(it));
    if named { Ok(level) } else { Err(wrong()) }
}

/// What is before the closing quote, without escapes, and what follows it.
fn unquoted(text: &[u8]) -> Result<(Vec<u8>, &[u8]), Mistake> {
    let mut word = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Err(Mistake::Open),
            [b'"', behind @ ..] => return Ok((word, behind)),
            [b'\\', it @ (b'\\' | b'"'), behind @ ..] => {
                word.push(*it);
                behind
            }
            [b'\\', b'x', high, low, behind @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |it: &u8| char::from(*it).to_digit(16).unwrap_or_default() as u8;
                word.push(digit(high) << 4 | digit(low));
                behind
            }
            [b'\\', ..] => {
                let length = if rest.get(1) == Some(&b'x') { 4 } else { 2 };
                let text = &rest[..length.min(rest.len())];
                return Err(Mistake::Escape { text: String::from_utf8_lossy(text).into_owned() });
            }
            [code @ (..=0x1f | 0x7f), ..] => return Err(Mistake::Control { code: *code }),
            [it, behind @ ..] => {
                word.push(*it);
                behind
            }
        };
    }
}

#[cfg(test)]
mod tests;
