//! Names as tools write them.

use super::*;

/// `source`, in a map in `folder` of a function in `/p/build/fn`, project `/p`, seen as `/var/task`.
#[track_caller]
fn check(folder: &str, source: &str, name: &str, whose: Whose, path: Option<&str>) {
    let folders = Folders { root: "/p/build/fn".into(), inside: "/var/task".into(), project: "/p".into() };
    let named = resolve(&folders, Path::new(folder), source).unwrap();
    assert_eq!((named.name.as_str(), named.whose), (name, whose));
    assert_eq!(named.path.as_deref(), path.map(Path::new));
}

#[test]
fn relative_names_lose_their_steps_up() {
    let own = Whose::Function;
    check("", "src/a.ts", "src/a.ts", own, Some("/p/build/fn/src/a.ts"));
    check("", "../../src/a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("lib", "../../../src/./x/../a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "..\\..\\src\\a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "../../../../../../../etc/a.ts", "etc/a.ts", own, None);
    check("", "src/App.vue?vue&type=script", "src/App.vue", own, Some("/p/build/fn/src/App.vue"));
    check("", "src/na\u{1b}[2Jme.ts", "src/na[2Jme.ts", own, Some("/p/build/fn/src/na[2Jme.ts"));
}

#[test]
fn names_of_webpack_are_relative_to_the_project() {
    let own = Whose::Function;
    check("", "webpack:///./src/a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "webpack:///src/a.ts?1f3c", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "webpack://orders/./src/a.ts?1f3c", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "webpack://orders/src/a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "webpack://@acme/orders/./src/a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "webpack://orders/../shared/a.ts", "shared/a.ts", own, None);
    check("", "webpack:////p/src/a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
    check("", "turbopack:///[project]/src/a.ts", "src/a.ts", own, Some("/p/src/a.ts"));
}

#[test]
fn absolute_names_stay_unless_they_lie_in_the_function_or_its_project() {
    let own = Whose::Function;
    check("", "file:///p/src/my%20a.ts", "src/my a.ts", own, Some("/p/src/my a.ts"));
    check("", "/p/build/fn/a.ts", "a.ts", own, Some("/p/build/fn/a.ts"));
    check("", "/var/task/a.ts", "a.ts", own, Some("/p/build/fn/a.ts"));
    check("", "/builds/7/src/a.ts", "/builds/7/src/a.ts", own, None);
    check("", "C:\\builds\\a.ts", "C:/builds/a.ts", own, None);
    check("", "file:///C:/builds/a.ts", "/C:/builds/a.ts", own, None);
}

#[test]
fn dependencies_and_the_code_of_bundlers_are_not_the_functions() {
    let lib = "node_modules/lib/index.js";
    check("", "../../node_modules/lib/index.js", lib, Whose::Others, Some("/p/node_modules/lib/index.js"));
    check(
        "",
        "webpack:///./node_modules/lib/index.js",
        lib,
        Whose::Others,
        Some("/p/node_modules/lib/index.js"),
    );
    check("", "/builds/node_modules/lib/a.js", "/builds/node_modules/lib/a.js", Whose::Others, None);
    let bootstrap = "webpack://orders/webpack/bootstrap";
    check("", bootstrap, "webpack/bootstrap", Whose::Bundler, Some("/p/webpack/bootstrap"));
    check("", "webpack://orders/./webpack/a.ts", "webpack/a.ts", Whose::Function, Some("/p/webpack/a.ts"));
    check(
        "",
        "\0commonjsHelpers.js",
        "commonjsHelpers.js",
        Whose::Bundler,
        Some("/p/build/fn/commonjsHelpers.js"),
    );
}

#[test]
fn what_names_nothing_is_none() {
    let folders = Folders::default();
    for name in ["", "..", "./", "webpack://", "\0\0", "file://", "file:///%ff"] {
        assert_eq!(resolve(&folders, Path::new(""), name), None, "{name:?}");
    }
    assert_eq!(resolve(&folders, Path::new(""), &"a/".repeat(1 << 20)), None);
}
