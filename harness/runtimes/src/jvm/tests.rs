//! Which classes are the function, in folders as build tools leave them.

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[track_caller]
fn check(files: &[(&str, &str)], handler: Option<&str>, expected: &str) {
    let folder = folder(files);
    let text = match locate(folder.path(), handler) {
        Ok(Located::Java { code, handler, .. }) => {
            let code: Vec<String> = code.iter().map(|it| it.display().to_string()).collect();
            format!("{handler} of {}", code.join(":"))
        }
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    };
    let text = text.replace(folder.path().to_str().unwrap(), "ROOT");
    assert!(text.contains(expected), "{text}");
}

const HANDLER: &str = "... com/amazonaws/services/lambda/runtime/RequestHandler ...";

#[test]
fn classes_with_their_libraries() {
    check(&[("com/x/App.class", HANDLER), ("lib/a.jar", "")], None, "com.x.App of ROOT/:ROOT/lib/a.jar");
    check(
        &[("target/classes/x/A.class", ""), ("target/dependency/b.jar", "")],
        Some("x.A::run"),
        "x.A::run of ROOT/target/classes:ROOT/target/dependency/b.jar",
    );
}

#[test]
fn the_one_jar_that_a_build_has_made() {
    check(
        &[("target/f-1.jar", ""), ("target/original-f-1.jar", ""), ("target/f-1-sources.jar", "")],
        Some("x.A"),
        "x.A of ROOT/target/f-1.jar",
    );
    check(&[("a.jar", ""), ("b.jar", "")], Some("x.A"), "several files");
}

#[test]
fn a_handler_that_must_be_named() {
    check(&[("x/A.class", HANDLER), ("x/B.class", HANDLER)], None, "(x.A, x.B)");
    check(&[("f.jar", "")], None, "pass --handler pkg.Class::method");
}

#[test]
fn the_heap_leaves_room_for_the_rest() {
    assert_eq!(heap_limit(512), "-XX:MaxHeapSize=445644k");
}
