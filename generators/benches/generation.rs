//! How many test cases one core makes in a second, rendered to the bytes that a function gets.
//!
//! On a machine that others use too, count instructions instead: `EVFUZZ_BENCH_EVENTS` makes that many test cases of each
//! source, `EVFUZZ_BENCH_SOURCE` only those of one, under `perf stat -e instructions:u` or `valgrind --tool=callgrind`.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::time::{Duration, Instant};

use evfuzz_generators::{
    case::TestCase,
    lexicon::{Lexicon, SourceFile},
    mutate,
    nonce::NonceSource,
    payload::PayloadClass,
    seeds::seeds,
    source::EventSource,
};

/// As in the `evfuzz` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A function that reads something of everything.
const CODE: &[u8] = br#"
    exports.handler = async (event) => {
        const { alpha, betaId } = event.queryStringParameters || {};
        const body = JSON.parse(event.body);
        if (body.mode === 'quick') run(body.outer.inner.leaf, event.headers['x-tenant']);
        for (const r of event.Records) {
            const m = JSON.parse(r.body);
            use(m.task, m.deep.er, r.dynamodb.NewImage.title.S, r.s3.object.key);
        }
    };"#;

fn main() {
    let time = Duration::from_secs_f64(
        std::env::var("EVFUZZ_BENCH_SECONDS").ok().and_then(|it| it.parse().ok()).unwrap_or(1.0),
    );
    let most: Option<u64> = std::env::var("EVFUZZ_BENCH_EVENTS").ok().and_then(|it| it.parse().ok());
    let only = std::env::var("EVFUZZ_BENCH_SOURCE").ok();
    let lexicon = Lexicon::learn(&[SourceFile { name: "index.js", content: CODE }]);
    println!("{:<18} {:>12} {:>12} {:>12}", "event source", "events/s", "of it drawn", "bytes");
    for source in EventSource::ALL {
        if only.as_ref().is_some_and(|it| it != source.id()) {
            continue;
        }
        let mut drawers = Vec::new();
        for seed in seeds(source, &lexicon) {
            let case = TestCase::new(seed);
            let script = mutate::edit_script(&case.seed, &case.points(), &lexicon, &PayloadClass::ALL);
            drawers.push((case, script));
        }
        let (mut rng, mut nonces) = (mutate::rng(1), NonceSource::new(1));
        let (mut events, mut bytes, mut drawing) = (0_u64, 0_usize, Duration::ZERO);
        let started = Instant::now();
        while most.map_or_else(|| started.elapsed() < time, |most| events < most) {
            for (case, script) in &drawers {
                let begun = Instant::now();
                let edits = mutate::draw(script, &mut rng, &mut nonces);
                drawing += begun.elapsed();
                let made = TestCase { seed: case.seed.clone(), edits };
                bytes += made.sent().bytes.len();
                events += 1;
            }
        }
        let taken = started.elapsed().as_secs_f64();
        println!(
            "{:<18} {:>12.0} {:>11.0}% {:>12}",
            source.id(),
            events as f64 / taken,
            100.0 * drawing.as_secs_f64() / taken,
            bytes / usize::try_from(events.max(1)).unwrap_or(1),
        );
    }
}
