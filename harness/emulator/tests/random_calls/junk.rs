//! What is no HTTP, or hardly: requests with something broken, and bytes.

use crate::rng::Rng;

/// Lines that contradict others or themselves.
const LINES: &[&[u8]] = &[
    b"Content-Length: -1\r\n",
    b"Content-Length: 18446744073709551615\r\n",
    b"Content-Length: 99999999999999999999999999\r\n",
    b"Content-Length: 1\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 5, 5\r\n",
    b"Content-Length: 0x5\r\n",
    b"Content-Length: +5\r\n",
    b"Content-Length: \r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n",
    b"Connection: close, keep-alive\r\n",
    b"Expect: 100-continue\r\n",
    b"Expect: 200-ok\r\n",
    b" folded: line\r\n",
    b": no name\r\n",
    b"no colon\r\n",
    b"nul\0: x\r\n",
    b"nul: \0\r\n",
    b"high: \x80\xff\r\n",
    b"Trailer: Content-Length\r\n",
    b"\r\n",
    b"\n",
    b"FFFFFFFFFFFFFFFF\r\n",
    b"10000000000000000\r\n",
    b"-1\r\n",
    b"5;extension=\"\r\n\"\r\n",
    b"0\r\n\r\n",
    b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n\r\n",
];

/// Beginnings that belong to other protocols, or to none.
const OPENINGS: &[&[u8]] = &[
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/0.9\r\n\r\n",
    b"GET / HTTP/3.0\r\n\r\n",
    b"GET /\r\n\r\n",
    b"\r\n\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\n\r\n",
    b"GET http://x/2018-06-01/ping HTTP/1.1\r\n\r\n",
    b"GET \xff\xfe HTTP/1.1\r\n\r\n",
    b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n",
    b"POST /2020-01-01/extension/register HTTP/1.1\r\nLambda-Extension-Name: e\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
];

const VERSIONS: &[&[u8]] = &[b"HTTP/2.0", b"HTTP/1.9", b"http/1.1", b"HTTP/1.0", b"HTTP/1.1 x"];

/// `request` with something broken.
pub(crate) fn broken(rng: &mut Rng, mut request: Vec<u8>) -> Vec<u8> {
    for _ in 0..1 + rng.below(4) {
        if request.is_empty() {
            break;
        }
        let at = rng.below(request.len());
        let end = (at + 1 + rng.below(40)).min(request.len());
        match rng.below(9) {
            0 => request[at] ^= 1 << rng.below(8),
            1 => request[at] = *rng.pick(b"\0\n\r :;\t,/%?0-9aF\x7f\x80\xff"),
            2 => drop(request.drain(at..end)),
            3 => {
                let again = request[at..end].to_vec();
                request.splice(end..end, again);
            }
            4 => request.truncate(at),
            5 | 6 => {
                // After one of the lines, mostly one of the head.
                let after =
                    request[at / 2..].iter().position(|it| *it == b'\n').map_or(at, |it| at / 2 + it + 1);
                request.splice(after..after, rng.pick(LINES).iter().copied());
            }
            7 => request.retain(|it| *it != b'\r'),
            _ => {
                let other = rng.pick(VERSIONS);
                if let Some(version) = request.windows(8).position(|it| it == b"HTTP/1.1") {
                    request.splice(version..version + 8, other.iter().copied());
                }
            }
        }
    }
    request
}

/// Bytes of any kind. One in `huge` is larger than a head may be.
pub(crate) fn bytes(rng: &mut Rng, huge: usize) -> Vec<u8> {
    if rng.one_in(huge) {
        let mut request = b"GET /2018-06-01/ping HTTP/1.1\r\nx: ".to_vec();
        request.resize(3 << 20, b'x');
        return request;
    }
    match rng.below(5) {
        0 | 1 => rng.pick(OPENINGS).to_vec(),
        2 => {
            let mut request = b"GET /2018-06-01/ping HTTP/1.1\r\n".to_vec();
            for number in 0..rng.below(300) {
                request.extend_from_slice(format!("h{number}: v\r\n").as_bytes());
            }
            request.extend_from_slice(b"\r\n");
            request
        }
        3 => {
            let path = rng.below(70_000);
            [b"GET /", "y".repeat(path).as_bytes(), b" HTTP/1.1\r\n\r\n"].concat()
        }
        _ => (0..rng.below(200)).map(|_| rng.byte()).collect(),
    }
}

/// `bytes` in pieces: mostly in one, sometimes in a few, sometimes byte by byte.
pub(crate) fn cut(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let cuts = match rng.below(40) {
        0 if bytes.len() < 400 => return bytes.into_iter().map(|it| vec![it]).collect(),
        1..6 if bytes.len() > 1 => 1 + rng.below(4),
        _ => 0,
    };
    let mut pieces = Vec::new();
    for _ in 0..cuts {
        let at = rng.below(bytes.len());
        let rest = bytes.split_off(at);
        pieces.push(std::mem::replace(&mut bytes, rest));
        if bytes.len() < 2 {
            break;
        }
    }
    pieces.push(bytes);
    pieces
}
