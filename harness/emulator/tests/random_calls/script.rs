//! Scripts of well-formed calls on a few connections. Each answer is compared with the model's.

use std::collections::BTreeMap;

use bytes::Bytes;
use evfuzz_emulator::{Invoke, MAX_PAYLOAD, Outcome, ResponseMode, SnapStart};

use crate::client::{Answer, Connection, Served};
use crate::model::{Model, Names, Stage};
use crate::random::Random;

/// How many calls of each kind were made.
pub(crate) type Kinds = BTreeMap<&'static str, u64>;

const RUNTIME: &str = "/2018-06-01/runtime";

struct Script<'a> {
    random: &'a mut Random,
    served: Served,
    connections: Vec<Connection>,
    /// The connection on which `/next` waits.
    waiting: Option<usize>,
    model: Model,
    deliveries: u64,
    snap_start: SnapStart,
    made: u64,
    kinds: &'a mut Kinds,
}

/// Plays one script. The number of calls, or what went wrong.
pub(crate) async fn run(random: &mut Random, kinds: &mut Kinds) -> Result<u64, String> {
    let snap_start = if random.once_in(4) { SnapStart::On } else { SnapStart::Off };
    let served = Served::start(snap_start).await;
    let mut connections = Vec::new();
    for _ in 0..1 + random.below(3) {
        connections.push(served.connect().await);
    }
    let calls = 20 + random.below(300);
    let mut script = Script {
        random,
        served,
        connections,
        waiting: None,
        model: Model::new(),
        deliveries: 0,
        snap_start,
        made: 0,
        kinds,
    };
    for _ in 0..calls {
        script.step().await?;
    }
    Ok(script.made)
}

