//! Every kind of weakness is found for what it is, in Node and in Python, some in Java, and the repaired twin has no finding at all.
//!
//! `tests/weaknesses` holds the functions, one file each: see `weak`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Needs, full, is_missing, root, run, skipped};
use crate::weak::{Weak, files_of, functions, is_at};

fn folder() -> PathBuf {
    root().join("tests/weaknesses")
}

fn check(name: &str) {
    let needs = match name.rsplit('.').next() {
        Some("py") => Needs::Python,
        Some("java") => Needs::Java,
        _ => Needs::Node,
    };
    if is_missing(needs) {
        return;
    }
    let weak = Weak::read(&folder(), name);
    if let Err(why) = weak.fetch() {
        return skipped(&why);
    }
    let (oracle, point, events) = (weak.head("oracle"), weak.head("point"), weak.head("events"));
    for rng_seed in if full() { vec!["1", "2", "3"] } else { vec!["1"] } {
        let said = run(&weak.copied(false), &["--invocations", events, "--rng-seed", rng_seed]);
        // Shrunk: where no payload names the place, only then it is known.
        let found = said.all("finding").into_iter().find(|it| it["oracle"] == oracle);
        let found = found.unwrap_or_else(|| {
            panic!("{name}: no {oracle} in {events} events: {:#?}\n{}", said.all("confirmed"), said.stderr)
        });
        // A valid event alone can be enough.
        assert!(is_at(found["point"].as_str().unwrap_or("none"), point), "{name}: {found:#}");
        // Where one is told, it is the function's own, not one of its packages.
        let is_own =
            |it: &str| it.starts_with("index.") || it.starts_with("app.") || it.starts_with("App.java:");
        assert!(found["place"].as_str().is_none_or(is_own), "{name}: {found:#}");
    }
    let most = if full() { "5000" } else { events };
    let said = run(&weak.copied(true), &["--invocations", most, "--rng-seed", "1"]);
    let wrong: Vec<&Value> = said.all("confirmed");
    assert!(wrong.is_empty(), "{name}, repaired: {wrong:#?}");
}

#[test]
fn every_file_is_tested() {
    assert_eq!(files_of(&folder()), FILES.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<String>>());
}

functions! {
    argument: "argument.js",
    argument_in_python: "argument.py",
    dynamodb: "dynamodb.js",
    dynamodb_in_python: "dynamodb.py",
    ejs: "ejs.js",
    eval_broken: "eval-broken.py",
    header: "header.js",
    header_in_python: "header.py",
    jdbc: "jdbc.java",
    jinja2: "jinja2.py",
    jsonpickle: "jsonpickle.py",
    log: "log.js",
    loop_in_a_loop: "loop.py",
    log_in_python: "log.py",
    memory: "memory.js",
    memory_in_python: "memory.py",
    mongo: "mongo.js",
    mongo_form: "mongo-form.js",
    mongo_in_python: "mongo.py",
    mysql: "mysql.js",
    node_serialize: "node-serialize.js",
    not_awaited: "not-awaited.js",
    partiql: "partiql.js",
    partiql_in_python: "partiql.py",
    path: "path.js",
    path_in_python: "path.py",
    path_of_a_file_that_exists: "path-exists.js",
    path_to_delete: "path-delete.py",
    path_to_write: "path-write.mjs",
    pickle: "pickle.py",
    pickle_in_a_cookie: "pickle-cookie.py",
    pickle_in_base64: "pickle-base64.py",
    postgres: "postgres.js",
    postgres_escaped: "postgres-escaped.mjs",
    promise: "promise.js",
    promise_of_an_async_handler: "async-promise.js",
    read_object: "read-object.java",
    regex: "regex.js",
    regex_in_python: "regex.py",
    secret_in_a_file: "secret-file.py",
    script_engine: "script-engine.java",
    snakeyaml: "snakeyaml.java",
    spel: "spel.java",
    sqlite: "sqlite.py",
    sqlite_list: "sqlite-list.py",
    sqlite_order: "sqlite-order.py",
    ssrf: "ssrf.js",
    ssrf_behind_a_base: "ssrf-base.js",
    ssrf_in_axios: "ssrf-axios.js",
    ssrf_in_python: "ssrf.py",
    ssrf_of_the_metadata_address: "ssrf-metadata.py",
    state: "state.js",
    state_in_python: "state.py",
    template: "template.js",
    template_in_python: "template.py",
    thread: "thread.py",
    token: "token.js",
    token_decoded: "token-decoded.js",
    token_in_python: "token.py",
    yaml: "yaml.py",
    xxe: "xxe.mjs",
    xxe_in_lxml: "xxe-lxml.py",
    xxe_in_python: "xxe.py",
}
