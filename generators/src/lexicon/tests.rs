//! What is learnt from small functions, by language.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn learn(name: &str, content: &str) -> Lexicon {
    Lexicon::learn(&[SourceFile { name, content: content.as_bytes() }])
}

fn describe(lexicon: &Lexicon) -> String {
    let chains: Vec<String> = lexicon.chains().iter().map(|it| it.join("/")).collect();
    let pairs: Vec<String> = lexicon.pairs().iter().map(|(n, l)| format!("{n}={l}")).collect();
    format!(
        "names: {}\nchains: {}\npairs: {}\npaths: {}\nmethods: {}\n",
        lexicon.names().join(" "),
        chains.join(" "),
        pairs.join(" "),
        lexicon.paths().join(" "),
        lexicon.methods().join(" ")
    )
}

#[track_caller]
fn check(name: &str, content: &str, expected: Expect) {
    expected.assert_eq(&describe(&learn(name, content)));
}

#[test]
fn commonjs() {
    check(
        "index.js",
        r#"
const { execSync } = require('child_process');
// comment: event.commented
exports.handler = async (event, context) => {
  const { file, opts: { mode = 'fast' } } = event.queryStringParameters || {};
  const body = JSON.parse(event.body || '{}')
  if (body.action === 'read' && file.endsWith('.csv')) return run(body.order, file)
  switch (body.kind) { case 'full': break; case 'part': return; }
  const name = event.pathParameters?.['id'];
  return { statusCode: 200, body: `hello ${event.headers['x-tenant']} ${name}` };
};
function run(order, path) {
  if (['small', 'large'].includes(order.size)) execSync(`ls ${order.ref} /tmp/x`);
  app.get('/items/{id}', 'GET');
}
"#,
        expect![[r#"
            names: file opts mode action order kind id x-tenant size ref
            chains: queryStringParameters/file queryStringParameters/opts queryStringParameters/opts/mode queryStringParameters body body/action body/order body/kind pathParameters/id headers/x-tenant body/order/size body/order/ref
            pairs: action=read file=.csv kind=full kind=part size=small size=large
            paths: /items/{id}
            methods: GET
        "#]],
    );
}

#[test]
fn ecmascript_and_types() {
    check(
        "app.ts",
        r#"
import { APIGatewayProxyEvent, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
interface Order { ref: string; note?: string }
const Schema = z.object({ colour: z.string(), weight: z.number() });
export const lambdaHandler = async (e: APIGatewayProxyEvent): Promise<Result> => {
  const order = JSON.parse(e.body!) as Order;
  const tool: string = order.tool ?? 'ls';
  return go(tool);
};
export async function queue({ Records }: SQSEvent, _ctx: Context) {
  for (const { body, messageAttributes: attrs } of Records) {
    const job = JSON.parse(body);
    console.log(job.script, attrs.tenant.stringValue);
  }
  await Promise.all(Records.map(async (r) => { const m = JSON.parse(r.body); return m.batch.target; }));
}
"#,
        expect![[r#"
            names: tool script tenant batch target ref note colour weight ls
            chains: body body/tool Records Records/body Records/messageAttributes Records/body/script Records/messageAttributes/tenant/stringValue Records/body/batch/target
            pairs: 
            paths: 
            methods: 
        "#]],
    );
}

#[test]
fn minified() {
    check(
        "bundle.js",
        r#"var n=Object.defineProperty;var s={};n(s,{handler:()=>u});module.exports=s;var c=require("child_process"),u=async e=>{let{queryStringParameters:t}=e,o=JSON.parse(e.body),r=o.jobs.map(e=>e.cmdline);return t&&t.report?(0,c.exec)(t.report+o["calc-x"]):e.extra};"#,
        expect![[r#"
            names: jobs cmdline report calc-x extra
            chains: queryStringParameters body body/jobs/cmdline queryStringParameters/report body/calc-x extra
            pairs: 
            paths: 
            methods: 
        "#]],
    );
}

#[test]
fn python() {
    check(
        "app.py",
        r#"
import os, json
from urllib.parse import unquote_plus

"""A docstring about event['documented']."""

def lambda_handler(event, context):
    # event['commented']
    params = event.get('queryStringParameters') or {}
    body = json.loads(event['body']) if event.get('body') else {}
    if body["op"] == "run" or body['method'] in ("GET", "POST"):
        return evaluate(body['calc'])
    for record in event['Records']:
        bucket = record['s3']['bucket']['name']
        key = unquote_plus(record['s3']['object']['key'])
        if key.endswith(('.csv', '.json')):
            os.system(f"convert {key} {params.get('size', '1')} {body['f-name']}")
    ids = [json.loads(r['body'])['ident'] for r in event['Records']]
    match params['mode']:
        case "a" | "b":
            return {'statusCode': 200, 'body': ids, 'weird': os.environ['TABLE']}
    if 'force' in body:
        return fetch(body["sub"])

def fetch(sub):
    return sub['leaf'], sub.get('twig')
"#,
        expect![[r#"
            names: op method calc size f-name ident mode force sub leaf twig
            chains: queryStringParameters body body/op body/method body/calc Records Records/s3/bucket/name Records/s3/object/key queryStringParameters/size body/f-name Records/body/ident Records/body queryStringParameters/mode body/force body/sub/leaf body/sub body/sub/twig
            pairs: op=run method=GET method=POST key=.csv key=.json mode=a mode=b
            paths: 
            methods: GET POST
        "#]],
    );
}

#[test]
fn direct_events_and_frameworks() {
    check(
        "tool.py",
        r#"
class Job(BaseModel):
    target: str
    depth: int = 3

def handler(e, _):
    cmd = e['command']
    return e.get("name"), cmd

@app.get("/calc")
def calc():
    return eval(request.args.get('expr') + request.json['extra'])
"#,
        expect![[r#"
            names: command name expr extra target depth
            chains: command name queryStringParameters/expr body/extra
            pairs: 
            paths: /calc
            methods: GET
        "#]],
    );
}

#[test]
fn supplied_events_come_first() {
    let mut lexicon = learn("a.js", "exports.handler = async (event) => event.learnt");
    let event = serde_json::json!({
        "body": "{\"order\": {\"id\": \"A-1\"}}",
        "requestContext": { "stage": "prod" },
    });
    lexicon.learn_event(&event);
    expect![[r#"
        names: order id learnt
        chains: learnt body body/order body/order/id requestContext requestContext/stage
        pairs: 
        paths: 
        methods: 
    "#]]
    .assert_eq(&describe(&lexicon));
    assert!(lexicon.literals().iter().any(|it| it == "A-1"));
    assert!(lexicon.mentions("requestContext"));
}

#[test]
fn dependencies_do_not_count() {
    let lexicon = Lexicon::learn(&[
        SourceFile { name: "node_modules/x/index.js", content: b"exports.f = (e) => e.Records[0].alien" },
        SourceFile { name: "index.js", content: b"exports.handler = (e) => e.own" },
    ]);
    assert_eq!(lexicon.names(), ["own"]);
    assert_eq!(lexicon.affinity(&["Records", "own"]), 1);
}

proptest! {
    #[test]
    fn never_panics(bytes: Vec<u8>, extension in "js|py|json|bin") {
        let name = format!("f.{extension}");
        Lexicon::learn(&[SourceFile { name: &name, content: &bytes }]);
    }

    #[test]
    fn never_panics_on_likely_text(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
        extension in "js|py",
    ) {
        let name = format!("f.{extension}");
        let text = pieces.concat();
        Lexicon::learn(&[SourceFile { name: &name, content: text.as_bytes() }]);
    }
}

/// Nested and unclosed code must not cost more than its length.
#[test]
fn hostile_files_end() {
    let started = std::time::Instant::now();
    for piece in [
        "(",
        "[",
        "{",
        "JSON.parse(",
        "a.parse(a",
        "const {a:",
        "f(a,",
        "=>",
        "`${",
        "/",
        "'",
        "class a(b): ",
    ] {
        for name in ["f.js", "f.py"] {
            learn(name, &piece.repeat(30_000 / piece.len()));
            learn(name, &format!("{piece}\n").repeat(30_000 / piece.len()));
        }
    }
    // Unoptimized on a busy machine; quadratic work would take minutes.
    assert!(started.elapsed().as_secs() < 60);
}

/// Pieces of code whose combinations reach most branches.
const PIECES: &[&str] = &[
    "event",
    ".body",
    "?.",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "=>",
    "=",
    " ",
    "\n",
    "\n    ",
    "'x'",
    "\"y\"",
    "`a${",
    "f'{",
    "}'",
    "'",
    "\"",
    "`",
    "/",
    "//",
    "/*",
    "*/",
    "#",
    "\\",
    "for ",
    " in ",
    " of ",
    "const ",
    "function ",
    "def ",
    "handler",
    "async ",
    "import ",
    "from ",
    "class ",
    "interface ",
    "switch",
    "case ",
    "match ",
    ":",
    ",",
    "JSON.parse",
    ".get",
    ".map",
    "é",
    "…",
    "==",
    "===",
    "...",
    "!",
    "z.object",
    "\t",
    "0x1",
];

#[test]
fn modules_are_known_by_the_names_that_imports_have() {
    for (name, code, module) in [
        ("a.py", "import pickle", "pickle"),
        ("a.py", "from yaml import load", "load"),
        ("a.js", "const { unserialize } = require('node-serialize');", "node-serialize"),
        ("a.mjs", "import yaml from 'js-yaml';", "js-yaml"),
    ] {
        let lexicon = Lexicon::learn(&[SourceFile { name, content: code.as_bytes() }]);
        assert!(lexicon.imports(module), "{code}");
        assert!(!lexicon.imports("json"), "{code}");
    }
}

#[test]
fn what_comes_of_a_text_is_not_the_text() {
    let pairs = |code: &str| {
        let file = SourceFile { name: "a.js", content: code.as_bytes() };
        Lexicon::learn(&[file]).typed_pairs().to_vec()
    };
    let text = "exports.handler = (event) => { const { ttl } = JSON.parse(event.body);
                let time = typeof ttl === 'string' ? parse(ttl) : 0; if (time > 86400) return; use(time) }";
    assert_eq!(pairs(text), []);
    let number = text.replace("typeof ttl === 'string' ? parse(ttl) : 0", "ttl");
    assert!(!pairs(&number).is_empty());
}
