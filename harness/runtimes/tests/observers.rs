//! Observers beside our clients: what they tell, what they keep to themselves, and what a function sees of them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "support/mod.rs"]
mod support;

use std::os::unix::net::UnixDatagram;

use serde_json::Value;
use support::Function;

/// A function in one language with its observer.
struct Observed {
    function: Function,
    socket: UnixDatagram,
}

impl Observed {
    fn node(name: &str, source: &str, variables: &[(&str, &str)]) -> Option<Observed> {
        Observed::node_with(&[(name, source)], variables)
    }

    fn node_with(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Option<Observed> {
        let (function, socket) = Function::start_observed(files, "index.handler", "nodejs", variables)?;
        Some(Observed { function, socket })
    }

    fn python(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Option<Observed> {
        let (function, socket) = Function::start_observed(files, "app.handler", "python", variables)?;
        Some(Observed { function, socket })
    }

    /// What was told until the answer came, as `kind what`.
    fn told(&mut self, event: &str) -> Vec<String> {
        let (path, body) = self.function.invoke(event);
        assert_eq!(path, "response", "{body}");
        self.socket.set_nonblocking(true).unwrap();
        let mut buffer = vec![0; 1 << 20];
        let mut told = Vec::new();
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let record: Value = serde_json::from_slice(&buffer[..length]).unwrap();
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            told.push(match text("kind").as_str() {
                "source" => format!("source {} {}", record["parsed"], text("text")),
                "spawn" => format!("spawn {}", record["args"]),
                "prototype" => format!("prototype {} {}", text("object"), text("key")),
                "statement" => format!("statement {} {}", text("engine"), text("text")),
                "filter" => format!("filter {}", text("text")),
                "expression" => format!("expression {} {}", text("member"), text("text")),
                kind => format!("{kind} {}{}{}", text("path"), text("module"), text("url")),
            });
            let stack = record["stack"].to_string();
            // What a library does later is told by itself, too.
            if matches!(text("kind").as_str(), "opened" | "asked") && !stack.contains("/code/") {
                told.pop();
                continue;
            }
            assert!(
                text("kind") == "prototype" || stack.contains("/code/"),
                "no line of the function: {stack}"
            );
        }
        told
    }
}

const NODE: &str = "
const handler = (it) => {
  let seen = null;
  try { seen = eval(it.eval); } catch {}
  try { new Function('a', it.fun); } catch {}
  try { vm.runInNewContext(it.vm, {}, { filename: '/elsewhere.js' }); } catch {}
  try { JSON.parse(it.eval); } catch {}
  const merged = {};
  merged.__proto__[it.key] = 1;
  return seen;
};";

#[test]
fn node_tells_what_is_compiled_and_what_every_object_gets() {
    let common = format!("const vm = require('vm');{NODE} exports.handler = async (it) => handler(it);");
    let module = format!(
        "import vm from 'node:vm';{NODE} export {{ wrapped as handler }}; const wrapped = async (it) => handler(it);"
    );
    for (name, source) in [("index.js", common), ("index.mjs", module)] {
        let Some(mut it) = Observed::node(name, &source, &[]) else { return };
        // Neither a pause nor a word without a nonce.
        assert_eq!(it.told(r#"{"eval":"debugger; 1","fun":"return 2","vm":"3","key":"plain"}"#), [""; 0]);
        let told = it.told(
            r#"{"eval":"1 + 'evaaaaaaa1","fun":"return evaaaaaaa2","vm":"evaaaaaaa3 = 1","key":"evaaaaaaa4"}"#,
        );
        let expected = [
            "source false 1 + 'evaaaaaaa1",
            "source true (function anonymous(a\n) {\nreturn evaaaaaaa2\n})",
            "source true evaaaaaaa3 = 1",
            // V8 makes a script of JSON that it refuses; who reads it knows by the stack.
            "source false 1 + 'evaaaaaaa1",
            "prototype Object.prototype evaaaaaaa4",
        ];
        assert_eq!(told, expected, "{name}");
        // What is there already is not news.
        assert_eq!(it.told(r#"{"eval":"1","fun":"","vm":"","key":"evaaaaaaa4"}"#), [""; 0]);
    }
}

#[test]
fn node_tells_what_is_started_by_any_call() {
    let source = "import { execSync, exec, spawnSync, execFile } from 'node:child_process';\n\
        import { promisify } from 'node:util';\n\
        export const handler = async (it) => {\n\
          execSync(`true ${it.a}`); spawnSync('true', [it.b]);\n\
          await promisify(exec)(`true ${it.c}`); await promisify(execFile)('true', [it.d]);\n\
          return [execSync.name, execSync.length, exec.length];\n\
        };";
    let Some(mut it) = Observed::node("index.mjs", source, &[]) else { return };
    assert_eq!(it.told(r#"{"a":"x","b":"x","c":"x","d":"x"}"#), [""; 0]);
    let told = it.told(r#"{"a":"evaaaaaaa1","b":"evaaaaaaa2","c":"evaaaaaaa3","d":"evaaaaaaa4"}"#);
    let expected = [
        r#"spawn ["-c","true evaaaaaaa1"]"#,
        r#"spawn ["evaaaaaaa2"]"#,
        r#"spawn ["/bin/sh","-c","true evaaaaaaa3"]"#,
        r#"spawn ["true","evaaaaaaa4"]"#,
    ];
    assert_eq!(told, expected);
}

#[test]
fn node_tells_of_files_by_any_call() {
    let source = "import { readFileSync, createReadStream, unlink, promises, rename, openSync } from 'node:fs';\n\
        import { writeFile, cp } from 'node:fs/promises';\n\
        import { promisify } from 'node:util';\n\
        const quiet = async (it) => { try { await it(); } catch {} };\n\
        export const handler = async (it) => {\n\
          await quiet(() => readFileSync(it.a)); await quiet(() => promises.readFile(Buffer.from(it.b)));\n\
          await quiet(() => writeFile(new URL(`file:///nowhere/${it.c}`), it.text));\n\
          await quiet(() => promisify(unlink)(it.d)); await quiet(() => cp('/nowhere/x', it.e));\n\
          await quiet(() => promisify(rename)(it.f, '/nowhere/x')); await quiet(() => openSync(it.g, 'r'));\n\
          await new Promise((done) => createReadStream(it.h).on('error', done));\n\
          await quiet(() => readFileSync({ toString: () => it.a }));\n\
          return [readFileSync.name, readFileSync.length, promises.readFile.name];\n\
        };";
    let Some(mut it) = Observed::node("index.mjs", source, &[]) else { return };
    let event = |path: &str| {
        let paths = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|it| format!("\"{it}\":\"{path}{it}\""));
        format!("{{{},\"text\":\"evaaaaaaaa\"}}", paths.join(","))
    };
    assert_eq!(it.told(&event("/nowhere/")), [""; 0]);
    let opened = ["a", "b", "file", "d", "e", "f", "g", "h"].map(|name| match name {
        "file" => "opened file:///nowhere/evaaaaaaac".to_owned(),
        name => format!("opened evaaaaaaa{name}"),
    });
    let mut told = it.told(&event("evaaaaaaa"));
    // One function of `fs` calls another.
    told.dedup();
    assert_eq!(told, opened);
    assert_eq!(it.function.respond(&event("/nowhere/")), r#"["readFileSync",2,"readFile"]"#);
}

#[test]
fn node_tells_of_addresses_by_any_call() {
    let source = "const http = require('http'); const net = require('net');\n\
        const quiet = async (it) => { try { await it(); } catch {} };\n\
        exports.handler = async (it) => {\n\
          await quiet(() => fetch(`http://127.0.0.1:1/${it.a}`)); await quiet(() => fetch(new URL(`http://127.0.0.1:1/${it.b}`)));\n\
          await quiet(() => fetch(new Request(`http://127.0.0.1:1/${it.c}`)));\n\
          await new Promise((done) => http.get(`http://127.0.0.1:1/${it.d}`).on('error', done));\n\
          await new Promise((done) => net.connect(it.port, '127.9.9.9').on('error', done));\n\
          return fetch.name;\n\
        };";
    let Some(mut it) = Observed::node("index.js", source, &[]) else { return };
    let event = |word: &str, port: u16| {
        let paths = ["a", "b", "c", "d"].map(|it| format!("\"{it}\":\"{word}{it}\""));
        format!("{{{},\"port\":{port}}}", paths.join(","))
    };
    assert_eq!(it.told(&event("x", 9)), [""; 0]);
    let told = it.told(&event("evaaaaaaa", 20_000));
    let expected = [
        "asked http://127.0.0.1:1/evaaaaaaaa",
        "asked http://127.0.0.1:1/evaaaaaaab",
        "asked http://127.0.0.1:1/evaaaaaaac",
        "asked //127.0.0.1:1/evaaaaaaad",
        "asked 127.9.9.9:20000",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_node_function_sees_nothing_of_its_observer_nor_do_its_children() {
    let source = "const { execFileSync } = require('child_process');\n\
        exports.handler = async () => [process.env.NODE_OPTIONS ?? null, process.env.EVFUZZ_OBSERVER ?? null,\n\
          Object.keys(require.cache).length, typeof Error.prepareStackTrace, Error.stackTraceLimit,\n\
          execFileSync('/bin/sh', ['-c', 'echo $NODE_OPTIONS $EVFUZZ_OBSERVER']).toString()];";
    // Options of the user's stay in force.
    for variables in [&[][..], &[("NODE_OPTIONS", "--stack-trace-limit=7")][..]] {
        let Some(mut it) = Observed::node("index.js", source, variables) else { return };
        let files = [("index.js", source)];
        let mut plain = Function::start_with(&files, "index.handler", "nodejs", variables).unwrap();
        assert_eq!(it.function.respond("{}"), plain.respond("{}"));
    }
}

#[test]
fn a_node_function_may_close_the_descriptor_and_put_its_own_there() {
    let source = "const fs = require('fs');\n\
        exports.handler = async (it) => {\n\
          fs.closeSync(0);\n\
          const fd = fs.openSync('/tmp/evfuzz-observer-test-' + process.pid, 'w+');\n\
          eval('\"' + it + '\"');\n\
          const size = fs.fstatSync(fd).size; fs.unlinkSync('/tmp/evfuzz-observer-test-' + process.pid);\n\
          return [fd, size];\n\
        };";
    let Some(mut it) = Observed::node("index.js", source, &[]) else { return };
    assert_eq!(it.function.respond("\"evaaaaaaa1\""), "[0,0]");
}

const PYTHON: &str = "
import ast, os, pickle, subprocess, sys

def evaluate(text):
    try:
        eval(text)
    except Exception:
        pass

def check(text):
    try:
        return compile(text, '<string>', 'eval')
    except SyntaxError:
        pass

def handler(it, context):
    evaluate(it['eval'])
    evaluate(it['broken'])
    ast.literal_eval(it['eval'])
    check(it['broken'])
    eval(check(it['eval']))
    subprocess.run(['true', it['arg']])
    os.system('true ' + it['arg'])
    try:
        open(it['path'])
    except OSError:
        pass
    try:
        pickle.loads(('c' + it['class'] + '\\nx\\n.').encode())
    except Exception:
        pass
    return [os.environ.get('PYTHONPATH'), os.environ.get('EVFUZZ_OBSERVER'), [it for it in sys.path if 'observer' in it]]
";

#[test]
fn python_tells_what_is_evaluated_started_opened_and_looked_up() {
    let Some(mut it) = Observed::python(&[("app.py", PYTHON)], &[]) else { return };
    let plain = r#"{"eval":"'x'","broken":"(","arg":"x","path":"/tmp/x","class":"nothing"}"#;
    assert_eq!(it.told(plain), [""; 0]);
    let told = it.told(
        r#"{"eval":"'evaaaaaaa1'","broken":"(evaaaaaaa2","arg":"evaaaaaaa3","path":"/nowhere/evaaaaaaa4","class":"evaaaaaaa5"}"#,
    );
    let expected = [
        "source false 'evaaaaaaa1'",
        "source false (evaaaaaaa2",
        // Not what `ast.literal_eval` and `compile` look at, but what is evaluated of it.
        "source true 'evaaaaaaa1'",
        r#"spawn ["true","evaaaaaaa3"]"#,
        r#"spawn ["-c","true evaaaaaaa3"]"#,
        "opened /nowhere/evaaaaaaa4",
        "find-class evaaaaaaa5",
    ];
    assert_eq!(told, expected);
    let seen: Value = serde_json::from_str(&it.function.respond(plain)).unwrap();
    assert_eq!(seen, serde_json::json!([null, null, []]));
}

#[test]
fn python_tells_of_files_and_addresses() {
    let source = "\
import http.client, os, pathlib, shutil, socket, urllib.request

def quiet(what, *given):
    try:
        what(*given)
    except OSError:
        pass

def handler(it, context):
    quiet(os.remove, it['a'])
    quiet(pathlib.Path('/nowhere').joinpath(it['b']).unlink)
    quiet(os.rename, '/nowhere/x', it['c'])
    quiet(os.listdir, it['d'])
    quiet(os.mkdir, it['e'].encode())
    quiet(shutil.copyfile, it['f'], '/nowhere/x')
    quiet(os.stat, it['a'])
    connection = http.client.HTTPConnection('127.0.0.1', 1)
    quiet(connection.request, 'GET', '/' + it['g'])
    quiet(urllib.request.urlopen, 'http://127.0.0.1:1/' + it['h'])
    quiet(socket.create_connection, ('127.9.9.9', it['port']))
";
    let Some(mut it) = Observed::python(&[("app.py", source)], &[]) else { return };
    let event = |word: &str, port: u16| {
        let words = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|it| format!("\"{it}\":\"{word}{it}\""));
        format!("{{{},\"port\":{port}}}", words.join(","))
    };
    assert_eq!(it.told(&event("/nowhere/x", 9)), [""; 0]);
    let mut told = it.told(&event("evaaaaaaa", 20_000));
    told.dedup();
    let expected = [
        "opened evaaaaaaaa",
        "opened /nowhere/evaaaaaaab",
        "opened evaaaaaaac",
        "opened evaaaaaaad",
        "opened evaaaaaaae",
        "opened evaaaaaaaf",
        "asked 127.0.0.1:1 GET /evaaaaaaag HTTP/1.1",
        "asked http://127.0.0.1:1/evaaaaaaah",
        "asked 127.0.0.1:1 GET /evaaaaaaah HTTP/1.1",
        // Looked up, then asked, as all of these.
        "asked 127.9.9.9:20000",
    ];
    assert_eq!(told, expected);
}

#[test]
fn python_loads_the_module_that_the_observer_shadows() {
    let files = [
        (
            "app.py",
            "import sys\ndef handler(event, context):\n    return sys.modules['sitecustomize'].MINE\n",
        ),
        ("sitecustomize.py", "MINE = 'yours'\n"),
    ];
    // The code's folder is where its own would be found.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sitecustomize.py"), files[1].1).unwrap();
    let path = folder.path().to_str().unwrap();
    let Some(mut it) = Observed::python(&files[..1], &[("PYTHONPATH", path)]) else { return };
    assert_eq!(it.function.respond("{}"), "\"yours\"");
}

/// Packages with the form of the real ones, which answer with what they were given: tests/weaknesses has the real ones.
const DRIVERS: [(&str, &str); 5] = [
    (
        "node_modules/pg/lib/index.js",
        "const Client = require('./client');\nclass Pool { query(text) { return new Client().query(text); } }\n\
         module.exports = { Client, Pool, get native() { throw new Error('not compiled'); } };",
    ),
    (
        "node_modules/pg/lib/client.js",
        "class Client { query(text, done) { return done ? done(text) : text; } }\nmodule.exports = Client;",
    ),
    ("node_modules/pg/package.json", r#"{ "name": "pg", "main": "lib/index.js" }"#),
    (
        "node_modules/mongodb/index.js",
        "class Collection { findOne(filter) { return Promise.resolve(1); } }\n\
         Object.defineProperty(exports, 'Collection', { enumerable: true, get: () => Collection });",
    ),
    (
        "node_modules/@smithy/smithy-client/index.js",
        "exports.Client = class Client { constructor(id) { this.config = { serviceId: id }; }\n\
         send(command) { return Promise.resolve(Object.keys(command.input)); } };",
    ),
];

#[test]
fn node_tells_what_drivers_are_given() {
    let body = "
const handler = async (it) => {
  class Mine extends pg.Client {}
  const said = [new pg.Client().query(it.a), new pg.Client().query({ text: it.b, values: [it.c] }).text,
    new Mine().query(it.d, (text) => text), new pg.Pool() instanceof pg.Pool, pg.Client.prototype.query.name,
    pg.Client.prototype.query.length, Object.keys(pg.Client.prototype), Object.keys(pg)];
  await new Collection().findOne({ name: it.e, at: new Date(0), get late() { throw new Error(); }, in: [{ $gt: it.f }] });
  const trap = () => { throw new Error('asked'); };
  await new Collection().findOne(new Proxy({ name: it.e }, { ownKeys: trap, get: trap, getOwnPropertyDescriptor: trap }));
  for (const service of ['DynamoDB', 'S3']) {
    const values = { ':a': it.g };
    const input = { FilterExpression: it.h, ExpressionAttributeValues: values, List: [{ Update: { ConditionExpression: it.h } }] };
    await new Client(service).send({ input });
    await new Client(service).send({ input: { Statement: it.i, Parameters: [it.g] } });
  }
  return said;
};";
    let common = format!(
        "const pg = require('pg'); const {{ Collection }} = require('mongodb');\n\
         const {{ Client }} = require('@smithy/smithy-client');{body} exports.handler = async (it) => handler(it);"
    );
    let module = format!(
        "import pg from 'pg'; import mongodb from 'mongodb'; import smithy from '@smithy/smithy-client';\n\
         const {{ Collection }} = mongodb; const {{ Client }} = smithy;{body} export {{ handler }};"
    );
    let plain = r#"{"a":"a","b":"b","c":"c","d":"d","e":"e","f":"f","g":"g","h":"h","i":"i"}"#;
    let event = r#"{"a":"evaaaaaaa1","b":"evaaaaaaa2","c":"evaaaaaaa3","d":"evaaaaaaa4","e":"evaaaaaaa5","f":"evaaaaaaa6",
        "g":"evaaaaaaa7","h":"evaaaaaaa8","i":"evaaaaaaa9"}"#;
    for (name, source) in [("index.js", &common), ("index.mjs", &module)] {
        let mut files = DRIVERS.to_vec();
        files.push((name, source));
        let Some(mut it) = Observed::node_with(&files, &[]) else { return };
        assert_eq!(it.told(plain), [""; 0]);
        let expected = [
            "statement postgresql evaaaaaaa1",
            "statement postgresql evaaaaaaa2",
            "statement postgresql evaaaaaaa4",
            r#"filter {"name":"evaaaaaaa5","at":null,"late":null,"in":[{"$gt":"evaaaaaaa6"}]}"#,
            "expression FilterExpression evaaaaaaa8",
            "expression ConditionExpression evaaaaaaa8",
            "statement partiql evaaaaaaa9",
        ];
        assert_eq!(it.told(event), expected, "{name}");
        // Nothing of it is seen by the function.
        let mut unobserved = Function::start_with(&files, "index.handler", "nodejs", &[]).unwrap();
        assert_eq!(it.function.respond(plain), unobserved.respond(plain));
    }
}

#[test]
fn python_tells_what_drivers_are_given() {
    let app = "
import sqlite3
import pymysql.cursors
from pymongo import collection
from botocore.client import BaseClient

class Mine(sqlite3.Cursor):
    def execute(self, text):
        return super().execute(text)

class Odd(dict):
    def items(self):
        raise RuntimeError('asked')

def handler(it, context):
    db = sqlite3.connect(':memory:')
    db.execute('CREATE TABLE t (a)')
    db.execute('SELECT ? -- ' + it['a'], (it['b'],))
    db.cursor(Mine).execute('SELECT 1 -- ' + it['c'])
    try:
        db.execute('SELECT ' + it['d'])
        failed = None
    except sqlite3.OperationalError as error:
        failed = type(error).__name__
    pymysql.cursors.Cursor().execute('SELECT %s -- ' + it['a'], [it['b']])
    pymysql.cursors.Cursor().execute(query='SELECT 2 -- ' + it['a'])
    collection.Collection().find_one({'a': it['e'], 'b': object(), 'c': [{'$gt': it['e']}]})
    collection.Collection().find_one(Odd(a=it['e']))
    for service in ('dynamodb', 's3'):
        client = BaseClient(service)
        client.scan(FilterExpression=it['f'], ExpressionAttributeValues={':a': it['b']})
        client.scan(Statement=it['g'], Parameters=[it['b']])
    return [failed, type(db) is sqlite3.Connection, sqlite3.Cursor.execute.__name__, db.cursor().execute.__qualname__]
";
    let files = [
        ("app.py", app),
        ("pymysql/__init__.py", ""),
        ("pymysql/cursors.py", "class Cursor:\n    def execute(self, query, args=None):\n        return 0\n"),
        ("pymongo/__init__.py", ""),
        (
            "pymongo/collection.py",
            "class Collection:\n    def find_one(self, filter=None, *args):\n        return list(filter)\n",
        ),
        ("botocore/__init__.py", ""),
        (
            "botocore/client.py",
            "from types import SimpleNamespace as N\n\
             class BaseClient:\n    \
                 def __init__(self, name):\n        self.meta = N(service_model=N(service_name=name))\n    \
                 def scan(self, **named):\n        return self._make_api_call('Scan', named)\n    \
                 def _make_api_call(self, operation_name, api_params):\n        return None\n",
        ),
    ];
    let Some(mut it) = Observed::python(&files, &[]) else { return };
    let plain = r#"{"a":"a","b":"b","c":"c","d":"d","e":"e","f":"f","g":"g"}"#;
    assert_eq!(it.told(plain), [""; 0]);
    let event = r#"{"a":"evaaaaaaa1","b":"evaaaaaaa2","c":"evaaaaaaa3","d":"evaaaaaaa4","e":"evaaaaaaa5","f":"evaaaaaaa6",
        "g":"evaaaaaaa7"}"#;
    let mut told = it.told(event);
    // Old versions of Python tell twice.
    told.dedup();
    let expected = [
        "statement sqlite SELECT ? -- evaaaaaaa1",
        "statement sqlite SELECT 1 -- evaaaaaaa3",
        "statement sqlite SELECT evaaaaaaa4",
        "statement mysql SELECT %s -- evaaaaaaa1",
        "statement mysql SELECT 2 -- evaaaaaaa1",
        r#"filter {"a": "evaaaaaaa5", "b": null, "c": [{"$gt": "evaaaaaaa5"}]}"#,
        r#"filter {"a": "evaaaaaaa5"}"#,
        "expression FilterExpression evaaaaaaa6",
        "statement partiql evaaaaaaa7",
    ];
    assert_eq!(told, expected);
    let mut unobserved = Function::start_with(&files, "app.handler", "python", &[]).unwrap();
    assert_eq!(it.function.respond(plain), unobserved.respond(plain));
}
