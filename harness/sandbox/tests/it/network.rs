//! Addresses and questions are seen, whether or not they lead anywhere.

use std::net::SocketAddr;

use evfuzz_sandbox::{
    Address, BarrierWish, Contact, ExitStatus, Observe, Observed, ProcessEvent, ProcessSpec,
};

use crate::support::{Bench, WISHES, watches, wish};

fn connect(at: &str) -> String {
    format!("connect {at}")
}

/// Without one of its own the function has TCP only, to its service.
fn has_own_network(bench: &Bench) -> bool {
    bench.keeper.isolation().barriers.has_own_files()
}

/// What was seen, in words.
fn seen(events: &[ProcessEvent]) -> Vec<String> {
    let place = |address: &Address| match address {
        Address::Inet(at) => at.to_string(),
        Address::Unix(path) => format!("unix {path}"),
        Address::Abstract(name) => format!("abstract {name}"),
        Address::Other(family) => format!("family {family}"),
    };
    let words = events.iter().filter_map(|event| match event {
        ProcessEvent::Connect(it) if it.contact == Contact::Connect => Some(connect(&place(&it.address))),
        ProcessEvent::Connect(it) => Some(format!("message {}", place(&it.address))),
        ProcessEvent::Bind(it) => Some(format!("bind {}", place(&it.address))),
        ProcessEvent::DnsQuery(it) => Some(format!("ask {} {} {}", it.server, it.record_type, it.name)),
        _ => None,
    });
    words.collect()
}

/// Runs `network.c` and returns what was seen and what it printed.
#[track_caller]
fn act(bench: &Bench, args: &[&str], change: impl FnOnce(&mut ProcessSpec)) -> (Vec<String>, String) {
    let mut spec = bench.spec(&bench.program("network"), args);
    change(&mut spec);
    let mut running = bench.run(&spec);
    let (status, text) = running.finish();
    assert_eq!(status, ExitStatus::Code(0), "{text}");
    (seen(&running.events), text)
}

#[test]
fn attempts_are_seen_even_if_they_fail() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        let args = ["tcp:10.0.0.1:80", "mapped:10.0.0.2:443", "tcp6:81", "bind:127.0.0.1:0", "service:"];
        let (seen, text) = act(&bench, &args, |_| ());
        let expected = [
            connect("10.0.0.1:80"),
            connect("10.0.0.2:443"),
            connect("[::1]:81"),
            "bind 127.0.0.1:0".to_owned(),
        ];
        assert_eq!(seen, expected, "{barriers:?} {watch:?} {text}");
        // No way out of an own network, no right to leave in the host's.
        let errno = if has_own_network(&bench) { libc::ENETUNREACH } else { libc::EACCES };
        assert!(text.starts_with(&format!("tcp:10.0.0.1:80 {errno}\n")), "{text}");
        assert!(text.ends_with("service: 0\n"), "{text}");
    }
}

#[test]
fn local_sockets_and_datagrams_are_seen() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        if !has_own_network(&bench) {
            println!("left out: {barriers:?}, {watch:?}: neither kind of socket exists there");
            continue;
        }
        let (seen, _) = act(&bench, &["unix:/run/x.sock", "abstract:name", "udp:127.0.0.1:9"], |_| ());
        let expected = ["connect unix /run/x.sock", "connect abstract name", "message 127.0.0.1:9"];
        assert_eq!(seen, expected, "{barriers:?} {watch:?}");
    }
}

#[test]
fn questions_are_read_however_they_are_sent() {
    for (barriers, watch) in WISHES {
        let bench = Bench::new(wish(barriers, watch));
        if !has_own_network(&bench) {
            println!("left out: {barriers:?}, {watch:?}: no datagrams there");
            continue;
        }
        let question = "ask 127.0.0.1:53 1 a.example";
        for how in ["sendto", "sendmsg", "sendmmsg"] {
            let (seen, text) = act(&bench, &[&format!("ask:{how}")], |_| ());
            assert_eq!(seen, ["message 127.0.0.1:53", question], "{how} {text}");
        }
        for how in ["sendmsg", "sendmmsg"] {
            let (seen, text) = act(&bench, &[&format!("ask:connected-{how}")], |_| ());
            assert_eq!(seen, ["connect 127.0.0.1:53", question], "{how} {text}");
        }
    }
}

#[test]
fn the_resolver_of_the_c_library_is_understood() {
    for watch in watches() {
        let bench = Bench::new(wish(BarrierWish::Auto, watch));
        if !has_own_network(&bench) {
            println!("left out: {watch:?}: no datagrams here");
            continue;
        }
        let (seen, _) = act(&bench, &["resolve:victim-data.attacker.example"], |_| ());
        for record_type in [1, 28] {
            let question = format!("ask 127.0.0.1:53 {record_type} victim-data.attacker.example");
            assert!(seen.contains(&question), "{seen:?}");
        }
    }
}

#[test]
fn what_is_not_asked_for_is_not_seen() {
    let bench = Bench::auto();
    let unwatched = Observe { network: Observed::Unwatched, opens: Observed::Unwatched, only: None };
    let args = ["tcp:10.0.0.1:80", "ask:sendto", "bind:127.0.0.1:0"];
    let (seen, _) = act(&bench, &args, |spec| spec.observe = unwatched);
    assert!(seen.is_empty(), "{seen:?}");
    let (seen, _) = act(&bench, &["pair:2000"], |_| ());
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn python_is_understood() {
    for watch in watches() {
        let bench = Bench::new(wish(BarrierWish::Auto, watch));
        let script = "import socket, urllib.request\n\
                      for url in 'http://10.1.2.3:8080/', 'http://[::1]:9/':\n\
                      \x20try: urllib.request.urlopen(url, timeout=5)\n\
                      \x20except OSError as error: print(error)\n";
        let mut running = bench.run(&bench.spec("/usr/bin/python3", &["-c", script]));
        let (status, text) = running.finish();
        assert_eq!(status, ExitStatus::Code(0), "{text}");
        let mut found: Vec<SocketAddr> = Vec::new();
        for event in &running.events {
            if let ProcessEvent::Connect(record) = event
                && let Address::Inet(at) = record.address
            {
                found.push(at);
            }
        }
        for wanted in ["10.1.2.3:8080", "[::1]:9"] {
            assert!(found.contains(&wanted.parse().unwrap()), "{found:?}");
        }
    }
}
