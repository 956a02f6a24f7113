//! The Runtime API on a real socket, spoken to byte by byte.

use std::rc::Rc;

use bytes::Bytes;
use expect_test::{Expect, expect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;
use crate::MAX_PAYLOAD;
use crate::outcome::{Answer, ResponseMode, StaleCause};

/// A client, and the API that it talks to, served in the background.
struct Client {
    port: Rc<Port>,
    address: std::net::SocketAddr,
    stream: TcpStream,
    serving: JoinSet<()>,
}

fn config() -> ApiConfig {
    ApiConfig {
        function_arn: "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
        function_name: "f".to_owned(),
        function_version: "$LATEST".to_owned(),
        handler: "app.handler".to_owned(),
        account_id: "123456789012".to_owned(),
        metadata_token: "token".to_owned(),
        hold_after_refusal: std::time::Duration::ZERO,
        snap_start: SnapStart::Off,
    }
}

impl Client {
    async fn connect() -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut api = RuntimeApi::new(listener, config());
        let port = Rc::clone(&api.port);
        let mut serving = JoinSet::new();
        serving.spawn_local(async move {
            loop {
                api.happenings().await;
            }
        });
        let stream = TcpStream::connect(address).await.unwrap();
        Client { port, address, stream, serving }
    }

    /// One more connection to the same API.
    async fn another(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        Client { port: Rc::clone(&self.port), address: self.address, stream, serving: JoinSet::new() }
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
        let event = Bytes::from_static(event.as_bytes());
        self.port.deliver(request_id, 1_700_000_000_000, Invoke::from(event));
    }

    /// Takes an event, and returns the answer to `/next`.
    async fn take(&mut self, invoke: Invoke) -> String {
        self.send(NEXT).await;
        self.until(|port| port.inner.borrow().state == State::Ready).await;
        self.port.deliver("id-1", 1_700_000_000_000, invoke);
        self.receive().await
    }

    fn outcome(&self) -> Option<Outcome> {
        self.port.inner.borrow_mut().outcome.take()
    }

    fn is_answered(port: &Port) -> bool {
        port.inner.borrow().outcome.is_some()
    }

    fn stale(&self) -> Vec<StalePost> {
        std::mem::take(&mut self.port.inner.borrow_mut().stale)
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

/// What a post without a media type means.
fn answered(body: &'static [u8]) -> Outcome {
    Outcome::Response(Answer { content_type: None, ..Answer::whole(Bytes::from_static(body)) })
}

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
            Content-Type: text/plain; charset=utf-8
            Content-Length: 4

            pong"#]],
    );
    check(
        &post("/2018-06-01/runtime/invocation/next", ""),
        expect![[r#"
            HTTP/1.1 405 Method Not Allowed
            Allow: GET
            Content-Length: 0

        "#]],
    );
    check(
        "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        expect![[r#"
            HTTP/1.1 404 Not Found
            Content-Type: text/plain; charset=utf-8
            X-Content-Type-Options: nosniff
            Content-Length: 19

            404 page not found
        "#]],
    );
    check(
        &post("/2018-06-01/runtime/invocation/unknown/response", "{}"),
        expect![[r#"
            HTTP/1.1 400 Bad Request
            Content-Type: application/json
            Content-Length: 69

            {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}
        "#]],
    );
    check(
        &post("/2018-06-01/runtime/init/error", "{\"errorType\":\"E\"}"),
        expect![[r#"
            HTTP/1.1 202 Accepted
            Content-Type: application/json
            Content-Length: 16

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
            Content-Type: application/json
            Lambda-Runtime-Aws-Request-Id: id-1
            Lambda-Runtime-Invocation-Id: 9e3779b9-7f4a-47c1-8000-000000000001
            Lambda-Runtime-Deadline-Ms: 1700000000000
            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:f
            Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0
            Content-Length: 7

            {"a":1}"#]]
        .assert_eq(&client.receive().await);

        let mut both = post("/2018-06-01/runtime/invocation/id-1/response", "\"ok\"").into_bytes();
        both.extend_from_slice(NEXT);
        client.send(&both).await;
        client.until(Client::is_answered).await;
        assert_eq!(client.outcome(), Some(answered(b"\"ok\"")));
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        client.deliver("id-2", "{}");
        assert!(client.receive().await.starts_with("HTTP/1.1 202 Accepted"));
        assert!(client.receive().await.contains("Lambda-Runtime-Aws-Request-Id: id-2"));
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
        let stale = client.stale();
        assert_eq!((stale[0].request_id.as_str(), stale[0].error_type.as_deref()), ("id-1", Some("Late")));
        assert_eq!(stale[0].cause, StaleCause::Late);

        for id in ["id-2", "id-2", "id-3"] {
            client.send(post(&format!("/2018-06-01/runtime/invocation/{id}/response"), "2").as_bytes()).await;
            client.receive().await;
        }
        client.until(Client::is_answered).await;
        assert_eq!(client.outcome(), Some(answered(b"2")));
        let causes: Vec<_> = client.stale().into_iter().map(|it| (it.request_id, it.cause)).collect();
        let expected = [("id-2", StaleCause::Double), ("id-3", StaleCause::UnknownId)];
        assert_eq!(causes, expected.map(|(id, cause)| (id.to_owned(), cause)));
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
            HTTP/1.1 413 Request Entity Too Large
            Content-Type: application/json
            Content-Length: 110

            {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}
        "#]]
        .assert_eq(&client.receive().await);
        assert_eq!(client.outcome(), Some(Outcome::ResponseTooLarge { size: MAX_PAYLOAD + 1 }));
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
        let Some(Outcome::FunctionError { report, sent: None }) = client.outcome() else {
            panic!("an error was posted")
        };
        assert_eq!((report.error_type.as_str(), report.fatal_type.as_str()), ("Function.Go", "Function.Go"));
        assert_eq!(report.body, Bytes::from_static(b"{\"errorMessage\":0}"));
        assert_eq!(report.xray_cause, None, "this cause is no JSON");
    });
}

#[test]
fn a_streamed_answer_and_one_that_fails_midway() {
    on_a_shard(async {
        for (trailers, failed) in [
            ("", false),
            // {"errorType":"Late"} in base64.
            (
                "Lambda-Runtime-Function-Error-Type: Runtime.Late\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJMYXRlIn0=\r\n",
                true,
            ),
        ] {
            let mut client = Client::connect().await;
            client.take(Invoke::from(Bytes::from_static(b"{}"))).await;
            let request = format!(
                "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\n\
                 Content-Type: text/plain\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\
                 Transfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n\r\n\
                 3\r\nabc\r\n3\r\ndef\r\n0\r\n{trailers}\r\n"
            );
            client.send(request.as_bytes()).await;
            assert!(client.receive().await.starts_with("HTTP/1.1 202"));
            let sent = Answer {
                body: Bytes::from_static(b"abcdef"),
                size: 6,
                content_type: Some("text/plain".to_owned()),
                mode: ResponseMode::Streaming,
            };
            match client.outcome() {
                Some(Outcome::FunctionError { report, sent: part }) if failed => {
                    assert_eq!(
                        (report.error_type.as_str(), report.fatal_type.as_str()),
                        ("Late", "Runtime.Late")
                    );
                    assert_eq!(part, Some(sent));
                }
                other => assert_eq!(other, Some(Outcome::Response(sent)), "{trailers}"),
            }
        }
    });
}

#[test]
fn an_unknown_mode_ends_the_runtime_s_life() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        client.take(Invoke::from(Bytes::from_static(b"{}"))).await;
        let request = "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\n\
                       Lambda-Runtime-Function-Response-Mode: Buffered\r\nContent-Length: 2\r\n\r\n{}";
        client.send(request.as_bytes()).await;
        assert!(client.receive().await.contains("InvalidFunctionResponseMode"));
        assert_eq!(client.outcome(), Some(Outcome::InvalidResponseMode { mode: "Buffered".to_owned() }));
        let mut client = client.another().await;
        client.send(NEXT).await;
        assert!(client.receive().await.contains("from InvocationResponse to Ready"));
    });
}

#[test]
fn what_travels_beside_the_event_is_told_in_headers() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        let invoke = Invoke {
            event: Bytes::from_static(b"{}"),
            client_context: Some("{\"custom\":{\"k\":\"\u{e4}\"}}".to_owned()),
            cognito_identity: Some(
                "{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}".to_owned(),
            ),
            tenant_id: Some("tenant".to_owned()),
            trace_id: Some("Root=1-0-0;Sampled=1".to_owned()),
        };
        let answer = client.take(invoke).await;
        for expected in [
            "Lambda-Runtime-Client-Context: {\"custom\":{\"k\":\"\u{e4}\"}}\n",
            "Lambda-Runtime-Cognito-Identity: {\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}\n",
            "Lambda-Runtime-Aws-Tenant-Id: tenant\n",
            "Lambda-Runtime-Trace-Id: Root=1-0-0;Sampled=1\n",
        ] {
            assert!(answer.contains(expected), "{expected} is missing in {answer}");
        }
    });
}

