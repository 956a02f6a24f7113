//! Scripts of anything on several connections at once. Not each answer is predicted, but what must hold whatever comes.

use std::collections::HashMap;

use bytes::Bytes;
use evfuzz_emulator::{Invoke, Outcome, SnapStart};

use crate::call::{Call, Verb, What};
use crate::check::{check_event, error};
use crate::counts::Counts;
use crate::draw::{self, Past, Sizes};
use crate::junk;
use crate::link::{Answer, AnswerTo};
use crate::model::{Delivered, Model, Phase, STALE, STALE_BODY};
use crate::rng::Rng;
use crate::sequential::draw_event;
use crate::world::{World, check_bounds};

/// Longest name, of whatever kind, that a post may leave behind.
const MOST_NAME: usize = 64 << 10;

struct Storm<'s> {
    rng: &'s mut Rng,
    counts: &'s mut Counts,
    sizes: Sizes,
    world: World,
    /// What the runtime would think: makes sensible calls likely. Nothing is compared with it.
    guess: Model,
    delivered: HashMap<String, Delivered>,
    ids: Vec<String>,
    nonces: Vec<String>,
    /// Connections on which nothing but well-formed calls were sent: what is broken may take what follows for its body.
    clean: Vec<bool>,
    /// Of twenty requests so many are broken.
    broken: usize,
    /// For whom each response with a mark of its own was sent.
    marks: Vec<String>,
    /// Whether anybody has sent the id of the newest delivery.
    named: bool,
    /// Outcomes since the newest delivery.
    outcomes: usize,
    /// Whether an outcome was seen after which the runtime gets no event.
    is_over: bool,
}

/// Plays one script.
pub(crate) async fn play(rng: &mut Rng, counts: &mut Counts, sizes: Sizes) {
    let snap_start = if rng.one_in(4) { SnapStart::On } else { SnapStart::Off };
    let mut storm = Storm {
        world: World::new(snap_start).await,
        guess: Model::new(snap_start == SnapStart::On),
        rng,
        counts,
        sizes,
        delivered: HashMap::new(),
        ids: Vec::new(),
        nonces: Vec::new(),
        clean: Vec::new(),
        broken: 0,
        marks: Vec::new(),
        named: false,
        outcomes: 0,
        is_over: false,
    };
    let links = 1 + storm.rng.below(6);
    for _ in 0..links {
        storm.world.open().await;
    }
    storm.clean = vec![true; links];
    storm.broken = if storm.rng.one_in(3) { 0 } else { 3 };
    for _ in 0..if storm.rng.one_in(4) { 300 } else { 100 } {
        let link = storm.rng.below(links);
        storm.client(link).await;
        let turns = storm.rng.below(4);
        storm.world.turns(turns).await;
        storm.invoker();
        storm.read();
    }
    storm.end().await;
}

