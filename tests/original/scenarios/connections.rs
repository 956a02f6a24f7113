//! How connections are used: kept, closed, shared, cut.

use super::Add;
use crate::requests::{RUNTIME, answered, event, next, ping, request, respond, running, then};
use crate::walk::Step::{Call, Close, Finish, Invoked, Receive, Send};

pub(super) fn add(add: Add<'_>) {
    let raw = |text: &str| Call(0, text.as_bytes().to_vec());
    add(
        "close after the answer",
        vec![
            event("{}"),
            raw("GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            Receive(0),
        ],
    );
    add("HTTP/1.0", vec![event("{}"), raw("GET /2018-06-01/ping HTTP/1.0\r\n\r\n"), Receive(0)]);
    add("no host", vec![event("{}"), raw("GET /2018-06-01/ping HTTP/1.1\r\n\r\n"), Receive(0)]);
    add(
        "pipelined",
        running(vec![
            Send(0, [respond(b"1"), next()].concat()),
            Receive(0),
            Invoked,
            event("{\"b\":2}"),
            Receive(0),
        ]),
    );
    add("100-continue", running(vec![
        Send(0, format!("POST {RUNTIME}/invocation/{{id}}/response HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").into_bytes()),
        Receive(0),
        Send(0, b"1".to_vec()),
        Receive(0),
    ]));
    add(
        "a large head",
        vec![event("{}"), Call(0, request("GET", "/2018-06-01/ping", &[("X", &"x".repeat(500 << 10))], b""))],
    );
    add(
        "HTTP/1.0 that stays",
        vec![
            event("{}"),
            raw("GET /2018-06-01/ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            raw("GET /2018-06-01/ping HTTP/1.0\r\n\r\n"),
            Receive(0),
        ],
    );
    add(
        "HTTP/1.0 with an event",
        vec![
            event("{\"a\":1}"),
            Call(0, format!("GET {RUNTIME}/invocation/next HTTP/1.0\r\n\r\n").into_bytes()),
            Receive(0),
        ],
    );
    add(
        "empty lines before a request",
        vec![event("{}"), raw("\r\n\r\nGET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n"), Receive(0)],
    );
    add(
        "lines that end with a line feed alone",
        vec![event("{}"), raw("GET /2018-06-01/ping HTTP/1.1\nHost: x\n\n"), Receive(0)],
    );
    add(
        "a request in pieces",
        vec![
            event("{}"),
            Send(0, b"GE".to_vec()),
            Send(0, b"T /2018-06-01/pi".to_vec()),
            Send(0, b"ng HTTP/1.1\r".to_vec()),
            Send(0, b"\nHost: x\r\n\r".to_vec()),
            raw("\n"),
        ],
    );
    add("names of headers in odd cases", running(vec![Call(
        0,
        format!("POST {RUNTIME}/invocation/{{id}}/error HTTP/1.1\r\nHOST: x\r\ncontent-LENGTH: 2\r\nlambda-runtime-FUNCTION-error-type:Runtime.My\r\n\r\n{{}}").into_bytes(),
    ), Send(1, next()), Invoked]));
    add("100-continue of a request that is refused", vec![
        event("{}"),
        Call(0, format!("POST {RUNTIME}/invocation/x/response HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").into_bytes()),
        Receive(0),
    ]);
    add(
        "an expectation that nobody knows",
        vec![
            event("{}"),
            raw("GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n"),
            Receive(0),
        ],
    );
    add(
        "an upgrade",
        vec![
            event("{}"),
            raw(
                "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
            ),
            raw("GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n"),
        ],
    );
    add("the preface of HTTP/2", vec![event("{}"), raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Receive(0)]);
    add("close after a post", running(vec![
        Call(0, format!("POST {RUNTIME}/invocation/{{id}}/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1").into_bytes()),
        Receive(0),
        Send(1, next()),
        Invoked,
    ]));
    add(
        "a request of which only half is sent",
        vec![event("{}"), Send(0, b"GET /2018-06-01/ping HTTP/1.1\r\nHo".to_vec()), Finish(0), Receive(0)],
    );
    add(
        "a runtime that is half closed while it waits",
        then(
            answered(respond(b"1")),
            vec![
                Finish(1),
                // Answered after that has been seen.
                Call(0, ping()),
                event("{\"b\":2}"),
                Receive(1),
                Call(0, next()),
            ],
        ),
    );
    add(
        "a runtime that leaves while it waits",
        then(
            answered(respond(b"1")),
            vec![
                Close(1),
                // Answered after the end of the other connection has been seen.
                Call(0, ping()),
                event("{\"b\":2}"),
                Call(0, next()),
            ],
        ),
    );
}
