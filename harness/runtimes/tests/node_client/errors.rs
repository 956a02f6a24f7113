//! The shapes in which errors are posted.

use serde_json::{Value, json};

use super::{BOTH, Client, V3, V4, texts};

#[test]
fn reports_errors_in_the_shape_of_the_managed_runtime() {
    let source = "exports.handler = async (event) => {\n  if (event.plain) throw 'text';\n  null.x;\n};";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        let error = function.fail("{}");
        let keys: Vec<&String> = error.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["errorType", "errorMessage", "trace"]);
        assert_eq!(error["errorType"], "TypeError");
        let trace = texts(&error["trace"]);
        assert_eq!(trace.len(), 2, "{trace:#?}");
        assert!(trace[0].starts_with("TypeError: "), "{trace:#?}");
        assert!(trace[1].contains("index.js:3:8"), "{trace:#?}");

        let error = function.fail(r#"{"plain":true}"#);
        assert_eq!(error.to_string(), r#"{"errorType":"string","errorMessage":"text","trace":[]}"#);

        assert_eq!(function.invoke("{}").0, "error");
        let ended = function.hang_up();
        assert!(ended.stdout.contains("\trequest-1\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\""));
        assert!(ended.stderr.is_empty(), "{ended:?}");
    }
}

/// Throws `thrown` and compares what is posted, but for the stack's frames.
#[track_caller]
fn check(thrown: &str, client: Client, expected: &Value) {
    let source = format!("exports.handler = async () => {{ throw {thrown}; }};");
    let Some(mut function) = client.start(&source) else {
        return;
    };
    let mut error = function.fail("{}");
    if let Some(trace) = error.get_mut("trace").and_then(Value::as_array_mut) {
        trace.retain(|line| !line.as_str().unwrap().starts_with("    at "));
    }
    assert_eq!(error.to_string(), expected.to_string(), "{client:?} {thrown}");
}

#[test]
fn tells_errors_from_other_values() {
    let unreadable = "callback called with Error argument, but there was a problem while retrieving one or \
         more of its message, name, and stack";
    let handled = |with_trace: bool| match with_trace {
        false => json!({ "errorType": "handled", "errorMessage": unreadable }),
        true => json!({ "errorType": "handled", "errorMessage": unreadable, "trace": [] }),
    };
    let plain = |kind: &str, text: &str| json!({ "errorType": kind, "errorMessage": text, "trace": [] });
    let cases = [
        ("'text'", plain("string", "text"), plain("string", "text")),
        ("5", plain("number", "5"), plain("number", "5")),
        ("undefined", plain("string", "handled"), plain("undefined", "undefined")),
        ("null", plain("string", "handled"), plain("object", "null")),
        ("({ a: 1, toString() { return 'own'; } })", plain("object", "own"), plain("object", "own")),
        (
            "({ name: 'N', message: 'M', stack: 'N: M' })",
            json!({ "errorType": "N", "errorMessage": "M", "trace": ["N: M"] }),
            plain("object", "[object Object]"),
        ),
        (
            "({ name: 'N', message: '', stack: 'N' })",
            plain("object", "[object Object]"),
            plain("object", "[object Object]"),
        ),
        (
            "require('vm').runInNewContext(\"new RangeError('far')\")",
            json!({ "errorType": "RangeError", "errorMessage": "far", "trace": ["RangeError: far"] }),
            plain("object", "RangeError: far"),
        ),
        (
            "Object.freeze(new Error('bo\\x7fom ☃'))",
            json!({ "errorType": "Error", "errorMessage": "bo%7Fom ☃", "trace": ["Error: bo%7Fom ☃"] }),
            json!({ "errorType": "Error", "errorMessage": "bo%7Fom ☃", "trace": ["Error: bo%7Fom ☃"] }),
        ),
        ("Object.assign(new Error('x'), { name: 5 })", handled(false), handled(true)),
        ("Object.assign(new Error('x'), { message: {} })", handled(false), handled(true)),
        (
            "Object.assign(new Error('x'), { stack: undefined })",
            handled(false),
            json!({ "errorType": "Error", "errorMessage": "x", "trace": [] }),
        ),
        (
            "Object.assign(new Error('x'), { name: undefined, stack: 's' })",
            json!({ "errorMessage": "x", "trace": ["s"] }),
            json!({ "errorMessage": "x", "trace": ["s"] }),
        ),
        (
            // Client 3 fails to log it, and posts that.
            "Symbol('x')",
            json!({
                "errorType": "TypeError",
                "errorMessage": "Cannot convert a Symbol value to a string",
                "trace": ["TypeError: Cannot convert a Symbol value to a string"],
            }),
            plain("symbol", "Symbol(x)"),
        ),
    ];
    for (thrown, three, four) in cases {
        check(thrown, V3, &three);
        check(thrown, V4, &four);
    }
}

