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
    assert_eq!(heap_limit(512), "-XX:MaxHeapSize=445645k");
}

#[test]
fn handlers_of_java_and_of_ruby() {
    for handler in ["pkg.Class::method", "Class::method"] {
        assert!(is_handler(handler), "{handler}");
    }
    for handler in ["app.Shop::Handler.process", "index.handler", "::run", "src/app.A::B/c.d"] {
        assert!(!is_handler(handler), "{handler}");
    }
}

#[test]
fn a_class_is_found_in_a_jar_too() {
    let folder = folder(&[]);
    fs::write(folder.path().join("f.jar"), jar::tests::archive(&["com/x/App.class"])).unwrap();
    assert!(has_class(folder.path(), "com.x.App"));
    assert!(!has_class(folder.path(), "com.x.Other"));
}

#[test]
fn flags_by_version() {
    let flags = |major| {
        let version = Version { major, minor: 0, patch: 0 };
        let arguments = arguments(version, &["/f/a.jar".into()], &[Path::new("/c/b.jar")], "x.A::run");
        arguments.join(OsStr::new(" ")).into_string().unwrap()
    };
    expect_test::expect!["-XX:+UseSerialGC -Xshare:auto -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -classpath /c/b.jar:/f/a.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda x.A::run"].assert_eq(&flags(8));
    expect_test::expect!["-XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -classpath /c/b.jar:/f/a.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda x.A::run"].assert_eq(&flags(21));
}
