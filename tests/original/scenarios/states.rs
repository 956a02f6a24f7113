//! What is allowed when, and what is answered otherwise.

use super::Add;
use crate::requests::{
    MOST, RUNTIME, answered, begun, event, fail, init_error, next, request, respond, respond_in_odd_mode,
    respond_with, running, then, to_another,
};
use crate::walk::Step::{Call, Invoked, Receive, Send, Until};

pub(super) fn add(add: Add<'_>) {
    add("started: answers", vec![event("{}"), Call(0, respond(b"1")), Call(0, fail(&[], b"{}"))]);
    add(
        "started: init error",
        vec![
            event("{}"),
            Call(0, init_error(b"{\"errorType\":\"E\"}")),
            Call(0, init_error(b"{}")),
            Call(0, next()),
        ],
    );
    add("running: next again", running(vec![Call(0, next()), Call(1, next()), Call(0, respond(b"1"))]));
    add("running: init error", running(vec![Call(0, init_error(b"{}")), Call(0, respond(b"1"))]));
    add(
        "running: unknown ids",
        running(vec![
            Call(0, to_another("response", b"1")),
            Call(0, to_another("error", b"{}")),
            Call(0, request("POST", &format!("{RUNTIME}/invocation/%7bid%7d/error"), &[], b"{}")),
            Call(0, respond(b"1")),
        ]),
    );
    add(
        "answered: again",
        running(vec![
            Call(0, respond(b"1")),
            Call(0, respond(b"2")),
            Call(0, fail(&[], b"{}")),
            Call(0, init_error(b"{}")),
        ]),
    );
    add(
        "failed: again",
        running(vec![Call(0, fail(&[], b"{}")), Call(0, fail(&[], b"{}")), Call(0, respond(b"2"))]),
    );
    add(
        "ready: late answers",
        then(
            answered(respond(b"1")),
            vec![Call(0, respond(b"2")), Call(0, fail(&[], b"{}")), Call(0, init_error(b"{}"))],
        ),
    );
    add(
        "a second event",
        then(
            answered(respond(b"1")),
            vec![event("{\"b\":2}"), Receive(1), Call(1, respond(b"2")), Send(1, next()), Invoked],
        ),
    );
    add(
        "two waits for one event",
        vec![
            event("{\"a\":1}"),
            Call(0, next()),
            Call(0, respond(b"1")),
            Send(1, next()),
            Invoked,
            Send(2, next()),
            event("{\"b\":1}"),
            Receive(1),
        ],
    );
    add(
        "nonce of another delivery",
        running(vec![
            Call(
                0,
                respond_with(
                    &[("Lambda-Runtime-Invocation-Id", "00000000-0000-4000-8000-000000000000")],
                    b"1",
                ),
            ),
            Call(0, respond(b"1")),
        ]),
    );
    matrix(add);
}

/// Every state, and every call that meets it.
fn matrix(add: Add<'_>) {
    let large = vec![b'1'; MOST + 1];
    // Answered with 403 as soon as the other post has begun.
    let reading = |what: &str| running(vec![Send(0, begun(what)), Until(1, next(), " 403 ")]);
    let states = [
        ("Started", vec![event("{\"a\":1}")]),
        ("InitError", vec![event("{\"a\":1}"), Call(0, init_error(b"{}"))]),
        ("Ready", answered(respond(b"1"))),
        ("Ready after an error", answered(fail(&[], b"{}"))),
        ("Running", running(vec![])),
        ("InvocationResponse", reading("response")),
        ("InvocationErrorResponse", reading("error")),
        ("RuntimeResponseSentState", running(vec![Call(0, respond(b"1"))])),
        ("RuntimeResponseSentState after an error", running(vec![Call(0, fail(&[], b"{}"))])),
        ("too much answered", running(vec![Call(0, respond(&large))])),
        ("answered in an odd mode", running(vec![Call(0, respond_in_odd_mode())])),
    ];
    let calls = [
        ("next", next()),
        ("response", respond(b"2")),
        ("error", fail(&[], b"{}")),
        ("init error", init_error(b"{}")),
        ("response to another", to_another("response", b"1")),
        ("error of another", to_another("error", b"1")),
        (
            "response to an id in percent code",
            request("POST", &format!("{RUNTIME}/invocation/{{id in percent}}/response"), &[], b"1"),
        ),
        ("response of no bytes", respond(b"")),
    ];
    for (state, before) in &states {
        for (call, bytes) in &calls {
            let mut steps = before.clone();
            steps.push(Call(9, bytes.clone()));
            // The state afterwards is named by what is refused in it.
            steps.push(Call(8, init_error(b"{}")));
            add(&format!("{state}: {call}"), steps);
        }
    }
}
