//! Which texts the code decodes, what comes out of callbacks and helpers, and with what functions in tables are called.

use expect_test::{Expect, expect};

use crate::lexicon::{Lexicon, SourceFile};

/// One line a row: the chains of the code behind their first key, then the texts that it decodes.
#[track_caller]
fn check(name: &str, rows: &[&str], expected: Expect) {
    let mut text = String::new();
    for row in rows {
        let lexicon = Lexicon::learn(&[SourceFile { name, content: row.as_bytes() }]);
        let deep = lexicon.chains().iter().filter(|it| it.len() > 1).map(|it| it.join("."));
        let layers = lexicon.layers().map(|(keys, codecs)| {
            let codecs: Vec<&str> = codecs.iter().map(|it| it.id()).collect();
            format!("{}: {}", keys.join("."), codecs.join(" "))
        });
        let blind = if lexicon.parses_json() { " | any JSON" } else { "" };
        let (deep, layers): (Vec<String>, Vec<String>) = (deep.collect(), layers.collect());
        text.push_str(&format!("{}\n    {} | {}{blind}\n", row.trim(), deep.join(", "), layers.join(", ")));
    }
    expected.assert_eq(&text);
}

#[test]
fn decoded_texts_in_javascript() {
    check(
        "f.js",
        &[
            "exports.handler = (e) => { const f = JSON.parse(e.queryStringParameters.filter); go(f.dir); }",
            "exports.handler = (e) => go(JSON.parse(Buffer.from(e.headers['x-ctx'], 'base64')).locale)",
            "exports.handler = (e) => { const { a } = JSON.parse(atob((e.headers || {}).token)); go(a); }",
            "exports.handler = (e) => go((e.queryStringParameters ?? {}).q)",
            "exports.handler = (e) => go(Object.fromEntries(new URLSearchParams(e.body)).mailbox)",
            "exports.handler = (e) => { const [, p] = e.token.split('.'); go(JSON.parse(p).user); }",
            "exports.handler = (e) => { const t = helper(e); go(JSON.parse(t).user); }",
            "exports.handler = (e) => { const u = new URL(e.q.link, base); if (u.protocol === 'http:') go(u.hostname); }",
            "const d = (r) => JSON.parse(Buffer.from(r.data, 'base64')); exports.handler = (e) => go(d(e.m).user)",
        ],
        expect![[r#"
            exports.handler = (e) => { const f = JSON.parse(e.queryStringParameters.filter); go(f.dir); }
                queryStringParameters.filter, queryStringParameters.filter.dir | queryStringParameters.filter: json
            exports.handler = (e) => go(JSON.parse(Buffer.from(e.headers['x-ctx'], 'base64')).locale)
                headers.x-ctx.locale, headers.x-ctx | headers.x-ctx: base64 json
            exports.handler = (e) => { const { a } = JSON.parse(atob((e.headers || {}).token)); go(a); }
                headers.token.a, headers.token | headers.token: base64 json
            exports.handler = (e) => go((e.queryStringParameters ?? {}).q)
                queryStringParameters.q | 
            exports.handler = (e) => go(Object.fromEntries(new URLSearchParams(e.body)).mailbox)
                body.mailbox | body: form
            exports.handler = (e) => { const [, p] = e.token.split('.'); go(JSON.parse(p).user); }
                 |  | any JSON
            exports.handler = (e) => { const t = helper(e); go(JSON.parse(t).user); }
                 |  | any JSON
            exports.handler = (e) => { const u = new URL(e.q.link, base); if (u.protocol === 'http:') go(u.hostname); }
                q.link | 
            const d = (r) => JSON.parse(Buffer.from(r.data, 'base64')); exports.handler = (e) => go(d(e.m).user)
                m.data, m.data.user | m.data: base64 json
        "#]],
    );
}

#[test]
fn decoded_texts_in_python() {
    check(
        "f.py",
        &[
            "def handler(e, ctx):\n    go((e.get('queryStringParameters') or {}).get('q'))",
            "def handler(e, ctx):\n    f = json.loads(e['queryStringParameters']['filter'])\n    go(f['dir'])",
            "def handler(e, ctx):\n    go(json.loads(base64.b64decode(e['headers']['x-ctx']))['locale'])",
            "def handler(e, ctx):\n    go(parse_qs(urlparse(e['url']).query)['d'][0])",
            "def handler(e, ctx):\n    for b in bodies(e):\n        go(b['name'])\ndef bodies(e):\n    for r in e['Records']:\n        yield json.loads(r['body'])",
        ],
        expect![[r#"
            def handler(e, ctx):
                go((e.get('queryStringParameters') or {}).get('q'))
                queryStringParameters.q | 
            def handler(e, ctx):
                f = json.loads(e['queryStringParameters']['filter'])
                go(f['dir'])
                queryStringParameters.filter, queryStringParameters.filter.dir | queryStringParameters.filter: json
            def handler(e, ctx):
                go(json.loads(base64.b64decode(e['headers']['x-ctx']))['locale'])
                headers.x-ctx.locale, headers.x-ctx | headers.x-ctx: base64 json
            def handler(e, ctx):
                go(parse_qs(urlparse(e['url']).query)['d'][0])
                url.query.d, url.query | url.query: form
            def handler(e, ctx):
                for b in bodies(e):
                    go(b['name'])
            def bodies(e):
                for r in e['Records']:
                    yield json.loads(r['body'])
                Records.body, Records.body.name | Records.body: json
        "#]],
    );
}

#[test]
fn what_callbacks_return() {
    check(
        "f.js",
        &[
            "exports.handler = (e) => { const a = e.list.map((r) => JSON.parse(r.value)); for (const o of a) go(o.c.name); }",
            "exports.handler = (e) => { const a = Object.values(e.records).flat().map(({ t, value }) => ({ t, ...JSON.parse(value) })); a.forEach((o) => go(o.c.name)); }",
            "exports.handler = (e) => { const a = e.list.map((r) => { const b = JSON.parse(r.value); return b; }); go(a[0].name); }",
            "exports.handler = (e) => { for (const [queue, all] of Object.entries(e.byQueue)) go(queue, all[0].data.x); }",
            "exports.handler = async (e) => { for await (const { data } of e.list) go(data.x); }",
            "exports.handler = async (e) => { const { out } = await promisify(exec)('ls ' + e.body.dir); go(out); }",
        ],
        expect![[r#"
            exports.handler = (e) => { const a = e.list.map((r) => JSON.parse(r.value)); for (const o of a) go(o.c.name); }
                list.value, list.value.c.name | list.value: json
            exports.handler = (e) => { const a = Object.values(e.records).flat().map(({ t, value }) => ({ t, ...JSON.parse(value) })); a.forEach((o) => go(o.c.name)); }
                records.value, records.t, records.value.c.name | records.value: json
            exports.handler = (e) => { const a = e.list.map((r) => { const b = JSON.parse(r.value); return b; }); go(a[0].name); }
                list.value, list.value.name | list.value: json
            exports.handler = (e) => { for (const [queue, all] of Object.entries(e.byQueue)) go(queue, all[0].data.x); }
                byQueue.data.x | 
            exports.handler = async (e) => { for await (const { data } of e.list) go(data.x); }
                list.data, list.data.x | 
            exports.handler = async (e) => { const { out } = await promisify(exec)('ls ' + e.body.dir); go(out); }
                body.dir | 
        "#]],
    );
}

#[test]
fn functions_in_tables() {
    check(
        "f.js",
        &[
            "const h = { a: (d) => go(d.report.name), b: () => 0 };\nexports.handler = (e) => h[e.kind]?.(e.detail)",
            "const r = { Query: { view: async (args) => go(args.input.file) } };\nexports.handler = (e) => { const f = r[e.info.type]?.[e.info.field]; return f(e.arguments); }",
            "function make(d) { go(d.file); }\nconst h = { make };\nexports.handler = (e) => h[e.kind](e.detail)",
        ],
        expect![[r#"
            const h = { a: (d) => go(d.report.name), b: () => 0 };
            exports.handler = (e) => h[e.kind]?.(e.detail)
                detail.report.name | 
            const r = { Query: { view: async (args) => go(args.input.file) } };
            exports.handler = (e) => { const f = r[e.info.type]?.[e.info.field]; return f(e.arguments); }
                arguments.input.file, info.type, info.field | 
            function make(d) { go(d.file); }
            const h = { make };
            exports.handler = (e) => h[e.kind](e.detail)
                detail.file | 
        "#]],
    );
    check(
        "f.py",
        &[
            "def make(d):\n    go(d['file'])\nH = {'a': make}\ndef handler(e, ctx):\n    H.get(e['kind'])(e['detail'])",
        ],
        expect![[r#"
            def make(d):
                go(d['file'])
            H = {'a': make}
            def handler(e, ctx):
                H.get(e['kind'])(e['detail'])
                detail.file | 
        "#]],
    );
}
