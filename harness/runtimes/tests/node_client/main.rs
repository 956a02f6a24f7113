//! Our Node client against a scripted Runtime API: events, answers, context. The files beside this
//! one hold a subject each.
//!
//! Expectations are what Lambda's own clients did with the same function: version 3 is the source
//! of aws-lambda-ric after 3.3.0 (repository aws-lambda-nodejs-runtime-interface-client, August
//! 2025) on Node.js 20.20.2, version 4 is aws-lambda-ric 4.0.2 (npm) on Node.js 24.21.0. Which one
//! is imitated follows AWS_EXECUTION_ENV, so both are tested on whatever Node.js there is.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod callbacks;
mod console;
mod ends;
mod errors;
mod load;
mod streaming;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Ended, Function, skip};

/// Lambda's client that is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// As in the managed runtimes up to nodejs22.x.
    V3,
    /// As in nodejs24.x.
    V4,
}

use Client::{V3, V4};

const BOTH: [Client; 2] = [V3, V4];

impl Client {
    fn start(self, source: &str) -> Option<Function> {
        self.start_with(&[("index.js", source)], "index.handler", &[])
    }

    fn start_with(
        self,
        files: &[(&str, &str)],
        handler: &str,
        variables: &[(&str, &str)],
    ) -> Option<Function> {
        let runtime = match self {
            V3 => "AWS_Lambda_nodejs22.x",
            V4 => "AWS_Lambda_nodejs24.x",
        };
        let mut all = vec![("AWS_EXECUTION_ENV", runtime)];
        all.extend(variables);
        let function = Function::start_with(files, handler, "nodejs", &all);
        if function.is_none() {
            skip("no Node");
        }
        function
    }

    /// The error that loading ends with, and the end.
    fn init_error(self, mut function: Function) -> (Value, Ended) {
        let asked = function.read().expect("the client closed the connection");
        assert_eq!(asked.path, "/2018-06-01/runtime/init/error", "{asked:?}");
        let error: Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(asked.headers["lambda-runtime-function-error-type"], error["errorType"]);
        function.accept();
        let ended = function.end();
        // Client 3 dies of it as of any uncaught error, client 4 of a rejection.
        let (code, title) = match self {
            V3 => (129, "\tundefined\tERROR\tUncaught Exception \t{"),
            V4 => (1, "\t-\tERROR\tInit Error \t{"),
        };
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
        assert!(ended.stdout.contains(title), "{ended:?}");
        assert_eq!(self == V3, ended.stderr.is_empty(), "{ended:?}");
        (error, ended)
    }
}

/// The texts of a JSON array.
fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

fn start(source: &str) -> Option<Function> {
    Function::write_and_start(&[("index.js", source)], "index.handler", "nodejs")
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
fn hands_over_the_context() {
    let source = "exports.handler = async (_, c) => [c.awsRequestId, c.functionName, c.functionVersion, \
        c.memoryLimitInMB, c.logGroupName, c.invokedFunctionArn, c.getRemainingTimeInMillis() > 1e6, \
        process.env._X_AMZN_TRACE_ID, process.env.AWS_ACCESS_KEY_ID, process.argv.length, \
        process.env.HOME === undefined, Object.keys(c)];";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        function.respond("{}");
        let keys = match client {
            V3 => {
                r#"["callbackWaitsForEmptyEventLoop","succeed","fail","done","functionVersion","functionName","memoryLimitInMB","logGroupName","logStreamName","clientContext","identity","invokedFunctionArn","awsRequestId","tenantId","getRemainingTimeInMillis"]"#
            }
            V4 => {
                r#"["clientContext","identity","invokedFunctionArn","awsRequestId","tenantId","xRayTraceId","getRemainingTimeInMillis","functionName","functionVersion","memoryLimitInMB","logGroupName","logStreamName"]"#
            }
        };
        assert_eq!(
            function.respond("{}"),
            format!(
                "[\"request-2\",\"code\",\"$LATEST\",\"1024\",\"/aws/lambda/code\",\
                 \"arn:aws:lambda:us-east-1:000000000000:function:f\",true,\"Root=1-trace-2\",\
                 \"AKIDCANARY\",2,true,{keys}]"
            )
        );
    }
}

