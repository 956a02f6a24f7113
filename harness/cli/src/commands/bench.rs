//! `evfuzz bench`: the emulator against a bare hyper server, with the same client on the same core.
//!
//! Three set-ups take turns within each round, so that a machine that changes its speed changes
//! it for all of them: a bare server that answers constants, the emulator, and the emulator with
//! the exec watch off. Ratios are what counts; absolute numbers belong to the machine.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use evfuzz_emulator::{Environment, FunctionSpec, ScratchFate};
use evfuzz_runtimes::{FunctionMeta, World};
use evfuzz_sandbox::{BarrierWish, IsolationWish, Keeper, Limits, OnWeak, Process, WatchWish};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::function;
use crate::args::{BenchArgs, FunctionArgs, SizeArgs};
use crate::exit::{Exit, Failure, causes};
use crate::report::text::to_stdout;

const EVENT: &[u8] = br#"{"queryStringParameters":{"a":"1"}}"#;

/// Prints one row per round and the medians.
pub(super) fn bench(args: &BenchArgs) -> Result<Exit, Failure> {
    let core = pin()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("cannot start: {error}")))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, measure(args, core))?;
    Ok(Exit::Clean)
}

fn pin() -> Result<usize, Failure> {
    let failed = |error: rustix::io::Errno| Failure::environment(format!("cannot pin to a core: {error}"));
    let allowed = rustix::thread::sched_getaffinity(None).map_err(failed)?;
    let core = (0..rustix::thread::CpuSet::MAX_CPU)
        .find(|core| allowed.is_set(*core))
        .ok_or_else(|| Failure::environment("no core to run on"))?;
    let mut only = rustix::thread::CpuSet::new();
    only.set(core);
    rustix::thread::sched_setaffinity(None, &only).map_err(failed)?;
    Ok(core)
}

