//! One synthesized payload per shell context, run in dash and in bash.
//!
//! Run with `--nocapture` to see the matrices.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]

use std::fs;

use evfuzz_generators::{
    breakout::{Canary, Certainty, Delimiters, Filter, Language, Sighting, Terms, learn, synthesize},
    nonce::NonceSource,
};
use proptest::prelude::*;

#[path = "breakout/bench.rs"]
mod bench;

use bench::{Bench, budget, executable, installed, make, sampled};

/// The 30 contexts of the catalogue's matrix; `SH` is the shell.
const CATALOGUE: &[&str] = &[
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
];

const QUOTED_HERE_DOCUMENT: &str = "cat <<'E'\n@\nE";

/// What the catalogue's matrix does not have.
const MORE: &[&str] = &[
    "echo @",
    "echo '@'",
    "echo pre@post",
    r"find . -maxdepth 0 -exec @ \;",
    r"find . -maxdepth 0 -exec SH -c 'echo @' \;",
    "find . -maxdepth 0 -name '@'",
    "find . -maxdepth 0 -name '*@*' -print",
    "echo a | xargs @",
    "echo a | xargs -I{} SH -c 'echo {} @'",
    "env -S '@'",
    "env -S 'echo @'",
    "ssh host '@'",
    "ssh -p 22 host \"echo '@'\"",
    "SH -c 'echo $0' @",
    "SH -c 'echo \"$1\"' x '@'",
    "SH -ec 'true; echo @'",
    r#"SH -c "SH -c 'echo @'""#,
    r#"SH -c 'SH -c "echo @"'"#,
    r#"SH -c "echo \"@\"""#,
    r"SH -c 'echo '\''@'\'''",
    "eval \"echo '@'\"",
    "eval echo @",
    "false && echo @",
    "false && echo \"@\"",
    "true || cat '@'",
    "cd /nowhere 2>/dev/null && ls '@'",
    "exec echo '@'",
    "exec echo @",
    ": > out/@",
    "exit @",
    "set -e; false @",
    "x=1; echo ${x:-@}",
    "echo \"${x:-@}\"",
    "echo \"${HOME%@}\"",
    "if [ @ = a ]; then echo b; fi",
    "if true; then echo '@'; else echo c; fi",
    "while [ '@' = x ]; do break; done",
    "( cd . && echo '@' )",
    "{ echo \"@\"; }",
    "cat <<-E\n\tpre \"@\"\n\tE\necho done",
    "cat <<E | cat\n$(echo '@')\nE",
    "echo a; # '@'",
    "echo a #@",
    "f() { echo '@'; }; f",
    "echo `echo \\`echo @\\``",
    "echo \"`echo \\\"@\\\"`\"",
    "echo \\@",
    "echo $((1*(@)))",
    "a=1@; echo $a",
    "cat < @",
    "echo a 2> out/@ | cat",
    "sudo @",
    "timeout 5 echo @",
    "tar -cf out/x.tar --exclude='@' . 2>/dev/null",
    "case a in @) echo;; esac",
    "case a in a) echo '@';; esac",
    "for i in a '@' b\ndo\necho $i\ndone",
    "echo a | awk '/@/{print}'",
    "echo a | grep -c \"@\" | cat",
    "echo 'it'\\''s @'",
    "echo \"a\\\"@\"",
    "printf '%s\\n' \"@\" >/dev/null &",
    "until echo \"@\"; do break; done",
    "! echo '@'",
    "test -f @ -a -n x",
    "echo a && echo b || echo '@'",
];

/// What only Bash knows.
const BASH: &[&str] = &[
    "echo $'a @'",
    "echo $\"a @\"",
    "[[ @ = a ]] || true",
    "[[ '@' == a* && -n x ]] || true",
    "(( x = 1 + @ ))",
    "cat <(echo '@')",
    "cat <<< '@'",
    "cat <<< \"@\"",
    "a=(x '@' y); echo ${a[0]}",
    "echo ${HOME//a/@}",
    "echo a &> out/@",
    "function f { echo '@'; }; f",
    "for ((i=0; i<1; i++)); do echo '@'; done",
];

/// The function's fake remote: sshd hands the joined words to the user's shell.
const SSH: &str = "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in -p) shift 2;; *) break;; esac; done\nshift\nexec sh -c \"$*\"\n";
const SUDO: &str = "#!/bin/sh\nexec \"$@\"\n";

fn language(shell: &str) -> Language {
    if shell == "bash" { Language::Bash } else { Language::Sh }
}

