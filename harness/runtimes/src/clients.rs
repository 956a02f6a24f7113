//! Our own Runtime API clients: the embedded files and where they are written.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

const NODE: &str = "node/client.cjs";
const PYTHON: &str = "python/bootstrap.py";

/// Name below the folder of clients, and content.
const FILES: &[(&str, &str)] = &[
    (NODE, include_str!("clients/node/client.cjs")),
    ("node/answers.cjs", include_str!("clients/node/answers.cjs")),
    ("node/blocking.cjs", include_str!("clients/node/blocking.cjs")),
    ("node/client3.cjs", include_str!("clients/node/client3.cjs")),
    ("node/client4.cjs", include_str!("clients/node/client4.cjs")),
    ("node/connection.cjs", include_str!("clients/node/connection.cjs")),
    ("node/console.cjs", include_str!("clients/node/console.cjs")),
    ("node/context.cjs", include_str!("clients/node/context.cjs")),
    ("node/faults.cjs", include_str!("clients/node/faults.cjs")),
    ("node/load.cjs", include_str!("clients/node/load.cjs")),
    ("node/streaming.cjs", include_str!("clients/node/streaming.cjs")),
    ("node/version.cjs", include_str!("clients/node/version.cjs")),
    (PYTHON, include_str!("clients/python/bootstrap.py")),
    ("python/errors.py", include_str!("clients/python/errors.py")),
    ("python/handler.py", include_str!("clients/python/handler.py")),
    ("python/json_text.py", include_str!("clients/python/json_text.py")),
    ("python/lambda_context.py", include_str!("clients/python/lambda_context.py")),
    ("python/logs.py", include_str!("clients/python/logs.py")),
    ("python/offered_modules.py", include_str!("clients/python/offered_modules.py")),
    ("python/snap_start.py", include_str!("clients/python/snap_start.py")),
    ("python/snapshot_restore_py.py", include_str!("clients/python/snapshot_restore_py.py")),
    ("python/wire.py", include_str!("clients/python/wire.py")),
];

/// Tells threads of one process apart that write the same file.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Writes the clients below `dir`.
///
/// Files that are already there with the right content are left alone, so that concurrent runs
/// can share a folder; others are replaced by renaming, so that nobody reads half a file.
///
/// # Errors
///
/// Returns the system's error if a folder or file cannot be written.
pub fn install_clients(dir: &Path) -> io::Result<()> {
    install(dir, FILES)
}

/// Writes `files`, each its name below `dir` and its content.
pub(crate) fn install(dir: &Path, files: &[(&str, &str)]) -> io::Result<()> {
    for (name, text) in files.iter().copied() {
        let path = dir.join(name);
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        let parent = path.parent().expect("the names above have a folder");
        fs::create_dir_all(parent)?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let fresh = path.with_extension(format!("{}-{count}.tmp", std::process::id()));
        fs::write(&fresh, text)?;
        fs::rename(&fresh, &path)?;
    }
    Ok(())
}

/// Path of the Node client below `dir`.
pub(crate) fn node(dir: &Path) -> PathBuf {
    dir.join(NODE)
}

/// Path of the Python client below `dir`.
pub(crate) fn python(dir: &Path) -> PathBuf {
    dir.join(PYTHON)
}
