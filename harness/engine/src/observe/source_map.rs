//! Source maps: which line of the source a position in a bundle comes from.
//!
//! A map is read when the first frame in its bundle is seen, and kept. It is text that others
//! wrote: whatever it says, it costs bounded time and memory once, and one that is of no use is no
//! error. Then places are named as they are in the bundle.

mod comment;
mod names;
mod table;
#[cfg(test)]
pub(super) mod written;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use super::folders::{Content, Folders};
use super::frames::Whose;
use super::text::Text;
pub(super) use names::resolve;
use table::{Table, Unusable};

/// A bundle of 5 MB with the text of all its sources has a map of 10 to 20 MB.
const LARGEST_MAP: u64 = 32 << 20;

/// All maps of a function together.
const ROOM: u64 = 128 << 20;

/// Files whose maps are kept: more than a function that is compiled file by file has at work.
const MOST_MAPS: usize = 256;

/// How a map was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// Named in the bundle.
    ByComment,
    /// Beside the bundle, under its name: bundlers call it external or hidden.
    Beside,
}

/// The map of one bundle.
#[derive(Debug)]
pub(super) struct SourceMap {
    found: Found,
    table: Table,
    sources: Vec<Source>,
}

/// One source of a bundle.
#[derive(Debug)]
pub(super) struct Source {
    /// As it is named in reports.
    pub(super) name: String,
    pub(super) whose: Whose,
    content: Option<Text>,
    path: Option<PathBuf>,
    /// When the map was made.
    made: Option<SystemTime>,
    from_disk: OnceLock<Option<Text>>,
}

/// What a map says of a position in its bundle. Lines and columns count from 1, as in traces.
pub(super) enum Spot<'a> {
    /// It comes from there.
    Source { source: &'a Source, line: u32, column: usize },
    /// The bundler wrote it.
    Generated,
}

impl SourceMap {
    /// `folder`: of the file that holds the map, relative to the function's root.
    fn new(
        mut table: Table,
        folders: &Folders,
        folder: &Path,
        made: Option<SystemTime>,
        found: Found,
    ) -> SourceMap {
        let source = |listed: table::ListedSource| {
            let named = resolve(folders, folder, &listed.name);
            let named =
                named.unwrap_or(names::Named { name: String::new(), whose: Whose::Bundler, path: None });
            Source {
                name: named.name,
                whose: if listed.ignored { Whose::Others } else { named.whose },
                content: listed.content.map(Text::new),
                path: named.path,
                made,
                from_disk: OnceLock::new(),
            }
        };
        let sources = std::mem::take(&mut table.sources).into_iter().map(source).collect();
        SourceMap { found, table, sources }
    }

    /// Whether Node finds it too.
    pub(super) fn is_found_by_node(&self) -> bool {
        self.found == Found::ByComment
    }

    /// Where the code at `line` and `column` of the bundle comes from.
    pub(super) fn spot(&self, line: u32, column: usize) -> Spot<'_> {
        let spot = || {
            let column = u32::try_from(column).ok()?.checked_sub(1)?;
            let origin = self.table.origin(line.checked_sub(1)?, column)?;
            let source = self.sources.get(origin.source as usize).filter(|it| !it.name.is_empty())?;
            let line = origin.line.checked_add(1)?;
            Some(Spot::Source { source, line, column: origin.column as usize + 1 })
        };
        spot().unwrap_or(Spot::Generated)
    }
}

impl Source {
    /// Its text: from the map, or from the file as long as that is not newer than the map.
    pub(super) fn text(&self, folders: &Folders) -> Option<&Text> {
        let from_disk = || {
            let Content::Bytes(bytes, modified) = folders.read_source(self.path.as_deref()?) else {
                return None;
            };
            // After an edit, the line of that number is another one.
            let current = modified.zip(self.made).is_none_or(|(modified, made)| modified <= made);
            Some(Text::new(String::from_utf8(bytes).ok().filter(|_| current)?))
        };
        self.content.as_ref().or_else(|| self.from_disk.get_or_init(from_disk).as_ref())
    }
}

/// The maps of a function that were needed so far.
#[derive(Debug)]
pub(super) struct Shelf {
    inner: Mutex<Inner>,
    /// Every source of every bundle, by name.
    sources: OnceLock<BTreeMap<String, (Arc<SourceMap>, usize)>>,
}

#[derive(Debug)]
struct Inner {
    maps: BTreeMap<PathBuf, Option<Arc<SourceMap>>>,
    room: u64,
    note: Option<String>,
}

