//! What an exec record says is what the kernel answers.

use std::{
    collections::BTreeMap,
    os::unix::fs::{PermissionsExt, symlink},
};

use evfuzz_sandbox::{ExecRecord, ExitStatus, Lookup, ProcessEvent};

use crate::support::{Bench, Running, WISHES, wish};

/// The records of attempts made by `execs.c`, by the words of the attempt.
fn records(running: &Running) -> Vec<ExecRecord> {
    let execs = running.events.iter().filter_map(|event| match event {
        ProcessEvent::Exec(record) => Some(record.clone()),
        _ => None,
    });
    execs.collect()
}

#[test]
fn lookups_agree_with_the_kernel() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let program = bench.program("execs");
        let scratch = bench.run.join("scratch");
        let at = |name: &str| scratch.join(name).to_str().unwrap().to_owned();
        for (name, mode) in [("script", 0o755), ("text", 0o644), ("closed", 0o000)] {
            std::fs::write(at(name), "#!/bin/sh\nexit 0\n").unwrap();
            std::fs::set_permissions(at(name), PermissionsExt::from_mode(mode)).unwrap();
        }
        std::fs::create_dir(at("folder")).unwrap();
        // Not in scratch, where what cannot be counted ends the function.
        let shut = bench.run.join("code/shut");
        std::fs::create_dir(&shut).unwrap();
        std::fs::copy("/bin/true", shut.join("true")).unwrap();
        std::fs::set_permissions(&shut, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::copy("/bin/true", bench.outside().join("true")).unwrap();
        symlink("script", at("link")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("/proc/self/exe", at("myself")).unwrap();
        let inside = bench.scratch();
        let inside = inside.display();
        let attempts = [
            "/bin/true".to_owned(),
            "/usr/../bin/./true".to_owned(),
            "/bin/true/".to_owned(),
            "/bin/true/x".to_owned(),
            "/usr".to_owned(),
            "/etc/passwd".to_owned(),
            "/dev/null".to_owned(),
            "/nowhere/x".to_owned(),
            "script".to_owned(),
            "./folder/../script".to_owned(),
            "text".to_owned(),
            "closed".to_owned(),
            shut.join("true").to_str().unwrap().to_owned(),
            "folder".to_owned(),
            "missing".to_owned(),
            "link".to_owned(),
            "loop".to_owned(),
            "nofollow:link".to_owned(),
            "nofollow:script".to_owned(),
            "myself".to_owned(),
            "/proc/self/exe".to_owned(),
            "/proc/self/fd/0".to_owned(),
            "/proc/self/cwd/script".to_owned(),
            "/proc/thread-self/exe".to_owned(),
            "/proc/1/exe".to_owned(),
            "fd:/bin/true".to_owned(),
            "fd:/etc/passwd".to_owned(),
            "fd:/nowhere".to_owned(),
            "memfd:/bin/true".to_owned(),
            format!("at:{inside}:script"),
            format!("at:{}:../code/execs", bench.run.join("code").display()),
            format!("at:{inside}:../../true"),
            "at:/nowhere:x".to_owned(),
            "badfd:x".to_owned(),
            "badfd:/bin/true".to_owned(),
            bench.outside().join("true").to_str().unwrap().to_owned(),
            at(&"x".repeat(256)),
            "/x".repeat(2100),
            String::new(),
        ];
        let args: Vec<&str> = attempts.iter().map(String::as_str).collect();
        let mut running = bench.run(&bench.spec(&program, &args));
        let (status, text) = running.finish();
        assert_eq!(status, ExitStatus::Code(0), "{text}");
        // Each attempt is one exec of a process of its own; what the started programs do would be others.
        let records = records(&running);
        let answers: Vec<&str> = text.lines().collect();
        let mut by_process = BTreeMap::new();
        for record in &records {
            by_process.entry(record.pid).or_insert(record);
        }
        let mut firsts: Vec<&ExecRecord> = by_process.into_values().collect();
        firsts.sort_by_key(|it| records.iter().position(|other| other.pid == it.pid));
        assert_eq!((firsts.len(), answers.len()), (attempts.len(), attempts.len()), "{text} {firsts:#?}");
        for (answer, record) in answers.iter().zip(firsts) {
            let errno = answer.rsplit(' ').next().unwrap().parse().unwrap();
            let kernel = if errno == 0 { Lookup::Program } else { Lookup::Refused(errno) };
            assert_eq!(record.found, kernel, "{barriers:?} {watch:?} {answer}: {record:?}");
        }
    }
}

