//! Every payload in every context it could land in: what fires, and what must not.
//!
//! One process per interpreter runs all cells (context × payload). Each cell has a canary of its
//! own, so a hit names its cell even when it comes late. Run with `--nocapture` to see the tables.

#![expect(clippy::print_stdout, reason = "the table is for people who ask with --nocapture")]
#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use evfuzz_generators::{
    nonce::{Nonce, NonceSource},
    payload::{Payload, PayloadClass},
};
use tempfile::TempDir;

/// Where a payload lands in a shell script: at `@`, or in the variable `$P`. `SH` is the shell.
const SHELL_CONTEXTS: &[&str] = &[
    "echo @ x",
    "echo a@b.txt",
    "@ x",
    r#"echo "pre @ post""#,
    "echo 'pre @ post'",
    "echo `echo @`",
    r#"echo `echo "@"`"#,
    "echo $(echo @)",
    r#"echo "$(echo "@")""#,
    "echo $(echo '@')",
    "cat <<E\n@\nE",
    QUOTED_HERE_DOCUMENT,
    "echo a # @\necho b",
    "SH -c 'echo @'",
    r#"SH -c "echo @""#,
    r#"SH -c 'echo "@"'"#,
    r#"SH -c "echo '@'""#,
    "echo a > out/@",
    "echo $((@+1))",
    "echo ${x:-@}",
    "case @ in a) echo;; esac",
    "[ @ = a ] || true",
    r#"[ "@" = a ] || true"#,
    "X=@ env >/dev/null",
    r#"X="@"; echo $X"#,
    "for i in @; do echo $i; done",
    "echo a | cat @",
    "ls -- @",
    "echo a | sed 's/a/@/'",
    r#"awk 'BEGIN{print "@"}'"#,
    r"find . -maxdepth 0 -exec @ \;",
    r"find . -maxdepth 0 -exec SH -c 'echo @' \;",
    "find . -maxdepth 0 -name '@'",
    r#"find . -maxdepth 0 -exec "$P" \;"#,
    "echo a | xargs @",
    r#"echo a | xargs "$P""#,
    "echo a | xargs -I{} SH -c 'echo {} @'",
    "env -S '@'",
    r#"env -S "$P""#,
    r#"env -- "$P""#,
    "SH -c 'echo $0' @",
    "SH -c '$0' @",
    r#"SH -c '"$0"' "$P""#,
    r#"SH -c "$P""#,
    r#"SH -c "echo $P""#,
    r#"eval "echo '$P'""#,
    r#"SH -c "SH -c 'echo @'""#,
    r#"SH -c 'SH -c "echo @"'"#,
    CORRECTLY_QUOTED,
];

/// The first of these are those for which two payloads must do.
const LISTED: usize = 30;

/// Ends only at a line of its own, and the delimiter is not known.
const QUOTED_HERE_DOCUMENT: &str = "cat <<'E'\n@\nE";
/// What the fixed twin of a function does.
const CORRECTLY_QUOTED: &str = r#"echo "$P" "$P""#;

/// The classes whose effect the engine takes for proof of that class, and of no other.
const PLANTED: [PayloadClass; 3] =
    [PayloadClass::ShellCommand, PayloadClass::PythonCode, PayloadClass::JavaScriptCode];

/// The cells of one interpreter, each with a canary that is first in PATH.
struct Bench {
    dir: TempDir,
    nonces: NonceSource,
    cells: Vec<Cell>,
}

struct Cell {
    context: String,
    payload: &'static Payload,
    kind: Kind,
    nonce: Nonce,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Payload,
    Twin,
}

impl Cell {
    fn text(&self) -> String {
        match self.kind {
            Kind::Payload => self.payload.text(&self.nonce),
            Kind::Twin => self.payload.twin(&self.nonce),
        }
    }
}

