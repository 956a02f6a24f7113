//! Each format: what it decodes to, that it is written again in the same way, and what is left closed.

use expect_test::{Expect, expect};
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::tree::tests::document;

/// What `text` opens to, told by its looks and by `media_type`; and that it is written again as it was.
#[track_caller]
fn check(text: &str, media_type: Option<&str>, expected: Expect) {
    let node = Node::guess(text.as_bytes().to_vec(), media_type);
    assert_eq!(node.to_text(), text);
    let leaves = node.leaves().into_iter().map(|path| {
        let text = node.leaf_text(&path).expect("a leaf");
        format!("{} {text:?}\n", if path.0.is_empty() { "closed:".to_owned() } else { path.to_string() })
    });
    expected.assert_eq(&leaves.collect::<String>());
}

#[test]
fn json() {
    let text = r#"{"a":[1e400,"\ud800",null,{"b":"{\"c\":\"d\"}"}],"a":"twice"}"#;
    check(
        text,
        None,
        expect![[r#"
            »json»/a/0 "1e400"
            »json»/a/1 "\"\\ud800\""
            »json»/a/2 "null"
            »json»/a/3/b»json»/c "d"
            »json»/a~41 "twice"
        "#]],
    );
}

#[test]
fn escapes_that_need_not_be_are_kept() {
    // As PHP, Python and Gson write.
    let text = r#"{"a":"x\/y","b":"\u00fc","c":"a\u003db","d":"\"\\\n\u001f","e":"{\"f\":\"\\/\"}"}"#;
    check(
        text,
        None,
        expect![[r#"
        »json»/a "x/y"
        »json»/b "ü"
        »json»/c "a=b"
        »json»/d "\"\\\n\u{1f}"
        »json»/e»json»/f "/"
    "#]],
    );
    let node = Node::guess(text.as_bytes().to_vec(), None);
    assert_eq!(node.to_value(), Some(text.into()));
    let Node::Opened(Codec::Json, content) = node else { panic!("{text} is closed") };
    assert_eq!(content.to_value(), serde_json::from_str(text).ok());
    // A name that would lose its spelling keeps all of it closed.
    let named = r#"{"\u00fc":1}"#;
    assert_eq!(Node::guess(named.as_bytes().to_vec(), None), Node::text(named));
}

#[test]
fn only_json_is_read_as_json() {
    for text in [
        "{a:1}",
        "{'a':1}",
        "[1,]",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[NaN]",
        "[\"\\x\"]",
        "[\"\t\"]",
        "[1] 2",
        "{\"a\" 1}",
        "[",
        "{\"a\":1",
        "[\"a]",
        "{\"\\ud800\":1}",
    ] {
        assert_eq!(Node::guess(text.as_bytes().to_vec(), None), Node::text(text));
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(Node::guess(deep.clone().into_bytes(), None), Node::Text(deep));
    let blanks = Node::guess(b" { \"a\" : [ 1 , 2 ] } \n".to_vec(), None);
    assert_eq!(blanks.to_text(), r#"{"a":[1,2]}"#);
}

#[test]
fn forms() {
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    check(
        "a=1&a=two+words&b=%7B%22c%22%3A1%7D",
        Some(form),
        expect![[r#"
            »form»/a "1"
            »form»/a~41 "two words"
            »form»/b»json»/c "1"
        "#]],
    );
    // Written differently: left as it is.
    check(
        "a=%41",
        Some(form),
        expect![[r#"
            closed: "a=%41"
        "#]],
    );
}

#[test]
fn multipart() {
    let text = "--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                Content-Type: text/plain\r\n\r\ncontent\r\n\
                --x1\r\nContent-Disposition: form-data; name=\"boundary\"\r\n\r\n{\"a\":1}\r\n--x1--\r\n";
    check(
        text,
        Some("multipart/form-data; boundary=x1"),
        expect![[r#"
            »multipart»/boundary "x1"
            »multipart»/file/filename "a.txt"
            »multipart»/file/headers "\r\nContent-Type: text/plain"
            »multipart»/file/content "content"
            »multipart»/boundary~41»json»/a "1"
        "#]],
    );
}

#[test]
fn xml() {
    let text = "<?xml version=\"1.0\"?>\n<!DOCTYPE order [<!ENTITY e \"x\">]>\n\
                <order id=\"7\"><item>a &amp; b</item><item/><note lang=\"en\"></note>between<![CDATA[<raw>]]></order>";
    check(
        text,
        None,
        expect![[r#"
            »xml»/#prologue "<?xml version=\"1.0\"?>\n<!DOCTYPE order [<!ENTITY e \"x\">]>\n"
            »xml»/order/@id "7"
            »xml»/order/item "a & b"
            »xml»/order/note/@lang "en"
            »xml»/order/note/#text ""
            »xml»/order/#text "between"
            »xml»/order/#cdata "<raw>"
        "#]],
    );
    check(
        "<a>&#10;</a>",
        None,
        expect![[r#"
            closed: "<a>&#10;</a>"
        "#]],
    );
    check(
        "<a><b></a>",
        None,
        expect![[r#"
            closed: "<a><b></a>"
        "#]],
    );
}

#[test]
fn tokens_and_layers() {
    check(
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
        None,
        expect![[r#"
            »jwt»/header/alg "none"
            »jwt»/claims/sub "ann"
            »jwt»/signature ""
        "#]],
    );
    check(
        "%7B%22a%22%3A%22eyJiIjoiYyJ9%22%7D",
        None,
        expect![[r#"
            »percent»json»/a»base64»json»/b "c"
        "#]],
    );
}

#[test]
fn words_are_no_encodings() {
    for word in ["password", "dGVzdA==", "a%20b%20c%20d", "deadbeef", "a.b.c.d.e.f", "%41%42%43%44"] {
        assert_eq!(Node::guess(word.as_bytes().to_vec(), None), Node::text(word), "{word}");
    }
}

/// What the value of a header opens to, and that it is written again as it was.
#[track_caller]
fn check_header(text: &str, expected: Expect) {
    let node = open_header(text.to_owned());
    assert_eq!(node.to_text(), text);
    let leaves = node.leaves().into_iter().map(|path| {
        let text = node.leaf_text(&path).expect("a leaf");
        format!("{} {text:?}\n", if path.0.is_empty() { "closed:".to_owned() } else { path.to_string() })
    });
    expected.assert_eq(&leaves.collect::<String>());
}

#[test]
fn credentials() {
    check_header(
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
        expect![[r#"
            »header-list»/Bearer»jwt»/header/alg "none"
            »header-list»/Bearer»jwt»/claims/sub "ann"
            »header-list»/Bearer»jwt»/signature ""
        "#]],
    );
    check_header(
        "Basic dXNlcjpwYXNzd29yZA==",
        expect![[r#"
            »header-list»/Basic»base64» "user:password"
        "#]],
    );
    check_header(
        "token abc=, d",
        expect![[r#"
            »header-list»/token "abc=, d"
        "#]],
    );
    // No base64.
    check_header(
        "basic x",
        expect![[r#"
            »header-list»/basic "x"
        "#]],
    );
}

#[test]
fn lists_in_headers() {
    check_header(
        "a, b;q=1",
        expect![[r#"
            »header-list»/0 "a"
            »header-list»/1/value "b"
            »header-list»/1/q "1"
        "#]],
    );
    check_header(
        "en-US,en;q=0.9",
        expect![[r#"
            »header-list-tight»/0 "en-US"
            »header-list-tight»/1/value "en"
            »header-list-tight»/1/q "0.9"
        "#]],
    );
    check_header(
        r#"attachment; filename="a \"b\", c.txt""#,
        expect![[r#"
            »header-list»/value "attachment"
            »header-list»/filename "a \"b\", c.txt"
        "#]],
    );
    check_header(
        "for=192.0.2.60;proto=http, for=198.51.100.17",
        expect![[r#"
            »header-list»/0/for "192.0.2.60"
            »header-list»/0/proto "http"
            »header-list»/1/for "198.51.100.17"
        "#]],
    );
    check_header(
        "eyJhIjoiYiJ9, max-age=0",
        expect![[r#"
            »header-list»/0»base64»json»/a "b"
            »header-list»/1/max-age "0"
        "#]],
    );
    // What tells more than commas comes first.
    check_header(
        r#"[{"a":"b"},2]"#,
        expect![[r#"
            »json»/0/a "b"
            »json»/1 "2"
        "#]],
    );
}

#[test]
fn what_is_no_list_of_ours_stays_closed() {
    for text in [
        "",
        "word",
        "a=b",
        "*/*",
        "Mozilla/5.0 (X11; Linux x86_64; rv:138.0)",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "a, b,c",
        "a; b=c, d",
        "a,,b",
        "a, ",
        ", ",
        "a; secure",
        r#"a; b="c""#,
        r#"a; b="c"#,
        "\"etag\", \"other\"",
        "value=1; a=b",
        "Bearer ",
        "Other token",
        "Bearer=x",
        "a, \u{fc}",
    ] {
        assert_eq!(open_header(text.to_owned()), Node::text(text), "{text}");
    }
}

#[test]
fn addresses_prove_an_encoding() {
    check(
        "https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc",
        None,
        expect![[r#"
            »percent» "https://example.com/a?b=c"
        "#]],
    );
    check(
        "aHR0cHM6Ly9leGFtcGxlLmNvbQ==",
        None,
        expect![[r#"
            »base64» "https://example.com"
        "#]],
    );
    // Of this only the slashes are left of an address.
    check(
        "%3A%2F%2Fa",
        None,
        expect![[r#"
            closed: "%3A%2F%2Fa"
        "#]],
    );
}

#[test]
fn gzip_as_others_pack_it() {
    // Made by Python's gzip of {"a":"b"}: other bytes than ours, the same content.
    let packed = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 84, 178, 82, 74, 82, 170, 5, 0, 156, 92, 246, 107, 9,
        0, 0, 0,
    ];
    let node = Node::guess(packed.to_vec(), None);
    assert_eq!(node.leaves().iter().map(ToString::to_string).collect::<Vec<_>>(), ["»gzip»json»/a"]);
    assert_eq!(Node::guess(node.to_bytes(), None), node);
}

fn texts() -> impl Strategy<Value = Node> {
    vec(("[a-z\"\r\n %&=<>]{1,6}", "[^\u{0}]{0,8}"), 1..5)
        .prop_map(|it| Node::Object(it.into_iter().map(|(name, text)| (name, Node::Text(text))).collect()))
}

proptest! {
    #[test]
    fn encodings_of_bytes_decode_to_what_was_encoded(bytes in vec(any::<u8>(), 1..40)) {
        let content = plain(bytes);
        for codec in [Codec::Base64, Codec::Base64Url, Codec::Gzip] {
            prop_assert_eq!(codec.decode(&codec.encode(&content)), Some(content.clone()));
        }
        let encoded = Codec::Percent.encode(&content);
        if encoded.contains(&b'%') {
            prop_assert_eq!(Codec::Percent.decode(&encoded), Some(content));
        }
    }

    #[test]
    fn documents_decode_to_what_was_written(content in document()) {
        prop_assert_eq!(Codec::Json.decode(&Codec::Json.encode(&content)), Some(content.clone()));
        let token = Node::Object(vec![
            ("header".to_owned(), Node::Object(vec![("alg".to_owned(), Node::text("none"))])),
            ("claims".to_owned(), content),
            ("signature".to_owned(), Node::text("c2ln")),
        ]);
        prop_assert_eq!(Codec::Jwt.decode(&Codec::Jwt.encode(&token)), Some(token));
    }

    #[test]
    fn forms_decode_to_what_was_written(content in texts()) {
        prop_assert_eq!(Codec::Form.decode(&Codec::Form.encode(&content)), Some(content.clone()));
        let Node::Object(mut members) = content else { unreachable!("made above") };
        members.insert(0, ("boundary".to_owned(), Node::text("----x1")));
        let file = [("filename", "a\"b.txt"), ("headers", ""), ("content", "c")];
        let file = file.map(|(name, text)| (name.to_owned(), Node::text(text)));
        members.push(("file".to_owned(), Node::Object(file.to_vec())));
        let content = Node::Object(members);
        prop_assert_eq!(Codec::Multipart.decode(&Codec::Multipart.encode(&content)), Some(content));
    }

    #[test]
    fn elements_decode_to_what_was_written(texts in vec(("[a-z]{1,4}", "[^\u{0}]{1,8}"), 1..5), attribute in "[^\u{0}]{0,8}") {
        let members = texts.into_iter().map(|(name, text)| (name, Node::Text(text)));
        let root = std::iter::once(("@id".to_owned(), Node::Text(attribute))).chain(members).collect();
        let content = Node::Object(vec![("root".to_owned(), Node::Object(root))]);
        prop_assert_eq!(Codec::Xml.decode(&Codec::Xml.encode(&content)), Some(content));
    }

    #[test]
    fn nothing_panics_on_any_content_or_bytes(content in document(), bytes in vec(any::<u8>(), 0..60)) {
        for codec in Codec::ALL {
            codec.encode(&content);
            codec.decode(&bytes);
        }
    }
}
