//! A watched folder: who opens, creates, writes or deletes what lies in it.
//!
//! A folder of canary files that a function has no reason to touch: a name that carries a nonce says which test case touched it.
//! The watch is inotify's, which goes by inode: it sees through bind mounts and from outside of a mount namespace.
//!
//! What inotify(7) cannot see, and so neither can this:
//! - `stat`, `access`, `readlink`, and looking a name up: nothing is opened;
//! - an open that was refused, be it by a barrier: only what succeeded is told;
//! - reads and writes through `mmap`, after the open that came before them;
//! - who did it;
//! - access through a hard link in another folder;
//! - on network file systems, what another machine does.
//!
//! This is evidence of what happened, like the exec watch, and no barrier.

use std::{
    collections::{BTreeMap, VecDeque},
    ffi::OsStr,
    fs, io,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::MetadataExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{
        Mode, OFlags, ResolveFlags,
        inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags},
        openat2,
    },
    io::Errno,
};

/// Folders below the watched one that are watched at a time. A function that may write could make any number,
/// and the kernel counts watches per user (inotify(7), `max_user_watches`).
const MOST_FOLDERS: usize = 256;
/// Events taken from the kernel at a time. One has at most 16 bytes and a name of 255 with its zero.
const BUFFER: usize = 16 * 1024;

/// Watches a folder and what is below it.
///
/// Folders that appear later are watched as soon as this learns of them, by [`next_event`](FolderWatch::next_event).
/// What happens in such a folder before that is partly lost: what then lies in it is told as [`Created`](FolderAct::Created),
/// possibly a second time, but not that it was opened or written, nor what is already gone.
#[derive(Debug)]
pub struct FolderWatch {
    inotify: OwnedFd,
    /// Not kept open: the kernel tells the end of a folder only when nobody holds it.
    root: PathBuf,
    /// Device and inode of the root, so that another folder in its place is not taken for it.
    identity: (u64, u64),
    /// The watched folders by number, as paths below the root. The root's is empty.
    folders: BTreeMap<i32, PathBuf>,
    pending: VecDeque<FolderEvent>,
    /// Folders that were listed by this watch itself, whose opening is still to be heard of.
    listed: Vec<PathBuf>,
    overflows: u64,
    unwatched: u64,
}

/// Something that was done in a watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEvent {
    /// What was done.
    pub act: FolderAct,
    /// The name of the file, which carries the nonce. Empty if it was done to the watched folder itself.
    pub name: String,
    /// Where it lies: a path below the watched folder, empty for the watched folder itself.
    pub folder: PathBuf,
    /// What it was done to.
    pub kind: FolderEntry,
}

/// What can be done in a watched folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FolderAct {
    /// Opened for any purpose: to read it, write it, execute it, or to list it if it is a folder.
    Opened,
    /// Created, as a file, folder, link or anything else.
    Created,
    /// Its content changed, by `write` or `truncate`. Several writes in a row may be told once.
    Written,
    /// Closed by somebody who could have written.
    ClosedAfterWrite,
    /// Its mode, owner, times, extended attributes or number of links changed.
    AttributesChanged,
    /// Its name is gone. A file that is still open lives on.
    Deleted,
    /// Renamed from elsewhere to here.
    MovedIn,
    /// Renamed from here to elsewhere.
    MovedOut,
}

/// What something was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FolderEntry {
    /// A folder.
    Folder,
    /// Anything else.
    File,
}

/// What is asked of the kernel, and what each means here.
const ACTS: [(ReadFlags, FolderAct); 10] = [
    (ReadFlags::OPEN, FolderAct::Opened),
    (ReadFlags::CREATE, FolderAct::Created),
    (ReadFlags::MODIFY, FolderAct::Written),
    (ReadFlags::CLOSE_WRITE, FolderAct::ClosedAfterWrite),
    (ReadFlags::ATTRIB, FolderAct::AttributesChanged),
    (ReadFlags::DELETE, FolderAct::Deleted),
    (ReadFlags::DELETE_SELF, FolderAct::Deleted),
    (ReadFlags::MOVED_TO, FolderAct::MovedIn),
    (ReadFlags::MOVED_FROM, FolderAct::MovedOut),
    (ReadFlags::MOVE_SELF, FolderAct::MovedOut),
];

