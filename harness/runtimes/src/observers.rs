//! Observers: files that an interpreter loads before the function, and the variables that make it do so.

use std::{ffi::OsString, io, path::Path};

use crate::{Runtime, Target, clients::install};

mod java;

const NODE: &str = "node.cjs";
const PYTHON: &str = "python";

/// Name below the folder of observers, and content.
const FILES: &[(&str, &str)] = &[
    (NODE, include_str!("observers/node.cjs")),
    ("node/drivers.cjs", include_str!("observers/node/drivers.cjs")),
    ("node/queries.cjs", include_str!("observers/node/queries.cjs")),
    ("python/evfuzz_drivers.py", include_str!("observers/python/evfuzz_drivers.py")),
    ("node/files.cjs", include_str!("observers/node/files.cjs")),
    ("node/network.cjs", include_str!("observers/node/network.cjs")),
    ("python/sitecustomize.py", include_str!("observers/python/sitecustomize.py")),
];

/// The oldest Node.js that the observer's text is written for.
const OLDEST_NODE: u32 = 16;
/// The oldest Python with audit hooks (PEP 578).
const OLDEST_PYTHON: (u32, u32) = (3, 8);

/// Writes the observers below `dir`, as [`install_clients`](crate::install_clients) does, and builds what has to be built for
/// `target`. Returns whether it has one.
///
/// # Errors
///
/// Returns the system's error if a folder or file cannot be written.
pub fn install_observers(target: &Target, dir: &Path) -> io::Result<Observed> {
    install(dir, FILES)?;
    Ok(match &target.runtime {
        Runtime::Node { version } if version.major >= OLDEST_NODE => Observed::Yes,
        Runtime::Python { version } if (version.major, version.minor) >= OLDEST_PYTHON => Observed::Yes,
        Runtime::Java { version } => java::install(target, *version, dir)?,
        _ => Observed::No,
    })
}

/// Adds what makes the function's interpreter load its observer from `dir`, where the function finds it, to the complete
/// environment `env` and the arguments `args`. What was set there stays in force. The observer has to be installed
/// ([`Observed::Yes`]).
///
/// Returns whether there is an observer for it.
#[must_use]
pub fn observe(
    target: &Target,
    env: &mut Vec<(String, String)>,
    args: &mut Vec<OsString>,
    dir: &Path,
) -> Observed {
    let Some(dir) = dir.to_str() else { return Observed::No };
    match &target.runtime {
        Runtime::Node { version } if version.major >= OLDEST_NODE => {
            // Node.js' own rules: within double quotes a backslash takes the next character as it is.
            let path = format!("{dir}/{NODE}").replace('\\', "\\\\").replace('"', "\\\"");
            prepend(env, "NODE_OPTIONS", &format!("--require=\"{path}\""), " ");
        }
        Runtime::Python { version } if (version.major, version.minor) >= OLDEST_PYTHON => {
            prepend(env, "PYTHONPATH", &format!("{dir}/{PYTHON}"), ":");
        }
        // java.lang.instrument, "Package Specification": what follows `=` is for the agent. An argument is not inherited by
        // children, and leaves a JAVA_TOOL_OPTIONS of the user's, of which the virtual machine tells on standard error.
        Runtime::Java { version } if version.major >= java::OLDEST && !dir.contains('=') => {
            args.insert(0, format!("-javaagent:{dir}/{}", java::JAR).into());
        }
        _ => return Observed::No,
    }
    Observed::Yes
}

/// Whether a function has an observer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// Its runtime has one.
    Yes,
    /// There is none for its runtime.
    No,
    /// Its runtime has one, and this installation lacks what it needs: a Java without a compiler or without agents is no JDK.
    Incomplete,
}

fn prepend(env: &mut Vec<(String, String)>, name: &str, value: &str, separator: &str) {
    match env.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) if !old.is_empty() => *old = format!("{value}{separator}{old}"),
        Some((_, old)) => value.clone_into(old),
        None => env.push((name.to_owned(), value.to_owned())),
    }
}
