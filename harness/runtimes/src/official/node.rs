//! `aws-lambda-ric`, the official Node client.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::ClientPart;
use crate::{RuntimeError, Version};

const NAME: &str = "aws-lambda-ric";

/// Where versions 2, 3 and 4 have the module that speaks HTTP. Their install script compiles it.
const NATIVE: [&str; 3] = ["build/Release/rapid-client.node", "dist/rapid-client.node", "rapid-client.node"];

/// The official Node client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeClient {
    /// The file to start: what its package.json calls its program.
    pub(crate) entry: PathBuf,
    /// Its package, if that is not the function's own: bundled, so this is all that it needs.
    pub(crate) part: Option<ClientPart>,
}

#[derive(Deserialize)]
struct Package {
    version: Version,
    bin: BTreeMap<String, String>,
}

/// Finds `aws-lambda-ric` for a Node of this version: where `require` looks from `root`, then in `dirs`.
pub(crate) fn node(root: &Path, dirs: &[PathBuf], version: Version) -> Result<NodeClient, RuntimeError> {
    let own = root.ancestors().map(|dir| (dir.join("node_modules").join(NAME), true));
    let given = dirs.iter().flat_map(|dir| {
        // What `npm install --prefix` was told, its node_modules, or the package.
        [dir.join("node_modules").join(NAME), dir.join(NAME), dir.clone()].map(|it| (it, false))
    });
    let mut searched = Vec::new();
    let mut unfit = None;
    for (folder, is_own) in own.chain(given) {
        match read(&folder, version) {
            Ok(Some(entry)) if is_own => return Ok(NodeClient { entry, part: None }),
            Ok(Some(entry)) => {
                let part = ClientPart::new(&folder, Path::new("node_modules").join(NAME))?;
                let below = entry.strip_prefix(&folder).unwrap_or(&entry);
                return Ok(NodeClient { entry: part.lies.join(below), part: Some(part) });
            }
            Ok(None) => searched.push(folder),
            // Another folder may have one that fits.
            Err(error) => {
                unfit.get_or_insert(error);
            }
        }
    }
    Err(unfit.unwrap_or_else(|| RuntimeError::ClientMissing { client: NAME, searched, fix: fix(version) }))
}

fn fix(version: Version) -> String {
    format!("npm install --prefix DIR {NAME}@{}, then pass --client-dir DIR", wanted(version))
}

/// The version that behaves like the managed runtime: nodejs24.x has 4, those before have 3
/// (aws/aws-lambda-base-images issue 392).
fn wanted(version: Version) -> u32 {
    if version.major >= 24 { 4 } else { 3 }
}

/// The file to start of the package in `folder`; `None` if it is not there.
fn read(folder: &Path, version: Version) -> Result<Option<PathBuf>, RuntimeError> {
    let Ok(text) = fs::read_to_string(folder.join("package.json")) else { return Ok(None) };
    let Ok(package) = serde_json::from_str::<Package>(&text) else { return Ok(None) };
    let Some(entry) = package.bin.get(NAME) else { return Ok(None) };
    // package.json of 4.0: "engines": { "node": ">=22" }.
    if package.version.major >= 4 && version.major < 22 {
        return Err(RuntimeError::ClientNeedsNewer {
            client: format!("{NAME} {}", package.version),
            needs: "Node 22",
            version: version.to_string(),
            fix: fix(version),
        });
    }
    if !NATIVE.iter().any(|it| folder.join(it).is_file()) {
        return Err(RuntimeError::ClientNotBuilt { client: NAME, path: folder.to_owned() });
    }
    Ok(Some(folder.join(entry.trim_start_matches("./"))))
}
