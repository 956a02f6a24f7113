//! Scripts of well-formed calls, one after the other on several connections, with every answer and every outcome predicted.

use std::cell::OnceCell;
use std::rc::Rc;

use bytes::Bytes;
use evfuzz_emulator::{Invoke, SnapStart};

use crate::call::{Call, Keep, What};
use crate::check::{check_answer, check_outcome, check_stale};
use crate::counts::Counts;
use crate::draw::{self, Past, Sizes};
use crate::junk::cut;
use crate::link::AnswerTo;
use crate::model::{Delivered, Ends, Expected, Model, Phase};
use crate::rng::Rng;
use crate::world::{World, check_bounds};

/// Most connections of a script.
const LINKS: usize = 6;

/// For whom a connection waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Runtime,
    Extension(usize),
}

struct Script<'s> {
    rng: &'s mut Rng,
    counts: &'s mut Counts,
    sizes: Sizes,
    world: World,
    model: Model,
    waiting: Vec<(usize, Waits, Keep)>,
    ids: Vec<String>,
    nonces: Vec<String>,
}

/// Plays one script.
pub(crate) async fn play(rng: &mut Rng, counts: &mut Counts, sizes: Sizes) {
    let snap_start = if rng.one_in(4) { SnapStart::On } else { SnapStart::Off };
    let mut script = Script {
        world: World::new(snap_start).await,
        model: Model::new(snap_start == SnapStart::On),
        rng,
        counts,
        sizes,
        waiting: Vec::new(),
        ids: Vec::new(),
        nonces: Vec::new(),
    };
    let mut steps = 300;
    while steps > 0 {
        // Nothing but refusals is to be had from a runtime that has failed.
        steps -= if script.model.is_over() { 20.min(steps) } else { 1 };
        script.step().await;
        script.compare();
    }
}

