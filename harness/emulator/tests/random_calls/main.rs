//! Random scripts of calls against one Runtime API: every answer of well-formed sequential calls is predicted by a model of
//! its own, and of everything else it is checked that nothing panics, hangs, grows or leaves the model.
//!
//! `EVFUZZ_FULL=1` makes ten million requests (use `--release`). `EVFUZZ_RNG_SEED` names the first script: a failure tells the
//! seed of its script.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy knows test functions, but not what stands between them"
)]

mod call;
mod check;
mod counts;
mod draw;
mod extensions;
mod junk;
mod known;
mod link;
mod model;
mod rng;
mod sequential;
mod storm;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use evfuzz_emulator::SnapStart;

use counts::Counts;
use draw::Sizes;
use rng::Rng;
use world::World;

/// Requests that the project promises.
const FULL: u64 = 10_000_000;
const FEW: u64 = 30_000;

/// A script that takes longer hangs without ever waiting. It has some hundred requests.
const SCRIPT_PATIENCE: Duration = Duration::from_secs(180);

/// Memory of all scripts and their servers together. Six connections hold a body of the largest size each, at both ends.
const MOST_MEMORY: u64 = 1 << 30;

fn is_full() -> bool {
    std::env::var_os("EVFUZZ_FULL").is_some_and(|value| value == "1")
}

#[test]
fn nothing_that_is_sent_panics_hangs_or_leaves_the_model() {
    let first = match std::env::var("EVFUZZ_RNG_SEED") {
        Ok(number) => number.parse().expect("EVFUZZ_RNG_SEED is a number"),
        Err(_) => 1,
    };
    let (budget, threads) = if is_full() { (FULL, 2) } else { (FEW, 1) };
    let sizes = Sizes { huge: 10_000 };
    let (script, requests) = (AtomicU64::new(first), AtomicU64::new(0));
    let begun = Instant::now();
    let mut total = Counts::default();
    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..threads {
            let tell = tell.clone();
            let (script, requests) = (&script, &requests);
            scope.spawn(move || {
                while requests.load(Ordering::Relaxed) < budget {
                    let rng_seed = script.fetch_add(1, Ordering::Relaxed);
                    let counts = play(rng_seed, sizes);
                    requests.fetch_add(counts.requests, Ordering::Relaxed);
                    tell.send(counts).expect("the test waits for its threads");
                }
            });
        }
        drop(tell);
        loop {
            match told.recv_timeout(SCRIPT_PATIENCE) {
                Ok(counts) => total.join(&counts),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    // The thread cannot be ended from here, and the scope would wait for it.
                    println!(
                        "a script hangs: one of the {threads} before {}",
                        script.load(Ordering::Relaxed)
                    );
                    std::process::abort();
                }
            }
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    println!("{total} in {seconds:.0} s, {:.0} a second", total.requests as f64 / seconds);
    let peak = peak_memory();
    println!("{} MiB of memory at the most", peak >> 20);
    assert!(peak < MOST_MEMORY, "{peak} bytes of memory");
    // Else the scripts do not do what they are for.
    assert!(total.requests >= budget);
    for (kind, least) in
        [("response", 10), ("(deliveries)", 20), ("(outcomes)", 20), ("(broken request)", 50)]
    {
        assert!(total.of(kind) * least > total.requests / 10, "hardly any: {kind}");
    }
}

/// The largest memory that this process has had: proc_pid_status(5), `VmHWM`.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// Plays the script that `rng_seed` names.
fn play(rng_seed: u64, sizes: Sizes) -> Counts {
    let played = catch_unwind(AssertUnwindSafe(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (mut rng, mut counts) = (Rng::new(rng_seed), Counts::default());
            if rng.one_in(3) {
                storm::play(&mut rng, &mut counts, sizes).await;
            } else {
                sequential::play(&mut rng, &mut counts, sizes).await;
            }
            World::new(SnapStart::Off).await.known_good(&mut rng).await;
            counts
        })
    }));
    played.unwrap_or_else(|panic| {
        println!("repeat this script with EVFUZZ_RNG_SEED={rng_seed}");
        resume_unwind(panic)
    })
}
