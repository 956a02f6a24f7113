//! One synthesized payload per JavaScript context, run in Node.
//!
//! Run with `--nocapture` to see the matrix.

use evfuzz_generators::{
    breakout::{Canary, Filter, Language, Sighting, Terms, learn, synthesize},
    nonce::{Nonce, NonceSource},
};
use proptest::prelude::*;

#[path = "breakout/bench.rs"]
mod bench;

use bench::{Bench, budget, driver, installed, make, sampled};

/// The 25 contexts of the catalogue's matrix.
const CATALOGUE: &[&str] = &[
    "eval» @",
    "indirect» @",
    "eval» (@)",
    "eval» var x=@",
    "function» @",
    "function» return @",
    "function» return @;",
    "eval» String('@')",
    "eval» String(\"@\")",
    "eval» String(`@`)",
    "eval» Math.max(1,@)",
    "eval» [@]",
    "eval» ({a:@})",
    "eval» ({a:'@'})",
    "function» return '@'",
    "eval» ({})['@']",
    "eval» if(@){}",
    "eval» 1<@",
    "eval» /@/",
    "eval» 1//@",
    "eval» 1/*@*/",
    "script» @",
    "fresh» @",
    "fresh» x='@'",
    "object» @",
];

/// What the catalogue's matrix does not have.
const MORE: &[&str] = &[
    "function» 'use strict';return '@'",
    "function» 'use strict';return @",
    "function» '@'",
    "eval» ((y)=>@)(1)",
    "eval» x.@",
    "eval» x.@()",
    "eval» x.@=1",
    "eval» x.a.@",
    "function» return x.@;",
    "function» return x.a@",
    "function» with(x){ return @ }",
    "function» var p='';p+='<b>';p+='@';p+='</b>';return p",
    "eval» `a ${ f('@') } b`",
    "eval» `a ${ f(`b @`) } c`",
    "eval» `a ${ { a: [@] } } c`",
    "eval» /a@b/.test('x')",
    "eval» /[@]/",
    "eval» /(a|@)+/g",
    "eval» f(/[a-z]@/i)",
    "eval» 1 / 2 /* @ */ / 3",
    "eval» f(1, // @\n 2)",
    "eval» f(1 // @\n)",
    "eval» [1, /* @ */ 2]",
    "eval» var a = 1; // @\nvar b = 2;",
    "eval» ({'@': 1})",
    "eval» ({\"@\": 1, b: 2})",
    "eval» ({@: 1})",
    "eval» ({a: 1, @: 2})",
    "eval» var {'@': y} = x",
    "eval» class A { static '@' = 1 }",
    "eval» ({'@'() {}})",
    "eval» ({get '@'() { return 1 }})",
    "eval» var @ = 1",
    "eval» let a = 1, b@ = 2;",
    "eval» x@ = 1",
    "eval» (function(@) {})()",
    "eval» function @() {}",
    "eval» (function(){ return '@' })()",
    "eval» x ? '@' : 2",
    "eval» x['@'].b",
    "eval» x['@']()",
    "eval» new Date('@')",
    "eval» '@'.length",
    "eval» -'@'",
    "eval» typeof '@' === 'string'",
    "eval» switch ('@') { case 'a': break; default: }",
    "eval» switch ('a') { case '@': }",
    "eval» for (const c of '@') {}",
    "eval» for (var i = 0; i < '@'; i++) {}",
    "eval» do { '@' } while (0)",
    "eval» try { throw '@' } catch { }",
    "eval» label: { f('@') }",
    "eval» f('@', function () { return 1 })",
    "eval» f({ a: { b: ['c', \"@\"] } })",
    "eval» x == '@' && f(1)",
    "eval» var s = 'a\\'@'",
    "eval» 'a' + '@' + 'b'\nf(1)",
    "eval» String.raw`a @ b`",
    "eval» 1@",
    "eval» 0.5 * @px",
    "eval» x ? [ @ ] : 1",
    "eval» `\\${@}`",
    "eval» ;[1, '@'].map(f)",
];

/// A canary that is a function of the global object; `vm` contexts reach it by a constructor.
fn call(context: &str, nonce: &Nonce) -> Canary {
    if !context.starts_with("fresh") && !context.starts_with("object") {
        return Canary::new([format!("{nonce}(7)")]);
    }
    Canary::new(
        ["'", "\"", "`"]
            .map(|quote| format!("this.constructor.constructor({quote}return {nonce}(7){quote})()")),
    )
}

