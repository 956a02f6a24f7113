//! What the code says about the kinds of values, and with which constants they pass.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::lexicon::{KeyStep, Kind, Lexicon, SourceFile};

fn learn(name: &str, content: &str) -> Lexicon {
    Lexicon::learn(&[SourceFile { name, content: content.as_bytes() }])
}

fn chain(steps: &[KeyStep]) -> String {
    let step = |step: &KeyStep| {
        let mark = match step.kind {
            Kind::Text => "",
            Kind::Number => "#",
            Kind::Bool => "?",
            Kind::List => "[]",
            Kind::Object => "{}",
        };
        format!("{}{mark}", step.name)
    };
    steps.iter().map(step).collect::<Vec<String>>().join(".")
}

/// One line a row: the chains of the code, then the pairs that it learnt.
#[track_caller]
fn check(name: &str, rows: &[&str], expected: Expect) {
    let mut text = String::new();
    for row in rows {
        let code = match name {
            "f.js" => {
                format!("exports.handler = async (event) => {{ const b = JSON.parse(event.body);\n{row}\n}};")
            }
            _ => format!("def handler(event, context):\n    b = json.loads(event['body'])\n    {row}\n"),
        };
        let lexicon = learn(name, &code);
        let longest = lexicon.typed_chains().iter().filter(|it| it.len() > 1);
        let chains: Vec<String> = longest.map(|it| chain(it)).collect();
        let texts = lexicon.pairs().iter().map(|(name, literal)| format!("{name}={literal:?}"));
        let typed = lexicon.typed_pairs().iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<String> = texts.chain(typed).collect();
        text.push_str(&format!("{}\n    {} | {}\n", row.trim(), chains.join(" "), pairs.join(" ")));
    }
    expected.assert_eq(&text);
}

