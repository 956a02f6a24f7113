//! The source files of the function itself.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::extension;
use crate::{
    Language,
    typescript::{is_for_a_tool, is_type_script},
};

/// Enough for any function that people write by hand; keeps a wrongly chosen root bearable.
const MOST_FILES: usize = 2000;
const DEEPEST: usize = 12;
/// A bundle can be larger; nothing that is worth reading for names is.
const LARGEST: u64 = 4 << 20;

const FOREIGN_FOLDERS: &[&str] = &[
    "node_modules",
    "venv",
    "site-packages",
    "__pycache__",
    "test",
    "tests",
    "__tests__",
    "__mocks__",
    "spec",
    "coverage",
];

/// Lists source files below `root`, `main` among them in any case. Sorted.
pub(super) fn list(root: &Path, language: Language, main: &Path) -> Vec<PathBuf> {
    let mut found = BTreeSet::from([main.to_owned()]);
    walk(root, language, 0, &mut found);
    found.into_iter().collect()
}

fn walk(dir: &Path, language: Language, depth: usize, found: &mut BTreeSet<PathBuf>) {
    // What cannot be read teaches nothing, which is no error: names are only a help.
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let vendored = vendored_packages(&paths);
    for path in paths {
        if found.len() >= MOST_FILES {
            return;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || vendored.contains(&name) {
            continue;
        }
        // Symbolic links are not followed: they could lead in circles.
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            let foreign = FOREIGN_FOLDERS.contains(&name.as_str())
                || name.ends_with(".dist-info")
                || path.join("pyvenv.cfg").exists();
            if !foreign && depth < DEEPEST {
                walk(&path, language, depth + 1, found);
            }
        } else if metadata.is_file() && metadata.len() <= LARGEST && teaches(&path, language) {
            found.insert(path);
        }
    }
}

/// What was compiled from TypeScript is often bundled and renamed; its source has the names too.
fn teaches(path: &Path, language: Language) -> bool {
    is_source(path, language) || (language == Language::JavaScript && is_type_script(path))
}

/// Whether `path` is source code of the function that runs as it is, by its name: not a test and not configuration
/// of a tool.
pub(super) fn is_source(path: &Path, language: Language) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match language {
        Language::JavaScript => matches!(extension(path), "js" | "mjs" | "cjs") && !is_for_a_tool(&name),
        Language::Python => {
            extension(path) == "py"
                && !name.starts_with("test_")
                && !name.ends_with("_test.py")
                && !matches!(&*name, "conftest.py" | "setup.py")
        }
        Language::Ruby => {
            extension(path) == "rb" && !name.ends_with("_test.rb") && !name.ends_with("_spec.rb")
        }
        Language::Java => extension(path) == "class",
        Language::Native => false,
    }
}

/// What `pip install --target` put here, by the RECORD files that it leaves.
fn vendored_packages(paths: &[PathBuf]) -> BTreeSet<String> {
    let records = paths.iter().filter(|path| extension(path) == "dist-info");
    let mut vendored = BTreeSet::new();
    for record in records.filter_map(|path| fs::read_to_string(path.join("RECORD")).ok()) {
        for line in record.lines() {
            let file = line.split(',').next().unwrap_or_default();
            if let Some(first) = file.split('/').next()
                && !first.is_empty()
                && first != ".."
            {
                vendored.insert(first.to_owned());
            }
        }
    }
    vendored
}
