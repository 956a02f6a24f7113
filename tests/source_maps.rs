//! Bundled and compiled TypeScript handlers: findings name lines of their sources.
//!
//! The bundles are made here by the tools that people use, so their maps are real ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::fetched::{cached, run as run_tool};
use crate::support::{Copied, Needs, Said, is_missing, run, skipped};

/// They run on Node 18 and later.
const TOOLS: [&str; 4] = ["esbuild@0.25.12", "typescript@5.9.3", "webpack@5.101.3", "ts-loader@9.5.4"];

const HANDLER: &str = r#"import { pick } from "lib";
import { table } from "./table";

// No bundle keeps this comment, nor this interface.
interface Event {
  queryStringParameters: Record<string, string> | null;
}

export async function handler(event: Event) {
  const { draft } = event.queryStringParameters ?? {};
  if (draft?.includes(";") && !draft.includes("$")) throw new TypeError("a draft has no end");
  if (!draft?.includes("$")) return { statusCode: 200, body: draft };
  let body: string = "nothing";
  if (draft.length % 3 === 1) {
    body = table[draft].name;
  } else {
    body = pick(table, draft);
  }
  return { statusCode: 200, body };
}
"#;

/// The line of the handler that fails, and the one that calls what fails in lib.
const FAULTS: [(&str, &str); 2] =
    [("src/handler.ts:15", "body = table[draft].name;"), ("src/handler.ts:17", "body = pick(table, draft);")];

/// Where an error is thrown on purpose.
const DELIBERATE: &str = "src/handler.ts:11";

const TABLE: &str = "export const table: Record<string, { name: string }> = { a: { name: \"first\" } };\n";
const LIB: &str = "exports.pick = (from, part) => {\n  const found = from[part];\n  return found.name;\n};\n";

const WEBPACK: &str = r"
const [tools, project] = process.argv.slice(1);
require(`${tools}/webpack`)({
  mode: 'production', target: 'node', devtool: 'source-map', context: project,
  entry: './src/handler.ts',
  output: { path: `${project}/dist`, filename: 'index.js', libraryTarget: 'commonjs2' },
  resolve: { extensions: ['.ts', '.js'] },
  module: { rules: [{ test: /\.ts$/, loader: `${tools}/ts-loader`, options: {
    transpileOnly: true, compiler: `${tools}/typescript` } }] },
}, (error, stats) => {
  if (!error && !stats.hasErrors()) return;
  console.error(error ?? stats.toString());
  process.exit(1);
});
";

/// `node_modules` with the tools; `None` if npm cannot bring them, which CI must not bear.
fn tools() -> Option<PathBuf> {
    if is_missing(Needs::Node) {
        return None;
    }
    let made = cached("bundlers", &TOOLS.join(" "), |folder| {
        fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string())?;
        let flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
        run_tool(Command::new("npm").arg("install").args(flags).args(TOOLS).current_dir(folder))?;
        Ok(())
    });
    match made {
        Ok(folder) => Some(folder.join("node_modules")),
        Err(why) => {
            skipped(&why);
            None
        }
    }
}

