//! `cargo bench -p evfuzz --bench clients`: the speed of the emulator with every client, beside a bare hyper server and the
//! emulator of AWS.
//!
//! For each client an identity function runs three times on the same core: under `evfuzz bench`'s two servers and under the
//! emulator of AWS. They are measured in turn within each round, so that a machine which changes its speed changes it for all.

#![expect(clippy::unwrap_used, reason = "a benchmark may end with a panic")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "that is what it is for")]

#[path = "../conformance/clients.rs"]
#[allow(dead_code, reason = "shared with the conformance matrix")]
mod clients;
#[path = "../fetched.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod original;
#[path = "../support.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod support;

use std::process::{Command, Stdio};

use clients::{Client, ready};
use fetched::before_path;
use serde_json::Value;

/// A shell that starts curl twice for each event measures the shell.
const MEASURED: [Client; 8] = [
    Client::OurNode20,
    Client::OurPython,
    Client::AwsLambdaRic3,
    Client::AwsLambdaRic4,
    Client::Awslambdaric,
    Client::LambdaRuntime,
    Client::AwsLambdaGo,
    Client::Java,
];

fn main() {
    // cargo passes --bench, and a filter if there is one.
    let filter: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let (rounds, time) = (setting("EVFUZZ_BENCH_ROUNDS", "7"), setting("EVFUZZ_BENCH_TIME", "1s"));
    let original = fetched::aws_emulator();
    if let Err(reason) = &original {
        eprintln!("without the emulator of AWS: {reason}");
    }
    println!(
        "{:26} {:>8} {:>8} {:>8} {:>9} {:>9} {:>9} {:>8}",
        "medians", "events/s", "p50 µs", "p99 µs", "of bare", "x AWS's", "2 workers", "MB"
    );
    for client in MEASURED {
        if !filter.is_empty() && !filter.iter().any(|it| client.name().contains(it.as_str())) {
            continue;
        }
        let ready = match ready(client) {
            Ok(ready) => ready,
            Err(reason) => {
                eprintln!("skipped: {}: {reason}", client.name());
                continue;
            }
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_evfuzz"));
        command.arg("bench").arg(&ready.function).args(&ready.args);
        command.args(["--format", "json", "--rounds", &rounds, "--time", &time]);
        command.args(["--env", "CONFORMANCE_IDENTITY=1"]);
        if let Some(handler) = client.handler() {
            command.arg("--handler").arg(clients::identity(handler));
        }
        if let Some(path) = &ready.path {
            command.env("PATH", before_path(path));
        }
        // Ours have no meaning there: it starts the official clients.
        let beside =
            original.as_ref().ok().and_then(|binary| original::Original::start(binary, client, &ready));
        if let Some(beside) = &beside {
            command.arg("--beside").arg(beside.url());
        }
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
        let line = String::from_utf8_lossy(&output.stdout);
        let Ok(found) = serde_json::from_str::<Value>(line.trim()) else {
            eprintln!("{}: {} {line}", client.name(), output.status);
            continue;
        };
        let number = |name: &str, digits: usize| {
            found[name].as_f64().map_or_else(|| "-".to_owned(), |it| format!("{it:.digits$}"))
        };
        let of_bare = found["of_bare_server"].as_f64().unwrap_or(f64::NAN) * 100.0;
        println!(
            "{:26} {:>8} {:>8} {:>8} {:>8.1}% {:>9} {:>9} {:>8}",
            client.name(),
            number("per_second", 0),
            number("p50_us", 0),
            number("p99_us", 0),
            of_bare,
            number("times_other_emulator", 2),
            number("two_workers_of_one", 2),
            number("memory_mb", 1),
        );
    }
}