fn bench_of(contexts: &[String]) -> Bench {
    let mut bench = Bench::new(Language::JavaScript, &[], |_| Canary::new(["x"]));
    let mut nonces = NonceSource::new(7);
    bench.cells = contexts
        .iter()
        .map(|context| {
            let nonce = nonces.take();
            let canary = call(context, &nonce);
            make(Language::JavaScript, context, nonce, &canary, &Terms::default())
        })
        .collect();
    bench
}

#[test]
fn one_payload_per_context_fires_in_node() {
    if !installed("node", &["--version"]) {
        return;
    }
    let contexts: Vec<String> = [CATALOGUE, MORE].concat().iter().map(|it| (*it).to_owned()).collect();
    let bench = bench_of(&contexts);
    let hits = bench.drive("node", &driver("javascript.js"));
    bench.check("node", &hits, &[]);
}

#[test]
fn random_scripts_fire_in_node() {
    if !installed("node", &["--version"]) {
        return;
    }
    let texts = sampled(script(), budget(800, 6_000));
    let texts: Vec<String> = texts.iter().map(|it| format!("function» {it}")).collect();
    let bench = bench_of(&texts);
    let hits = bench.drive("node", &driver("javascript.js"));
    bench.check_quietly("node, random scripts", &hits);
}

/// Scripts with one `@`, in constructs that are always evaluated.
fn script() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("@"),
        Just("'@'"),
        Just("'a @ b'"),
        Just("\"it's @\""),
        Just("`a @`"),
        Just("`a ${1} '@'`"),
        Just("/a@b/g"),
        Just("/([@])/"),
        Just("1 /* @ */"),
        Just("/* @ */ 1"),
        Just("(1 // @\n)"),
        Just("x.@"),
        Just("({'@': 1})"),
        Just("({@: 1, b: 2})"),
        Just("({\"@\": 1}).c"),
        Just("'\\'@'"),
        Just("\"\\\\@\""),
    ]
    .prop_map(str::to_owned);
    let expression = leaf.prop_recursive(4, 10, 1, |inner| {
        (0..28_usize, inner).prop_map(|(kind, text)| expression(kind, &text))
    });
    let first = (0..16_usize, expression).prop_map(|(kind, text)| statement(kind, &text));
    first.prop_recursive(3, 6, 1, |inner| (0..12_usize, inner).prop_map(|(kind, text)| block(kind, &text)))
}

fn expression(kind: usize, text: &str) -> String {
    match kind {
        0 => format!("f({text})"),
        1 => format!("f(1, {text}, 2)"),
        2 => format!("[1, {text}]"),
        3 => format!("({{k: {text}}})"),
        4 => format!("(1 + {text})"),
        5 => format!("({text} + 1)"),
        6 => format!("`a${{{text}}}b`"),
        7 => format!("(typeof {text})"),
        8 => format!("(y = {text})"),
        9 => format!("(() => {text})()"),
        10 => format!("(function () {{ return {text} }})()"),
        11 => format!("({text} ? 1 : 2)"),
        12 => format!("({{[{text}]: 1}})"),
        13 => format!("x[{text}]"),
        14 => format!("new Array({text})"),
        15 => format!("[...String({text})]"),
        16 => format!("({text}, 1)"),
        17 => format!("/r\\/[/]/.test({text})"),
        18 => format!("(1 / 2 / {text})"),
        19 => format!("(async () => {text})()"),
        20 => format!("(({{a = {text}}}) => a)({{}})"),
        21 => format!("((a = {text}) => a)()"),
        22 => format!("f`a${{{text}}}`"),
        23 => format!("({{m() {{ return {text} }}}}).m()"),
        24 => format!("(x == {text} || 1)"),
        25 => format!("(!{text})"),
        26 => format!("(class {{ static k = {text} }})"),
        _ => format!("({text})"),
    }
}