#[test]
fn an_answer_with_the_nonce_of_another_delivery_is_gone() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        let answer = client.take(Invoke::from(Bytes::from_static(b"{}"))).await;
        let nonce =
            answer.lines().find_map(|line| line.strip_prefix("Lambda-Runtime-Invocation-Id: ")).unwrap();
        let with = |nonce: &str| {
            format!(
                "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\n\
                 Lambda-Runtime-Invocation-Id: {nonce}\r\nContent-Length: 1\r\n\r\n1"
            )
        };
        client.send(with("00000000-0000-4000-8000-000000000000").as_bytes()).await;
        assert!(client.receive().await.starts_with("HTTP/1.1 410"));
        assert_eq!(client.outcome(), None);
        assert_eq!(client.stale()[0].cause, StaleCause::OtherDelivery);
        client.send(with(nonce).as_bytes()).await;
        assert!(client.receive().await.starts_with("HTTP/1.1 202"));
        assert_eq!(client.outcome(), Some(answered(b"1")));
    });
}

#[test]
fn extensions_get_the_invocation_too() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        let mut extension = client.another().await;
        let request = "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: x\r\nLambda-Extension-Name: e\r\n\
                       Lambda-Extension-Accept-Feature: accountId\r\nContent-Length: 21\r\n\r\n{\"events\":[\"INVOKE\"]}";
        extension.send(request.as_bytes()).await;
        let registered = extension.receive().await;
        assert!(registered.ends_with(
            "{\"accountId\":\"123456789012\",\"functionName\":\"f\",\"functionVersion\":\"$LATEST\",\"handler\":\"app.handler\"}\n"
        ), "{registered}");
        let id =
            registered.lines().find_map(|line| line.strip_prefix("Lambda-Extension-Identifier: ")).unwrap();
        client.send(NEXT).await;
        client.until(|port| port.inner.borrow().state == State::Ready).await;
        assert!(!client.port.inner.borrow().extensions.are_ready(), "it has not asked for an event");
        let next = format!(
            "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: x\r\nLambda-Extension-Identifier: {id}\r\n\r\n"
        );
        extension.send(next.as_bytes()).await;
        extension.until(|port| port.inner.borrow().extensions.are_ready()).await;
        client.deliver("id-1", "{}");
        client.receive().await;
        let event = extension.receive().await;
        assert!(
            event.contains("{\"eventType\":\"INVOKE\",\"deadlineMs\":1700000000000,\"requestId\":\"id-1\","),
            "{event}"
        );
    });
}