impl Bench {
    /// All payloads that the engine plants and their twins in all `contexts`, and the other payloads
    /// in every fourth.
    fn new(contexts: &[String]) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        for name in ["bin", "cwd", "cwd/out"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let canary = dir.path().join("canary");
        let hits = dir.path().join("hits");
        let script = format!("#!/bin/sh\necho \"${{0##*/}}\" >> '{}'\n", hits.display());
        fs::write(&canary, script).unwrap();
        fs::write(&hits, "").unwrap();
        fs::set_permissions(&canary, fs::Permissions::from_mode(0o755)).unwrap();
        let mut bench = Bench { dir, nonces: NonceSource::new(1), cells: Vec::new() };
        for (number, context) in contexts.iter().enumerate() {
            let turn = |index: usize| (number + index).is_multiple_of(4);
            let all = Payload::all().iter().enumerate();
            for (_, payload) in all.filter(|(index, it)| PLANTED.contains(&it.class) || turn(*index)) {
                let kinds: &[Kind] = match PLANTED.contains(&payload.class) {
                    true => &[Kind::Payload, Kind::Twin],
                    false => &[Kind::Payload],
                };
                for kind in kinds {
                    let nonce = bench.nonces.take();
                    fs::hard_link(&canary, bench.path("bin").join(nonce.as_str())).unwrap();
                    bench.cells.push(Cell { context: context.clone(), payload, kind: *kind, nonce });
                }
            }
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs `program` with the file `input`, and waits for all that it started: whoever still
    /// holds stdout or stderr keeps this from returning.
    fn run(&self, program: &str, arguments: &[&Path]) {
        let path = format!("{}:{}", self.path("bin").display(), env("PATH"));
        let output = Command::new("timeout")
            .arg("60")
            .arg(program)
            .args(arguments)
            .current_dir(self.path("cwd"))
            .env("PATH", path)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert_ne!(output.status.code(), Some(124), "{program} did not end");
    }

    /// Prints who fired where, and checks it: all contexts but `safe` are covered by a payload of
    /// `class`, and no payload of another class fires anywhere.
    fn check(&self, title: &str, class: PayloadClass, safe: &[&str]) {
        let hits = fs::read_to_string(self.path("hits")).unwrap();
        let hits: BTreeSet<&str> = hits.lines().collect();
        let mut contexts: Vec<&str> = Vec::new();
        let mut fired: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut strays = Vec::new();
        for cell in &self.cells {
            if contexts.last() != Some(&cell.context.as_str()) {
                contexts.push(&cell.context);
            }
            if !hits.contains(cell.nonce.as_str()) {
                continue;
            }
            let meant = cell.payload.class == class && cell.kind == Kind::Payload;
            if meant && !safe.contains(&cell.context.as_str()) {
                fired.entry(&cell.context).or_default().push(cell.payload.id);
            } else if class == PayloadClass::ShellCommand || cell.payload.class != PayloadClass::Template {
                // A field of a template may hold an expression of the language that it is written in.
                strays.push((&cell.context, cell.payload.id));
            }
        }
        println!("{}", table(title, class, &contexts, &fired));
        assert!(strays.is_empty(), "{title}: fired where it must not: {strays:#?}");
        let missed: Vec<_> =
            contexts.iter().filter(|it| !fired.contains_key(**it) && !safe.contains(it)).collect();
        assert!(missed.is_empty(), "{title}: no payload fires in {missed:#?}");
        if class == PayloadClass::ShellCommand {
            let best: Vec<&str> = Payload::of_class(class).take(2).map(|it| it.id).collect();
            let reached = |context: &&&str| {
                fired.get(**context).is_some_and(|ids| ids.iter().any(|id| best.contains(id)))
            };
            let count = contexts[..LISTED].iter().filter(reached).count();
            println!(
                "{title}: {best:?} fire in {count} of {} listed contexts that are exploitable",
                LISTED - 1
            );
            assert!(count >= 28, "{best:?} fire in {count} only");
        }
    }
}

/// One line per context, one column per payload of the class.
fn table(title: &str, class: PayloadClass, contexts: &[&str], fired: &BTreeMap<&str, Vec<&str>>) -> String {
    let payloads: Vec<&Payload> = Payload::of_class(class).collect();
    let mut text = format!("\n{title}\n");
    for (number, payload) in payloads.iter().enumerate() {
        let count = fired.values().filter(|ids| ids.contains(&payload.id)).count();
        let letter = letter(number);
        text += &format!("  {letter} {count:2}/{} {}\n", contexts.len(), payload.id);
    }
    for context in contexts {
        let empty = Vec::new();
        let ids = fired.get(context).unwrap_or(&empty);
        let mark = |(number, payload): (usize, &&Payload)| {
            if ids.contains(&payload.id) { letter(number) } else { '.' }
        };
        let marks: String = payloads.iter().enumerate().map(mark).collect();
        text += &format!("  {marks}  {}\n", context.replace('\n', "\\n"));
    }
    text
}

fn letter(number: usize) -> char {
    char::from(b'A' + u8::try_from(number).unwrap())
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The answer of a program, or `None` if it is not installed, which is an error in CI.
fn probe(program: &str, arguments: &[&str]) -> Option<String> {
    let answer: Result<Output, _> = Command::new(program).args(arguments).output();
    match answer {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) => missing(program, &String::from_utf8_lossy(&output.stderr)),
        Err(error) => missing(program, &error.to_string()),
    }
}

fn missing(program: &str, reason: &str) -> Option<String> {
    assert_ne!(env("CI"), "true", "{program}: {reason}");
    println!("skipped: {program}: {reason}");
    None
}

fn driver(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payload_contexts").join(name)
}

fn check_shell(shell: &str) {
    if probe(shell, &["-c", "echo"]).is_none() {
        return;
    }
    let contexts: Vec<String> = SHELL_CONTEXTS.iter().map(|it| (*it).to_owned()).collect();
    let bench = Bench::new(&contexts);
    // A subshell per cell: a syntax error ends the subshell, not the script.
    let script: String = bench
        .cells
        .iter()
        .map(|cell| {
            let text = cell.text();
            let line = cell.context.replace("SH", shell).replace('@', &text);
            format!("( P={}; eval {} )\n", quoted(&text), quoted(&line))
        })
        .collect();
    fs::write(bench.path("script"), script).unwrap();
    bench.run(shell, &[&bench.path("script")]);
    bench.check(shell, PayloadClass::ShellCommand, &[QUOTED_HERE_DOCUMENT, CORRECTLY_QUOTED]);
}

/// `text` as one word of a shell script.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Runs a driver that evaluates all cells in one process.
fn check_code(program: &str, driver: &Path, class: PayloadClass) {
    let Some(contexts) = probe(program, &[driver.to_str().unwrap()]) else {
        return;
    };
    let contexts: Vec<String> = serde_json::from_str(&contexts).unwrap();
    let bench = Bench::new(&contexts);
    let cells: Vec<(&str, String)> =
        bench.cells.iter().map(|cell| (cell.context.as_str(), cell.text())).collect();
    let input = bench.path("cells.json");
    fs::write(&input, serde_json::to_string(&cells).unwrap()).unwrap();
    bench.run(program, &[driver, &input]);
    let name = driver.file_name().unwrap().to_string_lossy();
    bench.check(&format!("{program} {name}"), class, &[]);
}

#[test]
fn shell_payloads_fire_in_dash() {
    check_shell("dash");
}

#[test]
fn shell_payloads_fire_in_bash() {
    check_shell("bash");
}

#[test]
fn python_payloads_fire() {
    check_code("python3", &driver("contexts.py"), PayloadClass::PythonCode);
}

#[test]
fn javascript_payloads_fire_under_a_commonjs_main_module() {
    check_code("node", &driver("contexts.js"), PayloadClass::JavaScriptCode);
}

#[test]
fn javascript_payloads_fire_under_an_ecmascript_main_module() {
    let asked = probe("node", &["-p", "typeof process.getBuiltinModule"]);
    if asked.is_none_or(|it| it.trim() != "function") {
        // An older Node gives an ECMAScript main module no synchronous way to a process.
        println!("skipped: node has no process.getBuiltinModule");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("contexts.mjs");
    fs::copy(driver("contexts.js"), &copy).unwrap();
    check_code("node", &copy, PayloadClass::JavaScriptCode);
}
