//! Requests that many scenarios make.

use crate::walk::{Event, Step};

pub(crate) const RUNTIME: &str = "/2018-06-01/runtime";
/// Largest payload.
pub(crate) const MOST: usize = 6_291_556;

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
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

pub(crate) fn chunked(path: &str, headers: &[(&str, &str)], chunks: &[&[u8]], trailers: &str) -> Vec<u8> {
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

pub(crate) fn next() -> Vec<u8> {
    request("GET", &format!("{RUNTIME}/invocation/next"), &[], b"")
}

pub(crate) fn ping() -> Vec<u8> {
    request("GET", "/2018-06-01/ping", &[], b"")
}

pub(crate) fn respond(body: &[u8]) -> Vec<u8> {
    respond_with(&[], body)
}

pub(crate) fn respond_with(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    request("POST", &format!("{RUNTIME}/invocation/{{id}}/response"), headers, body)
}

/// An answer in a mode that there is not.
pub(crate) fn respond_in_odd_mode() -> Vec<u8> {
    respond_with(&[("Lambda-Runtime-Function-Response-Mode", "other")], b"1")
}

pub(crate) fn fail(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    request("POST", &format!("{RUNTIME}/invocation/{{id}}/error"), headers, body)
}

pub(crate) fn init_error(body: &[u8]) -> Vec<u8> {
    request(
        "POST",
        &format!("{RUNTIME}/init/error"),
        &[("Lambda-Runtime-Function-Error-Type", "Runtime.My")],
        body,
    )
}

pub(crate) fn event(body: &str) -> Step {
    Step::Deliver(Event { body: body.as_bytes().to_vec(), ..Event::default() })
}

/// A post of `what`, "response" or "error", to an event that was never delivered.
pub(crate) fn to_another(what: &str, body: &[u8]) -> Vec<u8> {
    request("POST", &format!("{RUNTIME}/invocation/other/{what}"), &[], body)
}

/// An event that the runtime has taken on connection 0.
pub(crate) fn running(more: Vec<Step>) -> Vec<Step> {
    then(vec![event("{\"a\":1}"), Step::Call(0, next())], more)
}

/// These steps, and then more.
pub(crate) fn then(mut steps: Vec<Step>, more: Vec<Step>) -> Vec<Step> {
    steps.extend(more);
    steps
}

/// The runtime answers in this way, asks for the next event, and the caller hears of the answer.
pub(crate) fn answered(how: Vec<u8>) -> Vec<Step> {
    running(vec![Step::Call(0, how), Step::Send(1, next()), Step::Invoked])
}

/// The beginning of a post whose body of 4 bytes comes later.
pub(crate) fn begun(what: &str) -> Vec<u8> {
    let path = format!("{RUNTIME}/invocation/{{id}}/{what}");
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n12").into_bytes()
}