#[test]
fn hands_over_what_the_invoker_sent() {
    let source = "exports.handler = async (_, c) => [c.clientContext, c.identity, c.tenantId, c.xRayTraceId, \
        process.env._X_AMZN_TRACE_ID];";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        function.send_with(
            "{}",
            &[
                ("Lambda-Runtime-Client-Context", r#"{"custom":{"a":"ü"}}"#),
                ("lambda-runtime-cognito-identity", r#"{"cognitoIdentityId":"x"}"#),
                ("Lambda-Runtime-Aws-Tenant-Id", "ténant"),
            ],
        );
        let trace = if client == V3 { "null" } else { "\"Root=1-trace-1\"" };
        assert_eq!(
            function.answer().1,
            format!(
                r#"[{{"custom":{{"a":"ü"}}}},{{"cognitoIdentityId":"x"}},"ténant",{trace},"Root=1-trace-1"]"#
            )
        );
        // Empty headers, as some emulators send, are absent ones.
        let empty = ["client-context", "cognito-identity", "aws-tenant-id", "trace-id"]
            .map(|name| format!("Lambda-Runtime-{name}"));
        let empty: Vec<(&str, &str)> = empty.iter().map(|name| (name.as_str(), "")).collect();
        function.send_with("{}", &empty);
        let trace = if client == V3 { "null" } else { "\"\"" };
        assert_eq!(function.answer().1, format!("[null,null,null,{trace},null]"));
    }
}

#[test]
fn refuses_a_client_context_that_is_not_json() {
    let source = "exports.handler = async () => 1;";
    let broken = [("Lambda-Runtime-Client-Context", "{bad")];
    let Some(mut function) = V3.start(source) else {
        return;
    };
    function.send_with("{}", &broken);
    let (kind, body) = function.answer();
    assert_eq!(kind, "error");
    assert!(body.contains("Cannot parse ClientContext as json: SyntaxError: "), "{body}");
    assert_eq!(function.respond("{}"), "1");

    let Some(mut function) = V4.start(source) else {
        return;
    };
    function.send_with("{}", &broken);
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1));
    let message = "[Runtime.PlatformError]: Failed to parse lambda-runtime-client-context as JSON: ";
    assert!(ended.stderr.contains(message), "{ended:?}");
}

#[test]
fn shows_the_function_what_lambdas_client_shows() {
    let source = "const syms = () => Object.getOwnPropertySymbols(globalThis).map(String).filter((it) => /aws/.test(it));\n\
        const isHidden = process.getBuiltinModule === undefined || \
        (require.main === undefined && !('mainModule' in process));\n\
        const seen = [Object.keys(awslambda), Object.keys(require.cache).length, isHidden, syms(), \
        ['uncaughtException', 'unhandledRejection', 'beforeExit', 'exit'].map((it) => process.listenerCount(it))];\n\
        exports.handler = async function (event, context) { \
        this.count = (this.count || 0) + 1; return [...seen, syms(), this.count, typeof this.handler]; };";
    for (client, expected) in [
        (
            V3,
            r#"[["streamifyResponse","HttpResponseStream"],1,true,["Symbol(aws.lambda.beforeExit)"],[1,1,1,1],["Symbol(aws.lambda.beforeExit)","Symbol(aws.lambda.runtime.requestId)","Symbol(aws.lambda.runtime.tenantId)"],2,"function"]"#,
        ),
        (
            V4,
            r#"[["streamifyResponse","HttpResponseStream","InvokeStore"],1,true,[],[0,0,0,0],[],2,"function"]"#,
        ),
    ] {
        let Some(mut function) = client.start(source) else {
            return;
        };
        function.respond("{}");
        assert_eq!(function.respond("{}"), expected, "{client:?}");
    }
}

