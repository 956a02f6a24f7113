//! The names of sources in a map: what they are called in a report, whose they are, where they lie.
//!
//! Every tool has a notation of its own: paths relative to the map (esbuild, tsc, Rollup),
//! `webpack://name/./src/x.ts?abcd` relative to the project, `file://` URLs, Windows paths.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::super::folders::Folders;
use super::super::frames::Whose;

/// Longer than any path that a system takes.
const LONGEST_NAME: usize = 4096;

/// A source, by its name.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::observe) struct Named {
    /// Relative to the function's folder, or to the folder above in which it lies.
    pub(in crate::observe) name: String,
    pub(in crate::observe) whose: Whose,
    /// Where it would lie on this machine.
    pub(in crate::observe) path: Option<PathBuf>,
}

/// What a name is relative to.
enum Base {
    Map,
    Project,
    Nothing,
}

/// Reads the name `source`, written in a file in `folder`, a path relative to the function's root.
///
/// `None`: it names nothing that could be shown.
pub(in crate::observe) fn resolve(folders: &Folders, folder: &Path, source: &str) -> Option<Named> {
    if source.len() > LONGEST_NAME {
        return None;
    }
    // Rollup marks modules that its plugins make up with a NUL.
    let made_up = source.starts_with('\0');
    let text: String = source.trim().chars().filter(|it| !it.is_control()).collect();
    let text = text.replace('\\', "/");
    let (base, path, of_bundler) = if let Some(rest) = text.strip_prefix("file://") {
        // After a host name, which is almost always empty.
        let path = &rest[rest.find('/')?..];
        (Base::Nothing, percent_decode_str(path).decode_utf8().ok()?.into_owned(), false)
    } else if let Some((scheme, rest)) = text.split_once("://") {
        let rest = rest.split('?').next().unwrap_or_default();
        let path = below_host(rest);
        let of_bundler = scheme.starts_with("webpack")
            && ["webpack/", "(webpack)", "external ", "ignored|"].iter().any(|it| path.starts_with(it));
        let base = if path.starts_with('/') { Base::Nothing } else { Base::Project };
        (base, path.to_owned(), of_bundler)
    } else if text.starts_with('/') || text.get(1..3) == Some(":/") {
        (Base::Nothing, text, false)
    } else {
        // Compilers of single-file components add `?vue&type=script`.
        (Base::Map, text.split('?').next().unwrap_or_default().to_owned(), false)
    };
    let whose = if of_bundler || made_up { Whose::Bundler } else { Whose::of(path.split('/')) };
    let (up, parts) = match base {
        Base::Map => walk(folder.to_str()?.split('/').chain(path.split('/'))),
        // Turbopack's `turbopack:///[project]/src/x.ts`.
        Base::Project => walk(path.trim_start_matches("[project]/").split('/')),
        Base::Nothing => {
            let full = Path::new(&path);
            let known = |folder: &Path| Some(full.strip_prefix(folder).ok()?.to_str()?.to_owned());
            let Some(below) =
                known(&folders.root).or_else(|| known(&folders.inside)).or_else(|| known(&folders.project))
            else {
                return Some(Named { name: path, whose, path: None });
            };
            let path = Some(folders.outside(&path));
            return named(below, whose, path);
        }
    };
    let name = parts.join("/");
    let from = match base {
        Base::Map => folders.root.ancestors().nth(up),
        Base::Project | Base::Nothing => Some(folders.project.as_path()).filter(|_| up == 0),
    };
    let path = from.map(|from| from.join(&name));
    // Steps up are left out: `../src/x.ts` in a map in `dist` is `src/x.ts` of the project, however
    // deep the folder is that the function is started from.
    named(name, whose, path)
}

fn named(name: String, whose: Whose, path: Option<PathBuf>) -> Option<Named> {
    (!name.is_empty()).then_some(Named { name, whose, path })
}

/// The path behind the host of a URL. webpack puts the name of the package there, which can have a
/// slash of its own: `@scope/name`; its paths begin with a dot.
fn below_host(rest: &str) -> &str {
    let dotted = ["/./", "/../"].iter().filter_map(|it| rest.find(it)).min();
    match dotted.or_else(|| rest.find('/')) {
        Some(at) => &rest[at + 1..],
        None => rest,
    }
}

/// How far a path leads up, and the parts of it below.
fn walk<'a>(path: impl Iterator<Item = &'a str>) -> (usize, Vec<&'a str>) {
    let mut up = 0;
    let mut parts = Vec::new();
    for part in path {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    up += 1;
                }
            }
            part => parts.push(part),
        }
    }
    (up, parts)
}

#[cfg(test)]
mod tests;
