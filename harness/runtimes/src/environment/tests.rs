//! The variables of each runtime, read like a recording.

use std::path::PathBuf;

use expect_test::{Expect, expect};

use super::*;
use crate::{ClientPart, CodePlace, Launch, Version, World};

fn target(runtime: Runtime, opt: Option<&str>) -> Target {
    Target {
        name: "shop".into(),
        root: "/home/me/shop".into(),
        handler: "app.handler".into(),
        runtime,
        launch: Launch {
            program: "/usr/bin/x".into(),
            args: Vec::new(),
            env: Vec::new(),
            read: Vec::new(),
            path_dirs: vec!["/usr/bin".into()],
            client: vec![ClientPart { lies: "/run/client".into(), shows: PathBuf::new() }],
            packages: vec!["/run/client".into()],
            unpack: Vec::new(),
            code: CodePlace::Task,
        },
        own_files: Vec::new(),
        opt: opt.map(Into::into),
    }
}

fn meta() -> FunctionMeta {
    let credential = || "canary".to_owned();
    FunctionMeta::new(
        "shop",
        Credentials {
            access_key_id: credential(),
            secret_access_key: credential(),
            session_token: credential(),
        },
    )
}

fn variables(runtime: Runtime, opt: Option<&str>, customer: &[(&str, &str)]) -> Vec<(String, String)> {
    let target = target(runtime, opt);
    let customer: Vec<(String, String)> =
        customer.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    environment(&target, &target.place(World::Lambda), &meta(), &customer)
}

/// What `runtime` has beside what all have.
#[track_caller]
fn check(runtime: Runtime, opt: Option<&str>, expected: Expect) {
    let common = variables(Runtime::Provided, None, &[]);
    let own = variables(runtime, opt, &[]);
    let lines: Vec<String> =
        own.iter().filter(|it| !common.contains(it)).map(|(name, value)| format!("{name}={value}")).collect();
    expected.assert_eq(&lines.join("\n"));
}

const fn version(major: u32, minor: u32) -> Version {
    Version { major, minor, patch: 0 }
}

#[test]
fn what_all_runtimes_have() {
    let mut lines: Vec<String> = variables(Runtime::Provided, None, &[])
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.sort();
    expect![[r#"
        AWS_ACCESS_KEY_ID=canary
        AWS_DEFAULT_REGION=us-east-1
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1024
        AWS_LAMBDA_FUNCTION_NAME=shop
        AWS_LAMBDA_FUNCTION_VERSION=$LATEST
        AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
        AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/shop
        AWS_LAMBDA_LOG_STREAM_NAME=2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef
        AWS_LAMBDA_METADATA_TOKEN=evfuzz-metadata-token
        AWS_REGION=us-east-1
        AWS_SECRET_ACCESS_KEY=canary
        AWS_SESSION_TOKEN=canary
        AWS_XRAY_CONTEXT_MISSING=LOG_ERROR
        AWS_XRAY_DAEMON_ADDRESS=169.254.100.1:2000
        LAMBDA_RUNTIME_DIR=/var/runtime
        LAMBDA_TASK_ROOT=/var/task
        LANG=en_US.UTF-8
        LD_LIBRARY_PATH=/var/task:/var/task/lib:/opt/lib
        PATH=/usr/bin:/usr/local/bin:/bin:/opt/bin
        TZ=:UTC
        _AWS_XRAY_DAEMON_ADDRESS=169.254.100.1
        _AWS_XRAY_DAEMON_PORT=2000
        _HANDLER=app.handler"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_each_runtime_has_beside_it() {
    check(
        Runtime::Node { version: version(22, 1) },
        None,
        expect![[r#"
            NODE_PATH=/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task
            PWD=/var/task
            SHLVL=0
            AWS_EXECUTION_ENV=AWS_Lambda_nodejs22.x
            _LAMBDA_TELEMETRY_LOG_FD=62"#]],
    );
    check(
        Runtime::Node { version: version(22, 1) },
        Some("/layers"),
        expect![[r#"
            NODE_PATH=/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task
            PWD=/var/task
            SHLVL=0
            AWS_EXECUTION_ENV=AWS_Lambda_nodejs22.x
            _LAMBDA_TELEMETRY_LOG_FD=62"#]],
    );
    check(
        Runtime::Python { version: version(3, 13) },
        Some("/layers"),
        expect![[r#"
            PYTHONPATH=/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime
            LC_CTYPE=C.UTF-8
            PWD=/var/task
            SHLVL=0
            AWS_EXECUTION_ENV=AWS_Lambda_python3.13
            _LAMBDA_TELEMETRY_LOG_FD=62"#]],
    );
    check(
        Runtime::Python { version: version(3, 11) },
        None,
        expect![[r#"
            PYTHONPATH=/var/runtime
            PWD=/var/task
            SHLVL=0
            AWS_EXECUTION_ENV=AWS_Lambda_python3.11
            _LAMBDA_TELEMETRY_LOG_FD=62"#]],
    );
    check(
        Runtime::Java { version: version(11, 0) },
        None,
        expect![[r#"
            AWS_EXECUTION_ENV=AWS_Lambda_java11
            AWS_ACCESS_KEY=canary
            AWS_SECRET_KEY=canary"#]],
    );
    check(
        Runtime::Java { version: version(21, 0) },
        None,
        expect![[r#"
        AWS_EXECUTION_ENV=AWS_Lambda_java21
        _LAMBDA_TELEMETRY_LOG_FD=62"#]],
    );
    check(
        Runtime::Ruby { version: version(3, 3) },
        Some("/layers"),
        expect![[r#"
            GEM_PATH=/var/task/vendor/bundle/ruby/3.3.0:/opt/ruby/gems/3.3.0:/var/runtime:/var/runtime/ruby/3.3.0
            RUBYLIB=/var/runtime:/var/task:/var/runtime/lib:/opt/ruby/lib
            PWD=/var/task
            SHLVL=0
            AWS_EXECUTION_ENV=AWS_Lambda_ruby3.3
            _LAMBDA_TELEMETRY_LOG_FD=62"#]],
    );
}

#[test]
fn a_person_sets_what_lambda_lets_one_set() {
    let own = [
        ("TABLE", "items"),
        ("PATH", "/mine"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAREAL"),
        ("AWS_LAMBDA_MAX_CONCURRENCY", "2"),
        ("_HANDLER", "other"),
    ];
    let found = variables(Runtime::Provided, None, &own);
    let value = |name: &str| found.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("TABLE"), Some("items"));
    assert_eq!(value("PATH"), Some("/mine"));
    assert_eq!(value("AWS_REGION"), Some("eu-west-1"));
    assert_eq!(value("AWS_ACCESS_KEY_ID"), Some("canary"));
    assert_eq!(value("AWS_LAMBDA_MAX_CONCURRENCY"), None);
    assert_eq!(value("_HANDLER"), Some("app.handler"));
    let mut names: Vec<&String> = found.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), found.len(), "a name occurs once");
}

#[test]
fn names_that_lambda_refuses() {
    for name in ["AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT", "_X_AMZN_TRACE_ID", "1A", "A-B", "", "A B"] {
        assert!(reserved(name).is_some(), "{name:?}");
    }
    for name in ["TABLE", "LANG", "AWS_DEFAULT_REGION", "NODE_OPTIONS", "AWS_EXECUTION_ENV", "a1_"] {
        assert_eq!(reserved(name), None, "{name:?}");
    }
}
