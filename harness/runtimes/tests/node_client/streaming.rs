//! Streamed answers: what is sent when, and how a stream that fails ends.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{BOTH, Client, Function, V3, V4};
use crate::support::Asked;

const TYPE: &str = "lambda-runtime-function-error-type";
const BODY: &str = "lambda-runtime-function-error-body";

fn start(client: Client, handler: &str) -> Option<Function> {
    client.start(&format!("exports.handler = awslambda.streamifyResponse({handler});"))
}

fn expect_head(function: &mut Function, request: u32) -> Asked {
    let asked = function.read().unwrap();
    assert_eq!(asked.path, format!("/2018-06-01/runtime/invocation/request-{request}/response"));
    assert_eq!(asked.headers["lambda-runtime-function-response-mode"], "streaming");
    assert_eq!(asked.headers["transfer-encoding"], "chunked");
    assert_eq!(asked.headers["lambda-runtime-invocation-id"], format!("nonce-{request}"));
    // Two lines, of which the last is kept here.
    assert_eq!(asked.headers["trailer"], "Lambda-Runtime-Function-Error-Body");
    asked
}

/// Streams one answer with a fresh process: content type, body, trailers. The next event must be
/// asked for afterwards.
fn stream(client: Client, handler: &str) -> Option<(String, String, BTreeMap<String, String>)> {
    let mut function = start(client, handler)?;
    function.send("{}");
    let main = function.switch();
    let head = expect_head(&mut function, 1);
    let (body, trailers) = function.rest();
    function.accept();
    let _other = function.switch_to(main);
    function.expect_next();
    Some((head.headers["content-type"].clone(), body, trailers))
}

#[test]
fn sends_chunks_as_they_are_written() {
    let handler = "async (event, stream) => { stream.setContentType('text/plain'); stream.write('a'); \
        await new Promise((resolve) => setTimeout(resolve, 20)); stream.write({ b: 1 }); stream.end('c'); }";
    for client in BOTH {
        let Some(mut function) = start(client, handler) else {
            return;
        };
        let mut main = None;
        for request in 1..=2 {
            function.send("{}");
            // The second answer comes on the same connection as the first.
            main = Some(match main.take() {
                None => function.switch(),
                Some(other) => function.switch_to(other),
            });
            let head = expect_head(&mut function, request);
            assert_eq!(head.headers["content-type"], "text/plain");
            assert_eq!(function.chunk().unwrap(), b"a");
            let (rest, trailers) = function.rest();
            assert_eq!((rest.as_str(), trailers.len()), ("{\"b\":1}c", 0));
            function.accept();
            main = Some(function.switch_to(main.take().unwrap()));
        }
    }
}

#[test]
fn puts_metadata_before_the_first_write() {
    let from = "stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });";
    for client in BOTH {
        let write = format!("async (event, stream) => {{ {from} stream.write('a'); stream.end(); }}");
        let Some((content_type, body, _)) = stream(client, &write) else {
            return;
        };
        assert_eq!(content_type, "application/vnd.awslambda.http-integration-response");
        assert_eq!(body, "{\"statusCode\":201}\0\0\0\0\0\0\0\0a");
        // `end` with a text is no write.
        let end = format!("async (event, stream) => {{ {from} stream.end('a'); }}");
        assert_eq!(stream(client, &end).unwrap().1, "a", "{client:?}");
    }
}

/// The error that the trailers tell.
fn told(trailers: &BTreeMap<String, String>) -> Value {
    let text = trailers.get(BODY).unwrap_or_else(|| panic!("no error in {trailers:?}"));
    let error: Value = serde_json::from_slice(&from_base64(text)).unwrap();
    assert_eq!(trailers[TYPE], error["errorType"]);
    error
}

fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=').bytes();
    let bits = digits.map(|c| DIGITS.iter().position(|it| *it == c).unwrap() as u32);
    let (mut bytes, mut buffer, mut count) = (Vec::new(), 0_u32, 0);
    for six in bits {
        buffer = buffer << 6 | six;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((buffer >> count) as u8);
        }
    }
    bytes
}

#[test]
fn tells_errors_in_trailers() {
    let cases = [
        ("async (event, stream) => { throw new RangeError('early ☃'); }", "", "RangeError", "early ☃"),
        ("(event, stream) => { throw new RangeError('sync'); }", "", "RangeError", "sync"),
        (
            "async (event, stream) => { stream.write('a'); await null; throw new RangeError('mid'); }",
            "a",
            "RangeError",
            "mid",
        ),
        ("async (event, stream) => { stream.write('a'); throw 'text'; }", "a", "string", "text"),
        (
            "async (event, stream) => { stream.write('a'); stream.setContentType('b'); }",
            "a",
            "Runtime.InvalidStreamingOperation",
            "Cannot set content-type, too late.",
        ),
        (
            "async (event, stream) => { stream.write(undefined); }",
            "",
            "TypeError",
            "Cannot read properties of undefined (reading 'length')",
        ),
    ];
    for client in BOTH {
        for (handler, body, error_type, message) in cases {
            let Some((content_type, sent, trailers)) = stream(client, handler) else {
                return;
            };
            assert_eq!(
                (content_type.as_str(), sent.as_str()),
                ("application/octet-stream", body),
                "{handler}"
            );
            let error = told(&trailers);
            assert_eq!(error["errorType"], error_type, "{client:?} {handler}");
            assert_eq!(error["errorMessage"], message, "{client:?} {handler}");
        }
        let sync = "(event, stream) => { stream.write('x'); }";
        let error = told(&stream(client, sync).unwrap().2);
        assert_eq!(error["errorMessage"], "Streaming does not support non-async handlers.");
        assert_eq!(error["errorType"], if client == V3 { "string" } else { "Error" });
    }
}