async fn measure(args: &BenchArgs, core: usize) -> Result<(), Failure> {
    let run_dir = evfuzz_engine::Session::run_dir()?;
    let size = SizeArgs::default();
    let function_args = FunctionArgs {
        handler: None,
        runtime: None,
        env: Vec::new(),
        timeout: None,
        init_timeout: None,
        size,
    };
    let target = function::find(&args.path, &function_args, run_dir.path())?;
    let credentials = evfuzz_runtimes::Credentials {
        access_key_id: "bench".to_owned(),
        secret_access_key: "bench".to_owned(),
        session_token: "bench".to_owned(),
    };
    let keeper = |watch: WatchWish, name: &str| -> Result<Keeper, Failure> {
        let wish = IsolationWish {
            barriers: BarrierWish::Auto,
            watch,
            weak: OnWeak::Refuse,
            landlock_abi_at_most: None,
        };
        let folder = run_dir.path().join(name);
        std::fs::create_dir_all(&folder).map_err(|error| Failure::environment(format!("{name}: {error}")))?;
        Keeper::start(&function::keeper_program()?, &folder, wish)
            .map_err(|error| Failure::environment(causes(&error)))
    };
    let clients = evfuzz_engine::Session::clients_dir(run_dir.path());
    evfuzz_runtimes::install_clients(&clients)
        .map_err(|error| Failure::environment(format!("cannot write {}: {error}", clients.display())))?;
    let watched = keeper(WatchWish::Auto, "watched")?;
    let unwatched = keeper(WatchWish::Off, "unwatched")?;
    let own_files = watched.isolation().barriers.has_own_files();
    let placed = target.place(if own_files { World::Lambda } else { World::Host });
    let meta = FunctionMeta::new(&target.name, credentials);
    let env = evfuzz_runtimes::environment(&target, &placed, &meta);
    let spec = Rc::new(FunctionSpec {
        target,
        placed,
        env,
        timeout: Duration::from_secs(10),
        init_timeout: Duration::from_secs(10),
        function_arn: "arn:aws:lambda:us-east-1:123456789012:function:bench".to_owned(),
        scratch_root: run_dir.path().join("scratch"),
        scratch: ScratchFate::Removed,
        canaries: None,
        limits: Limits::default(),
        core: Some(core),
    });
    let engine = evfuzz_engine::EngineError::from;
    let mut full = Environment::start(&watched, &spec, 1, spec.init_timeout).map_err(engine)?;
    let mut bare_watch = Environment::start(&unwatched, &spec, 2, spec.init_timeout).map_err(engine)?;
    let bare = BareServer::start(&unwatched, &spec)?;
    for environment in [&mut full, &mut bare_watch] {
        if let Err(failure) = environment.wait_ready().await {
            let failure = Box::new(failure);
            return Err(evfuzz_engine::EngineError::CannotInitialize { failure }.into());
        }
    }
    to_stdout(&format!(
        "{} on core {core}, events per second:\n round   bare server   emulator   ratio   watch off   watch costs\n",
        spec.target.runtime
    ));
    let mut ratios = Vec::new();
    let mut costs = Vec::new();
    for round in 0..=args.rounds {
        let server = bare.rate(args.time).await;
        let emulator = rate(&mut full, args.time).await?;
        let off = rate(&mut bare_watch, args.time).await?;
        // The first round warms up caches and compilers.
        if round == 0 {
            continue;
        }
        ratios.push(emulator / server);
        costs.push(1.0 - emulator / off);
        to_stdout(&format!(
            "{round:6} {server:13.0} {emulator:10.0} {:6.1}% {off:11.0} {:12.1}%\n",
            100.0 * emulator / server,
            100.0 * (1.0 - emulator / off)
        ));
    }
    to_stdout(&format!(
        "median: the emulator reaches {:.1}% of a bare server; the exec watch costs {:.1}%\n",
        100.0 * median(&mut ratios),
        100.0 * median(&mut costs)
    ));
    full.close().await;
    bare_watch.close().await;
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

async fn rate(environment: &mut Environment, time: Duration) -> Result<f64, Failure> {
    let started = Instant::now();
    let mut events = 0_u32;
    while started.elapsed() < time {
        if let Err(failure) = environment.wait_ready().await {
            let failure = Box::new(failure);
            return Err(evfuzz_engine::EngineError::CannotInitialize { failure }.into());
        }
        if environment.invoke(Bytes::from_static(EVENT).into()).await.is_err() {
            return Err(Failure::environment("the function ended during the measurement"));
        }
        events += 1;
    }
    Ok(f64::from(events) / started.elapsed().as_secs_f64())
}

/// The least that can serve a Runtime API client: constants, no state, no process to watch.
struct BareServer {
    gate: Rc<Gate>,
    _process: Process,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Gate {
    open: Cell<bool>,
    opened: Notify,
    events: Cell<u32>,
}

impl BareServer {
    fn start(keeper: &Keeper, spec: &FunctionSpec) -> Result<BareServer, Failure> {
        let scratch = spec.scratch_root.join("bare");
        let failed = |error: std::io::Error| Failure::environment(format!("cannot serve: {error}"));
        std::fs::create_dir_all(&scratch).map_err(failed)?;
        let mut process =
            keeper.spawn(&spec.process(scratch)).map_err(|error| Failure::environment(causes(&error)))?;
        let listener = process.take_listener().ok_or_else(|| Failure::environment("no listener"))?;
        listener.set_nonblocking(true).map_err(failed)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        let gate = Rc::new(Gate::default());
        let mut serving = JoinSet::new();
        serving.spawn_local(serve(listener, Rc::clone(&gate)));
        Ok(BareServer { gate, _process: process, _serving: serving })
    }

    async fn rate(&self, time: Duration) -> f64 {
        self.gate.events.set(0);
        self.gate.open.set(true);
        self.gate.opened.notify_waiters();
        let started = Instant::now();
        tokio::time::sleep(time).await;
        self.gate.open.set(false);
        f64::from(self.gate.events.get()) / started.elapsed().as_secs_f64()
    }
}

async fn serve(listener: tokio::net::TcpListener, gate: Rc<Gate>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Only speed suffers without it.
        drop(stream.set_nodelay(true));
        let gate = Rc::clone(&gate);
        open.spawn_local(async move {
            let service = hyper::service::service_fn(move |request| {
                let gate = Rc::clone(&gate);
                async move { Ok::<_, Infallible>(constant(request, &gate).await) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .pipeline_flush(true)
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(served);
        });
    }
}

async fn constant(request: Request<Incoming>, gate: &Gate) -> Response<Full<Bytes>> {
    if request.method() == Method::POST {
        // Only whole answers count, as in the emulator.
        drop(request.into_body().collect().await);
        gate.events.set(gate.events.get() + 1);
        let mut reply = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}\n")));
        *reply.status_mut() = StatusCode::ACCEPTED;
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return reply;
    }
    while !gate.open.get() {
        gate.opened.notified().await;
    }
    let mut reply = Response::new(Full::new(Bytes::from_static(EVENT)));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "1893456000000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}
