//! One synthesized payload per context of JSON, XML, HTML, templates and paths, read by the
//! parsers of Python's library and by the kernel.

use std::fs;

use evfuzz_generators::{
    breakout::{Canary, Engine, Filter, Language, Terms},
    nonce::NonceSource,
};
use proptest::prelude::*;

#[path = "breakout/bench.rs"]
mod bench;

use bench::{Bench, budget, driver, installed, make, sampled};

const JSON: &[&str] = &[
    r#"json» {"a":"@"}"#,
    r#"json» {"a":"pre @ post","b":1}"#,
    r#"json» {"@":1}"#,
    r#"json» {"a":1,"pre@":[1]}"#,
    r#"json» {"a":@}"#,
    r#"json» {"a":[1,@]}"#,
    r#"json» ["@"]"#,
    r#"json» [["a","@"],1]"#,
    r#"json» [{"a":{"b":["@"]}}]"#,
    r#"json» {"a":{"b":"\"@"}}"#,
    r#"json» {"a":1@}"#,
    "json» @",
    "json» [ @ ]",
    "json» {\n  \"a\": \"x\",\n  \"b\": \"@\"\n}",
    r#"json» {"a":"\\@"}"#,
];

const XML: &[&str] = &[
    "xml» <a>@</a>",
    "xml» <a>pre @ <b/> post</a>",
    "xml» <a b=\"@\"/>",
    "xml» <a b='@' c=\"d\">x</a>",
    "xml» <a b = \"pre @ post\"></a>",
    "xml» <a><![CDATA[ @ ]]></a>",
    "xml» <a><!-- @ --></a>",
    "xml» <a><?php @ ?></a>",
    "xml» <a @='1'/>",
    "xml» <a b='1' @/>",
    "xml» <a>&lt;@&gt;</a>",
    "xml» <a>it's \"@\"</a>",
    "xml» <?xml version=\"1.0\"?><a><b>@</b></a>",
    "xml» <a><b><c d='\"@'/></b></a>",
];

const HTML: &[&str] = &[
    "html» <p>@</p>",
    "html» @",
    "html» <p class=\"@\">x</p>",
    "html» <p class='@'>x</p>",
    "html» <a href=@>x</a>",
    "html» <a href=/x/@ class=y>x</a>",
    "html» <a href=/x@y>x</a>",
    "html» <!-- @ --><p>x</p>",
    "html» <script>var a = '@';</script>",
    "html» <style>p { color: @ }</style>",
    "html» <title>@</title>",
    "html» <textarea rows=2>@</textarea>",
    "html» <input value=\"@\" disabled>",
    "html» <p @>x</p>",
    "html» <p title=\"a 'b' @\">x</p>",
    "html» <p>a < b @</p>",
];

fn check(language: Language, title: &str, contexts: &[&str]) {
    if !installed("python3", &["--version"]) {
        return;
    }
    let contexts: Vec<String> = contexts.iter().map(|it| (*it).to_owned()).collect();
    let bench = Bench::new(language, &contexts, |nonce| Canary::command(language, nonce));
    let hits = bench.drive("python3", &driver("markup.py"));
    bench.check(title, &hits, &[]);
}

#[test]
fn json_gets_a_member() {
    check(Language::Json, "JSON", JSON);
}

#[test]
fn xml_gets_an_element_or_attribute() {
    check(Language::Xml, "XML", XML);
}

#[test]
fn html_gets_an_element_or_attribute() {
    check(Language::Html, "HTML", HTML);
}

#[test]
fn random_documents_get_a_member_or_element() {
    if !installed("python3", &["--version"]) {
        return;
    }
    for (language, kind, texts) in [
        (Language::Json, "json", sampled(json(), budget(500, 20_000))),
        (Language::Xml, "xml", sampled(xml(), budget(500, 20_000))),
    ] {
        let texts: Vec<String> = texts.iter().map(|it| format!("{kind}» {it}")).collect();
        let bench = Bench::new(language, &texts, |nonce| Canary::command(language, nonce));
        let hits = bench.drive("python3", &driver("markup.py"));
        bench.check_quietly(&format!("{kind}, random documents"), &hits);
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("\"@\""), Just("\"a\\\"@\\n\""), Just("@"), Just("\"{[ @ ]}\"")];
    // A string alone is closed: there is nothing that could get a member.
    leaf.prop_map(|it| format!("[{it}]")).prop_recursive(5, 8, 1, |inner| {
        (0..5_usize, inner).prop_map(|(kind, text)| match kind {
            0 => format!("[{text}]"),
            1 => format!("[1, {text}, null]"),
            2 => format!("{{\"k\": {text}}}"),
            3 => format!("{{\"k\":[],\"\\\"\": {text} , \"z\":-1.5e3}}"),
            _ => format!(" {text}\n"),
        })
    })
}

