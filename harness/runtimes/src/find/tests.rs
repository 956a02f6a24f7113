//! Which function a path and a handler name.

use std::os::unix::fs::PermissionsExt;

use expect_test::{Expect, expect};

use super::*;

/// A folder with `files`; a text of `+x` makes an executable.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("f").tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        if *text == "+x" {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    folder
}

fn request(path: &Path, handler: Option<&str>, runtime: Option<&str>) -> Request {
    Request {
        path: path.to_owned(),
        handler: handler.map(str::to_owned),
        runtime: runtime.map(str::to_owned),
        client: ClientChoice::Own,
        client_dirs: Vec::new(),
        path_env: OsString::from("/usr/bin"),
    }
}

#[track_caller]
fn check_with(
    files: &[(&str, &str)],
    path: &str,
    handler: Option<&str>,
    runtime: Option<&str>,
    expected: Expect,
) {
    let folder = folder(files);
    let root = fs::canonicalize(folder.path()).unwrap();
    let request = request(&root.join(path), handler, runtime);
    let wanted = runtime.map(|it| Wanted::parse(it).unwrap());
    let text = match locate(&request, wanted, &Surroundings::default()) {
        Ok(Located::Script { root, handler, file, .. }) => {
            format!("{handler} in {} of {}", file.display(), root.display())
        }
        Ok(Located::Java { handler, code, .. }) => format!("{handler} in {code:?}"),
        Ok(Located::Program { root, executable, .. }) => {
            format!("program {} of {}", executable.display(), root.display())
        }
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text.replace(root.to_str().unwrap(), "ROOT"));
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: Expect) {
    check_with(files, "", None, None, expected);
}

const JS: &str = "exports.handler = async (event) => event;";
const PY: &str = "def handler(event, context):\n    return event\n";

