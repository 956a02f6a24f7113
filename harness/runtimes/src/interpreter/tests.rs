//! What counts as the answer of an interpreter: what it prints where its language answers, and nothing else.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// A folder with an executable `name`, which is this shell script. In it `HERE` is the folder and `NAME` the name.
fn program(name: &str, script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let script = script.replace("HERE", folder.path().to_str().unwrap()).replace("NAME", name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// What `find` makes of `folder` alone.
fn search<T>(folder: &tempfile::TempDir, find: impl Fn(&Search<'_>) -> T) -> T {
    find(&Search {
        path_env: folder.path().as_os_str(),
        root: folder.path(),
        version: None,
        source: Source::Plain,
        surroundings: &Surroundings::default(),
    })
}

const JSON: &str = r#"{"executable":"HERE/NAME","version":"3.12.1","read":[],"strips":false}"#;

#[test]
fn an_answer_on_standard_error_counts_for_java_alone() {
    let told = |name: &str| program(name, &format!("echo '{JSON}' >&2"));
    for result in [
        search(&told("python3"), python),
        search(&told("node"), node),
        search(&told("ruby"), |it| ruby(it).map(|(found, _)| found)),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("does not work (answered \"\")"), "{error}");
    }

    let properties = "printf '    java.home = HERE\\n    java.version = 21.0.4\\n'";
    let answering = program("java", &format!("{properties} >&2"));
    let found = search(&answering, java).unwrap();
    assert_eq!((found.program, found.version.major), (answering.path().join("bin/java"), 21));
    // The machine may have another one, which `java` would find.
    let silent = program("java", properties);
    let error = search(&silent, |it| ask_java(it, &silent.path().join("java"))).unwrap_err().to_string();
    assert!(error.contains("does not work (answered \"\")"), "{error}");
}

#[test]
fn a_warning_is_neither_part_of_the_answer_nor_the_place_of_a_gem() {
    let warning = "echo 'warning: LC_ALL is not set' >&2";
    let found = search(&program("python3", &format!("{warning}; echo '{JSON}'")), python).unwrap();
    assert_eq!(found.version.minor, 12);

    // Asked for its gem, it prints nothing but the warning.
    let script = format!("{warning}; case \"$2\" in *find_by_name*) ;; *) echo '{JSON}' ;; esac");
    let (found, gem) = search(&program("ruby", &script), ruby).unwrap();
    assert_eq!((found.version.minor, gem), (12, None));
}
