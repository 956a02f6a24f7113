//! Which classes are the function, in folders as build tools leave them, and how its virtual machine is started.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use expect_test::{Expect, expect};

use super::*;
use crate::{find::Located, jar};

/// A folder with `files`, each a minute younger than the one before.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (minute, (name, content)) in files.iter().enumerate() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minute as u64);
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    folder
}

#[track_caller]
fn check(files: &[(&str, &[u8])], handler: Option<&str>, expected: Expect) {
    let folder = folder(files);
    let text = match locate(folder.path(), handler) {
        Ok(Located::Java { code: JavaCode::Jar(jar), handler, .. }) => {
            format!("{handler} of {}", jar.display())
        }
        Ok(Located::Java { code: JavaCode::Folder { folder, libraries }, handler, .. }) => {
            let libraries = libraries.iter().map(|it| it.display().to_string());
            format!("{handler} of {} with {}", folder.display(), libraries.collect::<Vec<_>>().join(":"))
        }
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text.replace(folder.path().to_str().unwrap(), "ROOT"));
}

const HANDLER: &[u8] = b"... com/amazonaws/services/lambda/runtime/RequestHandler ...";

#[test]
fn classes_with_their_libraries() {
    check(
        &[("com/x/App.class", HANDLER), ("lib/a.jar", b"")],
        None,
        expect!["com.x.App of ROOT with ROOT/lib/a.jar"],
    );
    let files: &[(&str, &[u8])] = &[("target/classes/x/A.class", b""), ("target/dependency/b.jar", b"")];
    check(
        files,
        Some("x.A::run"),
        expect!["x.A::run of ROOT/target/classes with ROOT/target/dependency/b.jar"],
    );
}

#[test]
fn the_one_jar_that_a_build_has_made() {
    let jar: &[(&str, &[u8])] =
        &[("target/f-1.jar", b""), ("target/original-f-1.jar", b""), ("target/f-1-sources.jar", b"")];
    check(jar, Some("x.A"), expect!["x.A of ROOT/target/f-1.jar"]);
    check(
        &[("a.jar", b""), ("b.jar", b"")],
        Some("x.A"),
        expect![
            "several files in `ROOT` could be the function (a.jar, b.jar): pass one of them, or --handler pkg.Class::method"
        ],
    );
    check(
        &[("build/libs/f.jar", b""), ("build/libs/f-all.jar", b"")],
        Some("x.A"),
        expect!["x.A of ROOT/build/libs/f-all.jar"],
    );
}

#[test]
fn a_jar_is_preferred_to_the_classes_in_it_unless_they_have_changed_since() {
    let (class, jar) = (("target/classes/x/A.class", b"" as &[u8]), ("target/f.jar", b"" as &[u8]));
    check(&[class, jar], Some("x.A"), expect!["x.A of ROOT/target/f.jar"]);
    check(&[jar, class], Some("x.A"), expect!["x.A of ROOT/target/classes with "]);
}

#[test]
fn a_handler_that_must_be_named() {
    check(
        &[("x/A.class", HANDLER), ("x/B.class", HANDLER)],
        None,
        expect![
            "which class of `ROOT` is the handler? pass --handler pkg.Class::method, or pkg.Class for a class that implements RequestHandler (x.A, x.B)"
        ],
    );
    check(
        &[("f.jar", b"")],
        None,
        expect![
            "which class of `ROOT/f.jar` is the handler? pass --handler pkg.Class::method, or pkg.Class for a class that implements RequestHandler"
        ],
    );
}

#[test]
fn the_one_handler_of_a_jar() {
    let handler = std::str::from_utf8(HANDLER).unwrap();
    let jar = jar::tests::archive(&[
        ("x/A.class", handler),
        ("x/A$Inner.class", handler),
        ("x/B.class", ""),
        // The interface itself, and the client that calls it.
        ("com/amazonaws/services/lambda/runtime/RequestHandler.class", handler),
        ("com/amazonaws/services/lambda/runtime/api/client/EventHandlerLoader.class", handler),
    ]);
    check(&[("f.jar", &jar)], None, expect!["x.A of ROOT/f.jar"]);
}

#[test]
fn the_functions_own_classes_among_those_of_others() {
    let names =
        ["com/acme/a/App.class", "com/acme/b/Db.class", "com/other/X.class", "META-INF/x", "Top.class"];
    let names = names.map(str::to_owned);
    assert_eq!(own_classes(&names, "com.acme.b.Db::run"), ["com/acme/b/Db.class", "com/acme/a/App.class"]);
    assert_eq!(own_classes(&names, "Top"), ["Top.class"]);
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
    let folder = folder(&[("f.jar", &jar::tests::archive(&[("com/x/App.class", "")]))]);
    assert!(has_class(folder.path(), "com.x.App"));
    assert!(!has_class(folder.path(), "com.x.Other"));
}

#[test]
fn flags_by_version() {
    let flags = |major| {
        let version = Version { major, minor: 0, patch: 0 };
        let arguments = arguments(version, &["/c/b.jar".into()], &["/f/a.jar".into()], None, "x.A::run");
        arguments.join(OsStr::new(" ")).into_string().unwrap()
    };
    expect!["-XX:+UseSerialGC -Xshare:auto -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -classpath /c/b.jar:/f/a.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda x.A::run"].assert_eq(&flags(8));
    expect!["-XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -classpath /c/b.jar:/f/a.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda x.A::run"].assert_eq(&flags(21));
}