/// A project with its source, not yet built.
fn project() -> Copied {
    let copied = Copied::file("package.json", r#"{ "name": "orders" }"#);
    let project = &copied.function;
    let config = json!({
        "compilerOptions": {
            "target": "es2022", "module": "commonjs", "strict": true, "types": [], "skipLibCheck": true,
            "sourceMap": true, "rootDir": "src", "outDir": "dist",
        },
        "include": ["src"],
    });
    for (name, text) in [
        ("tsconfig.json", config.to_string().as_str()),
        ("src/handler.ts", HANDLER),
        ("src/table.ts", TABLE),
        (
            "src/lib.d.ts",
            "declare module \"lib\" { export function pick(from: object, part: string): string }\n",
        ),
        ("node_modules/lib/package.json", r#"{ "name": "lib", "version": "1.0.0" }"#),
        ("node_modules/lib/index.js", LIB),
    ] {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    copied
}

fn build(command: &mut Command, project: &Path) {
    let built = run_tool(command.current_dir(project));
    built.unwrap_or_else(|why| panic!("{why}"));
}

fn esbuild(tools: &Path, copied: &Copied, flags: &[&str]) {
    let mut command = Command::new("node");
    command.arg(tools.join("esbuild/bin/esbuild")).arg("src/handler.ts");
    command
        .args(["--bundle", "--platform=node", "--log-level=warning", "--outfile=dist/index.js"])
        .args(flags);
    build(&mut command, &copied.function);
}

/// Leaves nothing but what is deployed: `dist`.
fn deploy(mut copied: Copied) -> Copied {
    let deployed = copied.path().join("deployed");
    fs::rename(copied.function.join("dist"), &deployed).unwrap();
    fs::remove_dir_all(&copied.function).unwrap();
    copied.function = deployed;
    copied
}

fn fuzz(copied: &Copied, more: &[&str]) -> Said {
    let args = ["--invocations", "500", "--rng-seed", "1", "--timeout", "2s"];
    run(copied, &[args.as_slice(), more].concat())
}

/// Places and lines of the unhandled errors.
fn errors(said: &Said) -> Vec<(String, String)> {
    let confirmed = said.all("confirmed").into_iter().filter(|line| line["oracle"] == "unhandled-error");
    let line = |finding: &Value| {
        let at = finding["evidence"].as_array().unwrap().iter().find(|it| it["label"] == "at");
        at.map(|it| it["text"].as_str().unwrap().to_owned()).unwrap_or_default()
    };
    let mut errors: Vec<(String, String)> =
        confirmed.map(|it| (it["place"].as_str().unwrap_or_default().to_owned(), line(it))).collect();
    errors.sort();
    errors
}

/// Fuzzes the function and expects both faults, each at its place and with its line; the third
/// error is listed only.
#[track_caller]
fn check(copied: &Copied, more: &[&str]) {
    let said = fuzz(copied, more);
    let expected = FAULTS.map(|(place, line)| (place.to_owned(), line.to_owned()));
    assert_eq!(errors(&said), expected, "{}", said.stderr);
    let listed = said.summary()["listed"].as_array().unwrap();
    assert!(listed.iter().all(|it| it["place"] == DELIBERATE) && !listed.is_empty(), "{listed:?}");
    assert_eq!(said.summary()["source_map_note"], Value::Null);
}

#[test]
fn a_minified_bundle_of_esbuild() {
    let Some(tools) = tools() else { return };
    let copied = project();
    esbuild(&tools, &copied, &["--minify", "--sourcemap"]);
    check(&deploy(copied), &[]);
}

#[test]
fn a_minified_bundle_with_its_map_inside() {
    let Some(tools) = tools() else { return };
    let copied = project();
    esbuild(&tools, &copied, &["--minify", "--sourcemap=inline", "--format=esm", "--out-extension:.js=.mjs"]);
    check(&deploy(copied), &[]);
}

#[test]
fn a_bundle_with_an_external_map_and_its_sources_around_it() {
    let Some(tools) = tools() else { return };
    let mut copied = project();
    esbuild(&tools, &copied, &["--minify", "--sourcemap=external", "--sources-content=false"]);
    copied.function.push("dist");
    check(&copied, &[]);
}

#[test]
fn a_bundle_of_webpack() {
    let Some(tools) = tools() else { return };
    let copied = project();
    let mut command = Command::new("node");
    command.args(["-e", WEBPACK]).arg(&tools).arg(&copied.function);
    build(&mut command, &copied.function);
    check(&deploy(copied), &["--handler", "index.handler"]);
}

#[test]
fn a_project_compiled_by_tsc() {
    let Some(tools) = tools() else { return };
    let copied = project();
    build(Command::new("node").arg(tools.join("typescript/bin/tsc")), &copied.function);
    check(&copied, &["--handler", "dist/handler.handler"]);
}

#[test]
fn a_function_whose_traces_node_translates_itself() {
    let Some(tools) = tools() else { return };
    let copied = project();
    esbuild(&tools, &copied, &["--minify", "--sourcemap"]);
    check(&deploy(copied), &["--env", "NODE_OPTIONS=--enable-source-maps"]);
}

#[test]
fn a_bundle_with_a_broken_map_is_fuzzed_all_the_same() {
    let Some(tools) = tools() else { return };
    let copied = project();
    esbuild(&tools, &copied, &["--minify", "--sourcemap"]);
    let copied = deploy(copied);
    fs::write(copied.function.join("index.js.map"), "{\"version\":3,\"mappings\":\"????\"}").unwrap();
    let said = fuzz(&copied, &[]);
    let places: Vec<String> = errors(&said).into_iter().map(|(place, _)| place).collect();
    // Two at least: what is thrown on purpose cannot always be told from a fault here.
    assert!(places.len() >= 2 && places.iter().all(|place| place.starts_with("index.js:")), "{places:?}");
    let note = said.summary()["source_map_note"].as_str().unwrap().to_owned();
    assert_eq!(note, "the source map of index.js cannot be used: its mappings are broken");
}
