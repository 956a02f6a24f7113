//! TypeScript: which files are, and which versions of Node read them.

use std::path::Path;

use crate::{Version, find::extension};

/// What the interpreter must be able to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Its own language.
    Plain,
    /// TypeScript, which only newer versions of Node read.
    TypeScript,
}

/// How Node reads TypeScript: it takes the types out and runs the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeStripping {
    /// As it is.
    Default,
    /// With this argument.
    Flag(&'static str),
    /// Not at all.
    Missing,
}

impl TypeStripping {
    // Node.js "Modules: TypeScript", history: added in 22.6.0, on by default in 22.18.0 and 23.6.0.
    pub(crate) fn of(version: Version) -> Self {
        match (version.major, version.minor) {
            (22, 6..18) | (23, 0..6) => Self::Flag("--experimental-strip-types"),
            (..22, _) | (22, ..6) => Self::Missing,
            _ => Self::Default,
        }
    }
}

/// Whether `path` is TypeScript of the function: code, not only declarations.
pub(crate) fn is_type_script(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    matches!(extension(path), "ts" | "mts" | "cts") && !name.contains(".d.") && !is_for_a_tool(&name)
}

/// Whether a file is a test or the configuration of a tool, by its name.
pub(crate) fn is_for_a_tool(name: &str) -> bool {
    [".test.", ".spec.", ".config."].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_versions_strip_types() {
        let of = |text: &str| TypeStripping::of(text.parse().unwrap());
        for old in ["14.0.0", "18.20.8", "20.20.2", "22.5.1"] {
            assert_eq!(of(old), TypeStripping::Missing, "{old}");
        }
        for flagged in ["22.6.0", "22.17.1", "23.0.0", "23.5.0"] {
            assert_eq!(of(flagged), TypeStripping::Flag("--experimental-strip-types"), "{flagged}");
        }
        for new in ["22.18.0", "23.6.0", "24.0.0", "26.1.0"] {
            assert_eq!(of(new), TypeStripping::Default, "{new}");
        }
    }
}
