//! `awslambdaric`, the official Python client.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::ClientPart;
use crate::{RuntimeError, Version};

const NAME: &str = "awslambdaric";

/// Finds `awslambdaric` for the Python `program`: in the function's own folder, in the interpreter's, then in `dirs`.
///
/// The value is the folder that Python must be told of, if it does not look there by itself.
pub(crate) fn python(
    root: &Path,
    interpreter: &[PathBuf],
    dirs: &[PathBuf],
    program: &Path,
    version: Version,
) -> Result<Option<ClientPart>, RuntimeError> {
    // Python's own order: the working directory hides what comes after it.
    let own = std::iter::once(root).chain(interpreter.iter().map(PathBuf::as_path));
    let given = dirs.iter().map(PathBuf::as_path);
    let mut unfit = None;
    for (dir, is_given) in own.map(|it| (it, false)).chain(given.map(|it| (it, true))) {
        if !dir.join(NAME).join("__main__.py").is_file() {
            continue;
        }
        if fits(dir, version) {
            return if is_given { ClientPart::new(dir, "").map(Some) } else { Ok(None) };
        }
        unfit.get_or_insert_with(|| dir.to_owned());
    }
    let fix = format!("{} -m pip install --target DIR {NAME}, then pass --client-dir DIR", program.display());
    Err(match unfit {
        Some(path) => {
            let version = format!("Python {}.{}", version.major, version.minor);
            RuntimeError::ClientForOther { client: NAME, path, version, fix }
        }
        None => {
            let searched = std::iter::once(root).map(Path::to_owned);
            let searched = searched.chain(interpreter.iter().cloned()).chain(dirs.iter().cloned()).collect();
            RuntimeError::ClientMissing { client: NAME, searched, fix }
        }
    })
}

/// Whether the compiled half of the client beside it is for this version: wheels have one for a single version, and Python
/// names its file so.
fn fits(dir: &Path, version: Version) -> bool {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut compiled = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("runtime_client.") && name.ends_with(".so"))
        .peekable();
    let tag = format!(".cpython-{}{}-", version.major, version.minor);
    compiled.peek().is_none()
        || compiled.any(|name| name.contains(&tag) || name.contains(".abi3.") || name == "runtime_client.so")
}
