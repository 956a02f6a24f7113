//! What a jar holds, by name. A jar is a zip archive; its content is compressed, its table of contents is not.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The record at the end of an archive, without its comment (APPNOTE.TXT 4.3.16).
const END: usize = 22;
const LONGEST_COMMENT: u64 = 0xFFFF;
/// Far more than any table of contents has; a bound for a damaged file.
const LARGEST_TABLE: u64 = 64 << 20;

/// Names of the files in the archive at `path`; none if it is not one.
pub(crate) fn names(path: &Path) -> Vec<String> {
    // What cannot be read teaches nothing: the virtual machine will say what is wrong with it.
    read(path).unwrap_or_default()
}

fn read(path: &Path) -> io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST_COMMENT + END as u64)))?;
    file.read_to_end(&mut tail)?;
    let Some(at) = tail.windows(4).rposition(|it| it == b"PK\x05\x06") else { return Ok(Vec::new()) };
    let end = &tail[at..];
    if end.len() < END {
        return Ok(Vec::new());
    }
    let (size, start) = (u64::from(number(end, 12)), u64::from(number(end, 16)));
    if size > LARGEST_TABLE || start + size > length {
        return Ok(Vec::new());
    }
    let mut table = vec![0; usize::try_from(size).unwrap_or(0)];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut table)?;
    Ok(entries(&table))
}

/// Names in a table of contents (APPNOTE.TXT 4.3.12).
fn entries(table: &[u8]) -> Vec<String> {
    const HEADER: usize = 46;
    let mut names = Vec::new();
    let mut rest = table;
    while rest.len() >= HEADER && rest.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] =
            [28, 30, 32].map(|at| usize::from(rest[at]) | usize::from(rest[at + 1]) << 8);
        let Some(text) = rest.get(HEADER..HEADER + name) else { break };
        names.push(String::from_utf8_lossy(text).into_owned());
        let Some(next) = rest.get(HEADER + name + extra + comment..) else { break };
        rest = next;
    }
    names
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An archive with empty files of these names.
    pub(crate) fn archive(names: &[&str]) -> Vec<u8> {
        let (mut bytes, mut table) = (Vec::new(), Vec::new());
        for name in names {
            let at = u32::try_from(bytes.len()).unwrap();
            let length = u16::try_from(name.len()).unwrap().to_le_bytes();
            bytes.extend(b"PK\x03\x04");
            bytes.extend([0; 22]);
            bytes.extend(length);
            bytes.extend([0; 2]);
            bytes.extend(name.as_bytes());
            table.extend(b"PK\x01\x02");
            table.extend([0; 24]);
            table.extend(length);
            table.extend([0; 12]);
            table.extend(at.to_le_bytes());
            table.extend(name.as_bytes());
        }
        let start = u32::try_from(bytes.len()).unwrap();
        let size = u32::try_from(table.len()).unwrap();
        bytes.extend(table);
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 8]);
        bytes.extend(size.to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }

    fn names_of(bytes: &[u8]) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        names(file.path())
    }

    #[test]
    fn names_come_from_the_table_of_contents() {
        assert_eq!(
            names_of(&archive(&["META-INF/MANIFEST.MF", "x/A.class"])),
            ["META-INF/MANIFEST.MF", "x/A.class"]
        );
        let mut with_comment = archive(&["x/A.class"]);
        *with_comment.last_mut().unwrap() = 1;
        with_comment.extend([b'x'; 256]);
        assert_eq!(names_of(&with_comment), ["x/A.class"]);
    }

    #[test]
    fn what_is_no_archive_has_no_names() {
        assert!(names_of(b"").is_empty());
        assert!(names_of(b"PK\x05\x06").is_empty());
        let whole = archive(&["x/A.class", "y/B.class"]);
        for end in 0..whole.len() {
            assert!(names_of(&whole[..end]).is_empty(), "cut at {end}");
        }
        let mut lies = whole.clone();
        let at = lies.len() - 10;
        lies[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(names_of(&lies).is_empty());
    }
}
