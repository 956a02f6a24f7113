//! Our Node client against a scripted Runtime API.

mod support;

use support::{Function, skip};

fn start(source: &str) -> Option<Function> {
    Function::write_and_start(&[("index.js", source)], "index.handler", "nodejs")
}

/// On a version that behaves like the managed runtimes up to nodejs22.x.
fn start_legacy(source: &str) -> Option<Function> {
    let files = [("index.js", source)];
    let versions = ["nodejs22.x", "nodejs20.x", "nodejs18.x", "nodejs16.x"];
    let function =
        versions.iter().find_map(|version| Function::start_if_installed(&files, "index.handler", version));
    if function.is_none() {
        skip("no Node from 16 to 22");
    }
    function
}

fn start_modern(source: &str) -> Option<Function> {
    Function::start_if_installed(&[("index.js", source)], "index.handler", "nodejs24.x")
}

#[test]
fn answers_and_keeps_state_between_invocations() {
    let Some(mut function) = start("let n = 0; exports.handler = async () => ({ n: ++n });") else {
        return;
    };
    for n in 1..=3 {
        assert_eq!(function.respond("{}"), format!("{{\"n\":{n}}}"));
    }
    let ended = function.hang_up();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn carries_text_of_every_kind_unchanged() {
    let Some(mut function) = start("exports.handler = async (event) => event;") else {
        return;
    };
    for event in
        [r#"{"s":"äöü ☃ 𝄞 \u0000 \u007f","__proto__":{"x":1}}"#, r#"{"half":"\ud800"}"#, "null", "\"\"", "[]"]
    {
        let answer = function.respond(event);
        let same = |text: &str| text.replace("\\u007f", "\u{7f}");
        assert_eq!(same(&answer), same(event));
    }
}

#[test]
fn reads_events_that_arrive_in_pieces() {
    let Some(mut function) = start("exports.handler = async (event) => event.s;") else {
        return;
    };
    for size in [1, 7, 100] {
        function.send_in_pieces(r#"{"s":"☃ snow"}"#, size);
        assert_eq!(function.answer().1, "\"☃ snow\"");
    }
    let large = "x".repeat(1 << 20);
    let event = format!("{{\"s\":\"{large}\"}}");
    assert_eq!(function.respond(&event).len(), large.len() + 2);
    function.send_in_pieces(&event, 10_000);
    assert_eq!(function.answer().1.len(), large.len() + 2);
}

#[test]
fn reads_chunked_answers() {
    let Some(mut function) = start("exports.handler = async (event) => event;") else {
        return;
    };
    for size in [1, 20, 1000] {
        function.expect_next();
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Aws-Request-Id: a\r\n\r\n\
                    3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n";
        for piece in text.as_bytes().chunks(size) {
            function.write(piece);
        }
        let asked = function.read().unwrap();
        assert_eq!(asked.body, "{\"a\":1}");
        assert!(!asked.headers.contains_key("lambda-runtime-invocation-id"));
        function.accept();
    }
}

#[test]
fn reports_errors_in_the_shape_of_the_managed_runtime() {
    let source = "exports.handler = async (event) => {\n  if (event.plain) throw 'text';\n  null.x;\n};";
    let Some(mut function) = start(source) else {
        return;
    };
    let error = function.fail("{}");
    let keys: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["errorType", "errorMessage", "trace"]);
    assert_eq!(error["errorType"], "TypeError");
    let trace: Vec<&str> = error["trace"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(trace.len(), 2, "{trace:#?}");
    assert!(trace[0].starts_with("TypeError: "), "{trace:#?}");
    assert!(trace[1].contains("index.js:3:8"), "{trace:#?}");

    let error = function.fail(r#"{"plain":true}"#);
    assert_eq!(error.to_string(), r#"{"errorType":"string","errorMessage":"text","trace":[]}"#);

    assert_eq!(function.invoke("{}").0, "error");
    let ended = function.hang_up();
    assert!(ended.stderr.contains("\trequest-1\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\""));
}

#[test]
fn reports_results_that_are_not_json() {
    let source = "exports.handler = async (event) => event.big ? 1n : () => {};";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.fail("{}")["errorMessage"], "Unable to stringify response body");
    assert_eq!(function.fail(r#"{"big":1}"#)["errorMessage"], "Unable to stringify response body");
}

#[test]
fn hands_over_the_context() {
    let source = "exports.handler = async (_, c) => [c.awsRequestId, c.functionName, c.functionVersion, \
        c.memoryLimitInMB, c.logGroupName, c.invokedFunctionArn, c.getRemainingTimeInMillis() > 1e6, \
        process.env._X_AMZN_TRACE_ID, process.env.AWS_ACCESS_KEY_ID, process.argv.length, \
        require.main === module, process.env.HOME === undefined, typeof process.mainModule.require];";
    let Some(mut function) = start(source) else {
        return;
    };
    function.respond("{}");
    assert_eq!(
        function.respond("{}"),
        "[\"request-2\",\"code\",\"$LATEST\",\"1024\",\"/aws/lambda/code\",\
         \"arn:aws:lambda:us-east-1:000000000000:function:f\",true,\"Root=1-trace-2\",\"AKIDCANARY\",2,\
         false,true,\"function\"]"
    );
}

#[test]
fn leaves_no_traces_in_the_global_scope() {
    let source = "const names = Object.getOwnPropertyNames(globalThis);\n\
        exports.handler = async () => names.filter((name) => !/^[A-Z]|^(global|globalThis|clearImmediate|setImmediate|clearInterval|clearTimeout|setInterval|setTimeout|queueMicrotask|structuredClone|atob|btoa|performance|fetch|navigator|crypto|console|process|escape|unescape|eval|isFinite|isNaN|parseFloat|parseInt|decodeURI|decodeURIComponent|encodeURI|encodeURIComponent|undefined|localStorage|sessionStorage|require|module|exports)$/.test(name));";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), r#"["awslambda"]"#);
}

#[test]
fn survives_a_polluted_prototype() {
    let source = "exports.handler = async (event) => { Object.prototype.id = 'x'; \
        Object.prototype.chunked = true; JSON.stringify = () => 'broken'; return event; };";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.respond("{\"a\":1}"), "{\"a\":1}");
    assert_eq!(function.respond("{\"a\":2}"), "{\"a\":2}");
}

#[test]
fn loads_es_modules() {
    let module = "import { join } from 'node:path'; export const handler = async () => join('a', 'b');";
    for files in
        [&[("index.mjs", module)][..], &[("index.js", module), ("package.json", r#"{"type":"module"}"#)]]
    {
        let Some(mut function) = Function::write_and_start(files, "index.handler", "nodejs") else {
            return;
        };
        assert_eq!(function.respond("{}"), "\"a/b\"");
    }
}

#[test]
fn finds_handlers_in_folders_and_in_objects() {
    let files = [("src/api/index.cjs", "exports.api = { orders: { get: async () => 'got' } };")];
    let handler = "src/api/index.api.orders.get";
    let Some(mut function) = Function::write_and_start(&files, handler, "nodejs") else {
        return;
    };
    assert_eq!(function.respond("{}"), "\"got\"");
}

#[test]
fn collects_streamed_answers() {
    let source = "exports.handler = awslambda.streamifyResponse(async (event, stream) => {\n\
        stream = awslambda.HttpResponseStream.from(stream, { statusCode: 200 });\n\
        stream.write('a'); stream.write('b'); stream.end(); });";
    let Some(mut function) = start(source) else {
        return;
    };
    function.send("{}");
    let asked = function.read().unwrap();
    assert_eq!(asked.body, "{\"statusCode\":200}\0\0\0\0\0\0\0\0ab");
    assert_eq!(asked.headers["content-type"], "application/vnd.awslambda.http-integration-response");
    function.accept();
    function.send("{}");
}

#[test]
fn waits_for_the_event_loop_in_callback_style() {
    let source = "exports.handler = (event, context, callback) => {\n\
        if (event.fast) context.callbackWaitsForEmptyEventLoop = false;\n\
        let late = 'early'; callback(null, { get late() { return late; } });\n\
        setTimeout(() => { late = 'late'; }, 20); callback(null, 'second'); };";
    let Some(mut function) = start_legacy(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "{\"late\":\"late\"}");
    assert_eq!(function.respond("{\"fast\":1}"), "{\"late\":\"early\"}");
    assert_eq!(function.respond("{}"), "{\"late\":\"late\"}");
}

#[test]
fn reports_errors_in_callback_style() {
    let source = "exports.handler = (event, context, callback) => {\n\
        if (event.sync) throw new RangeError('sync');\n\
        if (event.done) return setTimeout(() => context.done(null, 'done'), 1);\n\
        if (event.fail) return context.fail();\n\
        setTimeout(() => callback(new Error('late')), 1); };";
    let Some(mut function) = start_legacy(source) else {
        return;
    };
    assert_eq!(function.fail("{}")["errorMessage"], "late");
    assert_eq!(function.fail("{\"sync\":1}")["errorType"], "RangeError");
    assert_eq!(function.respond("{\"done\":1}"), "\"done\"");
    assert_eq!(function.fail("{\"fail\":1}")["errorMessage"], "handled");
    assert_eq!(function.fail("not json")["errorType"], "SyntaxError");
}

#[test]
fn ends_the_invocation_when_the_event_loop_is_empty() {
    let Some(mut function) =
        start_legacy("exports.handler = (event) => { setTimeout(() => {}, 5); return 1; };")
    else {
        return;
    };
    for _ in 0..3 {
        assert_eq!(function.respond("{}"), "null");
    }
    let Some(mut function) = start_legacy("exports.handler = async () => new Promise(() => {});") else {
        return;
    };
    for _ in 0..3 {
        assert_eq!(function.fail("{}")["errorType"], "Runtime.NodeJsExit");
    }
}

#[test]
fn reports_uncaught_errors_and_exits() {
    let source = "exports.handler = async (event) => {\n\
        if (event.reject) Promise.reject(new Error('floating'));\n\
        else setTimeout(() => { throw new TypeError('late'); }, 1);\n\
        await new Promise((resolve) => setTimeout(resolve, 1000)); };";
    let Some(mut function) = start_legacy(source) else {
        return;
    };
    let error = function.fail("{}");
    assert_eq!(error["errorType"], "TypeError");
    assert!(error["trace"][1].as_str().unwrap().contains("index.js:3"), "{error}");
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(129), "{ended:?}");
    assert!(ended.stderr.contains("Uncaught Exception"), "{ended:?}");

    let Some(mut function) = start_legacy(source) else {
        return;
    };
    let error = function.fail("{\"reject\":1}");
    assert_eq!(error["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(error["errorMessage"], "Error: floating");
    assert_eq!(function.end().status.code(), Some(128));
}

#[test]
fn exits_at_once_when_an_error_comes_between_invocations() {
    let source = "exports.handler = async () => { setTimeout(() => { throw new Error('later'); }, 5); };";
    let Some(mut function) = start_legacy(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "null");
    assert_eq!(function.end().status.code(), Some(129));
}

#[test]
fn keeps_the_exit_status_of_the_function() {
    let Some(mut function) = start("exports.handler = async () => process.exit(7);") else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    assert_eq!(function.end().status.code(), Some(7));
}

#[test]
fn names_what_went_wrong_at_load_time() {
    let check = |source: &str, error_type: &str, message: &str| {
        let Some(function) = start(source) else {
            return;
        };
        let error = function.init_error();
        assert_eq!(error["errorType"], error_type, "{error}");
        assert!(error["errorMessage"].as_str().unwrap().contains(message), "{error}");
    };
    check("require('not-there');", "Runtime.ImportModuleError", "Error: Cannot find module 'not-there'");
    check("exports.handler = (", "Runtime.UserCodeSyntaxError", "SyntaxError: ");
    check("exports.other = 1;", "Runtime.HandlerNotFound", "index.handler is undefined or not exported");
    check("exports.handler = 1;", "Runtime.HandlerNotFound", "index.handler is not a function");
    check("throw new RangeError('own');", "RangeError", "own");

    let Some(function) = start("\nthrow new RangeError('own');") else {
        return;
    };
    let error = function.init_error();
    assert!(error["trace"].to_string().contains("index.js:2:7"), "{error}");

    let files = [("index.mjs", "import 'not-there'; export const handler = 1;")];
    let Some(function) = Function::write_and_start(&files, "index.handler", "nodejs") else {
        return;
    };
    assert_eq!(function.init_error()["errorType"], "Runtime.ImportModuleError");
}

#[test]
fn behaves_like_nodejs24_where_that_is_installed() {
    let Some(function) = start_modern("exports.handler = (a, b, c) => c(null, 1);") else {
        return;
    };
    assert_eq!(function.init_error()["errorType"], "Runtime.CallbackHandlerDeprecated");

    let Some(mut function) = start_modern("exports.handler = (event) => event;") else {
        return;
    };
    assert_eq!(function.respond("{\"a\":1}"), "{\"a\":1}");

    let Some(mut function) =
        start_modern("exports.default = { handler: async () => { throw new Error('x'); } };")
    else {
        return;
    };
    assert_eq!(function.fail("{}")["errorMessage"], "x");

    let floating =
        "exports.handler = async () => { Promise.reject(new Error('x')); await new Promise(() => {}); };";
    let Some(mut function) = start_modern(floating) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    assert_eq!(function.end().status.code(), Some(1));

    let Some(mut function) = start_modern("exports.handler = async () => new Promise(() => {});") else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    assert_eq!(function.end().status.code(), Some(13));
}
