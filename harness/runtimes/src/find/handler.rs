//! Handler strings: which file one names, and which one names a file.

use std::path::{Path, PathBuf};

use crate::{Language, RuntimeError};

/// The file that `handler` names below `root`, by the rules of the runtime.
pub(super) fn resolve(root: &Path, handler: &str, language: Language) -> Result<PathBuf, RuntimeError> {
    let searched = candidates(root, handler, language)?;
    match searched.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(RuntimeError::HandlerFileMissing { handler: handler.to_owned(), searched }),
    }
}

fn candidates(root: &Path, handler: &str, language: Language) -> Result<Vec<PathBuf>, RuntimeError> {
    let malformed = || RuntimeError::MalformedHandler { handler: handler.to_owned() };
    match language {
        Language::JavaScript => {
            // The managed runtime refuses `..`, and splits the last path component at its first
            // dot.
            let (folder, base) = handler.rsplit_once('/').unwrap_or(("", handler));
            let (module, function) = base.split_once('.').ok_or_else(malformed)?;
            if handler.contains("..") || module.is_empty() || function.is_empty() {
                return Err(malformed());
            }
            let stem = root.join(folder).join(module);
            let with = |extension: &str| stem.with_extension(extension);
            // TypeScript comes after all that the managed runtime knows, as in our client.
            Ok(vec![
                with("js"),
                with("mjs"),
                with("cjs"),
                stem.join("index.js"),
                with("ts"),
                with("mts"),
                with("cts"),
            ])
        }
        Language::Python => {
            // The managed runtime splits at the last dot; slashes and dots both separate packages.
            let (module, function) = handler.rsplit_once('.').ok_or_else(malformed)?;
            let parts: Vec<&str> = module.split(['.', '/']).filter(|it| !it.is_empty()).collect();
            // Two dots side by side would be a relative import, which has nothing to be relative to.
            if parts.is_empty() || function.is_empty() || handler.contains("..") {
                return Err(malformed());
            }
            let stem: PathBuf = parts.iter().fold(root.to_owned(), |path, part| path.join(part));
            Ok(vec![stem.with_extension("py"), stem.join("__init__.py")])
        }
        Language::Ruby => {
            // `file.method` or `file.Class.method`, split at the first dot (`lambda_handler.rb` of the official client).
            let (file, method) = handler.split_once('.').ok_or_else(malformed)?;
            if file.is_empty() || method.is_empty() || handler.contains("..") {
                return Err(malformed());
            }
            Ok(vec![root.join(file).with_extension("rb")])
        }
        Language::Java | Language::Native => Ok(Vec::new()),
    }
}

/// What stands before the function's name in a handler for `file`.
pub(super) fn module_of(root: &Path, file: &Path, language: Language) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file).with_extension("");
    let module = relative.to_string_lossy().into_owned();
    match language {
        Language::Python => {
            let module = module.strip_suffix("/__init__").unwrap_or(&module);
            module.replace('/', ".")
        }
        Language::JavaScript | Language::Ruby | Language::Java | Language::Native => module,
    }
}
