//! Official Runtime API clients: where they are installed, and how to get them.
//!
//! They run unmodified, as they come from their registries. The managed runtimes of Lambda contain the same code.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{RuntimeError, Version};

/// Whose code speaks the Runtime API in the function's process.
///
/// It makes no difference to programs that bring their own client, and Java and Ruby have only the official one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientChoice {
    /// Ours: embedded, fast, and tested to behave like the official one.
    #[default]
    Own,
    /// That of AWS.
    Official,
}

/// Jars of the Java client: Maven group, name, and whether every version of the client needs it.
const JARS: [(&str, &str, Needed); 4] = [
    ("com/amazonaws", "aws-lambda-java-runtime-interface-client", Needed::Always),
    ("com/amazonaws", "aws-lambda-java-core", Needed::Always),
    ("com/amazonaws", "aws-lambda-java-serialization", Needed::Always),
    // `SdkInternalThreadLocal` of client 2.10.
    ("software/amazon/awssdk", "utils-lite", Needed::Sometimes),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Always,
    Sometimes,
}

/// The official Node client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeClient {
    /// The file to start.
    pub(crate) entry: PathBuf,
    /// The folder of packages in which it lies.
    pub(crate) packages: PathBuf,
}

/// Finds `aws-lambda-ric` above `root` or in one of `dirs`, for a Node of this version.
pub(crate) fn node(root: &Path, dirs: &[PathBuf], version: Version) -> Result<NodeClient, RuntimeError> {
    const NAME: &str = "aws-lambda-ric";
    #[derive(Deserialize)]
    struct Package {
        version: Version,
        bin: std::collections::BTreeMap<String, String>,
    }
    let above = root.ancestors().map(|dir| dir.join("node_modules").join(NAME));
    let given =
        dirs.iter().flat_map(|dir| [dir.join("node_modules").join(NAME), dir.join(NAME), dir.clone()]);
    let mut searched = Vec::new();
    for folder in above.chain(given) {
        searched.push(folder.clone());
        let Ok(text) = fs::read_to_string(folder.join("package.json")) else { continue };
        let Ok(package) = serde_json::from_str::<Package>(&text) else { continue };
        let Some(entry) = package.bin.get(NAME) else { continue };
        // package.json of 4.0: "engines": { "node": ">=22" }.
        if package.version.major >= 4 && version.major < 22 {
            return Err(RuntimeError::ClientNeedsNewer {
                client: format!("{NAME} {}", package.version),
                needs: "Node 22",
                version: version.to_string(),
            });
        }
        let packages = match folder.parent() {
            Some(parent) if parent.ends_with("node_modules") => parent.to_owned(),
            _ => folder.clone(),
        };
        return Ok(NodeClient { entry: folder.join(entry.trim_start_matches("./")), packages });
    }
    let wanted = if version.major >= 22 { "aws-lambda-ric@4" } else { "aws-lambda-ric@3" };
    Err(RuntimeError::ClientMissing {
        client: NAME,
        searched,
        fix: format!("npm install --prefix DIR {wanted}"),
    })
}

/// Finds `awslambdaric` in the function's own folder, in the interpreter's, or in one of `dirs`.
///
/// The value is the folder that Python must be told of, if it does not look there by itself.
pub(crate) fn python(
    root: &Path,
    interpreter: &[PathBuf],
    dirs: &[PathBuf],
) -> Result<Option<PathBuf>, RuntimeError> {
    const NAME: &str = "awslambdaric";
    let is_there = |dir: &Path| dir.join(NAME).join("__main__.py").is_file();
    if is_there(root) || interpreter.iter().any(|dir| is_there(dir)) {
        return Ok(None);
    }
    if let Some(dir) = dirs.iter().find(|dir| is_there(dir)) {
        return std::path::absolute(dir)
            .map(Some)
            .map_err(|source| RuntimeError::Unreadable { path: dir.clone(), source });
    }
    let searched = std::iter::once(root).map(Path::to_owned);
    let searched = searched.chain(interpreter.iter().cloned()).chain(dirs.iter().cloned()).collect();
    let fix = format!("pip install --target DIR {NAME}");
    Err(RuntimeError::ClientMissing { client: NAME, searched, fix })
}

