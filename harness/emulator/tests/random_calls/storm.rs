//! Storms: what no runtime sends, on many connections at once. Nothing is predicted but that the server is still there, keeps
//! its limits, and blames no invocation for what did not name it.

use bytes::Bytes;
use evfuzz_emulator::{Invoke, SnapStart};
use tokio::io::AsyncReadExt as _;

use crate::client::{Connection, Served};
use crate::random::Random;

/// Raw material: whole requests, which are then cut, joined and changed.
const PIECES: &[&str] = &[
    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /2018-06-01/runtime/invocation/stale/response HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "POST /2018-06-01/runtime/invocation/stale/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: x\r\nLambda-Extension-Name: e\r\nContent-Length: 2\r\n\r\n{}",
    "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1",
    "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
    "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
    "GET /2018-06-01/ping HTTP/1.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "\r\n\r\n\r\n",
    "CONNECT x:1 HTTP/1.1\r\n\r\n",
];

/// One storm. The number of requests, or what went wrong.
pub(crate) async fn run(random: &mut Random) -> Result<u64, String> {
    let served = Served::start(SnapStart::Off).await;
    let mut open: Vec<Connection> = Vec::new();
    let mut made = 0;
    for _ in 0..50 + random.below(300) {
        if open.is_empty() || random.once_in(6) {
            open.push(served.connect().await);
        }
        let at = random.below(open.len());
        made += 1;
        // Whoever is refused finds its connection closed: that is no error here.
        let _ = open[at].send(&bytes(random)).await;
        match random.below(12) {
            0 => drop(open.swap_remove(at)),
            1 => {
                use tokio::io::AsyncWriteExt as _;
                let _ = open.swap_remove(at).stream.shutdown().await;
            }
            2 => {
                // What has come so far, if anything.
                let mut some = [0; 512];
                let reading = open[at].stream.read(&mut some);
                let _ = tokio::time::timeout(std::time::Duration::ZERO, reading).await;
            }
            _ => tokio::task::yield_now().await,
        }
        if random.once_in(15) && served.api.borrow().is_ready() {
            served.api.borrow().deliver("the-right-id", 1, Invoke::from(Bytes::from_static(b"{}")));
        }
        if open.len() > 30 {
            open.remove(0);
        }
        if served.api.borrow().connections() > 128 {
            return Err(format!("{} connections", served.api.borrow().connections()));
        }
    }
    // Nobody knew the right id: whatever outcome there is must be one that names no invocation.
    match served.api.borrow().take_outcome() {
        None | Some(evfuzz_emulator::Outcome::InitError(_)) => {}
        Some(other) => return Err(format!("an outcome that nobody posted: {other:?}")),
    }
    drop(open);
    let mut last = served.connect().await;
    last.send(b"GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .map_err(|error| error.to_string())?;
    match last.receive(false).await {
        Some(answer) if answer.status == 200 && answer.body == b"pong" => Ok(made + 1),
        other => Err(format!("after the storm: {other:?}")),
    }
}

fn bytes(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..1 + random.below(3) {
        bytes.extend_from_slice(random.pick(PIECES).as_bytes());
    }
    if random.once_in(40) {
        // A head that goes on and on.
        let length = random.below(1_200_000);
        bytes.extend(b"GET /2018-06-01/ping HTTP/1.1\r\nX: ");
        bytes.extend(std::iter::repeat_n(b'x', length));
    }
    for _ in 0..random.below(6) {
        let at = random.below(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
        match random.below(5) {
            0 => bytes[at] = random.number() as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.remove(at)),
            3 => {
                let length = random.below(20);
                let some = random.bytes(length);
                bytes.splice(at..at, some);
            }
            _ => bytes.truncate(at + 1),
        }
        if bytes.is_empty() {
            bytes.push(b'G');
        }
    }
    if random.once_in(20) {
        let length = random.below(300);
        return random.bytes(length);
    }
    bytes
}
