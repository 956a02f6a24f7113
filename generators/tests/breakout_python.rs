//! One synthesized payload per Python context, run in CPython.
//!
//! Run with `--nocapture` to see the matrix.

use evfuzz_generators::{
    breakout::{Canary, Filter, Language, Sighting, Terms, synthesize},
    nonce::NonceSource,
};
use proptest::prelude::*;

#[path = "breakout/bench.rs"]
mod bench;

use bench::{Bench, budget, driver, installed, make, sampled};

/// The 19 contexts of the catalogue's matrix.
const CATALOGUE: &[&str] = &[
    "eval» @",
    "exec» @",
    "exec» x = @",
    "eval» str('@')",
    "eval» str(\"@\")",
    "eval» [@]",
    "eval» max(1,@)",
    "eval» (@)+1",
    "eval» '''@'''",
    "eval» \"\"\"@\"\"\"",
    "eval» f'pre @ post'",
    "eval» f\"pre @ post\"",
    "eval» {}.get('@')",
    "eval» {}.get(\"@\")",
    "eval» 1 < @",
    "eval» (lambda x: @)(1)",
    "eval» str.@",
    "call» def call():\n    y = 1\n    return @\n",
    "exec» x = 1 # @\nx = 2\n",
];

/// What the catalogue's matrix does not have.
const MORE: &[&str] = &[
    "eval» {'a': @}",
    "eval» {'@': 1}",
    "eval» {'@', 1}",
    "eval» {@: 1}",
    "exec» if x == '@':\n    x = 2\n",
    "exec» if @:\n    x = 2\n",
    "locals» @",
    "compile» '@'",
    "eval» r'a\\d @'",
    "eval» b'@'",
    "eval» rb\"@\"",
    "eval» u'@'",
    "eval» 'a' '@' 'b'",
    "eval» 'a\\'@'",
    "eval» f'{x} @'",
    "eval» f'{x:@}'",
    "eval» f'{x:>{@}}'",
    "eval» f'{f(\"@\")}'",
    "eval» f'{{@}}'",
    "eval» rf'\\d@'",
    "eval» f'''a {x}\n@ b'''",
    "eval» f'{x!r:>10} @'",
    "eval» f'{@}'",
    "eval» f'{x}' + '@'",
    "eval» '%s' % '@'",
    "eval» 'a {} b'.format('@')",
    "eval» x if x == '@' else 2",
    "eval» '@' if x else 2",
    "eval» [c for c in '@']",
    "eval» {k: v for k, v in [('@', 1)]}",
    "eval» f(a='@')",
    "eval» f(@=1)",
    "eval» f(1, *['@'])",
    "eval» x[1:@]",
    "eval» x.@.b",
    "exec» x.@ = 1",
    "exec» x.__class__.@()",
    "exec» y = x@",
    "eval» not @",
    "eval» 1 @",
    "eval» -@",
    "eval» 1@",
    "eval» [1, # @\n 2]",
    "eval» f(1 # @\n)",
    "eval» (x, # '@\n)",
    "exec» if x:\n    y = 1 # @\n    y = 2\n",
    "exec» if x: # @\n    y = 1\n",
    "exec» if x:\n  y = '@'\nelse:\n  y = 2\n",
    "exec» while x:\n    y = \"@\"\n    break\n",
    "exec» for c in '@':\n    pass\n",
    "exec» for @ in [1]:\n    pass\n",
    "exec» try:\n    y = '@'\nfinally:\n    pass\n",
    "exec» with open('@') as file:\n    pass\n",
    "exec» class A:\n    '''@'''\n    y = 1\n",
    "exec» class A:\n    y = '@'\n",
    "exec» class @:\n    pass\n",
    "exec» def @():\n    pass\n",
    "exec» def g(a='@'):\n    pass\n",
    "exec» def g(@):\n    pass\n",
    "call» def call():\n    '''doc @'''\n    return 1\n",
    "exec» import @",
    "exec» y: str = '@'",
    "exec» y = z = '@'",
    "exec» x += @",
    "exec» assert '@'",
    "exec» raise ValueError('@')",
    "exec» del x, @",
    "exec» global @",
    "exec» y = 1; z = '@'; w = 2",
    "exec» y = lambda: 1\nz = [\n    'a',\n    '@',\n]\n",
    "exec» match x:\n    case 1:\n        y = '@'\n",
    "exec» y = '''\n@\n'''",
    "exec» y = 'a' \\\n    '@'\n",
    "exec» @\ny = 1\n",
    "exec» y = 1\n@\nz = 2\n",
    "exec» if x:\n    @\n    y = 1\n",
    "exec» print('@', file=None) if x is None else f(\"b\")",
    "eval» (y := '@')",
    "exec» if x:\n    y = f'{x!r:@}'\n",
];

