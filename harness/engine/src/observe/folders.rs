//! The function's folders: which of its files a trace means, and which files may be read.
//!
//! What a trace or a source map names is text that others wrote. A file is read for it only if it
//! lies, after all links, in the function's folder, or is source code in the project around it.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags};

/// Larger sources are not written by people: no line of them is shown.
const LARGEST_SOURCE: u64 = 4 << 20;

/// What the bundlers and compilers of the Node world read.
const SOURCES: &[&str] = &["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "coffee"];

/// How far above the function's folder its project is looked for: as far as `evfuzz_runtimes` goes
/// for a handler that imports from above.
const PROJECT_LEVELS: usize = 4;

/// Where the function lies.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// The function's folder.
    pub(super) root: PathBuf,
    /// The same folder as the function's process names it.
    pub(super) inside: PathBuf,
    /// The nearest folder with a `package.json`, from `root` upwards; `root` if there is none.
    pub(super) project: PathBuf,
}

/// What came of reading a file.
pub(super) enum Content {
    Bytes(Vec<u8>, Option<SystemTime>),
    TooLarge,
    /// Not there, not a file, or not one that may be read.
    Absent,
}

impl Folders {
    pub(super) fn new(root: &Path, inside: &Path) -> Folders {
        let mut near = root.ancestors().take(PROJECT_LEVELS);
        let project = near.find(|folder| folder.join("package.json").is_file()).unwrap_or(root);
        Folders { root: root.to_owned(), inside: inside.to_owned(), project: project.to_owned() }
    }

    /// A file as the function's process names it, as it is named here.
    pub(super) fn outside(&self, file: &str) -> PathBuf {
        let path = Path::new(file);
        match path.strip_prefix(&self.inside) {
            Ok(below) => self.root.join(below),
            Err(_) => path.to_owned(),
        }
    }

    /// Reads a file of the function, up to `limit` bytes.
    pub(super) fn read(&self, path: &Path, limit: u64) -> Content {
        read_within(path, &self.root, limit)
    }

    /// Reads source code that a trace or a source map names.
    ///
    /// The project is read too, because `tsc` leaves the sources out of its maps and functions
    /// are often started from `dist`. But a map can name any path, and the line it asks for ends
    /// in a report: so source code only, and nothing in hidden folders, where keys are kept.
    pub(super) fn read_source(&self, path: &Path) -> Content {
        let known = path.extension().and_then(|it| it.to_str()).is_some_and(|it| SOURCES.contains(&it));
        let within = if path.starts_with(&self.root) { &self.root } else { &self.project };
        let hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
        match path.strip_prefix(within) {
            Ok(below) if known && !below.components().any(hidden) => {
                read_within(path, within, LARGEST_SOURCE)
            }
            _ => Content::Absent,
        }
    }
}

fn read_within(path: &Path, folder: &Path, limit: u64) -> Content {
    let (Ok(path), Ok(folder)) = (path.canonicalize(), folder.canonicalize()) else {
        return Content::Absent;
    };
    if !path.starts_with(folder) {
        return Content::Absent;
    }
    // Without NONBLOCK, opening a named pipe waits for somebody to write to it.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::open(&path, flags, Mode::empty()) else { return Content::Absent };
    let file = std::fs::File::from(file);
    let Some(metadata) = file.metadata().ok().filter(|it| it.is_file()) else { return Content::Absent };
    if metadata.len() > limit {
        return Content::TooLarge;
    }
    let mut bytes = Vec::new();
    match file.take(limit + 1).read_to_end(&mut bytes) {
        Ok(length) if length as u64 > limit => Content::TooLarge,
        Ok(_) => Content::Bytes(bytes, metadata.modified().ok()),
        Err(_) => Content::Absent,
    }
}