#[test]
fn logs_what_streaming_handlers_do_wrong() {
    for client in BOTH {
        let Some(mut function) = start(client, "async (event, stream) => { stream.end('x'); return 5; }")
        else {
            return;
        };
        function.send("{}");
        let main = function.switch();
        expect_head(&mut function, 1);
        assert_eq!(function.rest().0, "x");
        function.accept();
        let _other = function.switch_to(main);
        function.expect_next();
        let stdout = function.hang_up().stdout;
        assert!(
            stdout.ends_with("\trequest-1\tWARN\tStreaming handlers ignore return values.\n"),
            "{stdout}"
        );
    }
}

#[test]
fn shows_the_handler_what_lambdas_client_shows() {
    let handler = "async (event, stream, context) => { \
        const before = [stream.writableEnded, stream.writableFinished, stream.destroyed, stream.writable]; \
        stream.write(JSON.stringify([Object.keys(stream).length, Object.getOwnPropertyNames(stream).length, \
        before, Object.keys(context).slice(0, 2)])); stream.end(); }";
    for (client, expected) in [
        (V3, r#"[21,32,[false,false,false,true],["callbackWaitsForEmptyEventLoop","functionVersion"]]"#),
        (V4, r#"[21,31,[false,false,false,true],["clientContext","identity"]]"#),
    ] {
        let Some((_, body, _)) = stream(client, handler) else {
            return;
        };
        assert_eq!(body, expected, "{client:?}");
    }
}

#[test]
fn holds_a_handler_back_that_writes_too_fast() {
    // Far more than the buffers of a socket hold, and nobody reads before the handler waits.
    let handler = "async (event, stream) => { const part = 'x'.repeat(1 << 20); let waited = 0; \
        for (let i = 0; i < 32; i += 1) if (!stream.write(part)) { \
        waited += 1; await new Promise((resolve) => stream.once('drain', resolve)); } \
        stream.end(String(waited)); }";
    for client in BOTH {
        let Some((_, body, trailers)) = stream(client, handler) else {
            return;
        };
        assert!(trailers.is_empty(), "{trailers:?}");
        let waited: u32 = body[32 << 20..].parse().unwrap();
        assert!(waited > 0, "{client:?}");
    }
}

#[test]
fn works_as_the_end_of_a_pipeline() {
    let handler = "async (event, stream) => require('stream').promises.pipeline(\
        require('stream').Readable.from(['a', 'b', 'c']), stream)";
    for client in BOTH {
        let Some((_, body, trailers)) = stream(client, handler) else {
            return;
        };
        assert_eq!((body.as_str(), trailers.len()), ("abc", 0), "{client:?}");
    }
}

#[test]
fn waits_for_the_event_loop_in_client_3() {
    let handler = "async (event, stream, context) => { \
        context.callbackWaitsForEmptyEventLoop = event.waits; stream.end('x'); \
        if (event.waits) setTimeout(() => console.log('background'), 30); else setInterval(() => {}, 1000); }";
    for (client, waits) in [(V3, true), (V3, false), (V4, false)] {
        let Some(mut function) = start(client, handler) else {
            return;
        };
        function.send(&format!("{{\"waits\":{waits}}}"));
        let main = function.switch();
        expect_head(&mut function, 1);
        function.rest();
        function.accept();
        let _other = function.switch_to(main);
        function.expect_next();
        let ended = function.hang_up();
        assert_eq!(ended.stdout.contains("background"), waits, "{client:?} {waits}: {ended:?}");
    }
}

#[test]
fn a_stream_that_is_destroyed_ends_the_process() {
    let handler = "async (event, stream) => { stream.write('a'); stream.destroy(new Error('destroyed')); }";
    let Some(mut function) = start(V4, handler) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    assert_eq!(function.end().status.code(), Some(1));
    let Some(mut function) = start(V3, handler) else {
        return;
    };
    let error = function.fail("{}");
    assert_eq!(error["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(error["errorMessage"], "Error: destroyed");
    assert_eq!(function.end().status.code(), Some(128));
}

#[test]
fn passes_a_high_water_mark_to_the_connection() {
    let source = "exports.handler = awslambda.streamifyResponse(async (event, stream) => { \
        stream.write('a'); await new Promise((resolve) => setTimeout(resolve, 20)); \
        stream.end(String(stream.writableHighWaterMark)); }, { highWaterMark: 100 });";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        function.send("{}");
        let _main = function.switch();
        expect_head(&mut function, 1);
        assert_eq!(function.rest().0, "a100", "{client:?}");
    }
}