/// Runs all texts in one process; a syntax error ends a subshell, not the script.
fn run(bench: &Bench, shell: &str) {
    executable(&bench.path("bin/ssh"), SSH);
    executable(&bench.path("bin/sudo"), SUDO);
    let script: String = bench
        .cells
        .iter()
        .filter(|it| it.found.is_some())
        .map(|it| format!("( eval '{}' ) </dev/null\n", it.text.replace('\'', r"'\''")))
        .collect();
    fs::write(bench.path("script"), script).unwrap();
    bench.run(shell, &[&bench.path("script")]);
}

fn check_matrix(shell: &str, more: &[&str]) {
    if !installed(shell, &["-c", "echo"]) {
        return;
    }
    let contexts: Vec<String> =
        [CATALOGUE, MORE, more].concat().iter().map(|it| it.replace("SH", shell)).collect();
    let bench = Bench::with_commands(language(shell), &contexts);
    run(&bench, shell);
    bench.check(shell, &bench.hits(), &[QUOTED_HERE_DOCUMENT]);
}

#[test]
fn one_payload_per_context_fires_in_dash() {
    check_matrix("dash", &[]);
}

#[test]
fn one_payload_per_context_fires_in_bash() {
    check_matrix("bash", BASH);
}

#[test]
fn random_commands_fire_in_dash() {
    check_random("dash");
}

#[test]
fn random_commands_fire_in_bash() {
    check_random("bash");
}