impl Default for Shelf {
    fn default() -> Shelf {
        let inner = Inner { maps: BTreeMap::new(), room: ROOM, note: None };
        Shelf { inner: Mutex::new(inner), sources: OnceLock::new() }
    }
}

impl Shelf {
    /// The map of the file at `path` in the function's folder. `code`: its content, if it is known.
    pub(super) fn map(&self, folders: &Folders, path: &Path, code: Option<&Text>) -> Option<Arc<SourceMap>> {
        if !is_javascript(path) {
            return None;
        }
        let mut inner = self.lock();
        if let Some(known) = inner.maps.get(path) {
            return known.clone();
        }
        if inner.maps.len() == MOST_MAPS {
            return None;
        }
        let read;
        let code = match code {
            Some(code) => code.as_str(),
            None => match folders.read(path, LARGEST_MAP) {
                Content::Bytes(bytes, _) => {
                    read = String::from_utf8_lossy(&bytes).into_owned();
                    &read
                }
                Content::TooLarge => "",
                // Not remembered: a trace can name any number of files that do not exist.
                Content::Absent => return None,
            },
        };
        let relative = path.strip_prefix(&folders.root).ok()?;
        let map = load(folders, relative, code, &mut inner.room);
        let map = map.and_then(|map| match map {
            Ok(map) => Some(Arc::new(map)),
            Err(why) => {
                let note = || format!("the source map of {} cannot be used: {why}", relative.display());
                inner.note.get_or_insert_with(note);
                None
            }
        });
        inner.maps.insert(path.to_owned(), map.clone());
        map
    }

    /// The source with `name` of any bundle among `files`: Node and the package `source-map-support`
    /// translate traces themselves where they are told to.
    pub(super) fn source<'a>(
        &self,
        folders: &Folders,
        files: impl IntoIterator<Item = (&'a PathBuf, &'a Text)>,
        name: &str,
    ) -> Option<Known> {
        let sources = self.sources.get_or_init(|| {
            let mut sources = BTreeMap::new();
            for (path, code) in files {
                let Some(map) = self.map(folders, path, Some(code)) else { continue };
                for (index, source) in map.sources.iter().enumerate() {
                    sources.entry(source.name.clone()).or_insert_with(|| (Arc::clone(&map), index));
                }
            }
            sources
        });
        let (map, index) = sources.get(name)?;
        Some(Known { map: Arc::clone(map), index: *index })
    }

    /// What the user should know about a map that was of no use.
    pub(super) fn note(&self) -> Option<String> {
        self.lock().note.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A source that was found by its name.
pub(super) struct Known {
    map: Arc<SourceMap>,
    index: usize,
}

impl Known {
    pub(super) fn source(&self) -> &Source {
        &self.map.sources[self.index]
    }
}

fn is_javascript(path: &Path) -> bool {
    path.extension().and_then(|it| it.to_str()).is_some_and(|it| matches!(it, "js" | "mjs" | "cjs"))
}

/// Finds and reads the map of `file`, a path relative to the function's root.
fn load(folders: &Folders, file: &Path, code: &str, room: &mut u64) -> Option<Result<SourceMap, Unusable>> {
    let limit = LARGEST_MAP.min(*room);
    let folder = file.parent().unwrap_or(Path::new(""));
    let url = comment::url(code);
    if let Some(inline) = url.and_then(|url| comment::inline(url, limit)) {
        let made = std::fs::metadata(folders.root.join(file)).and_then(|it| it.modified()).ok();
        return Some(inline.and_then(|json| {
            *room = room.saturating_sub(json.len() as u64);
            Ok(SourceMap::new(Table::read(&json)?, folders, folder, made, Found::ByComment))
        }));
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".map");
    let named = url.and_then(|url| comment::file(url, folder)).map(|path| (path, Found::ByComment));
    for (path, found) in named.into_iter().chain([(beside.into(), Found::Beside)]) {
        let (json, made) = match folders.read(&folders.root.join(&path), limit) {
            Content::Bytes(json, made) => (json, made),
            Content::TooLarge => return Some(Err(Unusable::TooLarge)),
            Content::Absent => continue,
        };
        *room = room.saturating_sub(json.len() as u64);
        let folder = path.parent().unwrap_or(Path::new(""));
        return Some(Table::read(&json).map(|table| SourceMap::new(table, folders, folder, made, found)));
    }
    None
}

#[cfg(test)]
mod tests;
