//! Paths and methods as the Runtime API documents them.

use super::*;

#[test]
fn routes() {
    let get = |path| Route::parse(&Method::GET, path, SnapStart::On);
    let post = |path| Route::parse(&Method::POST, path, SnapStart::On);
    assert_eq!(get("/2018-06-01/ping"), Route::Ping);
    assert_eq!(get("/2018-06-01/runtime/invocation/next"), Route::Next);
    assert_eq!(post("/2018-06-01/runtime/invocation/next"), Route::WrongMethod("GET"));
    assert_eq!(
        post("/2018-06-01/runtime/invocation/a-1/response"),
        Route::Answer(Verb::Response, "a-1".into())
    );
    assert_eq!(post("/2018-06-01/runtime/invocation/a-1/error"), Route::Answer(Verb::Error, "a-1".into()));
    assert_eq!(get("/2018-06-01/runtime/invocation/a-1/error"), Route::WrongMethod("POST"));
    assert_eq!(post("/2018-06-01/runtime/init/error"), Route::InitError);
    assert_eq!(post("/2018-06-01/runtime/invocation/a-1/other"), Route::Unknown);
    assert_eq!(get("/2018-06-01/"), Route::Unknown);
    assert_eq!(get("/"), Route::Unknown);
    assert_eq!(get("2018-06-01/ping"), Route::Unknown);
    assert_eq!(get("/2018-06-01/runtime/restore/next"), Route::RestoreNext);
    assert_eq!(post("/2018-06-01/runtime/restore/error"), Route::RestoreError);
    let off = Route::parse(&Method::POST, "/2018-06-01/runtime/restore/error", SnapStart::Off);
    assert_eq!(off, Route::Unknown);
    assert_eq!(post("/2020-01-01/extension/register"), Route::Register);
    assert_eq!(get("/2020-01-01/extension/event/next"), Route::ExtensionNext);
    assert_eq!(post("/2022-07-01/telemetry"), Route::WrongMethod("PUT"));
    assert_eq!(get("/2026-01-15/metadata/execution-environment"), Route::Metadata);
    assert_eq!(Route::parse(&Method::HEAD, "/2018-06-01/ping", SnapStart::Off), Route::WrongMethod("GET"));
}

#[test]
fn the_limit_is_the_one_aws_names() {
    assert_eq!(MAX_PAYLOAD, 6_291_556);
}
