//! What is learnt about the ends of values and about routes.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::lexicon::{Lexicon, SourceFile};

#[track_caller]
fn check(name: &str, content: &str, expected: Expect) {
    let lexicon = Lexicon::learn(&[SourceFile { name, content: content.as_bytes() }]);
    let routes: Vec<String> =
        lexicon.routes().iter().map(|it| format!("{} as {}", it.template(), it.path())).collect();
    expected.assert_eq(&format!(
        "prefixes: {}\nsuffixes: {}\nroutes: {}\n",
        lexicon.prefixes().join(" "),
        lexicon.suffixes().join(" "),
        routes.join(", ")
    ));
}

#[test]
fn javascript_checks_of_ends() {
    check(
        "index.js",
        r#"
const KINDS = ['.tsv', '.psv'], ROOT = 'in/';
exports.handler = async (event) => {
  const key = event.key;
  if (key.startsWith('odd/')) skip();
  if (!key.startsWith(ROOT) || !KINDS.some((it) => key.endsWith(it))) return;
  if (!event.mail.includes('@')) return;
  if (event.text.includes('..')) return;
  if (event.id.indexOf('id-') !== 0) return;
  if (event.a.slice(0, 3) === 'abc') f(event.b.slice(-2) === 'yz');
  const ext = key.split('.').pop();
  if (!['gif', 'bmp'].includes(ext)) return;
};
"#,
        expect![[r#"
            prefixes: in/ odd/ id- abc
            suffixes: .psv .tsv yz .bmp .gif @ ..
            routes: 
        "#]],
    );
}

#[test]
fn python_checks_of_ends() {
    check(
        "app.py",
        r#"
def handler(event, context):
    key = event['key']
    if not key.startswith('in/') or not key.lower().endswith(('.csv', '.tsv')):
        return
    if '@' not in event['mail'] or ':' in event['other'] or 'word' in event:
        return
    if os.path.splitext(key)[1] == '.png' or event['a'][:4] == 'abcd' or event['b'][-2:] != 'yz':
        return
    ext = key.rsplit('.', 1)[-1]
    if ext == 'gif':
        return
"#,
        expect![[r#"
            prefixes: in/ abcd
            suffixes: .csv .tsv .png yz .gif @ :
            routes: 
        "#]],
    );
}

#[test]
fn regular_expressions() {
    let cases = [
        r"if (!/\.tar\.gz$/.test(x)) f()",
        r"/^v\d+-(alpha|beta)$/i.test(x)",
        r"x.match(/\.(jpe?g|png)$/)",
        r"new RegExp('^id:[a-z]+$')",
        r"x.replace(/^gone/, '').split(/,$/)",
        r"/^(read|write)$/.test(x)",
        r"/(?<year>\d{4})-(\d\d)$/.test(x)",
        r"const half = total / 2; const other = half / 3;",
    ];
    let mut found = String::new();
    for case in cases {
        let lexicon = Lexicon::learn(&[SourceFile { name: "index.js", content: case.as_bytes() }]);
        found.push_str(&format!("{case}: {:?} {:?}\n", lexicon.prefixes(), lexicon.suffixes()));
    }
    expect![[r#"
        if (!/\.tar\.gz$/.test(x)) f(): [] [".tar.gz"]
        /^v\d+-(alpha|beta)$/i.test(x): ["v"] ["-alpha", "-beta"]
        x.match(/\.(jpe?g|png)$/): [] [".jpg", ".png"]
        new RegExp('^id:[a-z]+$'): ["id:"] []
        x.replace(/^gone/, '').split(/,$/): [] []
        /^(read|write)$/.test(x): [] []
        /(?<year>\d{4})-(\d\d)$/.test(x): [] []
        const half = total / 2; const other = half / 3;: [] []
    "#]]
    .assert_eq(&found);
    check(
        "app.py",
        r#"
NAME = re.compile(r'[\w]+\.conf')
if not re.match(r'job-\w+', a) or not re.fullmatch(r'[\w]+\.jpg', b) or re.search('x=.*', c):
    pass
if NAME.fullmatch(d):
    pass
"#,
        expect![[r#"
            prefixes: job-
            suffixes: .conf .jpg
            routes: 
        "#]],
    );
}

#[test]
fn patterns_of_paths() {
    check(
        "index.mjs",
        r#"
const found = path.match(/^\/repos\/([^/]+)\/log$/) || path.match(/^\/(?:v\d+\/)?users\/(?<user>[a-z]+)\/?$/);
const ids = /^\/jobs\/(\d+)(?:\/steps\/(\d{3}))?$/.exec(path);
const rest = /^\/(raw|blob)\/(.+)$/.exec(path), file = /^\/out\/(\w+)\.json$/.exec(path);
if (path.startsWith('/files/')) read(path.slice(7));
if (/^\/tmp\/x\/(\w+)/.test(name) || /\s+\//.test(name) || /^\/(\w+)$/.test(name)) f();
"#,
        expect![[r#"
            prefixes: /repos/ / /jobs/ /raw/ /blob/ /out/ /files/ /tmp/x/
            suffixes: /log .json
            routes: /repos/{part1}/log as /repos/kilo/log, /{part1}/users/{user} as /v12/users/lima, /jobs/{part1}/steps/{part2} as /jobs/12/steps/121, /raw/{part1+} as /raw/kilo, /out/{part1} as /out/kilo.json, /files/{part1+} as /files/kilo
        "#]],
    );
}

#[test]
fn segments_of_paths() {
    check(
        "index.js",
        r#"
const parts = event.rawPath.split('/').filter(Boolean);
if (parts[0] === 'repos' && parts[2] === 'log') return log(parts[1]);
if (parts[0] === 'users') { if (parts[1] === 'me') f(); else if (parts[1] === 'all') g(parts[3]); }
"#,
        expect![[r#"
            prefixes: 
            suffixes: 
            routes: /repos/{part1}/log as /repos/lima/log, /users/me as /users/me, /users/all/{part1}/{part2} as /users/all/mike/nova
        "#]],
    );
    check(
        "app.py",
        r#"
def handler(event, context):
    _, kind, name, verb = event['rawPath'].split('/')
    if kind != 'hosts' or verb != 'ping':
        return
"#,
        expect![[r#"
            prefixes: 
            suffixes: 
            routes: /hosts/{part1}/ping as /hosts/lima/ping
        "#]],
    );
    check(
        "app.py",
        "def handler(event, context):\n    p = event['path'].split('/')\n    if p[1] == 'zip':\n        run(p[2])\n",
        expect![[r#"
            prefixes: 
            suffixes: 
            routes: /zip/{part1} as /zip/lima
        "#]],
    );
}

proptest! {
    #[test]
    fn any_pattern_is_survived(text in "[a-c/\\\\^$.|?*+()\\[\\]{}<>:=!,0-9dwsPZ-]{0,40}") {
        if let Some(pattern) = Pattern::parse(&text) {
            prop_assert!(pattern.heads(true).iter().all(|it| !it.is_empty()));
            prop_assert!(pattern.tails(true).iter().all(|it| !it.is_empty()));
            for (cells, open) in pattern.examples(false) {
                if let Some(route) = Route::of(&cells, open) {
                    prop_assert!(route.path().starts_with('/'));
                }
            }
        }
    }
}

#[test]
fn regular_expressions_give_texts_to_repeat_whatever_they_are_used_for() {
    let pumps = |name: &str, content: &str| {
        let lexicon = Lexicon::learn(&[SourceFile { name, content: content.as_bytes() }]);
        lexicon.pumps().iter().map(|it| it.text(2)).collect::<Vec<_>>()
    };
    let script =
        r"if (!/^(\d+,)*$/.test(a)) f(); b.replace(/-+$/, ''); c.split(/\s*;\s*/); new RegExp('x+y')";
    assert_eq!(pumps("a.js", script), ["0,0,!", "00!", "--!", "  !", ";  !", "xx!"]);
    let code = "import re\nre.compile(r'^(\\w+)+$')\nre.sub(r'\\s+$', '', b)\nre.search('[ab]+c', d)\n";
    assert_eq!(pumps("a.py", code), ["aa!", "  !", "aa!"].map(str::to_owned)[..2]);
}
