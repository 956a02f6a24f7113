//! What a process may not do, and what it must be able to do.

use std::net::TcpListener;

use evfuzz_sandbox::{
    BarrierWish, ExitStatus, IsolationWish, OnWeak, PromiseState, SandboxError, Tmp, WatchWish,
};

use crate::support::{Bench, WISHES, is_without, keeper_program, wish};

#[test]
fn promises_are_kept_under_every_wish() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let isolation = bench.keeper.isolation();
        println!("{isolation} {:?}", isolation.notes);
        for promise in &isolation.promises {
            println!("  {:?} {}: {}", promise.state, promise.name, promise.detail);
            assert_ne!(promise.state, PromiseState::Violated, "{promise:?}");
        }
        assert!(isolation.promises.len() >= 14);
    }
}

#[test]
fn only_scratch_is_writable() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let outside = bench.outside().join("made");
        let script = format!(
            "echo ok > {scratch}/file || exit 1
             mkdir -p {scratch}/a/b && mv {scratch}/file {scratch}/a/b/ || exit 2
             (: > {code}/x) 2>/dev/null && exit 3
             (: > {outside}) 2>/dev/null && [ -z \"$OWN_TMP\" ] && exit 4
             (: > /x) 2>/dev/null && exit 5
             (: > /usr/x) 2>/dev/null && exit 6
             (: > /etc/x) 2>/dev/null && exit 7
             (echo 1 > /proc/sys/vm/drop_caches) 2>/dev/null && exit 8
             (cat /etc/shadow) 2>/dev/null && exit 9
             echo x > /dev/null && head -c 1 /dev/urandom > /dev/null || exit 10
             cat /etc/passwd > /dev/null || exit 11
             exit 0",
            scratch = bench.scratch().display(),
            code = bench.run.join("code").display(),
            outside = outside.display(),
        );
        let mut spec = bench.spec("/bin/sh", &["-c", &script]);
        if bench.keeper.isolation().barriers.has_own_files() {
            // The folder's name lies below a /tmp that is the function's own: only a look from outside tells.
            spec.env.push(("OWN_TMP".into(), "1".into()));
        }
        let (status, text) = bench.run(&spec).finish();
        assert_eq!(status, ExitStatus::Code(0), "{barriers:?} {watch:?} {text}");
        assert!(!outside.exists());
        assert!(bench.run.join("scratch/a/b/file").exists());
    }
}

#[test]
fn tmp_is_scratch_when_there_are_namespaces() {
    if is_without("namespaces") {
        return;
    }
    let bench = Bench::new(wish(BarrierWish::NamespacesOnly, WatchWish::Auto));
    let mut spec = bench.spec("/bin/sh", &["-c", "echo ok > /tmp/file; stat -fc %T /tmp"]);
    let (status, text) = bench.run(&spec).finish();
    assert_eq!(status, ExitStatus::Code(0));
    assert_ne!(text, "tmpfs\n");
    assert_eq!(std::fs::read_to_string(bench.run.join("scratch/file")).unwrap(), "ok\n");
    spec.scratch.tmp = Tmp::Memory;
    spec.limits.scratch = 1 << 20;
    spec.args[1] =
        "stat -fc '%T %a' /tmp; ls -A /tmp; head -c 2000000 /dev/zero > /tmp/big; ls -ld /tmp".into();
    let (_, text) = bench.run(&spec).finish();
    assert!(text.starts_with("tmpfs 256\n") && text.contains("No space left"), "{text}");
    assert!(text.contains("drwx------"), "{text}");
}

#[test]
fn the_environment_is_exact() {
    let bench = Bench::auto();
    let mut spec = bench.spec("/usr/bin/env", &[]);
    spec.env = vec![("A".into(), "1".into()), ("B".into(), "x y=z".into())];
    let mut running = bench.run(&spec);
    let port = running.process.port();
    let (_, text) = running.finish();
    assert_eq!(text, format!("A=1\nB=x y=z\nSERVICE=127.0.0.1:{port}\n"));
}

#[test]
fn a_foreign_port_is_refused() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
        foreign.set_nonblocking(true).unwrap();
        let port = foreign.local_addr().unwrap().port();
        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
        let (status, _) = bench.run(&bench.spec("/bin/bash", &["-c", &script])).finish();
        assert_eq!(status, ExitStatus::Code(1));
        assert!(foreign.accept().is_err());
    }
}

#[test]
fn no_barriers_need_an_explicit_yes() {
    let dir = tempfile::tempdir().unwrap();
    let mut none = wish(BarrierWish::None, WatchWish::Auto);
    let err = evfuzz_sandbox::Keeper::start(&keeper_program(), dir.path(), none).unwrap_err();
    assert!(matches!(err, SandboxError::TooWeak { .. }), "{err:?}");
    none.weak = OnWeak::Allow;
    let bench = Bench::new(none);
    assert!(bench.keeper.isolation().to_string().starts_with("layer 0: seccomp"));
    assert_eq!(bench.sh("exit 4").status(), ExitStatus::Code(4));
}

#[test]
fn a_used_run_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("precious"), "").unwrap();
    let wish = IsolationWish::default();
    let err = evfuzz_sandbox::Keeper::start(&keeper_program(), dir.path(), wish).unwrap_err();
    assert!(matches!(err, SandboxError::RunDir { .. }), "{err:?}");
    assert!(dir.path().join("precious").exists());
}
