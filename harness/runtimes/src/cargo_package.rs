//! Functions that are Cargo packages: which program they build, and where it is.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    RuntimeError,
    find::{Located, Surroundings, extension, is_executable},
};

/// Finds the newest program that the package in `root` built.
///
/// Nothing is built here: a build takes minutes, downloads, and belongs to the developer.
pub(crate) fn locate(
    root: &Path,
    handler: Option<&str>,
    surroundings: &Surroundings,
) -> Result<Located, RuntimeError> {
    let bins = programs(root)?;
    let bin = choose(root, &bins, handler)?;
    let searched = places(root, bin, surroundings);
    // The nearest folder that has any wins; in it the newest.
    let newest = searched
        .iter()
        .filter_map(|place| place.iter().filter(|it| is_executable(it)).max_by_key(|it| age(it)))
        .next();
    match newest {
        Some(executable) => Ok(Located::Program {
            root: root.to_owned(),
            executable: executable.clone(),
            name: Some(bin.to_owned()),
        }),
        None => Err(RuntimeError::NotBuilt {
            package: bin.to_owned(),
            path: root.to_owned(),
            // One place is enough for a message; the rest are its parents.
            searched: searched.into_iter().next().unwrap_or_default(),
        }),
    }
}

fn age(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|it| it.modified()).ok()
}

/// Names of the programs, the package's own first.
fn programs(root: &Path) -> Result<Vec<String>, RuntimeError> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path)
        .map_err(|source| RuntimeError::Unreadable { path: path.clone(), source })?;
    let manifest: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        RuntimeError::BrokenManifest { path: path.clone(), reason: error.message().to_owned() }
    })?;
    let mut bins: Vec<String> = Vec::new();
    let package = manifest.get("package").and_then(|it| it.get("name")).and_then(|it| it.as_str());
    if let Some(package) = package
        && root.join("src/main.rs").is_file()
    {
        bins.push(package.to_owned());
    }
    let declared = manifest.get("bin").and_then(|it| it.as_array()).into_iter().flatten();
    for bin in declared {
        let Some(name) = bin.get("name").and_then(|it| it.as_str()) else {
            continue;
        };
        // src/main.rs can be declared under another name.
        if bin.get("path").and_then(|it| it.as_str()) == Some("src/main.rs") {
            bins.retain(|it| Some(it.as_str()) != package);
        }
        bins.push(name.to_owned());
    }
    if let Ok(entries) = fs::read_dir(root.join("src/bin")) {
        for path in entries.flatten().map(|entry| entry.path()) {
            if extension(&path) == "rs" || path.join("main.rs").is_file() {
                bins.extend(path.file_stem().map(|it| it.to_string_lossy().into_owned()));
            }
        }
    }
    let mut unique = Vec::new();
    for bin in bins {
        if !unique.contains(&bin) {
            unique.push(bin);
        }
    }
    if unique.is_empty() { Err(RuntimeError::NoProgram { path }) } else { Ok(unique) }
}

fn choose<'a>(root: &Path, bins: &'a [String], handler: Option<&str>) -> Result<&'a str, RuntimeError> {
    if let Some(bin) = bins.iter().find(|it| Some(it.as_str()) == handler) {
        return Ok(bin);
    }
    match bins {
        [only] => Ok(only),
        _ => match bins.iter().find(|it| *it == "bootstrap") {
            Some(bin) => Ok(bin),
            None => Err(RuntimeError::SeveralFiles {
                path: root.to_owned(),
                candidates: bins.to_vec(),
                example: bins.first().cloned().unwrap_or_default(),
            }),
        },
    }
}

/// Where the program can be, nearest first.
fn places(root: &Path, bin: &str, surroundings: &Surroundings) -> Vec<Vec<PathBuf>> {
    // A relative CARGO_TARGET_DIR counts from where cargo was started: here.
    let passed = surroundings.cargo_target_dir.as_ref();
    let passed = passed.and_then(|it| std::path::absolute(it).ok());
    let inherited = root.ancestors().map(|dir| dir.join("target"));
    passed
        .into_iter()
        .chain(inherited)
        .map(|target| {
            vec![
                target.join("release").join(bin),
                target.join("debug").join(bin),
                // Where cargo-lambda puts it.
                target.join("lambda").join(bin).join("bootstrap"),
            ]
        })
        .collect()
}
