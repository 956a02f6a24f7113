//! Which file of a folder is the function.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Located, Request, Surroundings, handler, is_executable, own_files};
use crate::{
    Language, RuntimeError, cargo_package,
    exports::{self, Choice},
    jvm,
    typescript::is_type_script,
};

const JAVASCRIPT: &[&str] = &["index", "app", "handler", "lambda", "main"];
const RUBY: &[&str] = &["lambda_function", "function", "app", "handler", "main"];
const PYTHON: &[&str] = &["app", "lambda_function", "handler", "main", "index"];
/// Languages whose functions are source files.
const SCRIPTS: [Language; 3] = [Language::JavaScript, Language::Python, Language::Ruby];
/// Where the code is when it is not at the top; output of a build before its input.
const SUBFOLDERS: &[&str] = &["dist", "build", "src"];

/// Finds the function in the folder `root`.
pub(super) fn locate(
    root: &Path,
    request: &Request,
    language: Option<Language>,
    surroundings: &Surroundings,
) -> Result<Located, RuntimeError> {
    let allowed = |it: Language| language.is_none_or(|wanted| wanted == it);
    let bootstrap = root.join("bootstrap");
    let has_program = is_executable(&bootstrap);
    let has_package = root.join("Cargo.toml").is_file();
    // What there is if there is nothing else.
    let nothing = |otherwise: RuntimeError| {
        if allowed(Language::Native) && bootstrap.is_file() && !has_program {
            RuntimeError::NotExecutable { path: bootstrap.clone() }
        } else {
            otherwise
        }
    };

    if let Some(handler) = &request.handler
        && language != Some(Language::Native)
    {
        match named(root, handler, &allowed) {
            Ok(located) => return Ok(located),
            // The handler of a native function can be any text.
            Err(_) if allowed(Language::Native) && (has_program || has_package) => {}
            Err(error) => return Err(nothing(error)),
        }
    }
    if allowed(Language::Native) && has_program {
        return Ok(Located::Program { root: root.to_owned(), executable: bootstrap, name: None });
    }
    if language == Some(Language::Native) || (has_package && language.is_none()) {
        // A package with a script beside it is still a package.
        if has_package {
            return cargo_package::locate(root, request.handler.as_deref(), surroundings);
        }
        return Err(nothing(RuntimeError::NothingFound { path: root.to_owned() }));
    }
    let asks_for_java = request.handler.as_deref().is_some_and(jvm::is_handler);
    if language == Some(Language::Java) || asks_for_java && language.is_none() {
        return jvm::locate(root, request.handler.as_deref());
    }
    match scripts(root, &allowed) {
        // No script: perhaps a Java project.
        Err(RuntimeError::NothingFound { .. }) if allowed(Language::Java) && jvm::has_classes(root) => {
            jvm::locate(root, request.handler.as_deref())
        }
        Err(error @ RuntimeError::NothingFound { .. }) => Err(nothing(error)),
        other => other,
    }
}

