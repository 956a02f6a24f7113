//! What a tree may use, and being told what it used.

use std::time::Duration;

use evfuzz_sandbox::{Exceeded, ExitInfo, ExitStatus, Namespaces, ProcessEvent, Tmp, WatchWish};

use crate::support::{Bench, Running, WISHES, interpreter, wish};

#[track_caller]
fn end(running: &mut Running) -> ExitInfo {
    running.until(|event| match event {
        ProcessEvent::Exited(info) => Some(info.clone()),
        _ => None,
    })
}

/// Bounded in case the limit does not hold: a gigabyte in all, then it ends by itself.
const GREEDY: &str = "all = []\nfor i in range(64): all.append(bytearray(b'x') * (16 << 20))\n";

#[test]
fn too_much_memory_is_told_apart_from_a_kill() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let Some(python) = interpreter("python3") else { return };
        for tmp in [Tmp::Memory, Tmp::Folder] {
            let mut spec = bench.spec(&python, &["-c", GREEDY]);
            spec.scratch.tmp = tmp;
            spec.limits.memory = Some(128 << 20);
            spec.limits.scratch = 64 << 20;
            let info = end(&mut bench.run(&spec));
            assert_eq!(info.status, ExitStatus::Signal(9), "{barriers:?} {tmp:?} {info:?}");
            assert_eq!(info.exceeded, Some(Exceeded::Memory), "{barriers:?} {tmp:?} {info:?}");
        }
        assert_eq!(end(&mut bench.sh("kill -9 $$")).exceeded, None);
    }
}

#[test]
fn scratch_cpu_time_and_life_are_bounded() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        // A gigabyte at most, in a folder of the host.
        let mut spec = bench.spec(
            "/bin/sh",
            &["-c", "cd $0; for i in 1 2 3 4 5 6 7 8; do head -c 128M /dev/zero > $i; done"],
        );
        spec.args.push(bench.scratch().into());
        spec.limits.scratch = 16 << 20;
        assert_eq!(end(&mut bench.run(&spec)).exceeded, Some(Exceeded::Scratch), "{barriers:?}");
        for name in 1..=8 {
            let _ = std::fs::remove_file(bench.run.join("scratch").join(name.to_string()));
        }

        let mut spec = bench.spec("/bin/sh", &["-c", "while :; do :; done"]);
        spec.limits.cpu = Some(Duration::from_secs(1));
        let info = end(&mut bench.run(&spec));
        assert_eq!(info.exceeded, Some(Exceeded::Cpu), "{barriers:?} {info:?}");

        let mut spec = bench.spec("/bin/sleep", &["1000"]);
        spec.limits.lifetime = Some(Duration::from_millis(200));
        let mut running = bench.run(&spec);
        assert_eq!(end(&mut running).exceeded, Some(Exceeded::Lifetime), "{barriers:?}");
        assert!(running.events.contains(&ProcessEvent::LimitExceeded(Exceeded::Lifetime)));
    }
}

#[test]
fn processes_are_bounded() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let Some(python) = interpreter("python3") else { return };
        let script = "
import os, signal
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            signal.pause()
        made += 1
except OSError as error:
    print(made, error.errno)
";
        let mut spec = bench.spec(&python, &["-c", script]);
        spec.limits.processes = 60;
        let mut running = bench.run(&spec);
        let (_, text) = running.finish();
        let [made, errno] = text.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert_eq!(errno, libc::EAGAIN.to_string());
        let made: u32 = made.parse().unwrap();
        let isolation = bench.keeper.isolation();
        let apart =
            isolation.control_groups.contains("pids") || isolation.barriers.namespaces == Namespaces::User;
        // Where the kernel counts by user only, those of other tests are counted as well: when the limit is chosen, and
        // when it is reached. It was reached if there are less than 500.
        let expected = if apart { 10..=60 } else { 0..=499 };
        assert!(expected.contains(&made), "{isolation} {made}");
        running.kill();
    }
}

#[test]
fn use_and_files_are_told_when_asked() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        for tmp in [Tmp::Memory, Tmp::Folder] {
            let script = "cd $0; mkdir -p d; echo hello > d/f; ln -s /etc/passwd d/l; \
                          i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; echo ready; sleep 1000; :";
            let mut spec = bench.spec("/bin/sh", &["-c", script]);
            spec.args.push(bench.scratch().into());
            spec.scratch.tmp = tmp;
            let mut running = bench.run(&spec);
            running.line();
            running.process.request_usage();
            let usage = running.until(|event| match event {
                ProcessEvent::Usage(usage) => Some(*usage),
                _ => None,
            });
            assert!(usage.memory > 0 && usage.peak_memory.unwrap() > 10_000, "{usage:?}");
            assert!(usage.cpu >= Duration::from_millis(10), "{usage:?}");
            running.process.request_files();
            let left = running.until(|event| match event {
                ProcessEvent::Files(left) => Some(left.clone()),
                _ => None,
            });
            let names: Vec<String> =
                left.files.iter().map(|it| format!("{} {:?} {}", it.path, it.kind, it.bytes)).collect();
            assert!(names.contains(&"d/f File 6".to_owned()), "{barriers:?} {tmp:?} {names:?}");
            assert!(names.iter().any(|it| it.starts_with("d/l Link")), "{names:?}");
            running.kill();
            let _ = std::fs::remove_dir_all(bench.run.join("scratch/d"));
        }
    }
}

#[test]
fn nothing_is_told_of_a_function_that_stays_within() {
    let bench = Bench::new(wish(evfuzz_sandbox::BarrierWish::Auto, WatchWish::Auto));
    let mut spec = bench.spec("/bin/sh", &["-c", "exit 3"]);
    spec.limits.memory = Some(64 << 20);
    spec.limits.lifetime = Some(Duration::from_secs(100));
    let info = end(&mut bench.run(&spec));
    assert_eq!((info.status, info.exceeded), (ExitStatus::Code(3), None));
}
