//! Stack traces of real runtimes, read back.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::source_map::written::{at, mappings, put};
use super::*;

fn source() -> SourceText {
    let index = b"exports.handler = async (event) => {\n  throw new Error('no')\n}\n".to_vec();
    SourceText::new(Path::new("/f"), Path::new("/var/task"), [(PathBuf::from("/f/index.js"), index)])
}

#[test]
fn node_traces_start_with_the_innermost_frame() {
    let body = json!({ "errorType": "TypeError", "errorMessage": "x", "trace": [
        "TypeError: x",
        "    at parse (/f/node_modules/lib/a.js:9:1)",
        "    at exports.handler (/f/index.js:1:20)",
        "    at async file:///r/client.cjs:5:12",
    ]});
    let error = source().error("TypeError", body.to_string().as_bytes());
    assert_eq!(error.place().as_deref(), Some("index.js:1"));
    assert_eq!(error.frames.len(), 3);
    assert!(!error.is_deliberate(), "the innermost frame is a dependency's");
}

#[test]
fn python_traces_end_with_the_innermost_frame() {
    let body = json!({ "errorType": "KeyError", "errorMessage": "'a'", "stackTrace": [
        "  File \"/f/app.py\", line 3, in handler\n    return use(event)\n",
        "  File \"/f/app.py\", line 9, in use\n    return event['a']\n",
    ]});
    let error = source().error("KeyError", body.to_string().as_bytes());
    assert_eq!(error.place().as_deref(), Some("app.py:9"));
    assert!(!error.is_deliberate());
}

#[test]
fn packages_beside_the_code_are_not_the_functions_own() {
    let files = ["app.py", "shop/orders.py"].map(|it| (Path::new("/f").join(it), b"x\n".to_vec()));
    let source = SourceText::new(Path::new("/f"), Path::new("/var/task"), files);
    let place = |file: &str| {
        source.place_in_log(&format!(
            "  File \"/var/task/app.py\", line 3, in handler\n  File \"/var/task/{file}\", line 5, in call\n"
        ))
    };
    assert_eq!(place("botocore/client.py").as_deref(), Some("app.py:3"));
    assert_eq!(place("shop/orders.py").as_deref(), Some("shop/orders.py:5"));
    assert_eq!(place("shop/made_later.py").as_deref(), Some("shop/made_later.py:5"));
}

#[test]
fn an_error_raised_on_purpose_is_recognised_by_its_source_line() {
    let node = json!({ "trace": ["    at exports.handler (/f/index.js:2:9)"] });
    assert!(source().error("Error", node.to_string().as_bytes()).is_deliberate());
    let python =
        json!({ "stackTrace": ["  File \"/f/app.py\", line 9, in use\n    raise KeyError(name)\n"] });
    assert!(source().error("KeyError", python.to_string().as_bytes()).is_deliberate());
}

#[test]
fn finds_the_place_in_a_log() {
    let log =
        "Traceback (most recent call last):\n  File \"/f/app.py\", line 7, in h\n    boom()\nSystemExit: 3\n";
    assert_eq!(source().place_in_log(log).as_deref(), Some("app.py:7"));
    assert_eq!(source().place_in_log("nothing here"), None);
}

#[test]
fn evaluated_code_has_the_place_of_its_evaluation() {
    let log = "    at eval (eval at use (/var/task/index.js:2:12), <anonymous>:1:1)";
    assert_eq!(source().place_in_log(log).as_deref(), Some("index.js:2"));
}

#[test]
fn a_url_is_read_as_the_path_it_stands_for() {
    let log = "    at async file:///var/task/my%20app.mjs:3:1";
    assert_eq!(source().place_in_log(log).as_deref(), Some("my app.mjs:3"));
}

#[test]
fn a_long_line_without_a_map_is_named_and_shown_by_its_column() {
    let line = format!("{}throw new TypeError(a){}", "é;".repeat(200), ";b()".repeat(200));
    let files = [(PathBuf::from("/f/index.js"), line.into_bytes())];
    let source = SourceText::new(Path::new("/f"), Path::new("/f"), files);
    let node = json!({ "trace": ["    at exports.handler (/f/index.js:1:407)"] });
    let error = source.error("TypeError", node.to_string().as_bytes());
    assert_eq!(error.place().as_deref(), Some("index.js:1:407"));
    assert!(error.is_deliberate(), "{:?}", error.frames);
}

/// What the bundle in [`Bundled`] is made of: the handler throws on purpose in line 4.
const HANDLER: &str =
    "import { pick } from 'lib';\n\nfunction check(a) {\n  if (!a) throw new TypeError('meant');\n}\n";

