//! What a start costs beside a plain one. Prints; times are no matter of right and wrong.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use evfuzz_sandbox::ExitStatus;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::{
    support::{Bench, wish},
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