impl Storm<'_> {
    /// A client sends something or goes away.
    async fn client(&mut self, link: usize) {
        let ended = self.world.links[link].as_ref().is_none_or(|it| it.end.is_some());
        if ended || self.rng.one_in(60) {
            if let Some(old) = self.world.links[link].take()
                && self.rng.one_in(2)
            {
                old.reset();
            }
            let fresh = crate::link::Link::open(self.world.address).await;
            self.world.links[link] = Some(fresh);
            self.clean[link] = true;
        }
        if self.rng.one_in(80) {
            self.world.link(link).half_close();
            return;
        }
        let mut bytes = Vec::new();
        for _ in 0..1 + self.rng.below(3) {
            let kind = self.rng.below(20);
            let request = if kind < self.broken {
                self.counts.call("(broken request)");
                self.clean[link] = false;
                let request = self.draw().encode(self.rng);
                junk::broken(self.rng, request)
            } else if kind == 19 && self.broken > 0 {
                self.counts.call("(bytes)");
                self.clean[link] = false;
                junk::bytes(self.rng, self.sizes.huge / 10)
            } else {
                let mut call = self.draw();
                self.counts.call(call.kind());
                if self.clean[link] {
                    self.mark(&mut call);
                }
                call.encode(self.rng)
            };
            bytes.extend_from_slice(&request);
        }
        if let Some(id) = self.ids.last() {
            self.named |= bytes.windows(id.len()).any(|it| it == id.as_bytes());
        }
        let pieces = junk::cut(self.rng, bytes);
        self.world.link(link).send(pieces);
    }

    fn draw(&mut self) -> Call {
        loop {
            let past = Past { ids: &self.ids, nonces: &self.nonces };
            let call = draw::call(self.rng, &self.guess, &past, self.sizes);
            // Whoever reads does not know which answers have no bodies.
            if !matches!(
                call.what,
                What::WrongMethod { method: "HEAD", .. } | What::Unknown { method: "HEAD", .. }
            ) {
                return call;
            }
        }
    }

    /// Notes for whom a response was sent, in its body.
    fn mark(&mut self, call: &mut Call) {
        let What::Post { verb: Verb::Response, id, .. } = &call.what else { return };
        let mark = format!("mark {};", self.marks.len());
        if call.body.bytes.len() >= mark.len() {
            call.body.bytes[..mark.len()].copy_from_slice(mark.as_bytes());
            self.marks.push(id.clone());
        }
    }

    fn invoker(&mut self) {
        if self.world.api.is_ready() && self.rng.one_in(2) {
            if self.world.api.is_answered() {
                // A delivery forgets it, and it may be the last of its kind.
                self.take_outcome();
            }
            let delivered = draw_event(self.rng);
            let invoke = Invoke {
                event: Bytes::from(delivered.event.clone()),
                client_context: delivered.client_context.clone(),
                trace_id: delivered.trace_id.clone(),
                ..Invoke::default()
            };
            self.counts.add("(deliveries)");
            self.world.api.deliver(&delivered.id, delivered.deadline_ms, invoke);
            self.guess.current = Some(delivered.clone());
            self.guess.phase = Phase::Running;
            self.ids.push(delivered.id.clone());
            self.delivered.insert(delivered.id.clone(), delivered);
            (self.named, self.outcomes) = (false, 0);
        }
        if self.rng.one_in(2) {
            self.take_outcome();
        }
        if self.rng.one_in(50) {
            self.world.api.withdraw();
            self.guess.phase = Phase::Waiting;
        }
        if self.rng.one_in(20) {
            let stale = self.world.api.take_stale();
            assert!(stale.len() <= STALE);
            for post in stale {
                let names = post.request_id.len() + post.error_type.map_or(0, |it| it.len());
                assert!(post.body.len() <= STALE_BODY && names <= 2 * MOST_NAME);
            }
        }
    }

    fn take_outcome(&mut self) {
        let Some(outcome) = self.world.api.take_outcome() else { return };
        self.counts.add("(outcomes)");
        check_bounds(&outcome);
        self.outcomes += 1;
        assert!(self.outcomes == 1, "a second outcome of one delivery: {outcome:?}");
        self.guess.phase = Phase::Answered;
        match &outcome {
            Outcome::InitError(_) => {
                assert!(self.ids.is_empty(), "an init error after an event");
                self.is_over = true;
                return;
            }
            Outcome::InvalidResponseMode { .. } => self.is_over = true,
            Outcome::Response(answer) => {
                let mark =
                    answer.body.strip_prefix(b"mark ").and_then(|it| it.split(|it| *it == b';').next());
                let mark = mark.and_then(|it| std::str::from_utf8(it).ok()?.parse::<usize>().ok());
                if let Some(mark) = mark {
                    self.counts.add("(outcomes traced to their requests)");
                    assert_eq!(Some(&self.marks[mark]), self.ids.last(), "an answer of another invocation");
                }
            }
            _ => {}
        }
        assert!(self.named, "an outcome although nobody has named the invocation: {outcome:?}");
    }

    fn read(&mut self) {
        for index in 0..self.world.links.len() {
            while let Some(answer) =
                self.world.links[index].as_mut().and_then(|it| it.answer(AnswerTo::Other))
            {
                self.counts.add("(answers in storms)");
                self.check(&answer);
            }
        }
    }

    fn check(&mut self, answer: &Answer) {
        let known = match answer.status {
            202 if answer.body == b"{\"status\":\"OK\"}\n" => true,
            200 => match answer.header("lambda-runtime-aws-request-id") {
                Some(id) => {
                    let delivered = self.delivered.get(id).expect("only what was delivered arrives");
                    check_event(answer, delivered);
                    let nonce = answer.header("lambda-runtime-invocation-id").expect("checked").to_owned();
                    if delivered.nonce.get().is_none() {
                        assert!(!self.nonces.contains(&nonce), "the nonce {nonce} was given out twice");
                        self.nonces.push(nonce.clone());
                        delivered.nonce.set(nonce).expect("it was empty");
                    }
                    true
                }
                None => {
                    if let Some(id) = answer.header("lambda-extension-identifier")
                        && self.guess.extensions.ids().count() < 3
                    {
                        // For calls to come; refusals of the guess do not matter.
                        let guess =
                            self.guess.extensions.register(id, false, crate::call::Registration::Invoke);
                        if let crate::model::Expected::Registered(index, _) = guess {
                            self.guess.extensions.is_named(index, id);
                        }
                    }
                    true
                }
            },
            202 | 403 | 410 | 413 => {
                let (error_type, _) = error(answer);
                self.known_error(answer.status, &error_type)
            }
            // The last is what hyper says of what it cannot read.
            400 => answer.body.is_empty() || self.known_error(400, &error(answer).0),
            401 => answer.body == b"Unauthorized\n",
            404 => answer.body == b"404 page not found\n",
            405 => match answer.header("allow") {
                Some(allowed) => matches!(allowed, "GET" | "POST" | "PUT"),
                None => matches!(&answer.body[..], b"" | b"Method Not Allowed\n"),
            },
            // Head or target too long.
            414 | 431 => answer.body.is_empty(),
            _ => false,
        };
        assert!(known, "no answer of this API: {}", answer.text());
    }

    fn known_error(&mut self, status: u16, error_type: &str) -> bool {
        match status {
            202 => matches!(error_type, "Logs.NotSupported" | "Telemetry.NotSupported"),
            400 => matches!(
                error_type,
                "InvalidRequestID" | "TruncatedHTTPRequest" | "InvalidFunctionResponseMode"
            ),
            403 => {
                matches!(error_type, "InvalidStateTransition" | "InvalidRequestFormat")
                    || error_type.starts_with("Extension.")
            }
            410 => error_type == "InvokeTimeout",
            _ => error_type == "RequestEntityTooLarge",
        }
    }

    /// All clients go away; then the API is as good as one that has seen nothing else.
    async fn end(mut self) {
        self.read();
        self.world.links.clear();
        let link = self.world.open().await;
        self.world.link(link).send([b"GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()]);
        let pong = self.world.answer(link, AnswerTo::Other, "ping after a storm").await.expect("an answer");
        assert_eq!(pong.body, b"pong");
        self.counts.call("ping");
        let is_alone = self.is_alone().await;
        self.take_outcome();
        if !is_alone {
            // The next event may be for one that is gone.
            return self.counts.add("(storms that left a connection behind)");
        }
        self.counts.call("next");
        let next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
        self.world.happened = false;
        self.world.link(link).send([next.as_bytes().to_vec()]);
        let answer = self
            .world
            .until("next after a storm", |world| {
                let answer = world.link(link).answer(AnswerTo::Other);
                if answer.is_some() { Some(answer) } else { world.happened.then_some(None) }
            })
            .await;
        if let Some(answer) = answer {
            self.check(&answer);
            if answer.status == 403 {
                assert!(self.is_over, "refused without a reason: {}", answer.text());
                return;
            }
            let id = answer.header("lambda-runtime-aws-request-id").expect("an event").to_owned();
            self.answer_last(link, &id).await;
        }
        assert!(!self.is_over, "an event after an outcome that ends all");
        if self.world.api.is_ready() {
            self.world.known_good(self.rng).await;
        }
    }

    /// Whether the server has noticed that all others are gone. It cannot while one waits for an event and has sent more
    /// than the system takes in: its end is behind that.
    async fn is_alone(&mut self) -> bool {
        for _ in 0..1_000 {
            if self.world.api.connections() == self.world.open_links() {
                return true;
            }
            self.world.turns(1).await;
        }
        false
    }

    /// An event that was on its way when the storm ended is answered as if nothing had been.
    async fn answer_last(&mut self, link: usize, id: &str) {
        self.counts.call("response");
        self.named = true;
        let post = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nlast"
        );
        self.world.link(link).send([post.into_bytes()]);
        let answer = self.world.answer(link, AnswerTo::Other, "the last post").await.expect("an answer");
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.take_outcome();
        assert_eq!(self.outcomes, 1);
    }
}
