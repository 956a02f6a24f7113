//! Places in a tree, and how they are written.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::codec::Codec;

/// One step down a tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// To a member of that name.
    Member {
        /// Its name.
        name: String,
        /// 0 for the first of that name.
        nth: usize,
    },
    /// To an element of an array.
    Element(usize),
    /// Into a text.
    Open(Codec),
}

/// A place in a tree. Written as a JSON Pointer in which `»codec»` opens a text: `/Message»json»/Records/0`.
///
/// Besides the escapes of RFC 6901, `~2` stands before names that look like an index, `~3` is `»`, and `~4` comes before the
/// number of a repeated name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The root.
    pub fn root() -> Path {
        Path::default()
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The place of the first member of that name below this one.
    pub fn member(&self, name: &str) -> Path {
        self.then(Step::Member { name: name.to_owned(), nth: 0 })
    }

    /// The place of an element below this one.
    pub fn element(&self, index: usize) -> Path {
        self.then(Step::Element(index))
    }

    /// The content of a text at this place.
    pub fn open(&self, codec: Codec) -> Path {
        self.then(Step::Open(codec))
    }

    /// One step further.
    pub fn then(&self, step: Step) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// Whether this is at the first members of these names or below them.
    pub(crate) fn is_in(&self, names: &[&str]) -> bool {
        let is_to = |(step, wanted): (&Step, &&str)| match step {
            Step::Member { name, nth: 0 } => name == wanted,
            Step::Member { .. } | Step::Element(_) | Step::Open(_) => false,
        };
        self.0.len() >= names.len() && self.0.iter().zip(names).all(is_to)
    }

    /// Whether this is `other` or below it.
    pub fn starts_with(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut opened = false;
        for step in &self.0 {
            match step {
                Step::Member { name, nth } => {
                    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
                    f.write_str(if digits { "/~2" } else { "/" })?;
                    match name.contains(['~', '/', '»']) {
                        true => f.write_str(&escape(name).replace('»', "~3"))?,
                        false => f.write_str(name)?,
                    }
                    if *nth > 0 {
                        write!(f, "~4{nth}")?;
                    }
                }
                Step::Element(index) => write!(f, "/{index}")?,
                Step::Open(codec) => {
                    if !opened {
                        f.write_char('»')?;
                    }
                    f.write_str(codec.id())?;
                    f.write_char('»')?;
                }
            }
            opened = matches!(step, Step::Open(_));
        }
        Ok(())
    }
}

impl From<Path> for String {
    fn from(path: Path) -> String {
        path.to_string()
    }
}

/// What is no path of ours leads nowhere.
impl From<String> for Path {
    fn from(text: String) -> Path {
        let mut steps = Vec::new();
        for layer in text.split('»').filter(|it| !it.is_empty()) {
            match layer.strip_prefix('/') {
                Some(pointer) => steps.extend(pointer.split('/').map(step)),
                None => match Codec::from_id(layer) {
                    Some(codec) => steps.push(Step::Open(codec)),
                    None => steps.push(step(layer)),
                },
            }
        }
        Path(steps)
    }
}

/// Escapes a member name for a JSON Pointer (RFC 6901).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn step(token: &str) -> Step {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    if let (true, Ok(index)) = (digits, token.parse()) {
        return Step::Element(index);
    }
    let (name, nth) = match token.rsplit_once("~4") {
        Some((name, nth)) if let Ok(nth) = nth.parse() => (name, nth),
        _ => (token, 0),
    };
    let name = name.strip_prefix("~2").unwrap_or(name);
    let name = name.replace("~3", "»").replace("~1", "/").replace("~0", "~");
    Step::Member { name, nth }
}
