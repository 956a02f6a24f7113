//! Names out of real programs, compiled here.

#![expect(clippy::print_stdout, reason = "says why a test was skipped")]
#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]

use std::{fs, process::Command};

use evfuzz_generators::lexicon::{Lexicon, SourceFile};

const RUST: &str = r##"
use std::io::Read;

#[inline(never)]
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = text.find(key)? + key.len();
    text[at..].split('"').nth(1)
}

#[inline(never)]
fn bare<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut parts = text.split('"');
    parts.find(|it| *it == key)?;
    parts.nth(1)
}

const KEYS: &[&str] = &["ledger", "colourway"];

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let at = text.find("\"queryStringParameters\"").unwrap_or(0);
    let report = field(&text[at..], "\"report\"").expect("no report");
    let depth = bare(&text, "depthcharge").unwrap_or("/calc");
    println!("{report} {depth}");
    for key in KEYS {
        println!("{:?}", bare(&text, key));
    }
}
"##;

const GO: &str = r#"
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type Order struct {
	Ledger string            `json:"ledger"`
	Colour string            `json:"colour_way,omitempty"`
	Query  map[string]string `json:"queryStringParameters"`
}

func main() {
	var order Order
	json.NewDecoder(os.Stdin).Decode(&order)
	fmt.Println(order.Ledger, order.Colour, order.Query["reportname"])
}
"#;

/// Compiles `source` in a folder of its own; `None` without the compiler, which CI must have.
fn compile(
    source: (&str, &str),
    compiler: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(source.0), source.1).unwrap();
    let mut command = Command::new(compiler);
    command.args(arguments).arg(source.0).current_dir(dir.path()).envs(variables.iter().copied());
    if source.0.ends_with(".go") && std::env::var_os("HOME").is_none() {
        command.env("GOCACHE", dir.path());
    }
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(fs::read(dir.path().join("program")).unwrap())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{compiler}: {error}");
            println!("skipped: {compiler}: {error}");
            None
        }
    }
}

#[track_caller]
fn check(program: Option<Vec<u8>>, expected: &[&str]) {
    let Some(content) = program else { return };
    let lexicon = Lexicon::learn(&[SourceFile { name: "bootstrap", content: &content }]);
    let names = lexicon.names();
    for name in expected {
        assert!(names.iter().any(|it| it == name), "no {name} in {names:?}");
    }
    assert!(names.len() <= 20, "noise: {names:?}");
    assert!(lexicon.mentions("queryStringParameters"));
}

#[test]
fn rust_programs() {
    let rustc = std::env::var("RUSTC").unwrap_or("rustc".into());
    let expected = ["report", "depthcharge", "ledger", "colourway"];
    for options in [&["-O"][..], &["-O", "-Cstrip=symbols"][..], &["-Copt-level=0"][..]] {
        let arguments = [options, &["--edition=2021", "-o", "program"]].concat();
        check(compile(("main.rs", RUST), &rustc, &arguments, &[]), &expected);
    }
}

#[test]
fn go_programs() {
    for architecture in ["amd64", "arm64"] {
        let variables = [("GOARCH", architecture), ("GOOS", "linux"), ("CGO_ENABLED", "0")];
        let arguments = ["build", "-ldflags=-s -w", "-o", "program"];
        let program = compile(("main.go", GO), "go", &arguments, &variables);
        check(program, &["ledger", "colour_way", "reportname"]);
    }
}