#[test]
fn tells_x_ray_the_cause() {
    for client in BOTH {
        let source =
            "exports.handler = async (event) => { throw event.plain ? 'text' : new TypeError('ü'); };";
        let Some(mut function) = client.start(source) else {
            return;
        };
        let mut cause = |event: &str| {
            function.send(event);
            let asked = function.read().unwrap();
            function.accept();
            assert!(!asked.headers.contains_key("lambda-runtime-function-error-type"), "{asked:?}");
            let text = asked.headers["lambda-runtime-function-xray-error-cause"].clone();
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let error = cause("{}");
        assert_eq!(error["exceptions"][0]["type"], "TypeError");
        assert_eq!(error["exceptions"][0]["message"], "ü");
        let stack = &error["exceptions"][0]["stack"];
        let path = error["paths"][0].as_str().unwrap();
        assert!(path.ends_with("/index.js"), "{error}");
        assert_eq!(*stack, json!([{ "path": path, "line": 1, "label": stack[0]["label"] }]));
        assert!(path.starts_with(error["working_directory"].as_str().unwrap()));

        let plain = cause(r#"{"plain":true}"#);
        assert_eq!(plain["exceptions"], json!([{ "stack": [] }]), "{client:?}");
    }
}

#[test]
fn leaves_a_cause_out_that_no_request_can_carry() {
    // libcurl refuses a head of more than 1 MiB, and Lambda's clients then post nothing at all.
    let source = "exports.handler = async (event) => { throw new Error('x'.repeat(event.size)); };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        for (size, is_told) in [(100_000, true), (1_100_000, false)] {
            function.send(&format!("{{\"size\":{size}}}"));
            let asked = function.read().unwrap();
            function.accept();
            let told = asked.headers.get("lambda-runtime-function-xray-error-cause");
            assert_eq!(told.is_some(), is_told, "{client:?} {size}");
            assert!(asked.body.len() > size);
        }
    }
}

#[test]
fn reports_results_that_are_not_json() {
    let source = "exports.handler = async (event) => {\n\
        if (event.function) return () => {};\n  if (event.json) return { toJSON() { throw new Error('own'); } };\n\
        const round = {}; round.round = round; return event.big ? 1n : round; };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        let name = if client == V3 { "Error" } else { "Runtime.JSONStringifyError" };
        for event in ["{}", r#"{"big":1}"#, r#"{"json":1}"#] {
            let error = function.fail(event);
            assert_eq!(error["errorType"], name, "{error}");
            assert_eq!(error["errorMessage"], "Unable to stringify response body");
        }
        // Not a result at all: what the native part of Lambda's clients says.
        let error = function.fail(r#"{"function":1}"#);
        assert_eq!(error["errorType"], "TypeError");
        assert_eq!(error["errorMessage"], "Wrong arguments");
    }
}

#[test]
fn answers_what_a_thenable_says() {
    let source = "exports.handler = (event) => ({ then(resolve) { \
        if (event.late) setTimeout(() => resolve('late'), 5); else resolve('now'); } });";
    let Some(mut function) = V4.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "\"now\"");
    assert_eq!(function.respond(r#"{"late":1}"#), "\"late\"");
    // Client 3 chains: a `then` that returns nothing is an error unless it has answered by then.
    let Some(mut function) = V3.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "\"now\"");
    let error = function.fail(r#"{"late":1}"#);
    assert_eq!(error["errorMessage"], "Cannot read properties of undefined (reading 'catch')");
}