/// A function in one line: lib from column 400, the handler from 500, the bundler's own before.
struct Bundled {
    folder: tempfile::TempDir,
    code: String,
}

impl Bundled {
    /// `shift`: how much longer the bundler's own code is than in other builds.
    fn new(shift: u32) -> Bundled {
        let folder = tempfile::tempdir().unwrap();
        let segments = [
            (0, 400 + shift, at(0, 1, 15)),
            (0, 500 + shift, at(1, 2, 9)),
            (0, 520 + shift, at(1, 3, 16)),
            (0, 560 + shift, None),
        ];
        let map = json!({
            "version": 3,
            "sources": ["../node_modules/lib/index.js", "../src/handler.ts"],
            "sourcesContent": [null, HANDLER],
            "mappings": mappings(&segments),
        });
        put(folder.path(), "dist/index.js.map", map.to_string());
        put(folder.path(), "package.json", "{}");
        let code = format!("{}\n//# sourceMappingURL=index.js.map\n", "x;".repeat(600));
        Bundled { folder, code }
    }

    fn source(&self) -> SourceText {
        let root = self.folder.path().canonicalize().unwrap().join("dist");
        let files = [(root.join("index.js"), self.code.clone().into_bytes())];
        SourceText::new(&root, Path::new("/var/task"), files)
    }
}

fn error(source: &SourceText, frames: &[&str]) -> ErrorSeen {
    let trace: Vec<String> = frames.iter().map(|it| format!("    at h ({it})")).collect();
    source.error("TypeError", json!({ "trace": trace }).to_string().as_bytes())
}

#[test]
fn a_frame_in_a_bundle_is_named_and_shown_by_its_source() {
    let bundled = Bundled::new(0);
    let source = bundled.source();
    let error = error(&source, &["/var/task/index.js:1:521"]);
    assert_eq!(error.place().as_deref(), Some("src/handler.ts:4"));
    assert_eq!(error.frames[0].text.as_deref(), HANDLER.lines().nth(3));
    assert!(error.is_deliberate());
    let log = "TypeError: meant\n    at check (/var/task/index.js:1:521)\n";
    assert_eq!(source.place_in_log(log).as_deref(), Some("src/handler.ts:4"));
    assert_eq!(source.note(), None);
}

#[test]
fn a_dependency_in_a_bundle_is_a_dependency() {
    let bundled = Bundled::new(0);
    let source = bundled.source();
    let error = error(&source, &["/var/task/index.js:1:410", "/var/task/index.js:1:530"]);
    assert_eq!(error.frames[0].file, "node_modules/lib/index.js");
    assert_eq!(error.place().as_deref(), Some("src/handler.ts:4"));
    assert!(!error.is_deliberate(), "the dependency threw, not the line that called it");
}

#[test]
fn the_code_of_the_bundler_is_nobodys_as_long_as_there_is_other_code() {
    let bundled = Bundled::new(0);
    let source = bundled.source();
    let both = error(&source, &["/var/task/index.js:1:3", "/var/task/index.js:1:501"]);
    assert_eq!(both.place().as_deref(), Some("src/handler.ts:3"));
    let alone = error(&source, &["/var/task/index.js:1:3", "/var/task/index.js:1:570"]);
    assert_eq!(alone.place().as_deref(), Some("index.js:1:3"));
}

#[test]
fn another_build_of_the_same_source_has_the_same_places() {
    let places = [0, 1, 333].map(|shift| {
        let frame = format!("/var/task/index.js:1:{}", 521 + shift);
        let bundled = Bundled::new(shift);
        error(&bundled.source(), &[&frame]).place()
    });
    assert_eq!(places, ["src/handler.ts:4"; 3].map(|it| Some(it.to_owned())));
}

#[test]
fn traces_that_were_translated_before_stay_as_they_are() {
    let bundled = Bundled::new(0);
    // Node resolves `../src` against where it sees the bundle.
    let translated =
        ["/var/node_modules/lib/index.js:2:3", "/var/src/handler.ts:4:17", "/var/runtime/client.cjs:1:1"];
    let error = error(&bundled.source(), &translated);
    assert_eq!(error.place().as_deref(), Some("src/handler.ts:4"));
    assert_eq!(error.frames[1].text.as_deref(), HANDLER.lines().nth(3));
    assert_eq!(error.frames[0].whose, Whose::Others);
    assert_eq!(error.frames[2].whose, Whose::Others);
    assert_eq!(error.frames[2].file, "/var/runtime/client.cjs");
}

