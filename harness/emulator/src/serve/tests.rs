//! The Runtime API on a real socket, spoken to byte by byte.

use std::rc::Rc;

use bytes::Bytes;
use expect_test::{Expect, expect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;
use crate::outcome::Outcome;

struct Client {
    port: Rc<Port>,
    stream: TcpStream,
    _serving: JoinSet<()>,
}

impl Client {
    async fn connect() -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let port = Port::new("arn:aws:lambda:us-east-1:123456789012:function:f");
        let mut server = Server::new(&port, listener);
        let mut serving = JoinSet::new();
        serving.spawn_local(std::future::poll_fn(move |cx| {
            server.poll(cx);
            Poll::Pending
        }));
        let stream = TcpStream::connect(address).await.unwrap();
        Client { port, stream, _serving: serving }
    }

    async fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
    }

    /// One answer: head and as much body as `Content-Length` says.
    async fn receive(&mut self) -> String {
        let mut answer = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| {
                        line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
                    })
                    .map_or(0, |length| length.parse::<usize>().unwrap());
                if body.len() >= length {
                    return text.replace("\r\n", "\n");
                }
            }
            let mut byte = [0];
            self.stream.read_exact(&mut byte).await.unwrap();
            answer.push(byte[0]);
        }
    }

    async fn until(&self, happened: impl Fn(&Port) -> bool) {
        while !happened(&self.port) {
            tokio::task::yield_now().await;
        }
    }

    fn deliver(&self, request_id: &str, event: &'static str) {
        self.port.deliver(Delivery {
            request_id: request_id.to_owned(),
            deadline_ms: 1_700_000_000_000,
            event: Bytes::from_static(event.as_bytes()),
        });
    }
}

/// Runs `steps` on a current-thread runtime, as a shard does.
fn on_a_shard<F: Future>(steps: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, steps)
}

fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

const NEXT: &[u8] = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";

fn check(request: &str, expected: Expect) {
    let answer = on_a_shard(async {
        let mut client = Client::connect().await;
        client.send(request.as_bytes()).await;
        client.receive().await
    });
    expected.assert_eq(&answer);
}

#[test]
fn answers_outside_an_invocation() {
    check(
        "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n",
        expect![[r#"
            HTTP/1.1 200 OK
            content-type: text/plain; charset=utf-8
            content-length: 4

            pong"#]],
    );
    check(
        &post("/2018-06-01/runtime/invocation/next", ""),
        expect![[r#"
            HTTP/1.1 405 Method Not Allowed
            content-type: text/plain; charset=utf-8
            allow: GET
            content-length: 0

        "#]],
    );
    check(
        "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        expect![[r#"
            HTTP/1.1 404 Not Found
            content-type: text/plain; charset=utf-8
            content-length: 19

            404 page not found
        "#]],
    );
    check(
        &post("/2018-06-01/runtime/invocation/unknown/response", "{}"),
        expect![[r#"
            HTTP/1.1 400 Bad Request
            content-type: application/json
            content-length: 69

            {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}
        "#]],
    );
    check(
        &post("/2018-06-01/runtime/init/error", "{\"errorType\":\"E\"}"),
        expect![[r#"
            HTTP/1.1 202 Accepted
            content-type: application/json
            content-length: 16

            {"status":"OK"}
        "#]],
    );
}

#[test]
fn an_event_and_its_answer_pipelined() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        client.send(NEXT).await;
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        client.deliver("id-1", "{\"a\":1}");
        expect![[r#"
            HTTP/1.1 200 OK
            content-type: application/json
            lambda-runtime-aws-request-id: id-1
            lambda-runtime-deadline-ms: 1700000000000
            lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:f
            lambda-runtime-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0
            content-length: 7

            {"a":1}"#]]
        .assert_eq(&client.receive().await);

        let mut both = post("/2018-06-01/runtime/invocation/id-1/response", "\"ok\"").into_bytes();
        both.extend_from_slice(NEXT);
        client.send(&both).await;
        client.until(Port::is_answered).await;
        assert_eq!(
            client.port.take_answer(),
            Some(Outcome::Response { body: Bytes::from_static(b"\"ok\"") })
        );
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        client.deliver("id-2", "{}");
        assert!(client.receive().await.starts_with("HTTP/1.1 202 Accepted"));
        assert!(client.receive().await.contains("lambda-runtime-aws-request-id: id-2"));
    });
}

#[test]
fn a_second_next_gets_the_same_event() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        client.send(NEXT).await;
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        client.deliver("id-1", "{\"a\":1}");
        let first = client.receive().await;
        client.send(NEXT).await;
        assert_eq!(client.receive().await, first);
    });
}

#[test]
fn a_late_post_is_kept_apart_from_the_running_invocation() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        for id in ["id-1", "id-2"] {
            client.send(NEXT).await;
            client.until(|port| port.inner.borrow().state == State::Ready).await;
            client.deliver(id, "{}");
            client.receive().await;
            if id == "id-1" {
                client.send(post("/2018-06-01/runtime/invocation/id-1/response", "1").as_bytes()).await;
                client.receive().await;
            }
        }
        let late = post("/2018-06-01/runtime/invocation/id-1/error", "{\"errorType\":\"Late\"}");
        client.send(late.as_bytes()).await;
        assert!(client.receive().await.starts_with("HTTP/1.1 400"));
        let stale = client.port.take_stale();
        assert_eq!((stale[0].request_id.as_str(), stale[0].error_type.as_deref()), ("id-1", Some("Late")));

        client.send(post("/2018-06-01/runtime/invocation/id-2/response", "2").as_bytes()).await;
        client.receive().await;
        client.until(Port::is_answered).await;
        assert_eq!(client.port.take_answer(), Some(Outcome::Response { body: Bytes::from_static(b"2") }));
    });
}

#[test]
fn an_answer_beyond_the_limit_is_drained_and_refused() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        client.send(NEXT).await;
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        client.deliver("id-1", "{}");
        client.receive().await;
        let body = "x".repeat(MAX_PAYLOAD + 1);
        client.send(post("/2018-06-01/runtime/invocation/id-1/response", &body).as_bytes()).await;
        expect![[r#"
            HTTP/1.1 413 Payload Too Large
            content-type: application/json
            content-length: 110

            {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}
        "#]]
        .assert_eq(&client.receive().await);
        assert_eq!(client.port.take_answer(), Some(Outcome::ResponseTooLarge { size: MAX_PAYLOAD + 1 }));
    });
}

#[test]
fn chunked_bodies_with_trailers_and_large_headers_are_read() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        client.send(NEXT).await;
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        client.deliver("id-1", "{}");
        client.receive().await;
        // X-Ray causes of up to 1 MiB travel in a header.
        let cause = "c".repeat(1 << 20);
        let request = format!(
            "POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1\r\nHost: x\r\n\
             Lambda-Runtime-Function-Error-Type: Function.Go\r\nLambda-Runtime-Function-XRay-Error-Cause: {cause}\r\n\
             Transfer-Encoding: chunked\r\nTrailer: T\r\n\r\n\
             9\r\n{{\"errorMe\r\n9\r\nssage\":0}}\r\n0\r\nT: v\r\n\r\n"
        );
        client.send(request.as_bytes()).await;
        assert!(client.receive().await.starts_with("HTTP/1.1 202"), "accepted");
        let Some(Outcome::FunctionError { error_type, body }) = client.port.take_answer() else {
            panic!("an error was posted")
        };
        assert_eq!(error_type, "Function.Go");
        assert_eq!(body, Bytes::from_static(b"{\"errorMessage\":0}"));
    });
}