fn xml() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("@"),
        Just("<a b='@'/>"),
        Just("<a b=\"it's @\" c=''>x</a>"),
        Just("<![CDATA[<@>]]>"),
        Just("<!-- <@> -->"),
        Just("<?pi '@ ?>"),
        Just("&amp;@"),
    ];
    leaf.prop_map(str::to_owned).prop_recursive(5, 8, 1, |inner| {
        (0..4_usize, inner).prop_map(|(kind, text)| match kind {
            0 => format!("<e>{text}</e>"),
            1 => format!("<e f='>'>a{text}</e>"),
            2 => format!("<!-- ' -->{text}<x/>"),
            _ => format!("<n.e><![CDATA[']]>{text}</n.e>"),
        })
    })
}

#[track_caller]
fn check_text(language: Language, text: &str, filter: &Filter, expected: Option<&str>) {
    let terms = Terms { filter: filter.clone(), ..Terms::default() };
    let nonce = NonceSource::new(1).take();
    let canary = if language == Language::Path { "/top/c" } else { "c" };
    let cell = make(language, text, nonce, &Canary::new([canary]), &terms);
    assert_eq!(cell.found.as_ref().map(|it| it.payload.as_str()), expected, "{text}: {:?}", cell.text);
}

#[test]
fn escaped_documents_are_closed() {
    let escaping = |pairs: &[(char, &str)]| {
        pairs.iter().fold(Filter::default(), |filter, (from, to)| filter.replacing(*from, *to))
    };
    check_text(Language::Json, "\"@\"", &Filter::default(), None);
    let json = escaping(&[('"', "\\\""), ('\\', "\\\\")]);
    check_text(Language::Json, r#"{"a":"@"}"#, &json, None);
    // A backslash that is not escaped undoes the escape of the quote, but then each quote needs it.
    let naive = escaping(&[('"', "\\\"")]);
    check_text(Language::Json, r#"{"a":"@"}"#, &naive, None);
    let markup = escaping(&[('<', "&lt;"), ('>', "&gt;"), ('&', "&amp;"), ('"', "&quot;")]);
    check_text(Language::Xml, "<a>@</a>", &markup, None);
    check_text(Language::Html, "<p>@</p>", &markup, None);
    check_text(Language::Html, "<p title=\"@\">", &markup, None);
    // The single quote was forgotten, and an attribute without quotes needs none.
    check_text(Language::Html, "<p title='@'>", &markup, Some("' c='"));
    check_text(Language::Html, "<p title=@>", &markup, Some("a c"));
}

#[test]
fn templates_are_left_by_what_their_engine_evaluates() {
    let none = Filter::default();
    let braces = Language::Template(Engine::Braces);
    for (text, expected) in [
        ("Hello @!", "{{c}}"),
        ("{{ @ }}", "c"),
        ("{{ name + '@' }}", "'+c+'"),
        ("{% if x == '@' %}a{% endif %}", "'+c+'"),
        ("{# @ #}", "#}{{c}}{#"),
        ("{% raw %}@{% endraw %}", "{% endraw %}{{c}}{% raw %}"),
        ("{{ f({'a': \"@\"}) }}", "\"+c+\""),
    ] {
        check_text(braces, text, &none, Some(expected));
    }
    check_text(Language::Template(Engine::Percent), "<p>@</p>", &none, Some("<%=c%>"));
    check_text(Language::Template(Engine::Percent), "<%= '@' %>", &none, Some("'+c+'"));
    check_text(Language::Template(Engine::Percent), "<%# @ %>", &none, Some("%><%=c%><%#"));
    check_text(Language::Template(Engine::Dollar), "a @", &none, Some("${c}"));
    check_text(Language::Template(Engine::Dollar), "${x + \"@\"}", &none, Some("\"+c+\""));
    check_text(braces, "Hello @!", &Filter::removing("{"), None);
    check_text(braces, "{{ '@' }}", &Filter::removing("'"), None);
}

#[test]
fn paths_lead_up_as_far_as_needed() {
    let none = Filter::default();
    for (text, expected) in [
        ("@", "/top/c"),
        ("/srv/data/@", "../..//top/c"),
        ("/srv/./data/../@/x", "..//top/c"),
        ("/top/user-@", "/../..//top/c"),
        ("/@", "/top/c"),
    ] {
        check_text(Language::Path, text, &none, Some(expected));
    }
    check_text(Language::Path, "/srv/data/@", &Filter::removing("."), None);
}

/// The kernel reads the file that a payload leads to.
#[test]
fn paths_are_followed_by_the_kernel() {
    let top = tempfile::tempdir().unwrap();
    let secret = top.path().join("evfz");
    fs::write(&secret, "canary").unwrap();
    let base = top.path().display().to_string();
    for folder in ["srv/data/user", "srv/data/user-/x"] {
        fs::create_dir_all(top.path().join(folder)).unwrap();
    }
    for context in [
        "{}/srv/data/@",
        "{}/srv/@",
        "{}/srv/data/../data/user/@",
        "{}/./srv//data/@",
        "{}/srv/data/user-@",
        "@",
    ] {
        let text = context.replace("{}", &base);
        let canary = Canary::new([secret.to_str().unwrap()]);
        let cell = make(Language::Path, &text, NonceSource::new(1).take(), &canary, &Terms::default());
        assert_eq!(fs::read_to_string(&cell.text).unwrap(), "canary", "{context}: {}", cell.text);
    }
}