#[test]
fn a_program_is_reported_with_names_and_chain_and_a_failed_search_without() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let program = bench.program("execs");
        let script = format!("/bin/sh -c '{program} /bin/true; env nope; :'; exit 3");
        let mut running = bench.sh(&script);
        assert_eq!(running.status(), ExitStatus::Code(3));
        let records = records(&running);
        let ran = records.iter().find(|it| it.argv == ["program", "one"]).unwrap();
        assert_eq!(ran.env_names, ["TOKEN", "EMPTY", "BARE"]);
        assert!(!serde_json::to_string(ran).unwrap().contains("secret-value"));
        let chain: Vec<_> = ran.chain.iter().map(|it| it.argv.join(" ")).collect();
        let own = format!("/bin/sh -c {script}");
        let expected =
            [format!("{program} /bin/true"), format!("/bin/sh -c {program} /bin/true; env nope; :"), own];
        assert_eq!(chain, expected, "{barriers:?} {watch:?}");
        assert_eq!(ran.chain.last().unwrap().pid, running.process.pid());

        let failed: Vec<_> = records.iter().filter(|it| it.path.ends_with("/nope")).collect();
        assert!(failed.len() >= 2);
        for record in failed {
            assert_eq!(record.found, Lookup::Refused(libc::ENOENT));
            assert!(record.env_names.is_empty() && record.chain.is_empty());
            assert!(serde_json::to_string(record).unwrap().len() < 600, "{record:?}");
        }
    }
}

#[test]
fn a_search_of_a_long_path_fits_between_two_reads() {
    let bench = Bench::auto();
    let mut spec = bench.spec("/bin/sh", &["-c", "env nope1; env nope2; exit 0"]);
    let path = (0..100).map(|it| format!("/nowhere/{it}")).chain(["/usr/bin".to_owned()]);
    spec.env = vec![("PATH".into(), path.collect::<Vec<_>>().join(":").into())];
    let mut running = bench.run(&spec);
    // Nothing is read before the end.
    running.until_silent();
    assert_eq!(running.status(), ExitStatus::Code(0));
    let records = records(&running);
    let dropped: u64 = records.iter().map(|it| it.dropped).sum();
    let tried = records.iter().filter(|it| it.path.ends_with("/nope2")).count();
    assert_eq!((dropped, tried), (0, 101));
}

#[test]
fn only_a_canary_can_say_that_it_ran() {
    for (barriers, watch) in WISHES {
        let mut bench = Bench::new(wish(barriers, watch));
        let program = bench.program("execs");
        bench.pool.arm("real").unwrap();
        bench.pool.arm("forged").unwrap();
        let script = format!(
            "{program} claim:forged; cp $(command -v forged) {0}/forged && {0}/forged && exec real",
            bench.scratch().display()
        );
        let mut running = bench.sh(&script);
        assert_eq!(running.status(), ExitStatus::Code(0));
        let ran: Vec<_> = running
            .events
            .iter()
            .filter_map(
                |it| if let ProcessEvent::CanaryRan(ran) = it { Some(ran.name.as_str()) } else { None },
            )
            .collect();
        assert_eq!(ran, ["real"], "{barriers:?} {watch:?}");
        let records = records(&running);
        let claims: Vec<_> = records.iter().filter(|it| it.path == "/evfuzz-canary-ran").collect();
        assert_eq!(claims.len(), 2, "{claims:?}");
        assert!(claims.iter().all(|it| it.found == Lookup::Refused(libc::ENOENT)));
    }
}
