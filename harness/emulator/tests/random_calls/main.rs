//! Random calls against the Runtime API: scripts of well-formed calls whose every answer a model predicts, and storms of
//! everything else, after which the server must still be there.
//!
//! One seed decides all. `EVFUZZ_RNG_SEED` repeats a failure. `EVFUZZ_FULL=1` makes ten million requests in a release build
//! (`cargo test --release -p evfuzz-emulator --test random_calls`: a quarter of an hour), and fewer in a debug build, which is
//! ten times as slow.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stderr, reason = "tests say how much they did")]

mod client;
mod model;
mod random;
mod script;
mod storm;

use std::time::{Duration, Instant};

use random::Random;

/// A net below everything: whatever waits longer than this has hung.
const PATIENCE: Duration = Duration::from_secs(20);

fn seed() -> u64 {
    std::env::var("EVFUZZ_RNG_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(1)
}

fn requests() -> u64 {
    match std::env::var_os("EVFUZZ_FULL").is_some_and(|value| value == "1") {
        true if cfg!(debug_assertions) => 250_000,
        true => 10_000_000,
        false => 20_000,
    }
}

/// Runs `work` on a current-thread runtime, as a shard does.
fn on_a_shard<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

#[test]
fn every_answer_is_the_one_that_the_model_predicts() {
    // Nine of ten requests; the storms make the rest.
    let wanted = requests() / 10 * 9;
    let started = Instant::now();
    let mut made = 0;
    let mut kinds = script::Kinds::new();
    let mut number = seed();
    while made < wanted {
        let mut random = Random::new(number);
        let run = on_a_shard(async {
            tokio::time::timeout(PATIENCE, script::run(&mut random, &mut kinds))
                .await
                .unwrap_or_else(|_| panic!("script {number} hangs"))
        });
        made += run.unwrap_or_else(|what| panic!("EVFUZZ_RNG_SEED={number}: {what}"));
        number += 1;
    }
    let rate = made as f64 / started.elapsed().as_secs_f64();
    eprintln!("{made} predicted answers in {} scripts, {rate:.0} per second: {kinds:?}", number - seed());
}

#[test]
fn storms_leave_the_server_as_it_was() {
    let wanted = requests() / 10;
    let started = Instant::now();
    let mut made = 0;
    let mut number = seed();
    while made < wanted {
        let mut random = Random::new(number ^ 0x5707_0000_0000);
        made += on_a_shard(async {
            tokio::time::timeout(PATIENCE, storm::run(&mut random))
                .await
                .unwrap_or_else(|_| panic!("EVFUZZ_RNG_SEED={number}: the storm hangs"))
        })
        .unwrap_or_else(|what| panic!("EVFUZZ_RNG_SEED={number}: {what}"));
        number += 1;
    }
    let rate = made as f64 / started.elapsed().as_secs_f64();
    eprintln!("{made} requests in {} storms, {rate:.0} per second", number - seed());
}