fn bench_of(contexts: &[String]) -> Bench {
    Bench::new(Language::Python, contexts, |nonce| Canary::new([format!("{nonce}(7)")]))
}

#[test]
fn one_payload_per_context_fires_in_python() {
    if !installed("python3", &["--version"]) {
        return;
    }
    let contexts: Vec<String> = [CATALOGUE, MORE].concat().iter().map(|it| (*it).to_owned()).collect();
    let bench = bench_of(&contexts);
    let hits = bench.drive("python3", &driver("python.py"));
    bench.check("python3", &hits, &[]);
}

#[test]
fn random_sources_fire_in_python() {
    if !installed("python3", &["--version"]) {
        return;
    }
    let texts = sampled(source(), budget(800, 6_000));
    let texts: Vec<String> = texts.iter().map(|it| format!("exec» {it}")).collect();
    let bench = bench_of(&texts);
    let hits = bench.drive("python3", &driver("python.py"));
    bench.check_quietly("python3, random sources", &hits);
}

/// Sources with one `@`, in constructs that are always evaluated.
fn source() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("@"),
        Just("'@'"),
        Just("'a @ b'"),
        Just("\"it's @\""),
        Just("'''a\n@'''"),
        Just("\"\"\"@\"\"\""),
        Just("f'a @'"),
        Just("f\"{x} @ b\""),
        Just("f'{x:@}'"),
        Just("r'\\@'"),
        Just("b'@'"),
        Just("('a' '@')"),
        Just("x.@"),
        Just("(1 # @\n)"),
        Just("(1, # '@\n)"),
        Just("'\\'@'"),
        Just("'\\\\@'"),
    ]
    .prop_map(str::to_owned);
    let expression = leaf.prop_recursive(4, 10, 1, |inner| {
        (0..24_usize, inner).prop_map(|(kind, text)| expression(kind, &text))
    });
    let first = (0..14_usize, expression).prop_map(|(kind, text)| statement(kind, &text));
    first.prop_recursive(3, 6, 1, |inner| (0..10_usize, inner).prop_map(|(kind, text)| block(kind, &text)))
}

fn expression(kind: usize, text: &str) -> String {
    match kind {
        0 => format!("f({text})"),
        1 => format!("f(1, {text}, 2)"),
        2 => format!("[1, {text}]"),
        3 => format!("{{'k': {text}}}"),
        4 => format!("f({text}, k=1)"),
        5 => format!("f(k={text})"),
        6 => format!("(1, {text})"),
        7 => format!("(not {text})"),
        8 => format!("(lambda: {text})()"),
        9 => format!("(lambda a={text}: a)()"),
        10 => format!("({text} if x else 1)"),
        11 => format!("(1 if {text} else 2)"),
        12 => format!("[i for i in [{text}]]"),
        13 => format!("[{text} for i in [1]]"),
        14 => format!("(x == {text})"),
        15 => format!("(x is None or {text})"),
        16 => format!("f(*[{text}])"),
        17 => format!("f(**{{'k': {text}}})"),
        18 => format!("[0, 1][:{text}]"),
        19 => format!("({text} and 1)"),
        20 => format!("str({text}).strip('\\'')"),
        21 => format!("({text}, 1)[0]"),
        22 if !text.contains(['\'', '\\', '#', '\n']) => format!("f'a{{ {text} }}b'"),
        _ => format!("({text})"),
    }
}