impl Script<'_> {
    async fn step(&mut self) {
        match self.rng.below(100) {
            0..25 if self.model.is_ready() && (self.model.pending.is_none() || self.rng.one_in(5)) => {
                self.deliver().await;
            }
            25..50 if self.model.outcome.is_some() => self.take_outcome(),
            50 => self.withdraw(),
            51 | 52 => self.close().await,
            53 | 54 => check_stale(&self.world.api.take_stale(), &std::mem::take(&mut self.model.stale)),
            55 if self.model.phase == Phase::Running => self.broken_post().await,
            56 => self.broken_registration().await,
            _ => self.calls().await,
        }
    }

    /// What the invoker sees at any time.
    fn compare(&self) {
        let (api, model) = (&self.world.api, &self.model);
        let seen = (api.is_ready(), api.is_waiting(), api.is_pending(), api.is_answered());
        let phase = model.phase;
        let expected =
            (model.is_ready(), phase == Phase::Waiting, model.pending.is_some(), model.outcome.is_some());
        assert_eq!(seen, expected, "ready, waiting, pending, answered; {phase:?}");
        assert_eq!(api.connections(), self.world.open_links(), "connections");
    }

    /// A connection on which nobody waits.
    async fn free_link(&mut self) -> usize {
        let free: Vec<usize> = (0..self.world.links.len())
            .filter(|it| self.world.links[*it].is_some() && self.waiting.iter().all(|(link, ..)| link != it))
            .collect();
        let open = self.world.open_links();
        if open < LINKS && (free.is_empty() || self.rng.one_in(40)) {
            let link = self.world.open().await;
            self.world.settle().await;
            return link;
        }
        if free.is_empty() {
            // All wait: the oldest gives up.
            let (link, ..) = self.waiting.remove(0);
            self.drop_link(link).await;
            let link = self.world.open().await;
            self.world.settle().await;
            return link;
        }
        *self.rng.pick(&free)
    }

    async fn drop_link(&mut self, link: usize) {
        self.waiting.retain(|(waiting, ..)| *waiting != link);
        self.world.links[link] = None;
        self.world.settle().await;
    }

    /// Some calls in one go.
    async fn calls(&mut self) {
        let link = self.free_link().await;
        let mut bytes = Vec::new();
        let mut batch: Vec<(Call, Expected)> = Vec::new();
        let mut blocking = None;
        for _ in 0..1 + self.rng.below(6) {
            let past = Past { ids: &self.ids, nonces: &self.nonces };
            let call = draw::call(self.rng, &self.model, &past, self.sizes);
            let waited = self.model.phase == Phase::Waiting;
            let expected = self.model.call(&call);
            self.counts.call(call.kind());
            let encoded = call.encode(self.rng);
            match expected {
                Expected::Blocks if !waited => {
                    bytes.extend_from_slice(&encoded);
                    blocking = Some((Waits::Runtime, call.keep, None));
                    break;
                }
                Expected::Blocks => {
                    blocking = Some((Waits::Runtime, call.keep, Some(encoded)));
                    break;
                }
                Expected::BlocksExtension(index) => {
                    blocking = Some((Waits::Extension(index), call.keep, Some(encoded)));
                    break;
                }
                _ => {}
            }
            bytes.extend_from_slice(&encoded);
            let last = call.keep != Keep::Alive;
            batch.push((call, expected));
            if last {
                break;
            }
        }
        let pieces = cut(self.rng, bytes);
        self.world.link(link).send(pieces);
        for (call, expected) in batch {
            let to = match call.what {
                What::WrongMethod { method: "HEAD", .. } | What::Unknown { method: "HEAD", .. } => {
                    AnswerTo::Head
                }
                _ => AnswerTo::Other,
            };
            let answer = self.world.answer(link, to, call.kind()).await;
            let end = self.world.link(link).end;
            let answer =
                answer.unwrap_or_else(|| panic!("broke off ({end:?}): {call:?}, expected {expected:?}"));
            check_answer(&answer, to, &expected, &call.what);
            self.learn(&answer, &expected);
            if call.keep != Keep::Alive {
                return self.see_closed(link).await;
            }
        }
        if let Some((waits, keep, encoded)) = blocking {
            if let Some(encoded) = encoded {
                self.world.happened = false;
                let pieces = cut(self.rng, encoded);
                self.world.link(link).send(pieces);
                self.world.until("a call waits", |world| world.happened.then_some(())).await;
            } else {
                self.world.until("the runtime waits", |world| world.api.is_waiting().then_some(())).await;
            }
            self.waiting.push((link, waits, keep));
        }
        assert_eq!(self.world.link(link).unread(), 0, "more answers than calls");
    }

    /// The server closes a connection as it was asked to.
    async fn see_closed(&mut self, link: usize) {
        let ended = |world: &mut World| world.link(link).end.map(|_| ());
        self.world.until("the connection is closed as was asked", ended).await;
        self.drop_link(link).await;
    }

    /// What only the server can choose.
    fn learn(&mut self, answer: &crate::link::Answer, expected: &Expected) {
        match expected {
            Expected::Event(delivered) if delivered.nonce.get().is_none() => {
                let nonce = answer.header("lambda-runtime-invocation-id").expect("checked").to_owned();
                assert!(!self.nonces.contains(&nonce), "the nonce {nonce} was given out twice");
                delivered.nonce.set(nonce.clone()).expect("it was empty");
                self.nonces.push(nonce);
            }
            Expected::Registered(index, _) => {
                let id = answer.header("lambda-extension-identifier").expect("checked");
                self.model.extensions.is_named(*index, id);
            }
            _ => {}
        }
    }

    async fn deliver(&mut self) {
        let delivered = draw_event(self.rng);
        let invoke = Invoke {
            event: Bytes::from(delivered.event.clone()),
            client_context: delivered.client_context.clone(),
            trace_id: delivered.trace_id.clone(),
            ..Invoke::default()
        };
        self.counts.add("(deliveries)");
        self.world.api.deliver(&delivered.id, delivered.deadline_ms, invoke);
        self.ids.push(delivered.id.clone());
        self.model.deliver(delivered.clone());
        if self.rng.one_in(10) {
            // Before anybody has taken it. Extensions have been told.
            self.withdraw();
        }
        for (link, waits, keep) in self.waiting.clone() {
            let Waits::Extension(index) = waits else { continue };
            if !self.model.extensions.gets_events(index) {
                continue;
            }
            let answer = self.world.answer(link, AnswerTo::Other, "an extension gets an event").await;
            crate::check::check_extension_event(&answer.expect("an event"), &delivered);
            self.model.extensions.works(index);
            self.waiting.retain(|(waiting, ..)| *waiting != link);
            if keep != Keep::Alive {
                self.see_closed(link).await;
            }
        }
        let runtimes: Vec<(usize, Keep)> = self
            .waiting
            .iter()
            .filter(|(_, waits, _)| *waits == Waits::Runtime)
            .map(|(link, _, keep)| (*link, *keep))
            .collect();
        if self.model.pending.is_none() || runtimes.is_empty() {
            return;
        }
        let (link, keep, answer) = self
            .world
            .until("one of those who wait gets the event", |world| {
                runtimes
                    .iter()
                    .find_map(|(it, keep)| Some((*it, *keep, world.link(*it).answer(AnswerTo::Other)?)))
            })
            .await;
        let expected = Expected::Event(self.model.take());
        check_answer(&answer, AnswerTo::Other, &expected, &What::Next);
        self.learn(&answer, &expected);
        self.waiting.retain(|(waiting, ..)| *waiting != link);
        for (other, _) in runtimes {
            assert_eq!(self.world.link(other).unread(), 0, "the event went to two");
        }
        if keep != Keep::Alive {
            self.see_closed(link).await;
        }
    }

    fn withdraw(&mut self) {
        self.world.api.withdraw();
        self.model.pending = None;
    }

    fn take_outcome(&mut self) {
        let outcome = self.world.api.take_outcome();
        check_outcome(outcome.as_ref(), self.model.outcome.take().as_ref());
        if let Some(outcome) = &outcome {
            check_bounds(outcome);
        }
        self.counts.add("(outcomes)");
    }

    /// A client goes away, in one of three ways.
    async fn close(&mut self) {
        let open: Vec<usize> =
            (0..self.world.links.len()).filter(|it| self.world.links[*it].is_some()).collect();
        if open.is_empty() {
            return;
        }
        let link = *self.rng.pick(&open);
        match self.rng.below(3) {
            0 => {}
            1 => self.world.links[link].take().expect("it is open").reset(),
            _ => {
                self.world.link(link).half_close();
                let ended = |world: &mut World| world.link(link).end.map(|_| ());
                self.world.until("the server closes, too", ended).await;
            }
        }
        self.drop_link(link).await;
    }

    /// The client goes away in the middle of its answer.
    async fn broken_post(&mut self) {
        let link = self.free_link().await;
        let current = self.model.current.as_ref().expect("one runs").id.clone();
        let (sent, resets) = (self.rng.below(2_000), self.rng.one_in(2));
        let expect = if resets { "Expect: 100-continue\r\n" } else { "" };
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{current}/response HTTP/1.1\r\nHost: x\r\n{expect}Content-Length: 5000\r\n\r\n"
        );
        self.counts.call("response that breaks off");
        self.world.link(link).send([head.into_bytes()]);
        if resets {
            // Else the reset might overtake the head.
            let told = |world: &mut World| (world.link(link).unread() > 0).then_some(());
            self.world.until("the server asks for the body", told).await;
        }
        let pieces = cut(self.rng, vec![b'x'; sent]);
        self.world.link(link).send(pieces);
        self.world.until("it is sent", |world| world.link(link).is_sent().then_some(())).await;
        if resets {
            self.world.links[link].take().expect("it is open").reset();
        }
        self.model.phase = Phase::Answered;
        self.model.outcome = Some(Ends::Truncated { most: sent, exact: !resets });
        self.drop_link(link).await;
        let answered = |world: &mut World| world.api.is_answered().then_some(());
        self.world.until("the broken answer is noticed", answered).await;
    }

    /// The client goes away in the middle of a registration, and nobody is registered.
    async fn broken_registration(&mut self) {
        let link = self.free_link().await;
        self.counts.call("registration that breaks off");
        let request = "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: x\r\nLambda-Extension-Name: broken\r\nContent-Length: 50\r\n\r\n{}";
        self.world.link(link).send([request.as_bytes().to_vec()]);
        self.world.until("it is sent", |world| world.link(link).is_sent().then_some(())).await;
        self.drop_link(link).await;
    }
}

pub(crate) fn draw_event(rng: &mut Rng) -> Delivered {
    let (high, low) = (rng.number(), rng.number());
    Delivered {
        id: format!("{:08x}-{:04x}-4000-8000-{:012x}", high >> 32, high & 0xffff, low & 0xffff_ffff_ffff),
        deadline_ms: rng.number() >> 20,
        event: format!("{{\"n\":{high},\"pad\":\"{}\"}}", "p".repeat(rng.below(300))).into_bytes(),
        client_context: rng.one_in(5).then(|| "{\"custom\":{}}".to_owned()),
        trace_id: rng.one_in(5).then(|| format!("Root=1-{low:x}")),
        nonce: Rc::new(OnceCell::new()),
    }
}
