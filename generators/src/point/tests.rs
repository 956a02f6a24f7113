//! Tests of charsets: what can be sent where.

use super::*;

#[track_caller]
fn check(charset: Charset, accepted: &[&str], refused: &[&str]) {
    let point = InjectionPoint {
        locator: Locator::Body { path: Path::root() },
        control: Control::Attacker,
        charset,
        max_bytes: 300,
        role: Role::Data,
        path: String::new(),
    };
    for text in accepted {
        assert_eq!(point.check(text), Ok(()), "{charset:?} {text:?}");
    }
    for text in refused {
        assert!(point.check(text).is_err(), "{charset:?} {text:?}");
    }
}

#[test]
fn charsets_are_those_of_aws() {
    check(Charset::Any, &["", "\0", "\u{1b}", "\u{fffe}"], &[]);
    check(Charset::HeaderValue, &["", "$(x)'$(x)'", "a b"], &["a\r\nb", "a\nb", "\0", " a", "ü"]);
    check(Charset::HeaderName, &["`x`", "$x", "'", "|", "&"], &["", "a b", "(", ")", ";", "/", "\""]);
    check(Charset::CookieValue, &["a b", "$(x)"], &["a;b", "a\nb"]);
    check(Charset::SqsText, &["\t\n\r", "\u{fffd}", "\u{1f600}"], &["", "\0", "\u{1b}", "\u{fffe}"]);
    check(Charset::SqsName, &["a", "a.b-c_9"], &["", ".a", "a.", "a..b", "AWS.x", "amazon.x", "a b", "$x"]);
    check(Charset::SqsGroup, &["!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"], &["", "a b", "a\n", "ü"]);
    check(Charset::SessionName, &["a+=,.@-_9"], &["", "a b", "$(x)", "a:b"]);
    check(Charset::Query, &["", "\n", "ü", "\r\nX: 1"], &["\0"]);
    check(Charset::PathSegment, &["$(x)", "a b", "?"], &["", "a/b", "\0"]);
    check(Charset::Path, &["a/b", "a?b"], &["", "\0"]);
    check(Charset::PathEnd, &["a/b", "/a", "a?b"], &["", "a/", "/", "\0"]);
    check(Charset::Base64Url, &["", "aZ0-_"], &["a.b", "a=", "$(x)", "a b"]);
    check(Charset::ListElement, &["gzip", "$(x)", "a b", ""], &["a,b", "a;b", "\"", " a", "\n", "ü"]);
    check(
        Charset::ObjectKey,
        &["a/../x", "videos/2014/../../video1.wmv", "/x", "..x", "....//x", "a b", "\n"],
        &["", "\0", "..", "../x", "/../x", "videos/../../video1.wmv", "videos/../../2014/video1.wmv"],
    );
}

#[test]
fn charsets_of_mail_users_and_topics() {
    check(Charset::Uri, &["", "a;$(b)/c"], &["a b", "%41", "`x`", "?", "#", "ü"]);
    check(Charset::UserName, &["$(id)", "ü", "`x`"], &["", "a b", "\n", "\0"]);
    check(Charset::NoBlank, &["$(id)", "ü"], &["", "a b", "\t"]);
    check(
        Charset::LocalPart,
        &["`id`", "a.b", "a'b|c"],
        &["", ".a", "a.", "a..b", "a b", "(x)", "a;b", "a@b"],
    );
    check(Charset::Topic, &["a/b", "$(x) y"], &["", "#", "a/+", "\0", "1/2/3/4/5/6/7/8/9"]);
    check(Charset::TopicLevel, &["$(x) y"], &["", "a/b", "#", "+"]);
}

#[test]
fn numbers_are_those_of_dynamodb() {
    let digits = "1".repeat(38);
    check(
        Charset::Number,
        &["0", "-1", "+1", "1.5", "1E20", "1e-128", "9.99e125", &digits],
        &[
            "",
            "a",
            "$(x)",
            "1e400",
            "1e126",
            "0.001e-128",
            "--1",
            "1;2",
            "NaN",
            "e5",
            ".5",
            &format!("{digits}1"),
        ],
    );
}

#[test]
fn long_texts_are_refused() {
    check(Charset::Any, &[&"a".repeat(300)], &[&"a".repeat(301)]);
}