fn statement(kind: usize, text: &str) -> String {
    match kind {
        0 => format!("y = {text}\n"),
        1 => format!("{text}\n"),
        2 => format!("if {text}:\n    y = 1\nelse:\n    y = 2\n"),
        3 => format!("for i in [{text}]:\n    pass\n"),
        4 => format!("y = 1; z = {text}; w = 2\n"),
        5 => format!("y: int = {text}\n"),
        6 => format!("assert {text}\n"),
        7 => format!("while {text}:\n    break\n"),
        8 => format!("def g(a={text}):\n    return a\n"),
        9 => format!("def g():\n    return {text}\ng()\n"),
        10 => format!("class A:\n    y = {text}\n"),
        11 => format!("raise ValueError({text})\n"),
        12 => format!("y = f(\n    1,\n    {text},\n)\n"),
        _ => format!("f(1) # a\ny = {text} # 'b\nf(2)\n"),
    }
}

fn block(kind: usize, text: &str) -> String {
    // A string over several lines must not be indented, nor may a line within brackets matter.
    let inner: String = if text.contains("'''") {
        return format!("f(1)\n{text}");
    } else {
        text.lines().map(|line| format!("    {line}\n")).collect()
    };
    match kind {
        0 => format!("if x:\n{inner}"),
        1 => format!("try:\n{inner}finally:\n    f(1)\n"),
        2 => format!("try:\n{inner}except Exception as e:\n    f(e)\n"),
        3 => format!("def h():\n{inner}h()\n"),
        4 => format!("for j in [1]:\n{inner}else:\n    f(1)\n"),
        5 => format!("while True:\n{inner}    break\n"),
        6 => format!("if not x:\n    f(1)\nelse:\n{inner}"),
        7 => format!("# a 'b\nf(1)\n{text}# c\n"),
        8 => format!(
            "match x:\n    case 1:\n{}",
            inner.lines().map(|it| format!("    {it}\n")).collect::<String>()
        ),
        _ => format!("class B:\n{inner}"),
    }
}

#[track_caller]
fn check_filtered(context: &str, filter: &Filter, expected: Option<&str>) {
    let terms = Terms { filter: filter.clone(), ..Terms::default() };
    let nonce = NonceSource::new(1).take();
    let cell = make(Language::Python, context, nonce, &Canary::new(["c(7)"]), &terms);
    assert_eq!(cell.found.as_ref().map(|it| it.payload.as_str()), expected, "{context} {:?}", cell.text);
}

#[test]
fn other_characters_are_used_where_some_are_removed() {
    let removing = Filter::removing;
    check_filtered("f('@')", &removing(""), Some("'*c(7)+'"));
    check_filtered("f('@')", &removing("*+"), Some("'-c(7)-'"));
    check_filtered("f('@')", &removing("'"), None);
    check_filtered("f'@'", &removing("'"), Some("{c(7)}"));
    check_filtered("f'@'", &removing("{"), Some("'*c(7)#"));
    check_filtered("f'@'", &removing("{'"), None);
    check_filtered("'''@'''", &removing(""), Some("'''*c(7)#"));
    check_filtered("f('''@\n''')", &removing(""), Some("'''*c(7)+'''"));
    check_filtered("x = 1 # @\ny", &removing("\n"), None);
}

#[test]
fn a_value_written_by_repr_is_closed_once_seen() {
    let text = "f('mk7')";
    let sighting = Sighting::find(text, bench::MARKER).unwrap();
    let canary = Canary::new(["c(7)"]);
    let mut terms = Terms::default();
    // As `repr` of a text with both quotes: `\` and `'` get a backslash.
    for _ in 0..2 {
        let found = synthesize(Language::Python, &sighting, &canary, &terms).unwrap();
        let seen = found.payload.replace('\\', "\\\\").replace('\'', "\\'");
        terms.filter.refine(&found.payload, &seen);
    }
    assert_eq!(synthesize(Language::Python, &sighting, &canary, &terms), None);
}

#[test]
fn a_command_in_a_replacement_field_avoids_the_quotes_around_it() {
    let nonce = NonceSource::new(1).take();
    let canary = Canary::command(Language::Python, &nonce);
    for (text, quote) in [("f'mk7'", '\''), ("f\"mk7\"", '"')] {
        let sighting = Sighting::find(text, bench::MARKER).unwrap();
        let found = synthesize(Language::Python, &sighting, &canary, &Terms::default()).unwrap();
        assert!(!found.payload.contains(quote), "{}", found.payload);
    }
}