/// The user named the handler.
fn named(root: &Path, handler: &str, allowed: &dyn Fn(Language) -> bool) -> Result<Located, RuntimeError> {
    let mut missing = Vec::new();
    let mut first_error = None;
    if allowed(Language::Java) && jvm::is_handler(handler) {
        return jvm::locate(root, Some(handler));
    }
    for language in SCRIPTS {
        if !allowed(language) {
            continue;
        }
        match handler::resolve(root, handler, language) {
            Ok(file) => {
                return Ok(Located::Script {
                    language,
                    root: root.to_owned(),
                    handler: handler.to_owned(),
                    file,
                });
            }
            Err(RuntimeError::HandlerFileMissing { searched, .. }) => missing.extend(searched),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    if allowed(Language::Java) && jvm::has_class(root, handler) {
        return jvm::locate(root, Some(handler));
    }
    if missing.is_empty()
        && let Some(error) = first_error
    {
        return Err(error);
    }
    Err(RuntimeError::HandlerFileMissing { handler: handler.to_owned(), searched: missing })
}

/// A file that could be the function, and what it exports.
struct Candidate {
    language: Language,
    file: PathBuf,
    choice: Choice,
}

fn scripts(root: &Path, allowed: &dyn Fn(Language) -> bool) -> Result<Located, RuntimeError> {
    let mut seen = Vec::new();
    // Each round is a weaker convention than the one before.
    let mut rounds = vec![conventional(root)];
    rounds.push(any_source(root));
    rounds.extend(SUBFOLDERS.iter().map(|name| conventional(&root.join(name))));
    // What is built wins: that is what is deployed.
    rounds.push(conventional_type_script(root));
    rounds.push(any_type_script(root));
    rounds.push(conventional_type_script(&root.join("src")));
    for round in rounds {
        let mut candidates = Vec::new();
        for (language, file) in round {
            if allowed(language) {
                let choice = exports::choose(&file, language)?;
                candidates.push(Candidate { language, file, choice });
            }
        }
        if let Some(located) = best(root, &candidates)? {
            return Ok(located);
        }
        seen.extend(candidates);
    }
    // Some file has functions but none that stands out, or no file has any.
    let undecided = seen.iter().find(|it| matches!(it.choice, Choice::Several(_)));
    if let Some(candidate) = undecided.or(seen.first()) {
        let module = handler::module_of(root, &candidate.file, candidate.language);
        // One that stands out would have been the best candidate above, so this is an error.
        candidate.choice.clone().into_function(&candidate.file, &module, candidate.language)?;
    }
    Err(RuntimeError::NothingFound { path: root.to_owned() })
}

/// The one candidate with a handler; `None` if there is none.
///
/// Among conventional names of one language the order of the convention decides; between
/// languages, and between files without a conventional name, nothing does.
fn best(root: &Path, candidates: &[Candidate]) -> Result<Option<Located>, RuntimeError> {
    let with_handler: Vec<(&Candidate, &String)> = candidates
        .iter()
        .filter_map(|it| match &it.choice {
            Choice::One(function) => Some((it, function)),
            Choice::Several(_) | Choice::Nothing => None,
        })
        .collect();
    let Some((first, function)) = with_handler.first() else {
        return Ok(None);
    };
    let rivals: Vec<&(&Candidate, &String)> =
        with_handler.iter().filter(|(it, _)| it.language != first.language || !is_conventional(it)).collect();
    let handler_of = |it: &Candidate, function: &str| {
        format!("{}.{function}", handler::module_of(root, &it.file, it.language))
    };
    if with_handler.len() > 1 && !rivals.is_empty() {
        return Err(RuntimeError::SeveralFiles {
            path: root.to_owned(),
            candidates: with_handler
                .iter()
                .map(|(it, _)| it.file.strip_prefix(root).unwrap_or(&it.file).to_string_lossy().into_owned())
                .collect(),
            example: handler_of(first, function),
        });
    }
    Ok(Some(Located::Script {
        language: first.language,
        root: root.to_owned(),
        handler: handler_of(first, function),
        file: first.file.clone(),
    }))
}

fn is_conventional(candidate: &Candidate) -> bool {
    let stem = candidate.file.file_stem().unwrap_or_default().to_string_lossy();
    let names = match candidate.language {
        Language::JavaScript => JAVASCRIPT,
        Language::Python => PYTHON,
        Language::Ruby => RUBY,
        Language::Java | Language::Native => &[],
    };
    names.contains(&&*stem)
}

/// Files with conventional names that exist in `dir`, best first.
fn conventional(dir: &Path) -> Vec<(Language, PathBuf)> {
    let mut files = Vec::new();
    for stem in JAVASCRIPT {
        for extension in ["js", "mjs", "cjs"] {
            files.push((Language::JavaScript, dir.join(format!("{stem}.{extension}"))));
        }
    }
    // After the conventional names: `npm init` writes a "main" that often is not there, and a
    // library's "main" is not its handler.
    files.extend(package_main(dir).map(|file| (Language::JavaScript, file)));
    files.extend(PYTHON.iter().map(|stem| (Language::Python, dir.join(format!("{stem}.py")))));
    files.extend(RUBY.iter().map(|stem| (Language::Ruby, dir.join(format!("{stem}.rb")))));
    files.retain(|(_, file)| file.is_file());
    let mut unique: Vec<(Language, PathBuf)> = Vec::new();
    for file in files {
        if !unique.contains(&file) {
            unique.push(file);
        }
    }
    unique
}

/// The file that package.json calls "main", if it is below `dir` and a handler can name it.
fn package_main(dir: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(dir.join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_str(&text).ok()?;
    let main = package.get("main")?.as_str()?.trim_start_matches("./");
    let file = dir.join(main);
    let file = [file.clone(), dir.join(format!("{main}.js")), file.join("index.js")]
        .into_iter()
        .find(|it| it.is_file())?;
    let named = !main.contains("..") && own_files::is_source(&file, Language::JavaScript);
    named.then_some(file)
}

fn conventional_type_script(dir: &Path) -> Vec<(Language, PathBuf)> {
    let names = JAVASCRIPT.iter().flat_map(|stem| ["ts", "mts", "cts"].map(|it| format!("{stem}.{it}")));
    let files = names.map(|name| dir.join(name)).filter(|file| file.is_file());
    files.map(|file| (Language::JavaScript, file)).collect()
}

/// All source files directly in `dir`, by name.
fn any_source(dir: &Path) -> Vec<(Language, PathBuf)> {
    let mut found = Vec::new();
    for path in nameable_files(dir) {
        for language in SCRIPTS {
            if own_files::is_source(&path, language) {
                found.push((language, path.clone()));
            }
        }
    }
    found
}

fn any_type_script(dir: &Path) -> Vec<(Language, PathBuf)> {
    let files = nameable_files(dir).into_iter().filter(|path| is_type_script(path));
    files.map(|path| (Language::JavaScript, path)).collect()
}

/// Files directly in `dir` that a handler string can name: none has a dot in its stem. Sorted.
fn nameable_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let has_dot = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().contains('.');
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file() && !has_dot(path)).collect();
    files.sort();
    files
}
