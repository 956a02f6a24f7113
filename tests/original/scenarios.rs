//! The walk: every route, every state, sizes, modes, headers, and what is no proper request.

use crate::walk::{Event, Scenario, Step};
use Step::{Call, Close, Deliver, Invoked, Receive, Send, Until};

const RUNTIME: &str = "/2018-06-01/runtime";
/// Largest payload.
const MOST: usize = 6_291_556;

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || matches!(method, "POST" | "PUT") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn chunked(path: &str, headers: &[(&str, &str)], chunks: &[&[u8]], trailers: &str) -> Vec<u8> {
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    for chunk in chunks {
        bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(format!("0\r\n{trailers}\r\n").into_bytes());
    bytes
}

fn next() -> Vec<u8> {
    request("GET", &format!("{RUNTIME}/invocation/next"), &[], b"")
}

fn respond(body: &[u8]) -> Vec<u8> {
    request("POST", &format!("{RUNTIME}/invocation/{{id}}/response"), &[], body)
}

fn fail(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    request("POST", &format!("{RUNTIME}/invocation/{{id}}/error"), headers, body)
}

fn init_error(body: &[u8]) -> Vec<u8> {
    request(
        "POST",
        &format!("{RUNTIME}/init/error"),
        &[("Lambda-Runtime-Function-Error-Type", "Runtime.My")],
        body,
    )
}

fn event(body: &str) -> Step {
    Deliver(Event { body: body.as_bytes().to_vec(), ..Event::default() })
}

/// An event that the runtime has taken on connection 0.
fn running(more: Vec<Step>) -> Vec<Step> {
    let mut steps = vec![event("{\"a\":1}"), Call(0, next())];
    steps.extend(more);
    steps
}

/// The runtime answers in this way, asks for the next event, and the caller hears of the answer.
fn answered(how: Vec<u8>) -> Vec<Step> {
    running(vec![Call(0, how), Send(1, next()), Invoked])
}

/// All scenarios.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    let mut add = |name: &str, steps: Vec<Step>| all.push(Scenario { name: name.to_owned(), steps });
    routes(&mut add);
    states(&mut add);
    sizes(&mut add);
    errors(&mut add);
    streams(&mut add);
    contexts(&mut add);
    extensions(&mut add);
    connections(&mut add);
    all
}

type Add<'a> = &'a mut dyn FnMut(&str, Vec<Step>);

fn routes(add: Add<'_>) {
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
    ] {
        steps.push(Call(0, request("GET", path, &[], b"")));
        steps.push(Call(0, request("POST", path, &[], b"")));
    }
    add("odd paths", steps);
    add(
        "queries do not matter",
        vec![
            event("{\"a\":1}"),
            Call(0, request("GET", "/2018-06-01/runtime/invocation/next?x=y", &[], b"")),
            Call(0, request("POST", "/2018-06-01/runtime/invocation/{id}/response?x", &[], b"1")),
        ],
    );
}

fn states(add: Add<'_>) {
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
            Call(0, request("POST", &format!("{RUNTIME}/invocation/other/response"), &[], b"1")),
            Call(0, request("POST", &format!("{RUNTIME}/invocation/other/error"), &[], b"{}")),
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
        running(vec![
            Call(0, respond(b"1")),
            Send(1, next()),
            Invoked,
            Call(0, respond(b"2")),
            Call(0, fail(&[], b"{}")),
            Call(0, init_error(b"{}")),
        ]),
    );
    add(
        "a second event",
        running(vec![
            Call(0, respond(b"1")),
            Send(1, next()),
            Invoked,
            event("{\"b\":2}"),
            Receive(1),
            Call(1, respond(b"2")),
            Send(1, next()),
            Invoked,
        ]),
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
                request(
                    "POST",
                    &format!("{RUNTIME}/invocation/{{id}}/response"),
                    &[("Lambda-Runtime-Invocation-Id", "00000000-0000-4000-8000-000000000000")],
                    b"1",
                ),
            ),
            Call(0, respond(b"1")),
        ]),
    );
}

fn sizes(add: Add<'_>) {
    for size in [0, 1, MOST - 1, MOST, MOST + 1, 7 << 20] {
        add(&format!("an answer of {size} bytes"), answered(respond(&vec![b'1'; size])));
    }
    let large = vec![b'1'; MOST + 1];
    add(
        "a chunked answer beyond the limit",
        answered(chunked(
            &format!("{RUNTIME}/invocation/{{id}}/response"),
            &[],
            &[&large[..3 << 20], &large[3 << 20..]],
            "",
        )),
    );
    add(
        "after an answer beyond the limit",
        running(vec![
            Call(0, respond(&large)),
            Call(1, respond(b"1")),
            Send(1, next()),
            Invoked,
            event("{}"),
            Receive(1),
        ]),
    );
    add("an error document of 7 MiB", answered(fail(&[], &vec![b'1'; 7 << 20])));
    for kib in [1000, 1023, 1100, 2100] {
        let cause = "c".repeat(kib * 1024);
        add(
            &format!("a cause of {kib} KiB"),
            answered(fail(&[("Lambda-Runtime-Function-XRay-Error-Cause", &cause)], b"{}")),
        );
    }
    let event = |size: usize| {
        Deliver(Event { body: format!("\"{}\"", "x".repeat(size - 2)).into_bytes(), ..Event::default() })
    };
    add("an event of the largest size", vec![event(MOST), Call(0, next())]);
    add("an event beyond it", vec![event(MOST + 1), Send(0, next()), Invoked, Receive(0)]);
}