fn statement(kind: usize, text: &str) -> String {
    match kind {
        0 => format!("f({text})"),
        1 => format!("var y = {text};"),
        2 => format!("if ({text}) {{}} else {{}}"),
        3 => format!("return {text}"),
        4 => format!("return f({text});"),
        5 => format!("for (let i of [{text}]) {{}}"),
        6 => format!("switch ({text}) {{ case 1: break }}"),
        7 => format!("while ({text}) {{ break }}"),
        8 => format!("let {{k = {text}}} = {{}}\nf(k)"),
        9 => format!("const a = 1, b = {text}"),
        10 => format!("f(1)\nvar z = {text}\nf(z)"),
        11 => format!("throw {text}"),
        12 => format!("x.a = {text}; f(2)"),
        13 => format!("x.a += {text} // '\nf(2)"),
        14 => format!("class A {{ static k = {text}; m() {{}} }}"),
        _ => format!("f(1);f({text});f(2)"),
    }
}

fn block(kind: usize, text: &str) -> String {
    match kind {
        0 => format!("{{ {text} }}"),
        1 => format!("if (1) {{ {text} }}"),
        2 => format!("try {{ {text} }} catch (e) {{}} finally {{ f(1) }}"),
        3 => format!("do {{ {text} }} while (0)"),
        4 => format!("l{}: {{ {text} }}", text.len()),
        5 => format!("switch (1) {{ case 1: {text} }}"),
        6 => format!("(() => {{ {text} }})()"),
        7 => format!("function g() {{ {text} }}\ng()"),
        8 => format!("'use strict'; var y; {text}"),
        9 => format!("for (var i = 0; i < 1; i++) {{ {text} }}"),
        10 => format!("/* a */ f(1); // b\n{text}\n// c\n"),
        _ => format!("new (class {{ constructor() {{ {text} }} }})()"),
    }
}

#[track_caller]
fn check_filtered(context: &str, filter: &Filter, expected: Option<&str>) {
    let terms = Terms { filter: filter.clone(), ..Terms::default() };
    let nonce = NonceSource::new(1).take();
    let cell = make(Language::JavaScript, context, nonce, &Canary::new(["c(7)"]), &terms);
    assert_eq!(cell.found.as_ref().map(|it| it.payload.as_str()), expected, "{context} {:?}", cell.text);
}

#[test]
fn other_characters_are_used_where_some_are_removed() {
    let removing = Filter::removing;
    check_filtered("f('@')", &removing(""), Some("'+c(7)+'"));
    check_filtered("f('@')", &removing("+"), Some("'-c(7)-'"));
    check_filtered("f('@')", &removing("+-*/%|&^<>"), Some("',c(7),'"));
    check_filtered("f('@')", &removing("'"), None);
    check_filtered("f(`@`)", &removing("$"), Some("`+c(7)`"));
    check_filtered("f(`@`)", &removing("$`"), None);
    check_filtered("1//@", &removing("\n"), None);
    check_filtered("1/*@*/", &removing("*"), None);
}

#[test]
fn a_value_written_by_json_stringify_is_closed_once_seen() {
    let text = "f(\"mk7\")";
    let sighting = Sighting::find(text, bench::MARKER).unwrap();
    let canary = Canary::new(["c(7)"]);
    let first = synthesize(Language::JavaScript, &sighting, &canary, &Terms::default()).unwrap();
    let written = serde_json::to_string(&first.payload).unwrap();
    let filter = learn(&first.payload, &written[1..written.len() - 1]);
    let mut terms = Terms { filter, ..Terms::default() };
    // The next try tells that a backslash is escaped too.
    let second = synthesize(Language::JavaScript, &sighting, &canary, &terms).unwrap();
    assert_eq!(second.payload, "\\\"+c(7))//");
    let written = serde_json::to_string(&second.payload).unwrap();
    terms.filter.refine(&second.payload, &written[1..written.len() - 1]);
    assert_eq!(synthesize(Language::JavaScript, &sighting, &canary, &terms), None);
}

#[test]
fn commands_are_spelled_without_the_quotes_that_are_removed() {
    let nonce = NonceSource::new(1).take();
    let canary = Canary::command(Language::JavaScript, &nonce);
    let sighting = Sighting::find("return mk7", bench::MARKER).unwrap();
    let found = synthesize(Language::JavaScript, &sighting, &canary, &Terms::without("'\"`")).unwrap();
    assert!(found.payload.contains("(class child_process{}).name"), "{}", found.payload);
}