impl Script<'_> {
    async fn step(&mut self) -> Result<(), String> {
        if self.served.api.borrow().is_ready() != self.model.ready() {
            return Err(format!("ready: {}, the model: {:?}", !self.model.ready(), self.model));
        }
        match self.random.below(20) {
            0..=5 => self.next().await,
            6..=9 => self.deliver().await,
            10..=14 => self.answer().await,
            15 => self.init_error().await,
            16 => self.restore().await,
            17 => self.plain().await,
            18 => self.extension().await,
            _ => {
                // Another connection in the place of one that does not wait.
                let index = self.free();
                if let Some(index) = index {
                    self.connections[index] = self.served.connect().await;
                }
                Ok(())
            }
        }
    }

    /// A connection that does not wait.
    fn free(&mut self) -> Option<usize> {
        let free: Vec<usize> = (0..self.connections.len()).filter(|it| Some(*it) != self.waiting).collect();
        (!free.is_empty()).then(|| *self.random.pick(&free))
    }

    /// Sends one request, perhaps in pieces, and reads its answer.
    async fn call(&mut self, kind: &'static str, index: usize, bytes: Vec<u8>) -> Result<Answer, String> {
        self.send(kind, index, &bytes).await?;
        let is_head = bytes.starts_with(b"HEAD ");
        let answer = self.connections[index].receive(is_head).await;
        answer.ok_or_else(|| format!("{kind}: the connection was closed"))
    }

    async fn send(&mut self, kind: &'static str, index: usize, bytes: &[u8]) -> Result<(), String> {
        self.made += 1;
        *self.kinds.entry(kind).or_default() += 1;
        let pieces = if self.random.once_in(8) { 2 + self.random.below(4) } else { 1 };
        let mut rest = bytes;
        for _ in 1..pieces {
            let (piece, more) = rest.split_at(self.random.below(rest.len() + 1));
            self.connections[index].send(piece).await.map_err(|error| format!("{kind}: {error}"))?;
            tokio::task::yield_now().await;
            rest = more;
        }
        self.connections[index].send(rest).await.map_err(|error| format!("{kind}: {error}"))
    }

    async fn next(&mut self) -> Result<(), String> {
        let Some(index) = self.free() else { return Ok(()) };
        let bytes = request("GET", &format!("{RUNTIME}/invocation/next"), &[], b"");
        match self.model.next() {
            Some(status) => {
                let answer = self.call("next, answered at once", index, bytes).await?;
                expect("next", status, &answer)?;
                if status == 200 {
                    self.check_event(&answer, self.model.taken.clone().map(|(id, _)| id))?;
                }
                Ok(())
            }
            // Two that wait: which one is served is not said.
            None if self.waiting.is_some() => Ok(()),
            None => {
                self.model.stage = Stage::Waiting;
                self.model.taken = None;
                self.send("next", index, &bytes).await?;
                if let Some(id) = self.model.pending.take() {
                    let answer = self.received(index, "next").await?;
                    return self.took(&answer, id);
                }
                self.waiting = Some(index);
                self.until("it waits", |api| api.is_waiting()).await
            }
        }
    }

    async fn deliver(&mut self) -> Result<(), String> {
        if !self.model.ready() || self.model.pending.is_some() {
            return Ok(());
        }
        self.deliveries += 1;
        let id = format!("id-{}", self.deliveries);
        let event = format!("{{\"number\":{}}}", self.deliveries);
        self.served.api.borrow().deliver(&id, 1, Invoke::from(Bytes::from(event)));
        if self.random.once_in(10) && self.waiting.is_none() {
            self.served.api.borrow().withdraw();
            return Ok(());
        }
        match self.waiting.take() {
            Some(index) => {
                let answer = self.received(index, "next").await?;
                self.took(&answer, id)
            }
            None => {
                self.model.pending = Some(id);
                Ok(())
            }
        }
    }

    async fn received(&mut self, index: usize, what: &str) -> Result<Answer, String> {
        let answer = self.connections[index].receive(false).await;
        answer.ok_or_else(|| format!("{what}: the connection was closed"))
    }

    fn took(&mut self, answer: &Answer, id: String) -> Result<(), String> {
        expect("next", 200, answer)?;
        self.check_event(answer, Some(id.clone()))?;
        let nonce = answer.header("lambda-runtime-invocation-id").unwrap_or_default().to_owned();
        if self.model.taken.as_ref().is_some_and(|(_, old)| *old == nonce) || nonce.is_empty() {
            return Err(format!("the nonce {nonce:?} is not new"));
        }
        self.model.stage = Stage::Working;
        self.model.taken = Some((id, nonce));
        Ok(())
    }

    fn check_event(&self, answer: &Answer, id: Option<String>) -> Result<(), String> {
        let event = format!("{{\"number\":{}}}", self.deliveries);
        if answer.header("lambda-runtime-aws-request-id") != id.as_deref() || answer.body != event.as_bytes()
        {
            return Err(format!("not the event {id:?} {event}: {answer:?}"));
        }
        if answer.header("content-type") != Some("application/json") {
            return Err(format!("media type: {answer:?}"));
        }
        Ok(())
    }

    async fn answer(&mut self) -> Result<(), String> {
        let Some(index) = self.free() else { return Ok(()) };
        let verb = *self.random.pick(&["response", "error"]);
        let (id, nonce) = self.model.taken.clone().unwrap_or(("none".to_owned(), "none".to_owned()));
        let names =
            *self.random.pick(&[Names::Right, Names::Right, Names::Right, Names::OtherNonce, Names::OtherId]);
        let path = match names {
            Names::OtherId => {
                format!("{RUNTIME}/invocation/{}/{verb}", self.random.pick(&["id-0", "x", "%41", ""]))
            }
            Names::Right | Names::OtherNonce => format!("{RUNTIME}/invocation/{id}/{verb}"),
        };
        let mut headers: Vec<(&str, String)> = Vec::new();
        match names {
            Names::OtherNonce => headers.push(("Lambda-Runtime-Invocation-Id", "other".to_owned())),
            Names::Right if self.random.once_in(2) => headers.push(("Lambda-Runtime-Invocation-Id", nonce)),
            Names::Right | Names::OtherId => {}
        }
        let mode = *self.random.pick(&["", "", "", "streaming", "odd"]);
        if !mode.is_empty() && (mode != "odd" || self.random.once_in(4)) {
            headers.push(("Lambda-Runtime-Function-Response-Mode", mode.to_owned()));
        }
        let mode = headers
            .iter()
            .find(|(name, _)| name.ends_with("Mode"))
            .map_or("", |(_, value)| value.as_str())
            .to_owned();
        let size = match self.random.below(400) {
            0 => MAX_PAYLOAD - 1 + self.random.below(4),
            1..=10 => self.random.below(100_000),
            _ => self.random.below(300),
        };
        let body = vec![b'1'; size];
        let fails_late = verb == "response" && self.random.once_in(6);
        let chunked = fails_late || self.random.once_in(3);
        let bytes = if chunked {
            let trailers =
                if fails_late { "Lambda-Runtime-Function-Error-Type: Runtime.Late\r\n" } else { "" };
            self.chunked(&path, &headers, &body, trailers)
        } else {
            request("POST", &path, &headers, &body)
        };
        let status = self.model.answer(names);
        let kind = match status {
            202 => "answer",
            400 => "answer of an unknown id",
            410 => "answer with another nonce",
            _ => "answer out of turn",
        };
        drop(self.served.api.borrow().take_outcome());
        drop(self.served.api.borrow().take_stale());
        let answer = self.call(kind, index, bytes).await?;
        let (outcome, stale) =
            (self.served.api.borrow().take_outcome(), self.served.api.borrow().take_stale());
        if status != 202 {
            expect(kind, status, &answer)?;
            return match (outcome, stale.len()) {
                (None, 1) => Ok(()),
                other => Err(format!("{kind}: {other:?}")),
            };
        }
        let streaming = mode == "streaming" && verb == "response";
        let expected = match (verb, &outcome) {
            ("response", Some(Outcome::InvalidResponseMode { .. })) if mode == "odd" => 400,
            (_, Some(Outcome::ResponseTooLarge { size: seen })) if size > MAX_PAYLOAD && !streaming => {
                if *seen != size {
                    return Err(format!("{seen} bytes were seen of {size}"));
                }
                413
            }
            ("response", Some(Outcome::FunctionError { report, sent: Some(sent) }))
                if fails_late && mode != "odd" =>
            {
                if report.fatal_type != "Runtime.Late" || sent.size != size {
                    return Err(format!("late error: {report:?}"));
                }
                202
            }
            ("response", Some(Outcome::Response(sent))) if !fails_late && mode != "odd" => {
                let seen = if sent.mode == ResponseMode::Streaming { "streaming" } else { "" };
                if sent.size != size || sent.body.len() != size.min(MAX_PAYLOAD) || seen != mode {
                    return Err(format!("{} bytes, {seen:?}, of {size}, {mode:?}", sent.size));
                }
                202
            }
            ("error", Some(Outcome::FunctionError { report, sent: None })) if size <= MAX_PAYLOAD => {
                if report.body.len() != size {
                    return Err(format!("{} bytes of {size}", report.body.len()));
                }
                202
            }
            other => {
                return Err(format!("{verb}, mode {mode:?}, {size} bytes, late {fails_late}: {other:?}"));
            }
        };
        self.model.stage = if expected == 400 { Stage::Stuck } else { Stage::Done };
        expect(kind, expected, &answer)
    }

    fn chunked(&mut self, path: &str, headers: &[(&str, String)], body: &[u8], trailers: &str) -> Vec<u8> {
        let mut head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = format!("{head}Trailer: Lambda-Runtime-Function-Error-Type\r\n\r\n").into_bytes();
        let mut rest = body;
        while !rest.is_empty() {
            let most = if body.len() > 10_000 { body.len() } else { 40 };
            let (chunk, more) = rest.split_at(1 + self.random.below(rest.len().min(most)));
            bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend(b"\r\n");
            rest = more;
        }
        bytes.extend(format!("0\r\n{trailers}\r\n").into_bytes());
        bytes
    }

    async fn init_error(&mut self) -> Result<(), String> {
        // It ends the script's more interesting part, so seldom while that has not begun.
        if self.model.stage == Stage::Fresh && !self.random.once_in(10) {
            return Ok(());
        }
        let Some(index) = self.free() else { return Ok(()) };
        let status = self.model.init_error();
        let answer = self
            .call("init error", index, request("POST", &format!("{RUNTIME}/init/error"), &[], b"{}"))
            .await?;
        expect("init error", status, &answer)
    }

    async fn restore(&mut self) -> Result<(), String> {
        let Some(index) = self.free() else { return Ok(()) };
        let error = self.random.once_in(4);
        let (method, path) = if error { ("POST", "error") } else { ("GET", "next") };
        let status = match (self.snap_start, error, self.model.stage) {
            (SnapStart::Off, ..) => 404,
            (SnapStart::On, false, Stage::Fresh) => {
                self.model.stage = Stage::Restored;
                200
            }
            (SnapStart::On, true, Stage::Restored) => {
                self.model.stage = Stage::RestoreBroken;
                202
            }
            (SnapStart::On, ..) => 403,
        };
        let answer = self
            .call("restore", index, request(method, &format!("{RUNTIME}/restore/{path}"), &[], b""))
            .await?;
        expect("restore", status, &answer)
    }

    async fn plain(&mut self) -> Result<(), String> {
        let Some(index) = self.free() else { return Ok(()) };
        let (method, path, status) = *self.random.pick(&[
            ("GET", "/2018-06-01/ping", 200),
            ("HEAD", "/2018-06-01/ping", 405),
            ("POST", "/2018-06-01/runtime/invocation/next", 405),
            ("GET", "/2018-06-01/runtime/init/error", 405),
            ("GET", "/", 404),
            ("PUT", "/2022-07-01/telemetry", 202),
            ("PUT", "/2020-08-15/logs", 202),
            ("GET", "/2026-01-15/metadata/execution-environment", 401),
            ("DELETE", "/2026-01-15/metadata/execution-environment", 405),
            ("GET", "/2021-04-23/credentials", 404),
        ]);
        let answer = self.call("plain", index, request(method, path, &[], b"")).await?;
        expect(path, status, &answer)
    }

    /// Extensions that nobody is: those that register would be waited for.
    async fn extension(&mut self) -> Result<(), String> {
        let Some(index) = self.free() else { return Ok(()) };
        let unknown = ("Lambda-Extension-Identifier", "11111111-1111-4111-8111-111111111111".to_owned());
        let bytes = match self.random.below(4) {
            0 => request("GET", "/2020-01-01/extension/event/next", &[unknown], b""),
            1 => request("POST", "/2020-01-01/extension/init/error", &[unknown], b"{}"),
            2 => request("POST", "/2020-01-01/extension/exit/error", &[], b"{}"),
            _ => request("POST", "/2020-01-01/extension/register", &[], b"{}"),
        };
        let answer = self.call("extension", index, bytes).await?;
        expect("extension", 403, &answer)
    }

    async fn until(
        &self,
        what: &str,
        happened: impl Fn(&evfuzz_emulator::RuntimeApi) -> bool,
    ) -> Result<(), String> {
        for _ in 0..1_000_000 {
            if happened(&self.served.api.borrow()) {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
        Err(format!("never: {what}"))
    }
}

fn request(method: &str, path: &str, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if matches!(method, "POST" | "PUT") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn expect(what: &str, status: u16, answer: &Answer) -> Result<(), String> {
    if answer.status == status { Ok(()) } else { Err(format!("{what}: expected {status}, got {answer:?}")) }
}
