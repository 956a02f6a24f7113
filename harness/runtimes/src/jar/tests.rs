//! Archives made on the spot, whole and damaged.

use super::*;

/// An archive with these files, compressed.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut table) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let packed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
        let mut common = vec![0; 4];
        common.extend(8u16.to_le_bytes());
        common.extend([0; 8]);
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]);
        let at = u32::try_from(bytes.len()).unwrap();
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(packed);
        table.extend(b"PK\x01\x02\x00\x00");
        table.extend(common);
        table.extend([0; 10]);
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

/// The archive `bytes` in a folder of its own.
fn open(bytes: &[u8]) -> (tempfile::TempDir, io::Result<Jar>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.jar");
    fs::write(&path, bytes).unwrap();
    let jar = Jar::open(&path);
    (folder, jar)
}

#[test]
fn files_come_out_as_they_went_in() {
    let text = "a long text, a long text, a long text";
    let (folder, jar) = open(&archive(&[("META-INF/", ""), ("x/A.class", text), ("x/A.class", "later")]));
    let mut jar = jar.unwrap();
    assert_eq!(jar.names().collect::<Vec<_>>(), ["x/A.class", "x/A.class"]);
    let read = jar.read(|name| name.ends_with(".class")).unwrap();
    assert_eq!(read[0], ("x/A.class".to_owned(), text.as_bytes().to_vec()));
    let out = folder.path().join("out");
    jar.unpack(|_| true, &out).unwrap();
    assert_eq!(fs::read_to_string(out.join("x/A.class")).unwrap(), text);
    let one = Unpack { archive: folder.path().join("f.jar"), file: Some("x/B".into()), to: out.clone() };
    one.run().unwrap();
    assert!(!out.join("x/B").exists());
}

#[test]
fn a_comment_at_the_end_is_no_hindrance() {
    let mut bytes = archive(&[("x/A.class", "")]);
    bytes.truncate(bytes.len() - 2);
    bytes.extend(256u16.to_le_bytes());
    bytes.extend([b'x'; 256]);
    let (_kept, jar) = open(&bytes);
    assert_eq!(jar.unwrap().names().count(), 1);
}

#[test]
fn a_name_that_leads_out_is_refused() {
    for name in ["../evil", "/etc/evil", "x/../../evil"] {
        let (folder, jar) = open(&archive(&[(name, "")]));
        let error = jar.unwrap().unpack(|_| true, &folder.path().join("out")).unwrap_err();
        assert!(error.to_string().contains("leads out of the archive"), "{error}");
        assert!(!folder.path().join("evil").exists());
    }
}

#[test]
fn more_than_lambda_takes_is_refused_before_it_is_unpacked() {
    let mut bytes = archive(&[("x", "")]);
    // The size in the table of contents, which is 22 + 46 + 1 bytes before the end.
    let at = bytes.len() - 69 + 24;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let (folder, jar) = open(&bytes);
    let error = jar.unwrap().unpack(|_| true, &folder.path().join("out")).unwrap_err();
    assert!(error.to_string().contains("Lambda takes at most"), "{error}");
}

#[test]
fn damaged_archives_are_errors_at_every_place() {
    let whole = archive(&[("x/A.class", "a long text, a long text"), ("y/B.class", "b")]);
    for end in 0..whole.len() {
        let (_kept, jar) = open(&whole[..end]);
        assert!(jar.is_err(), "cut at {end}");
    }
    // Whatever is changed: an error or a result, but no panic and no file elsewhere.
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xFF;
        let (folder, jar) = open(&bytes);
        if let Ok(mut jar) = jar {
            let _ = jar.unpack(|_| true, &folder.path().join("out"));
        }
        let beside = fs::read_dir(folder.path()).unwrap().flatten().count();
        assert!(beside <= 2, "byte {at}");
    }
}

#[test]
fn what_is_stored_is_read_again() {
    // The check value of this checksum for "123456789": ITU-T V.42, and in every table of CRCs.
    assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
    let files =
        [("META-INF/MANIFEST.MF".to_owned(), b"a: b".to_vec()), ("x/A.class".to_owned(), vec![0xCA, 0xFE])];
    let (_folder, jar) = open(&stored(&files));
    assert_eq!(jar.unwrap().read(|_| true).unwrap(), files);
}