fn errors(add: Add<'_>) {
    for kind in
        ["Runtime.Known", "Function.Known", "Function.lower", "Other", "", "x Runtime.Ab", "Function<X>"]
    {
        add(
            &format!("error type {kind:?}"),
            answered(fail(&[("Lambda-Runtime-Function-Error-Type", kind)], b"{\"errorType\":\"Own\"}")),
        );
    }
    let cause = "application/vnd.aws.lambda.error.cause+json";
    for (name, kind, body) in [
        ("json", "application/json", "{\"errorMessage\":\"m\",\"errorType\":\"T\"}"),
        ("no json", "application/json", "{oops"),
        ("text", "text/plain", "oops"),
        ("nothing", "application/json", ""),
        (
            "a cause within",
            cause,
            "{\"errorMessage\":\"<m>\",\"errorType\":\"T\",\"stackTrace\":[\"a\",\"b\"],\"errorCause\":{\"message\":\"c\"},\"more\":1}",
        ),
        ("a cause that is no cause", cause, "{\"errorType\":\"T\",\"errorCause\":{}}"),
        ("a cause without a document", cause, "oops"),
        ("a cause and an odd document", cause, "[]"),
        ("a cause with nulls", cause, "{\"errorType\":null,\"stackTrace\":null}"),
    ] {
        add(&format!("error document: {name}"), answered(fail(&[("Content-Type", kind)], body.as_bytes())));
    }
    add("an init error without a document", vec![event("{}"), Call(0, init_error(b"")), Call(0, next())]);
}

