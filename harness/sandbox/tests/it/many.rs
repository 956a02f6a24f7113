//! Many starts, ends and sudden deaths: nothing piles up.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use evfuzz_sandbox::{
    ExitStatus, IsolationWish, Keeper, Limits, Observe, Piece, Process, ProcessSpec, RecordsFd, Scratch, Tmp,
};

use crate::{
    lifetime::parent,
    support::{Bench, Running, compile, keeper_program},
    traces::{Rng, assert_nobody_survives, eventually, marked, mounts, orphaned_groups, pass, rounds},
};

/// Tells a test process that it is the caller of another test, and where it works.
const FOLDER: &str = "EVFUZZ_TEST_FOLDER";
const SEED: u64 = 0x5eed_0003;

/// Functions that do what they can to outlive their caller. All of them end by themselves in case they succeed.
const STUBBORN: [&str; 6] = [
    // Never the same processes, in a session of their own, deaf to polite signals.
    "setsid sh -c 'trap \"\" TERM HUP INT; i=0; while [ $i -lt 50000 ]; do i=$((i+1)); (:) & wait; done' & wait",
    "setsid sh -c 'sh -c \"sleep 100 & sleep 100\" & exit' & sleep 100",
    "tree() { [ $1 = 5 ] && sleep 100; tree $(($1+1)) & tree $(($1+1)); }; tree 0",
    "sleep 100 & kill -STOP $!; setsid sh -c 'kill -STOP $$; sleep 100' & kill -STOP $$; sleep 100",
    "trap '' TERM HUP INT; sleep 100 & wait; sleep 100",
    "exec $0/deaths stays-in-vfork",
];

#[test]
fn sudden_death_of_the_caller_leaves_nothing() {
    let mut rng = Rng(SEED);
    let rounds = rounds(8, 200);
    let root = tempfile::tempdir().unwrap();
    // For the user that root's functions run as.
    fs::set_permissions(root.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let deaths = root.path().join("deaths");
    compile("deaths", &deaths);
    let (mut early, mut processes) = (0, 0);
    println!("seed {SEED:#x}, {rounds} rounds");
    for round in 0..rounds {
        let mark = format!("mark-{:016x}", rng.below(u64::MAX) ^ u64::from(std::process::id()));
        let folder = root.path().join(&mark);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let groups = orphaned_groups();
        let mut caller = Command::new(std::env::current_exe().unwrap())
            .args(["many::a_caller_with_stubborn_functions", "--exact", "--nocapture"])
            .env(FOLDER, &folder)
            .env("TMPDIR", &folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Half of the moments are on the way, the other half when all are there.
        if round % 2 == 1 {
            let lines = BufReader::new(caller.stdout.take().unwrap()).lines().map(Result::unwrap);
            assert!(lines.into_iter().any(|it| it.contains("all there")), "the caller has failed");
            pass(Duration::from_micros(rng.below(30_000)));
        } else {
            pass(Duration::from_micros(rng.below(250_000)));
        }
        let alive = marked(&mark).len();
        early += u32::from(alive < 12);
        processes += alive;
        caller.kill().unwrap();
        caller.wait().unwrap();

        assert_nobody_survives(&mark);
        let ours = |it: &String| it.contains(&mark);
        assert_eq!(mounts().into_iter().find(ours), None);
        eventually(|| orphaned_groups().difference(&groups).cloned().collect::<Vec<_>>(), &Vec::new());
        assert_eq!(left_in(&folder), Vec::<PathBuf>::new(), "round {round}, {alive} processes");
    }
    println!("{processes} processes killed; {early} deaths before all functions were there");
    assert!(early < rounds, "all deaths came too early to show anything");
}

/// What lies there, but for the folder that a caller makes for a keeper and could not start one for any more.
fn left_in(folder: &Path) -> Vec<PathBuf> {
    let entries = |dir: &Path| -> Vec<PathBuf> {
        fs::read_dir(dir).into_iter().flatten().flatten().map(|it| it.path()).collect()
    };
    let run = folder.join("run");
    let begun = entries(&run).iter().all(|it| *it == run.join("root") && entries(it).is_empty());
    entries(folder).into_iter().filter(|it| !(*it == run && begun)).collect()
}

/// Not a test by itself: the caller of the test above.
#[test]
fn a_caller_with_stubborn_functions() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let run = folder.join("run");
    let keeper = Keeper::start(&keeper_program(), &run, IsolationWish::default()).unwrap();
    let code = folder.parent().unwrap().to_owned();
    let mark = folder.file_name().unwrap().to_owned();
    let spawn = |(number, script): (usize, &&str)| -> Process {
        let scratch = run.join(format!("scratch-{number}"));
        fs::create_dir(&scratch).unwrap();
        let code = Piece::at(code.join("deaths"), "/var/task/deaths");
        let place = code.place(&keeper.isolation().barriers).parent().unwrap().into();
        let spec = ProcessSpec {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into(), place],
            env: vec![("PATH".into(), "/usr/bin:/bin".into()), ("MARK".into(), mark.clone())],
            cwd: "/".into(),
            read: vec![code],
            scratch: Scratch {
                folder: scratch,
                tmp: if number % 2 == 0 { Tmp::Memory } else { Tmp::Folder },
            },
            canaries: None,
            service_env: vec!["SERVICE".to_owned()],
            records: None,
            observer: None,
            core: None,
            limits: Limits::default(),
            observe: Observe::default(),
        };
        keeper.spawn(&spec).unwrap()
    };
    let _processes: Vec<Process> = STUBBORN.iter().enumerate().map(spawn).collect();
    println!("all there");
    loop {
        std::thread::park();
    }
}