#[test]
fn nothing_is_translated_twice_where_node_does_it() {
    let bundled = Bundled::new(0);
    let env = [("NODE_OPTIONS".to_owned(), "--max-old-space-size=512 --enable-source-maps".to_owned())];
    let source = bundled.source().with_env(&env);
    let frames = ["/var/task/index.js:1:521"];
    assert_eq!(error(&source, &frames).place().as_deref(), Some("index.js:1:521"));
    // A map without a comment is not known to Node.
    let bundled = Bundled { code: bundled.code.replace("//#", "//"), ..bundled };
    let source = bundled.source().with_env(&env);
    assert_eq!(error(&source, &frames).place().as_deref(), Some("src/handler.ts:4"));
}

#[test]
fn modules_that_webpack_evaluates_are_named_as_node_names_them() {
    let check = |frame: &str, place: Option<&str>| {
        assert_eq!(error(&source(), &[frame]).place().as_deref(), place);
    };
    let internal = "webpack-internal:///./src/handler.ts";
    check(&format!("{internal}:17:48"), Some(&format!("{internal}:17")));
    check("webpack://orders/./src/handler.ts?:17:48", Some("webpack://orders/./src/handler.ts:17"));
    check("webpack://orders/./node_modules/lib/index.js?:2:2", None);
    // Node's translation: of the source.
    check("webpack://orders/src/handler.ts?c425:12:42", Some("src/handler.ts:12"));
}

#[test]
fn without_the_source_a_line_of_the_bundle_is_shown() {
    let bundled = Bundled::new(0);
    let path = bundled.folder.path().join("dist/index.js.map");
    let map = std::fs::read_to_string(&path).unwrap();
    let mut map: serde_json::Value = serde_json::from_str(&map).unwrap();
    map["sourcesContent"] = serde_json::Value::Null;
    std::fs::write(&path, map.to_string()).unwrap();
    let code = bundled.code.replacen("x;x;x;x;x;x;x;x;x;x;x;x;", "throw new TypeError();;;", 22);
    let bundled = Bundled { code, ..bundled };
    let error = error(&bundled.source(), &["/var/task/index.js:1:521"]);
    assert_eq!(error.place().as_deref(), Some("src/handler.ts:4"));
    assert!(error.is_deliberate(), "{:?}", error.frames);
}

#[test]
fn a_broken_map_leaves_the_places_of_the_bundle() {
    let bundled = Bundled::new(0);
    put(bundled.folder.path(), "dist/index.js.map", "{");
    let source = bundled.source();
    assert_eq!(error(&source, &["/var/task/index.js:1:521"]).place().as_deref(), Some("index.js:1:521"));
    assert!(source.note().unwrap().starts_with("the source map of index.js cannot be used"));
}

/// A function of two classes, one below a folder of a build.
fn classes() -> SourceText {
    let files = ["shop/App.class", "target/classes/shop/Item$Part.class"];
    SourceText::new(
        Path::new("/f"),
        Path::new("/var/task"),
        files.map(|it| (Path::new("/f").join(it), vec![0xCA])),
    )
}

#[test]
fn frames_of_java_are_its_own_by_their_class() {
    let log = "Exception in thread \"main\" java.lang.NullPointerException: no item\n\
        \tat java.base/java.util.Objects.requireNonNull(Objects.java:233)\n\
        \tat app//org.lib.App.check(App.java:9)\n\
        \tat app//shop.Item$Part.price(Item.java:31)\n\
        \tat shop.App.handleRequest(App.java:12)\n";
    assert_eq!(classes().place_in_log(log).as_deref(), Some("shop/Item.java:31"));
    let other = "\tat shop.Other.run(Other.java:3)\n\tat shop.App.run(Unknown Source)\n\tat shop.App.run(Native Method)\n";
    assert_eq!(classes().place_in_log(other), None);
}

#[test]
fn an_error_document_of_java_names_its_line() {
    let stack =
        ["java.base/java.lang.Integer.parseInt(Unknown Source)", "shop.App.handleRequest(App.java:12)"];
    let error = classes()
        .error("java.lang.NumberFormatException", json!({ "stackTrace": stack }).to_string().as_bytes());
    assert_eq!(error.place().as_deref(), Some("shop/App.java:12"));
}

#[test]
fn records_of_java_name_the_line_below_the_library() {
    let record = json!({
        "kind": "evaluated", "language": "spel", "text": "1 + evabcdefgh",
        "stack": ["org.springframework.expression.X.parse(X.java:5)", "shop.App.handleRequest(App.java:12)"],
    });
    let record = Record::read(record.to_string().as_bytes(), &classes()).unwrap();
    assert_eq!(record.place.as_deref(), Some("shop/App.java:12"));
    assert!(record.holds(&Nonce::parse("evabcdefgh").unwrap()));
    assert!(matches!(record.act, Act::Evaluated { .. }));
}