#[test]
fn kinds_in_javascript() {
    check(
        "f.js",
        &[
            "f(b.workflow.steps[0].source)",
            "for (const r of b.rules) f(r.when)",
            "for (const { when, then } of b.rules || []) f(when)",
            "b.jobs.forEach((job) => f(job.output.preset))",
            "const n = (b.jobs ?? []).filter((j) => j.on).map((j) => f(j.cmd))",
            "if (!Array.isArray(b.hooks)) return; f(b.hooks)",
            "const { opts = {} } = b; f(opts.deep.key)",
            "let deep; ({ opts: { deep } } = b); f(deep.key)",
            "if (b.force === true) f(b.cmd.trim())",
            "f(Number(b.width), parseInt(b.height, 10))",
            "if (typeof b.level === 'number' && typeof b.on === 'boolean') f(b.x)",
            "for (const part of b.line.split(',')) f(part)",
            "for (let i = 0; i < b.rows.length; i++) f(b.rows[i].cell)",
        ],
        expect![[r#"
            f(b.workflow.steps[0].source)
                body{}.workflow{}.steps[].source | 
            for (const r of b.rules) f(r.when)
                body{}.rules[] body{}.rules[].when | 
            for (const { when, then } of b.rules || []) f(when)
                body{}.rules[] body{}.rules[].when body{}.rules[].then | 
            b.jobs.forEach((job) => f(job.output.preset))
                body{}.jobs[] body{}.jobs[].output{}.preset | 
            const n = (b.jobs ?? []).filter((j) => j.on).map((j) => f(j.cmd))
                body{}.jobs[] body{}.jobs[].on body{}.jobs[].cmd | 
            if (!Array.isArray(b.hooks)) return; f(b.hooks)
                body{}.hooks[] | 
            const { opts = {} } = b; f(opts.deep.key)
                body{}.opts{} body{}.opts{}.deep{}.key | 
            let deep; ({ opts: { deep } } = b); f(deep.key)
                body{}.opts{} body{}.opts{}.deep{} body{}.opts{}.deep{}.key | 
            if (b.force === true) f(b.cmd.trim())
                body{}.force? body{}.cmd | force=true
            f(Number(b.width), parseInt(b.height, 10))
                body{}.width# body{}.height# | 
            if (typeof b.level === 'number' && typeof b.on === 'boolean') f(b.x)
                body{}.on? body{}.level# body{}.x | 
            for (const part of b.line.split(',')) f(part)
                body{}.line | 
            for (let i = 0; i < b.rows.length; i++) f(b.rows[i].cell)
                body{}.rows[] body{}.rows[].cell | 
        "#]],
    );
}

#[test]
fn kinds_in_python() {
    check(
        "f.py",
        &[
            "f(b['workflow']['steps'][0]['source'])",
            "for r in b.get('rules', []): f(r['when'])",
            "x = [json.loads(r['inner'])['cmd'] for r in b['items_'] if r.get('on') is True]",
            "for i, s in enumerate(b.get('steps') or []): f(s['run'])",
            "if not isinstance(b['hooks'], list): return\n    f(b['hooks'])",
            "if len(b['tags']) > 3: return\n    f(b['tags'][0]['v'])",
            "f(int(b['width']), b.get('on', False), b.get('n', 3), b.get('o', {}))",
            "if any(c in BAD for c in b['name']): return\n    f(b['name'])",
            "f(b['cmd'].strip().split(' ')[0])",
        ],
        expect![[r#"
            f(b['workflow']['steps'][0]['source'])
                body{}.workflow{}.steps[].source | 
            for r in b.get('rules', []): f(r['when'])
                body{}.rules[] body{}.rules[].when | 
            x = [json.loads(r['inner'])['cmd'] for r in b['items_'] if r.get('on') is True]
                body{}.items_[].inner{}.cmd body{}.items_[].inner{} body{}.items_[] body{}.items_[].on? | on=true
            for i, s in enumerate(b.get('steps') or []): f(s['run'])
                body{}.steps[] body{}.steps[].run | 
            if not isinstance(b['hooks'], list): return
                f(b['hooks'])
                body{}.hooks[] | 
            if len(b['tags']) > 3: return
                f(b['tags'][0]['v'])
                body{}.tags[] body{}.tags[].v | 
            f(int(b['width']), b.get('on', False), b.get('n', 3), b.get('o', {}))
                body{}.width# body{}.on? body{}.n# body{}.o{} | 
            if any(c in BAD for c in b['name']): return
                f(b['name'])
                body{}.name | 
            f(b['cmd'].strip().split(' ')[0])
                body{}.cmd | 
        "#]],
    );
}

#[test]
fn bindings_go_through_helpers() {
    check(
        "f.js",
        &[
            "const r = body(event); f(r.cmd) }; function body(e) { const t = e.body; return JSON.parse(t)",
            "const first = (x) => x.steps[0]; f(first(b).run)",
            "const pick = (skip, o) => o.opts || {}; f(pick(1, b).run)",
            "const safe = (s) => { try { return JSON.parse(s); } catch (e) { return {}; } }; const m = safe(b.inner); f(m.deep)",
            "f((b.opts ?? {}).run, (b.more || {}).run)",
        ],
        expect![[r#"
            const r = body(event); f(r.cmd) }; function body(e) { const t = e.body; return JSON.parse(t)
                body{}.cmd | 
            const first = (x) => x.steps[0]; f(first(b).run)
                body{}.steps[] body{}.steps[].run | 
            const pick = (skip, o) => o.opts || {}; f(pick(1, b).run)
                body{}.opts{} body{}.opts{}.run | 
            const safe = (s) => { try { return JSON.parse(s); } catch (e) { return {}; } }; const m = safe(b.inner); f(m.deep)
                body{}.inner{} body{}.inner{}.deep | 
            f((b.opts ?? {}).run, (b.more || {}).run)
                body{}.opts{}.run body{}.opts{} body{}.more{}.run body{}.more{} | 
        "#]],
    );
    check(
        "f.py",
        &[
            "f(load(event)['cmd'])\n\ndef load(e):\n    text = e.get('body') or '{}'\n    return json.loads(text)",
            "f(dict(b.get('opts', {}))['run'], list(b['tags'] or [])[0]['v'])",
            "o = {k: str(v) for k, v in b['opts'].items()}\n    f(o['run'])",
        ],
        expect![[r#"
            f(load(event)['cmd'])

            def load(e):
                text = e.get('body') or '{}'
                return json.loads(text)
                body{}.cmd | 
            f(dict(b.get('opts', {}))['run'], list(b['tags'] or [])[0]['v'])
                body{}.opts{}.run body{}.opts{} body{}.tags[].v body{}.tags[] | 
            o = {k: str(v) for k, v in b['opts'].items()}
                f(o['run'])
                body{}.opts{} body{}.opts{}.run | 
        "#]],
    );
}

#[test]
fn attributes_lose_their_tags() {
    let code =
        "const toJs = (av) => { if (av.S) return av.S; if (av.L) return av.L.map(toJs); return av.M; };
        exports.handler = async (event) => { for (const r of event.Records) {
        const s = toJs(r.dynamodb.NewImage.settings); for (const h of s.hooks) f(h.channel); } };";
    let chains: Vec<String> = learn("f.js", code).typed_chains().iter().map(|it| chain(it)).collect();
    expect![[r#"
        Records[]
        Records[].dynamodb{}.NewImage{}.settings{}
        Records[].dynamodb{}.NewImage{}.settings{}.hooks[]
        Records[].dynamodb{}.NewImage{}.settings{}.hooks[].channel"#]]
    .assert_eq(&chains.join("\n"));
    let code = "
def plain(av):
    if 'S' in av: return av['S']
    return {k: plain(v) for k, v in av['M'].items()}
def handler(event, context):
    for r in event['Records']:
        image = {k: plain(v) for k, v in r['dynamodb']['NewImage'].items()}
        for step in image.get('steps', []): f(step['run'], image['n'] == 2)
";
    let chains: Vec<String> = learn("f.py", code).typed_chains().iter().map(|it| chain(it)).collect();
    expect![[r#"
        Records[]
        Records[].dynamodb{}.NewImage{}
        Records[].dynamodb{}.NewImage{}.steps[]
        Records[].dynamodb{}.NewImage{}.steps[].run
        Records[].dynamodb{}.NewImage{}.n#"#]]
    .assert_eq(&chains.join("\n"));
}

#[test]
fn constants_in_javascript() {
    check(
        "f.js",
        &[
            "if (b.version !== 2) return",
            "if (b.n == 3 || b.m === -1.5) f(b.x)",
            "if (b.level >= 10) f(b.x)",
            "if (b.level < 10) throw new Error('low')",
            "if (b.level > 10) return reply(400, { error: 'high' })",
            "if (b.level > 10) return run(b.x)",
            "if (parseInt(b.n, 10) > 5) f(b.x)",
            "if (b.ok === true && b.off === false) f(b.x)",
            "if (b.ok === false) return;",
            "if ([1, 2].includes(b.v)) f(b.x)",
            "if (b.name.length > 200 || res.status === 200) return",
            "if (b.x === null || b.y === undefined) return",
            "if (b.count.N === 4 || b.kind.stringValue === 'k') f(b.x)",
        ],
        expect![[r#"
            if (b.version !== 2) return
                body{}.version# | version=2
            if (b.n == 3 || b.m === -1.5) f(b.x)
                body{}.m# body{}.n# body{}.x | n=3 m=-1.5
            if (b.level >= 10) f(b.x)
                body{}.level# body{}.x | level=10
            if (b.level < 10) throw new Error('low')
                body{}.level# | level=10
            if (b.level > 10) return reply(400, { error: 'high' })
                body{}.level# | level=10
            if (b.level > 10) return run(b.x)
                body{}.level# body{}.x | level=11
            if (parseInt(b.n, 10) > 5) f(b.x)
                body{}.n# body{}.x | n=6
            if (b.ok === true && b.off === false) f(b.x)
                body{}.off? body{}.ok? body{}.x | ok=true off=false
            if (b.ok === false) return;
                body{}.ok? | ok=true
            if ([1, 2].includes(b.v)) f(b.x)
                body{}.v body{}.x | v=1 v=2
            if (b.name.length > 200 || res.status === 200) return
                body{}.name | 
            if (b.x === null || b.y === undefined) return
                body{}.y body{}.x | 
            if (b.count.N === 4 || b.kind.stringValue === 'k') f(b.x)
                body{}.kind{}.stringValue body{}.count{}.N# body{}.x | kind="k" count=4
        "#]],
    );
}

#[test]
fn constants_in_python() {
    check(
        "f.py",
        &[
            "if b['version'] not in (1, 2): raise ValueError()",
            "if b.get('ok') is not True: return",
            "if b.get('off') is False:\n        return",
            "if b['n'] == 1_000: f(b)",
            "if not 1 <= b['n'] <= 10: raise ValueError()",
            "if int(b['n']) < 10:\n        return {'statusCode': 400}",
            "if b['x'] is None or b['y'] is not None: return",
            "if p.returncode == 0 or len(b['x']) > 3: return",
        ],
        expect![[r#"
            if b['version'] not in (1, 2): raise ValueError()
                body{}.version | version=1 version=2
            if b.get('ok') is not True: return
                body{}.ok? | ok=true
            if b.get('off') is False:
                    return
                body{}.off? | off=true
            if b['n'] == 1_000: f(b)
                body{}.n# | n=1000
            if not 1 <= b['n'] <= 10: raise ValueError()
                body{}.n# | n=10
            if int(b['n']) < 10:
                    return {'statusCode': 400}
                body{}.n# | n=10
            if b['x'] is None or b['y'] is not None: return
                body{}.x body{}.y | 
            if p.returncode == 0 or len(b['x']) > 3: return
                body{}.x | 
        "#]],
    );
}

#[test]
fn tables_are_gates() {
    check(
        "f.js",
        &[
            "const H = { create: f, 'delete': g, async list(e) {}, other }; H[b.op](b)",
            "const ALLOWED = new Set(['hd', 'sd']); if (!ALLOWED.has(b.kind)) return",
            "const M = new Map([['a', f], ['b', g]]); M.get(b.op)(b.x)",
            "const KINDS = Object.freeze(['k', 'l']); if (KINDS.includes(b.kind)) f()",
            "const T = { one: 1 }; if (!Object.hasOwn(T, b.t) || !(b.u in T)) return",
        ],
        expect![[r#"
            const H = { create: f, 'delete': g, async list(e) {}, other }; H[b.op](b)
                body{}.op | op="create" op="delete" op="list" op="other"
            const ALLOWED = new Set(['hd', 'sd']); if (!ALLOWED.has(b.kind)) return
                body{}.kind | kind="hd" kind="sd"
            const M = new Map([['a', f], ['b', g]]); M.get(b.op)(b.x)
                body{}.op body{}.x | op="a" op="b"
            const KINDS = Object.freeze(['k', 'l']); if (KINDS.includes(b.kind)) f()
                body{}.kind | kind="k" kind="l"
            const T = { one: 1 }; if (!Object.hasOwn(T, b.t) || !(b.u in T)) return
                body{}.u body{}.t | t="one" u="one"
        "#]],
    );
    check(
        "f.py",
        &[
            "HANDLERS = {'create': f, \"delete\": lambda e: g(e, 1)}\n    HANDLERS[b['op']](b)",
            "ALLOWED: frozenset[str] = frozenset({'x', 'y'})\n    if b.get('kind') not in ALLOWED: return",
            "VERSIONS = (1, 2)\n    if b['v'] in VERSIONS: f()",
            "H = dict(x=1)\n    h = H.get(b['op'])",
            "SET = {'p'}\n    f([x for x in b['xs'] if x in SET])",
            "for r in (b.get('rules') or []): f(r['when'])",
            "for k, v in (b.get('opts') or {}).items(): f(v[0])",
        ],
        expect![[r#"
            HANDLERS = {'create': f, "delete": lambda e: g(e, 1)}
                HANDLERS[b['op']](b)
                body{}.op | op="create" op="delete"
            ALLOWED: frozenset[str] = frozenset({'x', 'y'})
                if b.get('kind') not in ALLOWED: return
                body{}.kind | kind="x" kind="y"
            VERSIONS = (1, 2)
                if b['v'] in VERSIONS: f()
                body{}.v | v=1 v=2
            H = dict(x=1)
                h = H.get(b['op'])
                body{}.op | 
            SET = {'p'}
                f([x for x in b['xs'] if x in SET])
                body{}.xs[] | xs="p"
            for r in (b.get('rules') or []): f(r['when'])
                body{}.rules[] body{}.rules[].when | 
            for k, v in (b.get('opts') or {}).items(): f(v[0])
                body{}.opts{} | 
        "#]],
    );
}

proptest! {
    #[test]
    fn never_panics_on_typed_code(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
        extension in "js|py",
    ) {
        let name = format!("f.{extension}");
        let lexicon = learn(&name, &pieces.concat());
        prop_assert_eq!(lexicon.typed_chains().len(), lexicon.chains().len());
    }

    #[test]
    fn never_panics_on_any_text(text in "\\PC*", extension in "js|py") {
        learn(&format!("f.{extension}"), &text);
    }
}

/// Pieces of code whose combinations reach most branches.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "event", "event.a", "event['b']", ".get('c', [])", "[0]", "[-1]", "[i]", "(", ")", "[", "]", "{", "}",
    " is ", " not ", " in ", " === ", " < ", " >= ", "-", "1", "2.5", "1__0", "0x1", "True", "true", "null",
    "if ", "return ", "throw ", "raise ", "\n", "\n    ", ":", ";", ",", "=", "T", "T = ", "new Set(", "{'x': 1}",
    "T[", "T.has(", "Object.hasOwn(T, ", "typeof ", "isinstance(", "int(", "Array.isArray(", "for ", " of ",
    "for x in ", "const ", "x", ".map(x => ", "|| []", "?? {}", "'t'", "f'{", "}'", "`${", "}`", "é", "def f(x):",
    "function f(x) {", "def handler(event, context):\n    ", "=> ", "400", "error",
];
