//! What a start costs beside a plain one. Prints; times are no matter of right and wrong.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use evfuzz_sandbox::{ExitStatus, Tmp};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::{
    support::{Bench, Running, wish},
    traces::rounds,
};

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// Start and end of `/bin/true`, in turns on one core, so that whatever else happens on the machine hits both.
#[test]
fn a_start_beside_a_plain_one() {
    let allowed = sched_getaffinity(None).unwrap();
    let core = (0..CpuSet::MAX_CPU).rev().find(|it| allowed.is_set(*it)).unwrap();
    let mut one = CpuSet::new();
    one.set(core);
    // The keeper inherits it; other tests have threads of their own.
    sched_setaffinity(None, &one).unwrap();
    for (barriers, watch) in crate::support::WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut spec = bench.spec("/bin/true", &[]);
        spec.core = Some(core);
        let [mut plain, mut plain_all, mut started, mut all] = [const { Vec::new() }; 4];
        for round in 0..rounds(20, 400) + 5 {
            let mut command = Command::new("/bin/true");
            command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let begin = Instant::now();
            let mut child = command.spawn().unwrap();
            let spawned = begin.elapsed();
            assert!(child.wait().unwrap().success());
            let ended = begin.elapsed();

            let begin = Instant::now();
            let mut running = bench.run(&spec);
            let spawned_inside = begin.elapsed();
            assert_eq!(running.status(), ExitStatus::Code(0));
            let ended_inside = begin.elapsed();
            running.kill();
            if round >= 5 {
                plain.push(spawned);
                plain_all.push(ended);
                started.push(spawned_inside);
                all.push(ended_inside);
            }
        }
        let [plain, plain_all, started, all] = [plain, plain_all, started, all].map(median);
        println!(
            "{}\n  start: {plain:?} plain, {started:?} here, {:?} more\n  start and end: {plain_all:?} plain, {all:?} here, {:?} more",
            bench.keeper.isolation(),
            started.saturating_sub(plain),
            all.saturating_sub(plain_all),
        );
    }
    sched_setaffinity(None, &allowed).unwrap();
}

/// A `/tmp` in memory that ends with its process, one that could be kept and is not, and one that goes from each process to
/// the next; in turns.
#[test]
fn a_tmp_that_is_kept_beside_one_that_ends() {
    const WAYS: [(&str, Tmp); 3] =
        [("ends", Tmp::Memory), ("dropped", Tmp::KeptMemory), ("handed on", Tmp::KeptMemory)];
    for (barriers, watch) in crate::support::WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let mut spec = bench.spec("/bin/true", &[]);
        let (mut kept, mut times) = (None, [const { [const { Vec::new() }; 3] }; 3]);
        for round in 0..rounds(20, 400) + 5 {
            for (at, (name, tmp)) in WAYS.into_iter().enumerate() {
                spec.scratch.tmp = tmp;
                let earlier = if name == "handed on" { kept.take() } else { None };
                let begin = Instant::now();
                let process = match earlier {
                    Some(earlier) => bench.keeper.spawn_with_tmp(&spec, earlier),
                    None => bench.keeper.spawn(&spec),
                };
                let started = begin.elapsed();
                let mut running = Running::new(process.unwrap());
                assert_eq!(running.status(), ExitStatus::Code(0));
                running.kill();
                let dropping = Instant::now();
                if name == "handed on" {
                    kept = running.process.take_tmp();
                }
                drop(running);
                if round >= 5 {
                    let [start, drop, all] = &mut times[at];
                    start.push(started);
                    drop.push(dropping.elapsed());
                    all.push(begin.elapsed());
                }
            }
        }
        println!("{}", bench.keeper.isolation());
        for ((name, _), times) in WAYS.into_iter().zip(times) {
            let [start, drop, all] = times.map(median);
            println!("  {name}: start {start:?}, drop {drop:?}, start and end {all:?}");
        }
    }
}