impl FolderWatch {
    /// Starts to watch `dir` and all folders below it. Everything that happens from now on is told.
    pub fn new(dir: &Path) -> io::Result<FolderWatch> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let root = fs::canonicalize(dir)?;
        let found = root.metadata()?;
        let mut watch = FolderWatch {
            inotify,
            root,
            identity: (found.dev(), found.ino()),
            folders: BTreeMap::new(),
            pending: VecDeque::new(),
            listed: Vec::new(),
            overflows: 0,
            unwatched: 0,
        };
        watch.add(Path::new(""))?;
        // Below only what can be watched; `unwatched` says if something could not.
        watch.add_below(Path::new(""), Found::Before);
        // Listing the root has opened it.
        while let Ok(true) = watch.read(Told::Folders) {}
        watch.listed.clear();
        Ok(watch)
    }

    /// What happened next. `None`: nothing more by now; the descriptor becomes readable when there is.
    pub fn next_event(&mut self) -> Option<FolderEvent> {
        while self.pending.is_empty() {
            match self.read(Told::All) {
                Ok(true) => {}
                Ok(false) | Err(_) => return None,
            }
        }
        self.pending.pop_front()
    }

    /// How often the kernel had to drop events because nobody took them (inotify(7), `max_queued_events`).
    /// How many it dropped each time is not known, so silence proves nothing when this is not 0.
    pub fn overflows(&self) -> u64 {
        self.overflows
    }

    /// How many folders below could not be watched: too many, or gone too soon.
    pub fn unwatched(&self) -> u64 {
        self.unwatched
    }

    /// Watches one folder. No symbolic link on the way is followed: a function may have put one there.
    fn add(&mut self, below: &Path) -> io::Result<()> {
        let folder = self.open(below)?;
        let wanted = ACTS.iter().fold(0, |all, (flag, _)| all | flag.bits());
        let wanted = WatchFlags::from_bits_retain(wanted) | WatchFlags::ONLYDIR | WatchFlags::EXCL_UNLINK;
        let link = format!("/proc/self/fd/{}", folder.as_raw_fd());
        let number = inotify::add_watch(&self.inotify, link, wanted)?;
        self.folders.insert(number, below.to_owned());
        Ok(())
    }

    fn open(&self, below: &Path) -> io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let root = rustix::fs::open(&self.root, flags, Mode::empty())?;
        let found = fs::File::from(root.try_clone()?).metadata()?;
        if (found.dev(), found.ino()) != self.identity {
            return Err(Errno::STALE.into());
        }
        if below.as_os_str().is_empty() {
            return Ok(root);
        }
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        Ok(openat2(&root, below, flags, Mode::empty(), resolve)?)
    }

    /// Watches the folders in `folder` and below, and tells what lies there if it was not there before.
    fn add_below(&mut self, folder: &Path, found: Found) {
        let mut todo = vec![folder.to_owned()];
        while let Some(at) = todo.pop() {
            let Ok(opened) = self.open(&at) else {
                continue;
            };
            let entries = fs::read_dir(format!("/proc/self/fd/{}", opened.as_raw_fd()));
            if entries.is_ok() {
                self.listed.push(at.clone());
            }
            for entry in entries.into_iter().flatten().flatten() {
                let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
                if found == Found::Later {
                    let kind = if is_folder { FolderEntry::Folder } else { FolderEntry::File };
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let (act, folder) = (FolderAct::Created, at.clone());
                    self.pending.push_back(FolderEvent { act, name, folder, kind });
                }
                if is_folder {
                    let below = at.join(entry.file_name());
                    if self.add_counted(&below) {
                        todo.push(below);
                    }
                }
            }
        }
    }

    fn add_counted(&mut self, below: &Path) -> bool {
        let added = self.folders.len() <= MOST_FOLDERS && self.add(below).is_ok();
        self.unwatched += u64::from(!added);
        added
    }

    /// Takes what the kernel holds, as much as fits. `false`: nothing.
    fn read(&mut self, told: Told) -> io::Result<bool> {
        let mut space = [MaybeUninit::uninit(); BUFFER];
        let mut raw = Vec::new();
        let mut reader = Reader::new(&self.inotify, &mut space);
        loop {
            match reader.next() {
                Ok(event) => {
                    let name = event.file_name().map(|it| OsStr::from_bytes(it.to_bytes()).to_owned());
                    raw.push((event.wd(), event.events(), name.unwrap_or_default()));
                }
                Err(Errno::AGAIN) => return Ok(false),
                Err(Errno::INTR) => continue,
                Err(err) => return Err(err.into()),
            }
            if reader.is_buffer_empty() {
                break;
            }
        }
        for (number, flags, name) in raw {
            self.take(number, flags, &name, told);
        }
        Ok(true)
    }

    fn take(&mut self, number: i32, flags: ReadFlags, name: &OsStr, told: Told) {
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            self.overflows += 1;
            self.listed.clear();
            return;
        }
        let Some(folder) = self.folders.get(&number).cloned() else {
            return;
        };
        if flags.contains(ReadFlags::IGNORED) {
            self.folders.remove(&number);
            return;
        }
        let Some(&(_, act)) = ACTS.iter().find(|(flag, _)| flags.contains(*flag)) else {
            return;
        };
        let own = name.is_empty();
        // What is done to a folder below is told by the one that it lies in, with its name.
        if own && !folder.as_os_str().is_empty() {
            return;
        }
        let kind =
            if own || flags.contains(ReadFlags::ISDIR) { FolderEntry::Folder } else { FolderEntry::File };
        let path = folder.join(name);
        if act == FolderAct::Opened
            && kind == FolderEntry::Folder
            && let Some(index) = self.listed.iter().position(|it| *it == path)
        {
            self.listed.swap_remove(index);
            return;
        }
        if told == Told::All {
            let name = name.to_string_lossy().into_owned();
            self.pending.push_back(FolderEvent { act, name, folder, kind });
        }
        if kind == FolderEntry::Folder && !own {
            self.follow(&path, act);
        }
    }

    /// A folder came or went.
    fn follow(&mut self, below: &Path, act: FolderAct) {
        if matches!(act, FolderAct::Created | FolderAct::MovedIn) && self.add_counted(below) {
            self.add_below(below, Found::Later);
        }
        if act == FolderAct::MovedOut {
            // Its watches go by inode and would tell of it under a name that it no longer has.
            let gone: Vec<i32> =
                self.folders.iter().filter(|(_, it)| it.starts_with(below)).map(|(it, _)| *it).collect();
            for number in gone {
                self.folders.remove(&number);
                let _ = inotify::remove_watch(&self.inotify, number);
            }
        }
    }
}

/// When a folder was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// At the start, where nothing has happened yet.
    Before,
    /// Since, so what lies in it is news.
    Later,
}

/// What of the kernel's events is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    All,
    /// Nothing is told, but new folders are watched.
    Folders,
}

impl AsFd for FolderWatch {
    /// Readable when something happened. What [`next_event`](FolderWatch::next_event) has already taken is not shown here,
    /// so call that until `None` before waiting.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

#[cfg(test)]
mod tests;