#[test]
fn follows_conventions() {
    check(&[("index.js", JS), ("util.js", JS)], expect!["index.handler in ROOT/index.js of ROOT"]);
    check(
        &[("handler.mjs", "export const go = (event) => 1;")],
        expect!["handler.go in ROOT/handler.mjs of ROOT"],
    );
    check(
        &[("lambda_function.py", PY), ("test_app.py", PY)],
        expect!["lambda_function.handler in ROOT/lambda_function.py of ROOT"],
    );
    check(&[("only.py", PY), ("helper.py", "x = 1")], expect!["only.handler in ROOT/only.py of ROOT"]);
    check(&[("bootstrap", "+x"), ("index.js", JS)], expect!["program ROOT/bootstrap of ROOT"]);
    check(
        &[("dist/index.js", JS), ("src/index.ts", "")],
        expect!["dist/index.handler in ROOT/dist/index.js of ROOT"],
    );
    check(&[("src/app.py", PY)], expect!["src.app.handler in ROOT/src/app.py of ROOT"]);
    check(
        &[("package.json", r#"{"main":"./lib/entry"}"#), ("lib/entry.js", JS)],
        expect!["lib/entry.handler in ROOT/lib/entry.js of ROOT"],
    );
    // A conventional file without a handler does not hide one that has.
    check(
        &[("index.js", "exports.x = 1; exports.y = 2"), ("app.js", JS)],
        expect!["app.handler in ROOT/app.js of ROOT"],
    );
}

#[test]
fn asks_when_conventions_do_not_decide() {
    check(
        &[("index.js", JS), ("app.py", PY)],
        expect![
            "several files in `ROOT` could be the function (index.js, app.py): pass one of them, or --handler index.handler"
        ],
    );
    check(
        &[("a.py", PY), ("b.py", PY)],
        expect![
            "several files in `ROOT` could be the function (a.py, b.py): pass one of them, or --handler a.handler"
        ],
    );
    check(
        &[("index.js", "exports.a = (event) => 1; exports.b = (event) => 2;")],
        expect![
            "several functions in `ROOT/index.js` could be the handler (a, b): choose one with --handler index.a"
        ],
    );
    check(
        &[("app.py", "x = 1")],
        expect![
            "no handler function found in `ROOT/app.py`: define one, such as def handler(event, context), or name it with --handler app.handler"
        ],
    );
    check(
        &[("src/index.ts", "export type A = 1;"), ("package.json", "{}")],
        expect![
            "no handler function found in `ROOT/src/index.ts`: export one, such as exports.handler = async (event) => {}, or name it with --handler src/index.handler"
        ],
    );
    check(
        &[("README.md", "")],
        expect![
            "no function found in `ROOT`: expected a JavaScript, TypeScript, Python or Ruby file, Java classes, an executable `bootstrap` or a Cargo package; pass the right folder, or name the handler with --handler FILE.FUNCTION"
        ],
    );
    check_with(
        &[],
        "gone",
        None,
        None,
        expect!["`ROOT/gone` does not exist: pass the folder or file that holds the function"],
    );
    check_with(
        &[("a.txt", "")],
        "a.txt",
        None,
        None,
        expect![
            "cannot run `ROOT/a.txt`: expected .js, .mjs, .cjs, .ts, .mts, .cts, .py, .rb, .jar or an executable (for an executable: chmod +x it)"
        ],
    );
    check_with(
        &[("a.py", PY)],
        "a.py",
        None,
        Some("nodejs"),
        expect!["`ROOT/a.py` cannot run on `nodejs`: leave --runtime out, or pass a file of that language"],
    );
}

#[test]
fn decides_between_languages_by_the_runtime() {
    let both = [("index.js", JS), ("app.py", PY)];
    check_with(&both, "", None, Some("python3.12"), expect!["app.handler in ROOT/app.py of ROOT"]);
    check_with(&both, "", None, Some("nodejs"), expect!["index.handler in ROOT/index.js of ROOT"]);
}

#[test]
fn follows_the_handler_that_the_user_names() {
    let files = [("src/app.py", PY), ("src/app.js", JS), ("pkg/mod/__init__.py", PY), ("f.cjs", JS)];
    check_with(
        &files,
        "",
        Some("src/app.run"),
        Some("python"),
        expect!["src/app.run in ROOT/src/app.py of ROOT"],
    );
    check_with(
        &files,
        "",
        Some("src/app.api.run"),
        None,
        expect!["src/app.api.run in ROOT/src/app.js of ROOT"],
    );
    check_with(
        &files,
        "",
        Some("pkg.mod.func"),
        None,
        expect!["pkg.mod.func in ROOT/pkg/mod/__init__.py of ROOT"],
    );
    check_with(&files, "f.cjs", Some("run"), None, expect!["f.run in ROOT/f.cjs of ROOT"]);
    check_with(&files, "f.cjs", Some("f.run"), None, expect!["f.run in ROOT/f.cjs of ROOT"]);
    check_with(
        &files,
        "",
        Some("gone.run"),
        Some("python"),
        expect![
            "handler `gone.run` points to no file: looked for `ROOT/gone.py`, `ROOT/gone/__init__.py`; correct --handler or the path of the function"
        ],
    );
    check_with(
        &files,
        "",
        Some("nodot"),
        Some("nodejs"),
        expect![
            "`nodot` is not a handler: write FILE.FUNCTION, such as index.handler or src/app.lambda_handler, with FILE below the folder of the function"
        ],
    );
    check_with(
        &files,
        "",
        Some("../cjs/index.handler"),
        None,
        expect![
            "`../cjs/index.handler` is not a handler: write FILE.FUNCTION, such as index.handler or src/app.lambda_handler, with FILE below the folder of the function (Lambda takes no `..`)"
        ],
    );
}

#[test]
fn chooses_the_folder_that_would_be_deployed() {
    check_with(
        &[("src/a.js", JS)],
        "src/a.js",
        None,
        None,
        expect!["a.handler in ROOT/src/a.js of ROOT/src"],
    );
    check_with(
        &[("src/a.js", "require('../lib'); exports.handler = (event) => 1;"), ("package.json", "{}")],
        "src/a.js",
        None,
        None,
        expect!["src/a.handler in ROOT/src/a.js of ROOT"],
    );
    check_with(
        &[("pkg/__init__.py", ""), ("pkg/a.py", PY)],
        "pkg/a.py",
        None,
        None,
        expect!["pkg.a.handler in ROOT/pkg/a.py of ROOT"],
    );
}

#[test]
fn finds_what_cargo_built() {
    let manifest = ("Cargo.toml", "[package]\nname = \"p\"\n");
    check(
        &[manifest, ("src/main.rs", "")],
        expect![
            "`p` is not built: run `cargo build --release` in `ROOT` (looked for `ROOT/target/release/p`, `ROOT/target/debug/p`, `ROOT/target/lambda/p/bootstrap`)"
        ],
    );
    check(
        &[manifest, ("src/main.rs", ""), ("target/debug/p", "+x")],
        expect!["program ROOT/target/debug/p of ROOT"],
    );
    check(
        &[manifest, ("src/main.rs", ""), ("target/lambda/p/bootstrap", "+x")],
        expect!["program ROOT/target/lambda/p/bootstrap of ROOT"],
    );
    check_with(
        &[("w/Cargo.toml", manifest.1), ("w/src/main.rs", ""), ("target/release/p", "+x")],
        "w/Cargo.toml",
        None,
        None,
        expect!["program ROOT/target/release/p of ROOT/w"],
    );
    let bins = (
        "Cargo.toml",
        "[package]\nname = \"p\"\n[[bin]]\nname = \"a\"\npath = \"src/main.rs\"\n[[bin]]\nname = \"b\"\n",
    );
    let files = [bins, ("src/main.rs", ""), ("target/debug/b", "+x")];
    check(
        &files,
        expect!["several files in `ROOT` could be the function (a, b): pass one of them, or --handler a"],
    );
    check_with(&files, "", Some("b"), None, expect!["program ROOT/target/debug/b of ROOT"]);
    check(
        &[manifest],
        expect![
            "`ROOT/Cargo.toml` builds no program: add src/main.rs or a [[bin]], or pass the executable itself"
        ],
    );
    let broken = [("Cargo.toml", "=")];
    check(
        &broken,
        expect![
            "cannot understand `ROOT/Cargo.toml`: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"
        ],
    );
}

#[test]
fn prefers_the_target_folder_that_was_passed() {
    let files = folder(&[
        ("Cargo.toml", "[package]\nname = \"p\"\n"),
        ("src/main.rs", ""),
        ("target/debug/p", "+x"),
        ("elsewhere/debug/p", "+x"),
    ]);
    let surroundings =
        Surroundings { cargo_target_dir: Some(files.path().join("elsewhere")), ..Surroundings::default() };
    let found = locate(&request(files.path(), None, None), None, &surroundings).unwrap();
    assert!(
        matches!(found, Located::Program { executable, .. } if executable.ends_with("elsewhere/debug/p"))
    );
}

#[test]
fn lists_the_functions_own_files() {
    let files = folder(&[
        ("app.py", PY),
        ("lib/deep/a.py", ""),
        ("test_app.py", ""),
        ("tests/b.py", ""),
        (".hidden/c.py", ""),
        (".venv/d.py", ""),
        ("env/pyvenv.cfg", ""),
        ("env/lib/e.py", ""),
        ("requests/f.py", ""),
        ("requests-2.0.dist-info/RECORD", "requests/f.py,sha256=x,1\nsix.py,,\n../../bin/x,,\n"),
        ("six.py", ""),
        ("target.toml", ""),
        ("index.js", ""),
    ]);
    let list = own_files::list(files.path(), Language::Python, &files.path().join("app.py"));
    let names: Vec<&Path> = list.iter().map(|it| it.strip_prefix(files.path()).unwrap()).collect();
    assert_eq!(names, [Path::new("app.py"), Path::new("lib/deep/a.py")]);

    let files = folder(&[("dist/index.js", ""), ("src/a.ts", ""), ("src/a.test.ts", ""), ("src/a.d.ts", "")]);
    let list = own_files::list(files.path(), Language::JavaScript, &files.path().join("dist/index.js"));
    let names: Vec<&Path> = list.iter().map(|it| it.strip_prefix(files.path()).unwrap()).collect();
    assert_eq!(names, [Path::new("dist/index.js"), Path::new("src/a.ts")]);
}

#[test]
fn makes_names_that_lambda_accepts() {
    assert_eq!(function_name(Path::new("/a/my fn"), Path::new("/a/my fn/index.js")), "my fn");
    assert_eq!(function_name(Path::new("/a/b"), Path::new("/a/b/orders.py")), "orders");
    assert_eq!(lambda_name("my fn/ü"), "my-fn--");
    assert_eq!(lambda_name(&"x".repeat(100)).len(), 64);
}

#[test]
fn says_where_it_looked_for_an_interpreter() {
    let files = folder(&[("app.py", PY), ("index.js", JS)]);
    let mut request = request(files.path(), None, Some("python3.99"));
    request.path_env = OsString::from("/nonexistent");
    let error = find_within(&request, Path::new("/s"), &Surroundings::default()).unwrap_err();
    expect!["no `python3.99` found: searched the folders in PATH, version managers' folders in HOME; install python3.99 (pyenv install, uv python install or the system's packages), or pass another --runtime"]
        .assert_eq(&error.to_string());
    request.runtime = Some("nodejs".to_owned());
    let error = find_within(&request, Path::new("/s"), &Surroundings::default()).unwrap_err();
    assert!(error.to_string().starts_with("no `node` found"), "{error}");
}

#[test]
fn looks_behind_shims() {
    let files = folder(&[("index.js", JS)]);
    let shims = folder(&[]);
    let shim = shims.path().join("node");
    fs::write(&shim, "#!/bin/sh\nexec /usr/bin/env PATH=/usr/local/bin:/usr/bin:/bin node \"$@\"\n").unwrap();
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
    let mut request = request(files.path(), None, None);
    request.path_env =
        std::env::join_paths([shims.path(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    match find_within(&request, Path::new("/s"), &Surroundings::default()) {
        Ok(target) => {
            assert!(!target.launch.program.starts_with(shims.path()), "{target:?}");
            assert_eq!(target.launch.path_dirs, [target.launch.program.parent().unwrap()]);
            assert!(target.launch.read.contains(&target.root));
        }
        // Node is not installed: nothing to look at.
        Err(RuntimeError::InterpreterMissing { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn reports_an_interpreter_that_does_not_work() {
    let files = folder(&[("index.js", JS)]);
    let shims = folder(&[]);
    let shim = shims.path().join("node");
    fs::write(&shim, "#!/bin/sh\necho 'no version set' >&2\nexit 126\n").unwrap();
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
    let mut request = request(files.path(), None, None);
    request.path_env = shims.path().into();
    let error = find_within(&request, Path::new("/s"), &Surroundings::default()).unwrap_err();
    assert!(error.to_string().contains("does not work (exit status: 126: no version set)"), "{error}");
}

mod typescript;
