//! Functions in TypeScript.

use expect_test::expect;

use super::*;

const TS: &str = "export const handler = async (event: { a: string }): Promise<string> => event.a;";

#[test]
fn takes_typescript_where_nothing_is_built() {
    check(&[("index.ts", TS), ("types.d.ts", "")], expect!["index.handler in ROOT/index.ts of ROOT"]);
    check(
        &[("src/app.mts", TS), ("jest.config.ts", TS)],
        expect!["src/app.handler in ROOT/src/app.mts of ROOT"],
    );
    check(&[("orders.ts", TS), ("orders.test.ts", TS)], expect!["orders.handler in ROOT/orders.ts of ROOT"]);
    check(
        &[("index.ts", TS), ("build/index.js", JS)],
        expect!["build/index.handler in ROOT/build/index.js of ROOT"],
    );
    let files = [("src/a.cts", TS), ("src/b.ts", TS)];
    check_with(&files, "", Some("src/a.handler"), None, expect!["src/a.handler in ROOT/src/a.cts of ROOT"]);
    check_with(&files, "src/b.ts", None, None, expect!["b.handler in ROOT/src/b.ts of ROOT/src"]);
}

/// A `node` that says that it is `version`.
fn node_of(version: &str, strips: bool) -> tempfile::TempDir {
    let folder = folder(&[]);
    let path = folder.path().join("node");
    let answer = format!(r#"{{"executable":"{}","version":"{version}","strips":{strips}}}"#, path.display());
    fs::write(&path, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn passes_what_a_version_of_node_needs_to_read_typescript() {
    let files = folder(&[("index.ts", TS)]);
    let find_with = |nodes: &[&tempfile::TempDir]| {
        let mut request = request(files.path(), None, None);
        request.path_env = std::env::join_paths(nodes.iter().map(|it| it.path())).unwrap();
        find_within(&request, Path::new("/s"), &Surroundings::default())
    };
    let [old, flagged, new] = ["20.20.2", "22.17.0", "24.1.0"].map(|version| node_of(version, true));
    let args = |nodes: &[&tempfile::TempDir]| find_with(nodes).unwrap().launch.args;
    assert_eq!(args(&[&flagged]), ["--experimental-strip-types", "/s/node/client.cjs"]);
    assert_eq!(args(&[&new]), ["/s/node/client.cjs"]);
    // The first in PATH would be taken for JavaScript.
    assert_eq!(args(&[&old, &new]), ["/s/node/client.cjs"]);

    let error = find_with(&[&old]).unwrap_err().to_string();
    let text = error.replace(old.path().to_str().unwrap(), "OLD");
    let root = fs::canonicalize(files.path()).unwrap();
    expect!["`ROOT/index.ts` is TypeScript, which Node runs as it is from version 22.18 on (searched `OLD/node` (20.20.2), the folders in PATH, version managers' folders in HOME): install a newer one (nvm install 24, --runtime nodejs24.x), or build it first (npm run build, tsc or esbuild) and pass the folder with the output"]
        .assert_eq(&text.replace(root.to_str().unwrap(), "ROOT"));

    let asking_for = |runtime: &str, nodes: &[&tempfile::TempDir]| {
        let mut request = request(files.path(), None, Some(runtime));
        request.path_env = std::env::join_paths(nodes.iter().map(|it| it.path())).unwrap();
        let error = find_within(&request, Path::new("/s"), &Surroundings::default()).unwrap_err().to_string();
        let fix = error.split("): ").nth(1).unwrap().split(", or build it first").next().unwrap().to_owned();
        fix.replace(new.path().to_str().unwrap(), "NEW")
    };
    // What is asked for stands in the way of one that is there.
    let in_the_way = "--runtime asks for Node 20; leave it out, since `NEW/node` (24.1.0) runs it";
    assert_eq!(asking_for("nodejs20.x", &[&new, &old]), in_the_way);
    let in_the_way = "--runtime asks for Node 26; leave it out, since `NEW/node` (24.1.0) runs it";
    assert_eq!(asking_for("nodejs26.x", &[&new]), in_the_way);
    assert_eq!(
        asking_for("nodejs20.x", &[&old]),
        "install a newer one (nvm install 24, --runtime nodejs24.x)"
    );
    assert_eq!(asking_for("nodejs24.x", &[&old]), "install Node 24 (nvm install 24)");
    assert_eq!(asking_for("nodejs22.x", &[&node_of("22.1.0", true)]), "install a newer 22 (nvm install 22)");

    let without = node_of("24.1.0", false);
    assert!(matches!(find_with(&[&without]), Err(RuntimeError::OnlyTypeScript { .. })));
}

#[test]
fn the_official_client_loads_no_typescript() {
    let files = folder(&[("index.ts", TS)]);
    let node = node_of("24.1.0", true);
    let mut request = request(files.path(), None, None);
    (request.path_env, request.client) = (node.path().into(), ClientChoice::Official);
    let error = find_within(&request, Path::new("/s"), &Surroundings::default()).unwrap_err();
    assert!(matches!(error, RuntimeError::TypeScriptForOfficial { .. }), "{error}");
    // What was built from it is what the client loads.
    fs::write(files.path().join("index.js"), JS).unwrap();
    let error = find_within(&request, Path::new("/s"), &Surroundings::default()).unwrap_err();
    assert!(matches!(error, RuntimeError::ClientMissing { .. }), "{error}");
}
