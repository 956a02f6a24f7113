//! Which functions a source file offers as handlers, read from its text.
//!
//! Nothing is executed: the answer must be there before anything runs, and a file that fails to
//! load still has a handler. Reading is by tokens, so that comments and strings do not count.

use std::{fs, path::Path};

use crate::{Language, RuntimeError};

mod javascript;
mod python;

/// Names that are the handler when there are others beside them, best first.
const PREFERRED: &[&str] = &["handler", "lambda_handler", "lambdaHandler", "main", "default"];

/// A function that could be the handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Whether its parameters look like those of a handler.
    pub(crate) takes_event: bool,
}

/// What a file offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This is the handler.
    One(String),
    /// Any of these could be.
    Several(Vec<String>),
    /// None.
    Nothing,
}

/// Reads `file` and chooses its handler.
pub(crate) fn choose(file: &Path, language: Language) -> Result<Choice, RuntimeError> {
    let bytes =
        fs::read(file).map_err(|source| RuntimeError::Unreadable { path: file.to_owned(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    let functions = match language {
        Language::JavaScript => javascript::exported(&text),
        Language::Python => python::top_level(&text),
        Language::Ruby => ruby_methods(&text),
        Language::Java | Language::Native => Vec::new(),
    };
    Ok(choose_from(&functions))
}

/// Methods at the top of a file: `def name(event:, context:)` at the beginning of a line.
fn ruby_methods(text: &str) -> Vec<Function> {
    text.lines()
        .filter_map(|line| {
            let rest = line.strip_prefix("def ")?;
            let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
            let takes_event = rest[end..].contains("event:");
            (end > 0).then(|| Function { name: rest[..end].to_owned(), takes_event })
        })
        .collect()
}

fn choose_from(functions: &[Function]) -> Choice {
    let preferred = PREFERRED.iter().find(|name| functions.iter().any(|it| it.name == **name));
    if let Some(name) = preferred {
        return Choice::One((*name).to_owned());
    }
    let names = |list: &[&Function]| list.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    let all: Vec<&Function> = functions.iter().collect();
    let with_event: Vec<&Function> = functions.iter().filter(|it| it.takes_event).collect();
    match (with_event.as_slice(), all.as_slice()) {
        ([], []) => Choice::Nothing,
        ([only], _) | ([], [only]) => Choice::One(only.name.clone()),
        ([], several) | (several, _) => Choice::Several(names(several)),
    }
}

impl Choice {
    /// The chosen function, or the error that says what to pass.
    pub(crate) fn into_function(
        self,
        file: &Path,
        module: &str,
        language: Language,
    ) -> Result<String, RuntimeError> {
        match self {
            Self::One(name) => Ok(name),
            Self::Several(candidates) => Err(RuntimeError::SeveralHandlers {
                path: file.to_owned(),
                example: format!("{module}.{}", candidates.first().map_or("handler", |it| it)),
                candidates,
            }),
            Self::Nothing => Err(RuntimeError::NoHandler {
                path: file.to_owned(),
                hint: match language {
                    Language::Python => "define one, such as def handler(event, context)",
                    Language::Ruby => "define one, such as def lambda_handler(event:, context:)",
                    Language::JavaScript | Language::Java | Language::Native => {
                        "export one, such as exports.handler = async (event) => {}"
                    }
                },
                example: format!("{module}.handler"),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