#[test]
fn starts_and_ends_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    // A process of its own, where no other test opens anything.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["many::a_caller_of_many", "--exact", "--nocapture"])
        .env(FOLDER, dir.path())
        .env("TMPDIR", dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{text}");
}

/// What must not grow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    descriptors: usize,
    keepers_descriptors: usize,
    keepers_children: usize,
    mounts: usize,
    folders: Vec<PathBuf>,
    groups: BTreeSet<PathBuf>,
}

fn held(bench: &Bench, keeper: u32, groups: &BTreeSet<PathBuf>) -> Held {
    let count = |path: String| fs::read_dir(path).unwrap().count();
    let children = fs::read_to_string(format!("/proc/{keeper}/task/{keeper}/children")).unwrap();
    let entries = fs::read_dir(&bench.run).unwrap().flatten().map(|it| it.path());
    let mut folders: Vec<PathBuf> = entries.collect();
    folders.sort();
    Held {
        descriptors: count("/proc/self/fd".to_owned()),
        keepers_descriptors: count(format!("/proc/{keeper}/fd")),
        keepers_children: children.split_ascii_whitespace().count(),
        // Others mount, too; ours lie below this folder.
        mounts: mounts().iter().filter(|it| it.contains(bench.run.to_str().unwrap())).count(),
        folders,
        groups: orphaned_groups().difference(groups).cloned().collect(),
    }
}

fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.split_ascii_whitespace().next().unwrap().parse().unwrap()
}

/// Not a test by itself: the caller of the test above.
#[test]
fn a_caller_of_many() {
    if std::env::var_os(FOLDER).is_none() {
        return;
    }
    let bench = Bench::auto();
    let spec = bench.spec("/bin/true", &[]);
    let mut first = bench.sh("sleep 1000");
    let keeper = parent(parent(first.process.pid()));
    // What is allocated once is no leak.
    for _ in 0..20 {
        assert_eq!(bench.run(&spec).status(), ExitStatus::Code(0));
    }
    first.kill();
    drop(first);
    let groups = orphaned_groups();
    let children = || held(&bench, keeper, &groups).keepers_children;
    eventually(children, &0);
    let before = held(&bench, keeper, &groups);
    let memory = [resident_kib(keeper), resident_kib(std::process::id())];

    let (count, start) = (rounds(200, 1000), Instant::now());
    for _ in 0..count {
        assert_eq!(bench.run(&spec).status(), ExitStatus::Code(0));
    }
    println!("{count} starts and ends, {} µs each", (start.elapsed() / count).as_micros());
    // And with all that can go from hand to hand.
    let mut spec = spec;
    spec.scratch.tmp = Tmp::KeptMemory;
    spec.records = Some(RecordsFd(62));
    let mut running = bench.run(&spec);
    for _ in 0..count / 4 {
        running.kill();
        let tmp = running.process.take_tmp().unwrap();
        running = Running::new(bench.keeper.spawn_with_tmp(&spec, tmp).unwrap());
    }
    drop(running);

    eventually(|| held(&bench, keeper, &groups), &before);
    let after = [resident_kib(keeper), resident_kib(std::process::id())];
    println!("{before:?}, keeper and caller: {memory:?} KiB before, {after:?} KiB after");
    for (before, after) in memory.into_iter().zip(after) {
        // One page for each start would be 4 KiB times the count.
        assert!(after <= before + 512, "{before} KiB before, {after} KiB after");
    }
}