#[test]
fn the_metadata_endpoint_asks_for_its_token() {
    let get = |token: &str| {
        format!(
            "GET /2026-01-15/metadata/execution-environment HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
    };
    check(
        &get("token"),
        expect![[r#"
        HTTP/1.1 200 OK
        Content-Type: application/json
        Cache-Control: private, max-age=43200, immutable
        Content-Length: 33

        {"AvailabilityZoneID":"use1-az1"}"#]],
    );
    check(
        &get("other"),
        expect![[r#"
            HTTP/1.1 401 Unauthorized
            Content-Type: text/plain; charset=utf-8
            X-Content-Type-Options: nosniff
            Content-Length: 13

            Unauthorized
        "#]],
    );
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_an_answer() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        client.take(Invoke::from(Bytes::from_static(b"{}"))).await;
        let head = "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc";
        client.send(head.as_bytes()).await;
        let Client { port, stream, mut serving, .. } = client;
        drop(stream);
        while port.inner.borrow().outcome.is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(port.inner.borrow().outcome, Some(Outcome::TruncatedResponse { size: 3 }));
        serving.abort_all();
    });
}

#[test]
fn more_connections_than_are_served_wait_for_their_turn() {
    on_a_shard(async {
        let mut client = Client::connect().await;
        let mut others = Vec::new();
        // As many as are served, and some that the system holds back.
        for _ in 0..200 {
            others.push(TcpStream::connect(client.address).await.unwrap());
        }
        // The first one is served, whatever the others do.
        client.send(b"GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(client.receive().await.ends_with("pong"));
        let mut last = others.pop().unwrap();
        drop(others);
        last.write_all(b"GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        last.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    });
}
