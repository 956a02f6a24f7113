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
        let (function, socket) =
            Function::start_observed(&[(name, source)], "index.handler", "nodejs", variables)?;
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
                kind => format!("{kind} {}{}", text("path"), text("module")),
            });
            let stack = record["stack"].to_string();
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

def handler(it, context):
    for text in (it['eval'], it['broken']):
        try:
            eval(text)
        except Exception:
            pass
    ast.literal_eval(it['eval'])
    compile(it['eval'], '<string>', 'eval')
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
        // Not what `ast.literal_eval` and `compile` look at, nor what is no source text.
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
