//! Events from JSON and results to JSON, by the rules of the official client's library, simplejson
//! 4.3.0 with the encoder of awslambdaric.

use crate::start;
use crate::support::Function;

/// Checks what becomes of results: the answer, or the message of a `Runtime.MarshalError`.
fn check(definitions: &str, cases: &[(&str, &str)]) {
    let names: Vec<&str> = cases.iter().map(|(result, _)| *result).collect();
    let choices: String = names.iter().map(|name| format!("    lambda: {name},\n")).collect();
    let source = format!(
        "{definitions}\nresults = [\n{choices}]\ndef handler(event, context):\n    return results[event]()\n"
    );
    let Some(mut function) = start(&source) else {
        return;
    };
    for (index, (result, expected)) in cases.iter().enumerate() {
        let (kind, body) = function.invoke(&index.to_string());
        let found = if kind == "response" {
            body
        } else {
            let error: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(error["errorType"], "Runtime.MarshalError", "{result}: {body}");
            assert_eq!(error["stackTrace"], serde_json::json!([]), "{result}: {body}");
            error["errorMessage"].as_str().unwrap().replace("Unable to marshal response: ", "!")
        };
        assert_eq!(found, *expected, "{result}");
    }
}

#[test]
fn writes_what_json_has_types_for() {
    check(
        "import collections",
        &[
            ("None", "null"),
            ("''", "\"\""),
            ("[]", "[]"),
            ("{}", "{}"),
            (
                "[1, -2.5, 1e100, True, None, 'a', (1, [2, {}])]",
                "[1, -2.5, 1e+100, true, null, \"a\", [1, [2, {}]]]",
            ),
            (
                "{1: 'a', 1.5: 'b', None: 'c', True: 'd', -0.0: 'e'}",
                r#"{"1": "d", "1.5": "b", "null": "c", "-0.0": "e"}"#,
            ),
            ("[float('nan'), float('inf'), -float('inf')]", "[NaN, Infinity, -Infinity]"),
            ("{float('nan'): 1}", r#"{"NaN": 1}"#),
            ("collections.OrderedDict([('z', 1), ('a', 2)])", r#"{"z": 1, "a": 2}"#),
            ("10 ** 40", "10000000000000000000000000000000000000000"),
            ("'/<>&\"\\\\ \\b\\f\\n\\r\\t\\x00\\x1f'", r#""/<>&\"\\ \b\f\n\r\t\u0000\u001f""#),
        ],
    );
}

#[test]
fn writes_bytes_as_text_unless_they_are_all_there_is() {
    check(
        "",
        &[
            ("b'raw'", "raw"),
            ("{'a': b'raw', b'k': [b'x', b'']}", r#"{"a": "raw", "k": ["x", ""]}"#),
            ("[b'\\xff']", "!'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
            ("bytearray(b'raw')", "!Object of type bytearray is not JSON serializable"),
        ],
    );
    let Some(mut function) = start("def handler(event, context):\n    return b'raw' if event else 'x'\n")
    else {
        return;
    };
    for (event, kind) in [("1", "application/unknown"), ("0", "application/json")] {
        function.send(event);
        assert_eq!(function.read().unwrap().headers["content-type"], kind);
        function.accept();
    }
}

#[test]
fn writes_decimals_digit_by_digit() {
    check(
        "from decimal import Decimal as D",
        &[
            ("D('1.50')", "1.50"),
            ("[D('1E+2'), D('-0'), D(10) ** 30]", "[1E+2, -0, 1.000000000000000000000000000E+30]"),
            ("[D('NaN'), D('sNaN'), D('-NaN')]", "[NaN, NaN, NaN]"),
            ("[D('Infinity'), D('-Infinity')]", "[Infinity, -Infinity]"),
            (
                "{'deep': [{'d': D('0.10'), 's': 'a\"', 'n': None}]}",
                r#"{"deep": [{"d": 0.10, "s": "a\"", "n": null}]}"#,
            ),
            ("{D(1): 1}", "!keys must be str, int, float, bool or None, not Decimal"),
        ],
    );
}

#[test]
fn writes_named_tuples_and_their_like_as_objects() {
    check(
        "import collections\nP = collections.namedtuple('P', 'x y')\nclass A(object):\n    def _asdict(self): return {'z': P(1, ())}\nclass B(object):\n    def _asdict(self): return 3\nclass C(object):\n    def _asdict(self): raise KeyError('q')\nclass D(dict):\n    def _asdict(self): return {'own': 1}\nclass S(str):\n    def _asdict(self): return {}\nclass N(object):\n    _asdict = None\n",
        &[
            ("P(1, [P(2, 3)])", r#"{"x": 1, "y": [{"x": 2, "y": 3}]}"#),
            ("[(1, 2), P(1, 2)]", r#"[[1, 2], {"x": 1, "y": 2}]"#),
            ("A()", r#"{"z": {"x": 1, "y": []}}"#),
            ("[D(a=1), S('s')]", r#"[{"own": 1}, "s"]"#),
            ("B()", "!_asdict() must return a dict, not int"),
            ("C()", "!'q'"),
            ("N()", "!Object of type N is not JSON serializable"),
        ],
    );
}

#[test]
fn writes_subclasses_by_what_they_are() {
    check(
        "import collections, enum\nclass S(str):\n    def __str__(self): return 'other'\nclass I(int):\n    def __repr__(self): return 'I!'\n    __str__ = __repr__\nclass F(float):\n    def __repr__(self): return 'F!'\nclass D(dict):\n    def items(self): return [('z', 1)]\nclass L(list):\n    def __iter__(self): return iter([7])\nclass E(str, enum.Enum):\n    A = 'a'\nclass Plain(enum.Enum):\n    A = 1\n",
        &[
            ("[S('s'), I(3), F(2.5), E.A]", r#"["s", 3, 2.5, "a"]"#),
            ("{S('s'): 1, I(4): 2, F(3.5): 3}", r#"{"s": 1, "4": 2, "3.5": 3}"#),
            ("[D(a=1), D(), L([1]), L()]", r#"[{"z": 1}, {}, [7], [7]]"#),
            ("collections.Counter('aab')", r#"{"a": 2, "b": 1}"#),
            ("Plain.A", "!Object of type Plain is not JSON serializable"),
        ],
    );
}

#[test]
fn refuses_what_is_no_json() {
    check(
        "import collections, types\ndef loop():\n    a = []\n    a.append({'a': a})\n    return a\ndef shared():\n    a = [collections.OrderedDict()]\n    return [a, a, {'a': a}]\ndef own_loop():\n    a = [collections.OrderedDict()]\n    a.append(a)\n    return a\n",
        &[
            ("{1, 2}", "!Object of type set is not JSON serializable"),
            ("[object()]", "!Object of type object is not JSON serializable"),
            ("(x for x in 'a')", "!Object of type generator is not JSON serializable"),
            ("types.MappingProxyType({})", "!Object of type mappingproxy is not JSON serializable"),
            ("{}.keys()", "!Object of type dict_keys is not JSON serializable"),
            ("1j", "!Object of type complex is not JSON serializable"),
            ("{(1, 2): 1}", "!keys must be str, int, float, bool or None, not tuple"),
            ("loop()", "!Circular reference detected"),
            ("own_loop()", "!Circular reference detected"),
            // The encoder has forgotten what it was in the middle of.
            ("shared()", r#"[[{}], [{}], {"a": [{}]}]"#),
            ("[[1], [1]]", "[[1], [1]]"),
        ],
    );
}

#[test]
fn ends_with_an_exit_while_writing() {
    let source = "import sys\nclass A(object):\n    def _asdict(self): sys.exit(5)\ndef handler(event, context):\n    return A()\n";
    let Some(mut function) = start(source) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    assert_eq!(function.end().status.code(), Some(5));
}

#[test]
fn keeps_to_its_own_encoder_and_decoder() {
    // A trick that is often seen; it means nothing to simplejson.
    let source = "import json\njson.JSONEncoder.default = lambda self, value: 'tricked'\njson.dumps = json.loads = None\n\
                  def handler(event, context):\n    return {1} if event else event\n";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.respond("0"), "0");
    assert_eq!(
        function.fail("1")["errorMessage"],
        "Unable to marshal response: Object of type set is not JSON serializable"
    );
}

#[test]
fn writes_characters_as_the_variable_says() {
    let source = "def handler(event, context):\n    return event\n";
    let event = r#"{"s": "äöü ☃ 𝄞 \u0000"}"#;
    let begin = |name: &str| {
        let variables = [("AWS_EXECUTION_ENV", name)];
        Function::start_with(&[("app.py", source)], "app.handler", "python", &variables)
    };
    let Some(mut function) = begin("AWS_Lambda_python3.11") else {
        return;
    };
    assert_eq!(function.respond(event), r#"{"s": "\u00e4\u00f6\u00fc \u2603 \ud834\udd1e \u0000"}"#);
    assert_eq!(function.respond(r#""\ud800 \u007f""#), r#""\ud800 \u007f""#);

    for name in
        ["AWS_Lambda_python3.12", "AWS_Lambda_python3.13", "AWS_Lambda_python3.14", "AWS_Lambda_python3.15"]
    {
        let mut function = begin(name).unwrap();
        assert_eq!(function.respond(event), event);
        assert_eq!(function.respond(r#""\u007f \u2028""#), "\"\u{7f} \u{2028}\"");
        // The managed runtime's own weakness.
        function.send(r#""\ud800""#);
        assert!(function.read().is_none());
        let ended = function.end();
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.stderr.contains("UnicodeEncodeError"), "{ended:?}");
    }
}

#[test]
fn reads_events() {
    let Some(mut function) = start("def handler(event, context):\n    return repr(event)[:60]\n") else {
        return;
    };
    let mut check = |event: &str, expected: &str| {
        let (kind, body) = function.invoke(event);
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let found = if kind == "response" {
            value.as_str().unwrap().to_owned()
        } else {
            assert_eq!(value["errorType"], "Runtime.UnmarshalError", "{event}: {body}");
            value["errorMessage"].as_str().unwrap().replace("Unable to unmarshal input: ", "!")
        };
        assert_eq!(found, expected, "{event}");
    };
    check(" \n\t[1] \r\n", "[1]");
    check(
        "[-0, -0.0, 1E5, 1e999, 12345678901234567890123]",
        "[0, -0.0, 100000.0, inf, 12345678901234567890123]",
    );
    check(r#"{"a":1,"a":2}"#, "{'a': 2}");
    check("\u{feff}{}", "{}");
    check("NaN", "!Expecting value: line 1 column 1 (char 0)");
    check("-Infinity", "!Expecting value: line 1 column 1 (char 0)");
    check("", "!Expecting value: line 1 column 1 (char 0)");
    check("nul", "!Expecting value: line 1 column 1 (char 0)");
}

#[test]
fn words_the_depth_of_events_as_simplejson_does() {
    let source = "import sys\nsys.setrecursionlimit(900)\ndef handler(event, context):\n    return 1\n";
    let Some(mut function) = Function::start_if_installed(&[("app.py", source)], "app.handler", "python3.11")
    else {
        return;
    };
    assert_eq!(
        function.fail(&format!("{}{}", "[".repeat(5000), "]".repeat(5000)))["errorMessage"],
        "Unable to unmarshal input: maximum recursion depth exceeded while decoding a JSON array from a string"
    );
    assert_eq!(
        function.fail(&format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000)))["errorMessage"],
        "Unable to unmarshal input: maximum recursion depth exceeded while decoding a JSON object from a string"
    );
}

#[test]
fn hands_over_bytes_if_the_type_is_not_exactly_json() {
    let Some(mut function) = start("def handler(event, context):\n    return repr(event)\n") else {
        return;
    };
    for kind in ["application/json; charset=utf-8", "text/plain", "Application/JSON"] {
        function.send_with("[1]", &[("Content-Type", kind)]);
        assert_eq!(function.answer().1, "\"b'[1]'\"", "{kind}");
    }
    assert_eq!(function.respond("[1]"), "\"[1]\"");
}
