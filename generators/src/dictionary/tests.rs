//! Tests of dictionaries: what is read, and what is said about what is not.

use proptest::{collection::vec, prelude::*};

use super::*;

#[track_caller]
fn check(file: &str, level: u32, texts: &[&str]) {
    let read = Dictionary::parse(file.as_bytes(), level).unwrap();
    assert_eq!(read.texts(), texts);
    assert!(read.bytes().is_empty());
}

#[track_caller]
fn check_error(file: &[u8], expected: &str) {
    assert_eq!(Dictionary::parse(file, 0).unwrap_err().to_string(), expected);
}

#[test]
fn words_are_read_as_their_authors_write_them() {
    check("", 0, &[]);
    check("# nothing\n\n  \t\n", 0, &[]);
    check("\"a\"\r\n  \"b\"  \r\n", 0, &["a", "b"]);
    check("kw1=\"foo\"\nkw_2 = \"bar\"\nkw-3.x \"baz\"", 0, &["foo", "bar", "baz"]);
    check(r#""\x41\x5A" "#, 0, &["AZ"]);
    check(r#""a\\b\"c # no comment""#, 0, &["a\\b\"c # no comment"]);
    check(r#"x="=\"\"""#, 0, &["=\"\""]);
    check("\"m\u{fc}nchen\"", 0, &["m\u{fc}nchen"]);
    check("\u{feff}\"first\"", 0, &["first"]);
    // What libFuzzer prints at its end.
    check("\"order\" # Uses: 7282", 0, &["order"]);
    check("numbered[12]=\"x\"", 0, &["x"]);
    check("\"a\"\n\"b\"\n\"a\"", 0, &["a", "b"]);
    check(r#""\x00""#, 0, &["\0"]);
}

#[test]
fn levels_leave_words_out() {
    let file = "a=\"zero\"\nb@1=\"one\"\nc@2 = \"two\"\n@2 \"nameless\"";
    check(file, 0, &["zero"]);
    check(file, 1, &["zero", "one"]);
    check(file, 2, &["zero", "one", "two", "nameless"]);
}

#[test]
fn bytes_are_kept_apart() {
    let read = Dictionary::parse(b"png=\"\\x89PNG\"\n\"\\xe2\\x82\\xac\"\nraw=\"\xff\"", 0).unwrap();
    assert_eq!(read.bytes(), [b"\x89PNG".to_vec(), b"\xff".to_vec()]);
    assert_eq!(read.texts(), ["\u{20ac}"]);
    assert_eq!(read.len(), 3);
}

#[test]
fn mistakes_name_their_line() {
    check_error(b"\"a\"\n# b\nc", "line 3: no word in double quotes, as in name=\"value\"");
    check_error(b"a=\"b", "line 1: the word does not end: a double quote is missing");
    check_error(b"a=\"b\\\"", "line 1: the word does not end: a double quote is missing");
    check_error(b"a=\"\"", "line 1: the word is empty");
    check_error(b"\n\"\\n\"", "line 2: \"\\\\n\" is no escape: \\xNN, \\\\ and \\\" are");
    check_error(b"\"\\x4\"", "line 1: \"\\\\x4\\\"\" is no escape: \\xNN, \\\\ and \\\" are");
    check_error(b"\"a\tb\"", "line 1: a control character must be written as \\x09");
    check_error(
        b"\"a\"b\"",
        "line 1: \"b\\\"\" follows the word: only a # comment may; a double quote inside is written \\\"",
    );
    check_error(b"a b=\"c\"", "line 1: \"a b=\" is no name: letters, digits, _, -, . and a level such as @1");
    check_error(b"a@x=\"c\"", "line 1: \"a@x=\" is no name: letters, digits, _, -, . and a level such as @1");
}

proptest! {
    #[test]
    fn every_word_can_be_written(words in vec(vec(any::<u8>(), 1..12), 0..8)) {
        let file: String = words
            .iter()
            .map(|word| format!("\"{}\"\n", word.iter().map(|it| format!("\\x{it:02x}")).collect::<String>()))
            .collect();
        let read = Dictionary::parse(file.as_bytes(), 0).unwrap();
        let mut all: Vec<Vec<u8>> = read.texts().iter().map(|it| it.clone().into_bytes()).collect();
        all.extend_from_slice(read.bytes());
        all.sort();
        let mut expected = words;
        expected.sort();
        expected.dedup();
        prop_assert_eq!(all, expected);
    }

    #[test]
    fn any_file_is_read_or_refused(file in vec(any::<u8>(), 0..60)) {
        let _ = Dictionary::parse(&file, 0);
    }
}
