//! `evfuzz bench`: the emulator against a bare hyper server, and against other emulators, with the same client on the same
//! core.
//!
//! All take turns within each round, so that a machine that changes its speed changes it for all of them. Ratios are what
//! counts; absolute numbers belong to the machine.

mod bare;
mod beside;
mod worker;

use std::rc::Rc;
use std::time::Duration;

use evfuzz_emulator::{Environment, FunctionSpec};
use evfuzz_engine::{EngineError, Session, event_loop};
use evfuzz_sandbox::{BarrierWish, IsolationWish, OnWeak, WatchWish};
use serde_json::json;

use self::bare::BareServer;
use self::beside::Beside;
use self::worker::{Sample, Worker, once, rate};
use super::function::{self, Opened};
use crate::args::{BenchArgs, Format};
use crate::exit::{Exit, Failure};
use crate::report::output::{Reader, reader, to_stderr, to_stdout};

/// Compact, as an identity function returns it.
const EVENT: &[u8] = br#"{"queryStringParameters":{"a":"1"}}"#;

/// Prints one row per round and the medians.
pub(super) fn bench(args: &BenchArgs) -> Result<Exit, Failure> {
    let cores = cores()?;
    pin(cores[0])?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&event_loop()?, measure(args, &cores))?;
    Ok(Exit::Clean)
}

fn cores() -> Result<Vec<usize>, Failure> {
    let failed = |error: rustix::io::Errno| Failure::environment(format!("cannot list the cores: {error}"));
    let allowed = rustix::thread::sched_getaffinity(None).map_err(failed)?;
    let cores: Vec<usize> =
        (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    if cores.is_empty() { Err(Failure::environment("no core to run on")) } else { Ok(cores) }
}

fn pin(core: usize) -> Result<(), Failure> {
    let mut only = rustix::thread::CpuSet::new();
    only.set(core);
    rustix::thread::sched_setaffinity(None, &only)
        .map_err(|error| Failure::environment(format!("cannot pin to core {core}: {error}")))
}

/// The function that is measured, in a sandbox of its own.
struct Function {
    session: Session,
    spec: Rc<FunctionSpec>,
}

impl Function {
    fn open(args: &BenchArgs, watch: WatchWish, core: usize) -> Result<Function, Failure> {
        let wish = IsolationWish {
            barriers: BarrierWish::Auto,
            watch,
            weak: OnWeak::Refuse,
            landlock_abi_at_most: None,
        };
        let Opened { session, .. } = function::open(&args.path, &args.function, wish, None)?;
        let mut spec = session.spec(Some(core));
        // One process takes all events, however long that takes.
        (spec.limits.cpu, spec.limits.lifetime) = (None, None);
        Ok(Function { session, spec: Rc::new(spec) })
    }

    /// The same with an observer in its process, if there is one for its runtime.
    fn start_observed(&self, id: u64) -> Result<Environment, Failure> {
        let spec = Rc::new(self.session.observed(FunctionSpec::clone(&self.spec)));
        let started = Environment::start(self.session.keeper(), &spec, id, spec.init_timeout);
        Ok(started.map_err(EngineError::from)?)
    }

    fn start(&self, id: u64) -> Result<Environment, Failure> {
        let started = Environment::start(self.session.keeper(), &self.spec, id, self.spec.init_timeout);
        Ok(started.map_err(EngineError::from)?)
    }
}

/// One round of measurements, in events per second.
struct Round {
    bare: f64,
    emulator: Sample,
    unwatched: f64,
    observed: f64,
    /// Two workers on two cores, together.
    both: Option<f64>,
    beside: Option<f64>,
}

async fn measure(args: &BenchArgs, cores: &[usize]) -> Result<(), Failure> {
    let watched = Function::open(args, WatchWish::Auto, cores[0])?;
    let mut full = watched.start(1)?;
    if let Some(count) = args.soak {
        return soak(args.format, &mut full, count).await;
    }
    let unwatched = Function::open(args, WatchWish::Off, cores[0])?;
    let mut without_watch = unwatched.start(2)?;
    let mut observed = watched.start_observed(4)?;
    let bare = BareServer::start(unwatched.session.keeper(), &unwatched.spec)?;
    let second = cores.get(1).map(|core| {
        Worker::start(watched.session.keeper().clone(), FunctionSpec::clone(&watched.spec), *core, 3)
    });
    let mut beside = match &args.beside {
        Some(url) => Some(Beside::connect(url).await?),
        None => None,
    };
    let text = args.format == Format::Text;
    if text {
        to_stdout(&format!("{} on core {}, events per second:\n", watched.spec.target.runtime, cores[0]));
        to_stdout(
            " round   bare server   emulator   ratio   watch off   observed   two workers   other emulator\n",
        );
    }
    let mut rounds = Vec::new();
    for number in 0..=args.rounds {
        let round = Round {
            bare: bare.rate(args.time).await,
            emulator: rate(&mut full, args.time).await?,
            unwatched: rate(&mut without_watch, args.time).await?.per_second,
            observed: rate(&mut observed, args.time).await?.per_second,
            both: match &second {
                Some(second) => {
                    second.begin(args.time);
                    let first = rate(&mut full, args.time).await?.per_second;
                    Some(first + second.result()?.per_second)
                }
                None => None,
            },
            beside: match &mut beside {
                Some(beside) => Some(beside.rate(args.time).await?),
                None => None,
            },
        };
        // The first round warms up caches and compilers.
        if number == 0 {
            continue;
        }
        if text {
            to_stdout(&row(number, &round));
        }
        if reader() == Reader::Gone {
            break;
        }
        rounds.push(round);
    }
    let summary = Summary::of(&rounds);
    match args.format {
        Format::Text => to_stdout(&summary.text()),
        Format::Json => to_stdout(&format!("{}\n", summary.json(&watched.spec.target.runtime.id()))),
    }
    full.close().await;
    without_watch.close().await;
    observed.close().await;
    Ok(())
}

fn row(number: usize, round: &Round) -> String {
    let optional = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |it| format!("{it:.0}"));
    format!(
        "{number:6} {:13.0} {:10.0} {:6.1}% {:11.0} {:10.0} {:>13} {:>16}\n",
        round.bare,
        round.emulator.per_second,
        100.0 * round.emulator.per_second / round.bare,
        round.unwatched,
        round.observed,
        optional(round.both),
        optional(round.beside),
    )
}

