//! Chunked and streamed answers, their modes and trailers, and answers that break off.

use super::Add;
use crate::requests::{
    RUNTIME, answered, begun, chunked, init_error, next, ping, respond, respond_with, running,
};
use crate::walk::Step::{Call, Close, Finish, Invoked, Receive, Send, Until};

pub(super) fn add(add: Add<'_>) {
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
    let streaming = [("Lambda-Runtime-Function-Response-Mode", "streaming")];
    for (name, trailers) in [
        ("a type alone", "Lambda-Runtime-Function-Error-Type: Runtime.Late\r\n"),
        ("a document alone", "Lambda-Runtime-Function-Error-Body: e30=\r\n"),
        (
            "an unknown type",
            "Lambda-Runtime-Function-Error-Type: late\r\nLambda-Runtime-Function-Error-Body: e30=\r\n",
        ),
        (
            "no base64",
            "Lambda-Runtime-Function-Error-Type: Runtime.Late\r\nLambda-Runtime-Function-Error-Body: {}\r\n",
        ),
        ("a bad line", "no colon\r\n"),
        ("a large one", &format!("X: {}\r\n", "x".repeat(70_000))),
    ] {
        // Not announced by a `Trailer` header.
        let mut steps = answered(chunked(&path, &streaming, &[b"abc"], trailers));
        steps.push(Call(2, ping()));
        add(&format!("a stream's trailers: {name}"), steps);
    }
    add("a stream of no bytes", answered(chunked(&path, &streaming, &[], "")));
    add("a stream with a length", answered(respond_with(&streaming, b"abc")));
    let mode = ("Lambda-Runtime-Function-Response-Mode", "streaming");
    let other = ("Lambda-Runtime-Function-Response-Mode", "other");
    add("two modes", answered(respond_with(&[mode, other], b"abc")));
    for kind in [
        "application/json",
        "text/plain; charset=x",
        "application/vnd.awslambda.http-integration-response",
        "",
    ] {
        add(
            &format!("an answer of type {kind:?}"),
            answered(respond_with(&[("Content-Type", kind)], b"<a>")),
        );
    }
    add("an answer that is no JSON", answered(respond(b"\xff\x00oops")));
    add("trailers of a buffered answer", answered(chunked(&path, &[("Trailer", "X")], &[b"1"], "X: y\r\n")));
    add("chunk extensions", answered(format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\n\"1\"\r\n0\r\n\r\n").into_bytes()));
    add(
        "an answer that breaks off",
        running(vec![
            Send(
                0,
                format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345").into_bytes(),
            ),
            Finish(0),
            Receive(0),
            Send(1, next()),
            Invoked,
        ]),
    );
    add("a stream that breaks off", running(vec![
        Send(0, format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\r\n3\r\nabc\r\n").into_bytes()),
        Finish(0), Receive(0),
        Send(1, next()),
        Invoked,
    ]));
    add(
        "an answer that ends early, and is waited for",
        running(vec![Send(0, begun("response")), Finish(0), Receive(0), Call(1, next())]),
    );
    add(
        "an error that ends early, and is waited for",
        running(vec![Send(0, begun("error")), Finish(0), Receive(0), Call(1, next())]),
    );
    add(
        "an error that breaks off",
        running(vec![
            Send(0, begun("error")),
            Close(0),
            Until(1, init_error(b"{}"), "RuntimeResponseSentState"),
            Send(1, next()),
            Invoked,
        ]),
    );
    add(
        "while an answer is being read",
        running(vec![
            Send(0, begun("response")),
            Until(1, next(), " 403 "),
            Call(1, respond(b"1")),
            Send(0, b"34".to_vec()),
            Receive(0),
        ]),
    );
}
