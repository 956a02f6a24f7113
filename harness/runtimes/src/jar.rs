//! What a jar holds. A jar is a zip archive, and Lambda treats it as one: it is unpacked to `/var/task`.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Component, Path, PathBuf},
};

/// The record at the end of an archive, without its comment (APPNOTE.TXT 4.3.16).
const END: usize = 22;
const LONGEST_COMMENT: u64 = 0xFFFF;
/// The header of a file in the table of contents (4.3.12), and before its content (4.3.7).
const IN_TABLE: usize = 46;
const BEFORE_CONTENT: u64 = 30;
/// Methods of compression (4.4.5).
const STORED: usize = 0;
const DEFLATED: usize = 8;

/// AWS "Lambda quotas": an unpacked deployment package has at most 250 MB.
const LARGEST: u64 = 250 << 20;
/// Far more than a table of contents of that many files has; a bound for a damaged one.
const LARGEST_TABLE: u64 = 64 << 20;

/// An archive on this machine.
#[derive(Debug)]
pub(crate) struct Jar {
    file: File,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    method: usize,
    packed: u64,
    size: u64,
    /// Where its second header begins.
    at: u64,
}

impl Jar {
    /// Reads the table of contents.
    pub(crate) fn open(path: &Path) -> io::Result<Jar> {
        let mut file = File::open(path)?;
        let table = table(&mut file)?;
        Ok(Jar { file, entries: entries(&table) })
    }

    /// Names of its files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|it| it.name.as_str()).filter(|name| !name.ends_with('/'))
    }

    /// Contents of the files whose name is `wanted`.
    pub(crate) fn read(&mut self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<(String, Vec<u8>)>> {
        let chosen = self.entries.iter().filter(|it| wanted(&it.name) && !it.name.ends_with('/'));
        chosen.map(|entry| Ok((entry.name.clone(), content(&mut self.file, entry)?))).collect()
    }

    /// Writes the files whose name is `wanted` below `dir`.
    ///
    /// A name that would lead out of `dir` is an error: nothing that a build tool makes has one.
    pub(crate) fn unpack(&mut self, wanted: impl Fn(&str) -> bool, dir: &Path) -> io::Result<()> {
        let chosen: Vec<&Entry> =
            self.entries.iter().filter(|it| wanted(&it.name) && !it.name.ends_with('/')).collect();
        let total: u64 = chosen.iter().map(|it| it.size).sum();
        if total > LARGEST {
            return Err(damaged(format!("{total} bytes when unpacked, Lambda takes at most {LARGEST}")));
        }
        for entry in chosen {
            let name = Path::new(&entry.name);
            if !name.components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(damaged(format!("{:?} leads out of the archive", entry.name)));
            }
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap_or(dir))?;
            let bytes = content(&mut self.file, entry)?;
            // The first file of a name counts, as for the class loader; a manifest can be there twice.
            match File::create_new(path) {
                Ok(mut file) => file.write_all(&bytes)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Something that has to be unpacked before a function can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpack {
    /// The archive.
    pub archive: PathBuf,
    /// The file to unpack; all of them if there is none.
    pub file: Option<String>,
    /// The folder that receives it.
    pub to: PathBuf,
}

impl Unpack {
    pub(crate) fn run(&self) -> io::Result<()> {
        let wanted = |name: &str| self.file.as_ref().is_none_or(|it| it == name);
        Jar::open(&self.archive)?.unpack(wanted, &self.to)
    }
}

fn damaged(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

fn table(file: &mut File) -> io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST_COMMENT + END as u64)))?;
    file.read_to_end(&mut tail)?;
    let no_archive = || damaged("it is no archive");
    let at = tail.windows(4).rposition(|it| it == b"PK\x05\x06").ok_or_else(no_archive)?;
    let end = tail.get(at..at + END).ok_or_else(no_archive)?;
    let (size, start) = (long(end, 12) as u64, long(end, 16) as u64);
    if size > LARGEST_TABLE || start + size > length {
        return Err(damaged("its table of contents is damaged"));
    }
    let mut table = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(size).read_to_end(&mut table)?;
    Ok(table)
}

fn entries(table: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = table;
    while rest.len() >= IN_TABLE && rest.starts_with(b"PK\x01\x02") {
        let (name, extra, comment) = (short(rest, 28), short(rest, 30), short(rest, 32));
        let Some(text) = rest.get(IN_TABLE..IN_TABLE + name) else { break };
        entries.push(Entry {
            name: String::from_utf8_lossy(text).into_owned(),
            method: short(rest, 10),
            packed: long(rest, 20) as u64,
            size: long(rest, 24) as u64,
            at: long(rest, 42) as u64,
        });
        let Some(next) = rest.get(IN_TABLE + name + extra + comment..) else { break };
        rest = next;
    }
    entries
}

fn content(file: &mut File, entry: &Entry) -> io::Result<Vec<u8>> {
    let wrong = || damaged(format!("its {:?} is damaged", entry.name));
    if entry.size > LARGEST || entry.packed > LARGEST {
        return Err(wrong());
    }
    file.seek(SeekFrom::Start(entry.at))?;
    let mut header = [0; BEFORE_CONTENT as usize];
    file.read_exact(&mut header)?;
    if !header.starts_with(b"PK\x03\x04") {
        return Err(wrong());
    }
    let skipped = (short(&header, 26) + short(&header, 28)) as u64;
    file.seek(SeekFrom::Start(entry.at + BEFORE_CONTENT + skipped))?;
    let mut packed = Vec::new();
    Read::by_ref(file).take(entry.packed).read_to_end(&mut packed)?;
    let size = usize::try_from(entry.size).map_err(|_| wrong())?;
    let content = match entry.method {
        STORED => packed,
        DEFLATED => miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, size).map_err(|_| wrong())?,
        other => return Err(damaged(format!("its {:?} is compressed by method {other}", entry.name))),
    };
    if content.len() == size { Ok(content) } else { Err(wrong()) }
}

/// An archive with these files, each its name and content, as they are: a small one of ours.
pub(crate) fn stored(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut table) = (Vec::new(), Vec::new());
    let number = |it: usize| u32::try_from(it).expect("an archive of ours is small");
    for (name, content) in files {
        // Version 1.0, no flags, not compressed, midnight of 1980-01-01 (4.4.2 to 4.4.6).
        let mut common = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(checksum(content).to_le_bytes());
        common.extend([number(content.len()).to_le_bytes(); 2].concat());
        common.extend(&number(name.len()).to_le_bytes()[..2]);
        common.extend([0; 2]);
        let at = number(bytes.len());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        table.extend(b"PK\x01\x02\x0a\x00");
        table.extend(common);
        table.extend([0; 10]);
        table.extend(at.to_le_bytes());
        table.extend(name.as_bytes());
    }
    let count = &number(files.len()).to_le_bytes()[..2];
    let (start, size) = (number(bytes.len()), number(table.len()));
    bytes.extend(table);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(size.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// CRC-32 (4.4.7).
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        let mixed = sum ^ u32::from(*byte);
        (0..8).fold(mixed, |it, _| if it & 1 == 1 { it >> 1 ^ 0xEDB8_8320 } else { it >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

fn short(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn long(bytes: &[u8], at: usize) -> usize {
    short(bytes, at) | short(bytes, at + 2) << 16
}

#[cfg(test)]
pub(crate) mod tests;
