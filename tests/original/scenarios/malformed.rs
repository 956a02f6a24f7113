//! What is no request, or hardly one.

use super::Add;
use crate::requests::event;
use crate::walk::Step::{Call, Receive};

pub(super) fn add(add: Add<'_>) {
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
        (
            "a length and chunks",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "the same length twice",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1",
        ),
        (
            "a length with a sign",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n1",
        ),
        (
            "a length beyond all",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n1",
        ),
        (
            "chunked twice",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "identity",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
        ),
        (
            "a chunk beyond all",
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        ),
        ("two hosts", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
        ("an odd host", "GET /2018-06-01/ping HTTP/1.1\r\nHost: a b\r\n\r\n"),
        ("a folded header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n"),
        ("a space before the colon", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n"),
        ("a header without a name", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n"),
        ("bytes beyond ASCII in a header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nX: \u{fc}\r\n\r\n"),
        (
            "bytes beyond ASCII in a header's name",
            "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\u{fc}: x\r\n\r\n",
        ),
        ("a null in a header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"),
        ("a carriage return in a header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n"),
        ("no version", "GET /2018-06-01/ping\r\n\r\n"),
        ("two spaces", "GET  /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a space in the path", "GET /2018-06-01/ping x HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a bad percent code", "GET /2018-06-01/%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a path without a slash", "GET ping HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("HTTP/1.2", "GET /2018-06-01/ping HTTP/1.2\r\nHost: x\r\n\r\n"),
        ("http in small letters", "GET /2018-06-01/ping http/1.1\r\nHost: x\r\n\r\n"),
        ("TLS", "\x16\x03\x01\x02\0\x01\0\x01\r\n\r\n"),
    ] {
        add(&format!("malformed: {name}"), vec![event("{}"), Call(0, text.as_bytes().to_vec()), Receive(0)]);
    }
}
