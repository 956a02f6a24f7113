//! Functions that are restored from a snapshot: what they may call then.

use super::Add;
use crate::requests::{RUNTIME, event, fail, init_error, next, request, respond};
use crate::walk::Step::{Call, Close, Invoked, Send, SnapStart};

pub(super) fn add(add: Add<'_>) {
    let restore_next = || request("GET", &format!("{RUNTIME}/restore/next"), &[], b"");
    let kind = [("Lambda-Runtime-Function-Error-Type", "Runtime.My")];
    let restore_error =
        || request("POST", &format!("{RUNTIME}/restore/error"), &kind, b"{\"errorType\":\"E\"}");
    for path in
        ["/2018-06-01/runtime/restore/next", "/2018-06-01/runtime/restore/error", "/2021-04-23/credentials"]
    {
        let mut steps = vec![SnapStart, event("{}")];
        for method in ["GET", "POST", "PUT", "DELETE", "HEAD"] {
            if (method, path) != ("GET", "/2018-06-01/runtime/restore/next") {
                steps.push(Call(0, request(method, path, &[], b"")));
                steps.push(Close(0));
            }
        }
        add(&format!("SnapStart: methods of {path}"), steps);
    }
    let states = [
        ("Started", vec![]),
        ("Restoring", vec![restore_next()]),
        ("RuntimeRestoreErrorState", vec![restore_next(), restore_error()]),
        ("InitError", vec![init_error(b"{}")]),
        ("Running", vec![next()]),
    ];
    let calls = [
        ("restore next", restore_next()),
        ("restore error", restore_error()),
        ("next", next()),
        ("init error", init_error(b"{}")),
        ("response", respond(b"1")),
        ("error", fail(&[], b"{}")),
    ];
    for (state, before) in &states {
        for (call, bytes) in &calls {
            let mut steps = vec![SnapStart, event("{\"a\":1}")];
            steps.extend(before.iter().map(|it| Call(0, it.clone())));
            steps.push(Call(9, bytes.clone()));
            // The state afterwards is named by what is refused in it.
            steps.push(Call(8, restore_error()));
            add(&format!("SnapStart: {state}: {call}"), steps);
        }
    }
    add(
        "SnapStart: restored, and an event",
        vec![
            SnapStart,
            event("{\"a\":1}"),
            Call(0, restore_next()),
            Call(0, next()),
            Call(0, respond(b"1")),
            Send(1, next()),
            Invoked,
        ],
    );
}
