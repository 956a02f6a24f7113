//! Every route with every method, and paths that are nearly routes.

use super::Add;
use crate::requests::{event, fail, init_error, next, ping, request, respond};
use crate::walk::Step::{Call, Close};

pub(super) fn add(add: Add<'_>) {
    let paths = [
        "/2018-06-01/ping",
        "/2018-06-01/runtime/invocation/next",
        "/2018-06-01/runtime/invocation/x/response",
        "/2018-06-01/runtime/invocation/x/error",
        "/2018-06-01/runtime/init/error",
        "/2018-06-01/runtime/restore/next",
        "/2018-06-01/runtime/restore/error",
        "/2021-04-23/credentials",
        "/2020-01-01/extension/register",
        "/2020-01-01/extension/event/next",
        "/2020-01-01/extension/init/error",
        "/2020-01-01/extension/exit/error",
        "/2020-08-15/logs",
        "/2022-07-01/telemetry",
        "/2026-01-15/metadata/execution-environment",
    ];
    for path in paths {
        let mut steps = vec![event("{}")];
        for method in ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"] {
            // These wait or change the state, which other scenarios look at.
            let is_next = path.ends_with("invocation/next") && method == "GET";
            let is_init = path.ends_with("init/error") && method == "POST" && path.contains("runtime");
            if !is_next && !is_init {
                steps.push(Call(0, request(method, path, &[], b"")));
                // A HEAD answer may end a connection.
                steps.push(Close(0));
            }
        }
        add(&format!("methods of {path}"), steps);
    }
    let mut steps = vec![event("{}")];
    for path in [
        "/",
        "/nothing",
        "//2018-06-01/ping",
        "/2018-06-01//ping",
        "/2018-06-01/ping/",
        "/2018-06-01/ping?a=1",
        "/2018-06-01",
        "/2018-06-01/",
        "/2018-06-01/Ping",
        "/2018-06-01/%70ing",
        "/2018-06-01/runtime/invocation//response",
        "/2018-06-01/runtime/invocation/a%2Fb/response",
        "/2018-06-01/runtime/invocation/a/b/response",
        "/2018-06-01/runtime/invocation/next/",
        "/2018-06-01/runtime/invocation/x/other",
        "*",
        "?",
        "/2018-06-01/ping#a",
        "/2018-06-01/ping%00",
        "/2018-06-01/./ping",
        "/2018-06-01/../2018-06-01/ping",
        "/2018-06-01/ping;a=b",
        "/2018-06-01/runtime/invocation/next?",
        "/2018-06-01/runtime/invocation/",
        "/2018-06-01/runtime/invocation",
        "/2018-06-01/runtime/invocation/x",
        "/2018-06-01/runtime/invocation/x/response/",
        "/2018-06-01/runtime/invocation/%20/response",
        "/2018-06-01/runtime/invocation/\u{fc}/response",
        "/2018-06-01/runtime/init/error/",
        "/2018-06-01/runtime/init",
        "/2020-01-01/extension",
        "/2020-01-01/extension/register/",
        "/2020-08-15/logs/",
        "/2026-01-15/metadata/execution-environment/",
        "/2026-01-15/metadata",
        "/2015-03-31/functions/function/invocations",
        "/2016-08-19/init/error",
        "http://other/2018-06-01/ping",
    ] {
        // Not `/next`, which answers with the event.
        if !path.ends_with("next?") {
            steps.push(Call(0, request("GET", path, &[], b"")));
        }
        steps.push(Call(1, request("POST", path, &[], b"")));
    }
    add("odd paths", steps);
    let mut steps = vec![event("{}")];
    for method in ["get", "Get", "CONNECT", "TRACE", "PROPFIND", "A-METHOD_OF!ITS~OWN"] {
        steps.push(Call(0, request(method, "/2018-06-01/ping", &[], b"")));
        steps.push(Close(0));
    }
    add("odd methods", steps);
    let early = [
        ping(),
        next(),
        respond(b"1"),
        fail(&[], b"{}"),
        init_error(b"{}"),
        request("POST", "/2020-01-01/extension/register", &[("Lambda-Extension-Name", "e")], b"{}"),
        request("PUT", "/2020-08-15/logs", &[], b"{}"),
        request("GET", "/2018-06-01/nothing", &[], b""),
    ];
    add("before any event", early.into_iter().zip(0..).map(|(request, on)| Call(on, request)).collect());
    add(
        "queries do not matter",
        vec![
            event("{\"a\":1}"),
            Call(0, request("GET", "/2018-06-01/runtime/invocation/next?x=y", &[], b"")),
            Call(0, request("POST", "/2018-06-01/runtime/invocation/{id}/response?x", &[], b"1")),
        ],
    );
}