fn streams(add: Add<'_>) {
    let path = format!("{RUNTIME}/invocation/{{id}}/response");
    for mode in ["streaming", "buffered", "Streaming", "other", ""] {
        let head = [("Lambda-Runtime-Function-Response-Mode", mode), ("Content-Type", "text/plain")];
        add(
            &format!("response mode {mode:?}"),
            running(vec![
                Call(0, chunked(&path, &head, &[b"abc", b"def"], "")),
                Send(1, next()),
                Receive(1),
                Invoked,
            ]),
        );
    }
    let streaming = [
        ("Lambda-Runtime-Function-Response-Mode", "streaming"),
        ("Trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body"),
    ];
    let trailers = "Lambda-Runtime-Function-Error-Type: Runtime.Late\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJMYXRlIn0=\r\n";
    add("a stream that fails midway", answered(chunked(&path, &streaming, &[b"abc"], trailers)));
    add("trailers of a buffered answer", answered(chunked(&path, &[("Trailer", "X")], &[b"1"], "X: y\r\n")));
    add("chunk extensions", answered(format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\n\"1\"\r\n0\r\n\r\n").into_bytes()));
    add(
        "an answer that breaks off",
        running(vec![
            Send(
                0,
                format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345").into_bytes(),
            ),
            Close(0),
            // Answered after the end of the other connection has been seen.
            Call(1, request("GET", "/2018-06-01/ping", &[], b"")),
            Send(1, next()),
            Invoked,
        ]),
    );
    add("a stream that breaks off", running(vec![
        Send(0, format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\r\n3\r\nabc\r\n").into_bytes()),
        Close(0),
        // Answered after the end of the other connection has been seen.
        Call(1, request("GET", "/2018-06-01/ping", &[], b"")),
        Send(1, next()),
        Invoked,
    ]));
    add(
        "while an answer is being read",
        running(vec![
            Send(0, format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n12").into_bytes()),
            Until(1, next(), " 403 "),
            Call(1, respond(b"1")),
            Send(0, b"34".to_vec()),
            Receive(0),
        ]),
    );
}

fn contexts(add: Add<'_>) {
    let with = |change: &dyn Fn(&mut Event)| {
        let mut event = Event { body: b"{}".to_vec(), ..Event::default() };
        change(&mut event);
        vec![Deliver(event), Call(0, next())]
    };
    add("client context", with(&|event| event.client_context = Some("{\"custom\":{\"k\":\"v\"}}".into())));
    add("client context, not ASCII", with(&|event| event.client_context = Some("{\"k\":\"ü\"}".into())));
    add("tenant", with(&|event| event.tenant_id = Some("tenant-1".into())));
    add(
        "trace",
        with(&|event| event.trace_id = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".into())),
    );
    add("events that are no JSON", vec![event("{oops"), Send(0, next()), Invoked, Receive(0)]);
    add("an event of no bytes", vec![event(""), Send(0, next()), Receive(0)]);
}

fn extensions(add: Add<'_>) {
    let register = |name: &str, headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("Lambda-Extension-Name", name)];
        all.extend(headers);
        request("POST", "/2020-01-01/extension/register", &all, body.as_bytes())
    };
    let get = |id: &str| {
        request("GET", "/2020-01-01/extension/event/next", &[("Lambda-Extension-Identifier", id)], b"")
    };
    let post = |what: &str, id: &str, kind: &str| {
        request(
            "POST",
            &format!("/2020-01-01/extension/{what}/error"),
            &[("Lambda-Extension-Identifier", id), ("Lambda-Extension-Function-Error-Type", kind)],
            b"{}",
        )
    };
    const INVOKE: &str = "{\"events\":[\"INVOKE\"]}";
    const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";
    add(
        "extension registers",
        vec![
            event("{}"),
            Call(0, register("", &[], INVOKE)),
            Call(0, register("e", &[], "{\"events\":[\"FOO\"]}")),
            Call(0, register("e", &[], "{\"events\":[\"SHUTDOWN\"]}")),
            Call(0, register("e", &[], "{\"events\":[\"INVOKE\",\"FOO\"]}")),
            Call(0, register("e", &[], "{\"configurationKeys\":[\"a\"]}")),
            Call(0, register("e", &[], INVOKE)),
            Call(0, register("e", &[], INVOKE)),
            Call(0, register("f", &[], "{}")),
            Call(0, register("g", &[("Lambda-Extension-Accept-Feature", "accountId")], "{}")),
        ],
    );
    add("an extension's document that is none", vec![event("{}"), Call(0, register("e", &[], "oops"))]);
    add("eleven extensions", {
        let mut steps = vec![event("{}")];
        steps.extend((0..11).map(|number| Call(0, register(&format!("e{number}"), &[], "{}"))));
        steps
    });
    add(
        "extension identifiers",
        vec![
            event("{}"),
            Call(0, request("GET", "/2020-01-01/extension/event/next", &[], b"")),
            Call(0, get("x")),
            Call(0, get(UNKNOWN)),
            Call(0, post("init", UNKNOWN, "E")),
            Call(0, post("exit", UNKNOWN, "E")),
            Call(0, post("exit", "x", "E")),
            Call(
                0,
                request(
                    "POST",
                    "/2020-01-01/extension/exit/error",
                    &[("Lambda-Extension-Identifier", UNKNOWN)],
                    b"{}",
                ),
            ),
        ],
    );
    add(
        "an extension's event",
        vec![
            event("{\"a\":1}"),
            Call(0, register("e", &[], INVOKE)),
            Send(1, get("{extension}")),
            Call(0, next()),
            Receive(1),
            Call(0, respond(b"1")),
            Send(0, next()),
            Send(1, get("{extension}")),
            Invoked,
        ],
    );
    add("registration is closed", vec![event("{}"), Call(0, next()), Call(1, register("late", &[], INVOKE))]);
    add(
        "an extension fails",
        vec![
            event("{}"),
            Call(0, register("e", &[], INVOKE)),
            Call(0, post("init", "{extension}", "Extension.My")),
            Call(0, post("init", "{extension}", "Extension.My")),
            Call(0, get("{extension}")),
            Call(0, post("exit", "{extension}", "Extension.My")),
        ],
    );
    add(
        "an extension exits",
        vec![
            event("{}"),
            Call(0, register("e", &[], INVOKE)),
            Call(0, post("exit", "{extension}", "Extension.My")),
            Call(0, post("exit", "{extension}", "Extension.My")),
            Call(0, post("init", "{extension}", "Extension.My")),
        ],
    );
    add(
        "logs and telemetry",
        vec![
            event("{}"),
            Call(0, request("PUT", "/2020-08-15/logs", &[("Lambda-Extension-Identifier", UNKNOWN)], b"{}")),
            Call(
                0,
                request("PUT", "/2022-07-01/telemetry", &[("Lambda-Extension-Identifier", UNKNOWN)], b"{}"),
            ),
        ],
    );
    add(
        "metadata without its token",
        vec![
            event("{}"),
            Call(
                0,
                request(
                    "GET",
                    "/2026-01-15/metadata/execution-environment",
                    &[("Authorization", "Bearer no")],
                    b"",
                ),
            ),
            Call(
                0,
                request(
                    "GET",
                    "/2026-01-15/metadata/execution-environment",
                    &[("Authorization", "token")],
                    b"",
                ),
            ),
        ],
    );
}

fn connections(add: Add<'_>) {
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
    for (name, text) in [
        ("no HTTP", "hello\r\n\r\n"),
        ("a bad version", "GET /2018-06-01/ping HTTP/9.9\r\nHost: x\r\n\r\n"),
        ("a bad header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
        ("a control character in a header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nX: a\x7fb\r\n\r\n"),
        (
            "two lengths",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1",
        ),
        (
            "a bad length",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        ),
        (
            "a bad chunk",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ),
        (
            "another coding",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        ),
    ] {
        add(&format!("malformed: {name}"), vec![event("{}"), raw(text), Receive(0)]);
    }
}