/// Medians over all rounds.
struct Summary {
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
    of_bare: f64,
    watch_costs: f64,
    observer_costs: f64,
    both_of_one: Option<f64>,
    of_beside: Option<f64>,
    memory_mb: f64,
}

impl Summary {
    fn of(rounds: &[Round]) -> Summary {
        let over = |value: &dyn Fn(&Round) -> Option<f64>| {
            let mut values: Vec<f64> = rounds.iter().filter_map(value).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        let rate = |round: &Round| round.emulator.per_second;
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let always = |value: &dyn Fn(&Round) -> f64| over(&|round| Some(value(round))).unwrap_or(f64::NAN);
        Summary {
            per_second: always(&rate),
            p50_us: always(&|round| micros(round.emulator.p50)),
            p99_us: always(&|round| micros(round.emulator.p99)),
            of_bare: always(&|round| rate(round) / round.bare),
            watch_costs: always(&|round| 1.0 - rate(round) / round.unwatched),
            observer_costs: always(&|round| 1.0 - round.observed / rate(round)),
            both_of_one: over(&|round| Some(round.both? / rate(round))),
            of_beside: over(&|round| Some(rate(round) / round.beside?)),
            memory_mb: memory_mb(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "median: {:.0} events per second, {:.0} µs each, 99 of 100 within {:.0} µs; evfuzz itself uses {:.0} MB\n\
             the emulator reaches {:.1}% of a bare server; the exec watch costs {:.1}%, an observer {:.1}%\n",
            self.per_second,
            self.p50_us,
            self.p99_us,
            self.memory_mb,
            100.0 * self.of_bare,
            100.0 * self.watch_costs,
            100.0 * self.observer_costs
        );
        if let Some(both) = self.both_of_one {
            text.push_str(&format!("two workers on two cores are {both:.2} times as fast as one\n"));
        }
        if let Some(beside) = self.of_beside {
            text.push_str(&format!("it is {beside:.2} times as fast as the other emulator\n"));
        }
        text
    }

    fn json(&self, runtime: &str) -> serde_json::Value {
        json!({
            "type": "bench",
            "runtime": runtime,
            "per_second": self.per_second,
            "p50_us": self.p50_us,
            "p99_us": self.p99_us,
            "of_bare_server": self.of_bare,
            "watch_costs": self.watch_costs,
            "observer_costs": self.observer_costs,
            "two_workers_of_one": self.both_of_one,
            "times_other_emulator": self.of_beside,
            "memory_mb": self.memory_mb,
        })
    }
}

/// Delivers `count` events, and says what memory evfuzz itself uses meanwhile.
async fn soak(format: Format, environment: &mut Environment, count: u64) -> Result<(), Failure> {
    let step = (count / 10).max(1);
    let mut first = None;
    for number in 1..=count {
        once(environment).await?;
        if number % step == 0 {
            let used = memory_mb();
            first.get_or_insert(used);
            to_stderr(&format!("{number} events: {used:.1} MB\n"));
        }
    }
    let (first, last) = (first.unwrap_or_default(), memory_mb());
    match format {
        Format::Text => to_stdout(&format!(
            "evfuzz itself used {first:.1} MB after a tenth of {count} events, and {last:.1} MB at the end\n"
        )),
        Format::Json => to_stdout(&format!(
            "{}\n",
            json!({ "type": "soak", "events": count, "memory_mb_at_first": first, "memory_mb": last })
        )),
    }
    Ok(())
}

/// Resident memory of this process. proc(5), `VmRSS`.
fn memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) / 1024.0
}