fn check_random(shell: &str) {
    if !installed(shell, &["-c", "echo"]) {
        return;
    }
    let texts = sampled(command(shell), budget(400, 5_000));
    let bench = Bench::with_commands(language(shell), &texts);
    run(&bench, shell);
    bench.check_quietly(&format!("{shell}, random commands"), &bench.hits());
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Commands with one `@`, in constructs that are always reached.
fn command(shell: &str) -> impl Strategy<Value = String> + use<> {
    let shell = shell.to_owned();
    let word = prop_oneof![
        Just("@"),
        Just("a@"),
        Just("@.txt"),
        Just("a@b"),
        Just("'@'"),
        Just("'a @ b'"),
        Just("\"@\""),
        Just("\"a $HOME @\""),
        Just("pre'@'post"),
        Just("a\"@ b\""),
        Just("${nothing:-@}"),
        Just("\"${nothing:-a @}\""),
        Just("$((1+@))"),
    ]
    .prop_map(str::to_owned);
    let first = (0..13_usize, word).prop_map(|(kind, word)| simple(kind, &word));
    first.prop_recursive(4, 12, 2, move |inner| {
        let shell = shell.clone();
        (0..20_usize, inner).prop_map(move |(kind, text)| compound(kind, &text, &shell))
    })
}

fn simple(kind: usize, word: &str) -> String {
    match kind {
        0 => format!("ls -- {word} 2>/dev/null"),
        1 => format!("X={word} env >/dev/null"),
        2 => format!("[ {word} = a ] || true"),
        3 => format!("case {word} in a) echo;; *) echo b;; esac"),
        4 => format!("for i in x {word}; do echo $i; done"),
        5 => format!("cat {word} </dev/null | cat"),
        6 => format!("Y={word}; echo $Y"),
        7 => format!("echo a > out/{word}"),
        8 => format!("if [ -n {word} ]; then echo c; fi"),
        9 => format!("printf '%s' a {word} b"),
        10 => format!("echo a # {word}\necho b"),
        _ => format!("echo {word} z"),
    }
}

fn compound(kind: usize, text: &str, shell: &str) -> String {
    // A comment or here-document goes to the end of its line.
    let ended =
        if text.contains('\n') || text.contains('#') { format!("{text}\n") } else { format!("{text};") };
    match kind {
        0 => format!("{shell} -c {}", quoted(text)),
        1 => format!("eval {}", quoted(text)),
        2 => format!("( {ended} )"),
        3 => format!("{{ {ended} }}"),
        4 => format!("if true; then {ended} fi"),
        5 => format!("true && {text}"),
        6 => format!("false; {text}"),
        7 => format!("echo $( {ended} )"),
        8 => format!("echo \"a $( {ended} ) b\""),
        9 if !text.contains(['`', '\\', '$', '"']) => format!("echo `{ended}`"),
        10 if !text.contains(['"', '`', '\\', '$', '!']) => format!("{shell} -c \"{text}\""),
        11 => format!("cat <<E{0}\na $( {ended} ) 'b'\nE{0}\necho c", text.len()),
        12 => format!("while true; do {ended} break; done"),
        13 => format!("f() {{ {ended} }}; f"),
        14 => format!("false || {text}"),
        15 => format!("case x in x) {ended} esac"),
        16 => format!("echo z | xargs {shell} -c {}", quoted(text)),
        17 => format!("{ended} echo y"),
        18 => format!("cat <<E{0}\n`echo a`\nE{0}\n{text}", text.len()),
        _ => format!("! {{ {ended} }}"),
    }
}

/// One payload under a filter, with the text it makes run in dash.
#[track_caller]
fn check_filtered(context: &str, filter: &Filter, expected: Option<&str>) {
    let canary = Canary::new(["evc"]);
    let terms = Terms { filter: filter.clone(), ..Terms::default() };
    let nonce = NonceSource::new(1).take();
    let cell = make(Language::Sh, context, nonce, &canary, &terms);
    assert_eq!(cell.found.as_ref().map(|it| it.payload.as_str()), expected, "{context} {:?}", cell.text);
}

#[test]
fn other_characters_are_used_where_some_are_removed() {
    let removing = Filter::removing;
    check_filtered("echo @ x", &removing(""), Some(";evc"));
    check_filtered("echo @ x", &removing("`"), Some(";evc"));
    check_filtered("echo @ x", &removing("`$;"), Some("|evc"));
    check_filtered("echo @ x", &removing("`$;|&"), Some("\nevc"));
    check_filtered("echo @ x", &removing("`$;|&\n"), None);
    check_filtered("echo '@'", &removing("`"), Some("';evc'"));
    check_filtered("echo '@'", &removing("'"), None);
    check_filtered("echo \"@\"", &removing("`$"), Some("\";evc\""));
    check_filtered("awk 'BEGIN{print \"@\"}'", &removing("'"), Some("\";system(\"evc\");\""));
    check_filtered("echo a | sed 's/a/@/'", &removing("'"), Some("/;e evc\n#"));
}

#[test]
fn correctly_quoted_values_are_closed_once_seen() {
    let text = "convert 'mk7' out.png";
    let sighting = Sighting::find(text, bench::MARKER).unwrap();
    let canary = Canary::new(["evc"]);
    let first = synthesize(Language::Sh, &sighting, &canary, &Terms::default()).unwrap();
    for (from, to) in [("'", r"'\''"), ("'", "'\"'\"'"), ("'", "")] {
        let filter = learn(&first.payload, &first.payload.replace(from, to));
        let terms = Terms { filter, ..Terms::default() };
        assert_eq!(synthesize(Language::Sh, &sighting, &canary, &terms), None, "{to}");
    }
}

#[test]
fn a_quote_escaped_without_its_backslash_is_left() {
    // `\"` for `"` and nothing for `\`: a backslash sent before the quote undoes the escape.
    let filter = Filter::removing("`$").replacing('"', "\\\"");
    check_filtered("echo \"@\"", &filter, Some("\\\";evc #"));
    check_filtered("echo \"@\"", &filter.replacing('\\', "\\\\"), None);
}

#[test]
fn a_here_document_is_left_only_by_a_known_delimiter() {
    if !installed("dash", &["-c", "echo"]) {
        return;
    }
    let mut bench = Bench::with_commands(Language::Sh, &[QUOTED_HERE_DOCUMENT.to_owned()]);
    let nonce = bench.cells[0].nonce.clone();
    let terms = Terms { delimiters: Delimiters::Known, ..Terms::default() };
    let canary = Canary::command(Language::Sh, &nonce);
    bench.cells = vec![make(Language::Sh, QUOTED_HERE_DOCUMENT, nonce, &canary, &terms)];
    run(&bench, "dash");
    bench.check("known delimiter", &bench.hits(), &[]);
}

#[test]
fn nothing_fires_behind_the_end_of_the_shell() {
    for context in ["exit 0; echo @", "exec true; echo '@'", "eval '\"'; echo @"] {
        check_filtered(context, &Filter::default(), None);
    }
}

#[test]
fn certainty_tells_what_a_branch_may_prevent() {
    for (context, expected) in [
        ("echo mk7", Certainty::Always),
        ("false && echo mk7", Certainty::Always),
        ("false && echo \"mk7\"", Certainty::Always),
        ("if false; then echo mk7; fi", Certainty::IfReached),
        ("f() { echo mk7; }", Certainty::IfReached),
    ] {
        let sighting = Sighting::find(context, bench::MARKER).unwrap();
        let found = synthesize(Language::Sh, &sighting, &Canary::new(["evc"]), &Terms::default()).unwrap();
        assert_eq!(found.certainty, expected, "{context}: {}", found.payload);
    }
}
