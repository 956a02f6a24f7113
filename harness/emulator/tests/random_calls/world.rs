//! One Runtime API with its clients, all on one thread: nothing moves except while somebody waits in [`World::until`].

use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use evfuzz_emulator::{ApiConfig, Invoke, Outcome, RuntimeApi, SnapStart};
use tokio::net::TcpListener;

use crate::link::{Answer, AnswerTo, Link};
use crate::model::LIMIT;
use crate::rng::Rng;

/// A safety net: what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections that are served at a time.
const MOST_CONNECTIONS: usize = 128;

pub(crate) const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

pub(crate) struct World {
    pub(crate) api: RuntimeApi,
    pub(crate) address: SocketAddr,
    /// `None`: closed by the client.
    pub(crate) links: Vec<Option<Link>>,
    /// Whether the API has told of anything since this was last reset.
    pub(crate) happened: bool,
}

impl World {
    pub(crate) async fn new(snap_start: SnapStart) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = ApiConfig {
            hold_after_refusal: std::time::Duration::ZERO,
            function_arn: ARN.to_owned(),
            function_name: "f".to_owned(),
            function_version: "$LATEST".to_owned(),
            handler: "app.handler".to_owned(),
            account_id: "123456789012".to_owned(),
            metadata_token: "token".to_owned(),
            snap_start,
        };
        World { api: RuntimeApi::new(listener, config), address, links: Vec::new(), happened: false }
    }

    /// Opens a connection. Returns its index.
    pub(crate) async fn open(&mut self) -> usize {
        let link = Link::open(self.address).await;
        match self.links.iter().position(Option::is_none) {
            Some(free) => {
                self.links[free] = Some(link);
                free
            }
            None => {
                self.links.push(Some(link));
                self.links.len() - 1
            }
        }
    }

    pub(crate) fn link(&mut self, index: usize) -> &mut Link {
        self.links[index].as_mut().expect("the connection is open")
    }

    pub(crate) fn open_links(&self) -> usize {
        self.links.iter().flatten().filter(|it| it.end.is_none()).count()
    }

    /// Serves, writes and reads until `condition` yields something.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut condition: impl FnMut(&mut World) -> Option<T>,
    ) -> T {
        let begun = Instant::now();
        let happens = poll_fn(|cx| {
            // After news it wants to be called again.
            if self.api.poll(cx) {
                self.happened = true;
                cx.waker().wake_by_ref();
            }
            for link in self.links.iter_mut().flatten() {
                link.poll(cx);
            }
            condition(self).map_or(Poll::Pending, Poll::Ready)
        });
        match tokio::time::timeout(PATIENCE, happens).await {
            // What is seen only because the time is up has woken nobody.
            Ok(found) if begun.elapsed() < PATIENCE => found,
            Ok(_) => panic!("wakes nobody: {what}"),
            Err(_) => panic!(
                "hangs: {what}; the server has {} connections, its clients {}",
                self.api.connections(),
                self.open_links()
            ),
        }
    }

    /// Lets everything go on for a few turns.
    pub(crate) async fn turns(&mut self, count: usize) {
        let mut left = count;
        poll_fn(|cx| {
            self.happened |= self.api.poll(cx);
            for link in self.links.iter_mut().flatten() {
                link.poll(cx);
            }
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        assert!(self.api.connections() <= MOST_CONNECTIONS);
    }

    /// The answer on one connection, or `None` if the connection ended before.
    pub(crate) async fn answer(&mut self, index: usize, to: AnswerTo, what: &str) -> Option<Answer> {
        self.until(what, |world| {
            let link = world.link(index);
            match link.answer(to) {
                Some(answer) => Some(Some(answer)),
                None => link.end.map(|_| None),
            }
        })
        .await
    }

    /// Waits until the server serves as many connections as are open here.
    pub(crate) async fn settle(&mut self) {
        self.until("the server closes and accepts what its clients do", |world| {
            (world.api.connections() == world.open_links()).then_some(())
        })
        .await;
    }

    /// What an official client does, on a connection of its own, and what comes of it.
    pub(crate) async fn known_good(&mut self, rng: &mut Rng) {
        let link = self.open().await;
        let id = format!("{:016x}-good", rng.number());
        self.link(link)
            .send([b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()]);
        self.until("the runtime waits for its event", |world| world.api.is_waiting().then_some(())).await;
        assert!(self.api.is_ready(), "the runtime waits and no extension works");
        self.api.deliver(&id, 1_700_000_000_000, Invoke::from(Bytes::from_static(b"{\"good\":1}")));
        let event = self.answer(link, AnswerTo::Other, "an event is taken").await.expect("an event");
        assert_eq!((event.status, &event.body[..]), (200, &b"{\"good\":1}"[..]), "{}", event.text());
        let nonce = event.header("lambda-runtime-invocation-id").expect("a nonce").to_owned();
        self.link(link).send([format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: x\r\n\
             Lambda-Runtime-Invocation-Id: {nonce}\r\nContent-Length: 4\r\n\r\ngood\
             GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        .into_bytes()]);
        for status in [202, 200] {
            let answer = self.answer(link, AnswerTo::Other, "a good post is answered").await;
            assert_eq!(answer.map(|it| it.status), Some(status));
        }
        match self.api.take_outcome() {
            Some(Outcome::Response(answer)) => assert_eq!(&answer.body[..], b"good"),
            other => panic!("a good answer has become {other:?}"),
        }
        self.links[link] = None;
    }
}

/// What holds of every outcome, whatever was posted.
pub(crate) fn check_bounds(outcome: &Outcome) {
    let kept = match outcome {
        Outcome::Response(answer) => {
            assert_eq!(answer.body.len(), answer.size.min(LIMIT));
            answer.body.len()
        }
        Outcome::FunctionError { report, sent } => {
            let sent = sent.as_ref().map_or(0, |it| it.body.len());
            assert!(report.xray_cause.as_ref().is_none_or(|it| it.len() <= 64 << 10));
            report.body.len().max(sent)
        }
        Outcome::InitError(report) => report.body.len(),
        Outcome::ResponseTooLarge { size } => {
            assert!(*size > LIMIT);
            0
        }
        Outcome::TruncatedResponse { .. } | Outcome::InvalidResponseMode { .. } => 0,
        other => panic!("no post can become {other:?}"),
    };
    assert!(kept <= LIMIT, "{kept} bytes are kept");
}
