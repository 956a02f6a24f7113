//! Sizes around the limits: answers, errors, causes, heads, events.

use super::Add;
use crate::requests::{
    MOST, RUNTIME, answered, chunked, event as small, fail, init_error, next, ping, request, respond, running,
};
use crate::walk::Event;
use crate::walk::Step::{Call, Deliver, Invoked, Receive, Send};

pub(super) fn add(add: Add<'_>) {
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
            small("{}"),
            Receive(1),
        ]),
    );
    let path = format!("{RUNTIME}/invocation/{{id}}/response");
    let most = vec![b'1'; MOST];
    add("a chunked answer at the limit", answered(chunked(&path, &[], &[&most[..9], &most[9..]], "")));
    let pieces: Vec<&[u8]> = most[..50_000].chunks(5).collect();
    add("an answer in ten thousand chunks", answered(chunked(&path, &[], &pieces, "")));
    let streaming = [("Lambda-Runtime-Function-Response-Mode", "streaming")];
    add("a stream beyond the limit", answered(chunked(&path, &streaming, &[&large], "")));
    for size in [MOST, MOST + 1, 7 << 20] {
        let mut steps = answered(fail(&[], &vec![b'1'; size]));
        steps.push(Call(2, ping()));
        add(&format!("an error document of {size} bytes"), steps);
    }
    add("an init error of 7 MiB", vec![small("{}"), Call(0, init_error(&large)), Call(0, next())]);
    add(
        "a request to read that has a body",
        running(vec![
            Call(0, request("GET", "/2018-06-01/ping", &[], &[b'x'; 100])),
            Call(0, request("GET", "/2018-06-01/ping", &[], &vec![b'x'; 300 << 10])),
            Call(0, ping()),
        ]),
    );
    for (name, path) in
        [("unknown path", "/nothing"), ("unknown id", "/2018-06-01/runtime/invocation/x/response")]
    {
        // What is not read at the end of a request costs the connection, at some length.
        add(
            &format!("bodies for an {name}"),
            running(vec![
                Call(0, request("POST", path, &[], &vec![b'x'; 100 << 10])),
                Call(0, ping()),
                Call(1, request("POST", path, &[], &vec![b'x'; 300 << 10])),
                Call(1, ping()),
            ]),
        );
    }
    for kib in [1000, 1023, 1100, 2100] {
        let cause = "c".repeat(kib * 1024);
        add(
            &format!("a cause of {kib} KiB"),
            answered(fail(&[("Lambda-Runtime-Function-XRay-Error-Cause", &cause)], b"{}")),
        );
    }
    for size in [1_048_576, 1_052_672, 1_052_673, 1_060_000] {
        let bare = request("GET", "/2018-06-01/ping", &[("X", "")], b"").len();
        let head = request("GET", "/2018-06-01/ping", &[("X", &"x".repeat(size - bare))], b"");
        add(&format!("a head of {size} bytes"), running(vec![Call(0, head)]));
    }
    let many: Vec<(String, String)> = (0..300).map(|it| (format!("X-{it}"), "1".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for count in [90, 101, 300] {
        add(
            &format!("{count} headers"),
            running(vec![Call(0, request("GET", "/2018-06-01/ping", &many[..count], b""))]),
        );
    }
    let long = format!("/2018-06-01/{}", "x".repeat(100_000));
    add("a path of 100,000 bytes", running(vec![Call(0, request("GET", &long, &[], b""))]));
    let id = format!("{RUNTIME}/invocation/{}/response", "x".repeat(100_000));
    add("an id of 100,000 bytes", running(vec![Call(0, request("POST", &id, &[], b"1"))]));
    let event = |size: usize| {
        Deliver(Event { body: format!("\"{}\"", "x".repeat(size - 2)).into_bytes(), ..Event::default() })
    };
    for size in [2, 2047, 2049, 65_536, MOST - 1, MOST] {
        add(&format!("an event of {size} bytes"), vec![event(size), Call(0, next()), Call(0, respond(b"1"))]);
    }
    add("an event beyond it", vec![event(MOST + 1), Send(0, next()), Invoked, Receive(0)]);
}
