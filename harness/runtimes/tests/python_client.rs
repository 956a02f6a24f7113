//! Our Python client against a scripted Runtime API.

mod support;

use support::Function;

fn start(source: &str) -> Option<Function> {
    Function::write_and_start(&[("app.py", source)], "app.handler", "python")
}

#[test]
fn answers_and_keeps_state_between_invocations_on_every_version() {
    let source = "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    print('log', n)\n    return {'n': n}\n";
    for runtime in [
        "python",
        "python3.6",
        "python3.7",
        "python3.8",
        "python3.9",
        "python3.10",
        "python3.12",
        "python3.13",
    ] {
        let files = [("app.py", source)];
        let Some(mut function) = Function::start_if_installed(&files, "app.handler", runtime) else {
            continue;
        };
        for n in 1..=3 {
            assert_eq!(function.respond("{}"), format!("{{\"n\": {n}}}"), "{runtime}");
        }
        let ended = function.hang_up();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("log 1\nlog 2\nlog 3\n", ""));
    }
}

#[test]
fn encodes_text_as_the_version_does() {
    let source = "def handler(event, context):\n    return event\n";
    let event = r#"{"s": "äöü ☃ 𝄞 \u0000"}"#;
    let Some(mut function) = Function::start_if_installed(&[("app.py", source)], "app.handler", "python3.11")
    else {
        return;
    };
    assert_eq!(function.respond(event), r#"{"s": "\u00e4\u00f6\u00fc \u2603 \ud834\udd1e \u0000"}"#);
    assert_eq!(function.respond(r#""\ud800""#), r#""\ud800""#);

    let Some(mut function) = Function::start_if_installed(&[("app.py", source)], "app.handler", "python3.12")
    else {
        return;
    };
    assert_eq!(function.respond(event), event);
    // The managed runtime's own weakness.
    function.send(r#""\ud800""#);
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stderr.contains("UnicodeEncodeError"), "{ended:?}");
}

#[test]
fn reads_events_that_arrive_in_pieces() {
    let Some(mut function) = start("def handler(event, context):\n    return len(event['s'])\n") else {
        return;
    };
    for size in [1, 7, 100] {
        function.send_in_pieces(r#"{"s":"☃ snow"}"#, size);
        assert_eq!(function.answer().1, "6");
    }
    let event = format!("{{\"s\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(function.respond(&event), "1048576");
    function.send_in_pieces(&event, 10_000);
    assert_eq!(function.answer().1, "1048576");
}

#[test]
fn reads_chunked_answers() {
    let Some(mut function) = start("def handler(event, context):\n    return event\n") else {
        return;
    };
    for size in [1, 20, 1000] {
        function.expect_next();
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Aws-Request-Id: a\r\n\r\n\
                    3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n";
        for piece in text.as_bytes().chunks(size) {
            function.write(piece);
        }
        assert_eq!(function.read().unwrap().body, "{\"a\": 1}");
        function.accept();
    }
}

#[test]
fn reports_errors_in_the_shape_of_the_managed_runtime() {
    let source =
        "class Own(Exception):\n    pass\n\ndef handler(event, context):\n    raise Own('boom \\x7f ä')\n";
    let Some(mut function) = start(source) else {
        return;
    };
    let error = function.fail("{}");
    let keys: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["errorMessage", "errorType", "requestId", "stackTrace"]);
    assert_eq!(error["errorType"], "Own");
    assert_eq!(error["errorMessage"], "boom \u{7f} ä");
    assert_eq!(error["requestId"], "request-1");
    let trace = error["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 1, "{trace:#?}");
    let line = trace[0].as_str().unwrap();
    assert!(line.starts_with("  File \"/"), "{line}");
    assert!(line.ends_with("/code/app.py\", line 5, in handler\n    raise Own('boom \\x7f ä')\n"), "{line}");
    let ended = function.hang_up();
    assert!(ended.stdout.starts_with("[ERROR] Own: boom"), "{ended:?}");
}

#[test]
fn reports_events_and_results_that_are_not_json() {
    let source = "import decimal\ndef handler(event, context):\n    if event.get('d'):\n        return [decimal.Decimal('1.5'), decimal.Decimal(2)]\n    if event.get('b'):\n        return b'raw'\n    return {1, 2}\n";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.fail("{}")["errorType"], "Runtime.MarshalError");
    assert_eq!(function.fail("{")["errorType"], "Runtime.UnmarshalError");
    assert_eq!(function.respond("{\"d\":1}"), "[1.5, 2]");
    assert_eq!(function.respond("{\"b\":1}"), "raw");
}

#[test]
fn hands_over_the_context() {
    let source = "import os, sys\ndef handler(event, c):\n    return [c.aws_request_id, c.function_name, c.function_version, c.invoked_function_arn, c.memory_limit_in_mb, c.log_group_name, c.identity.cognito_identity_id, c.client_context, c.tenant_id, c.get_remaining_time_in_millis() > 1e6, os.environ['_X_AMZN_TRACE_ID'], os.environ.get('HOME'), sys.path[0] == os.environ['LAMBDA_TASK_ROOT'], any('support' in p for p in sys.path)]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    function.respond("{}");
    assert_eq!(
        function.respond("{}"),
        "[\"request-2\", \"code\", \"$LATEST\", \"arn:aws:lambda:us-east-1:000000000000:function:f\", \
         \"1024\", \"/aws/lambda/code\", null, null, null, true, \"Root=1-trace-2\", null, true, false]"
    );
}

#[test]
fn ends_with_the_function() {
    for (statement, code) in [("sys.exit(3)", 3), ("os._exit(42)", 42), ("raise SystemExit", 0)] {
        let source = format!("import os, sys\ndef handler(event, context):\n    {statement}\n");
        let Some(mut function) = start(&source) else {
            return;
        };
        function.send("{}");
        assert!(function.read().is_none());
        let ended = function.end();
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
    }
}

#[test]
fn goes_on_after_exhausted_stacks() {
    let Some(mut function) = start("def handler(event, context):\n    return handler(event, context)\n")
    else {
        return;
    };
    assert_eq!(function.fail("{}")["errorType"], "RecursionError");
    assert_eq!(function.fail("{}")["errorType"], "RecursionError");
}

#[test]
fn logs_with_the_request_id() {
    let source = "import logging\ndef handler(event, context):\n    logging.warning('careful')\n";
    let Some(mut function) = start(source) else {
        return;
    };
    function.respond("{}");
    let ended = function.hang_up();
    assert!(ended.stdout.starts_with("[WARNING]\t2"), "{ended:?}");
    assert!(ended.stdout.ends_with("Z\trequest-1\tcareful\n"), "{ended:?}");
}

#[test]
fn loads_modules_of_packages() {
    let files = [("pkg/__init__.py", ""), ("pkg/mod.py", "def func(event, context):\n    return __name__\n")];
    for handler in ["pkg.mod.func", "pkg/mod.func"] {
        let Some(mut function) = Function::write_and_start(&files, handler, "python") else {
            return;
        };
        assert_eq!(function.respond("{}"), "\"pkg.mod\"");
    }
}

#[test]
fn names_what_went_wrong_at_load_time() {
    let check = |source: &str, error_type: &str, message: &str| {
        let Some(function) = start(source) else {
            return;
        };
        let error = function.init_error();
        assert_eq!(error["errorType"], error_type, "{error}");
        assert_eq!(error["requestId"], "");
        assert!(error["errorMessage"].as_str().unwrap().contains(message), "{error}");
    };
    check(
        "import not_there",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'not_there'",
    );
    check("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'");
    check("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'");
    check("\n1 / 0\n", "ZeroDivisionError", "division by zero");

    let Some(function) = start("\n1 / 0\n") else {
        return;
    };
    let error = function.init_error();
    let trace = error["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 1, "{trace:#?}");
    assert!(trace[0].as_str().unwrap().contains("app.py\", line 2, in <module>"), "{trace:#?}");
}