/// Finds the jars of the Java client beside the function's own, in `dirs`, or in Maven's local repository below `home`.
pub(crate) fn java(root: &Path, dirs: &[PathBuf], home: Option<&Path>) -> Result<Vec<PathBuf>, RuntimeError> {
    let mut folders: Vec<PathBuf> = vec![root.to_owned(), root.join("lib")];
    folders.extend(dirs.iter().flat_map(|dir| [dir.clone(), dir.join("lib")]));
    let repository = home.map(|home| home.join(".m2/repository"));
    let mut found = Vec::new();
    for (group, name, needed) in JARS {
        let beside = folders.iter().find_map(|dir| newest_jar(dir, name));
        let local = || repository.as_ref().and_then(|it| newest_version(&it.join(group).join(name), name));
        match beside.or_else(local) {
            Some(jar) => found.push(jar),
            None if needed == Needed::Sometimes => {}
            None => {
                let searched = folders.iter().cloned().chain(repository.clone()).collect();
                return Err(RuntimeError::ClientMissing {
                    client: name,
                    searched,
                    fix: format!(
                        "mvn dependency:copy -Dartifact=com.amazonaws:{name}:VERSION -DoutputDirectory=DIR, \
                         the same for its other parts (aws-lambda-java-core, aws-lambda-java-serialization, \
                         software.amazon.awssdk:utils-lite)"
                    ),
                });
            }
        }
    }
    Ok(found)
}

/// `name-1.2.3.jar` in `dir`.
fn newest_jar(dir: &Path, name: &str) -> Option<PathBuf> {
    let mut found: Vec<(Version, PathBuf)> = Vec::new();
    for path in fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()) {
        let file = path.file_name()?.to_string_lossy().into_owned();
        let version = file.strip_prefix(name).and_then(|it| it.strip_prefix('-')?.strip_suffix(".jar"));
        // `name-1.2.3-linux-x86_64.jar` and the like are parts of another form of it.
        if let Some(version) = version.filter(|it| !it.contains('-')).and_then(|it| it.parse().ok()) {
            found.push((version, path));
        }
    }
    found.into_iter().max().map(|(_, path)| path)
}

/// `1.2.3/name-1.2.3.jar` below `dir`.
fn newest_version(dir: &Path, name: &str) -> Option<PathBuf> {
    let versions = fs::read_dir(dir).ok()?.flatten();
    let mut jars: Vec<PathBuf> = versions.filter_map(|entry| newest_jar(&entry.path(), name)).collect();
    jars.sort_by_key(|jar| {
        let folder = jar.parent().and_then(Path::file_name).map(|it| it.to_string_lossy().parse::<Version>());
        folder.and_then(Result::ok)
    });
    jars.pop()
}

/// The official Ruby client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RubyClient {
    /// The gem's folder.
    pub(crate) folder: PathBuf,
}

/// Finds the gem `aws_lambda_ric`: `installed` is where the interpreter knows it.
pub(crate) fn ruby(installed: Option<PathBuf>, dirs: &[PathBuf]) -> Result<RubyClient, RuntimeError> {
    const NAME: &str = "aws_lambda_ric";
    let is_there = |dir: &&PathBuf| dir.join("bin").join(NAME).is_file() && dir.join("lib").is_dir();
    match installed.iter().chain(dirs).find(is_there) {
        Some(folder) => std::path::absolute(folder)
            .map(|folder| RubyClient { folder })
            .map_err(|source| RuntimeError::Unreadable { path: folder.clone(), source }),
        None => Err(RuntimeError::ClientMissing {
            client: NAME,
            searched: installed.into_iter().chain(dirs.iter().cloned()).collect(),
            fix: format!("gem install {NAME}, or gem unpack {NAME} --target DIR"),
        }),
    }
}

#[cfg(test)]
mod tests;