#[test]
fn hides_the_global_object_on_request() {
    let files = [("index.js", "const it = typeof awslambda; exports.handler = async () => it;")];
    for client in BOTH {
        let off = [("AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA", "1")];
        let Some(mut function) = client.start_with(&files, "index.handler", &off) else {
            return;
        };
        assert_eq!(function.respond("{}"), "\"undefined\"");
    }
}

#[test]
fn keeps_what_belongs_to_an_invocation_in_the_store() {
    let source = "const S = awslambda.InvokeStore; const before = [S.getRequestId(), S.hasContext()];\n\
        exports.handler = async () => { S.set('k', 1); let refused; \
        try { S.set(S.constructor.PROTECTED_KEYS.REQUEST_ID, 1); } catch (e) { refused = e.message; } \
        return [before, S.getRequestId(), S.getXRayTraceId(), S.getTenantId(), S.get('k'), refused]; };";
    let Some(mut function) = V4.start(source) else {
        return;
    };
    assert_eq!(
        function.respond("{}"),
        r#"[["-",false],"request-1","Root=1-trace-1",null,1,"Cannot modify protected Lambda context field: Symbol(_AWS_LAMBDA_REQUEST_ID)"]"#
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
        Object.prototype.chunked = true; Object.prototype.tenantId = 't'; return event; };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        assert_eq!(function.respond("{\"a\":1}"), "{\"a\":1}");
        assert_eq!(function.respond("{\"a\":2}"), "{\"a\":2}");
    }
}

#[test]
fn answers_with_the_json_that_the_function_has_put_in_place() {
    // Functions replace it to answer with big integers, for example.
    let source = "exports.handler = async (event) => { \
        const plain = JSON.stringify; JSON.stringify = (it) => `[${plain(it)}]`; return event; };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        assert_eq!(function.respond("1"), "[1]", "{client:?}");
    }
}

#[test]
fn calls_the_handler_in_a_microtask() {
    let source = "exports.handler = async () => { const order = []; process.nextTick(() => order.push('tick')); \
        setImmediate(() => order.push('immediate')); Promise.resolve().then(() => order.push('micro')); \
        await new Promise((resolve) => setTimeout(resolve, 5)); return order; };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        assert_eq!(function.respond("{}"), r#"["micro","tick","immediate"]"#, "{client:?}");
    }
}

#[test]
fn does_not_disturb_threads_and_children() {
    let files = [
        (
            "index.js",
            "const { Worker } = require('worker_threads'); const { fork } = require('child_process');\n\
             exports.handler = async (event) => new Promise((resolve) => {\n\
             const it = event.fork ? fork(`${__dirname}/look.js`) : new Worker(`${__dirname}/look.js`);\n\
             it.on('message', resolve); it.on('error', (error) => resolve(error.message)); });",
        ),
        (
            "look.js",
            "const { parentPort } = require('worker_threads'); console.log('from below');\n\
             const seen = [typeof globalThis.awslambda, process.execArgv, \
             process.listenerCount('uncaughtException'), String(process.env._LAMBDA_TELEMETRY_LOG_FD)];\n\
             if (parentPort) parentPort.postMessage(seen); else process.send(seen);",
        ),
    ];
    for client in BOTH {
        let fd = [("_LAMBDA_TELEMETRY_LOG_FD", "2")];
        let Some(mut function) = client.start_with(&files, "index.handler", &fd) else {
            return;
        };
        for event in ["{}", r#"{"fork":true}"#] {
            assert_eq!(function.respond(event), r#"["undefined",[],0,"undefined"]"#, "{client:?} {event}");
        }
        let ended = function.hang_up();
        assert_eq!(ended.stdout, "from below\nfrom below\n");
    }
}
