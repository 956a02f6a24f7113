//! How processes end, and what they say before.

use super::{BOTH, V3, V4, start, texts};

#[test]
fn reports_uncaught_errors_and_exits() {
    let source = "exports.handler = async (event) => {\n\
        if (event.reject) Promise.reject(new Error('floating'));\n\
        else setTimeout(() => { setTimeout(() => process.exit(99)); throw new TypeError('late'); }, 1);\n\
        await new Promise((resolve) => setTimeout(resolve, 1000)); };";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    let error = function.fail("{}");
    assert_eq!(error["errorType"], "TypeError");
    assert!(error["trace"][1].as_str().unwrap().contains("index.js:3"), "{error}");
    let ended = function.end();
    // The function does not run on while the error is posted.
    assert_eq!(ended.status.code(), Some(129), "{ended:?}");
    assert!(ended.stdout.contains("\trequest-1\tERROR\tUncaught Exception \t"), "{ended:?}");

    let Some(mut function) = V3.start(source) else {
        return;
    };
    let error = function.fail("{\"reject\":1}");
    assert_eq!(error["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(error["errorMessage"], "Error: floating");
    let trace = texts(&error["trace"]);
    assert_eq!(trace[0], "Runtime.UnhandledPromiseRejection: Error: floating");
    // Lambda's client shows its own frames here.
    assert!(trace[1].contains("index.js:2"), "{trace:?}");
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(128));
    let logged = "\tERROR\tUnhandled Promise Rejection \t{\"errorType\":\"Runtime.UnhandledPromiseRejection\",\
         \"errorMessage\":\"Error: floating\",\"reason\":{\"errorType\":\"Error\",\"errorMessage\":\"floating\",\"stack\":[";
    assert!(ended.stdout.contains(logged), "{ended:?}");
    assert!(ended.stdout.contains("]},\"promise\":{},\"stack\":[\"Runtime.Unhandled"), "{ended:?}");
}

#[test]
fn reports_errors_that_come_between_invocations() {
    let source = "exports.handler = async () => { setTimeout(() => { throw new Error('later'); }, 5); };";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "null");
    // The connection waits for the next event.
    function.expect_next();
    let _main = function.switch();
    let asked = function.read().unwrap();
    assert_eq!(asked.path, "/2018-06-01/runtime/invocation/request-1/error");
    assert_eq!(asked.headers["lambda-runtime-invocation-id"], "nonce-1");
    assert!(asked.body.contains("later"), "{asked:?}");
    function.accept();
    assert_eq!(function.end().status.code(), Some(129));

    let Some(mut function) = V4.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "null");
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("Error: later"), "{ended:?}");
}

#[test]
fn reports_errors_before_the_first_event_as_errors_of_the_init() {
    let source = "const isConnected = () => process._getActiveHandles().some((it) => it.remotePort && !it.connecting);\n\
        setInterval(() => { if (isConnected()) throw new Error('early'); }, 1); exports.handler = async () => 1;";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    function.expect_next();
    let _main = function.switch();
    let asked = function.read().unwrap();
    assert_eq!(asked.path, "/2018-06-01/runtime/init/error");
    assert_eq!(asked.headers["lambda-runtime-function-error-type"], "Error");
    function.accept();
    assert_eq!(function.end().status.code(), Some(129));
}

#[test]
fn a_rejection_that_floats_comes_before_the_answer_of_client_4() {
    let source = "exports.handler = async () => { Promise.reject(new Error('floating')); return 1; };";
    let Some(mut function) = V4.start(source) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("Error: floating"), "{ended:?}");
    // Client 3 answers first, then dies of it and says so.
    let Some(mut function) = V3.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "1");
    function.expect_next();
    let _main = function.switch();
    assert!(function.read().unwrap().body.contains("Error: floating"));
    function.accept();
    assert_eq!(function.end().status.code(), Some(128));
}

#[test]
fn leaves_the_process_to_node_in_client_4() {
    let cases = [
        // Nothing left to do is no error of Node's, so Lambda reports an exit without a reason.
        ("async () => new Promise(() => {})", "{}", 0, ""),
        ("async () => { process.exitCode = 9; return new Promise(() => {}); }", "{}", 9, ""),
        ("async (event) => event", "not json", 1, "SyntaxError: "),
        (
            "async () => { setTimeout(() => { throw 'late'; }); await new Promise(() => {}); }",
            "{}",
            1,
            "late",
        ),
    ];
    for (handler, event, code, said) in cases {
        let Some(mut function) = V4.start(&format!("exports.handler = {handler};")) else {
            return;
        };
        function.send(event);
        assert!(function.read().is_none(), "{handler}");
        let ended = function.end();
        assert_eq!(ended.status.code(), Some(code), "{handler}: {ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
}

#[test]
fn needs_the_variables_that_client_4_needs() {
    let files = [("index.js", "exports.handler = async () => 1;")];
    let variables = [("AWS_LAMBDA_LOG_GROUP_NAME", "")];
    let Some(mut function) = V4.start_with(&files, "index.handler", &variables) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    let ended = function.end();
    let message = "Missing required environment variables: AWS_LAMBDA_LOG_GROUP_NAME";
    assert!(ended.stderr.contains(message), "{ended:?}");
}

#[test]
fn ends_when_the_api_refuses_to_hand_out_events() {
    for client in BOTH {
        let Some(mut function) = client.start("exports.handler = async () => 1;") else {
            return;
        };
        function.expect_next();
        function.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        if client == V4 {
            assert!(function.read().is_none());
            let ended = function.end();
            assert_eq!(ended.status.code(), Some(1));
            assert!(ended.stderr.contains("Failed to get next invocation, error 500"), "{ended:?}");
            continue;
        }
        let asked = function.read().unwrap();
        assert_eq!(asked.path, "/2018-06-01/runtime/init/error");
        function.accept();
        let ended = function.end();
        assert_eq!(ended.status.code(), Some(129));
        let logged = "INFO\tUnexpected Top Level Error: Error: Failed to get next invocation, error 500";
        assert!(ended.stdout.contains(logged), "{ended:?}");
    }
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
