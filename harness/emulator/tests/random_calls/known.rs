//! What random scripts have found or rarely hit, each as the shortest script that shows it.

use std::future::Future;

use bytes::Bytes;
use evfuzz_emulator::{Invoke, Outcome, SnapStart};

use crate::link::AnswerTo;
use crate::model::LIMIT;
use crate::world::World;

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
const PING: &str = "GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n";

fn on_a_thread<F: Future<Output = ()>>(steps: F) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(steps);
}

async fn send(world: &mut World, link: usize, request: &str) {
    world.link(link).send([request.as_bytes().to_vec()]);
    world.until("it is sent", |world| world.link(link).is_sent().then_some(())).await;
}

/// The status of the next answer.
async fn status(world: &mut World, link: usize) -> Option<u16> {
    world.answer(link, AnswerTo::Other, "an answer").await.map(|it| it.status)
}

/// A world in which one connection has got the event `id`.
async fn running() -> (World, usize) {
    let mut world = World::new(SnapStart::Off).await;
    let link = world.open().await;
    send(&mut world, link, NEXT).await;
    world.until("the runtime waits", |world| world.api.is_waiting().then_some(())).await;
    world.api.deliver("id", 1, Invoke::from(Bytes::from_static(b"{}")));
    assert_eq!(status(&mut world, link).await, Some(200));
    (world, link)
}

#[test]
fn an_answer_does_not_wait_for_the_rest_of_the_next_request() {
    on_a_thread(async {
        let (mut world, link) = running().await;
        // RFC 9112, 2.2: an empty line after a body is to be ignored.
        for rest in ["\r\n", "GET /2018-"] {
            send(&mut world, link, &format!("{PING}{rest}")).await;
            assert_eq!(status(&mut world, link).await, Some(200), "{rest:?}");
        }
    });
}

#[test]
fn an_answer_does_not_wait_for_a_call_behind_it_that_waits() {
    on_a_thread(async {
        let mut world = World::new(SnapStart::Off).await;
        let link = world.open().await;
        send(&mut world, link, &format!("{PING}{NEXT}{PING}")).await;
        assert_eq!(status(&mut world, link).await, Some(200));
    });
}

#[test]
fn what_is_wrong_behind_a_call_does_not_cost_its_answer() {
    on_a_thread(async {
        let (mut world, link) = running().await;
        let post = "POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1";
        send(&mut world, link, &format!("{post}no HTTP\r\n\r\n")).await;
        assert_eq!(status(&mut world, link).await, Some(202));
        assert_eq!(status(&mut world, link).await, Some(400));
        assert_eq!(status(&mut world, link).await, None);
    });
}

#[test]
fn a_body_that_nobody_asked_for_costs_no_answer() {
    on_a_thread(async {
        let mut world = World::new(SnapStart::Off).await;
        let link = world.open().await;
        for (path, expected) in [
            ("POST /nowhere", 404),
            ("POST /2018-06-01/ping", 405),
            ("POST /2018-06-01/runtime/restore/error", 404),
            ("PUT /2022-07-01/telemetry", 202),
            ("POST /2020-01-01/extension/exit/error", 403),
        ] {
            let chunked = format!("{path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            send(&mut world, link, &format!("{chunked}1\r\na\r\n")).await;
            send(&mut world, link, &format!("2\r\nbc\r\n0\r\n\r\n{PING}")).await;
            assert_eq!(status(&mut world, link).await, Some(expected), "{path}");
            assert_eq!(status(&mut world, link).await, Some(200), "{path}");
        }
    });
}

#[test]
fn a_post_counts_although_its_client_closes_at_once() {
    on_a_thread(async {
        let id = "invocation/id/response";
        let chunked = "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        let length = "Content-Length: 2\r\n\r\n{}";
        for (path, body) in [(id, chunked), (id, length), ("init/error", chunked), ("init/error", length)] {
            let (mut world, link) = if path == id {
                running().await
            } else {
                let mut world = World::new(SnapStart::Off).await;
                let link = world.open().await;
                (world, link)
            };
            let request = format!("POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\n{body}");
            // Both arrive before the server looks.
            send(&mut world, link, &request).await;
            world.links[link] = None;
            world.until("an outcome", |world| world.api.is_answered().then_some(())).await;
            match world.api.take_outcome() {
                Some(Outcome::Response(answer)) if path == id => assert_eq!(&answer.body[..], b"{}"),
                Some(Outcome::InitError(report)) if path != id => assert_eq!(&report.body[..], b"{}"),
                other => panic!("{path} has become {other:?}"),
            }
            world.settle().await;
        }
    });
}

#[test]
fn an_answer_that_stops_being_http_is_truncated() {
    on_a_thread(async {
        for (rest, closes) in [("no chunk\r\n", false), ("0\r\nno trailer\r\n\r\n", false), ("", true)] {
            let (mut world, link) = running().await;
            let head = "POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
            send(&mut world, link, &format!("{head}3\r\nabc\r\n{rest}")).await;
            if closes {
                world.links[link] = None;
            }
            world.until("an outcome", |world| world.api.is_answered().then_some(())).await;
            match world.api.take_outcome() {
                Some(Outcome::TruncatedResponse { size: 3 }) => assert!(world.api.is_ready()),
                other => panic!("a broken answer has become {other:?}"),
            }
        }
    });
}

#[test]
fn whoever_is_gone_gets_no_event_and_registers_nothing() {
    on_a_thread(async {
        let mut world = World::new(SnapStart::Off).await;
        let register = world.open().await;
        let request = "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: x\r\nLambda-Extension-Name: e\r\nContent-Length: 9\r\n\r\n{}";
        send(&mut world, register, request).await;
        world.links[register] = None;
        world.settle().await;

        // Input that nobody reads keeps the end from being seen, whether it comes with the call or later.
        for (at_once, later) in [("\r\n", ""), ("", "\r\n")] {
            let waiting = world.open().await;
            world.happened = false;
            send(&mut world, waiting, &format!("{NEXT}{at_once}")).await;
            world.until("the runtime waits", |world| world.happened.then_some(())).await;
            send(&mut world, waiting, later).await;
            world.turns(20).await;
            world.links[waiting] = None;
            world.settle().await;
        }
        assert!(world.api.is_ready(), "no extension keeps it waiting");
        world.known_good(&mut crate::rng::Rng::new(0)).await;
    });
}

/// Random sizes rarely hit it.
#[test]
fn the_limit_of_an_answer_is_exact() {
    on_a_thread(async {
        for (size, expected) in [(LIMIT, 202), (LIMIT + 1, 413)] {
            let (mut world, link) = running().await;
            let head = format!(
                "POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
            );
            send(&mut world, link, &head).await;
            send(&mut world, link, &"x".repeat(size)).await;
            assert_eq!(status(&mut world, link).await, Some(expected), "{size}");
            match world.api.take_outcome() {
                Some(Outcome::Response(answer)) if size == LIMIT => assert_eq!(answer.body.len(), size),
                Some(Outcome::ResponseTooLarge { size: found }) if size > LIMIT => assert_eq!(found, size),
                other => panic!("{size} bytes have become {other:?}"),
            }
        }
    });
}
